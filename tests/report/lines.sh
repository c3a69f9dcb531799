#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# lines.sh FOLDER: lines of code of each feature of a vendor, without comments and
# empty lines, as ratios to those of mainline's driver, whose source is in FOLDER.
# The services that vendors share here are in the vendors there.
set -eu
cd "$(dirname "$0")/../.."
mainline=$1

code() {
	# shellcheck disable=SC2068 # one file a word
	for file in $@; do
		gcc -fpreprocessed -dD -E -P "$file"
	done | wc -l
}

# "WHAT | FILES OF MAINLINE | OURS", below $mainline and vendor.
while IFS='|' read -r what theirs ours; do
	theirs=$(cd "$mainline" && code $theirs)
	ours=$(cd vendor && code $ours)
	echo "$what $theirs $ours"
done <<'EOF' |
mlx5|mlx5/cmd.c mlx5/cmd.h mlx5/main.c|mlx5/*.[ch]
mlx5-migration||mlx5/command.c mlx5/ids.h mlx5/image.c mlx5/mlx5.c mlx5/vf.h
mlx5-page-log||mlx5/queue.[ch] mlx5/tracker.c
virtio|virtio/*[!d].[ch]|virtio/*.[ch]
virtio-device-parts|virtio/migrate.c|virtio/parts.c
virtio-legacy-io|virtio/legacy_io.c|virtio/legacy.c
nvgrace|nvgrace-gpu/main.c|nvgrace/*.[ch]
igd|vfio_pci_igd.c|igd/*.[ch]
EOF
awk '
	BEGIN { printf "%-24s %10s %10s %7s\n", "lines of code", "mainline", "ours", "ratio" }
	{ printf "%-24s %10s %10d %7s\n", $1, $2 ? $2 : "-", $3, $2 ? sprintf("%.2f", $3 / $2) : "-" }
'
for service in migration/ mem_; do
	printf '%-24s %10s %10d %7s\n' "vfio_pci/$service*" - "$(code vfio_pci/"$service"*)" -
done
