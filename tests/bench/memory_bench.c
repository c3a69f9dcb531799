// SPDX-License-Identifier: GPL-2.0-only
/*
 * Costs of coherent GPU memory with this driver and with mainline's for NVIDIA
 * Grace, in one boot: a window of 64 MiB and a page, in a BAR of 128 MiB, of which
 * the rest is behind the memory.
 */
#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "bench.h"
#include "subject.h"

#define GPU		"02.0"
#define SIZE		0x4000000ull
#define WINDOW		(SIZE + 0x1000)
#define HUGE_PAGE	0x200000ull
#define CHUNK		0x100000u
#define ROUNDS		4
#define BEHIND		4096u		/* bytes of a small read */
#define SMALL_READS	2000
#define DVSEC_MIG	"23 1 de10c00003000100"

static const char *const drivers[] = { "nvgrace_gpu_vfio_pci", "vfio-pci" };
static const char *const labels[] = { "mainline", "ours" };
static const char *label;
static char gpu[32];
static uint8_t buf[CHUNK];

static void report(const char *name, double start, int rounds)
{
	printf("bench %s %s %.0f\n", label, name, (now() - start) / rounds);
}

static void platform(void)
{
	unsigned long long start = bed_high_memory();

	bed_must(!start, "memory");
	bed_puts("1", BED_DEVICES "/" BED_HIGH_MEMORY "/enable");
	bed_node("gpu");
	bed_node_set("gpu", "u64", "nvidia,gpu-mem-base-pa %llx", start);
	bed_node_set("gpu", "u64", "nvidia,gpu-mem-size %llx", WINDOW);
	bed_mock_bus();
	bed_mock_function(GPU, 0x10de, 0x2342, 0x030200);
	bed_mock_set(GPU, "bar", "0 %x", SUBJECT_GPU_REGS);
	bed_mock_set(GPU, "express", "integrated flr");
	bed_mock_set(GPU, "extended_capability", DVSEC_MIG);
	bed_mock_set(GPU, "node", "gpu");
	bed_mock_live();
	snprintf(gpu, sizeof(gpu), "%s", bed_mock_bdf(GPU));
	subject_gpu_status(gpu, SUBJECT_GPU_READY);
}

/* Where a huge page of the BAR is one of the process, as VMMs see to. */
static void mmap_and_touch(struct bed_device *dev, uint64_t pos)
{
	uint8_t *area = mmap(NULL, SIZE + HUGE_PAGE, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *at = (uint8_t *)(((uintptr_t)area + HUGE_PAGE - 1) &
				  ~(HUGE_PAGE - 1));
	double start;
	size_t i;
	int n;

	start = now();
	for (n = 0; n < ROUNDS; n++) {
		bed_must(mmap(at, SIZE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_FIXED, dev->fd, pos) != at, "mmap");
		for (i = 0; i < SIZE; i += 4096)
			(void)*(volatile uint8_t *)(at + i);
	}
	report("mmap+touch", start, ROUNDS);
	munmap(area, SIZE + HUGE_PAGE);
}

static void transfer(struct bed_device *dev, uint64_t pos, bool write)
{
	double start = now();
	size_t i;
	int n;

	for (n = 0; n < ROUNDS; n++) {
		for (i = 0; i < SIZE; i += CHUNK)
			bed_must((write ? bed_pwrite(dev, buf, CHUNK, pos + i) :
					  bed_pread(dev, buf, CHUNK, pos + i)) !=
				 CHUNK, "transfer");
	}
	report(write ? "write" : "read", start, ROUNDS);
}

static void reads_behind(struct bed_device *dev, uint64_t pos)
{
	double start = now();
	int n;

	for (n = 0; n < SMALL_READS; n++)
		bed_must(bed_pread(dev, buf, BEHIND, pos) != BEHIND, "behind");
	report("read-behind", start, SMALL_READS);
}

static void measure(const char *driver)
{
	struct vfio_region_info config, bar;
	uint16_t command = htole16(6);
	struct bed_device dev;

	bed_must(bed_bind_to(gpu, driver), "bind");
	bed_must(bed_open(&dev, gpu), "open");
	bed_must(bed_region(&dev, VFIO_PCI_CONFIG_REGION_INDEX, &config), "config");
	bed_must(bed_region(&dev, VFIO_PCI_BAR4_REGION_INDEX, &bar), "BAR 4");
	bed_must(bed_pwrite(&dev, &command, 2, config.offset + 4) != 2, "command");
	bed_must(bed_pread(&dev, buf, CHUNK, bar.offset) != CHUNK, "first read");
	mmap_and_touch(&dev, bar.offset);
	transfer(&dev, bar.offset, false);
	transfer(&dev, bar.offset, true);
	reads_behind(&dev, bar.offset + WINDOW - BEHIND / 2);
	bed_close(&dev);
	bed_must(bed_unbind(gpu), "unbind");
}

int main(void)
{
	unsigned int i;

	bed_must(bed_run("modprobe nvgrace-gpu-vfio-pci"), "mainline's driver");
	platform();
	for (i = 0; i < 2; i++) {
		label = labels[i];
		measure(drivers[i]);
	}
	bed_mock_remove();
	return 0;
}
