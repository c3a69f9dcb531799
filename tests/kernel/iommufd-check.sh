#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# iommufd-check.sh [PLAN]: the VMs of PLAN, without one those of tests/kernel/plan, on
# the kernel of iommufd.sh; TAP.
set -eu
cd "$(dirname "$0")/../.."

kver=$(tests/kernel/iommufd.sh)
export VMTEST_KERNELS="$PWD/build/iommufd/kernels"
export VMTEST_BUILD="build/iommufd/$kver"
make --no-print-directory -s check-modules tests "KVER=$kver" "BUILD=$VMTEST_BUILD" \
	"KDIR=$VMTEST_KERNELS/$kver/usr/src/linux-headers-$kver" >build/iommufd/modules.log 2>&1 || {
	sed 's/^/# /' build/iommufd/modules.log
	echo "not ok 0 - the modules do not build for $kver with IOMMUFD"
	exit 1
}
exec tests/vm/check.sh -k "$kver" "${1:-tests/kernel/plan}"
