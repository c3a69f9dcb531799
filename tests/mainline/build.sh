#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# build.sh KVER: the kernel's own variant driver for NVIDIA Grace, which Debian
# leaves out, from Debian's source of that kernel, unmodified, as
# build/KVER/nvgrace-gpu-vfio-pci.ko.
set -eu
cd "$(dirname "$0")/../.."

top=$PWD
kver=$1
release=$(echo "$kver" | cut -d. -f1,2)
source=$top/build/mainline/$release
folder=drivers/vfio/pci/nvgrace-gpu

fail() {
	echo "build.sh: $*" >&2
	exit 1
}

# Where the source package of a kernel is that another Debian has.
suite() {
	case $kver in
	*deb12*) echo bookworm-backports ;;
	*deb13*) echo trixie-backports ;;
	*) echo bookworm ;;
	esac
}

tarball() {
	if [ -e "/usr/src/linux-source-$release.tar.xz" ]; then
		cat "/usr/src/linux-source-$release.tar.xz"
		return
	fi
	mkdir -p "$source/deb"
	(cd "$source/deb" &&
	 "$top/scripts/apt-suite.sh" "$(suite)" download -qq "linux-source-$release") >&2
	dpkg-deb --fsys-tarfile "$source"/deb/linux-source-*.deb |
	tar -xO --wildcards './usr/src/linux-source-*.tar.xz'
}

fetch() {
	mkdir -p "$source"
	tarball | tar -xJ -C "$source" --strip-components=1 --wildcards \
		"*/$folder" || fail "the source of $release has no $folder"
	rm -rf "$source/deb"
}

[ -e "$source/$folder/main.c" ] || fetch
build=build/$kver/mainline
mkdir -p "$build"
cp "$source/$folder/"*.c "$build/"
printf '%s\n' 'obj-m := nvgrace-gpu-vfio-pci.o' 'nvgrace-gpu-vfio-pci-y := main.o' >"$build/Kbuild"
make -s module KVER="$kver" BUILD="$build" SOURCES=
cp "$build/nvgrace-gpu-vfio-pci.ko" "build/$kver/"
