#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/install.sh on a scratch copy of /lib/modules/KVER, with the real dkms,
# depmod and modinfo; the initramfs tools are made up. Nothing of the system
# changes. TAP. Usage: tests/install/install_test.sh [KVER]
set -eu
cd "$(dirname "$0")/../.."
kver=${1:-${KVER:-$(uname -r)}}
for headers in "/lib/modules/$kver/build" "build/kernels/$kver/usr/src/linux-headers-$kver"; do
	[ ! -e "$headers/Makefile" ] || break
done
[ -e "$headers/Makefile" ] || {
	echo "1..0 # SKIP no headers of kernel $kver"
	exit 4
}
mkdir -p build
from=$(tests/vm/kernel.sh "$kver" modules)
ROOT=$(mktemp -d "$PWD/build/install.XXXXXX")
export ROOT
# DKMS makes a signing key where it finds none, whatever its tree.
had_key=$(ls /var/lib/dkms/mok.* 2>/dev/null || :)
cleanup() {
	rm -rf "$ROOT"
	[ -n "$had_key" ] || rm -f /var/lib/dkms/mok.key /var/lib/dkms/mok.pub
}
trap cleanup EXIT
modules=$ROOT/lib/modules/$kver
# Compressed or not.
name=$(cd "$from/kernel/drivers/vfio/pci" && echo vfio-pci.ko*)
intree=$modules/kernel/drivers/vfio/pci/$name
updates=$modules/updates/dkms
area=install
. tests/lib/tap.sh

# These write what they were asked to do; the initramfs is a list of files.
mkdir -p "$ROOT/bin"
cat >"$ROOT/bin/update-initramfs" <<'END'
#!/bin/sh
echo "$*" >>"$ROOT/update-initramfs.log"
END
cat >"$ROOT/bin/lsinitramfs" <<'END'
#!/bin/sh
cat "$1"
END
# $MOK is what mokutil says of any key.
cat >"$ROOT/bin/mokutil" <<'END'
#!/bin/sh
echo "$2 ${MOK:-is not enrolled}"
END
chmod +x "$ROOT"/bin/*
export PATH=$ROOT/bin:$PATH:/usr/sbin:/sbin

# As make install does, with what it leaves in the environment.
run() {
	rc=0
	out=$(printf 'all:\n\t+@scripts/install.sh %s\n' "$*" | CC=no-cc make -w -j2 -f - 2>&1) || rc=$?
	rc=$(sed -n 's/^make.*\] Error //p' <<<"$out")
	rc=${rc:-0}
}

yes() {
	local what=$1 ok=0

	shift
	"$@" >/dev/null 2>&1 || ok=1
	result $ok "$what"
}

says() {
	grep -qF -- "$1" <<<"$out"
}

# refuses WHY WORDS ADVICE KVER
refuses() {
	run install "$4"
	yes "$1: refused" test "$rc" -eq 1
	yes "$1: why" says "Refused: $2"
	yes "$1: what to do" says "$3"
	yes "$1: nothing changed" test ! -e "$ROOT/usr/src" -a ! -e "$modules/updates" -a ! -e "$ROOT/var/lib/dkms/vfio-pci-vendor-ops"
}

secure_boot() {
	mkdir -p "$ROOT/sys/firmware/efi/efivars"
	printf '\6\0\0\0\'"$1" \
		>"$ROOT/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
}

mkdir -p "$ROOT/lib/modules" "$ROOT/boot" "$ROOT/sys"
# Enough for depmod and modinfo: vfio, and what the kernel says about itself.
mkdir -p "$(dirname "$intree")"
cp "$from"/modules.{order,builtin,builtin.modinfo} "$modules/"
cp -r "$from/kernel/drivers/vfio" "$modules/kernel/drivers/"
ln -s "$(readlink -f "$headers")" "$modules/build"
echo CONFIG_VFIO_PCI=m >"$ROOT/boot/config-$kver"
depmod -b "$ROOT" "$kver"

for other in 5.10.0-33-amd64 6.0.12 6.10.2 6.11.9 6.120.1 7.2.12 7.30 61.0; do
	run install $other
	yes "kernel $other is out of range" says "Refused: kernel $other is not supported"
done
for known in 6.1.0-56-amd64 6.1.192 6.1-rc1 6.12.57+deb12-amd64 7.3.1; do
	rm -rf "$ROOT/none" && mkdir "$ROOT/none"
	out=$(ROOT=$ROOT/none scripts/install.sh install $known 2>&1) || rc=$?
	yes "kernel $known is in range" says "there are no modules of a kernel $known"
done

cp "$modules/modules.builtin" "$ROOT/builtin"
echo kernel/drivers/vfio/pci/vfio-pci.ko >>"$modules/modules.builtin"
refuses "built in" "kernel $kver has vfio-pci built in" "CONFIG_VFIO_PCI=m" "$kver"
mv "$ROOT/builtin" "$modules/modules.builtin"
echo CONFIG_VFIO_PCI=y >"$ROOT/boot/config-$kver"
refuses "built in, by its config" "kernel $kver has vfio-pci built in" "CONFIG_VFIO_PCI=m" "$kver"
echo CONFIG_VFIO_PCI=m >"$ROOT/boot/config-$kver"

mv "$modules/build" "$ROOT/build"
refuses "no headers" "the headers of kernel $kver are missing" "apt-get install linux-headers-$kver" "$kver"
mv "$ROOT/build" "$modules/build"

secure_boot 1
refuses "Secure Boot without a key" "Secure Boot is on, and there is no key" "mokutil --import" "$kver"
mkdir -p "$ROOT/var/lib/dkms"
touch "$ROOT/var/lib/dkms/mok.pub"
refuses "Secure Boot, key not enrolled" "Secure Boot is on, and the key" "mokutil --import" "$kver"
secure_boot 0

# The initramfs does not hold vfio-pci.
echo lib/modules/x/kernel/fs/ext4/ext4.ko >"$ROOT/boot/initrd.img-$kver"
run install "$kver"
yes "installs" test "$rc" -eq 0
# DKMS compresses as the modules of this name below the host's /lib/modules are,
# where those of a fetched kernel are not.
ours=$(echo "$updates"/vfio-pci.ko*)
yes "into updates/dkms" test -e "$ours"
yes "tells what modprobe will load" says "modprobe will load $ours, with vendor ops"
out=$(modprobe -d "$ROOT" -S "$kver" -n -v vfio-pci 2>&1) || :
yes "modprobe agrees" says "insmod $ours"
# DKMS 3.2 keeps it for itself until ours is removed; older ones leave it.
kept() {
	local file

	for file in "$intree" "$ROOT"/var/lib/dkms/*/original_module/"$kver"/*/"$name"; do
		cmp "$file" "$from/kernel/drivers/vfio/pci/$name" && return
	done
	return 1
}
yes "the kernel's own is kept" kept
yes "initramfs without vfio-pci is left alone" test ! -e "$ROOT/update-initramfs.log"

# Again, over itself, with Secure Boot on, an enrolled key, an initramfs that
# holds vfio-pci, and another one loaded that drives a device.
secure_boot 1
touch "$ROOT/var/lib/dkms/mok.pub"
echo lib/modules/x/updates/dkms/vfio-pci.ko >"$ROOT/boot/initrd.img-$kver"
mkdir -p "$ROOT/sys/module/vfio_pci" "$ROOT/sys/bus/pci/drivers/vfio-pci/0000:00:02.0"
echo live >"$ROOT/sys/module/vfio_pci/initstate"
echo OTHER >"$ROOT/sys/module/vfio_pci/srcversion"
MOK="is already enrolled" run install "$kver"
yes "installs over itself" test "$rc" -eq 0
yes "refreshes an initramfs with vfio-pci" grep -qx -- "-u -k $kver -b $ROOT/boot" "$ROOT/update-initramfs.log"
yes "warns of the other one loaded" says "another vfio-pci is still loaded and drives 0000:00:02.0"
yes "says how to change over" says "rmmod vfio_pci && modprobe vfio-pci"
modinfo -F srcversion "$ours" >"$ROOT/sys/module/vfio_pci/srcversion"
MOK="is already enrolled" run install "$kver"
yes "no warning if it is this one" eval '! says "still loaded"'

rm "$ROOT/update-initramfs.log"
run uninstall "$kver"
yes "uninstalls" test "$rc" -eq 0
yes "module gone" test ! -e "$ours"
yes "source and DKMS tree gone" test ! -e "$ROOT/var/lib/dkms/vfio-pci-vendor-ops" -a ! -e "$ROOT/usr/src/vfio-pci-vendor-ops-$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)"
yes "initramfs refreshed" test -e "$ROOT/update-initramfs.log"
yes "tells that it is the kernel's own again" says "modprobe will load $intree, the kernel's own"
yes "warns that ours is still loaded" says "another vfio-pci is still loaded"
out=$(modprobe -d "$ROOT" -S "$kver" -n -v vfio-pci 2>&1) || :
yes "modprobe agrees about the kernel's own" says "insmod $intree"
yes "and it is as it was" cmp "$intree" "$from/kernel/drivers/vfio/pci/$name"
run uninstall "$kver"
yes "uninstalling twice is no error" test "$rc" -eq 0

run
yes "usage" test "$rc" -eq 2

finish
