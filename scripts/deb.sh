#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# deb.sh OUT [VERSION]: build the Debian package into the folder OUT. The sources
# stay as they are: it is built from a copy. VERSION, for the tests of upgrades,
# is put in the place of the real one.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=scripts/clean-env.sh
. scripts/clean-env.sh

real=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
version=${2:-$real}
mkdir -p "$1"
out=$(cd "$1" && pwd)
tree=$out/vfio-pci-vendor-ops-$version

rm -rf "$tree" "$out"/vfio-pci-vendor-ops*_"$version"[_.]*
mkdir -p "$tree/scripts"
cp -r COPYING Kbuild Makefile README dkms.conf debian include vfio_pci vendor "$tree/"
cp scripts/vfio-pci-status scripts/refresh-initramfs "$tree/scripts/"
[ "$version" = "$real" ] ||
	sed -i "s/$real/$version/" "$tree/dkms.conf" "$tree/vfio_pci/main.c" \
		"$tree/debian/changelog"

(cd "$tree" && dpkg-buildpackage --build=binary --no-sign) \
	>"$out/build-$version.log" 2>&1 || {
	tail -n 20 "$out/build-$version.log" >&2
	exit 1
}
rm -rf "$tree"
ls "$out"/*_"$version"_*.deb
