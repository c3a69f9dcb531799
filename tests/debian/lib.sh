# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the scripts in a VM with a Debian root share: results as TAP on the second
# serial port. $test is the name of the test that runs.
exec 3>/dev/ttyS1
count=0

# result STATUS NAME [WHAT WAS FOUND]
result() {
	local word=ok

	count=$((count + 1))
	[ "$1" -eq 0 ] || word="not ok"
	echo "$word $count - $test: $2" >&3
	[ "$1" -eq 0 ] || printf '%s\n' "${3:-}" | tail -n 20 | sed 's/^/# /' >&3
}

# is NAME WANTED FOUND
is() {
	local bad=0

	[ "$2" = "$3" ] || bad=1
	result $bad "$1" "wanted '$2', found '$3'"
}

# succeeds NAME COMMAND...: its output goes to $out
succeeds() {
	local name=$1 rc=0

	shift
	out=$("$@" 2>&1) || rc=$?
	echo "$out"
	result $rc "$name" "$out"
	return $rc
}

# has NAME WORDS TEXT
has() {
	local bad=0

	grep -qF -- "$2" <<<"$3" || bad=1
	result $bad "$1" "wanted '$2' in: $3"
}

word_of_cmdline() {
	sed -n "s/.*\\b$1=\\([^ ]*\\).*/\\1/p" /proc/cmdline
}

complaints() {
	dmesg | grep -cE 'WARNING:|BUG:|Oops|refcount_t:|Call Trace:|general protection'
}

finish() {
	echo "1..$count" >&3
	exec 3>&-
	sync
}
