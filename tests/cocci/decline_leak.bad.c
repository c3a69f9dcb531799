// SPDX-License-Identifier: GPL-2.0-only
/* Paths that decline or fail with something still held. */
#include "vfio_pci_vendor.h"

static int bridge_probe(struct vfio_pci_core_device *vdev,
			struct vfio_pci_vendor_log *log)
{
	struct pci_dev *bridge;

	bridge = pci_get_domain_bus_and_slot(0, 0, PCI_DEVFN(0x1f, 0));
	if (!bridge)
		return vfio_pci_vendor_decline(log, "no bridge");
	if (bridge->class >> 8 != PCI_CLASS_BRIDGE_ISA)
		return vfio_pci_vendor_decline(log, "not a bridge"); /* expect */
	pci_dev_put(bridge);
	return 0;
}

static int merged_test_probe(struct vfio_pci_core_device *vdev,
			     struct vfio_pci_vendor_log *log)
{
	struct pci_dev *bridge = pci_get_device(0x8086, PCI_ANY_ID, NULL);

	if (!bridge || bridge->revision < 4)
		return vfio_pci_vendor_decline(log, "no good bridge"); /* expect */
	pci_dev_put(bridge);
	return 0;
}

static int map_probe(struct vfio_pci_core_device *vdev,
		     struct vfio_pci_vendor_log *log)
{
	void *table = memremap(0x1000, 0x100, MEMREMAP_WB);
	void __iomem *regs;

	if (!table)
		return -ENOMEM;
	if (memcmp(table, "TBL", 3))
		return vfio_pci_vendor_decline(log, "no signature"); /* expect */

	regs = ioremap(0x2000, 0x100);
	if (!regs)
		return -ENOMEM; /* expect */
	if (!readl(regs)) {
		memunmap(table);
		return vfio_pci_vendor_decline(log, "registers are off"); /* expect */
	}
	iounmap(regs);
	memunmap(table);
	return 0;
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
	if (ret < 0)
		return ret; /* expect */
	if (!ret) {
		ret = vfio_pci_vendor_decline(log, "no such feature");
		goto out;
	}
	symbol_put(pf_query);
	return 0;
out:
	return ret; /* expect */
}
