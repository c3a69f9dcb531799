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

/* In dwords, as lspci does: what a user asks for is cut out of them. */
static ssize_t igd_bridge_rw(struct vfio_pci_core_device *vdev,
			     char __user *buf, size_t count, loff_t *ppos,
			     bool iswrite)
{
	unsigned int index = VFIO_PCI_OFFSET_TO_INDEX(*ppos);
	struct vfio_pci_region *region =
		&vdev->region[index - VFIO_PCI_NUM_REGIONS];
	loff_t pos = *ppos & VFIO_PCI_OFFSET_MASK;
	size_t done, bytes, skip;
	__le32 val;
	u32 dword;
	int ret;

	if (iswrite || pos >= region->size)
		return -EINVAL;

	count = min_t(size_t, count, region->size - pos);
	for (done = 0; done < count; done += bytes) {
		skip = (pos + done) % sizeof(val);
		bytes = min(count - done, sizeof(val) - skip);

		ret = pci_user_read_config_dword(region->data,
						 pos + done - skip, &dword);
		if (ret)
			return ret;

		val = cpu_to_le32(dword);
		if (copy_to_user(buf + done, (void *)&val + skip, bytes))
			return -EFAULT;
	}

	*ppos += count;
	return count;
}

/* The device holds its bridges for longer than it has regions. */
static void igd_bridge_region_release(struct vfio_pci_core_device *vdev,
				      struct vfio_pci_region *region)
{
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
 * @bridge: from igd_bridge_get(); the caller keeps it until the device is
 *	released
 * @subtype: VFIO_REGION_SUBTYPE_INTEL_IGD_HOST_CFG or _LPC_CFG
 *
 * Return: 0, or -ENOMEM.
 */
int igd_bridge_register(struct vfio_pci_core_device *vdev,
			struct pci_dev *bridge, u32 subtype)
{
	return vfio_pci_core_register_dev_region(vdev, IGD_REGION_TYPE, subtype,
						 &igd_bridge_regops,
						 bridge->cfg_size,
						 VFIO_REGION_INFO_FLAG_READ,
						 bridge);
}
