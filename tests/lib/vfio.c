// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bed.h"

static int open_group(const char *bdf)
{
	char path[128], link[128];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", bdf);
	len = readlink(path, link, sizeof(link) - 1);
	if (len < 0)
		return -errno;
	link[len] = '\0';

	snprintf(path, sizeof(path), "/dev/vfio%s", strrchr(link, '/'));
	fd = open(path, O_RDWR);
	return fd < 0 ? -errno : fd;
}

/* Open a device the way a VMM does: container, group, IOMMU, device. */
int bed_open(struct bed_device *dev, const char *bdf)
{
	int ret;

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
	    ioctl(dev->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		goto fail;

	dev->fd = ioctl(dev->group, VFIO_GROUP_GET_DEVICE_FD, bdf);
	if (dev->fd < 0)
		goto fail;
	return 0;

fail:
	ret = -errno;
	bed_close(dev);
	return ret;
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

static bool region_is(struct bed_device *dev, unsigned int index,
		      unsigned int type, unsigned int subtype,
		      struct vfio_region_info *info)
{
	union {
		struct vfio_region_info info;
		uint8_t bytes[1024];
	} all = { .info = { .argsz = sizeof(all), .index = index } };
	const struct vfio_info_cap_header *header;
	const struct vfio_region_info_cap_type *cap;
	uint32_t offset;

	if (ioctl(dev->fd, VFIO_DEVICE_GET_REGION_INFO, &all))
		return false;
	if (!(all.info.flags & VFIO_REGION_INFO_FLAG_CAPS))
		return false;

	for (offset = all.info.cap_offset; offset; offset = header->next) {
		header = (const void *)(all.bytes + offset);
		cap = (const void *)header;
		if (header->id != VFIO_REGION_INFO_CAP_TYPE)
			continue;
		*info = all.info;
		return cap->type == type && cap->subtype == subtype;
	}
	return false;
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
		if (region_is(dev, index, type, subtype, info))
			return 0;
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
