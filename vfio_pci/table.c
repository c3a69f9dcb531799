// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vendor table: its order is the order of probing, and the first vendor
 * that claims a function has it. generic takes what nobody else did.
 */
#include <linux/kernel.h>

#include "vfio_pci.h"

const struct vfio_pci_vendor_ops *const vfio_pci_vendor_table[] = {
	&igd_vendor_ops,
	&nvlink2_vendor_ops,
	&nvgrace_vendor_ops,
	&mlx5_vendor_ops,
	&virtio_vendor_ops,
	&generic_vendor_ops,
};

const unsigned int vfio_pci_vendor_count = ARRAY_SIZE(vfio_pci_vendor_table);

static_assert(ARRAY_SIZE(vfio_pci_vendor_table) <= VFIO_PCI_POLICY_MAX_ROWS);

/**
 * vfio_pci_vendor_table_init() - complete the device ops of every row
 *
 * Context: Module initialisation, while __ro_after_init data is writable and
 * before the first bind.
 */
void __init vfio_pci_vendor_table_init(void)
{
	unsigned int row;

	for (row = 0; row < vfio_pci_vendor_count; row++) {
		if (vfio_pci_vendor_table[row]->device_ops)
			vfio_pci_device_ops_inherit(vfio_pci_vendor_table[row]->device_ops);
	}
}

/**
 * vfio_pci_vendor_name() - name of a row
 * @row: index in probing order
 *
 * Return: the name, or NULL past the last row.
 */
const char *vfio_pci_vendor_name(unsigned int row)
{
	if (row >= vfio_pci_vendor_count)
		return NULL;

	return vfio_pci_vendor_table[row]->name;
}

/**
 * vfio_pci_vendor_list() - write the names of rows, in probing order
 * @buf: where to; terminated
 * @size: bytes in @buf
 * @rows: bit n set: name row n
 * @separator: goes between names
 * @prefix: goes before each name
 *
 * Return: characters written, without the terminator.
 */
int vfio_pci_vendor_list(char *buf, size_t size, unsigned long rows,
			 const char *separator, const char *prefix)
{
	unsigned int row;
	int len = 0;

	for_each_set_bit(row, &rows, vfio_pci_vendor_count)
		len += scnprintf(buf + len, size - len, "%s%s%s",
				 len ? separator : "", prefix,
				 vfio_pci_vendor_table[row]->name);

	return len;
}

/**
 * vfio_pci_vendor_of() - the vendor that claimed a device
 * @vdev: a device made by vfio_pci_select()
 *
 * The device ops tell: no two rows share them.
 *
 * Return: its row; never NULL.
 */
const struct vfio_pci_vendor_ops *
vfio_pci_vendor_of(const struct vfio_pci_core_device *vdev)
{
	unsigned int row;

	for (row = 0; row < vfio_pci_vendor_count; row++) {
		if (vfio_pci_vendor_table[row]->device_ops == vdev->vdev.ops)
			return vfio_pci_vendor_table[row];
	}

	return &generic_vendor_ops;
}
