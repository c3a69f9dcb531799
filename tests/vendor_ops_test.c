// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vendor_ops parameter, the selection that it steers, and what sysfs tells.
 * None of it exists in the driver of the kernel.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bed.h"
#include "kselftest_harness.h"

#define GPU		"02.0"
#define OTHER		"03.0"
#define DRIVER		"/sys/bus/pci/drivers/vfio-pci"
#define AVAILABLE	DRIVER "/vendor_ops_available"

FIXTURE(parameter) {
	int kmsg;
};

FIXTURE_SETUP(parameter)
{
	if (!bed_ours())
		SKIP(return, "in-tree has no vendor ops");
	bed_puts("on", BED_PARAMETER);
	self->kmsg = bed_kmsg_open();
}

FIXTURE_TEARDOWN(parameter)
{
	bed_puts("on", BED_PARAMETER);
}

TEST_F(parameter, accepts_and_shows_canonical_form)
{
	static const struct {
		const char *value, *canonical;
	} good[] = {
		{ "on", "on\n" }, { "off\n", "off\n" }, { "igd", "igd\n" },
		{ "igd\n", "igd\n" }, { "-igd", "-igd\n" },
		{ "generic", "generic\n" }, { "generic,igd", "igd,generic\n" },
		{ "igd,igd", "igd\n" }, { "-igd,-igd\n", "-igd\n" },
		{ "on\n", "on\n" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		EXPECT_EQ(0, bed_puts(good[i].value, BED_PARAMETER));
		EXPECT_STREQ(good[i].canonical, bed_read(BED_PARAMETER));
	}
	EXPECT_EQ(0, bed_kmsg_count(self->kmsg, "vendor_ops:"));
}

TEST_F(parameter, refuses_and_keeps_the_old_value)
{
	static const struct {
		const char *value, *word;
	} bad[] = {
		{ "bogus", "\"bogus\" is not a vendor" },
		{ "igd,bogus", "\"bogus\" is not a vendor" },
		{ "ig", "\"ig\" is not a vendor" },
		{ "igdx", "\"igdx\" is not a vendor" },
		{ "IGD", "\"IGD\" is not a vendor" },
		{ " igd", "\" igd\" is not a vendor" },
		{ "on,igd", "\"on\" is not a vendor" },
		{ "ON", "\"ON\" is not a vendor" },
		{ "--igd", "\"--igd\" is not a vendor" },
		{ "-", "\"-\" is not a vendor" },
		{ "\n", "\"\" is an empty item" },
		{ ",", "\"\" is an empty item" },
		{ "igd,", "\"\" is an empty item" },
		{ ",igd", "\"\" is an empty item" },
		{ "igd,,generic", "\"\" is an empty item" },
		{ "-igd,igd", "\"igd\" is mixed" },
		{ "igd,-igd", "\"-igd\" is mixed" },
		{ "-generic", "\"-generic\" is the fallback" },
		{ "igd\nigd", "second line" },
		{ "\x01\xff", "is not a vendor" },
	};
	char line[4096];
	size_t i;

	ASSERT_EQ(0, bed_puts("-igd", BED_PARAMETER));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, bed_puts(bad[i].value, BED_PARAMETER));
		EXPECT_STREQ("-igd\n", bed_read(BED_PARAMETER));
		EXPECT_EQ(1, bed_kmsg_count(self->kmsg, bad[i].word)) {
			TH_LOG("value \"%s\"", bad[i].value);
		}
	}

	memset(line, 'x', sizeof(line));
	EXPECT_EQ(-EINVAL, bed_write(line, sizeof(line), BED_PARAMETER));
	memset(line, ',', sizeof(line));
	EXPECT_EQ(-EINVAL, bed_write(line, sizeof(line), BED_PARAMETER));
	EXPECT_EQ(-EINVAL, bed_write("\0igd", 4, BED_PARAMETER));
	EXPECT_EQ(3, bed_kmsg_count(self->kmsg, "of: igd generic"));
	EXPECT_STREQ("-igd\n", bed_read(BED_PARAMETER));
}

TEST_F(parameter, of_modprobe)
{
	ASSERT_EQ(0, bed_run("rmmod vfio_pci"));
	EXPECT_NE(0, bed_run("modprobe vfio-pci vendor_ops=bogus 2>/dev/null"));
	EXPECT_FALSE(bed_exists(DRIVER));
	EXPECT_EQ(0, bed_run("modprobe vfio-pci vendor_ops=-igd"));
	EXPECT_STREQ("-igd\n", bed_read(BED_PARAMETER));
	EXPECT_EQ(0, bed_run("rmmod vfio_pci && modprobe vfio-pci"));
	EXPECT_STREQ("on\n", bed_read(BED_PARAMETER));
}

FIXTURE(select) {
	char gpu[32];
	char other[32];
	int kmsg;
};

/* An Intel GPU with a sound OpRegion, and a function no vendor knows. */
FIXTURE_SETUP(select)
{
	static const struct bed_opregion desc = { .version = 0x100, .kib = 8 };
	uint8_t opregion[BED_OPREGION_SIZE];

	if (!bed_ours())
		SKIP(return, "in-tree has no vendor ops");

	bed_puts("on", BED_PARAMETER);
	bed_opregion(opregion, &desc);
	bed_firmware(BED_FIRMWARE, opregion, sizeof(opregion));
	bed_mock_remove();
	bed_mock_bus();
	bed_mock_function("00.0", 0x8086, 0x3e30, 0x060000);
	bed_mock_function("1f.0", 0x8086, 0xa30d, 0x060100);
	bed_mock_function(GPU, 0x8086, 0x3e92, 0x030000);
	bed_mock_set(GPU, "config", "fc 4 %x", BED_FIRMWARE);
	bed_mock_function(OTHER, 0x1234, 0x5678, 0x020000);
	bed_mock_live();
	snprintf(self->gpu, sizeof(self->gpu), "%s", bed_mock_bdf(GPU));
	snprintf(self->other, sizeof(self->other), "%s", bed_mock_bdf(OTHER));
	self->kmsg = bed_kmsg_open();
}

FIXTURE_TEARDOWN(select)
{
	bed_mock_remove();
	bed_puts("on", BED_PARAMETER);
}

static const char *ops(const char *bdf)
{
	return bed_read("/sys/bus/pci/devices/%s/vfio_pci/vendor_ops", bdf);
}

static const char *ops_log(const char *bdf)
{
	return bed_read("/sys/bus/pci/devices/%s/vfio_pci/vendor_ops_log", bdf);
}

TEST_F(select, vendor_that_claims)
{
	ASSERT_EQ(0, bed_bind(self->gpu));
	EXPECT_STREQ("igd\n", ops(self->gpu));
	EXPECT_STREQ("igd: selected\n", ops_log(self->gpu));
	EXPECT_EQ(1, bed_kmsg_count(self->kmsg,
				    "vendor ops: igd: selected\n"));
}

TEST_F(select, no_vendor_matches)
{
	ASSERT_EQ(0, bed_bind(self->other));
	EXPECT_STREQ("generic\n", ops(self->other));
	EXPECT_STREQ("generic: selected\n", ops_log(self->other));
	EXPECT_EQ(0, bed_kmsg_count(self->kmsg, "vendor ops:"));
}

TEST_F(select, disabled)
{
	static const char *const values[] = { "-igd", "generic" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		ASSERT_EQ(0, bed_puts(values[i], BED_PARAMETER));
		ASSERT_EQ(0, bed_bind(self->gpu));
		EXPECT_STREQ("generic\n", ops(self->gpu));
		EXPECT_STREQ("igd: disabled\ngeneric: selected\n",
			     ops_log(self->gpu));
		EXPECT_EQ(1, bed_kmsg_count(self->kmsg,
			  "vendor ops: igd: disabled;generic: selected\n"));
		ASSERT_EQ(0, bed_unbind(self->gpu));
	}
}

TEST_F(select, off)
{
	ASSERT_EQ(0, bed_puts("off", BED_PARAMETER));
	ASSERT_EQ(0, bed_bind(self->gpu));
	ASSERT_EQ(0, bed_bind(self->other));
	EXPECT_STREQ("generic\n", ops(self->gpu));
	EXPECT_STREQ("generic: selected: vendor_ops=off\n", ops_log(self->gpu));
	EXPECT_STREQ("generic: selected: vendor_ops=off\n",
		     ops_log(self->other));
	EXPECT_EQ(0, bed_kmsg_count(self->kmsg, "vendor ops:"));
}

TEST_F(select, change_affects_later_binds_only)
{
	ASSERT_EQ(0, bed_bind(self->gpu));
	ASSERT_EQ(0, bed_puts("off", BED_PARAMETER));
	EXPECT_STREQ("igd\n", ops(self->gpu));
	EXPECT_STREQ("igd: selected\n", ops_log(self->gpu));

	ASSERT_EQ(0, bed_unbind(self->gpu));
	ASSERT_EQ(0, bed_bind(self->gpu));
	ASSERT_EQ(0, bed_puts("on", BED_PARAMETER));
	EXPECT_STREQ("generic: selected: vendor_ops=off\n", ops_log(self->gpu));
}

/* The id that brought a function here does not count: its own does. */
TEST_F(select, ignores_dynamic_ids)
{
	ASSERT_EQ(0, bed_puts("8086 3e92", DRIVER "/new_id"));
	EXPECT_STREQ("igd\n", ops(self->gpu));
	ASSERT_EQ(0, bed_puts("1234 5678 ffffffff ffffffff 030000 000000",
			      DRIVER "/new_id"));
	EXPECT_STREQ("generic: selected\n", ops_log(self->other));
	EXPECT_EQ(0, bed_puts("8086 3e92", DRIVER "/remove_id"));
	EXPECT_EQ(0, bed_puts("1234 5678", DRIVER "/remove_id"));
}

TEST_F(select, attributes_live_as_long_as_the_bind)
{
	struct stat st;
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vfio_pci",
		 self->gpu);
	EXPECT_FALSE(bed_exists("%s", path));
	ASSERT_EQ(0, bed_bind(self->gpu));
	ASSERT_EQ(0, chdir(path));
	ASSERT_EQ(0, stat("vendor_ops", &st));
	EXPECT_EQ(0444, st.st_mode & 0777);
	ASSERT_EQ(0, stat("vendor_ops_log", &st));
	EXPECT_EQ(0444, st.st_mode & 0777);
	EXPECT_EQ(-EACCES, bed_puts("generic", "%s/vendor_ops", path));
	EXPECT_STREQ("igd\n", ops(self->gpu));
	ASSERT_EQ(0, chdir("/"));

	ASSERT_EQ(0, bed_unbind(self->gpu));
	EXPECT_FALSE(bed_exists("%s", path));
}

TEST_F(select, driver_attributes)
{
	struct stat st;

	EXPECT_STREQ("igd generic\n", bed_read(AVAILABLE));
	ASSERT_EQ(0, stat(AVAILABLE, &st));
	EXPECT_EQ(0444, st.st_mode & 0777);
	ASSERT_EQ(0, stat(BED_PARAMETER, &st));
	EXPECT_EQ(0644, st.st_mode & 0777);
}

TEST_F(select, hot_removal)
{
	ASSERT_EQ(0, bed_bind(self->gpu));
	bed_mock_set(GPU, "present", "0");
	EXPECT_FALSE(bed_exists("/sys/bus/pci/devices/%s", self->gpu));
	bed_mock_set(GPU, "present", "1");
	ASSERT_EQ(0, bed_bind(self->gpu));
	EXPECT_STREQ("igd\n", ops(self->gpu));
}

TEST_F(select, module_reload)
{
	int i;

	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, bed_bind(self->gpu));
		EXPECT_STREQ("igd\n", ops(self->gpu));
		ASSERT_EQ(0, bed_run("rmmod vfio_pci"));
		EXPECT_FALSE(bed_exists("/sys/bus/pci/devices/%s/vfio_pci",
					self->gpu));
		ASSERT_EQ(0, bed_run("modprobe vfio-pci"));
	}
}

TEST_F(select, status_command)
{
	ASSERT_EQ(0, bed_puts("-igd", BED_PARAMETER));
	ASSERT_EQ(0, bed_bind(self->gpu));
	ASSERT_EQ(0, bed_run("sh /tests/vfio-pci-status >/tmp/status"));
	EXPECT_NE(NULL, strstr(bed_read("/tmp/status"), self->gpu));
	EXPECT_NE(NULL, strstr(bed_read("/tmp/status"), "igd: disabled"));
	ASSERT_EQ(0, bed_run("sh /tests/vfio-pci-status --json >/tmp/status"));
	EXPECT_NE(NULL, strstr(bed_read("/tmp/status"), self->gpu));
}

TEST_HARNESS_MAIN
