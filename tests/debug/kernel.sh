#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel.sh build|cached|version
#
# The debug kernel: Debian's linux-source-6.12 with linux-6.12.config.
#
#   build    build it unless the cache has it (20 minutes on two idle cores),
#            make vmtest.sh -k VERSION find it, print its header tree
#   cached   status 0 if the cache has it
#   version  its release
#
# The cache is build/debug-kernel, or $DEBUG_KERNEL_CACHE: a folder for each
# source version, configuration and compiler, of about 100 MB. JOBS: for make.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."

tarball=/usr/src/linux-source-6.12.tar.xz
fragment=$here/linux-6.12.config
cache=${DEBUG_KERNEL_CACHE:-$PWD/build/debug-kernel}

package=$(dpkg-query -W -f '${Version}' linux-source-6.12 2>/dev/null) || {
	echo "kernel.sh: linux-source-6.12 is not installed: make debug-kernel installs it" >&2
	exit 1
}
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
	rm -rf "$root"
	mkdir -p "$root/source" "$root/build" "$root/boot"
	tar -C "$root/source" --strip-components=1 -xf "$tarball"
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
cached)
	[ -e "$root/complete" ] ;;
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
	sed -n '4,16s/^# \{0,1\}//p' "$0" >&2
	exit 2 ;;
esac
