#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh -k KVER: the VMs of the plan, two at a time; TAP on stdout.
set -eu
cd "$(dirname "$0")/../.."

out=build/vm/check
rm -rf "$out"
mkdir -p "$out"

one() {
	n=$1 driver=$2 kver=$3
	shift 3
	# shellcheck disable=SC2086
	tests/vm/vmtest.sh -k "$kver" -d "$driver" -o "$out/$n" "$@" \
		>"$out/$n.tap" 2>&1 || echo "$n" >>"$out/failed"
}

kver=$2
n=0
grep -v '^#' tests/vm/plan >"$out/plan"
while read -r driver programs; do
	n=$((n + 1))
	# shellcheck disable=SC2086
	one $n "$driver" "$kver" $programs </dev/null &
	[ $((n % 2)) = 1 ] || wait
done <"$out/plan"
wait

cat "$out"/*.tap
[ ! -e "$out/failed" ]
