// SPDX-License-Identifier: GPL-2.0-only
/*
 * Costs of one driver, in nanoseconds of processor time of this thread. The VM
 * counts instructions for its clock, so that these are the same in every run.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bed.h"
#include "bench.h"

#define GPU		"02.0"
#define OTHER		"03.0"
#define ROUNDS		20
#define BATCHES		20
#define READS		200
#define IGD_TYPE	(VFIO_REGION_TYPE_PCI_VENDOR_TYPE | 0x8086)

static char gpu[32], other[32];
static uint8_t image[BED_OPREGION_SIZE];

static void report(const char *name, double spent)
{
	printf("bench %s %s %.0f\n", bed_ours() ? "ours" : "intree", name,
	       spent);
}

static void platform(void)
{
	static const struct bed_opregion desc = { .version = 0x201, .kib = 8 };

	bed_opregion(image, &desc);
	bed_firmware(BED_FIRMWARE, image, sizeof(image));
	bed_mock_bus();
	bed_mock_function("00.0", 0x8086, 0x3e30, 0x060000);
	bed_mock_function("1f.0", 0x8086, 0xa30d, 0x060100);
	bed_mock_function(GPU, 0x8086, 0x3e92, 0x030000);
	bed_mock_set(GPU, "bar", "0 10000");
	bed_mock_set(GPU, "config", "fc 4 %x", BED_FIRMWARE);
	bed_mock_function(OTHER, 0x1af4, 0x1000, 0x020000);
	bed_mock_live();
	snprintf(gpu, sizeof(gpu), "%s", bed_mock_bdf(GPU));
	snprintf(other, sizeof(other), "%s", bed_mock_bdf(OTHER));
}

static void bind_unbind(void)
{
	double start = 0;
	int i;

	for (i = -3; i < ROUNDS; i++) {
		if (!i)
			start = now();
		bed_must(bed_bind(other), "bind");
		bed_must(bed_unbind(other), "unbind");
	}
	report("bind+unbind,no-vendor", (now() - start) / ROUNDS);
}

static void bind_open(void)
{
	struct bed_device dev;
	double start, spent = 0;
	int i;

	for (i = -3; i < ROUNDS; i++) {
		start = now();
		bed_must(bed_bind(gpu), "bind");
		bed_must(bed_open(&dev, gpu), "open");
		if (i >= 0)
			spent += now() - start;
		bed_close(&dev);
		bed_must(bed_unbind(gpu), "unbind");
	}
	report("bind+open,igd", spent / ROUNDS);
}

/* The cheapest batch is one that no timer interrupt fell into. */
static void reads(struct bed_device *dev, const char *name, uint64_t pos,
		  size_t len)
{
	static uint8_t buf[BED_OPREGION_SIZE];
	double start, spent, least = 0;
	int batch, i;

	for (batch = 0; batch < BATCHES; batch++) {
		start = now();
		for (i = 0; i < READS; i++)
			bed_must(bed_pread(dev, buf, len, pos) != (long)len, name);
		spent = now() - start;
		if (!batch || spent < least)
			least = spent;
	}
	report(name, least / READS);
}

int main(void)
{
	struct vfio_region_info region;
	struct bed_device dev;
	uint16_t command = 6;

	platform();
	bind_unbind();
	bind_open();

	bed_must(bed_bind(gpu), "bind");
	bed_must(bed_open(&dev, gpu), "open");
	bed_must(bed_vendor_region(&dev, IGD_TYPE,
				   VFIO_REGION_SUBTYPE_INTEL_IGD_OPREGION, &region),
		 "OpRegion");
	reads(&dev, "read,opregion", region.offset, BED_OPREGION_SIZE);
	bed_must(bed_region(&dev, VFIO_PCI_CONFIG_REGION_INDEX, &region), "config");
	bed_must(bed_pwrite(&dev, &command, 2, region.offset + 4) != 2, "command");
	reads(&dev, "read,config", region.offset, 4);
	bed_must(bed_region(&dev, VFIO_PCI_BAR0_REGION_INDEX, &region), "BAR 0");
	reads(&dev, "read,bar", region.offset, 4);
	bed_close(&dev);
	bed_mock_remove();
	return 0;
}
