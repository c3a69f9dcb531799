// SPDX-License-Identifier: GPL-2.0-only
/*
 * The chains of capabilities, and the two capabilities that the mock gives a
 * meaning to: PCI Express and power management.
 */
#include <linux/bitfield.h>
#include <linux/string.h>

#include "pci_mock.h"

/* The sizes of both in version 2 and 3: Base Specification 7.5.2 and 7.5.3. */
#define MOCK_EXPRESS_SIZE	0x3c
#define MOCK_POWER_SIZE		PCI_PM_SIZEOF

static void mock_bytes_put(struct mock_space *space, unsigned int where,
			   const u8 *bytes, const u8 *mask, size_t len)
{
	memcpy(space->now + where, bytes, len);
	memcpy(space->reset + where, bytes, len);
	if (mask)
		memcpy(space->writable + where, mask, len);
}

/*
 * @bytes and @mask, which may be NULL for nothing writable, are what follows
 * the id and the pointer. Returns where the capability is, or -ENOSPC.
 */
int mock_capability_add(struct mock_space *space, u8 id, const u8 *bytes,
			const u8 *mask, size_t len)
{
	unsigned int where = space->free;
	unsigned int from = space->last ? space->last + PCI_CAP_LIST_NEXT :
					  PCI_CAPABILITY_LIST;

	if (where + PCI_CAP_SIZEOF > PCI_CFG_SPACE_SIZE ||
	    len > PCI_CFG_SPACE_SIZE - where - 2)
		return -ENOSPC;

	mock_space_set(space, where, 1, id);
	mock_bytes_put(space, where + 2, bytes, mask, len);
	mock_space_set(space, from, 1, where);
	mock_space_set(space, PCI_STATUS, 2, PCI_STATUS_CAP_LIST);
	space->last = where;
	space->free = ALIGN(where + 2 + len, 4);
	return where;
}

/* Likewise; what follows the header. */
int mock_extended_add(struct mock_space *space, u16 id, u8 version,
		      const u8 *bytes, const u8 *mask, size_t len)
{
	unsigned int where = space->free_extended;
	u32 header;

	if (space->size < PCI_CFG_SPACE_EXP_SIZE)
		return -EINVAL;
	if (where + 4 > PCI_CFG_SPACE_EXP_SIZE ||
	    len > PCI_CFG_SPACE_EXP_SIZE - where - 4)
		return -ENOSPC;

	mock_space_set(space, where, 4, id | (version & 0xf) << 16);
	mock_bytes_put(space, where + 4, bytes, mask, len);
	if (space->last_extended) {
		header = mock_space_get(space, space->last_extended, 4);
		mock_space_set(space, space->last_extended, 4,
			       header | where << 20);
	}
	space->last_extended = where;
	space->free_extended = ALIGN(where + 4 + len, 4);
	return where;
}

/*
 * An endpoint, at 2.5 GT/s on one lane, or one that is integrated in the root
 * complex and has no link. Extended configuration space comes with it.
 */
int mock_express_add(struct mock_space *space, u8 type, bool flr)
{
	u8 bytes[MOCK_EXPRESS_SIZE - 2] = {};
	int where;

	if (space->express)
		return -EEXIST;
	where = mock_capability_add(space, PCI_CAP_ID_EXP, bytes, NULL,
				    sizeof(bytes));
	if (where < 0)
		return where;

	mock_space_set(space, where + PCI_EXP_FLAGS, 2,
		       2 | FIELD_PREP(PCI_EXP_FLAGS_TYPE, type));
	mock_space_set(space, where + PCI_EXP_DEVCAP, 4,
		       PCI_EXP_DEVCAP_RBER | (flr ? PCI_EXP_DEVCAP_FLR : 0));
	mock_space_set(space, where + PCI_EXP_DEVCTL, 2,
		       PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_NOSNOOP_EN |
		       PCI_EXP_DEVCTL_READRQ_512B);
	mock_space_allow(space, where + PCI_EXP_DEVCTL, 2,
			 PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE |
			 PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE |
			 PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_PAYLOAD |
			 PCI_EXP_DEVCTL_NOSNOOP_EN | PCI_EXP_DEVCTL_READRQ);
	if (type == PCI_EXP_TYPE_ENDPOINT) {
		mock_space_set(space, where + PCI_EXP_LNKCAP, 4,
			       PCI_EXP_LNKCAP_SLS_2_5GB |
			       FIELD_PREP(PCI_EXP_LNKCAP_MLW, 1));
		mock_space_set(space, where + PCI_EXP_LNKSTA, 2,
			       PCI_EXP_LNKSTA_CLS_2_5GB |
			       PCI_EXP_LNKSTA_NLW_X1);
		mock_space_set(space, where + PCI_EXP_LNKCAP2, 4,
			       PCI_EXP_LNKCAP2_SLS_2_5GB);
	}

	space->express = where;
	space->size = PCI_CFG_SPACE_EXP_SIZE;
	return 0;
}

/* D0 and D3hot, without PME. */
int mock_power_add(struct mock_space *space, bool soft_reset)
{
	u8 bytes[MOCK_POWER_SIZE - 2] = {};
	int where;

	if (space->power)
		return -EEXIST;
	where = mock_capability_add(space, PCI_CAP_ID_PM, bytes, NULL,
				    sizeof(bytes));
	if (where < 0)
		return where;

	mock_space_set(space, where + PCI_PM_PMC, 2, 3);
	mock_space_set(space, where + PCI_PM_CTRL, 2,
		       soft_reset ? 0 : PCI_PM_CTRL_NO_SOFT_RESET);
	mock_space_allow(space, where + PCI_PM_CTRL, 2, PCI_PM_CTRL_STATE_MASK);
	space->power = where;
	return 0;
}
