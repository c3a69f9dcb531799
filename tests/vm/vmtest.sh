#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# vmtest.sh -k KVER [-d ours|ours-all|intree|mainline] [-o FOLDER] [-t SECONDS] [-r] WORD...
#
# Boot one VM, run the test programs in it and print their results as TAP. A
# program whose results are incomplete, or that made the kernel complain, fails.
# A word is the name of a program; or NAME=VALUE, which goes to the kernel command
# line, where programs find it; or cpus=N: how many the VM has (1), each in a
# thread of its own.
# ours-all: with every vendor, on mocks of the PF drivers; mainline: its variant drivers.
# In the environment: VMTEST_QEMU, more options for QEMU; VMTEST_BINARY, another
# QEMU with its own options; VMTEST_APPEND, more for the kernel command line;
# VMTEST_FILES, a folder of more programs; VMTEST_SECONDS, what -t is without it.
# -r: show what the programs print as it comes instead, whether TAP or not.
set -eu
cd "$(dirname "$0")/../.."

driver=ours
seconds=${VMTEST_SECONDS:-400}
raw=
while getopts k:d:o:t:r option; do
	case $option in
	k) kver=$OPTARG ;;
	d) driver=$OPTARG ;;
	o) out=$OPTARG ;;
	t) seconds=$OPTARG ;;
	r) raw=1 ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))

programs=
append=${VMTEST_APPEND:-}
cpus=1
label=$driver
for word in "$@"; do
	case $word in
	cpus=*) cpus=${word#*=} ;;
	lockdown=*) append="$append $word" label="$label+$word" ;;
	*=*) append="$append $word" ;;
	*) programs="$programs${programs:+ }$word" ;;
	esac
done

# In a VM, a QEMU, for the program that is about one; it skips its tests without.
case " $programs " in
*" qemu_test "*)
	VMTEST_FILES=$(tests/qemu/files.sh) && export VMTEST_FILES
	VMTEST_QEMU="${VMTEST_QEMU:-} -m 2G" ;;
esac

out=${out:-build/vm/$driver}
mkdir -p "$out"
rm -f "$out/console" "$out/result"
tests/vm/initramfs.sh "$kver" "$driver" "$out/initramfs"

# What the firmware of a machine would have done; the program can not.
loader=
case $append in
*lockdown=*)
	build/tests/opregion_image >"$out/opregion"
	loader="-device loader,file=$out/opregion,addr=0x30000000,force-raw=on" ;;
esac

thread=single
[ "$cpus" = 1 ] || thread=multi

result=$out/result
[ -z "$raw" ] || result=/dev/stdout

ivshmem() {
	echo "-object memory-backend-ram,id=$1,size=64M -device ivshmem-plain,memdev=$1,addr=$2"
}

# iommu.passthrough: in a translated default domain, the kernel maps page 0 for
# an ISA bridge each time one appears, and warns at the second. no_timer_check:
# on a busy host the timer may come too late for the kernel to believe in it.
# fw_devlink: software nodes that refer to others would wait for drivers of these,
# as those of a device tree do not for the properties that vendors read.
# shellcheck disable=SC2046,SC2086
timeout "$seconds" ${VMTEST_BINARY:-qemu-system-x86_64} \
	-M q35,kernel-irqchip=split -accel "tcg,thread=$thread" -smp "$cpus" -m 1G \
	-nodefaults -display none -no-reboot \
	-device intel-iommu,intremap=on,caching-mode=on \
	-serial "file:$out/console" -serial "file:$result" \
	$(ivshmem m3 3.0) $(ivshmem m4 4.0) $(ivshmem m5 5.0) -device edu,addr=8.0 \
	-device e1000e,addr=9.0 -device nvme,serial=1,addr=a.0 \
	-device virtio-net-pci,addr=c.0,disable-legacy=on,iommu_platform=on,romfile= \
	-object memory-backend-ram,id=m6,size=4G -device ivshmem-plain,memdev=m6,addr=6.0 \
	-device pcie-root-port,id=rp,addr=b.0,chassis=1 -device nvme-subsys,id=nvmesub \
	-device nvme,serial=2,bus=rp,subsys=nvmesub,sriov_max_vfs=2,sriov_vq_flexible=4,sriov_vi_flexible=2,max_ioqpairs=6,msix_qsize=5 \
	$loader ${VMTEST_QEMU:-} \
	-kernel "$(tests/vm/kernel.sh "$kver" image)" -initrd "$out/initramfs" \
	-append "console=ttyS0 rdinit=/init intel_iommu=on iommu.passthrough=1 panic=-1 no_timer_check fw_devlink=off panic_on_warn=1 oops=panic log_buf_len=4M memmap=4M\$0x30000000 iomem=relaxed $append driver=$driver tests=$(echo "$programs" | tr ' ' ,)" \
	</dev/null 2>"$out/qemu" || echo "# qemu: exit $?"

[ -z "$raw" ] || exit 0
tests/vm/tap.awk -v prefix="$label" -v programs="$programs" "$out/result" || {
	tail -n 60 "$out/console" "$out/qemu" | sed 's/^/# /'
	exit 1
}
