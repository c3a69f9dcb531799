// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plain vfio-pci on any architecture: a function of the machine that is no
 * bridge, an NVMe if it has one, is bound, opened, and reached in each way.
 */
#include <dirent.h>
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

static unsigned int class_of(const char *bdf)
{
	return strtoul(bed_read(BED_DEVICES "/%s/class", bdf), NULL, 16);
}

static bool is_bridge(const char *bdf)
{
	return class_of(bdf) >> 16 == CLASS_BRIDGE;
}

FIXTURE(function) {
	char bdf[32];
	struct bed_device dev;
};

FIXTURE_SETUP(function)
{
	DIR *dir = opendir(BED_DEVICES);
	struct dirent *entry;

	ASSERT_NE(NULL, dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || is_bridge(entry->d_name))
			continue;
		if (!self->bdf[0] || class_of(entry->d_name) == CLASS_NVME)
			snprintf(self->bdf, sizeof(self->bdf), "%.31s",
				 entry->d_name);
	}
	closedir(dir);
	ASSERT_NE(0, self->bdf[0]);
	bed_puts(self->bdf, BED_DEVICES "/%s/driver/unbind", self->bdf);
	ASSERT_EQ(0, bed_bind(self->bdf));
	ASSERT_EQ(0, bed_open(&self->dev, self->bdf));
}

FIXTURE_TEARDOWN(function)
{
	bed_close(&self->dev);
	bed_unbind(self->bdf);
}

TEST_F(function, is_generic)
{
	if (!bed_ours())
		SKIP(return, "in-tree has no vendor ops");
	EXPECT_STREQ("generic\n", bed_read(BED_DEVICES "/%s/vfio_pci/vendor_ops",
					   self->bdf));
}

TEST_F(function, config_space)
{
	struct vfio_region_info config;
	unsigned int vendor;

	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_CONFIG_REGION_INDEX,
				&config));
	vendor = strtoul(bed_read(BED_DEVICES "/%s/vendor", self->bdf), NULL,
			 16);
	EXPECT_EQ(vendor, bed_get32(&self->dev, config.offset) & 0xffff);
}

/* Capabilities of an NVMe controller: never 0, and the same on both ways. */
TEST_F(function, bar)
{
	struct vfio_region_info config, bar;
	uint16_t command = htole16(6);
	uint32_t *regs, low;

	if (class_of(self->bdf) != CLASS_NVME)
		SKIP(return, "no NVMe on this machine");
	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_CONFIG_REGION_INDEX,
				&config));
	ASSERT_EQ(2, bed_pwrite(&self->dev, &command, 2, config.offset + 4));
	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_BAR0_REGION_INDEX, &bar));
	low = bed_get32(&self->dev, bar.offset);
	EXPECT_NE(0, low);
	EXPECT_NE(~0u, low);
	regs = mmap(NULL, bar.size, PROT_READ, MAP_SHARED, self->dev.fd,
		    bar.offset);
	ASSERT_NE(MAP_FAILED, (void *)regs);
	EXPECT_EQ(low, le32toh(*(volatile uint32_t *)regs));
	munmap(regs, bar.size);
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
