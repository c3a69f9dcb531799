#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The build refuses header trees that will not do, with the reason: a copy of
# the header tree of KVER is spoilt in one way at a time, after it was seen to
# build. TAP. Usage: tests/build/build_test.sh [KVER]
set -eu
cd "$(dirname "$0")/../.."
kver=${1:-${KVER:-$(uname -r)}}
for from in "/lib/modules/$kver/build" "build/kernels/$kver/usr/src/linux-headers-$kver"; do
	[ ! -e "$from/Makefile" ] || break
done
[ -e "$from/Makefile" ] || {
	echo "1..0 # SKIP no headers of kernel $kver"
	exit 4
}
from=$(readlink -f "$from")
mkdir -p build
work=$(mktemp -d "$PWD/build/build-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
tree=$work/headers
common=$work/common
# Also what was given to the make that runs this.
unset ARCH CROSS_COMPILE CC LLVM KDIR KVER MAKEFLAGS MFLAGS MAKEOVERRIDES
area=build
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

build() {
	rc=0
	out=$(make -s module BUILD="${work#"$PWD/"}/out" KDIR="$tree" "$@" 2>&1) || rc=$?
}

# hide FILE, or edit FILE SED, until restore.
hidden=()
hide() {
	mv "$1" "$1.hidden"
	hidden=("$1" "${hidden[@]}")
}
edit() {
	hide "$1"
	sed "$2" "$1.hidden" >"$1"
}
restore() {
	local file

	for file in "${hidden[@]}"; do
		rm -rf "$file"
		mv "$file.hidden" "$file"
	done
	hidden=()
}

# refuses WHAT TEXT... -- [VARIABLE=...]: it fails, and says each TEXT
refuses() {
	local what=$1 ok=0 texts=()

	shift
	while [ "$1" != -- ]; do
		texts+=("$1")
		shift
	done
	shift
	build "$@"
	restore
	[ "$rc" -ne 0 ] || ok=1
	for text in "${texts[@]}"; do
		grep -qF -- "$text" <<<"$out" || ok=1
	done
	result $ok "$what"
}

copy_tree
build
ok=0
[ "$rc" -eq 0 ] && [ -e "$work/out/vfio-pci.ko" ] || ok=1
result $ok "a whole header tree will do"

# A link would cost all devices vfio-pci where mlx5_core can not be loaded.
ok=0
[ -e "$work/out/vfio-pci-mlx5.ko" ] && ! nm "$work/out/vfio-pci.ko" | grep ' U mlx5_' || ok=1
result $ok "vfio-pci is not linked to mlx5_core"

# The tree itself.

refuses "no tree" "it is not there." "or run 'make deps'" -- KDIR="$work/nothing"

refuses "not configured" "it is not configured" "modules_prepare" -- KDIR="$common"

hide "$common/Makefile"
refuses "without its common part" "includes $common/Makefile, which is missing" -- KVER="$kver"

hide "$tree/Module.symvers"
refuses "without Module.symvers" "Module.symvers, the list of what the kernel exports, is missing" --

hide "$tree/scripts"
refuses "without build tools" "it has no scripts/mod/modpost" "linux-kbuild" --

hide "$tree/scripts"
mkdir -p "$tree/scripts/mod"
printf '\177ELF\2\1\1 of another machine' >"$tree/scripts/mod/modpost"
chmod +x "$tree/scripts/mod/modpost"
refuses "build tools of another machine" "its build tools do not run on this system" --

refuses "of another kernel" "it is of kernel $kver, and the module is to be for 6.6.6" -- KVER=6.6.6

# Compilers, and other architectures.

sed 's/gcc-[0-9]*/gcc-0/' "$from/.kernelvariables" >"$work/variables"
hide "$tree/.kernelvariables"
cp "$work/variables" "$tree/.kernelvariables"
refuses "its compiler is not installed" "the compiler" "gcc-0 is not installed" "CC=..." --

refuses "CC is no compiler" "CC in the environment names no compiler" "CC=..." -- CC="gcc: no"

# As DKMS 3.0 sets it under a make.
CC="make[1]: Entering directory '/'
gcc" build
ok=0
[ "$rc" -eq 0 ] || ok=1
result $ok "CC is what a make printed beside a name"

refuses "no such CC" "the compiler acme-cc is not installed" -- CC=acme-cc

edit "$tree/include/config/auto.conf" 's/^CONFIG_CC_IS_GCC=y/CONFIG_CC_IS_CLANG=y/'
refuses "a kernel that clang built, with gcc" \
	"a kernel that clang built" "make LLVM=1" --

refuses "a kernel that gcc built, with clang" \
	"a kernel that gcc built" "leave LLVM=... out" -- LLVM=1

edit "$tree/include/config/auto.conf" '$a CONFIG_DEBUG_INFO_BTF_MODULES=y'
added=
[ -e "$tree/vmlinux" ] || added=$tree/vmlinux
[ -z "$added" ] || touch "$added"
refuses "type data is wanted, and pahole is not installed" \
	"acme-pahole is not installed" "make CONFIG_DEBUG_INFO_BTF_MODULES=" -- PAHOLE=acme-pahole
rm -f ${added:+"$added"}

foreign() {
	hide "$tree/.kernelvariables"
	edit "$tree/.config" 's,^# Linux/[^ ]* ,# Linux/s390 ,'
}

foreign
refuses "another architecture, without CROSS_COMPILE" \
	"it is of a kernel for s390" "make ARCH=s390 CROSS_COMPILE=s390-linux-gnu-" --
foreign
refuses "another architecture, without ARCH" \
	"it is of a kernel for s390" "ARCH=s390" -- CROSS_COMPILE=acme-
foreign
refuses "another architecture, its compiler not installed" \
	"the compiler acme-gcc is not installed" -- ARCH=s390 CROSS_COMPILE=acme-

# What vfio-pci needs of the kernel.

header=$common/include/linux/vfio_pci_core.h
hide "$header"
refuses "no vfio-pci-core" "lack: vfio_pci_core_aer_err_detected (linux/vfio_pci_core.h)" --

edit "$header" 's/vfio_pci_core_finish_enable/acme/'
refuses "a function is missing" "lack: vfio_pci_core_finish_enable (linux/vfio_pci_core.h)" --

edit "$common/include/linux/vfio.h" 's/_vfio_alloc_device/acme/; s/device_feature/acme/'
refuses "a function and a member are missing, as before 6.1" \
	"lack: _vfio_alloc_device (linux/vfio.h) device_feature (linux/vfio.h)" --

edit "$common/include/linux/pci.h" 's/PCI_DRIVER_OVERRIDE_DEVICE_VFIO/ACME/'
refuses "a macro is missing" "lack: PCI_DRIVER_OVERRIDE_DEVICE_VFIO (linux/pci.h)" --

edit "$tree/Module.symvers" '/\tvfio_pci_core_enable\t/d'
refuses "a function is not exported" "Module.symvers: vfio_pci_core_enable" --

edit "$tree/Module.symvers" '/\tmlx5_cmd_exec\t/d'
refuses "mlx5_core does not export a function" "Module.symvers: mlx5_cmd_exec" -- VENDOR_MLX5=y

edit "$tree/include/config/auto.conf" '/CONFIG_VFIO_PCI_CORE=/d'
refuses "vfio-pci-core is configured out" "without CONFIG_VFIO_PCI_CORE" --

# All is there: a note, and no more.
edit "$tree/include/config/auto.conf" 's/^CONFIG_VFIO_PCI=m/CONFIG_VFIO_PCI=y/'
build
restore
ok=0
[ "$rc" -eq 0 ] && grep -qF "kernel $kver has vfio-pci built in" <<<"$out" || ok=1
result $ok "a kernel with vfio-pci built in is told, and built for"

edit "$tree/include/generated/utsrelease.h" 's/".*"/"7.4.1"/'
build KVER=7.4.1
restore
ok=0
[ "$rc" -eq 0 ] && grep -qF "kernel 7.4.1 is not one of those" <<<"$out" || ok=1
result $ok "a kernel outside the range is told, and built for if all is there"

build
ok=$rc
[ "$ok" -ne 0 ] || [ -z "$out" ] || ok=1
result $ok "and the tree as it was builds, without a word"

finish
