// SPDX-License-Identifier: GPL-2.0-only
/*
 * Root buses: accesses to configuration space, and the life of what is on them.
 */
#include <linux/idr.h>
#include <linux/slab.h>

#include "pci_mock.h"
#include "pci_mock_reset.h"

#define MOCK_FIRST_DOMAIN	0x10000
#define MOCK_PARENT_BAR		2

static DEFINE_IDA(mock_domains);

struct atomic_notifier_head pci_mock_resets =
	ATOMIC_NOTIFIER_INIT(pci_mock_resets);
EXPORT_SYMBOL_GPL(pci_mock_resets);

static struct mock_bus *to_bus(struct config_item *item)
{
	return container_of(to_config_group(item), struct mock_bus, group);
}

static struct mock_bus *from_pci(struct pci_bus *bus)
{
	struct pci_sysdata *sysdata = bus->sysdata;

	return container_of(sysdata, struct mock_sysdata, pci)->mock;
}

/*
 * Who answers to a routing id: a function, or with it one of its VFs. Called
 * with the config_lock held.
 */
static struct mock_function *mock_find(struct mock_bus *mock, unsigned int rid,
				       struct mock_space **space)
{
	struct mock_function *fn;

	list_for_each_entry(fn, &mock->functions, list) {
		if (!fn->present || READ_ONCE(fn->self.lost))
			continue;
		*space = rid == fn->devfn ? &fn->self.space :
					    mock_sriov_find(fn, rid);
		if (*space)
			return fn;
	}
	return NULL;
}

/* As through ECAM: nobody there is all ones, and no error. */
static int mock_read(struct pci_bus *bus, unsigned int devfn, int where,
		     int size, u32 *val)
{
	struct mock_bus *mock = from_pci(bus);
	struct mock_space *space;
	unsigned long flags;

	PCI_SET_ERROR_RESPONSE(val);
	raw_spin_lock_irqsave(&mock->config_lock, flags);
	if (mock_find(mock, PCI_DEVID(bus->number, devfn), &space))
		*val = mock_space_read(space, where, size);
	raw_spin_unlock_irqrestore(&mock->config_lock, flags);
	return PCIBIOS_SUCCESSFUL;
}

static int mock_write(struct pci_bus *bus, unsigned int devfn, int where,
		      int size, u32 val)
{
	struct pci_mock_reset reset = { .domain = pci_domain_nr(bus) };
	struct mock_bus *mock = from_pci(bus);
	bool enabled, was_reset = false;
	struct mock_function *fn;
	struct mock_space *space;
	unsigned int resets;
	unsigned long flags;

	raw_spin_lock_irqsave(&mock->config_lock, flags);
	fn = mock_find(mock, PCI_DEVID(bus->number, devfn), &space);
	if (fn) {
		enabled = mock_sriov_enabled(space);
		resets = space->resets;
		mock_space_write(space, where, size, val);
		was_reset = space->resets != resets;
		reset.devfn = fn->devfn;
		reset.vf = space == &fn->self.space ? -1 : space - fn->vfs;
		if (!enabled && mock_sriov_enabled(space))
			mock_sriov_power_on(fn);
	}
	raw_spin_unlock_irqrestore(&mock->config_lock, flags);

	if (was_reset)
		atomic_notifier_call_chain(&pci_mock_resets, 0, &reset);
	return PCIBIOS_SUCCESSFUL;
}

/* Called for a bus that the PCI core makes for VFs, before it adds any. */
static int mock_add_bus(struct pci_bus *bus)
{
	struct mock_bus *mock = from_pci(bus);

	if (!pci_is_root_bus(bus) || bus->number)
		bus->sysdata = &mock->vf_sysdata.pci;
	return 0;
}

static struct pci_ops mock_pci_ops = {
	.add_bus	= mock_add_bus,
	.read		= mock_read,
	.write		= mock_write,
};

/* The bus that a function is on; NULL for the functions of the machine. */
struct mock_bus *mock_bus_of(struct pci_dev *pdev)
{
	return pdev->bus->ops == &mock_pci_ops ? from_pci(pdev->bus) : NULL;
}

/* The firmware properties that a function is to have, or NULL. */
struct mock_node *mock_bus_node(struct mock_bus *mock, struct pci_dev *pdev)
{
	struct mock_node *node = NULL;
	struct mock_function *fn;
	struct mock_space *space;
	unsigned long flags;

	raw_spin_lock_irqsave(&mock->config_lock, flags);
	fn = mock_find(mock, PCI_DEVID(pdev->bus->number, pdev->devfn), &space);
	if (fn)
		node = space == &fn->self.space ? fn->self.node : fn->vf.node;
	raw_spin_unlock_irqrestore(&mock->config_lock, flags);
	return node;
}

/* The function of a BDF, for pci_dev_put(), or NULL. */
struct pci_dev *mock_pci_get(const char *bdf)
{
	unsigned int domain, bus, slot, func;

	if (sscanf(bdf, "%x:%x:%x.%x", &domain, &bus, &slot, &func) != 4)
		return NULL;

	return pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, func));
}

static ssize_t mock_bus_set_pci(struct mock_bus *mock, struct pci_dev **to,
				const char *page, size_t count)
{
	struct pci_dev *pdev = mock_pci_get(page);

	if (!pdev)
		return -ENODEV;

	mutex_lock(&mock->lock);
	if (mock->bus) {
		mutex_unlock(&mock->lock);
		pci_dev_put(pdev);
		return -EBUSY;
	}
	swap(*to, pdev);
	mutex_unlock(&mock->lock);
	pci_dev_put(pdev);
	return count;
}

static ssize_t mock_bus_parent_store(struct config_item *item,
				     const char *page, size_t count)
{
	struct mock_bus *mock = to_bus(item);

	return mock_bus_set_pci(mock, &mock->parent, page, count);
}
CONFIGFS_ATTR_WO(mock_bus_, parent);

static ssize_t mock_bus_vf_parent_store(struct config_item *item,
					const char *page, size_t count)
{
	struct mock_bus *mock = to_bus(item);

	return mock_bus_set_pci(mock, &mock->vf_parent, page, count);
}
CONFIGFS_ATTR_WO(mock_bus_, vf_parent);

/* "OFFSET SIZE", in hex: the part of the BAR that is for this bus. */
static ssize_t mock_bus_window_store(struct config_item *item,
				     const char *page, size_t count)
{
	struct mock_bus *mock = to_bus(item);
	u64 offset, size;

	if (sscanf(page, "%llx %llx", &offset, &size) != 2 || !size ||
	    !PAGE_ALIGNED(offset | size))
		return -EINVAL;

	mutex_lock(&mock->lock);
	mock->offset = offset;
	mock->size = size;
	mutex_unlock(&mock->lock);
	return count;
}
CONFIGFS_ATTR_WO(mock_bus_, window);

/* 1: no IOMMU knows the bus, whose DMA is then attributed to itself. */
static ssize_t mock_bus_untranslated_store(struct config_item *item,
					   const char *page, size_t count)
{
	struct mock_bus *mock = to_bus(item);
	bool untranslated;

	if (kstrtobool(page, &untranslated))
		return -EINVAL;

	mutex_lock(&mock->lock);
	mock->untranslated = untranslated;
	mutex_unlock(&mock->lock);
	return count;
}
CONFIGFS_ATTR_WO(mock_bus_, untranslated);

static ssize_t mock_bus_domain_show(struct config_item *item, char *page)
{
	return sprintf(page, "%x\n", to_bus(item)->sysdata.pci.domain);
}
CONFIGFS_ATTR_RO(mock_bus_, domain);

static int mock_bus_claim_window(struct mock_bus *mock)
{
	struct resource *bar = &mock->parent->resource[MOCK_PARENT_BAR];
	u64 all = resource_size(bar);
	u64 size = mock->size ?: all;

	if (!(bar->flags & IORESOURCE_MEM) || !bar->start)
		return -EINVAL;
	if (mock->offset > all || size > all - mock->offset)
		return -EINVAL;

	mock->window = (struct resource) {
		.name	= "pci_mock",
		.start	= bar->start + mock->offset,
		.end	= bar->start + mock->offset + size - 1,
		.flags	= IORESOURCE_MEM | IORESOURCE_MEM_64,
	};
	return request_resource(bar, &mock->window);
}

static int mock_bus_register_nodes(struct mock_bus *mock)
{
	struct mock_function *fn;
	bool wanted = false;
	int ret;

	list_for_each_entry(fn, &mock->functions, list) {
		if (mock_node_is_gone(fn->self.node) ||
		    mock_node_is_gone(fn->vf.node))
			return -ENOENT;
		wanted |= fn->self.node || fn->vf.node;
	}
	if (!wanted)
		return 0;

	ret = mock_nodes_register();
	mock->uses_nodes = !ret;
	return ret;
}

static void mock_bus_unregister_nodes(struct mock_bus *mock)
{
	if (mock->uses_nodes)
		mock_nodes_unregister();
	mock->uses_nodes = false;
}

static void mock_bus_free_vfs(struct mock_bus *mock)
{
	struct mock_function *fn;

	list_for_each_entry(fn, &mock->functions, list)
		mock_sriov_free(fn);
}

static int mock_bus_alloc_vfs(struct mock_bus *mock)
{
	struct mock_function *fn;
	int ret;

	list_for_each_entry(fn, &mock->functions, list) {
		ret = mock_sriov_alloc(fn);
		if (ret) {
			mock_bus_free_vfs(mock);
			return ret;
		}
	}
	return 0;
}

static int mock_bus_create(struct mock_bus *mock)
{
	LIST_HEAD(resources);

	mock->numbers = (struct resource) {
		.name	= "pci_mock",
		.end	= 0xff,
		.flags	= IORESOURCE_BUS,
	};
	mock->sysdata.pci.vmd_dev = mock->untranslated ? NULL : mock->parent;
	mock->vf_sysdata.pci.vmd_dev = mock->vf_parent ?: mock->parent;
	pci_add_resource(&resources, &mock->window);
	pci_add_resource(&resources, &mock->numbers);

	pci_lock_rescan_remove();
	mock->bus = pci_create_root_bus(&mock->parent->dev, 0, &mock_pci_ops,
					&mock->sysdata.pci, &resources);
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

static int mock_bus_start(struct mock_bus *mock)
{
	int ret;

	if (mock->bus)
		return 0;
	if (!mock->parent)
		return -EINVAL;

	ret = mock_bus_claim_window(mock);
	if (ret)
		return ret;
	ret = mock_bus_register_nodes(mock);
	if (ret)
		goto err_window;
	ret = mock_bus_alloc_vfs(mock);
	if (ret)
		goto err_nodes;
	ret = mock_bus_create(mock);
	if (ret)
		goto err_vfs;
	return 0;

err_vfs:
	mock_bus_free_vfs(mock);
err_nodes:
	mock_bus_unregister_nodes(mock);
err_window:
	release_resource(&mock->window);
	return ret;
}

/*
 * A stub driver leaves VFs behind when it is unbound, and the PCI core does
 * not expect a PF to go before them.
 */
static void mock_disable_vfs(struct pci_dev *pdev)
{
	if (!pdev || !pci_num_vf(pdev))
		return;

	device_release_driver(&pdev->dev);
	pci_disable_sriov(pdev);
}

void mock_bus_stop(struct mock_bus *mock)
{
	struct pci_host_bridge *bridge;
	struct mock_function *fn;
	struct pci_dev *pdev;

	if (!mock->bus)
		return;

	list_for_each_entry(fn, &mock->functions, list) {
		pdev = pci_get_slot(mock->bus, fn->devfn);
		mock_disable_vfs(pdev);
		pci_dev_put(pdev);
	}

	pci_lock_rescan_remove();
	bridge = to_pci_host_bridge(mock->bus->bridge);
	pci_stop_root_bus(mock->bus);
	pci_remove_root_bus(mock->bus);
	pci_unlock_rescan_remove();
	/* Who creates a root bus has the first reference to its bridge. */
	pci_free_host_bridge(bridge);
	mock->bus = NULL;
	mock_bus_free_vfs(mock);
	mock_bus_unregister_nodes(mock);
	release_resource(&mock->window);
}

static void mock_bus_replug(struct mock_bus *mock, struct mock_function *fn)
{
	struct pci_dev *pdev = pci_get_slot(mock->bus, fn->devfn);

	if (pdev && !fn->present) {
		mock_disable_vfs(pdev);
		pci_lock_rescan_remove();
		pci_stop_and_remove_bus_device(pdev);
		pci_unlock_rescan_remove();
	}
	if (!pdev && fn->present) {
		pci_lock_rescan_remove();
		pci_rescan_bus(mock->bus);
		pci_unlock_rescan_remove();
	}
	pci_dev_put(pdev);
}

void mock_bus_plug(struct mock_function *fn, bool present)
{
	struct mock_bus *mock = fn->self.mock;
	unsigned long flags;

	mutex_lock(&mock->lock);
	raw_spin_lock_irqsave(&mock->config_lock, flags);
	fn->present = present;
	raw_spin_unlock_irqrestore(&mock->config_lock, flags);
	if (mock->bus)
		mock_bus_replug(mock, fn);
	mutex_unlock(&mock->lock);
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
	&mock_bus_attr_vf_parent,
	&mock_bus_attr_window,
	&mock_bus_attr_untranslated,
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
	int ret = 0;

	if (sscanf(name, "%x.%x", &slot, &func) != 2 || slot > 0x1f || func > 7)
		return ERR_PTR(-EINVAL);
	fn = mock_function_alloc(mock, name, PCI_DEVFN(slot, func));
	if (!fn)
		return ERR_PTR(-ENOMEM);

	mutex_lock(&mock->lock);
	if (mock->bus)
		ret = -EBUSY;
	else
		list_add_tail(&fn->list, &mock->functions);
	mutex_unlock(&mock->lock);
	if (ret) {
		config_item_put(&fn->self.group.cg_item);
		return ERR_PTR(ret);
	}
	return &fn->self.group;
}

/* The bus goes down with the first of its functions. */
static void mock_drop_function(struct config_group *group,
			       struct config_item *item)
{
	struct mock_bus *mock = to_bus(&group->cg_item);

	mutex_lock(&mock->lock);
	mock_bus_stop(mock);
	list_del(&mock_function_of(item)->list);
	mutex_unlock(&mock->lock);
	config_item_put(item);
}

static void mock_bus_release(struct config_item *item)
{
	struct mock_bus *mock = to_bus(item);

	mock_bus_stop(mock);
	pci_dev_put(mock->vf_parent);
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

static void mock_sysdata_init(struct mock_sysdata *sysdata,
			      struct mock_bus *mock)
{
	sysdata->mock = mock;
	sysdata->pci.domain = MOCK_FIRST_DOMAIN + mock->index;
	sysdata->pci.node = NUMA_NO_NODE;
}

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
	raw_spin_lock_init(&mock->config_lock);
	INIT_LIST_HEAD(&mock->functions);
	mock_sysdata_init(&mock->sysdata, mock);
	mock_sysdata_init(&mock->vf_sysdata, mock);
	config_group_init_type_name(&mock->group, name, &mock_bus_type);
	return &mock->group;
}

static struct configfs_group_operations mock_root_group_ops = {
	.make_group = mock_make_bus,
};

const struct config_item_type mock_root_type = {
	.ct_group_ops	= &mock_root_group_ops,
	.ct_owner	= THIS_MODULE,
};

void mock_bus_exit(void)
{
	ida_destroy(&mock_domains);
}
