// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ids parameter: dynamic ids from the moment that the module loads.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/string.h>

#include "vfio_pci.h"

static void __init vfio_pci_add_id(struct pci_driver *driver, const char *id)
{
	unsigned int vendor, device, class = 0, class_mask = 0;
	unsigned int subvendor = PCI_ANY_ID, subdevice = PCI_ANY_ID;
	int ret;

	if (sscanf(id, "%x:%x:%x:%x:%x:%x", &vendor, &device, &subvendor,
		   &subdevice, &class, &class_mask) < 2) {
		pr_warn("ids: \"%s\" is not vendor:device[:subvendor[:subdevice[:class[:class_mask]]]]\n",
			id);
		return;
	}

	ret = pci_add_dynid(driver, vendor, device, subvendor, subdevice,
			    class, class_mask, 0);
	if (ret) {
		pr_warn("ids: can not add \"%s\": %d\n", id, ret);
		return;
	}

	pr_info("add [%04x:%04x[%04x:%04x]] class %#08x/%08x\n",
		vendor, device, subvendor, subdevice, class, class_mask);
}

/**
 * vfio_pci_add_ids() - add a comma-separated list of dynamic ids
 * @driver: the registered driver
 * @ids: the list; cut into pieces
 *
 * A bad item is reported and skipped, as one that the PCI core refuses.
 */
void __init vfio_pci_add_ids(struct pci_driver *driver, char *ids)
{
	char *id;

	while ((id = strsep(&ids, ","))) {
		if (*id)
			vfio_pci_add_id(driver, id);
	}
}
