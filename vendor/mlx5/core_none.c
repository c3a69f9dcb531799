// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-pci-mlx5.ko in a build without mlx5. It is there because what installs
 * modules wants the same files for every kernel, and it does not load.
 */
#include <linux/module.h>

static int __init vfio_pci_mlx5_init(void)
{
	pr_info("vfio-pci-mlx5: built without mlx5\n");
	return -ENODEV;
}
module_init(vfio_pci_mlx5_init);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The vfio-pci vendor ops authors");
MODULE_DESCRIPTION("Nothing: built without mlx5");
