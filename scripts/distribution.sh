# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# To be sourced: the words of the distribution at hand for what a user has to
# install. OS_RELEASE names another file than /etc/os-release, for the tests.

# Prints the package manager: by ID, and for derivatives by ID_LIKE.
package_manager() (
	ID='' ID_LIKE=''
	# shellcheck source=/dev/null
	. "${OS_RELEASE:-/etc/os-release}" 2>/dev/null || :
	for id in $ID $ID_LIKE; do
		case $id in
		debian | ubuntu) echo apt; return ;;
		fedora | rhel | centos) echo dnf; return ;;
		opensuse* | suse | sles | sled) echo zypper; return ;;
		arch) echo pacman; return ;;
		esac
	done
)

# Prints the package of the headers of kernel $1: its name tells who built it.
headers_package() {
	case $(package_manager):$1 in
	apt:*-pve) echo "proxmox-headers-$1" ;;
	apt:*) echo "linux-headers-$1" ;;
	dnf:*) echo "kernel-devel-$1" ;;
	zypper:*) echo "kernel-${1##*-}-devel" ;;
	pacman:*-lts) echo linux-lts-headers ;;
	pacman:*-zen*) echo linux-zen-headers ;;
	pacman:*-hardened*) echo linux-hardened-headers ;;
	pacman:*) echo linux-headers ;;
	*) echo "the headers of kernel $1" ;;
	esac
}

# how_to_install headers KVER, or how_to_install PACKAGE
how_to_install() {
	package=$1
	[ "$package" != headers ] || package=$(headers_package "$2")
	case $(package_manager) in
	apt) echo "apt-get install $package" ;;
	dnf) echo "dnf install $package" ;;
	zypper) echo "zypper install $package" ;;
	pacman) echo "pacman -S $package" ;;
	*) echo "install $package with the package manager of this system" ;;
	esac
}

# owner_of PATH: prints the package that the file or folder is from, if any.
owner_of() {
	if command -v dpkg-query >/dev/null; then
		dpkg-query -S "$1" 2>/dev/null | sed -n '1s/:.*//p'
	elif command -v rpm >/dev/null; then
		rpm -qf --queryformat '%{NAME}\n' "$1" 2>/dev/null | head -n 1 || :
	elif command -v pacman >/dev/null; then
		pacman -Qqo "$1" 2>/dev/null || :
	fi
}

# how_to_remove PACKAGE
how_to_remove() {
	case $(package_manager) in
	apt) echo "apt-get remove $1" ;;
	dnf) echo "dnf remove $1" ;;
	zypper) echo "zypper remove $1" ;;
	pacman) echo "pacman -R $1" ;;
	*) echo "remove the package $1" ;;
	esac
}
