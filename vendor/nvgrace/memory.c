// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where firmware says that the memory of the GPU is, and how it is divided.
 */
#include <linux/log2.h>
#include <linux/property.h>
#include <linux/sizes.h>

#include "nvgrace.h"

/* ACPI _DSD properties of the GPU; both in bytes. */
#define NVGRACE_BASE_PROPERTY	"nvidia,gpu-mem-base-pa"
#define NVGRACE_SIZE_PROPERTY	"nvidia,gpu-mem-size"

/*
 * A DVSEC of NVIDIA tells whether MIG works with memory that is all cached.
 * Parts without it need an uncached GiB, at least, behind a usable part that is
 * a multiple of 512 MiB; the driver in the guest computes the same.
 */
#define NVGRACE_DVSEC			3
#define NVGRACE_DVSEC_CAPS		0x0a
#define NVGRACE_DVSEC_MIG_CACHED	BIT(0)
#define NVGRACE_RESERVED_MIN		((u64)SZ_1G)
#define NVGRACE_USABLE_ALIGN		((u64)SZ_512M)

static int nvgrace_memory_property(struct nvgrace_device *nvgrace,
				   struct vfio_pci_vendor_log *log,
				   const char *name, u64 *val)
{
	int ret;

	ret = device_property_read_u64(&nvgrace->core.pdev->dev, name, val);
	if (ret == -ENOMEM)
		return ret;
	if (ret)
		return vfio_pci_vendor_decline(log,
					       "no %s from firmware, so no coherent memory: as in a VM, or with the firmware of another board",
					       name);

	return 0;
}

static bool nvgrace_needs_reserved(struct pci_dev *pdev)
{
	u16 caps, dvsec;

	dvsec = pci_find_dvsec_capability(pdev, PCI_VENDOR_ID_NVIDIA,
					  NVGRACE_DVSEC);
	if (!dvsec)
		return true;
	if (pci_read_config_word(pdev, dvsec + NVGRACE_DVSEC_CAPS, &caps))
		return true;

	return !(caps & NVGRACE_DVSEC_MIG_CACHED);
}

static void nvgrace_window_set(struct vfio_pci_mem_window *window, u64 addr,
			       u64 size, u64 covers,
			       enum vfio_pci_mem_type type)
{
	window->addr = addr;
	window->size = size;
	window->span = roundup_pow_of_two(covers);
	window->type = type;
	window->ready = nvgrace_ready;
}

/* Declines if the range has a fault. */
static int nvgrace_memory_judge(struct vfio_pci_vendor_log *log, u64 addr,
				u64 size, const char *fault)
{
	if (!fault)
		return 0;

	return vfio_pci_vendor_decline(log,
				       "GPU memory at %#llx, %#llx bytes, %s",
				       addr, size, fault);
}

static int nvgrace_memory_claim(struct vfio_pci_mem_window *window,
				struct vfio_pci_vendor_log *log)
{
	const char *fault;
	int ret;

	ret = vfio_pci_mem_window_claim(window, &fault);
	if (ret != -ENODEV)
		return ret;

	return nvgrace_memory_judge(log, window->addr, window->size, fault);
}

/* The BAR of the usable part is sized by what is left before it is cut. */
static int nvgrace_memory_divide(struct nvgrace_device *nvgrace,
				 struct vfio_pci_vendor_log *log, u64 base,
				 u64 size)
{
	u64 left = size, usable = size;
	int ret;

	if (nvgrace_needs_reserved(nvgrace->core.pdev)) {
		left = size > NVGRACE_RESERVED_MIN ?
		       size - NVGRACE_RESERVED_MIN : 0;
		usable = round_down(left, NVGRACE_USABLE_ALIGN);
		if (!usable)
			return vfio_pci_vendor_decline(log,
						       "GPU memory of %#llx bytes is too little: the part reserves 1 GiB, and uses 512 MiB at least",
						       size);

		nvgrace_window_set(&nvgrace->reserved, base + usable,
				   size - usable, size - usable,
				   VFIO_PCI_MEM_UNCACHED);
		ret = nvgrace_memory_claim(&nvgrace->reserved, log);
		if (ret)
			return ret;
		nvgrace->bars.window[1] = &nvgrace->reserved;
	}

	nvgrace_window_set(&nvgrace->usable, base, usable, left,
			   VFIO_PCI_MEM_CACHED);
	nvgrace->bars.window[2] = &nvgrace->usable;
	return nvgrace_memory_claim(&nvgrace->usable, log);
}

/**
 * nvgrace_memory_find() - find the memory and make the windows of it
 * @nvgrace: the device, being probed
 * @log: for the reason of a decline
 *
 * Return: 0; -ENODEV for a decline; or -ENOMEM.
 */
int nvgrace_memory_find(struct nvgrace_device *nvgrace,
			struct vfio_pci_vendor_log *log)
{
	u64 base, size;
	int ret;

	ret = nvgrace_memory_property(nvgrace, log, NVGRACE_BASE_PROPERTY,
				      &base);
	if (ret)
		return ret;

	ret = nvgrace_memory_property(nvgrace, log, NVGRACE_SIZE_PROPERTY,
				      &size);
	if (ret)
		return ret;

	if (!size)
		return vfio_pci_vendor_decline(log,
					       "%s is 0: the C2C link to the GPU is not up",
					       NVGRACE_SIZE_PROPERTY);

	/* Before anything is computed from them. */
	ret = nvgrace_memory_judge(log, base, size,
				   vfio_pci_phys_range_fault(base, size));
	if (ret)
		return ret;

	return nvgrace_memory_divide(nvgrace, log, base, size);
}
