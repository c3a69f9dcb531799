// SPDX-License-Identifier: GPL-2.0-only
/* Checked, bounded, or not a length. */
#include "vfio_pci_vendor.h"

static void *map_table(u64 addr, const struct fw_header *header)
{
	u32 len = le32_to_cpu(header->len);
	u64 end;

	if (check_add_overflow(addr, (u64)len, &end))
		return NULL;
	return memremap(addr, len, MEMREMAP_WB);
}

static int copy_table(struct thing *thing, const void *data, size_t have)
{
	u32 len, offset;

	len = get_unaligned_le32(data + 8);
	if (len > have || !len)
		return -EINVAL;
	memcpy(thing->table, data, len);

	offset = get_unaligned_le16(data + 12);
	if (offset >= have - sizeof(thing->table))
		return -EINVAL;
	memcpy(thing->table, data + offset, sizeof(thing->table));

	len = min_t(u32, get_unaligned_le32(data + 16), have);
	memcpy(thing->table, data, len);

	len = get_unaligned_le32(data + 20);
	len = min_t(u32, len, sizeof(thing->table));
	memcpy(thing->table, data, len);
	return 0;
}

static void *map_ranged(const struct fw_header *header, u64 addr)
{
	u32 len = le32_to_cpu(header->len);
	const char *fault = vfio_pci_phys_range_fault(addr, len);

	if (fault)
		return NULL;
	return memremap(addr, len, MEMREMAP_WB);
}

static void value(struct thing *thing, const struct fw_header *header)
{
	u32 flags = le32_to_cpu(header->flags);

	memcpy(thing->table, &flags, sizeof(flags));
}
