#!/usr/bin/awk -f
# SPDX-License-Identifier: GPL-2.0-only
#
# What one part of the report printed, as tables: results by program, figures
# ("# figure ..."), and tables of benchmarks as they are.

# A row of a table, in the order in which they came.
function row(table, key) {
	if (!(table in count))
		tables[++table_count] = table
	if (!((table, key) in cell)) {
		key_of[table, ++count[table]] = key
		cell[table, key] = ""
	}
}

function add(table, key, text) {
	row(table, key)
	cell[table, key] = cell[table, key] (cell[table, key] == "" ? "" : ", ") text
}

function result(word, name) {
	row("results", name)
	results[name, word]++
	results["in all", word]++
}

# The "WORD N" pairs from the field FIRST on, added up for KEY.
function outcomes(key, first,    i) {
	row("outcomes of faults", key)
	for (i = first; i < NF; i += 2) {
		if (!((key, $i) in outcome))
			words[key] = words[key] " " $i
		outcome[key, $i] += $(i + 1)
	}
}

/^(not )?ok / {
	word = /^not/ ? "failed" : /# SKIP/ ? "skipped" : "passed"
	sub(/^(not )?ok [0-9]+ (- )?/, "")
	sub(/(:| *# SKIP).*/, "")
	result(word, $0)
	next
}

/^# figure [^ ]+ fault / {
	add("faults injected", $3 " " $6, $5 " " $8)
	outcomes($3, 9)
	next
}

/^# figure [^ ]+ race / {
	add("races: steps that got done, of those tried", $3 " " $5,
	    $6 " " ($9 == "good" ? $10 : 0) "/" $8)
	next
}

/^# figure [^ ]+ random / {
	add("random calls", $3 " " $5, $6 " " $7)
	add("random calls", $3 " " $5, $8 " " $9)
	add("random calls", $3 " " $5, $10 " " $11)
	next
}

/^# figure fuzz / {
	add("fuzzing", $4, $5 " " $6)
	next
}

/^#/ || /^1\.\./ || /^TAP / { next }

/ ratio/ { benchmark = 1 }
benchmark && NF > 2 { lines[++line_count] = $0 }

END {
	if (count["results"])
		row("results", "in all")
	for (i = 1; i <= count["results"]; i++) {
		name = key_of["results", i]
		cell["results", name] = sprintf("%d passed, %d failed, %d skipped", results[name, "passed"],
						results[name, "failed"], results[name, "skipped"])
	}
	for (key in words) {
		n = split(words[key], list, " ")
		for (i = 1; i <= n; i++)
			add("outcomes of faults", key, list[i] " " outcome[key, list[i]])
	}
	for (t = 1; t <= table_count; t++) {
		print "  " tables[t]
		for (i = 1; i <= count[tables[t]]; i++) {
			name = key_of[tables[t], i]
			printf "    %-34s %s\n", name, cell[tables[t], name]
		}
	}
	for (i = 1; i <= line_count; i++)
		print "    " lines[i]
}
