#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh GOAL...: make each goal. The TAP of all of them is numbered anew; at
# its end all that failed is named again, and the last line is the sum.
set -u
cd "$(dirname "$0")/.." || exit
# The makes below are not part of the one above: no jobs are shared.
unset MAKEFLAGS MFLAGS MAKELEVEL

mkdir -p build
{
	for goal in "$@"; do
		make --no-print-directory -s "$goal" || echo "not ok 0 - make $goal"
	done
} 2>&1 | awk '
	/^(not )?ok [0-9]+/ {
		word = /^ok/ ? "ok" : "not ok"
		sub(/^(not )?ok [0-9]+/, "")
		if (word != "ok")
			failures[++failed] = "# failed: " (n + 1) $0
		else if (/# SKIP/)
			skipped++
		else
			passed++
		print word " " ++n $0
		fflush()
		next
	}
	{ print; fflush() }
	END {
		print "1.." n
		for (i = 1; i <= failed; i++)
			print failures[i]
		printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		exit failed > 0 || !passed
	}'
