#!/usr/bin/awk -f
# SPDX-License-Identifier: GPL-2.0-only
#
# Judge what tests/selftests/run printed: TAP results of our run on stdout, and
# a sum. A test that fails on ours passes no judgement on it only when the
# in-tree driver failed it too, in this same run; that is a skip.
# Variable: prefix, for the names.

function failure(name, why) {
	print "not ok " ++count " - " name (why ? " # " why : "")
	bad = 1
}

/^# run / {
	driver = $3
	program = $4 "/" $5
	planned = -1
	seen = 0
	runs[driver]++
	next
}

/^1\.\.[0-9]+/ { planned = substr($1, 4); next }

/^(not )?ok [0-9]+ / {
	verdict = /^not/ ? "failed" : /# SKIP/ ? "skipped" : "passed"
	sub(/^(not )?ok [0-9]+ (- )?/, "")
	name = program ": " $1
	seen++
	result[driver, name] = verdict
	sum[driver, verdict]++
	if (driver == "ours") {
		reason[name] = $0
		order[++tests] = name
	} else {
		intree[++intrees] = name
	}
	next
}

/^# done / {
	over[driver]++
	# 4 with nothing planned: the suite has no driver for the device.
	if ($3 != 4 && seen != planned)
		failure(prefix "/" driver "/" program, seen " of " planned " results")
	next
}

/^# exit selftests-run / { code = $4 }

END {
	for (i = 1; i <= tests; i++) {
		name = order[i]
		full = prefix "/" name
		verdict = result["ours", name]
		theirs = result["intree", name]
		if (verdict == "failed" && theirs == "failed")
			print "ok " ++count " - " full " # SKIP the in-tree driver fails it too"
		else if (verdict == "failed")
			failure(full, "in-tree: " (theirs ? theirs : "not run"))
		else if (verdict == "skipped" && theirs != "skipped")
			failure(full, "skipped; in-tree: " (theirs ? theirs : "not run"))
		else if (verdict == "skipped")
			print "ok " ++count " - " full " # SKIP as in-tree:" \
			      substr(reason[name], index(reason[name], "SKIP") + 4)
		else
			print "ok " ++count " - " full
	}
	for (i = 1; i <= intrees; i++) {
		if (!(("ours", intree[i]) in result))
			failure(prefix "/" intree[i], "only in-tree ran it")
	}
	if (code != "0" || !runs["ours"] || runs["ours"] != runs["intree"] ||
	    over["ours"] != runs["ours"] || over["intree"] != runs["intree"])
		failure(prefix, "the run did not end well: " code)
	split("intree ours", drivers, " ")
	for (i = 1; i <= 2; i++) {
		driver = drivers[i]
		printf "# %s %s: %d passed, %d failed, %d skipped\n", prefix, driver,
		       sum[driver, "passed"], sum[driver, "failed"],
		       sum[driver, "skipped"]
	}
	if (sum["ours", "passed"] < sum["intree", "passed"])
		failure(prefix, "fewer passed than in-tree")
	exit bad
}
