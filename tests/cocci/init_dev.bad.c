// SPDX-License-Identifier: GPL-2.0-only
/* init functions that lose the module parameters. */

static int acme_init_dev(struct vfio_device *core_vdev)
{
	struct acme_device *acme = to_acme(core_vdev);
	int ret;

	ret = vfio_pci_core_init_dev(core_vdev);	/* expect */
	if (ret)
		return ret;

	acme->ready = true;
	return 0;
}

static struct vfio_device_ops acme_device_ops __ro_after_init = {
	.init = vfio_pci_core_init_dev,	/* expect */
	.release = acme_release_dev,
};
