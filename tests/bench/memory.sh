#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# memory.sh -k KVER: coherent GPU memory with this driver as ratios to mainline's
# for NVIDIA Grace, both in one boot, beside the limits. 6.1 has no such driver.
set -eu
cd "$(dirname "$0")/../.."
. tests/bench/counted.sh

counted memory-bench "$2" memory_bench
tests/bench/ratios.awk -v other=mainline \
	-v limits="mmap+touch=1.0 read=1.0 write=1.0 read-behind=0.5" "$out/log"
