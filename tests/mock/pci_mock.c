// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI functions made up by a test, behind the IOMMU of the machine.
 *
 * configfs: mkdir pci_mock/BUS, write the BDF of a real function with a large
 * BAR 2 to its "parent", mkdir BUS/DD.F for each function, fill in, write 1 to
 * "live". DMA is attributed to the parent, as behind Intel's VMD, whose hook
 * in x86's pci_real_dma_dev() this uses; BAR 2 of the parent backs the BARs.
 */
#include <linux/configfs.h>
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#if __has_include(<linux/unaligned.h>)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#define MOCK_CONFIG_SIZE	256
#define MOCK_FIRST_DOMAIN	0x10000
#define MOCK_PARENT_BAR		2
#define MOCK_BARS		3	/* 64 bits each */

struct mock_function {
	struct config_group group;
	struct list_head list;
	unsigned int devfn;
	bool present;
	u8 config[MOCK_CONFIG_SIZE];
	u8 writable[MOCK_CONFIG_SIZE];
};

struct mock_bus {
	struct config_group group;
	struct mutex lock;		/* live, and what is attached */
	struct list_head functions;
	struct pci_dev *parent;
	struct pci_bus *bus;
	struct pci_sysdata sysdata;
	struct resource window;
	int index;
};

static DEFINE_IDA(mock_domains);

static struct mock_function *to_function(struct config_item *item)
{
	return container_of(to_config_group(item), struct mock_function, group);
}

static struct mock_bus *to_bus(struct config_item *item)
{
	return container_of(to_config_group(item), struct mock_bus, group);
}

static struct mock_bus *bus_of(struct mock_function *fn)
{
	return to_bus(fn->group.cg_item.ci_parent);
}

/* Called with pci_lock held, as every access to configuration space. */
static struct mock_function *mock_find(struct pci_bus *bus, unsigned int devfn)
{
	struct mock_bus *mock = container_of(bus->sysdata, struct mock_bus,
					     sysdata);
	struct mock_function *fn;

	list_for_each_entry(fn, &mock->functions, list) {
		if (fn->devfn == devfn && READ_ONCE(fn->present))
			return fn;
	}
	return NULL;
}

static int mock_read(struct pci_bus *bus, unsigned int devfn, int where,
		     int size, u32 *val)
{
	struct mock_function *fn = mock_find(bus, devfn);
	int i;

	if (!fn) {
		PCI_SET_ERROR_RESPONSE(val);
		return PCIBIOS_DEVICE_NOT_FOUND;
	}
	if (where + size > MOCK_CONFIG_SIZE) {
		PCI_SET_ERROR_RESPONSE(val);
		return PCIBIOS_SUCCESSFUL;
	}

	*val = 0;
	for (i = 0; i < size; i++)
		*val |= fn->config[where + i] << (8 * i);
	return PCIBIOS_SUCCESSFUL;
}

static int mock_write(struct pci_bus *bus, unsigned int devfn, int where,
		      int size, u32 val)
{
	struct mock_function *fn = mock_find(bus, devfn);
	int i;

	if (!fn)
		return PCIBIOS_DEVICE_NOT_FOUND;
	if (where + size > MOCK_CONFIG_SIZE)
		return PCIBIOS_SUCCESSFUL;

	for (i = 0; i < size; i++) {
		u8 mask = fn->writable[where + i];

		fn->config[where + i] = (fn->config[where + i] & ~mask) |
					(val >> (8 * i) & mask);
	}
	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops mock_pci_ops = {
	.read	= mock_read,
	.write	= mock_write,
};

static void mock_poke(struct mock_function *fn, unsigned int where,
		      unsigned int size, u32 val)
{
	for (; size--; val >>= 8)
		fn->config[where++] = val;
}

static ssize_t mock_poke_hex(struct config_item *item, const char *page,
			     size_t count, unsigned int where,
			     unsigned int size)
{
	u32 val;

	if (kstrtou32(page, 16, &val))
		return -EINVAL;
	mock_poke(to_function(item), where, size, val);
	return count;
}

static ssize_t mock_function_vendor_store(struct config_item *item,
					  const char *page, size_t count)
{
	return mock_poke_hex(item, page, count, PCI_VENDOR_ID, 2);
}
CONFIGFS_ATTR_WO(mock_function_, vendor);

static ssize_t mock_function_device_store(struct config_item *item,
					  const char *page, size_t count)
{
	return mock_poke_hex(item, page, count, PCI_DEVICE_ID, 2);
}
CONFIGFS_ATTR_WO(mock_function_, device);

static ssize_t mock_function_class_store(struct config_item *item,
					 const char *page, size_t count)
{
	return mock_poke_hex(item, page, count, PCI_CLASS_PROG, 3);
}
CONFIGFS_ATTR_WO(mock_function_, class);

/* "OFFSET WIDTH VALUE", all in hex; also bytes that the bus can not write. */
static ssize_t mock_function_config_store(struct config_item *item,
					  const char *page, size_t count)
{
	unsigned int where, size, val;

	if (sscanf(page, "%x %x %x", &where, &size, &val) != 3 || size > 4 ||
	    where >= MOCK_CONFIG_SIZE || where + size > MOCK_CONFIG_SIZE)
		return -EINVAL;

	mock_poke(to_function(item), where, size, val);
	return count;
}
CONFIGFS_ATTR_WO(mock_function_, config);

/* "INDEX SIZE", in hex: a 64-bit memory BAR at BAR pair 0, 2 or 4. */
static ssize_t mock_function_bar_store(struct config_item *item,
				       const char *page, size_t count)
{
	struct mock_function *fn = to_function(item);
	unsigned int index, size, where;

	if (sscanf(page, "%x %x", &index, &size) != 2 || index & 1 ||
	    index / 2 >= MOCK_BARS || size < 16 || !is_power_of_2(size))
		return -EINVAL;

	where = PCI_BASE_ADDRESS_0 + 4 * index;
	mock_poke(fn, where, 4, PCI_BASE_ADDRESS_MEM_TYPE_64);
	put_unaligned_le32(~(size - 1), fn->writable + where);
	put_unaligned_le32(~0, fn->writable + where + 4);
	return count;
}
CONFIGFS_ATTR_WO(mock_function_, bar);

/* While the bus is live: surprise removal, and insertion. */
static ssize_t mock_function_present_store(struct config_item *item,
					   const char *page, size_t count)
{
	struct mock_function *fn = to_function(item);
	struct mock_bus *mock = bus_of(fn);
	struct pci_dev *pdev;
	bool present;

	if (kstrtobool(page, &present))
		return -EINVAL;

	mutex_lock(&mock->lock);
	WRITE_ONCE(fn->present, present);
	if (mock->bus) {
		pci_lock_rescan_remove();
		pdev = pci_get_slot(mock->bus, fn->devfn);
		if (pdev && !present)
			pci_stop_and_remove_bus_device(pdev);
		if (!pdev && present)
			pci_rescan_bus(mock->bus);
		pci_dev_put(pdev);
		pci_unlock_rescan_remove();
	}
	mutex_unlock(&mock->lock);
	return count;
}
CONFIGFS_ATTR_WO(mock_function_, present);

static struct configfs_attribute *mock_function_attrs[] = {
	&mock_function_attr_vendor,
	&mock_function_attr_device,
	&mock_function_attr_class,
	&mock_function_attr_config,
	&mock_function_attr_bar,
	&mock_function_attr_present,
	NULL
};

static void mock_function_release(struct config_item *item)
{
	kfree(to_function(item));
}

static struct configfs_item_operations mock_function_item_ops = {
	.release = mock_function_release,
};

static const struct config_item_type mock_function_type = {
	.ct_item_ops	= &mock_function_item_ops,
	.ct_attrs	= mock_function_attrs,
	.ct_owner	= THIS_MODULE,
};

static ssize_t mock_bus_parent_store(struct config_item *item,
				     const char *page, size_t count)
{
	struct mock_bus *mock = to_bus(item);
	unsigned int domain, bus, slot, func;
	struct pci_dev *pdev;
	ssize_t ret = count;

	if (sscanf(page, "%x:%x:%x.%x", &domain, &bus, &slot, &func) != 4)
		return -EINVAL;
	pdev = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, func));
	if (!pdev)
		return -ENODEV;

	mutex_lock(&mock->lock);
	if (mock->bus) {
		ret = -EBUSY;
		pci_dev_put(pdev);
	} else {
		pci_dev_put(mock->parent);
		mock->parent = pdev;
	}
	mutex_unlock(&mock->lock);
	return ret;
}
CONFIGFS_ATTR_WO(mock_bus_, parent);

static ssize_t mock_bus_domain_show(struct config_item *item, char *page)
{
	return sprintf(page, "%x\n", to_bus(item)->sysdata.domain);
}
CONFIGFS_ATTR_RO(mock_bus_, domain);

static int mock_bus_start(struct mock_bus *mock)
{
	struct resource *bar;
	LIST_HEAD(resources);

	if (mock->bus)
		return 0;
	if (!mock->parent)
		return -EINVAL;

	bar = &mock->parent->resource[MOCK_PARENT_BAR];
	if (!resource_size(bar) || !(bar->flags & IORESOURCE_MEM))
		return -EINVAL;

	mock->window = (struct resource) {
		.name	= "pci_mock",
		.start	= bar->start,
		.end	= bar->end,
		.flags	= IORESOURCE_MEM | IORESOURCE_MEM_64,
		.parent	= bar,
	};
	mock->sysdata.node = NUMA_NO_NODE;
	mock->sysdata.vmd_dev = mock->parent;
	pci_add_resource(&resources, &mock->window);

	pci_lock_rescan_remove();
	mock->bus = pci_create_root_bus(&mock->parent->dev, 0, &mock_pci_ops,
					&mock->sysdata, &resources);
	if (mock->bus) {
		pci_scan_child_bus(mock->bus);
		pci_assign_unassigned_bus_resources(mock->bus);
		pci_bus_add_devices(mock->bus);
	} else {
		pci_free_resource_list(&resources);
	}
	pci_unlock_rescan_remove();
	return mock->bus ? 0 : -ENOMEM;
}

static void mock_bus_stop(struct mock_bus *mock)
{
	if (!mock->bus)
		return;

	pci_lock_rescan_remove();
	pci_stop_root_bus(mock->bus);
	pci_remove_root_bus(mock->bus);
	pci_unlock_rescan_remove();
	mock->bus = NULL;
}

static ssize_t mock_bus_live_store(struct config_item *item, const char *page,
				   size_t count)
{
	struct mock_bus *mock = to_bus(item);
	int ret = 0;
	bool live;

	if (kstrtobool(page, &live))
		return -EINVAL;

	mutex_lock(&mock->lock);
	if (live)
		ret = mock_bus_start(mock);
	else
		mock_bus_stop(mock);
	mutex_unlock(&mock->lock);
	return ret ?: count;
}
CONFIGFS_ATTR_WO(mock_bus_, live);

static struct configfs_attribute *mock_bus_attrs[] = {
	&mock_bus_attr_parent,
	&mock_bus_attr_domain,
	&mock_bus_attr_live,
	NULL
};

static struct config_group *mock_make_function(struct config_group *group,
					       const char *name)
{
	struct mock_bus *mock = to_bus(&group->cg_item);
	struct mock_function *fn;
	unsigned int slot, func;

	if (sscanf(name, "%x.%x", &slot, &func) != 2 || slot > 0x1f || func > 7)
		return ERR_PTR(-EINVAL);
	if (mock->bus)
		return ERR_PTR(-EBUSY);

	fn = kzalloc(sizeof(*fn), GFP_KERNEL);
	if (!fn)
		return ERR_PTR(-ENOMEM);

	fn->devfn = PCI_DEVFN(slot, func);
	fn->present = true;
	put_unaligned_le16(PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
			   PCI_COMMAND_MASTER | PCI_COMMAND_PARITY |
			   PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE,
			   fn->writable + PCI_COMMAND);
	fn->writable[PCI_CACHE_LINE_SIZE] = 0xff;
	fn->writable[PCI_LATENCY_TIMER] = 0xff;
	fn->writable[PCI_INTERRUPT_LINE] = 0xff;

	config_group_init_type_name(&fn->group, name, &mock_function_type);
	list_add_tail(&fn->list, &mock->functions);
	return &fn->group;
}

/* The bus goes down with the first of its functions. */
static void mock_drop_function(struct config_group *group,
			       struct config_item *item)
{
	struct mock_bus *mock = to_bus(&group->cg_item);

	mutex_lock(&mock->lock);
	mock_bus_stop(mock);
	list_del(&to_function(item)->list);
	mutex_unlock(&mock->lock);
	config_item_put(item);
}

static void mock_bus_release(struct config_item *item)
{
	struct mock_bus *mock = to_bus(item);

	mock_bus_stop(mock);
	pci_dev_put(mock->parent);
	ida_free(&mock_domains, mock->index);
	mutex_destroy(&mock->lock);
	kfree(mock);
}

static struct configfs_group_operations mock_bus_group_ops = {
	.make_group	= mock_make_function,
	.drop_item	= mock_drop_function,
};

static struct configfs_item_operations mock_bus_item_ops = {
	.release = mock_bus_release,
};

static const struct config_item_type mock_bus_type = {
	.ct_group_ops	= &mock_bus_group_ops,
	.ct_item_ops	= &mock_bus_item_ops,
	.ct_attrs	= mock_bus_attrs,
	.ct_owner	= THIS_MODULE,
};

static struct config_group *mock_make_bus(struct config_group *group,
					  const char *name)
{
	struct mock_bus *mock = kzalloc(sizeof(*mock), GFP_KERNEL);

	if (!mock)
		return ERR_PTR(-ENOMEM);

	mock->index = ida_alloc(&mock_domains, GFP_KERNEL);
	if (mock->index < 0) {
		kfree(mock);
		return ERR_PTR(-ENOMEM);
	}

	mutex_init(&mock->lock);
	INIT_LIST_HEAD(&mock->functions);
	mock->sysdata.domain = MOCK_FIRST_DOMAIN + mock->index;
	config_group_init_type_name(&mock->group, name, &mock_bus_type);
	return &mock->group;
}

static struct configfs_group_operations mock_root_group_ops = {
	.make_group = mock_make_bus,
};

static const struct config_item_type mock_root_type = {
	.ct_group_ops	= &mock_root_group_ops,
	.ct_owner	= THIS_MODULE,
};

static struct configfs_subsystem mock_subsystem = {
	.su_group = {
		.cg_item = {
			.ci_namebuf	= "pci_mock",
			.ci_type	= &mock_root_type,
		},
	},
};

static int __init mock_init(void)
{
	config_group_init(&mock_subsystem.su_group);
	mutex_init(&mock_subsystem.su_mutex);
	return configfs_register_subsystem(&mock_subsystem);
}
module_init(mock_init);

static void __exit mock_exit(void)
{
	configfs_unregister_subsystem(&mock_subsystem);
	ida_destroy(&mock_domains);
}
module_exit(mock_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The vfio-pci vendor ops authors");
MODULE_DESCRIPTION("PCI functions made up by a test");
