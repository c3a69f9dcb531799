#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# initramfs.sh KVER ours|ours-all|intree|mainline OUT: the root of a test VM, as a cpio archive.
# In the environment, for a machine that is not of this architecture: BUSYBOX,
# STRIP, and PROGRAMS, the folder of the test programs. The mock bus is for x86.
# VMTEST_BUILD: where the modules were built, if not in build/KVER.
set -eu
cd "$(dirname "$0")/../.."

kver=$1
driver=$2
out=$3
modules=$(tests/vm/kernel.sh "$kver" modules)
built=${VMTEST_BUILD:-build/$kver}
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

mkdir -p "$root/bin" "$root/sbin" "$root/tests" "$root/lib/modules/$kver"
cp "${BUSYBOX:-/bin/busybox}" "$root/bin/busybox"
ln -s /bin/busybox "$root/sbin/modprobe"
cp tests/vm/init "$root/init"
chmod +x "$root/init"
[ -n "${PROGRAMS:-}" ] || cp "$built/pci_mock.ko" "$root/tests/"
cp scripts/vfio-pci-status "$root/tests/"
cp "${PROGRAMS:-build/tests}"/* "$root/tests/"
[ -z "${VMTEST_FILES:-}" ] || cp -r "$VMTEST_FILES"/* "$root/tests/"
cp tests/bench/both.sh "$root/tests/bench-both"
if [ -d ../shared/firmware/vbt ]; then
	cp -r ../shared/firmware/vbt "$root/tests/fw"
	chmod -R u+w "$root/tests/fw"
fi

copy() {
	mkdir -p "$root/lib/modules/$kver/$(dirname "$1")"
	cp "$modules/$1" "$root/lib/modules/$kver/$1"
	# busybox's modprobe knows no zstd.
	case $1 in
	*.xz) unxz -f "$root/lib/modules/$kver/$1" ;;
	*.zst) unzstd -q --rm -f "$root/lib/modules/$kver/$1" ;;
	esac
}

# A module of the kernel, with all that it depends on.
add() {
	grep -E "^kernel/.*/$1\.ko(\.(xz|zst))?:" "$modules/modules.dep" | tr -d : | tr ' ' '\n' |
	while read -r file; do
		[ -z "$file" ] || copy "$file"
	done
}
for module in vfio-pci-core vfio_iommu_type1 vfio_iommu_spapr_tce configfs pci-pf-stub; do
	add "$module"
done
# Where DKMS installed another on the host, modules.dep does not list this one.
copy "$(cd "$modules" && find kernel -name 'vfio-pci.ko*')"
for list in modules.order modules.builtin modules.builtin.modinfo; do
	cp "$modules/$list" "$root/lib/modules/$kver/"
done
# What is built here takes the place of what the kernel has.
update() {
	mkdir -p "$root/lib/modules/$kver/updates/$(dirname "$2")"
	cp "$built/$1" "$root/lib/modules/$kver/updates/$2"
	"${STRIP:-strip}" --strip-debug "$root/lib/modules/$kver/updates/$2"
}
case $driver in
ours) update vfio-pci.ko dkms/vfio-pci.ko ;;
ours-all)
	update with-all/vfio-pci.ko dkms/vfio-pci.ko
	update with-all/vfio-pci-mlx5.ko dkms/vfio-pci-mlx5.ko
	cp "build/$kver"/mlx5_core_other.ko "build/$kver"/mlx5_other_fns.ko "$root/tests/"
	# With what it reads in modprobe.d, which that of busybox reads in part.
	kmod=$(command -v kmod)
	ln -s "$kmod" "$root/tests/modprobe"
	ldd "$kmod" | grep -o '/[^ ]*' | xargs cp -L --parents -t "$root" "$kmod" ;;
esac
case $driver in
ours-all | mainline)
	update mlx5_core.ko mlx5_core.ko
	update virtio_pci_mock.ko virtio_pci_mock.ko
	# For ours, to exchange streams with, and to be compared.
	for variant in mlx5-vfio-pci nvgrace-gpu-vfio-pci virtio-vfio-pci; do
		[ ! -e "$built/$variant.ko" ] || update $variant.ko $variant.ko
	done ;;
esac
# A kernel that was built here leaves its key, for boots with lockdown=.
key=$modules/build/certs/signing_key
if [ -e "$key.pem" ]; then
	find "$root/tests/pci_mock.ko" "$root/lib/modules/$kver/updates" -name '*.ko' 2>/dev/null |
	while read -r file; do
		"$modules/build/scripts/sign-file" sha256 "$key.pem" "$key.x509" "$file"
	done
fi
/sbin/depmod -b "$root" "$kver"
(cd "$root" && find . | cpio -o -H newc --quiet) | gzip -1 >"$out"
