// SPDX-License-Identifier: GPL-2.0-only
/* Names that VFs of a bound PF would get as their driver_override. */
#include "vfio_pci_vendor.h"

static struct vfio_device_ops a_device_ops __ro_after_init = {
	.name		= "a-vfio-pci", /* expect */
	.open_device	= a_open_device,
};

static const struct vfio_device_ops b_device_ops = {
	.open_device	= b_open_device,
	.name		= KBUILD_MODNAME, /* expect */
};

static void rename(struct vfio_device_ops *ops, struct vfio_device_ops *from)
{
	ops->name = "vfio_pci"; /* expect */
	*ops = *from;
}

static void name_global(void)
{
	a_device_ops.name = a_name; /* expect */
}
