#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# boot.sh [SUITE [TOOL]]: boot VMs, for each of Debian 12 and 13 with each of
# initramfs-tools and dracut, whose initramfs binds a device to vfio-pci before the
# root is mounted: after make install it has to be this driver. The kernel, the
# initramfs and the tools are Debian's; the disk has busybox alone. TAP.
set -eu
cd "$(dirname "$0")/../.."
store=build/install
status=0

boot() {
	local suite=$1 tool=$2 out=$store/boot-$1-$2 root=$store/$1

	tests/install/root.sh "$suite"
	rm -rf "$out"
	mkdir -p "$out/disk/bin" "$out/disk/sbin" "$out/disk/proc" "$out/disk/sys" \
		"$out/disk/dev" "$out/disk/run" "$out/disk/root" "$out/disk/usr"
	tests/install/in-overlay.sh -l "$store/$suite-$tool" "$root" \
		tests/install/boot-prepare "$out" "$tool" >"$out/log" 2>&1 || {
		sed 's/^/# /' "$out/log" | tail -n 20
		return 1
	}
	cp /bin/busybox "$out/disk/bin/busybox"
	ln -s busybox "$out/disk/bin/sh"
	cp tests/install/boot-init "$out/disk/sbin/init"
	chmod +x "$out/disk/sbin/init"
	truncate -s 16M "$out/disk.ext4"
	mke2fs -q -t ext4 -d "$out/disk" "$out/disk.ext4"
	timeout "${SECONDS_LIMIT:-900}" qemu-system-x86_64 \
		-M q35,kernel-irqchip=split -accel tcg -smp 1 -m 1G -cpu Nehalem \
		-nodefaults -display none -no-reboot \
		-device intel-iommu,intremap=on,caching-mode=on \
		-serial "file:$out/console" -serial "file:$out/result" \
		-drive "file=$out/disk.ext4,format=raw,if=none,id=disk" \
		-device virtio-blk-pci,drive=disk,addr=1.0 -device edu,addr=8.0 \
		-kernel "$out/vmlinuz" -initrd "$out/initrd" \
		-append "root=/dev/vda rootfstype=ext4 rw console=ttyS0 intel_iommu=on iommu.passthrough=1 panic=-1 no_timer_check panic_on_warn=1 oops=panic init=/sbin/init rd.shell=0" \
		</dev/null >"$out/qemu" 2>&1 || echo "# qemu: exit $?"
	tests/debian/tap.awk -v prefix="boot-$suite-$tool" "$out/result" && return 0
	tail -n 30 "$out/console" | sed 's/^/# /'
	return 1
}

for suite in ${1:-bookworm trixie}; do
	for tool in ${2:-initramfs-tools dracut}; do
		boot "$suite" "$tool" || {
			status=1
			echo "not ok 0 - boot-$suite-$tool"
		}
	done
done
exit $status
