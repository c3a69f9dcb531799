// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the device tree of a POWER9 with NVLink2 says of a GPU with one link,
 * added to that of this machine, for two of its functions. These also pass for
 * an NVIDIA V100 and the bridge of an IBM NPU2.
 *
 *	insmod nvlink2_tree.ko gpu=BDF bridge=BDF memory=ADDRESS,SIZE \
 *		target=ADDRESS speed=NUMBER atsd=ADDRESS
 *
 * The kernel keeps what is added to its tree: this stays loaded.
 */
#include <linux/module.h>
#include <linux/of.h>
#include <linux/pci.h>
#include <linux/slab.h>

static char *gpu;
module_param(gpu, charp, 0);
MODULE_PARM_DESC(gpu, "the function that is to be the GPU");

static char *bridge;
module_param(bridge, charp, 0);
MODULE_PARM_DESC(bridge, "the function that is to be the bridge");

static unsigned long long memory[2];
module_param_array(memory, ullong, NULL, 0);
MODULE_PARM_DESC(memory, "address and size of the memory of the GPU");

static unsigned long long target;
module_param(target, ullong, 0);
MODULE_PARM_DESC(target, "ibm,device-tgt-addr");

static unsigned int speed;
module_param(speed, uint, 0);
MODULE_PARM_DESC(speed, "ibm,nvlink-speed");

static unsigned long long atsd;
module_param(atsd, ullong, 0);
MODULE_PARM_DESC(atsd, "address of the ATSD register");

/* Far from those that firmware gives out. */
#define TREE_PHANDLE_MEMORY	0x7e000001
#define TREE_PHANDLE_LINK	0x7e000002

static struct pci_dev *tree_find(const char *bdf)
{
	unsigned int domain, bus, slot, fn;

	if (!bdf || sscanf(bdf, "%x:%x:%x.%x", &domain, &bus, &slot, &fn) != 4)
		return NULL;

	return pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, fn));
}

static int tree_add(struct device_node *node, const char *name,
		    const void *value, size_t len)
{
	struct property *property = kzalloc(sizeof(*property), GFP_KERNEL);
	int ret = -ENOMEM;

	if (!property)
		return ret;

	property->name = kstrdup(name, GFP_KERNEL);
	property->value = kmemdup(value, len, GFP_KERNEL);
	property->length = len;
	if (property->name && property->value)
		ret = of_add_property(node, property);
	if (!ret)
		return 0;

	kfree(property->value);
	kfree(property->name);
	kfree(property);
	return ret;
}

static int tree_add_u32(struct device_node *node, const char *name, u32 val)
{
	const __be32 cell = cpu_to_be32(val);

	return tree_add(node, name, &cell, sizeof(cell));
}

static int tree_add_u64(struct device_node *node, const char *name, u64 val)
{
	const __be64 cells = cpu_to_be64(val);

	return tree_add(node, name, &cells, sizeof(cells));
}

static struct device_node *tree_node(struct of_changeset *changes,
				     const char *name, u32 phandle)
{
	struct device_node *node;

	of_changeset_init(changes);
	node = of_changeset_create_node(changes, of_root, name);
	if (!node || of_changeset_apply(changes)) {
		of_changeset_destroy(changes);
		return NULL;
	}
	node->phandle = phandle;
	return node;
}

static int tree_add_memory(void)
{
	static struct of_changeset changes;
	const __be64 reg[] = { cpu_to_be64(memory[0]), cpu_to_be64(memory[1]) };
	struct device_node *node;

	node = tree_node(&changes, "gpu-memory", TREE_PHANDLE_MEMORY);
	return node ? tree_add(node, "reg", reg, sizeof(reg)) : -ENOMEM;
}

static int tree_add_link(void)
{
	static struct of_changeset changes;
	struct device_node *node;

	node = tree_node(&changes, "nvlink", TREE_PHANDLE_LINK);
	return node ? tree_add_u32(node, "ibm,npu-link-index", 0) : -ENOMEM;
}

static int tree_add_bridge(struct device_node *node, struct device_node *of_gpu)
{
	return tree_add_u32(node, "ibm,gpu", of_gpu->phandle) ?:
	       tree_add_u32(node, "ibm,nvlink", TREE_PHANDLE_LINK) ?:
	       tree_add_u32(node, "memory-region", TREE_PHANDLE_MEMORY) ?:
	       tree_add_u64(node, "ibm,device-tgt-addr", target) ?:
	       tree_add_u32(node, "ibm,nvlink-speed", speed) ?:
	       tree_add_u64(node->parent, "ibm,mmio-atsd", atsd);
}

static void tree_disguise(struct pci_dev *pdev, u16 vendor, u16 device)
{
	device_lock(&pdev->dev);
	pdev->vendor = vendor;
	pdev->device = device;
	device_unlock(&pdev->dev);
}

static int __init tree_init(void)
{
	struct pci_dev *pdev_gpu = tree_find(gpu);
	struct pci_dev *pdev_bridge = tree_find(bridge);
	int ret = -ENODEV;

	if (!pdev_gpu || !pdev_bridge || !pdev_gpu->dev.of_node ||
	    !pdev_bridge->dev.of_node)
		goto out;

	ret = tree_add_memory() ?: tree_add_link() ?:
	      tree_add_u32(pdev_gpu->dev.of_node, "ibm,npu",
			   pdev_bridge->dev.of_node->phandle) ?:
	      tree_add_bridge(pdev_bridge->dev.of_node, pdev_gpu->dev.of_node);
	if (ret)
		goto out;

	tree_disguise(pdev_gpu, PCI_VENDOR_ID_NVIDIA, 0x1db1);
	tree_disguise(pdev_bridge, PCI_VENDOR_ID_IBM, 0x04ea);
out:
	pci_dev_put(pdev_bridge);
	pci_dev_put(pdev_gpu);
	return ret;
}
module_init(tree_init);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The vfio-pci vendor ops authors");
MODULE_DESCRIPTION("Device tree nodes of a GPU with NVLink2");
