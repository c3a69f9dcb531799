// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory windows: mmap(), and the page faults of what was mapped.
 */
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/pm_runtime.h>
#include <linux/sizes.h>

#include "mem_window.h"

/* Without huge pages, a fault fills in its neighbours, as far as one would. */
#define MEM_FAULT_AROUND	SZ_2M

#define MEM_PGOFF_MASK		(VFIO_PCI_OFFSET_MASK >> PAGE_SHIFT)

static u64 mem_window_vma_pgoff(struct vm_area_struct *vma)
{
	return vma->vm_pgoff & MEM_PGOFF_MASK;
}

static unsigned long mem_window_pfn(struct vfio_pci_mem_window *window,
				    struct vm_area_struct *vma,
				    unsigned long addr)
{
	return PHYS_PFN(window->addr) + mem_window_vma_pgoff(vma) +
	       ((addr - vma->vm_start) >> PAGE_SHIFT);
}

static vm_fault_t mem_window_insert_page(struct vm_fault *vmf,
					 unsigned long addr)
{
	struct vm_area_struct *vma = vmf->vma;

	return vmf_insert_pfn(vma, addr,
			      mem_window_pfn(vma->vm_private_data, vma, addr));
}

static vm_fault_t mem_window_insert_around(struct vm_fault *vmf)
{
	unsigned long fault = vmf->address & PAGE_MASK;
	unsigned long block = round_down(fault, MEM_FAULT_AROUND);
	unsigned long start = max(block, vmf->vma->vm_start);
	unsigned long end = min(block + MEM_FAULT_AROUND - 1,
				vmf->vma->vm_end - 1);
	unsigned long addr;
	vm_fault_t ret;

	ret = mem_window_insert_page(vmf, fault);
	if (ret != VM_FAULT_NOPAGE)
		return ret;

	/* Of the neighbours none was asked for: those that fail do not count. */
	for (addr = start; addr < end; addr += PAGE_SIZE) {
		if (mem_window_insert_page(vmf, addr) != VM_FAULT_NOPAGE)
			break;
	}

	return VM_FAULT_NOPAGE;
}

#ifdef CONFIG_ARCH_SUPPORTS_HUGE_PFNMAP

static vm_fault_t mem_window_insert(struct vm_fault *vmf, unsigned int order)
{
	struct vm_area_struct *vma = vmf->vma;

	if (!order)
		return mem_window_insert_around(vmf);

	return vfio_pci_compat_insert_huge(vmf,
			mem_window_pfn(vma->vm_private_data, vma,
				       round_down(vmf->address,
						  PAGE_SIZE << order)),
			order);
}

#else

static vm_fault_t mem_window_insert(struct vm_fault *vmf, unsigned int order)
{
	return mem_window_insert_around(vmf);
}

#endif

/* With the locks of a fault held. VM_FAULT_RETRY: a wait is needed first. */
static vm_fault_t mem_window_fault_locked(struct vm_fault *vmf,
					  unsigned int order)
{
	struct vfio_pci_mem_window *window = vmf->vma->vm_private_data;
	vm_fault_t fault;
	int ret;

	if (window->vdev->pm_runtime_engaged)
		return VM_FAULT_SIGBUS;

	ret = vfio_pci_mem_window_access(window);
	if (ret == -EAGAIN)
		return VM_FAULT_RETRY;
	if (ret)
		return VM_FAULT_SIGBUS;

	if (vfio_pci_compat_vma_track(window->vdev, vmf->vma))
		return VM_FAULT_OOM;

	/* In flight until the page is there, for a reset to wait for. */
	down_read(&window->map_lock);
	if (window->resetting)
		fault = VM_FAULT_RETRY;
	else
		fault = mem_window_insert(vmf, order);
	up_read(&window->map_lock);
	return fault;
}

/*
 * The reference keeps the function in D0 if the user engages low power during
 * the wait. Callers look at the result themselves, when they try again.
 */
static void mem_window_wait_awake(struct vfio_pci_mem_window *window)
{
	struct device *dev = &window->vdev->pdev->dev;

	if (pm_runtime_resume_and_get(dev))
		return;

	vfio_pci_mem_window_wait(window);
	pm_runtime_put(dev);
}

/*
 * Wait without the lock of the fault, which is then tried again. A second wait
 * is not possible in one fault, which bounds it: the kernel sets
 * FAULT_FLAG_TRIED before it tries again, unless the fault held the lock of one
 * area. Such a fault does not wait.
 */
static vm_fault_t mem_window_fault_wait(struct vm_fault *vmf)
{
	struct vfio_pci_mem_window *window = vmf->vma->vm_private_data;
	struct file *file;

	if (!fault_flag_allow_retry_first(vmf->flags))
		return VM_FAULT_SIGBUS;
	if (vmf->flags & FAULT_FLAG_RETRY_NOWAIT)
		return VM_FAULT_RETRY;

	if (vfio_pci_compat_under_vma_lock(vmf)) {
		vfio_pci_compat_release_fault_lock(vmf);
		return VM_FAULT_RETRY;
	}

	/* The area may go away meanwhile; the device, with its window, not. */
	file = get_file(vmf->vma->vm_file);
	vfio_pci_compat_release_fault_lock(vmf);
	mem_window_wait_awake(window);
	fput(file);

	return VM_FAULT_RETRY;
}

static vm_fault_t mem_window_fault_order(struct vm_fault *vmf,
					 unsigned int order)
{
	struct vfio_pci_mem_window *window = vmf->vma->vm_private_data;
	struct vfio_pci_core_device *vdev = window->vdev;
	vm_fault_t ret;

	vfio_pci_compat_fault_lock(vdev);
	ret = mem_window_fault_locked(vmf, order);
	vfio_pci_compat_fault_unlock(vdev);

	return ret == VM_FAULT_RETRY ? mem_window_fault_wait(vmf) : ret;
}

static vm_fault_t mem_window_fault(struct vm_fault *vmf)
{
	return mem_window_fault_order(vmf, 0);
}

#ifdef CONFIG_ARCH_SUPPORTS_HUGE_PFNMAP
static vm_fault_t mem_window_huge_fault(struct vm_fault *vmf,
					unsigned int order)
{
	unsigned long size = PAGE_SIZE << order;
	unsigned long addr = round_down(vmf->address, size);
	struct vm_area_struct *vma = vmf->vma;

	if (addr < vma->vm_start || vma->vm_end - addr < size)
		return VM_FAULT_FALLBACK;
	if (!IS_ALIGNED(mem_window_pfn(vma->vm_private_data, vma, addr),
			1UL << order))
		return VM_FAULT_FALLBACK;

	return mem_window_fault_order(vmf, order);
}
#endif

static void mem_window_vma_open(struct vm_area_struct *vma)
{
	struct vfio_pci_mem_window *window = vma->vm_private_data;

	vfio_pci_compat_vma_open(window->vdev, vma);
}

static void mem_window_vma_close(struct vm_area_struct *vma)
{
	struct vfio_pci_mem_window *window = vma->vm_private_data;

	vfio_pci_compat_vma_close(window->vdev, vma);
}

static const struct vm_operations_struct mem_window_vm_ops = {
	.open		= mem_window_vma_open,
	.close		= mem_window_vma_close,
	.fault		= mem_window_fault,
#ifdef CONFIG_ARCH_SUPPORTS_HUGE_PFNMAP
	.huge_fault	= mem_window_huge_fault,
#endif
};

/**
 * vfio_pci_mem_window_pfn_to_pgoff() - where does an area map a page frame?
 * @vma: any area that maps the file of the device
 * @pfn: page frame
 * @pgoff: receives the page offset in the file
 *
 * Context: Atomic; called by the kernel for a memory failure.
 * Return: 0, -ENOENT if @vma is not of a window, -EFAULT if it does not map
 * @pfn.
 */
int vfio_pci_mem_window_pfn_to_pgoff(struct vm_area_struct *vma,
				     unsigned long pfn, pgoff_t *pgoff)
{
	struct vfio_pci_mem_window *window;
	unsigned long first;

	if (vma->vm_ops != &mem_window_vm_ops)
		return -ENOENT;

	window = vma->vm_private_data;
	first = mem_window_pfn(window, vma, vma->vm_start);
	if (pfn < first || pfn - first >= vma_pages(vma))
		return -EFAULT;

	*pgoff = vma->vm_pgoff + (pfn - first);
	return 0;
}

int vfio_pci_mem_window_mmap(struct vfio_pci_mem_window *window,
			     struct vm_area_struct *vma)
{
	u64 end;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (check_add_overflow((u64)mem_window_vma_pgoff(vma) << PAGE_SHIFT,
			       (u64)(vma->vm_end - vma->vm_start), &end) ||
	    end > window->size)
		return -EINVAL;

	vfio_pci_compat_vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND |
					  VM_DONTDUMP);
	if (window->type == VFIO_PCI_MEM_UNCACHED) {
		/* Lets KVM give the guest the same type, Normal-NC on arm64. */
		vfio_pci_compat_vm_flags_set(vma, VM_ALLOW_ANY_UNCACHED);
		vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot);
	} else if (window->type == VFIO_PCI_MEM_DEVICE) {
		vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	}

	vma->vm_private_data = window;
	vma->vm_ops = &mem_window_vm_ops;
	return 0;
}
