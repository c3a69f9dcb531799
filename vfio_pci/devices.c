// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices parameter: functions that are for this driver by their address.
 *
 * They get driver_override, at load or when they appear, before the bus probes
 * them: so no other driver takes them meanwhile, tools see whom they are for and
 * can undo it, and the id table needs no entry that matches more than these.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": devices: " fmt

#include <linux/device.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "vfio_pci.h"
#include "vfio_pci_compat.h"

/**
 * struct vfio_pci_wanted - an item of the parameter
 * @address: which functions it names
 * @text: as it was given
 * @found: there was such a function
 */
struct vfio_pci_wanted {
	struct vfio_pci_address address;
	const char *text;
	bool found;
};

static struct vfio_pci_wanted *vfio_pci_wanted;
static size_t vfio_pci_wanted_count;
static char *vfio_pci_wanted_texts;
static struct device_driver *vfio_pci_wanted_driver;

/**
 * struct vfio_pci_claim - a function whose driver_override was set here
 * @list: entry in vfio_pci_claims
 * @pdev: the function, with a reference
 */
struct vfio_pci_claim {
	struct list_head list;
	struct pci_dev *pdev;
};

static LIST_HEAD(vfio_pci_claims);
static DEFINE_SPINLOCK(vfio_pci_claims_lock);

static bool vfio_pci_address_matches(const struct vfio_pci_address *address,
				     struct pci_dev *pdev)
{
	unsigned int last = address->depth - 1;
	u8 mask = address->all_functions ? PCI_DEVFN(0x1f, 0) : 0xff;

	if ((pdev->devfn & mask) != address->devfn[last])
		return false;

	while (last--) {
		pdev = pci_upstream_bridge(pdev);
		if (!pdev || pdev->devfn != address->devfn[last])
			return false;
	}

	return pci_domain_nr(pdev->bus) == address->domain &&
	       pdev->bus->number == address->bus;
}

static bool vfio_pci_is_wanted(struct pci_dev *pdev)
{
	bool wanted = false;
	size_t i;

	for (i = 0; i < vfio_pci_wanted_count; i++) {
		if (!vfio_pci_address_matches(&vfio_pci_wanted[i].address, pdev))
			continue;
		WRITE_ONCE(vfio_pci_wanted[i].found, true);
		wanted = true;
	}

	return wanted;
}

static void vfio_pci_say_driven(struct pci_dev *pdev)
{
	struct device_driver *driver = pdev->dev.driver;
	const char *module;

	if (!driver->owner) {
		pr_notice("%s is driven by %s, which is built into the kernel: unbind it there first\n",
			  pci_name(pdev), driver->name);
		return;
	}

	module = module_name(driver->owner);
	pr_notice("%s is driven by %s: load vfio-pci earlier, by \"softdep %s pre: vfio-pci\" in modprobe.d, or unbind it there first\n",
		  pci_name(pdev), driver->name, module);
}

/* Called with the device locked. Returns 0 if the override is now ours. */
static int vfio_pci_override(struct pci_dev *pdev)
{
	if (pdev->dev.driver) {
		vfio_pci_say_driven(pdev);
		return -EBUSY;
	}

	if (vfio_pci_compat_overridden_by(pdev, vfio_pci_wanted_driver))
		return -EEXIST;

	if (vfio_pci_compat_overridden(pdev)) {
		pr_notice("%s has a driver_override, which stays\n",
			  pci_name(pdev));
		return -EEXIST;
	}

	return vfio_pci_compat_override(pdev, vfio_pci_wanted_driver->name);
}

/* Called with the device locked. */
static void vfio_pci_claim(struct pci_dev *pdev)
{
	struct vfio_pci_claim *claim;
	int ret = -ENOMEM;

	claim = kmalloc(sizeof(*claim), GFP_KERNEL);
	if (claim)
		ret = vfio_pci_override(pdev);
	if (!ret) {
		claim->pdev = pci_dev_get(pdev);
		spin_lock(&vfio_pci_claims_lock);
		list_add(&claim->list, &vfio_pci_claims);
		spin_unlock(&vfio_pci_claims_lock);
		pci_info(pdev, "for vfio-pci, by its devices parameter\n");
		return;
	}

	kfree(claim);
	if (ret == -ENOMEM)
		pr_err("out of memory for %s\n", pci_name(pdev));
}

/* NULL if the override of @pdev was not set here. */
static struct vfio_pci_claim *vfio_pci_take_claim(struct pci_dev *pdev)
{
	struct vfio_pci_claim *claim;

	spin_lock(&vfio_pci_claims_lock);
	list_for_each_entry(claim, &vfio_pci_claims, list) {
		if (claim->pdev == pdev) {
			list_del(&claim->list);
			spin_unlock(&vfio_pci_claims_lock);
			return claim;
		}
	}
	spin_unlock(&vfio_pci_claims_lock);
	return NULL;
}

static void vfio_pci_put_claim(struct vfio_pci_claim *claim)
{
	pci_dev_put(claim->pdev);
	kfree(claim);
}

/*
 * Called with the notifiers of the bus locked. A driver that is being bound has the
 * device locked, and vfio-pci-core takes the two locks in the other order then, to
 * register a notifier: so this does not wait.
 */
static void vfio_pci_device_appeared(struct pci_dev *pdev)
{
	if (!vfio_pci_is_wanted(pdev))
		return;

	if (!device_trylock(&pdev->dev)) {
		pr_notice("%s is being bound to a driver already\n",
			  pci_name(pdev));
		return;
	}

	vfio_pci_claim(pdev);
	device_unlock(&pdev->dev);
}

static int vfio_pci_devices_notify(struct notifier_block *nb,
				   unsigned long action, void *data)
{
	struct pci_dev *pdev = to_pci_dev(data);
	struct vfio_pci_claim *claim;

	if (action == BUS_NOTIFY_ADD_DEVICE) {
		vfio_pci_device_appeared(pdev);
	} else if (action == BUS_NOTIFY_DEL_DEVICE) {
		claim = vfio_pci_take_claim(pdev);
		if (claim)
			vfio_pci_put_claim(claim);
	}

	return NOTIFY_DONE;
}

/*
 * After the notifier of vfio-pci-core, which sets the override of VFs whose PF is
 * bound here, and does not look for one that is there.
 */
static struct notifier_block vfio_pci_devices_nb = {
	.notifier_call	= vfio_pci_devices_notify,
	.priority	= -1,
};

static int __init vfio_pci_read_devices(const char *devices)
{
	struct vfio_pci_wanted *wanted;
	char *rest, *item;
	size_t count = 1;
	const char *at;

	for (at = devices; *at; at++)
		count += *at == ',' || *at == ';';

	vfio_pci_wanted_texts = kstrdup(devices, GFP_KERNEL);
	vfio_pci_wanted = kvcalloc(count, sizeof(*wanted), GFP_KERNEL);
	if (!vfio_pci_wanted_texts || !vfio_pci_wanted)
		return -ENOMEM;

	rest = vfio_pci_wanted_texts;
	while ((item = strsep(&rest, ",;"))) {
		item = strim(item);
		if (!*item)
			continue;

		wanted = &vfio_pci_wanted[vfio_pci_wanted_count];
		if (!vfio_pci_address_parse(item, &wanted->address)) {
			pr_warn("\"%*pE\" is not [DOMAIN:]BUS:DEVICE.FUNCTION[/DEVICE.FUNCTION]..., left out\n",
				(int)min_t(size_t, strlen(item), 64), item);
			continue;
		}
		wanted->text = item;
		vfio_pci_wanted_count++;
	}

	return 0;
}

static void vfio_pci_free_devices(void)
{
	kvfree(vfio_pci_wanted);
	kfree(vfio_pci_wanted_texts);
}

/**
 * vfio_pci_devices_exit() - undo the overrides that were set here
 *
 * Those that somebody changed since then stay.
 */
void vfio_pci_devices_exit(void)
{
	struct vfio_pci_claim *claim, *next;
	struct device *dev;

	if (!vfio_pci_wanted_count)
		return;

	bus_unregister_notifier(&pci_bus_type, &vfio_pci_devices_nb);
	list_for_each_entry_safe(claim, next, &vfio_pci_claims, list) {
		dev = &claim->pdev->dev;
		device_lock(dev);
		if (vfio_pci_compat_overridden_by(claim->pdev,
						  vfio_pci_wanted_driver))
			vfio_pci_compat_override(claim->pdev, NULL);
		device_unlock(dev);
		vfio_pci_put_claim(claim);
	}

	vfio_pci_free_devices();
}

/**
 * vfio_pci_devices_init() - take the functions that the parameter names
 * @devices: the value; a bad item is reported and left out
 * @driver: the driver that they are for, registered
 *
 * Those that are there get their driver_override now, and are bound, as those of
 * the ids parameter are. Later ones get it when they appear. A function that has
 * a driver or an override is left alone.
 *
 * Return: 0, or an error, with nothing left to undo.
 */
int __init vfio_pci_devices_init(const char *devices,
				 struct device_driver *driver)
{
	struct pci_dev *pdev = NULL;
	size_t i;
	int ret;

	vfio_pci_wanted_driver = driver;
	ret = vfio_pci_read_devices(devices);
	if (!ret && vfio_pci_wanted_count)
		ret = bus_register_notifier(&pci_bus_type, &vfio_pci_devices_nb);
	if (ret || !vfio_pci_wanted_count) {
		vfio_pci_free_devices();
		vfio_pci_wanted_count = 0;
		return ret;
	}

	for_each_pci_dev(pdev) {
		if (!vfio_pci_is_wanted(pdev))
			continue;
		device_lock(&pdev->dev);
		vfio_pci_claim(pdev);
		device_unlock(&pdev->dev);
	}

	for (i = 0; i < vfio_pci_wanted_count; i++) {
		if (!READ_ONCE(vfio_pci_wanted[i].found))
			pr_notice("there is no %s yet\n",
				  vfio_pci_wanted[i].text);
	}

	ret = driver_attach(driver);
	if (ret)
		vfio_pci_devices_exit();
	return ret;
}
