#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel.sh KVER image|modules: print where the kernel image, or the folder of
# the modules, of KVER is. What is not installed is fetched with apt and
# unpacked below build/, without touching the machine's own boot files.
set -eu
cd "$(dirname "$0")/../.."

kver=$1
root=
if [ ! -e "/boot/vmlinuz-$kver" ] || [ ! -e "/lib/modules/$kver/modules.dep" ]; then
	root=$PWD/build/kernels/$kver
	if [ ! -e "$root/complete" ]; then
		echo "fetching the kernel $kver for the test VM" >&2
		mkdir -p "$root"
		for package in "linux-image-$kver" "linux-image-$kver-unsigned"; do
			(cd "$root" && apt-get download -qq "$package") >&2 && break
		done
		for deb in "$root"/*.deb; do
			dpkg-deb -x "$deb" "$root"
		done
		/sbin/depmod -b "$root" "$kver"
		touch "$root/complete"
	fi
fi

case $2 in
image) echo "$root/boot/vmlinuz-$kver" ;;
modules) echo "$root/lib/modules/$kver" ;;
esac
