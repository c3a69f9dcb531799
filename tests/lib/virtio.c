// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mock of virtio PFs, with their VFs in an IOMMU group of their own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "migration.h"

#define BAR_SIZE	0x10000
#define STATE_AT	0x1000
/* Two vectors: the table at 800, the pending bits at c00 of BAR 2. */
#define MSIX		"11 010002080000020c0000 00c00000000000000000"

static const struct bed_pf network = {
	.module		= "virtio_pci_mock",
	.bus		= "virtio",
	.parent		= BED_PARENT,
	.vf_parent	= BED_PARENT_2,
	.vendor		= 0x1af4,
	.device		= 0x1041,
	.class		= 0x020000,
	.vf_device	= 0x1041,
	.vf_bar		= 2,
	.vf_bar_size	= BAR_SIZE,
	.vf_capability	= MSIX,
};

static char pf[32];

/* The name of the driver under test. */
const char *bed_virtio_driver(void)
{
	return bed_mainline() ? "virtio_vfio_pci" : "vfio-pci";
}

/* For programs that have nothing to test without the vendor. */
void bed_virtio_need(void)
{
	const char *reason = NULL;

	if (bed_run("modprobe virtio_pci_mock"))
		reason = "no mock of virtio_pci was built";
	else if (!bed_mainline() && !bed_ours_all())
		reason = "this build knows virtio_pci, and not the mock of it";
	else if (bed_mainline() && bed_run("modprobe virtio-vfio-pci"))
		reason = "this kernel's source has no virtio-vfio-pci";
	if (!reason)
		return;
	printf("TAP version 13\n1..0 # SKIP %s\n", reason);
	exit(4);
}

const char *bed_virtio_pf(void)
{
	return pf;
}

const char *bed_virtio_vf(unsigned int vf)
{
	return bed_pf_vf(pf, vf);
}

long bed_virtio_stat(const char *name)
{
	return bed_pf_stat(pf, name);
}

static void set_up(void)
{
	bed_must(bed_virtio_knob("clear", "1"), "clear the knobs");
	bed_must(bed_virtio_knob("extra", "0 0 0"), "size of VF 0");
	bed_must(bed_virtio_knob("extra", "1 0 0"), "size of VF 1");
	bed_must(bed_virtio_knob("caps", "1 0 2 %d", VIRTIO_NOTIFY_AT),
		 "what the PF has");
}

/* Idempotent: the bus stays for the next test. */
void bed_virtio_begin(void)
{
	bed_pf_begin(&network, pf, sizeof(pf));
	set_up();
}

/* Beside the network device, until that begins again. */
void bed_virtio_begin_block(void)
{
	struct bed_pf block = bed_pf_elsewhere(&network, "block");

	block.device = 0x1042;
	block.class = 0x010000;
	block.vf_device = 0x1042;
	bed_pf_add(&block, pf, sizeof(pf));
	set_up();
}

/* What a driver of the device would have done to it. */
void bed_virtio_fill(struct bed_device *dev, uint32_t seed)
{
	struct vfio_region_info region;
	uint16_t command = 2;
	uint32_t words[1024];
	size_t at, i;

	bed_must(bed_region(dev, VFIO_PCI_CONFIG_REGION_INDEX, &region), "region");
	bed_pwrite(dev, &command, 2, region.offset + 4);
	bed_must(bed_region(dev, VFIO_PCI_BAR2_REGION_INDEX, &region), "region");
	for (at = 0; at < VIRTIO_STATE_SIZE; at += sizeof(words)) {
		for (i = 0; i < 1024; i++)
			words[i] = (seed + at + i) * 2654435761u;
		if (bed_pwrite(dev, words, sizeof(words),
			       region.offset + STATE_AT + at) != sizeof(words))
			bed_must(-EIO, "write the state");
	}
}
