#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The static checks, each one TAP test that is silent or lists what it found.
# KVER names the kernel to build for; "make lint" sets it and installs the tools.
set -eu
cd "$(dirname "$0")/.."
top=$PWD
KVER=${KVER:-$(uname -r)}
KDIR=${KDIR:-/lib/modules/$KVER/build}
tools=$top/build/kernel-tools
work=$top/build/lint/$KVER
export top KVER KDIR tools work

# Of the sources, also what git does not know yet; samples are bad on purpose.
sources() {
	git ls-files -co --exclude-standard -- "$@" | grep -v '\.bad\.c$' |
		while read -r file; do [ ! -e "$file" ] || echo "$file"; done
}

# Of the kernel's own checkers only what is used, from Debian's source package.
fetch_tools() {
	local names=(checkpatch.pl spelling.txt const_structs.checkpatch kernel-doc)

	[ ! -e "$tools/.complete" ] || return 0
	scripts/kernel-source.sh "$tools" 2 "${names[@]/#/scripts/}" || { echo "Bail out! no kernel source"; exit 1; }
	touch "$tools/.complete"
}

# Kbuild in a farm of links, beside the builds that are for use.
kbuild() {
	make -s -C "$KDIR" M="$work/$1" "${@:2}" modules 2>&1
}

prepare_farm() {
	mkdir -p "$work/$1" && find "$work/$1" -xtype l -delete
	cp -rsf "$top"/{Kbuild,include,vfio_pci,vendor} "$work/$1"
}

prepare_module() { prepare_farm module; }
prepare_clang() { prepare_farm clang; }

prepare_mock() {
	mkdir -p "$work/mock" && find "$work/mock" -xtype l -delete
	cp -rsf "$top"/tests/mock/. "$work/mock"
}

# KCFLAGS is part of every command line: sparse has to see the same one, so as
# not to build again.
build_w1() {
	"prepare_$1"
	# Kbuild builds what changed, and a finding must not be lost by that. Builds
	# with other vendors share what is the same in all.
	[ "${2:-}" = again ] || find "$work/$1" -name '*.o' -delete
	if kbuild "$1" W=1 KCFLAGS=-Werror >"$work/$1.log"; then
		grep 'warning:' "$work/$1.log" || :
	else
		head -n 40 "$work/$1.log"
	fi
}

# Without objtool: the code is not for use.
clang_w1() {
	prepare_clang
	find "$work/clang" -name '*.o' -delete
	kbuild clang W=1 KCFLAGS=-Werror CONFIG_OBJTOOL= \
		CC="$top/scripts/clang-as-gcc.sh" >"$work/clang.log" || head -n 40 "$work/clang.log"
	grep 'warning:' "$work/clang.log" || :
}

sparse_endian() {
	kbuild "$1" W=1 KCFLAGS=-Werror C=2 CF=-D__CHECK_ENDIAN__ >"$work/$1.log" ||
		echo "it does not build: see W=1"
	# Findings in headers of the kernel are not ours to mend.
	grep -E '(warning|error):' "$work/$1.log" | grep -F "$work" || :
}

checkpatch() {
	local ignore=FILE_PATH_CHANGES # There is no MAINTAINERS file to update.

	case $1 in
	# In user space: the types and attributes of <stdint.h> and gcc are the
	# ones there are, MMIO through mmap() is volatile, and externs that a
	# kernel header would hold have no header here. The macros of
	# kselftest_harness.h make functions that checkpatch takes for
	# expressions ("FIXTURE_DATA(x) *self", TEST_F bodies).
	user) ignore+=,PREFER_KERNEL_TYPES,PREFER_DEFINED_ATTRIBUTE_MACRO,VOLATILE,AVOID_EXTERNS,SPACING,COMPLEX_MACRO,MACRO_ARG_REUSE ;;
	esac
	"$tools/checkpatch.pl" --no-tree --strict --terse --no-summary --show-types \
		--color=never --ignore "$ignore" -f "${@:2}" || :
}

checkpatch_kernel() {
	sources 'include/*.[ch]' 'vfio_pci/*.[ch]' 'vendor/*.[ch]' 'tests/mock/*.[ch]' |
		xargs bash -c 'checkpatch kernel "$@"' -
}

checkpatch_user() {
	sources 'tests/*.[ch]' | grep -v '^tests/mock/' |
		xargs bash -c 'checkpatch user "$@"' -
}

kernel_doc() {
	sources 'include/*.h' 'vfio_pci/*.[ch]' 'vendor/*.[ch]' |
		xargs "$tools/kernel-doc" -none -Werror 2>&1 || :
}

spdx() {
	sources . | grep -Ev '^(README|CHANGELOG|COPYING|LICENSE|\.gitignore|debian/(changelog|source/format|.*\.dkms)$)' |
	while read -r file; do
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-2\.0-only' ||
			echo "$file: no SPDX-License-Identifier: GPL-2.0-only in its first lines"
	done
	# What cannot hold a comment needs none: the files above are all others.
}

kernel_versions() {
	sources 'Kbuild' 'Makefile' 'vfio_pci/*' 'vendor/*' |
		xargs grep -nE 'LINUX_VERSION_CODE|KERNEL_VERSION|linux/version\.h' |
		sed 's/$/   (kernel differences belong to include\/)/' || :
}

shell_scripts() {
	sources . | while read -r file; do
		case $(head -c 64 "$file" | head -n 1 | tr -d '\0') in
		'#!'*bash | '#!'*/sh | '#!'*'busybox sh') echo "./$file" ;;
		esac
	done
}

# -a: also what a script reads in, as the script sees it.
shellcheck_all() {
	shell_scripts | xargs shellcheck -x -a -S warning -f gcc || :
}

# dkms.conf states the version. What has to repeat it, a file and a pattern a line:
version_places() {
	cat <<-'END'
		vfio_pci/main.c ^MODULE_VERSION("\(.*\)");
		debian/changelog ^[a-z-]* (\(.*\)) unstable;.*
		packaging/rpm/vfio-pci-vendor-ops-dkms.spec ^Version:[[:blank:]]*\(.*\)
		packaging/arch/PKGBUILD ^pkgver=\(.*\)
		CHANGELOG ^\([0-9][0-9.]*\)$
	END
}

one_version() {
	local dkms file pattern found

	dkms=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
	version_places | while read -r file pattern; do
		found=$(sed -n "s/$pattern/\1/p" "$file" | head -n 1)
		[ "$found" = "$dkms" ] ||
			echo "$file is at '$found', PACKAGE_VERSION in dkms.conf is $dkms"
	done
	git grep -h '^MODULE_VERSION(' -- '*.[ch]' ':!tests' | grep -vF "(\"$dkms\")" |
		sed "s/\$/   (PACKAGE_VERSION in dkms.conf is $dkms)/" || :
}

# A TAP stream of its own: only its failures are worth showing.
semantic_patches() {
	tests/cocci/run.sh | grep -E '^(#|not ok|Bail)' || :
}

status_tool() {
	tests/status/status_test.sh | grep -E '^(#|not ok|Bail)' || :
}

documents() {
	tests/fresh/commands_test.sh | grep -E '^(#|not ok|Bail)' || :
}

check() {
	local name=$1 found

	if ! found=$("${@:2}" 2>&1); then
		found+=$'\n'"(the check itself failed)"
	fi
	if [ -z "$found" ]; then
		echo "ok - lint/$name"
	else
		echo "not ok - lint/$name"
		while read -r line; do echo "# ${line//"$top/"/}"; done <<<"$found"
	fi
}

# With all vendors, whatever the host has.
export VENDOR_MLX5=y VENDOR_VIRTIO=y

module_checks() {
	check W=1 build_w1 module
	check sparse sparse_endian module
	VENDOR_IGD=n check W=1-without-igd build_w1 module again
	VENDOR_NVLINK2=n check W=1-without-nvlink2 build_w1 module again
	VENDOR_NVGRACE=n check W=1-without-nvgrace build_w1 module again
	VENDOR_NVLINK2=n VENDOR_NVGRACE=n check W=1-without-both build_w1 module again
	VENDOR_MLX5=n check W=1-without-mlx5 build_w1 module again
	VENDOR_VIRTIO=n check W=1-without-virtio build_w1 module again
}
mock_checks() { check clang clang_w1; check W=1-mock build_w1 mock; check sparse-mock sparse_endian mock; }
text_checks() {
	check checkpatch checkpatch_kernel
	check checkpatch-tests checkpatch_user
	check kernel-doc kernel_doc
	check spdx spdx
	check kernel-versions kernel_versions
	check shellcheck shellcheck_all
	check one-version one_version
	check documents documents
}
cocci_checks() { check coccicheck semantic_patches; check status-tool status_tool; }

while read -r _ _ name; do
	# shellcheck disable=SC2163 # that is what is meant
	export -f "$name"
done < <(declare -F)

echo "TAP version 13"
fetch_tools
# Whole groups at a time, so that their lines do not mix.
printf '%s\n' module mock cocci text |
	xargs -P "$(nproc)" -I{} bash -c 'out=$({}_checks && echo "# end of {}"); echo "$out"' |
	awk '
		/^# end of / { groups++; next }
		/^(not )?ok/ { sub(/ok/, "ok " ++n); if (/^not/) failed++ }
		{ print; fflush() }
		END { print "1.." n; exit failed || groups != 4 }'
