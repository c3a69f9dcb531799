#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# readme_test.sh SUITE [FIRST]: what a user types, in a fresh root of Debian SUITE
# and a clone of what is committed: the commands of tests/fresh/commands, then
# other ways to type them. Only commands that match the regular expression FIRST
# are run, if there is one; with QUICK=1 in the environment, none that is slow. TAP; what each printed is below build/fresh/SUITE/out.
# Needs root.
set -eu
cd "$(dirname "$0")/../.."
suite=$1
only=${2:-.}
base=$PWD/build/fresh/$suite
root=$base/root
area=$suite
rc=0
. tests/lib/tap.sh

tests/fresh/root.sh "$suite"
rm -rf --one-file-system "$root" "$base/out"
mkdir -p "$base/out"
cp -a --reflink=auto "$base/pristine" "$root"
kver=$(ls "$root/lib/modules")

# git takes no repository of somebody else.
for user in root user; do
	git clone -q --bare --no-hardlinks . "$root/srv/$user.git"
	chroot "$root" chown -R "$user:" "/srv/$user.git"
	tests/fresh/enter.sh "$root" "$user" "git clone -q /srv/$user.git vfio-pci"
done

# types USER STATUS TEXT COMMAND: sets out; in the clone, whose folder is in dir
dir=vfio-pci
types() {
	local begin=$SECONDS log

	log=$base/out/$((n + 1))
	rc=0
	echo "$1: $4" >"$log"
	tests/fresh/enter.sh "$root" "$1" "cd $dir && $4" </dev/null >>"$log" 2>&1 || rc=$?
	out=$(sed 1d "$log")
	printf '# %s s: %s\n' $((SECONDS - begin)) "$(tail -n 1 <<<"$out")"
	ok=0
	[ "$rc" -eq "$2" ] && grep -qF -- "$3" <<<"$out" || ok=1
	tests_of_it
}

# The tests that it ran itself, as of this one.
tests_of_it() {
	local line word

	while read -r line; do
		case $line in
		"ok "* | "not ok "*)
			word=${line%%ok *}ok
			n=$((n + 1))
			[ "$word" = ok ] || failed=$((failed + 1))
			echo "$word $n - $suite: ${line#*ok * - }" ;;
		"#"*) echo "$line" ;;
		esac
	done < <(grep -E '^((not )?ok [0-9]+|#) ' <<<"$out" | grep -v '^# failed: ')
}

while IFS=$'\t' read -r how command text; do
	[[ $command =~ $only ]] || continue
	status=${how#*=}
	[ "$status" != "$how" ] || status=0
	case ${how%%=*} in
	slow*) [ -z "${QUICK:-}" ] || continue ;;
	esac
	case ${how%%=*} in
	*user) user=user ;;
	*) user=root ;;
	esac
	types "$user" "$status" "${text:-}" "$(sed -E "s/\bKVER\b([^=]|\$)/$kver\1/" <<<"$command")"
	result $ok "$command, as $user"
done < <(grep -E '^(root|user|slow)' tests/fresh/commands)

# variation NAME USER STATUS TEXT COMMAND
variation() {
	[[ $1 =~ $only ]] || return 0
	types "${@:2}"
	result $ok "$1"
}

# An outer make, with all that it hands down to those below it.
cat >"$root/root/outer.mk" <<'END'
all:
	+$(MAKE) -C /root/vfio-pci $(GOALS)
END
outer="CFLAGS=-O1 make -j2 -f /root/outer.mk"
ours="with vendor ops, for kernel $kver"

variation "make -C from another folder" root 0 "" "cd / && make -C /root/vfio-pci module"
[ -n "${QUICK:-}" ] || {
	variation "make -j2" root 0 "" "make clean && make -j2"
	variation "make -k -w -j2 install" root 0 "$ours" "make -k -w -j2 install"
	variation "make run below an outer make" root 0 "demo: all as it should be" "$outer GOALS=run"
}
variation "make install below an outer make" root 0 "$ours" "$outer GOALS=install"
variation "make deb below an outer make" root 0 "_all.deb" "$outer GOALS=deb"
variation "make uninstall with MAKEFLAGS and MAKELEVEL of another" root 0 \
	"the kernel's own, for kernel $kver" "MAKEFLAGS=w MAKELEVEL=2 MFLAGS=-w make uninstall"
variation "make install, not as root" user 2 "Run it with sudo" "make install"
variation "make uninstall, not as root" user 2 "Run it with sudo" "make uninstall"

# A folder whose name Kbuild can not take.
tests/fresh/enter.sh "$root" root "git clone -q /srv/root.git 'my src'"
dir="'my src'"
for goal in all run check install; do
	variation "make $goal in a path with a space" root 2 "has a space or a colon in it" "make $goal"
done

finish
