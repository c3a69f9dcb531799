// SPDX-License-Identifier: GPL-2.0-only
/*
 * What vfio-pci hands to vfio-pci-core, which differs by kernel: the module
 * parameters, taken with the module or at each bind, and dma-bufs of BARs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bed.h"
#include "kselftest_harness.h"

#define GPU	"02.0"

#define COMMAND			0x04
#define COMMAND_INTX_DISABLE	0x400

/* Registers of edu: QEMU's docs/specs/edu. */
#define EDU_RAISE	0x60
#define EDU_ACK		0x64

/* vfio-pci-core keeps one set of parameters, or one a device. */
static bool one_set_for_all(void)
{
	return bed_kernel_has("vfio_pci_core_set_params");
}

/* Size of the file that a page of BAR 0 is exported as; 0: that is not offered. */
static long exported_bar(struct bed_device *dev)
{
	if (bed_dma_buf_probe(dev))
		return 0;
	return bed_dma_buf_size(dev, 0, 4096);
}

FIXTURE(core) {
	struct bed_device dev;
	char bdf[32];
};

FIXTURE_SETUP(core)
{
	bed_mock_remove();
	ASSERT_EQ(0, bed_load(""));
}

FIXTURE_TEARDOWN(core)
{
	bed_mock_remove();
	bed_unbind(BED_E1000E);
	bed_unbind(BED_EDU);
	bed_load("");
}

/* A display whose firmware table is whole: igd takes it, where it is there. */
static void display(FIXTURE_DATA(core) *self)
{
	struct bed_opregion tables = { .version = 0x0200, .kib = 8 };
	uint8_t image[BED_OPREGION_SIZE];

	bed_opregion(image, &tables);
	bed_firmware(BED_FIRMWARE, image, sizeof(image));
	bed_mock_bus();
	bed_mock_function(GPU, 0x8086, 0x3e92, 0x030000);
	bed_mock_set(GPU, "bar", "0 100000");
	bed_mock_set(GPU, "config", "fc 4 %x", BED_FIRMWARE);
	bed_mock_live();
	snprintf(self->bdf, sizeof(self->bdf), "%s", bed_mock_bdf(GPU));
}

static int vga_region(FIXTURE_DATA(core) *self)
{
	struct vfio_region_info info;
	int ret;

	display(self);
	if (bed_bind(self->bdf) || bed_open(&self->dev, self->bdf))
		return -ENODEV;
	ret = bed_region(&self->dev, VFIO_PCI_VGA_REGION_INDEX, &info);
	bed_close(&self->dev);
	bed_mock_remove();
	return ret;
}

TEST_F(core, disable_vga)
{
	EXPECT_EQ(0, vga_region(self));
	ASSERT_EQ(0, bed_load("disable_vga=1"));
	EXPECT_EQ(-EINVAL, vga_region(self));
}

/* 1: INTx of edu, once raised, is masked in the device, 0: elsewhere. */
static int masked_in_device(FIXTURE_DATA(core) *self)
{
	struct vfio_region_info config = { 0 }, bar = { 0 };
	uint16_t command = 6, physical = 0;
	int fd, ret = -ETIMEDOUT, event = eventfd(0, 0);

	if (bed_bind(BED_EDU) || bed_open(&self->dev, BED_EDU))
		return -ENODEV;
	bed_region(&self->dev, VFIO_PCI_CONFIG_REGION_INDEX, &config);
	bed_region(&self->dev, VFIO_PCI_BAR0_REGION_INDEX, &bar);
	bed_pwrite(&self->dev, &command, 2, config.offset + COMMAND);
	bed_irq_eventfd(&self->dev, VFIO_PCI_INTX_IRQ_INDEX, event);
	bed_set32(&self->dev, bar.offset + EDU_RAISE, 1);
	fd = open(BED_DEVICES "/" BED_EDU "/config", O_RDONLY);
	if (bed_wait(event, 5000) && pread(fd, &physical, 2, COMMAND) == 2)
		ret = !!(physical & COMMAND_INTX_DISABLE);
	close(fd);

	bed_set32(&self->dev, bar.offset + EDU_ACK, 1);
	close(event);
	bed_close(&self->dev);
	bed_unbind(BED_EDU);
	return ret;
}

TEST_F(core, nointxmask)
{
	EXPECT_EQ(1, masked_in_device(self));
	ASSERT_EQ(0, bed_load("nointxmask=1"));
	EXPECT_EQ(0, masked_in_device(self));
}

/* Written while the module is there, it counts for later binds, or never. */
TEST_F(core, nointxmask_written_later)
{
	ASSERT_EQ(0, bed_puts("1\n", BED_PARAMETERS "/nointxmask"));
	EXPECT_EQ(one_set_for_all(), masked_in_device(self));
	ASSERT_EQ(0, bed_puts("0\n", BED_PARAMETERS "/nointxmask"));
	EXPECT_EQ(1, masked_in_device(self));
}

/* The power state of an idle function is settled within a second. */
static bool idles_in(const char *state)
{
	int i;

	for (i = 0; i < 50; i++) {
		usleep(20000);
		if (!strcmp(state, bed_read(BED_DEVICES "/" BED_E1000E
					    "/power_state")))
			return true;
	}
	return false;
}

TEST_F(core, disable_idle_d3_written_later)
{
	ASSERT_EQ(0, bed_puts("1\n", BED_PARAMETERS "/disable_idle_d3"));
	ASSERT_EQ(0, bed_bind(BED_E1000E));
	EXPECT_EQ(one_set_for_all(), idles_in("D3hot\n"));

	/* A device keeps what it was bound with. */
	ASSERT_EQ(0, bed_puts("0\n", BED_PARAMETERS "/disable_idle_d3"));
	ASSERT_EQ(0, bed_open(&self->dev, BED_E1000E));
	EXPECT_STREQ("D0\n",
		     bed_read(BED_DEVICES "/" BED_E1000E "/power_state"));
	bed_close(&self->dev);
	EXPECT_EQ(one_set_for_all(), idles_in("D3hot\n"));

	bed_unbind(BED_E1000E);
	ASSERT_EQ(0, bed_bind(BED_E1000E));
	EXPECT_TRUE(idles_in("D3hot\n"));
}

TEST_F(core, dma_buf_of_bars)
{
	bool offered = bed_kernel_has(BED_DMA_BUF);

	ASSERT_EQ(0, bed_bind(BED_EDU));
	ASSERT_EQ(0, bed_open(&self->dev, BED_EDU));
	EXPECT_EQ(offered ? 4096 : 0, exported_bar(&self->dev));
	bed_close(&self->dev);
}

TEST_F(core, dma_buf_of_a_display)
{
	bool offered = bed_kernel_has(BED_DMA_BUF);

	display(self);
	ASSERT_EQ(0, bed_bind(self->bdf));
	if (bed_ours()) {
		EXPECT_STREQ("igd\n",
			     bed_vendor(self->bdf));
	}
	ASSERT_EQ(0, bed_open(&self->dev, self->bdf));
	EXPECT_EQ(offered ? 4096 : 0, exported_bar(&self->dev));
	bed_close(&self->dev);
}

TEST_HARNESS_MAIN
