/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the memory window service share.
 */
#ifndef VFIO_PCI_MEM_WINDOW_PRIVATE_H
#define VFIO_PCI_MEM_WINDOW_PRIVATE_H

#include "vfio_pci_vendor.h"

int vfio_pci_mem_window_access(struct vfio_pci_mem_window *window);
int vfio_pci_mem_window_wait(struct vfio_pci_mem_window *window);
void vfio_pci_mem_window_unmap(struct vfio_pci_mem_window *window);
int vfio_pci_mem_window_pfn_to_pgoff(struct vm_area_struct *vma,
				     unsigned long pfn, pgoff_t *pgoff);

#endif /* VFIO_PCI_MEM_WINDOW_PRIVATE_H */
