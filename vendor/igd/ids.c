// SPDX-License-Identifier: GPL-2.0-only
/*
 * Intel display functions: base class 0x03, any sub-class. Those without an
 * OpRegion, discrete graphics among them, show that in their ASLS register.
 */
#include <linux/module.h>

#include "igd.h"

#define IGD_CLASS	(PCI_BASE_CLASS_DISPLAY << 16)
#define IGD_CLASS_MASK	0xff0000

const struct pci_device_id igd_ids[] = {
	{
		PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_VENDOR_ID_INTEL, PCI_ANY_ID),
		.class		= IGD_CLASS,
		.class_mask	= IGD_CLASS_MASK,
	},
	{}
};
MODULE_DEVICE_TABLE(pci, igd_ids);
