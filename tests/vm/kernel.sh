#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel.sh KVER image|modules: print where the kernel image, or the folder of
# the modules, of KVER is. What is not installed is fetched, to below build/.
# VMTEST_KERNELS: the folder of a kernel of that name which is not Debian's own.
set -eu
cd "$(dirname "$0")/../.."

kver=$1
root=${VMTEST_KERNELS:-$PWD/build/kernels}/$kver
if [ -e "$root/boot/vmlinuz-$kver" ]; then
	: # fetched, or built by tests/debug/kernel.sh
elif [ -e "/boot/vmlinuz-$kver" ] && [ -e "/lib/modules/$kver/modules.dep" ]; then
	root=
else
	root=$PWD/build/kernels/$(scripts/kernel-fetch.sh "$kver")
fi

case $2 in
image)
	image=$root/boot/vmlinuz-$kver
	# Debian 13 and later have it here, and copy it from there.
	[ -e "$image" ] || image=$root/lib/modules/$kver/vmlinuz
	echo "$image" ;;
modules) echo "$root/lib/modules/$kver" ;;
*) exit 2 ;;
esac
