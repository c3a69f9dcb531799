// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is a physical range that firmware published fit to be mapped?
 */
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/overflow.h>

#include "vfio_pci_vendor.h"

/* Where there is no mask, the architecture sets the end of this resource. */
#ifdef PHYS_MASK
#define PHYS_RANGE_LAST	((u64)PHYS_MASK)
#else
#define PHYS_RANGE_LAST	((u64)iomem_resource.end)
#endif

const char *vfio_pci_phys_range_fault(u64 addr, u64 size)
{
	u64 last;

	if (!size)
		return "is empty";
	if (check_add_overflow(addr, size - 1, &last))
		return "wraps around the address space";

	if (last > PHYS_RANGE_LAST)
		return "is beyond what the CPU can address";

	if (region_intersects(addr, size, IORESOURCE_SYSTEM_RAM,
			      IORES_DESC_NONE) != REGION_DISJOINT)
		return "is in System RAM, which the kernel owns";

	return NULL;
}
