// SPDX-License-Identifier: GPL-2.0-only
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bed.h"

/* The file of the IOMMU group of a function. Returns 0, or -errno. */
int bed_group_path(const char *bdf, char *path, size_t size)
{
	char link[128];
	ssize_t len;

	snprintf(path, size, BED_DEVICES "/%s/iommu_group", bdf);
	len = readlink(path, link, sizeof(link) - 1);
	if (len < 0)
		return -errno;
	link[len] = '\0';

	snprintf(path, size, "/dev/vfio%s", strrchr(link, '/'));
	return 0;
}

static int open_group(const char *bdf)
{
	char path[128];
	int ret, fd;

	ret = bed_group_path(bdf, path, sizeof(path));
	if (ret)
		return ret;
	fd = open(path, O_RDWR);
	return fd < 0 ? -errno : fd;
}

/* The IOMMU of the architecture: type 1, or that of POWER. */
static int set_iommu(int container)
{
	int type = VFIO_TYPE1v2_IOMMU;

	if (ioctl(container, VFIO_CHECK_EXTENSION, type) <= 0)
		type = VFIO_SPAPR_TCE_v2_IOMMU;
	return ioctl(container, VFIO_SET_IOMMU, type);
}

/*
 * Open a device the way a VMM does: container, group, IOMMU, device. A VF whose
 * PF is bound to vfio-pci needs the token that the user of the PF has set.
 */
int bed_open_token(struct bed_device *dev, const char *bdf, const char *token)
{
	char name[128];
	int ret;

	snprintf(name, sizeof(name), "%s%s%s", bdf, token ? " vf_token=" : "",
		 token ?: "");
	dev->fd = -1;
	dev->container = open("/dev/vfio/vfio", O_RDWR);
	if (dev->container < 0)
		return -errno;

	dev->group = open_group(bdf);
	if (dev->group < 0) {
		ret = dev->group;
		close(dev->container);
		return ret;
	}

	if (ioctl(dev->group, VFIO_GROUP_SET_CONTAINER, &dev->container) ||
	    set_iommu(dev->container))
		goto fail;

	dev->fd = ioctl(dev->group, VFIO_GROUP_GET_DEVICE_FD, name);
	if (dev->fd < 0)
		goto fail;
	return 0;

fail:
	ret = -errno;
	bed_close(dev);
	return ret;
}

int bed_open(struct bed_device *dev, const char *bdf)
{
	return bed_open_token(dev, bdf, NULL);
}

/* Sets the token that BED_TOKEN spells. */
int bed_set_token(struct bed_device *dev)
{
	static const uint8_t uuid[] = {
		0x2a, 0xb7, 0x49, 0x24, 0xc3, 0x35, 0x45, 0xf4,
		0x9b, 0x16, 0x85, 0x69, 0xe5, 0xb0, 0x82, 0x58
	};
	union {
		struct vfio_device_feature feature;
		uint8_t bytes[sizeof(struct vfio_device_feature) + sizeof(uuid)];
	} all = { .feature = {
		.argsz	= sizeof(all),
		.flags	= VFIO_DEVICE_FEATURE_SET |
			  VFIO_DEVICE_FEATURE_PCI_VF_TOKEN,
	} };

	memcpy(all.feature.data, uuid, sizeof(uuid));
	return ioctl(dev->fd, VFIO_DEVICE_FEATURE, &all) ? -errno : 0;
}

void bed_close(struct bed_device *dev)
{
	if (dev->fd >= 0)
		close(dev->fd);
	close(dev->group);
	close(dev->container);
}

int bed_region(struct bed_device *dev, unsigned int index,
	       struct vfio_region_info *info)
{
	memset(info, 0, sizeof(*info));
	info->argsz = sizeof(*info);
	info->index = index;
	return ioctl(dev->fd, VFIO_DEVICE_GET_REGION_INFO, info) ? -errno : 0;
}

/* A capability of a region, as it is in the answer. */
int bed_region_capability(struct bed_device *dev, unsigned int index,
			  unsigned int id, void *cap, size_t size)
{
	union {
		struct vfio_region_info info;
		uint8_t bytes[1024];
	} all = { .info = { .argsz = sizeof(all), .index = index } };
	const struct vfio_info_cap_header *header;
	uint32_t offset;

	if (ioctl(dev->fd, VFIO_DEVICE_GET_REGION_INFO, &all))
		return -errno;
	if (!(all.info.flags & VFIO_REGION_INFO_FLAG_CAPS))
		return -ENOENT;

	for (offset = all.info.cap_offset; offset; offset = header->next) {
		header = (const void *)(all.bytes + offset);
		if (header->id != id)
			continue;
		memcpy(cap, header, size);
		return 0;
	}
	return -ENOENT;
}

static bool region_is(struct bed_device *dev, unsigned int index,
		      unsigned int type, unsigned int subtype)
{
	struct vfio_region_info_cap_type cap;

	return !bed_region_capability(dev, index, VFIO_REGION_INFO_CAP_TYPE,
				      &cap, sizeof(cap)) &&
	       cap.type == type && cap.subtype == subtype;
}

/* A device-specific region, found as QEMU does: by type and subtype. */
int bed_vendor_region(struct bed_device *dev, unsigned int type,
		      unsigned int subtype, struct vfio_region_info *info)
{
	struct vfio_device_info device = { .argsz = sizeof(device) };
	unsigned int index;

	if (ioctl(dev->fd, VFIO_DEVICE_GET_INFO, &device))
		return -errno;

	for (index = VFIO_PCI_NUM_REGIONS; index < device.num_regions; index++) {
		if (region_is(dev, index, type, subtype))
			return bed_region(dev, index, info);
	}
	return -ENOENT;
}

long bed_pread(struct bed_device *dev, void *buf, size_t len, uint64_t pos)
{
	ssize_t ret = pread(dev->fd, buf, len, pos);

	return ret < 0 ? -errno : ret;
}

long bed_pwrite(struct bed_device *dev, const void *buf, size_t len,
		uint64_t pos)
{
	ssize_t ret = pwrite(dev->fd, buf, len, pos);

	return ret < 0 ? -errno : ret;
}

/* A register of the device; all ones if it can not be read. */
uint32_t bed_get32(struct bed_device *dev, uint64_t pos)
{
	uint32_t val;

	return pread(dev->fd, &val, 4, pos) == 4 ? le32toh(val) : ~0u;
}

void bed_set32(struct bed_device *dev, uint64_t pos, uint32_t val)
{
	val = htole32(val);
	if (pwrite(dev->fd, &val, 4, pos) != 4)
		printf("# write to %#llx: %s\n", (unsigned long long)pos,
		       strerror(errno));
}

int bed_map_dma(struct bed_device *dev, void *mem, size_t len, uint64_t iova)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz	= sizeof(map),
		.flags	= VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr	= (uintptr_t)mem,
		.iova	= iova,
		.size	= len,
	};

	return ioctl(dev->container, VFIO_IOMMU_MAP_DMA, &map) ? -errno : 0;
}

/* Have vector 0 of an interrupt signal @eventfd; -1 ends that. */
int bed_irq_eventfd(struct bed_device *dev, unsigned int index, int eventfd)
{
	union {
		struct vfio_irq_set set;
		uint8_t bytes[sizeof(struct vfio_irq_set) + sizeof(int)];
	} all = { .set = {
		.argsz	= sizeof(all),
		.flags	= VFIO_IRQ_SET_DATA_EVENTFD |
			  VFIO_IRQ_SET_ACTION_TRIGGER,
		.index	= index,
		.count	= 1,
	} };

	memcpy(all.set.data, &eventfd, sizeof(eventfd));
	return ioctl(dev->fd, VFIO_DEVICE_SET_IRQS, &all) ? -errno : 0;
}

static int irq_set(struct bed_device *dev, unsigned int index,
		   unsigned int action, unsigned int count)
{
	struct vfio_irq_set set = {
		.argsz	= sizeof(set),
		.flags	= VFIO_IRQ_SET_DATA_NONE | action,
		.index	= index,
		.count	= count,
	};

	return ioctl(dev->fd, VFIO_DEVICE_SET_IRQS, &set) ? -errno : 0;
}

/* VFIO_IRQ_SET_ACTION_MASK, _UNMASK or _TRIGGER by hand. */
int bed_irq_action(struct bed_device *dev, unsigned int index,
		   unsigned int action)
{
	return irq_set(dev, index, action, 1);
}

/* The device is without these interrupts. */
int bed_irq_disable(struct bed_device *dev, unsigned int index)
{
	return irq_set(dev, index, VFIO_IRQ_SET_ACTION_TRIGGER, 0);
}

bool bed_wait(int eventfd, int milliseconds)
{
	struct pollfd poll_fd = { .fd = eventfd, .events = POLLIN };
	uint64_t count;

	return poll(&poll_fd, 1, milliseconds) == 1 &&
	       read(eventfd, &count, sizeof(count)) == sizeof(count);
}

/* linux/vfio.h since 6.19. */
#define FEATURE_DMA_BUF	11

static int dma_buf(struct bed_device *dev, unsigned int bar, uint64_t len,
		   uint32_t flags)
{
	union {
		struct vfio_device_feature feature;
		struct {
			uint32_t argsz, feature_flags;
			uint32_t region_index, open_flags, flags, nr_ranges;
			uint64_t offset, length;
		};
	} all = {
		.argsz = sizeof(all), .feature_flags = FEATURE_DMA_BUF | flags,
		.region_index = bar, .open_flags = O_RDWR | O_CLOEXEC,
		.nr_ranges = 1, .length = len,
	};
	int ret = ioctl(dev->fd, VFIO_DEVICE_FEATURE, &all);

	return ret < 0 ? -errno : ret;
}

/* Returns 0 if BARs can be exported as dma-bufs. */
int bed_dma_buf_probe(struct bed_device *dev)
{
	return dma_buf(dev, 0, 0,
		       VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_GET);
}

/* Size of the file that the first @len bytes of a BAR are exported as. */
long bed_dma_buf_size(struct bed_device *dev, unsigned int bar, uint64_t len)
{
	int fd = dma_buf(dev, bar, len, VFIO_DEVICE_FEATURE_GET);
	long size;

	if (fd < 0)
		return fd;
	size = lseek(fd, 0, SEEK_END);
	close(fd);
	return size;
}
