/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract, as far as names and table rows go.
 */
#ifndef FUZZ_SHIM_VENDOR_H
#define FUZZ_SHIM_VENDOR_H

#include "kernel.h"

struct device;
struct device_driver;
struct pci_dev;
struct pci_driver;
struct attribute_group;
struct vfio_pci_vendor_log;

struct pci_device_id {
	unsigned int vendor, device;
};

struct vfio_device_ops {
	const char *name;
};

struct vfio_pci_core_device {
	struct {
		const struct vfio_device_ops *ops;
	} vdev;
};

struct vfio_pci_vendor_ops {
	const char *name;
	struct vfio_device_ops *device_ops;
};

/* The rows that vfio_pci/table.c names, by their names. */
#include "rows.h"

#endif /* FUZZ_SHIM_VENDOR_H */
