#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check-kernels.sh RELEASE...: the build, the installation and the VMs of the plan,
# on each of these kernels: the one of this system as KVER, the others fetched. The
# real-time and cloud kernels of the same releases are built for, and no more. Two
# jobs at a time. TAP, each name begins with the release of the kernel.
set -eu
cd "$(dirname "$0")/.."
here=${KVER:-$(uname -r)}
out=build/check-kernels
rm -rf "$out"
mkdir -p "$out"

# Where the build tools of a kernel run.
in_root() {
	[ ! -e "build/kernels/$1/.in-root" ] || echo "scripts/in-root.sh build/kernels/$1"
}

# job NAME RELEASE KVER COMMAND...: the TAP of a command, in the end one "not ok"
# if it failed without saying what.
job() {
	local name=$1 release=$2 kver=$3 rc=0

	shift 3
	"$@" </dev/null >"$out/$name.log" 2>&1 || rc=$?
	sed -E "s,^((not )?ok [0-9]+ -) ,\1 $release/," "$out/$name.log" >"$out/$name.tap"
	if [ $rc -ne 0 ] && ! grep -q '^not ok' "$out/$name.tap"; then
		sed -i 's/^/# /' "$out/$name.tap"
		echo "not ok 0 - $release/$name failed: $*" >>"$out/$name.tap"
	fi
}

build() {
	make --no-print-directory -s check-modules KVER="$1" && echo "ok 1 - modules and mocks build"
}

# build_flavour RELEASE FLAVOUR: fetched the first time, only its headers.
build_flavour() {
	local kver

	kver=$(FLAVOUR=$2 scripts/kernel-fetch.sh "$1") &&
		make --no-print-directory -s module KVER="$kver" KCFLAGS=-Werror &&
		echo "ok 1 - $kver builds without a warning"
}
export -f job build build_flavour
export out

# One line a job: NAME RELEASE KVER COMMAND...
queue() {
	xargs -P 2 -d '\n' -I{} bash -c 'job {}'
	printf '%s\n' "$out"/*.tap | sort -V | xargs -d '\n' cat
	rm -f "$out"/*.tap
}

declare -A kvers
for release; do
	case $here in
	"$release" | "$release"[!0-9]*) kvers[$release]=$here ;;
	*)
		echo "# kernel $release"
		kvers[$release]=$(scripts/kernel-fetch.sh "$release" 2>"$out/fetch") || {
			sed 's/^/# /' "$out/fetch"
			echo "not ok 0 - $release: the kernel can not be fetched"
			unset "kvers[$release]"
		} ;;
	esac
done

[ ${#kvers[@]} -gt 0 ] || exit 1

make --no-print-directory -s tests >"$out/tests.log" 2>&1 || {
	sed 's/^/# /' "$out/tests.log"
	echo "not ok 0 - the test programs do not build"
}

for release in "${!kvers[@]}"; do
	echo "build-$release $release ${kvers[$release]} build ${kvers[$release]}"
	for flavour in rt cloud; do
		echo "build-$release-$flavour $release - build_flavour $release $flavour"
	done
done | sort -V | queue

{
	# The longest first.
	echo "install-bookworm all - tests/install/install_test.sh bookworm"
	echo "install-trixie all - tests/install/install_test.sh trixie"
	echo "install-words all - tests/install/words_test.sh"
	echo "fetch-test all - tests/build/fetch_test.sh"
	echo "exports-test all - tests/build/exports_test.sh ${kvers[*]}"
	for release in "${!kvers[@]}"; do
		kver=${kvers[$release]}
		echo "headers-test-$release $release $kver $(in_root "$kver") tests/build/headers_test.sh $kver"
		echo "build-test-$release $release $kver $(in_root "$kver") tests/build/build_test.sh $kver"
	done
	n=0
	while read -r driver programs; do
		n=$((n + 1))
		for release in "${!kvers[@]}"; do
			name=vm-$n-$driver-$release
			echo "$name $release ${kvers[$release]} tests/vm/vmtest.sh -k ${kvers[$release]} -d $driver -o $out/$name $programs"
		done
	done < <(grep -v '^#' tests/vm/plan)
} | queue
