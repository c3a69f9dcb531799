// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ways in which tools bring a function to vfio-pci and take it back: the
 * same assertions hold for the driver of the kernel.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bed.h"
#include "kselftest_harness.h"

#define NIC		"04.0"
#define DENIED		"05.0"	/* Intel QAT C62X, of the denylist */
#define DRIVER		"/sys/bus/pci/drivers/vfio-pci"
#define PARAMETERS	"/sys/module/vfio_pci/parameters/"

FIXTURE(bind) {
	char nic[32];
	char denied[32];
	struct bed_device dev;
};

FIXTURE_SETUP(bind)
{
	bed_mock_remove();
	bed_mock_bus();
	bed_mock_function(NIC, 0x1af4, 0x1000, 0x020000);
	bed_mock_set(NIC, "bar", "0 10000");
	bed_mock_function(DENIED, 0x8086, 0x37c8, 0x0b4000);
	bed_mock_live();
	snprintf(self->nic, sizeof(self->nic), "%s", bed_mock_bdf(NIC));
	snprintf(self->denied, sizeof(self->denied), "%s",
		 bed_mock_bdf(DENIED));
}

FIXTURE_TEARDOWN(bind)
{
	bed_mock_remove();
}

static bool bound(const char *bdf)
{
	return bed_exists(DRIVER "/%s", bdf);
}

TEST_F(bind, override_then_probe)
{
	ASSERT_EQ(0, bed_bind(self->nic));
	ASSERT_EQ(0, bed_unbind(self->nic));
	EXPECT_FALSE(bound(self->nic));
}

/* dpdk-devbind.py: bind by name, clear the override with NUL. */
TEST_F(bind, override_then_bind)
{
	ASSERT_EQ(0, bed_puts("vfio-pci", "/sys/bus/pci/devices/%s/driver_override",
			      self->nic));
	ASSERT_EQ(0, bed_puts(self->nic, DRIVER "/bind"));
	EXPECT_TRUE(bound(self->nic));
	ASSERT_EQ(0, bed_write("\0", 1, "/sys/bus/pci/devices/%s/driver_override",
			       self->nic));
	EXPECT_TRUE(bound(self->nic));
	EXPECT_STREQ("(null)\n",
		     bed_read("/sys/bus/pci/devices/%s/driver_override",
			      self->nic));
}

TEST_F(bind, not_without_being_asked)
{
	EXPECT_EQ(-ENODEV, bed_puts(self->nic, DRIVER "/bind"));
	bed_puts(self->nic, "/sys/bus/pci/drivers_probe");
	EXPECT_FALSE(bound(self->nic));
}

TEST_F(bind, new_id_of_two_fields)
{
	ASSERT_EQ(0, bed_puts("1af4 1000", DRIVER "/new_id"));
	EXPECT_TRUE(bound(self->nic));
	EXPECT_EQ(0, bed_puts("1af4 1000", DRIVER "/remove_id"));
}

TEST_F(bind, ids_parameter)
{
	ASSERT_EQ(0, bed_run("rmmod vfio_pci"));
	EXPECT_EQ(0, bed_run("modprobe vfio-pci ids=nonsense,,1af4:1000"));
	EXPECT_TRUE(bound(self->nic));
	EXPECT_FALSE(bound(self->denied));
	ASSERT_EQ(0, bed_run("rmmod vfio_pci && modprobe vfio-pci"));
	EXPECT_FALSE(bound(self->nic));
}

TEST_F(bind, denylist)
{
	EXPECT_NE(0, bed_bind(self->denied));
	EXPECT_EQ(-EINVAL, bed_puts(self->denied, DRIVER "/bind"));
	ASSERT_EQ(0, bed_run("rmmod vfio_pci"));
	ASSERT_EQ(0, bed_run("modprobe vfio-pci disable_denylist=1"));
	EXPECT_EQ(0, bed_bind(self->denied));
	ASSERT_EQ(0, bed_run("rmmod vfio_pci && modprobe vfio-pci"));
}

TEST_F(bind, parameters)
{
	static const struct {
		const char *name;
		unsigned int mode;
	} parameters[] = {
		{ "nointxmask", 0644 }, { "disable_vga", 0444 },
		{ "disable_idle_d3", 0644 }, { "enable_sriov", 0644 },
		{ "disable_denylist", 0444 },
	};
	struct stat st;
	char path[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parameters); i++) {
		snprintf(path, sizeof(path), PARAMETERS "%s",
			 parameters[i].name);
		ASSERT_EQ(0, stat(path, &st)) {
			TH_LOG("%s", path);
		}
		EXPECT_EQ(parameters[i].mode, st.st_mode & 0777);
		EXPECT_STREQ("N\n", bed_read("%s", path));
	}
	EXPECT_FALSE(bed_exists(PARAMETERS "ids"));
}

TEST_F(bind, one_driver_of_one_module)
{
	char link[128] = "";

	EXPECT_LT(0, readlink(DRIVER "/module", link, sizeof(link) - 1));
	EXPECT_NE(NULL, strstr(link, "/vfio_pci"));
	EXPECT_EQ(0, bed_run("test \"$(ls /sys/module/vfio_pci/drivers)\" = pci:vfio-pci"));
}

/* libvirt and others read these; a plain pci: alias would load us unasked. */
TEST_F(bind, aliases)
{
	const char *narrow = bed_ours() ? "" : "! ";
	char command[256];

	EXPECT_EQ(0, bed_run("grep -qxF 'alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci' /lib/modules/$(uname -r)/modules.alias"));
	snprintf(command, sizeof(command),
		 "%sgrep -qxF 'alias vfio_pci:v00008086d*sv*sd*bc03sc*i* vfio_pci' /lib/modules/$(uname -r)/modules.alias",
		 narrow);
	EXPECT_EQ(0, bed_run(command));
	EXPECT_NE(0, bed_run("grep -q '^alias pci:.* vfio_pci$' /lib/modules/$(uname -r)/modules.alias"));
}

TEST_F(bind, idle_device_is_runtime_suspended)
{
	ASSERT_EQ(0, bed_bind(self->nic));
	EXPECT_STREQ("auto\n", bed_read("/sys/bus/pci/devices/%s/power/control",
					self->nic));
	EXPECT_STREQ("suspended\n",
		     bed_read("/sys/bus/pci/devices/%s/power/runtime_status",
			      self->nic));
	ASSERT_EQ(0, bed_open(&self->dev, self->nic));
	EXPECT_STREQ("active\n",
		     bed_read("/sys/bus/pci/devices/%s/power/runtime_status",
			      self->nic));
	bed_close(&self->dev);
}

/* Unbind asks the user to let go by the request interrupt, and waits. */
static void check_waits_for_user(struct __test_metadata *_metadata,
				 FIXTURE_DATA(bind) *self, bool hot)
{
	struct {
		struct vfio_irq_set set;
		int fd;
	} irq = {
		.set = {
			.argsz = sizeof(irq),
			.flags = VFIO_IRQ_SET_DATA_EVENTFD |
				 VFIO_IRQ_SET_ACTION_TRIGGER,
			.index = VFIO_PCI_REQ_IRQ_INDEX, .count = 1,
		},
		.fd = eventfd(0, 0),
	};
	struct pollfd request = { .fd = irq.fd, .events = POLLIN };
	int status;
	pid_t pid;

	ASSERT_EQ(0, bed_bind(self->nic));
	ASSERT_EQ(0, bed_open(&self->dev, self->nic));
	ASSERT_EQ(0, ioctl(self->dev.fd, VFIO_DEVICE_SET_IRQS, &irq));
	pid = fork();
	if (!pid) {
		close(self->dev.fd);
		close(self->dev.group);
		close(self->dev.container);
		if (hot)
			bed_mock_set(NIC, "present", "0");
		else
			bed_unbind(self->nic);
		_exit(0);
	}
	EXPECT_EQ(1, poll(&request, 1, 20000));
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
	bed_close(&self->dev);
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_FALSE(bound(self->nic));
}

TEST_F_TIMEOUT(bind, unbind_while_open, 60)
{
	check_waits_for_user(_metadata, self, false);
}

TEST_F_TIMEOUT(bind, hot_removal_while_open, 60)
{
	check_waits_for_user(_metadata, self, true);
}

TEST_F(bind, rmmod_while_open)
{
	ASSERT_EQ(0, bed_bind(self->nic));
	ASSERT_EQ(0, bed_open(&self->dev, self->nic));
	EXPECT_NE(0, bed_run("rmmod vfio_pci 2>/dev/null"));
	EXPECT_TRUE(bound(self->nic));
	bed_close(&self->dev);
}

TEST_HARNESS_MAIN
