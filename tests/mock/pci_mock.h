/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the mock bus share; pci_mock_main.c tells how to use it.
 */
#ifndef PCI_MOCK_H
#define PCI_MOCK_H

#include <linux/configfs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/**
 * struct mock_space - the configuration space of a function
 * @now: what a read returns
 * @reset: what a reset leaves
 * @writable: bits that the bus can write
 * @size: bytes that exist; the rest reads all ones
 * @last: the last capability, 0 for none
 * @free: where the next capability goes
 * @last_extended: likewise, for extended capabilities
 * @free_extended: likewise
 * @express: the PCI Express capability, 0 for none
 * @power: the power management capability, 0 for none
 * @sriov: the SR-IOV capability, 0 for none
 * @resets: how often the function was reset
 *
 * While the bus is live, all is under the config_lock of the bus.
 */
struct mock_space {
	u8 now[PCI_CFG_SPACE_EXP_SIZE];
	u8 reset[PCI_CFG_SPACE_EXP_SIZE];
	u8 writable[PCI_CFG_SPACE_EXP_SIZE];
	u16 size;
	u16 last;
	u16 free;
	u16 last_extended;
	u16 free_extended;
	u16 express;
	u16 power;
	u16 sriov;
	unsigned int resets;
};

struct mock_bus;
struct mock_node;

/**
 * struct mock_template - a function as its folder in configfs describes it
 * @group: that folder
 * @mock: the bus
 * @space: configuration space; for VFs, what they start with
 * @node: firmware properties, or NULL
 * @lost: it answers no access, which the kernel was not told
 */
struct mock_template {
	struct config_group group;
	struct mock_bus *mock;
	struct mock_space space;
	struct mock_node *node;
	bool lost;
};

/**
 * struct mock_function - a function, with its VFs
 * @self: the function
 * @vf: all of its VFs
 * @list: entry in the functions of the bus
 * @devfn: device and function number
 * @present: whether it is plugged in
 * @vfs: spaces of its VFs while the bus is live, TotalVFs of them
 */
struct mock_function {
	struct mock_template self;
	struct mock_template vf;
	struct list_head list;
	unsigned int devfn;
	bool present;
	struct mock_space *vfs;
};

/**
 * struct mock_sysdata - how the PCI core refers to the bus
 * @pci: what the x86 code knows of it
 * @mock: the bus
 */
struct mock_sysdata {
	struct pci_sysdata pci;
	struct mock_bus *mock;
};

/**
 * struct mock_bus - a PCI domain
 * @group: its folder in configfs
 * @lock: serialises whatever changes the bus
 * @config_lock: serialises accesses to configuration space
 * @functions: what is on bus number 0
 * @parent: the function that all DMA is attributed to
 * @vf_parent: likewise for VFs on other bus numbers; NULL for @parent
 * @bus: the root bus while live
 * @sysdata: of the root bus
 * @vf_sysdata: of the buses behind it
 * @numbers: bus numbers
 * @window: the part of BAR 2 of @parent that BARs are in
 * @offset: where that starts
 * @size: how long it is; 0 for the whole BAR
 * @index: of the domain
 * @untranslated: the bus is behind no IOMMU
 * @uses_nodes: firmware nodes are registered for this bus
 */
struct mock_bus {
	struct config_group group;
	struct mutex lock;		/* live, and what is attached */
	raw_spinlock_t config_lock;
	struct list_head functions;
	struct pci_dev *parent;
	struct pci_dev *vf_parent;
	struct pci_bus *bus;
	struct mock_sysdata sysdata;
	struct mock_sysdata vf_sysdata;
	struct resource numbers;
	struct resource window;
	u64 offset;
	u64 size;
	int index;
	bool untranslated;
	bool uses_nodes;
};

/* pci_mock_bus.c */
extern const struct config_item_type mock_root_type;
struct mock_bus *mock_bus_of(struct pci_dev *pdev);
struct mock_node *mock_bus_node(struct mock_bus *mock, struct pci_dev *pdev);
void mock_bus_stop(struct mock_bus *mock);
void mock_bus_plug(struct mock_function *fn, bool present);
void mock_bus_exit(void);
struct pci_dev *mock_pci_get(const char *bdf);

/* pci_mock_capability.c */
int mock_capability_add(struct mock_space *space, u8 id, const u8 *bytes,
			const u8 *mask, size_t len);
int mock_extended_add(struct mock_space *space, u16 id, u8 version,
		      const u8 *bytes, const u8 *mask, size_t len);
int mock_express_add(struct mock_space *space, u8 type, bool flr);
int mock_power_add(struct mock_space *space, bool soft_reset);

/* pci_mock_function.c */
struct mock_function *mock_function_alloc(struct mock_bus *mock,
					  const char *name, unsigned int devfn);
struct mock_function *mock_function_of(struct config_item *item);

/* pci_mock_node.c */
extern const struct config_item_type mock_nodes_type;
struct mock_node *mock_node_get(const char *path);
void mock_node_put(struct mock_node *node);
bool mock_node_is_gone(struct mock_node *node);
int mock_nodes_register(void);
void mock_nodes_unregister(void);
int mock_nodes_init(void);
void mock_nodes_exit(void);

/* pci_mock_query.c */
extern struct configfs_attribute *mock_query_attrs[];

/* pci_mock_space.c */
void mock_space_init(struct mock_space *space);
void mock_space_init_vf(struct mock_space *space);
u32 mock_space_get(const struct mock_space *space, unsigned int where,
		   unsigned int size);
void mock_space_set(struct mock_space *space, unsigned int where,
		    unsigned int size, u32 val);
void mock_space_allow(struct mock_space *space, unsigned int where,
		      unsigned int size, u32 mask);
u32 mock_space_read(const struct mock_space *space, unsigned int where,
		    unsigned int size);
void mock_space_write(struct mock_space *space, unsigned int where,
		      unsigned int size, u32 val);
int mock_space_bar(struct mock_space *space, unsigned int bars,
		   unsigned int index, u64 size, u32 flags);

/* pci_mock_sriov.c */
int mock_sriov_add(struct mock_space *space, u16 total, u16 offset, u16 stride,
		   u16 device);
int mock_sriov_bar(struct mock_space *space, unsigned int index, u64 size,
		   u32 flags);
bool mock_sriov_enabled(const struct mock_space *space);
int mock_sriov_alloc(struct mock_function *fn);
void mock_sriov_free(struct mock_function *fn);
void mock_sriov_power_on(struct mock_function *fn);
struct mock_space *mock_sriov_find(struct mock_function *fn, unsigned int rid);

#endif /* PCI_MOCK_H */
