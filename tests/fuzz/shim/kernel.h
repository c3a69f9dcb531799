/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of the kernel as the pure functions of this project use, in user
 * space. What the kernel has and user space has not, in linux/ and asm/ beside
 * this file, leads here.
 */
#ifndef FUZZ_SHIM_KERNEL_H
#define FUZZ_SHIM_KERNEL_H

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <linux/types.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#define __init
#define __ro_after_init
#define __printf(fmt, args)	__attribute__((format(printf, fmt, args)))

#define U32_MAX		UINT32_MAX
#define U64_MAX		UINT64_MAX
#define SZ_1K		0x400
#define SZ_4K		0x1000
#define SZ_1M		0x100000
#define PAGE_SIZE	4096UL

#define BIT(nr)			(1UL << (nr))
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define READ_ONCE(x)		(*(volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, val)	(*(volatile __typeof__(x) *)&(x) = (val))

#define check_add_overflow(a, b, sum)	__builtin_add_overflow(a, b, sum)
#define check_mul_overflow(a, b, prod)	__builtin_mul_overflow(a, b, prod)

static inline unsigned int fuzz_next_bit(unsigned long word, unsigned int size,
					 unsigned int bit)
{
	while (bit < size && !(word & BIT(bit)))
		bit++;
	return bit;
}

#define for_each_set_bit(bit, word, size) \
	for ((bit) = fuzz_next_bit(*(word), size, 0); (bit) < (size); \
	     (bit) = fuzz_next_bit(*(word), size, (bit) + 1))

/* Byte by byte, whatever the machine that fuzzes. */
static inline u64 fuzz_get_le(const void *from, unsigned int bytes)
{
	const u8 *byte = from;
	u64 val = 0;

	while (bytes--)
		val = val << 8 | byte[bytes];
	return val;
}

static inline void fuzz_put_le(u64 val, void *to, unsigned int bytes)
{
	u8 *byte = to;

	for (; bytes--; val >>= 8)
		*byte++ = val;
}

#define get_unaligned_le16(from)	((u16)fuzz_get_le(from, 2))
#define get_unaligned_le32(from)	((u32)fuzz_get_le(from, 4))
#define get_unaligned_le64(from)	fuzz_get_le(from, 8)
#define put_unaligned_le16(val, to)	fuzz_put_le(val, to, 2)
#define put_unaligned_le32(val, to)	fuzz_put_le(val, to, 4)
#define put_unaligned_le64(val, to)	fuzz_put_le(val, to, 8)

/* Equal, but for one newline at the end of either. */
static inline bool sysfs_streq(const char *a, const char *b)
{
	size_t len_a = strlen(a), len_b = strlen(b);

	if (len_a && a[len_a - 1] == '\n' && len_a == len_b + 1)
		len_a--;
	else if (len_b && b[len_b - 1] == '\n' && len_b == len_a + 1)
		len_b--;
	return len_a == len_b && !memcmp(a, b, len_a);
}

static inline __printf(3, 4) int scnprintf(char *buf, size_t size,
					   const char *fmt, ...)
{
	va_list args;
	int len;

	if (!size)
		return 0;
	va_start(args, fmt);
	len = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return (size_t)len < size ? len : (int)size - 1;
}

#endif /* FUZZ_SHIM_KERNEL_H */
