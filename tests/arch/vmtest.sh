#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# vmtest.sh KVER ARCHITECTURE PROGRAM...: as tests/vm/vmtest.sh, on a machine of
# another architecture, which has what each PROGRAM needs: one that skips fails.
# There is one console, so the kernel is told to be quiet.
set -eu
cd "$(dirname "$0")/../.."

kver=$1
arch=$2
shift 2
append=
out=build/vm/arch-$kver
root=build/kernels/$kver
mkdir -p "$out"
rm -rf "$out/console" "$out/files"
mkdir "$out/files"
cp "build/$kver"/arch/*.ko "$out/files/"

case $arch in
arm64)
	cross=aarch64-linux-gnu- console=ttyAMA0
	qemu="qemu-system-aarch64 -M virt,iommu=smmuv3,gic-version=3 -cpu cortex-a72 -m 4G
		-device nvme,serial=1 -device bochs-display"
	append=mem=1G ;;
ppc64el)
	cross=powerpc64le-linux-gnu- console=hvc0
	qemu="qemu-system-ppc64 -M powernv9 -m 2G
		-device nvme,serial=1,bus=pcie.1 -device nvme,serial=2,bus=pcie.2"
	append=mem=1900M ;;
s390x)
	cross=s390x-linux-gnu- console=ttysclp0
	qemu="qemu-system-s390x -M s390-ccw-virtio -cpu max -m 1G
		-device zpci,uid=1,fid=1,target=r0 -device virtio-rng-pci,id=r0" ;;
esac
image=$root/boot/vmlinuz-$kver
[ -e "$image" ] || image=$root/boot/vmlinux-$kver

STRIP=${cross}strip BUSYBOX=$root/bin/busybox PROGRAMS=build/tests-$arch \
	VMTEST_FILES=$out/files \
	tests/vm/initramfs.sh "$kver" ours "$out/initramfs"

# shellcheck disable=SC2086
timeout 300 $qemu ${VMTEST_QEMU:-} -smp 1 -nographic -no-reboot -nic none -kernel "$image" \
	-initrd "$out/initramfs" \
	-append "console=$console rdinit=/init results=$console panic=-1 panic_on_warn=1 oops=panic quiet loglevel=1 $append ${VMTEST_APPEND:-} driver=ours tests=$(echo "$@" | tr ' ' ,)" \
	</dev/null >"$out/console" 2>"$out/qemu" || echo "# qemu: exit $?"

tr -d '\r' <"$out/console" | tests/vm/tap.awk -v prefix="$kver" -v programs="$*" -v strict=1 || {
	tail -n 40 "$out/console" "$out/qemu" | sed 's/^/# /'
	exit 1
}
