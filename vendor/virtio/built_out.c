// SPDX-License-Identifier: GPL-2.0-only
/*
 * The row of virtio in a build that leaves it out.
 */
#include "ids.h"
#include "vfio_pci_vendor.h"
#include "virtio_compat.h"

VFIO_PCI_VENDOR_BUILT_OUT(virtio, virtiovf_ids, VIRTIO_COMPAT_WANTS);
