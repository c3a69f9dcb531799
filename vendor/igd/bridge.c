// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration space of the bridges beside an Intel GPU, read-only: its
 * drivers look there for the platform that they run on.
 */
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/uaccess.h>
#include <linux/vfio_pci_core.h>

#include "igd.h"

/* One naturally aligned access of at most four bytes. */
static ssize_t igd_bridge_read_one(struct pci_dev *bridge, loff_t pos,
				   size_t count, __le32 *val)
{
	u32 dword;
	u16 word;
	u8 byte;
	int ret;

	if (!(pos & 3) && count >= 4) {
		ret = pci_user_read_config_dword(bridge, pos, &dword);
		*val = cpu_to_le32(dword);
		return ret ?: 4;
	}

	if (!(pos & 1) && count >= 2) {
		ret = pci_user_read_config_word(bridge, pos, &word);
		*val = cpu_to_le32(word);
		return ret ?: 2;
	}

	ret = pci_user_read_config_byte(bridge, pos, &byte);
	*val = cpu_to_le32(byte);
	return ret ?: 1;
}

static ssize_t igd_bridge_rw(struct vfio_pci_core_device *vdev,
			     char __user *buf, size_t count, loff_t *ppos,
			     bool iswrite)
{
	unsigned int index = VFIO_PCI_OFFSET_TO_INDEX(*ppos);
	struct vfio_pci_region *region =
		&vdev->region[index - VFIO_PCI_NUM_REGIONS];
	loff_t pos = *ppos & VFIO_PCI_OFFSET_MASK;
	size_t done = 0;
	ssize_t bytes;
	__le32 val;

	if (iswrite || pos >= region->size)
		return -EINVAL;

	count = min_t(size_t, count, region->size - pos);
	while (done < count) {
		bytes = igd_bridge_read_one(region->data, pos + done,
					    count - done, &val);
		if (bytes < 0)
			return bytes;
		if (copy_to_user(buf + done, &val, bytes))
			return -EFAULT;
		done += bytes;
	}

	*ppos += count;
	return count;
}

static void igd_bridge_region_release(struct vfio_pci_core_device *vdev,
				      struct vfio_pci_region *region)
{
	pci_dev_put(region->data);
}

static const struct vfio_pci_regops igd_bridge_regops = {
	.rw		= igd_bridge_rw,
	.release	= igd_bridge_region_release,
};

/**
 * igd_bridge_get() - find a bridge beside a GPU
 * @pdev: the GPU; the bridge is on bus 0 of its PCI domain
 * @devfn: device and function number of the bridge
 * @class: its class and sub-class
 *
 * Return: the bridge, for pci_dev_put(); NULL when there is none, or something
 * else in its place.
 */
struct pci_dev *igd_bridge_get(struct pci_dev *pdev, unsigned int devfn,
			       unsigned int class)
{
	struct pci_dev *bridge;

	bridge = pci_get_domain_bus_and_slot(pci_domain_nr(pdev->bus), 0, devfn);
	if (bridge && bridge->vendor == PCI_VENDOR_ID_INTEL &&
	    bridge->class >> 8 == class)
		return bridge;

	pci_dev_put(bridge);
	return NULL;
}

/**
 * igd_bridge_register() - add the region of a bridge to a device being opened
 * @vdev: the device
 * @bridge: from igd_bridge_get(), or NULL, for which there is no region
 * @subtype: VFIO_REGION_SUBTYPE_INTEL_IGD_HOST_CFG or _LPC_CFG
 *
 * Return: 0, or -ENOMEM.
 */
int igd_bridge_register(struct vfio_pci_core_device *vdev,
			struct pci_dev *bridge, u32 subtype)
{
	int ret;

	if (!bridge)
		return 0;

	ret = vfio_pci_core_register_dev_region(vdev, IGD_REGION_TYPE, subtype,
						&igd_bridge_regops,
						bridge->cfg_size,
						VFIO_REGION_INFO_FLAG_READ,
						bridge);
	if (!ret)
		pci_dev_get(bridge);
	return ret;
}
