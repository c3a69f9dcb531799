# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034 # for those who source this
#
# For the tests that run inside a root of Debian: kver is its kernel.

kver=$(basename /lib/modules/*-amd64)
modules=/lib/modules/$kver
name=vfio-pci-vendor-ops
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
intree=$(echo "$modules"/kernel/drivers/vfio/pci/vfio-pci.ko*)
. tests/lib/tap.sh

run() {
	rc=0
	out=$("$@" 2>&1 </dev/null) || rc=$?
}

yes() {
	local what=$1 ok=0

	shift
	"$@" >/dev/null 2>&1 || ok=1
	result $ok "$what"
}

says() {
	grep -qF -- "$1" <<<"$out"
}

# What modprobe would do, and not what a file is called.
loaded_file() {
	/sbin/modprobe -S "$kver" -n -v vfio-pci 2>/dev/null | sed -n 's/^insmod \([^ ]*\).*/\1/p' | tail -n 1
}

is_ours() {
	[ -e "$1" ] && /sbin/modinfo -F parm "$1" | grep -q '^vendor_ops:'
}

ours_loads() {
	is_ours "$(loaded_file)"
}

kernels_loads() {
	[ "$(loaded_file)" = "$intree" ] && [ -e "$intree" ] && ! is_ours "$intree"
}

# one_loads: no state of the host may be without a vfio-pci.
one_loads() {
	ours_loads || kernels_loads
}

# Nothing of this driver is left.
left_nothing() {
	kernels_loads && [ ! -e /var/lib/dkms/$name ] && [ ! -e /usr/src/$name-"$version" ] &&
		[ ! -e "$modules/updates/dkms" ] && [ -z "$(dkms status)" ]
}
