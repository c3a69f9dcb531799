// SPDX-License-Identifier: GPL-2.0-only
/*
 * virtio VFs: live migration, and a transitional device for old guests.
 */
#include <linux/pci.h>

#include "ids.h"
#include "vfio_pci_compat.h"
#include "virtio.h"

static int virtiovf_open_device(struct vfio_device *core_vdev)
{
	struct virtiovf *vf = core_to_virtiovf(core_vdev);
	int ret;

	ret = vfio_pci_mig_open_device(core_vdev);
	if (ret || !vf->legacy.there)
		return ret;

	ret = virtiovf_legacy_open(vf);
	if (ret)
		vfio_pci_mig_close_device(core_vdev);
	return ret;
}

static ssize_t virtiovf_read(struct vfio_device *core_vdev, char __user *buf,
			     size_t count, loff_t *ppos)
{
	struct virtiovf *vf = core_to_virtiovf(core_vdev);

	if (vf->legacy.there)
		return virtiovf_legacy_read(vf, buf, count, ppos);

	return vfio_pci_core_read(core_vdev, buf, count, ppos);
}

static ssize_t virtiovf_write(struct vfio_device *core_vdev,
			      const char __user *buf, size_t count,
			      loff_t *ppos)
{
	struct virtiovf *vf = core_to_virtiovf(core_vdev);

	if (vf->legacy.there)
		return virtiovf_legacy_write(vf, buf, count, ppos);

	return vfio_pci_core_write(core_vdev, buf, count, ppos);
}

static long virtiovf_ioctl(struct vfio_device *core_vdev, unsigned int cmd,
			   unsigned long arg)
{
	if (cmd == VFIO_DEVICE_GET_REGION_INFO)
		return vfio_pci_compat_region_info_ioctl(core_vdev, arg,
							 virtiovf_legacy_region_info);

	return vfio_pci_core_ioctl(core_vdev, cmd, arg);
}

static void virtiovf_release(struct vfio_device *core_vdev)
{
	struct virtiovf *vf = core_to_virtiovf(core_vdev);

	vfio_pci_mig_release(&vf->mig);
	virtiovf_admin_put(&vf->admin);
	mutex_destroy(&vf->legacy.lock);
	vfio_pci_core_release_dev(core_vdev);
}

static struct vfio_device_ops virtiovf_device_ops __ro_after_init = {
	.open_device	= virtiovf_open_device,
	.close_device	= vfio_pci_mig_close_device,
	.read		= virtiovf_read,
	.write		= virtiovf_write,
	.ioctl		= virtiovf_ioctl,
	VFIO_PCI_REGION_INFO(virtiovf_legacy_region_info)
	.release	= virtiovf_release,
};

static void virtiovf_probe_legacy(struct virtiovf *vf,
				  struct vfio_pci_vendor_log *log)
{
	struct pci_dev *pdev = virtiovf_pdev(vf);
	int ret;

	if (pdev->device != VIRTIOVF_ID_NET || pci_resource_flags(pdev, 0) ||
	    !vf->admin.has_legacy_io || !vf->admin.has_legacy_io(pdev))
		return;

	ret = virtiovf_legacy_init(vf);
	if (ret)
		vfio_pci_vendor_note(log,
				     "no legacy I/O: there is no place to notify queues (error %d)",
				     ret);
}

static int virtiovf_probe(struct vfio_pci_core_device *vdev,
			  struct vfio_pci_vendor_log *log)
{
	struct virtiovf *vf = core_to_virtiovf(&vdev->vdev);
	struct pci_dev *pdev = vdev->pdev;
	bool parts;

	mutex_init(&vf->legacy.lock);
	if (!pdev->is_virtfn)
		return vfio_pci_vendor_decline(log,
					       "it is not a VF, and only for VFs there are admin commands");

	virtiovf_admin_get(&vf->admin);
	if (!vf->admin.has_legacy_io && !vf->admin.has_dev_parts)
		return vfio_pci_vendor_decline(log,
					       "virtio_pci of this kernel has no admin commands for VFs, or is not loaded: bind the PF to it first");

	virtiovf_probe_legacy(vf, log);
	parts = vf->admin.has_dev_parts && vf->admin.has_dev_parts(pdev);
	if (parts)
		return virtiovf_parts_init(vf);
	if (vf->legacy.there)
		return 0;

	return vfio_pci_vendor_decline(log,
				       "the PF offers neither device parts nor legacy I/O, or is not driven by virtio_pci");
}

static void virtiovf_reset_done(struct vfio_pci_core_device *vdev)
{
	struct virtiovf *vf = core_to_virtiovf(&vdev->vdev);

	WRITE_ONCE(vf->legacy.command, 0);
	vfio_pci_mig_reset_done(vdev);
}

MODULE_DEVICE_TABLE(pci, virtiovf_ids);

const struct vfio_pci_vendor_ops virtio_vendor_ops = {
	.name		= "virtio",
	.id_table	= virtiovf_ids,
	.probe		= virtiovf_probe,
	.device_ops	= &virtiovf_device_ops,
	.device_size	= VFIO_PCI_VENDOR_DEVICE_SIZE(struct virtiovf, mig.core),
	.reset_prepare	= vfio_pci_mig_reset_prepare,
	.reset_done	= virtiovf_reset_done,
};
