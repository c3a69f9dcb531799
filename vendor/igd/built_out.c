// SPDX-License-Identifier: GPL-2.0-only
/*
 * The row of igd in a build that leaves it out.
 */
#include "ids.h"
#include "vfio_pci_vendor.h"

VFIO_PCI_VENDOR_BUILT_OUT(igd, igd_ids,
			  IS_ENABLED(CONFIG_X86) ? "VENDOR_IGD=y" :
			  "x86: Intel integrated graphics exists nowhere else");
