// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-pci-mlx5.ko: hands functions of mlx5_core to vfio-pci.ko, and does nothing
 * else. It is a module of its own so that vfio-pci.ko is not linked to mlx5_core,
 * and loads where mlx5_core is absent, not wanted, or of another build.
 */
#include <linux/export.h>
#include <linux/module.h>

#include "core_fns.h"

/* The build asks the kernel for each name that stands after "=" here. */
const struct mlx5vf_core_fns vfio_pci_mlx5_core_fns = {
	.abi = MLX5VF_CORE_ABI,
	.size = sizeof(struct mlx5vf_core_fns),
	.mdev_size = sizeof(struct mlx5_core_dev),

	.cmd_cleanup_async_ctx = mlx5_cmd_cleanup_async_ctx,
	.cmd_exec = mlx5_cmd_exec,
	.cmd_exec_cb = mlx5_cmd_exec_cb,
	.cmd_init_async_ctx = mlx5_cmd_init_async_ctx,
	.cmd_out_err = mlx5_cmd_out_err,
	.comp_eqn_get = mlx5_comp_eqn_get,
	.comp_vectors_max = mlx5_comp_vectors_max,
	.core_alloc_pd = mlx5_core_alloc_pd,
	.core_create_cq = mlx5_core_create_cq,
	.core_create_mkey = mlx5_core_create_mkey,
	.core_dealloc_pd = mlx5_core_dealloc_pd,
	.core_destroy_cq = mlx5_core_destroy_cq,
	.core_destroy_mkey = mlx5_core_destroy_mkey,
	.db_alloc_node = mlx5_db_alloc_node,
	.db_free = mlx5_db_free,
	.eq_notifier_register = mlx5_eq_notifier_register,
	.eq_notifier_unregister = mlx5_eq_notifier_unregister,
	.fill_page_frag_array = mlx5_fill_page_frag_array,
	.frag_buf_alloc_node = mlx5_frag_buf_alloc_node,
	.frag_buf_free = mlx5_frag_buf_free,
	.get_qp_default_ts = mlx5_get_qp_default_ts,
	.get_uars_page = mlx5_get_uars_page,
	.put_uars_page = mlx5_put_uars_page,
	.sriov_blocking_notifier_register = mlx5_sriov_blocking_notifier_register,
	.sriov_blocking_notifier_unregister = mlx5_sriov_blocking_notifier_unregister,
	.vf_get_core_dev = mlx5_vf_get_core_dev,
	.vf_put_core_dev = mlx5_vf_put_core_dev,
};
EXPORT_SYMBOL_GPL(vfio_pci_mlx5_core_fns);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The vfio-pci vendor ops authors");
MODULE_DESCRIPTION("Functions of mlx5_core for vfio-pci with vendor ops");
