#!/usr/bin/awk -f
# SPDX-License-Identifier: GPL-2.0-only
#
# From lines "bench DRIVER WHAT COST", a table of the costs of this driver as
# ratios to those of another one. Variables: other, its name; limits, as
# "WHAT=RATIO ...".

BEGIN {
	n = split(limits, words, " ")
	for (i = 1; i <= n; i++) {
		split(words[i], pair, "=")
		limit[pair[1]] = pair[2]
	}
	printf "%-24s %10s %10s %7s %7s\n", "what", other, "ours", "ratio", "limit"
}

$1 != "bench" { next }

$2 != "ours" { theirs[$3] = $4; next }

{
	ratio = theirs[$3] ? $4 / theirs[$3] : 0
	printf "%-24s %10d %10d %7.3f %7.2f%s\n", $3, theirs[$3], $4, ratio,
	       limit[$3], (!ratio || ratio > limit[$3] + 0.005) ? "  OVER" : ""
}
