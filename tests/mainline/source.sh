#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# source.sh KVER FOLDER: put mainline's variant drivers for mlx5, NVIDIA Grace and
# virtio, as they are in the source that Debian packages for KVER, into FOLDER, ready
# to be built there as modules. The source is downloaded where it is not installed.
# Fails when there is none; 6.1 has that for mlx5 alone.
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

# With the configuration that builds all that they have, also NVIDIA Grace, which
# Kconfig leaves to arm64.
cat >"$folder/Kbuild" <<EOF
# SPDX-License-Identifier: GPL-2.0-only
export CONFIG_MLX5_VFIO_PCI := m
export CONFIG_NVGRACE_GPU_VFIO_PCI := m
export CONFIG_VIRTIO_VFIO_PCI := m
export CONFIG_VIRTIO_VFIO_PCI_ADMIN_LEGACY := y
subdir-ccflags-y += -DCONFIG_VIRTIO_VFIO_PCI_ADMIN_LEGACY=1
obj-m += \$(foreach vendor,mlx5 nvgrace-gpu virtio,\$(if \$(wildcard \$(src)/\$(vendor)),\$(vendor)/))
EOF
