/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The functions of mlx5_core that mlx5 calls. Most of them are exported to linked
 * modules only: symbol_get() refuses what is not EXPORT_SYMBOL_GPL. So
 * vfio-pci-mlx5.ko is linked to mlx5_core, and vfio-pci.ko gets this structure from
 * it when it binds a VF whose PF mlx5_core drives.
 */
#ifndef VFIO_PCI_MLX5_CORE_FNS_H
#define VFIO_PCI_MLX5_CORE_FNS_H

#include <linux/mlx5/cq.h>
#include <linux/mlx5/device.h>
#include <linux/mlx5/driver.h>
#include <linux/mlx5/eq.h>
#include <linux/mlx5/qp.h>
#include <linux/mlx5/vport.h>

#include "mlx5_compat.h"

/* Increase it if a member changes its meaning while the size stays the same. */
#define MLX5VF_CORE_ABI		1

/* The type of a pointer to fn: a function decays to a pointer as an operand of "?:". */
#define MLX5VF_FN(fn)		typeof(1 ? (fn) : NULL)

/**
 * struct mlx5vf_core_fns - what vfio-pci-mlx5 exports
 * @abi: %MLX5VF_CORE_ABI
 * @size: of this structure; with @abi, tells whether both modules are of one build
 * @mdev_size: of struct mlx5_core_dev, whose members both modules access
 *
 * The other members are the functions of mlx5_core that have mlx5_ before the name;
 * get_qp_default_ts is one of its headers, which calls a function of mlx5_core.
 */
struct mlx5vf_core_fns {
	u32 abi;
	u32 size;
	u32 mdev_size;

	/* private: functions of mlx5_core */
	MLX5VF_FN(mlx5_cmd_cleanup_async_ctx) cmd_cleanup_async_ctx;
	MLX5VF_FN(mlx5_cmd_exec) cmd_exec;
	MLX5VF_FN(mlx5_cmd_exec_cb) cmd_exec_cb;
	MLX5VF_FN(mlx5_cmd_init_async_ctx) cmd_init_async_ctx;
	MLX5VF_FN(mlx5_cmd_out_err) cmd_out_err;
	MLX5VF_FN(mlx5_comp_eqn_get) comp_eqn_get;
	MLX5VF_FN(mlx5_comp_vectors_max) comp_vectors_max;
	MLX5VF_FN(mlx5_core_alloc_pd) core_alloc_pd;
	MLX5VF_FN(mlx5_core_create_cq) core_create_cq;
	MLX5VF_FN(mlx5_core_create_mkey) core_create_mkey;
	MLX5VF_FN(mlx5_core_dealloc_pd) core_dealloc_pd;
	MLX5VF_FN(mlx5_core_destroy_cq) core_destroy_cq;
	MLX5VF_FN(mlx5_core_destroy_mkey) core_destroy_mkey;
	MLX5VF_FN(mlx5_db_alloc_node) db_alloc_node;
	MLX5VF_FN(mlx5_db_free) db_free;
	MLX5VF_FN(mlx5_eq_notifier_register) eq_notifier_register;
	MLX5VF_FN(mlx5_eq_notifier_unregister) eq_notifier_unregister;
	MLX5VF_FN(mlx5_fill_page_frag_array) fill_page_frag_array;
	MLX5VF_FN(mlx5_frag_buf_alloc_node) frag_buf_alloc_node;
	MLX5VF_FN(mlx5_frag_buf_free) frag_buf_free;
	MLX5VF_FN(mlx5_get_qp_default_ts) get_qp_default_ts;
	MLX5VF_FN(mlx5_get_uars_page) get_uars_page;
	MLX5VF_FN(mlx5_put_uars_page) put_uars_page;
	MLX5VF_FN(mlx5_sriov_blocking_notifier_register) sriov_blocking_notifier_register;
	MLX5VF_FN(mlx5_sriov_blocking_notifier_unregister) sriov_blocking_notifier_unregister;
	MLX5VF_FN(mlx5_vf_get_core_dev) vf_get_core_dev;
	MLX5VF_FN(mlx5_vf_put_core_dev) vf_put_core_dev;
};

extern const struct mlx5vf_core_fns vfio_pci_mlx5_core_fns;

/**
 * struct mlx5vf_pf - a PF, and how to command it
 * @fns: functions of mlx5_core; valid until mlx5vf_core_put()
 * @mdev: what mlx5_core keeps of the PF
 */
struct mlx5vf_pf {
	const struct mlx5vf_core_fns *fns;
	struct mlx5_core_dev *mdev;
};

/**
 * mlx5vf_exec() - execute a command whose input and output have the usual sizes
 * @pf: the PF, struct mlx5vf_pf
 * @command: its name in mlx5_ifc.h
 * @in: input of the size that @command has there
 * @out: likewise, for the output
 *
 * Return: 0, or the errno of the command.
 */
#define mlx5vf_exec(pf, command, in, out)				\
({									\
	const struct mlx5vf_pf *_pf = (pf);				\
									\
	_pf->fns->cmd_exec(_pf->mdev, in, MLX5_ST_SZ_BYTES(command##_in), \
			   out, MLX5_ST_SZ_BYTES(command##_out));	\
})

/**
 * mlx5vf_exec_in() - as mlx5vf_exec(), without a use for the output
 * @pf: the PF, struct mlx5vf_pf
 * @command: its name in mlx5_ifc.h
 * @in: input of the size that @command has there
 *
 * Return: 0, or the errno of the command.
 */
#define mlx5vf_exec_in(pf, command, in)					\
({									\
	u32 _out[MLX5_ST_SZ_DW(command##_out)] = {};			\
									\
	mlx5vf_exec(pf, command, in, _out);				\
})

#endif /* VFIO_PCI_MLX5_CORE_FNS_H */
