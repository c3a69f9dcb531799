// SPDX-License-Identifier: GPL-2.0-only
#include <endian.h>
#include <string.h>

#include "bed.h"

/*
 * An OpRegion as firmware would leave it, with a pattern where the mailboxes
 * are. Offsets: Intel OpRegion Specification, header and Mailbox 3.
 */
void bed_opregion(uint8_t *image, const struct bed_opregion *opregion)
{
	uint32_t kib = htole32(opregion->kib);
	uint16_t version = htole16(opregion->version);
	uint64_t rvda = htole64(opregion->rvda);
	uint32_t rvds = htole32(opregion->rvds);
	/* ACPI, SWSCI, ASLE and VBT: mailboxes 1 to 4. */
	uint32_t mailboxes = htole32(opregion->no_mailbox_3 ? 0xb : 0xf);
	size_t i;

	for (i = 0; i < BED_OPREGION_SIZE; i++)
		image[i] = i * 7 + (i >> 8);
	memcpy(image, "IntelGraphicsMem", 16);
	memcpy(image + 0x10, &kib, sizeof(kib));
	memcpy(image + 0x16, &version, sizeof(version));
	memcpy(image + 0x58, &mailboxes, sizeof(mailboxes));
	memcpy(image + 0x3ba, &rvda, sizeof(rvda));
	memcpy(image + 0x3c2, &rvds, sizeof(rvds));
}
