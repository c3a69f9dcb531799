/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VFIO_PCI_IGD_OPREGION_H
#define VFIO_PCI_IGD_OPREGION_H

#include <linux/types.h>

/*
 * Layout: Intel Integrated Graphics Device OpRegion Specification, "OpRegion
 * Header" and "Mailbox 3". All fields are little-endian.
 */
#define IGD_OPREGION_SIZE	0x2000	/* bytes, header and mailboxes */
#define IGD_OPREGION_KIB	0x10	/* u32: size in KiB, header included */
#define IGD_OPREGION_VERSION	0x16	/* u16: minor, then major */
#define IGD_OPREGION_MAILBOXES	0x58	/* u32: a bit for each that is there */
#define IGD_OPREGION_RVDA	0x3ba	/* u64: address of the raw VBT */
#define IGD_OPREGION_RVDS	0x3c2	/* u32: its size in bytes */

/**
 * struct igd_opregion - where an OpRegion and its VBT are
 * @addr: physical address of the OpRegion, as ASLS has it
 * @vbt_fault: what is wrong with the VBT outside the OpRegion, which users do not
 *	see then; or NULL
 * @vbt_addr: physical address of that VBT
 * @vbt_size: its size in bytes; 0: there is none, the VBT is in mailbox 4
 * @size: size in bytes of what users see
 * @bare_size: @size without the VBT outside
 * @bare_version: @version without it: that in memory
 * @version: version that users see, major in the high byte: that in memory, or
 *	2.1 where a 2.0 has a VBT outside
 */
struct igd_opregion {
	u64 addr;
	const char *vbt_fault;
	u64 vbt_addr;
	u32 vbt_size;
	u32 size;
	u32 bare_size;
	u16 bare_version;
	u16 version;
};

const char *igd_opregion_parse(const void *data, size_t len, u64 addr,
			       struct igd_opregion *opregion);
void igd_opregion_drop_vbt(struct igd_opregion *opregion);

#endif /* VFIO_PCI_IGD_OPREGION_H */
