// SPDX-License-Identifier: GPL-2.0-only
/* Rows that would be asked about any device. */
#include "vfio_pci_vendor.h"

const struct vfio_pci_vendor_ops missing_vendor_ops = { /* expect */
	.name		= "missing",
	.probe		= missing_probe,
	.device_ops	= &missing_device_ops,
	.device_size	= sizeof(struct missing_device),
};

static struct vfio_pci_vendor_ops null_vendor_ops = { /* expect */
	.name		= "null",
	.id_table	= NULL,
	.probe		= null_probe,
};

static const struct vfio_pci_vendor_ops short_vendor_ops = { .name = "short" }; /* expect */
