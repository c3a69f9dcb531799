// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory windows as 64-bit BARs that the function does not have: regions of
 * their own, and the registers in configuration space.
 */
#include <linux/minmax.h>
#include <linux/nospec.h>
#include <linux/pm_runtime.h>
#include <linux/uaccess.h>

#include "mem_window.h"

#define MEM_BAR_FLAGS \
	(PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH)

static struct vfio_pci_core_device *to_core(struct vfio_device *core_vdev)
{
	return container_of(core_vdev, struct vfio_pci_core_device, vdev);
}

/* The window that is the region with this index, or NULL. */
static struct vfio_pci_mem_window *
mem_bars_window(struct vfio_pci_mem_bars *bars, u64 index)
{
	if (index > VFIO_PCI_BAR5_REGION_INDEX || index & 1)
		return NULL;

	return bars->window[array_index_nospec(index / 2, VFIO_PCI_MEM_BARS)];
}

static u64 mem_bar_register(unsigned int bar)
{
	return PCI_BASE_ADDRESS_0 + bar * sizeof(__le64);
}

static __le64 mem_bar_value(struct vfio_pci_mem_bars *bars, unsigned int bar)
{
	u64 val = le64_to_cpu(bars->reg[bar]);

	return cpu_to_le64((val & ~(bars->window[bar]->span - 1)) |
			   MEM_BAR_FLAGS);
}

void vfio_pci_mem_bars_reset(struct vfio_pci_mem_bars *bars)
{
	memset(bars->reg, 0, sizeof(bars->reg));
}

/* Lay the register of a BAR over what was read of configuration space. */
static int mem_bar_overlay(struct vfio_pci_mem_bars *bars, unsigned int bar,
			   char __user *buf, u64 pos, size_t count)
{
	u64 start = max(pos, mem_bar_register(bar));
	u64 end = min(pos + count, mem_bar_register(bar) + sizeof(__le64));
	__le64 val;

	if (!bars->window[bar] || start >= end)
		return 0;

	val = mem_bar_value(bars, bar);
	if (copy_to_user(buf + (start - pos),
			 (u8 *)&val + (start - mem_bar_register(bar)),
			 end - start))
		return -EFAULT;

	return 0;
}

static ssize_t mem_bars_read_config(struct vfio_pci_mem_bars *bars,
				    struct vfio_device *core_vdev,
				    char __user *buf, size_t count,
				    loff_t *ppos)
{
	u64 pos = *ppos & VFIO_PCI_OFFSET_MASK;
	unsigned int bar;
	ssize_t done;
	int ret;

	done = vfio_pci_core_read(core_vdev, buf, count, ppos);
	if (done <= 0)
		return done;

	for (bar = 0; bar < VFIO_PCI_MEM_BARS; bar++) {
		ret = mem_bar_overlay(bars, bar, buf, pos, done);
		if (ret) {
			*ppos -= done;
			return ret;
		}
	}

	return done;
}

/*
 * How much of a write goes to one place: to the BAR that is returned, or, where
 * that is VFIO_PCI_MEM_BARS, to vfio-pci-core.
 */
static unsigned int mem_bars_run(struct vfio_pci_mem_bars *bars, u64 pos,
				 size_t *count)
{
	unsigned int bar;
	u64 start;

	for (bar = 0; bar < VFIO_PCI_MEM_BARS; bar++) {
		start = mem_bar_register(bar);
		if (!bars->window[bar] || pos >= start + sizeof(__le64))
			continue;

		if (pos < start) {
			*count = min_t(u64, *count, start - pos);
			break;
		}

		*count = min_t(u64, *count, start + sizeof(__le64) - pos);
		return bar;
	}

	return VFIO_PCI_MEM_BARS;
}

static ssize_t mem_bar_write(struct vfio_pci_mem_bars *bars, unsigned int bar,
			     const char __user *buf, size_t count, loff_t *ppos)
{
	u64 pos = *ppos & VFIO_PCI_OFFSET_MASK;
	u8 *reg = (u8 *)&bars->reg[bar];

	if (copy_from_user(reg + (pos - mem_bar_register(bar)), buf, count))
		return -EFAULT;

	*ppos += count;
	return count;
}

static ssize_t mem_bars_write_config(struct vfio_pci_mem_bars *bars,
				     struct vfio_device *core_vdev,
				     const char __user *buf, size_t count,
				     loff_t *ppos)
{
	u64 pos = *ppos & VFIO_PCI_OFFSET_MASK;
	size_t done = 0, bytes;
	unsigned int bar;
	ssize_t ret;

	/* Refused as a whole by vfio-pci-core, and so not to be done in part. */
	if (count > to_core(core_vdev)->pdev->cfg_size ||
	    pos > to_core(core_vdev)->pdev->cfg_size - count)
		return vfio_pci_core_write(core_vdev, buf, count, ppos);

	while (done < count) {
		bytes = count - done;
		bar = mem_bars_run(bars, pos + done, &bytes);
		if (bar < VFIO_PCI_MEM_BARS)
			ret = mem_bar_write(bars, bar, buf + done, bytes, ppos);
		else
			ret = vfio_pci_core_write(core_vdev, buf + done, bytes,
						  ppos);
		if (ret < 0)
			return done ?: ret;

		done += ret;
		if (ret != bytes)
			break;
	}

	return done;
}

static ssize_t mem_bars_rw(struct vfio_pci_mem_window *window,
			   struct vfio_device *core_vdev, char __user *buf,
			   size_t count, loff_t *ppos, bool iswrite)
{
	struct device *dev = &to_core(core_vdev)->pdev->dev;
	ssize_t ret;

	if (!count)
		return 0;
	if (pm_runtime_resume_and_get(dev))
		return -EIO;

	ret = vfio_pci_mem_window_rw(window, buf, count, ppos, iswrite);
	pm_runtime_put(dev);
	return ret;
}

ssize_t vfio_pci_mem_bars_read(struct vfio_pci_mem_bars *bars,
			       struct vfio_device *core_vdev, char __user *buf,
			       size_t count, loff_t *ppos)
{
	u64 index = (u64)*ppos >> VFIO_PCI_OFFSET_SHIFT;
	struct vfio_pci_mem_window *window = mem_bars_window(bars, index);

	if (window)
		return mem_bars_rw(window, core_vdev, buf, count, ppos, false);
	if (index == VFIO_PCI_CONFIG_REGION_INDEX)
		return mem_bars_read_config(bars, core_vdev, buf, count, ppos);

	return vfio_pci_core_read(core_vdev, buf, count, ppos);
}

ssize_t vfio_pci_mem_bars_write(struct vfio_pci_mem_bars *bars,
				struct vfio_device *core_vdev,
				const char __user *buf, size_t count,
				loff_t *ppos)
{
	u64 index = (u64)*ppos >> VFIO_PCI_OFFSET_SHIFT;
	struct vfio_pci_mem_window *window = mem_bars_window(bars, index);

	if (window)
		return mem_bars_rw(window, core_vdev, (char __user *)buf, count,
				   ppos, true);
	if (index == VFIO_PCI_CONFIG_REGION_INDEX)
		return mem_bars_write_config(bars, core_vdev, buf, count, ppos);

	return vfio_pci_core_write(core_vdev, buf, count, ppos);
}

int vfio_pci_mem_bars_mmap(struct vfio_pci_mem_bars *bars,
			   struct vfio_device *core_vdev,
			   struct vm_area_struct *vma)
{
	u64 index = vma->vm_pgoff >> (VFIO_PCI_OFFSET_SHIFT - PAGE_SHIFT);
	struct vfio_pci_mem_window *window = mem_bars_window(bars, index);

	if (window)
		return vfio_pci_mem_window_mmap(window, vma);

	return vfio_pci_core_mmap(core_vdev, vma);
}

int vfio_pci_mem_bars_region_info(struct vfio_pci_mem_bars *bars,
				  struct vfio_device *core_vdev,
				  struct vfio_region_info *info,
				  struct vfio_info_cap *caps)
{
	struct vfio_pci_mem_window *window = mem_bars_window(bars, info->index);

	if (!window)
		return vfio_pci_compat_region_info_core(core_vdev, info, caps);

	info->offset = VFIO_PCI_INDEX_TO_OFFSET((u64)info->index);
	info->size = window->span;
	info->flags = VFIO_REGION_INFO_FLAG_READ |
		      VFIO_REGION_INFO_FLAG_WRITE |
		      VFIO_REGION_INFO_FLAG_MMAP;
	return vfio_pci_mem_window_sparse(window, caps);
}

/* An ioeventfd writes to the BAR of the function, of which there is none. */
static long mem_bars_ioeventfd(struct vfio_pci_mem_bars *bars,
			       struct vfio_device *core_vdev, unsigned long arg)
{
	struct vfio_device_ioeventfd __user *user = (void __user *)arg;
	u64 offset;

	if (copy_from_user(&offset, &user->offset, sizeof(offset)))
		return -EFAULT;
	if (mem_bars_window(bars, offset >> VFIO_PCI_OFFSET_SHIFT))
		return -ENOTTY;

	return vfio_pci_core_ioctl(core_vdev, VFIO_DEVICE_IOEVENTFD, arg);
}

long vfio_pci_mem_bars_ioctl(struct vfio_pci_mem_bars *bars,
			     struct vfio_device *core_vdev, unsigned int cmd,
			     unsigned long arg, vfio_pci_region_info_t info)
{
	switch (cmd) {
	case VFIO_DEVICE_RESET:
		vfio_pci_mem_bars_reset(bars);
		return vfio_pci_core_ioctl(core_vdev, cmd, arg);
	case VFIO_DEVICE_GET_REGION_INFO:
		return vfio_pci_compat_region_info_ioctl(core_vdev, arg, info);
	case VFIO_DEVICE_IOEVENTFD:
		return mem_bars_ioeventfd(bars, core_vdev, arg);
	default:
		return vfio_pci_core_ioctl(core_vdev, cmd, arg);
	}
}

int vfio_pci_mem_bars_dmabuf(struct vfio_pci_mem_bars *bars,
			     struct vfio_pci_core_device *vdev,
			     struct p2pdma_provider **provider,
			     unsigned int index,
			     struct vfio_pci_compat_phys_vec *phys_vec,
			     struct vfio_region_dma_range *ranges,
			     size_t count)
{
	struct vfio_pci_mem_window *window = mem_bars_window(bars, index);

	if (!window)
		return vfio_pci_core_get_dmabuf_phys(vdev, provider, index,
						     phys_vec, ranges, count);

	*provider = vfio_pci_compat_p2pdma_provider(vdev->pdev, 0);
	if (!*provider)
		return -EINVAL;

	return vfio_pci_core_fill_phys_vec(phys_vec, ranges, count,
					   window->addr, window->size);
}
