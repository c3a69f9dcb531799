// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver of the PF. VFs have the same ids, and are left to others.
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "../pci_mock_reset.h"
#include "virtio_mock.h"

static struct pci_driver mock_driver;

struct mock_pf *mock_pf_of(struct pci_dev *pdev, struct mock_vf **state)
{
	struct mock_pf *pf;
	int vf = pci_iov_vf_id(pdev);

	if (vf < 0 || vf >= MOCK_VFS)
		return NULL;
	pf = pci_iov_get_pf_drvdata(pdev, &mock_driver);
	if (IS_ERR_OR_NULL(pf))
		return NULL;
	*state = &pf->vf[vf];
	return pf;
}

static void mock_flr(struct work_struct *work)
{
	struct mock_vf *vf = container_of(work, struct mock_vf, flr);

	mutex_lock(&vf->pf->lock);
	vf->stopped = false;
	memset(vf->common, 0, sizeof(vf->common));
	memset(vf->device, 0, sizeof(vf->device));
	memset_io(mock_state(vf->pf, vf), 0, MOCK_STATE_SIZE);
	mutex_unlock(&vf->pf->lock);
}

static int mock_function_was_reset(struct notifier_block *nb,
				   unsigned long action, void *data)
{
	struct mock_pf *pf = container_of(nb, struct mock_pf, resets);
	int vf = pci_mock_reset_vf(data, pf->pdev);

	if (vf >= 0 && vf < MOCK_VFS)
		schedule_work(&pf->vf[vf].flr);
	return NOTIFY_DONE;
}

static void mock_vfs_init(struct mock_pf *pf)
{
	unsigned int i;

	for (i = 0; i < MOCK_VFS; i++) {
		pf->vf[i].pf = pf;
		INIT_WORK(&pf->vf[i].flr, mock_flr);
	}
}

static int mock_sriov_configure(struct pci_dev *pdev, int count)
{
	int ret;

	if (!count) {
		pci_disable_sriov(pdev);
		return 0;
	}
	if (count > MOCK_VFS)
		return -EINVAL;
	ret = pci_enable_sriov(pdev, count);
	return ret ?: count;
}

static int mock_map_bars(struct mock_pf *pf)
{
	struct resource *bars =
		&pf->pdev->resource[PCI_IOV_RESOURCES + MOCK_BAR];
	unsigned int total = pci_sriov_get_totalvfs(pf->pdev);

	if (!total || !resource_size(bars))
		return -ENODEV;
	pf->bar_size = resource_size(bars) / total;
	if (total > MOCK_VFS ||
	    pf->bar_size < MOCK_STATE_AT + MOCK_STATE_SIZE)
		return -ENODEV;
	pf->bars = ioremap(bars->start, resource_size(bars));
	return pf->bars ? 0 : -ENOMEM;
}

static int mock_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct mock_pf *pf;
	int ret;

	if (pdev->is_virtfn)
		return -ENODEV;

	pf = kzalloc(sizeof(*pf), GFP_KERNEL);
	if (!pf)
		return -ENOMEM;
	pf->pdev = pdev;
	pf->parts = true;
	pf->notify_bar = MOCK_BAR;
	pf->notify_offset = MOCK_NOTIFY_AT;
	mutex_init(&pf->lock);
	mock_vfs_init(pf);

	ret = pci_enable_device(pdev);
	if (ret)
		goto err_free;
	pci_set_master(pdev);
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64)) ?:
	      mock_map_bars(pf);
	if (ret)
		goto err_disable;
	pci_set_drvdata(pdev, pf);
	pf->resets.notifier_call = mock_function_was_reset;
	atomic_notifier_chain_register(&pci_mock_resets, &pf->resets);
	return 0;

err_disable:
	pci_disable_device(pdev);
err_free:
	kfree(pf);
	return ret;
}

/* "leaked" makes the run of a test program fail. */
static void mock_remove(struct pci_dev *pdev)
{
	struct mock_pf *pf = pci_get_drvdata(pdev);
	unsigned int vf;

	pci_disable_sriov(pdev);
	atomic_notifier_chain_unregister(&pci_mock_resets, &pf->resets);
	if (mock_objects(pf))
		pci_err(pdev, "mock: leaked %u objects\n", mock_objects(pf));
	pci_set_drvdata(pdev, NULL);
	for (vf = 0; vf < MOCK_VFS; vf++) {
		cancel_work_sync(&pf->vf[vf].flr);
		vfree(pf->vf[vf].extra);
	}
	iounmap(pf->bars);
	pci_disable_device(pdev);
	kfree(pf);
}

static const struct pci_device_id mock_ids[] = {
	{ PCI_VDEVICE(REDHAT_QUMRANET, 0x1041) },
	{ PCI_VDEVICE(REDHAT_QUMRANET, 0x1042) },
	{}
};
MODULE_DEVICE_TABLE(pci, mock_ids);

static const struct attribute_group *mock_groups[] = {
	&mock_group,
	NULL
};

static struct pci_driver mock_driver = {
	.name			= "virtio-pci-mock",
	.id_table		= mock_ids,
	.probe			= mock_probe,
	.remove			= mock_remove,
	.sriov_configure	= mock_sriov_configure,
	.dev_groups		= mock_groups,
};
module_pci_driver(mock_driver);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The vfio-pci vendor ops authors");
MODULE_DESCRIPTION("virtio_pci and a device made up by a test");
