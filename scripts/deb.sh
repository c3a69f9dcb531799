#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# deb.sh OUT: build the Debian package from what scripts/dist.sh archives, into the
# folder OUT, and print its path.
set -eu
out=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/.."
# shellcheck source=scripts/clean-env.sh
. scripts/clean-env.sh

archive=$(scripts/dist.sh "$out")
tree=${archive%.tar.gz}
version=${tree##*-}

rm -rf "$tree" "$out"/vfio-pci-vendor-ops*_"$version"[_.]*
tar -C "$out" -xf "$archive"
(cd "$tree" && dpkg-buildpackage --build=binary --no-sign) \
	>"$out/build-$version.log" 2>&1 || {
	tail -n 20 "$out/build-$version.log" >&2
	exit 1
}
rm -rf "$tree" "$archive"
ls "$out"/*_"$version"_*.deb
