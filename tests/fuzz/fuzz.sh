#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# fuzz.sh [PROGRAM...]: build and run the fuzzers of the table "targets"; TAP, and
# for each the executions, the inputs kept and the coverage of the sources.
#
# RUNS: executions each (1000000). SEED: of libFuzzer; the same seed, the same
# run. CLANG: the compiler. A crash leaves its input in build/fuzz/PROGRAM.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."

runs=${RUNS:-1000000}
seed=${SEED:-20211}
out=$PWD/build/fuzz
clang=${CLANG:-clang}
# Beside the compiler, whatever its version.
tools=$(dirname "$(readlink -f "$(command -v "$clang")")")
cflags=(-std=gnu11 -g -O1 -Wall -Wextra -Werror -Wno-unused-parameter -Wno-unused-const-variable
	-Wno-sign-compare -Wno-c2x-extensions -fno-sanitize-recover=all -I"$here/shim" -Iinclude -I"$out" -include kernel.h
	-Dfuzz_one_input=LLVMFuzzerTestOneInput)

# A row of the vendor table is its name here.
make_rows() {
	mkdir -p "$out"
	sed -n 's/^\t&\([a-z0-9_]*\)_vendor_ops,$/static const struct vfio_pci_vendor_ops \1_vendor_ops = { .name = "\1" };/p' \
		vfio_pci/table.c >"$out/rows.h"
	grep -q generic "$out/rows.h"
}

build() {
	"$clang" "${cflags[@]}" -fsanitize=fuzzer,address,undefined \
		-o "$out/$1.fuzz" "$here/$1.c" "${@:2}" &&
	"$clang" "${cflags[@]}" -fsanitize=fuzzer -fprofile-instr-generate -fcoverage-mapping \
		-o "$out/$1.cover" "$here/$1.c" "${@:2}"
}

# Regions and lines of the parser, the first source, that the kept inputs reach.
coverage() {
	local program=$1 max=$2

	LLVM_PROFILE_FILE=$out/$program.profraw "$out/$program.cover" -runs=0 -max_len="$max" \
		"$out/$program/corpus" >"$out/$program/cover.log" 2>&1
	"$tools/llvm-profdata" merge -o "$out/$program.profdata" "$out/$program.profraw"
	"$tools/llvm-cov" report "$out/$program.cover" -instr-profile="$out/$program.profdata" \
		"${@:3}" >"$out/$program/coverage"
	"$tools/llvm-cov" show "$out/$program.cover" -instr-profile="$out/$program.profdata" \
		"${@:3}" >"$out/$program/coverage.lines"
	awk -v name="$(basename "$3")" '$1 ~ name "$" { print $4, $10 }' "$out/$program/coverage"
}

fuzz() {
	local program=$1 max=$2 dir=$out/$1 executed kept cover

	rm -rf "$dir"
	mkdir -p "$dir/corpus"
	"$here/seeds.sh" "$program" "$dir/seeds"
	(cd "$dir" && "$out/$program.fuzz" -runs="$runs" -seed="$seed" -max_len="$max" \
		-use_value_profile=1 -print_final_stats=1 corpus seeds) >"$dir/log" 2>&1 || return 1

	executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/log")
	kept=$(find "$dir/corpus" -type f | wc -l)
	cp -n "$dir/seeds/"* "$dir/corpus/"
	cover=$(coverage "$program" "$max" "${@:3}")
	echo "# figure fuzz $program executions $executed"
	echo "# figure fuzz $program seeds $(find "$dir/seeds" -type f | wc -l)"
	echo "# figure fuzz $program inputs-kept $kept"
	echo "# figure fuzz $program regions-covered ${cover% *}"
	echo "# figure fuzz $program lines-covered ${cover#* }"
	[ "$executed" -ge "$runs" ]
}

make_rows
n=0 failed=0
echo "TAP version 13"
while read -r program max sources; do
	case $program in '#'* | '') continue ;; esac
	[ $# -eq 0 ] || [[ " $* " == *" $program "* ]] || continue
	n=$((n + 1))
	# shellcheck disable=SC2086 # a list of files
	if build "$program" $sources && fuzz "$program" "$max" $sources; then
		echo "ok $n - fuzz/$program"
	else
		echo "not ok $n - fuzz/$program"
		tail -n 30 "$out/$program/log" 2>/dev/null | sed 's/^/# /'
		failed=1
	fi
done <"$here/targets"
echo "1..$n"
[ $n -gt 0 ] && [ $failed -eq 0 ]
