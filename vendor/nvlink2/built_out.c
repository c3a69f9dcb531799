// SPDX-License-Identifier: GPL-2.0-only
/*
 * The row of nvlink2 in a build that leaves it out.
 */
#include "ids.h"
#include "vfio_pci_vendor.h"

VFIO_PCI_VENDOR_BUILT_OUT(nvlink2, nvlink2_ids, "VENDOR_NVLINK2=y");
