#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-source.sh FOLDER STRIP PATH...: unpack these files of the kernel source
# that the package linux-source brings, below FOLDER, without the first STRIP
# components of their paths. PATH begins below the top of the source.
#
# Without arguments: print the tarball.
set -eu

fail() {
	echo "kernel-source.sh: $*" >&2
	exit 1
}

# The release's own source: linux-source depends on it. Else the newest installed.
tarball() {
	name=$(dpkg-query -W -f '${Depends}' linux-source 2>/dev/null |
		grep -o 'linux-source-[0-9.]*[0-9]' | head -n 1) || :
	for file in "/usr/src/$name".tar.* $(printf '%s\n' /usr/src/linux-source-*.tar.* | sort -rV); do
		[ ! -e "$file" ] || { echo "$file"; return 0; }
	done
	return 1
}

file=$(tarball) || fail "no kernel source in /usr/src: run scripts/deps.sh vm lint"
[ $# -gt 0 ] || { echo "$file"; exit 0; }

folder=$1
strip=$2
shift 2
top=$(basename "$file")
top=${top%.tar.*}
for path in "$@"; do
	set -- "$@" "$top/$path"
	shift
done
mkdir -p "$folder"
echo "# unpacking $file, once"
# Fails if one is not there.
tar -C "$folder" --strip-components="$strip" --occurrence -xf "$file" "$@"
