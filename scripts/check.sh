#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Everything that "make check" promises: the static checks, the installation,
# then the VMs. TAP, numbered anew, and as the last line the sum.
set -u
cd "$(dirname "$0")/.." || exit

mkdir -p build
{
	for goal in lint check-install check-vm; do
		make --no-print-directory -s "$goal" || echo "not ok 0 - make $goal"
	done
} 2>&1 | awk '
	/^(not )?ok [0-9]+/ {
		word = /^ok/ ? "ok" : "not ok"
		sub(/^(not )?ok [0-9]+/, "")
		if (word != "ok")
			failed++
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
		printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		exit failed || !passed
	}'
