/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Network and block devices of virtio 1.0 and later: VFs have the ids of their
 * PF, or are told apart from it by nothing but being VFs.
 */
#ifndef VFIO_PCI_VIRTIO_IDS_H
#define VFIO_PCI_VIRTIO_IDS_H

#include <linux/pci.h>

#define VIRTIOVF_ID_NET		0x1041
#define VIRTIOVF_ID_BLOCK	0x1042

static const struct pci_device_id virtiovf_ids[] = {
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_VENDOR_ID_REDHAT_QUMRANET,
					  VIRTIOVF_ID_NET) },
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_VENDOR_ID_REDHAT_QUMRANET,
					  VIRTIOVF_ID_BLOCK) },
	{}
};

#endif /* VFIO_PCI_VIRTIO_IDS_H */
