/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel differences of the mlx5 interface: what the headers know of the
 * migration commands, and so the stream that this kernel's own driver speaks.
 */
#ifndef MLX5_COMPAT_H
#define MLX5_COMPAT_H

#include <linux/mlx5/driver.h>

#ifdef HAVE_MLX5_MULTI_LOAD

#define MLX5_COMPAT_FRAMED	true

static inline bool mlx5_compat_multi_load(struct mlx5_core_dev *mdev)
{
	return MLX5_CAP_GEN_2(mdev, migration_multi_load) &&
	       MLX5_CAP_GEN_2(mdev, migration_tracking_state);
}

static inline bool mlx5_compat_migratable(const void *cap_2)
{
	return MLX5_GET(cmd_hca_cap_2, cap_2, migratable);
}

static inline void mlx5_compat_query_incremental(void *in)
{
	MLX5_SET(query_vhca_migration_state_in, in, incremental, 1);
}

static inline void mlx5_compat_save_flags(void *in, bool incremental,
					  bool track)
{
	MLX5_SET(save_vhca_state_in, in, incremental, incremental);
	MLX5_SET(save_vhca_state_in, in, set_track, track);
}

#else

#define MLX5_COMPAT_FRAMED	false

static inline bool mlx5_compat_multi_load(struct mlx5_core_dev *mdev)
{
	return true;
}

static inline bool mlx5_compat_migratable(const void *cap_2)
{
	return true;
}

static inline void mlx5_compat_query_incremental(void *in)
{
}

static inline void mlx5_compat_save_flags(void *in, bool incremental,
					  bool track)
{
}

#endif

#ifdef HAVE_MLX5_IN_CHUNKS

static inline bool mlx5_compat_in_chunks(struct mlx5_core_dev *mdev)
{
	return MLX5_CAP_GEN_2(mdev, migration_in_chunks);
}

static inline void mlx5_compat_query_chunk(void *in)
{
	MLX5_SET(query_vhca_migration_state_in, in, chunk, 1);
}

static inline u64 mlx5_compat_remaining(const void *out)
{
	return MLX5_GET64(query_vhca_migration_state_out, out,
			  remaining_total_size);
}

static inline u32 mlx5_compat_next(const void *out)
{
	return MLX5_GET(save_vhca_state_out, out, next_required_umem_size);
}

#else

static inline bool mlx5_compat_in_chunks(struct mlx5_core_dev *mdev)
{
	return false;
}

static inline void mlx5_compat_query_chunk(void *in)
{
}

static inline u64 mlx5_compat_remaining(const void *out)
{
	return 0;
}

static inline u32 mlx5_compat_next(const void *out)
{
	return 0;
}

#endif

#ifdef HAVE_MLX5_MIGRATION_STATE

static inline bool mlx5_compat_reinit(struct mlx5_core_dev *mdev,
				      const void *out)
{
	return MLX5_CAP_GEN_2(mdev, migration_state) &&
	       MLX5_GET(query_vhca_migration_state_out, out, migration_state) ==
	       MLX5_QUERY_VHCA_MIG_STATE_OPER_MIGRATION_INIT;
}

#else

static inline bool mlx5_compat_reinit(struct mlx5_core_dev *mdev,
				      const void *out)
{
	return false;
}

#endif

#ifndef HAVE_MLX5_COMP_EQN_GET

#define mlx5_comp_eqn_get	mlx5_vector2eqn
#define mlx5_comp_vectors_max	mlx5_comp_vectors_count

#endif

#endif /* MLX5_COMPAT_H */
