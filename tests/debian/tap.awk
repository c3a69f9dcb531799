#!/usr/bin/awk -f
# SPDX-License-Identifier: GPL-2.0-only
#
# Turn what a VM with a Debian root printed into results with a prefix, and fail
# when one is missing.

{ sub(/\r$/, "") }

/^1\.\.[0-9]+$/ { planned += substr($0, 4); next }

/^(not )?ok [0-9]+ - / {
	word = /^ok/ ? "ok" : "not ok"
	if (word != "ok")
		failed++
	sub(/^(not )?ok [0-9]+ - /, "")
	print word " " ++count " - " prefix "/" $0
	next
}

{ print }

END {
	if (!planned || count != planned) {
		print "not ok " count + 1 " - " prefix "/all: " count + 0 " results, then the end"
		failed++
	}
	exit failed != 0
}
