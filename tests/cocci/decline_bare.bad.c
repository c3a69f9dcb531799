// SPDX-License-Identifier: GPL-2.0-only
/* Ways to decline without a reason. */
#include "vfio_pci_vendor.h"

static int part(struct pci_dev *pdev, struct vfio_pci_vendor_log *log)
{
	if (!pdev->revision)
		return -ENODEV; /* expect */
	return 0;
}

static int plain_probe(struct vfio_pci_core_device *vdev,
		       struct vfio_pci_vendor_log *log)
{
	int ret;

	if (vdev->pdev->is_virtfn)
		return -ENODEV; /* expect */

	ret = part(vdev->pdev, log);
	if (ret == -EIO)
		ret = -ENODEV; /* expect */
	if (ret)
		goto out;

	ret = vdev->pdev->is_physfn ? 0 : -ENODEV; /* expect */
out:
	return ret;
}

static int early_probe(struct vfio_pci_core_device *vdev,
		       struct vfio_pci_vendor_log *unused)
{
	int ret = -ENODEV; /* expect */

	return ret;
}

const struct vfio_pci_vendor_ops plain_vendor_ops = {
	.name		= "plain",
	.id_table	= plain_ids,
	.probe		= plain_probe,
	.device_ops	= &plain_device_ops,
};

static struct vfio_pci_vendor_ops early_vendor_ops = {
	.probe		= early_probe,
	.id_table	= early_ids,
	.name		= "early",
};
