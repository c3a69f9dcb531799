#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# source.sh KVER FOLDER: put mainline's mlx5-vfio-pci as it is in the source that
# Debian packages for KVER into FOLDER, ready to be built there as a module.
set -eu
cd "$(dirname "$0")/../.."

version=$(echo "$1" | sed -E 's/^([0-9]+\.[0-9]+).*/\1/')
folder=$2
tarball=/usr/src/linux-source-$version.tar.xz
[ ! -e "$folder/Kbuild" ] || exit 0
[ -e "$tarball" ] || {
	echo "$tarball is missing: install linux-source-$version" >&2
	exit 1
}

echo "unpacking mlx5-vfio-pci from $tarball" >&2
mkdir -p "$folder"
tar -C "$folder" --strip-components=5 -xf "$tarball" \
	"linux-source-$version/drivers/vfio/pci/mlx5"
rm -f "$folder/Makefile"
sed 's/^ *//' >"$folder/Kbuild" <<EOF
	# SPDX-License-Identifier: GPL-2.0-only
	obj-m := mlx5-vfio-pci.o
	mlx5-vfio-pci-y := main.o cmd.o
EOF
sed -i 's/^\t//' "$folder/Kbuild"
