#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# scale.sh -k KVER: what one of 10, 100 and 1,000 functions costs, on the driver
# of the kernel and on this one, each in a boot of a VM whose clock counts
# instructions.
set -eu
cd "$(dirname "$0")/../.."

kver=$2
out=build/vm/scale
mkdir -p "$out"
for driver in intree ours; do
	VMTEST_QEMU="-icount shift=0,sleep=off" \
		tests/vm/vmtest.sh -k "$kver" -d "$driver" -o "$out" -t 900 -r scale_bench
done | tr -d '\r' >"$out/log"

grep '^scale ' "$out/log" | awk '
	BEGIN {
		split("bind list unbind bytes", names)
		printf "%-10s %5s %12s %12s %7s\n", "each", "of", "in-tree", "ours", "ratio"
	}
	{ for (i = 1; i <= 4; i++) cost[$2, $3, i] = $(i + 3) }
	$2 == "ours" {
		for (i = 1; i <= 4; i++) {
			theirs = cost["intree", $3, i]
			ours = cost["ours", $3, i]
			if (i == 2)
				printf "%-10s %5d %12s %12.0f\n", names[i], $3, "-", ours
			else
				printf "%-10s %5d %12.0f %12.0f %7.2f\n", names[i], $3, theirs, ours, ours / theirs
			lines++
		}
	}
	END { exit lines != 12 }' || {
	cat "$out/log" "$out/console" >&2
	exit 1
}
