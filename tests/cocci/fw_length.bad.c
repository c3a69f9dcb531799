// SPDX-License-Identifier: GPL-2.0-only
/* Lengths and offsets that firmware wrote, believed. */
#include "vfio_pci_vendor.h"

static void *map_table(u64 addr, const struct fw_header *header)
{
	u32 len = le32_to_cpu(header->len);

	return memremap(addr, len, MEMREMAP_WB); /* expect */
}

static int copy_table(struct thing *thing, const void *data, char __user *buf)
{
	u32 len, offset;
	u64 size;

	len = get_unaligned_le32(data + 8);
	offset = get_unaligned_le16(data + 12);
	memcpy(thing->table, data, len); /* expect */
	memcpy(thing->table, data + offset, sizeof(thing->table)); /* expect */

	size = get_unaligned_le64(data + 16);
	/* Not being zero is no bound. */
	if (!size)
		return -EINVAL;
	if (copy_to_user(buf, data, size)) /* expect */
		return -EFAULT;

	thing->len = le32_to_cpup(data + 24);
	thing->copy = kmemdup(data, thing->len * 4, GFP_KERNEL); /* expect */
	return thing->copy ? 0 : -ENOMEM;
}

static void copy_directly(void *to, const struct fw_header *header)
{
	memcpy(to, header + 1, le16_to_cpu(header->len)); /* expect */
}

static void late_check(struct thing *thing, const struct fw_header *header)
{
	u32 len = le32_to_cpu(header->len);

	memcpy(thing->table, header, len); /* expect */
	if (len > sizeof(thing->table))
		pr_warn("too long\n");
}
