#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every semantic patch fires on exactly the marked lines of its bad sample, and
# is silent on its good one and on the project. TAP.
set -eu
cd "$(dirname "$0")/../.."

# Prints FILE:LINE:COLUMN: MESSAGE lines; a patch that can not run prints too.
cocci() {
	local rule=$1
	shift
	spatch --very-quiet -D report --no-includes --include-headers \
		--sp-file "scripts/coccinelle/$rule.cocci" "$@" 2>&1 |
		grep -v '^warning: ' || :
}

fires_as_marked() {
	local sample=tests/cocci/$1.bad.c

	diff <(grep -n '/\* expect \*/' "$sample" | cut -d: -f1) \
		<(cocci "$1" "$sample" | sed 's/^[^:]*\.c:\([0-9]*\):.*/\1/' | sort -nu) |
		sed -n "s|^< \(.*\)|$sample:\1: not found|p; s|^> \(.*\)|$sample:\1: found, but not marked|p"
}

silent_on_good() {
	cocci "$1" "tests/cocci/$1.good.c"
}

silent_on_project() {
	find vfio_pci vendor include -name '*.[ch]' -print0 | sort -z |
		xargs -0 bash -c 'cocci "$0" "$@"' "$1"
}

check() {
	local found

	found=$($1 "$2")
	[ -z "$found" ] || echo "${found//$'\n'/$'\n'# }" | sed '1s/^/# /'
	echo "$([ -z "$found" ] || echo 'not ')ok - $2 ${1//_/ }"
}
export -f cocci fires_as_marked silent_on_good silent_on_project check

rules=$(cd scripts/coccinelle && printf '%s\n' *.cocci | sed 's/\.cocci$//')
results=$(for rule in $rules; do
	printf '%s\n' "fires_as_marked $rule" "silent_on_good $rule" "silent_on_project $rule"
done | xargs -P "$(nproc)" -d '\n' -I{} bash -c 'out=$(check {}); echo "$out"')

echo "TAP version 13"
echo "1..$(grep -cE '^(not )?ok' <<<"$results")"
awk '/^(not )?ok/ { sub(/ok/, "ok " ++n) } 1' <<<"$results"
! grep -q '^not ok' <<<"$results"
