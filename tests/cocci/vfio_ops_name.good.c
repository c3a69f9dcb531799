// SPDX-License-Identifier: GPL-2.0-only
/* The driver's name, or none: it is inherited. Other names are free. */
#include "vfio_pci_vendor.h"

static struct vfio_device_ops named_device_ops __ro_after_init = {
	.name		= "vfio-pci",
	.open_device	= named_open_device,
};

static struct vfio_device_ops unnamed_device_ops __ro_after_init = {
	.open_device	= unnamed_open_device,
};

static void inherit(struct vfio_device_ops *ops)
{
	ops->name = ops->name ?: "vfio-pci";
}

const struct vfio_pci_vendor_ops named_vendor_ops = {
	.name		= "named",
	.id_table	= named_ids,
};
