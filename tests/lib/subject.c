// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device of each vendor with all that the vendor offers, for programs that
 * treat all of them alike.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "migration.h"
#include "subject.h"

#define SLOT		"02.0"
#define GPU_MEMORY	0x300000
#define C2C_STATUS	0x1498
/* One vector, an address of 64 bits. */
#define MSI		"5 800000000000000000000000 7100fcffffffffffffffffff"
#define HBM_STATUS	0x200bc

static const char *generic_make(void)
{
	bed_mock_bus();
	bed_mock_function(SLOT, 0x1b36, 0x4242, 0xff0000);
	bed_mock_set(SLOT, "bar", "0 10000");
	bed_mock_set(SLOT, "power", "reset");
	bed_mock_set(SLOT, "capability", MSI);
	bed_mock_set(SLOT, "express", "integrated flr");
	bed_mock_live();
	return bed_mock_bdf(SLOT);
}

bool subject_locked_down(void)
{
	const char *state = bed_read("/sys/kernel/security/lockdown");

	return *state && !strstr(state, "[none]");
}

/* Of BED_OPREGION_SIZE bytes. */
void subject_opregion(uint8_t *image)
{
	static const struct bed_opregion desc = {
		.version = 0x200, .kib = 8,
		.rvda = BED_FIRMWARE + BED_OPREGION_SIZE, .rvds = 7000,
	};

	bed_opregion(image, &desc);
}

/*
 * An OpRegion 2.0 with a VBT elsewhere, and both bridges. It has no reset: the
 * kernel waits a minute for a function that is unplugged during one.
 */
static const char *igd_make(void)
{
	uint8_t image[BED_OPREGION_SIZE];

	if (!subject_locked_down()) {
		subject_opregion(image);
		bed_firmware(BED_FIRMWARE, image, sizeof(image));
	}
	bed_mock_bus();
	bed_mock_function("00.0", 0x8086, 0x3e30, 0x060000);
	bed_mock_function("1f.0", 0x8086, 0xa30d, 0x060100);
	bed_mock_function(SLOT, 0x8086, 0x3e92, 0x030000);
	bed_mock_set(SLOT, "bar", "0 10000");
	bed_mock_set(SLOT, "config", "fc 4 %x", BED_FIRMWARE);
	bed_mock_live();
	return bed_mock_bdf(SLOT);
}

static void gpu_function(unsigned int device)
{
	bed_mock_function(SLOT, 0x10de, device, 0x030200);
	bed_mock_set(SLOT, "bar", "0 %x", SUBJECT_GPU_REGS);
	bed_mock_set(SLOT, "power", "no_soft_reset");
	bed_mock_set(SLOT, "express", "integrated flr");
	bed_mock_set(SLOT, "node", "gpu");
}

/* A V100 with one link. */
static const char *nvlink2_make(void)
{
	bed_node("memory");
	bed_node("link");
	bed_node("gpu");
	bed_node("npu");
	bed_node("npu/bridge");
	bed_node_set("memory", "u64", "reg %x %x", BED_FIRMWARE, GPU_MEMORY);
	bed_node_set("gpu", "reference", "ibm,npu npu/bridge");
	bed_node_set("npu/bridge", "reference", "ibm,gpu gpu");
	bed_node_set("npu/bridge", "reference", "ibm,nvlink link");
	bed_node_set("npu/bridge", "reference", "memory-region memory");
	bed_node_set("npu/bridge", "u64", "ibm,device-tgt-addr 4000000000000");
	bed_node_set("npu/bridge", "u32", "ibm,nvlink-speed 9");
	bed_node_set("link", "u32", "ibm,npu-link-index 0");
	bed_mock_bus();
	gpu_function(0x1db1);
	bed_mock_live();
	return bed_mock_bdf(SLOT);
}

/* What a Grace GPU tells of its memory in BAR 0, whoever has the function. */
void subject_gpu_status(const char *bdf, uint32_t status)
{
	volatile uint32_t *regs;
	char path[128];
	int fd;

	snprintf(path, sizeof(path), BED_DEVICES "/%s/resource0", bdf);
	fd = open(path, O_RDWR);
	regs = mmap(NULL, SUBJECT_GPU_REGS, PROT_READ | PROT_WRITE, MAP_SHARED,
		    fd, 0);
	if (regs == MAP_FAILED) {
		printf("# %s: %s\n", path, strerror(errno));
		exit(1);
	}
	regs[C2C_STATUS / 4] = htole32(status);
	regs[HBM_STATUS / 4] = htole32(status);
	munmap((void *)regs, SUBJECT_GPU_REGS);
	close(fd);
}

static void gpu_ready(const char *bdf)
{
	subject_gpu_status(bdf, SUBJECT_GPU_READY);
}

/* A GH200 with all of its memory cached. */
static const char *nvgrace_make(void)
{
	bed_node("gpu");
	bed_node_set("gpu", "u64", "nvidia,gpu-mem-base-pa %x", BED_FIRMWARE);
	bed_node_set("gpu", "u64", "nvidia,gpu-mem-size %x", GPU_MEMORY);
	bed_mock_bus();
	gpu_function(0x2342);
	/* NVIDIA's DVSEC: MIG can do without an uncached part. */
	bed_mock_set(SLOT, "extended_capability", "23 1 de10c00003000100");
	bed_mock_live();
	gpu_ready(bed_mock_bdf(SLOT));
	return bed_mock_bdf(SLOT);
}

static const char *mlx5_make(void)
{
	bed_mlx5_begin();
	return bed_mlx5_vf(0);
}

/* Also a transitional device. */
static const char *virtio_make(void)
{
	bed_virtio_begin();
	bed_must(bed_virtio_knob("caps", "1 1 2 %d", VIRTIO_NOTIFY_AT),
		 "what the PF has");
	return bed_virtio_vf(0);
}

const struct subject subjects[] = {
	{ .name = "generic", .make = generic_make },
	{ .name = "igd", .make = igd_make },
	{ .name = "nvlink2", .make = nvlink2_make },
	{ .name = "nvgrace", .make = nvgrace_make, .mend = gpu_ready },
	{ .name = "mlx5", .make = mlx5_make, .pf = bed_mlx5_pf,
	  .migrates = true, .logs = true },
	{ .name = "virtio", .make = virtio_make, .pf = bed_virtio_pf,
	  .migrates = true },
	{ }
};

/* On the kernel command line: vendor= for one of them alone. */
bool subject_wanted(const struct subject *subject)
{
	const char *name = getenv("vendor");

	return !name || !strcmp(name, subject->name);
}

/* In a build that leaves a vendor out, its device is a plain one. */
bool subject_built(const struct subject *subject)
{
	if (!subject->migrates)
		return true;
	return bed_ours_all();
}

/* On a mock bus with nothing else. */
void subject_make(const struct subject *subject, char *bdf, size_t size)
{
	bed_mock_remove();
	snprintf(bdf, size, "%s", subject->make());
	if (bed_ours())
		bed_puts("on", BED_PARAMETER);
}

/* Does its vendor have it? For the driver of the kernel: is it bound? */
bool subject_claimed(const struct subject *subject, const char *bdf)
{
	const char *name;
	size_t len = strlen(subject->name);

	if (!bed_ours())
		return bed_exists(BED_DRIVER "/%s", bdf);
	name = bed_vendor(bdf);
	return !strncmp(name, subject->name, len) && name[len] == '\n';
}

/* @ret is 0 or -errno. */
void subject_count(struct subject_outcomes *outcomes, int ret)
{
	bool sane = ret <= 0 && ret > -SUBJECT_ERRNOS;

	outcomes->by_errno[sane ? -ret : SUBJECT_NONSENSE]++;
}

/* The end of a line. */
void subject_print(const struct subject_outcomes *outcomes)
{
	const char *name;
	int code;

	for (code = 0; code <= SUBJECT_NONSENSE; code++) {
		if (!outcomes->by_errno[code])
			continue;
		name = !code ? "good" : code == SUBJECT_NONSENSE ? "NONSENSE" :
		       strerrorname_np(code);
		printf(" %s %lu", name ?: "?", outcomes->by_errno[code]);
	}
	printf("\n");
}

/* A number from the kernel command line, which PID 1 has in its environment. */
unsigned int subject_number(const char *name, unsigned int otherwise)
{
	const char *value = getenv(name);

	return value ? strtoul(value, NULL, 0) : otherwise;
}
