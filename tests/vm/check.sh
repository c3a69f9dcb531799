#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh -k KVER [PLAN]...: the VMs of the plans, two at a time; TAP on stdout.
set -eu
cd "$(dirname "$0")/../.."

out=build/vm/check
rm -rf "$out"
mkdir -p "$out"

one() {
	n=$1 driver=$2
	shift 2
	programs=
	append=${VMTEST_APPEND:-}
	cpus=1
	for word in "$@"; do
		case $word in
		cpus=*) cpus=${word#*=} ;;
		*=*) append="$append $word" ;;
		*) programs="$programs $word" ;;
		esac
	done
	# shellcheck disable=SC2086
	VMTEST_APPEND=$append VMTEST_CPUS=$cpus \
	tests/vm/vmtest.sh -k "$kver" -d "$driver" -o "$out/$n" $programs \
		>"$out/$n.tap" 2>&1 || echo "$n" >>"$out/failed"
}

kver=$2
shift 2
n=0
cat "${@:-tests/vm/plan}" | grep -v '^#' >"$out/plan"
while read -r driver programs; do
	n=$((n + 1))
	# shellcheck disable=SC2086
	one $n "$driver" $programs </dev/null &
	[ $((n % 2)) = 1 ] || wait
done <"$out/plan"
wait

cat "$out"/*.tap
[ ! -e "$out/failed" ]
