#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh KVER...: nvgrace_test on the kernel's own variant driver, which is
# built first, in one VM a kernel: it proves the mock, and is the oracle. TAP.
set -eu
cd "$(dirname "$0")/../.."

failed=0
for kver in "$@"; do
	mkdir -p "build/$kver"
	log=build/$kver/mainline.log
	tests/mainline/build.sh "$kver" >"$log" 2>&1 || {
		sed 's/^/# /' "$log"
		echo "not ok 0 - $kver: the variant driver does not build"
		failed=1
		continue
	}
	tests/vm/vmtest.sh -k "$kver" -d mainline -o "build/vm/mainline-$kver" \
		nvgrace_test || failed=1
done
exit $failed
