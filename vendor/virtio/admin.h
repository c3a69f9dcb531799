/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The admin functions of virtio_pci, which not every kernel has: they are looked
 * up when a device is bound, and what is missing is not offered.
 *
 * Linux 6.8 has those for legacy I/O, 6.14 those for device parts.
 */
#ifndef VFIO_PCI_VIRTIO_ADMIN_H
#define VFIO_PCI_VIRTIO_ADMIN_H

#include <linux/pci.h>
#include <linux/scatterlist.h>
#include <linux/types.h>

#ifdef HAVE_VIRTIO_PCI_ADMIN
#include <linux/virtio_pci_admin.h>
#endif

/* As in that header, where there is one; some of it depends on the config. */
bool virtio_pci_admin_has_legacy_io(struct pci_dev *pdev);
int virtio_pci_admin_legacy_common_io_write(struct pci_dev *pdev, u8 offset,
					    u8 size, u8 *buf);
int virtio_pci_admin_legacy_common_io_read(struct pci_dev *pdev, u8 offset,
					   u8 size, u8 *buf);
int virtio_pci_admin_legacy_device_io_write(struct pci_dev *pdev, u8 offset,
					    u8 size, u8 *buf);
int virtio_pci_admin_legacy_device_io_read(struct pci_dev *pdev, u8 offset,
					   u8 size, u8 *buf);
int virtio_pci_admin_legacy_io_notify_info(struct pci_dev *pdev,
					   u8 req_bar_flags, u8 *bar,
					   u64 *bar_offset);
bool virtio_pci_admin_has_dev_parts(struct pci_dev *pdev);
int virtio_pci_admin_mode_set(struct pci_dev *pdev, u8 mode);
int virtio_pci_admin_obj_create(struct pci_dev *pdev, u16 obj_type,
				u8 operation_type, u32 *obj_id);
int virtio_pci_admin_obj_destroy(struct pci_dev *pdev, u16 obj_type, u32 id);
int virtio_pci_admin_dev_parts_metadata_get(struct pci_dev *pdev, u16 obj_type,
					    u32 id, u8 metadata_type, u32 *out);
int virtio_pci_admin_dev_parts_get(struct pci_dev *pdev, u16 obj_type, u32 id,
				   u8 get_type, struct scatterlist *res_sg,
				   u32 *res_size);
int virtio_pci_admin_dev_parts_set(struct pci_dev *pdev,
				   struct scatterlist *data_sg);

/* uapi/linux/virtio_pci.h, where the kernel's is new enough to have them. */
#define VIRTIOVF_NOTIFY_OWNER_MEM	0x2	/* ..._NOTIFY_INFO_FLAGS_ */
#define VIRTIOVF_MODE_STOPPED		BIT(0)	/* ..._DEV_MODE_F_STOPPED */
#define VIRTIOVF_RESOURCE_PARTS		0	/* VIRTIO_RESOURCE_OBJ_DEV_PARTS */
#define VIRTIOVF_METADATA_SIZE		0	/* ..._METADATA_TYPE_SIZE */
#define VIRTIOVF_PARTS_ALL		1	/* ..._PARTS_GET_TYPE_ALL */

enum {
	VIRTIOVF_OBJECT_GET,	/* ..._DEV_PARTS_TYPE_GET */
	VIRTIOVF_OBJECT_SET,	/* ..._DEV_PARTS_TYPE_SET */
	VIRTIOVF_OBJECTS
};

/**
 * struct virtiovf_parts_head - what the data of a "parts set" begins with
 * @type: %VIRTIOVF_RESOURCE_PARTS
 * @reserved: 0
 * @id: of the object
 *
 * struct virtio_admin_cmd_resource_obj_cmd_hdr in uapi/linux/virtio_pci.h.
 */
struct virtiovf_parts_head {
	__le16 type;
	u8 reserved[2];
	__le32 id;
};

/**
 * struct virtiovf_admin - the functions that were found
 *
 * Each is that of virtio_pci with virtio_pci_admin_ before its name. There are
 * all of a group, or none: the first member tells.
 */
struct virtiovf_admin {
	/* private: legacy I/O */
	typeof(&virtio_pci_admin_has_legacy_io) has_legacy_io;
	typeof(&virtio_pci_admin_legacy_common_io_write) common_write;
	typeof(&virtio_pci_admin_legacy_common_io_read) common_read;
	typeof(&virtio_pci_admin_legacy_device_io_write) device_write;
	typeof(&virtio_pci_admin_legacy_device_io_read) device_read;
	typeof(&virtio_pci_admin_legacy_io_notify_info) notify_info;

	/* private: device parts */
	typeof(&virtio_pci_admin_has_dev_parts) has_dev_parts;
	typeof(&virtio_pci_admin_mode_set) mode_set;
	typeof(&virtio_pci_admin_obj_create) obj_create;
	typeof(&virtio_pci_admin_obj_destroy) obj_destroy;
	typeof(&virtio_pci_admin_dev_parts_metadata_get) metadata_get;
	typeof(&virtio_pci_admin_dev_parts_get) parts_get;
	typeof(&virtio_pci_admin_dev_parts_set) parts_set;
};

void virtiovf_admin_get(struct virtiovf_admin *admin);
void virtiovf_admin_put(struct virtiovf_admin *admin);

#endif /* VFIO_PCI_VIRTIO_ADMIN_H */
