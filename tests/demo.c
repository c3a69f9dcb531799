// SPDX-License-Identifier: GPL-2.0-only
/*
 * The main job on real input, for "make run": Intel GPUs with real firmware
 * tables, one without, and two devices of QEMU, bound at once and each opened
 * and read as a VMM does.
 */
#include <dirent.h>
#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bed.h"

#define MAX_GPUS	20
#define SPACING		0x20000u	/* between the tables of two GPUs */
#define MAILBOX_4	0x400
#define MAILBOX_4_SIZE	0x1800
#define IGD_TYPE	(VFIO_REGION_TYPE_PCI_VENDOR_TYPE | 0x8086)

struct gpu {
	char slot[8];
	char name[64];
	uint8_t vbt[0x10000];
	size_t size;
};

static struct gpu gpus[MAX_GPUS];
static int count;
static bool bad;

static void fail(const char *what, const char *bdf)
{
	printf("FAILED: %s %s\n", what, bdf);
	bad = true;
}

static struct gpu *gpu_add(const char *name)
{
	struct gpu *gpu = &gpus[count];

	snprintf(gpu->slot, sizeof(gpu->slot), "%02x.0", 2 + count++);
	snprintf(gpu->name, sizeof(gpu->name), "%s", name);
	return gpu;
}

static void gpu_load(const char *folder, const char *name)
{
	struct gpu *gpu = gpu_add(name);
	char path[320];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY);
	len = read(fd, gpu->vbt, sizeof(gpu->vbt));
	close(fd);
	if (len <= 0)
		fail("read", path);
	else
		gpu->size = len;
}

/* Where no real VBT is at hand: the header of one, as struct vbt_header. */
static void gpu_generate(void)
{
	struct gpu *gpu = gpu_add("generated");
	size_t i;

	gpu->size = 0x1c00;
	for (i = 0; i < gpu->size; i++)
		gpu->vbt[i] = i;
	memcpy(gpu->vbt, "$VBT GENERATED      ", 20);
}

static void gpus_load(void)
{
	DIR *dir = opendir("/tests/fw");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)) && count < MAX_GPUS - 1) {
		if (strstr(entry->d_name, ".vbt"))
			gpu_load("/tests/fw", entry->d_name);
	}
	if (!count)
		gpu_generate();
}

/* Firmware for one GPU: in mailbox 4 what fits there, else behind it. */
static void gpu_install(struct gpu *gpu, uint32_t at)
{
	struct bed_opregion desc = { .version = 0x201, .kib = 8 };
	uint8_t opregion[BED_OPREGION_SIZE];

	if (gpu->size > MAILBOX_4_SIZE) {
		desc.rvda = BED_OPREGION_SIZE;
		desc.rvds = gpu->size;
	}
	bed_opregion(opregion, &desc);
	if (gpu->size <= MAILBOX_4_SIZE)
		memcpy(opregion + MAILBOX_4, gpu->vbt, gpu->size);
	else
		bed_firmware(at + BED_OPREGION_SIZE, gpu->vbt, gpu->size);
	bed_firmware(at, opregion, sizeof(opregion));

	bed_mock_function(gpu->slot, 0x8086, 0x9a49, 0x030000);
	bed_mock_set(gpu->slot, "bar", "0 10000");
	bed_mock_set(gpu->slot, "config", "fc 4 %x", at);
}

static void gpu_show(struct gpu *gpu, const char *bdf)
{
	static uint8_t image[BED_OPREGION_SIZE + sizeof(gpu->vbt)];
	struct vfio_region_info region;
	struct bed_device dev;
	uint16_t version;
	uint64_t rvda;
	long len;

	if (bed_open(&dev, bdf)) {
		fail("open", bdf);
		return;
	}
	if (bed_vendor_region(&dev, IGD_TYPE,
			      VFIO_REGION_SUBTYPE_INTEL_IGD_OPREGION,
			      &region)) {
		fail("no OpRegion for", bdf);
		goto out;
	}

	len = bed_pread(&dev, image, sizeof(image), region.offset);
	memcpy(&version, image + 0x16, sizeof(version));
	memcpy(&rvda, image + 0x3ba, sizeof(rvda));
	rvda = rvda ? le64toh(rvda) : MAILBOX_4;
	printf("%s  OpRegion %u.%u, %ld bytes; VBT \"%.20s\" at %#llx, %zu bytes: ",
	       bdf, le16toh(version) >> 8, le16toh(version) & 0xff, len,
	       image + rvda, (unsigned long long)rvda, gpu->size);
	if (len < (long)(rvda + gpu->size) ||
	    memcmp(image + rvda, gpu->vbt, gpu->size))
		fail("differs from", gpu->name);
	else
		printf("same as %s\n", gpu->name);
out:
	bed_close(&dev);
}

static void plain_show(const char *bdf)
{
	struct vfio_region_info config, bar;
	struct bed_device dev;
	uint32_t id = 0, first = 0;
	uint16_t command = 6;

	if (bed_open(&dev, bdf)) {
		fail("open", bdf);
		return;
	}
	bed_region(&dev, VFIO_PCI_CONFIG_REGION_INDEX, &config);
	bed_region(&dev, VFIO_PCI_BAR0_REGION_INDEX, &bar);
	bed_pwrite(&dev, &command, 2, config.offset + 4);
	if (bed_pread(&dev, &id, 4, config.offset) != 4 ||
	    (bar.size && bed_pread(&dev, &first, 4, bar.offset) != 4))
		fail("read", bdf);
	printf("%s  %04x:%04x, BAR 0 of %llu KiB starts with %#010x\n", bdf,
	       le32toh(id) & 0xffff, le32toh(id) >> 16,
	       (unsigned long long)bar.size / 1024, first);
	bed_close(&dev);
}

static void bind(const char *bdf)
{
	if (bed_bind(bdf))
		fail("bind", bdf);
}

int main(void)
{
	struct gpu *bare;
	int i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	gpus_load();
	bed_mock_bus();
	bed_mock_function("00.0", 0x8086, 0x9a14, 0x060000);
	bed_mock_function("1f.0", 0x8086, 0xa082, 0x060100);
	for (i = 0; i < count; i++)
		gpu_install(&gpus[i], BED_FIRMWARE + i * SPACING);
	bare = gpu_add("no OpRegion");
	bed_mock_function(bare->slot, 0x8086, 0x56a0, 0x030000);
	bed_mock_set(bare->slot, "bar", "0 10000");
	bed_mock_live();

	for (i = 0; i < count; i++)
		bind(bed_mock_bdf(gpus[i].slot));
	bind(BED_EDU);
	bind(BED_NVME);

	printf("\nWhat a VMM reads:\n");
	for (i = 0; i < count - 1; i++)
		gpu_show(&gpus[i], bed_mock_bdf(gpus[i].slot));
	plain_show(bed_mock_bdf(bare->slot));
	plain_show(BED_EDU);
	plain_show(BED_NVME);

	printf("\nvfio-pci-status:\n");
	if (bed_run("sh /tests/vfio-pci-status"))
		fail("run", "vfio-pci-status");
	bed_mock_remove();
	printf("\n%s\n", bad ? "demo: FAILED" : "demo: all as it should be");
	return bad;
}
