// SPDX-License-Identifier: GPL-2.0-only
/*
 * The OpRegion as firmware wrote it: a pure function of its bytes.
 */
#include <linux/bits.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "opregion.h"
#include "vfio_pci_unaligned.h"

static const char igd_opregion_signature[] = "IntelGraphicsMem";

#define IGD_OPREGION_2_0	0x0200
#define IGD_OPREGION_2_1	0x0201

/* RVDA and RVDS are fields of this mailbox. */
#define IGD_MAILBOX_3		BIT(2)

/*
 * The size field in the VBT's own header is 16 bits wide (struct vbt_header in
 * the i915 driver); firmware may pad the space that it sets aside.
 */
#define IGD_VBT_SIZE_MAX	SZ_1M

/* Returns NULL, or what is wrong with the VBT outside the OpRegion. */
static const char *igd_opregion_parse_vbt(const void *data,
					  struct igd_opregion *opregion)
{
	u64 rvda = get_unaligned_le64(data + IGD_OPREGION_RVDA);
	u32 rvds = get_unaligned_le32(data + IGD_OPREGION_RVDS);
	u64 end;

	if (!rvda || !rvds)
		return NULL;
	if (rvds > IGD_VBT_SIZE_MAX)
		return "has a VBT (RVDS) of more than 1 MiB";
	if (opregion->version > IGD_OPREGION_2_0 &&
	    check_add_overflow(rvda, opregion->addr, &rvda))
		return "has a VBT (RVDA) that wraps around the address space";
	if (check_add_overflow(rvda, (u64)rvds - 1, &end))
		return "has a VBT (RVDA + RVDS) that wraps around the address space";

	opregion->vbt_addr = rvda;
	opregion->vbt_size = rvds;
	return NULL;
}

/**
 * igd_opregion_drop_vbt() - show users the OpRegion alone
 * @opregion: a result of igd_opregion_parse()
 */
void igd_opregion_drop_vbt(struct igd_opregion *opregion)
{
	opregion->vbt_addr = 0;
	opregion->vbt_size = 0;
	opregion->size = opregion->bare_size;
	opregion->version = opregion->bare_version;
}

/**
 * igd_opregion_parse() - find what an OpRegion is made of
 * @data: the OpRegion
 * @len: bytes that may be read at @data
 * @addr: physical address of @data
 * @opregion: receives the result; undefined on error
 *
 * From version 2.0, where mailbox 3 is there, a VBT that does not fit in mailbox 4
 * lies elsewhere: RVDA is its absolute address in 2.0, and relative to the OpRegion
 * since. Users see it right behind the OpRegion in either case, which they find by a
 * version of at least 2.1 and an RVDA to match.
 *
 * A VBT that can not be where RVDA says does not cost users the rest: they see
 * the OpRegion without it, and @opregion->vbt_fault tells why.
 *
 * Return: NULL, or what is wrong with the OpRegion.
 */
const char *igd_opregion_parse(const void *data, size_t len, u64 addr,
			       struct igd_opregion *opregion)
{
	u32 kib, mailboxes;

	if (len < IGD_OPREGION_SIZE)
		return "is cut short";
	if (strncmp(data, igd_opregion_signature,
		    sizeof(igd_opregion_signature) - 1))
		return "has no IntelGraphicsMem signature";

	kib = get_unaligned_le32(data + IGD_OPREGION_KIB);
	if (!kib)
		return "has a size of zero";
	if (kib > IGD_OPREGION_SIZE / SZ_1K)
		return "has a size of more than 8 KiB";

	opregion->addr = addr;
	opregion->size = kib * SZ_1K;
	opregion->version = get_unaligned_le16(data + IGD_OPREGION_VERSION);
	opregion->bare_size = opregion->size;
	opregion->bare_version = opregion->version;
	opregion->vbt_fault = NULL;
	igd_opregion_drop_vbt(opregion);

	mailboxes = get_unaligned_le32(data + IGD_OPREGION_MAILBOXES);
	if (opregion->version < IGD_OPREGION_2_0 || !(mailboxes & IGD_MAILBOX_3))
		return NULL;

	opregion->vbt_fault = igd_opregion_parse_vbt(data, opregion);
	if (!opregion->vbt_size)
		return NULL;

	opregion->size = IGD_OPREGION_SIZE + opregion->vbt_size;
	if (opregion->version == IGD_OPREGION_2_0)
		opregion->version = IGD_OPREGION_2_1;

	return NULL;
}
