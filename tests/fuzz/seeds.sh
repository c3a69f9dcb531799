#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# seeds.sh PROGRAM FOLDER: the inputs that fuzzing starts from. Real tables where
# the machine has them (../shared/firmware), and made-up ones in any case.
set -eu
cd "$(dirname "$0")/../.."
program=$1
out=$2
mkdir -p "$out"

# Bytes, little-endian: le WIDTH VALUE
le() {
	n=$1 v=$(($2))
	while [ "$n" -gt 0 ]; do
		# shellcheck disable=SC2059 # the format is the byte
		printf "\\$(printf %03o $((v & 255)))"
		v=$((v >> 8)) n=$((n - 1))
	done
}

zeros() {
	head -c "$1" /dev/zero
}

# opregion ADDRESS LENGTH KIB VERSION RVDA RVDS
opregion() {
	le 8 "$1"; le 2 "$2"
	printf IntelGraphicsMem; le 4 "$3"; zeros 2; le 2 "$4"
	zeros $((0x58 - 0x18)); le 4 0xf
	zeros $((0x3ba - 0x5c)); le 8 "$5"; le 4 "$6"
}

seed_opregion() {
	opregion 0x30000000 8192 8 0x100 0 0 >"$out/1.0"
	opregion 0x30000000 8192 8 0x200 0x30002000 7000 >"$out/2.0"
	opregion 0x30000000 8192 8 0x201 0x2000 7000 >"$out/2.1"
	opregion 0x30000000 8192 8 0x201 -0x1000 7000 >"$out/before"
	opregion -0x2000 8192 8 0x300 0x1000 0x1000 >"$out/top"
	opregion 0x30000000 8192 8 0x200 -0x20 0x20 >"$out/last"
	opregion 0x30000000 8192 8 0x200 -0x20 0x21 >"$out/wraps"
	opregion 0x30000000 8192 1 0x200 0 0 >"$out/1KiB"
	opregion 0x30000000 8192 9 0x200 0 0 >"$out/9KiB"
	opregion 0x30000000 100 8 0x200 0 0 >"$out/short"
	opregion 0x30000000 8192 8 0x201 0x2000 0x100001 >"$out/1MiB+1"
	# As firmware has them: short ones in mailbox 4, long ones behind.
	for vbt in ../shared/firmware/vbt/*; do
		[ -e "$vbt" ] || continue
		size=$(wc -c <"$vbt")
		if [ "$size" -gt 6144 ]; then
			opregion 0x30000000 8192 8 0x201 0x2000 "$size"
		else
			opregion 0x30000000 8192 8 0x200 0 0
		fi >"$out/vbt-$size"
		head -c 200 "$vbt" >>"$out/vbt-$size"
	done
}

names() {
	sed -n 's/^\t&\([a-z0-9_]*\)_vendor_ops,$/\1/p' vfio_pci/table.c
}

seed_policy() {
	n=0
	all=$(names | paste -sd,)
	for text in on off "on," "$all" "-$(names | sed '$d' | paste -sd, | sed 's/,/,-/g')" \
		generic -generic igd,-igd -igd,igd igd,,igd ",igd" " igd" "igd
" "igd

"; do
		n=$((n + 1))
		printf %s "$text" >"$out/$n"
	done
	for name in $(names); do
		printf %s "$name" >"$out/name-$name"
		printf %s "-$name" >"$out/except-$name"
	done
}

seed_address() {
	n=0
	deep=$(printf '/1f.7%.0s' $(seq 31))
	for text in 0:0.0 0000:01:00.0 10000:e1:1f.7 00:1c.0/00.0 01:00.\* \
		0000:00:1c.4/00.0/01.\* 7fffffff:ff:1f.7 80000000:00:0.0 100:0.0 \
		00:20.0 00:1f.8 00:0.0/0 00:0.0/20.0 00:0.0/0.8 /0:0.0 0:0 0.0 0:0.x \
		"0:0.0$deep" "0:0.0/0.0$deep" pci:8086:1234; do
		n=$((n + 1))
		printf %s "$text" >"$out/$n"
	done
}

# record SIZE FLAGS TAG, and as many bytes
record() {
	le 8 "$1"; le 4 "$2"; le 4 "$3"; zeros "$1"
}

# Images have tag 0, the hint of their size 1; 256 bytes are the most.
seed_stream() {
	record 8 1 1 >"$out/hint"
	record 100 0 0 >"$out/image"
	{ record 8 1 1; record 200 0 0; record 3 0 0; } >"$out/hint-images"
	{ record 0 0 0; record 256 1 77; record 256 0 0; } >"$out/empty-optional-image"
	{ record 20 0 0; record 8 1 1; } >"$out/late-hint"
	record 257 0 0 >"$out/large"
	record 10 0 2 >"$out/unknown"
	record 10 2 0 >"$out/flags"
	record 100 0 0 | head -c 99 >"$out/cut"
	record 100 0 0 | head -c 15 >"$out/cut-header"
	le 8 -1 >"$out/short"
	zeros 300 >"$out/zeros"
}

"seed_$program"
