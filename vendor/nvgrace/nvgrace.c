// SPDX-License-Identifier: GPL-2.0-only
/*
 * NVIDIA Grace Hopper and Grace Blackwell: memory of the GPU that the CPU
 * reaches coherently through NVLink-C2C, at an address that firmware gives. No
 * BAR of the function covers it; guests get it as BARs, as real hardware does
 * not have them, because that is where their driver looks.
 */
#include <linux/pci.h>
#include <linux/vfio.h>

#include "ids.h"
#include "nvgrace.h"

static struct nvgrace_device *core_to_nvgrace(struct vfio_device *core_vdev)
{
	return container_of(core_vdev, struct nvgrace_device, core.vdev);
}

static int nvgrace_windows_open(struct nvgrace_device *nvgrace)
{
	int ret;

	ret = vfio_pci_mem_window_open(&nvgrace->usable, &nvgrace->core);
	if (ret)
		return ret;

	ret = vfio_pci_mem_window_open(&nvgrace->reserved, &nvgrace->core);
	if (ret)
		vfio_pci_mem_window_close(&nvgrace->usable);
	return ret;
}

static int nvgrace_open_device(struct vfio_device *core_vdev)
{
	struct nvgrace_device *nvgrace = core_to_nvgrace(core_vdev);
	int ret;

	ret = vfio_pci_core_enable(&nvgrace->core);
	if (ret)
		return ret;

	ret = nvgrace_ready_open(nvgrace);
	if (ret)
		goto out_disable;

	ret = nvgrace_windows_open(nvgrace);
	if (ret)
		goto out_disable;

	vfio_pci_mem_bars_reset(&nvgrace->bars);
	vfio_pci_core_finish_enable(&nvgrace->core);
	return 0;

out_disable:
	vfio_pci_core_disable(&nvgrace->core);
	return ret;
}

static void nvgrace_close_device(struct vfio_device *core_vdev)
{
	struct nvgrace_device *nvgrace = core_to_nvgrace(core_vdev);

	vfio_pci_mem_window_close(&nvgrace->reserved);
	vfio_pci_mem_window_close(&nvgrace->usable);
	vfio_pci_core_close_device(core_vdev);
}

static ssize_t nvgrace_read(struct vfio_device *core_vdev, char __user *buf,
			    size_t count, loff_t *ppos)
{
	return vfio_pci_mem_bars_read(&core_to_nvgrace(core_vdev)->bars,
				      core_vdev, buf, count, ppos);
}

static ssize_t nvgrace_write(struct vfio_device *core_vdev,
			     const char __user *buf, size_t count,
			     loff_t *ppos)
{
	return vfio_pci_mem_bars_write(&core_to_nvgrace(core_vdev)->bars,
				       core_vdev, buf, count, ppos);
}

static int nvgrace_mmap(struct vfio_device *core_vdev,
			struct vm_area_struct *vma)
{
	return vfio_pci_mem_bars_mmap(&core_to_nvgrace(core_vdev)->bars,
				      core_vdev, vma);
}

static int nvgrace_region_info(struct vfio_device *core_vdev,
			       struct vfio_region_info *info,
			       struct vfio_info_cap *caps)
{
	return vfio_pci_mem_bars_region_info(&core_to_nvgrace(core_vdev)->bars,
					     core_vdev, info, caps);
}

static long nvgrace_ioctl(struct vfio_device *core_vdev, unsigned int cmd,
			  unsigned long arg)
{
	return vfio_pci_mem_bars_ioctl(&core_to_nvgrace(core_vdev)->bars,
				       core_vdev, cmd, arg,
				       nvgrace_region_info);
}

/* In low power, the function may lose power, and with it the link. */
static int nvgrace_device_feature(struct vfio_device *core_vdev, u32 flags,
				  void __user *arg, size_t argsz)
{
	int ret;

	ret = vfio_pci_core_ioctl_feature(core_vdev, flags, arg, argsz);
	switch (flags & VFIO_DEVICE_FEATURE_MASK) {
	case VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY:
	case VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP:
		if (!ret && flags & VFIO_DEVICE_FEATURE_SET)
			nvgrace_ready_forget(core_to_nvgrace(core_vdev));
	}

	return ret;
}

static void nvgrace_release(struct vfio_device *core_vdev)
{
	struct nvgrace_device *nvgrace = core_to_nvgrace(core_vdev);

	vfio_pci_mem_window_unclaim(&nvgrace->reserved);
	vfio_pci_mem_window_unclaim(&nvgrace->usable);
	vfio_pci_core_release_dev(core_vdev);
}

static struct vfio_device_ops nvgrace_device_ops __ro_after_init = {
	.open_device	= nvgrace_open_device,
	.close_device	= nvgrace_close_device,
	.read		= nvgrace_read,
	.write		= nvgrace_write,
	.mmap		= nvgrace_mmap,
	.ioctl		= nvgrace_ioctl,
	VFIO_PCI_REGION_INFO(nvgrace_region_info)
	.device_feature	= nvgrace_device_feature,
	.release	= nvgrace_release,
};

static int nvgrace_get_dmabuf_phys(struct vfio_pci_core_device *vdev,
				   struct p2pdma_provider **provider,
				   unsigned int index,
				   struct vfio_pci_compat_phys_vec *phys_vec,
				   struct vfio_region_dma_range *ranges,
				   size_t count)
{
	return vfio_pci_mem_bars_dmabuf(&to_nvgrace(vdev)->bars, vdev, provider,
					index, phys_vec, ranges, count);
}

static const struct vfio_pci_device_ops nvgrace_pci_ops = {
	.get_dmabuf_phys = nvgrace_get_dmabuf_phys,
};

static int nvgrace_probe(struct vfio_pci_core_device *vdev,
			 struct vfio_pci_vendor_log *log)
{
	struct nvgrace_device *nvgrace = to_nvgrace(vdev);
	int ret;

	ret = nvgrace_ready_find(nvgrace, log);
	if (ret)
		return ret;

	vfio_pci_compat_share(vdev, &nvgrace_pci_ops);
	return nvgrace_memory_find(nvgrace, log);
}

/*
 * vfio-pci-core takes away what is mapped around its own resets, but not around
 * those of others: no access until the reset is done, and the next one has to
 * find out whether the memory is ready.
 */
static void nvgrace_reset_prepare(struct vfio_pci_core_device *vdev)
{
	struct nvgrace_device *nvgrace = to_nvgrace(vdev);

	vfio_pci_mem_window_reset_prepare(&nvgrace->usable,
					  VFIO_PCI_BAR4_REGION_INDEX);
	vfio_pci_mem_window_reset_prepare(&nvgrace->reserved,
					  VFIO_PCI_BAR2_REGION_INDEX);
}

static void nvgrace_reset_done(struct vfio_pci_core_device *vdev)
{
	struct nvgrace_device *nvgrace = to_nvgrace(vdev);

	nvgrace_ready_forget(nvgrace);
	vfio_pci_mem_window_reset_done(&nvgrace->usable);
	vfio_pci_mem_window_reset_done(&nvgrace->reserved);
}

MODULE_DEVICE_TABLE(pci, nvgrace_ids);

const struct vfio_pci_vendor_ops nvgrace_vendor_ops = {
	.name		= "nvgrace",
	.id_table	= nvgrace_ids,
	.probe		= nvgrace_probe,
	.device_ops	= &nvgrace_device_ops,
	.device_size	= VFIO_PCI_VENDOR_DEVICE_SIZE(struct nvgrace_device,
						      core),
	.reset_prepare	= nvgrace_reset_prepare,
	.reset_done	= nvgrace_reset_done,
};
