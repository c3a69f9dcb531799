#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Everything that "make check" promises: the static checks, then the VMs. TAP,
# numbered anew, and as the last line the sum.
set -u
cd "$(dirname "$0")/.."

mkdir -p build
{
	make --no-print-directory -s lint || echo "not ok 0 - make lint"
	make --no-print-directory -s check-vm || echo "not ok 0 - make check-vm"
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
		next
	}
	{ print }
	END {
		print "1.." n
		printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		exit failed || !passed
	}'
