/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract between vfio-pci and the vendor ops linked into it.
 *
 * A vendor writes what is special about its devices and includes nothing else
 * from this project. It does not know the other vendors.
 */
#ifndef VFIO_PCI_VENDOR_H
#define VFIO_PCI_VENDOR_H

#include <linux/build_bug.h>
#include <linux/mod_devicetable.h>
#include <linux/pci.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include <linux/vfio_pci_core.h>

#include "vfio_pci_compat.h"
#include "vfio_pci_mem_window.h"

struct vfio_pci_vendor_log;

/**
 * struct vfio_pci_vendor_ops - one row of the vendor table
 *
 * @name: The word that the vendor_ops parameter and sysfs use. Lower case, no
 *	comma, not "on" or "off".
 *
 * @id_table: Mandatory. The functions that the vendor may be asked about, as
 *	narrow as the hardware allows, made of PCI_DRIVER_OVERRIDE_DEVICE_VFIO()
 *	or an equivalent with override_only set, and published with
 *	MODULE_DEVICE_TABLE() where the vendor is built in.
 *
 *	Guarantees:
 *	- @probe is never called for a function that does not match, however the
 *	  function came to this driver: dynamic ids and driver_override do not
 *	  count.
 *
 * @probe: Decide whether the vendor takes the function in
 *	@vdev->pdev. Where it does, whatever the device needs until unbind is
 *	kept in the vendor's structure around @vdev.
 *
 *	Guarantees:
 *	- Process context with the device lock held; may sleep.
 *	- @vdev is zeroed, then initialised by @device_ops->init. It is not yet
 *	  registered: no user can reach it, and the driver data of the function
 *	  is not set.
 *	- The rows before this one declined or were disabled.
 *	- @device_ops->release is called exactly once for each call of @probe,
 *	  whether it claims, declines or fails, and also when the bind fails
 *	  later: resources that @probe stores in the structure are freed there,
 *	  and nowhere else.
 *
 *	The vendor in turn changes nothing outside its structure before it
 *	claims.
 *
 *	Return: 0 claims the function until unbind. -ENODEV, by way of
 *	vfio_pci_vendor_decline() only, lets the next row try. Any other errno
 *	fails the bind with that errno: a vendor does not turn a real error,
 *	such as -ENOMEM or -EPROBE_DEFER, into a decline.
 *
 * @device_ops: What VFIO calls for a claimed device, with nothing in between.
 *	Members left NULL are filled in with those of plain vfio-pci when the
 *	module loads, name included, hence neither const nor shared between
 *	rows; declare it __ro_after_init.
 *
 *	A vendor's own release ends with vfio_pci_core_release_dev(), which may
 *	free the structure. It sees a zeroed structure when @probe got nowhere.
 *	Device-specific regions are registered by open_device, between
 *	vfio_pci_core_enable() and vfio_pci_core_finish_enable(): vfio-pci-core
 *	drops them at the last close.
 *
 * @device_size: Size in bytes of the vendor's structure, from
 *	VFIO_PCI_VENDOR_DEVICE_SIZE(). 0 where a plain vfio_pci_core_device will
 *	do.
 *
 * @reset_prepare: Optional. The function is about to be reset.
 *
 *	Guarantees:
 *	- Called only for devices that this vendor claimed, from any path of the
 *	  PCI core that resets a function, with the device lock held.
 *	- The reset may come from vfio-pci-core itself, which then holds its
 *	  memory_lock: do not take that, nor a lock held around user accesses.
 *
 * @reset_done: Optional. As @reset_prepare, after the reset; the
 *	configuration space is restored.
 *
 * @built_out: For VFIO_PCI_VENDOR_BUILT_OUT() only, in a row that has nothing
 *	else but @name and @id_table: what to rebuild with, for its decline.
 */
struct vfio_pci_vendor_ops {
	const char *name;
	const struct pci_device_id *id_table;
	int (*probe)(struct vfio_pci_core_device *vdev,
		     struct vfio_pci_vendor_log *log);
	struct vfio_device_ops *device_ops;
	size_t device_size;
	void (*reset_prepare)(struct vfio_pci_core_device *vdev);
	void (*reset_done)(struct vfio_pci_core_device *vdev);
	const char *built_out;
};

/**
 * VFIO_PCI_VENDOR_DEVICE_SIZE() - size of a vendor's device structure
 * @type: the structure
 * @core: its member of type struct vfio_pci_core_device, which must come first
 */
#define VFIO_PCI_VENDOR_DEVICE_SIZE(type, core) \
	(sizeof(type) + BUILD_BUG_ON_ZERO(offsetof(type, core)))

/**
 * vfio_pci_vendor_init_dev() - initialise a device: the default for ops->init
 * @core_vdev: the device, zeroed
 *
 * Hands the module parameters to vfio-pci-core, which wants them first. A
 * vendor's own init calls this instead of vfio_pci_core_init_dev(), before it
 * sets what differs.
 *
 * Context: Within _vfio_alloc_device(), before @probe; may sleep.
 * Return: 0, or the errno of vfio_pci_core_init_dev(), such as -ENOMEM.
 */
int vfio_pci_vendor_init_dev(struct vfio_device *core_vdev);

/**
 * vfio_pci_vendor_decline() - leave a function to the next row, and say why
 * @log: what @probe was given
 * @fmt: the reason for the administrator: what was found and, where there is
 *	something to do about it, what. No newline, no name of the vendor.
 *
 * The text ends up in vendor_ops_log and in the kernel message of the bind. It
 * is cut at 255 characters. The last reason given wins.
 *
 * Context: Only within @probe.
 * Return: Always -ENODEV, to be returned by @probe.
 */
__printf(2, 3)
int vfio_pci_vendor_decline(struct vfio_pci_vendor_log *log,
			    const char *fmt, ...);

/**
 * vfio_pci_vendor_note() - claim a function, but tell what will be missing
 * @log: what @probe was given
 * @fmt: the note, written like the reason of a decline
 *
 * The note is appended to the "selected" line of vendor_ops_log. Several notes
 * are joined by "; "; together they are cut at 255 characters.
 *
 * Context: Only within @probe.
 */
__printf(2, 3)
void vfio_pci_vendor_note(struct vfio_pci_vendor_log *log,
			  const char *fmt, ...);

/**
 * vfio_pci_phys_range_fault() - may firmware have put a table there?
 * @addr: physical address, in bytes
 * @size: length, in bytes
 *
 * Firmware publishes addresses that may be stale or wrong, and mapping some of
 * them would hand the kernel's own memory to a user.
 *
 * Context: Process context.
 * Return: NULL when the range can be mapped as firmware memory, or else what
 * is wrong with it, for a decline: it is empty, wraps, is wider than the CPU
 * can address, or contains RAM that the kernel owns.
 */
const char *vfio_pci_phys_range_fault(u64 addr, u64 size);

/**
 * VFIO_PCI_VENDOR_BUILT_OUT() - the row of a vendor in a build without it
 * @vendor: prefix of its symbols, and its name
 * @ids: its id_table, for which there is no MODULE_DEVICE_TABLE() then: the
 *	module would seem to fit the device better than a driver that can do more
 * @wanted: what brings it, a string
 *
 * Defines <vendor>_vendor_ops, which declines with "built without <vendor>:
 * rebuild with @wanted".
 */
#define VFIO_PCI_VENDOR_BUILT_OUT(vendor, ids, wanted)			\
const struct vfio_pci_vendor_ops vendor##_vendor_ops = {		\
	.name		= #vendor,					\
	.id_table	= ids,						\
	.built_out	= wanted,					\
}

/* The rows of the table; vfio_pci/table.c has the order. */
extern const struct vfio_pci_vendor_ops igd_vendor_ops;
extern const struct vfio_pci_vendor_ops nvlink2_vendor_ops;
extern const struct vfio_pci_vendor_ops nvgrace_vendor_ops;
extern const struct vfio_pci_vendor_ops mlx5_vendor_ops;
extern const struct vfio_pci_vendor_ops virtio_vendor_ops;
extern const struct vfio_pci_vendor_ops generic_vendor_ops;

#endif /* VFIO_PCI_VENDOR_H */
