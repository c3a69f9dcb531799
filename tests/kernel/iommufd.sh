#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# iommufd.sh: print the name (KVER) of a Debian kernel 6.12 with IOMMUFD, which
# Debian builds none with. Its root is build/iommufd/kernels/KVER.
#
# It is Debian's image. Only what IOMMUFD adds and changes is built, from Debian's
# source of the same version: iommufd, and the modules below drivers/vfio, with
# CONFIG_IOMMUFD=m, CONFIG_VFIO_DEVICE_CDEV=y and CONFIG_IOMMUFD_DRIVER=y. That takes
# 45 s of CPU time, a kernel takes ten minutes. The IOMMU drivers are in the image, so
# they have no log of dirty pages.
set -eu
cd "$(dirname "$0")/../.."
top=$PWD

release=6.12
kver=$(scripts/kernel-fetch.sh $release)
root=$top/build/iommufd/kernels/$kver
headers=$root/usr/src/linux-headers-$kver
source=$root/iommufd
modules=$root/lib/modules/$kver
log=$top/build/iommufd/log

fail() {
	tail -n 20 "$log" >&2
	echo "iommufd.sh: $*" >&2
	exit 1
}

# Of the package whose version the image has.
unpack() {
	local version package folder=$source/deb

	version=$(sed -n 's/.*"[[:space:]]*Debian \(.*\)"/\1/p' "$headers/include/generated/package.h")
	package=linux-source-$release=$version
	mkdir -p "$folder"
	(cd "$folder" &&
	 { apt-get -q download "$package" ||
	   "$top/scripts/apt-suite.sh" bookworm-backports download "$package"; })
	dpkg-deb --fsys-tarfile "$folder"/*.deb |
		tar -xO "./usr/src/linux-source-$release.tar.xz" |
		tar -xJ -C "$source" --strip-components=1 --wildcards \
			'*/drivers/iommu/*.h' '*/drivers/iommu/iommufd' '*/drivers/vfio' \
			'*/lib/interval_tree.c'
	rm -r "$folder"
}

# What modules are built with must say what these are built with.
configure() {
	cat >>"$headers/include/config/auto.conf" <<-END
		CONFIG_IOMMUFD=m
		CONFIG_IOMMUFD_DRIVER=y
		CONFIG_INTERVAL_TREE_SPAN_ITER=y
		CONFIG_VFIO_DEVICE_CDEV=y
	END
	cat >>"$headers/include/generated/autoconf.h" <<-END
		#define CONFIG_IOMMUFD_MODULE 1
		#define CONFIG_IOMMUFD_DRIVER 1
		#define CONFIG_INTERVAL_TREE_SPAN_ITER 1
		#define CONFIG_VFIO_DEVICE_CDEV 1
	END
}

# A kernel with IOMMUFD has two objects in its image: they become part of iommufd. Of
# interval_tree.c it is what the image has not; the rest is there already.
prepare() {
	local folder=$source/drivers/iommu/iommufd name

	sed -i -e 's/^iommufd-y := /&span_iter.o iova_bitmap.o /' -e '/IOMMUFD_DRIVER)/d' "$folder/Makefile"
	{
		printf '#include <linux/%s.h>\n' export module
		printf '#undef EXPORT_SYMBOL_GPL\n#define EXPORT_SYMBOL_GPL(symbol)\n'
		for name in insert remove iter_first iter_next; do
			echo "#define interval_tree_$name iommufd_tree_$name"
		done
		echo '#include "../../../lib/interval_tree.c"'
	} >"$folder/span_iter.c"
	echo "obj-m := drivers/iommu/iommufd/ drivers/vfio/" >"$source/Kbuild"
}

install_modules() {
	local file symvers=$headers/Module.symvers

	rm -rf "$modules/kernel/drivers/vfio"
	(cd "$source" && find drivers -name '*.ko') | while read -r file; do
		mkdir -p "$modules/kernel/$(dirname "$file")"
		strip --strip-debug -o "$modules/kernel/$file" "$source/$file"
	done
	/sbin/depmod -b "$root" "$kver"
	grep -v '	drivers/vfio/' "$symvers" >"$symvers.new"
	sed "s,$source/,," "$source/Module.symvers" >>"$symvers.new"
	mv "$symvers.new" "$symvers"
}

build() {
	rm -rf "$root"
	mkdir -p "$(dirname "$root")"
	cp -a "build/kernels/$kver" "$root"
	mkdir -p "$source"
	unpack
	configure
	prepare
	make -C "$headers" "M=$source" "-j$(nproc)" modules
	install_modules
	rm -rf "$source"
	touch "$root/.iommufd"
}

mkdir -p build/iommufd
exec 9>build/iommufd/.lock
flock 9
if [ ! -e "$root/.iommufd" ]; then
	echo "building IOMMUFD for the kernel $kver" >&2
	# In a shell of its own: set -e counts for nothing before "||".
	set +e
	(set -e; build) >"$log" 2>&1 </dev/null
	rc=$?
	set -e
	[ $rc -eq 0 ] || fail "IOMMUFD for $kver does not build; the last lines of $log are above"
fi
echo "$kver"
