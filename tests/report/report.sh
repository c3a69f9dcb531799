#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# report.sh [PART]...: run the parts, which are targets of make (all of them), and
# write what they measured as one page to build/report/figures, and to stdout. What
# parts measured before stays in it, with what they were run on. The status is 1 if
# one failed now.
set -u
cd "$(dirname "$0")/../.." || exit

all="check-debug check-debug-long fuzz bench bench-scale bench-memory bench-migration lines"
out=build/report
mkdir -p "$out"
version=$(git describe --always --dirty 2>/dev/null || echo "not from git")
failed=0

run() {
	start=$(date +%s)
	rc=0
	make --no-print-directory -s "$1" >"$out/$1.log" 2>&1 </dev/null || rc=$?
	[ $rc -eq 0 ] || failed=1
	echo "make $1: exit $rc, $((($(date +%s) - start + 59) / 60)) minutes, $version, $(date -u +%F)" >"$out/$1.ran"
}

[ $# -gt 0 ] || set -- $all
for part in "$@"; do
	echo "make $part; $out/$part.log tells how it goes" >&2
	run "$part"
done

{
	echo "vfio-pci with vendor ops $(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf), $version"
	echo "on $(nproc) CPUs, VMs under TCG; benches on ${KVER:-the kernel that make finds}"
	for part in $all; do
		echo
		cat "$out/$part.ran" 2>/dev/null || { echo "make $part: not run"; continue; }
		tests/report/figures.awk "$out/$part.log"
	done
} >"$out/figures"
cat "$out/figures"
exit $failed
