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

static const struct {
	const char *name;
	u32 subtype;
	u16 class;
	u8 slot;
} igd_bridges[IGD_BRIDGES] = {
	{ "host", VFIO_REGION_SUBTYPE_INTEL_IGD_HOST_CFG,
	  PCI_CLASS_BRIDGE_HOST, 0x00 },
	{ "LPC", VFIO_REGION_SUBTYPE_INTEL_IGD_LPC_CFG,
	  PCI_CLASS_BRIDGE_ISA, 0x1f },
};

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

static struct pci_dev *igd_bridge_get(struct pci_dev *pdev, unsigned int devfn,
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
 * igd_bridges_get() - find the bridges beside a GPU
 * @pdev: the GPU; they are on bus 0 of its PCI domain
 * @bridges: receives them, or NULL where there is none, or something else in
 *	its place
 * @log: receives a note for each that is missing
 *
 * Undone by igd_bridges_put().
 */
void igd_bridges_get(struct pci_dev *pdev, struct pci_dev **bridges,
		     struct vfio_pci_vendor_log *log)
{
	unsigned int i;

	for (i = 0; i < IGD_BRIDGES; i++) {
		bridges[i] = igd_bridge_get(pdev,
					    PCI_DEVFN(igd_bridges[i].slot, 0),
					    igd_bridges[i].class);
		if (!bridges[i])
			vfio_pci_vendor_note(log, "no Intel %s bridge at 00:%02x.0, so no region for it",
					     igd_bridges[i].name,
					     igd_bridges[i].slot);
	}
}

/**
 * igd_bridges_register() - add regions of bridges to a device being opened
 * @vdev: the device
 * @bridges: from igd_bridges_get(); kept until the device is released
 *
 * Return: 0, or -ENOMEM.
 */
int igd_bridges_register(struct vfio_pci_core_device *vdev,
			 struct pci_dev *const *bridges)
{
	unsigned int i;
	int ret;

	for (i = 0; i < IGD_BRIDGES; i++) {
		if (!bridges[i])
			continue;

		ret = vfio_pci_core_register_dev_region(vdev, IGD_REGION_TYPE,
							igd_bridges[i].subtype,
							&igd_bridge_regops,
							bridges[i]->cfg_size,
							VFIO_REGION_INFO_FLAG_READ,
							bridges[i]);
		if (ret)
			return ret;
	}

	return 0;
}

/**
 * igd_bridges_put() - let bridges go
 * @bridges: from igd_bridges_get(), or NULL each
 */
void igd_bridges_put(struct pci_dev *const *bridges)
{
	unsigned int i;

	for (i = 0; i < IGD_BRIDGES; i++)
		pci_dev_put(bridges[i]);
}
