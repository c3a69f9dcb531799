// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mock of a ConnectX, with its VFs in an IOMMU group of their own. The PF
 * uses the kernel's DMA addresses, translated.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "migration.h"

#define BAR_SIZE	0x10000
#define PAGE		4096

const struct bed_pf bed_mlx5_model = {
	.module		= "mlx5_core",
	.bus		= "mlx5",
	.parent		= BED_PARENT,
	.vf_parent	= BED_PARENT_2,
	.vendor		= 0x15b3,
	.device		= 0x101d,
	.class		= 0x020000,
	.vf_device	= 0x101e,
	.vf_bar		= 0,
	.vf_bar_size	= BAR_SIZE,
};

static char pf[32];

/* The name of the driver under test. */
const char *bed_mlx5_driver(void)
{
	return bed_mainline() ? "mlx5_vfio_pci" : "vfio-pci";
}

/* For programs that have nothing to test without a driver that migrates. */
void bed_mlx5_need(void)
{
	const char *reason = NULL;

	if (bed_mainline() ? bed_run("modprobe mlx5-vfio-pci") :
			     bed_run("modprobe mlx5_core"))
		reason = "no driver for the mock was built";
	else if (!bed_mainline() && !bed_ours())
		reason = "vfio-pci of the kernel migrates nothing";
	else if (bed_ours() && !bed_ours_all())
		reason = "vfio-pci was built without mlx5";
	if (!reason)
		return;
	printf("TAP version 13\n1..0 # SKIP %s\n", reason);
	exit(4);
}

const char *bed_mlx5_pf(void)
{
	return pf;
}

const char *bed_mlx5_vf(unsigned int vf)
{
	return bed_pf_vf(pf, vf);
}

long bed_mlx5_stat(const char *name)
{
	return bed_pf_stat(pf, name);
}

/* Idempotent: the bus stays for the next test. */
void bed_mlx5_begin(void)
{
	bed_pf_begin(&bed_mlx5_model, pf, sizeof(pf));
	bed_must(bed_mlx5_knob("clear", "1"), "clear the knobs");
	bed_must(bed_mlx5_knob("state_size", "0 0"), "size of VF 0");
	bed_must(bed_mlx5_knob("state_size", "1 0"), "size of VF 1");
}

int bed_mlx5_bind(unsigned int vf, const char *driver)
{
	return bed_pf_bind_vf(bed_mlx5_vf(vf), driver);
}

void bed_mlx5_unbind(unsigned int vf)
{
	bed_pf_unbind_vf(bed_mlx5_vf(vf));
}

int bed_mlx5_open(struct bed_device *dev, unsigned int vf)
{
	return bed_open(dev, bed_mlx5_vf(vf));
}

int bed_mlx5_open_more(struct bed_device *dev, const struct bed_device *first,
		       unsigned int vf)
{
	return bed_open_more(dev, first, bed_mlx5_vf(vf));
}

volatile uint8_t *bed_mlx5_map(struct bed_device *dev)
{
	struct vfio_region_info region;
	uint16_t command = 6;
	void *bar;

	if (bed_region(dev, VFIO_PCI_CONFIG_REGION_INDEX, &region) ||
	    bed_pwrite(dev, &command, 2, region.offset + 4) != 2)
		return NULL;
	if (bed_region(dev, VFIO_PCI_BAR0_REGION_INDEX, &region))
		return NULL;
	bar = mmap(NULL, BAR_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, dev->fd,
		   region.offset);
	return bar == MAP_FAILED ? NULL : bar;
}

static uint32_t pattern(uint32_t seed, size_t word)
{
	return (seed + word) * 2654435761u;
}

void bed_mlx5_fill(volatile uint8_t *bar, uint32_t seed)
{
	volatile uint32_t *words = (volatile uint32_t *)(bar + PAGE);
	size_t i;

	for (i = 0; i < MLX5_STATE_SIZE / 4; i++)
		words[i] = pattern(seed, i);
}

bool bed_mlx5_same(volatile uint8_t *bar, uint32_t seed)
{
	volatile uint32_t *words = (volatile uint32_t *)(bar + PAGE);
	size_t i;

	for (i = 0; i < MLX5_STATE_SIZE / 4; i++) {
		if (words[i] != pattern(seed, i)) {
			printf("# state differs at %zu\n", i * 4);
			return false;
		}
	}
	return true;
}

/* Bit 0: it sends requests; bit 1: it answers them. */
int bed_mlx5_run(volatile uint8_t *bar)
{
	return *(volatile uint32_t *)(bar + 12);
}

int bed_mlx5_pair_open(struct mlx5_pair *pair)
{
	unsigned int i;
	int ret = 0;

	bed_mlx5_begin();
	for (i = 0; i < 2; i++) {
		pair->dev[i] = (struct bed_device){ -1, -1, -1 };
		pair->bar[i] = NULL;
	}
	for (i = 0; i < 2 && !ret; i++)
		ret = bed_mlx5_bind(i, bed_mlx5_driver());
	ret = ret ?: bed_mlx5_open(&pair->dev[0], 0);
	ret = ret ?: bed_mlx5_open_more(&pair->dev[1], &pair->dev[0], 1);
	for (i = 0; i < 2 && !ret; i++) {
		pair->bar[i] = bed_mlx5_map(&pair->dev[i]);
		if (!pair->bar[i])
			ret = -ENOMEM;
	}
	return ret;
}

/* Of one VF, all that keeps its device open. The group is the first one's. */
void bed_mlx5_pair_let_go(struct mlx5_pair *pair, unsigned int vf)
{
	if (pair->bar[vf])
		munmap((void *)pair->bar[vf], BAR_SIZE);
	pair->bar[vf] = NULL;
	if (pair->dev[vf].fd >= 0)
		close(pair->dev[vf].fd);
	pair->dev[vf].fd = -1;
}

void bed_mlx5_pair_close(struct mlx5_pair *pair)
{
	bed_mlx5_pair_let_go(pair, 1);
	bed_mlx5_pair_let_go(pair, 0);
	if (pair->dev[0].group >= 0)
		close(pair->dev[0].group);
	if (pair->dev[0].container >= 0)
		close(pair->dev[0].container);
	pair->dev[0] = (struct bed_device){ -1, -1, -1 };
}

bool bed_mlx5_clean(void)
{
	return bed_mlx5_pf_clean(pf);
}

/*
 * The firmware has nothing left of a driver, and nothing to complain of it. What
 * mainline's leaves is told, and no more: see "Faults of others" in README.
 */
bool bed_mlx5_pf_clean(const char *pf)
{
	static const char *const stats[] = {
		"violations", "objects", "mkeys", "trackers",
	};
	bool clean = true;
	size_t i;

	for (i = 0; i < sizeof(stats) / sizeof(*stats); i++) {
		if (!bed_pf_stat(pf, stats[i]))
			continue;
		printf("# firmware: %ld %s\n", bed_pf_stat(pf, stats[i]), stats[i]);
		clean = clean && bed_mainline() && i;
	}
	return clean;
}
