// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices parameter: functions that are bound by their address, when the
 * module loads or when they appear.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bed.h"
#include "kselftest_harness.h"

#define SLOT	"04.0"
#define FIRST	"05.0"
#define SECOND	"05.1"
#define PORT	"0000:00:0b.0"
#define STUB	"pci-pf-stub"
#define OPTION	BED_PARAMETERS "/devices"

static void __attribute__((constructor)) check_driver(void)
{
	bed_need_ours();
}

static bool is_bound(const char *bdf)
{
	return bed_exists(BED_DRIVER "/%s", bdf);
}

static const char *override_of(const char *bdf)
{
	return bed_read(BED_DEVICES "/%s/driver_override", bdf);
}

FIXTURE(devices) {
	char bdf[32], first[32], second[32];
	char options[8000], message[8192];
	int kmsg;
};

static void make_bus(FIXTURE_DATA(devices) *self)
{
	bed_mock_remove();
	bed_mock_bus();
	bed_mock_function(SLOT, 0x1b36, 0x4242, 0xff0000);
	bed_mock_function(FIRST, 0x1b36, 0x4243, 0xff0000);
	bed_mock_set(FIRST, "config", "e 1 80");
	bed_mock_function(SECOND, 0x1b36, 0x4244, 0xff0000);
	snprintf(self->bdf, sizeof(self->bdf), "%s", bed_mock_bdf(SLOT));
	snprintf(self->first, sizeof(self->first), "%s", bed_mock_bdf(FIRST));
	snprintf(self->second, sizeof(self->second), "%s",
		 bed_mock_bdf(SECOND));
}

FIXTURE_SETUP(devices)
{
	bed_run("rmmod vfio_pci 2>/dev/null");
	make_bus(self);
	bed_mock_live();
	ASSERT_TRUE(bed_exists(BED_DEVICES "/%s", self->second));
	self->kmsg = bed_kmsg_open();
}

FIXTURE_TEARDOWN(devices)
{
	bed_mock_remove();
	bed_load("devices=");
	close(self->kmsg);
}

static int load(FIXTURE_DATA(devices) *self, const char *one, const char *two)
{
	snprintf(self->options, sizeof(self->options), "'devices=%s%s%s'", one,
		 two ? "," : "", two ?: "");
	return bed_load(self->options);
}

static int found(FIXTURE_DATA(devices) *self, const char *needle)
{
	return bed_kmsg_find(self->kmsg, needle, self->message,
			     sizeof(self->message));
}

TEST_F(devices, by_address)
{
	struct stat st;

	ASSERT_EQ(0, load(self, self->bdf, NULL));
	EXPECT_TRUE(is_bound(self->bdf));
	EXPECT_FALSE(is_bound(self->first));
	EXPECT_FALSE(is_bound(self->second));
	EXPECT_STREQ("vfio-pci\n", override_of(self->bdf));
	EXPECT_STREQ("(null)\n", override_of(self->first));
	EXPECT_EQ(1, found(self, "for vfio-pci, by its devices parameter"));
	EXPECT_EQ(0, stat(OPTION, &st));
	EXPECT_EQ(0444, st.st_mode & 07777);
	EXPECT_EQ(0, strncmp(bed_read(OPTION), self->bdf, strlen(self->bdf)));
}

/* Without the domain, as lspci shows it, and in other hex than the kernel's. */
TEST_F(devices, other_spellings)
{
	char two[80];

	ASSERT_EQ(0, load(self, "00:09.0", " 0:0:A.0 "));
	EXPECT_TRUE(is_bound(BED_E1000E));
	EXPECT_TRUE(is_bound(BED_NVME));
	EXPECT_EQ(0, found(self, "left out"));
	EXPECT_EQ(0, found(self, "there is no"));
	snprintf(two, sizeof(two), "%s;%s", self->first, self->second);
	ASSERT_EQ(0, load(self, two, NULL));
	EXPECT_TRUE(is_bound(self->first));
	EXPECT_TRUE(is_bound(self->second));
	EXPECT_FALSE(is_bound(BED_E1000E));
}

TEST_F(devices, all_functions)
{
	char all[32];

	snprintf(all, sizeof(all), "%s", self->first);
	strcpy(strrchr(all, '.'), ".*");
	ASSERT_EQ(0, load(self, all, NULL));
	EXPECT_TRUE(is_bound(self->first));
	EXPECT_TRUE(is_bound(self->second));
	EXPECT_FALSE(is_bound(self->bdf));
}

TEST_F(devices, by_path)
{
	static const char *const others[] = {
		"00:0b.0/00.1", "00:0b.1/00.0", "00:0b.0/01.0", "01:0b.0/00.0",
		"1:00:0b.0/00.0", "00:0b.0/00.0/00.0", "00:00.0/0b.0/00.0",
	};
	const char *pf = bed_sriov_pf();
	char path[64] = "";
	size_t i;

	if (bed_exists(BED_DEVICES "/%s", PORT))
		snprintf(path, sizeof(path), "%s/00.0", PORT);
	if (!path[0] || !pf[0])
		SKIP(return, "no function behind a bridge in this machine");

	ASSERT_EQ(0, load(self, path, NULL));
	EXPECT_TRUE(is_bound(pf));
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		ASSERT_EQ(0, load(self, others[i], NULL));
		EXPECT_FALSE(is_bound(pf)) {
			TH_LOG("%s", others[i]);
		}
		EXPECT_EQ(1, found(self, "there is no"));
	}
	ASSERT_EQ(0, load(self, "00:0b.0/00.*", NULL));
	EXPECT_TRUE(is_bound(pf));
}

/* A VF is bound as soon as its PF makes it, and before another driver has it. */
TEST_F(devices, vf_by_path)
{
	const char *pf = bed_sriov_pf();
	char vf[64] = "";

	if (!pf[0] || bed_run("modprobe " STUB " 2>/dev/null"))
		SKIP(return, "no PF behind a bridge, or no " STUB " module");

	snprintf(vf, sizeof(vf), "%s", pf);
	strcpy(strrchr(vf, '.'), ".1");
	ASSERT_EQ(0, bed_bind_to(pf, STUB));
	ASSERT_EQ(0, load(self, "00:0b.0/00.1", NULL));
	EXPECT_EQ(1, found(self, "there is no 00:0b.0/00.1 yet"));
	EXPECT_EQ(0, bed_puts("2", BED_DEVICES "/%s/sriov_numvfs", pf));
	EXPECT_TRUE(is_bound(vf));
	EXPECT_EQ(0, bed_puts("0", BED_DEVICES "/%s/sriov_numvfs", pf));
	EXPECT_EQ(0, bed_unbind(pf));
}

/* vfio-pci-core captures VFs of a PF bound here, whoever named them. */
TEST_F(devices, captured_vf)
{
	char pf[32], vf[32];

	snprintf(pf, sizeof(pf), "%s", bed_sriov_pf());
	if (!pf[0])
		SKIP(return, "no function with SR-IOV in this machine");

	snprintf(vf, sizeof(vf), "%s", pf);
	strcpy(strrchr(vf, '.'), ".1");
	ASSERT_EQ(0, load(self, pf, vf));
	ASSERT_EQ(0, bed_puts("1", BED_PARAMETERS "/enable_sriov"));
	ASSERT_EQ(0, bed_puts("1", BED_DEVICES "/%s/sriov_numvfs", pf));
	EXPECT_TRUE(is_bound(vf));
	EXPECT_STREQ("vfio-pci\n", override_of(vf));
	EXPECT_EQ(1, found(self, "by its devices parameter"));
	EXPECT_EQ(0, bed_puts("0", BED_DEVICES "/%s/sriov_numvfs", pf));
}

TEST_F(devices, that_appear_later)
{
	make_bus(self);
	ASSERT_EQ(0, load(self, self->bdf, self->second));
	EXPECT_EQ(2, found(self, "there is no "));
	bed_mock_live();
	EXPECT_TRUE(is_bound(self->bdf));
	EXPECT_TRUE(is_bound(self->second));
	EXPECT_FALSE(is_bound(self->first));

	/* Pulled out and put in again, it is for vfio-pci once more. */
	bed_mock_set(SLOT, "present", "0");
	EXPECT_FALSE(bed_exists(BED_DEVICES "/%s", self->bdf));
	bed_mock_set(SLOT, "present", "1");
	EXPECT_TRUE(is_bound(self->bdf));
	EXPECT_STREQ("vfio-pci\n", override_of(self->bdf));

	/* What its user gave back stays where it is. */
	EXPECT_EQ(0, bed_unbind(self->second));
	EXPECT_EQ(0, bed_puts(self->second, "/sys/bus/pci/drivers_probe"));
	EXPECT_FALSE(is_bound(self->second));
}

TEST_F(devices, with_a_driver)
{
	if (bed_run("modprobe " STUB " 2>/dev/null"))
		SKIP(return, "no " STUB " module");

	ASSERT_EQ(0, bed_bind_to(self->first, STUB));
	ASSERT_EQ(0, bed_puts("\n", BED_DEVICES "/%s/driver_override",
			      self->first));
	ASSERT_EQ(0, load(self, self->first, self->bdf));
	EXPECT_TRUE(is_bound(self->bdf));
	EXPECT_TRUE(bed_exists("/sys/bus/pci/drivers/" STUB "/%s",
			       self->first));
	EXPECT_STREQ("(null)\n", override_of(self->first));
	EXPECT_EQ(1, found(self, "is driven by " STUB));
	EXPECT_NE(NULL, strstr(self->message, self->first));
	EXPECT_NE(NULL, strstr(self->message, "\"softdep pci_pf_stub pre: vfio-pci\""));
	EXPECT_EQ(0, bed_unbind(self->first));

	if (!bed_exists(BED_DEVICES "/" PORT "/driver"))
		return;
	ASSERT_EQ(0, load(self, PORT, NULL));
	EXPECT_EQ(1, found(self, "which is built into the kernel"));
	EXPECT_STREQ("(null)\n", override_of(PORT));
}

/* The override that somebody set has precedence, and is not undone. */
TEST_F(devices, with_an_override)
{
	ASSERT_EQ(0, bed_puts("none", BED_DEVICES "/%s/driver_override",
			      self->first));
	ASSERT_EQ(0, bed_puts("vfio-pci", BED_DEVICES "/%s/driver_override",
			      self->second));
	ASSERT_EQ(0, load(self, self->first, self->second));
	EXPECT_FALSE(is_bound(self->first));
	EXPECT_TRUE(is_bound(self->second));
	EXPECT_EQ(1, found(self, "has a driver_override, which stays"));
	EXPECT_NE(NULL, strstr(self->message, self->first));
	EXPECT_EQ(0, bed_run("rmmod vfio_pci"));
	EXPECT_STREQ("none\n", override_of(self->first));
	EXPECT_STREQ("vfio-pci\n", override_of(self->second));
}

TEST_F(devices, unload)
{
	ASSERT_EQ(0, load(self, self->bdf, self->first));
	ASSERT_EQ(0, bed_puts("none", BED_DEVICES "/%s/driver_override",
			      self->first));
	EXPECT_EQ(0, bed_run("rmmod vfio_pci"));
	EXPECT_STREQ("(null)\n", override_of(self->bdf));
	EXPECT_STREQ("none\n", override_of(self->first));

	/* Nothing is left behind that would see a function appear. */
	bed_mock_set(SLOT, "present", "0");
	bed_mock_set(SLOT, "present", "1");
	EXPECT_STREQ("(null)\n", override_of(self->bdf));
}

/* A bad item costs itself. */
TEST_F(devices, bad_items)
{
	static const char *const bad[] = {
		"nonsense", "04.0", "00:04", "00:04.8", "00:20.0", "100:04.0",
		"00:04.0/", "/00:04.0", "00:04.0/00", "00:04.*/00.0", "00:04.0x",
		"00:04.", "0:0:0:04.0", "80000000:00:04.0", "pci:8086:1234",
		"-1:00.0", "00:04.0 00:05.0", "0000:00:04.0.0", "00:*.0", "*",
	};
	char quoted[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		ASSERT_EQ(0, load(self, bad[i], self->bdf));
		EXPECT_TRUE(is_bound(self->bdf));
		snprintf(quoted, sizeof(quoted), "\"%s\" is not [", bad[i]);
		EXPECT_EQ(1, found(self, quoted)) {
			TH_LOG("%s", bad[i]);
		}
	}

	ASSERT_EQ(0, load(self, ",, ;", self->bdf));
	EXPECT_TRUE(is_bound(self->bdf));
	EXPECT_EQ(0, found(self, "left out"));
	ASSERT_EQ(0, bed_load("devices"));
	ASSERT_EQ(0, bed_load("devices="));
	EXPECT_FALSE(is_bound(self->bdf));
}

/* Beside ids=, and longer than parameters of the kernel may be. */
TEST_F(devices, long_list)
{
	size_t len = 0, i;

	len += snprintf(self->options, sizeof(self->options),
			"ids=1b36:4243 devices=");
	for (i = 0; i < 200; i++)
		len += snprintf(self->options + len,
				sizeof(self->options) - len, "7%03zx:00:00.0,",
				i);
	snprintf(self->options + len, sizeof(self->options) - len, "%s",
		 self->bdf);
	ASSERT_EQ(0, bed_load(self->options));
	EXPECT_TRUE(is_bound(self->bdf));
	EXPECT_TRUE(is_bound(self->first));
	EXPECT_EQ(200, found(self, "there is no 7"));
}

#define WORD	"vfio_pci.devices="	/* busybox knows it by no other name */

/* modprobe takes the parameters of modules from there, in an initramfs, too. */
TEST_F(devices, kernel_command_line)
{
	if (!strstr(bed_read("/proc/cmdline"), WORD))
		SKIP(return, "no " WORD " on the kernel command line");

	ASSERT_NE(NULL, strstr(bed_read("/proc/cmdline"), WORD BED_E1000E));
	ASSERT_EQ(0, bed_load(""));
	EXPECT_TRUE(is_bound(BED_E1000E));
}

TEST_HARNESS_MAIN
