// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that no vendor knows, used as a VMM uses them. The devices are those
 * that QEMU emulates; offsets of edu: QEMU's docs/specs/edu.
 */
#include <endian.h>
#include <errno.h>
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
#define EDU_ACK		0x64
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

	EXPECT_EQ(0, bed_pread(&self->dev, bytes, 0, self->bar.offset));
	EXPECT_EQ(-EINVAL, bed_pread(&self->dev, bytes, 1, self->bar.offset +
				     (1ull << 40) - 1));

	/* Configuration space ends hard, and so does what does not exist. */
	end = self->config.offset + self->config.size;
	EXPECT_EQ(4, bed_pread(&self->dev, bytes, 4, end - 4));
	EXPECT_EQ(-EFAULT, bed_pread(&self->dev, bytes, 8, end - 4));
	EXPECT_EQ(-EFAULT, bed_pread(&self->dev, bytes, 1, end));
	EXPECT_EQ(-EFAULT, bed_pwrite(&self->dev, bytes, 1, end));
	EXPECT_EQ(-EINVAL, bed_pread(&self->dev, bytes, 1,
				     (uint64_t)VFIO_PCI_BAR5_REGION_INDEX << 40));
	EXPECT_EQ(-EINVAL, bed_pwrite(&self->dev, bytes, 1,
				      (uint64_t)VFIO_PCI_ROM_REGION_INDEX << 40));
	EXPECT_EQ(-EINVAL, bed_pread(&self->dev, bytes, 1,
				     (uint64_t)VFIO_PCI_VGA_REGION_INDEX << 40));

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
	ASSERT_EQ(0, bed_map_dma(&self->dev, self->dma, 4096, DMA_IOVA));
}

FIXTURE_TEARDOWN(edu)
{
	bed_close(&self->dev);
	bed_unbind(BED_EDU);
}

static void edu_write(FIXTURE_DATA(edu) *self, unsigned int reg, uint32_t value)
{
	bed_set32(&self->dev, self->bar + reg, value);
}

static uint32_t edu_read(FIXTURE_DATA(edu) *self, unsigned int reg)
{
	return bed_get32(&self->dev, self->bar + reg);
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
	int fired = eventfd(0, 0);
	int i;

	ASSERT_EQ(0, bed_irq_eventfd(&self->dev, VFIO_PCI_MSI_IRQ_INDEX,
				     fired));
	EXPECT_FALSE(bed_wait(fired, 50));
	for (i = 0; i < 3; i++) {
		edu_write(self, EDU_RAISE, 1);
		EXPECT_TRUE(bed_wait(fired, 5000));
		edu_write(self, EDU_ACK, 1);
	}
	EXPECT_EQ(0, bed_irq_eventfd(&self->dev, VFIO_PCI_MSI_IRQ_INDEX, -1));
}

/* INTx is masked by the host at each interrupt until the user unmasks it. */
TEST_F(edu, intx_mask)
{
	int fired = eventfd(0, 0);

	ASSERT_EQ(0, bed_irq_eventfd(&self->dev, VFIO_PCI_INTX_IRQ_INDEX,
				     fired));
	edu_write(self, EDU_RAISE, 1);
	EXPECT_TRUE(bed_wait(fired, 5000));
	EXPECT_FALSE(bed_wait(fired, 50));

	/* Not acknowledged: it comes again. */
	ASSERT_EQ(0, bed_irq_action(&self->dev, VFIO_PCI_INTX_IRQ_INDEX,
				    VFIO_IRQ_SET_ACTION_UNMASK));
	EXPECT_TRUE(bed_wait(fired, 5000));

	edu_write(self, EDU_ACK, 1);
	ASSERT_EQ(0, bed_irq_action(&self->dev, VFIO_PCI_INTX_IRQ_INDEX,
				    VFIO_IRQ_SET_ACTION_UNMASK));
	EXPECT_FALSE(bed_wait(fired, 50));

	ASSERT_EQ(0, bed_irq_action(&self->dev, VFIO_PCI_INTX_IRQ_INDEX,
				    VFIO_IRQ_SET_ACTION_MASK));
	edu_write(self, EDU_RAISE, 1);
	EXPECT_FALSE(bed_wait(fired, 50));
	ASSERT_EQ(0, bed_irq_action(&self->dev, VFIO_PCI_INTX_IRQ_INDEX,
				    VFIO_IRQ_SET_ACTION_UNMASK));
	EXPECT_TRUE(bed_wait(fired, 5000));
	edu_write(self, EDU_ACK, 1);
}

/* Offsets and bits: NVM Express Base Specification, controller properties. */
#define NVME_CC			0x14
#define NVME_CC_ENABLE		0x00460001	/* 64-byte SQ, 16-byte CQ */
#define NVME_CSTS		0x1c
#define NVME_AQA		0x24
#define NVME_ASQ		0x28
#define NVME_ACQ		0x30
#define NVME_SQ0_DOORBELL	0x1000
#define NVME_PAGE		4096
#define NVME_SQ			(DMA_IOVA)
#define NVME_CQ			(DMA_IOVA + NVME_PAGE)
#define NVME_DATA		(DMA_IOVA + 2 * NVME_PAGE)
#define NVME_IDENTIFY		0x06

static bool nvme_wait_ready(struct bed_device *dev, uint64_t bar, bool ready)
{
	int tries = 500;

	while ((bed_get32(dev, bar + NVME_CSTS) & 1) != ready) {
		if (!tries--)
			return false;
		usleep(10000);
	}
	return true;
}

/* Reset the controller, ask it who it is, and have it answer by DMA. */
TEST(nvme_identify_and_reset)
{
	volatile uint32_t *submission, *completion;
	struct vfio_region_info info;
	struct bed_device dev;
	uint16_t command = 6;
	int tries = 500;
	uint64_t bar;
	char *memory;

	ASSERT_EQ(0, bed_bind(BED_NVME));
	ASSERT_EQ(0, bed_open(&dev, BED_NVME));
	ASSERT_EQ(0, bed_region(&dev, VFIO_PCI_CONFIG_REGION_INDEX, &info));
	ASSERT_EQ(2, bed_pwrite(&dev, &command, 2, info.offset + 4));
	ASSERT_EQ(0, bed_region(&dev, VFIO_PCI_BAR0_REGION_INDEX, &info));
	bar = info.offset;
	memory = mmap(NULL, 3 * NVME_PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, memory);
	ASSERT_EQ(0, bed_map_dma(&dev, memory, 3 * NVME_PAGE, DMA_IOVA));

	bed_set32(&dev, bar + NVME_CC, 0);
	ASSERT_TRUE(nvme_wait_ready(&dev, bar, false));
	bed_set32(&dev, bar + NVME_AQA, 0x000f000f);
	bed_set32(&dev, bar + NVME_ASQ, NVME_SQ);
	bed_set32(&dev, bar + NVME_ASQ + 4, 0);
	bed_set32(&dev, bar + NVME_ACQ, NVME_CQ);
	bed_set32(&dev, bar + NVME_ACQ + 4, 0);
	bed_set32(&dev, bar + NVME_CC, NVME_CC_ENABLE);
	ASSERT_TRUE(nvme_wait_ready(&dev, bar, true));

	submission = (void *)memory;
	completion = (void *)(memory + NVME_PAGE);
	submission[0] = htole32(NVME_IDENTIFY | 0xbed << 16);
	submission[6] = htole32(NVME_DATA);
	submission[10] = htole32(1);	/* the controller */
	bed_set32(&dev, bar + NVME_SQ0_DOORBELL, 1);
	while (!completion[3] && tries--)
		usleep(10000);

	/* Command identifier, phase 1, status 0; then model and serial. */
	EXPECT_EQ(0x00010bed, le32toh(completion[3]));
	EXPECT_EQ(0, strncmp(memory + 2 * NVME_PAGE + 24, "QEMU NVMe Ctrl", 14));
	EXPECT_EQ('1', memory[2 * NVME_PAGE + 4]);

	/* A reset of the function stops it; the user's settings are back. */
	ASSERT_EQ(0, ioctl(dev.fd, VFIO_DEVICE_RESET));
	EXPECT_TRUE(nvme_wait_ready(&dev, bar, false));
	EXPECT_EQ(0, bed_get32(&dev, bar + NVME_CC) & 1);
	bed_close(&dev);
	bed_unbind(BED_NVME);
}

#define E1000E_RAL	0x5400	/* receive address */
#define E1000E_RAH	0x5404

TEST(e1000e_mac_and_reset)
{
	struct vfio_device_info device = { .argsz = sizeof(device) };
	struct vfio_region_info info;
	struct bed_device dev;
	uint16_t command = 6;
	uint64_t bar, config;

	ASSERT_EQ(0, bed_bind(BED_E1000E));
	ASSERT_EQ(0, bed_open(&dev, BED_E1000E));
	ASSERT_EQ(0, bed_region(&dev, VFIO_PCI_CONFIG_REGION_INDEX, &info));
	config = info.offset;
	ASSERT_EQ(2, bed_pwrite(&dev, &command, 2, config + 4));
	ASSERT_EQ(0, bed_region(&dev, VFIO_PCI_BAR0_REGION_INDEX, &info));
	bar = info.offset;

	/* 52:54:00:12:34:5x, and valid. */
	EXPECT_EQ(0x12005452, bed_get32(&dev, bar + E1000E_RAL));
	EXPECT_EQ(0x80005034, bed_get32(&dev, bar + E1000E_RAH) & 0xfffff0ff);

	ASSERT_EQ(0, ioctl(dev.fd, VFIO_DEVICE_GET_INFO, &device));
	EXPECT_TRUE(device.flags & VFIO_DEVICE_FLAGS_RESET);
	ASSERT_EQ(0, ioctl(dev.fd, VFIO_DEVICE_RESET));
	EXPECT_EQ(0x12005452, bed_get32(&dev, bar + E1000E_RAL));
	bed_close(&dev);
	bed_unbind(BED_E1000E);
}

/* On a root bus there is nothing to reset; below a port the function is listed. */
static int hot_reset_info(struct bed_device *dev,
			  struct vfio_pci_hot_reset_info *info, size_t size)
{
	memset(info, 0, size);
	info->argsz = size;
	return ioctl(dev->fd, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, info) ?
	       -errno : 0;
}

TEST(hot_reset_info_lists_functions)
{
	union {
		struct vfio_pci_hot_reset_info info;
		uint8_t bytes[1024];
	} all;
	struct bed_device dev;
	char pf[32];

	ASSERT_EQ(0, bed_bind(BED_E1000E));
	ASSERT_EQ(0, bed_open(&dev, BED_E1000E));
	EXPECT_EQ(-ENODEV, hot_reset_info(&dev, &all.info, sizeof(all)));
	bed_close(&dev);
	bed_unbind(BED_E1000E);

	snprintf(pf, sizeof(pf), "%s", bed_sriov_pf());
	if (!pf[0])
		return;
	ASSERT_EQ(0, bed_bind(pf));
	ASSERT_EQ(0, bed_open(&dev, pf));
	EXPECT_EQ(-ENOSPC, hot_reset_info(&dev, &all.info, sizeof(all.info)));
	EXPECT_EQ(1, all.info.count);
	ASSERT_EQ(0, hot_reset_info(&dev, &all.info, sizeof(all)));
	EXPECT_EQ(1, all.info.count);
	EXPECT_EQ(1, all.info.devices[0].bus);
	bed_close(&dev);
	bed_unbind(pf);
}

TEST_HARNESS_MAIN
