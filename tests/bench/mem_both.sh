#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the VM, started with the kernel's variant driver for NVIDIA Grace: the
# benchmark of GPU memory on it, then on ours.
VFIO_TEST_DRIVER=mainline /tests/bench_mem || exit 1
rmmod nvgrace_gpu_vfio_pci
rmmod vfio_pci
insmod /tests/vfio-pci-ours.ko || exit 1
VFIO_TEST_DRIVER=ours /tests/bench_mem
