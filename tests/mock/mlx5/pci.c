// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver of the physical function: VFs, and what their drivers are told.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "../pci_mock_reset.h"
#include "mlx5_mock.h"

static struct pci_driver mock_driver;

struct mlx5_core_dev *mlx5_vf_get_core_dev(struct pci_dev *pdev)
{
	struct mlx5_core_dev *mdev = pci_iov_get_pf_drvdata(pdev, &mock_driver);

	if (IS_ERR_OR_NULL(mdev))
		return NULL;

	mutex_lock(&mdev->intf_state_mutex);
	if (test_bit(MLX5_INTERFACE_STATE_UP, &mdev->intf_state))
		return mdev;
	mutex_unlock(&mdev->intf_state_mutex);
	return NULL;
}
EXPORT_SYMBOL(mlx5_vf_get_core_dev);

void mlx5_vf_put_core_dev(struct mlx5_core_dev *mdev)
{
	mutex_unlock(&mdev->intf_state_mutex);
}
EXPORT_SYMBOL(mlx5_vf_put_core_dev);

static struct blocking_notifier_head *mock_chain(struct mlx5_core_dev *mdev,
						 int vf_id)
{
	struct mlx5_core_sriov *sriov = &mdev->priv.sriov;

	if (vf_id < 0 || vf_id >= sriov->num_vfs)
		return NULL;
	return &sriov->vfs_ctx[vf_id].notifier;
}

int mlx5_sriov_blocking_notifier_register(struct mlx5_core_dev *mdev, int vf_id,
					  struct notifier_block *nb)
{
	struct blocking_notifier_head *chain = mock_chain(mdev, vf_id);

	if (!chain || READ_ONCE(mock_hca_of(mdev)->deaf))
		return -EINVAL;
	return blocking_notifier_chain_register(chain, nb);
}
EXPORT_SYMBOL(mlx5_sriov_blocking_notifier_register);

void mlx5_sriov_blocking_notifier_unregister(struct mlx5_core_dev *mdev,
					     int vf_id,
					     struct notifier_block *nb)
{
	struct blocking_notifier_head *chain = mock_chain(mdev, vf_id);

	if (!chain) {
		mock_violation(mock_hca_of(mdev), "notifier of VF %d", vf_id);
		return;
	}
	blocking_notifier_chain_unregister(chain, nb);
}
EXPORT_SYMBOL(mlx5_sriov_blocking_notifier_unregister);

static void mock_notify(struct mock_hca *hca, unsigned long event)
{
	struct mlx5_core_sriov *sriov = &hca->mdev.priv.sriov;
	int i;

	for (i = 0; i < sriov->num_vfs; i++)
		blocking_notifier_call_chain(&sriov->vfs_ctx[i].notifier, event,
					     &hca->mdev);
}

/*
 * As a firmware reset, or devlink reload: the VFs stay, the PF is away. Drivers of
 * VFs are told with the lock held, as by mlx5_core.
 */
int mock_hca_up(struct mock_hca *hca, bool up)
{
	if (hca->up == up)
		return 0;

	mutex_lock(&hca->mdev.intf_state_mutex);
	if (up) {
		WRITE_ONCE(hca->up, true);
		mock_notify(hca, MLX5_PF_NOTIFY_ENABLE_VF);
		set_bit(MLX5_INTERFACE_STATE_UP, &hca->mdev.intf_state);
	} else {
		clear_bit(MLX5_INTERFACE_STATE_UP, &hca->mdev.intf_state);
		mock_notify(hca, MLX5_PF_NOTIFY_DISABLE_VF);
		WRITE_ONCE(hca->up, false);
	}
	mutex_unlock(&hca->mdev.intf_state_mutex);
	return 0;
}

static void mock_sriov_disable(struct mock_hca *hca)
{
	pci_disable_sriov(hca->pdev);
	mock_notify(hca, MLX5_PF_NOTIFY_DISABLE_VF);
	hca->mdev.priv.sriov.num_vfs = 0;
}

static int mock_sriov_configure(struct pci_dev *pdev, int count)
{
	struct mock_hca *hca = mock_hca_of(pci_get_drvdata(pdev));
	int i, ret;

	if (!count) {
		mock_sriov_disable(hca);
		return 0;
	}

	hca->mdev.priv.sriov.num_vfs = count;
	mock_notify(hca, MLX5_PF_NOTIFY_ENABLE_VF);
	for (i = 0; i < count; i++)
		mock_vhca_reset(&hca->vhcas[i]);
	ret = pci_enable_sriov(pdev, count);
	if (ret) {
		mock_sriov_disable(hca);
		return ret;
	}
	return count;
}

static int mock_function_was_reset(struct notifier_block *nb,
				   unsigned long action, void *data)
{
	struct mock_hca *hca = container_of(nb, struct mock_hca, resets);
	int vf = pci_mock_reset_vf(data, hca->pdev);

	if (vf >= 0 && vf < hca->total)
		queue_work(hca->work, &hca->vhcas[vf].flr);
	return NOTIFY_DONE;
}

static int mock_vhcas_alloc(struct mock_hca *hca)
{
	struct resource *bars = &hca->pdev->resource[PCI_IOV_RESOURCES];
	struct mlx5_core_sriov *sriov = &hca->mdev.priv.sriov;
	unsigned int total = pci_sriov_get_totalvfs(hca->pdev);
	unsigned int i;
	int ret;

	if (!total || !resource_size(bars))
		return 0;

	sriov->vfs_ctx = kcalloc(total, sizeof(*sriov->vfs_ctx), GFP_KERNEL);
	hca->vhcas = kcalloc(total, sizeof(*hca->vhcas), GFP_KERNEL);
	hca->bars = ioremap(bars->start, resource_size(bars));
	if (!sriov->vfs_ctx || !hca->vhcas || !hca->bars)
		return -ENOMEM;

	hca->total = total;
	hca->bar_size = resource_size(bars) / total;
	for (i = 0; i < total; i++) {
		BLOCKING_INIT_NOTIFIER_HEAD(&sriov->vfs_ctx[i].notifier);
		ret = mock_vhca_init(hca, i);
		if (ret)
			return ret;
	}
	return 0;
}

static void mock_vhcas_free(struct mock_hca *hca)
{
	unsigned int i;

	for (i = 0; i < hca->total; i++)
		mock_vhca_free(&hca->vhcas[i]);
	if (hca->bars)
		iounmap(hca->bars);
	kfree(hca->vhcas);
	kfree(hca->mdev.priv.sriov.vfs_ctx);
}

static void mock_hca_free(struct mock_hca *hca)
{
	if (hca->work)
		destroy_workqueue(hca->work);
	mock_vhcas_free(hca);
	mock_caps_free(hca);
	free_page((unsigned long)(void __force *)hca->uar.map);
	xa_destroy(&hca->mkeys);
	xa_destroy(&hca->objects);
	kvfree(hca);
}

static struct mock_hca *mock_hca_alloc(struct pci_dev *pdev)
{
	struct mock_hca *hca = kvzalloc(sizeof(*hca), GFP_KERNEL);
	unsigned int i;

	if (!hca)
		return NULL;

	hca->pdev = pdev;
	hca->chunk = SZ_1M;
	hca->mdev.pdev = pdev;
	hca->mdev.device = &pdev->dev;
	hca->mdev.priv.numa_node = dev_to_node(&pdev->dev);
	mutex_init(&hca->lock);
	mutex_init(&hca->mdev.intf_state_mutex);
	init_waitqueue_head(&hca->hold_wait);
	xa_init_flags(&hca->objects, XA_FLAGS_ALLOC1);
	xa_init_flags(&hca->mkeys, XA_FLAGS_ALLOC1);
	for (i = 0; i < MOCK_EVENTS; i++)
		ATOMIC_INIT_NOTIFIER_HEAD(&hca->events[i]);
	hca->uar.map = (void __iomem __force *)get_zeroed_page(GFP_KERNEL);
	hca->work = alloc_workqueue("mlx5_mock", WQ_UNBOUND, 0);
	if (!hca->uar.map || !hca->work || mock_caps_alloc(hca) ||
	    mock_vhcas_alloc(hca)) {
		mock_hca_free(hca);
		return NULL;
	}
	return hca;
}

static int mock_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct mock_hca *hca;
	int ret;

	ret = pci_enable_device(pdev);
	if (ret)
		return ret;
	pci_set_master(pdev);
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (ret)
		goto disable;

	ret = -ENOMEM;
	hca = mock_hca_alloc(pdev);
	if (!hca)
		goto disable;
	hca->resets.notifier_call = mock_function_was_reset;
	atomic_notifier_chain_register(&pci_mock_resets, &hca->resets);
	pci_set_drvdata(pdev, &hca->mdev);
	mock_hca_up(hca, true);
	return 0;

disable:
	pci_disable_device(pdev);
	return ret;
}

/* "leaked" makes the run of a test program fail. */
static void mock_remove(struct pci_dev *pdev)
{
	struct mock_hca *hca = mock_hca_of(pci_get_drvdata(pdev));
	struct mock_mkey *key;
	unsigned long index;

	mock_sriov_disable(hca);
	mock_hca_up(hca, false);
	atomic_notifier_chain_unregister(&pci_mock_resets, &hca->resets);
	if (mock_queue_count(hca) || !xa_empty(&hca->mkeys))
		pci_err(pdev, "mock: leaked firmware objects: %u, and mkeys\n",
			mock_queue_count(hca));
	mock_track_free_all(hca);
	mock_queue_free_all(hca);
	xa_for_each(&hca->mkeys, index, key)
		kvfree(key);
	pci_set_drvdata(pdev, NULL);
	mock_hca_free(hca);
	pci_disable_device(pdev);
}

static const struct pci_device_id mock_ids[] = {
	{ PCI_VDEVICE(MELLANOX, 0x101d) },	/* ConnectX-6 Dx */
	{}
};
MODULE_DEVICE_TABLE(pci, mock_ids);

static const struct attribute_group *mock_groups[] = {
	&mock_caps_group,
	&mock_knobs_group,
	NULL
};

static struct pci_driver mock_driver = {
	.name			= "mlx5_core",
	.id_table		= mock_ids,
	.probe			= mock_probe,
	.remove			= mock_remove,
	.sriov_configure	= mock_sriov_configure,
	.dev_groups		= mock_groups,
};

static unsigned int linger;
module_param(linger, uint, 0444);
MODULE_PARM_DESC(linger, "milliseconds that loading takes once the driver is registered");

static int __init mock_init(void)
{
	int ret;

	ret = pci_register_driver(&mock_driver);
	if (!ret && linger)
		msleep(linger);
	return ret;
}
module_init(mock_init);

static void __exit mock_exit(void)
{
	pci_unregister_driver(&mock_driver);
}
module_exit(mock_exit);

/* As the one of the kernel; the build makes a copy that does not say so. */
MODULE_INFO(intree, "Y");
MODULE_LICENSE("GPL");
MODULE_AUTHOR("The vfio-pci vendor ops authors");
MODULE_DESCRIPTION("mlx5_core and a firmware made up by a test");
