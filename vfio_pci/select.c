// SPDX-License-Identifier: GPL-2.0-only
/*
 * Selection: walk the vendor table for a function and make the device that the
 * first vendor to claim it asked for.
 */
#include <linux/err.h>
#include <linux/slab.h>

#include "vfio_pci.h"

/* _vfio_alloc_device() wants the vfio_device at the start of the structure. */
static_assert(offsetof(struct vfio_pci_core_device, vdev) == 0);

static struct vfio_pci_core_device *
vfio_pci_try_vendor(struct pci_dev *pdev, const struct vfio_pci_vendor_ops *ops,
		    struct vfio_pci_vendor_log *log)
{
	struct vfio_pci_core_device *vdev;
	struct vfio_device *core_vdev;
	size_t size = sizeof(*vdev);
	int ret;

	if (ops->built_out)
		return ERR_PTR(vfio_pci_vendor_decline(log,
						       "built without %s: rebuild with %s",
						       ops->name,
						       ops->built_out));

	if (ops->device_size)
		size = ops->device_size;

	core_vdev = _vfio_alloc_device(size, &pdev->dev, ops->device_ops);
	if (IS_ERR(core_vdev))
		return ERR_CAST(core_vdev);

	vdev = container_of(core_vdev, struct vfio_pci_core_device, vdev);
	ret = ops->probe(vdev, log);
	if (ret) {
		vfio_put_device(core_vdev);
		return ERR_PTR(ret);
	}

	return vdev;
}

static struct vfio_pci_core_device *
vfio_pci_walk_table(struct pci_dev *pdev, struct vfio_pci_policy policy,
		    struct vfio_pci_vendor_log *log)
{
	const struct vfio_pci_vendor_ops *ops;
	struct vfio_pci_core_device *vdev;
	const char *verdict;
	unsigned int row;

	for (row = 0; row < vfio_pci_vendor_count - 1; row++) {
		ops = vfio_pci_vendor_table[row];

		/*
		 * Not by the id that the driver core matched: dynamic ids and
		 * driver_override must not bring a vendor any other device.
		 */
		if (!pci_match_id(ops->id_table, pdev))
			continue;

		verdict = "disabled";
		if (vfio_pci_policy_allows(policy, row)) {
			vdev = vfio_pci_try_vendor(pdev, ops, log);
			if (vdev != ERR_PTR(-ENODEV))
				goto out_selected;
			verdict = "declined";
		}

		vfio_pci_log_candidate(log, ops->name, verdict);
	}

	ops = vfio_pci_vendor_table[row];
	vdev = vfio_pci_try_vendor(pdev, ops, log);
	if (!log->text)
		return vdev;

out_selected:
	if (!IS_ERR(vdev))
		vfio_pci_log_candidate(log, ops->name, "selected");
	return vdev;
}

static struct vfio_pci_core_device *
vfio_pci_select_plain(struct pci_dev *pdev, struct vfio_pci_vendor_log *log)
{
	vfio_pci_vendor_note(log, "vendor_ops=off");
	vfio_pci_log_candidate(log, generic_vendor_ops.name, "selected");

	return vfio_pci_try_vendor(pdev, &generic_vendor_ops, log);
}

/**
 * vfio_pci_select() - find the vendor for a function and make its device
 * @pdev: the function
 * @policy: the vendor_ops parameter, as of this bind
 *
 * Publishes vendor_ops_log.
 *
 * Context: Probe of the function, with its device lock held; may sleep.
 * Return: the device, not registered, to be released by vfio_put_device(); or
 * an ERR_PTR: -ENOMEM, or the errno other than -ENODEV of a vendor's probe.
 */
struct vfio_pci_core_device *vfio_pci_select(struct pci_dev *pdev,
					     struct vfio_pci_policy policy)
{
	struct vfio_pci_vendor_log log = {};
	struct vfio_pci_core_device *vdev;
	int ret;

	if (policy.mode == VFIO_PCI_POLICY_OFF)
		vdev = vfio_pci_select_plain(pdev, &log);
	else
		vdev = vfio_pci_walk_table(pdev, policy, &log);

	if (!IS_ERR(vdev)) {
		ret = vfio_pci_log_publish(&log, pdev);
		if (ret) {
			vfio_put_device(&vdev->vdev);
			vdev = ERR_PTR(ret);
		}
	}

	kfree(log.text);
	return vdev;
}
