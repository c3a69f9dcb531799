// SPDX-License-Identifier: GPL-2.0-only
/*
 * The grammar of migration streams:
 *
 *	framed := { hint | image | optional }
 *	unframed := image
 *
 * where "optional" is a record of an unknown tag that may be skipped. Flags that are
 * unknown have no meaning, as in mainline's drivers, so that streams of a later one
 * can be read. Functions
 * of their arguments: they neither allocate nor copy, so that they can be run,
 * and fuzzed, anywhere.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>

#include "stream.h"
#include "vfio_pci_mig_format.h"
#include "vfio_pci_unaligned.h"

static void vfio_pci_mig_stream_next(struct vfio_pci_mig_stream *stream)
{
	stream->want = VFIO_PCI_MIG_WANT_HEADER;
	stream->left = VFIO_PCI_MIG_HEADER_SIZE;
}

/**
 * vfio_pci_mig_stream_init() - stand at the start of a stream
 * @stream: the reader
 * @format: what the stream should look like
 */
void vfio_pci_mig_stream_init(struct vfio_pci_mig_stream *stream,
			      const struct vfio_pci_mig_format *format)
{
	memset(stream, 0, sizeof(*stream));
	stream->format = format;
	if (format->framed) {
		vfio_pci_mig_stream_next(stream);
		return;
	}

	stream->want = VFIO_PCI_MIG_WANT_IMAGE;
	stream->left = format->max_image;
}

/**
 * vfio_pci_mig_stream_header() - where the next bytes of a header go
 * @stream: a reader that wants a header
 *
 * Return: into the header; it has room for @stream->left bytes.
 */
u8 *vfio_pci_mig_stream_header(struct vfio_pci_mig_stream *stream)
{
	return stream->header + VFIO_PCI_MIG_HEADER_SIZE - stream->left;
}

static int vfio_pci_mig_stream_record(struct vfio_pci_mig_stream *stream)
{
	const struct vfio_pci_mig_format *format = stream->format;
	u64 size = get_unaligned_le64(stream->header);
	u32 flags = get_unaligned_le32(stream->header + 8);
	u32 tag = get_unaligned_le32(stream->header + 12);

	if (size > format->max_image)
		return -EFBIG;

	stream->size = size;
	stream->left = size;
	if (tag == format->image_tag) {
		stream->want = VFIO_PCI_MIG_WANT_IMAGE;
	} else {
		/* Bytes are allocated as they come, whatever a hint says. */
		if (tag != format->hint_tag &&
		    !(flags & VFIO_PCI_MIG_FLAG_OPTIONAL))
			return -EOPNOTSUPP;
		stream->want = VFIO_PCI_MIG_WANT_SKIP;
	}

	stream->begun = true;
	if (!size)
		vfio_pci_mig_stream_next(stream);
	return 0;
}

/**
 * vfio_pci_mig_stream_got() - go on by some bytes
 * @stream: the reader
 * @bytes: how many came; at most @stream->left
 *
 * Return: 1 if they complete an image of a framed stream, or else 0. -EINVAL,
 * -EOPNOTSUPP or -EFBIG for a record that does not belong there, is of an
 * unknown kind, or is too large; the stream can not be read on then.
 */
int vfio_pci_mig_stream_got(struct vfio_pci_mig_stream *stream, u64 bytes)
{
	bool image = stream->want == VFIO_PCI_MIG_WANT_IMAGE;

	stream->left -= bytes;
	if (!stream->format->framed) {
		stream->size += bytes;
		stream->begun = true;
		return 0;
	}
	if (stream->left)
		return 0;

	if (stream->want == VFIO_PCI_MIG_WANT_HEADER)
		return vfio_pci_mig_stream_record(stream);

	vfio_pci_mig_stream_next(stream);
	stream->images += image;
	return image;
}

/**
 * vfio_pci_mig_stream_empty() - has nothing come?
 * @stream: the reader
 *
 * Return: true if so.
 */
bool vfio_pci_mig_stream_empty(const struct vfio_pci_mig_stream *stream)
{
	return !stream->begun && (!stream->format->framed ||
				  stream->left == VFIO_PCI_MIG_HEADER_SIZE);
}

/**
 * vfio_pci_mig_stream_missing() - may a stream end here?
 * @stream: the reader
 *
 * Return: NULL, or what is missing.
 */
const char *vfio_pci_mig_stream_missing(const struct vfio_pci_mig_stream *stream)
{
	if (!stream->format->framed)
		return stream->size ? NULL : "it is empty";
	if (stream->want != VFIO_PCI_MIG_WANT_HEADER ||
	    stream->left != VFIO_PCI_MIG_HEADER_SIZE)
		return "it ends within a record";

	return stream->images ? NULL : "it has no image";
}

/**
 * vfio_pci_mig_header_write() - write the header of a record
 * @header: where to; VFIO_PCI_MIG_HEADER_SIZE bytes
 * @size: bytes that follow
 * @flags: VFIO_PCI_MIG_FLAG_*
 * @tag: the kind
 */
void vfio_pci_mig_header_write(u8 *header, u64 size, u32 flags, u32 tag)
{
	put_unaligned_le64(size, header);
	put_unaligned_le32(flags, header + 8);
	put_unaligned_le32(tag, header + 12);
}
