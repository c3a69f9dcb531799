#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# bench.sh -k KVER: costs of this driver as ratios to those of the kernel's, both
# in one boot of a VM whose clock counts instructions, beside the limits. The size
# is that of a build with igd alone, which is what the kernel's has in it.
set -eu
cd "$(dirname "$0")/../.."

kver=$2
out=build/vm/bench
mkdir -p "$out"
VMTEST_QEMU="-icount shift=0,sleep=off" \
	tests/vm/vmtest.sh -k "$kver" -o "$out" -r bench-both | tr -d '\r' >"$out/log"

make -s module KVER="$kver" BUILD="$out/igd-alone" VENDOR_NVLINK2=n VENDOR_NVGRACE=n \
	VENDOR_MLX5=n VENDOR_VIRTIO=n \
	>"$out/igd-alone.log" 2>&1 || { cat "$out/igd-alone.log" >&2; exit 1; }

# Text and data as size(1) counts them, without the type data, which the build
# for Debian's package adds.
bytes() {
	objcopy --strip-debug --remove-section=.BTF "$1" "$out/stripped.ko"
	size "$out/stripped.ko" | awk 'NR == 2 { print $1 + $2 }'
}
intree=$(find "$(tests/vm/kernel.sh "$kver" modules)/kernel" -name 'vfio-pci.ko*')
case $intree in
*.xz) xz -dc "$intree" >"$out/intree.ko" ;;
*) cp "$intree" "$out/intree.ko" ;;
esac
{
	grep '^bench ' "$out/log" || { cat "$out/log" "$out/console" >&2; exit 1; }
	echo "bench intree text+data $(bytes "$out/intree.ko")"
	echo "bench ours text+data $(bytes "$out/igd-alone/vfio-pci.ko")"
} | tests/bench/ratios.awk -v other=in-tree -v limits="bind+unbind,no-vendor=1.05 \
	bind+open,igd=1.15 read,opregion=1.00 read,config=1.00 read,bar=1.00 text+data=2.30"
