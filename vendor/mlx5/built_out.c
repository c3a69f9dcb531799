// SPDX-License-Identifier: GPL-2.0-only
/*
 * The row of mlx5 in a build that leaves it out.
 */
#include "mlx5.h"

static int mlx5vf_built_out_probe(struct vfio_pci_core_device *vdev,
				  struct vfio_pci_vendor_log *log)
{
	return vfio_pci_vendor_decline(log, "built without mlx5: rebuild with VENDOR_MLX5=y");
}

const struct vfio_pci_vendor_ops mlx5_vendor_ops = {
	.name		= "mlx5",
	.id_table	= mlx5vf_ids,
	.probe		= mlx5vf_built_out_probe,
};
