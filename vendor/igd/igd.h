/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VFIO_PCI_IGD_H
#define VFIO_PCI_IGD_H

#include "vfio_pci_vendor.h"

#define IGD_REGION_TYPE \
	(PCI_VENDOR_ID_INTEL | VFIO_REGION_TYPE_PCI_VENDOR_TYPE)

extern const struct pci_device_id igd_ids[];

struct pci_dev *igd_bridge_get(struct pci_dev *pdev, unsigned int devfn,
			       unsigned int class);
int igd_bridge_register(struct vfio_pci_core_device *vdev,
			struct pci_dev *bridge, u32 subtype);

#endif /* VFIO_PCI_IGD_H */
