#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Fetch tools/testing/selftests/vfio of Debian's newest kernel source, and build
# it, unmodified, into build/selftests/programs. Needs no root.
set -eu
cd "$(dirname "$0")/../.."

top=$PWD
out=$top/build/selftests
apt=$top/scripts/apt-suite.sh
suite=trixie-backports

# The newest package whose name is a kernel version.
newest() {
	"$apt" "$1" indextargets --format '$(FILENAME)' 'Created-By: Packages' |
	xargs /usr/lib/apt/apt-helper cat-file |
	sed -n 's/^Package: \(linux-source-[0-9.]*\)$/\1/p' | sort -V | tail -n 1
}

# What the suite is built from: itself, lib.mk and the harness, and the headers
# that these include, some by links to other parts of the kernel.
unpack() {
	dpkg-deb --fsys-tarfile "$1" |
	tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
	tar -xJ -C "$2" --strip-components=1 --wildcards \
		'*/tools/testing/selftests/vfio' \
		'*/tools/testing/selftests/lib.mk' \
		'*/tools/testing/selftests/kselftest*.h' \
		'*/tools/include' '*/tools/arch/*/include' '*/tools/scripts' \
		'*/scripts/subarch.include' \
		'*/include/linux/pci_ids.h' '*/include/uapi/linux/pci_regs.h' \
		'*/drivers/dma/idxd/registers.h' '*/drivers/dma/ioat/*.h' \
		'*/drivers/net/ethernet/intel/igb/*.h'
}

fetch() {
	rm -rf "$out/source" "$out/headers"
	mkdir -p "$out/source" "$out/headers" "$out/deb"
	package=$(newest $suite)
	echo "fetching $package" >&2
	(cd "$out/deb" && "$apt" $suite download -qq "$package" linux-libc-dev)
	dpkg-deb -x "$(echo "$out"/deb/linux-libc-dev_*.deb)" "$out/headers"
	unpack "$(echo "$out/deb/${package}"_*.deb)" "$out/source"
	rm -rf "$out/deb"
	echo "$package" >"$out/source/name"
}

build() {
	rm -rf "$out/objects" "$out/programs"
	mkdir -p "$out/objects" "$out/programs"
	${CC:-gcc} -Wall -Wextra -Werror -c -o "$out/default_mode.o" \
		"$top/tests/selftests/default_mode.c"
	make -s -j2 -C "$out/source/tools/testing/selftests/vfio" \
		OUTPUT="$out/objects" EXTRA_CFLAGS=-static \
		KHDR_INCLUDES="-isystem $out/headers/usr/include" \
		LDLIBS="-luuid $out/default_mode.o" >&2
	for program in "$out"/objects/*_test; do
		name=$(basename "$program")
		cp "$program" "$out/programs/$name"
		# The harness leaves out what it is told by name.
		grep -ao 'iommufd[a-z0-9_]*_variant' "$program" |
		sed 's/\(.*\)_variant$/-V \1/' | sort -u >"$out/programs/$name.iommufd"
		strip "$out/programs/$name"
	done
	cp "$top/tests/selftests/run" "$out/programs/selftests-run"
}

[ -e "$out/source/name" ] || fetch
build
