// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mock bus itself, which other programs rely on: that the PCI core, the
 * IOMMU, vfio-pci and pci-pf-stub find in it what they find in hardware.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bed.h"
#include "kselftest_harness.h"

#define SLOT		"04.0"
#define PROBE		"/sys/bus/pci/drivers_probe"
#define SOFTWARE_NODES	"/sys/kernel/software_nodes"

/* Where mock_function() below has its registers. */
#define VENDOR_REG	0xe0

static int config_open(const char *bdf)
{
	char path[128];

	snprintf(path, sizeof(path), BED_DEVICES "/%s/config", bdf);
	return open(path, O_RDWR);
}

/* A register as the PCI core reads it, not as vfio-pci shows it. */
static uint32_t config_get(const char *bdf, unsigned int where, size_t size)
{
	int fd = config_open(bdf);
	uint32_t val = 0;

	if (fd < 0 || pread(fd, &val, size, where) != (ssize_t)size)
		val = 0xdead0000;
	close(fd);
	return le32toh(val);
}

static void config_set(const char *bdf, unsigned int where, size_t size,
		       uint32_t val)
{
	int fd = config_open(bdf);

	val = htole32(val);
	if (fd < 0 || pwrite(fd, &val, size, where) != (ssize_t)size)
		printf("# config write to %s at %#x: %s\n", bdf, where,
		       strerror(errno));
	close(fd);
}

/* A BAR of 64 bits, with its flags. */
static uint64_t bar_get(const char *bdf, unsigned int where)
{
	return config_get(bdf, where, 4) |
	       (uint64_t)config_get(bdf, where + 4, 4) << 32;
}

static uint64_t bar0(const char *bdf)
{
	return bar_get(bdf, PCI_BASE_ADDRESS_0);
}

/* As lspci does. */
static unsigned int capability(const char *bdf, unsigned int id)
{
	unsigned int where, ttl = 48;

	if (!(config_get(bdf, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST))
		return 0;
	where = config_get(bdf, PCI_CAPABILITY_LIST, 1);
	while (where >= 0x40 && ttl--) {
		if (config_get(bdf, where, 1) == id)
			return where;
		where = config_get(bdf, where + 1, 1);
	}
	return 0;
}

static unsigned int extended(const char *bdf, unsigned int id)
{
	unsigned int where = 0x100, ttl = 480;
	uint32_t header;

	while (where >= 0x100 && ttl--) {
		header = config_get(bdf, where, 4);
		if ((header & 0xffff) == id)
			return where;
		where = header >> 20;
	}
	return 0;
}

/* The last word of a link: the group or the driver of a function. */
static const char *link_of(const char *bdf, const char *name)
{
	static char target[4][128];
	static unsigned int turn;
	char path[128], *text = target[turn++ % 4];
	ssize_t len;

	snprintf(path, sizeof(path), BED_DEVICES "/%s/%s", bdf, name);
	len = readlink(path, text, 127);
	text[len < 0 ? 0 : len] = '\0';
	return strrchr(text, '/') ? strrchr(text, '/') + 1 : text;
}

/* The power state that an idle or an open function settles in. */
static bool settles(const char *bdf, const char *state)
{
	int i;

	for (i = 0; i < 50; i++) {
		if (!strcmp(bed_read(BED_DEVICES "/%s/power_state", bdf), state))
			return true;
		usleep(20000);
	}
	return false;
}

static void use_driver(const char *bdf, const char *driver)
{
	bed_puts(driver, BED_DEVICES "/%s/driver_override", bdf);
	bed_puts(bdf, PROBE);
}

/* A function with every kind of capability, and registers of its own. */
static void function(const char *slot, const char *power)
{
	bed_mock_function(slot, 0x1b36, 0x4242, 0xff0000);
	bed_mock_set(slot, "bar", "0 10000");
	bed_mock_set(slot, "power", "%s", power);
	bed_mock_set(slot, "express", "integrated flr");
	bed_mock_set(slot, "capability", "9 0c11223344556677889a ff000000000000f0000f");
	bed_mock_set(slot, "extended_capability", "3 1 0102030405060708");
	bed_mock_set(slot, "extended_capability", "b 1 34120001aabbccdd00000000");
	bed_mock_set(slot, "config", "%x 4 12345678", VENDOR_REG);
	bed_mock_set(slot, "writable", "%x 4 ffff", VENDOR_REG);
}

FIXTURE(mock) {
	char bdf[32], other[32];
	struct bed_device dev, dev2;
	struct vfio_region_info config, bar;
};

FIXTURE_VARIANT(mock) {
	const char *power;
};

FIXTURE_VARIANT_ADD(mock, reset) { .power = "reset" };
FIXTURE_VARIANT_ADD(mock, no_soft_reset) { .power = "no_soft_reset" };

FIXTURE_SETUP(mock)
{
	bed_mock_remove();
	ASSERT_EQ(0, bed_load(""));
	bed_mock_bus();
	function(SLOT, variant->power);
	bed_mock_live();
	snprintf(self->bdf, sizeof(self->bdf), "%s", bed_mock_bdf(SLOT));
}

FIXTURE_TEARDOWN(mock)
{
	bed_mock_remove();
}

#define OPEN(dev, bdf) \
	do { \
		ASSERT_EQ(0, bed_bind(bdf)); \
		ASSERT_EQ(0, bed_open(dev, bdf)); \
		ASSERT_EQ(0, bed_region(dev, VFIO_PCI_CONFIG_REGION_INDEX, \
					&self->config)); \
	} while (0)

TEST_F(mock, capabilities)
{
	static const unsigned int ids[] = {
		PCI_CAP_ID_PM, PCI_CAP_ID_EXP, PCI_CAP_ID_VNDR
	};
	unsigned int where, i;

	for (i = 0; i < ARRAY_SIZE(ids); i++)
		EXPECT_LT(0, capability(self->bdf, ids[i]));
	EXPECT_EQ(0, capability(self->bdf, PCI_CAP_ID_MSI));

	where = capability(self->bdf, PCI_CAP_ID_VNDR);
	EXPECT_EQ(0x2211, config_get(self->bdf, where + 3, 2));

	/* As far as the mask goes, and no further. */
	EXPECT_EQ(0x9a88, config_get(self->bdf, where + 10, 2));
	config_set(self->bdf, where + 2, 4, 0xffffff5a);
	config_set(self->bdf, where + 8, 4, 0x5b5bff5b);
	EXPECT_EQ(0x3322115a, config_get(self->bdf, where + 2, 4));
	EXPECT_EQ(0x9b88f7, config_get(self->bdf, where + 9, 4) & 0xffffff);

	/* And through vfio-pci, which follows the chain on its own. */
	OPEN(&self->dev, self->bdf);
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		where = capability(self->bdf, ids[i]);
		EXPECT_EQ(ids[i], bed_get32(&self->dev, self->config.offset +
					    where) & 0xff);
	}
	bed_close(&self->dev);
}

TEST_F(mock, extended_capabilities)
{
	unsigned int serial = extended(self->bdf, PCI_EXT_CAP_ID_DSN);
	unsigned int vendor = extended(self->bdf, PCI_EXT_CAP_ID_VNDR);

	EXPECT_EQ(0x100, serial);
	EXPECT_EQ(0x10c, vendor);
	EXPECT_EQ(0, extended(self->bdf, PCI_EXT_CAP_ID_ERR));
	EXPECT_EQ(0x08070605, config_get(self->bdf, serial + 8, 4));
	EXPECT_EQ(0x01001234, config_get(self->bdf, vendor + 4, 4));
	EXPECT_EQ(0, config_get(self->bdf, 0xffc, 4));

	OPEN(&self->dev, self->bdf);
	EXPECT_EQ(0x1000, self->config.size);
	EXPECT_EQ(0x04030201, bed_get32(&self->dev, self->config.offset +
					serial + 4));
	EXPECT_EQ(0xddccbbaa, bed_get32(&self->dev, self->config.offset +
					vendor + 8));
	bed_close(&self->dev);
}

TEST_F(mock, without_express_256_bytes)
{
	struct bed_device *dev = &self->dev;

	bed_mock_remove();
	bed_mock_bus();
	bed_mock_function(SLOT, 0x1b36, 0x4242, 0xff0000);
	EXPECT_EQ(-EINVAL, bed_mock_try(SLOT, "extended_capability",
					"3 1 0102030405060708"));
	EXPECT_EQ(-EINVAL, bed_mock_try(SLOT, "capability", "9 123"));
	EXPECT_EQ(-EINVAL, bed_mock_try(SLOT, "capability", "9 1234 ff"));
	EXPECT_EQ(-EINVAL, bed_mock_try(SLOT, "config", "ffd 4 0"));
	bed_mock_live();
	EXPECT_EQ(-EBUSY, bed_mock_try(SLOT, "express", "endpoint"));
	snprintf(self->bdf, sizeof(self->bdf), "%s", bed_mock_bdf(SLOT));

	OPEN(dev, self->bdf);
	EXPECT_EQ(0x100, self->config.size);
	bed_close(dev);
}

TEST_F(mock, lost_reads_all_ones)
{
	uint32_t val = 0;

	OPEN(&self->dev, self->bdf);
	EXPECT_EQ(0x12345678, bed_get32(&self->dev, self->config.offset +
					VENDOR_REG));
	bed_mock_set(SLOT, "lost", "1");
	EXPECT_EQ(~0u, config_get(self->bdf, PCI_VENDOR_ID, 4));
	EXPECT_EQ(4, bed_pread(&self->dev, &val, 4, self->config.offset +
			       VENDOR_REG));
	EXPECT_EQ(~0u, val);
	bed_mock_set(SLOT, "lost", "0");
	EXPECT_EQ(0x42421b36, config_get(self->bdf, PCI_VENDOR_ID, 4));
	bed_close(&self->dev);
}

/* A reset by hand, behind the back of the PCI core: nothing is restored. */
TEST_F(mock, flr_resets_registers)
{
	unsigned int devctl = capability(self->bdf, PCI_CAP_ID_EXP) +
			      PCI_EXP_DEVCTL;
	unsigned int resets = bed_mock_resets(SLOT);

	EXPECT_LT(15, bar0(self->bdf));
	config_set(self->bdf, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	config_set(self->bdf, VENDOR_REG, 4, 0xa5a5a5a5);
	EXPECT_EQ(0x1234a5a5, config_get(self->bdf, VENDOR_REG, 4));
	config_set(self->bdf, devctl, 2, 0x0020);

	config_set(self->bdf, devctl, 2, 0x0020 | PCI_EXP_DEVCTL_BCR_FLR);
	EXPECT_EQ(resets + 1, bed_mock_resets(SLOT));
	EXPECT_EQ(0x12345678, config_get(self->bdf, VENDOR_REG, 4));
	EXPECT_EQ(4, bar0(self->bdf));
	EXPECT_EQ(0, config_get(self->bdf, PCI_COMMAND, 2));
	EXPECT_EQ(0x2830, config_get(self->bdf, devctl, 2));
}

TEST_F(mock, flr_through_vfio)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	uint64_t base = bar0(self->bdf);
	uint32_t val = htole32(0xa5a5a5a5);
	unsigned int resets;
	uint64_t reg;

	OPEN(&self->dev, self->bdf);
	ASSERT_EQ(0, ioctl(self->dev.fd, VFIO_DEVICE_GET_INFO, &info));
	EXPECT_EQ(VFIO_DEVICE_FLAGS_RESET, info.flags & VFIO_DEVICE_FLAGS_RESET);

	reg = self->config.offset + VENDOR_REG;
	ASSERT_EQ(4, bed_pwrite(&self->dev, &val, 4, reg));
	EXPECT_EQ(0x1234a5a5, bed_get32(&self->dev, reg));
	resets = bed_mock_resets(SLOT);
	ASSERT_EQ(0, ioctl(self->dev.fd, VFIO_DEVICE_RESET));
	EXPECT_EQ(resets + 1, bed_mock_resets(SLOT));
	EXPECT_EQ(0x12345678, bed_get32(&self->dev, reg));
	EXPECT_EQ(base, bar0(self->bdf));
	bed_close(&self->dev);
}

/* Without FLR, the PCI core resets through D3hot, if that resets. */
TEST_F(mock, reset_through_d3hot)
{
	bool resets = !strcmp(variant->power, "reset");

	bed_mock_remove();
	bed_mock_bus();
	bed_mock_function(SLOT, 0x1b36, 0x4242, 0xff0000);
	bed_mock_set(SLOT, "express", "endpoint");
	bed_mock_set(SLOT, "power", "%s", variant->power);
	bed_mock_live();
	snprintf(self->bdf, sizeof(self->bdf), "%s", bed_mock_bdf(SLOT));

	EXPECT_STREQ(resets ? "pm\n" : "",
		     bed_read(BED_DEVICES "/%s/reset_method", self->bdf));
	if (resets) {
		EXPECT_EQ(0, bed_puts("1", BED_DEVICES "/%s/reset", self->bdf));
		EXPECT_EQ(1, bed_mock_resets(SLOT));
	}
}

TEST_F(mock, power_states)
{
	unsigned int pm = capability(self->bdf, PCI_CAP_ID_PM) + PCI_PM_CTRL;
	uint64_t base = bar0(self->bdf);
	unsigned int state = config_get(self->bdf, pm, 2);
	bool resets = !strcmp(variant->power, "reset");

	EXPECT_EQ(resets ? 0 : PCI_PM_CTRL_NO_SOFT_RESET, state);
	config_set(self->bdf, pm, 2, 1);
	EXPECT_EQ(state, config_get(self->bdf, pm, 2));
	config_set(self->bdf, pm, 2, 3);
	EXPECT_EQ(state | 3, config_get(self->bdf, pm, 2));
	EXPECT_EQ(base, bar0(self->bdf));
	config_set(self->bdf, pm, 2, 0);
	EXPECT_EQ(state, config_get(self->bdf, pm, 2));
	EXPECT_EQ(resets ? 4 : base, bar0(self->bdf));
	EXPECT_EQ(resets, bed_mock_resets(SLOT));
}

/* Suspended while idle, as the user wishes while open, and nothing is lost. */
TEST_F(mock, power_through_vfio)
{
	unsigned int pm = capability(self->bdf, PCI_CAP_ID_PM) + PCI_PM_CTRL;
	uint64_t base = bar0(self->bdf);
	uint16_t d3hot = htole16(3), d0 = 0, command = htole16(2);
	uint32_t val = htole32(0xc0ffee00);
	uint64_t reg;

	ASSERT_EQ(0, bed_bind(self->bdf));
	EXPECT_TRUE(settles(self->bdf, "D3hot\n"));
	OPEN(&self->dev, self->bdf);
	EXPECT_TRUE(settles(self->bdf, "D0\n"));
	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_BAR0_REGION_INDEX,
				&self->bar));
	EXPECT_EQ(base, bar0(self->bdf));
	ASSERT_EQ(2, bed_pwrite(&self->dev, &command, 2,
				self->config.offset + PCI_COMMAND));
	ASSERT_EQ(4, bed_pwrite(&self->dev, &val, 4, self->bar.offset));

	reg = self->config.offset + pm;
	ASSERT_EQ(2, bed_pwrite(&self->dev, &d3hot, 2, reg));
	EXPECT_EQ(3, bed_get32(&self->dev, reg) & PCI_PM_CTRL_STATE_MASK);
	EXPECT_TRUE(settles(self->bdf, "D3hot\n"));
	EXPECT_EQ(-EIO, bed_pread(&self->dev, &val, 4, self->bar.offset));
	ASSERT_EQ(2, bed_pwrite(&self->dev, &d0, 2, reg));
	EXPECT_EQ(0, bed_get32(&self->dev, reg) & PCI_PM_CTRL_STATE_MASK);
	EXPECT_TRUE(settles(self->bdf, "D0\n"));
	EXPECT_EQ(base, bar0(self->bdf));
	EXPECT_EQ(2, config_get(self->bdf, PCI_COMMAND, 2) & 2);
	EXPECT_EQ(0xc0ffee00, bed_get32(&self->dev, self->bar.offset));
	bed_close(&self->dev);
}

TEST_F(mock, removal_while_bound_and_while_open)
{
	bool closed = false;
	int status;
	pid_t pid;

	ASSERT_EQ(0, bed_bind(self->bdf));
	bed_mock_set(SLOT, "present", "0");
	EXPECT_FALSE(bed_exists(BED_DEVICES "/%s", self->bdf));
	bed_mock_set(SLOT, "present", "1");
	ASSERT_TRUE(bed_exists(BED_DEVICES "/%s", self->bdf));
	OPEN(&self->dev, self->bdf);

	/* The user is asked to go, and the removal waits until it does. */
	pid = fork();
	if (!pid) {
		bed_close(&self->dev);
		bed_mock_set(SLOT, "present", "0");
		_exit(0);
	}
	usleep(500000);
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
	EXPECT_EQ(~0u, bed_get32(&self->dev, self->config.offset + VENDOR_REG));
	bed_close(&self->dev);
	closed = waitpid(pid, &status, 0) == pid;
	EXPECT_TRUE(closed);
	EXPECT_FALSE(bed_exists(BED_DEVICES "/%s", self->bdf));
}

/* Buses with parents of their own are IOMMU groups of their own. */
TEST_F(mock, groups_are_isolated)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char stub[32];

	bed_mock_remove();
	bed_mock_bus();
	bed_mock_bus_at("second", BED_PARENT_2);
	function(SLOT, variant->power);
	function("05.0", variant->power);
	function("second/" SLOT, variant->power);
	bed_mock_live();
	bed_mock_bus_live("second");
	snprintf(self->bdf, sizeof(self->bdf), "%s", bed_mock_bdf(SLOT));
	snprintf(stub, sizeof(stub), "%s", bed_mock_bdf("05.0"));
	snprintf(self->other, sizeof(self->other), "%s",
		 bed_mock_bdf("second/" SLOT));

	EXPECT_STREQ(link_of(BED_PARENT, "iommu_group"),
		     link_of(self->bdf, "iommu_group"));
	EXPECT_STREQ(link_of(BED_PARENT_2, "iommu_group"),
		     link_of(self->other, "iommu_group"));
	EXPECT_STRNE(link_of(self->bdf, "iommu_group"),
		     link_of(self->other, "iommu_group"));

	/* A driver of the kernel in one group closes that, and only that. */
	ASSERT_EQ(0, bed_run("modprobe pci-pf-stub"));
	use_driver(stub, "pci-pf-stub");
	ASSERT_STREQ("pci-pf-stub", link_of(stub, "driver"));
	ASSERT_EQ(0, bed_bind(self->bdf));
	EXPECT_GT(0, bed_open(&self->dev, self->bdf));
	OPEN(&self->dev2, self->other);
	bed_puts(stub, BED_DEVICES "/%s/driver/unbind", stub);
	OPEN(&self->dev, self->bdf);

	/* The same address of a device is other memory in each. */
	EXPECT_EQ(0, bed_map_dma(&self->dev, page, 4096, 0x100000));
	EXPECT_EQ(-EEXIST, bed_map_dma(&self->dev, page, 4096, 0x100000));
	EXPECT_EQ(0, bed_map_dma(&self->dev2, page, 4096, 0x100000));
	bed_close(&self->dev);
	bed_close(&self->dev2);
	munmap(page, 4096);
}

TEST_F(mock, two_buses_share_a_parent)
{
	bed_mock_remove();
	bed_mock_bus();
	bed_mock_bus_at("second", BED_PARENT);
	function(SLOT, variant->power);
	function("second/" SLOT, variant->power);
	bed_mock_live();
	EXPECT_EQ(-EBUSY, bed_puts("1", "/sys/kernel/config/pci_mock/second/live"));
	bed_mock_remove();

	bed_mock_bus();
	bed_mock_bus_set("bus", "window", "0 100000");
	bed_mock_bus_at("second", BED_PARENT);
	bed_mock_bus_set("second", "window", "100000 100000");
	function(SLOT, variant->power);
	function("second/" SLOT, variant->power);
	bed_mock_live();
	bed_mock_bus_live("second");
	snprintf(self->bdf, sizeof(self->bdf), "%s", bed_mock_bdf(SLOT));
	snprintf(self->other, sizeof(self->other), "%s",
		 bed_mock_bdf("second/" SLOT));
	EXPECT_STRNE(self->bdf, self->other);
	EXPECT_STREQ(link_of(self->bdf, "iommu_group"),
		     link_of(self->other, "iommu_group"));
	EXPECT_EQ(0x100000, bar0(self->other) - bar0(self->bdf));
}

/* A PF whose VFs are on a bus number, and in an IOMMU group, of their own. */
#define VFS	3
#define VF_BAR	0x2000

FIXTURE(vfs) {
	char pf[32], vf[VFS][32];
	struct bed_device pf_dev, dev;
	struct vfio_region_info config, bar;
};

FIXTURE_SETUP(vfs)
{
	int i;

	bed_mock_remove();
	ASSERT_EQ(0, bed_load("enable_sriov=1"));
	bed_mock_bus();
	bed_mock_bus_set("bus", "vf_parent", BED_PARENT_3);
	function(SLOT, "no_soft_reset");
	bed_mock_set(SLOT, "sriov", "4 100 1 4243");
	bed_mock_set(SLOT, "vf_bar", "0 %x", VF_BAR);
	bed_mock_set(SLOT "/vf", "class", "020000");
	bed_mock_set(SLOT "/vf", "express", "endpoint flr");
	bed_mock_set(SLOT "/vf", "config", "%x 4 9abcdef0", VENDOR_REG);
	bed_mock_set(SLOT "/vf", "writable", "%x 4 ffff", VENDOR_REG);
	bed_mock_live();
	snprintf(self->pf, sizeof(self->pf), "%s", bed_mock_bdf(SLOT));
	for (i = 0; i < VFS; i++)
		snprintf(self->vf[i], sizeof(self->vf[i]), "%.6s01:04.%d",
			 self->pf, i);
}

FIXTURE_TEARDOWN(vfs)
{
	bed_mock_remove();
	bed_load("");
}

static int enable_vfs(const char *pf, const char *count)
{
	return bed_puts(count, BED_DEVICES "/%s/sriov_numvfs", pf);
}

static void check_vf(struct __test_metadata *_metadata,
		     FIXTURE_DATA(vfs) *self, int i)
{
	uint32_t want = 0x1000 + i, first = 0, val = htole32(0xa5a5a5a5);
	uint16_t command = htole16(2);
	uint64_t reg;

	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_CONFIG_REGION_INDEX,
				&self->config));
	ASSERT_EQ(0, bed_region(&self->dev, VFIO_PCI_BAR0_REGION_INDEX,
				&self->bar));
	EXPECT_EQ(VF_BAR, self->bar.size);

	/* vfio-pci makes up the ids, which the VF itself has not got. */
	EXPECT_EQ(0x42431b36, bed_get32(&self->dev, self->config.offset));
	EXPECT_EQ(~0u, config_get(self->vf[i], PCI_VENDOR_ID, 4));

	bed_pwrite(&self->dev, &command, 2, self->config.offset + PCI_COMMAND);
	ASSERT_EQ(4, bed_pwrite(&self->dev, &want, 4, self->bar.offset));
	if (i) {
		ASSERT_EQ(4, bed_pread(&self->dev, &first, 4,
				       self->bar.offset));
		EXPECT_EQ(want, first);
	}

	reg = self->config.offset + VENDOR_REG;
	ASSERT_EQ(4, bed_pwrite(&self->dev, &val, 4, reg));
	EXPECT_EQ(0x9abca5a5, bed_get32(&self->dev, reg));
	ASSERT_EQ(0, ioctl(self->dev.fd, VFIO_DEVICE_RESET));
	EXPECT_EQ(0x9abcdef0, bed_get32(&self->dev, reg));
}

TEST_F(vfs, of_pci_pf_stub)
{
	int i;

	ASSERT_EQ(0, bed_run("modprobe pci-pf-stub"));
	use_driver(self->pf, "pci-pf-stub");
	EXPECT_FALSE(bed_exists(BED_DEVICES "/%s", self->vf[0]));
	EXPECT_EQ(-ERANGE, enable_vfs(self->pf, "5"));
	ASSERT_EQ(0, enable_vfs(self->pf, "3"));

	EXPECT_STREQ(link_of(BED_PARENT, "iommu_group"),
		     link_of(self->pf, "iommu_group"));
	for (i = 0; i < VFS; i++) {
		ASSERT_TRUE(bed_exists(BED_DEVICES "/%s", self->vf[i]));
		EXPECT_STREQ(link_of(BED_PARENT_3, "iommu_group"),
			     link_of(self->vf[i], "iommu_group"));
		EXPECT_STREQ("0x020000\n",
			     bed_read(BED_DEVICES "/%s/class", self->vf[i]));
		ASSERT_EQ(0, bed_bind(self->vf[i]));
	}
	for (i = 0; i < VFS; i++) {
		ASSERT_EQ(0, bed_open(&self->dev, self->vf[i]));
		check_vf(_metadata, self, i);
		bed_close(&self->dev);
	}

	EXPECT_EQ(0, enable_vfs(self->pf, "0"));
	EXPECT_FALSE(bed_exists(BED_DEVICES "/%s", self->vf[0]));
}

/* Each VF has memory of its own, at the place that the PF says. */
TEST_F(vfs, bars_are_apart)
{
	unsigned long long start[VFS];
	unsigned int sriov;
	int i;

	ASSERT_EQ(0, bed_run("modprobe pci-pf-stub"));
	use_driver(self->pf, "pci-pf-stub");
	ASSERT_EQ(0, enable_vfs(self->pf, "3"));
	sriov = extended(self->pf, PCI_EXT_CAP_ID_SRIOV);
	ASSERT_NE(0, sriov);
	EXPECT_EQ(3, config_get(self->pf, sriov + PCI_SRIOV_NUM_VF, 2));
	for (i = 0; i < VFS; i++)
		start[i] = strtoull(bed_read(BED_DEVICES "/%s/resource",
					     self->vf[i]), NULL, 16);
	EXPECT_EQ(start[0], bar_get(self->pf, sriov + PCI_SRIOV_BAR) & ~0xfull);
	for (i = 1; i < VFS; i++)
		EXPECT_EQ(start[0] + i * VF_BAR, start[i]);
}

/* A reset of the PF takes the VFs away; so does surprise removal. */
TEST_F(vfs, go_with_the_pf)
{
	unsigned int exp;

	ASSERT_EQ(0, bed_run("modprobe pci-pf-stub"));
	use_driver(self->pf, "pci-pf-stub");
	ASSERT_EQ(0, enable_vfs(self->pf, "2"));
	EXPECT_EQ(0x9abcdef0, config_get(self->vf[1], VENDOR_REG, 4));
	EXPECT_EQ(~0u, config_get(self->vf[1], PCI_VENDOR_ID, 4));

	/* The PCI core brings them back after its own resets. */
	ASSERT_EQ(0, bed_puts("1", BED_DEVICES "/%s/reset", self->pf));
	EXPECT_EQ(0x9abcdef0, config_get(self->vf[1], VENDOR_REG, 4));

	exp = capability(self->pf, PCI_CAP_ID_EXP) + PCI_EXP_DEVCTL;
	config_set(self->pf, exp, 2, PCI_EXP_DEVCTL_BCR_FLR);
	EXPECT_EQ(~0u, config_get(self->vf[1], VENDOR_REG, 4));

	bed_mock_set(SLOT, "present", "0");
	EXPECT_FALSE(bed_exists(BED_DEVICES "/%s", self->vf[1]));
	EXPECT_FALSE(bed_exists(BED_DEVICES "/%s", self->pf));
}

TEST_F(vfs, of_vfio_pci)
{
	ASSERT_EQ(0, bed_bind(self->pf));
	ASSERT_EQ(0, bed_open(&self->pf_dev, self->pf));
	ASSERT_EQ(0, bed_set_token(&self->pf_dev));
	ASSERT_EQ(0, enable_vfs(self->pf, "2"));
	EXPECT_STREQ("vfio-pci", link_of(self->vf[1], "driver"));
	EXPECT_EQ(-EACCES, bed_open(&self->dev, self->vf[1]));
	ASSERT_EQ(0, bed_open_token(&self->dev, self->vf[1], BED_TOKEN));
	check_vf(_metadata, self, 1);
	bed_close(&self->dev);
	EXPECT_EQ(0, enable_vfs(self->pf, "0"));
	EXPECT_FALSE(bed_exists(BED_DEVICES "/%s", self->vf[1]));
	bed_close(&self->pf_dev);
}

FIXTURE(nodes) {
	char bdf[32];
};

FIXTURE_SETUP(nodes)
{
	bed_mock_remove();
	ASSERT_EQ(0, bed_load(""));
	bed_mock_bus();
	bed_node("gpu");
	bed_node("npu");
	bed_node("npu/link");
	bed_node_set("gpu", "u64", "gpu-mem-base-pa 4000000000");
	bed_node_set("gpu", "u64", "mem-ranges 1 ffffffffffffffff");
	bed_node_set("gpu", "u32", "link-speed 9");
	bed_node_set("gpu", "string", "compatible nvidia,gpu");
	bed_node_set("gpu", "boolean", "coherent");
	bed_node_set("gpu", "reference", "npu npu npu/link:2:3");
	bed_node_set("npu", "reference", "gpu gpu");
	bed_node_set("npu/link", "u32", "index 1 2 3");
}

FIXTURE_TEARDOWN(nodes)
{
	bed_mock_remove();
}

static void check_nodes(struct __test_metadata *_metadata, const char *bdf)
{
	static const struct {
		const char *path, *question, *answer;
	} questions[] = {
		{ "", "u64 gpu-mem-base-pa", "4000000000\n" },
		{ "", "u64 mem-ranges", "1 ffffffffffffffff\n" },
		{ "", "u32 link-speed", "9\n" },
		{ "", "string compatible", "nvidia,gpu\n" },
		{ "", "boolean coherent", "1\n" },
		{ "", "boolean incoherent", "0\n" },
		{ "", "reference npu", "npu link:2:3\n" },
		{ "", "u64 no-such-thing", "Invalid argument" },
		{ "/link", "u32 index", "No such file or directory" },
	};
	char path[64];
	size_t i;

	EXPECT_STREQ("gpu", link_of(bdf, "software_node"));
	for (i = 0; i < ARRAY_SIZE(questions); i++) {
		snprintf(path, sizeof(path), "%s%s", bdf, questions[i].path);
		EXPECT_STREQ(questions[i].answer,
			     bed_node_query(path, questions[i].question)) {
			TH_LOG("%s %s", path, questions[i].question);
		}
	}
}

TEST_F(nodes, of_mock_functions)
{
	char npu[32];

	function(SLOT, "reset");
	function("05.0", "reset");
	bed_mock_set(SLOT, "node", "gpu");
	bed_mock_set("05.0", "node", "npu");
	EXPECT_EQ(-ENOENT, bed_mock_try(SLOT, "node", "link"));
	EXPECT_FALSE(bed_exists(SOFTWARE_NODES "/gpu"));
	bed_mock_live();
	snprintf(self->bdf, sizeof(self->bdf), "%s", bed_mock_bdf(SLOT));
	snprintf(npu, sizeof(npu), "%s", bed_mock_bdf("05.0"));
	EXPECT_TRUE(bed_exists(SOFTWARE_NODES "/npu/link"));

	check_nodes(_metadata, self->bdf);
	EXPECT_STREQ("link\n", bed_node_query(npu, "children"));
	EXPECT_STREQ("gpu\n", bed_node_query(npu, "reference gpu"));
	strcat(npu, "/link");
	EXPECT_STREQ("1 2 3\n", bed_node_query(npu, "u32 index"));

	ASSERT_EQ(0, bed_bind(self->bdf));
	check_nodes(_metadata, self->bdf);
	bed_mock_set(SLOT, "present", "0");
	bed_mock_set(SLOT, "present", "1");
	check_nodes(_metadata, self->bdf);

	/* Folders may go first; what the function has stays while it is. */
	bed_run("rmdir /sys/kernel/config/pci_mock/nodes/npu/link");
	check_nodes(_metadata, self->bdf);
	bed_mock_remove();
	EXPECT_FALSE(bed_exists(SOFTWARE_NODES "/gpu"));
	EXPECT_FALSE(bed_exists(SOFTWARE_NODES "/npu"));
}

TEST_F(nodes, of_vfs)
{
	ASSERT_EQ(0, bed_run("modprobe pci-pf-stub"));
	function(SLOT, "reset");
	bed_mock_set(SLOT, "sriov", "1 1 1 4243");
	bed_mock_set(SLOT "/vf", "node", "gpu");
	bed_mock_live();
	use_driver(bed_mock_bdf(SLOT), "pci-pf-stub");
	ASSERT_EQ(0, enable_vfs(bed_mock_bdf(SLOT), "1"));
	check_nodes(_metadata, bed_mock_bdf("04.1"));
	EXPECT_FALSE(bed_exists(BED_DEVICES "/%s/software_node",
				bed_mock_bdf(SLOT)));
	ASSERT_EQ(0, enable_vfs(bed_mock_bdf(SLOT), "0"));
}

TEST_F(nodes, of_functions_of_the_machine)
{
	ASSERT_EQ(0, bed_bind(BED_EDU));
	EXPECT_EQ(-EBUSY, bed_node_attach("gpu", BED_EDU));
	ASSERT_EQ(0, bed_unbind(BED_EDU));
	ASSERT_EQ(0, bed_node_attach("gpu", BED_EDU));
	check_nodes(_metadata, BED_EDU);
	EXPECT_EQ(-EBUSY, bed_node_attach("gpu", BED_NVME));
	EXPECT_EQ(-EBUSY, bed_node_attach("npu", BED_EDU));

	ASSERT_EQ(0, bed_bind(BED_EDU));
	check_nodes(_metadata, BED_EDU);
	ASSERT_EQ(0, bed_node_attach("gpu", "\n"));
	EXPECT_FALSE(bed_exists(BED_DEVICES "/" BED_EDU "/software_node"));
	EXPECT_FALSE(bed_exists(BED_DEVICES "/" BED_EDU "/driver"));
	EXPECT_FALSE(bed_exists(SOFTWARE_NODES "/gpu"));

	/* And with the folder. */
	ASSERT_EQ(0, bed_node_attach("gpu", BED_EDU));
	bed_mock_remove();
	EXPECT_FALSE(bed_exists(BED_DEVICES "/" BED_EDU "/software_node"));
	EXPECT_FALSE(bed_exists(SOFTWARE_NODES "/gpu"));
	bed_unbind(BED_EDU);
}

/* Pages of memory that the kernel has allocated for objects. */
static long kernel_pages(void)
{
	const char *line = strstr(bed_read("/proc/vmstat"),
				  "nr_slab_unreclaimable ");

	return line ? strtol(line + 22, NULL, 10) : -1;
}

static void up_and_down(const char *vfs)
{
	bed_mock_bus();
	bed_node("gpu");
	bed_node_set("gpu", "u64", "base 1");
	function(SLOT, "reset");
	bed_mock_set(SLOT, "sriov", "2 1 1 4243");
	bed_mock_set(SLOT, "node", "gpu");
	bed_mock_set(SLOT "/vf", "node", "gpu");
	bed_mock_live();
	use_driver(bed_mock_bdf(SLOT), "pci-pf-stub");
	if (vfs)
		enable_vfs(bed_mock_bdf(SLOT), vfs);
	bed_mock_remove();
}

FIXTURE(module) {
};

FIXTURE_SETUP(module)
{
}

FIXTURE_TEARDOWN(module)
{
}

/* The kernel of make check-debug takes its time. */
TEST_F_TIMEOUT(module, nothing_is_left, 300)
{
	int cycles = 60, i;
	long before;

	bed_mock_remove();

	/* Some kernels have nodes of their own. */
	ASSERT_EQ(0, bed_run("ls " SOFTWARE_NODES " >/tmp/nodes"));
	ASSERT_EQ(0, bed_run("modprobe pci-pf-stub"));
	up_and_down("2");
	before = kernel_pages();
	ASSERT_LT(0, before);
	for (i = 0; i < cycles; i++)
		up_and_down(NULL);

	/* A function is of eight pages. */
	TH_LOG("%ld pages before, %ld after", before, kernel_pages());
	EXPECT_GT(before + 4 * cycles, kernel_pages());
	EXPECT_EQ(0, bed_run("! ls " BED_DEVICES " | grep -q ^1000"));
	EXPECT_EQ(0, bed_run("ls " SOFTWARE_NODES " | diff /tmp/nodes -"));

	/* Nothing refers to the module any more. */
	EXPECT_EQ(0, bed_run("rmmod pci_mock"));
	EXPECT_EQ(0, bed_run("insmod /tests/pci_mock.ko"));
}

TEST_HARNESS_MAIN
