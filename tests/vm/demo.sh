#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# demo.sh -k KVER: boot a VM and show the driver at its main job.
set -eu
cd "$(dirname "$0")/../.."

mkdir -p build/vm
echo "booting a VM"
tests/vm/vmtest.sh "$@" -o build/vm/demo -r demo | tr -d '\r' |
tee build/vm/demo.log | grep -v '^# '
grep -q '^# exit demo 0$' build/vm/demo.log && exit 0
tail -n 40 build/vm/demo/console
exit 1
