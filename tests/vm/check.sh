#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh -k KVER [PLAN]...: the VMs of the plans, two (VMTEST_JOBS) at a time; TAP
# on stdout as each ends.
set -eu
cd "$(dirname "$0")/../.."

kver=$2
shift 2
out=build/vm/check
rm -rf "$out"
mkdir -p "$out"
export kver out

# shellcheck disable=SC2016 # expanded by the shell of each VM
cat "${@:-tests/vm/plan}" | grep -v '^#' | nl -w 1 |
	xargs -P "${VMTEST_JOBS:-2}" -d '\n' -I{} sh -c '
		set -- {}
		n=$1 driver=$2
		shift 2
		rc=0
		tests/vm/vmtest.sh -k "$kver" -d "$driver" -o "$out/$n" "$@" >"$out/$n.tap" 2>&1 || rc=1
		flock "$out" cat "$out/$n.tap"
		exit $rc'
