#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# package.sh [-s SUITE] [-o FOLDER] [-t SECONDS]
#
# Install, upgrade and remove the Debian package, then install and uninstall with
# scripts/install.sh, in a VM with a root of Debian SUITE: systemd, DKMS and the
# initramfs tools are the real ones, and each boot has the kernel and the
# initramfs that are in /boot of the root by then. The steps, a boot each, are in
# tests/debian/package. TAP; -t is for each boot.
set -eu
cd "$(dirname "$0")/../.."

suite=bookworm
seconds=1800
while getopts s:o:t: option; do
	case $option in
	s) suite=$OPTARG ;;
	o) out=$OPTARG ;;
	t) seconds=$OPTARG ;;
	*) exit 2 ;;
	esac
done
out=${out:-build/vm/package-$suite}
rm -rf "$out"
mkdir -p "$out/payload/source"
tests/debian/root.sh "$suite"

# The package of version 0.1.0, from the last commit that was of that version.
old_deb() {
	local next

	next=$(git log -1 --format=%H -S "PACKAGE_VERSION=\"$old\"" -- dkms.conf)
	git cat-file -e "${next:-none}^" 2>/dev/null || {
		echo "package.sh: the history of this clone does not reach back to version $old" >&2
		exit 1
	}
	mkdir -p "$out/old"
	git archive "$next^" | tar -x -C "$out/old"
	"$out/old/scripts/deb.sh" "$(realpath "$1")"
	rm -rf "$out/old"
}

version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
old=0.1.0
scripts/deb.sh "$out/deb" >/dev/null
old_deb "$out/deb" >/dev/null
cp "$out"/deb/*.deb tests/debian/lib.sh scripts/vfio-pci-status "$out/payload/"
cp tests/debian/package "$out/payload/run"
cp -r Kbuild Makefile module.mk dkms.conf include scripts vfio_pci vendor "$out/payload/source/"
tar -C "$out/payload" -cf "$out/payload.tar" .
truncate -s %1M "$out/payload.tar"

disk=$out/root.ext4
cp --reflink=auto --sparse=always "build/debian/$suite/root.ext4" "$disk"
kver=$(ls "build/debian/$suite/root/lib/modules")

masks=
for unit in libvirtd.service libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket \
	libvirt-guests.service virtlogd.socket virtlogd-admin.socket virtlockd.socket \
	virtlockd-admin.socket dpdk.service apt-daily.timer apt-daily-upgrade.timer \
	dpkg-db-backup.timer systemd-tmpfiles-clean.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
	logrotate.timer systemd-timesyncd.service getty@tty1.service \
	serial-getty@ttyS0.service serial-getty@ttyS1.service; do
	masks="$masks systemd.mask=$unit"
done

# What the boot loader would load.
from_disk() {
	/sbin/debugfs -R "cat /boot/$1" "$disk" >"$out/$1" 2>/dev/null
	[ -s "$out/$1" ]
}

# A step may be repeated: QEMU itself fails now and then with more than one CPU
# in threads of their own, which the compiler needs.
boot() {
	local step=$1

	if ! from_disk "vmlinuz-$kver" || ! from_disk "initrd.img-$kver"; then
		echo "not ok 0 - package-$suite/$step: no kernel or initramfs in /boot"
		return 1
	fi
	timeout "$seconds" qemu-system-x86_64 \
		-M q35,kernel-irqchip=split -accel tcg,thread=multi -smp 2 -m 1G -cpu Nehalem \
		-nodefaults -display none -no-reboot \
		-device intel-iommu,intremap=on,caching-mode=on \
		-serial "file:$out/$step.console" -serial "file:$out/$step.result" \
		-drive "file=$disk,format=raw,if=none,id=root" \
		-device virtio-blk-pci,drive=root,addr=1.0 \
		-drive "file=$out/payload.tar,format=raw,if=none,id=payload,readonly=on" \
		-device virtio-blk-pci,drive=payload,addr=2.0 -device edu,addr=8.0 \
		-kernel "$out/vmlinuz-$kver" -initrd "$out/initrd.img-$kver" \
		-append "root=/dev/vda rw console=ttyS0 intel_iommu=on iommu.passthrough=1 panic=-1 no_timer_check panic_on_warn=1 oops=panic step=$step new=$version old=$old $masks" \
		</dev/null 2>"$out/$step.qemu" || echo "# qemu: exit $?"
	cat "$out/$step.result" >>"$out/result"
	grep -q '^1\.\.' "$out/$step.result" && return 0
	tail -n 40 "$out/$step.console" "$out/$step.qemu" | sed 's/^/# /'
	echo "not ok 0 - package-$suite/$step: did not get to its end"
	return 1
}

for step in install upgrade remove by-hand; do
	boot $step || exit 1
done
boot last || exit 1
rm -f "$disk"
tests/debian/tap.awk -v prefix="package-$suite" "$out/result"
