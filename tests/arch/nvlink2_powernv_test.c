// SPDX-License-Identifier: GPL-2.0-only
/*
 * The nvlink2 vendor on the architecture that it is for, with a device tree: RAM
 * that the kernel was told not to use (mem=) as the memory of the GPU and as the
 * page with the ATSD register, and two NVMe controllers of QEMU, each behind a
 * host bridge of its own, as the GPU and the bridge of its link.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bed.h"
#include "kselftest_harness.h"

#define CLASS_NVME	0x010802
#define NVIDIA		0x10de
#define IBM		0x1014
#define MEMORY		0x78000000ull	/* mem=1900M ends before that */
#define MEMORY_SIZE	0x400000ull
#define ATSD		0x7c000000ull
#define TARGET		0x400000000ull
#define SPEED		8u
#define TREE		"/tests/nvlink2_tree.ko"
#define PARAMETERS	" target=0x%llx speed=%u atsd=0x%llx memory=0x%llx,0x%llx"

static char bdf[2][32];
static uint8_t pattern[0x1000], got[0x1000];

static bool is_nvme(const char *name)
{
	return bed_class(name) == CLASS_NVME;
}

static void __attribute__((constructor)) find_functions(void)
{
	if (bed_find(is_nvme, 0, bdf[0], sizeof(bdf[0])) &&
	    bed_find(is_nvme, 1, bdf[1], sizeof(bdf[1])) && bed_exists(TREE))
		return;
	printf("TAP version 13\n1..0 # SKIP nothing to pass for a GPU\n");
	exit(4);
}

static int tree(void)
{
	char command[256];

	if (bed_exists("/sys/module/nvlink2_tree"))
		return 0;
	snprintf(command, sizeof(command),
		 "insmod " TREE " gpu=%s bridge=%s" PARAMETERS,
		 bdf[0], bdf[1], TARGET, SPEED, ATSD, MEMORY, MEMORY_SIZE);
	return bed_run(command);
}

struct opened {
	const char *bdf;
	struct bed_device dev;
	struct vfio_region_info region;
};

FIXTURE(nvlink2) {
	struct opened opened;
};

FIXTURE_SETUP(nvlink2)
{
	size_t i;

	for (i = 0; i < sizeof(pattern); i++)
		pattern[i] = i * 5 + (i >> 8);
	ASSERT_EQ(0, tree());
}

FIXTURE_TEARDOWN(nvlink2)
{
	bed_close(&self->opened.dev);
	bed_unbind(self->opened.bdf);
}

static int open_one(struct opened *opened, unsigned int n, unsigned int type,
		    unsigned int subtype)
{
	const uint16_t command = htole16(6);
	struct vfio_region_info config;
	int ret;

	opened->bdf = bdf[n];
	ret = bed_bind(opened->bdf) ?: bed_open(&opened->dev, opened->bdf) ?:
	      bed_region(&opened->dev, VFIO_PCI_CONFIG_REGION_INDEX, &config) ?:
	      bed_vendor_region(&opened->dev,
				VFIO_REGION_TYPE_PCI_VENDOR_TYPE | type,
				subtype, &opened->region);
	if (!ret)
		bed_pwrite(&opened->dev, &command, 2, config.offset + 4);
	return ret;
}

static uint64_t ssatgt(struct opened *opened)
{
	struct vfio_region_info_cap_nvlink2_ssatgt cap = {};

	bed_region_capability(&opened->dev, opened->region.index,
			      VFIO_REGION_INFO_CAP_NVLINK2_SSATGT, &cap,
			      sizeof(cap));
	return cap.tgt;
}

/* Written in one way, read in the other. */
static void both_ways(struct __test_metadata *_metadata, struct opened *opened,
		      uint64_t pos)
{
	struct bed_device *dev = &opened->dev;
	uint64_t *mem;

	pos += opened->region.offset;
	mem = mmap(NULL, 0x10000, PROT_READ | PROT_WRITE, MAP_SHARED, dev->fd,
		   pos);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	ASSERT_EQ(sizeof(pattern), bed_pwrite(dev, pattern, sizeof(pattern),
					      pos));
	EXPECT_EQ(0, memcmp(mem, pattern, sizeof(pattern)));
	mem[3] = 0x1122334455667788ull;
	ASSERT_EQ(8, bed_pread(dev, got, 8, pos + 24));
	EXPECT_EQ(0, memcmp(got, mem + 3, 8));
	munmap(mem, 0x10000);
}

TEST_F(nvlink2, gpu)
{
	struct opened *gpu = &self->opened;

	ASSERT_EQ(0, open_one(gpu, 0, NVIDIA,
			      VFIO_REGION_SUBTYPE_NVIDIA_NVLINK2_RAM));
	EXPECT_STREQ("nvlink2: selected\n", bed_vendor_log(gpu->bdf));
	EXPECT_EQ(MEMORY_SIZE, gpu->region.size);
	EXPECT_EQ(TARGET, ssatgt(gpu));
	both_ways(_metadata, gpu, 0);
	both_ways(_metadata, gpu, MEMORY_SIZE - 0x10000);
	EXPECT_EQ(-EINVAL, bed_pread(&gpu->dev, got, 1,
				     gpu->region.offset + MEMORY_SIZE));
}

TEST_F(nvlink2, bridge)
{
	struct vfio_region_info_cap_nvlink2_lnkspd speed = {};
	struct opened *bridge = &self->opened;
	uint64_t reg, *mem;
	long page = sysconf(_SC_PAGESIZE);

	ASSERT_EQ(0, open_one(bridge, 1, IBM,
			      VFIO_REGION_SUBTYPE_IBM_NVLINK2_ATSD));
	EXPECT_STREQ("nvlink2: selected\n", bed_vendor_log(bridge->bdf));
	EXPECT_EQ(page, bridge->region.size);
	EXPECT_EQ(TARGET, ssatgt(bridge));
	ASSERT_EQ(0, bed_region_capability(&bridge->dev, bridge->region.index,
					   VFIO_REGION_INFO_CAP_NVLINK2_LNKSPD,
					   &speed, sizeof(speed)));
	EXPECT_EQ(SPEED, speed.link_speed);

	reg = bridge->region.offset;
	mem = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED,
		   bridge->dev.fd, reg);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	ASSERT_EQ(8, bed_pwrite(&bridge->dev, pattern, 8, reg + 0x40));
	EXPECT_EQ(0, memcmp(mem + 8, pattern, 8));
	munmap(mem, page);
}

TEST_HARNESS_MAIN
