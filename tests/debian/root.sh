#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# root.sh SUITE: make the Debian root of the client and package tests, with the
# packages of tests/debian/packages, as build/debian/SUITE/root (to compile in)
# and root.ext4 beside it (to boot). Kept until the list of packages changes.
# Needs root. Debian comes from where the machine's own apt gets it.
set -eu
cd "$(dirname "$0")/../.."

suite=$1
out=$PWD/build/debian/$suite
# To be raised when what is below puts something else into the root.
layout=1
stamp="$layout $(cat tests/debian/packages tests/debian/vm-test.service | sha256sum)"

[ "$(cat "$out/stamp" 2>/dev/null)" != "$stamp" ] || exit 0
command -v mmdebstrap >/dev/null || {
	echo "root.sh: mmdebstrap is missing: run scripts/deps.sh clients" >&2
	exit 1
}
[ "$(id -u)" -eq 0 ] || {
	echo "root.sh: only root can make a Debian root" >&2
	exit 1
}

# Those of the machine, for another release.
sources() {
	local suffix uri

	for suffix in '' -updates -security; do
		uri=$(scripts/debian-mirror.sh "$suffix") || continue
		echo "deb $uri $suite$suffix main"
	done 2>"$out/mirror"
}

# "SUITE package..." or "all package..." a line.
packages() {
	sed 's/#.*//' tests/debian/packages |
	while read -r where names; do
		case $where in all | "$suite") echo "$names" ;; esac
	done | tr -s ' \n' ','
}

mkdir -p "$out"
rm -rf "$out/root" "$out/stamp"
sources >"$out/sources.list"
[ -s "$out/sources.list" ] || {
	head -n 1 "$out/mirror" >&2
	exit 1
}

echo "# making a root of Debian $suite, once; its log is $out/log" >&2
# A small initramfs, made by the real tools: the full one takes them minutes in a
# VM without KVM. vm-test.service runs what the second disk holds.
# shellcheck disable=SC2016 # for mmdebstrap to expand
mmdebstrap --mode=root --variant=minbase --include="$(packages)" \
	--aptopt='APT::Install-Recommends "false"' \
	--aptopt='Acquire::Retries "3"' \
	--dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' \
	--essential-hook='mkdir -p "$1/etc/initramfs-tools/conf.d"
		printf "%s\n" MODULES=list COMPRESS=gzip >"$1/etc/initramfs-tools/conf.d/vm"
		printf "%s\n" virtio_pci virtio_blk ext4 >"$1/etc/initramfs-tools/modules"' \
	--customize-hook='echo vm >"$1/etc/hostname"
		echo "/dev/vda / ext4 defaults 0 0" >"$1/etc/fstab"' \
	--customize-hook='copy-in tests/debian/vm-test.service /etc/systemd/system' \
	--customize-hook='chroot "$1" systemctl enable vm-test.service' \
	"$suite" "$out/root" "$out/sources.list" >"$out/log" 2>&1 || {
	tail -n 20 "$out/log" >&2
	echo "root.sh: could not make a root of Debian $suite" >&2
	exit 1
}

rm -f "$out/root.ext4"
truncate -s 6G "$out/root.ext4"
mke2fs -q -t ext4 -O ^has_journal,^metadata_csum -E lazy_itable_init=1 \
	-d "$out/root" "$out/root.ext4"
echo "$stamp" >"$out/stamp"
