/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VFIO_PCI_NVGRACE_H
#define VFIO_PCI_NVGRACE_H

#include <linux/atomic.h>

#include "vfio_pci_vendor.h"

/**
 * struct nvgrace_device - a GPU with memory behind NVLink-C2C
 * @core: what vfio-pci-core keeps
 * @usable: memory for workloads, cached: BAR 4
 * @reserved: memory that must not be cached, at the end: BAR 2; empty where the
 *	part needs none
 * @bars: both as BARs
 * @cxl: position of the CXL Device DVSEC, or 0
 * @regs: BAR 0, while the device is open; unused with @cxl
 * @epoch: counts what the memory may not be ready after: open, a reset, low power
 * @ready_epoch: the @epoch that a look found the memory ready in
 */
struct nvgrace_device {
	struct vfio_pci_core_device core;
	struct vfio_pci_mem_window usable;
	struct vfio_pci_mem_window reserved;
	struct vfio_pci_mem_bars bars;
	u16 cxl;
	void __iomem *regs;
	atomic_t epoch;
	int ready_epoch;
};

static inline struct nvgrace_device *
to_nvgrace(struct vfio_pci_core_device *vdev)
{
	return container_of(vdev, struct nvgrace_device, core);
}

int nvgrace_memory_find(struct nvgrace_device *nvgrace,
			struct vfio_pci_vendor_log *log);

int nvgrace_ready_find(struct nvgrace_device *nvgrace,
		       struct vfio_pci_vendor_log *log);
int nvgrace_ready_open(struct nvgrace_device *nvgrace);
void nvgrace_ready_forget(struct nvgrace_device *nvgrace);
int nvgrace_ready(struct vfio_pci_core_device *vdev, bool wait);

#endif /* VFIO_PCI_NVGRACE_H */
