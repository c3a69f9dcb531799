#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# dist.sh OUT: write the source archive OUT/NAME-VERSION.tar.gz and print its path.
#
# The archive holds what git tracks, as it is in the work tree, or, in an unpacked
# archive or without git, every file but those in build/. Its bytes depend on the contents of these
# files and on nothing else: owners, modes, order and times are set, and the time is
# that of the newest entry of debian/changelog.
set -eu -o pipefail
out=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/.."
export LC_ALL=C
unset TAR_OPTIONS GZIP

conf() {
	sed -n "s/^$1=\"\(.*\)\"\$/\1/p" dkms.conf
}

in_git() {
	[ -e .git ] && command -v git >/dev/null
}

files() {
	if in_git; then
		git ls-files -z
	else
		find . \( -path ./build -o -path ./.git \) -prune -o \
			\( -type f -o -type l \) -printf '%P\0'
	fi
}

released() {
	date -d "$(sed -n '/^ -- /{s/.*>  //p;q}' debian/changelog)" +%s
}

name=$(conf PACKAGE_NAME)-$(conf PACKAGE_VERSION)
time=$(released)
archive=$out/$name.tar.gz

if in_git && [ -n "$(git status --porcelain)" ]; then
	echo "dist.sh: the archive has changes that are not committed, and no untracked files" >&2
fi
trap 'rm -f "$archive.new"' EXIT
files | sort -z |
	tar -c --null --no-recursion --verbatim-files-from -T - --format=ustar \
		--transform "s,^,$name/,S" --owner=0 --group=0 --numeric-owner \
		--mode=u=rwX,go=rX --mtime="@$time" |
	gzip -9n >"$archive.new"
mv "$archive.new" "$archive"
echo "$archive"
