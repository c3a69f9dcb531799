// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parser of migration streams: fed with bytes in pieces of any size, it must
 * come to what a second parser, which sees all bytes at once and knows nothing
 * of the first, makes of them.
 */
#include "../../vfio_pci/migration/stream.h"
#include "fuzz.h"
#include "vfio_pci_mig_format.h"
#include "vfio_pci_unaligned.h"

/* Small, so that inputs exceed it. */
#define MAX_IMAGE	0x100
#define IMAGE_TAG	0
#define HINT_TAG	1
#define OTHER_TAG	77

/* What a stream comes to. */
struct outcome {
	int error;
	u64 images;
	u64 image_bytes;
	bool empty;
	bool complete;
};

static const struct vfio_pci_mig_format formats[] = {
	{ true, MAX_IMAGE, IMAGE_TAG, HINT_TAG },
	{ true, MAX_IMAGE, IMAGE_TAG, IMAGE_TAG },
	{ false, MAX_IMAGE, 0, 0 },
};

static struct outcome model_framed(const struct vfio_pci_mig_format *format,
				   const u8 *data, u64 len)
{
	struct outcome out = { .empty = !len };
	bool partial = false;
	u64 at = 0, size;
	u32 flags, tag;

	while (len - at >= 16) {
		size = get_unaligned_le64(data + at);
		flags = get_unaligned_le32(data + at + 8);
		tag = get_unaligned_le32(data + at + 12);
		at += 16;
		if (size > MAX_IMAGE)
			out.error = -EFBIG;
		else if (tag != IMAGE_TAG && tag != format->hint_tag &&
			 !(flags & 1))
			out.error = -EOPNOTSUPP;
		if (out.error)
			return out;
		partial = size > len - at;
		if (tag == IMAGE_TAG)
			out.image_bytes += partial ? len - at : size;
		if (partial)
			return out;
		if (tag == IMAGE_TAG && size)
			out.images++;
		at += size;
	}

	out.complete = at == len && out.images;
	return out;
}

static struct outcome model(const struct vfio_pci_mig_format *format,
			    const u8 *data, u64 len)
{
	struct outcome out = { .empty = !len, .complete = len };

	if (format->framed)
		return model_framed(format, data, len);

	/* The parser is not asked beyond the end. */
	out.image_bytes = len < MAX_IMAGE ? len : MAX_IMAGE;
	return out;
}

static struct outcome parse(const struct vfio_pci_mig_format *format,
			    const u8 *data, u64 len, u32 seed)
{
	struct vfio_pci_mig_stream stream;
	struct outcome out = {};
	bool image, header;
	u64 bytes;
	int ret;

	vfio_pci_mig_stream_init(&stream, format);
	while (len && stream.left) {
		seed = seed * 1664525 + 1013904223;
		bytes = 1 + (seed >> 16) % (seed & 0x100 ? 500 : 7);
		bytes = bytes < len ? bytes : len;
		bytes = bytes < stream.left ? bytes : stream.left;
		image = stream.want == VFIO_PCI_MIG_WANT_IMAGE;
		header = stream.want == VFIO_PCI_MIG_WANT_HEADER;
		if (header) {
			MUST(stream.left <= VFIO_PCI_MIG_HEADER_SIZE);
			memcpy(vfio_pci_mig_stream_header(&stream), data, bytes);
		}
		MUST(header || stream.left <= MAX_IMAGE);
		MUST(header || !format->framed || stream.left <= stream.size);

		out.image_bytes += image ? bytes : 0;
		ret = vfio_pci_mig_stream_got(&stream, bytes);
		if (ret < 0) {
			out.error = ret;
			out.images = stream.images;
			return out;
		}
		MUST(ret == 0 || (ret == 1 && image));
		data += bytes;
		len -= bytes;
	}

	out.images = stream.images;
	out.empty = vfio_pci_mig_stream_empty(&stream);
	out.complete = !vfio_pci_mig_stream_missing(&stream);
	return out;
}

static void one(const u8 *data, u64 len, u32 seed)
{
	struct outcome want, got;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		want = model(&formats[i], data, len);
		got = parse(&formats[i], data, len, seed + i);
		MUST(got.error == want.error);
		MUST(got.images == want.images);
		MUST(got.image_bytes == want.image_bytes);
		MUST(got.error || got.empty == want.empty);
		MUST(got.error || got.complete == want.complete);
	}
}

int fuzz_one_input(const uint8_t *data, size_t size)
{
	u32 seed = size;
	size_t i;

	for (i = 0; i < size && i < 64; i++)
		seed = seed * 31 + data[i];
	one(data, size, seed);
	return 0;
}
