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
# Nor is its configuration.
root=$tmp/root

status() {
	rc=0
	# shellcheck disable=SC2086 # a command with arguments
	out=$(${TEST_SHELL:-sh} scripts/vfio-pci-status --sysfs "$sys" --root "$root" "$@" 2>"$tmp/err") || rc=$?
	err=$(cat "$tmp/err")
}

# is WHAT WANTED GOT
is() {
	if [ "$2" = "$3" ]; then result 0 "$1"; else
		echo "# wanted: $2"
		result 1 "$1"
	fi
}

hasnt() {
	case $out in *"$2"*) echo "# unwanted: $2"; result 1 "$1" ;; *) result 0 "$1" ;; esac
}

has() {
	case $out in *"$2"*) result 0 "$1" ;; *) echo "# wanted: $2"; result 1 "$1" ;; esac
}

new_sysfs() {
	rm -rf "$sys" "$root"
	mkdir -p "$root"
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
	license: GPL parm: "vendor_ops:which" >"$MODINFO_OUT"
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
printf '%s\t%s\n' filename: /m/kernel/drivers/vfio/pci/vfio-pci.ko license: "GPL v2" >"$MODINFO_OUT"
device 0000:00:08.0 1234 11e8 3
status
is "exit status 3 for in-tree" 3 "$rc"
has "in-tree, and what that means" "vfio-pci: in-tree (no vendor ops), loaded; modprobe loads /m/kernel/drivers/vfio/pci/vfio-pci.ko (in-tree)"
has "devices of in-tree" "0000:00:08.0  1234:11e8  3      -           -"

# why WORDS RANGE: with the sources here, and DKMS told of that range of kernels
export VFIO_PCI_SOURCES=$tmp/src
why() {
	mkdir -p "$tmp/src/vfio-pci-vendor-ops-9.9"
	echo "BUILD_EXCLUSIVE_KERNEL=\"$2\"" >"$tmp/src/vfio-pci-vendor-ops-9.9/dkms.conf"
	status --running
	has "in-tree: why: $1" "/vfio-pci.ko (in-tree): $1"
}
why "kernel $(uname -r) is not one of 6.1 to 7.3, which DKMS builds for" "^0\."
if [ -e "/lib/modules/$(uname -r)/build/Makefile" ]; then
	why "DKMS has not built for kernel $(uname -r) yet" .
else
	why "the headers of kernel $(uname -r) are not installed" .
fi
rm -r "$tmp/src"
printf '%s\t%s\n' filename: /m/kernel/drivers/vfio/pci/vfio-pci.ko >"$MODINFO_OUT"
status --running
has "a file that modprobe can not load" "modprobe loads nothing: /m/kernel/drivers/vfio/pci/vfio-pci.ko is missing or broken"
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

# pci_function BDF VENDOR DEVICE GROUP [DRIVER [UNDER]]: in the folder of all functions,
# below the folder UNDER; bound to DRIVER, whose module is of that name.
pci_function() {
	local dir=$sys/devices/pci0000:00${6:+/$6}/$1

	mkdir -p "$dir"
	ln -s "../../../${dir#"$sys"/}" "$sys/bus/pci/devices/$1"
	printf '0x%s\n' "$2" >"$dir/vendor"
	printf '0x%s\n' "$3" >"$dir/device"
	echo "0x${class:-020000}" >"$dir/class"
	echo "(null)" >"$dir/driver_override"
	printf '\x86\x80\x00\x00' >"$dir/config"
	if [ -n "$4" ]; then
		mkdir -p "$sys/kernel/iommu_groups/$4/devices"
		ln -s "$sys/kernel/iommu_groups/$4" "$dir/iommu_group"
		ln -s "$dir" "$sys/kernel/iommu_groups/$4/devices/$1"
	fi
	[ -n "${5-}" ] || return 0
	mkdir -p "$sys/bus/pci/drivers/$5" "$sys/module/${5//-/_}"
	ln -s "$sys/bus/pci/drivers/$5" "$dir/driver"
	ln -s "$dir" "$sys/bus/pci/drivers/$5/$1"
	ln -sfn "$sys/module/${5//-/_}" "$sys/bus/pci/drivers/$5/module"
}

sys=$tmp/sys
dir=$sys/devices/pci0000:00

new_sysfs
load_ours
pci_function 0000:01:00.0 10de 2204 7 nvidia 0000:00:1c.0
pci_function 0000:01:00.1 10de 1aef 7 snd_hda_intel 0000:00:1c.0
pci_function 0000:00:1c.0 8086 7ab8 7 pcieport
status --why 01:00.0
is "something in the way: exit status" 1 "$rc"
has "which function, as it is" "0000:01:00.0, 10de:2204, IOMMU group 7, bound to nvidia"
has "its driver" "  - it is bound to nvidia"
has "the others of its group" "  - nobody can open it while others of IOMMU group 7 have these drivers: 0000:01:00.1 (snd_hda_intel). Unbind"
hasnt "not the ports" pcieport
has "how to bind it" "
  echo 0000:01:00.0 >/sys/bus/pci/devices/0000:01:00.0/driver/unbind
  echo 0000:01:00.0 >/sys/bus/pci/drivers_probe
"
hasnt "what is loaded need not be" "modprobe vfio-pci"
has "and at boot, by its path" "  options vfio-pci devices=0000:00:1c.0/00.0
  softdep nvidia pre: vfio-pci"
is "no noise" "" "$err"
status --why 0000:01:00.0 --json
if command -v python3 >/dev/null; then
	rc=0
	err=$(python3 - "$out" 2>&1 <<'END'
import json, sys
top = json.loads(sys.argv[1])
assert top["address"] == "0000:01:00.0" and top["driver"] == "nvidia" and top["iommu_group"] == 7, top
assert [o["kind"] for o in top["obstacles"]] == ["group", "driver"], top
assert len(top["bind"]) == 3 and top["boot"][0].endswith("00:1c.0/00.0"), top
END
	) || rc=$?
	result $rc "JSON of it is valid and complete"
else
	n=$((n + 1))
	echo "ok $n - JSON of it is valid and complete # SKIP no python3"
fi

status --why 0000:02:00.0
is "no such function: exit status" 1 "$rc"
has "no such function" "there is no such function"
for bad in "" 0 zz:00.0 00:00.8 00:00.0.0 0:0:0:00.0 ../x:0.0; do
	status --why "$bad"
	is "no address: '$bad'" 2 "$rc"
done

pci_function 0000:02:00.0 10de 2204 8 vfio-pci
pci_function 0000:02:00.1 10de 1aef 8
touch "$dir/0000:02:00.1/vfio-dev"
status --why 0000:02:00.0
is "bound: exit status" 0 "$rc"
is "bound: all there is to say" "0000:02:00.0, 10de:2204, IOMMU group 8, bound to vfio-pci
Nothing is in the way." "$out"
status --why 0000:02:00.1
is "not bound, nothing in the way: exit status" 0 "$rc"
has "not bound, nothing in the way" "no driver
Nothing is in the way.
To bind it:
  echo vfio-pci >"
has "no bridge, no path" "devices=0000:02:00.1"

echo mlx5_vfio_pci >"$dir/0000:02:00.1/driver_override"
status --why 0000:02:00.1
has "driver_override" "its driver_override is mlx5_vfio_pci"
printf '\xff\xff\xff\xff' >"$dir/0000:02:00.1/config"
echo D3cold >"$dir/0000:02:00.1/power_state"
status --why 0000:02:00.1
has "a function that does not answer" "it does not answer: its configuration space reads as ones, its power state is D3cold"

pci_function 0000:03:00.0 8086 37c9 9
status --why 0000:03:00.0
has "denylist" "8086:37c9 is on the denylist"
mkdir -p "$sys/module/vfio_pci/parameters"
echo Y >"$sys/module/vfio_pci/parameters/disable_denylist"
status --why 0000:03:00.0
is "denylist out of force" 0 "$rc"
# The same ids as in the driver, by the names that the header of the kernel has.
header=$(printf '%s\n' /usr/src/linux-headers-*/include/linux/pci_ids.h | head -n 1)
if [ -e "$header" ]; then
	rm "$sys/module/vfio_pci/parameters/disable_denylist"
	count=0 missed=
	for id in $(sed -n 's/^\tcase \(PCI_DEVICE_ID_INTEL_[A-Z0-9_]*\):$/\1/p' vfio_pci/denylist.c); do
		count=$((count + 1))
		awk -v id="$id" '$2 == id { print $3 }' "$header" >"$dir/0000:03:00.0/device"
		status --why 0000:03:00.0
		[ $rc -eq 1 ] || missed="$missed $id"
	done
	is "every device of the denylist" "8" "$count$missed"
else
	n=$((n + 1))
	echo "ok $n - every device of the denylist # SKIP no headers"
fi

class=060400 pci_function 0000:04:00.0 1b36 000c 10 pcieport
status --why 0000:04:00.0
has "a bridge" "it is a bridge"
hasnt "no way to bind that" "To bind it"

pci_function 0000:05:00.0 15b3 101d 11 mlx5_core
pci_function 0000:05:00.1 15b3 101e 12
echo 1 >"$dir/0000:05:00.0/sriov_numvfs"
ln -s ../0000:05:00.0 "$dir/0000:05:00.1/physfn"
status --why 0000:05:00.0
has "a PF with VFs" "it has 1 VFs"
status --why 0000:05:00.1
has "a VF" "Note: it is a VF, and its PF 0000:05:00.0 is driven by mlx5_core"
ln -sfn "$sys/bus/pci/drivers/vfio-pci" "$dir/0000:05:00.0/driver"
status --why 0000:05:00.1
has "a VF of a PF bound here" "VF token"
rm "$dir/0000:05:00.0/driver"
status --why 0000:05:00.1
has "a VF of a PF without a driver" "PF 0000:05:00.0 has no driver"

pci_function 0000:06:00.0 10de 2204 ''
status --why 0000:06:00.0
has "an IOMMU, and not in front of it" "is in front of this function"
rm -rf "$sys/kernel/iommu_groups"
mkdir -p "$root/proc"
for maker in "GenuineIntel:intel_iommu=on" "AuthenticAMD:AMD-Vi" "other:in the firmware setup"; do
	printf 'processor\t: 0\nvendor_id\t: %s\nmodel name\t: x y\n' "${maker%:*}" >"$root/proc/cpuinfo"
	status --why 0000:06:00.0
	has "no IOMMU, ${maker%:*}" "no IOMMU translates its DMA, and VFIO needs one. Enable"
	has "no IOMMU, ${maker%:*}, what to do" "${maker#*:}"
done
echo "root=/dev/sda intel_iommu=off quiet" >"$root/proc/cmdline"
status --why 0000:06:00.0
has "no IOMMU, on purpose" "turns it off: take intel_iommu=off out"
mkdir -p "$sys/module/vfio/parameters"
echo Y >"$sys/module/vfio/parameters/enable_unsafe_noiommu_mode"
status --why 0000:06:00.0
is "no-IOMMU mode" 0 "$rc"
has "no-IOMMU mode, what that means" "no-IOMMU mode"

echo "module_blacklist=foo,vfio_pci" >"$root/proc/cmdline"
rm -rf "$sys/bus/pci/drivers/vfio-pci" "$sys/module/vfio_pci"
status --why 0000:06:00.0
has "not loaded" "vfio-pci is not loaded: modprobe vfio-pci"
has "module_blacklist" "can not be loaded"
has "not loaded: how to bind" "To bind it:
  modprobe vfio-pci"
load
status --why 0000:06:00.0
has "the kernel's own" "Note: the vfio-pci of the kernel is loaded"

# Moving over.
new_sysfs
load_ours
{
	printf '%s\t%s\n' filename: /m/updates/dkms/vfio-pci.ko parm: "vendor_ops:which"
	printf 'alias:\t%s\n' 'vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*' 'vfio_pci:v*d*sv*sd*bc*sc*i*'
} >"$MODINFO_OUT"
pci_function 0000:05:00.1 15b3 101e 12 mlx5_vfio_pci
pci_function 0000:05:00.2 15b3 101e 13
echo mlx5_vfio_pci >"$dir/0000:05:00.2/driver_override"
echo mlx5_vfio_pci >"$dir/0000:05:00.1/driver_override"
pci_function 0000:06:00.1 8086 4941 14 qat_vfio_pci
pci_function 0000:07:00.0 10de 2342 15 nvgrace_gpu_vfio_pci
pci_function 0000:08:00.0 1234 11e8 16 acme-vfio-pci
pci_function 0000:09:00.0 1234 11e8 17 vfio-pci
mkdir -p "$root"/etc/{libvirt/qemu/networks,modprobe.d,modules-load.d,initramfs-tools,driverctl.d,udev/rules.d} \
	"$root/usr/lib/modprobe.d"
cat >"$root/etc/libvirt/qemu/a guest.xml" <<'END'
<hostdev mode='subsystem' type='pci' managed='yes'>
  <driver name='vfio' model='mlx5_vfio_pci'/>
</hostdev>
<hostdev mode='subsystem' type='pci' managed='yes'>
  <driver model='vfio-pci'/>
</hostdev>
END
echo '<driver model="mlx5-vfio-pci"/>' >"$root/etc/libvirt/qemu/networks/vfs.xml"
cat >"$root/etc/modprobe.d/vf.conf" <<'END'
# softdep mlx5_core pre: mlx5_vfio_pci
options vfio-pci ids=10de:2204
softdep mlx5_core post: mlx5_vfio_pci mlx5_vfio_pci
install foo /usr/local/bin/setup-vfio-pci
END
echo 'alias vfio_pci:v00008086d* qat_vfio_pci' >"$root/usr/lib/modprobe.d/qat.conf"
echo mlx5-vfio-pci >"$root/etc/modules-load.d/vf.conf"
echo virtio_vfio_pci >"$root/etc/initramfs-tools/modules"
echo mlx5_vfio_pci >"$root/etc/driverctl.d/0000:05:00.2"
echo vfio-pci >"$root/etc/driverctl.d/0000:09:00.0"
echo 'ATTR{driver_override}="mlx5_vfio_pci"' >"$root/etc/udev/rules.d/99.rules"
status
is "moving over: exit status" "0" "$rc"
is "moving over: no noise" "" "$err"
has "a device bound to a variant driver" "  0000:05:00.1 is bound to mlx5_vfio_pci; vfio-pci here can do the same
      with no guest that uses it: driverctl set-override 0000:05:00.1 vfio-pci"
is "which is not named twice" 1 "$(grep -c 0000:05:00.1.is <<<"$out")"
has "one with driver_override" "  0000:05:00.2 has driver_override mlx5_vfio_pci; vfio-pci here can do the same
      echo vfio-pci >/sys/bus/pci/devices/0000:05:00.2/driver_override"
has "a vendor that is not in the table" "  0000:06:00.1 is bound to qat_vfio_pci; vfio-pci here has no vendor for what qat_vfio_pci does: leave it
"
has "one that is not built in" "0000:07:00.0 is bound to nvgrace_gpu_vfio_pci; vfio-pci here is built without nvgrace"
has "a driver that nobody knows" "0000:08:00.0 is bound to acme-vfio-pci; vfio-pci here has no vendor"
has "libvirt" "  /etc/libvirt/qemu/a guest.xml:2 names mlx5_vfio_pci; vfio-pci here can do the same
      virsh edit"
has "a network of libvirt" "/etc/libvirt/qemu/networks/vfs.xml:1 names mlx5-vfio-pci"
has "modprobe.d" "  /etc/modprobe.d/vf.conf:3 names mlx5_vfio_pci"
has "modprobe.d of packages" "/usr/lib/modprobe.d/qat.conf:1 names qat_vfio_pci"
has "modules-load.d" "/etc/modules-load.d/vf.conf:1 names mlx5-vfio-pci"
has "initramfs-tools" "/etc/initramfs-tools/modules:1 names virtio_vfio_pci"
has "driverctl" "  /etc/driverctl.d/0000:05:00.2 names mlx5_vfio_pci; vfio-pci here can do the same
      driverctl set-override 0000:05:00.2 vfio-pci"
has "udev" "/etc/udev/rules.d/99.rules:1 names mlx5_vfio_pci"
is "nothing else" 13 "$(grep -cE ' (is bound to|has driver_override|names) ' <<<"$out")"
status --json
if command -v python3 >/dev/null; then
	rc=0
	err=$(python3 - "$out" 2>&1 <<'END'
import json, sys
moving = json.loads(sys.argv[1])["moving"]
assert len(moving) == 13, moving
kinds = {}
for m in moving:
    kinds.setdefault(m["kind"], []).append(m)
assert {k: len(v) for k, v in kinds.items()} == {"bound": 4, "override": 1, "libvirt": 2, "modprobe": 2,
    "modules": 2, "driverctl": 1, "udev": 1}, kinds
bound = {m["where"]: m for m in kinds["bound"]}
assert bound["0000:05:00.1"]["same"] is True and bound["0000:05:00.1"]["vendor_ops"] == "mlx5", bound
assert bound["0000:06:00.1"]["same"] is False and bound["0000:06:00.1"]["vendor_ops"] is None, bound
END
	) || rc=$?
	result $rc "JSON of all that"
else
	n=$((n + 1))
	echo "ok $n - JSON of all that # SKIP no python3"
fi
status --why 0000:05:00.1
has "of one function" "it is bound to mlx5_vfio_pci; vfio-pci here can do the same"
printf '%s\t%s\n' filename: /m/kernel/drivers/vfio/pci/vfio-pci.ko >"$MODINFO_OUT"
status
has "without vendor ops" "0000:05:00.1 is bound to mlx5_vfio_pci; the vfio-pci that modprobe loads has no vendor ops"

# A thousand VFs with variant drivers are not slow, either.
new_sysfs
load_ours
mkdir -p "$sys"/bus/pci/drivers/mlx5_vfio_pci "$dir"/0000:{0..3}0:{00..31}.{0..7}
for path in "$dir"/0000:*; do
	echo 0x15b3 >"$path/vendor"
	echo 0x101e >"$path/device"
	echo mlx5_vfio_pci >"$path/driver_override"
done
ln -s "$dir"/0000:* "$sys/bus/pci/drivers/mlx5_vfio_pci"
ln -s "$dir"/0000:* "$sys/bus/pci/devices"
start=$(date +%s%N)
status
took=$((($(date +%s%N) - start) / 1000000))
is "a thousand devices to move" 1024 "$(grep -c 'is bound to' <<<"$out")"
[ $took -lt 3000 ]
result $? "in less than 3 s"

finish
