#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# build.sh RELEASE ARCHITECTURE: the module, without a warning, and the test
# programs and modules for another architecture of Debian. Prints the name of the
# kernel.
set -eu
cd "$(dirname "$0")/../.."

release=$1
arch=$2
kver=$(scripts/kernel-fetch.sh "$release" "$arch")
case $arch in
arm64) kernel=arm64 cross=aarch64-linux-gnu- ;;
ppc64el) kernel=powerpc cross=powerpc64le-linux-gnu- ;;
s390x) kernel=s390 cross=s390x-linux-gnu- ;;
*) echo "build.sh: no such architecture: $arch" >&2; exit 2 ;;
esac

# The type data would need a newer pahole, and nothing here reads it.
module() {
	log=build/arch-$kver.log
	make -s module KVER="$kver" ARCH=$kernel CROSS_COMPILE=$cross KCFLAGS=-Werror \
		W=1 CONFIG_DEBUG_INFO_BTF_MODULES= "$@" >"$log" 2>&1 || {
		cat "$log" >&2
		exit 1
	}
	! grep -i warning "$log" >&2 || exit 1
}

module
module BUILD="build/$kver/arch" SOURCES=tests/mock/arch/.
programs=$PWD/build/tests-$arch
# shellcheck disable=SC2046 # one word a program
make -s -C tests CC=${cross}gcc AR=${cross}ar OUTPUT="$programs" \
	LIBDIR="$PWD/build/testlib-$arch" \
	$(for source in tests/arch/*_test.c; do echo "$programs/$(basename "$source" .c)"; done) >&2
echo "$kver"
