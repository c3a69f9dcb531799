// SPDX-License-Identifier: GPL-2.0-only
/* Everything is given back, kept in the structure, or handed on. */
#include "vfio_pci_vendor.h"

static int bridge_probe(struct vfio_pci_core_device *vdev,
			struct vfio_pci_vendor_log *log)
{
	struct pci_dev *bridge;
	bool fits;

	bridge = pci_get_domain_bus_and_slot(0, 0, PCI_DEVFN(0x1f, 0));
	if (!bridge)
		return vfio_pci_vendor_decline(log, "no bridge");

	fits = bridge->class >> 8 == PCI_CLASS_BRIDGE_ISA;
	pci_dev_put(bridge);
	if (!fits)
		return vfio_pci_vendor_decline(log, "not a bridge");
	return 0;
}

static int keep_probe(struct vfio_pci_core_device *vdev,
		      struct vfio_pci_vendor_log *log)
{
	struct good_device *good = to_good(vdev);
	struct pci_dev *bridge = pci_get_device(0x8086, PCI_ANY_ID, NULL);

	good->bridge = bridge;
	good->table = memremap(0x1000, 0x100, MEMREMAP_WB);
	if (!good->table)
		return -ENOMEM;
	if (!good->bridge)
		return vfio_pci_vendor_decline(log, "no bridge");
	return 0;
}

static int map_probe(struct vfio_pci_core_device *vdev,
		     struct vfio_pci_vendor_log *log)
{
	void *table = memremap(0x1000, 0x100, MEMREMAP_WB);
	void __iomem *regs;
	int ret = 0;

	if (!table)
		return -ENOMEM;

	regs = ioremap(0x2000, 0x100);
	if (!regs) {
		ret = -ENOMEM;
		goto out_table;
	}
	if (!readl(regs))
		ret = vfio_pci_vendor_decline(log, "registers are off");

	iounmap(regs);
out_table:
	memunmap(table);
	return ret;
}

static int symbol_probe(struct vfio_pci_core_device *vdev,
			struct vfio_pci_vendor_log *log)
{
	int (*query)(struct pci_dev *pdev);
	int ret;

	query = symbol_get(pf_query);
	if (!query)
		return vfio_pci_vendor_decline(log, "the PF driver is not loaded");

	ret = query(vdev->pdev);
	symbol_put(pf_query);
	if (ret < 0)
		return ret;
	return ret ? 0 : vfio_pci_vendor_decline(log, "no such feature");
}

static struct pci_dev *hand_on(void)
{
	struct pci_dev *bridge = pci_get_device(0x8086, PCI_ANY_ID, NULL);

	if (bridge && bridge->vendor == PCI_VENDOR_ID_INTEL)
		return bridge;
	pci_dev_put(bridge);
	return NULL;
}
