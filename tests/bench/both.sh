#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the VM: the benchmark on the driver of the kernel, then on ours.
modules=/lib/modules/$(uname -r)

rmmod vfio_pci
insmod "$modules/kernel/drivers/vfio/pci/vfio-pci.ko"
VFIO_TEST_DRIVER=intree /tests/bench || exit 1
rmmod vfio_pci
insmod "$modules/updates/dkms/vfio-pci.ko"
VFIO_TEST_DRIVER=ours /tests/bench
