// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel log says why a function is not bound, or can not be opened, where
 * VFIO says nothing but an errno.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bed.h"
#include "kselftest_harness.h"

#define SLOT	"04.0"
#define OTHER	"05.0"
#define THIRD	"06.0"
#define STUB	"pci-pf-stub"	/* a driver that VFIO shares no group with */

static void __attribute__((constructor)) check_driver(void)
{
	bed_need_ours();
}

FIXTURE(explain) {
	char bdf[32], other[32], third[32];
	char message[8192];
	struct bed_device dev;
	int kmsg;
};

static void make_bus(FIXTURE_DATA(explain) *self, bool translated)
{
	bed_mock_remove();
	bed_mock_bus();
	if (!translated)
		bed_mock_bus_set("bus", "untranslated", "1");
	bed_mock_function(SLOT, 0x1b36, 0x4242, 0xff0000);
	bed_mock_function(OTHER, 0x1b36, 0x4243, 0xff0000);
	bed_mock_function(THIRD, 0x1b36, 0x4244, 0xff0000);
	bed_mock_live();
	snprintf(self->bdf, sizeof(self->bdf), "%s", bed_mock_bdf(SLOT));
	snprintf(self->other, sizeof(self->other), "%s", bed_mock_bdf(OTHER));
	snprintf(self->third, sizeof(self->third), "%s", bed_mock_bdf(THIRD));
	self->kmsg = bed_kmsg_open();
}

FIXTURE_SETUP(explain)
{
	ASSERT_EQ(0, bed_load(""));
	make_bus(self, true);
}

FIXTURE_TEARDOWN(explain)
{
	bed_mock_remove();
	bed_puts("\n", BED_DEVICES "/0000:00:0b.0/driver_override");
}

static int found(FIXTURE_DATA(explain) *self, const char *needle)
{
	return bed_kmsg_find(self->kmsg, needle, self->message,
			     sizeof(self->message));
}

/* Does vfio-pci-status say so of a function, too? Its exit status, or -1. */
static int status_says(const char *bdf, const char *text)
{
	char command[256];
	int status;

	snprintf(command, sizeof(command),
		 "sh /tests/vfio-pci-status --why %s >/tmp/why 2>&1", bdf);
	status = bed_run(command);
	snprintf(command, sizeof(command), "grep -qF '%s' /tmp/why", text);
	if (!bed_run(command))
		return status;
	bed_run("cat /tmp/why");
	return -1;
}

TEST_F(explain, no_iommu)
{
	make_bus(self, false);
	ASSERT_FALSE(bed_exists(BED_DEVICES "/%s/iommu_group", self->bdf));
	EXPECT_NE(0, bed_bind(self->bdf));
	EXPECT_EQ(1, found(self, "no IOMMU translates its DMA"));
	EXPECT_NE(NULL, strstr(self->message, self->bdf));
	EXPECT_NE(NULL, strstr(self->message, "intel_iommu=on"));
	EXPECT_EQ(1, status_says(self->bdf, "no IOMMU translates its DMA"));
}

TEST_F(explain, bridge)
{
	if (!bed_exists(BED_DEVICES "/0000:00:0b.0/driver/unbind"))
		SKIP(return, "no root port with a driver in this machine");

	ASSERT_EQ(0, bed_puts("0000:00:0b.0",
			      BED_DEVICES "/0000:00:0b.0/driver/unbind"));
	EXPECT_NE(0, bed_bind("0000:00:0b.0"));
	EXPECT_EQ(1, found(self, "0000:00:0b.0: it is a bridge"));
	EXPECT_EQ(1, status_says("00:0b.0", "it is a bridge"));
	bed_puts("\n", BED_DEVICES "/0000:00:0b.0/driver_override");
	EXPECT_EQ(0, bed_puts("0000:00:0b.0", "/sys/bus/pci/drivers_probe"));
}

/* What the message names is what VFIO refuses the group for. */
TEST_F(explain, group_with_drivers)
{
	if (bed_run("modprobe " STUB " 2>/dev/null"))
		SKIP(return, "no " STUB " module");

	ASSERT_EQ(0, bed_bind_to(self->other, STUB));
	ASSERT_EQ(0, bed_bind_to(self->third, STUB));
	ASSERT_EQ(0, bed_bind(self->bdf));
	EXPECT_EQ(1, found(self, "nobody can open it until"));
	EXPECT_NE(NULL, strstr(self->message, self->other));
	EXPECT_NE(NULL, strstr(self->message, self->third));
	EXPECT_NE(NULL, strstr(self->message, "(" STUB ")"));
	EXPECT_NE(0, bed_open(&self->dev, self->bdf));
	EXPECT_EQ(1, status_says(self->bdf, self->other));
	EXPECT_EQ(1, status_says(self->other, "it is bound to " STUB));

	/* Once these are gone, or are with VFIO, too, nothing is said. */
	ASSERT_EQ(0, bed_unbind(self->other));
	ASSERT_EQ(0, bed_unbind(self->third));
	ASSERT_EQ(0, bed_bind(self->third));
	ASSERT_EQ(0, bed_unbind(self->bdf));
	ASSERT_EQ(0, bed_bind(self->bdf));
	EXPECT_EQ(0, found(self, "nobody can open"));
	ASSERT_EQ(0, bed_open(&self->dev, self->bdf));
	bed_close(&self->dev);
	EXPECT_EQ(0, status_says(self->bdf, "Nothing is in the way."));
	EXPECT_EQ(0, status_says(self->other, "To bind it:"));
}

TEST_F(explain, lost_function)
{
	bed_mock_set(SLOT, "lost", "1");
	EXPECT_EQ(1, status_says(self->bdf, "it does not answer"));
}

TEST_HARNESS_MAIN
