#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# debian-mirror.sh [SUFFIX]: print where this machine's own apt gets its release
# of Debian from or, as with -security or -updates, the archive beside it.
# Fails if apt has none.
set -eu

suffix=${1:-}
# shellcheck source=/dev/null
here=$(. /etc/os-release && echo "$VERSION_CODENAME")

# shellcheck disable=SC2016 # for apt-get to expand
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
	'Origin: Debian' "Codename: $here$suffix" | head -n 1)
[ -n "$mirror" ] || {
	echo "debian-mirror.sh: apt knows no Debian mirror for $here$suffix: has it one in its sources, and was apt-get update run?" >&2
	exit 1
}
echo "$mirror"
