#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# in-root.sh ROOT CMD...: run CMD in the same folder, but in a root that
# kernel-fetch.sh made. The project is where it is outside, and so is ROOT.
#
# The mounts are in a namespace that ends with CMD, however that ends: none is
# left behind, even if it is killed.
set -eu
root=$(realpath "$1")
top=$(realpath "$(dirname "$0")/..")
shift

[ "$(id -u)" -eq 0 ] || {
	echo "in-root.sh: only root can change to $root" >&2
	exit 1
}
mkdir -p "$root$top" "$root$root"
# shellcheck disable=SC2016 # for the inner shells
exec unshare --mount --propagation private sh -eu -c '
	root=$1 top=$2
	shift 2
	mount -t proc proc "$root/proc"
	mount --rbind /dev "$root/dev"
	mount --bind "$root" "$root$root"
	mount --bind "$top" "$root$top"
	exec chroot "$root" /usr/bin/env PATH="$PATH" HOME=/root LC_ALL=C.UTF-8 \
		sh -c '\''cd "$1" && shift && exec "$@"'\'' - "$PWD" "$@"
' - "$root" "$top" "$@"
