// SPDX-License-Identifier: GPL-2.0-only
/*
 * The row of igd in a build that leaves it out.
 */
#include "igd.h"

VFIO_PCI_VENDOR_BUILT_OUT(igd, igd_ids, IS_ENABLED(CONFIG_X86) ?
			  "built without igd: rebuild with VENDOR_IGD=y" :
			  "Intel integrated graphics exists on x86 only");
