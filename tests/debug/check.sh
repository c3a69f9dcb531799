#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh [long]: every VM of the plans on the debug kernel, or those of the long
# plan; TAP. Mainline's variants are left out: what is wrong with them fails nothing.
set -eu
cd "$(dirname "$0")/../.."

kdir=$(tests/debug/kernel.sh build)
kver=$(tests/debug/kernel.sh version)
make --no-print-directory -s "KDIR=$kdir" "KVER=$kver" check-modules tests >build/debug-build.log 2>&1 || {
	cat build/debug-build.log
	exit 1
}

export VMTEST_SECONDS VMTEST_JOBS
case ${1:-} in
long)
	VMTEST_SECONDS=10000
	rc=0
	# Those that sleep, then those that are at work all the time, the longest first.
	grep 'rounds=10000$' tests/debug/long | VMTEST_JOBS=4 tests/vm/check.sh -k "$kver" - || rc=1
	grep -v 'rounds=10000$' tests/debug/long | VMTEST_JOBS=2 tests/vm/check.sh -k "$kver" - || rc=1
	exit $rc ;;
*)
	VMTEST_SECONDS=3000
	VMTEST_JOBS=2
	# The longest first.
	grep -v ^mainline tests/vm/plan | tests/vm/check.sh -k "$kver" tests/debug/plan - ;;
esac
