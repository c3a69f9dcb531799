// SPDX-License-Identifier: GPL-2.0-only
/*
 * The nvgrace vendor on the architecture that it is for, where what kind of
 * memory a mapping is of matters: 2.25 GiB of RAM that the kernel was told not
 * to use (mem=) as the memory of the GPU, and QEMU's bochs-display, whose BAR 0
 * keeps what is written, as the GPU.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "subject.h"

#define GIB		0x40000000ull
#define BASE		0x80000000ull	/* where mem=1G ends on QEMU's virt */
#define SIZE		(9 * GIB / 4)
#define USABLE		GIB		/* the rest is uncached */
#define CLASS_DISPLAY	0x038000
#define CHUNK		0x3000
#define DISGUISE	"/tests/pci_disguise.ko"
#define PROPERTIES	"nvidia,gpu-mem-base-pa:nvidia,gpu-mem-size"

static char bdf[32];
static uint8_t pattern[CHUNK], got[CHUNK];

static bool is_display(const char *name)
{
	return bed_class(name) == CLASS_DISPLAY;
}

static void __attribute__((constructor)) find_function(void)
{
	if (bed_find(is_display, 0, bdf, sizeof(bdf)) && bed_exists(DISGUISE))
		return;
	printf("TAP version 13\n1..0 # SKIP nothing to pass for a GPU\n");
	exit(4);
}

static int disguise(uint64_t base, uint64_t size)
{
	char command[256];

	snprintf(command, sizeof(command),
		 "insmod " DISGUISE " bdf=%s vendor=0x10de device=0x2342 names="
		 PROPERTIES " values=0x%llx,0x%llx", bdf,
		 (unsigned long long)base, (unsigned long long)size);
	return bed_run(command);
}

static void ready(void)
{
	bed_puts("1", BED_DEVICES "/%s/enable", bdf);
	subject_gpu_status(bdf, SUBJECT_GPU_READY);
	bed_puts("0", BED_DEVICES "/%s/enable", bdf);
}

FIXTURE(gpu) {
	struct bed_device dev;
	struct vfio_region_info config, bar2, bar4;
};

FIXTURE_SETUP(gpu)
{
	const uint16_t command = htole16(6);
	size_t i;

	for (i = 0; i < CHUNK; i++)
		pattern[i] = i * 7 + (i >> 8);
	ready();
	ASSERT_EQ(0, disguise(BASE, SIZE));
	ASSERT_EQ(0, bed_bind(bdf));
	ASSERT_EQ(0, bed_open(&self->dev, bdf));
	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_CONFIG_REGION_INDEX,
				&self->config));
	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_BAR2_REGION_INDEX,
				&self->bar2));
	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_BAR4_REGION_INDEX,
				&self->bar4));
	ASSERT_EQ(2, bed_pwrite(&self->dev, &command, 2,
				self->config.offset + 4));
}

FIXTURE_TEARDOWN(gpu)
{
	bed_close(&self->dev);
	bed_unbind(bdf);
	EXPECT_EQ(0, bed_run("rmmod pci_disguise"));
}

TEST_F(gpu, regions)
{
	EXPECT_STREQ("nvgrace\n", bed_vendor(bdf));
	EXPECT_EQ(2 * GIB, self->bar4.size);
	EXPECT_EQ(2 * GIB, self->bar2.size);
}

/* Written in one way, read in the other, at any alignment. */
static void both_ways(struct __test_metadata *_metadata,
		      struct bed_device *dev, uint64_t pos)
{
	unsigned int i;
	uint8_t *mem;

	mem = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_SHARED, dev->fd,
		   pos);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	for (i = 0; i < 16; i++) {
		ASSERT_EQ(CHUNK - 32, bed_pwrite(dev, pattern + i, CHUNK - 32,
						 pos + i));
		ASSERT_EQ(0, memcmp(mem + i, pattern + i, CHUNK - 32));
	}
	memset(mem, 0x5a, 64);
	ASSERT_EQ(64, bed_pread(dev, got, 64, pos));
	for (i = 0; i < 64; i++)
		ASSERT_EQ(0x5a, got[i]);
	munmap(mem, CHUNK);
}

TEST_F(gpu, usable)
{
	both_ways(_metadata, &self->dev, self->bar4.offset);
	both_ways(_metadata, &self->dev, self->bar4.offset + USABLE - CHUNK);
}

TEST_F(gpu, reserved)
{
	uint64_t end = self->bar2.offset + SIZE - USABLE;

	both_ways(_metadata, &self->dev, self->bar2.offset);
	both_ways(_metadata, &self->dev, end - CHUNK);
	ASSERT_EQ(64, bed_pread(&self->dev, got, 64, end - 32));
	EXPECT_EQ(0xff, got[32]);
	EXPECT_EQ(0xff, got[63]);
	EXPECT_EQ(EINVAL, bed_mmap_errno(&self->dev, CHUNK, MAP_SHARED, end));
}

TEST_F(gpu, memory_disabled)
{
	const uint16_t off = htole16(4);
	uint8_t *mem = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_SHARED,
			    self->dev.fd, self->bar4.offset);

	ASSERT_NE(MAP_FAILED, (void *)mem);
	EXPECT_EQ(0, bed_touch(mem));
	ASSERT_EQ(2, bed_pwrite(&self->dev, &off, 2, self->config.offset + 4));
	EXPECT_EQ(-EFAULT, bed_touch(mem));
	EXPECT_EQ(-EIO, bed_pread(&self->dev, got, 4, self->bar4.offset));
	munmap(mem, CHUNK);
}

/* What the kernel uses, and what the CPU can not address. */
TEST(declines)
{
	static const struct {
		uint64_t base;
		const char *reason;
	} broken[] = {
		{ BASE - 0x1000, "is in System RAM" },
		{ 1ull << 60, "beyond what the CPU can address" },
	};
	const char *log;
	size_t i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, disguise(broken[i].base, SIZE));
		ASSERT_EQ(0, bed_bind(bdf));
		log = bed_vendor_log(bdf);
		EXPECT_NE(NULL, strstr(log, broken[i].reason)) {
			TH_LOG("%s", log);
		}
		EXPECT_NE(NULL, strstr(log, "\ngeneric: selected\n"));
		EXPECT_EQ(0, bed_unbind(bdf));
		EXPECT_EQ(0, bed_run("rmmod pci_disguise"));
	}
}

TEST_HARNESS_MAIN
