#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-fetch.sh RELEASE|KVER [ARCHITECTURE]: print the name of a Debian kernel
# (KVER), for RELEASE, as 6.12, that of the newest one which the mirror has. What
# it needs, image, modules and headers, is unpacked below build/kernels/KVER unless
# it is there already. Nothing of this system is changed.
#
# With an ARCHITECTURE of Debian, as arm64, it is a kernel for that: the build
# tools among its headers are those that run here, and the root has busybox too.
#
# FLAVOUR=rt or cloud in the environment: of this flavour, and only the headers.
#
# A kernel of another Debian than this one comes with a root of that Debian
# around it, since its build tools run nowhere else: scripts/in-root.sh.
set -eu
cd "$(dirname "$0")/.."
top=$PWD
store=$top/build/kernels
native=$(dpkg --print-architecture)
arch=${2:-$native}
# shellcheck source=/dev/null
here=$(. /etc/os-release && echo "$VERSION_CODENAME")

fail() {
	echo "kernel-fetch.sh: $*" >&2
	exit 1
}

# How the names of the kernels for an architecture end.
flavour() {
	case $arch in
	ppc64el) echo powerpc64le ;;
	*) echo "${FLAVOUR:+$FLAVOUR-}$arch" ;;
	esac
}

# An apt with lists of its own, and the settings of this system otherwise.
private_apt() {
	local tool=$1

	shift
	"$tool" -q -o APT::Architecture="$arch" -o APT::Architectures="$arch" \
		-o APT::Architectures::="$arch" \
		-o Dir::Etc::sourcelist="$apt/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists="$apt/lists" \
		-o Dir::State::status=/dev/null -o APT::Sandbox::User=root \
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= "$@"
}

# The security archive lies where only the sources of this system say, and has
# not all architectures.
update_lists() {
	local key=/usr/share/keyrings/debian-archive-keyring.gpg

	apt=$store/.apt-$codename
	[ "$arch" = "$native" ] || apt+=-$arch
	mkdir -p "$apt/lists/partial"
	{
		echo "deb [signed-by=$key] $mirror $codename main"
		echo "deb [signed-by=$key] $mirror $codename-backports main"
		[ -z "$security" ] || [ "$arch" != "$native" ] ||
			echo "deb [signed-by=$key] $security $codename-security main"
	} >"$apt/sources.list"
	# Not each of these suites need be there: what is missing will tell.
	private_apt apt-get update >"$apt/log" 2>&1 || :
}

# Of names of kernels, those of the flavour that is wanted.
of_flavour() {
	if [ -n "${FLAVOUR:-}" ]; then cat; else grep -vE -- '-(rt|cloud)-'; fi
}

# The newest KVER that matches; all else of the name is the same for all.
newest() {
	private_apt apt-cache pkgnames "linux-headers-$1" |
		grep -E "^linux-headers-${1//./\\.}(([.-][0-9].*)?-$(flavour))?\$" |
		of_flavour | sed 's/^linux-headers-//' | sort -V | tail -n 1
}

# What a package of the kernel needs of the same source: where the modules are
# has moved between packages.
packages() {
	local image=linux-image-$kver

	[ -z "${FLAVOUR:-}" ] || image=
	# Where kernels are not signed, or not yet, they have another name.
	[ -z "$image" ] || private_apt apt-cache pkgnames "$image" | grep -qx "$image" ||
		image+=-unsigned
	private_apt apt-cache depends --recurse --no-recommends --no-suggests \
		--no-conflicts --no-breaks --no-replaces --no-enhances \
		${image:+"$image"} "linux-headers-$kver" |
		grep -E '^linux-(image|headers|kbuild|modules|binary|base)-[0-9]' |
		sort -u | grep -vE -- '-(dbg|unsigned)$' | grep -vx "linux-image-$kver"
	[ -z "$image" ] || echo "$image"
	[ "$arch" = "$native" ] || echo busybox-static
}

# Of the foreign headers, the programs are just the build tools.
native_tools() {
	local kbuild

	kbuild=$(packages | grep '^linux-kbuild-')
	# shellcheck disable=SC2030,SC2031 # just for here
	(arch=$native
	 update_lists
	 mkdir "$1/debs/native"
	 cd "$1/debs/native" && private_apt apt-get download "$kbuild") >"$apt/log" 2>&1 ||
		{ tail -n 5 "$apt/log" >&2; fail "can not download $kbuild"; }
	dpkg-deb -x "$1"/debs/native/*.deb "$1"
}

unpack() {
	local root=$1 deb

	mkdir -p "$root/debs"
	# shellcheck disable=SC2046 # one word a package
	(cd "$root/debs" && private_apt apt-get download $(packages)) >"$apt/log" 2>&1 ||
		{ tail -n 5 "$apt/log" >&2; fail "can not download the kernel $kver"; }
	for deb in "$root"/debs/*.deb; do
		dpkg-deb -x "$deb" "$root"
	done
	[ "$arch" = "$native" ] || native_tools "$root"
	rm -r "$root/debs"
	# They name each other by where they would have been installed.
	# shellcheck disable=SC2016 # for make
	sed -i -e 's,include /usr/src/,include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))../,' \
		-e 's,^KBUILD_OUTPUT=.*,KBUILD_OUTPUT = $(dir $(realpath $(firstword $(MAKEFILE_LIST)))),' \
		"$root/usr/src/linux-headers-$kver/Makefile"
	mkdir -p "$root/lib/modules/$kver"
	ln -sfn "../../../usr/src/linux-headers-$kver" "$root/lib/modules/$kver/build"
	[ -n "${FLAVOUR:-}" ] || /sbin/depmod -b "$root" "$kver"
}

# Once for each Debian. Kernels have copies of it, whose files are links.
debootstrap_root() {
	[ "$(id -u)" -eq 0 ] ||
		fail "kernel $kver is built in a root of Debian $codename, which only root can set up"
	command -v debootstrap >/dev/null ||
		fail "debootstrap is missing: run scripts/deps.sh kernels"
	debootstrap --variant=minbase --include=gcc,make,libc6-dev,libelf-dev,pahole,kmod,dkms,cpio,xz-utils,zstd \
		"$codename" "$1" "$mirror" >"$apt/log" 2>&1 ||
		{ tail -n 20 "$apt/log" "$1/debootstrap/debootstrap.log" >&2 || :
		  fail "debootstrap could not set up Debian $codename from $mirror; its last lines are above"; }
	rm -f "$1"/var/cache/apt/archives/*.deb
	touch "$1/.in-root"
}

root_of() {
	local base=$store/.root-$codename

	if [ ! -e "$base" ]; then
		debootstrap_root "$1"
		mv "$1" "$base"
		mkdir "$1"
	fi
	cp -al "$base/." "$1"
}

[ $# -eq 1 ] || [ $# -eq 2 ] || fail "usage: kernel-fetch.sh RELEASE|KVER [ARCHITECTURE]"
wanted=$1
mkdir -p "$store"
# Two that want the same must not fetch it twice.
exec 9>"$store/.lock"
flock 9

kver=$(cd "$store" && find . -maxdepth 1 \
	\( -name "$wanted" -o -name "$wanted.*-$(flavour)" -o -name "$wanted-*-$(flavour)" \) |
	sed 's,^\./,,' | of_flavour | sort -V | tail -n 1) || :
if [ -n "$kver" ]; then
	echo "$kver"
	exit 0
fi

mirror=$(scripts/debian-mirror.sh)
security=$(scripts/debian-mirror.sh -security 2>/dev/null) || security=
# Where no chroot is needed, if it has one.
for codename in $(printf '%s\n' "$here" bookworm trixie | awk '!seen[$0]++'); do
	update_lists
	kver=$(newest "$wanted")
	[ -z "$kver" ] || break
done
[ -n "$kver" ] || {
	grep -hE '^[EW]:' "$store"/.apt-*/log >&2 || :
	fail "no kernel $wanted in bookworm or trixie, their security updates and backports, at $mirror"
}

echo "fetching the kernel $kver of Debian $codename" >&2
new=$store/.new
# Half a tree is of no use; debootstrap may have mounted something in it.
trap 'rm -rf --one-file-system "$new"' EXIT
rm -rf --one-file-system "$new"
mkdir -p "$new"
[ "$codename" = "$here" ] || root_of "$new"
unpack "$new"
mv "$new" "$store/$kver"
echo "$kver"
