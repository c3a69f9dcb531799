/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the migration streams of a device look like; apart from the rest of the
 * contract, for the sake of programs that parse them.
 */
#ifndef VFIO_PCI_MIG_FORMAT_H
#define VFIO_PCI_MIG_FORMAT_H

#include <linux/types.h>

/**
 * struct vfio_pci_mig_format - what a stream looks like; wire ABI
 * @framed: a sequence of records, each behind a header of 16 bytes: le64 bytes
 *	that follow, le32 flags, le32 tag. Bit 0 of the flags: whoever does not
 *	know the tag may skip the record. Otherwise the stream is one image.
 * @max_image: most bytes that an image, or a record to be skipped, may have
 * @image_tag: tag of the records that hold images
 * @hint_tag: tag of an optional record at the start: le64 bytes that the
 *	largest image is expected to have. Equal to @image_tag: there is none.
 */
struct vfio_pci_mig_format {
	bool framed;
	u64 max_image;
	u32 image_tag;
	u32 hint_tag;
};

#endif /* VFIO_PCI_MIG_FORMAT_H */
