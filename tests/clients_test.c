// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the programs that people use bind to vfio-pci and read what it shows:
 * each test replays one of them, write for write, on a mock Intel GPU and on a
 * device of QEMU that another driver has before.
 */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bed.h"
#include "kselftest_harness.h"

#define GPU		"02.0"
#define DGPU		"03.0"	/* a GPU of another vendor, with sound */
#define SOUND		"03.1"
#define TABLE		BED_FIRMWARE
#define PROBE		"/sys/bus/pci/drivers_probe"
#define MODULE		"/sys/module/vfio_pci"
#define FIELDS		7	/* v d sv sd bc sc i */
#define WIDE		"%8[0-9A-F*]"
#define NARROW		"%2[0-9A-F*]"

/* The last part of a link, in a static buffer; "" if there is none. */
static const char *link_name(const char *fmt, const char *bdf)
{
	static char target[256];
	char path[256];
	ssize_t len;

	snprintf(path, sizeof(path), fmt, bdf);
	len = readlink(path, target, sizeof(target) - 1);
	target[len > 0 ? len : 0] = '\0';
	return strrchr(target, '/') ? strrchr(target, '/') + 1 : target;
}

static const char *driver_of(const char *bdf)
{
	return link_name(BED_DEVICES "/%s/driver", bdf);
}

/* Entries of a folder that begin with @prefix; the first goes to @first. */
static int entries(const char *path, const char *prefix, char *first,
		   size_t size)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int count = 0;

	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, prefix, strlen(prefix)))
			continue;
		if (!count++)
			snprintf(first, size, "%.63s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return count;
}

static int override_is(const char *bdf, const char *text, size_t len)
{
	return bed_write(text, len, BED_DEVICES "/%s/driver_override", bdf);
}

/* Cleared, whether by an empty line or by a NUL. */
static bool no_override(const char *bdf)
{
	return !strcmp(bed_read(BED_DEVICES "/%s/driver_override", bdf),
		       "(null)\n");
}

static int unbind_by_driver_link(const char *bdf)
{
	if (!bed_exists(BED_DEVICES "/%s/driver", bdf))
		return 0;
	return bed_puts(bdf, BED_DEVICES "/%s/driver/unbind", bdf);
}

/* "v*d*sv*..." to its fields. The letters that part them are no hex digits. */
static bool split(const char *alias, char field[FIELDS][16])
{
	return sscanf(alias,
		      "v" WIDE "d" WIDE "sv" WIDE "sd" WIDE "bc" NARROW "sc" NARROW "i" NARROW,
		      field[0], field[1], field[2], field[3], field[4],
		      field[5], field[6]) == FIELDS;
}

/*
 * The search of libvirt since 10.0 and of go-nvlib: of the lines with the
 * prefix vfio_pci: that match the function, the first of those with the fewest
 * wildcards. Returns the number of wildcards, FIELDS + 1 if nothing matches.
 */
static int best_variant(const char *bdf, char *module, size_t size)
{
	char line[512], alias[256], name[64], path[256];
	char want[FIELDS][16], have[FIELDS][16];
	int best = FIELDS + 1, wild, i;
	struct utsname uts;
	const char *text;
	FILE *file;

	text = bed_read(BED_DEVICES "/%s/modalias", bdf);
	uname(&uts);
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.alias",
		 uts.release);
	file = fopen(path, "r");
	if (!file || strncmp(text, "pci:", 4) || !split(text + 4, want))
		return best;

	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "alias vfio_pci:%255s %63s", alias,
			   name) != 2 || !split(alias, have))
			continue;
		for (i = 0, wild = 0; i < FIELDS; i++) {
			if (!strcmp(have[i], "*"))
				wild++;
			else if (strcmp(have[i], want[i]))
				break;
		}
		if (i == FIELDS && wild < best) {
			best = wild;
			snprintf(module, size, "%s", name);
		}
	}
	fclose(file);
	return best;
}

/* Would "modprobe -R" of the function name vfio_pci? */
static bool loads_unasked(const char *bdf)
{
	char line[512], alias[256], name[64], path[256], modalias[256];
	struct utsname uts;
	bool found = false;
	FILE *file;

	snprintf(modalias, sizeof(modalias), "%s",
		 bed_read(BED_DEVICES "/%s/modalias", bdf));
	modalias[strcspn(modalias, "\n")] = '\0';
	uname(&uts);
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.alias",
		 uts.release);
	file = fopen(path, "r");
	if (!file)
		return true;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "alias %255s %63s", alias, name) == 2 &&
		    !strcmp(name, "vfio_pci") && !fnmatch(alias, modalias, 0))
			found = true;
	}
	fclose(file);
	return found;
}

FIXTURE(client) {
	char bdf[32];
	char old[32];		/* the driver that the function had */
	struct bed_device dev;
};

FIXTURE_VARIANT(client) {
	bool gpu;
};

FIXTURE_VARIANT_ADD(client, igd) { .gpu = true };
FIXTURE_VARIANT_ADD(client, nic) { .gpu = false };

static void mock_gpus(void)
{
	static const struct bed_opregion desc = { .version = 0x200, .kib = 8 };
	uint8_t image[BED_OPREGION_SIZE];

	bed_opregion(image, &desc);
	bed_firmware(TABLE, image, sizeof(image));
	bed_mock_bus();
	bed_mock_function(GPU, 0x8086, 0x9a49, 0x030000);
	bed_mock_set(GPU, "bar", "0 10000");
	bed_mock_set(GPU, "config", "fc 4 %x", TABLE);
	bed_mock_function(DGPU, 0x10de, 0x2204, 0x030000);
	bed_mock_set(DGPU, "bar", "0 10000");
	bed_mock_set(DGPU, "config", "e 1 80");
	bed_mock_function(SOUND, 0x10de, 0x1aef, 0x040300);
	bed_mock_set(SOUND, "bar", "0 10000");
	bed_mock_set(SOUND, "config", "e 1 80");
	bed_mock_live();
}

FIXTURE_SETUP(client)
{
	bed_mock_remove();
	ASSERT_EQ(0, bed_load(""));
	mock_gpus();
	snprintf(self->bdf, sizeof(self->bdf), "%s",
		 variant->gpu ? bed_mock_bdf(GPU) : BED_E1000E);
	if (variant->gpu)
		return;

	ASSERT_EQ(0, bed_run("modprobe pci-pf-stub"));
	snprintf(self->old, sizeof(self->old), "pci-pf-stub");
	override_is(self->bdf, self->old, strlen(self->old));
	ASSERT_EQ(0, bed_puts(self->bdf, PROBE));
	override_is(self->bdf, "\n", 1);
	ASSERT_STREQ(self->old, driver_of(self->bdf));
}

FIXTURE_TEARDOWN(client)
{
	override_is(self->bdf, "\n", 1);
	unbind_by_driver_link(self->bdf);
	bed_mock_remove();
	bed_load("");
}

/* The function works, and has the vendor ops that are right for it. */
static void works(struct __test_metadata *_metadata,
		  FIXTURE_DATA(client) *self, bool gpu)
{
	struct vfio_region_info config;

	ASSERT_STREQ("vfio-pci", driver_of(self->bdf));
	ASSERT_EQ(0, bed_open(&self->dev, self->bdf));
	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_CONFIG_REGION_INDEX,
				&config));
	EXPECT_EQ(gpu ? 0x9a498086 : 0x10d38086,
		  bed_get32(&self->dev, config.offset));
	bed_close(&self->dev);
	if (bed_ours()) {
		EXPECT_STREQ(gpu ? "igd\n" : "generic\n",
			     bed_vendor(self->bdf));
	}
}

/* libvirt 10: nodedev-detach, and the start of a domain with managed='yes'. */
TEST_F(client, libvirt)
{
	char module[64] = "", driver[64] = "";

	EXPECT_EQ(bed_ours() && variant->gpu ? 5 : 7,
		  best_variant(self->bdf, module, sizeof(module)));
	EXPECT_STREQ("vfio_pci", module);

	/* No such driver, so the first one that the module has. */
	EXPECT_FALSE(bed_exists("/sys/bus/pci/drivers/%s", module));
	ASSERT_EQ(1, entries(MODULE "/drivers", "pci:", driver,
			     sizeof(driver)));
	ASSERT_STREQ("pci:vfio-pci", driver);

	ASSERT_EQ(0, override_is(self->bdf, "vfio-pci", 8));
	ASSERT_EQ(0, unbind_by_driver_link(self->bdf));
	ASSERT_EQ(0, bed_puts(self->bdf, PROBE));
	EXPECT_TRUE(bed_exists(BED_DEVICES "/%s/vfio-dev", self->bdf));
	works(_metadata, self, variant->gpu);

	/* nodedev-reattach */
	ASSERT_EQ(0, override_is(self->bdf, "\n", 1));
	EXPECT_TRUE(no_override(self->bdf));
	ASSERT_EQ(0, unbind_by_driver_link(self->bdf));
	ASSERT_EQ(0, bed_puts(self->bdf, PROBE));
	EXPECT_STREQ("", driver_of(self->bdf));
}

/* scripts/setup.sh config, then reset */
TEST_F(client, spdk)
{
	ASSERT_EQ(0, bed_run("modprobe vfio_iommu_type1 && modprobe vfio-pci"));
	ASSERT_EQ(0, unbind_by_driver_link(self->bdf));
	ASSERT_EQ(0, override_is(self->bdf, "vfio-pci\n", 9));
	ASSERT_EQ(0, bed_puts(self->bdf, PROBE));
	ASSERT_EQ(0, override_is(self->bdf, "\n", 1));
	EXPECT_TRUE(no_override(self->bdf));
	ASSERT_TRUE(bed_exists(BED_DRIVER "/%s", self->bdf));
	works(_metadata, self, variant->gpu);

	EXPECT_FALSE(loads_unasked(self->bdf));
	ASSERT_EQ(0, bed_puts(self->bdf, BED_DRIVER "/unbind"));
	ASSERT_EQ(0, override_is(self->bdf, "\n", 1));
	EXPECT_STREQ("", driver_of(self->bdf));
}

/* dpdk-devbind.py -b vfio-pci; then what EAL asks for; then -u */
TEST_F(client, dpdk)
{
	char path[64];

	ASSERT_TRUE(bed_exists(MODULE));
	ASSERT_EQ(0, unbind_by_driver_link(self->bdf));
	ASSERT_EQ(0, override_is(self->bdf, "vfio-pci", 8));
	ASSERT_EQ(0, bed_puts(self->bdf, BED_DRIVER "/bind"));
	ASSERT_EQ(0, override_is(self->bdf, "\0", 1));
	EXPECT_TRUE(no_override(self->bdf));
	snprintf(path, sizeof(path), "/dev/vfio/%s",
		 link_name(BED_DEVICES "/%s/iommu_group", self->bdf));
	EXPECT_EQ(0, chown(path, 1, 1));
	EXPECT_EQ(0, chown(path, 0, 0));
	works(_metadata, self, variant->gpu);

	ASSERT_EQ(0, bed_puts(self->bdf, BED_DRIVER "/unbind"));
	EXPECT_STREQ("", driver_of(self->bdf));
}

/* The device plugin reads what the administrator bound. */
TEST_F(client, kubevirt)
{
	char group[32], path[128], cdev[64] = "";

	ASSERT_EQ(0, unbind_by_driver_link(self->bdf));
	ASSERT_EQ(0, bed_bind(self->bdf));
	EXPECT_STREQ("vfio-pci", driver_of(self->bdf));
	snprintf(group, sizeof(group), "%s",
		 link_name(BED_DEVICES "/%s/iommu_group", self->bdf));
	EXPECT_NE(0, group[0]);
	EXPECT_TRUE(bed_exists("/dev/vfio/%s", group));

	/* One entry, as rust-vmm demands; KubeVirt takes the first. */
	snprintf(path, sizeof(path), BED_DEVICES "/%s/vfio-dev", self->bdf);
	EXPECT_EQ(1, entries(path, "vfio", cdev, sizeof(cdev)));
	works(_metadata, self, variant->gpu);
}

/* BindDriverByBusAndDevice(), BindDefaultDriver() */
TEST_F(client, sriov_network_operator)
{
	ASSERT_EQ(0, bed_run("lsmod | grep '^vfio_pci' >/dev/null"));
	if (self->old[0]) {
		ASSERT_EQ(0, bed_puts(self->bdf,
				      "/sys/bus/pci/drivers/%s/unbind",
				      self->old));
	}
	ASSERT_EQ(0, override_is(self->bdf, "vfio-pci", 8));
	ASSERT_EQ(0, bed_puts(self->bdf, BED_DRIVER "/bind"));
	ASSERT_EQ(0, override_is(self->bdf, "\0", 1));
	EXPECT_TRUE(no_override(self->bdf));
	works(_metadata, self, variant->gpu);

	ASSERT_EQ(0, bed_puts(self->bdf, BED_DRIVER "/unbind"));
	ASSERT_EQ(0, override_is(self->bdf, "\0", 1));
	ASSERT_EQ(0, bed_puts(self->bdf, PROBE));
	EXPECT_STREQ("", driver_of(self->bdf));
}

/* cloud-hypervisor's documentation, and driverctl since 0.112 */
TEST_F(client, new_id)
{
	char id[16];

	ASSERT_EQ(0, unbind_by_driver_link(self->bdf));
	snprintf(id, sizeof(id), "8086 %s", variant->gpu ? "9a49" : "10d3");
	ASSERT_EQ(0, bed_puts(id, MODULE "/drivers/pci:vfio-pci/new_id"));
	works(_metadata, self, variant->gpu);

	/* It is bound by now. */
	EXPECT_NE(0, bed_puts(self->bdf, BED_DRIVER "/bind"));
	ASSERT_EQ(0, override_is(self->bdf, "vfio-pci\n", 9));
	ASSERT_EQ(0, bed_puts(self->bdf, PROBE));
	works(_metadata, self, variant->gpu);
	ASSERT_EQ(0, bed_puts(id, BED_DRIVER "/remove_id"));
}

static int nvlib_bind(const char *bdf)
{
	int ret;

	ret = override_is(bdf, "\n", 1);
	if (ret)
		return ret;
	ret = unbind_by_driver_link(bdf);
	if (ret)
		return ret;
	ret = override_is(bdf, "vfio-pci", 8);
	if (ret)
		return ret;
	return bed_puts(bdf, BED_DRIVER "/bind");
}

/* pkg/nvpassthrough of go-nvlib, with the function for sound of a GPU. */
TEST_F(client, go_nvlib)
{
	char gpu[32], sound[64] = "", path[128], module[64] = "", name[32];
	size_t i;

	snprintf(gpu, sizeof(gpu), "%s",
		 variant->gpu ? bed_mock_bdf(DGPU) : self->bdf);
	EXPECT_EQ(7, best_variant(gpu, module, sizeof(module)));
	ASSERT_STREQ("vfio_pci", module);
	ASSERT_EQ(0, bed_run("modprobe vfio_pci"));
	EXPECT_FALSE(bed_exists("/sys/bus/pci/drivers/%s", module));
	snprintf(name, sizeof(name), "%s", module);
	for (i = 0; name[i]; i++)
		name[i] = name[i] == '_' ? '-' : name[i];
	ASSERT_TRUE(bed_exists("/sys/bus/pci/drivers/%s", name));

	ASSERT_EQ(0, nvlib_bind(gpu));
	EXPECT_STREQ("vfio-pci", driver_of(gpu));
	if (!variant->gpu)
		return;
	if (!bed_kernel_has("quirk_gpu_hda"))
		SKIP(return, "without CONFIG_PCI_QUIRKS no GPU has a link to its sound");

	snprintf(path, sizeof(path), BED_DEVICES "/%s", gpu);
	ASSERT_EQ(1, entries(path, "consumer:pci:", sound, sizeof(sound)));
	memmove(sound, sound + strlen("consumer:pci:"),
		strlen(sound + strlen("consumer:pci:")) + 1);
	EXPECT_STREQ(bed_mock_bdf(SOUND), sound);
	ASSERT_EQ(0, nvlib_bind(sound));
	EXPECT_STREQ("vfio-pci", driver_of(sound));
	EXPECT_EQ(1, entries(strcat(path, "/vfio-dev"), "vfio", name,
			     sizeof(name)));

	ASSERT_EQ(0, override_is(gpu, "\n", 1));
	ASSERT_EQ(0, unbind_by_driver_link(gpu));
	ASSERT_EQ(0, override_is(sound, "\n", 1));
	ASSERT_EQ(0, unbind_by_driver_link(sound));
	EXPECT_STREQ("", driver_of(gpu));
	EXPECT_STREQ("", driver_of(sound));
}

TEST_HARNESS_MAIN
