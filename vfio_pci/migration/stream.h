/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VFIO_PCI_MIGRATION_STREAM_H
#define VFIO_PCI_MIGRATION_STREAM_H

#include <linux/types.h>

struct vfio_pci_mig_format;

#define VFIO_PCI_MIG_HEADER_SIZE	16

/* The bytes behind the header of a hint. */
#define VFIO_PCI_MIG_HINT_SIZE		8

#define VFIO_PCI_MIG_FLAG_OPTIONAL	0x1

/**
 * enum vfio_pci_mig_want - what the next bytes of a stream are
 * @VFIO_PCI_MIG_WANT_HEADER: of a header, for vfio_pci_mig_stream.header
 * @VFIO_PCI_MIG_WANT_IMAGE: of an image
 * @VFIO_PCI_MIG_WANT_SKIP: of no interest
 */
enum vfio_pci_mig_want {
	VFIO_PCI_MIG_WANT_HEADER,
	VFIO_PCI_MIG_WANT_IMAGE,
	VFIO_PCI_MIG_WANT_SKIP,
};

/**
 * struct vfio_pci_mig_stream - where in a stream its reader is
 * @format: what the stream should look like
 * @want: what comes next
 * @left: bytes of it that are missing; of an unframed stream, that may come
 * @size: bytes of the record; of an unframed stream, received
 * @images: how many are complete
 * @begun: a record, or a byte of an unframed stream, has come
 * @header: a header, as far as it has come
 */
struct vfio_pci_mig_stream {
	const struct vfio_pci_mig_format *format;
	enum vfio_pci_mig_want want;
	u64 left;
	u64 size;
	u64 images;
	bool begun;
	u8 header[VFIO_PCI_MIG_HEADER_SIZE];
};

void vfio_pci_mig_stream_init(struct vfio_pci_mig_stream *stream,
			      const struct vfio_pci_mig_format *format);
u8 *vfio_pci_mig_stream_header(struct vfio_pci_mig_stream *stream);
int vfio_pci_mig_stream_got(struct vfio_pci_mig_stream *stream, u64 bytes);
bool vfio_pci_mig_stream_empty(const struct vfio_pci_mig_stream *stream);
const char *vfio_pci_mig_stream_missing(const struct vfio_pci_mig_stream *stream);
void vfio_pci_mig_header_write(u8 *header, u64 size, u32 flags, u32 tag);

#endif /* VFIO_PCI_MIGRATION_STREAM_H */
