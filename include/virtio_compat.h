/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel differences of virtio's administration commands: the functions of
 * virtio_pci for them, whether the kernel's header has them or not. 6.8 has those
 * for legacy I/O, 6.14 those for device parts.
 */
#ifndef VIRTIO_COMPAT_H
#define VIRTIO_COMPAT_H

#include <linux/bits.h>
#include <linux/pci.h>
#include <linux/scatterlist.h>
#include <linux/types.h>

#ifdef HAVE_VIRTIO_PCI_ADMIN
#include <linux/virtio_pci_admin.h>
#define VIRTIO_COMPAT_WANTS	"VENDOR_VIRTIO=y"
#else
#define VIRTIO_COMPAT_WANTS	"headers of Linux 6.8 or later"
#endif

/* Declared as there, so that a header which has them is checked against this. */
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

/* Of uapi/linux/virtio_pci.h, which is too old in some kernels. */
#define VIRTIO_COMPAT_NOTIFY_OWNER_MEM	0x2	/* ..._NOTIFY_INFO_FLAGS_ */
#define VIRTIO_COMPAT_MODE_STOPPED	BIT(0)	/* ..._DEV_MODE_F_STOPPED */
#define VIRTIO_COMPAT_RESOURCE_PARTS	0	/* VIRTIO_RESOURCE_OBJ_DEV_PARTS */
#define VIRTIO_COMPAT_OBJECT_GET	0	/* ..._DEV_PARTS_TYPE_GET */
#define VIRTIO_COMPAT_OBJECT_SET	1	/* ..._DEV_PARTS_TYPE_SET */
#define VIRTIO_COMPAT_METADATA_SIZE	0	/* ..._METADATA_TYPE_SIZE */
#define VIRTIO_COMPAT_PARTS_ALL		1	/* ..._PARTS_GET_TYPE_ALL */

/**
 * struct virtio_compat_parts_head - what the data of a "parts set" begins with
 * @type: %VIRTIO_COMPAT_RESOURCE_PARTS
 * @reserved: 0
 * @id: of the object
 *
 * struct virtio_admin_cmd_resource_obj_cmd_hdr, where uapi has it.
 */
struct virtio_compat_parts_head {
	__le16 type;
	u8 reserved[2];
	__le32 id;
};

#endif /* VIRTIO_COMPAT_H */
