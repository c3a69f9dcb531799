#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# files.sh: what tests/qemu/qemu_test.c wants in the VM - the QEMU of Debian 12's
# backports, what it links, the firmware of its machine, and the guest. Prints the
# folder that holds them; fails if that QEMU can not be had.
set -eu
cd "$(dirname "$0")/../.."

files=build/qemu-files
mkdir -p build
exec 9>build/qemu-files.lock
flock 9
tests/qemu/fetch.sh

newest=$(ls -t build/qemu/complete "$files/qemu/guest" tests/qemu/guest.* tests/qemu/files.sh 2>/dev/null | head -n 1)
if [ "$newest" != "$files/qemu/guest" ]; then
	rm -rf "$files"
	mkdir -p "$files/qemu"
	qemu=build/qemu/usr/bin/qemu-system-x86_64
	cp $qemu "$files/qemu/"
	ldd $qemu | sed -n 's/.*[[:space:]]\(\/[^ ]*\) (.*/\1/p' | xargs -I{} cp -L {} "$files/qemu/"
	for firmware in bios-256k.bin kvmvapic.bin multiboot_dma.bin; do
		find build/qemu/usr/share -name $firmware -exec cp -L {} "$files/qemu/" ';'
	done
	strip "$files"/qemu/*.so* "$files"/qemu/qemu-*
	${CC:-gcc} -m32 -march=i686 -O2 -Wall -Wextra -Werror -ffreestanding -nostdlib \
		-static -no-pie -fno-pie -fno-stack-protector -fcf-protection=none \
		-mgeneral-regs-only -Wl,--no-warn-rwx-segments -Wl,--build-id=none -Wl,-T,tests/qemu/guest.ld \
		-o "$files/qemu/guest" tests/qemu/guest.c
fi
echo $files
