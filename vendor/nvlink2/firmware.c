// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the device tree says of a GPU, its links and its memory (skiboot,
 * doc/device-tree/nvlink.rst):
 *
 *	GPU		ibm,npu		bridges, one a link
 *	bridge		ibm,gpu		the GPU
 *			ibm,nvlink	node of the link
 *			memory-region	node of the GPU's memory
 *			ibm,device-tgt-addr, ibm,nvlink-speed
 *	link		ibm,npu-link-index
 *	memory		reg		address and size
 *	a parent of the bridges:
 *			ibm,mmio-atsd	addresses of ATSD registers
 *
 * Read by way of firmware nodes, which may be of any kind.
 */
#include <linux/property.h>

#include "nvlink2.h"

/* An NPU2 has six links. */
#define NVLINK2_LINKS	6

struct nvlink2_memory {
	u64 reg[2];
	u64 tgt;
};

static bool nvlink2_is_node_of(struct device *dev, struct fwnode_handle *node)
{
	struct fwnode_handle *own = dev_fwnode(dev);

	return node == own || (own && node == own->secondary);
}

/* Is @dev among the nodes that this property of @node refers to? */
static bool nvlink2_refers_to(struct fwnode_handle *node, const char *property,
			      struct device *dev)
{
	struct fwnode_handle *ref;
	bool found = false;
	unsigned int i;

	for (i = 0; i < NVLINK2_LINKS && !found; i++) {
		ref = fwnode_find_reference(node, property, i);
		if (IS_ERR(ref))
			break;
		found = nvlink2_is_node_of(dev, ref);
		fwnode_handle_put(ref);
	}

	return found;
}

static int nvlink2_read_memory(struct fwnode_handle *link, unsigned int index,
			       struct vfio_pci_vendor_log *log,
			       struct nvlink2_memory *memory)
{
	struct fwnode_handle *node;
	int ret;

	if (fwnode_property_read_u64(link, "ibm,device-tgt-addr", &memory->tgt))
		return vfio_pci_vendor_decline(log,
					       "bridge %u of the GPU has no ibm,device-tgt-addr in the device tree",
					       index);

	node = fwnode_find_reference(link, "memory-region", 0);
	if (IS_ERR(node))
		return vfio_pci_vendor_decline(log,
					       "bridge %u of the GPU has no memory-region in the device tree",
					       index);

	ret = fwnode_property_read_u64_array(node, "reg", memory->reg,
					     ARRAY_SIZE(memory->reg));
	fwnode_handle_put(node);
	if (ret)
		return vfio_pci_vendor_decline(log,
					       "the memory-region of bridge %u of the GPU has no address and size",
					       index);

	return 0;
}

/* The first link says what the memory is, and the others have to agree. */
static int nvlink2_read_link(struct nvlink2_device *nvlink2,
			     struct fwnode_handle *link, unsigned int index,
			     struct vfio_pci_vendor_log *log,
			     struct nvlink2_memory *memory)
{
	struct nvlink2_memory other;
	int ret;

	if (!nvlink2_refers_to(link, "ibm,gpu", &nvlink2->core.pdev->dev))
		return vfio_pci_vendor_decline(log,
					       "bridge %u of the GPU does not name it as its ibm,gpu",
					       index);

	if (!index)
		return nvlink2_read_memory(link, index, log, memory);

	ret = nvlink2_read_memory(link, index, log, &other);
	if (ret)
		return ret;

	if (memcmp(&other, memory, sizeof(other)))
		return vfio_pci_vendor_decline(log,
					       "bridges 0 and %u of the GPU have different memory",
					       index);

	return 0;
}

static int nvlink2_read_links(struct nvlink2_device *nvlink2,
			      struct vfio_pci_vendor_log *log,
			      struct nvlink2_memory *memory)
{
	struct fwnode_handle *node = dev_fwnode(&nvlink2->core.pdev->dev);
	struct fwnode_handle *link;
	unsigned int i;
	int ret;

	for (i = 0; i < NVLINK2_LINKS; i++) {
		link = fwnode_find_reference(node, "ibm,npu", i);
		if (IS_ERR(link))
			break;
		ret = nvlink2_read_link(nvlink2, link, i, log, memory);
		fwnode_handle_put(link);
		if (ret)
			return ret;
	}

	if (!i)
		return vfio_pci_vendor_decline(log,
					       "no ibm,npu in the device tree: no NVLink between this GPU and a CPU");
	return 0;
}

/**
 * nvlink2_find_gpu() - find the memory of a GPU
 * @nvlink2: the GPU, being probed
 * @log: for the reason of a decline
 *
 * Return: 0, or -ENODEV for a decline.
 */
int nvlink2_find_gpu(struct nvlink2_device *nvlink2,
		     struct vfio_pci_vendor_log *log)
{
	struct vfio_pci_mem_window *window = &nvlink2->window;
	struct nvlink2_memory memory;
	const char *fault;
	int ret;

	ret = nvlink2_read_links(nvlink2, log, &memory);
	if (ret)
		return ret;

	nvlink2->tgt = memory.tgt;
	window->addr = memory.reg[0];
	window->size = memory.reg[1];
	window->span = memory.reg[1];
	window->type = VFIO_PCI_MEM_CACHED;

	/*
	 * A prefetch while the links are reset, which fences the memory, is a
	 * hardware management interrupt that freezes the bridge.
	 */
	window->transient = true;

	ret = vfio_pci_mem_window_claim(window, &fault);
	if (ret != -ENODEV)
		return ret;

	return vfio_pci_vendor_decline(log,
				       "GPU memory at %#llx, %#llx bytes, %s",
				       window->addr, window->size, fault);
}

static int nvlink2_read_index(struct fwnode_handle *node,
			      struct vfio_pci_vendor_log *log, u32 *index)
{
	struct fwnode_handle *link;
	int ret;

	link = fwnode_find_reference(node, "ibm,nvlink", 0);
	if (IS_ERR(link))
		return vfio_pci_vendor_decline(log,
					       "no ibm,nvlink in the device tree");

	ret = fwnode_property_read_u32(link, "ibm,npu-link-index", index);
	fwnode_handle_put(link);
	if (ret)
		return vfio_pci_vendor_decline(log,
					       "its ibm,nvlink has no ibm,npu-link-index");
	if (*index >= NVLINK2_LINKS)
		return vfio_pci_vendor_decline(log,
					       "ibm,npu-link-index %u: an NPU2 has %u links",
					       *index, NVLINK2_LINKS);

	return 0;
}

/* The address of the register for this link; 0 if there is none. */
static u64 nvlink2_read_atsd(struct fwnode_handle *node, u32 index)
{
	struct fwnode_handle *parent;
	u64 atsd[NVLINK2_LINKS];
	u64 addr = 0;

	for (parent = fwnode_get_parent(node); parent && !addr;
	     parent = fwnode_get_next_parent(parent)) {
		if (!fwnode_property_read_u64_array(parent, "ibm,mmio-atsd",
						    atsd, index + 1))
			addr = atsd[index];
	}

	fwnode_handle_put(parent);
	return addr;
}

static int nvlink2_claim_atsd(struct nvlink2_device *nvlink2,
			      struct vfio_pci_vendor_log *log, u64 addr)
{
	struct vfio_pci_mem_window *window = &nvlink2->window;
	const char *fault;
	int ret;

	window->addr = addr;
	window->size = PAGE_SIZE;
	window->span = PAGE_SIZE;
	window->type = VFIO_PCI_MEM_DEVICE;

	ret = vfio_pci_mem_window_claim(window, &fault);
	if (ret != -ENODEV)
		return ret;

	return vfio_pci_vendor_decline(log,
				       "ATSD register at %#llx: its page %s",
				       addr, fault);
}

/**
 * nvlink2_find_bridge() - find what belongs to a bridge
 * @nvlink2: the bridge, being probed
 * @log: for the reason of a decline, or the note that it has no ATSD register
 *
 * Return: 0, or -ENODEV for a decline.
 */
int nvlink2_find_bridge(struct nvlink2_device *nvlink2,
			struct vfio_pci_vendor_log *log)
{
	struct device *dev = &nvlink2->core.pdev->dev;
	struct fwnode_handle *node = dev_fwnode(dev);
	struct fwnode_handle *gpu;
	bool mutual;
	u64 atsd;
	u32 index;
	int ret;

	gpu = fwnode_find_reference(node, "ibm,gpu", 0);
	if (IS_ERR(gpu))
		return vfio_pci_vendor_decline(log,
					       "no ibm,gpu in the device tree: no GPU at this link");

	mutual = nvlink2_refers_to(gpu, "ibm,npu", dev);
	fwnode_handle_put(gpu);
	if (!mutual)
		return vfio_pci_vendor_decline(log,
					       "its ibm,gpu does not name it as one of its ibm,npu");

	ret = nvlink2_read_index(node, log, &index);
	if (ret)
		return ret;

	if (fwnode_property_read_u64(node, "ibm,device-tgt-addr",
				     &nvlink2->tgt))
		return vfio_pci_vendor_decline(log,
					       "no ibm,device-tgt-addr in the device tree");
	if (fwnode_property_read_u32(node, "ibm,nvlink-speed",
				     &nvlink2->speed))
		return vfio_pci_vendor_decline(log,
					       "no ibm,nvlink-speed in the device tree");

	atsd = nvlink2_read_atsd(node, index);
	if (atsd)
		return nvlink2_claim_atsd(nvlink2, log, atsd);

	vfio_pci_vendor_note(log, "no ATSD register for link %u, so its region is empty",
			     index);
	return 0;
}
