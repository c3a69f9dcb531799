#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: scripts/install.sh install|uninstall [KVER]
#
# install makes DKMS build vfio-pci with vendor ops for kernel KVER (default:
# the running one) and install it where modprobe prefers it to the kernel's own.
# DKMS then does the same for later kernels. What can not work is refused before
# anything is changed. uninstall, for all kernels, restores the kernel's own.
#
# ROOT, for the tests, is prepended to every path of the system.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
root=${ROOT:-}
action=${1:-}
kver=${2:-$(uname -r)}
PATH=$PATH:/usr/sbin:/sbin
# shellcheck source=scripts/clean-env.sh
. "$top/scripts/clean-env.sh"

modules=$root/lib/modules/$kver
dkms_tree=$root/var/lib/dkms
source_tree=$root/usr/src

refuse() {
	echo "Refused: $1" >&2
	shift
	[ $# -eq 0 ] || printf '  %s\n' "$@" >&2
	exit 1
}

# dkms.conf knows the name, the version and the range.
conf() {
	sed -n "s/^$1=\"\(.*\)\"\$/\1/p" "$top/dkms.conf"
}

name=$(conf PACKAGE_NAME)
version=$(conf PACKAGE_VERSION)

run_dkms() {
	dkms "$@" --dkmstree "$dkms_tree" --sourcetree "$source_tree" \
		--installtree "$root/lib/modules"
}

# The last byte of the EFI variable says whether Secure Boot is on.
secure_boot_on() {
	for var in "$root"/sys/firmware/efi/efivars/SecureBoot-*; do
		[ -e "$var" ] || continue
		[ "$(tail -c 1 "$var" | od -An -tu1 | tr -d ' ')" = 1 ] && return 0
	done
	return 1
}

# Sets $key to the certificate that DKMS will sign with.
signing_key() {
	for key in "$dkms_tree/mok.pub" "$root/var/lib/shim-signed/mok/MOK.der"; do
		[ ! -e "$key" ] || return 0
	done
	return 1
}

check_secure_boot() {
	secure_boot_on || return 0
	signing_key || refuse \
		"Secure Boot is on, and there is no key to sign the module with." \
		"Make one with:      openssl req -new -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/CN=DKMS/' -keyout $dkms_tree/mok.key -outform DER -out $dkms_tree/mok.pub" \
		"Enroll it with:     mokutil --import $dkms_tree/mok.pub" \
		"reboot, confirm in the firmware's MOK manager, and install again." \
		"Or turn Secure Boot off in the firmware setup."
	command -v mokutil >/dev/null || {
		echo "Warning: Secure Boot is on, and without mokutil it can not be told whether $key is enrolled." >&2
		return 0
	}
	# It says "... is already enrolled"; its exit status varies by version.
	mokutil --test-key "$key" 2>&1 | grep -q 'already enrolled' || refuse \
		"Secure Boot is on, and the key $key is not enrolled." \
		"Enroll it with:     mokutil --import $key" \
		"reboot, confirm in the firmware's MOK manager, and install again."
}

check_install() {
	printf '%s\n' "$kver" | grep -qE "$(conf BUILD_EXCLUSIVE_KERNEL)" || refuse \
		"kernel $kver is not supported." \
		"Supported are those that dkms.conf allows: $(conf BUILD_EXCLUSIVE_KERNEL)" \
		"Install one of them, or name it: make install KVER=..."
	[ -d "$modules" ] || refuse \
		"there are no modules of a kernel $kver in $modules." \
		"Installed kernels: $(cd "$root/lib/modules" 2>/dev/null && echo *)" \
		"Name one of them: make install KVER=..."

	builtin=false
	if grep -q '/vfio-pci\.ko' "$modules/modules.builtin" 2>/dev/null; then
		builtin=true
	elif grep -qx CONFIG_VFIO_PCI=y "$root/boot/config-$kver" 2>/dev/null; then
		builtin=true
	fi
	! $builtin || refuse \
		"kernel $kver has vfio-pci built in, so no module can take its place." \
		"Use a kernel with CONFIG_VFIO_PCI=m, as Debian's are, or rebuild this one so."

	[ -e "$modules/build/Makefile" ] || refuse \
		"the headers of kernel $kver are missing." \
		"Install them with:  apt-get install linux-headers-$kver"
	check_secure_boot
	command -v dkms >/dev/null || refuse "dkms is missing." \
		"Install it with:    apt-get install dkms"
}

need_root() {
	[ "$(id -u)" -eq 0 ] || [ -n "$root" ] || refuse \
		"only root can do that." "Run it with sudo: sudo make $action"
}

# module_field KVER FIELD, of the vfio-pci that modprobe would load
module_field() {
	modinfo ${root:+-b "$root"} -k "$1" -F "$2" vfio-pci 2>/dev/null || :
}

say_which() {
	which=$(module_field "$1" filename)
	case $which in
	'') echo "modprobe finds no vfio-pci for kernel $1" ;;
	*/updates/*) echo "modprobe will load $which, with vendor ops, for kernel $1" ;;
	*) echo "modprobe will load $which, the kernel's own, for kernel $1" ;;
	esac
}

# A loaded module stays what it is.
warn_if_loaded() {
	state=$root/sys/module/vfio_pci
	if [ -n "$root" ]; then running=$kver; else running=$(uname -r); fi
	if [ ! -e "$state/initstate" ] || [ "$kver" != "$running" ]; then
		return 0
	fi
	loaded=$(cat "$state/srcversion" 2>/dev/null) || loaded=none
	new=$(module_field "$kver" srcversion)
	[ "$loaded" != "$new" ] || return 0

	bound=
	for dev in "$root"/sys/bus/pci/drivers/vfio-pci/*:*:*.*; do
		[ ! -e "$dev" ] || bound="$bound ${dev##*/}"
	done
	echo "Warning: another vfio-pci is still loaded${bound:+ and drives$bound}." >&2
	echo "  To change over: stop what uses these devices, then 'rmmod vfio_pci && modprobe vfio-pci', and bind them again; or reboot." >&2
}

registered() {
	[ -e "$dkms_tree/$name/$1/source" ]
}

remove_version() {
	registered "$1" || return 0
	run_dkms remove "$name/$1" --all --no-depmod -q
	rm -rf "${source_tree:?}/$name-$1"
}

remove_all_versions() {
	for dir in "$dkms_tree/$name"/*/; do
		dir=${dir%/}
		[ ! -e "$dir/source" ] || remove_version "${dir##*/}"
	done
}

# Kernels that have the module, before it is removed.
installed_kernels() {
	for ko in "$root"/lib/modules/*/updates/dkms/vfio-pci.ko*; do
		[ -e "$ko" ] || continue
		ko=${ko%/updates/dkms/*}
		echo "${ko##*/}"
	done
}

finish() {
	depmod -b "${root:-/}" "$1"
	# The initramfs has a copy of its own, if it has one at all.
	"$top/scripts/refresh-initramfs" "$1"
	say_which "$1"
}

do_install() {
	check_install
	need_root
	before=$(installed_kernels)
	remove_all_versions

	mkdir -p "$dkms_tree"
	"$top/scripts/dkms-tree.sh" "$source_tree/$name-$version"
	echo "Building $name $version for kernel $kver..."
	run_dkms add "$name/$version" -q
	# The kernels that had an older one keep it up to date.
	# shellcheck disable=SC2086 # one word a kernel
	for k in $(printf '%s\n' $before "$kver" | sort -u); do
		[ "$k" = "$kver" ] || [ -e "$root/lib/modules/$k/build/Makefile" ] || continue
		# --force: the kernel's own vfio-pci has no version to compare.
		run_dkms install "$name/$version" -k "$k" --force --no-depmod \
			--kernelsourcedir "$root/lib/modules/$k/build" ||
			build_failed "$k"
		finish "$k"
	done
	warn_if_loaded
}

build_failed() {
	log=$dkms_tree/$name/$version/build/make.log
	[ ! -e "$log" ] || tail -n 30 "$log" >&2
	refuse "DKMS could not build or install for kernel $1; its log ends above." \
		"Whole log: $log" \
		"To leave:  scripts/install.sh uninstall"
}

do_uninstall() {
	need_root
	kernels=$(installed_kernels)
	if [ -d "$dkms_tree/$name" ]; then
		command -v dkms >/dev/null || refuse "dkms is missing." \
			"Install it with:    apt-get install dkms"
		remove_all_versions
		rmdir "$dkms_tree/$name" 2>/dev/null || :
	fi
	[ -n "$kernels" ] || echo "Nothing is installed."
	for k in $kernels; do
		finish "$k"
	done
	[ -z "$kernels" ] || warn_if_loaded
}

case $action in
install) do_install ;;
uninstall) do_uninstall ;;
*)
	echo "usage: scripts/install.sh install|uninstall [KVER]" >&2
	exit 2 ;;
esac
