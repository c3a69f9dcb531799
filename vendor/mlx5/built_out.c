// SPDX-License-Identifier: GPL-2.0-only
/*
 * The row of mlx5 in a build that leaves it out.
 */
#include "mlx5.h"

VFIO_PCI_VENDOR_BUILT_OUT(mlx5, mlx5vf_ids,
			  "built without mlx5: rebuild with VENDOR_MLX5=y");
