#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# rpm.sh OUT: build the RPM package from what scripts/dist.sh archives, into the
# folder OUT, and print its path.
set -eu
out=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/.."

archive=$(scripts/dist.sh "$out")
top=$out/rpmbuild

rm -rf "$top" "$out"/*.rpm
# The archive is made on systems that have no dkms package for rpm to find.
rpmbuild -bb --nodeps --define "_topdir $top" --define "_sourcedir $out" \
	--define "_rpmdir $out" --define "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm" \
	packaging/rpm/vfio-pci-vendor-ops-dkms.spec >"$out/build.log" 2>&1 || {
	tail -n 20 "$out/build.log" >&2
	exit 1
}
rm -rf "$top" "$archive"
ls "$out"/*.rpm
