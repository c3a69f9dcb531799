// SPDX-License-Identifier: GPL-2.0-only
/*
 * A drop-in for the driver in the kernel: every way to bind, the module's
 * parameters and aliases, the denylist, SR-IOV and runtime power management.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bed.h"
#include "kselftest_harness.h"

#define SLOT	"04.0"
#define PROBE	"/sys/bus/pci/drivers_probe"

static bool is_bound(const char *bdf)
{
	return bed_exists(BED_DRIVER "/%s", bdf);
}

FIXTURE(bind) {
	char bdf[32];
	struct bed_device dev;
};

FIXTURE_SETUP(bind)
{
	bed_mock_remove();
	ASSERT_EQ(0, bed_load(""));
	bed_mock_bus();
	bed_mock_function(SLOT, 0x1b36, 0x4242, 0xff0000);
	bed_mock_set(SLOT, "bar", "0 10000");
	bed_mock_live();
	snprintf(self->bdf, sizeof(self->bdf), "%s", bed_mock_bdf(SLOT));
}

FIXTURE_TEARDOWN(bind)
{
	bed_mock_remove();
	bed_load("");
}

TEST_F(bind, nothing_without_request)
{
	EXPECT_EQ(0, bed_puts(self->bdf, PROBE));
	EXPECT_FALSE(is_bound(self->bdf));
	EXPECT_EQ(-ENODEV, bed_puts(self->bdf, BED_DRIVER "/bind"));
}

TEST_F(bind, override_then_probe)
{
	EXPECT_EQ(0, bed_bind(self->bdf));
	EXPECT_TRUE(is_bound(self->bdf));
	ASSERT_EQ(0, bed_open(&self->dev, self->bdf));
	bed_close(&self->dev);
}

TEST_F(bind, override_then_bind)
{
	ASSERT_EQ(0, bed_puts("vfio-pci", BED_DEVICES "/%s/driver_override",
			      self->bdf));
	EXPECT_EQ(0, bed_puts(self->bdf, BED_DRIVER "/bind"));
	EXPECT_TRUE(is_bound(self->bdf));
}

TEST_F(bind, override_of_another_driver)
{
	ASSERT_EQ(0, bed_puts("none", BED_DEVICES "/%s/driver_override",
			      self->bdf));
	EXPECT_EQ(0, bed_puts("1b36 4242", BED_DRIVER "/new_id"));
	EXPECT_FALSE(is_bound(self->bdf));
}

TEST_F(bind, cleared_override)
{
	static const struct {
		const char *text;
		size_t len;
	} clear[] = { { "\n", 1 }, { "\0", 1 } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(clear); i++) {
		ASSERT_EQ(0, bed_bind(self->bdf));
		ASSERT_EQ(0, bed_write(clear[i].text, clear[i].len,
				       BED_DEVICES "/%s/driver_override",
				       self->bdf));
		EXPECT_TRUE(is_bound(self->bdf));
		EXPECT_STREQ("(null)\n",
			     bed_read(BED_DEVICES "/%s/driver_override",
				      self->bdf));
		ASSERT_EQ(0, bed_puts(self->bdf, BED_DRIVER "/unbind"));
		EXPECT_EQ(0, bed_puts(self->bdf, PROBE));
		EXPECT_FALSE(is_bound(self->bdf));
	}
}

TEST_F(bind, new_id_and_remove_id)
{
	EXPECT_EQ(0, bed_puts("1b36 4242", BED_DRIVER "/new_id"));
	EXPECT_TRUE(is_bound(self->bdf));
	EXPECT_EQ(-EEXIST, bed_puts("1b36 4242", BED_DRIVER "/new_id"));

	ASSERT_EQ(0, bed_puts(self->bdf, BED_DRIVER "/unbind"));
	EXPECT_EQ(0, bed_puts(self->bdf, BED_DRIVER "/bind"));
	ASSERT_EQ(0, bed_puts(self->bdf, BED_DRIVER "/unbind"));

	EXPECT_EQ(0, bed_puts("1b36 4242", BED_DRIVER "/remove_id"));
	EXPECT_EQ(-ENODEV, bed_puts(self->bdf, BED_DRIVER "/bind"));
	EXPECT_EQ(-ENODEV, bed_puts("1b36 4242", BED_DRIVER "/remove_id"));
}

TEST_F(bind, new_id_with_all_fields)
{
	/* driver_data must be one that the table of the driver has. */
	EXPECT_EQ(-EINVAL, bed_puts("1b36 4242 ffffffff ffffffff 0 0 7",
				    BED_DRIVER "/new_id"));
	EXPECT_FALSE(is_bound(self->bdf));
	EXPECT_EQ(0, bed_puts("1b36 4242 ffffffff ffffffff ff0000 ff0000 0",
			      BED_DRIVER "/new_id"));
	EXPECT_TRUE(is_bound(self->bdf));
	EXPECT_EQ(-EINVAL, bed_puts("zzz", BED_DRIVER "/new_id"));
}

TEST_F(bind, ids_option)
{
	ASSERT_EQ(0, bed_load("ids=dead:beef,1b36:4242"));
	EXPECT_TRUE(is_bound(self->bdf));

	/* A bad item is skipped; the rest counts. */
	ASSERT_EQ(0, bed_load("ids=,xyz,1b36,1b36:4242:ffffffff:ffffffff:ff0000:ff0000"));
	EXPECT_TRUE(is_bound(self->bdf));
	ASSERT_EQ(0, bed_load("ids=1b36:4242:ffffffff:ffffffff:030000:ff0000"));
	EXPECT_FALSE(is_bound(self->bdf));
}

TEST_F(bind, denylist)
{
	bed_mock_remove();
	bed_mock_bus();
	bed_mock_function(SLOT, 0x8086, 0x19e2, 0x0b4000);
	bed_mock_live();
	snprintf(self->bdf, sizeof(self->bdf), "%s", bed_mock_bdf(SLOT));

	EXPECT_NE(0, bed_bind(self->bdf));
	EXPECT_EQ(-EINVAL, bed_puts(self->bdf, BED_DRIVER "/bind"));
	EXPECT_FALSE(is_bound(self->bdf));

	ASSERT_EQ(0, bed_load("disable_denylist=1"));
	EXPECT_TRUE(is_bound(self->bdf));
	ASSERT_EQ(0, bed_open(&self->dev, self->bdf));
	bed_close(&self->dev);
}

TEST_F(bind, parameters)
{
	static const struct {
		const char *name;
		unsigned int mode;
		const char *value;
	} params[] = {
		{ "nointxmask", 0644, "N\n" }, { "disable_vga", 0444, "N\n" },
		{ "disable_idle_d3", 0644, "N\n" },
		{ "enable_sriov", 0644, "N\n" },
		{ "disable_denylist", 0444, "N\n" },
	};
	char path[128];
	struct stat st;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(params); i++) {
		snprintf(path, sizeof(path), BED_PARAMETERS "/%s",
			 params[i].name);
		ASSERT_EQ(0, stat(path, &st)) {
			TH_LOG("%s", path);
		}
		EXPECT_EQ(params[i].mode, st.st_mode & 07777);
		EXPECT_STREQ(params[i].value, bed_read("%s", path));
	}
	EXPECT_FALSE(bed_exists(BED_PARAMETERS "/ids"));
	EXPECT_EQ(0, bed_load("nointxmask=1 disable_vga=1 disable_idle_d3=1 enable_sriov=1"));
	EXPECT_STREQ("Y\n", bed_read(BED_PARAMETERS "/disable_vga"));
	EXPECT_STREQ("Y\n", bed_read(BED_PARAMETERS "/enable_sriov"));
}

TEST_F(bind, one_driver_of_one_module)
{
	char link[128] = "";

	EXPECT_LT(0, readlink(BED_DRIVER "/module", link, sizeof(link) - 1));
	EXPECT_NE(NULL, strstr(link, "/vfio_pci"));
	EXPECT_EQ(0, bed_run("test \"$(ls /sys/module/vfio_pci/drivers)\" = pci:vfio-pci"));
}

/* The ids of the vendors, each in one narrow alias, and what builds have it. */
static const struct {
	const char *alias;
	bool (*built)(void);
} narrow_aliases[] = {
	{ "vfio_pci:v00008086d*sv*sd*bc03sc*i*", bed_ours },
	{ "vfio_pci:v000010DEd00001DB1sv*sd*bc*sc*i*", bed_ours },
	{ "vfio_pci:v000010DEd00001DB5sv*sd*bc*sc*i*", bed_ours },
	{ "vfio_pci:v00001014d000004EAsv*sd*bc*sc*i*", bed_ours },
	{ "vfio_pci:v000010DEd00002342sv*sd*bc*sc*i*", bed_ours },
	{ "vfio_pci:v000010DEd00002345sv*sd*bc*sc*i*", bed_ours },
	{ "vfio_pci:v000010DEd00002348sv*sd*bc*sc*i*", bed_ours },
	{ "vfio_pci:v000010DEd00002941sv*sd*bc*sc*i*", bed_ours },
	{ "vfio_pci:v000010DEd000031C2sv*sd*bc*sc*i*", bed_ours },
	{ "vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*", bed_ours_all },
	{ "vfio_pci:v00001AF4d00001041sv*sd*bc*sc*i*", bed_ours_virtio },
	{ "vfio_pci:v00001AF4d00001042sv*sd*bc*sc*i*", bed_ours_virtio },
};

#define NARROW	ARRAY_SIZE(narrow_aliases)

/* NARROW if it is none of them. */
static size_t narrow_alias(const char *alias)
{
	size_t i;

	for (i = 0; i < NARROW && strcmp(alias, narrow_aliases[i].alias);)
		i++;
	return i;
}

/* What libvirt and others look for in modules.alias. */
TEST_F(bind, aliases)
{
	char path[256], line[512], alias[256], module[64];
	int all = 0, plain = 0, other = 0;
	int narrow[NARROW] = {};
	struct utsname uts;
	FILE *file;
	size_t i;

	ASSERT_EQ(0, uname(&uts));
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.alias",
		 uts.release);
	file = fopen(path, "r");
	ASSERT_NE(NULL, file);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "alias %255s %63s", alias, module) != 2 ||
		    strcmp(module, "vfio_pci"))
			continue;
		i = narrow_alias(alias);
		if (i < NARROW)
			narrow[i]++;
		else if (!strcmp(alias, "vfio_pci:v*d*sv*sd*bc*sc*i*"))
			all++;
		else if (!strncmp(alias, "pci:", 4))
			plain++;
		else
			other++;
	}
	fclose(file);
	EXPECT_EQ(1, all);
	for (i = 0; i < NARROW; i++) {
		EXPECT_EQ(narrow_aliases[i].built(), narrow[i]) {
			TH_LOG("%s", narrow_aliases[i].alias);
		}
	}
	EXPECT_EQ(0, plain);
	EXPECT_EQ(0, other);
}

/* The power state that an idle or an open function settles in. */
static bool settles(const char *bdf, const char *status)
{
	int i;

	for (i = 0; i < 50; i++) {
		if (!strncmp(bed_read(BED_DEVICES "/%s/power/runtime_status",
				      bdf), status, strlen(status)))
			return true;
		usleep(20000);
	}
	return false;
}

TEST_F(bind, idle_is_suspended)
{
	ASSERT_EQ(0, bed_bind(BED_E1000E));
	EXPECT_STREQ("auto\n",
		     bed_read(BED_DEVICES "/" BED_E1000E "/power/control"));
	EXPECT_TRUE(settles(BED_E1000E, "suspended"));
	EXPECT_STREQ("D3hot\n",
		     bed_read(BED_DEVICES "/" BED_E1000E "/power_state"));
	ASSERT_EQ(0, bed_open(&self->dev, BED_E1000E));
	EXPECT_TRUE(settles(BED_E1000E, "active"));
	EXPECT_STREQ("D0\n",
		     bed_read(BED_DEVICES "/" BED_E1000E "/power_state"));
	bed_close(&self->dev);
	EXPECT_TRUE(settles(BED_E1000E, "suspended"));
	bed_unbind(BED_E1000E);

	ASSERT_EQ(0, bed_load("disable_idle_d3=1"));
	ASSERT_EQ(0, bed_bind(BED_E1000E));
	EXPECT_TRUE(settles(BED_E1000E, "active"));
	usleep(100000);
	EXPECT_STREQ("D0\n",
		     bed_read(BED_DEVICES "/" BED_E1000E "/power_state"));
	bed_unbind(BED_E1000E);
}

FIXTURE(sriov) {
	char pf[32], vf[32];
	struct bed_device pf_dev, vf_dev;
};

FIXTURE_SETUP(sriov)
{
	ASSERT_EQ(0, bed_load(""));
	snprintf(self->pf, sizeof(self->pf), "%s", bed_sriov_pf());
}

FIXTURE_TEARDOWN(sriov)
{
	if (!self->pf[0])
		return;

	bed_puts("0", BED_DEVICES "/%s/sriov_numvfs", self->pf);
	bed_puts("\n", BED_DEVICES "/%s/driver_override", self->pf);
	bed_puts(self->pf, BED_DEVICES "/%s/driver/unbind", self->pf);
}

static int enable_vfs(const char *pf, const char *count)
{
	return bed_puts(count, BED_DEVICES "/%s/sriov_numvfs", pf);
}

static void first_vf(FIXTURE_DATA(sriov) *self)
{
	char path[128], link[128] = "";

	snprintf(path, sizeof(path), BED_DEVICES "/%s/virtfn0", self->pf);
	if (readlink(path, link, sizeof(link) - 1) > 0)
		snprintf(self->vf, sizeof(self->vf), "%.31s",
			 strrchr(link, '/') + 1);
}

TEST_F(sriov, needs_the_parameter)
{
	if (!self->pf[0])
		SKIP(return, "no function with SR-IOV in this machine");

	ASSERT_EQ(0, bed_bind(self->pf));
	EXPECT_EQ(-ENOENT, enable_vfs(self->pf, "1"));
	EXPECT_STREQ("0\n", bed_read(BED_DEVICES "/%s/sriov_numvfs", self->pf));
}

/*
 * VFs of a PF bound to vfio-pci are captured, and opened with its token. The PF
 * is open first: QEMU forgets the VFs in the reset that comes with that.
 */
TEST_F(sriov, captured_vfs)
{
	struct vfio_region_info config;
	struct bed_device intruder;

	if (!self->pf[0])
		SKIP(return, "no function with SR-IOV in this machine");

	ASSERT_EQ(0, bed_puts("1", BED_PARAMETERS "/enable_sriov"));
	ASSERT_EQ(0, bed_bind(self->pf));
	ASSERT_EQ(0, bed_open(&self->pf_dev, self->pf));
	ASSERT_EQ(0, bed_set_token(&self->pf_dev));
	ASSERT_EQ(0, enable_vfs(self->pf, "2"));
	first_vf(self);
	ASSERT_NE(0, self->vf[0]);
	EXPECT_STREQ("vfio-pci\n", bed_read(BED_DEVICES "/%s/driver_override",
					    self->vf));
	EXPECT_TRUE(is_bound(self->vf));
	if (bed_ours()) {
		EXPECT_STREQ("generic\n",
			     bed_vendor(self->vf));
	}

	EXPECT_EQ(-EACCES, bed_open(&intruder, self->vf));
	ASSERT_EQ(0, bed_open_token(&self->vf_dev, self->vf, BED_TOKEN));
	ASSERT_EQ(0, bed_region(&self->vf_dev, VFIO_PCI_CONFIG_REGION_INDEX,
				&config));
	EXPECT_EQ(0x00101b36, bed_get32(&self->vf_dev, config.offset));
	bed_close(&self->vf_dev);

	EXPECT_EQ(0, enable_vfs(self->pf, "0"));
	EXPECT_FALSE(bed_exists(BED_DEVICES "/%s", self->vf));
	bed_close(&self->pf_dev);
}

TEST_F(sriov, pf_with_vfs_is_busy)
{
	if (!self->pf[0])
		SKIP(return, "no function with SR-IOV in this machine");
	if (bed_run("modprobe pci-pf-stub 2>/dev/null"))
		SKIP(return, "no pci-pf-stub module to enable VFs with");

	bed_puts("pci-pf-stub", BED_DEVICES "/%s/driver_override", self->pf);
	ASSERT_EQ(0, bed_puts(self->pf, PROBE));
	ASSERT_EQ(0, enable_vfs(self->pf, "1"));
	ASSERT_EQ(0, bed_puts(self->pf, BED_DEVICES "/%s/driver/unbind",
			      self->pf));
	bed_puts("vfio-pci", BED_DEVICES "/%s/driver_override", self->pf);
	EXPECT_EQ(-EBUSY, bed_puts(self->pf, BED_DRIVER "/bind"));
	EXPECT_FALSE(bed_exists(BED_DEVICES "/%s/vfio_pci", self->pf));

	/* Leave as found: only the driver that made the VFs removes them. */
	bed_puts("pci-pf-stub", BED_DEVICES "/%s/driver_override", self->pf);
	ASSERT_EQ(0, bed_puts(self->pf, PROBE));
	EXPECT_EQ(0, enable_vfs(self->pf, "0"));
}

TEST_HARNESS_MAIN
