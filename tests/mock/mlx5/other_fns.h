/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MOCK_OTHER_FNS_H
#define MOCK_OTHER_FNS_H

#include <linux/types.h>

/* The members that vfio-pci compares before it uses any other. */
struct mlx5vf_core_fns {
	u32 abi;
	u32 size;
	u32 mdev_size;
};

extern const struct mlx5vf_core_fns vfio_pci_mlx5_core_fns;

#endif /* MOCK_OTHER_FNS_H */
