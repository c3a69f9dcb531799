#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Which kernels dkms.conf takes, by the names that distributions give them, and the
# words of each distribution for what is to be installed. TAP.
set -eu
cd "$(dirname "$0")/../.."
. tests/lib/tap.sh
area=install
rc=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# As DKMS reads it, which is in bash, with =~.
takes() {
	bash -c 'kernelver=$1; . ./dkms.conf; [[ $kernelver =~ $BUILD_EXCLUSIVE_KERNEL ]]' - "$1"
}

for kver in 6.1.0-57-amd64 6.1.0-57-rt-amd64 6.1.192 6.1-rc1 6.2.16-20-pve 6.4.0-150700.53.6-default \
	6.5.13-6-pve 6.6.9 6.8.0-52-generic 6.8.12-5-pve 6.8.0-1013-nvidia-64k 6.10.2 6.11.9-zen1-1-zen \
	6.12.117+deb13-cloud-amd64 6.12.0-55.9.1.el10_0.x86_64 6.12.57+deb12-amd64 6.14.0-37-generic \
	6.14.11-4-pve 6.14.0-1015-nvidia-64k 6.17.9-1-pve 6.17.9-arch1-1 6.17.8-300.fc43.x86_64 \
	6.18.34-talos 6.18.5-1-lts 6.19.9 7.0.14-14-pve 7.0.0-14-generic 7.1.3 7.2.12 7.3.4+deb13-amd64 \
	7.3-rc4 7.3.1; do
	out=$kver ok=0
	takes "$kver" || ok=1
	result $ok "dkms.conf takes kernel $kver"
done
for kver in 3.10.0-1160.el7.x86_64 5.10.0-33-amd64 5.14.0-570.12.1.el9_6.x86_64 5.15.0-100-generic 6.0.12 \
	6.0.0-6-amd64 6.20.1 6.100.1 6.120.1 7.4.0 7.4-rc1 7.10.1 7.30 7.31.2-generic 8.0.1 8.1.0-1-pve \
	16.1.0 61.0 67.1.1; do
	out=$kver ok=0
	! takes "$kver" || ok=1
	result $ok "dkms.conf leaves kernel $kver out"
done

# words NAME OS-RELEASE KVER EXPECTED-FOR-HEADERS EXPECTED-FOR-DKMS
words() {
	local ok=0

	printf '%b' "$2" >"$work/os-release"
	out=$(OS_RELEASE=$work/os-release sh -c '. scripts/distribution.sh
		how_to_install headers "$1"; how_to_install dkms' - "$3")
	[ "$out" = "$4"$'\n'"$5" ] || ok=1
	result $ok "$1: how to install headers and dkms"
}

words Debian 'ID=debian\n' 6.1.0-57-amd64 "apt-get install linux-headers-6.1.0-57-amd64" "apt-get install dkms"
words "Proxmox VE" 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\n' 6.17.9-1-pve \
	"apt-get install proxmox-headers-6.17.9-1-pve" "apt-get install dkms"
words Ubuntu 'ID=ubuntu\nID_LIKE=debian\n' 6.14.0-37-generic \
	"apt-get install linux-headers-6.14.0-37-generic" "apt-get install dkms"
words Mint 'ID=linuxmint\nID_LIKE="ubuntu debian"\n' 6.8.0-52-generic \
	"apt-get install linux-headers-6.8.0-52-generic" "apt-get install dkms"
words Fedora 'ID=fedora\n' 6.17.8-300.fc43.x86_64 "dnf install kernel-devel-6.17.8-300.fc43.x86_64" "dnf install dkms"
words Rocky 'ID="rocky"\nID_LIKE="rhel centos fedora"\n' 6.12.0-55.9.1.el10_0.x86_64 \
	"dnf install kernel-devel-6.12.0-55.9.1.el10_0.x86_64" "dnf install dkms"
words SLES 'ID="sles"\nID_LIKE="suse"\n' 6.4.0-150700.53.6-default "zypper install kernel-default-devel" "zypper install dkms"
words Tumbleweed 'ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n' 6.18.5-1-default \
	"zypper install kernel-default-devel" "zypper install dkms"
words Arch 'ID=arch\n' 6.17.9-arch1-1 "pacman -S linux-headers" "pacman -S dkms"
words "Arch, lts" 'ID=arch\n' 6.18.5-1-lts "pacman -S linux-lts-headers" "pacman -S dkms"
words "a distribution of no name" 'ID=acme\n' 6.18.5 \
	"install the headers of kernel 6.18.5 with the package manager of this system" \
	"install dkms with the package manager of this system"

finish
