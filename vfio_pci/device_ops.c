// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plain vfio-pci: the last row of the table, and what every other row inherits.
 */
#include <linux/init.h>
#include <linux/module.h>

#include "vfio_pci.h"

int vfio_pci_vendor_init_dev(struct vfio_device *core_vdev)
{
	struct vfio_pci_core_device *vdev =
		container_of(core_vdev, struct vfio_pci_core_device, vdev);

	vfio_pci_params_apply(vdev, &vfio_pci_params);
	vfio_pci_compat_share_bars(vdev);

	return vfio_pci_core_init_dev(core_vdev);
}

static int generic_open_device(struct vfio_device *core_vdev)
{
	struct vfio_pci_core_device *vdev =
		container_of(core_vdev, struct vfio_pci_core_device, vdev);
	int ret;

	ret = vfio_pci_core_enable(vdev);
	if (ret)
		return ret;

	vfio_pci_core_finish_enable(vdev);
	return 0;
}

/**
 * vfio_pci_device_ops_inherit() - fill in what a vendor did not write itself
 * @ops: device ops of a vendor
 *
 * The name must be that of the driver: vfio-pci-core writes it to the
 * driver_override of VFs whose PF is bound.
 *
 * Context: Module initialisation.
 */
void __init vfio_pci_device_ops_inherit(struct vfio_device_ops *ops)
{
	ops->name = ops->name ?: "vfio-pci";
	ops->init = ops->init ?: vfio_pci_vendor_init_dev;
	ops->release = ops->release ?: vfio_pci_core_release_dev;
	ops->open_device = ops->open_device ?: generic_open_device;
	ops->close_device = ops->close_device ?: vfio_pci_core_close_device;
	ops->read = ops->read ?: vfio_pci_core_read;
	ops->write = ops->write ?: vfio_pci_core_write;
	ops->ioctl = ops->ioctl ?: vfio_pci_core_ioctl;
	ops->mmap = ops->mmap ?: vfio_pci_core_mmap;
	ops->request = ops->request ?: vfio_pci_core_request;
	ops->match = ops->match ?: vfio_pci_core_match;
	ops->device_feature = ops->device_feature ?: vfio_pci_core_ioctl_feature;
	vfio_pci_compat_ops_inherit(ops);
}

static struct vfio_device_ops generic_device_ops __ro_after_init = { };

/*
 * Any function, but only on request. driver_data stays 0: new_id accepts its
 * two-field form only when an entry of the table has the same.
 */
const struct pci_device_id vfio_pci_ids[] = {
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_ANY_ID, PCI_ANY_ID) },
	{}
};
MODULE_DEVICE_TABLE(pci, vfio_pci_ids);

static int generic_probe(struct vfio_pci_core_device *vdev,
			 struct vfio_pci_vendor_log *log)
{
	return 0;
}

const struct vfio_pci_vendor_ops generic_vendor_ops = {
	.name		= "generic",
	.id_table	= vfio_pci_ids,
	.probe		= generic_probe,
	.device_ops	= &generic_device_ops,
};
