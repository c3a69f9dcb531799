#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# install-files.sh DESTDIR: install the files that every package has, whatever its
# format. SBINDIR is /usr/bin where that is the only folder of programs.
set -eu
cd "$(dirname "$0")/.."
dest=$1
sbin=$dest${SBINDIR:-/usr/sbin}

conf() {
	sed -n "s/^$1=\"\(.*\)\"\$/\1/p" dkms.conf
}

name=$(conf PACKAGE_NAME)
version=$(conf PACKAGE_VERSION)

scripts/dkms-tree.sh "$dest/usr/src/$name-$version"
install -d "$sbin" "$dest/usr/libexec/$name" "$dest/usr/share/man/man8"
install -m 755 scripts/vfio-pci-status "$sbin/"
# debhelper makes all of them executable, what they source, too.
install -m 755 scripts/refresh-initramfs scripts/secure-boot-check scripts/distribution.sh \
	"$dest/usr/libexec/$name/"
install -m 644 scripts/vfio-pci-status.8 "$dest/usr/share/man/man8/"
