#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# maintainer.sh [-s SUITE] [SCENARIO...]: run the scenarios of tests/debian/maintainer,
# by default all, each in a root of Debian SUITE of its own. TAP.
set -eu
cd "$(dirname "$0")/../.."

suite=bookworm
while getopts s: option; do
	case $option in
	s) suite=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- initramfs-tools dracut-beside-initramfs-tools-core dracut-alone \
	headers-later secure-boot install.sh-beside rpm

tests/debian/root.sh "$suite"
out=$PWD/build/vm/maintainer-$suite
rm -rf "$out"
mkdir -p "$out/rpm/old" build/install

# An older version than this one, of the same sources.
old_rpm() {
	local version

	version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
	tar -C "$out" -xf "$(scripts/dist.sh "$out")"
	sed -i "s/$version/0.1.9/" "$out"/*/dkms.conf "$out"/*/vfio_pci/main.c \
		"$out"/*/packaging/rpm/*.spec
	"$out/vfio-pci-vendor-ops-$version/scripts/rpm.sh" "$out/rpm/old"
	rm -rf "$out/vfio-pci-vendor-ops-$version"
}

scripts/deb.sh "$out/deb" >/dev/null
scripts/rpm.sh "$out/rpm" >/dev/null
old_rpm >/dev/null
for scenario; do
	tests/install/in-overlay.sh "build/debian/$suite/root" tests/debian/maintainer \
		"$out/deb" "$out/rpm" "$scenario" >"$out/$scenario" 2>&1 || :
	cat "$out/$scenario" >>"$out/result"
	grep -q '^1\.\.' "$out/$scenario" || echo "not ok 0 - $scenario: did not get to its end" >>"$out/result"
done
tests/debian/tap.awk -v prefix="maintainer-$suite" "$out/result"
