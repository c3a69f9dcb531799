// SPDX-License-Identifier: GPL-2.0-only
/* An init of a vendor, and the one that it calls. */

int vfio_pci_vendor_init_dev(struct vfio_device *core_vdev)
{
	return vfio_pci_core_init_dev(core_vdev);
}

static int acme_init_dev(struct vfio_device *core_vdev)
{
	return vfio_pci_vendor_init_dev(core_vdev);
}

static struct vfio_device_ops acme_device_ops __ro_after_init = {
	.init = acme_init_dev,
};
