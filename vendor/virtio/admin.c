// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looking up the admin functions of virtio_pci. Each that was found keeps the
 * module, where virtio_pci is one, until it is put back.
 */
#include <linux/module.h>

#include "admin.h"

#define virtiovf_put(function, symbol)		\
	do {					\
		if (function)			\
			symbol_put(symbol);	\
	} while (0)

static void virtiovf_legacy_put(struct virtiovf_admin *admin)
{
	virtiovf_put(admin->has_legacy_io, virtio_pci_admin_has_legacy_io);
	virtiovf_put(admin->common_write,
		     virtio_pci_admin_legacy_common_io_write);
	virtiovf_put(admin->common_read,
		     virtio_pci_admin_legacy_common_io_read);
	virtiovf_put(admin->device_write,
		     virtio_pci_admin_legacy_device_io_write);
	virtiovf_put(admin->device_read,
		     virtio_pci_admin_legacy_device_io_read);
	virtiovf_put(admin->notify_info,
		     virtio_pci_admin_legacy_io_notify_info);
	admin->has_legacy_io = NULL;
}

static void virtiovf_legacy_get(struct virtiovf_admin *admin)
{
	admin->has_legacy_io = symbol_get(virtio_pci_admin_has_legacy_io);
	admin->common_write =
		symbol_get(virtio_pci_admin_legacy_common_io_write);
	admin->common_read =
		symbol_get(virtio_pci_admin_legacy_common_io_read);
	admin->device_write =
		symbol_get(virtio_pci_admin_legacy_device_io_write);
	admin->device_read =
		symbol_get(virtio_pci_admin_legacy_device_io_read);
	admin->notify_info =
		symbol_get(virtio_pci_admin_legacy_io_notify_info);
	if (admin->has_legacy_io && admin->common_write && admin->common_read &&
	    admin->device_write && admin->device_read && admin->notify_info)
		return;

	virtiovf_legacy_put(admin);
}

static void virtiovf_parts_put(struct virtiovf_admin *admin)
{
	virtiovf_put(admin->has_dev_parts, virtio_pci_admin_has_dev_parts);
	virtiovf_put(admin->mode_set, virtio_pci_admin_mode_set);
	virtiovf_put(admin->obj_create, virtio_pci_admin_obj_create);
	virtiovf_put(admin->obj_destroy, virtio_pci_admin_obj_destroy);
	virtiovf_put(admin->metadata_get,
		     virtio_pci_admin_dev_parts_metadata_get);
	virtiovf_put(admin->parts_get, virtio_pci_admin_dev_parts_get);
	virtiovf_put(admin->parts_set, virtio_pci_admin_dev_parts_set);
	admin->has_dev_parts = NULL;
}

static void virtiovf_parts_get(struct virtiovf_admin *admin)
{
	admin->has_dev_parts = symbol_get(virtio_pci_admin_has_dev_parts);
	admin->mode_set = symbol_get(virtio_pci_admin_mode_set);
	admin->obj_create = symbol_get(virtio_pci_admin_obj_create);
	admin->obj_destroy = symbol_get(virtio_pci_admin_obj_destroy);
	admin->metadata_get =
		symbol_get(virtio_pci_admin_dev_parts_metadata_get);
	admin->parts_get = symbol_get(virtio_pci_admin_dev_parts_get);
	admin->parts_set = symbol_get(virtio_pci_admin_dev_parts_set);
	if (admin->has_dev_parts && admin->mode_set && admin->obj_create &&
	    admin->obj_destroy && admin->metadata_get && admin->parts_get &&
	    admin->parts_set)
		return;

	virtiovf_parts_put(admin);
}

/**
 * virtiovf_admin_get() - find the admin functions that this kernel has
 * @admin: receives them
 *
 * Context: May sleep. Undone by virtiovf_admin_put().
 */
void virtiovf_admin_get(struct virtiovf_admin *admin)
{
	virtiovf_legacy_get(admin);
	virtiovf_parts_get(admin);
}

/**
 * virtiovf_admin_put() - let virtio_pci go
 * @admin: from virtiovf_admin_get(), or zeroed
 */
void virtiovf_admin_put(struct virtiovf_admin *admin)
{
	if (admin->has_legacy_io)
		virtiovf_legacy_put(admin);
	if (admin->has_dev_parts)
		virtiovf_parts_put(admin);
}
