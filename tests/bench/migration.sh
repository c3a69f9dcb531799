#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# migration.sh -k KVER: saving and loading with this driver as ratios to those of
# mainline's, both in one boot, beside the limits. Times are without what the
# firmware of the mock takes. The firmware takes a record of a stream as a whole, so
# loading needs memory for the largest; each driver loads what it has saved.
set -eu
cd "$(dirname "$0")/../.."
. tests/bench/counted.sh

counted migration-bench "$2" migration_bench -m 5G
tests/bench/ratios.awk -v other=mainline \
	-v limits="save=0.67 load=0.67 bind=1.0 peak=0.5" "$out/log"
