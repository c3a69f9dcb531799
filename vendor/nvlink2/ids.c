// SPDX-License-Identifier: GPL-2.0-only
/*
 * NVIDIA V100 GPUs in the SXM2 form, and IBM's bridges to their links.
 */
#include <linux/module.h>

#include "nvlink2.h"

const struct pci_device_id nvlink2_ids[] = {
	/* V100 SXM2 16GB and 32GB */
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_VENDOR_ID_NVIDIA, 0x1db1) },
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_VENDOR_ID_NVIDIA, 0x1db5) },
	/* NPU2 */
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_VENDOR_ID_IBM, 0x04ea) },
	{}
};
MODULE_DEVICE_TABLE(pci, nvlink2_ids);
