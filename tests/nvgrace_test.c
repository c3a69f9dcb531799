// SPDX-License-Identifier: GPL-2.0-only
/*
 * The nvgrace vendor: the memory of the GPU as a BAR that the function does not
 * have, and what becomes of a GPU whose firmware properties are broken.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "bed.h"
#include "kselftest_harness.h"

#define GPU		"02.0"
#define WINDOW		0x300000ull	/* of the memory held back: no power of two */
#define SPAN		0x400000ull
#define BAR4		0x20
#define C2C_STATUS	0x1498
#define HBM_STATUS	0x200bc
#define DVSEC_MIG	"23 1 de10c00003000100"

static uint8_t pattern[WINDOW], got[WINDOW + 64];

FIXTURE(nvgrace) {
	char bdf[32];
	struct bed_device dev;
	struct vfio_region_info config, bar0, bar4;
};

FIXTURE_SETUP(nvgrace)
{
	size_t i;

	bed_need_ours();
	for (i = 0; i < sizeof(pattern); i++)
		pattern[i] = i * 7 + (i >> 8) + (i >> 16);
	bed_puts("on\n", BED_PARAMETER);
	bed_mock_remove();
	bed_mock_bus();
	bed_mock_function(GPU, 0x10de, 0x2941, 0x030200);
	bed_mock_set(GPU, "bar", "0 400000");
	bed_mock_set(GPU, "express", "integrated flr");
	bed_mock_set(GPU, "extended_capability", DVSEC_MIG);
}

FIXTURE_TEARDOWN(nvgrace)
{
	bed_mock_remove();
}

static void properties(uint64_t base, uint64_t size)
{
	bed_node("gpu");
	bed_node_set("gpu", "u64", "nvidia,gpu-mem-base-pa %llx",
		     (unsigned long long)base);
	bed_node_set("gpu", "u64", "nvidia,gpu-mem-size %llx",
		     (unsigned long long)size);
	bed_mock_set(GPU, "node", "gpu");
}

static void live(FIXTURE_DATA(nvgrace) *self)
{
	bed_mock_live();
	snprintf(self->bdf, sizeof(self->bdf), "%s", bed_mock_bdf(GPU));
}

static void memory_enable(FIXTURE_DATA(nvgrace) *self, uint16_t command)
{
	bed_pwrite(&self->dev, &command, 2, self->config.offset + 4);
}

/* A GPU with its link up and its memory trained, open, memory enabled. */
static void up(struct __test_metadata *_metadata,
	       FIXTURE_DATA(nvgrace) *self)
{
	bed_firmware(BED_FIRMWARE, pattern, sizeof(pattern));
	properties(BED_FIRMWARE, WINDOW);
	live(self);
	ASSERT_EQ(0, bed_bind(self->bdf));
	ASSERT_STREQ("nvgrace: selected\n",
		     bed_read(BED_DEVICES "/%s/vfio_pci/vendor_ops_log",
			      self->bdf));
	ASSERT_EQ(0, bed_open(&self->dev, self->bdf));
	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_CONFIG_REGION_INDEX,
				&self->config));
	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_BAR0_REGION_INDEX,
				&self->bar0));
	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_BAR4_REGION_INDEX,
				&self->bar4));
	memory_enable(self, 6);
	bed_set32(&self->dev, self->bar0.offset + C2C_STATUS, 0xff);
	bed_set32(&self->dev, self->bar0.offset + HBM_STATUS, 0xff);
}

TEST_F(nvgrace, region_and_reads)
{
	size_t i;

	up(_metadata, self);
	EXPECT_EQ(SPAN, self->bar4.size);
	EXPECT_EQ(VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE |
		  VFIO_REGION_INFO_FLAG_MMAP | VFIO_REGION_INFO_FLAG_CAPS,
		  self->bar4.flags);

	/* The whole, and 64 bytes of ones behind it. */
	ASSERT_EQ(sizeof(got), bed_pread(&self->dev, got, sizeof(got),
					 self->bar4.offset));
	EXPECT_EQ(0, memcmp(pattern, got, WINDOW));
	for (i = WINDOW; i < sizeof(got); i++)
		ASSERT_EQ(0xff, got[i]);

	/* Any alignment; short at the end of the BAR, an error behind it. */
	for (i = 0; i < 16; i++) {
		ASSERT_EQ(33, bed_pread(&self->dev, got, 33,
					self->bar4.offset + 4091 + i));
		ASSERT_EQ(0, memcmp(pattern + 4091 + i, got, 33));
	}
	EXPECT_EQ(5, bed_pread(&self->dev, got, 64,
			       self->bar4.offset + SPAN - 5));
	EXPECT_EQ(-EINVAL, bed_pread(&self->dev, got, 1,
				     self->bar4.offset + SPAN));
	EXPECT_EQ(-EFAULT, bed_pread(&self->dev, NULL, 64, self->bar4.offset));
	bed_close(&self->dev);
}

TEST_F(nvgrace, writes_and_mmap_see_the_same_memory)
{
	uint8_t *mem;
	void *bad;

	up(_metadata, self);
	mem = mmap(NULL, WINDOW, PROT_READ | PROT_WRITE, MAP_SHARED,
		   self->dev.fd, self->bar4.offset);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	EXPECT_EQ(0, memcmp(pattern, mem, WINDOW));

	ASSERT_EQ(7, bed_pwrite(&self->dev, "abcdefg", 7,
				self->bar4.offset + 0x1ffffd));
	EXPECT_EQ(0, memcmp(mem + 0x1ffffd, "abcdefg", 7));
	memcpy(mem + WINDOW - 4, "tail", 4);
	ASSERT_EQ(8, bed_pread(&self->dev, got, 8,
			       self->bar4.offset + WINDOW - 4));
	EXPECT_EQ(0, memcmp(got, "tail\xff\xff\xff\xff", 8));
	EXPECT_EQ(64, bed_pwrite(&self->dev, got, 64,
				 self->bar4.offset + WINDOW));

	/* Into memory that is itself mapped of the device. */
	EXPECT_EQ(4096, bed_pread(&self->dev, mem, 4096,
				  self->bar4.offset + 0x100000));
	EXPECT_EQ(0, memcmp(mem, pattern + 0x100000, 4096));

	bad = mmap(NULL, WINDOW + 4096, PROT_READ, MAP_SHARED, self->dev.fd,
		   self->bar4.offset);
	EXPECT_EQ(MAP_FAILED, bad);
	EXPECT_EQ(EINVAL, errno);
	bad = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, self->dev.fd,
		   self->bar4.offset);
	EXPECT_EQ(MAP_FAILED, bad);
	EXPECT_EQ(EINVAL, errno);
	munmap(mem, WINDOW);
	bed_close(&self->dev);
}

TEST_F(nvgrace, registers_at_any_width)
{
	const uint8_t ones[16] = { [0 ... 15] = 0xff };
	uint8_t config[64], again[64];
	uint64_t bar;

	up(_metadata, self);
	EXPECT_EQ(8, bed_pread(&self->dev, &bar, 8,
			       self->config.offset + BAR4));
	EXPECT_EQ(0xc, le64toh(bar));
	EXPECT_EQ(8, bed_pwrite(&self->dev, ones, 8,
				self->config.offset + BAR4));
	EXPECT_EQ(8, bed_pread(&self->dev, &bar, 8,
			       self->config.offset + BAR4));
	EXPECT_EQ(~(SPAN - 1) | 0xc, le64toh(bar));

	/* A write that starts before the BAR and ends behind it: all of it. */
	EXPECT_EQ(16, bed_pwrite(&self->dev, ones, 16,
				 self->config.offset + BAR4 - 4));
	memset(config, 0, sizeof(config));
	config[5] = 0x12;
	config[6] = 0x34;
	EXPECT_EQ(8, bed_pwrite(&self->dev, config, 8,
				self->config.offset + BAR4 + 1));
	EXPECT_EQ(64, bed_pread(&self->dev, again, 64, self->config.offset));
	memcpy(&bar, again + BAR4, 8);
	EXPECT_EQ(0x341200000000000cull, le64toh(bar));
	bed_close(&self->dev);
}

TEST_F(nvgrace, memory_disabled)
{
	up(_metadata, self);
	ASSERT_EQ(4, bed_pread(&self->dev, got, 4, self->bar4.offset));
	memory_enable(self, 4);
	EXPECT_EQ(-EIO, bed_pread(&self->dev, got, 4, self->bar4.offset));
	EXPECT_EQ(-EIO, bed_pwrite(&self->dev, got, 4, self->bar4.offset));
	EXPECT_EQ(-EIO, bed_pread(&self->dev, got, 4,
				  self->bar4.offset + WINDOW));
	bed_close(&self->dev);
}

FIXTURE(broken) {
	char bdf[32];
};

FIXTURE_VARIANT(broken) {
	uint64_t base, size;
	const char *reason;
};

#define BROKEN(name, ...) \
	FIXTURE_VARIANT_ADD(broken, name) { __VA_ARGS__ }

BROKEN(absent, .reason = "no nvidia,gpu-mem-base-pa");
BROKEN(size_zero, .base = BED_FIRMWARE, .reason = "gpu-mem-size is 0");
BROKEN(base_unaligned, BED_FIRMWARE + 8, 0x1000, "whole pages");
BROKEN(size_unaligned, BED_FIRMWARE, 0x1008, "whole pages");
BROKEN(in_ram, 0x1000000, 0x1000, "System RAM");
BROKEN(wraps, ~0xfffull, 0x2000, "wraps");
BROKEN(beyond, 1ull << 60, 0x1000, "beyond what the CPU");

FIXTURE_SETUP(broken)
{
	bed_need_ours();
	bed_puts("on\n", BED_PARAMETER);
	bed_mock_remove();
	bed_mock_bus();
	bed_mock_function(GPU, 0x10de, 0x2941, 0x030200);
	bed_mock_set(GPU, "bar", "0 400000");
	bed_mock_set(GPU, "express", "integrated flr");
	bed_mock_set(GPU, "extended_capability", DVSEC_MIG);
}

FIXTURE_TEARDOWN(broken)
{
	bed_mock_remove();
}

TEST_F(broken, leaves_a_generic_device)
{
	const char *log;

	if (variant->base)
		properties(variant->base, variant->size);
	bed_mock_live();
	snprintf(self->bdf, sizeof(self->bdf), "%s", bed_mock_bdf(GPU));
	ASSERT_EQ(0, bed_bind(self->bdf));
	log = bed_read(BED_DEVICES "/%s/vfio_pci/vendor_ops_log", self->bdf);
	EXPECT_EQ(0, strncmp(log, "nvgrace: declined: ", 19));
	EXPECT_NE(NULL, strstr(log, variant->reason));
	EXPECT_NE(NULL, strstr(log, "\ngeneric: selected\n"));
}

TEST_HARNESS_MAIN
