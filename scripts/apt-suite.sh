#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# apt-suite.sh SUITE COMMAND...: apt-get for another suite of Debian, from the
# mirror that this machine uses, with state of its own below build/apt. Nothing
# of the machine's own apt changes.
#
#	scripts/apt-suite.sh trixie-backports download linux-source-7.3
#
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
suite=$1
shift
state=$top/build/apt/$suite

fail() {
	echo "apt-suite.sh: $*" >&2
	exit 1
}

apt() {
	apt-get -q \
		-o Dir::Etc::sourcelist="$state/sources.list" \
		-o Dir::Etc::sourceparts="$state/none" \
		-o Dir::Etc::preferencesparts="$state/none" \
		-o Dir::Etc::preferences=/dev/null \
		-o Dir::State="$state" -o Dir::State::status="$state/status" \
		-o Dir::Cache="$state/cache" -o APT::Sandbox::User=root "$@"
}

if [ ! -e "$state/complete" ]; then
	site=$("$top/scripts/debian-mirror.sh")
	mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/none"
	: >"$state/status"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $suite main" \
		>"$state/sources.list"
	apt update >"$state/log" 2>&1 || {
		tail -n 5 "$state/log" >&2
		fail "no lists of $suite from $site"
	}
	touch "$state/complete"
fi

apt "$@"
