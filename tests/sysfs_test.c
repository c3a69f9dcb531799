// SPDX-License-Identifier: GPL-2.0-only
/*
 * What sysfs shows, and the lifetime of it and of the driver: unbind, module
 * removal and hot removal, while idle and while in use.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bed.h"
#include "kselftest_harness.h"

#define SLOT	"04.0"
#define LOADED	"/sys/module/vfio_pci"

static int mode(const char *fmt, const char *arg)
{
	struct stat st;
	char path[256];

	snprintf(path, sizeof(path), fmt, arg);
	return stat(path, &st) ? -errno : (int)(st.st_mode & 07777);
}

FIXTURE(sysfs) {
	char bdf[32];
	struct bed_device dev;
};

FIXTURE_SETUP(sysfs)
{
	bed_mock_remove();
	ASSERT_EQ(0, bed_load(""));
	bed_mock_bus();
	bed_mock_function(SLOT, 0x8086, 0x56a0, 0x030000);
	bed_mock_set(SLOT, "bar", "0 10000");
	bed_mock_live();
	snprintf(self->bdf, sizeof(self->bdf), "%s", bed_mock_bdf(SLOT));
}

FIXTURE_TEARDOWN(sysfs)
{
	bed_mock_remove();
}

TEST_F(sysfs, attributes_while_bound)
{
	static const char *const names[] = { "vendor_ops", "vendor_ops_log" };
	const char *text;
	size_t i;

	if (!bed_ours())
		SKIP(return, "in-tree has no vendor ops");

	EXPECT_FALSE(bed_exists(BED_DEVICES "/%s/vfio_pci", self->bdf));
	ASSERT_EQ(0, bed_bind(self->bdf));
	EXPECT_EQ(0444, mode(BED_DEVICES "/%s/vfio_pci/vendor_ops", self->bdf));
	EXPECT_EQ(0444, mode(BED_DEVICES "/%s/vfio_pci/vendor_ops_log",
			     self->bdf));

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		text = bed_read(BED_DEVICES "/%s/vfio_pci/%s", self->bdf,
				names[i]);
		ASSERT_LT(1, strlen(text));
		EXPECT_EQ('\n', text[strlen(text) - 1]);

		/* Nobody writes, root neither. */
		EXPECT_GT(0, bed_puts("igd", BED_DEVICES "/%s/vfio_pci/%s",
				      self->bdf, names[i]));
	}

	EXPECT_EQ(0, bed_unbind(self->bdf));
	EXPECT_FALSE(bed_exists(BED_DEVICES "/%s/vfio_pci", self->bdf));
}

TEST_F(sysfs, attributes_of_the_driver)
{
	if (!bed_ours())
		SKIP(return, "in-tree has no vendor ops");

	EXPECT_EQ(0444, mode("%s", BED_DRIVER "/vendor_ops_available"));
	EXPECT_STREQ("igd nvlink2 nvgrace mlx5 virtio generic\n",
		     bed_read(BED_DRIVER "/vendor_ops_available"));
	EXPECT_GT(0, bed_puts("igd", BED_DRIVER "/vendor_ops_available"));
	EXPECT_EQ(0644, mode("%s", BED_PARAMETER));
}

TEST_F(sysfs, status_command)
{
	if (!bed_ours())
		SKIP(return, "in-tree has no vendor ops");

	ASSERT_EQ(0, bed_puts("-igd", BED_PARAMETER));
	ASSERT_EQ(0, bed_bind(self->bdf));
	ASSERT_EQ(0, bed_run("sh /tests/vfio-pci-status >/tmp/status"));
	EXPECT_NE(NULL, strstr(bed_read("/tmp/status"), self->bdf));
	EXPECT_NE(NULL, strstr(bed_read("/tmp/status"), "igd: disabled"));
	ASSERT_EQ(0, bed_run("sh /tests/vfio-pci-status --json >/tmp/status"));
	EXPECT_NE(NULL, strstr(bed_read("/tmp/status"), self->bdf));
}

TEST_F(sysfs, no_attributes_after_a_failed_bind)
{
	const struct {
		const char *attr, *value;
	} denylisted[] = {
		{ "device", "19e2" }, { "class", "0b4000" },
	};
	size_t i;

	bed_mock_remove();
	bed_mock_bus();
	bed_mock_function(SLOT, 0x8086, 0, 0);
	for (i = 0; i < ARRAY_SIZE(denylisted); i++)
		bed_mock_set(SLOT, denylisted[i].attr, "%s",
			     denylisted[i].value);
	bed_mock_live();
	snprintf(self->bdf, sizeof(self->bdf), "%s", bed_mock_bdf(SLOT));
	EXPECT_NE(0, bed_bind(self->bdf));
	EXPECT_FALSE(bed_exists(BED_DEVICES "/%s/vfio_pci", self->bdf));
	EXPECT_FALSE(bed_exists(BED_DEVICES "/%s/driver", self->bdf));
}

TEST_F(sysfs, module_reload)
{
	int i;

	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, bed_bind(self->bdf));
		ASSERT_EQ(0, bed_run("rmmod vfio_pci"));
		EXPECT_FALSE(bed_exists(LOADED));
		EXPECT_FALSE(bed_exists(BED_DEVICES "/%s/driver", self->bdf));
		EXPECT_FALSE(bed_exists(BED_DEVICES "/%s/vfio_pci", self->bdf));

		/* The override stands, so loading binds. */
		ASSERT_EQ(0, bed_run("modprobe vfio-pci"));
		EXPECT_TRUE(bed_exists(BED_DRIVER "/%s", self->bdf));
		EXPECT_EQ(0, bed_unbind(self->bdf));
	}
}

TEST_F(sysfs, module_stays_while_open)
{
	ASSERT_EQ(0, bed_bind(self->bdf));
	ASSERT_EQ(0, bed_open(&self->dev, self->bdf));
	EXPECT_NE(0, bed_run("rmmod vfio_pci 2>/dev/null"));
	EXPECT_TRUE(bed_exists(BED_DRIVER "/%s", self->bdf));
	bed_close(&self->dev);
	EXPECT_EQ(0, bed_run("rmmod vfio_pci"));
}

TEST_F(sysfs, bind_open_close_loop)
{
	int i;

	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, bed_bind(self->bdf));
		ASSERT_EQ(0, bed_open(&self->dev, self->bdf));
		bed_close(&self->dev);
		ASSERT_EQ(0, bed_unbind(self->bdf));
	}
}

TEST_F(sysfs, hot_removal_while_bound)
{
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, bed_bind(self->bdf));
		bed_mock_set(SLOT, "present", "0");
		EXPECT_FALSE(bed_exists(BED_DEVICES "/%s", self->bdf));
		EXPECT_FALSE(bed_exists(BED_DRIVER "/%s", self->bdf));
		bed_mock_set(SLOT, "present", "1");
		EXPECT_TRUE(bed_exists(BED_DEVICES "/%s", self->bdf));
		EXPECT_FALSE(bed_exists(BED_DEVICES "/%s/vfio_pci", self->bdf));
	}
}

/*
 * Removal waits for the user, who is asked to let go through an eventfd.
 * @remove runs in a process of its own.
 */
static void check_removal_waits(struct __test_metadata *_metadata,
				FIXTURE_DATA(sysfs) *self,
				void (*remove)(const char *bdf))
{
	int request = eventfd(0, EFD_CLOEXEC);
	int status;
	pid_t pid;

	ASSERT_EQ(0, bed_bind(self->bdf));
	ASSERT_EQ(0, bed_open(&self->dev, self->bdf));
	ASSERT_EQ(0, bed_irq_eventfd(&self->dev, VFIO_PCI_REQ_IRQ_INDEX,
				     request));

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		bed_close(&self->dev);
		remove(self->bdf);
		_exit(0);
	}

	EXPECT_TRUE(bed_wait(request, 10000));
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
	EXPECT_TRUE(bed_exists(BED_DEVICES "/%s", self->bdf));
	bed_close(&self->dev);
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_FALSE(bed_exists(BED_DRIVER "/%s", self->bdf));
	EXPECT_FALSE(bed_exists(BED_DEVICES "/%s/vfio_pci", self->bdf));
	close(request);
}

static void unbind(const char *bdf)
{
	bed_unbind(bdf);
}

static void unplug(const char *bdf)
{
	bed_mock_set(SLOT, "present", "0");
}

TEST_F(sysfs, unbind_while_open)
{
	check_removal_waits(_metadata, self, unbind);
	EXPECT_TRUE(bed_exists(BED_DEVICES "/%s", self->bdf));
	ASSERT_EQ(0, bed_bind(self->bdf));
	ASSERT_EQ(0, bed_open(&self->dev, self->bdf));
	bed_close(&self->dev);
}

TEST_F(sysfs, hot_removal_while_open)
{
	check_removal_waits(_metadata, self, unplug);
	EXPECT_FALSE(bed_exists(BED_DEVICES "/%s", self->bdf));
}

TEST_HARNESS_MAIN
