#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Installs, with apt, the Debian packages that are missing for:
#
#   build    the module          vm       the tests in virtual machines
#   lint     the static checks   bench    the benchmark
#   install  installing through DKMS
#   kernels  other kernels, to build for and to test on
#   fuzz     the fuzzers
#   clients  the tests in VMs with a Debian root
#   deb      the Debian package
#   rpm      the RPM package
#   arch-package  the package of Arch Linux
#   selftests  the kernel's own VFIO selftests
#   debug    the kernel of make check-debug
#   arch     building for other architectures, and booting them
#
# Usage: [KVER=...] scripts/deps.sh GROUP...
# KVER is the kernel to build for; without it, any kernel that has headers, or
# else the headers of Debian's current kernel. KDIR set: a header tree is there.
set -eu

fail() {
	echo "deps.sh: $*" >&2
	exit 1
}

headers() {
	[ -z "${KDIR:-}" ] || return 0
	if [ -n "${KVER:-}" ] && [ "$KVER" != unknown ]; then
		[ -e "/lib/modules/$KVER/build/Makefile" ] || echo "linux-headers-$KVER"
		return
	fi
	for dir in /lib/modules/*/build/Makefile; do
		[ ! -e "$dir" ] || return 0
	done
	echo "linux-headers-$(dpkg --print-architecture)"
}

# What make kernels has fetched can be built for where it is.
fetched() {
	[ -n "${KVER:-}" ] && [ -e "build/kernels/$KVER/usr/src/linux-headers-$KVER" ]
}

packages() {
	case $1 in
	build) echo gcc make kmod libelf-dev; fetched || headers ;;
	vm) echo gcc make libc6-dev kmod qemu-system-x86 busybox-static cpio xz-utils zstd linux-source ;;
	lint) echo sparse clang coccinelle libpython3-dev perl xz-utils linux-source shellcheck ;;
	bench) echo qemu-system-x86 busybox-static cpio bc ;;
	fuzz) echo clang llvm ;;
	debug) echo gcc make flex bison bc kmod cpio xz-utils openssl libelf-dev libssl-dev ;;
	install) echo dkms kmod gcc make; headers ;;
	kernels) echo debootstrap kmod gcc-12 libelf-dev pahole debian-archive-keyring ;;
	clients) echo gcc libc6-dev qemu-system-x86 busybox-static cpio kmod xz-utils zstd binutils mmdebstrap e2fsprogs debian-archive-keyring ;;
	deb) echo build-essential dpkg-dev debhelper dh-dkms ;;
	rpm) echo rpm ;;
	arch-package) echo pacman-package-manager makepkg libarchive-tools fakeroot cpio ;;
	arch) echo gcc-aarch64-linux-gnu libc6-dev-arm64-cross gcc-powerpc64le-linux-gnu libc6-dev-ppc64el-cross gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-system-arm qemu-system-ppc qemu-system-misc cpio kmod xz-utils ;;
	selftests) echo uuid-dev gcc make libc6-dev xz-utils ;;
	*) fail "unknown group '$1': build, vm, lint, bench, install, kernels, fuzz, clients, deb, rpm, arch-package, selftests, debug or arch" ;;
	esac
}

[ $# -gt 0 ] || fail "usage: deps.sh build|vm|lint|bench|install|kernels|fuzz|clients|deb|rpm|arch-package|selftests|debug|arch..."

wanted=
for group in "$@"; do
	wanted="$wanted $(packages "$group")" || exit 1
done

missing=
# shellcheck disable=SC2086 # one word a package
for package in $(printf '%s\n' $wanted | sort -u); do
	case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || :) in
	*" ok installed") ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

[ "$(id -u)" -eq 0 ] ||
	fail "these packages are missing, and only root can install them:
  sudo apt-get install$missing"

# Packages of DKMS build as they are installed.
# shellcheck source=scripts/clean-env.sh
. "$(dirname "$0")/clean-env.sh"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive

apt() {
	apt-get -q -o DPkg::Lock::Timeout=120 "$@" >"$log" 2>&1 </dev/null
}

echo "Installing:$missing" >&2
echo "  reading the package lists..." >&2
# Old lists, or those of a CD, may do: the installation will tell.
apt update || sed 's/^/  apt-get update: /' "$log" | grep -E ': [EW]:' >&2 || :
echo "  downloading and installing (minutes on a slow network)..." >&2
# shellcheck disable=SC2086 # one word a package
apt install -y --no-install-recommends $missing || {
	tail -n 20 "$log" >&2
	fail "apt-get could not install$missing (its last lines are above). Is the network up, and does apt have a Debian mirror?"
}
echo "  done" >&2
