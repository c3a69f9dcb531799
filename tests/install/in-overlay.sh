#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# in-overlay.sh [-r | -w CHANGES] [-l CHANGES] ROOT COMMAND...: run COMMAND in a
# root. What it changes goes to the folder CHANGES (-w), into ROOT itself (-r), or
# by default nowhere. -l puts the changes of an earlier run on top of ROOT. The
# project is where it is outside; /sys is empty, so that nothing depends on the
# machine, and nothing of it can be changed.
#
# The mounts are in a namespace that ends with COMMAND.
set -eu
top=$(realpath "$(dirname "$0")/../..")
changes='' lower='' direct=false
while getopts rw:l: option; do
	case $option in
	r) direct=true ;;
	w) changes=$OPTARG ;;
	l) lower=$(realpath "$OPTARG") ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
root=$(realpath "$1")
shift

[ "$(id -u)" -eq 0 ] || {
	echo "in-overlay.sh: only root can change to $root" >&2
	exit 1
}
scratch=$(mktemp -d "$top/build/install/.overlay.XXXXXX")
trap 'rm -rf --one-file-system "$scratch"' EXIT
mkdir "$scratch/root" "$scratch/upper" "$scratch/work"
[ -z "$changes" ] || {
	mkdir -p "$changes"
	changes=$(realpath "$changes")
	mkdir -p "$changes.work"
}
# shellcheck disable=SC2016 # for the inner shells
unshare --mount --pid --fork --propagation private sh -eu -c '
	scratch=$1 root=$2 top=$3 changes=$4 lower=$5 direct=$6
	shift 6
	new=$scratch/root
	if $direct; then
		mount --bind "$root" "$new"
	else
		upper=${changes:-$scratch/upper}
		work=${changes:+$changes.work}
		mount -t overlay -o "lowerdir=${lower:+$lower:}$root,upperdir=$upper,workdir=${work:-$scratch/work}" \
			overlay "$new"
	fi
	mkdir -p "$new$top"
	mount -t proc proc "$new/proc"
	mount -t tmpfs sys "$new/sys"
	mount --rbind /dev "$new/dev"
	mount --bind "$top" "$new$top"
	cp /etc/resolv.conf "$new/etc/resolv.conf" 2>/dev/null || :
	exec chroot "$new" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		LC_ALL=C.UTF-8 sh -c '\''cd "$1" && shift && exec "$@"'\'' - "$PWD" "$@"
' - "$scratch" "$root" "$top" "$changes" "$lower" "$direct" "$@"
[ -z "$changes" ] || rm -rf "$changes.work"
