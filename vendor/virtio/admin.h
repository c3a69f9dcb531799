/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The admin functions of virtio_pci, which not every kernel has: they are looked
 * up when a device is bound, and what is missing is not offered.
 */
#ifndef VFIO_PCI_VIRTIO_ADMIN_H
#define VFIO_PCI_VIRTIO_ADMIN_H

#include "virtio_compat.h"

/**
 * struct virtiovf_admin - the functions that were found
 *
 * Each is that of virtio_pci with virtio_pci_admin_ before its name. There are
 * all of a group, or none: the first member tells.
 */
struct virtiovf_admin {
	/* private: legacy I/O */
	typeof(virtio_pci_admin_has_legacy_io) *has_legacy_io;
	typeof(virtio_pci_admin_legacy_common_io_write) *common_write;
	typeof(virtio_pci_admin_legacy_common_io_read) *common_read;
	typeof(virtio_pci_admin_legacy_device_io_write) *device_write;
	typeof(virtio_pci_admin_legacy_device_io_read) *device_read;
	typeof(virtio_pci_admin_legacy_io_notify_info) *notify_info;

	/* private: device parts */
	typeof(virtio_pci_admin_has_dev_parts) *has_dev_parts;
	typeof(virtio_pci_admin_mode_set) *mode_set;
	typeof(virtio_pci_admin_obj_create) *obj_create;
	typeof(virtio_pci_admin_obj_destroy) *obj_destroy;
	typeof(virtio_pci_admin_dev_parts_metadata_get) *metadata_get;
	typeof(virtio_pci_admin_dev_parts_get) *parts_get;
	typeof(virtio_pci_admin_dev_parts_set) *parts_set;
};

void virtiovf_admin_get(struct virtiovf_admin *admin);
void virtiovf_admin_put(struct virtiovf_admin *admin);

#endif /* VFIO_PCI_VIRTIO_ADMIN_H */
