#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# clang, for the flags of a kernel that was configured for gcc: what clang does
# not know of them changes the code, not what the compiler has to say of it.
# -Wno-gnu and -Wno-enum-enum-conversion are the kernel's own for clang; its headers
# need them, the second with clang 19 and later.
# For the static checks. To build for a kernel that clang built: make LLVM=1.
for arg; do
	shift
	case $arg in
	-mfunction-return=* | -mindirect-branch* | -mrecord-mcount | -mharden-sls=*) ;;
	-mpreferred-stack-boundary=* | -fmin-function-alignment=*) ;;
	-fconserve-stack | -ftrivial-auto-var-init=* | -fno-allow-store-data-races) ;;
	*) set -- "$@" "$arg" ;;
	esac
done
exec clang "$@" -include "${0%.sh}.h" -Wno-gnu -Wno-enum-enum-conversion -Wno-unknown-warning-option
