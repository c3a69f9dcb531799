// SPDX-License-Identifier: GPL-2.0-only
/* Declines with a reason, real errors, and -ENODEV where it is no decline. */
#include "vfio_pci_vendor.h"

static int elsewhere(struct pci_dev *pdev)
{
	return pdev->revision ? 0 : -ENODEV;
}

static int part(struct pci_dev *pdev, struct vfio_pci_vendor_log *log)
{
	int ret = elsewhere(pdev);

	if (ret == -ENODEV)
		return vfio_pci_vendor_decline(log, "revision 0 has no windows");
	if (ret && ret != -ENODEV)
		return ret;
	return 0;
}

static int good_probe(struct vfio_pci_core_device *vdev,
		      struct vfio_pci_vendor_log *log)
{
	if (!vdev->pdev->is_virtfn)
		return vfio_pci_vendor_decline(log, "only VFs migrate");
	if (!vdev->pdev->physfn)
		return -EPROBE_DEFER;
	return part(vdev->pdev, log);
}

static int good_open_device(struct vfio_device *core_vdev)
{
	return -ENODEV;
}

const struct vfio_pci_vendor_ops good_vendor_ops = {
	.name		= "good",
	.id_table	= good_ids,
	.probe		= good_probe,
	.device_ops	= &good_device_ops,
};
