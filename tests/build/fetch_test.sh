#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/kernel-fetch.sh from a mirror made up in a folder, with kernels of no
# content: what it finds where, and that a failure says why and leaves nothing
# behind. Needs no network. TAP. Usage: tests/build/fetch_test.sh
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=/dev/null
here=$(. /etc/os-release && echo "$VERSION_CODENAME")
arch=$(dpkg --print-architecture)
foreign=arm64
[ "$arch" != arm64 ] || foreign=s390x
mkdir -p build
work=$(mktemp -d "$PWD/build/fetch-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
mirror=$work/mirror
store=$work/build/kernels
area=fetch
. tests/lib/tap.sh

# The script takes the folder above it for the project.
mkdir -p "$work/scripts" "$work/bin" "$mirror/pool"
cp scripts/kernel-fetch.sh scripts/debian-mirror.sh "$work/scripts/"

# Only what apt is configured with here, and no signatures.
mkdir -p "$work/apt/lists/partial" "$work/apt/parts"
cat >"$work/apt/conf" <<END
Dir::Etc::sourcelist "$work/apt/sources.list";
Dir::Etc::sourceparts "$work/apt/parts";
Dir::State::lists "$work/apt/lists";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::AllowInsecureRepositories "true";
APT::Get::AllowUnauthenticated "true";
APT::Sandbox::User "root";
END
export APT_CONFIG=$work/apt/conf

# What it is told to do is in $DEBOOTSTRAP.
cat >"$work/bin/debootstrap" <<'END'
#!/bin/sh
while [ $# -gt 3 ]; do shift; done
mkdir -p "$2/usr" "$2/var/cache/apt/archives"
echo "debootstrap of $1"
exec ${DEBOOTSTRAP:-true}
END
chmod +x "$work/bin/debootstrap"
export PATH=$work/bin:$PATH

# package SUITE NAME [FILE]: an empty one, or with FILE; in the environment:
# ARCHITECTURE, where it is not for this one, and DEPENDS, a package.
package() {
	local tree=$work/package for=${ARCHITECTURE:-$arch}
	local deb=pool/$2_1_$for.deb

	rm -rf "$tree"
	mkdir -p "$tree/DEBIAN"
	printf '%s\n' "Package: $2" "Version: 1" "Architecture: $for" \
		${DEPENDS:+"Depends: $DEPENDS"} \
		"Maintainer: nobody <nobody@example.org>" "Description: for a test" \
		>"$tree/DEBIAN/control"
	[ $# -lt 3 ] || install -D /dev/stdin "$tree/$3" <<<"# of $2 for $for"
	dpkg-deb --root-owner-group --build "$tree" "$mirror/$deb" >/dev/null
	{
		cat "$tree/DEBIAN/control"
		printf '%s\n' "Filename: $deb" "Size: $(stat -c %s "$mirror/$deb")" \
			"SHA256: $(sha256sum "$mirror/$deb" | cut -d' ' -f1)" ''
	} >>"$mirror/dists/$1/main/binary-$for/Packages"
}

# foreign_kernel SUITE KVER: for another architecture, with build tools for both
foreign_kernel() {
	local kbuild=linux-kbuild-${2%-*} tool=usr/lib/linux-kbuild/scripts/tool

	ARCHITECTURE=$foreign package "$1" "linux-image-$2-unsigned" "lib/modules/$2/modules.order"
	ARCHITECTURE=$foreign DEPENDS=$kbuild package "$1" "linux-headers-$2" \
		"usr/src/linux-headers-$2/Makefile"
	ARCHITECTURE=$foreign package "$1" busybox-static bin/busybox
	ARCHITECTURE=$foreign package "$1" "$kbuild" "$tool"
	package "$1" "$kbuild" "$tool"
}

# suite CODENAME [KVER...]: with these kernels
suite() {
	local dist=$mirror/dists/$1 codename=$1 kver

	mkdir -p "$dist/main/binary-$arch" "$dist/main/binary-$foreign"
	: >"$dist/main/binary-$arch/Packages"
	: >"$dist/main/binary-$foreign/Packages"
	shift
	for kver; do
		[ "${kver##*-}" = "$arch" ] || {
			foreign_kernel "$codename" "$kver"
			continue
		}
		package "$codename" "linux-image-$kver" "lib/modules/$kver/modules.order"
		package "$codename" "linux-headers-$kver" "usr/src/linux-headers-$kver/Makefile"
	done
	printf '%s\n' "Origin: Debian" "Label: Debian" "Suite: $codename" \
		"Codename: $codename" "Architectures: $arch $foreign" "Components: main" \
		"Date: $(LC_ALL=C date -Ru)" "SHA256:" >"$dist/Release"
	(cd "$dist" && for file in main/binary-*/Packages; do
		echo " $(sha256sum "$file" | cut -d' ' -f1) $(stat -c %s "$file") $file"
	done) >>"$dist/Release"
}

fetch() {
	rc=0
	out=$("$work/scripts/kernel-fetch.sh" "$@" 2>"$work/err") || rc=$?
	err=$(cat "$work/err")
}

# fetches WHAT WANTED KVER [ARCHITECTURE]
fetches() {
	local ok=0

	fetch "$2" "${@:4}"
	[ "$rc" -eq 0 ] && [ "$out" = "$3" ] || ok=1
	[ -e "$store/$3/lib/modules/$3/modules.dep" ] &&
		[ -e "$store/$3/lib/modules/$3/build/Makefile" ] || ok=1
	[ ! -e "$store/.new" ] || ok=1
	result $ok "$1"
}

# fails WHAT WANTED WORDS: nothing is printed, and no kernel is there but the old
fails() {
	local ok=0 before

	before=$(ls "$store" 2>/dev/null || :)
	fetch "$2"
	[ "$rc" -ne 0 ] && [ -z "$out" ] || ok=1
	grep -qF -- "$3" <<<"$err" || ok=1
	[ "$(ls "$store" 2>/dev/null)" = "$before" ] && [ ! -e "$store/.new" ] || ok=1
	result $ok "$1"
}

: >"$work/apt/sources.list"
fails "no mirror in the sources of apt" 9.1 "apt knows no Debian mirror for $here"

other=trixie
[ "$here" != trixie ] || other=bookworm
suite "$here" "9.1.5-1-$arch" "9.1.40-1-$arch" "9.1.9-1-$arch" "9.5.3-1-$foreign"
suite "$here-backports" "9.12.7+b-$arch" "9.12.8+b-rt-$arch" "9.13.1+b-$arch"
suite $other
suite $other-backports "9.30.2+b-$arch" "9.31.1+b-$arch"
echo "deb file:$mirror $here main" >"$work/apt/sources.list"
apt-get update >"$work/log" 2>&1 || cat "$work/log"

fails "a release that no suite has" 9.2 "no kernel 9.2 in bookworm or trixie"
fetches "the newest of the release" 9.1 "9.1.40-1-$arch"
fetches "a kernel by its name" "9.1.5-1-$arch" "9.1.5-1-$arch"
fetches "a release that only the backports have" 9.12 "9.12.7+b-$arch"

FLAVOUR=rt fetch 9.12
ok=0
[ "$rc" -eq 0 ] && [ "$out" = "9.12.8+b-rt-$arch" ] &&
	[ -e "$store/$out/lib/modules/$out/build/Makefile" ] &&
	[ ! -e "$store/$out/lib/modules/$out/modules.order" ] || ok=1
result $ok "the headers of another flavour, and no more"
fetches "and the plain one again" 9.12 "9.12.7+b-$arch"

fetches "a kernel for another architecture" 9.5 "9.5.3-1-$foreign" "$foreign"
root=$store/9.5.3-1-$foreign
ok=0
grep -qx "# of linux-kbuild-9.5.3-1 for $arch" "$root/usr/lib/linux-kbuild/scripts/tool" &&
	grep -qx "# of busybox-static for $foreign" "$root/bin/busybox" || ok=1
result $ok "with build tools that run here, and programs that run there"
fails "that one for this architecture" 9.5 "no kernel 9.5 in bookworm or trixie"

rm "$mirror/pool/linux-headers-9.13.1+b-${arch}_1_$arch.deb"
fails "a package that the mirror lost" 9.13 "can not download the kernel 9.13.1+b-$arch"
suite "$here-backports" "9.13.1+b-$arch"
truncate -s 100 "$mirror/pool/linux-image-9.13.1+b-${arch}_1_$arch.deb"
fails "a package that was cut off" 9.13 "can not download the kernel 9.13.1+b-$arch"
printf 'junk' >"$mirror/pool/linux-image-9.13.1+b-${arch}_1_$arch.deb"
fails "a package that is another file" 9.13 "can not download the kernel 9.13.1+b-$arch"
suite "$here-backports" "9.13.1+b-$arch"
fetches "once the mirror is mended" 9.13 "9.13.1+b-$arch"

if [ "$(id -u)" -eq 0 ]; then
	DEBOOTSTRAP=false fails "debootstrap fails" 9.30 "debootstrap could not set up Debian $other"
	fetches "a release that only another Debian has" 9.30 "9.30.2+b-$arch"
	ok=0
	[ -e "$store/9.30.2+b-$arch/.in-root" ] || ok=1
	result $ok "with a root of that Debian around it"
	DEBOOTSTRAP=false fetches "another one, with the same root" 9.31 "9.31.1+b-$arch"
	ok=0
	[ -e "$store/9.31.1+b-$arch/.in-root" ] &&
		[ ! -e "$store/9.31.1+b-$arch/usr/src/linux-headers-9.30.2+b-$arch" ] || ok=1
	result $ok "and nothing of the first kernel in it"
else
	fails "another Debian without being root" 9.30 "only root can set up"
fi

mv "$mirror" "$mirror.gone"
fetches "what is there, without a mirror" 9.12 "9.12.7+b-$arch"
fails "something else, without a mirror" 9.14 "no kernel 9.14 in bookworm or trixie"
rm -rf "$store"/.apt-*
fails "that the mirror does not answer is told" 9.14 "does not have a Release file"

finish
