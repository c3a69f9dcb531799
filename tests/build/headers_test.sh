#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The interfaces of the kernels between those that Debian has. In a copy of the
# header tree of KVER, the rows of tests/build/headers undo one change of an interface
# each, one after the other; each row must change the named results of probes.mk and
# no other, and the sources that use the interface must compile without a warning.
# Then: each probe is seen both ways, by a row or by a header tree that is here. TAP.
# Usage: tests/build/headers_test.sh [KVER]
set -eu
cd "$(dirname "$0")/../.."
top=$PWD
kver=${1:-${KVER:-$(uname -r)}}
for from in "/lib/modules/$kver/build" "build/kernels/$kver/usr/src/linux-headers-$kver"; do
	[ ! -e "$from/Makefile" ] || break
done
[ -e "$from/Makefile" ] || {
	echo "1..0 # SKIP no headers of kernel $kver"
	exit 0
}
sed -n 's/^row \([^ ]*\) .*/\1/p' tests/build/headers | sort -u |
	(while read -r release; do case $kver in "$release"[!0-9]*) exit 0 ;; esac; done; exit 1) || {
	echo "1..0 # SKIP no row is for kernel $kver"
	exit 0
}
from=$(readlink -f "$from")
mkdir -p build
work=$(mktemp -d "$top/build/headers-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
tree=$work/headers
common=$work/common
include=$common/include
unset ARCH CROSS_COMPILE CC LLVM KDIR KVER MAKEFLAGS MFLAGS MAKEOVERRIDES
rc=0
# shellcheck disable=SC2034 # for tap.sh
area=headers
# shellcheck source=tests/lib/tap.sh
. tests/lib/tap.sh

# Debian's tree is a small one, whose Makefile includes that of a common one.
copy_tree() {
	local name

	name=$(sed -n 's/.*\(linux-headers-[^/]*-common\).*/\1/p' "$from/Makefile")
	cp -rs "$(dirname "$from")/$name" "$common"
	cp -rs "$from" "$tree"
	rm -r "$tree/Makefile" "$tree/scripts" "$tree/tools"
	ln -s "$(readlink -f "$from/scripts")" "$tree/scripts"
	ln -s "$(readlink -f "$from/tools")" "$tree/tools"
	printf '%s\n' "KBUILD_OUTPUT = $tree" "include $common/Makefile" >"$tree/Makefile"
}

# The results of probes.mk with a kernel, one a line.
probe() {
	printf '%s\n' "srctree := $1" "include $top/include/probes.mk" \
		"\$(info \$(ccflags-y))" "all:;" | make -s -f - |
		tr ' ' '\n' | sed -n 's/^-DHAVE_//p' | sort
}

# Kbuild's command for one object serves for all of them.
learn_command() {
	local farm=$work/farm

	mkdir "$farm"
	cp -rs "$top/Kbuild" "$top/include" "$top/vfio_pci" "$top/vendor" "$farm"
	make -s -C "$tree" M="$farm" vfio_pci/denylist.o >"$work/log" 2>&1 || {
		cat "$work/log"
		exit 1
	}
	sed -n '1{s/^[^=]*:= *//; s/ ; .*//; s/ -DHAVE_[A-Z0-9_]*//g; s/ -Wp,-MM*D,[^ ]*//
		s/ -c -o .*//; s/ -D_*KBUILD_[A-Z]*=[^ ]*//g; p}' \
		"$farm/vfio_pci/.denylist.o.cmd" >"$work/command"
	# Where its relative paths begin.
	folder=$tree
	grep -q -- '-I\./arch' "$work/command" || folder=$farm
}

compile() {
	local name

	name=$(basename "$1" .c)
	(cd "$folder" && sh -c "$(cat "$work/command") $flags -Werror -fsyntax-only \
		-DKBUILD_BASENAME='\"$name\"' -DKBUILD_MODNAME='\"vfio_pci\"' \
		-D__KBUILD_MODNAME=kmod_vfio_pci \"$top/$1\"") >>"$work/out" 2>&1
}

# The sources with a pattern in them; virtio is built with the headers for it only.
users() {
	local without=^none

	[ -e "$include/linux/virtio_pci_admin.h" ] || without='^vendor/virtio/[^b]'
	grep -lE -- "$1" vfio_pci/*.c vfio_pci/*/*.c vendor/*/*.c | grep -v "$without" || :
}

edit() {
	[ -e "$1" ] || echo >"$1"
	sed "$2" "$1" >"$work/edited"
	! cmp -s "$1" "$work/edited" || {
		echo "nothing to edit in $1"
		return 1
	}
	rm "$1"
	[ ! -s "$work/edited" ] || cp "$work/edited" "$1"
}

# row RELEASE CHANGES WHAT USERS [HEADER SED]...: as the table tests/build/headers
# tells. A row of another kernel only counts for the probes.
row() {
	local release=$1 changes=$2 what=$3 pattern=$4 ok=0 before change source

	for change in $changes; do
		seen+=("+${change#[+-]}" "-${change#[+-]}")
	done
	[[ $kver == "$release"[!0-9]* ]] || return 0
	shift 4

	before=$now
	: >"$work/out"
	while [ $# -gt 0 ]; do
		edit "$include/$1" "$2" >>"$work/out" || ok=1
		shift 2
	done
	now=$(probe "$common")
	diff <(echo "$before") <(echo "$now") | sed -n 's/^< /-/p; s/^> /+/p' | sort >"$work/changed"
	tr ' ' '\n' <<<"$changes" | sed '/^$/d' | sort | diff - "$work/changed" >>"$work/out" || ok=1
	flags=" $(tr '\n' ' ' <<<"$now")"
	flags=${flags// / -DHAVE_}
	flags=${flags% -DHAVE_}
	[ -n "$(users "$pattern")" ] || { echo "no source has $pattern" >>"$work/out"; ok=1; }
	for source in $(users "$pattern"); do
		compile "$source" || ok=1
	done
	out=$(cat "$work/out")
	result $ok "$what"
}

copy_tree
learn_command
now=$(probe "$common")
seen=()
# shellcheck source=tests/build/headers
. tests/build/headers

probes() {
	sed -nE 's/^ccflags-y.*(,|HAVE_)([A-Z0-9_]+)\).*/\2/p' include/probes.mk
}

# What each header tree that is here has and has not.
for one in "$common" /usr/src/linux-headers-*-common build/kernels/*/usr/src/linux-headers-*-common; do
	[ -e "$one/include" ] || continue
	probe "$one" >"$work/has"
	while read -r name; do
		seen+=("$name")
	done < <(probes | grep -xFf "$work/has" | sed 's/^/+/'
		 probes | grep -vxFf "$work/has" | sed 's/^/-/')
done
printf '%s\n' "${seen[@]}" | sort -u >"$work/seen"
ok=0
out=$(for name in $(probes); do
	for way in + -; do
		grep -qxF -- "$way$name" "$work/seen" ||
			echo "no row and no kernel has $name seen as $way"
	done
done)
[ -z "$out" ] || ok=1
result $ok "each probe is seen both ways"
finish
