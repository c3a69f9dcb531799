// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parser of migration streams, in user space: fed with bytes in pieces of
 * any size, it must come to what a second parser, which sees all bytes at once
 * and knows nothing of the first, makes of them.
 *
 * Built with -fsanitize=fuzzer, libFuzzer drives it; otherwise it makes up
 * streams itself: "stream_fuzz ROUNDS", TAP.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"
#include "vfio_pci_mig_format.h"
#include "vfio_pci_unaligned.h"

#define MAX_IMAGE	0x1000
#define IMAGE_TAG	0
#define HINT_TAG	1
#define OTHER_TAG	77

#define CHECK(what) \
	do { \
		if (!(what)) { \
			printf("# line %d: %s\n", __LINE__, #what); \
			fflush(stdout); \
			abort(); \
		} \
	} while (0)

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
	bool first = true, partial = false;
	u64 at = 0, size;
	u32 flags, tag;

	while (len - at >= 16) {
		size = get_unaligned_le64(data + at);
		flags = get_unaligned_le32(data + at + 8);
		tag = get_unaligned_le32(data + at + 12);
		at += 16;
		if (flags > 1)
			out.error = -EOPNOTSUPP;
		else if (size > MAX_IMAGE)
			out.error = -EFBIG;
		else if (tag == HINT_TAG && format->hint_tag == HINT_TAG)
			out.error = first && size == 8 ? 0 : -EINVAL;
		else if (tag != IMAGE_TAG && !flags)
			out.error = -EOPNOTSUPP;
		if (out.error)
			return out;
		first = false;
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
		bytes = 1 + (seed >> 16) % (seed & 0x100 ? 5000 : 7);
		bytes = bytes < len ? bytes : len;
		bytes = bytes < stream.left ? bytes : stream.left;
		image = stream.want == VFIO_PCI_MIG_WANT_IMAGE;
		header = stream.want == VFIO_PCI_MIG_WANT_HEADER;
		if (header) {
			CHECK(stream.left <= VFIO_PCI_MIG_HEADER_SIZE);
			memcpy(vfio_pci_mig_stream_header(&stream), data, bytes);
		}
		CHECK(header || stream.left <= MAX_IMAGE);
		CHECK(header || !format->framed || stream.left <= stream.size);

		out.image_bytes += image ? bytes : 0;
		ret = vfio_pci_mig_stream_got(&stream, bytes);
		if (ret < 0) {
			out.error = ret;
			out.images = stream.images;
			return out;
		}
		CHECK(ret == 0 || (ret == 1 && image));
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

	for (i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		want = model(&formats[i], data, len);
		got = parse(&formats[i], data, len, seed + i);
		CHECK(got.error == want.error);
		CHECK(got.images == want.images);
		CHECK(got.image_bytes == want.image_bytes);
		CHECK(got.error || got.empty == want.empty);
		CHECK(got.error || got.complete == want.complete);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	u32 seed = len;
	size_t i;

	for (i = 0; i < len && i < 64; i++)
		seed = seed * 31 + data[i];
	one(data, len, seed);
	return 0;
}

#ifndef STREAM_FUZZ_LIBFUZZER

static u64 some(u64 below)
{
	static u64 state = 88172645463325252;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

static u64 make_record(u8 *to, u64 room, bool first)
{
	static const u32 tags[] = { IMAGE_TAG, IMAGE_TAG, HINT_TAG, OTHER_TAG };
	u32 tag = first && some(2) ? HINT_TAG : tags[some(4)];
	u64 size = tag == HINT_TAG ? 8 : some(3) ? some(64) : some(MAX_IMAGE + 1);
	u64 i;

	if (size + VFIO_PCI_MIG_HEADER_SIZE > room)
		return 0;
	vfio_pci_mig_header_write(to, size, tag != IMAGE_TAG, tag);
	for (i = 0; i < size; i++)
		to[VFIO_PCI_MIG_HEADER_SIZE + i] = some(256);
	return size + VFIO_PCI_MIG_HEADER_SIZE;
}

/* A good stream, and then, most times, not so good any more. */
static u64 make_stream(u8 *data, u64 room)
{
	u64 len = 0, records = some(6), i;

	for (i = 0; i < records; i++)
		len += make_record(data + len, room - len, !i);
	if (len && some(3) == 0)
		len -= some(len < 40 ? len : 40);
	for (i = some(4); len && i; i--)
		data[some(len < 48 ? len : 48)] ^= 1 << some(8);
	return len;
}

int main(int argc, char **argv)
{
	static u8 data[6 * (MAX_IMAGE + VFIO_PCI_MIG_HEADER_SIZE)];
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
	unsigned long complete = 0, refused = 0, i;
	struct outcome out;
	u64 len;

	printf("TAP version 13\n1..1\n");
	for (i = 0; i < rounds; i++) {
		len = make_stream(data, sizeof(data));
		one(data, len, some(1UL << 32));
		out = model(&formats[0], data, len);
		complete += out.complete && !out.error;
		refused += !!out.error;
	}

	printf("# %lu streams: %lu complete, %lu refused, the rest cut short\n",
	       rounds, complete, refused);
	/* Made up badly, they would show nothing. */
	if (complete < rounds / 20 || refused < rounds / 20) {
		printf("not ok 1 stream parser\n");
		return 1;
	}
	printf("ok 1 stream parser\n");
	return 0;
}

#endif
