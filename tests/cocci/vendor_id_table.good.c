// SPDX-License-Identifier: GPL-2.0-only
/* Rows with a table, in any order; declarations; other structures without. */
#include "vfio_pci_vendor.h"

extern const struct vfio_pci_vendor_ops first_vendor_ops;

const struct vfio_pci_vendor_ops first_vendor_ops = {
	.name		= "first",
	.id_table	= first_ids,
	.probe		= first_probe,
};

static struct vfio_pci_vendor_ops last_vendor_ops = {
	.reset_done	= last_reset_done,
	.probe		= last_probe,
	.id_table	= &last_ids[1],
};

static struct pci_driver other = {
	.name		= "other",
	.probe		= other_probe,
};
