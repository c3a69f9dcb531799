// SPDX-License-Identifier: GPL-2.0-only
/*
 * The configuration space of one function: what accesses do to it, and resets.
 */
#include <linux/log2.h>
#include <linux/string.h>

#include "pci_mock.h"

u32 mock_space_get(const struct mock_space *space, unsigned int where,
		   unsigned int size)
{
	u32 val = 0;

	while (size--)
		val = val << 8 | space->now[where + size];
	return val;
}

/* As the hardware or firmware itself: also bits that the bus can not write. */
void mock_space_set(struct mock_space *space, unsigned int where,
		    unsigned int size, u32 val)
{
	for (; size--; where++, val >>= 8) {
		space->now[where] = val;
		space->reset[where] = val;
	}
}

void mock_space_allow(struct mock_space *space, unsigned int where,
		      unsigned int size, u32 mask)
{
	for (; size--; where++, mask >>= 8)
		space->writable[where] = mask;
}

void mock_space_init(struct mock_space *space)
{
	space->size = PCI_CFG_SPACE_SIZE;
	space->free = PCI_STD_HEADER_SIZEOF;
	space->free_extended = PCI_CFG_SPACE_SIZE;
	mock_space_allow(space, PCI_COMMAND, 2,
			 PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
			 PCI_COMMAND_MASTER | PCI_COMMAND_PARITY |
			 PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE);
	mock_space_allow(space, PCI_CACHE_LINE_SIZE, 2, 0xffff);
	mock_space_allow(space, PCI_INTERRUPT_LINE, 1, 0xff);
}

/*
 * The registers of a VF that belong to its PF are read-only, and its own ids
 * read all ones: PCI Express Base Specification 6.0, section 9.3.4.1.
 */
void mock_space_init_vf(struct mock_space *space)
{
	space->size = PCI_CFG_SPACE_SIZE;
	space->free = PCI_STD_HEADER_SIZEOF;
	space->free_extended = PCI_CFG_SPACE_SIZE;
	mock_space_set(space, PCI_VENDOR_ID, 4, ~0);
	mock_space_allow(space, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
}

/*
 * Back to the state after power-on, but for Max_Payload_Size, which survives a
 * function-level reset: PCI Express Base Specification 6.0, section 6.6.2.
 */
static void mock_space_reset(struct mock_space *space, bool flr)
{
	unsigned int where = space->express + PCI_EXP_DEVCTL;
	u8 payload = space->now[where] & PCI_EXP_DEVCTL_PAYLOAD;

	memcpy(space->now, space->reset, sizeof(space->now));
	space->resets++;
	if (!flr)
		return;

	space->now[where] &= ~PCI_EXP_DEVCTL_PAYLOAD;
	space->now[where] |= payload;
}

static bool mock_initiates_flr(const struct mock_space *space,
			       unsigned int where, unsigned int size, u32 val)
{
	unsigned int high = space->express + PCI_EXP_DEVCTL + 1;

	if (!space->express || where > high || where + size <= high)
		return false;
	if (!(mock_space_get(space, space->express + PCI_EXP_DEVCAP, 4) &
	      PCI_EXP_DEVCAP_FLR))
		return false;

	return val >> 8 * (high - where) & PCI_EXP_DEVCTL_BCR_FLR >> 8;
}

static unsigned int mock_power_state(const struct mock_space *space)
{
	if (!space->power)
		return 0;

	return mock_space_get(space, space->power + PCI_PM_CTRL, 2) &
	       PCI_PM_CTRL_STATE_MASK;
}

/*
 * A state that the function has not got is not entered, and D3hot is left
 * through a reset unless No_Soft_Reset is set: PCI Bus Power Management
 * Interface Specification 1.2, section 3.2.4.
 */
static void mock_power_update(struct mock_space *space, unsigned int from)
{
	unsigned int where = space->power + PCI_PM_CTRL;
	unsigned int to = mock_power_state(space);

	if (to == from)
		return;

	if (to == (__force u32)PCI_D1 || to == (__force u32)PCI_D2) {
		space->now[where] &= ~PCI_PM_CTRL_STATE_MASK;
		space->now[where] |= from;
		return;
	}

	if (!to && !(space->now[where] & PCI_PM_CTRL_NO_SOFT_RESET))
		mock_space_reset(space, false);
}

u32 mock_space_read(const struct mock_space *space, unsigned int where,
		    unsigned int size)
{
	return where + size > space->size ? ~0 :
					    mock_space_get(space, where, size);
}

void mock_space_write(struct mock_space *space, unsigned int where,
		      unsigned int size, u32 val)
{
	unsigned int state = mock_power_state(space);
	unsigned int i;

	if (where + size > space->size)
		return;

	for (i = 0; i < size; i++) {
		u8 mask = space->writable[where + i];

		space->now[where + i] &= ~mask;
		space->now[where + i] |= val >> 8 * i & mask;
	}

	mock_power_update(space, state);
	if (mock_initiates_flr(space, where, size, val))
		mock_space_reset(space, true);
}

/*
 * A memory BAR: @flags are its low bits, PCI_BASE_ADDRESS_MEM_*. Six of them
 * are at @bars.
 */
int mock_space_bar(struct mock_space *space, unsigned int bars,
		   unsigned int index, u64 size, u32 flags)
{
	unsigned int where = bars + 4 * index;
	bool wide = flags & PCI_BASE_ADDRESS_MEM_TYPE_64;
	u64 mask = ~(size - 1);

	if (flags & ~(PCI_BASE_ADDRESS_MEM_TYPE_64 |
		      PCI_BASE_ADDRESS_MEM_PREFETCH))
		return -EINVAL;
	if (size < 16 || !is_power_of_2(size) || (!wide && size > SZ_2G))
		return -EINVAL;
	if (index + wide >= PCI_STD_NUM_BARS)
		return -EINVAL;

	mock_space_set(space, where, 4, flags);
	mock_space_allow(space, where, 4, lower_32_bits(mask));
	if (!wide)
		return 0;

	mock_space_set(space, where + 4, 4, 0);
	mock_space_allow(space, where + 4, 4, upper_32_bits(mask));
	return 0;
}
