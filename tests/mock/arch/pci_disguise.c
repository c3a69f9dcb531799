// SPDX-License-Identifier: GPL-2.0-only
/*
 * A function of the machine passes for another one, where there is no mock bus:
 * to drivers it has these ids, and these firmware properties.
 *
 *	insmod pci_disguise.ko bdf=0000:00:02.0 vendor=0x10de device=0x2342 \
 *		names=nvidia,gpu-mem-base-pa:nvidia,gpu-mem-size values=1,2
 *
 * No driver may have it, then or when this is unloaded.
 */
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/property.h>
#include <linux/string.h>

#define DISGUISE_PROPERTIES	4

static char *bdf;
module_param(bdf, charp, 0);
MODULE_PARM_DESC(bdf, "the function");

static unsigned short vendor;
module_param(vendor, ushort, 0);
MODULE_PARM_DESC(vendor, "vendor id to show");

static unsigned short device;
module_param(device, ushort, 0);
MODULE_PARM_DESC(device, "device id to show");

static char *names;
module_param(names, charp, 0);
MODULE_PARM_DESC(names, "properties of 64 bits, with colons between");

static unsigned long long values[DISGUISE_PROPERTIES];
static unsigned int values_count;
module_param_array(values, ullong, &values_count, 0);
MODULE_PARM_DESC(values, "their values");

static struct property_entry disguise_entries[DISGUISE_PROPERTIES + 1];
static u64 disguise_values[DISGUISE_PROPERTIES];
static const struct software_node disguise_node = {
	.name		= "pci_disguise",
	.properties	= disguise_entries,
};

static struct pci_dev *disguise_pdev;
static u16 disguise_vendor, disguise_device;

static struct pci_dev *disguise_find(void)
{
	unsigned int domain, bus, slot, fn;

	if (!bdf || sscanf(bdf, "%x:%x:%x.%x", &domain, &bus, &slot, &fn) != 4)
		return NULL;

	return pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, fn));
}

static int disguise_properties(void)
{
	unsigned int i;
	char *name;

	for (i = 0; i < values_count; i++) {
		name = strsep(&names, ":");
		if (!name)
			return -EINVAL;
		disguise_values[i] = values[i];
		disguise_entries[i] = PROPERTY_ENTRY_U64_ARRAY_LEN(name,
								   &disguise_values[i],
								   1);
	}
	return 0;
}

/* With device_lock() held. */
static int disguise_put_on(struct pci_dev *pdev)
{
	int ret;

	if (pdev->dev.driver)
		return -EBUSY;

	ret = device_add_software_node(&pdev->dev, &disguise_node);
	if (ret)
		return ret;

	disguise_vendor = pdev->vendor;
	disguise_device = pdev->device;
	pdev->vendor = vendor;
	pdev->device = device;
	return 0;
}

static int __init disguise_init(void)
{
	struct pci_dev *pdev;
	int ret;

	ret = disguise_properties();
	if (ret)
		return ret;

	pdev = disguise_find();
	if (!pdev)
		return -ENODEV;

	device_lock(&pdev->dev);
	ret = disguise_put_on(pdev);
	device_unlock(&pdev->dev);
	if (ret) {
		pci_dev_put(pdev);
		return ret;
	}
	disguise_pdev = pdev;
	return 0;
}
module_init(disguise_init);

static void __exit disguise_exit(void)
{
	device_lock(&disguise_pdev->dev);
	disguise_pdev->vendor = disguise_vendor;
	disguise_pdev->device = disguise_device;
	device_remove_software_node(&disguise_pdev->dev);
	device_unlock(&disguise_pdev->dev);
	pci_dev_put(disguise_pdev);
}
module_exit(disguise_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The vfio-pci vendor ops authors");
MODULE_DESCRIPTION("A PCI function with the ids and properties of another one");
