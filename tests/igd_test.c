// SPDX-License-Identifier: GPL-2.0-only
/*
 * The igd vendor: what users of an Intel GPU see of its OpRegion, VBT and
 * bridges, and what becomes of a GPU whose firmware tables are broken.
 */
#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bed.h"
#include "kselftest_harness.h"

#define GPU	"02.0"
#define HOST	"00.0"
#define LPC	"1f.0"

#define IGD_TYPE	(VFIO_REGION_TYPE_PCI_VENDOR_TYPE | 0x8086)
#define VBT_SIZE	0x1c00
#define VBT_AWAY	0x100000u	/* from the OpRegion, not contiguous */

static uint8_t opregion[BED_OPREGION_SIZE];
static uint8_t vbt[VBT_SIZE];
static uint8_t got[BED_OPREGION_SIZE + VBT_SIZE + 64];
static uint8_t want[BED_OPREGION_SIZE + VBT_SIZE];

FIXTURE(igd) {
	char bdf[32];
	struct bed_device dev;
	struct vfio_region_info region;
};

static void set_asls(uint32_t asls)
{
	bed_mock_set(GPU, "config", "fc 4 %x", asls);
}

static void bridges(void)
{
	bed_mock_function(HOST, 0x8086, 0x3e30, 0x060000);
	bed_mock_function(LPC, 0x8086, 0xa30d, 0x060100);
	bed_mock_set(HOST, "config", "50 4 12345678");
	bed_mock_set(LPC, "config", "f1 2 beef");
}

static void gpu(unsigned int class)
{
	bed_mock_function(GPU, 0x8086, 0x3e92, class);
	bed_mock_set(GPU, "bar", "0 100000");
	set_asls(BED_FIRMWARE);
}

FIXTURE_SETUP(igd)
{
	size_t i;

	for (i = 0; i < sizeof(vbt); i++)
		vbt[i] = 0xff - i * 3;

	if (bed_ours())
		bed_puts("on\n", BED_PARAMETER);
	bed_mock_remove();
	bed_mock_bus();
}

FIXTURE_TEARDOWN(igd)
{
	bed_mock_remove();
}

static void live(FIXTURE_DATA(igd) *self)
{
	bed_mock_live();
	snprintf(self->bdf, sizeof(self->bdf), "%s", bed_mock_bdf(GPU));
}

/* Bring a whole platform up and open its GPU. */
static int up(FIXTURE_DATA(igd) *self, const struct bed_opregion *desc)
{
	int ret;

	bed_opregion(opregion, desc);
	bed_firmware(BED_FIRMWARE, opregion, sizeof(opregion));
	bridges();
	gpu(0x030000);
	live(self);
	ret = bed_bind(self->bdf);
	return ret ?: bed_open(&self->dev, self->bdf);
}

/* What the driver in the kernel shows for the same memory. */
static size_t expect(const struct bed_opregion *desc)
{
	bool extended = desc->version >= 0x200 && !desc->no_mailbox_3 &&
			desc->rvda && desc->rvds;
	uint64_t rvda = htole64(extended ? BED_OPREGION_SIZE : 0);

	memcpy(want, opregion, sizeof(opregion));
	memcpy(want + 0x3ba, &rvda, sizeof(rvda));
	if (!extended)
		return desc->kib * 1024;

	if (desc->version == 0x200)
		want[0x16] = 0x01;
	memcpy(want + BED_OPREGION_SIZE, vbt, desc->rvds);
	return BED_OPREGION_SIZE + desc->rvds;
}

#define CHECK_REGION(desc) \
	do { \
		size_t size_ = expect(desc); \
		ASSERT_EQ(0, bed_vendor_region(&self->dev, IGD_TYPE, \
			VFIO_REGION_SUBTYPE_INTEL_IGD_OPREGION, \
			&self->region)); \
		ASSERT_EQ(size_, self->region.size); \
		EXPECT_EQ(VFIO_REGION_INFO_FLAG_READ, self->region.flags & \
			  (VFIO_REGION_INFO_FLAG_READ | \
			   VFIO_REGION_INFO_FLAG_WRITE | \
			   VFIO_REGION_INFO_FLAG_MMAP)); \
		ASSERT_EQ(size_, bed_pread(&self->dev, got, sizeof(got), \
					   self->region.offset)); \
		EXPECT_EQ(0, memcmp(want, got, size_)); \
	} while (0)

static void check_plain(struct __test_metadata *_metadata,
			FIXTURE_DATA(igd) *self,
			const struct bed_opregion *desc)
{
	ASSERT_EQ(0, up(self, desc));
	CHECK_REGION(desc);
	bed_close(&self->dev);
}

TEST_F(igd, version_1)
{
	check_plain(_metadata, self,
		    &(struct bed_opregion){ .version = 0x100, .kib = 8,
					    .rvda = 0x1234, .rvds = 64 });
}

TEST_F(igd, size_below_8_kib)
{
	check_plain(_metadata, self,
		    &(struct bed_opregion){ .version = 0x100, .kib = 4 });
}

TEST_F(igd, version_2_without_extended_vbt)
{
	check_plain(_metadata, self,
		    &(struct bed_opregion){ .version = 0x201, .kib = 8,
					    .rvda = 0x2000 });
}

static void check_extended(struct __test_metadata *_metadata,
			   FIXTURE_DATA(igd) *self,
			   const struct bed_opregion *desc, uint64_t at)
{
	bed_firmware(at, vbt, sizeof(vbt));
	check_plain(_metadata, self, desc);
}

/* Memory above 4 GiB that the kernel does not own: a BAR; 0 if there is none. */
static uint64_t above_4_gib(void)
{
	uint64_t start = bed_high_memory();

	return start >> 32 ? start : 0;
}

TEST_F(igd, version_2_0_rvda_above_4_gib)
{
	uint64_t at = above_4_gib();
	const struct bed_opregion desc = {
		.version = 0x200, .kib = 8, .rvda = at, .rvds = VBT_SIZE,
	};

	if (!bed_ours())
		SKIP(return, "in-tree cuts RVDA to 32 bits");
	if (!at)
		SKIP(return, "no memory above 4 GiB at " BED_HIGH_MEMORY);

	check_extended(_metadata, self, &desc, at);
}

TEST_F(igd, version_2_1_rvda_above_4_gib)
{
	uint64_t at = above_4_gib() + 0x1000;
	const struct bed_opregion desc = {
		.version = 0x201, .kib = 8, .rvda = at - BED_FIRMWARE,
		.rvds = VBT_SIZE,
	};

	if (!bed_ours())
		SKIP(return, "in-tree cuts RVDA to 32 bits");
	if (!above_4_gib())
		SKIP(return, "no memory above 4 GiB at " BED_HIGH_MEMORY);

	check_extended(_metadata, self, &desc, at);
}

#define VBT_FOLDER		"/tests/fw"
#define VBT_MAILBOX		0x400	/* mailbox 4 of the OpRegion */
#define VBT_MAILBOX_SIZE	0x1800

static uint8_t real[64 * 1024], seen[BED_OPREGION_SIZE + sizeof(real)];

static void check_real(struct __test_metadata *_metadata,
		       FIXTURE_DATA(igd) *self, const struct bed_opregion *desc,
		       size_t len)
{
	size_t where = desc->rvds ? BED_OPREGION_SIZE : VBT_MAILBOX;

	bed_opregion(opregion, desc);
	if (!desc->rvds)
		memcpy(opregion + VBT_MAILBOX, real, len);
	bed_firmware(BED_FIRMWARE, opregion, sizeof(opregion));
	if (desc->rvds)
		bed_firmware(BED_FIRMWARE + BED_OPREGION_SIZE, real, len);
	bridges();
	gpu(0x030000);
	live(self);
	ASSERT_EQ(0, bed_bind(self->bdf));
	ASSERT_EQ(0, bed_open(&self->dev, self->bdf));
	ASSERT_EQ(0, bed_vendor_region(&self->dev, IGD_TYPE,
				       VFIO_REGION_SUBTYPE_INTEL_IGD_OPREGION,
				       &self->region));
	EXPECT_EQ(BED_OPREGION_SIZE + desc->rvds, self->region.size);
	ASSERT_EQ(self->region.size, bed_pread(&self->dev, seen, sizeof(seen),
					       self->region.offset));
	EXPECT_EQ(0, memcmp(seen + where, real, len));
	bed_close(&self->dev);
}

TEST_F(igd, version_2_0_absolute_rvda)
{
	check_extended(_metadata, self,
		       &(struct bed_opregion){ .version = 0x200, .kib = 8,
			.rvda = BED_FIRMWARE + VBT_AWAY, .rvds = VBT_SIZE },
		       BED_FIRMWARE + VBT_AWAY);
}

TEST_F(igd, version_2_1_contiguous_vbt)
{
	check_extended(_metadata, self,
		       &(struct bed_opregion){ .version = 0x201, .kib = 8,
			.rvda = BED_OPREGION_SIZE, .rvds = VBT_SIZE },
		       BED_FIRMWARE + BED_OPREGION_SIZE);
}

TEST_F(igd, version_2_2_vbt_elsewhere)
{
	check_extended(_metadata, self,
		       &(struct bed_opregion){ .version = 0x202, .kib = 8,
			.rvda = VBT_AWAY, .rvds = VBT_SIZE - 3 },
		       BED_FIRMWARE + VBT_AWAY);
}

/* Every VBT at hand, of machines that shipped, in and behind an OpRegion. */
TEST_F(igd, vbts_of_real_machines)
{
	char names[32][64];
	struct dirent *entry;
	int count = 0, i;
	DIR *dir;

	dir = opendir(VBT_FOLDER);
	if (!dir)
		SKIP(return, "no VBTs in " VBT_FOLDER);
	while ((entry = readdir(dir)) && count < ARRAY_SIZE(names)) {
		if (entry->d_name[0] != '.')
			snprintf(names[count++], 64, "%.63s", entry->d_name);
	}
	closedir(dir);

	for (i = 0; i < count; i++) {
		struct bed_opregion desc = { .version = 0x100, .kib = 8 };
		FILE *file;
		size_t len;

		TH_LOG("%s", names[i]);
		ASSERT_EQ(0, chdir(VBT_FOLDER));
		file = fopen(names[i], "r");
		ASSERT_NE(NULL, file);
		len = fread(real, 1, sizeof(real), file);
		fclose(file);
		ASSERT_EQ(0, memcmp(real, "$VBT", 4));

		if (len > VBT_MAILBOX_SIZE) {
			desc.version = 0x201;
			desc.rvda = BED_OPREGION_SIZE;
			desc.rvds = len;
		}
		check_real(_metadata, self, &desc, len);
		bed_mock_remove();
		bed_mock_bus();
	}
}

/* Every start and length around each seam reads what the whole does. */
TEST_F(igd, reads_across_every_seam)
{
	static const size_t seams[] = { 0, 0x16, 0x18, 0x3ba, 0x3c2, 0x2000 };
	const struct bed_opregion desc = {
		.version = 0x200, .kib = 8, .rvda = BED_FIRMWARE + VBT_AWAY,
		.rvds = VBT_SIZE,
	};
	size_t i, len, start, size;
	uint64_t at;

	bed_firmware(desc.rvda, vbt, sizeof(vbt));
	ASSERT_EQ(0, up(self, &desc));
	CHECK_REGION(&desc);
	size = self->region.size;
	at = self->region.offset;

	for (i = 0; i < ARRAY_SIZE(seams); i++) {
		for (start = seams[i] > 9 ? seams[i] - 9 : 0;
		     start < seams[i] + 3; start++) {
			for (len = 1; len < 20; len++) {
				memset(got, 0xa5, sizeof(got));
				ASSERT_EQ(len, bed_pread(&self->dev, got, len,
							 at + start));
				ASSERT_EQ(0, memcmp(want + start, got, len));
				ASSERT_EQ(0xa5, got[len]);
			}
		}
	}

	/* Short at the end, an error behind it, and read-only throughout. */
	EXPECT_EQ(5, bed_pread(&self->dev, got, 64, at + size - 5));
	EXPECT_EQ(-EINVAL, bed_pread(&self->dev, got, 1, at + size));
	EXPECT_EQ(-EINVAL, bed_pwrite(&self->dev, got, 1, at));
	EXPECT_EQ(-EINVAL, bed_pwrite(&self->dev, got, 4, at + 0x3ba));
	EXPECT_EQ(-EFAULT, bed_pread(&self->dev, NULL, 64, at));
	bed_close(&self->dev);
}

TEST_F(igd, asls_is_the_opregion_and_read_only)
{
	const struct bed_opregion desc = {
		.version = 0x201, .kib = 8, .rvda = BED_OPREGION_SIZE,
		.rvds = VBT_SIZE,
	};
	struct vfio_region_info config;
	uint32_t asls = 0;

	if (!bed_ours())
		SKIP(return, "in-tree shows the address of the VBT");

	bed_firmware(BED_FIRMWARE + BED_OPREGION_SIZE, vbt, sizeof(vbt));
	ASSERT_EQ(0, up(self, &desc));
	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_CONFIG_REGION_INDEX,
				&config));
	ASSERT_EQ(4, bed_pread(&self->dev, &asls, 4, config.offset + 0xfc));
	EXPECT_EQ(BED_FIRMWARE, le32toh(asls));

	/* A guest that moves it moves its own view only. */
	asls = 0x1000;
	ASSERT_EQ(4, bed_pwrite(&self->dev, &asls, 4, config.offset + 0xfc));
	bed_close(&self->dev);
	ASSERT_EQ(0, bed_open(&self->dev, self->bdf));
	ASSERT_EQ(4, bed_pread(&self->dev, &asls, 4, config.offset + 0xfc));
	EXPECT_EQ(BED_FIRMWARE, le32toh(asls));
	CHECK_REGION(&desc);
	bed_close(&self->dev);
}

TEST_F(igd, bridges)
{
	static const struct {
		unsigned int subtype;
		const char *slot;
	} regions[] = {
		{ VFIO_REGION_SUBTYPE_INTEL_IGD_HOST_CFG, HOST },
		{ VFIO_REGION_SUBTYPE_INTEL_IGD_LPC_CFG, LPC },
	};
	const struct bed_opregion desc = { .version = 0x100, .kib = 8 };
	uint8_t config[256];
	const char *bdf;
	size_t i, start, len;
	uint64_t at;

	ASSERT_EQ(0, up(self, &desc));
	for (i = 0; i < ARRAY_SIZE(regions); i++) {
		char in_tree[32];

		/* In-tree always looks in domain 0. */
		snprintf(in_tree, sizeof(in_tree), "0000:00:%s", regions[i].slot);
		bdf = bed_ours() ? bed_mock_bdf(regions[i].slot) : in_tree;
		memcpy(config, bed_read("/sys/bus/pci/devices/%s/config", bdf),
		       sizeof(config));
		ASSERT_EQ(0, bed_vendor_region(&self->dev, IGD_TYPE,
					       regions[i].subtype,
					       &self->region));
		ASSERT_LE(256, self->region.size);
		at = self->region.offset;
		for (start = 0; start < 8; start++) {
			for (len = 1; len < 16; len++) {
				ASSERT_EQ(len, bed_pread(&self->dev, got, len,
							 at + 0x4c + start));
				ASSERT_EQ(0, memcmp(config + 0x4c + start, got,
						    len));
			}
		}
		ASSERT_EQ(256, bed_pread(&self->dev, got, 256, at));
		EXPECT_EQ(0, memcmp(config, got, 256));
		EXPECT_EQ(-EINVAL, bed_pread(&self->dev, got, 1,
					     at + self->region.size));
		EXPECT_EQ(-EINVAL, bed_pwrite(&self->dev, got, 1, at));
	}
	bed_close(&self->dev);
}

static bool has_region(struct bed_device *dev, unsigned int subtype)
{
	struct vfio_region_info info;

	return !bed_vendor_region(dev, IGD_TYPE, subtype, &info);
}

/* Bridges that are not there, or not what they should be: a note for each. */
static void check_no_bridges(struct __test_metadata *_metadata,
			     FIXTURE_DATA(igd) *self)
{
	const struct bed_opregion desc = { .version = 0x100, .kib = 8 };
	const char *log;

	bed_opregion(opregion, &desc);
	bed_firmware(BED_FIRMWARE, opregion, sizeof(opregion));
	gpu(0x030000);
	live(self);
	ASSERT_EQ(0, bed_bind(self->bdf));
	log = bed_vendor_log(self->bdf);
	EXPECT_EQ(0, strncmp(log, "igd: selected: no Intel host bridge", 35));
	EXPECT_NE(NULL, strstr(log, "; no Intel LPC bridge"));
	ASSERT_EQ(0, bed_open(&self->dev, self->bdf));
	CHECK_REGION(&desc);
	EXPECT_FALSE(has_region(&self->dev,
				VFIO_REGION_SUBTYPE_INTEL_IGD_HOST_CFG));
	EXPECT_FALSE(has_region(&self->dev,
				VFIO_REGION_SUBTYPE_INTEL_IGD_LPC_CFG));
	bed_close(&self->dev);
}

TEST_F(igd, without_bridges_the_opregion_alone)
{
	if (!bed_ours())
		SKIP(return, "in-tree has its own bridges in domain 0");

	check_no_bridges(_metadata, self);
}

TEST_F(igd, bridges_of_another_class_or_vendor)
{
	if (!bed_ours())
		SKIP(return, "in-tree has its own bridges in domain 0");

	bed_mock_function(HOST, 0x8086, 0x3e30, 0x058000);
	bed_mock_function(LPC, 0x1022, 0xa30d, 0x060100);
	check_no_bridges(_metadata, self);
}

TEST_F(igd, other_display_class)
{
	const struct bed_opregion desc = { .version = 0x100, .kib = 8 };

	if (!bed_ours())
		SKIP(return, "in-tree takes VGA only");

	bed_opregion(opregion, &desc);
	bed_firmware(BED_FIRMWARE, opregion, sizeof(opregion));
	bridges();
	gpu(0x038000);
	live(self);
	ASSERT_EQ(0, bed_bind(self->bdf));
	ASSERT_EQ(0, bed_open(&self->dev, self->bdf));
	CHECK_REGION(&desc);
	bed_close(&self->dev);
}

/* A GPU with VFs of its own class, whose ASLS is as good as its own. */
static void gpu_with_vfs(void)
{
	const struct bed_opregion desc = { .version = 0x100, .kib = 8 };

	bed_opregion(opregion, &desc);
	bed_firmware(BED_FIRMWARE, opregion, sizeof(opregion));
	bed_mock_bus_set("bus", "vf_parent", BED_PARENT_3);
	bridges();
	gpu(0x030000);
	bed_mock_set(GPU, "express", "integrated flr");
	bed_mock_set(GPU, "sriov", "2 100 1 3e92");
	bed_mock_set(GPU, "vf_bar", "0 10000");
	bed_mock_set(GPU "/vf", "express", "integrated flr");
	bed_mock_set(GPU "/vf", "config", "fc 4 %x", BED_FIRMWARE);
}

/* The PF shows that the firmware table is good, in-tree that the ASLS is. */
TEST_F(igd, declines_a_vf)
{
	char vf[32];

	gpu_with_vfs();
	live(self);
	snprintf(vf, sizeof(vf), "%.6s01:02.0", self->bdf);
	if (bed_ours()) {
		ASSERT_EQ(0, bed_bind(self->bdf));
		EXPECT_STREQ("igd\n", bed_vendor(self->bdf));
		ASSERT_EQ(0, bed_unbind(self->bdf));
	}

	ASSERT_EQ(0, bed_run("modprobe pci-pf-stub"));
	bed_puts("pci-pf-stub", BED_DEVICES "/%s/driver_override", self->bdf);
	ASSERT_EQ(0, bed_puts(self->bdf, "/sys/bus/pci/drivers_probe"));
	ASSERT_EQ(0, bed_puts("1", BED_DEVICES "/%s/sriov_numvfs", self->bdf));
	EXPECT_STREQ("0x030000\n", bed_read(BED_DEVICES "/%s/class", vf));
	EXPECT_STREQ("0x8086\n", bed_read(BED_DEVICES "/%s/vendor", vf));
	ASSERT_EQ(0, bed_bind(vf));
	if (bed_ours()) {
		EXPECT_STREQ("igd: declined: it is a VF; the OpRegion belongs to the PF\n"
			     "generic: selected\n",
			     bed_vendor_log(vf));
	}
	ASSERT_EQ(0, bed_open(&self->dev, vf));
	EXPECT_EQ(!bed_ours(), has_region(&self->dev,
					  VFIO_REGION_SUBTYPE_INTEL_IGD_OPREGION));
	bed_close(&self->dev);
}

struct platform {
	const char *bus, *gpu, *host, *lpc;
	uint32_t firmware, id;
	struct bed_opregion desc;
	uint8_t opregion[BED_OPREGION_SIZE];
	char bdf[32];
	struct bed_device dev;
};

static void platform_up(struct platform *platform)
{
	bed_opregion(platform->opregion, &platform->desc);
	memcpy(platform->opregion + 0x1000, &platform->id, 4);
	bed_firmware(platform->firmware, platform->opregion, BED_OPREGION_SIZE);
	bed_mock_function(platform->host, 0x8086, 0x3e30, 0x060000);
	bed_mock_function(platform->lpc, 0x8086, 0xa30d, 0x060100);
	bed_mock_set(platform->host, "config", "50 4 %x", platform->id);
	bed_mock_set(platform->lpc, "config", "50 4 %x", ~platform->id);
	bed_mock_function(platform->gpu, 0x8086, 0x3e92, 0x030000);
	bed_mock_set(platform->gpu, "bar", "0 100000");
	bed_mock_set(platform->gpu, "config", "fc 4 %x", platform->firmware);
	bed_mock_bus_live(platform->bus);
	snprintf(platform->bdf, sizeof(platform->bdf), "%s",
		 bed_mock_bdf(platform->gpu));
}

static uint32_t bridge_id(struct bed_device *dev, unsigned int subtype)
{
	struct vfio_region_info region;

	if (bed_vendor_region(dev, IGD_TYPE, subtype, &region))
		return 0;
	return bed_get32(dev, region.offset + 0x50);
}

static void platform_check(struct __test_metadata *_metadata,
			   struct platform *platform)
{
	struct vfio_region_info region;

	ASSERT_EQ(0, bed_vendor_region(&platform->dev, IGD_TYPE,
				       VFIO_REGION_SUBTYPE_INTEL_IGD_OPREGION,
				       &region));
	ASSERT_EQ(BED_OPREGION_SIZE, region.size);
	ASSERT_EQ(BED_OPREGION_SIZE, bed_pread(&platform->dev, got,
					       BED_OPREGION_SIZE,
					       region.offset));
	memset(platform->opregion + 0x3ba, 0, 8);
	EXPECT_EQ(0, memcmp(platform->opregion, got, BED_OPREGION_SIZE));
	if (!bed_ours())
		return;

	EXPECT_EQ(platform->id,
		  bridge_id(&platform->dev,
			    VFIO_REGION_SUBTYPE_INTEL_IGD_HOST_CFG));
	EXPECT_EQ(~platform->id,
		  bridge_id(&platform->dev,
			    VFIO_REGION_SUBTYPE_INTEL_IGD_LPC_CFG));
}

/* Two at once, each with the tables and bridges of its own domain. */
TEST_F(igd, two_gpus_in_two_groups)
{
	struct platform platforms[] = {
		{ .bus = "bus", .gpu = GPU, .host = HOST, .lpc = LPC,
		  .firmware = BED_FIRMWARE, .id = 0x11223344,
		  .desc = { .version = 0x100, .kib = 8 } },
		{ .bus = "second", .gpu = "second/" GPU,
		  .host = "second/" HOST, .lpc = "second/" LPC,
		  .firmware = BED_FIRMWARE + 0x10000, .id = 0x55667788,
		  .desc = { .version = 0x201, .kib = 8 } },
	};
	int i;

	bed_mock_bus_at("second", BED_PARENT_2);
	for (i = 0; i < 2; i++)
		platform_up(&platforms[i]);
	ASSERT_STRNE(platforms[0].bdf, platforms[1].bdf);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, bed_bind(platforms[i].bdf));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, bed_open(&platforms[i].dev, platforms[i].bdf));
	for (i = 0; i < 2; i++)
		platform_check(_metadata, &platforms[i]);
	for (i = 0; i < 2; i++)
		bed_close(&platforms[i].dev);
}

static uint64_t system_ram(void)
{
	const char *line = strstr(bed_read("/proc/iomem"), "00100000-");

	return line ? 0x1000000 : 0;
}

FIXTURE(broken) {
	char bdf[32];
	struct bed_device dev;
};

FIXTURE_VARIANT(broken) {
	struct bed_opregion desc;
	uint32_t asls;
	int fill;		/* instead of an OpRegion, if not 0 */
	bool ram;		/* ASLS points there */
	const char *reason;
};

#define BROKEN(name, ...) \
	FIXTURE_VARIANT_ADD(broken, name) { \
		.desc = { .version = 0x201, .kib = 8 }, \
		.asls = BED_FIRMWARE, __VA_ARGS__ \
	}

BROKEN(asls_zero, .asls = 0, .reason = "ASLS is 0");
BROKEN(asls_ones, .asls = ~0u, .reason = "ASLS reads all ones");
BROKEN(zeros, .fill = 0x100, .reason = "signature");
BROKEN(ones, .fill = 0xff, .reason = "signature");
BROKEN(size_zero, .desc = { 0x201, 0, 0, 0 }, .reason = "size of zero");
BROKEN(size_9_kib, .desc = { 0x201, 9, 0, 0 }, .reason = "more than 8 KiB");
BROKEN(size_huge, .desc = { 0x201, ~0u, 0, 0 }, .reason = "more than 8 KiB");
BROKEN(opregion_in_ram, .ram = true, .reason = "System RAM");

FIXTURE_SETUP(broken)
{
	if (bed_ours())
		bed_puts("on\n", BED_PARAMETER);
	bed_mock_remove();
	bed_mock_bus();
}

FIXTURE_TEARDOWN(broken)
{
	bed_mock_remove();
}

/* A plain device that works, the reason in the log, one line in dmesg. */
TEST_F(broken, leaves_a_generic_device)
{
	struct bed_opregion desc = variant->desc;
	struct vfio_region_info config;
	uint64_t ram = system_ram();
	uint16_t vendor = 0;
	const char *log;
	int kmsg;

	if (!bed_ours())
		SKIP(return, "in-tree fails to open some of these");

	ASSERT_NE(0, ram);
	bed_opregion(opregion, &desc);
	if (variant->fill)
		memset(opregion, variant->fill, sizeof(opregion));
	bed_firmware(BED_FIRMWARE, opregion, sizeof(opregion));
	gpu(0x030000);
	set_asls(variant->ram ? ram : variant->asls);
	bed_mock_live();
	snprintf(self->bdf, sizeof(self->bdf), "%s", bed_mock_bdf(GPU));

	kmsg = bed_kmsg_open();
	ASSERT_EQ(0, bed_bind(self->bdf));
	EXPECT_EQ(1, bed_kmsg_count(kmsg, "vendor ops: igd: declined: "));
	EXPECT_STREQ("generic\n", bed_vendor(self->bdf));
	log = bed_vendor_log(self->bdf);
	EXPECT_EQ(0, strncmp(log, "igd: declined: ", 15));
	EXPECT_NE(NULL, strstr(log, variant->reason));
	EXPECT_NE(NULL, strstr(log, "\ngeneric: selected\n"));

	ASSERT_EQ(0, bed_open(&self->dev, self->bdf));
	EXPECT_FALSE(has_region(&self->dev,
				VFIO_REGION_SUBTYPE_INTEL_IGD_OPREGION));
	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_CONFIG_REGION_INDEX,
				&config));
	ASSERT_EQ(2, bed_pread(&self->dev, &vendor, 2, config.offset));
	EXPECT_EQ(0x8086, le16toh(vendor));
	bed_close(&self->dev);
}

/* An OpRegion that is good, but for where it says that its VBT is. */
FIXTURE(no_vbt) {
	FIXTURE_DATA(igd) igd;
};

FIXTURE_VARIANT(no_vbt) {
	struct bed_opregion desc;
	bool ram;		/* RVDA points there */
	const char *note;
};

#define NO_VBT(name, ...) \
	FIXTURE_VARIANT_ADD(no_vbt, name) { __VA_ARGS__ }

NO_VBT(rvds_huge, .desc = { 0x201, 8, 0x2000, 0x100001 }, .note = "1 MiB");
NO_VBT(rvds_ones, .desc = { 0x201, 4, 0x2000, ~0u }, .note = "1 MiB");
NO_VBT(rvda_wraps, .desc = { 0x201, 8, ~0ull - 0x1000, 64 }, .note = "wraps");
NO_VBT(rvds_wraps, .desc = { 0x200, 8, ~0ull - 16, 64 }, .note = "wraps");
NO_VBT(beyond, .desc = { 0x200, 8, 1ull << 60, 64 }, .note = "the CPU");
NO_VBT(relative_beyond, .desc = { 0x201, 8, 1ull << 60, 64 }, .note = "the CPU");
NO_VBT(in_ram, .desc = { 0x200, 4, 1, 64 }, .ram = true, .note = "System RAM");
NO_VBT(no_mailbox_3, .desc = { 0x201, 8, 0x2000, 64, true });

FIXTURE_SETUP(no_vbt)
{
	if (bed_ours())
		bed_puts("on\n", BED_PARAMETER);
	bed_mock_remove();
	bed_mock_bus();
}

FIXTURE_TEARDOWN(no_vbt)
{
	bed_mock_remove();
}

/* Users get the OpRegion as if it had no VBT outside, and a note. */
TEST_F(no_vbt, leaves_the_opregion)
{
	struct bed_opregion desc = variant->desc;
	const char *log;
	size_t size;

	if (!bed_ours())
		SKIP(return, "in-tree fails to open some of these, and does not look at mailboxes");
	if (variant->ram)
		desc.rvda = system_ram();
	ASSERT_EQ(0, up(&self->igd, &desc));
	log = bed_vendor_log(self->igd.bdf);
	if (variant->note) {
		EXPECT_NE(NULL, strstr(log, "igd: selected: OpRegion at"));
		EXPECT_NE(NULL, strstr(log, variant->note));
	} else {
		EXPECT_STREQ("igd: selected\n", log);
	}

	desc.rvds = 0;
	size = expect(&desc);
	memcpy(want + 0x3c2, opregion + 0x3c2, 4);
	ASSERT_EQ(0, bed_vendor_region(&self->igd.dev, IGD_TYPE,
				       VFIO_REGION_SUBTYPE_INTEL_IGD_OPREGION,
				       &self->igd.region));
	ASSERT_EQ(size, self->igd.region.size);
	ASSERT_EQ(size, bed_pread(&self->igd.dev, got, sizeof(got),
				  self->igd.region.offset));
	EXPECT_EQ(0, memcmp(want, got, size));
	bed_close(&self->igd.dev);
}

TEST_HARNESS_MAIN
