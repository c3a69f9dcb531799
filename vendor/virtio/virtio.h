/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VF of a virtio device. What it can not do itself goes by admin commands
 * (virtio 1.3, "Administration Command") to its PF, whose driver, virtio_pci,
 * has the functions for it.
 */
#ifndef VFIO_PCI_VIRTIO_H
#define VFIO_PCI_VIRTIO_H

#include <linux/mutex.h>

#include "admin.h"
#include "vfio_pci_migration.h"
#include "vfio_pci_vendor.h"

/* One to get parts, one to set them. */
#define VIRTIOVF_OBJECTS	2

/**
 * struct virtiovf_legacy - what a transitional device has on top
 * @lock: guards what follows, and serialises admin commands for it
 * @there: the device is shown as a transitional one
 * @command: the command register as the user last wrote it
 * @bar0: the register of BAR 0, likewise
 * @notify_bar: BAR where queues are notified
 * @notify_offset: where in it
 * @notify: the same, mapped, while the device is open
 */
struct virtiovf_legacy {
	struct mutex lock; /* see above */
	bool there;
	__le16 command;
	__le32 bar0;
	u8 notify_bar;
	u64 notify_offset;
	void __iomem *notify;
};

/**
 * struct virtiovf - a VF whose PF does more for it than to make it
 * @mig: what the migration service keeps; not initialised if the PF has no
 *	device parts
 * @admin: the functions of virtio_pci
 * @session: a data file is open
 * @object: ids of the resource objects of the session, by type
 * @has_object: which of them there are
 * @saved: when the state was read last, in jiffies
 * @legacy: the transitional device
 */
struct virtiovf {
	struct vfio_pci_mig_device mig;
	struct virtiovf_admin admin;
	bool session;
	u32 object[VIRTIOVF_OBJECTS];
	bool has_object[VIRTIOVF_OBJECTS];
	unsigned long saved;
	struct virtiovf_legacy legacy;
};

static inline struct virtiovf *to_virtiovf(struct vfio_pci_mig_device *device)
{
	return container_of(device, struct virtiovf, mig);
}

static inline struct virtiovf *core_to_virtiovf(struct vfio_device *core_vdev)
{
	return container_of(core_vdev, struct virtiovf, mig.core.vdev);
}

static inline struct pci_dev *virtiovf_pdev(struct virtiovf *vf)
{
	return vf->mig.core.pdev;
}

/* parts.c */

int virtiovf_parts_init(struct virtiovf *vf);

/* legacy.c */

int virtiovf_legacy_init(struct virtiovf *vf);
int virtiovf_legacy_open(struct virtiovf *vf);
ssize_t virtiovf_legacy_read(struct virtiovf *vf, char __user *buf,
			     size_t count, loff_t *ppos);
ssize_t virtiovf_legacy_write(struct virtiovf *vf, const char __user *buf,
			      size_t count, loff_t *ppos);
int virtiovf_legacy_region_info(struct vfio_device *core_vdev,
				struct vfio_region_info *info,
				struct vfio_info_cap *caps);

#endif /* VFIO_PCI_VIRTIO_H */
