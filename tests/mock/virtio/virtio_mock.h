/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtio PF and its VFs, as far as the admin commands for them go, with the
 * functions for these. It takes the place of virtio_pci, see rename.h.
 */
#ifndef VIRTIO_MOCK_H
#define VIRTIO_MOCK_H

#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/scatterlist.h>
#include <linux/workqueue.h>

/*
 * Behind its first page, BAR 2 of a VF is the state that a driver of it would
 * have made: parts get and set copy these bytes.
 */
#define MOCK_BAR		2
#define MOCK_STATE_AT		0x1000
#define MOCK_STATE_SIZE		0xf000
#define MOCK_NOTIFY_AT		0x100
#define MOCK_VFS		4

/* struct virtio_dev_part_hdr of virtio 1.4, with one part for all. */
struct mock_part {
	__le16 type;
	u8 flags;
	u8 reserved;
	__le32 offset;
	__le32 length;
	__le32 reserved2;
};

#define MOCK_PART_TYPE	0x0200	/* of the device type */

enum mock_command {
	MOCK_MODE_SET,
	MOCK_OBJ_CREATE,
	MOCK_OBJ_DESTROY,
	MOCK_METADATA,
	MOCK_PARTS_GET,
	MOCK_PARTS_SET,
	MOCK_LEGACY,
	MOCK_NOTIFY_INFO,
	MOCK_COMMANDS
};

/**
 * struct mock_vf - what the device knows of a VF
 * @pf: its PF
 * @flr: a function level reset that the PCI bus saw
 * @stopped: by mode set
 * @object: what each object is for: 1 to get, 2 to set
 * @extra: bytes of state beyond those in the BAR
 * @extra_size: how many
 * @common: legacy registers
 * @device: legacy configuration of the device
 */
struct mock_vf {
	struct mock_pf *pf;
	struct work_struct flr;
	bool stopped;
	u8 object[8];
	u8 *extra;
	u32 extra_size;
	u8 common[24];
	u8 device[16];
};

/**
 * struct mock_pf - a PF
 * @pdev: the function
 * @resets: of any function
 * @lock: guards what follows
 * @vf: its VFs
 * @bars: BAR 2 of all VFs, mapped
 * @bar_size: of one
 * @parts: it has device parts
 * @legacy: it has legacy I/O
 * @notify_bar: what notify info says
 * @notify_offset: likewise
 * @fail: errno of the next commands, by kind
 * @fail_count: how many of them
 * @commands: how many there were, by kind
 * @violations: what a driver must not do
 */
struct mock_pf {
	struct pci_dev *pdev;
	struct notifier_block resets;
	struct mutex lock; /* see above */
	struct mock_vf vf[MOCK_VFS];
	u8 __iomem *bars;
	resource_size_t bar_size;
	bool parts;
	bool legacy;
	u8 notify_bar;
	u64 notify_offset;
	int fail[MOCK_COMMANDS];
	unsigned int fail_count[MOCK_COMMANDS];
	unsigned int commands[MOCK_COMMANDS];
	unsigned int violations;
};

/* pci.c */
struct mock_pf *mock_pf_of(struct pci_dev *vf, struct mock_vf **state);

/* admin.c */
struct mock_pf *mock_begin(struct pci_dev *pdev, enum mock_command command,
			   struct mock_vf **vf);
int mock_end(struct mock_pf *pf, int ret);
int mock_violation(struct mock_pf *pf, const char *what);
unsigned int mock_objects(struct mock_pf *pf);

/* parts.c */
u8 __iomem *mock_state(struct mock_pf *pf, struct mock_vf *vf);
u32 mock_state_size(struct mock_vf *vf);
u32 mock_state_sum(struct mock_pf *pf, struct mock_vf *vf);

/* knobs.c */
extern const struct attribute_group mock_group;

/* The exports: linux/virtio_pci_admin.h of kernels that have it. */
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

#endif /* VIRTIO_MOCK_H */
