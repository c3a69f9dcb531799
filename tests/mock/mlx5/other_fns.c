// SPDX-License-Identifier: GPL-2.0-only
/*
 * What vfio-pci-mlx5 exports, from another build.
 */
#include <linux/export.h>
#include <linux/module.h>

#include "other_fns.h"

const struct mlx5vf_core_fns vfio_pci_mlx5_core_fns = {
	.abi = U32_MAX,
	.size = sizeof(struct mlx5vf_core_fns),
};
EXPORT_SYMBOL_GPL(vfio_pci_mlx5_core_fns);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The vfio-pci vendor ops authors");
MODULE_DESCRIPTION("vfio-pci-mlx5 of another build");
