# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# To be sourced by scripts that start DKMS, dpkg or apt: what a make around them,
# or the user's shell, left in the environment for another build is taken away.
# These tools run makes and compilers of their own, and some read what they print:
# a make that knows of an outer one also prints "Entering directory".

unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES GNUMAKEFLAGS MAKEFILES \
	MAKE_TERMOUT MAKE_TERMERR MAKE_RESTARTS KERNELRELEASE \
	ARCH CROSS_COMPILE LLVM LLVM_IAS CC HOSTCC LD AR NM OBJCOPY OBJDUMP STRIP \
	CFLAGS CPPFLAGS LDFLAGS KCFLAGS KCPPFLAGS KBUILD_EXTRA_SYMBOLS
