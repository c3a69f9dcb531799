// SPDX-License-Identifier: GPL-2.0-only
/*
 * Firmware commands that ask about a VF, stop and start it, and make memory
 * known to the adapter. Layouts: linux/mlx5/mlx5_ifc.h.
 */
#include <linux/slab.h>

#include "vf.h"

/* Words of the addresses of a small image; they need no memory of their own. */
#define MLX5VF_FEW_DW	8

/* Capabilities of another function; the one of a VF is its number plus 1. */
static int mlx5vf_query_cap(const struct mlx5vf_pf *pf, int vf_id, u16 op_mod,
			    void *out)
{
	u32 in[MLX5_ST_SZ_DW(query_hca_cap_in)] = {};

	MLX5_SET(query_hca_cap_in, in, opcode, MLX5_CMD_OP_QUERY_HCA_CAP);
	MLX5_SET(query_hca_cap_in, in, other_function, 1);
	MLX5_SET(query_hca_cap_in, in, function_id, vf_id + 1);
	MLX5_SET(query_hca_cap_in, in, op_mod, op_mod);
	return mlx5vf_exec(pf, query_hca_cap, in, out);
}

/**
 * mlx5vf_query_vhca_id() - find the name of a VF in commands
 * @pf: its PF
 * @vf_id: its number, from 0
 * @vhca_id: receives the name
 *
 * Return: 0, or the errno of the command.
 */
int mlx5vf_query_vhca_id(const struct mlx5vf_pf *pf, int vf_id, u16 *vhca_id)
{
	u32 *out;
	int ret;

	out = kzalloc(MLX5_ST_SZ_BYTES(query_hca_cap_out), GFP_KERNEL);
	if (!out)
		return -ENOMEM;

	ret = mlx5vf_query_cap(pf, vf_id,
			       MLX5_SET_HCA_CAP_OP_MOD_GENERAL_DEVICE << 1 |
			       HCA_CAP_OPMOD_GET_CUR, out);
	if (!ret)
		*vhca_id = MLX5_GET(query_hca_cap_out, out,
				    capability.cmd_hca_cap.vhca_id);
	kfree(out);
	return ret;
}

/**
 * mlx5vf_query_migratable() - did the administrator mark the VF?
 * @pf: its PF
 * @vf_id: its number, from 0
 * @migratable: receives the answer; true where this kernel does not know
 *
 * Return: 0, or the errno of the command.
 */
int mlx5vf_query_migratable(const struct mlx5vf_pf *pf, int vf_id,
			    bool *migratable)
{
	u32 *out;
	int ret;

	*migratable = true;
	if (!MLX5_COMPAT_FRAMED)
		return 0;

	out = kzalloc(MLX5_ST_SZ_BYTES(query_hca_cap_out), GFP_KERNEL);
	if (!out)
		return -ENOMEM;

	ret = mlx5vf_query_cap(pf, vf_id,
			       MLX5_CAP_GENERAL_2 << 1 | HCA_CAP_OPMOD_GET_MAX,
			       out);
	if (!ret)
		*migratable = mlx5_compat_migratable(MLX5_ADDR_OF(query_hca_cap_out,
								  out,
								  capability));
	kfree(out);
	return ret;
}

/*
 * A status that is not 0 comes from the firmware, which did not execute the command
 * then; but mlx5_core itself sets this one when it ends commands that are in flight.
 */
#define MLX5VF_STATUS_ABORTED	0xfe

/* Did a command fail without an answer, so that it may have been executed? */
static bool mlx5vf_no_answer(int error, u8 status)
{
	return error && error != -ENOMEM &&
	       (!status || status == MLX5VF_STATUS_ABORTED);
}

static int mlx5vf_suspend(struct mlx5vf *vf, u16 op_mod, bool *unknown)
{
	u32 out[MLX5_ST_SZ_DW(suspend_vhca_out)] = {};
	u32 in[MLX5_ST_SZ_DW(suspend_vhca_in)] = {};
	int ret;

	MLX5_SET(suspend_vhca_in, in, opcode, MLX5_CMD_OP_SUSPEND_VHCA);
	MLX5_SET(suspend_vhca_in, in, op_mod, op_mod);
	MLX5_SET(suspend_vhca_in, in, vhca_id, vf->vhca_id);
	ret = mlx5vf_exec(&vf->pf, suspend_vhca, in, out);
	*unknown = mlx5vf_no_answer(ret, MLX5_GET(suspend_vhca_out, out, status));
	return ret;
}

static int mlx5vf_resume(struct mlx5vf *vf, u16 op_mod, bool *unknown)
{
	u32 out[MLX5_ST_SZ_DW(resume_vhca_out)] = {};
	u32 in[MLX5_ST_SZ_DW(resume_vhca_in)] = {};
	int ret;

	MLX5_SET(resume_vhca_in, in, opcode, MLX5_CMD_OP_RESUME_VHCA);
	MLX5_SET(resume_vhca_in, in, op_mod, op_mod);
	MLX5_SET(resume_vhca_in, in, vhca_id, vf->vhca_id);
	ret = mlx5vf_exec(&vf->pf, resume_vhca, in, out);
	*unknown = mlx5vf_no_answer(ret, MLX5_GET(resume_vhca_out, out, status));
	return ret;
}

/**
 * mlx5vf_run() - run of struct vfio_pci_mig_ops
 * @device: the VF
 * @from: what it does
 * @to: what it shall do; one step from @from
 * @unknown: receives whether the command got no answer
 *
 * Return: 0, or the errno of the command.
 */
int mlx5vf_run(struct vfio_pci_mig_device *device, enum vfio_pci_mig_run from,
	       enum vfio_pci_mig_run to, bool *unknown)
{
	struct mlx5vf *vf = to_mlx5vf(device);

	if (from == VFIO_PCI_MIG_RUNNING)
		return mlx5vf_suspend(vf, MLX5_SUSPEND_VHCA_IN_OP_MOD_SUSPEND_INITIATOR,
				      unknown);
	if (to == VFIO_PCI_MIG_STOPPED)
		return mlx5vf_suspend(vf, MLX5_SUSPEND_VHCA_IN_OP_MOD_SUSPEND_RESPONDER,
				      unknown);
	if (from == VFIO_PCI_MIG_STOPPED)
		return mlx5vf_resume(vf, MLX5_RESUME_VHCA_IN_OP_MOD_RESUME_RESPONDER,
				     unknown);
	return mlx5vf_resume(vf, MLX5_RESUME_VHCA_IN_OP_MOD_RESUME_INITIATOR,
			     unknown);
}

static void mlx5vf_mkey_addresses(const struct vfio_pci_mig_buf *buf,
				  __be64 *mtt)
{
	const struct vfio_pci_mig_chunk *chunk = buf->chunks;
	size_t page = 1UL << buf->page_shift;
	dma_addr_t addr;

	for (; chunk < buf->chunks + buf->nr_chunks; chunk++) {
		for (addr = chunk->dma;
		     addr < chunk->dma + (PAGE_SIZE << chunk->order);
		     addr += page)
			*mtt++ = cpu_to_be64(addr);
	}
}

/**
 * mlx5vf_mkey_create() - make memory known to the adapter
 * @pf: the PF
 * @pdn: protection domain
 * @buf: the memory, mapped; its pages are as large as the chunks allow
 * @mkey: receives the key, under which the memory starts at 0
 *
 * Return: 0, -ENOMEM, or the errno of the command.
 */
int mlx5vf_mkey_create(const struct mlx5vf_pf *pf, u32 pdn,
		       const struct vfio_pci_mig_buf *buf, u32 *mkey)
{
	size_t nr_mtts = buf->size >> buf->page_shift;
	size_t inlen = MLX5_ST_SZ_BYTES(create_mkey_in) +
		       round_up(nr_mtts, 2) * sizeof(__be64);
	u32 few[MLX5_ST_SZ_DW(create_mkey_in) + MLX5VF_FEW_DW] = {};
	u32 *in = few;
	void *mkc;
	int ret;

	if (inlen > sizeof(few))
		in = kvzalloc(inlen, GFP_KERNEL_ACCOUNT);
	if (!in)
		return -ENOMEM;

	/* An octword holds two addresses. */
	MLX5_SET(create_mkey_in, in, translations_octword_actual_size,
		 DIV_ROUND_UP(nr_mtts, 2));
	mlx5vf_mkey_addresses(buf, MLX5_ADDR_OF(create_mkey_in, in,
						klm_pas_mtt));

	mkc = MLX5_ADDR_OF(create_mkey_in, in, memory_key_mkey_entry);
	MLX5_SET(mkc, mkc, access_mode_1_0, MLX5_MKC_ACCESS_MODE_MTT);
	MLX5_SET(mkc, mkc, lr, 1);
	MLX5_SET(mkc, mkc, lw, 1);
	MLX5_SET(mkc, mkc, rr, 1);
	MLX5_SET(mkc, mkc, rw, 1);
	MLX5_SET(mkc, mkc, pd, pdn);
	MLX5_SET(mkc, mkc, qpn, 0xffffff);
	MLX5_SET(mkc, mkc, log_page_size, buf->page_shift);
	MLX5_SET(mkc, mkc, translations_octword_size, DIV_ROUND_UP(nr_mtts, 2));
	MLX5_SET64(mkc, mkc, len, buf->size);
	ret = pf->fns->core_create_mkey(pf->mdev, mkey, in, inlen);
	if (in != few)
		kvfree(in);
	return ret;
}
