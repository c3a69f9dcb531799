// SPDX-License-Identifier: GPL-2.0-only
/*
 * The row of mlx5 in a build that leaves it out.
 */
#include "ids.h"
#include "vfio_pci_vendor.h"

VFIO_PCI_VENDOR_BUILT_OUT(mlx5, mlx5vf_ids, "VENDOR_MLX5=y");
