// SPDX-License-Identifier: GPL-2.0-only
/*
 * The row of igd in a build that leaves it out.
 */
#include "igd.h"

static int igd_built_out_probe(struct vfio_pci_core_device *vdev,
			       struct vfio_pci_vendor_log *log)
{
	return vfio_pci_vendor_decline(log, IS_ENABLED(CONFIG_X86) ?
				       "built without igd: rebuild with VENDOR_IGD=y" :
				       "Intel integrated graphics exists on x86 only");
}

const struct vfio_pci_vendor_ops igd_vendor_ops = {
	.name		= "igd",
	.id_table	= igd_ids,
	.probe		= igd_built_out_probe,
};
