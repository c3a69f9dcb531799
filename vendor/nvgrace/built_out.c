// SPDX-License-Identifier: GPL-2.0-only
/*
 * The row of nvgrace in a build that leaves it out.
 */
#include "nvgrace.h"

VFIO_PCI_VENDOR_BUILT_OUT(nvgrace, nvgrace_ids,
			  "built without nvgrace: rebuild with VENDOR_NVGRACE=y");
