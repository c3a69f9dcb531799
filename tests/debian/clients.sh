#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# clients.sh [-s SUITE] [-d ours|intree] [-o FOLDER] [-t SECONDS] [TEST[,TEST]...]
#
# Boot VMs with a root of Debian SUITE, and its kernel, and let real programs use
# the driver: the tests of tests/debian/clients, by default all. Each word is a
# VM, SECONDS the limit of each. TAP.
# Root, and minutes the first time, to make the Debian root.
set -eu
cd "$(dirname "$0")/../.."

suite=bookworm
driver=ours
seconds=2400
while getopts s:d:o:t: option; do
	case $option in
	s) suite=$OPTARG ;;
	d) driver=$OPTARG ;;
	o) out=$OPTARG ;;
	t) seconds=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- qemu dpdk driverctl,libvirt_nodedev,libvirt_domain,libvirt_variant

out=${out:-build/vm/clients-$suite-$driver}
rm -rf "$out"
mkdir -p "$out"
tests/debian/root.sh "$suite"
tests/debian/modules.sh "$suite" "$out/modules"
root=build/debian/$suite/root
kver=$(ls "$root/lib/modules")

pack() {
	(cd "$1" && find . | cpio -o -H newc --quiet | gzip -1) >"$2"
}

# copy_modules TREE MODULE...: with all that they depend on, in an order to load
copy_modules() {
	local tree=$1 module file

	shift
	mkdir -p "$tree/modules"
	for module in "$@"; do
		/sbin/modprobe -d "$root" -S "$kver" --show-depends "$module"
	done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' |
	while read -r file; do
		cp "$file" "$tree/modules/"
		file=$(basename "$file")
		case $file in *.xz) unxz -f "$tree/modules/$file" && file=${file%.xz} ;; esac
		echo "$file"
	done >"$tree/modules/order"
}

busybox_tree() {
	mkdir -p "$1/bin"
	cp /bin/busybox "$1/bin/"
	cp "$2" "$1/init"
	chmod +x "$1/init"
}

# What firmware leaves for an Intel GPU: an OpRegion 2.1 and, right behind it, a
# VBT; a real one where one is at hand. Offsets: tests/lib/opregion.c.
little() {
	local i

	for ((i = 0; i < $2; i++)); do
		printf '%b' "$(printf '\\x%02x' $((($1 >> (8 * i)) & 255)))"
	done
}

put() {
	dd of="$out/opregion" bs=1 seek=$(($1)) conv=notrunc status=none
}

make_opregion() {
	local vbt size

	vbt=$(find ../shared/firmware/vbt -name '*.vbt' -size +12 2>/dev/null | sort | head -n 1)
	if [ -z "$vbt" ]; then
		vbt=$out/vbt
		{ printf '$VBT GENERATED      '; head -c 8172 /dev/urandom; } >"$vbt"
	fi
	size=$(stat -c %s "$vbt")
	head -c 8192 /dev/urandom >"$out/opregion"
	printf IntelGraphicsMem | put 0
	little 8 4 | put 0x10
	little 0x0201 2 | put 0x16
	little 0x2000 8 | put 0x3ba
	little "$size" 4 | put 0x3c2
	cat "$vbt" >>"$out/opregion"
}

# number_at OFFSET BYTES: in $image
number_at() {
	od -An -v -t "u$2" -j $(($1)) -N "$2" "$image" | tr -d ' '
}

# unpack_kernel IMAGE: the ELF file in a bzImage, to stdout; in a VM within a VM,
# most of the time until a kernel runs is spent on unpacking it. The fields of its
# header: Documentation/x86/boot.rst of the kernel.
unpack_kernel() {
	local image=$1 offset length

	offset=$((($(number_at 0x1f1 1) + 1) * 512 + $(number_at 0x248 4)))
	length=$(number_at 0x24c 4)
	# The last four bytes are the size that it unpacks to.
	tail -c +$((offset + 1)) "$image" | head -c $((length - 4)) >"$out/packed"
	case $(od -An -t x1 -N 4 "$out/packed" | tr -d ' ') in
	fd377a58) xz -dc "$out/packed" ;;
	28b52ffd) zstd -dcq "$out/packed" ;;
	*) echo "clients.sh: $image is packed in another way than xz and zstd" >&2; return 1 ;;
	esac
	rm "$out/packed"
}

make_opregion
head -c 1M /dev/urandom >"$out/namespace"

nested=$out/nested
busybox_tree "$nested" tests/debian/nested/init
${CC:-gcc} -O2 -Wall -static -o "$nested/bin/memory_is" tests/debian/nested/memory_is.c
copy_modules "$nested" nvme
# Also without signatures, which take the guest minutes to verify.
strip --strip-debug "$nested"/modules/*.ko
(cd "$nested/modules" && i=10 && while read -r file; do
	mv "$file" "$i-$file"
	i=$((i + 1))
done <order && rm order)
cp "$out/modules/edu_guest.ko" "$nested/modules/90-edu_guest.ko"
mkdir -p "$nested/expected"
cp "$out/opregion" "$nested/expected/"
head -c 64K "$out/namespace" >"$nested/expected/nvme"
pack "$nested" "$out/nested.cpio.gz"
unpack_kernel "$root/boot/vmlinuz-$kver" >"$out/nested.vmlinux"

tree=$out/tree
busybox_tree "$tree" tests/debian/init
copy_modules "$tree" virtio_pci virtio_blk ext4
mkdir -p "$tree/payload"
cp -r "$out"/modules/{vfio-pci.ko,pci_mock.ko,depmod} "$out/opregion" \
	"$out"/nested.{cpio.gz,vmlinux} tests/debian/{clients,lib.sh} scripts/vfio-pci-status "$tree/payload/"
pack "$tree" "$out/initramfs"
rm -rf "$tree" "$nested"

ivshmem() {
	echo "-object memory-backend-ram,id=$1,size=64M -device ivshmem-plain,memdev=$1,addr=$2"
}

# boot TESTS: in a VM that leaves its console, and what is wrong with it, in $vm
boot() {
	local tests=$1 vm=$out/${1%%,*}

	mkdir -p "$vm"
	# no_timer_check: as in tests/vm/vmtest.sh.
	# shellcheck disable=SC2046
	timeout "$seconds" qemu-system-x86_64 \
		-M q35,kernel-irqchip=split -accel tcg,thread=single -smp 1 -m 2G -cpu Nehalem \
		-nodefaults -display none -no-reboot -snapshot \
		-device intel-iommu,intremap=on,caching-mode=on \
		-serial "file:$vm/console" -serial "file:$vm/result" \
		-drive "file=build/debian/$suite/root.ext4,format=raw,if=none,id=root" \
		-device virtio-blk-pci,drive=root,addr=1.0 \
		$(ivshmem m3 3.0) $(ivshmem m4 4.0) -device edu,addr=8.0 \
		-netdev hubport,id=h0,hubid=0 -device e1000e,netdev=h0,addr=9.0 \
		-drive "file=$out/namespace,format=raw,if=none,id=ns" \
		-device nvme,serial=1,drive=ns,addr=a.0 \
		-netdev hubport,id=h1,hubid=0 \
		-device virtio-net-pci,netdev=h1,disable-legacy=on,iommu_platform=on,addr=c.0 \
		-kernel "$root/boot/vmlinuz-$kver" -initrd "$out/initramfs" \
		-append "console=ttyS0 rdinit=/init intel_iommu=on iommu.passthrough=1 panic=-1 no_timer_check panic_on_warn=1 oops=panic memmap=4M\$0x30000000 iomem=relaxed driver=$driver tests=$tests" \
		</dev/null 2>"$vm/qemu" || echo "# qemu: exit $?"
	tests/debian/tap.awk -v prefix="clients-$suite-$driver" "$vm/result" || {
		tail -n 40 "$vm/console" "$vm/qemu" | sed 's/^/# /'
		return 1
	}
}

failed=0
for tests in "$@"; do
	start=$(date +%s)
	boot "$tests" || failed=1
	echo "# clients-$suite-$driver/$tests: $(($(date +%s) - start)) s"
done
exit $failed
