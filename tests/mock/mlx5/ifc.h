/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Layouts that the headers of older kernels lack, as linux/mlx5/mlx5_ifc.h of
 * 6.12 has them, and what all commands have in common. A field of type u8[N] is N bits wide.
 */
#ifndef MLX5_MOCK_IFC_H
#define MLX5_MOCK_IFC_H

#include <linux/mlx5/mlx5_ifc.h>

struct mlx5_ifc_mock_mbox_in_bits {
	u8 opcode[0x10];
	u8 uid[0x10];

	u8 reserved_at_20[0x10];
	u8 op_mod[0x10];
};

struct mlx5_ifc_mock_mbox_out_bits {
	u8 status[0x8];
	u8 reserved_at_8[0x18];

	u8 syndrome[0x20];
};

struct mlx5_ifc_mock_vhca_in_bits {
	u8 opcode[0x10];
	u8 uid[0x10];

	u8 reserved_at_20[0x10];
	u8 op_mod[0x10];

	u8 incremental[0x1];
	u8 chunk_or_track[0x1];
	u8 reserved_at_42[0xe];
	u8 vhca_id[0x10];

	u8 reserved_at_60[0x20];

	u8 va[0x40];

	u8 mkey[0x20];

	u8 size[0x20];
};

struct mlx5_ifc_mock_query_out_bits {
	u8 status[0x8];
	u8 reserved_at_8[0x18];

	u8 syndrome[0x20];

	u8 reserved_at_40[0x20];

	u8 migration_state[0x4];
	u8 reserved_at_64[0x1c];

	u8 required_umem_size[0x20];

	u8 reserved_at_a0[0x20];

	u8 remaining_total_size[0x40];

	u8 reserved_at_100[0x100];
};

struct mlx5_ifc_mock_save_out_bits {
	u8 status[0x8];
	u8 reserved_at_8[0x18];

	u8 syndrome[0x20];

	u8 actual_image_size[0x20];

	u8 next_required_umem_size[0x20];
};

struct mlx5_ifc_mock_hca_cap_2_bits {
	u8 reserved_at_0[0x80];

	u8 migratable[0x1];
	u8 reserved_at_81[0x1f];

	u8 reserved_at_a0[0x20];

	u8 reserved_at_c0[0x8];
	u8 migration_multi_load[0x1];
	u8 migration_tracking_state[0x1];
	u8 reserved_at_ca[0x6];
	u8 migration_in_chunks[0x1];
	u8 reserved_at_d1[0x8];
	u8 migration_state[0x1];
	u8 reserved_at_da[0x6];
};

#endif /* MLX5_MOCK_IFC_H */
