// SPDX-License-Identifier: GPL-2.0-only
/*
 * A transitional device (virtio 1.3, "Legacy Interface"), for guests whose
 * drivers know nothing later: BAR 0 is I/O ports, which VFs can not have. So
 * their registers are read and written by admin commands, configuration space
 * shows the ids of such a device, and a queue is notified in a BAR of the VF.
 *
 * Network devices alone: others have configurations of many sizes.
 */
#include <linux/io.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>
#include <linux/virtio_pci.h>

#include "vfio_pci_compat.h"
#include "vfio_pci_compat_mm.h"
#include "virtio.h"

/* Common registers, the two of MSI-X, and the configuration of the device. */
#define VIRTIOVF_IO_SIZE \
	(VIRTIO_PCI_CONFIG_OFF(true) + \
	 offsetofend(struct virtio_net_config, status))

static_assert((VIRTIOVF_IO_SIZE & (VIRTIOVF_IO_SIZE - 1)) == 0);

/* Of transitional devices: 0x1000 and up, and the virtio id as subsystem. */
#define VIRTIOVF_TRANSITIONAL_NET	0x1000

static bool virtiovf_io_enabled(struct virtiovf *vf)
{
	return le16_to_cpu(READ_ONCE(vf->legacy.command)) & PCI_COMMAND_IO;
}

/* The notification register, by way of the BAR that has it. */
static int virtiovf_notify(struct virtiovf *vf, __le16 *queue, bool iswrite)
{
	struct vfio_pci_core_device *vdev = &vf->mig.core;
	int ret = 0;

	down_read(&vdev->memory_lock);
	if (!vfio_pci_compat_memory_enabled(vdev))
		ret = -EIO;
	else if (iswrite)
		iowrite16(le16_to_cpu(*queue), vf->legacy.notify);
	else
		*queue = cpu_to_le16(ioread16(vf->legacy.notify));
	up_read(&vdev->memory_lock);
	return ret;
}

/* A run of registers that is in one of the two configurations. */
static int virtiovf_registers(struct virtiovf *vf, unsigned int pos,
			      unsigned int split, u8 *data, size_t count,
			      bool iswrite)
{
	struct virtiovf_admin *admin = &vf->admin;
	struct pci_dev *pdev = virtiovf_pdev(vf);

	if (pos < split)
		return iswrite ? admin->common_write(pdev, pos, count, data) :
				 admin->common_read(pdev, pos, count, data);

	pos -= split;
	return iswrite ? admin->device_write(pdev, pos, count, data) :
			 admin->device_read(pdev, pos, count, data);
}

/* With the lock of the legacy device held. @data can be reached by DMA. */
static int virtiovf_io(struct virtiovf *vf, unsigned int pos, u8 *data,
		       size_t count, bool iswrite)
{
	bool msix = vf->mig.core.irq_type == VFIO_PCI_MSIX_IRQ_INDEX;
	unsigned int split = VIRTIO_PCI_CONFIG_OFF(msix);
	size_t first = pos < split ? min_t(size_t, count, split - pos) : count;
	int ret;

	if (pos == VIRTIO_PCI_QUEUE_NOTIFY && count == sizeof(__le16))
		return virtiovf_notify(vf, (__le16 *)data, iswrite);
	if (pos < VIRTIO_PCI_QUEUE_NOTIFY + sizeof(__le16) &&
	    pos + count > VIRTIO_PCI_QUEUE_NOTIFY)
		return -EINVAL;

	ret = virtiovf_registers(vf, pos, split, data, first, iswrite);
	if (ret || first == count)
		return ret;

	return virtiovf_registers(vf, pos + first, split, data + first,
				  count - first, iswrite);
}

static ssize_t virtiovf_io_rw(struct virtiovf *vf, char __user *buf,
			      size_t count, u64 pos, bool iswrite)
{
	ssize_t ret;
	u8 *data;

	if (!virtiovf_io_enabled(vf))
		return -EIO;
	if (pos >= VIRTIOVF_IO_SIZE || count > VIRTIOVF_IO_SIZE - pos)
		return -EINVAL;

	data = kzalloc(VIRTIOVF_IO_SIZE, GFP_KERNEL_ACCOUNT);
	if (!data)
		return -ENOMEM;

	ret = -EFAULT;
	if (iswrite && copy_from_user(data, buf, count))
		goto out_free;

	ret = mutex_lock_killable(&vf->legacy.lock);
	if (ret)
		goto out_free;

	ret = virtiovf_io(vf, pos, data, count, iswrite);
	mutex_unlock(&vf->legacy.lock);
	if (!ret && !iswrite && copy_to_user(buf, data, count))
		ret = -EFAULT;
out_free:
	kfree(data);
	return ret ?: count;
}

static ssize_t virtiovf_bar_rw(struct virtiovf *vf, char __user *buf,
			       size_t count, loff_t *ppos, bool iswrite)
{
	u64 pos = *ppos & VFIO_PCI_OFFSET_MASK;
	struct device *dev = &virtiovf_pdev(vf)->dev;
	ssize_t ret;

	if (!count)
		return 0;
	if (pm_runtime_resume_and_get(dev))
		return -EIO;

	ret = virtiovf_io_rw(vf, buf, count, pos, iswrite);
	pm_runtime_put(dev);
	if (ret > 0)
		*ppos += ret;
	return ret;
}

/* The bytes that an access of @count at @pos shares with a register. */
static size_t virtiovf_overlap(u64 pos, size_t count, unsigned int reg,
			       size_t size, size_t *in_buf, size_t *in_reg)
{
	u64 start = max_t(u64, pos, reg);
	u64 end = min_t(u64, pos + count, reg + size);

	if (start >= end)
		return 0;

	*in_buf = start - pos;
	*in_reg = start - reg;
	return end - start;
}

static int virtiovf_overlay(char __user *buf, u64 pos, size_t count,
			    unsigned int reg, u32 val, size_t size)
{
	__le32 bytes = cpu_to_le32(val);
	size_t len, in_buf, in_reg;

	len = virtiovf_overlap(pos, count, reg, size, &in_buf, &in_reg);
	if (len && copy_to_user(buf + in_buf, (u8 *)&bytes + in_reg, len))
		return -EFAULT;

	return 0;
}

/* VFs have no I/O enable bit: show it as it was written. */
static int virtiovf_overlay_command(struct virtiovf *vf, char __user *buf,
				    u64 pos, size_t count)
{
	size_t len, in_buf, in_reg;
	u8 low;

	len = virtiovf_overlap(pos, count, PCI_COMMAND, 1, &in_buf, &in_reg);
	if (!len || !virtiovf_io_enabled(vf))
		return 0;

	if (copy_from_user(&low, buf + in_buf, 1))
		return -EFAULT;
	low |= PCI_COMMAND_IO;
	return copy_to_user(buf + in_buf, &low, 1) ? -EFAULT : 0;
}

static int virtiovf_overlay_all(struct virtiovf *vf, char __user *buf, u64 pos,
				size_t count)
{
	u32 bar0 = le32_to_cpu(READ_ONCE(vf->legacy.bar0));

	bar0 = (bar0 & ~(u32)(VIRTIOVF_IO_SIZE - 1)) | PCI_BASE_ADDRESS_SPACE_IO;
	return virtiovf_overlay(buf, pos, count, PCI_DEVICE_ID,
				VIRTIOVF_TRANSITIONAL_NET, 2) ?:
	       virtiovf_overlay_command(vf, buf, pos, count) ?:
	       virtiovf_overlay(buf, pos, count, PCI_REVISION_ID,
				VIRTIO_PCI_ABI_VERSION, 1) ?:
	       virtiovf_overlay(buf, pos, count, PCI_BASE_ADDRESS_0, bar0, 4) ?:
	       virtiovf_overlay(buf, pos, count, PCI_SUBSYSTEM_VENDOR_ID,
				PCI_VENDOR_ID_REDHAT_QUMRANET, 2) ?:
	       virtiovf_overlay(buf, pos, count, PCI_SUBSYSTEM_ID,
				VIRTIO_ID_NET, 2);
}

static ssize_t virtiovf_config_read(struct virtiovf *vf, char __user *buf,
				    size_t count, loff_t *ppos)
{
	u64 pos = *ppos & VFIO_PCI_OFFSET_MASK;
	ssize_t done;
	int ret;

	done = vfio_pci_core_read(&vf->mig.core.vdev, buf, count, ppos);
	if (done <= 0)
		return done;

	ret = virtiovf_overlay_all(vf, buf, pos, done);
	if (ret) {
		*ppos -= done;
		return ret;
	}

	return done;
}

/* Keep what was written to a register. */
static int virtiovf_keep(struct virtiovf *vf, const char __user *buf, u64 pos,
			 size_t count, unsigned int reg, void *val, size_t size)
{
	size_t len, in_buf, in_reg;
	u8 bytes[4];

	len = virtiovf_overlap(pos, count, reg, size, &in_buf, &in_reg);
	if (!len)
		return 0;
	if (copy_from_user(bytes, buf + in_buf, len))
		return -EFAULT;

	mutex_lock(&vf->legacy.lock);
	memcpy(val + in_reg, bytes, len);
	mutex_unlock(&vf->legacy.lock);
	return 0;
}

static ssize_t virtiovf_config_write(struct virtiovf *vf,
				     const char __user *buf, size_t count,
				     loff_t *ppos)
{
	u64 pos = *ppos & VFIO_PCI_OFFSET_MASK;
	ssize_t done;
	int ret;

	done = vfio_pci_core_write(&vf->mig.core.vdev, buf, count, ppos);
	if (done <= 0)
		return done;

	ret = virtiovf_keep(vf, buf, pos, done, PCI_COMMAND,
			    &vf->legacy.command, sizeof(vf->legacy.command)) ?:
	      virtiovf_keep(vf, buf, pos, done, PCI_BASE_ADDRESS_0,
			    &vf->legacy.bar0, sizeof(vf->legacy.bar0));
	return ret ?: done;
}

/**
 * virtiovf_legacy_read() - read of a transitional device
 * @vf: the VF
 * @buf: where to
 * @count: bytes wanted
 * @ppos: region and offset
 *
 * Return: bytes read; as for any region, and in BAR 0: -EIO while I/O is
 * disabled, -EINVAL past its end or for part of the notification register, the
 * errno of the admin command, -ENOMEM, -EFAULT.
 */
ssize_t virtiovf_legacy_read(struct virtiovf *vf, char __user *buf,
			     size_t count, loff_t *ppos)
{
	switch (VFIO_PCI_OFFSET_TO_INDEX((u64)*ppos)) {
	case VFIO_PCI_CONFIG_REGION_INDEX:
		return virtiovf_config_read(vf, buf, count, ppos);
	case VFIO_PCI_BAR0_REGION_INDEX:
		return virtiovf_bar_rw(vf, buf, count, ppos, false);
	default:
		return vfio_pci_core_read(&vf->mig.core.vdev, buf, count, ppos);
	}
}

/**
 * virtiovf_legacy_write() - write of a transitional device
 * @vf: the VF
 * @buf: where from
 * @count: bytes there
 * @ppos: region and offset
 *
 * Return: bytes written, or as virtiovf_legacy_read().
 */
ssize_t virtiovf_legacy_write(struct virtiovf *vf, const char __user *buf,
			      size_t count, loff_t *ppos)
{
	switch (VFIO_PCI_OFFSET_TO_INDEX((u64)*ppos)) {
	case VFIO_PCI_CONFIG_REGION_INDEX:
		return virtiovf_config_write(vf, buf, count, ppos);
	case VFIO_PCI_BAR0_REGION_INDEX:
		return virtiovf_bar_rw(vf, (char __user *)buf, count, ppos,
				       true);
	default:
		return vfio_pci_core_write(&vf->mig.core.vdev, buf, count,
					   ppos);
	}
}

/**
 * virtiovf_legacy_region_info() - region info of the device
 * @core_vdev: the VF
 * @info: the region; its index is set
 * @caps: receives capabilities
 *
 * Return: as vfio_pci_compat_region_info_core().
 */
int virtiovf_legacy_region_info(struct vfio_device *core_vdev,
				struct vfio_region_info *info,
				struct vfio_info_cap *caps)
{
	struct virtiovf *vf = core_to_virtiovf(core_vdev);

	if (!vf->legacy.there || info->index != VFIO_PCI_BAR0_REGION_INDEX)
		return vfio_pci_compat_region_info_core(core_vdev, info, caps);

	info->offset = VFIO_PCI_INDEX_TO_OFFSET(VFIO_PCI_BAR0_REGION_INDEX);
	info->size = VIRTIOVF_IO_SIZE;
	info->flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	return 0;
}

/**
 * virtiovf_legacy_init() - show a transitional device
 * @vf: a network VF without BAR 0, during its probe; its PF has legacy I/O
 *
 * Return: 0; -ERANGE if the notification register is not in a BAR of the VF; or
 * the errno of the admin command.
 */
int virtiovf_legacy_init(struct virtiovf *vf)
{
	struct virtiovf_legacy *legacy = &vf->legacy;
	struct pci_dev *pdev = virtiovf_pdev(vf);
	resource_size_t len;
	int ret;

	ret = vf->admin.notify_info(pdev, VIRTIO_COMPAT_NOTIFY_OWNER_MEM,
				    &legacy->notify_bar,
				    &legacy->notify_offset);
	if (ret)
		return ret;

	if (legacy->notify_bar >= PCI_STD_NUM_BARS ||
	    !(pci_resource_flags(pdev, legacy->notify_bar) & IORESOURCE_MEM))
		return -ERANGE;

	len = pci_resource_len(pdev, legacy->notify_bar);
	if (len < sizeof(__le16) ||
	    legacy->notify_offset > len - sizeof(__le16) ||
	    legacy->notify_offset % sizeof(__le16))
		return -ERANGE;

	legacy->there = true;
	return 0;
}

/**
 * virtiovf_legacy_open() - make the device ready for its user
 * @vf: the VF, enabled
 *
 * Return: 0, or the errno of mapping the BAR.
 */
int virtiovf_legacy_open(struct virtiovf *vf)
{
	struct virtiovf_legacy *legacy = &vf->legacy;
	void __iomem *io;

	io = vfio_pci_compat_iomap(&vf->mig.core, legacy->notify_bar);
	if (IS_ERR(io))
		return PTR_ERR(io);

	legacy->notify = io + legacy->notify_offset;
	legacy->command = 0;
	legacy->bar0 = 0;
	return 0;
}
