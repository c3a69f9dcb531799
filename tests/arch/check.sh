#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh RELEASE/ARCHITECTURE...: builds for other architectures, and boots
# QEMU's machines of these, where a function of QEMU's is bound. TAP. The IOMMU
# drivers of 6.1 for POWER, and its configuration for s390x, rule out VFIO there.
set -eu
cd "$(dirname "$0")/../.."

build() {
	kver=$(tests/arch/build.sh "$release" "$arch" 2>"$log") && return
	sed 's/^/# /' "$log"
	echo "not ok 0 - $arch/$release: builds without a warning"
	failed=1
	return 1
}

programs() {
	echo function_test
	case $arch in
	arm64) echo nvgrace_arm64_test ;;
	ppc64el) echo nvlink2_powernv_test ;;
	esac
}

failed=0
mkdir -p build/vm
for target in "$@"; do
	release=${target%/*}
	arch=${target#*/}
	log=build/arch-$arch-$release.log
	build || continue
	echo "ok 0 - $arch/$release: builds without a warning"
	# shellcheck disable=SC2046
	tests/arch/vmtest.sh "$kver" "$arch" $(programs) || failed=1
done
exit $failed
