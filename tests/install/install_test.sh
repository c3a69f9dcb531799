#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make install and make uninstall, with the real dkms, kmod, initramfs-tools and
# dracut of Debian SUITE, in roots of it. Nothing of the machine changes. TAP.
# Usage: tests/install/install_test.sh SUITE
set -eu
cd "$(dirname "$0")/../.."
suite=$1

[ "$(id -u)" -eq 0 ] || {
	echo "1..0 # SKIP only root can make a root of Debian"
	exit 4
}
tests/install/root.sh "$suite"

store=build/install
rc=0
run() {
	local name=$1 lower=$2

	shift 2
	tests/install/in-overlay.sh ${lower:+-l "$store/$lower"} "$store/$suite" \
		tests/install/"$name" "$suite" "$@" >"$store/$suite-$name.tap" 2>&1 || rc=1
	cat "$store/$suite-$name.tap"
	grep -q '^1\.\.' "$store/$suite-$name.tap" || echo "not ok 0 - install-$suite: $name did not end"
}

run refusals ''
run initramfs-tools "$suite-initramfs-tools"
run dracut "$suite-dracut"
exit $rc
