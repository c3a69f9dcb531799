#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel.sh build|version
#
# The debug kernel: Debian's linux-source-6.12 with linux-6.12.config.
#
#   build    build it unless the cache has it (20 minutes on two idle cores),
#            make vmtest.sh -k VERSION find it, print its header tree
#   version  its release
#
# The cache is build/debug-kernel, or $DEBUG_KERNEL_CACHE: a folder for each
# source version, configuration and compiler, of about 100 MB. JOBS: for make.
# The source is that of the system if it is installed, or else what apt has, of
# this release or of its backports.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
top=$PWD

source=linux-source-6.12
fragment=$here/linux-6.12.config
cache=${DEBUG_KERNEL_CACHE:-$PWD/build/debug-kernel}

# apt-get, of the system or of the backports, of which has the source.
from_apt() {
	if apt-get download --print-uris $source >/dev/null 2>&1; then
		apt-get -q download "$@" $source
	else
		"$top/scripts/apt-suite.sh" bookworm-backports download "$@" $source
	fi
}

find_version() {
	version=$(dpkg-query -W -f '${Version}' $source 2>/dev/null) || :
	[ -n "$version" ] ||
		version=$(from_apt --print-uris | sed -n "s/.* ${source}_\(.*\)_all\.deb .*/\1/p")
	[ -n "$version" ] || {
		echo "kernel.sh: neither apt nor bookworm-backports has $source" >&2
		exit 1
	}
	echo "$version"
}

unpack() {
	mkdir -p "$1"
	if [ -e /usr/src/$source.tar.xz ]; then
		tar -C "$1" --strip-components=1 -xf /usr/src/$source.tar.xz
		return
	fi
	(cd "$1" && from_apt)
	dpkg-deb --fsys-tarfile "$1"/*.deb | tar -xO ./usr/src/$source.tar.xz |
		tar -C "$1" --strip-components=1 -xJ
}

package=$(find_version)
release=${package%%-*}-vfio-debug
key=$( (cat "$fragment"; gcc --version) | sha256sum | cut -c 1-12)
root=$cache/$package-$key

# allnoconfig drops silently what it can not have.
check_config() {
	lost=$(grep '^CONFIG_' "$fragment" | grep -vxFf "$root/build/.config") || return 0
	echo "kernel.sh: the kernel has no use for: $lost" >&2
	return 1
}

build() {
	mkdir -p "$root/build" "$root/boot"
	# An interrupted build is gone on with.
	if [ ! -e "$root/source" ]; then
		rm -rf "$root/unpacking"
		unpack "$root/unpacking"
		mv "$root/unpacking" "$root/source"
	fi
	make="make -C $root/source O=$root/build -j${JOBS:-$(nproc)}"
	# What differs from build to build would defeat the cache.
	export KBUILD_BUILD_TIMESTAMP=2000-01-01 KBUILD_BUILD_USER=debug KBUILD_BUILD_HOST=vm

	$make KCONFIG_ALLCONFIG="$fragment" allnoconfig
	check_config
	$make bzImage modules
	$make INSTALL_MOD_PATH="$root" INSTALL_MOD_STRIP=1 modules_install

	headers=$root/lib/modules/$release/build
	rm -f "$headers"
	(cd "$root/build" && $make run-command KBUILD_RUN_COMMAND="$root/source/scripts/package/install-extmod-build $headers")
	mkdir -p "$headers/certs"
	cp "$root/build/certs/signing_key.pem" "$root/build/certs/signing_key.x509" "$headers/certs/"
	cp "$root/build/scripts/sign-file" "$headers/scripts/"
	cp "$root/build/arch/x86/boot/bzImage" "$root/boot/vmlinuz-$release"
	cp "$root/build/.config" "$root/boot/config-$release"
	rm -rf "$root/source" "$root/build"
	touch "$root/complete"
}

case ${1:-} in
version)
	echo "$release" ;;
compile)
	build ;;
build)
	if [ ! -e "$root/complete" ]; then
		echo "building the debug kernel $release; $root.log tells how it goes" >&2
		mkdir -p "$cache"
		# A shell of its own: set -e counts for nothing before "||".
		"$here/kernel.sh" compile >"$root.log" 2>&1 </dev/null || {
			tail -n 20 "$root.log" >&2
			exit 1
		}
	fi
	mkdir -p build/kernels
	ln -sfn "$root" "build/kernels/$release"
	echo "$root/lib/modules/$release/build" ;;
*)
	sed -n '4,17s/^# \{0,1\}//p' "$0" >&2
	exit 2 ;;
esac
