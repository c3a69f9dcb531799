// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that no vendor knows, used as a VMM uses them. The devices are those
 * that QEMU emulates; offsets of edu: QEMU's docs/specs/edu.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bed.h"
#include "kselftest_harness.h"

#define EDU_ID		0x00
#define EDU_INVERT	0x04
#define EDU_RAISE	0x60
#define EDU_DMA_FROM	0x80
#define EDU_DMA_TO	0x88
#define EDU_DMA_COUNT	0x90
#define EDU_DMA_COMMAND	0x98
#define EDU_DMA_BUFFER	0x40000
#define EDU_DMA_GO	1u
#define EDU_DMA_WRITE	2u	/* from the device to memory */

#define DMA_IOVA	0x100000u
#define DMA_LENGTH	256

FIXTURE(device) {
	struct bed_device dev;
	struct vfio_region_info bar;
	struct vfio_region_info config;
};

FIXTURE_VARIANT(device) {
	const char *bdf;
	uint32_t id;
};

FIXTURE_VARIANT_ADD(device, edu) { .bdf = BED_EDU, .id = 0x11e81234 };
FIXTURE_VARIANT_ADD(device, e1000e) { .bdf = BED_E1000E, .id = 0x10d38086 };
FIXTURE_VARIANT_ADD(device, nvme) { .bdf = BED_NVME, .id = 0x00101b36 };

FIXTURE_SETUP(device)
{
	ASSERT_EQ(0, bed_bind(variant->bdf));
	ASSERT_EQ(0, bed_open(&self->dev, variant->bdf));
	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_BAR0_REGION_INDEX,
				&self->bar));
	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_CONFIG_REGION_INDEX,
				&self->config));
}

FIXTURE_TEARDOWN(device)
{
	bed_close(&self->dev);
	bed_unbind(variant->bdf);
}

TEST_F(device, info_and_ids)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	uint32_t id;

	ASSERT_EQ(0, ioctl(self->dev.fd, VFIO_DEVICE_GET_INFO, &info));
	EXPECT_EQ(VFIO_DEVICE_FLAGS_PCI, info.flags & VFIO_DEVICE_FLAGS_PCI);
	EXPECT_EQ(VFIO_PCI_NUM_REGIONS, info.num_regions);
	EXPECT_EQ(VFIO_PCI_NUM_IRQS, info.num_irqs);
	ASSERT_EQ(4, bed_pread(&self->dev, &id, 4, self->config.offset));
	EXPECT_EQ(variant->id, id);
}

TEST_F(device, region_boundaries)
{
	uint64_t end = self->bar.offset + self->bar.size;
	uint16_t command = 6;
	uint8_t bytes[8];

	ASSERT_EQ(2, bed_pwrite(&self->dev, &command, 2,
				self->config.offset + 4));
	EXPECT_EQ(4, bed_pread(&self->dev, bytes, 4, end - 4));
	EXPECT_EQ(4, bed_pread(&self->dev, bytes, 8, end - 4));
	EXPECT_EQ(-EINVAL, bed_pread(&self->dev, bytes, 1, end));
	EXPECT_EQ(-EINVAL, bed_pwrite(&self->dev, bytes, 1, end));
	EXPECT_EQ(-EINVAL, bed_pread(&self->dev, bytes, 1,
				     (uint64_t)VFIO_PCI_NUM_REGIONS << 40));
	EXPECT_EQ(-EFAULT, bed_pread(&self->dev, NULL, 4, self->bar.offset));

	/* Memory space off: no access, and no fault. */
	command = 0;
	ASSERT_EQ(2, bed_pwrite(&self->dev, &command, 2,
				self->config.offset + 4));
	EXPECT_EQ(-EIO, bed_pread(&self->dev, bytes, 4, self->bar.offset));
}

TEST_F(device, mmap_agrees_with_read)
{
	uint16_t command = 6;
	uint32_t value;
	volatile uint32_t *bar;

	ASSERT_EQ(2, bed_pwrite(&self->dev, &command, 2,
				self->config.offset + 4));
	ASSERT_EQ(VFIO_REGION_INFO_FLAG_MMAP,
		  self->bar.flags & VFIO_REGION_INFO_FLAG_MMAP);
	bar = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
		   self->dev.fd, self->bar.offset);
	ASSERT_NE(MAP_FAILED, bar);
	ASSERT_EQ(4, bed_pread(&self->dev, &value, 4, self->bar.offset + 8));
	EXPECT_EQ(value, bar[2]);
	munmap((void *)bar, 4096);
}

FIXTURE(edu) {
	struct bed_device dev;
	uint64_t bar;
	uint64_t config;
	uint8_t *dma;
};

FIXTURE_SETUP(edu)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map), .iova = DMA_IOVA, .size = 4096,
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
	};
	struct vfio_region_info info;
	uint16_t command = 6;

	ASSERT_EQ(0, bed_bind(BED_EDU));
	ASSERT_EQ(0, bed_open(&self->dev, BED_EDU));
	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_BAR0_REGION_INDEX, &info));
	self->bar = info.offset;
	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_CONFIG_REGION_INDEX,
				&info));
	self->config = info.offset;
	ASSERT_EQ(2, bed_pwrite(&self->dev, &command, 2, self->config + 4));

	self->dma = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->dma);
	map.vaddr = (uintptr_t)self->dma;
	ASSERT_EQ(0, ioctl(self->dev.container, VFIO_IOMMU_MAP_DMA, &map));
}

FIXTURE_TEARDOWN(edu)
{
	bed_close(&self->dev);
	bed_unbind(BED_EDU);
}

static void edu_write(FIXTURE_DATA(edu) *self, unsigned int reg, uint32_t value)
{
	bed_pwrite(&self->dev, &value, 4, self->bar + reg);
}

static uint32_t edu_read(FIXTURE_DATA(edu) *self, unsigned int reg)
{
	uint32_t value = 0;

	bed_pread(&self->dev, &value, 4, self->bar + reg);
	return value;
}

TEST_F(edu, registers)
{
	EXPECT_EQ(0x010000ed, edu_read(self, EDU_ID));
	edu_write(self, EDU_INVERT, 0x12345678);
	EXPECT_EQ(~0x12345678u, edu_read(self, EDU_INVERT));
}

static bool edu_dma(FIXTURE_DATA(edu) *self, uint32_t from, uint32_t to,
		    uint32_t direction)
{
	int tries = 200;

	edu_write(self, EDU_DMA_FROM, from);
	edu_write(self, EDU_DMA_TO, to);
	edu_write(self, EDU_DMA_COUNT, DMA_LENGTH);
	edu_write(self, EDU_DMA_COMMAND, EDU_DMA_GO | direction);
	while (edu_read(self, EDU_DMA_COMMAND) & EDU_DMA_GO) {
		if (!tries--)
			return false;
		usleep(10000);
	}
	return true;
}

TEST_F(edu, dma_both_ways)
{
	int i;

	for (i = 0; i < DMA_LENGTH; i++)
		self->dma[i] = i ^ 0x5a;
	ASSERT_TRUE(edu_dma(self, DMA_IOVA, EDU_DMA_BUFFER, 0));
	ASSERT_TRUE(edu_dma(self, EDU_DMA_BUFFER, DMA_IOVA + DMA_LENGTH,
			    EDU_DMA_WRITE));
	EXPECT_EQ(0, memcmp(self->dma, self->dma + DMA_LENGTH, DMA_LENGTH));
}

TEST_F(edu, msi_through_eventfd)
{
	struct {
		struct vfio_irq_set set;
		int fd;
	} irq = {
		.set = {
			.argsz = sizeof(irq),
			.flags = VFIO_IRQ_SET_DATA_EVENTFD |
				 VFIO_IRQ_SET_ACTION_TRIGGER,
			.index = VFIO_PCI_MSI_IRQ_INDEX, .count = 1,
		},
		.fd = eventfd(0, 0),
	};
	struct pollfd fired = { .fd = irq.fd, .events = POLLIN };

	ASSERT_EQ(0, ioctl(self->dev.fd, VFIO_DEVICE_SET_IRQS, &irq));
	EXPECT_EQ(0, poll(&fired, 1, 50));
	edu_write(self, EDU_RAISE, 1);
	EXPECT_EQ(1, poll(&fired, 1, 5000));
}

TEST_HARNESS_MAIN
