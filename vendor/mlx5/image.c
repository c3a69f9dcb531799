// SPDX-License-Identifier: GPL-2.0-only
/*
 * Saving and loading the state of a VF. The firmware writes images of it to
 * memory, and reads them from there; they mean nothing to anybody else.
 */
#include <linux/align.h>

#include "vf.h"

/* Tags of records, as mlx5-vfio-pci of the kernel writes them. */
enum {
	MLX5VF_TAG_IMAGE	= 0,
	MLX5VF_TAG_STOP_COPY_SIZE = 1,
};

/* The size of SAVE and LOAD has 32 bits. */
#define MLX5VF_MAX_IMAGE	U32_MAX

const struct vfio_pci_mig_format mlx5vf_format = {
	.framed		= MLX5_COMPAT_FRAMED,
	.max_image	= MLX5VF_MAX_IMAGE,
	.image_tag	= MLX5VF_TAG_IMAGE,
	.hint_tag	= MLX5_COMPAT_FRAMED ? MLX5VF_TAG_STOP_COPY_SIZE :
					       MLX5VF_TAG_IMAGE,
};

/**
 * mlx5vf_pd_get() - have a protection domain for buffers
 * @vf: the VF
 *
 * It is kept as long as the device is open and the PF up, so that no command for
 * it comes between a guest that stands still and the one that goes on.
 *
 * Context: Within a callback.
 * Return: 0, or the errno of the command.
 */
static int mlx5vf_pd_get(struct mlx5vf *vf)
{
	int ret;

	if (vf->has_pd)
		return 0;

	ret = vf->pf.fns->core_alloc_pd(vf->pf.mdev, &vf->pdn);
	vf->has_pd = !ret;
	return ret;
}

/**
 * mlx5vf_put_pd() - close_device of struct vfio_pci_mig_ops
 * @device: the VF, with a protection domain or not
 *
 * The service orders this with the end of the PF, so no lock of mlx5_core is needed,
 * which is held while the PF goes up or down.
 */
void mlx5vf_put_pd(struct vfio_pci_mig_device *device)
{
	struct mlx5vf *vf = to_mlx5vf(device);

	if (vf->has_pd)
		vf->pf.fns->core_dealloc_pd(vf->pf.mdev, vf->pdn);
	vf->has_pd = false;
}

/**
 * mlx5vf_open() - open of struct vfio_pci_mig_ops
 * @device: the VF
 *
 * Without a protection domain, a session would end in ERROR: it does not begin.
 *
 * Return: 0, or the errno of the command.
 */
int mlx5vf_open(struct vfio_pci_mig_device *device)
{
	struct mlx5vf *vf = to_mlx5vf(device);

	vf->pf.fns->cmd_init_async_ctx(vf->pf.mdev, &vf->async);
	return mlx5vf_pd_get(vf);
}

/**
 * mlx5vf_attach() - attach of struct vfio_pci_mig_ops
 * @device: the VF
 * @buf: the buffer
 *
 * The first one comes when the device is opened.
 *
 * Return: 0, -ENOMEM, or the errno of the command.
 */
int mlx5vf_attach(struct vfio_pci_mig_device *device,
		  struct vfio_pci_mig_buf *buf)
{
	struct mlx5vf *vf = to_mlx5vf(device);
	int ret;

	ret = mlx5vf_pd_get(vf);
	if (ret)
		return ret;
	return mlx5vf_mkey_create(&vf->pf, vf->pdn, buf, &buf->handle);
}

/**
 * mlx5vf_detach() - detach of struct vfio_pci_mig_ops
 * @device: the VF
 * @buf: the buffer
 */
void mlx5vf_detach(struct vfio_pci_mig_device *device,
		   struct vfio_pci_mig_buf *buf)
{
	struct mlx5vf *vf = to_mlx5vf(device);

	vf->pf.fns->core_destroy_mkey(vf->pf.mdev, buf->handle);
}

/**
 * mlx5vf_query() - query of struct vfio_pci_mig_ops
 * @device: the VF
 * @flags: %VFIO_PCI_MIG_INCREMENTAL, or 0
 * @size: receives what there is to save
 *
 * Return: 0, or the errno of the command.
 */
int mlx5vf_query(struct vfio_pci_mig_device *device, unsigned int flags,
		 struct vfio_pci_mig_size *size)
{
	u32 out[MLX5_ST_SZ_DW(query_vhca_migration_state_out)] = {};
	u32 in[MLX5_ST_SZ_DW(query_vhca_migration_state_in)] = {};
	struct mlx5vf *vf = to_mlx5vf(device);
	int ret;

	MLX5_SET(query_vhca_migration_state_in, in, opcode,
		 MLX5_CMD_OP_QUERY_VHCA_MIGRATION_STATE);
	MLX5_SET(query_vhca_migration_state_in, in, vhca_id, vf->vhca_id);
	if (flags & VFIO_PCI_MIG_INCREMENTAL)
		mlx5_compat_query_incremental(in);
	if (vf->chunked)
		mlx5_compat_query_chunk(in);

	ret = mlx5vf_exec(&vf->pf, query_vhca_migration_state, in, out);
	if (ret)
		return ret;

	size->next = MLX5_GET(query_vhca_migration_state_out, out,
			      required_umem_size);
	size->total = vf->chunked ? mlx5_compat_remaining(out) : size->next;
	size->reinit = mlx5_compat_reinit(vf->pf.mdev, out);
	return 0;
}

static int mlx5vf_save_status(struct mlx5vf *vf, int status)
{
	if (status != -EREMOTEIO)
		return status;

	if (MLX5_GET(save_vhca_state_out, vf->save_out, status) ==
	    MLX5_CMD_STAT_BAD_RES_STATE_ERR)
		return -ESTALE;

	vf->pf.fns->cmd_out_err(vf->pf.mdev, MLX5_CMD_OP_SAVE_VHCA_STATE, 0,
				vf->save_out);
	return status;
}

/* Interrupt context, as a rule. */
static void mlx5vf_save_done(int status, struct mlx5_async_work *work)
{
	struct mlx5vf *vf = container_of(work, struct mlx5vf, save);

	vfio_pci_mig_fill_done(&vf->mig, mlx5vf_save_status(vf, status),
			       MLX5_GET(save_vhca_state_out, vf->save_out,
					actual_image_size),
			       vf->chunked ? mlx5_compat_next(vf->save_out) : 0);
}

/**
 * mlx5vf_fill() - fill of struct vfio_pci_mig_ops
 * @device: the VF
 * @buf: the buffer
 * @flags: VFIO_PCI_MIG_*
 *
 * The firmware ends the tracking of changes by itself when it saves a VF that
 * runs, all of it, and is not told to track.
 *
 * Return: 0, or the errno of the command.
 */
int mlx5vf_fill(struct vfio_pci_mig_device *device,
		struct vfio_pci_mig_buf *buf, unsigned int flags)
{
	u32 in[MLX5_ST_SZ_DW(save_vhca_state_in)] = {};
	struct mlx5vf *vf = to_mlx5vf(device);

	MLX5_SET(save_vhca_state_in, in, opcode, MLX5_CMD_OP_SAVE_VHCA_STATE);
	MLX5_SET(save_vhca_state_in, in, vhca_id, vf->vhca_id);
	MLX5_SET(save_vhca_state_in, in, mkey, buf->handle);
	MLX5_SET(save_vhca_state_in, in, size,
		 min_t(u64, buf->size, ALIGN_DOWN(MLX5VF_MAX_IMAGE, PAGE_SIZE)));
	mlx5_compat_save_flags(in, flags & VFIO_PCI_MIG_INCREMENTAL,
			       flags & VFIO_PCI_MIG_TRACK);

	memset(vf->save_out, 0, sizeof(vf->save_out));
	return vf->pf.fns->cmd_exec_cb(&vf->async, in, sizeof(in), vf->save_out,
				       sizeof(vf->save_out), mlx5vf_save_done,
				       &vf->save);
}

/**
 * mlx5vf_cancel() - cancel of struct vfio_pci_mig_ops
 * @device: the VF
 *
 * A command can not be taken back; mlx5_core bounds the time it takes.
 */
void mlx5vf_cancel(struct vfio_pci_mig_device *device)
{
	struct mlx5vf *vf = to_mlx5vf(device);

	vf->pf.fns->cmd_cleanup_async_ctx(&vf->async);
	vf->pf.fns->cmd_init_async_ctx(vf->pf.mdev, &vf->async);
}

/**
 * mlx5vf_load() - load of struct vfio_pci_mig_ops
 * @device: the VF
 * @buf: the image
 *
 * Return: 0, or the errno of the command.
 */
int mlx5vf_load(struct vfio_pci_mig_device *device,
		struct vfio_pci_mig_buf *buf)
{
	u32 out[MLX5_ST_SZ_DW(load_vhca_state_out)] = {};
	u32 in[MLX5_ST_SZ_DW(load_vhca_state_in)] = {};
	struct mlx5vf *vf = to_mlx5vf(device);

	MLX5_SET(load_vhca_state_in, in, opcode, MLX5_CMD_OP_LOAD_VHCA_STATE);
	MLX5_SET(load_vhca_state_in, in, vhca_id, vf->vhca_id);
	MLX5_SET(load_vhca_state_in, in, mkey, buf->handle);
	MLX5_SET(load_vhca_state_in, in, size, buf->len);
	return mlx5vf_exec(&vf->pf, load_vhca_state, in, out);
}
