// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plain vfio-pci on any architecture: a function of the machine that is no
 * bridge, an NVMe if it has one, is bound, opened, and reached in each way.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "bed.h"
#include "kselftest_harness.h"

#define CLASS_BRIDGE	0x06
#define CLASS_NVME	0x010802

static bool is_nvme(const char *bdf)
{
	return bed_class(bdf) == CLASS_NVME;
}

static bool is_no_bridge(const char *bdf)
{
	return bed_class(bdf) >> 16 != CLASS_BRIDGE;
}

FIXTURE(function) {
	char bdf[32];
	struct bed_device dev;
	struct vfio_region_info config;
};

FIXTURE_SETUP(function)
{
	const uint16_t command = htole16(6);

	ASSERT_TRUE(bed_find(is_nvme, 0, self->bdf, sizeof(self->bdf)) ||
		    bed_find(is_no_bridge, 0, self->bdf, sizeof(self->bdf)));
	bed_puts(self->bdf, BED_DEVICES "/%s/driver/unbind", self->bdf);
	ASSERT_EQ(0, bed_bind(self->bdf));
	ASSERT_EQ(0, bed_open(&self->dev, self->bdf));
	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_CONFIG_REGION_INDEX,
				&self->config));
	ASSERT_EQ(2, bed_pwrite(&self->dev, &command, 2,
				self->config.offset + 4));
}

FIXTURE_TEARDOWN(function)
{
	bed_close(&self->dev);
	bed_unbind(self->bdf);
}

TEST_F(function, is_generic)
{
	EXPECT_STREQ("generic\n", bed_vendor(self->bdf));
}

TEST_F(function, config_space)
{
	unsigned int vendor;

	vendor = strtoul(bed_read(BED_DEVICES "/%s/vendor", self->bdf), NULL,
			 16);
	EXPECT_EQ(vendor, bed_get32(&self->dev, self->config.offset) & 0xffff);
}

/* Capabilities of an NVMe controller: never 0, and the same on both ways. */
static void nvme_bar(struct __test_metadata *_metadata, struct bed_device *dev)
{
	struct vfio_region_info bar;
	uint32_t *regs, low;

	ASSERT_EQ(0, bed_region(dev, VFIO_PCI_BAR0_REGION_INDEX, &bar));
	low = bed_get32(dev, bar.offset);
	EXPECT_NE(0, low);
	EXPECT_NE(~0u, low);
	regs = mmap(NULL, bar.size, PROT_READ, MAP_SHARED, dev->fd, bar.offset);
	ASSERT_NE(MAP_FAILED, (void *)regs);
	EXPECT_EQ(low, le32toh(*(volatile uint32_t *)regs));
	munmap(regs, bar.size);
}

/* Bits 32 to 63 of the features of a virtio device: the first is VERSION_1. */
static void virtio_bar(struct __test_metadata *_metadata,
		       struct bed_device *dev)
{
	struct vfio_region_info bar;

	ASSERT_EQ(0, bed_region(dev, VFIO_PCI_BAR4_REGION_INDEX, &bar));
	bed_set32(dev, bar.offset, 1);
	EXPECT_EQ(1, bed_get32(dev, bar.offset));
	EXPECT_EQ(1, bed_get32(dev, bar.offset + 4) & 1);
	EXPECT_NE(~0u, bed_get32(dev, bar.offset + 4));
}

TEST_F(function, bar)
{
	if (is_nvme(self->bdf))
		nvme_bar(_metadata, &self->dev);
	else
		virtio_bar(_metadata, &self->dev);
}

TEST_F(function, reset)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };

	ASSERT_EQ(0, ioctl(self->dev.fd, VFIO_DEVICE_GET_INFO, &info));
	if (!(info.flags & VFIO_DEVICE_FLAGS_RESET))
		SKIP(return, "it has no reset");
	EXPECT_EQ(0, ioctl(self->dev.fd, VFIO_DEVICE_RESET));
}

TEST_HARNESS_MAIN
