// SPDX-License-Identifier: GPL-2.0-only
/*
 * The row of nvgrace in a build that leaves it out.
 */
#include "ids.h"
#include "vfio_pci_vendor.h"

VFIO_PCI_VENDOR_BUILT_OUT(nvgrace, nvgrace_ids, "VENDOR_NVGRACE=y");
