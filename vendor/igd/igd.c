// SPDX-License-Identifier: GPL-2.0-only
/*
 * Intel integrated graphics: what its drivers need from outside the function.
 *
 * Firmware leaves the OpRegion, and in it or behind it the Video BIOS Table
 * (VBT), in memory, and its address in the ASLS register of the function. A
 * guest can reach neither that memory nor the bridges, so users get them as
 * device-specific regions (uapi/linux/vfio.h, VFIO_REGION_SUBTYPE_INTEL_IGD_*),
 * which QEMU copies into the guest.
 */
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/uaccess.h>

#include "ids.h"
#include "igd.h"
#include "opregion.h"
#include "vfio_pci_unaligned.h"

/* OpRegion address register: Intel OpRegion Specification, "ASL Storage". */
#define IGD_ASLS		0xfc

/* How vfio-pci-core marks bytes of configuration space that it emulates. */
#define IGD_CONFIG_VIRTUAL	0xfe

/* The bridges on bus 0 that users see the configuration space of. */
static const struct {
	const char *name;
	u32 subtype;
	u16 class;
	u8 slot;
} igd_bridges[] = {
	{ "host", VFIO_REGION_SUBTYPE_INTEL_IGD_HOST_CFG,
	  PCI_CLASS_BRIDGE_HOST, 0x00 },
	{ "LPC", VFIO_REGION_SUBTYPE_INTEL_IGD_LPC_CFG,
	  PCI_CLASS_BRIDGE_ISA, 0x1f },
};

/**
 * struct igd_extent - a run of bytes of the OpRegion region
 * @end: offset of the first byte behind it
 * @src: its bytes
 */
struct igd_extent {
	u32 end;
	const void *src;
};

#define IGD_EXTENTS	6

/**
 * struct igd_device - an Intel GPU with an OpRegion
 * @core: what vfio-pci-core keeps
 * @opregion: what probe found
 * @bridges: in the order of igd_bridges; NULL where there is none
 * @mem: the OpRegion, mapped while the device is open
 * @vbt: the VBT outside it, likewise; NULL if there is none
 * @extents: what the region is made of, in its order
 */
struct igd_device {
	struct vfio_pci_core_device core;
	struct igd_opregion opregion;
	struct pci_dev *bridges[ARRAY_SIZE(igd_bridges)];
	void *mem;
	void *vbt;
	struct igd_extent extents[IGD_EXTENTS];
};

static struct igd_device *to_igd(struct vfio_pci_core_device *vdev)
{
	return container_of(vdev, struct igd_device, core);
}

static ssize_t igd_opregion_rw(struct vfio_pci_core_device *vdev,
			       char __user *buf, size_t count, loff_t *ppos,
			       bool iswrite)
{
	loff_t pos = *ppos & VFIO_PCI_OFFSET_MASK;
	struct igd_device *igd = to_igd(vdev);
	const struct igd_extent *extent;
	size_t done = 0, bytes;
	u32 start = 0;

	if (iswrite || pos >= igd->opregion.size)
		return -EINVAL;

	count = min_t(size_t, count, igd->opregion.size - pos);

	for (extent = igd->extents; done < count; start = extent++->end) {
		if (pos >= extent->end)
			continue;

		bytes = min_t(size_t, count - done, extent->end - pos);
		if (copy_to_user(buf + done, extent->src + (pos - start), bytes))
			return -EFAULT;
		done += bytes;
		pos += bytes;
	}

	*ppos += count;
	return count;
}

static void igd_opregion_unmap(struct igd_device *igd)
{
	if (igd->vbt)
		memunmap(igd->vbt);
	memunmap(igd->mem);
	igd->vbt = NULL;
	igd->mem = NULL;
}

static void igd_opregion_release(struct vfio_pci_core_device *vdev,
				 struct vfio_pci_region *region)
{
	igd_opregion_unmap(to_igd(vdev));
}

static const struct vfio_pci_regops igd_opregion_regops = {
	.rw		= igd_opregion_rw,
	.release	= igd_opregion_release,
};

static int igd_opregion_map(struct igd_device *igd)
{
	const struct igd_opregion *opregion = &igd->opregion;

	igd->mem = memremap(opregion->addr, IGD_OPREGION_SIZE, MEMREMAP_WB);
	if (!igd->mem)
		return -ENOMEM;

	if (!opregion->vbt_size)
		return 0;

	igd->vbt = memremap(opregion->vbt_addr, opregion->vbt_size,
			    MEMREMAP_WB);
	if (!igd->vbt) {
		igd_opregion_unmap(igd);
		return -ENOMEM;
	}

	return 0;
}

/*
 * What users see differs from memory in two fields at most. RVDA is replaced in
 * every version, as it always was: an address of the host is of no use to a
 * guest.
 */
static void igd_opregion_lay_out(struct igd_device *igd)
{
	static const __le16 version_2_1 = cpu_to_le16(0x0201);
	static const __le64 behind = cpu_to_le64(IGD_OPREGION_SIZE);
	static const __le64 none;
	const __le64 *rvda = igd->vbt ? &behind : &none;
	struct igd_extent *extent = igd->extents;
	const void *mem = igd->mem;
	u32 at = 0;

	if (get_unaligned_le16(mem + IGD_OPREGION_VERSION) !=
	    igd->opregion.version) {
		*extent++ = (struct igd_extent){ IGD_OPREGION_VERSION, mem };
		at = IGD_OPREGION_VERSION + sizeof(version_2_1);
		*extent++ = (struct igd_extent){ at, &version_2_1 };
	}

	if (get_unaligned((__le64 *)(mem + IGD_OPREGION_RVDA)) != *rvda) {
		*extent++ = (struct igd_extent){ IGD_OPREGION_RVDA, mem + at };
		at = IGD_OPREGION_RVDA + sizeof(*rvda);
		*extent++ = (struct igd_extent){ at, rvda };
	}

	*extent++ = (struct igd_extent){ IGD_OPREGION_SIZE, mem + at };
	if (igd->vbt)
		*extent = (struct igd_extent){ igd->opregion.size, igd->vbt };
}

static int igd_opregion_register(struct igd_device *igd)
{
	struct vfio_pci_core_device *vdev = &igd->core;
	int ret;

	ret = igd_opregion_map(igd);
	if (ret)
		return ret;

	igd_opregion_lay_out(igd);
	ret = vfio_pci_core_register_dev_region(vdev, IGD_REGION_TYPE,
						VFIO_REGION_SUBTYPE_INTEL_IGD_OPREGION,
						&igd_opregion_regops,
						igd->opregion.size,
						VFIO_REGION_INFO_FLAG_READ,
						NULL);
	if (ret)
		igd_opregion_unmap(igd);
	return ret;
}

static void igd_asls_virtualise(struct igd_device *igd)
{
	put_unaligned_le32(igd->opregion.addr, igd->core.vconfig + IGD_ASLS);
	memset(igd->core.pci_config_map + IGD_ASLS, IGD_CONFIG_VIRTUAL,
	       sizeof(u32));
}

static int igd_regions_register(struct igd_device *igd)
{
	unsigned int i;
	int ret;

	ret = igd_opregion_register(igd);
	for (i = 0; !ret && i < ARRAY_SIZE(igd_bridges); i++) {
		if (igd->bridges[i])
			ret = igd_bridge_register(&igd->core, igd->bridges[i],
						  igd_bridges[i].subtype);
	}

	return ret;
}

static int igd_open_device(struct vfio_device *core_vdev)
{
	struct igd_device *igd =
		container_of(core_vdev, struct igd_device, core.vdev);
	int ret;

	ret = vfio_pci_core_enable(&igd->core);
	if (ret)
		return ret;

	ret = igd_regions_register(igd);
	if (ret) {
		/* This also drops the regions that were registered. */
		vfio_pci_core_disable(&igd->core);
		return ret;
	}

	igd_asls_virtualise(igd);
	vfio_pci_core_finish_enable(&igd->core);
	return 0;
}

static void igd_release(struct vfio_device *core_vdev)
{
	struct igd_device *igd =
		container_of(core_vdev, struct igd_device, core.vdev);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(igd_bridges); i++)
		pci_dev_put(igd->bridges[i]);
	vfio_pci_core_release_dev(core_vdev);
}

static struct vfio_device_ops igd_device_ops __ro_after_init = {
	.open_device	= igd_open_device,
	.release	= igd_release,
};

static int igd_probe_asls(struct igd_device *igd,
			  struct vfio_pci_vendor_log *log, u32 *asls)
{
	int ret;

	ret = pci_read_config_dword(igd->core.pdev, IGD_ASLS, asls);
	if (ret)
		return pcibios_err_to_errno(ret);

	if (!*asls)
		return vfio_pci_vendor_decline(log,
					       "ASLS is 0: firmware published no OpRegion, as for a discrete GPU or with graphics disabled in the firmware setup");
	if (*asls == U32_MAX)
		return vfio_pci_vendor_decline(log,
					       "ASLS reads all ones: the function does not answer");

	return 0;
}

/* Reads the OpRegion. @fault receives what is wrong with it, or NULL. */
static int igd_opregion_find(u32 asls, struct igd_opregion *opregion,
			     const char **fault)
{
	void *mem;

	*fault = vfio_pci_phys_range_fault(asls, IGD_OPREGION_SIZE);
	if (*fault)
		return 0;

	/* The range is good: what fails is for want of memory, or transient. */
	mem = memremap(asls, IGD_OPREGION_SIZE, MEMREMAP_WB);
	if (!mem)
		return -ENOMEM;

	*fault = igd_opregion_parse(mem, IGD_OPREGION_SIZE, asls, opregion);
	memunmap(mem);
	return 0;
}

/* A VBT that can not be mapped costs users the VBT, not the OpRegion. */
static void igd_probe_vbt(struct igd_opregion *opregion,
			  struct vfio_pci_vendor_log *log)
{
	const char *fault;

	if (opregion->vbt_fault)
		vfio_pci_vendor_note(log,
				     "OpRegion at %#llx %s, so that VBT is left out: update the firmware",
				     opregion->addr, opregion->vbt_fault);
	if (!opregion->vbt_size)
		return;

	fault = vfio_pci_phys_range_fault(opregion->vbt_addr,
					  opregion->vbt_size);
	if (!fault)
		return;

	vfio_pci_vendor_note(log,
			     "OpRegion at %#llx has a VBT (RVDA) at %#llx that %s, so it is left out: update the firmware",
			     opregion->addr, opregion->vbt_addr, fault);
	igd_opregion_drop_vbt(opregion);
}

static int igd_probe_opregion(struct igd_device *igd,
			      struct vfio_pci_vendor_log *log, u32 asls)
{
	struct igd_opregion *opregion = &igd->opregion;
	const char *fault;
	int ret;

	ret = igd_opregion_find(asls, opregion, &fault);
	if (ret)
		return ret;
	if (fault)
		return vfio_pci_vendor_decline(log,
					       "OpRegion at %#x %s: update the firmware",
					       asls, fault);

	igd_probe_vbt(opregion, log);
	return 0;
}

static void igd_probe_bridges(struct igd_device *igd,
			      struct vfio_pci_vendor_log *log)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(igd_bridges); i++) {
		igd->bridges[i] = igd_bridge_get(igd->core.pdev,
						 PCI_DEVFN(igd_bridges[i].slot, 0),
						 igd_bridges[i].class);
		if (igd->bridges[i])
			continue;

		vfio_pci_vendor_note(log,
				     "no Intel %s bridge at 00:%02x.0, so no region for it",
				     igd_bridges[i].name, igd_bridges[i].slot);
	}
}

static int igd_probe(struct vfio_pci_core_device *vdev,
		     struct vfio_pci_vendor_log *log)
{
	struct igd_device *igd = to_igd(vdev);
	u32 asls;
	int ret;

	if (vdev->pdev->is_virtfn)
		return vfio_pci_vendor_decline(log,
					       "it is a VF; the OpRegion belongs to the PF");

	ret = igd_probe_asls(igd, log, &asls);
	if (ret)
		return ret;

	ret = igd_probe_opregion(igd, log, asls);
	if (ret)
		return ret;

	igd_probe_bridges(igd, log);
	return 0;
}

MODULE_DEVICE_TABLE(pci, igd_ids);

const struct vfio_pci_vendor_ops igd_vendor_ops = {
	.name		= "igd",
	.id_table	= igd_ids,
	.probe		= igd_probe,
	.device_ops	= &igd_device_ops,
	.device_size	= VFIO_PCI_VENDOR_DEVICE_SIZE(struct igd_device, core),
};
