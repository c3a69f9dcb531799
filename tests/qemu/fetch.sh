#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Fetch the QEMU of Debian 12's backports into build/qemu, once, beside that of
# the system, whose libraries do for it. Fails if it can not be had.
set -eu
cd "$(dirname "$0")/../.."

out=$PWD/build/qemu
[ ! -e "$out/complete" ] || exit 0

rm -rf "$out"
mkdir -p "$out/deb"
(cd "$out/deb" && ../../../scripts/apt-suite.sh bookworm-backports download -qq \
	qemu-system-x86 qemu-system-data seabios) >&2
for deb in "$out"/deb/*.deb; do
	dpkg-deb -x "$deb" "$out"
done
rm -rf "$out/deb"
"$out/usr/bin/qemu-system-x86_64" -device igb,help >/dev/null
touch "$out/complete"
