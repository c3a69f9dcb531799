# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Results of the tests that are shell scripts, which source this. They set area, a
# prefix of the names, and leave in rc, out and err what the last command gave.

n=0
failed=0

# result STATUS NAME
result() {
	local name=${area:+$area: }$2

	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $name"
		return
	fi

	failed=$((failed + 1))
	echo "not ok $n - $name"
	printf '%s\n' "rc=$rc" "$out" "${err:-}" | tail -n 40 | sed 's/^/# /'
}

# The plan; the status is that of the whole.
finish() {
	echo "1..$n"
	[ "$failed" -eq 0 ]
}
