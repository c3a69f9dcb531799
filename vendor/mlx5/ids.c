// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFs of the ConnectX and BlueField families; they share one id.
 */
#include <linux/module.h>

#include "mlx5.h"

#define MLX5_VF_ID	0x101e

const struct pci_device_id mlx5vf_ids[] = {
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_VENDOR_ID_MELLANOX, MLX5_VF_ID) },
	{}
};
MODULE_DEVICE_TABLE(pci, mlx5vf_ids);
