// SPDX-License-Identifier: GPL-2.0-only
/*
 * igd_opregion_parse() on any bytes. An input is the address of the OpRegion (8
 * bytes), how much of it can be read (2), then its beginning; the rest is 0.
 */
#include <ctype.h>

#include "../../vendor/igd/opregion.h"
#include "fuzz.h"
#include "kernel.h"

#define HEAD	10
#define VBT_MAX	SZ_1M

/* For the administrator: words, on one line, not too long. */
static void check_reason(const char *reason)
{
	size_t len = strlen(reason);

	MUST(len > 4 && len < 128);
	for (; *reason; reason++)
		MUST(isalnum(*reason) || strchr(" ()+.,", *reason));
}

/* What the specification says, written down once more, in another way. */
static bool is_good(const u8 *table, size_t len)
{
	u32 kib;

	if (len < IGD_OPREGION_SIZE || memcmp(table, "IntelGraphicsMem", 16))
		return false;
	kib = fuzz_get_le(table + 0x10, 4);
	return kib >= 1 && kib <= 8;
}

/* Does it tell of a VBT outside? */
static bool tells_vbt(const u8 *table)
{
	return table[0x17] >= 2 && table[0x58] & 4 &&
	       fuzz_get_le(table + 0x3ba, 8) && fuzz_get_le(table + 0x3c2, 4);
}

static bool vbt_is_good(const u8 *table, u64 addr)
{
	unsigned __int128 start, size;

	start = fuzz_get_le(table + 0x3ba, 8);
	size = fuzz_get_le(table + 0x3c2, 4);
	if (table[0x17] > 2 || table[0x16])
		start += addr;
	return size <= VBT_MAX && start >> 64 == 0 &&
	       (start + size - 1) >> 64 == 0;
}

static void check_bounds(const struct igd_opregion *found, u64 addr)
{
	MUST(found->addr == addr);
	if (!found->vbt_size) {
		MUST(!found->vbt_addr);
		MUST(found->size && found->size <= IGD_OPREGION_SIZE);
		MUST(!(found->size % SZ_1K));
		return;
	}

	MUST(found->vbt_size <= VBT_MAX);
	MUST(found->size == IGD_OPREGION_SIZE + found->vbt_size);
	MUST(found->vbt_addr + (found->vbt_size - 1) >= found->vbt_addr);
	MUST(found->version >= 0x0201);
}

static void check_vbt(const u8 *table, const struct igd_opregion *found,
		      u64 addr)
{
	bool told = tells_vbt(table);

	MUST(!!found->vbt_size == (told && vbt_is_good(table, addr)));
	MUST(!!found->vbt_fault == (told && !vbt_is_good(table, addr)));
	if (found->vbt_fault)
		check_reason(found->vbt_fault);
}

/* A guest finds in what it is shown just what the host found in memory. */
static void check_guest(const u8 *table, const struct igd_opregion *found)
{
	const u64 where = 0x7f000000;
	struct igd_opregion guest;
	u8 *shown;

	shown = malloc(IGD_OPREGION_SIZE);
	memcpy(shown, table, IGD_OPREGION_SIZE);
	put_unaligned_le16(found->version, shown + IGD_OPREGION_VERSION);
	put_unaligned_le64(found->vbt_size ? IGD_OPREGION_SIZE : 0,
			   shown + IGD_OPREGION_RVDA);

	MUST(!igd_opregion_parse(shown, IGD_OPREGION_SIZE, where, &guest));
	MUST(guest.size == found->size);
	MUST(guest.version == found->version);
	MUST(guest.vbt_size == found->vbt_size);
	if (guest.vbt_size)
		MUST(guest.vbt_addr == where + IGD_OPREGION_SIZE);
	free(shown);
}

int fuzz_one_input(const uint8_t *data, size_t size)
{
	struct igd_opregion found;
	const char *fault;
	size_t len, held;
	u64 addr;
	u8 *table;

	if (size < HEAD)
		return 0;

	/* Just as many bytes as may be read, for ASan to watch. */
	addr = get_unaligned_le64(data);
	len = get_unaligned_le16(data + 8) % (IGD_OPREGION_SIZE + 1);
	held = size - HEAD < len ? size - HEAD : len;
	table = calloc(1, len ? len : 1);
	memcpy(table, data + HEAD, held);

	fault = igd_opregion_parse(table, len, addr, &found);
	MUST(!fault == is_good(table, len));
	if (fault) {
		check_reason(fault);
	} else {
		check_vbt(table, &found, addr);
		check_bounds(&found, addr);
		check_guest(table, &found);
	}

	free(table);
	return 0;
}
