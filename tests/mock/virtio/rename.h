/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where virtio_pci is built into the kernel, nothing can take the place of its
 * admin functions. There the mock has them by other names, and the drivers for the
 * tests are built with these: this is included before anything else.
 */
#ifndef VIRTIO_MOCK_RENAME_H
#define VIRTIO_MOCK_RENAME_H

/* Not defined where it is a module. */
#ifdef CONFIG_VIRTIO_PCI
#define virtio_pci_admin_has_legacy_io	\
	mock_virtio_pci_admin_has_legacy_io
#define virtio_pci_admin_legacy_common_io_write	\
	mock_virtio_pci_admin_legacy_common_io_write
#define virtio_pci_admin_legacy_common_io_read	\
	mock_virtio_pci_admin_legacy_common_io_read
#define virtio_pci_admin_legacy_device_io_write	\
	mock_virtio_pci_admin_legacy_device_io_write
#define virtio_pci_admin_legacy_device_io_read	\
	mock_virtio_pci_admin_legacy_device_io_read
#define virtio_pci_admin_legacy_io_notify_info	\
	mock_virtio_pci_admin_legacy_io_notify_info
#define virtio_pci_admin_has_dev_parts	\
	mock_virtio_pci_admin_has_dev_parts
#define virtio_pci_admin_mode_set	\
	mock_virtio_pci_admin_mode_set
#define virtio_pci_admin_obj_create	\
	mock_virtio_pci_admin_obj_create
#define virtio_pci_admin_obj_destroy	\
	mock_virtio_pci_admin_obj_destroy
#define virtio_pci_admin_dev_parts_metadata_get	\
	mock_virtio_pci_admin_dev_parts_metadata_get
#define virtio_pci_admin_dev_parts_get	\
	mock_virtio_pci_admin_dev_parts_get
#define virtio_pci_admin_dev_parts_set	\
	mock_virtio_pci_admin_dev_parts_set
#endif

#endif /* VIRTIO_MOCK_RENAME_H */
