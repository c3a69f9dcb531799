#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the modules leave undefined is looked up in tests/build/exports, which says how
# kernels that Debian has not export it: with a licence and in a namespace that the
# modules may use. What such a kernel has not must be unused in the build for the next
# older or for the next newer KVER. TAP. Usage:
#
#	tests/build/exports_test.sh KVER...
#	tests/build/exports_test.sh make FOLDER KVER... >tests/build/exports.new
#
# The second prints the table anew, from FOLDER with the files KERNEL.xz, in which
# each export of a kernel is a line as its build wrote it. Both need the modules that
# make check-modules built for each KVER.
set -eu
cd "$(dirname "$0")/../.."
table=tests/build/exports
PATH=$PATH:/sbin
mkdir -p build
work=$(mktemp -d "$PWD/build/exports-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
rc=0
# shellcheck disable=SC2034 # for tap.sh
area=exports
# shellcheck source=tests/lib/tap.sh
. tests/lib/tap.sh

modules() {
	find "build/$1" "build/$1/with-all" -maxdepth 1 -name 'vfio-pci*.ko' 2>/dev/null
}

# But for what one of them defines for another, and for the mocks' names.
undefined() {
	modules "$1" | xargs nm | sed -n 's/^ *U //p' | sort -u >"$work/undefined"
	modules "$1" | xargs nm | sed -n 's/^[0-9a-f]* [TDR] //p' | sort -u |
		comm -23 "$work/undefined" - | grep -v '^mock_'
}

# By symbol_get(), but for what the project exports to itself.
late() {
	cat vendor/*/*.c | tr '\n\t' '  ' |
		grep -oE 'VFIO_PCI_PF_SYMBOL\([^,]*, *[a-z0-9_]+\)' |
		sed 's/.*, *\(.*\))/\1/' | sort -u |
		grep -vxFf <(sed -n 's/^EXPORT_SYMBOL[A-Z_]*(\(.*\));/\1/p' vendor/*/*.c)
}

# What only a kernel with CONFIG_IOMMUFD makes undefined, which none of Debian is.
iommufd() {
	grep -ohE '\<vfio_iommufd_physical_[a-z_]+' include/*.h | sort -u
}

# As a column of the table: a, EXPORT_SYMBOL; g, EXPORT_SYMBOL_GPL; the namespace.
column() {
	xz -dc "$1" | awk -v names="$work/names" '
		{
			how = namespace = name = ""
			for (i = 1; i <= NF; i++) {
				if ($i ~ /^EXPORT_SYMBOL/) {
					how = $i == "EXPORT_SYMBOL" ? "a" : "g"
					namespace = i > 1 ? ":" $(i - 1) : ""
				}
				if ($i ~ /^0x/ && name == "")
					name = $(i + 1)
			}
			has[name] = how namespace
		}
		END {
			while ((getline name <names) > 0)
				print name in has ? has[name] : "-"
		}'
}

make_table() {
	local folder=$1 file lists=()

	sed -n '/^#/p; /^differs /p' "$table"
	for file in $(printf '%s\n' "$folder"/*.xz | sort -V); do
		column "$file" >"$work/$(basename "$file" .xz)"
		lists+=("$work/$(basename "$file" .xz)")
	done
	echo "kernel $(printf '%s\n' "${lists[@]##*/}" | tr '\n' ' ')" | sed 's/ $//'
	paste -d ' ' "$work/names" "${lists[@]}"
}

# judge KVER...: a line for each fault.
judge() {
	local kver

	for kver; do
		sed "s/^/$kver /" "$work/used-$kver"
	done | awk -v kvers="$*" -v late="$(late | tr '\n' ' ')" -v iommufd="$(iommufd | tr '\n' ' ')" \
		-v imports="$(for kver; do modules "$kver"; done | xargs -n 1 modinfo -F import_ns | sort -u | tr '\n' ' ')" '
	# 6.12 is newer than 6.2.
	function number(release,   part) {
		split(release, part, /[.+-]/)
		return part[1] * 1000 + part[2]
	}
	FILENAME == "-" { uses[$2, number($1)] = 1; used[$2] = 1; next }
	/^#/ { next }
	$1 == "differs" { differs[$2] = 1; next }
	$1 == "kernel" { for (i = 2; i <= NF; i++) kernel[i] = $i; columns = NF; next }
	{ listed[$1] = 1; for (i = 2; i <= NF; i++) export[$1, i] = $i }
	END {
		count = split(kvers, have, " ")
		split(imports, word, " ")
		for (i in word)
			imported[word[i]] = 1
		split(iommufd, word, " ")
		for (i in word)
			used[word[i]] = 1
		split(late, word, " ")
		for (i in word)
			is_late[word[i]] = used[word[i]] = 1
		for (name in used) {
			if (!(name in listed)) {
				print name " is not in the table: make it anew"
				continue
			}
			for (i = 2; i <= columns; i++)
				look(name, i, export[name, i])
		}
	}
	function look(name, i, how,   at, older, newer, j, n, namespace) {
		at = number(kernel[i])
		if (how == "-" && !(name in differs)) {
			for (j = 1; j <= count; j++) {
				n = number(have[j])
				if (n <= at && (!older || n > older))
					older = n
				if (n >= at && (!newer || n < newer))
					newer = n
			}
			if (older && newer && (name, older) in uses && (name, newer) in uses)
				print kernel[i] " does not export " name
		}
		if (how == "-")
			return
		if (name in is_late && how !~ /^g/)
			print kernel[i] " has " name " not for symbol_get()"
		namespace = how
		if (sub(/^[ag]:/, "", namespace) && !(namespace in imported))
			print kernel[i] " has " name " in the namespace " namespace
	}' - "$table" | sort
}

mode=
[ "${1:-}" != make ] || { mode=table; folder=$2; shift 2; }
for kver; do
	[ -n "$(modules "$kver")" ] || { echo "1..0 # SKIP no modules for kernel $kver"; exit 4; }
	undefined "$kver" >"$work/used-$kver"
done
cat "$work"/used-* <(late) <(iommufd) | sort -u >"$work/names"
[ -z "$mode" ] || { make_table "$folder"; exit; }

out=$(judge "$@")
ok=0
[ -z "$out" ] || ok=1
result $ok "kernels that Debian has not export what the modules use"

# Each kind of fault is found: an export that is withdrawn, for others, not for late use.
finds() {
	local ok=0

	sed -E "$2" "$table" >"$work/table"
	out=$(table=$work/table judge "${kvers[@]}")
	grep -qF -- "$3" <<<"$out" || ok=1
	result $ok "$1"
}
kvers=("$@")
finds "and is missed where it is not exported" \
	'/^vfio_pci_core_enable /s/ g/ -/' "does not export vfio_pci_core_enable"
finds "or in a namespace of others" \
	'/^vfio_pci_core_enable /s/ g/ g:module:kvm/' "has vfio_pci_core_enable in the namespace module:kvm"
finds "or late, and not with EXPORT_SYMBOL_GPL" \
	'/^virtio_pci_admin_mode_set /s/ g/ a/' "has virtio_pci_admin_mode_set not for symbol_get()"
finds "or not in the table" '/^vfio_pci_core_enable /d' "vfio_pci_core_enable is not in the table"
finish
