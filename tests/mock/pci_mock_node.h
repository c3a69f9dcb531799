/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCI_MOCK_NODE_H
#define PCI_MOCK_NODE_H

#include <linux/configfs.h>
#include <linux/list.h>
#include <linux/property.h>

#define MOCK_PROPERTIES		24
#define MOCK_PROPERTY_NAME	64
#define MOCK_VALUES		32
#define MOCK_REFERENCES		16

/**
 * struct mock_property - one property and its values
 * @name: its name
 * @u32s: values, of which the property has one kind
 * @u64s: likewise
 * @refs: likewise
 * @text: likewise
 */
struct mock_property {
	char name[MOCK_PROPERTY_NAME];
	union {
		u32 u32s[MOCK_VALUES];
		u64 u64s[MOCK_VALUES];
		struct software_node_ref_args refs[MOCK_REFERENCES];
		char text[256];
	};
};

/**
 * struct mock_node - a firmware node
 * @group: its folder in configfs
 * @list: entry in the list of all, parents first
 * @node: what the kernel knows
 * @entries: the properties, and the empty one that ends them
 * @properties: what @entries points to
 * @count: how many there are
 * @pdev: the function of the machine that it is attached to, or NULL
 * @dropped: its folder is gone, and with the last user it will be
 */
struct mock_node {
	struct config_group group;
	struct list_head list;
	struct software_node node;
	struct property_entry entries[MOCK_PROPERTIES + 1];
	struct mock_property *properties[MOCK_PROPERTIES];
	unsigned int count;
	struct pci_dev *pdev;
	bool dropped;
};

#endif /* PCI_MOCK_NODE_H */
