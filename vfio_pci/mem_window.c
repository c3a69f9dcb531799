// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory windows: who has one, and for how long.
 */
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "mem_window.h"

static const char *
vfio_pci_mem_window_fault(const struct vfio_pci_mem_window *window)
{
	if (!PAGE_ALIGNED(window->addr) || !PAGE_ALIGNED(window->size))
		return "is not made of whole pages";

	if (window->span < window->size ||
	    window->span > VFIO_PCI_OFFSET_MASK + 1)
		return "is larger than a VFIO region can be";

	return vfio_pci_phys_range_fault(window->addr, window->size);
}

/* Someone's, or in the way because the window is not within it as a whole. */
static int vfio_pci_mem_window_collides(struct resource *res, void *data)
{
	const struct vfio_pci_mem_window *window = data;

	return res->flags & IORESOURCE_BUSY ||
	       resource_size(res) != window->size;
}

static bool vfio_pci_mem_window_conflicts(struct vfio_pci_mem_window *window,
					  unsigned long flags)
{
	return walk_iomem_res_desc(IORES_DESC_NONE, flags, window->addr,
				   window->addr + window->size - 1, window,
				   vfio_pci_mem_window_collides) > 0;
}

int vfio_pci_mem_window_claim(struct vfio_pci_mem_window *window,
			      const char **fault)
{
	*fault = vfio_pci_mem_window_fault(window);
	if (*fault)
		return -ENODEV;

	/* A reset can come at any time from now on. */
	init_rwsem(&window->map_lock);

	window->claim = request_mem_region(window->addr, window->size,
					   "vfio-pci");
	if (window->claim)
		return 0;

	/*
	 * NULL also stands for want of memory, which is nobody's fault. A walk
	 * does not look into what it finds, so that one looks for the busy.
	 */
	if (!vfio_pci_mem_window_conflicts(window,
					   IORESOURCE_MEM | IORESOURCE_BUSY) &&
	    !vfio_pci_mem_window_conflicts(window, IORESOURCE_MEM))
		return -ENOMEM;

	*fault = "overlaps memory that another device or driver has";
	return -ENODEV;
}

void vfio_pci_mem_window_unclaim(struct vfio_pci_mem_window *window)
{
	if (!window->claim)
		return;

	release_mem_region(window->addr, window->size);
	window->claim = NULL;
}

int vfio_pci_mem_window_open(struct vfio_pci_mem_window *window,
			     struct vfio_pci_core_device *vdev)
{
	int ret;

	if (!window->size)
		return 0;

	ret = vfio_pci_compat_poison_register(&window->poison, &vdev->vdev,
					      window->addr, window->size,
					      vfio_pci_mem_window_pfn_to_pgoff);
	if (ret)
		return ret;

	WRITE_ONCE(window->vdev, vdev);
	return 0;
}

void vfio_pci_mem_window_close(struct vfio_pci_mem_window *window)
{
	if (!window->vdev)
		return;

	vfio_pci_mem_window_unmap(window);
	vfio_pci_compat_poison_unregister(&window->poison);
	WRITE_ONCE(window->vdev, NULL);
}

/**
 * vfio_pci_mem_window_access() - may the window be accessed now?
 * @window: opened
 *
 * Context: memory_lock held.
 * Return: 0 if so, -EAGAIN if a wait without locks is needed first, -EIO while
 * memory is disabled or in D3, or the errno of @window->ready.
 */
int vfio_pci_mem_window_access(struct vfio_pci_mem_window *window)
{
	if (READ_ONCE(window->resetting))
		return -EAGAIN;
	if (!vfio_pci_compat_memory_enabled(window->vdev))
		return -EIO;

	return window->ready ? window->ready(window->vdev, false) : 0;
}

/**
 * vfio_pci_mem_window_wait() - wait until the window can be accessed
 * @window: opened, by a user who keeps it open meanwhile
 *
 * Context: Process context without locks, after vfio_pci_mem_window_access()
 * returned -EAGAIN.
 * Return: 0 if the access is to be tried again, -EINTR for a task being killed,
 * or the errno of @window->ready.
 */
int vfio_pci_mem_window_wait(struct vfio_pci_mem_window *window)
{
	if (wait_var_event_killable(&window->resetting,
				    !READ_ONCE(window->resetting)))
		return -EINTR;

	return window->ready ? window->ready(window->vdev, true) : 0;
}

int vfio_pci_mem_window_sparse(const struct vfio_pci_mem_window *window,
			       struct vfio_info_cap *caps)
{
	struct vfio_region_info_cap_sparse_mmap *sparse;
	size_t size = struct_size(sparse, areas, 1);
	int ret;

	sparse = kzalloc(size, GFP_KERNEL_ACCOUNT);
	if (!sparse)
		return -ENOMEM;

	sparse->header.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP;
	sparse->header.version = 1;
	sparse->nr_areas = 1;
	sparse->areas[0].size = window->size;

	ret = vfio_info_add_capability(caps, &sparse->header, size);
	kfree(sparse);
	return ret;
}

void vfio_pci_mem_window_zap(struct vfio_pci_mem_window *window,
			     unsigned int index)
{
	/* A reset through sysfs may come while the device is closed. */
	struct vfio_pci_core_device *vdev = READ_ONCE(window->vdev);

	if (vdev)
		vfio_pci_compat_zap(vdev, VFIO_PCI_INDEX_TO_OFFSET((u64)index),
				    window->size);
}

void vfio_pci_mem_window_reset_prepare(struct vfio_pci_mem_window *window,
				       unsigned int index)
{
	if (!window->claim)
		return;

	down_write(&window->map_lock);
	WRITE_ONCE(window->resetting, true);
	up_write(&window->map_lock);
	vfio_pci_mem_window_zap(window, index);
}

void vfio_pci_mem_window_reset_done(struct vfio_pci_mem_window *window)
{
	if (!window->claim)
		return;

	/* After what the vendor noted of the reset. */
	smp_store_release(&window->resetting, false);
	wake_up_var(&window->resetting);
}

void vfio_pci_mem_window_sync(struct vfio_pci_mem_window *window,
			      unsigned int index)
{
	struct vfio_pci_core_device *vdev = window->vdev;
	bool off;

	if (!vdev)
		return;

	down_read(&vdev->memory_lock);
	off = vdev->pm_runtime_engaged || !vfio_pci_compat_memory_enabled(vdev);
	up_read(&vdev->memory_lock);

	if (off)
		vfio_pci_mem_window_zap(window, index);
}
