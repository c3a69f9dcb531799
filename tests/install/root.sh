#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# root.sh SUITE: make a root of Debian SUITE with DKMS, a kernel and its headers,
# as build/install/SUITE, and beside it what initramfs-tools or dracut add to
# that root, as build/install/SUITE-initramfs-tools and SUITE-dracut: the two
# conflict on Debian 12. in-overlay.sh puts the parts together. Kept until this
# script changes. Needs root, and minutes. Debian comes from where the machine's
# own apt gets it.
set -eu
cd "$(dirname "$0")/../.."

suite=$1
store=$PWD/build/install
root=$store/$suite
stamp=$(sha256sum <tests/install/root.sh)

fail() {
	echo "root.sh: $*" >&2
	exit 1
}

[ "$(cat "$root/.made" 2>/dev/null)" != "$stamp" ] || exit 0
[ "$(id -u)" -eq 0 ] || fail "only root can make a Debian root"
command -v debootstrap >/dev/null || fail "debootstrap is missing: run scripts/deps.sh kernels"

sources() {
	local suffix uri

	for suffix in '' -updates -security; do
		uri=$(scripts/debian-mirror.sh "$suffix" 2>/dev/null) || continue
		echo "deb $uri $suite$suffix main"
	done
}

# logged COMMAND...: in the log, unless it fails.
logged() {
	"$@" >>"$store/$suite.log" 2>&1 || {
		tail -n 20 "$store/$suite.log" >&2
		fail "could not make a root of Debian $suite; the log is $store/$suite.log"
	}
}

# add OVERLAY PACKAGE...: what they change goes to build/install/OVERLAY.
add() {
	local overlay=$1

	shift
	logged tests/install/in-overlay.sh -w "$store/$overlay" "$root" \
		env DEBIAN_FRONTEND=noninteractive apt-get -y --no-install-recommends \
		-o APT::Sandbox::User=root install "$@"
	rm -f "$store/$overlay"/var/cache/apt/archives/*.deb
}

mkdir -p "$store"
echo "# making a root of Debian $suite, once; its log is $store/$suite.log" >&2
rm -rf --one-file-system "$root" "$store/$suite"-* "$store/$suite.log"
mirror=$(scripts/debian-mirror.sh)
logged debootstrap --variant=minbase \
	--include=dkms,gcc,make,kmod,cpio,xz-utils,zstd,libelf-dev,udev,busybox \
	"$suite" "$root" "$mirror"
sources >"$root/etc/apt/sources.list"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
# In an overlay, too, but the changes are then put below the root.
logged tests/install/in-overlay.sh -r "$root" sh -c \
	'apt-get update && DEBIAN_FRONTEND=noninteractive apt-get -y \
		--no-install-recommends install linux-image-amd64 linux-headers-amd64'
rm -f "$root"/var/cache/apt/archives/*.deb
add "$suite-initramfs-tools" initramfs-tools
add "$suite-dracut" dracut
echo "$stamp" >"$root/.made"
