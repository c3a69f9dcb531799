#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The source archive has the same bytes whoever makes it, and builds; the .deb, the
# .rpm and the package of Arch Linux have the same files. Each is built by the real
# tools; makepkg runs as nobody, for it refuses root. TAP.
# Usage: tests/packages/packages_test.sh [KVER]
set -eu
cd "$(dirname "$0")/../.."
kver=${1:-${KVER:-$(uname -r)}}
unset ARCH CROSS_COMPILE CC LLVM KDIR KVER MAKEFLAGS MFLAGS MAKEOVERRIDES
# For nobody to get there.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
area=packages
rc=0 out=''
# shellcheck source=tests/lib/tap.sh
. tests/lib/tap.sh

run() {
	rc=0
	out=$("$@" 2>&1) || rc=$?
}

ok() {
	result $rc "$1"
}

# same NAME FILE FILE
same() {
	run diff -u "$2" "$3"
	ok "$1"
}

conf() {
	sed -n "s/^$1=\"\(.*\)\"/\1/p" dkms.conf
}

version=$(conf PACKAGE_VERSION)
name=$(conf PACKAGE_NAME)
archive=$name-$version.tar.gz
package=$name-dkms

# dist DIR ENVIRONMENT...: with what the user may have set
dist() {
	local dir=$1

	shift
	run env "$@" "$dir/scripts/dist.sh" "$work/dist-${dir##*/}"
	ok "make dist in ${dir##*/}"
}

same_archive() {
	run cmp "$work/dist-one/$archive" "$work/dist-$1/$archive"
	ok "$2"
}

source_archive() {
	(umask 022 && git clone -q . "$work/one")
	(umask 077 && git clone -q . "$work/other")
	find "$work/other" -path '*/.git' -prune -o -exec touch -h -d 2001-02-03 {} +
	dist "$work/one"
	umask 077
	dist "$work/other" TZ=Asia/Tokyo LC_ALL=C.UTF-8 SOURCE_DATE_EPOCH=1 \
		TAR_OPTIONS=--format=gnu
	umask 022
	same_archive other "another clone, umask, time zone and locale give the same bytes"

	tar -C "$work" -xf "$work/dist-one/$archive"
	dist "$work/$name-$version"
	same_archive "$name-$version" "what was unpacked gives the same bytes"
	run env -C "$work/one" git ls-files
	out=$(diff <(sort <<<"$out") \
		<(tar -tf "$work/dist-one/$archive" | sed "s,^$name-$version/,,;/\/\$/d" | sort)) || rc=1
	ok "it has what git tracks, and nothing else"
	run make -s -C "$work/$name-$version" module "KVER=$kver" BUILD=built
	[ -e "$work/$name-$version/built/vfio-pci.ko" ] || rc=1
	ok "it builds with make module"
}

# contents TREE: a line each file, with what each format has its own way for taken out:
# compression, folders of documents and programs, and the licence.
contents() {
	local file path

	(cd "$1" && find . -type f) | while read -r file; do
		path=$(sed "s,^\./,/,;s,\.gz\$,,;s,/doc/${package}[^/]*/,/doc/$package/,
			s,/changelog\$,/CHANGELOG,;s,^/usr/bin/,/usr/sbin/," <<<"$file")
		case $path in
		*/copyright | */licenses/* | /.[A-Z]*) continue ;;
		esac
		printf '%s %s %s\n' "$path" "$(stat -c %a "$1/$file")" \
			"$(zcat -f "$1/$file" | sha256sum)"
	done | sort
}

build_deb() {
	run scripts/deb.sh "$work/deb"
	ok "make deb"
	dpkg-deb -x "$work/deb/${package}_${version}_all.deb" "$work/deb/tree"
	contents "$work/deb/tree" >"$work/deb.files"
	run dpkg-deb -c "$work/deb/${package}_${version}_all.deb"
	out=$(grep -v ' root/root ' <<<"$out") && rc=1
	ok "the files of the .deb are of root"
}

build_rpm() {
	local file=$work/rpm/$package-$version-1.noarch.rpm

	run scripts/rpm.sh "$work/rpm"
	ok "make rpm"
	mkdir "$work/rpm/tree"
	rpm2cpio "$file" | (cd "$work/rpm/tree" && cpio -idm --quiet)
	contents "$work/rpm/tree" >"$work/rpm.files"
	run rpm -qp --qf '[%{FILEUSERNAME}:%{FILEGROUPNAME}\n]' "$file"
	out=$(grep -vx 'root:root' <<<"$out") && rc=1
	ok "the files of the .rpm are of root"
	same "the .rpm has the files of the .deb" "$work/deb.files" "$work/rpm.files"
	run rpm -qp --qf '%{PREUN}\n%{POSTTRANS}\n' "$file"
	run sh -n <<<"$out"
	ok "the scripts of the .rpm are of sh"
}

build_arch() {
	mkdir "$work/arch" "$work/arch/tree"
	cp packaging/arch/PKGBUILD "$work/arch/"
	scripts/dist.sh "$work/arch" >/dev/null 2>&1
	chown -R 65534:65534 "$work/arch"
	run env -C "$work/arch" HOME="$work/arch" PKGEXT=.pkg.tar SOURCE_DATE_EPOCH=1 \
		setpriv --reuid 65534 --regid 65534 --clear-groups makepkg --nodeps
	ok "makepkg"
	tar -C "$work/arch/tree" -xf "$work/arch/$package-$version-1-any.pkg.tar"
	contents "$work/arch/tree" >"$work/arch.files"
	same "the package of Arch Linux has the files of the .deb" "$work/deb.files" "$work/arch.files"
}

# What DKMS gets: every target of its Makefile works there.
dkms_sources() {
	local tree=$work/deb/tree/usr/src/$name-$version

	run sed -n 's/^\([a-z][a-z-]*\):\([^=].*\)\{0,1\}$/\1/p' "$tree/Makefile"
	[ "$out" = module ] || rc=1
	ok "the Makefile that DKMS gets has one target, module"
	run make -s -C "$tree" module "KVER=$kver" "KDIR=/lib/modules/$kver/build"
	[ -e "$tree/build/$kver/vfio-pci.ko" ] || rc=1
	ok "DKMS's command builds from what the package installs"
}

source_archive
build_deb
build_rpm
build_arch
dkms_sources
finish
