#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: scripts/install.sh install|uninstall [KVER]
#
# install makes DKMS build vfio-pci with vendor ops for kernel KVER (default: the
# running one) and install it where modprobe prefers it to the kernel's own.
# DKMS then does the same for later kernels. uninstall, for all kernels, restores
# the kernel's own, whatever state it finds.
#
# What can not work is refused before anything is changed. What can fail late, the
# build, is done aside: the modules in use are only exchanged for ones that are
# there. When that fails, too, what was installed before is put back.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
action=${1:-}
kver=${2:-$(uname -r)}
PATH=$PATH:/usr/sbin:/sbin
# shellcheck source=scripts/clean-env.sh
. "$top/scripts/clean-env.sh"
# shellcheck source=scripts/distribution.sh
. "$top/scripts/distribution.sh"

dkms_tree=/var/lib/dkms
# On the file system of the trees that it is moved to; a name that DKMS skips.
stage=$dkms_tree/.vfio-pci-vendor-ops

say() {
	printf '%s\n' "$1" >&2
	shift
	[ $# -eq 0 ] || printf '  %s\n' "$@" >&2
}

refuse() {
	reason=$1
	shift
	say "Refused: $reason" "$@"
	exit 1
}

# dkms.conf knows the name, the version, the modules and the range.
conf() {
	sed -n "s/^$1=\"\(.*\)\"\$/\1/p" "$top/dkms.conf"
}

name=$(conf PACKAGE_NAME)
version=$(conf PACKAGE_VERSION)
modules=$(conf 'BUILT_MODULE_NAME\[[0-9]*\]')
source=/usr/src/$name-$version

# The scripts that dkms.conf names leave the initramfs alone: it is refreshed once.
run_dkms() {
	VFIO_PCI_INSTALLER=yes dkms "$@"
}

# module_field KVER FIELD, of the vfio-pci that modprobe would load
module_field() {
	modinfo -k "$1" -F "$2" vfio-pci 2>/dev/null || :
}

# Is what modprobe would load for kernel $1 this driver?
ours_is_first() {
	module_field "$1" parm | grep -q '^vendor_ops:'
}

# The file of module $2 that DKMS has put in place for kernel $1, by any version.
placed() {
	for ko in "/lib/modules/$1/updates/dkms/$2".ko*; do
		[ ! -e "$ko" ] || echo "$ko"
	done
}

# Kernels for which DKMS has this driver, or a file of it is there.
kernels_with_ours() {
	for dir in /lib/modules/*/; do
		k=${dir#/lib/modules/}
		k=${k%/}
		if [ -L "$dkms_tree/$name/kernel-$k-$(uname -m)" ]; then
			echo "$k"
			continue
		fi
		for ko in $(placed "$k" vfio-pci); do
			! modinfo -F parm "$ko" 2>/dev/null | grep -q '^vendor_ops:' || echo "$k"
		done
	done
}

versions() {
	for dir in "$dkms_tree/$name"/*/; do
		dir=${dir%/}
		case $dir in
		*/original_module | */'*') ;;
		*) [ ! -e "$dir/source" ] && [ ! -L "$dir/source" ] || echo "${dir##*/}" ;;
		esac
	done
}

has_headers() {
	[ -e "/lib/modules/$1/build/Makefile" ]
}

#
# What can not work
#

check_builtin() {
	if grep -qs '/vfio-pci\.ko' "/lib/modules/$kver/modules.builtin" ||
		grep -qsx CONFIG_VFIO_PCI=y "/boot/config-$kver"; then
		refuse "kernel $kver has vfio-pci built in, so no module can take its place." \
			"Use a kernel with CONFIG_VFIO_PCI=m, as those of most distributions are, or rebuild this one so."
	fi
}

check_package() {
	for dir in "/usr/src/$name"-*/dkms.conf; do
		[ -e "$dir" ] || continue
		package=$(owner_of "$dir")
		[ -z "$package" ] || refuse "the package $package is installed, and holds $dir." \
			"To leave that one:  $(how_to_remove "$package")" \
			"To upgrade it:      install a newer package"
	done
}

# Of somebody else, and so not to be touched; DKMS would move it away.
check_foreign() {
	file=$(module_field "$kver" filename)
	case $file in
	'' | "/lib/modules/$kver/kernel/"*) return 0 ;;
	esac
	# Only modules.dep knows of it: depmod will mend that.
	[ -e "$file" ] || return 0
	! ours_is_first "$kver" || return 0
	package=$(owner_of "$file")
	refuse "modprobe prefers $file, which is neither the kernel's own nor this driver${package:+, but of the package $package}." \
		"Remove it first, and run depmod."
}

check_initramfs() {
	"$top/scripts/refresh-initramfs" --holding "$@" 2>/dev/null >"$stage/images" || return 0
	while read -r image; do
		[ -w "${image%/*}" ] || refuse "$image holds vfio-pci, and can not be written." \
			"Make ${image%/*} writable: mount -o remount,rw ..., then install again."
	done <"$stage/images"
}

check_install() {
	case $top in
	*[[:space:]]*) refuse "the path '$top' has a space, which Kbuild can not build below." \
		"Move the clone." ;;
	esac
	env | grep -q '^VENDOR_' && refuse "DKMS, which builds for later kernels, too, would not know of VENDOR_...=." \
		"Write to /etc/dkms/$name.conf instead, for example: MAKE[0]=\"make module KVER=\$kernelver KDIR=\$kernel_source_dir VENDOR_IGD=n\""
	printf '%s\n' "$kver" | grep -qE "$(conf BUILD_EXCLUSIVE_KERNEL)" || refuse \
		"kernel $kver is not supported." \
		"Supported are Linux 6.1 to 7.3, of any distribution." \
		"Install one of them, or name it: make install KVER=..."
	[ -d "/lib/modules/$kver" ] || refuse \
		"there are no modules of a kernel $kver in /lib/modules/$kver." \
		"Installed kernels: $(cd /lib/modules 2>/dev/null && echo *)" \
		"Name one of them: make install KVER=..."
	check_builtin
	has_headers "$kver" || refuse "the headers of kernel $kver are missing." \
		"Install them with:  $(how_to_install headers "$kver")" \
		"Or name another kernel: make install KVER=..."
	command -v dkms >/dev/null || refuse "dkms is missing." \
		"Install it with:    $(how_to_install dkms)"
	need_root
	check_package
	check_foreign
}

need_root() {
	[ "$(id -u)" -eq 0 ] || refuse \
		"only root can do that." "Run it with sudo: sudo make $action"
}

#
# Building aside
#

# One at a time; what a killed one left is of no use.
open_stage() {
	mkdir -p "$dkms_tree"
	exec 9>"/run/$name.lock"
	flock -n 9 || {
		echo "Waiting for another installation to end..."
		flock -w 300 9 || refuse "another installation of this driver is running."
	}
	trap 'rm -rf "$stage"' EXIT
	rm -rf "$stage"
	mkdir "$stage" "$stage/tree" "$stage/src" 2>/dev/null ||
		refuse "$dkms_tree can not be written."
}

build() {
	echo "Building $name $version for kernel $1..."
	VFIO_PCI_INSTALLER=yes dkms build "$name/$version" -k "$1" \
		--dkmstree "$stage/tree" --sourcetree "$stage/src" \
		--kernelsourcedir "/lib/modules/$1/build" >"$stage/log" 2>&1 && return 0
	tail -n 15 "$stage/log" >&2
	log=$stage/tree/$name/$version/build/make.log
	if [ -e "$log" ]; then
		kept=$(mktemp "/tmp/$name.XXXXXX.log")
		cp "$log" "$kept"
		tail -n 30 "$log" >&2
	fi
	refuse "DKMS could not build for kernel $1; its log ends above." \
		${kept:+"Whole log: $kept"} "Nothing was changed."
}

check_signature() {
	certificate=$(sed -n 's/^Public certificate (MOK): //p' "$stage/log")
	"$top/scripts/secure-boot-check" ${certificate:+--certificate "$certificate"} "$kver" || {
		say "Nothing was changed."
		exit 1
	}
}

#
# The exchange
#

# Registered by DKMS, but without the sources that it needs to remove it.
mend_source() {
	[ ! -e "$dkms_tree/$name/$1/source/dkms.conf" ] || return 0
	rm -rf "$dkms_tree/$name/$1/source" "${source%-"$version"}-$1"
	"$top/scripts/dkms-tree.sh" "${source%-"$version"}-$1"
	sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$1\"/" "${source%-"$version"}-$1/dkms.conf"
	ln -s "${source%-"$version"}-$1" "$dkms_tree/$name/$1/source"
}

# remove_files KVER: what DKMS puts in place there, whatever is in the files
remove_files() {
	for module in $modules; do
		for ko in $(placed "$1" "$module"); do
			rm -f "$ko"
		done
	done
}

# What DKMS does not know of, though it is this driver's.
remove_leftovers() {
	for k in "$@"; do
		for module in $modules; do
			for ko in $(placed "$k" "$module"); do
				[ "$module" != vfio-pci ] ||
					modinfo -F parm "$ko" 2>/dev/null | grep -q '^vendor_ops:' || continue
				rm -f "$ko"
			done
		done
		rmdir "/lib/modules/$k/updates/dkms" "/lib/modules/$k/updates" 2>/dev/null || :
	done
	# DKMS 3.1 and later move the kernel's own away, and note where from.
	find "$dkms_tree/$name/original_module" -name '*.origin' 2>/dev/null | while read -r origin; do
		file=$(head -n 1 "$origin")
		[ -e "$file" ] || ! [ -d "${file%/*}" ] || mv "${origin%.origin}" "$file"
	done
}

# Takes this driver away, of all kernels, those named in any case.
take_out() {
	# What DKMS has put in place, even if it could not be written whole.
	linked=$(for link in "$dkms_tree/$name"/kernel-*; do
		[ ! -L "$link" ] || { link=${link##*/kernel-}; echo "${link%-*}"; }
	done)
	for v in $(versions); do
		mend_source "$v"
		run_dkms remove "$name/$v" --all >>"$stage/log" 2>&1 || :
		rm -rf "${dkms_tree:?}/$name/$v" "${source%-"$version"}-$v"
	done
	for k in $linked; do
		remove_files "$k"
	done
	remove_leftovers "$@"
	rm -rf "${dkms_tree:?}/$name"
	for dir in /lib/modules/*/modules.dep; do
		dir=${dir%/modules.dep}
		k=${dir##*/}
		case " $* " in
		*" $k "*) depmod -a "$k" ;;
		*) [ -e "$(module_field "$k" filename)" ] || ! grep -q '/vfio-pci\.ko' "$dir/modules.dep" || depmod -a "$k" ;;
		esac
	done
}

# put_in TREE SRC VERSION KVER...: makes DKMS install what was built in TREE, of the
# sources in SRC, for these kernels.
put_in() {
	tree=$1 src=$2 v=$3
	shift 3
	mkdir -p "$dkms_tree/$name/$v/build"
	rm -rf "/usr/src/$name-$v"
	cp -a "$src/$name-$v" /usr/src/ || return 1
	ln -s "/usr/src/$name-$v" "$dkms_tree/$name/$v/source"
	for k in "$@"; do
		cp -a "$tree/$name/$v/$k" "$dkms_tree/$name/$v/" || return 1
		# --force: the kernel's own vfio-pci has no version to compare.
		run_dkms install "$name/$v" -k "$k" --force >>"$stage/log" 2>&1 || return 1
		in_place "$v" "$k" || return 1
	done
	rmdir "$dkms_tree/$name/$v/build" 2>/dev/null || :
}

# Is what modprobe loads what DKMS has built? Not every DKMS looks whether it could
# copy.
in_place() {
	for module in $modules; do
		built=$(echo "$dkms_tree/$name/$1/$2/$(uname -m)/module/$module".ko*)
		[ -e "$built" ] || continue
		file=$(modinfo -k "$2" -n "$module" 2>/dev/null) || return 1
		cmp -s "$built" "$file" || return 1
	done
}

# What was installed before, to put it back.
save_old() {
	for v in $(versions); do
		[ -e "$dkms_tree/$name/$v/source/dkms.conf" ] || continue
		mkdir -p "$stage/old/tree/$name/$v" "$stage/old/src"
		cp -a "$dkms_tree/$name/$v/source/." "$stage/old/src/$name-$v"
		for link in "$dkms_tree/$name"/kernel-*; do
			k=$(readlink "$link") || continue
			[ "${k%%/*}" = "$v" ] || continue
			k=${k#*/}
			cp -a "$dkms_tree/$name/$v/${k%/*}" "$stage/old/tree/$name/$v/"
			echo "${k%/*}" >>"$stage/old/tree/$name/$v.kernels"
		done
	done || refuse "there is no room in $dkms_tree to keep what is installed until the new one is." \
		"Nothing was changed."
}

put_back() {
	say "Going back to what was installed before..."
	# check_foreign has seen nothing of others in their places.
	for k in $all; do
		remove_files "$k"
	done
	# shellcheck disable=SC2086 # one word a kernel
	take_out $all
	for list in "$stage/old/tree/$name"/*.kernels; do
		[ -e "$list" ] || continue
		v=${list##*/}
		v=${v%.kernels}
		# shellcheck disable=SC2046 # one word a kernel
		put_in "$stage/old/tree" "$stage/old/src" "$v" $(cat "$list") ||
			say "$name $v could not be put back; see 'dkms status'."
	done
	# shellcheck disable=SC2086 # one word a kernel
	"$top/scripts/refresh-initramfs" $all || :
}

exchange_failed() {
	tail -n 15 "$stage/log" >&2
	put_back
	for k in $all; do
		say_which "$k" >&2
	done
	refuse "$1" "What DKMS said last is above. Is a disk full? (df /usr /var /boot)" \
		"The system is as it was before; mend that, and install again."
}

# In a session of its own: a kill of make, or of its terminal, does not stop it half way.
exchange() {
	# shellcheck disable=SC2086 # one word a kernel
	take_out $all
	# shellcheck disable=SC2086
	put_in "$stage/tree" "$stage/src" "$version" $new ||
		exchange_failed "DKMS could not install $name $version."
	echo "Looking at the initramfs..."
	# shellcheck disable=SC2086
	"$top/scripts/refresh-initramfs" $all ||
		exchange_failed "the initramfs could not be made anew."
}

#
# What the user is told
#

say_which() {
	which=$(module_field "$1" filename)
	if [ -z "$which" ] || [ ! -e "$which" ]; then
		echo "modprobe finds no vfio-pci for kernel $1: install its package again"
	elif ours_is_first "$1"; then
		echo "modprobe will load $which, with vendor ops, for kernel $1"
	else
		case $which in
		"/lib/modules/$1/kernel/"*) echo "modprobe will load $which, the kernel's own, for kernel $1" ;;
		*) echo "modprobe will load $which, which is neither the kernel's own nor this driver, for kernel $1" ;;
		esac
	fi
}

# A loaded module stays what it is.
warn_if_loaded() {
	state=/sys/module/vfio_pci
	if [ ! -e "$state/initstate" ] || [ "$kver" != "$(uname -r)" ]; then
		return 0
	fi
	loaded=$(cat "$state/srcversion" 2>/dev/null) || loaded=none
	new=$(module_field "$kver" srcversion)
	[ "$loaded" != "$new" ] || return 0

	bound=
	for dev in /sys/bus/pci/drivers/vfio-pci/*:*:*.*; do
		[ ! -e "$dev" ] || bound="$bound ${dev##*/}"
	done
	say "Warning: another vfio-pci is still loaded${bound:+ and drives$bound}." \
		"To change over: stop what uses these devices, then 'rmmod vfio_pci && modprobe vfio-pci', and bind them again; or reboot."
}

#
# The actions
#

do_install() {
	check_install
	open_stage
	check_initramfs "$kver"
	# The kernels that had an older one keep it up to date.
	new=$kver
	all=$(printf '%s\n' "$kver" "$(kernels_with_ours)" | sed '/^$/d' | sort -u)
	for k in $all; do
		[ "$k" != "$kver" ] || continue
		if has_headers "$k"; then
			new="$new $k"
		else
			say "Warning: the headers of kernel $k are missing, so it goes back to its own vfio-pci." \
				"Install them with:  $(how_to_install headers "$k")"
		fi
	done
	"$top/scripts/dkms-tree.sh" "$stage/src/$name-$version"
	for file in mok.key mok.pub; do
		ln -s "$dkms_tree/$file" "$stage/tree/$file"
	done
	VFIO_PCI_INSTALLER=yes dkms add "$name/$version" --dkmstree "$stage/tree" \
		--sourcetree "$stage/src" >"$stage/log" 2>&1 ||
		{ cat "$stage/log" >&2; refuse "DKMS does not take the sources."; }
	for k in $new; do
		build "$k"
	done
	check_signature
	save_old

	echo "Installing..."
	apart
	for k in $all; do
		say_which "$k"
	done
	warn_if_loaded
}

do_uninstall() {
	need_root
	check_package
	all=$(kernels_with_ours)
	if [ -z "$all" ] && [ -z "$(versions)" ]; then
		echo "Nothing is installed."
	else
		command -v dkms >/dev/null || refuse "dkms is missing." \
			"Install it with:    $(how_to_install dkms)"
	fi
	open_stage
	apart
	for k in $all; do
		say_which "$k"
	done
	[ -z "$all" ] || warn_if_loaded
}

# Does the part of the action that must not stop half way in a session of its own,
# so that a kill of make, or of its terminal, does not reach it.
apart() {
	setsid -w sh -c '
		trap "" HUP INT TERM
		exec "$@"' - "$0" "--$action" "$kver" "$all" "${new:-}" || exit
}

# Kernels of which an interrupted installation left modules.dep wrong, too.
remove() {
	# shellcheck disable=SC2086 # one word a kernel
	take_out $all
	"$top/scripts/refresh-initramfs" ||
		refuse "an initramfs still holds this driver." "The module itself is removed."
}

case $action in
install) do_install ;;
uninstall) do_uninstall ;;
--install)
	action=install all=$3 new=$4
	exchange ;;
--uninstall)
	action=uninstall all=$3
	remove ;;
*)
	echo "usage: scripts/install.sh install|uninstall [KVER]" >&2
	exit 2 ;;
esac
