// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-pci needs no module of a vendor: whether mlx5_core is absent, unwanted, of
 * another build or late, vfio-pci loads and binds, and mlx5 says why it declines.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "migration.h"

#define MODPROBE	"/tests/modprobe"	/* kmod */
#define CONFIG		"/etc/modprobe.d/test.conf"
#define HELPER		"/proc/sys/kernel/modprobe"
#define SELECTED	"mlx5: selected\n"
#define DISAGREES	"vfio_pci_mlx5: disagrees about version of symbol"
#define ROUNDS		20

static const struct {
	const char *file;
	const char *name;
} modules[] = {
	{ "updates/dkms/vfio-pci.ko", "vfio_pci" },
	{ "updates/dkms/vfio-pci-mlx5.ko", "vfio_pci_mlx5" },
	{ "updates/mlx5_core.ko", "mlx5_core" },
};

enum { VFIO_PCI, VFIO_PCI_MLX5, MLX5_CORE };

static bool is_loaded(int module)
{
	return bed_exists("/sys/module/%s", modules[module].name);
}

static const char *path(int module, const char *suffix)
{
	static char text[160];
	struct utsname uts;

	bed_must(uname(&uts), "uname");
	snprintf(text, sizeof(text), "/lib/modules/%s/%s%s", uts.release,
		 modules[module].file, suffix);
	return text;
}

/* As if it were not installed. */
static void hide(int module, bool hidden)
{
	char from[160];

	snprintf(from, sizeof(from), "%s", path(module, hidden ? "" : ".hidden"));
	bed_must(rename(from, path(module, hidden ? ".hidden" : "")), from);
}

static int modprobe(const char *arguments)
{
	char command[128];

	snprintf(command, sizeof(command), MODPROBE " %s", arguments);
	return bed_run(command);
}

/* 0, also if it is not loaded. */
static int unload(int module)
{
	char command[64];

	snprintf(command, sizeof(command), "rmmod %s 2>/dev/null",
		 modules[module].name);
	return is_loaded(module) ? bed_run(command) : 0;
}

static int unload_all(void)
{
	return unload(VFIO_PCI) ?: unload(VFIO_PCI_MLX5) ?: unload(MLX5_CORE);
}

/* @line: of /etc/modprobe.d, or several; "" for none */
static void configure(const char *line)
{
	bed_must(bed_run("mkdir -p /etc/modprobe.d && : >" CONFIG), CONFIG);
	bed_must(bed_puts(line, CONFIG), CONFIG);
}

static bool declines_with(const char *bdf, const char *reason)
{
	const char *log = bed_vendor_log(bdf);

	if (!strncmp(log, "mlx5: declined: ", 16) && strstr(log, reason) &&
	    strstr(log, "\ngeneric: selected\n"))
		return true;
	printf("# instead of \"%s\": %s\n", reason, log);
	return false;
}

FIXTURE(symbols) {
};

FIXTURE_SETUP(symbols)
{
	bed_mock_remove();
	ASSERT_EQ(0, bed_puts(MODPROBE, HELPER));
	configure("");
	ASSERT_EQ(0, unload_all());
	ASSERT_EQ(0, modprobe("vfio-pci"));
}

FIXTURE_TEARDOWN(symbols)
{
	configure("");
	bed_mock_remove();
	EXPECT_EQ(0, unload_all());
	EXPECT_EQ(0, modprobe("vfio-pci"));
}

/* With the PF that mlx5_core drives, and its VFs without a driver. */
static const char *driven_vf(void)
{
	bed_mlx5_begin();
	bed_mlx5_unbind(0);
	return bed_mlx5_vf(0);
}

TEST_F(symbols, vfio_pci_loads_nothing_of_a_vendor)
{
	EXPECT_FALSE(is_loaded(MLX5_CORE));
	EXPECT_FALSE(is_loaded(VFIO_PCI_MLX5));
	ASSERT_EQ(0, bed_bind(BED_EDU));
	EXPECT_STREQ("generic\n", bed_vendor(BED_EDU));
	EXPECT_EQ(0, bed_unbind(BED_EDU));
	EXPECT_FALSE(is_loaded(MLX5_CORE));
}

/* PF and VF are plain, with the driver of the PF not there, or not to be loaded. */
static void bind_undriven(struct __test_metadata *_metadata)
{
	const char *pf, *vf;

	ASSERT_EQ(0, unload(VFIO_PCI));
	ASSERT_EQ(0, modprobe("vfio-pci enable_sriov=1"));
	pf = bed_pf_undriven("undriven", BED_PARENT_3, 0x15b3, 0x101e);
	ASSERT_EQ(0, bed_bind(pf));
	ASSERT_EQ(0, bed_puts("1", BED_DEVICES "/%s/sriov_numvfs", pf));
	vf = bed_pf_vf(pf, 0);
	EXPECT_TRUE(declines_with(vf, "the PF is not driven by mlx5_core"));
	EXPECT_FALSE(is_loaded(MLX5_CORE));
	EXPECT_FALSE(is_loaded(VFIO_PCI_MLX5));
	EXPECT_EQ(0, bed_puts("0", BED_DEVICES "/%s/sriov_numvfs", pf));
	EXPECT_EQ(0, bed_unbind(pf));
	bed_mock_remove();
}

TEST_F(symbols, mlx5_core_is_absent)
{
	hide(MLX5_CORE, true);
	bind_undriven(_metadata);
	hide(MLX5_CORE, false);
}

TEST_F(symbols, mlx5_core_is_blacklisted)
{
	configure("blacklist mlx5_core\n");
	bind_undriven(_metadata);
}

TEST_F(symbols, mlx5_core_must_not_be_loaded)
{
	configure("install mlx5_core /bin/false\n");
	bind_undriven(_metadata);
}

/* Wherever the PF is to go, by ids=, it goes, before mlx5_core and after. */
TEST_F(symbols, the_pf_goes_to_vfio_pci)
{
	const struct bed_pf *model = &bed_mlx5_model;
	char bdf[32];

	bed_mock_bus_at(model->bus, model->parent);
	bed_mock_function("mlx5/00.0", model->vendor, model->device,
			  model->class);
	bed_mock_bus_live(model->bus);
	snprintf(bdf, sizeof(bdf), "%s", bed_mock_bdf("mlx5/00.0"));

	ASSERT_EQ(0, unload(VFIO_PCI));
	configure("options vfio-pci ids=15b3:101d\n"
		  "softdep mlx5_core pre: vfio-pci\n");
	ASSERT_EQ(0, modprobe("vfio-pci"));
	EXPECT_FALSE(is_loaded(MLX5_CORE));
	EXPECT_TRUE(bed_exists(BED_DRIVER "/%s", bdf));

	ASSERT_EQ(0, modprobe("mlx5_core"));
	EXPECT_TRUE(bed_exists(BED_DRIVER "/%s", bdf));
	EXPECT_EQ(0, unload_all());

	/* The soft dependency alone brings vfio-pci first. */
	ASSERT_EQ(0, modprobe("mlx5_core"));
	EXPECT_TRUE(bed_exists(BED_DRIVER "/%s", bdf));
}

TEST_F(symbols, mlx5_core_comes_later)
{
	bind_undriven(_metadata);
	ASSERT_EQ(0, bed_bind(driven_vf()));
	EXPECT_STREQ(SELECTED, bed_vendor_log(bed_mlx5_vf(0)));
	EXPECT_TRUE(is_loaded(VFIO_PCI_MLX5));
}

/* It is loaded by hand, so that it may not be loaded by name does not matter. */
TEST_F(symbols, mlx5_core_is_there_and_must_not_be_loaded)
{
	const char *vf = driven_vf();

	configure("install mlx5_core /bin/false\nblacklist mlx5_core\n");
	ASSERT_EQ(0, bed_bind(vf));
	EXPECT_STREQ(SELECTED, bed_vendor_log(vf));
}

TEST_F(symbols, vfio_pci_mlx5_can_not_be_loaded)
{
	static const char *const helpers[] = { MODPROBE, "\n", "/none" };
	const char *vf = driven_vf();
	size_t i;

	hide(VFIO_PCI_MLX5, true);
	for (i = 0; i < ARRAY_SIZE(helpers); i++) {
		ASSERT_EQ(0, bed_puts(helpers[i], HELPER));
		ASSERT_EQ(0, bed_bind(vf));
		EXPECT_TRUE(declines_with(vf, "vfio-pci-mlx5 can not be loaded"));
		EXPECT_EQ(0, bed_unbind(vf));
	}
	ASSERT_EQ(0, bed_puts(MODPROBE, HELPER));
	hide(VFIO_PCI_MLX5, false);

	configure("install vfio-pci-mlx5 /bin/false\n");
	ASSERT_EQ(0, bed_bind(vf));
	EXPECT_TRUE(declines_with(vf, "vfio-pci-mlx5 can not be loaded"));
	EXPECT_EQ(0, bed_unbind(vf));

	configure("");
	ASSERT_EQ(0, bed_bind(vf));
	EXPECT_STREQ(SELECTED, bed_vendor_log(vf));
}

/* The kernel compares versions of symbols, or there is nothing to compare. */
TEST_F(symbols, mlx5_core_of_another_build)
{
	char command[256];
	bool versions;
	const char *vf;
	int kmsg;

	snprintf(command, sizeof(command), "grep -q modversions %s",
		 path(VFIO_PCI, ""));
	versions = !bed_run(command);

	ASSERT_EQ(0, bed_run("insmod /tests/mlx5_core_other.ko"));
	vf = driven_vf();
	kmsg = bed_kmsg_open();
	ASSERT_LE(0, kmsg);
	ASSERT_EQ(0, bed_bind(vf));
	EXPECT_TRUE(declines_with(vf, versions ?
				  "vfio-pci-mlx5 can not be loaded" :
				  "mlx5_core is not the one of this kernel"));
	EXPECT_EQ(versions, bed_kmsg_count(kmsg, DISAGREES) > 0);
	close(kmsg);
	EXPECT_FALSE(is_loaded(VFIO_PCI_MLX5));
	EXPECT_EQ(0, bed_unbind(vf));

	ASSERT_EQ(0, unload(MLX5_CORE));
	vf = driven_vf();
	ASSERT_EQ(0, bed_bind(vf));
	EXPECT_STREQ(SELECTED, bed_vendor_log(vf));
}

TEST_F(symbols, vfio_pci_mlx5_of_another_build)
{
	const char *vf = driven_vf();

	ASSERT_EQ(0, bed_run("insmod /tests/mlx5_other_fns.ko"));
	ASSERT_EQ(0, bed_bind(vf));
	EXPECT_TRUE(declines_with(vf, "was not built together with this vfio-pci"));
	/* Nothing of it is held. */
	EXPECT_EQ(0, bed_run("rmmod mlx5_other_fns"));
	EXPECT_EQ(0, bed_unbind(vf));
	ASSERT_EQ(0, bed_bind(vf));
	EXPECT_STREQ(SELECTED, bed_vendor_log(vf));
}

/* Its own init may wait for the device lock that the probe of the VF holds. */
TEST_F(symbols, mlx5_core_is_being_loaded)
{
	const char *vf;
	int status;
	pid_t pid;

	/* Makes the bus, on which the PF waits for its driver. */
	driven_vf();
	ASSERT_EQ(0, unload(MLX5_CORE));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(modprobe("mlx5_core linger=4000") ? 1 : 0);
	while (!bed_exists("/sys/bus/pci/drivers/mlx5_core/%s", bed_mlx5_pf()))
		usleep(20000);
	ASSERT_EQ(0, bed_puts("2", BED_DEVICES "/%s/sriov_numvfs", bed_mlx5_pf()));
	vf = bed_mlx5_vf(0);
	ASSERT_EQ(0, bed_bind(vf));
	EXPECT_TRUE(declines_with(vf, "mlx5_core is being loaded or removed"));
	EXPECT_EQ(0, bed_unbind(vf));
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	ASSERT_EQ(0, bed_bind(vf));
	EXPECT_STREQ(SELECTED, bed_vendor_log(vf));
}

/* A process that loads a module waits for the end of asynchronous probes. */
TEST_F(symbols, the_probe_is_asynchronous)
{
	const char *vf = driven_vf();
	int i;

	ASSERT_EQ(0, unload(VFIO_PCI));
	ASSERT_EQ(0, modprobe("vfio-pci async_probe=1 ids=15b3:101e"));
	for (i = 0; i < 500 && !*bed_vendor_log(vf); i++)
		usleep(20000);
	EXPECT_TRUE(declines_with(vf, "modprobe vfio-pci-mlx5, then bind again"));
	ASSERT_EQ(0, modprobe("vfio-pci-mlx5"));
	EXPECT_EQ(0, bed_unbind(vf));
	ASSERT_EQ(0, bed_bind(vf));
	EXPECT_STREQ(SELECTED, bed_vendor_log(vf));
}

/* mlx5_core stays while a VF is claimed, however often VFs are bound, and no more. */
TEST_F(symbols, a_claim_holds_the_modules)
{
	struct bed_device dev;
	const char *vf;
	char byte;
	int fd, i;

	for (i = 0; i < 3; i++) {
		vf = driven_vf();
		ASSERT_EQ(0, bed_bind(vf));
		ASSERT_STREQ(SELECTED, bed_vendor_log(vf));
		EXPECT_NE(0, unload(VFIO_PCI_MLX5));
		EXPECT_NE(0, unload(MLX5_CORE));

		/* A data file outlives the claim, and does not need the modules. */
		ASSERT_EQ(0, bed_open(&dev, vf));
		ASSERT_EQ(0, mig_set(&dev, MIG_STOP, NULL));
		ASSERT_EQ(0, mig_set(&dev, MIG_STOP_COPY, &fd));
		bed_close(&dev);
		EXPECT_EQ(0, bed_unbind(vf));
		EXPECT_EQ(0, unload(VFIO_PCI_MLX5));
		EXPECT_EQ(0, unload(MLX5_CORE));
		EXPECT_EQ(-1, read(fd, &byte, 1));
		close(fd);
	}
}

TEST_F(symbols, the_pf_goes_while_a_vf_is_claimed)
{
	const char *vf = driven_vf();

	ASSERT_EQ(0, bed_bind(vf));
	ASSERT_STREQ(SELECTED, bed_vendor_log(vf));
	ASSERT_EQ(0, bed_puts(bed_mlx5_pf(),
			      "/sys/bus/pci/drivers/mlx5_core/unbind"));
	EXPECT_FALSE(bed_exists(BED_DEVICES "/%s", vf));
	EXPECT_EQ(0, unload(VFIO_PCI_MLX5));
	EXPECT_EQ(0, unload(MLX5_CORE));
}

/* Whenever vfio-pci-mlx5 is removed, a bind succeeds, and a claim holds it. */
TEST_F(symbols, binds_race_with_rmmod)
{
	const char *vf = driven_vf();
	int i, claimed = 0;
	pid_t pid;

	pid = fork();
	ASSERT_LE(0, pid);
	while (!pid)
		unload(VFIO_PCI_MLX5);

	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, bed_bind(vf));
		if (!strcmp(bed_vendor_log(vf), SELECTED)) {
			EXPECT_TRUE(is_loaded(VFIO_PCI_MLX5));
			claimed++;
		} else {
			EXPECT_TRUE(declines_with(vf, "vfio-pci-mlx5 is "));
		}
		ASSERT_EQ(0, bed_unbind(vf));
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	printf("# %d of %d binds claimed the VF\n", claimed, ROUNDS);
	EXPECT_LT(0, claimed);
}

static void __attribute__((constructor)) need(void)
{
	if (bed_ours_all())
		return;
	printf("TAP version 13\n1..0 # SKIP it is about ours, with mlx5 in it\n");
	exit(4);
}

TEST_HARNESS_MAIN
