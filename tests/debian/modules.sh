#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# modules.sh SUITE OUT: build vfio-pci.ko and what the tests load, in the Debian
# root of SUITE and for its kernel; OUT receives the modules, and the files of
# depmod for a root that has this vfio-pci.ko.
set -eu
cd "$(dirname "$0")/../.."

suite=$1
out=$2
root=build/debian/$suite/root
kver=$(ls "$root/lib/modules")

mkdir -p "$out"
scripts/in-root.sh "$root" make -s module mock "KVER=$kver" >"$out/log" 2>&1 || {
	tail -n 20 "$out/log" >&2
	exit 1
}
cp "build/$kver"/*.ko "$out/"
strip --strip-debug "$out"/*.ko

# Links, for depmod replaces files and does not write into them.
stage=$out/stage/lib/modules/$kver
rm -rf "$out/stage"
mkdir -p "$out/stage/lib/modules"
cp -al "$root/lib/modules/$kver" "$stage"
mkdir -p "$stage/updates/dkms"
cp "$out/vfio-pci.ko" "$stage/updates/dkms/"
/sbin/depmod -b "$out/stage" "$kver"
mkdir -p "$out/depmod"
cp "$stage"/modules.* "$out/depmod/"
rm -rf "$out/stage"
