#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/vfio-pci-status against made-up sysfs trees. TAP.
# TEST_SHELL="busybox sh" runs it in another shell.
set -eu
cd "$(dirname "$0")/../.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
sys=$tmp/sys
area=
. tests/lib/tap.sh

# The host's own vfio-pci is of no interest: this modinfo knows that of the test.
mkdir "$tmp/bin"
cat >"$tmp/bin/modinfo" <<'END'
#!/bin/sh
cat "$MODINFO_OUT" 2>/dev/null
END
chmod +x "$tmp/bin/modinfo"
export MODINFO=$tmp/bin/modinfo MODINFO_OUT=$tmp/modinfo

status() {
	rc=0
	# shellcheck disable=SC2086 # a command with arguments
	out=$(${TEST_SHELL:-sh} scripts/vfio-pci-status --sysfs "$sys" "$@" 2>"$tmp/err") || rc=$?
	err=$(cat "$tmp/err")
}

# is WHAT WANTED GOT
is() {
	if [ "$2" = "$3" ]; then result 0 "$1"; else
		echo "# wanted: $2"
		result 1 "$1"
	fi
}

has() {
	case $out in *"$2"*) result 0 "$1" ;; *) echo "# wanted: $2"; result 1 "$1" ;; esac
}

new_sysfs() {
	rm -rf "$sys"
	mkdir -p "$sys/bus/pci/devices" "$sys/bus/pci/drivers" "$sys/module"
}

load() {
	mkdir -p "$sys/bus/pci/drivers/vfio-pci" "$sys/module/vfio_pci"
	echo live >"$sys/module/vfio_pci/initstate"
	touch "$sys"/bus/pci/drivers/vfio-pci/{bind,unbind,new_id,uevent}
	ln -s ../../../../module/vfio_pci "$sys/bus/pci/drivers/vfio-pci/module"
}

load_ours() {
	load
	echo 1.2.3 >"$sys/module/vfio_pci/version"
	echo ABC >"$sys/module/vfio_pci/srcversion"
	echo "igd generic" >"$sys/bus/pci/drivers/vfio-pci/vendor_ops_available"
}

# device BDF VENDOR DEVICE GROUP [OPS LOG]
device() {
	local dir=$sys/devices/pci/$1

	mkdir -p "$dir/vfio_pci"
	echo "0x$2" >"$dir/vendor"
	echo "0x$3" >"$dir/device"
	if [ -n "$4" ]; then
		mkdir -p "$sys/kernel/iommu_groups/$4"
		ln -s "../../../kernel/iommu_groups/$4" "$dir/iommu_group"
	fi
	if [ $# -gt 4 ]; then
		echo "$5" >"$dir/vfio_pci/vendor_ops"
		printf '%s\n' "$6" >"$dir/vfio_pci/vendor_ops_log"
	fi
	ln -s "../../../../devices/pci/$1" "$sys/bus/pci/drivers/vfio-pci/$1"
}

new_sysfs
status
is "exit status 1 when not loaded" 1 "$rc"
has "says so" "vfio-pci: not loaded"
status --json
is "JSON too: exit status" 1 "$rc"
has "JSON too: kind" '"kind": "none"'

load_ours
printf '%s\t%s\n' filename: /m/updates/dkms/vfio-pci.ko version: 1.2.3 srcversion: ABC \
	parm: "vendor_ops:which" >"$MODINFO_OUT"
device 0000:00:02.0 8086 3e92 7 igd 'igd: selected: no Intel LPC bridge at 00:1f.0, so no region for it'
device 0000:00:03.0 8086 5917 12 generic 'igd: declined: ASLS is 0: firmware published no OpRegion
generic: selected'
device 0000:00:04.0 8086 5917 13 generic 'a: disabled
igd: declined: says "no" with a \ and a '$'\t''tab, '$'\x01\xe9''
generic: selected'
device 10000:e1:1f.7 1234 11e8 '' generic 'generic: selected'

status --running
is "one line, of ours" "vfio-pci: with vendor ops, version 1.2.3, loaded; modprobe loads /m/updates/dkms/vfio-pci.ko (with vendor ops, version 1.2.3)" "$out"
is "exit status 0 for ours" 0 "$rc"
status
has "a note in the row of its device" \
	"0000:00:02.0  8086:3e92  7      igd         igd: no Intel LPC bridge at 00:1f.0"
has "a decline in the row of its device" \
	"0000:00:03.0  8086:5917  12     generic     igd: declined: ASLS is 0: firmware"
has "further reasons below" "
                                            igd: declined: says \"no\""
has "wide domain, no group, nothing to tell" "10000:e1:1f.7 1234:11e8  -      generic     -"
is "nothing else" 7 "$(wc -l <<<"$out")"
is "nothing on standard error" "" "$err"

status --json
is "JSON exit status" 0 "$rc"
if command -v python3 >/dev/null; then
	rc=0
	err=$(python3 - "$out" 2>&1 <<'END'
import json, sys
top = json.loads(sys.argv[1])
assert top["driver"]["kind"] == "vendor-ops", top
assert top["driver"]["version"] == "1.2.3", top
assert top["driver"]["vendor_ops_available"] == ["igd", "generic"], top
devs = {d["address"]: d for d in top["devices"]}
assert len(devs) == 4, devs
assert devs["0000:00:02.0"]["iommu_group"] == 7
assert devs["10000:e1:1f.7"]["iommu_group"] is None
assert devs["0000:00:03.0"]["vendor_ops"] == "generic"
log = devs["0000:00:04.0"]["vendor_ops_log"]
assert log == ["a: disabled", 'igd: declined: says "no" with a \\ and a \ttab, \x01\xe9', "generic: selected"], log
END
	) || rc=$?
	result $rc "JSON is valid and complete"
else
	n=$((n + 1))
	echo "ok $n - JSON is valid and complete # SKIP no python3"
fi

echo DEF >"$sys/module/vfio_pci/srcversion"
status --running
has "another build on disk" "not the one loaded: reload vfio-pci or reboot"

# Gone between the listing and the reading.
rm "$sys/devices/pci/0000:00:03.0/vendor"
status
is "a device that vanishes: exit status" 0 "$rc"
is "a device that vanishes: no row, no noise" "6 " "$(wc -l <<<"$out") $err"
rm "$sys/devices/pci/0000:00:02.0/vfio_pci/"*
status
has "no log any more" "0000:00:02.0  8086:3e92  7      -           -"

new_sysfs
load
printf '%s\t%s\n' filename: /m/kernel/drivers/vfio/pci/vfio-pci.ko >"$MODINFO_OUT"
device 0000:00:08.0 1234 11e8 3
status
is "exit status 3 for in-tree" 3 "$rc"
has "in-tree, and what that means" "vfio-pci: in-tree (no vendor ops), loaded; modprobe loads /m/kernel/drivers/vfio/pci/vfio-pci.ko (in-tree)"
has "devices of in-tree" "0000:00:08.0  1234:11e8  3      -           -"
rm "$sys/module/vfio_pci/initstate"
status --running
is "built in" "vfio-pci: built into the kernel (no vendor ops)" "$out"

new_sysfs
load_ours
for ((i = 0; i < 1000; i++)); do
	device "$(printf '0000:%02x:%02x.%x' $((i >> 8)) $(((i >> 3) & 31)) $((i & 7)))" 15b3 101e "$i" \
		generic 'mlx5: declined: firmware without migration'$'\n''generic: selected'
done
start=$(date +%s%N)
status
took=$((($(date +%s%N) - start) / 1000000))
is "a thousand devices" 1002 "$(wc -l <<<"$out")"
slow=0
[ $took -lt 3000 ] || slow=1
result $slow "in less than 3 s"

status --nonsense
is "unknown argument" 2 "$rc"
sys=$tmp/none
status
is "no sysfs" 2 "$rc"
rc=0
out=$(sh scripts/vfio-pci-status -h) || rc=$?
has "help tells the exit statuses" "Exit status:"

finish
