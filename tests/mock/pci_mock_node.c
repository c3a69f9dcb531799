// SPDX-License-Identifier: GPL-2.0-only
/*
 * Firmware nodes: properties of functions, and what those refer to. They are
 * software nodes, so device_property_*() and fwnode_*() find all of it.
 *
 * mkdir nodes/NAME, and nodes/NAME/CHILD, as deep as wanted. Numbers in hex:
 *   u32, u64   "PROPERTY VALUE...": a property of one value, or an array
 *   string     "PROPERTY TEXT"
 *   boolean    "PROPERTY"
 *   reference  "PROPERTY PATH[:ARGUMENT]...": other nodes; PATH is NAME/CHILD
 *   attach     BDF of a function of the machine, not bound to any driver: it
 *              has the properties from now on; an empty line unbinds it and
 *              takes them away
 * A function of a mock bus has a node through its own "node" attribute. While
 * any function has one, no node can be added or changed; nodes whose folders are
 * removed stay until then.
 *   nodes/query: what a driver would see, in pci_mock_query.c
 */
#include <linux/device/bus.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "pci_mock.h"
#include "pci_mock_node.h"

static DEFINE_MUTEX(mock_nodes_lock);
static LIST_HEAD(mock_nodes);
static unsigned int mock_nodes_users;

static const struct config_item_type mock_node_type;

static struct mock_node *to_node(struct config_item *item)
{
	return container_of(to_config_group(item), struct mock_node, group);
}

static struct mock_node *mock_node_find(const struct software_node *parent,
					const char *name)
{
	struct mock_node *node;

	list_for_each_entry(node, &mock_nodes, list) {
		if (node->node.parent == parent && !node->dropped &&
		    !strcmp(node->node.name, name))
			return node;
	}
	return NULL;
}

/* Called with mock_nodes_lock held. Writes into @path. */
static struct mock_node *mock_node_walk(char *path)
{
	struct mock_node *node = NULL;
	char *name;

	while ((name = strsep(&path, "/"))) {
		node = mock_node_find(node ? &node->node : NULL, name);
		if (!node)
			return NULL;
	}
	return node;
}

/* The node of a path, for mock_node_put(), or NULL. */
struct mock_node *mock_node_get(const char *path)
{
	char *text = kstrdup(path, GFP_KERNEL);
	struct mock_node *node;

	if (!text)
		return NULL;

	mutex_lock(&mock_nodes_lock);
	node = mock_node_walk(strim(text));
	if (node)
		config_item_get(&node->group.cg_item);
	mutex_unlock(&mock_nodes_lock);
	kfree(text);
	return node;
}

void mock_node_put(struct mock_node *node)
{
	if (node)
		config_item_put(&node->group.cg_item);
}

/* Its folder was removed before the function that names it came up. */
bool mock_node_is_gone(struct mock_node *node)
{
	return node && READ_ONCE(node->dropped);
}

/* Called with mock_nodes_lock held; children go before their parents. */
static void mock_nodes_remove(void)
{
	struct mock_node *node, *next;

	list_for_each_entry_safe_reverse(node, next, &mock_nodes, list) {
		software_node_unregister(&node->node);
		if (!node->dropped)
			continue;
		list_del(&node->list);
		mock_node_put(node);
	}
}

static int mock_nodes_add(void)
{
	struct mock_node *node;
	int ret;

	list_for_each_entry(node, &mock_nodes, list) {
		ret = software_node_register(&node->node);
		if (ret) {
			mock_nodes_remove();
			return ret;
		}
	}
	return 0;
}

/* All nodes, because they refer to each other, while there is a user. */
int mock_nodes_register(void)
{
	int ret = 0;

	mutex_lock(&mock_nodes_lock);
	if (!mock_nodes_users)
		ret = mock_nodes_add();
	if (!ret)
		mock_nodes_users++;
	mutex_unlock(&mock_nodes_lock);
	return ret;
}

void mock_nodes_unregister(void)
{
	mutex_lock(&mock_nodes_lock);
	if (!--mock_nodes_users)
		mock_nodes_remove();
	mutex_unlock(&mock_nodes_lock);
}

/* Values up to the end of @text, or a negative errno. */
static int mock_parse_u64(struct mock_property *property, char *text)
{
	char *word;
	int n = 0;

	while ((word = strsep(&text, " "))) {
		if (n == MOCK_VALUES)
			return -E2BIG;
		if (kstrtou64(word, 16, &property->u64s[n++]))
			return -EINVAL;
	}
	return n;
}

static int mock_parse_u32(struct mock_property *property, char *text)
{
	char *word;
	int n = 0;

	while ((word = strsep(&text, " "))) {
		if (n == MOCK_VALUES)
			return -E2BIG;
		if (kstrtou32(word, 16, &property->u32s[n++]))
			return -EINVAL;
	}
	return n;
}

static int mock_parse_reference(struct software_node_ref_args *ref, char *text)
{
	struct mock_node *node = mock_node_walk(strsep(&text, ":"));
	char *word;

	if (!node)
		return -ENOENT;

	*ref = SOFTWARE_NODE_REFERENCE(&node->node);
	while ((word = strsep(&text, ":"))) {
		if (ref->nargs == NR_FWNODE_REFERENCE_ARGS)
			return -E2BIG;
		if (kstrtou64(word, 16, &ref->args[ref->nargs++]))
			return -EINVAL;
	}
	return 0;
}

static int mock_parse_references(struct mock_property *property, char *text)
{
	char *word;
	int n = 0;
	int ret;

	while ((word = strsep(&text, " "))) {
		if (n == MOCK_REFERENCES)
			return -E2BIG;
		ret = mock_parse_reference(&property->refs[n++], word);
		if (ret)
			return ret;
	}
	return n;
}

/*
 * Parse the values of a property and describe them. Called with
 * mock_nodes_lock held; @text is NULL when there are none.
 */
typedef int (*mock_entry_fn)(struct mock_property *property, char *text,
			     struct property_entry *entry);

static int mock_entry_u32(struct mock_property *property, char *text,
			  struct property_entry *entry)
{
	int n = mock_parse_u32(property, text);

	if (n <= 0)
		return n ?: -EINVAL;
	*entry = PROPERTY_ENTRY_U32_ARRAY_LEN(property->name, property->u32s, n);
	return 0;
}

static int mock_entry_u64(struct mock_property *property, char *text,
			  struct property_entry *entry)
{
	int n = mock_parse_u64(property, text);

	if (n <= 0)
		return n ?: -EINVAL;
	*entry = PROPERTY_ENTRY_U64_ARRAY_LEN(property->name, property->u64s, n);
	return 0;
}

static int mock_entry_string(struct mock_property *property, char *text,
			     struct property_entry *entry)
{
	if (!text || strscpy(property->text, text, sizeof(property->text)) < 0)
		return -EINVAL;
	*entry = PROPERTY_ENTRY_STRING(property->name, property->text);
	return 0;
}

static int mock_entry_boolean(struct mock_property *property, char *text,
			      struct property_entry *entry)
{
	if (text)
		return -EINVAL;
	*entry = PROPERTY_ENTRY_BOOL(property->name);
	return 0;
}

static int mock_entry_reference(struct mock_property *property, char *text,
				struct property_entry *entry)
{
	int n = mock_parse_references(property, text);

	if (n <= 0)
		return n ?: -EINVAL;
	*entry = PROPERTY_ENTRY_REF_ARRAY_LEN(property->name, property->refs, n);
	return 0;
}

static int mock_property_add(struct mock_node *node, char *text,
			     mock_entry_fn describe)
{
	struct mock_property *property;
	char *name = strsep(&text, " ");
	int ret = -EINVAL;

	if (node->count == MOCK_PROPERTIES)
		return -ENOSPC;
	if (mock_nodes_users)
		return -EBUSY;

	property = kzalloc(sizeof(*property), GFP_KERNEL);
	if (!property)
		return -ENOMEM;

	if (*name && strscpy(property->name, name, MOCK_PROPERTY_NAME) > 0)
		ret = describe(property, text, &node->entries[node->count]);
	if (ret) {
		node->entries[node->count] = (struct property_entry){};
		kfree(property);
		return ret;
	}
	node->properties[node->count++] = property;
	return 0;
}

static ssize_t mock_property_store(struct config_item *item, const char *page,
				   size_t count, mock_entry_fn describe)
{
	char *text = kstrdup(page, GFP_KERNEL);
	int ret;

	if (!text)
		return -ENOMEM;

	mutex_lock(&mock_nodes_lock);
	ret = mock_property_add(to_node(item), strim(text), describe);
	mutex_unlock(&mock_nodes_lock);
	kfree(text);
	return ret ?: count;
}

static ssize_t mock_node_u32_store(struct config_item *item, const char *page,
				   size_t count)
{
	return mock_property_store(item, page, count, mock_entry_u32);
}
CONFIGFS_ATTR_WO(mock_node_, u32);

static ssize_t mock_node_u64_store(struct config_item *item, const char *page,
				   size_t count)
{
	return mock_property_store(item, page, count, mock_entry_u64);
}
CONFIGFS_ATTR_WO(mock_node_, u64);

static ssize_t mock_node_string_store(struct config_item *item,
				      const char *page, size_t count)
{
	return mock_property_store(item, page, count, mock_entry_string);
}
CONFIGFS_ATTR_WO(mock_node_, string);

static ssize_t mock_node_boolean_store(struct config_item *item,
				       const char *page, size_t count)
{
	return mock_property_store(item, page, count, mock_entry_boolean);
}
CONFIGFS_ATTR_WO(mock_node_, boolean);

static ssize_t mock_node_reference_store(struct config_item *item,
					 const char *page, size_t count)
{
	return mock_property_store(item, page, count, mock_entry_reference);
}
CONFIGFS_ATTR_WO(mock_node_, reference);

/* Swap the function that a node is attached to, if it is @from. */
static bool mock_node_claim(struct mock_node *node, struct pci_dev *from,
			    struct pci_dev *to)
{
	bool good;

	mutex_lock(&mock_nodes_lock);
	good = node->pdev == from;
	if (good)
		node->pdev = to;
	mutex_unlock(&mock_nodes_lock);
	return good;
}

/*
 * mock_nodes_lock is not held over device_lock(): the PCI core adds and
 * removes VFs, which the notifier here sees, with that of the PF held.
 */
static int mock_node_attach(struct mock_node *node, struct pci_dev *pdev)
{
	int ret;

	if (!mock_node_claim(node, NULL, pdev))
		return -EBUSY;

	ret = mock_nodes_register();
	if (ret)
		goto err_claim;

	device_lock(&pdev->dev);
	ret = -EBUSY;
	if (!pdev->dev.driver)
		ret = device_add_software_node(&pdev->dev, &node->node);
	device_unlock(&pdev->dev);
	if (ret)
		goto err_register;
	return 0;

err_register:
	mock_nodes_unregister();
err_claim:
	mock_node_claim(node, pdev, NULL);
	return ret;
}

static void mock_node_detach(struct mock_node *node, struct pci_dev *pdev)
{
	if (!pdev || !mock_node_claim(node, pdev, NULL))
		return;

	device_release_driver(&pdev->dev);
	device_remove_software_node(&pdev->dev);
	mock_nodes_unregister();
	pci_dev_put(pdev);
}

static ssize_t mock_node_attach_store(struct config_item *item,
				      const char *page, size_t count)
{
	struct mock_node *node = to_node(item);
	struct pci_dev *pdev;
	int ret;

	if (sysfs_streq(page, "")) {
		mock_node_detach(node, READ_ONCE(node->pdev));
		return count;
	}

	pdev = mock_pci_get(page);
	if (!pdev)
		return -ENODEV;

	ret = mock_bus_of(pdev) ? -EINVAL : mock_node_attach(node, pdev);
	if (ret)
		pci_dev_put(pdev);
	return ret ?: count;
}
CONFIGFS_ATTR_WO(mock_node_, attach);

static struct configfs_attribute *mock_node_attrs[] = {
	&mock_node_attr_u32,
	&mock_node_attr_u64,
	&mock_node_attr_string,
	&mock_node_attr_boolean,
	&mock_node_attr_reference,
	&mock_node_attr_attach,
	NULL
};

static struct config_group *mock_node_make(const struct software_node *parent,
					   const char *name)
{
	struct mock_node *node = kzalloc(sizeof(*node), GFP_KERNEL);
	bool busy;

	if (!node)
		return ERR_PTR(-ENOMEM);

	config_group_init_type_name(&node->group, name, &mock_node_type);
	node->node.name = config_item_name(&node->group.cg_item);
	node->node.parent = parent;
	node->node.properties = node->entries;

	mutex_lock(&mock_nodes_lock);
	busy = mock_nodes_users;
	if (!busy)
		list_add_tail(&node->list, &mock_nodes);
	mutex_unlock(&mock_nodes_lock);
	if (busy) {
		mock_node_put(node);
		return ERR_PTR(-EBUSY);
	}
	return &node->group;
}

static struct config_group *mock_node_make_child(struct config_group *group,
						 const char *name)
{
	return mock_node_make(&to_node(&group->cg_item)->node, name);
}

static struct config_group *mock_node_make_root(struct config_group *group,
						const char *name)
{
	return mock_node_make(NULL, name);
}

static void mock_node_drop(struct config_group *group, struct config_item *item)
{
	struct mock_node *node = to_node(item);

	mock_node_detach(node, READ_ONCE(node->pdev));
	mutex_lock(&mock_nodes_lock);
	WRITE_ONCE(node->dropped, true);
	if (!mock_nodes_users)
		mock_nodes_remove();
	mutex_unlock(&mock_nodes_lock);
}

static void mock_node_release(struct config_item *item)
{
	struct mock_node *node = to_node(item);
	unsigned int i;

	for (i = 0; i < node->count; i++)
		kfree(node->properties[i]);
	kfree(node);
}

static struct configfs_item_operations mock_node_item_ops = {
	.release = mock_node_release,
};

static struct configfs_group_operations mock_node_group_ops = {
	.make_group	= mock_node_make_child,
	.drop_item	= mock_node_drop,
};

static const struct config_item_type mock_node_type = {
	.ct_item_ops	= &mock_node_item_ops,
	.ct_group_ops	= &mock_node_group_ops,
	.ct_attrs	= mock_node_attrs,
	.ct_owner	= THIS_MODULE,
};

static struct configfs_group_operations mock_nodes_group_ops = {
	.make_group	= mock_node_make_root,
	.drop_item	= mock_node_drop,
};

const struct config_item_type mock_nodes_type = {
	.ct_group_ops	= &mock_nodes_group_ops,
	.ct_attrs	= mock_query_attrs,
	.ct_owner	= THIS_MODULE,
};

/* Hot removal of a function of the machine. */
static void mock_node_forget(struct pci_dev *pdev)
{
	struct mock_node *node, *found = NULL;

	mutex_lock(&mock_nodes_lock);
	list_for_each_entry(node, &mock_nodes, list) {
		if (node->pdev == pdev)
			found = node;
	}
	mutex_unlock(&mock_nodes_lock);
	if (found)
		mock_node_detach(found, pdev);
}

/* Before a driver can see the function, and after. */
static int mock_node_notify(struct notifier_block *nb, unsigned long action,
			    void *data)
{
	struct pci_dev *pdev = to_pci_dev(data);
	struct mock_bus *mock = mock_bus_of(pdev);
	struct mock_node *node;

	if (action == BUS_NOTIFY_ADD_DEVICE && mock) {
		node = mock_bus_node(mock, pdev);
		if (node && device_add_software_node(&pdev->dev, &node->node))
			pci_err(pdev, "no firmware properties\n");
	}

	if (action == BUS_NOTIFY_DEL_DEVICE) {
		if (mock)
			device_remove_software_node(&pdev->dev);
		else
			mock_node_forget(pdev);
	}
	return NOTIFY_OK;
}

static struct notifier_block mock_node_nb = {
	.notifier_call = mock_node_notify,
};

int mock_nodes_init(void)
{
	return bus_register_notifier(&pci_bus_type, &mock_node_nb);
}

void mock_nodes_exit(void)
{
	bus_unregister_notifier(&pci_bus_type, &mock_node_nb);
}
