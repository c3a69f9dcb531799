#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# migration.sh -k KVER: saving and loading with this driver as ratios to those of
# mainline's, both in one boot of a VM whose clock counts instructions, beside
# the limits. Times are without what the firmware of the mock takes.
set -eu
cd "$(dirname "$0")/../.."

out=build/vm/migration-bench
mkdir -p "$out"
VMTEST_QEMU="-m 5G -icount shift=0,sleep=off" \
	tests/vm/vmtest.sh -k "$2" -d ours-all -t 550 -o "$out" -r migration_bench |
	tr -d '\r' >"$out/log"
grep -q '^# exit migration_bench 0$' "$out/log" || {
	cat "$out/log" "$out/console" >&2
	exit 1
}
awk '
	BEGIN {
		limit["save"] = 0.67
		limit["load"] = 0.67
		limit["peak"] = 0.5
		limit["bind"] = 1.0
		printf "%-24s %10s %10s %7s %7s\n", "what", "mainline", "ours", "ratio", "limit"
	}
	$1 == "bench" && $2 == "mainline" { mainline[$3] = $4 }
	$1 == "bench" && $2 == "ours" {
		kind = $3 ~ /peak/ ? "peak" : substr($3, 1, 4)
		ratio = mainline[$3] ? $4 / mainline[$3] : 0
		printf "%-24s %10d %10d %7.2f %7.2f%s\n", $3, mainline[$3], $4,
		       ratio, limit[kind],
		       (ratio > limit[kind] + 0.005) ? "  OVER" : ""
	}' "$out/log"
