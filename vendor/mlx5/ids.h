/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VFs of the ConnectX and BlueField families; they share one id.
 */
#ifndef VFIO_PCI_MLX5_IDS_H
#define VFIO_PCI_MLX5_IDS_H

#include <linux/pci.h>

#define MLX5_VF_ID	0x101e

static const struct pci_device_id mlx5vf_ids[] = {
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_VENDOR_ID_MELLANOX, MLX5_VF_ID) },
	{}
};

#endif /* VFIO_PCI_MLX5_IDS_H */
