// SPDX-License-Identifier: GPL-2.0-only
/*
 * NVLink2: POWER9 with NVIDIA V100. The CPU reaches the memory of the GPU
 * coherently, and a register page of the bridge invalidates translations that
 * the GPU has cached (address translation shootdown, ATSD). Neither is a BAR;
 * both are device-specific regions, VFIO_REGION_SUBTYPE_NVIDIA_NVLINK2_RAM and
 * VFIO_REGION_SUBTYPE_IBM_NVLINK2_ATSD in uapi/linux/vfio.h.
 */
#include <linux/pci.h>
#include <linux/vfio.h>

#include "ids.h"
#include "nvlink2.h"

static struct nvlink2_device *core_to_nvlink2(struct vfio_device *core_vdev)
{
	return container_of(core_vdev, struct nvlink2_device, core.vdev);
}

static ssize_t nvlink2_rw(struct vfio_pci_core_device *vdev, char __user *buf,
			  size_t count, loff_t *ppos, bool iswrite)
{
	return vfio_pci_mem_window_rw(&to_nvlink2(vdev)->window, buf, count,
				      ppos, iswrite);
}

static int nvlink2_mmap(struct vfio_pci_core_device *vdev,
			struct vfio_pci_region *region,
			struct vm_area_struct *vma)
{
	return vfio_pci_mem_window_mmap(&to_nvlink2(vdev)->window, vma);
}

static void nvlink2_region_release(struct vfio_pci_core_device *vdev,
				   struct vfio_pci_region *region)
{
	vfio_pci_mem_window_close(&to_nvlink2(vdev)->window);
}

static int nvlink2_add_ssatgt(struct vfio_pci_core_device *vdev,
			      struct vfio_info_cap *caps)
{
	struct vfio_region_info_cap_nvlink2_ssatgt ssatgt = {
		.header.id	= VFIO_REGION_INFO_CAP_NVLINK2_SSATGT,
		.header.version	= 1,
		.tgt		= to_nvlink2(vdev)->tgt,
	};

	return vfio_info_add_capability(caps, &ssatgt.header, sizeof(ssatgt));
}

static int nvlink2_ram_capability(struct vfio_pci_core_device *vdev,
				  struct vfio_pci_region *region,
				  struct vfio_info_cap *caps)
{
	return nvlink2_add_ssatgt(vdev, caps);
}

static int nvlink2_atsd_capability(struct vfio_pci_core_device *vdev,
				   struct vfio_pci_region *region,
				   struct vfio_info_cap *caps)
{
	struct vfio_region_info_cap_nvlink2_lnkspd lnkspd = {
		.header.id	= VFIO_REGION_INFO_CAP_NVLINK2_LNKSPD,
		.header.version	= 1,
		.link_speed	= to_nvlink2(vdev)->speed,
	};
	int ret;

	ret = nvlink2_add_ssatgt(vdev, caps);
	if (ret)
		return ret;

	return vfio_info_add_capability(caps, &lnkspd.header, sizeof(lnkspd));
}

static const struct vfio_pci_regops nvlink2_ram_regops = {
	.rw		= nvlink2_rw,
	.mmap		= nvlink2_mmap,
	.release	= nvlink2_region_release,
	.add_capability	= nvlink2_ram_capability,
};

static const struct vfio_pci_regops nvlink2_atsd_regops = {
	.rw		= nvlink2_rw,
	.mmap		= nvlink2_mmap,
	.release	= nvlink2_region_release,
	.add_capability	= nvlink2_atsd_capability,
};

/* Also for a link without a register, as its capabilities matter. */
static int nvlink2_region_register(struct nvlink2_device *nvlink2)
{
	struct vfio_pci_core_device *vdev = &nvlink2->core;
	u32 flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	bool gpu = nvlink2_is_gpu(nvlink2);
	u32 subtype;

	if (nvlink2->window.size)
		flags |= VFIO_REGION_INFO_FLAG_MMAP;

	subtype = gpu ? VFIO_REGION_SUBTYPE_NVIDIA_NVLINK2_RAM :
			VFIO_REGION_SUBTYPE_IBM_NVLINK2_ATSD;
	nvlink2->region = VFIO_PCI_NUM_REGIONS + vdev->num_regions;
	return vfio_pci_core_register_dev_region(vdev,
						 VFIO_REGION_TYPE_PCI_VENDOR_TYPE |
						 vdev->pdev->vendor,
						 subtype,
						 gpu ? &nvlink2_ram_regops :
						       &nvlink2_atsd_regops,
						 nvlink2->window.size, flags,
						 NULL);
}

static int nvlink2_open_device(struct vfio_device *core_vdev)
{
	struct nvlink2_device *nvlink2 = core_to_nvlink2(core_vdev);
	int ret;

	ret = vfio_pci_core_enable(&nvlink2->core);
	if (ret)
		return ret;

	ret = vfio_pci_mem_window_open(&nvlink2->window, &nvlink2->core);
	if (ret)
		goto out_disable;

	ret = nvlink2_region_register(nvlink2);
	if (ret)
		goto out_close;

	vfio_pci_core_finish_enable(&nvlink2->core);
	return 0;

out_close:
	vfio_pci_mem_window_close(&nvlink2->window);
out_disable:
	vfio_pci_core_disable(&nvlink2->core);
	return ret;
}

/* vfio-pci-core takes away only what is mapped of BARs. */
static void nvlink2_sync(struct vfio_device *core_vdev)
{
	struct nvlink2_device *nvlink2 = core_to_nvlink2(core_vdev);

	vfio_pci_mem_window_sync(&nvlink2->window, nvlink2->region);
}

static ssize_t nvlink2_write(struct vfio_device *core_vdev,
			     const char __user *buf, size_t count,
			     loff_t *ppos)
{
	u64 index = (u64)*ppos >> VFIO_PCI_OFFSET_SHIFT;
	ssize_t ret;

	ret = vfio_pci_core_write(core_vdev, buf, count, ppos);
	if (index == VFIO_PCI_CONFIG_REGION_INDEX)
		nvlink2_sync(core_vdev);
	return ret;
}

static int nvlink2_device_feature(struct vfio_device *core_vdev, u32 flags,
				  void __user *arg, size_t argsz)
{
	int ret;

	ret = vfio_pci_core_ioctl_feature(core_vdev, flags, arg, argsz);
	nvlink2_sync(core_vdev);
	return ret;
}

static void nvlink2_release(struct vfio_device *core_vdev)
{
	struct nvlink2_device *nvlink2 = core_to_nvlink2(core_vdev);

	vfio_pci_mem_window_unclaim(&nvlink2->window);
	vfio_pci_core_release_dev(core_vdev);
}

static struct vfio_device_ops nvlink2_device_ops __ro_after_init = {
	.open_device	= nvlink2_open_device,
	.write		= nvlink2_write,
	.device_feature	= nvlink2_device_feature,
	.release	= nvlink2_release,
};

static int nvlink2_probe(struct vfio_pci_core_device *vdev,
			 struct vfio_pci_vendor_log *log)
{
	struct nvlink2_device *nvlink2 = to_nvlink2(vdev);

	if (nvlink2_is_gpu(nvlink2))
		return nvlink2_find_gpu(nvlink2, log);

	return nvlink2_find_bridge(nvlink2, log);
}

static void nvlink2_reset_prepare(struct vfio_pci_core_device *vdev)
{
	struct nvlink2_device *nvlink2 = to_nvlink2(vdev);

	vfio_pci_mem_window_reset_prepare(&nvlink2->window, nvlink2->region);
}

static void nvlink2_reset_done(struct vfio_pci_core_device *vdev)
{
	vfio_pci_mem_window_reset_done(&to_nvlink2(vdev)->window);
}

MODULE_DEVICE_TABLE(pci, nvlink2_ids);

const struct vfio_pci_vendor_ops nvlink2_vendor_ops = {
	.name		= "nvlink2",
	.id_table	= nvlink2_ids,
	.probe		= nvlink2_probe,
	.device_ops	= &nvlink2_device_ops,
	.device_size	= VFIO_PCI_VENDOR_DEVICE_SIZE(struct nvlink2_device,
						      core),
	.reset_prepare	= nvlink2_reset_prepare,
	.reset_done	= nvlink2_reset_done,
};
