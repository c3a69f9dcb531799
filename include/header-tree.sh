#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# header-tree.sh KDIR KVER: can a module be built with this header tree, here?
# If not, one message says why, before Kbuild gives many. What vfio-pci needs of
# the kernel is in needs.mk.
#
# ARCH, CROSS_COMPILE, CC and LLVM count as for Kbuild.
set -eu
kdir=$1
kver=$2

refuse() {
	echo "Can not build with the header tree $kdir:" >&2
	printf '  %s\n' "$@" >&2
	exit 1
}

# The settings of Debian's headers, which win over those of the environment.
variable() {
	sed -n "s/^override $1 = \([^$]*\)\$/\1/p" "$kdir/.kernelvariables" 2>/dev/null || :
}

# The compiler without what is in front of it: gcc-12 of $(CROSS_COMPILE)gcc-12
# or $(DEB_HOST_GNU_TYPE)-gcc-12.
packaged_cc() {
	sed -n 's/^CC = .*)-\{0,1\}//p' "$kdir/.kernelvariables" 2>/dev/null || :
}

check_whole() {
	wanted=$kver
	[ "$kver" != unknown ] || wanted=$(uname -r)
	[ -e "$kdir/Makefile" ] || refuse "it is not there." \
		"Install linux-headers-$wanted, or name a header tree with KDIR=..., or run 'make deps'."

	sed -n 's/^include \(\/[^ $]*\)$/\1/p' "$kdir/Makefile" | while read -r file; do
		[ -e "$file" ] || refuse "it is partial: its Makefile includes $file, which is missing." \
			"Install the package that holds it; on Debian, the linux-headers-...-common that belongs to it."
	done || exit 1

	[ -e "$kdir/include/config/auto.conf" ] && [ -e "$kdir/include/generated/autoconf.h" ] ||
		refuse "it is not configured: it has no include/config/auto.conf or include/generated/autoconf.h." \
			"Name the folder that the kernel was built in (on Debian not the one that ends in -common), or run 'make modules_prepare' there."
	[ -e "$kdir/Module.symvers" ] ||
		refuse "it is partial: Module.symvers, the list of what the kernel exports, is missing." \
			"Build the kernel there, or take the file from its build."
	[ -x "$kdir/scripts/mod/modpost" ] ||
		refuse "it is partial: it has no scripts/mod/modpost." \
			"Install its build tools; on Debian, the linux-kbuild-... that belongs to it. Or run 'make modules_prepare' there."
}

check_release() {
	release=$(sed -n 's/^#define UTS_RELEASE "\(.*\)"/\1/p' \
		"$kdir/include/generated/utsrelease.h" 2>/dev/null) || :
	case $release in
	"$kver" | '') ;;
	*) refuse "it is of kernel $release, and the module is to be for $kver." \
		"Leave KVER=... out, or KDIR=..." ;;
	esac
}

check_tools() {
	message=$("$kdir/scripts/mod/modpost" </dev/null 2>&1) && return 0
	case $? in
	126 | 127) ;;
	*) case $message in *GLIBC* | *"shared libraries"*) ;; *) return 0 ;; esac ;;
	esac
	refuse "its build tools do not run on this system: $message" \
		"Build on the system that they are for; 'make kernels' sets up a root of Debian 13 for its kernels."
}

# As the first lines of .config name it.
arch_of_tree() {
	sed -n 's,^# Linux/\([^ ]*\) .*,\1,p' "$kdir/.config" 2>/dev/null || :
}

arch_of_machine() {
	case $(uname -m) in
	x86_64 | i?86) echo x86 ;;
	aarch64) echo arm64 ;;
	ppc64*) echo powerpc ;;
	s390*) echo s390 ;;
	riscv*) echo riscv ;;
	*) uname -m ;;
	esac
}

gnu_prefix() {
	case $1 in
	x86) echo x86_64-linux-gnu- ;;
	arm64) echo aarch64-linux-gnu- ;;
	powerpc) echo powerpc64le-linux-gnu- ;;
	*) echo "$1-linux-gnu-" ;;
	esac
}

check_cross() {
	tree=$(arch_of_tree)
	machine=$(arch_of_machine)
	prefix=$(variable CROSS_COMPILE)
	prefix=${prefix:-${CROSS_COMPILE:-}}
	[ -n "$tree" ] && [ "$tree" != "$machine" ] || return 0

	arch=$(variable ARCH)
	arch=${arch:-${ARCH:-$machine}}
	[ "$arch" = "$tree" ] && [ -n "$prefix${LLVM:-}" ] ||
		refuse "it is of a kernel for $tree, and this machine is $machine." \
			"To build for $tree: make ARCH=$tree CROSS_COMPILE=$(gnu_prefix "$tree") ..."
}

check_compiler() {
	cc=${CC:-}
	if [ -z "$cc" ]; then
		cc=$(packaged_cc)
		[ -n "$cc" ] || [ -z "${LLVM:-}" ] || cc=clang
		[ "$cc" = clang ] || cc=$prefix${cc:-gcc}
	fi
	# What a make prints beside the name is no compiler.
	case "$cc " in
	*": "* | *"
"*) refuse "CC in the environment names no compiler: $(echo "$cc" | tr '\n' ' ')" \
		"Unset it, or name the compiler with CC=..." ;;
	esac
	# A wrapper such as ccache may stand in front of it.
	for word in $cc; do
		command -v "$word" >/dev/null ||
			refuse "the compiler $word is not installed, which it is to be used with." \
				"Install it, or name another with CC=..."
	done
}

# The flags that a kernel was configured for are those of its compiler's family.
check_family() {
	family="$cc ${LLVM:+clang}"
	if grep -q '^CONFIG_CC_IS_CLANG=y' "$kdir/include/config/auto.conf"; then
		case $family in *clang*) return 0 ;; esac
		refuse "it is of a kernel that clang built, and $cc does not know its options." \
			"To build with clang: make LLVM=1 ..."
	fi
	[ -z "${LLVM:-}" ] || [ -n "${CC:-}" ] ||
		refuse "it is of a kernel that gcc built, and clang does not know its options." \
			"To build with gcc, leave LLVM=... out."
}

# Kbuild calls pahole for the type data (BTF) if the tree has the kernel itself.
check_pahole() {
	grep -q '^CONFIG_DEBUG_INFO_BTF_MODULES=y' "$kdir/include/config/auto.conf" &&
		[ -e "$kdir/vmlinux" ] && [ -n "${CONFIG_DEBUG_INFO_BTF_MODULES-y}" ] || return 0
	command -v "${PAHOLE:-pahole}" >/dev/null ||
		refuse "${PAHOLE:-pahole} is not installed, which makes the type data (BTF) that this kernel wants in modules." \
			"Install it (the package is pahole or dwarves), or build without type data: make CONFIG_DEBUG_INFO_BTF_MODULES= ..."
}

note_built_in() {
	! grep -q '^CONFIG_VFIO_PCI=y' "$kdir/include/config/auto.conf" ||
		echo "Note: kernel $kver has vfio-pci built in (CONFIG_VFIO_PCI=y): it can not load this module." >&2
}

# dkms.conf states the range.
note_range() {
	range=$(sed -n 's/^BUILD_EXCLUSIVE_KERNEL="\(.*\)"/\1/p' "$(dirname "$0")/../dkms.conf")
	echo "$kver" | grep -qE "$range" ||
		echo "Note: kernel $kver is not one of those that this driver is tested on, 6.1 to 7.3" >&2
}

check_whole
check_release
check_tools
check_cross
check_compiler
check_family
check_pahole
note_built_in
note_range
