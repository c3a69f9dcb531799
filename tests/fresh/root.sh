#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# root.sh SUITE: make build/fresh/SUITE/pristine, a fresh root of Debian SUITE as
# its installer leaves it, as far as this project can tell: the base system, the
# kernel, and what a user needs to clone a repository. Nothing that the project
# installs is in it. Kept until this file changes. Needs root.
set -eu
cd "$(dirname "$0")/../.."

suite=$1
out=$PWD/build/fresh/$suite
stamp=$(sha256sum <tests/fresh/root.sh)

[ "$(cat "$out/stamp" 2>/dev/null)" != "$stamp" ] || exit 0
fail() {
	echo "root.sh: $*" >&2
	exit 1
}
[ "$(id -u)" -eq 0 ] || fail "only root can make a Debian root"
command -v debootstrap >/dev/null || fail "debootstrap is missing: run scripts/deps.sh kernels"

mirror=$(scripts/debian-mirror.sh)

# Those of the machine, for another release.
sources() {
	local suffix uri

	for suffix in '' -updates -security; do
		uri=$(scripts/debian-mirror.sh "$suffix" 2>/dev/null) || continue
		echo "deb $uri $suite$suffix main"
	done
}

in_pristine() {
	unshare --mount --propagation private sh -eu -c '
		mount -t proc proc "$1/proc"
		mount --rbind /dev "$1/dev"
		exec chroot "$@"' - "$out/pristine" \
		env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"
}

# The kernel that would run if this were a machine; uname can only tell of the
# one that does.
say_which_kernel() {
	local kver

	kver=$(ls "$out/pristine/lib/modules")
	cat >"$out/pristine/usr/local/bin/uname" <<END
#!/bin/sh
[ "\$*" = -r ] || exec /usr/bin/uname "\$@"
echo $kver
END
	chmod +x "$out/pristine/usr/local/bin/uname"
}

make_root() {
	debootstrap --variant=minbase --include=make,git,ca-certificates \
		"$suite" "$out/pristine" "$mirror"
	sources >"$out/pristine/etc/apt/sources.list"
	cp /etc/resolv.conf "$out/pristine/etc/"
	in_pristine apt-get -q update
	in_pristine apt-get -q -y upgrade
	in_pristine apt-get -q -y --no-install-recommends install \
		"linux-image-$(dpkg --print-architecture)" initramfs-tools
	in_pristine apt-get clean
	in_pristine useradd -m -s /bin/bash user
	say_which_kernel
}

mkdir -p "$out"
rm -rf --one-file-system "$out/pristine" "$out/stamp"
echo "# making a root of Debian $suite, once; its log is $out/log" >&2
make_root >"$out/log" 2>&1 || {
	tail -n 20 "$out/log" >&2
	fail "could not make a root of Debian $suite"
}
echo "$stamp" >"$out/stamp"
