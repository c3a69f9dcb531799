/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VFIO_PCI_NVLINK2_H
#define VFIO_PCI_NVLINK2_H

#include "vfio_pci_vendor.h"

/**
 * struct nvlink2_device - a GPU, or a bridge to one of its links
 * @core: what vfio-pci-core keeps
 * @window: the memory of the GPU, or the page of the bridge's ATSD register,
 *	which may be empty
 * @region: index of its region while the device is open
 * @tgt: where the GPU sees the memory in its own address space
 * @speed: of the link; bridges only
 */
struct nvlink2_device {
	struct vfio_pci_core_device core;
	struct vfio_pci_mem_window window;
	unsigned int region;
	u64 tgt;
	u32 speed;
};

static inline struct nvlink2_device *
to_nvlink2(struct vfio_pci_core_device *vdev)
{
	return container_of(vdev, struct nvlink2_device, core);
}

static inline bool nvlink2_is_gpu(struct nvlink2_device *nvlink2)
{
	return nvlink2->core.pdev->vendor == PCI_VENDOR_ID_NVIDIA;
}

extern const struct pci_device_id nvlink2_ids[];

int nvlink2_find_gpu(struct nvlink2_device *nvlink2,
		     struct vfio_pci_vendor_log *log);
int nvlink2_find_bridge(struct nvlink2_device *nvlink2,
			struct vfio_pci_vendor_log *log);

#endif /* VFIO_PCI_NVLINK2_H */
