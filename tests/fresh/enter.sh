#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# enter.sh ROOT USER COMMAND: run the line COMMAND in a root of root.sh as a login
# shell of USER would, in the folder of the project's clone there if there is one.
# The mounts end with it.
set -eu
root=$(realpath "$1")
shift

# sysfs read-only: it is that of this machine.
# shellcheck disable=SC2016 # for the inner shells
exec unshare --mount --pid --fork --kill-child --propagation private sh -eu -c '
	mount -t proc proc "$1/proc"
	mount --rbind /dev "$1/dev"
	mount -t tmpfs tmpfs "$1/tmp"
	mount -t sysfs -o ro sysfs "$1/sys"
	cd /
	exec chroot "$1" /usr/bin/env -i TERM=dumb su - "$2" -c "$3"
' - "$root" "$@"
