/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VFIO_PCI_IGD_H
#define VFIO_PCI_IGD_H

#include "vfio_pci_vendor.h"

#define IGD_REGION_TYPE \
	(PCI_VENDOR_ID_INTEL | VFIO_REGION_TYPE_PCI_VENDOR_TYPE)

#define IGD_BRIDGES	2

void igd_bridges_get(struct pci_dev *pdev, struct pci_dev **bridges,
		     struct vfio_pci_vendor_log *log);
int igd_bridges_register(struct vfio_pci_core_device *vdev,
			 struct pci_dev *const *bridges);
void igd_bridges_put(struct pci_dev *const *bridges);

#endif /* VFIO_PCI_IGD_H */
