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
	bool (*has_legacy_io)(struct pci_dev *pdev);
	int (*common_write)(struct pci_dev *pdev, u8 offset, u8 size, u8 *buf);
	int (*common_read)(struct pci_dev *pdev, u8 offset, u8 size, u8 *buf);
	int (*device_write)(struct pci_dev *pdev, u8 offset, u8 size, u8 *buf);
	int (*device_read)(struct pci_dev *pdev, u8 offset, u8 size, u8 *buf);
	int (*notify_info)(struct pci_dev *pdev, u8 req_bar_flags, u8 *bar,
			   u64 *bar_offset);

	/* private: device parts */
	bool (*has_dev_parts)(struct pci_dev *pdev);
	int (*mode_set)(struct pci_dev *pdev, u8 mode);
	int (*obj_create)(struct pci_dev *pdev, u16 obj_type,
			  u8 operation_type, u32 *obj_id);
	int (*obj_destroy)(struct pci_dev *pdev, u16 obj_type, u32 id);
	int (*metadata_get)(struct pci_dev *pdev, u16 obj_type, u32 id,
			    u8 metadata_type, u32 *out);
	int (*parts_get)(struct pci_dev *pdev, u16 obj_type, u32 id,
			 u8 get_type, struct scatterlist *res_sg,
			 u32 *res_size);
	int (*parts_set)(struct pci_dev *pdev, struct scatterlist *data_sg);
};

void virtiovf_admin_get(struct virtiovf_admin *admin);
void virtiovf_admin_put(struct virtiovf_admin *admin);

#endif /* VFIO_PCI_VIRTIO_ADMIN_H */
