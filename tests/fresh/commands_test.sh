#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Each command of the documents, and each target of make help, is one line of
# tests/fresh/commands, and each line there is one of these. TAP.
set -eu
cd "$(dirname "$0")/../.."
area=documents
rc=0
. tests/lib/tap.sh

documents=(README)
while read -r file; do documents+=("$file"); done < <(git ls-files 'doc/*')

listed() {
	sed -E '/^#/d; /^$/d' tests/fresh/commands | cut -f 2 | sort -u
}

# Of two sorted lists, what the second has not.
missing() {
	out=$(comm -23 - <(printf '%s\n' "$2") <<<"$1")
	[ -z "$out" ]
}

told=$(tests/fresh/commands.pl --help "${documents[@]}" | sort -u)
# So that a reader of documents that finds nothing can not pass.
out=$told
ok=0
for command in "make run" "make install" "scripts/vfio-pci-status --running" "modinfo -n vfio-pci"; do
	grep -qxF -- "$command" <<<"$told" || ok=1
done
result $ok "the commands are found in ${documents[*]}"

ok=0
missing "$told" "$(listed)" || ok=1
result $ok "each is run, or told what runs it, in tests/fresh/commands"

ok=0
missing "$(listed)" "$told" || ok=1
result $ok "none is listed that no document tells"

out=$(sed -E '/^#/d; /^$/d' tests/fresh/commands |
	grep -vE $'^((root|user|slow|slow-user)(=[0-9]+)?\t[^\t]+(\t[^\t]+)?|elsewhere\t[^\t]+\t[^\t]{15,})$') || :
ok=0
[ -z "$out" ] || ok=1
result $ok "one that is not run has a reason"

out=$(make -s --no-print-directory help)
ok=0
[ "$(grep -c '^  make ' <<<"$out")" -eq "$(cat Makefile ./*.mk | grep -c '^[a-z0-9-]*:.*##')" ] || ok=1
result $ok "make help has each target in a group"
out=$(grep -E '.{101}' <<<"$out") || :
ok=0
[ -z "$out" ] || ok=1
result $ok "make help is at most 100 columns wide"

finish
