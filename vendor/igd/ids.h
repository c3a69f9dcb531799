/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Intel display functions: base class 0x03, any sub-class. Those without an
 * OpRegion, discrete graphics among them, show that in their ASLS register.
 * Other architectures have discrete graphics alone.
 */
#ifndef VFIO_PCI_IGD_IDS_H
#define VFIO_PCI_IGD_IDS_H

#include <linux/pci.h>

#define IGD_CLASS	(PCI_BASE_CLASS_DISPLAY << 16)
#define IGD_CLASS_MASK	0xff0000

static const struct pci_device_id igd_ids[] = {
#ifdef CONFIG_X86
	{
		PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_VENDOR_ID_INTEL, PCI_ANY_ID),
		.class		= IGD_CLASS,
		.class_mask	= IGD_CLASS_MASK,
	},
#endif
	{}
};

#endif /* VFIO_PCI_IGD_IDS_H */
