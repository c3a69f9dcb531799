#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh KVER...: the kernel's own VFIO selftests in one VM a kernel, on the
# in-tree driver and on ours, as TAP: the results of ours are judged by those of
# the in-tree driver in the same VM.
set -eu
cd "$(dirname "$0")/../.."

top=$PWD
tools=$top/build/selftests

# The suite has a driver for igb, which the QEMU of Debian 12 has not.
if tests/qemu/fetch.sh; then
	qemu=$top/build/qemu/usr
	share=$qemu/share
	export VMTEST_BINARY="$qemu/bin/qemu-system-x86_64
		-L $share/qemu -L $share/seabios -L /usr/lib/ipxe/qemu"
	igb="-netdev hubport,id=hub,hubid=0 -device igb,addr=d.0,netdev=hub"
else
	echo "# no QEMU with igb could be fetched: without it"
	igb=
fi
export VMTEST_QEMU="-m 4G -cpu qemu64,+pdpe1gb $igb"
export VMTEST_APPEND="hugepagesz=1G hugepages=1"
export VMTEST_FILES="$tools/programs"

failed=0
for kver in "$@"; do
	out=build/vm/selftests-$kver
	mkdir -p "$out"
	start=$(date +%s)
	tests/vm/vmtest.sh -k "$kver" -t 1200 -o "$out" -r selftests-run |
	tr -d '\r' >"$out/log"
	echo "# $kver: $(cat "$tools/source/name"), $(($(date +%s) - start)) s"
	tests/selftests/judge.awk -v prefix="selftests/$kver" "$out/log" || {
		failed=1
		tail -n 40 "$out/console" "$out/qemu" | sed 's/^/# /'
	}
done
exit $failed
