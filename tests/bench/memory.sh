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
	tests/vm/vmtest.sh -k "$2" -d ours-all -t 550 -o "$out" -r memory_bench |
	tr -d '\r' >"$out/log"
grep -q '^# exit memory_bench 0$' "$out/log" || {
	cat "$out/log" "$out/console" >&2
	exit 1
}
tests/bench/ratios.awk -v other=mainline \
	-v limits="mmap+touch=1.0 read=1.0 write=1.0 read-behind=0.5" "$out/log"
