// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI functions made up by a test, behind the IOMMU of the machine.
 *
 * All is scripted through configfs, in /sys/kernel/config/pci_mock. Numbers are
 * in hex unless said otherwise.
 *
 * mkdir BUS: a root bus in a PCI domain of its own.
 *   parent     BDF of a real function with a large BAR 2. DMA is attributed to
 *              it, as behind Intel's VMD, whose hook in x86's
 *              pci_real_dma_dev() this uses: its IOMMU group is that of the
 *              bus. Its BAR 2 backs the BARs.
 *   vf_parent  likewise for the VFs that are not on bus number 0
 *   window     "OFFSET SIZE": the part of BAR 2 to use, for several buses on
 *              one parent
 *   untranslated  1: behind no IOMMU
 *   domain     the number of the PCI domain (read)
 *   live       1 brings the bus up, 0 down
 *
 * mkdir BUS/DD.F: a function, before the bus is live.
 *   vendor, device, class
 *   config     "OFFSET WIDTH VALUE": set a register, at any time, also what
 *              the bus can not write; a reset leaves this value
 *   writable   "OFFSET WIDTH MASK": the bits that the bus can write
 *   bar        "INDEX SIZE [FLAGS]": FLAGS are the low bits of the BAR: 0, or
 *              the default 4 for 64 bits, and 8 for prefetchable
 *   express    "endpoint" or "integrated" and, if wanted, "flr": the PCI
 *              Express capability, and 4 KiB of configuration space
 *   power      "reset" or "no_soft_reset": the power management capability;
 *              whether leaving D3hot resets the function
 *   capability "ID BYTES [MASK]": BYTES from offset 2 on, MASK what of them is
 *              writable. Capabilities are chained in order, from 40 on.
 *   extended_capability  "ID VERSION BYTES [MASK]": BYTES from offset 4 on;
 *              chained in order, from 100 on
 *   sriov      "TOTAL OFFSET STRIDE DEVICE": the SR-IOV capability
 *   vf_bar     "INDEX SIZE [FLAGS]": as bar, of each VF
 *   node       PATH of the firmware node that has the properties
 *   lost       1: it answers nothing from now on, and the kernel is not told
 *   present    0: surprise removal; 1: insertion
 *   resets     how often it was reset, in decimal (read)
 *
 * BUS/DD.F/vf: what all VFs of the function are when they are enabled: class,
 *   config, writable, express, power, capability, extended_capability, node and
 *   lost as above. Class and subsystem, if left 0, are those of the PF.
 *
 * nodes: firmware nodes, in pci_mock_node.c.
 */
#include <linux/configfs.h>
#include <linux/module.h>
#include <linux/pci.h>

#include "pci_mock.h"

static struct configfs_subsystem mock_subsystem = {
	.su_group = {
		.cg_item = {
			.ci_namebuf	= "pci_mock",
			.ci_type	= &mock_root_type,
		},
	},
};

static struct config_group mock_nodes_group;

static int __init mock_init(void)
{
	int ret;

	ret = mock_nodes_init();
	if (ret)
		return ret;

	config_group_init(&mock_subsystem.su_group);
	mutex_init(&mock_subsystem.su_mutex);
	config_group_init_type_name(&mock_nodes_group, "nodes",
				    &mock_nodes_type);
	configfs_add_default_group(&mock_nodes_group, &mock_subsystem.su_group);
	ret = configfs_register_subsystem(&mock_subsystem);
	if (ret)
		mock_nodes_exit();
	return ret;
}
module_init(mock_init);

static void __exit mock_exit(void)
{
	configfs_unregister_subsystem(&mock_subsystem);
	mock_nodes_exit();
	mock_bus_exit();
}
module_exit(mock_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The vfio-pci vendor ops authors");
MODULE_DESCRIPTION("PCI functions made up by a test");
