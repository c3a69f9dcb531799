#!/usr/bin/awk -f
# SPDX-License-Identifier: GPL-2.0-only
#
# Turn what the programs in a VM printed into one flat list of TAP results. Figures
# ("# figure WORD...", for tests/report) get the prefix as their second word.
# Variables: prefix, for the names; programs, all that must have run; strict: none
# may skip as a whole.

function result(good, name) {
	print (good ? "ok " : "not ok ") ++count " - " prefix "/" program name
	if (!good)
		bad = 1
}

{ sub(/\r$/, "") }

/^# program / { program = $3; planned = -1; seen = 0; failed = 0; next }

/^1\.\.[0-9]+/ { planned = substr($1, 4); next }

/^TAP version/ { next }

/^(not )?ok [0-9]+ / {
	good = /^ok/
	seen++
	if (!good)
		failed++
	sub(/^(not )?ok [0-9]+ (- )?/, "")
	result(good, ": " $0)
	next
}

/^# exit / {
	ran[$3] = 1
	if ($4 == 4 && strict)
		result(0, ": skips all, where it has what it needs")
	else if ($4 == 4)
		result(1, " # SKIP")
	else if (seen != planned)
		result(0, ": " seen " results of " planned " planned")
	else if ($4 != 0 && !failed)
		result(0, ": exit " $4)
	next
}

/^# figure / { sub(/^# figure/, "# figure " prefix); print; next }

/^# end/ { end = 1; next }

{ print "# " $0 }

END {
	n = split(programs, wanted, " ")
	for (i = 1; i <= n; i++) {
		if (!(wanted[i] in ran)) {
			program = wanted[i]
			result(0, ": did not finish")
		}
	}
	exit bad || !end
}
