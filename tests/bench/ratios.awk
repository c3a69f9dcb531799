#!/usr/bin/awk -f
# SPDX-License-Identifier: GPL-2.0-only
#
# From lines "bench DRIVER WHAT COST", a table of the costs of this driver as
# ratios to those of another one. Variables: other, its name; limits, as
# "NAME=RATIO ...": the last whose NAME is in WHAT counts.

function limit_of(what,    i, pair, limit) {
	for (i = 1; i <= n; i++) {
		split(words[i], pair, "=")
		if (index(what, pair[1]))
			limit = pair[2]
	}
	return limit + 0
}

BEGIN {
	n = split(limits, words, " ")
	printf "%-24s %10s %10s %7s %7s\n", "what", other, "ours", "ratio", "limit"
}

$1 != "bench" { next }

$2 != "ours" { theirs[$3] = $4; next }

{
	ratio = theirs[$3] ? $4 / theirs[$3] : 0
	limit = limit_of($3)
	printf "%-24s %10d %10d %7.3f %7.2f%s\n", $3, theirs[$3], $4, ratio,
	       limit, (!ratio || ratio > limit + 0.005) ? "  OVER" : ""
}
