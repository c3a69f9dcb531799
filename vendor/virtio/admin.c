// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looking up the admin functions of virtio_pci.
 */
#include <linux/kernel.h>

#include "admin.h"
#include "vfio_pci_pf_symbols.h"

/* For the places of its members. */
#define VIRTIOVF	((struct virtiovf_admin *)NULL)

static const struct vfio_pci_pf_symbol virtiovf_legacy_symbols[] = {
	VFIO_PCI_PF_SYMBOL(VIRTIOVF->has_legacy_io,
			   virtio_pci_admin_has_legacy_io),
	VFIO_PCI_PF_SYMBOL(VIRTIOVF->common_write,
			   virtio_pci_admin_legacy_common_io_write),
	VFIO_PCI_PF_SYMBOL(VIRTIOVF->common_read,
			   virtio_pci_admin_legacy_common_io_read),
	VFIO_PCI_PF_SYMBOL(VIRTIOVF->device_write,
			   virtio_pci_admin_legacy_device_io_write),
	VFIO_PCI_PF_SYMBOL(VIRTIOVF->device_read,
			   virtio_pci_admin_legacy_device_io_read),
	VFIO_PCI_PF_SYMBOL(VIRTIOVF->notify_info,
			   virtio_pci_admin_legacy_io_notify_info),
};

static const struct vfio_pci_pf_symbol virtiovf_parts_symbols[] = {
	VFIO_PCI_PF_SYMBOL(VIRTIOVF->has_dev_parts,
			   virtio_pci_admin_has_dev_parts),
	VFIO_PCI_PF_SYMBOL(VIRTIOVF->mode_set, virtio_pci_admin_mode_set),
	VFIO_PCI_PF_SYMBOL(VIRTIOVF->obj_create, virtio_pci_admin_obj_create),
	VFIO_PCI_PF_SYMBOL(VIRTIOVF->obj_destroy, virtio_pci_admin_obj_destroy),
	VFIO_PCI_PF_SYMBOL(VIRTIOVF->metadata_get,
			   virtio_pci_admin_dev_parts_metadata_get),
	VFIO_PCI_PF_SYMBOL(VIRTIOVF->parts_get, virtio_pci_admin_dev_parts_get),
	VFIO_PCI_PF_SYMBOL(VIRTIOVF->parts_set, virtio_pci_admin_dev_parts_set),
};

/**
 * virtiovf_admin_get() - find the admin functions that this kernel has
 * @admin: receives them
 *
 * Context: May sleep. Undone by virtiovf_admin_put().
 */
void virtiovf_admin_get(struct virtiovf_admin *admin)
{
	vfio_pci_pf_symbols_get(admin, virtiovf_legacy_symbols,
				ARRAY_SIZE(virtiovf_legacy_symbols));
	vfio_pci_pf_symbols_get(admin, virtiovf_parts_symbols,
				ARRAY_SIZE(virtiovf_parts_symbols));
}

/**
 * virtiovf_admin_put() - let virtio_pci go
 * @admin: from virtiovf_admin_get(), or zeroed
 */
void virtiovf_admin_put(struct virtiovf_admin *admin)
{
	vfio_pci_pf_symbols_put(admin, virtiovf_legacy_symbols,
				ARRAY_SIZE(virtiovf_legacy_symbols));
	vfio_pci_pf_symbols_put(admin, virtiovf_parts_symbols,
				ARRAY_SIZE(virtiovf_parts_symbols));
}
