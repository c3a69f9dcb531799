#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# dkms-tree.sh DEST: copy the sources that DKMS builds from into the folder DEST.
# The Makefile there is module.mk: the other targets need files that are not there.
set -eu
cd "$(dirname "$0")/.."
umask 022

mkdir -p "$1/scripts"
cp -r Kbuild dkms.conf include vfio_pci vendor "$1/"
cp module.mk "$1/Makefile"
cp scripts/refresh-initramfs "$1/scripts/"
chmod -R u=rwX,go=rX "$1"
