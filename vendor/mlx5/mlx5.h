/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VFIO_PCI_MLX5_H
#define VFIO_PCI_MLX5_H

#include "vfio_pci_vendor.h"

extern const struct pci_device_id mlx5vf_ids[];

#endif /* VFIO_PCI_MLX5_H */
