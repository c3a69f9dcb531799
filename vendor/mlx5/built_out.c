// SPDX-License-Identifier: GPL-2.0-only
/*
 * The row of mlx5 in a build that leaves it out.
 */
#include <linux/kconfig.h>

#include "ids.h"
#include "vfio_pci_vendor.h"

#if IS_ENABLED(CONFIG_MLX5_CORE) && IS_ENABLED(CONFIG_64BIT)
#define MLX5VF_WANTS	"VENDOR_MLX5=y"
#else
#define MLX5VF_WANTS	"headers of a 64-bit kernel with CONFIG_MLX5_CORE"
#endif

VFIO_PCI_VENDOR_BUILT_OUT(mlx5, mlx5vf_ids, MLX5VF_WANTS);
