/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VFIO_PCI_NVGRACE_H
#define VFIO_PCI_NVGRACE_H

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
 * @unready: the memory may not be ready: no access since open, or since a reset
 */
struct nvgrace_device {
	struct vfio_pci_core_device core;
	struct vfio_pci_mem_window usable;
	struct vfio_pci_mem_window reserved;
	struct vfio_pci_mem_bars bars;
	u16 cxl;
	void __iomem *regs;
	bool unready;
};

static inline struct nvgrace_device *
to_nvgrace(struct vfio_pci_core_device *vdev)
{
	return container_of(vdev, struct nvgrace_device, core);
}

extern const struct pci_device_id nvgrace_ids[];

int nvgrace_memory_find(struct nvgrace_device *nvgrace,
			struct vfio_pci_vendor_log *log);

int nvgrace_ready_find(struct nvgrace_device *nvgrace,
		       struct vfio_pci_vendor_log *log);
int nvgrace_ready_open(struct nvgrace_device *nvgrace);
int nvgrace_ready(struct vfio_pci_core_device *vdev, bool wait);

#endif /* VFIO_PCI_NVGRACE_H */
