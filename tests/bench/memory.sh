#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# memory.sh -k KVER: coherent GPU memory with this driver as ratios to mainline's
# for NVIDIA Grace, both in one boot of a VM whose clock counts instructions,
# beside the limits. 6.1 has no such driver.
set -eu
cd "$(dirname "$0")/../.."

out=build/vm/memory-bench
mkdir -p "$out"
VMTEST_QEMU="-icount shift=0,sleep=off" \
	tests/vm/vmtest.sh -k "$2" -d ours-mlx5 -t 550 -o "$out" -r memory_bench |
	tr -d '\r' >"$out/log"
grep -q '^# exit memory_bench 0$' "$out/log" || {
	cat "$out/log" "$out/console" >&2
	exit 1
}
awk '
	BEGIN {
		limit["mmap+touch"] = 1.0
		limit["read"] = 1.0
		limit["write"] = 1.0
		limit["read-behind"] = 0.5
		printf "%-24s %10s %10s %7s %7s\n", "what", "mainline", "ours", "ratio", "limit"
	}
	$1 == "bench" && $2 == "mainline" { mainline[$3] = $4 }
	$1 == "bench" && $2 == "ours" {
		ratio = mainline[$3] ? $4 / mainline[$3] : 0
		printf "%-24s %10d %10d %7.3f %7.2f%s\n", $3, mainline[$3], $4,
		       ratio, limit[$3],
		       (ratio > limit[$3] + 0.005) ? "  OVER" : ""
	}' "$out/log"
