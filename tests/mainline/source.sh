#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# source.sh KVER FOLDER: put mainline's mlx5-vfio-pci as it is in the source that
# Debian packages for KVER into FOLDER, ready to be built there as a module. The
# source is downloaded where it is not installed. Fails when there is none.
set -eu
cd "$(dirname "$0")/../.."

version=$(echo "$1" | sed -E 's/^([0-9]+\.[0-9]+).*/\1/')
folder=$2
name=linux-source-$version
[ ! -e "$folder/Kbuild" ] || exit 0
rm -rf "$folder"
mkdir -p "$folder/deb"

# Of the suites of this system, or that of the newest kernel.
download() {
	(cd "$folder/deb" && apt-get -q download "$name") ||
	(top=$PWD && cd "$folder/deb" &&
	 "$top/scripts/apt-suite.sh" trixie-backports download "$name")
}

unpack() {
	tar -xJ -C "$folder" --strip-components=5 "$name/drivers/vfio/pci/mlx5"
}

if [ -e "/usr/src/$name.tar.xz" ]; then
	echo "unpacking mlx5-vfio-pci from /usr/src/$name.tar.xz" >&2
	unpack <"/usr/src/$name.tar.xz"
elif download >"$folder/log" 2>&1; then
	echo "unpacking mlx5-vfio-pci from $(basename "$folder"/deb/*.deb)" >&2
	dpkg-deb --fsys-tarfile "$folder"/deb/*.deb |
		tar -xO "./usr/src/$name.tar.xz" | unpack
else
	sed 's/^/  /' "$folder/log" >&2
	echo "no mlx5-vfio-pci: $name is not installed, and not to be had" >&2
	exit 1
fi
rm -rf "$folder/deb"
rm -f "$folder/Makefile"
cat >"$folder/Kbuild" <<EOF
# SPDX-License-Identifier: GPL-2.0-only
obj-m := mlx5-vfio-pci.o
mlx5-vfio-pci-y := main.o cmd.o
EOF
