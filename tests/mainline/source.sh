#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# source.sh KVER FOLDER: put mainline's variant drivers for mlx5 and NVIDIA Grace,
# as they are in the source that Debian packages for KVER, into FOLDER, ready to be
# built there as modules. The source is downloaded where it is not installed. Fails
# when there is none; 6.1 has no driver for NVIDIA Grace.
set -eu
cd "$(dirname "$0")/../.."

version=$(echo "$1" | sed -E 's/^([0-9]+\.[0-9]+).*/\1/')
folder=$2
name=linux-source-$version
! grep -qs mlx5/main "$folder/Kbuild" || exit 0
rm -rf "$folder"
mkdir -p "$folder/deb"

# Of the suites of this system, or that of the newest kernel.
download() {
	(cd "$folder/deb" && apt-get -q download "$name") ||
	(top=$PWD && cd "$folder/deb" &&
	 "$top/scripts/apt-suite.sh" trixie-backports download "$name")
}

if [ -e "/usr/src/$name.tar.xz" ]; then
	echo "unpacking variant drivers from /usr/src/$name.tar.xz" >&2
	tarball() { cat "/usr/src/$name.tar.xz"; }
elif download >"$folder/log" 2>&1; then
	echo "unpacking variant drivers from $(basename "$folder"/deb/*.deb)" >&2
	tarball() {
		dpkg-deb --fsys-tarfile "$folder"/deb/*.deb |
			tar -xO "./usr/src/$name.tar.xz"
	}
else
	sed 's/^/  /' "$folder/log" >&2
	echo "no variant drivers: $name is not installed, and not to be had" >&2
	exit 1
fi

tarball | tar -xJ -C "$folder" --strip-components=4 "$name/drivers/vfio/pci"
rm -rf "$folder/deb"

# Without the conditions of Kconfig, which leave NVIDIA Grace to arm64.
{
	echo "# SPDX-License-Identifier: GPL-2.0-only"
	echo "obj-m := mlx5-vfio-pci.o"
	echo "mlx5-vfio-pci-y := mlx5/main.o mlx5/cmd.o"
	[ ! -e "$folder/nvgrace-gpu" ] || {
		echo "obj-m += nvgrace-gpu-vfio-pci.o"
		echo "nvgrace-gpu-vfio-pci-y := nvgrace-gpu/main.o"
	}
} >"$folder/Kbuild"
