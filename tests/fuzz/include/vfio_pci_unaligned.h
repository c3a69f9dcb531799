/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FUZZ_UNALIGNED_H
#define FUZZ_UNALIGNED_H

#include <linux/types.h>

static inline u64 fuzz_get(const u8 *from, int bytes)
{
	u64 value = 0;

	while (bytes--)
		value = value << 8 | from[bytes];
	return value;
}

static inline void fuzz_put(u64 value, u8 *to, int bytes)
{
	for (; bytes--; value >>= 8)
		*to++ = value;
}

#define get_unaligned_le32(from)	((u32)fuzz_get(from, 4))
#define get_unaligned_le64(from)	fuzz_get(from, 8)
#define put_unaligned_le32(value, to)	fuzz_put(value, to, 4)
#define put_unaligned_le64(value, to)	fuzz_put(value, to, 8)

#endif
