// SPDX-License-Identifier: GPL-2.0-only
/*
 * ConnectX VFs: migration, and a log of the pages they write to.
 */
#include <linux/pci.h>
#include <linux/sizes.h>

#include "ids.h"
#include "vf.h"

/* Saved at a time where the firmware saves in several steps. */
#define MLX5VF_CHUNK	SZ_4M

static const struct vfio_pci_mig_ops mlx5vf_mig_ops = {
	.format		= &mlx5vf_format,
	.run		= mlx5vf_run,
	.open		= mlx5vf_open,
	.close_device	= mlx5vf_put_pd,
	.attach		= mlx5vf_attach,
	.detach		= mlx5vf_detach,
	.query		= mlx5vf_query,
	.fill		= mlx5vf_fill,
	.cancel		= mlx5vf_cancel,
	.load		= mlx5vf_load,
	.dirty_start	= mlx5vf_track_start,
	.dirty_stop	= mlx5vf_track_stop,
	.dirty_report	= mlx5vf_track_report,
};

static struct mlx5vf *core_vdev_to_mlx5vf(struct vfio_device *core_vdev)
{
	return container_of(core_vdev, struct mlx5vf, mig.core.vdev);
}

/*
 * The firmware may give the VF another VHCA id than before. Commands with the old one
 * would reach another VF.
 */
static void mlx5vf_enabled(struct mlx5vf *vf)
{
	int ret;

	ret = mlx5vf_query_vhca_id(&vf->pf, vf->vf_id, &vf->vhca_id);
	if (ret) {
		dev_err(&vf->mig.core.pdev->dev,
			"migration: the VHCA id cannot be read: error %d; bind the VF again\n",
			ret);
		return;
	}

	vfio_pci_mig_attach(&vf->mig);
}

static int mlx5vf_event(struct notifier_block *nb, unsigned long event,
			void *data)
{
	struct mlx5vf *vf = container_of(nb, struct mlx5vf, nb);

	switch (event) {
	case MLX5_PF_NOTIFY_ENABLE_VF:
		WRITE_ONCE(vf->gone, false);
		mlx5vf_enabled(vf);
		break;
	case MLX5_PF_NOTIFY_DISABLE_VF:
		WRITE_ONCE(vf->gone, true);
		complete(&vf->track_event);
		vfio_pci_mig_detach(&vf->mig);
		break;
	}

	return NOTIFY_OK;
}

static int mlx5vf_listen(struct mlx5vf *vf)
{
	int ret;

	init_completion(&vf->track_event);
	vf->nb.notifier_call = mlx5vf_event;
	ret = vf->pf.fns->sriov_blocking_notifier_register(vf->pf.mdev,
							   vf->vf_id, &vf->nb);
	if (ret)
		vf->nb.notifier_call = NULL;
	return ret;
}

/* What the firmware refuses to tell is a reason; that memory is short is not. */
static int mlx5vf_probe_failed(struct vfio_pci_vendor_log *log,
			       const char *what, int error)
{
	if (error == -ENOMEM)
		return error;

	return vfio_pci_vendor_decline(log,
				       "the firmware does not tell %s of the VF (error %d)",
				       what, error);
}

static int mlx5vf_probe_caps(struct mlx5vf *vf, struct vfio_pci_vendor_log *log)
{
	bool migratable;
	int ret;

	if (!MLX5_CAP_GEN(vf->pf.mdev, migration) ||
	    !mlx5_compat_multi_load(vf->pf.mdev))
		return vfio_pci_vendor_decline(log,
					       "the firmware of the PF has no migration of VFs: update it, or enable it there");

	ret = mlx5vf_query_migratable(&vf->pf, vf->vf_id, &migratable);
	if (ret)
		return mlx5vf_probe_failed(log, "the capabilities", ret);
	if (!migratable)
		return vfio_pci_vendor_decline(log,
					       "the VF is not marked migratable: devlink port function set PORT migratable enable, then bind again");

	ret = mlx5vf_query_vhca_id(&vf->pf, vf->vf_id, &vf->vhca_id);
	if (ret)
		return mlx5vf_probe_failed(log, "the VHCA id", ret);

	vf->chunked = mlx5_compat_in_chunks(vf->pf.mdev);
	return 0;
}

static int mlx5vf_probe_up(struct mlx5vf *vf, struct vfio_pci_vendor_log *log)
{
	struct vfio_pci_mig_caps caps = {
		.flags		= VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P |
				  (MLX5_COMPAT_FRAMED ? VFIO_MIGRATION_PRE_COPY : 0),
		.dma_dev	= vf->pf.mdev->device,
		.dirty_log	= mlx5vf_can_track(&vf->pf),
	};
	int ret;

	ret = mlx5vf_probe_caps(vf, log);
	if (ret)
		return ret;

	if (vf->chunked)
		caps.chunk = MLX5VF_CHUNK;
	ret = vfio_pci_mig_init(&vf->mig, &mlx5vf_mig_ops, &caps);
	if (ret)
		return ret;

	ret = mlx5vf_listen(vf);
	if (ret && ret != -ENOMEM)
		return vfio_pci_vendor_decline(log,
					       "mlx5_core does not tell when the VF goes down (error %d)",
					       ret);

	return ret;
}

static int mlx5vf_probe(struct vfio_pci_core_device *vdev,
			struct vfio_pci_vendor_log *log)
{
	struct mlx5vf *vf = container_of(vdev, struct mlx5vf, mig.core);
	int ret;

	vf->vf_id = pci_iov_vf_id(vdev->pdev);
	if (vf->vf_id < 0)
		return vfio_pci_vendor_decline(log,
					       "it is not a VF, and only VFs are migrated");

	ret = mlx5vf_core_get(&vf->pf, vdev->pdev, log);
	if (ret)
		return ret;

	/* Also keeps the PF from going down until it is put back. */
	vf->pf.mdev = vf->pf.fns->vf_get_core_dev(vdev->pdev);
	if (!vf->pf.mdev)
		return vfio_pci_vendor_decline(log, MLX5VF_NO_PF);

	ret = mlx5vf_probe_up(vf, log);
	vf->pf.fns->vf_put_core_dev(vf->pf.mdev);
	return ret;
}

static int mlx5vf_open_device(struct vfio_device *core_vdev)
{
	struct mlx5vf *vf = core_vdev_to_mlx5vf(core_vdev);
	int ret;

	ret = vfio_pci_mig_open_device(core_vdev);
	if (ret)
		return ret;

	vfio_pci_mig_preallocate(&vf->mig);
	return 0;
}

static void mlx5vf_release(struct vfio_device *core_vdev)
{
	struct mlx5vf *vf = core_vdev_to_mlx5vf(core_vdev);

	if (vf->nb.notifier_call)
		vf->pf.fns->sriov_blocking_notifier_unregister(vf->pf.mdev,
							       vf->vf_id,
							       &vf->nb);
	vfio_pci_mig_release(&vf->mig);
	mlx5vf_core_put(&vf->pf);
	vfio_pci_core_release_dev(core_vdev);
}

static struct vfio_device_ops mlx5vf_device_ops __ro_after_init = {
	.open_device	= mlx5vf_open_device,
	.close_device	= vfio_pci_mig_close_device,
	.release	= mlx5vf_release,
};

MODULE_DEVICE_TABLE(pci, mlx5vf_ids);

const struct vfio_pci_vendor_ops mlx5_vendor_ops = {
	.name		= "mlx5",
	.id_table	= mlx5vf_ids,
	.probe		= mlx5vf_probe,
	.device_ops	= &mlx5vf_device_ops,
	.device_size	= VFIO_PCI_VENDOR_DEVICE_SIZE(struct mlx5vf, mig.core),
	.reset_prepare	= vfio_pci_mig_reset_prepare,
	.reset_done	= vfio_pci_mig_reset_done,
};
