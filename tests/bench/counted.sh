# SPDX-License-Identifier: GPL-2.0-only
#
# To be sourced, at the top of the project.

# counted NAME KVER PROGRAM [OPTION...]: run PROGRAM in a VM whose clock counts
# instructions, with mainline's drivers beside this one. What it prints is in
# $out/log. OPTION: more for QEMU.
counted() {
	out=build/vm/$1
	kver=$2
	program=$3
	shift 3
	mkdir -p "$out"
	VMTEST_QEMU="-icount shift=0,sleep=off $*" \
		tests/vm/vmtest.sh -k "$kver" -d ours-all -t 550 -o "$out" -r "$program" |
		tr -d '\r' >"$out/log"
	grep -q "^# exit $program 0\$" "$out/log" || {
		cat "$out/log" "$out/console" >&2
		exit 1
	}
}
