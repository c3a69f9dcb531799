/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel differences around mapped memory: faults, what is known of mapped
 * areas, memory failures. As vfio_pci_compat.h, which has all others.
 */
#ifndef VFIO_PCI_COMPAT_MM_H
#define VFIO_PCI_COMPAT_MM_H

#include <linux/huge_mm.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vfio_pci_core.h>
#ifdef HAVE_PFN_T
#include <linux/pfn_t.h>
#endif
#ifdef HAVE_PFN_ADDRESS_SPACE
#include <linux/memory-failure.h>
#endif

#ifndef HAVE_VM_ALLOW_ANY_UNCACHED
#define VM_ALLOW_ANY_UNCACHED	VM_NONE
#endif

static inline void vfio_pci_compat_vm_flags_set(struct vm_area_struct *vma,
						unsigned long flags)
{
#ifdef HAVE_VM_FLAGS_SET
	vm_flags_set(vma, flags);
#else
	vma->vm_flags |= flags;
#endif
}

/**
 * vfio_pci_compat_release_fault_lock() - let go of the lock of a page fault
 * @vmf: the fault, which must then end with VM_FAULT_RETRY
 */
static inline void vfio_pci_compat_release_fault_lock(struct vm_fault *vmf)
{
#ifdef HAVE_RELEASE_FAULT_LOCK
	release_fault_lock(vmf);
#else
	mmap_read_unlock(vmf->vma->vm_mm);
#endif
}

/**
 * vfio_pci_compat_under_vma_lock() - does a page fault hold the lock of one area?
 * @vmf: the fault
 *
 * Such a fault is repeated with mmap_lock held after VM_FAULT_RETRY, and does not
 * have FAULT_FLAG_TRIED set then.
 *
 * Return: true if so, false if it holds mmap_lock.
 */
static inline bool vfio_pci_compat_under_vma_lock(const struct vm_fault *vmf)
{
#ifdef HAVE_RELEASE_FAULT_LOCK
	return vmf->flags & FAULT_FLAG_VMA_LOCK;
#else
	return false;
#endif
}

/**
 * vfio_pci_compat_memory_enabled() - can the memory of a function be accessed?
 * @vdev: the device
 *
 * Context: memory_lock held.
 * Return: false in D3, or with memory disabled in the command register.
 */
static inline bool
vfio_pci_compat_memory_enabled(struct vfio_pci_core_device *vdev)
{
#ifdef HAVE_VFIO_PCI_MEMORY_ENABLED
	return __vfio_pci_memory_enabled(vdev);
#else
	const __le16 *cmd = (const __le16 *)(vdev->vconfig + PCI_COMMAND);

	return (__force int)vdev->pdev->current_state < (__force int)PCI_D3hot &&
	       (vdev->pdev->no_command_memory ||
		le16_to_cpu(*cmd) & PCI_COMMAND_MEMORY);
#endif
}

#ifdef HAVE_VFIO_VMA_LIST

/*
 * vfio-pci-core lists the mapped areas of a device, to zap them when memory is
 * disabled, and frees the entries then. Its structure is private; this is the
 * same in all kernels that have the list.
 */
struct vfio_pci_compat_vma {
	struct vm_area_struct *vma;
	struct list_head vma_next;
};

static inline void vfio_pci_compat_fault_lock(struct vfio_pci_core_device *vdev)
{
	mutex_lock(&vdev->vma_lock);
	down_read(&vdev->memory_lock);
}

static inline void
vfio_pci_compat_fault_unlock(struct vfio_pci_core_device *vdev)
{
	up_read(&vdev->memory_lock);
	mutex_unlock(&vdev->vma_lock);
}

static inline struct vfio_pci_compat_vma *
vfio_pci_compat_vma_find(struct vfio_pci_core_device *vdev,
			 struct vm_area_struct *vma)
{
	struct vfio_pci_compat_vma *entry;

	list_for_each_entry(entry, &vdev->vma_list, vma_next) {
		if (entry->vma == vma)
			return entry;
	}
	return NULL;
}

static inline int vfio_pci_compat_vma_add(struct vfio_pci_core_device *vdev,
					  struct vm_area_struct *vma,
					  gfp_t gfp)
{
	struct vfio_pci_compat_vma *entry;

	if (vfio_pci_compat_vma_find(vdev, vma))
		return 0;

	entry = kmalloc(sizeof(*entry), gfp);
	if (!entry)
		return -ENOMEM;

	entry->vma = vma;
	list_add(&entry->vma_next, &vdev->vma_list);
	return 0;
}

static inline int vfio_pci_compat_vma_track(struct vfio_pci_core_device *vdev,
					    struct vm_area_struct *vma)
{
	return vfio_pci_compat_vma_add(vdev, vma, GFP_KERNEL_ACCOUNT);
}

/*
 * A copy of an area: mremap() and fork() call this first, and then give the copy
 * the pages of the original. They hold mmap_lock for write, which a zap waits
 * for, so the copy is on the list before a zap can miss its pages. The callback
 * can not fail.
 */
static inline void vfio_pci_compat_vma_open(struct vfio_pci_core_device *vdev,
					    struct vm_area_struct *vma)
{
	mutex_lock(&vdev->vma_lock);
	vfio_pci_compat_vma_add(vdev, vma, GFP_KERNEL_ACCOUNT | __GFP_NOFAIL);
	mutex_unlock(&vdev->vma_lock);
}

static inline void vfio_pci_compat_vma_close(struct vfio_pci_core_device *vdev,
					     struct vm_area_struct *vma)
{
	struct vfio_pci_compat_vma *entry;

	mutex_lock(&vdev->vma_lock);
	entry = vfio_pci_compat_vma_find(vdev, vma);
	if (entry) {
		list_del(&entry->vma_next);
		kfree(entry);
	}
	mutex_unlock(&vdev->vma_lock);
}

/* What is on the list is zapped by vfio-pci-core, whatever region it maps. */
static inline void vfio_pci_compat_zap(struct vfio_pci_core_device *vdev,
				       loff_t start, loff_t len)
{
}

#else /* HAVE_VFIO_VMA_LIST */

static inline void vfio_pci_compat_fault_lock(struct vfio_pci_core_device *vdev)
{
	down_read(&vdev->memory_lock);
}

static inline void
vfio_pci_compat_fault_unlock(struct vfio_pci_core_device *vdev)
{
	up_read(&vdev->memory_lock);
}

static inline int vfio_pci_compat_vma_track(struct vfio_pci_core_device *vdev,
					    struct vm_area_struct *vma)
{
	return 0;
}

static inline void vfio_pci_compat_vma_open(struct vfio_pci_core_device *vdev,
					    struct vm_area_struct *vma)
{
}

static inline void vfio_pci_compat_vma_close(struct vfio_pci_core_device *vdev,
					     struct vm_area_struct *vma)
{
}

static inline void vfio_pci_compat_zap(struct vfio_pci_core_device *vdev,
				       loff_t start, loff_t len)
{
	unmap_mapping_range(vdev->vdev.inode->i_mapping, start, len, true);
}

#endif /* HAVE_VFIO_VMA_LIST */

#ifdef CONFIG_ARCH_SUPPORTS_HUGE_PFNMAP

#ifdef HAVE_PFN_T
#define vfio_pci_compat_pfn(pfn)	__pfn_to_pfn_t(pfn, PFN_DEV)
#else
#define vfio_pci_compat_pfn(pfn)	(pfn)
#endif

/**
 * vfio_pci_compat_insert_huge() - map one huge page
 * @vmf: the fault
 * @pfn: page frame, aligned for @order
 * @order: log2 of the pages
 *
 * Return: VM_FAULT_FALLBACK if there are no huge pages of that order.
 */
static inline vm_fault_t vfio_pci_compat_insert_huge(struct vm_fault *vmf,
						     unsigned long pfn,
						     unsigned int order)
{
#ifdef CONFIG_ARCH_SUPPORTS_PMD_PFNMAP
	if (order == PMD_ORDER)
		return vmf_insert_pfn_pmd(vmf, vfio_pci_compat_pfn(pfn), false);
#endif
#ifdef CONFIG_ARCH_SUPPORTS_PUD_PFNMAP
	if (order == PUD_ORDER)
		return vmf_insert_pfn_pud(vmf, vfio_pci_compat_pfn(pfn), false);
#endif
	return VM_FAULT_FALLBACK;
}

#endif /* CONFIG_ARCH_SUPPORTS_HUGE_PFNMAP */

typedef int (*vfio_pci_pfn_to_pgoff_t)(struct vm_area_struct *vma,
				       unsigned long pfn, pgoff_t *pgoff);

#ifdef HAVE_PFN_ADDRESS_SPACE

/**
 * struct vfio_pci_compat_poison - memory registered for memory failures
 * @space: what the kernel keeps
 * @registered: it does
 */
struct vfio_pci_compat_poison {
	struct pfn_address_space space;
	bool registered;
};

static inline int
vfio_pci_compat_poison_register(struct vfio_pci_compat_poison *poison,
				struct vfio_device *core_vdev, u64 addr,
				u64 size, vfio_pci_pfn_to_pgoff_t to_pgoff)
{
	int ret;

	poison->space.node.start = PHYS_PFN(addr);
	poison->space.node.last = PHYS_PFN(addr + size - 1);
	poison->space.mapping = core_vdev->inode->i_mapping;
	poison->space.pfn_to_vma_pgoff = to_pgoff;
	ret = register_pfn_address_space(&poison->space);
	poison->registered = !ret;

	/* The kernel does not handle memory failures at all. */
	return ret == -EOPNOTSUPP ? 0 : ret;
}

static inline void
vfio_pci_compat_poison_unregister(struct vfio_pci_compat_poison *poison)
{
	if (poison->registered)
		unregister_pfn_address_space(&poison->space);
	poison->registered = false;
}

#else

struct vfio_pci_compat_poison { };

static inline int
vfio_pci_compat_poison_register(struct vfio_pci_compat_poison *poison,
				struct vfio_device *core_vdev, u64 addr,
				u64 size, vfio_pci_pfn_to_pgoff_t to_pgoff)
{
	return 0;
}

static inline void
vfio_pci_compat_poison_unregister(struct vfio_pci_compat_poison *poison)
{
}

#endif /* HAVE_PFN_ADDRESS_SPACE */

#endif /* VFIO_PCI_COMPAT_MM_H */
