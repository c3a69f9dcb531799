// SPDX-License-Identifier: GPL-2.0-only
/*
 * Selection: order, what follows a decline, what the log and the kernel message
 * say, and that nothing but a vendor's own ids and checks counts.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"
#include "migration.h"

#define GPU	"02.0"	/* Intel, with an OpRegion */
#define DGPU	"03.0"	/* Intel, without */
#define NIC	"04.0"	/* Intel, not a display */
#define OTHER	"05.0"	/* a display, not Intel */
#define MLX5	"06.0"	/* a ConnectX VF, by its ids */

#define DECLINED	"igd: declined: ASLS is 0"

#define VIRTIO_BUILT_OUT \
	"virtio: declined: built without virtio: " \
	"rebuild with headers of Linux 6.8 or later\n" \
	"generic: selected\n"
#define VIRTIO_PF \
	"virtio: declined: it is not a VF, and only for VFs there are admin commands\n" \
	"generic: selected\n"

#define VIRTIO_NO_FUNCTIONS \
	"virtio: declined: virtio_pci of this kernel has no admin commands for VFs, " \
	"or is not loaded: bind the PF to it first\n" \
	"generic: selected\n"
#define VIRTIO_NO_DRIVER \
	"virtio: declined: " \
	"the PF offers neither device parts nor legacy I/O, or is not driven by virtio_pci\n" \
	"generic: selected\n"

static void __attribute__((constructor)) check_driver(void)
{
	bed_need_ours();
}

FIXTURE(select) {
	char gpu[32], dgpu[32], nic[32], other[32], mlx5[32];
	int kmsg;
};

static void function(const char *slot, unsigned int vendor, unsigned int device,
		     unsigned int class)
{
	bed_mock_function(slot, vendor, device, class);
	bed_mock_set(slot, "bar", "0 10000");
}

static void name(char *bdf, const char *slot)
{
	snprintf(bdf, 32, "%s", bed_mock_bdf(slot));
}

FIXTURE_SETUP(select)
{
	const struct bed_opregion desc = { .version = 0x201, .kib = 8 };
	uint8_t opregion[BED_OPREGION_SIZE];

	bed_mock_remove();
	ASSERT_EQ(0, bed_load(""));
	bed_opregion(opregion, &desc);
	bed_firmware(BED_FIRMWARE, opregion, sizeof(opregion));

	bed_mock_bus();
	bed_mock_function("00.0", 0x8086, 0x3e30, 0x060000);
	bed_mock_function("1f.0", 0x8086, 0xa30d, 0x060100);
	function(GPU, 0x8086, 0x3e92, 0x030000);
	bed_mock_set(GPU, "config", "fc 4 %x", BED_FIRMWARE);
	function(DGPU, 0x8086, 0x56a0, 0x030000);
	function(NIC, 0x8086, 0x10d3, 0x020000);
	bed_mock_set(NIC, "config", "fc 4 %x", BED_FIRMWARE);
	function(OTHER, 0x1002, 0x73bf, 0x030000);
	bed_mock_set(OTHER, "config", "fc 4 %x", BED_FIRMWARE);
	function(MLX5, 0x15b3, 0x101e, 0x020000);
	bed_mock_live();
	name(self->gpu, GPU);
	name(self->dgpu, DGPU);
	name(self->nic, NIC);
	name(self->other, OTHER);
	name(self->mlx5, MLX5);
	self->kmsg = bed_kmsg_open();
}

FIXTURE_TEARDOWN(select)
{
	bed_mock_remove();
}

TEST_F(select, claimed)
{
	char text[1024];

	ASSERT_EQ(0, bed_bind(self->gpu));
	EXPECT_STREQ("igd\n", bed_vendor(self->gpu));
	EXPECT_STREQ("igd: selected\n", bed_vendor_log(self->gpu));
	EXPECT_EQ(1, bed_kmsg_find(self->kmsg, "vendor ops: ", text,
				   sizeof(text)));
	EXPECT_NE(NULL, strstr(text, self->gpu));
	EXPECT_NE(NULL, strstr(text, "vendor ops: igd: selected\n"));
}

TEST_F(select, declined)
{
	char text[1024];
	const char *log;

	ASSERT_EQ(0, bed_bind(self->dgpu));
	EXPECT_STREQ("generic\n", bed_vendor(self->dgpu));
	log = bed_vendor_log(self->dgpu);
	EXPECT_EQ(0, strncmp(log, DECLINED, strlen(DECLINED)));
	log = strchr(log, '\n');
	ASSERT_NE(NULL, log);
	EXPECT_STREQ("\ngeneric: selected\n", log);

	EXPECT_EQ(1, bed_kmsg_find(self->kmsg, "vendor ops: ", text,
				   sizeof(text)));
	EXPECT_NE(NULL, strstr(text, DECLINED));
	EXPECT_NE(NULL, strstr(text, "; generic: selected\n"));
}

/* The row of a vendor that is not linked in says how to get it. */
TEST_F(select, built_out)
{
	ASSERT_EQ(0, bed_bind(self->mlx5));
	EXPECT_STREQ("generic\n", bed_vendor(self->mlx5));
	EXPECT_STREQ("mlx5: declined: built without mlx5: rebuild with VENDOR_MLX5=y\n"
		     "generic: selected\n", bed_vendor_log(self->mlx5));
}

/* By the kernel's own virtio_pci, if it is there, and not by a mock. */
static const char *virtio_vf_log(void)
{
	if (!bed_ours_virtio())
		return VIRTIO_BUILT_OUT;
	if (bed_run("grep -q 'T virtio_pci_admin_has_legacy_io$' /proc/kallsyms"))
		return VIRTIO_NO_FUNCTIONS;
	return VIRTIO_NO_DRIVER;
}

TEST_F(select, virtio)
{
	const char *pf;

	ASSERT_EQ(0, bed_load("enable_sriov=1"));
	pf = bed_pf_undriven("pf", BED_PARENT_2, 0x1af4, 0x1041);
	ASSERT_EQ(0, bed_bind(pf));
	EXPECT_STREQ(bed_ours_virtio() ? VIRTIO_PF : VIRTIO_BUILT_OUT,
		     bed_vendor_log(pf));
	ASSERT_EQ(0, bed_puts("1", BED_DEVICES "/%s/sriov_numvfs", pf));
	EXPECT_STREQ(virtio_vf_log(), bed_vendor_log(bed_pf_vf(pf, 0)));
}

/* The rest of the ids of a vendor must match too; no message then. */
TEST_F(select, no_vendor_matches)
{
	ASSERT_EQ(0, bed_bind(self->nic));
	EXPECT_STREQ("generic\n", bed_vendor(self->nic));
	EXPECT_STREQ("generic: selected\n", bed_vendor_log(self->nic));
	ASSERT_EQ(0, bed_bind(self->other));
	EXPECT_STREQ("generic\n", bed_vendor(self->other));
	EXPECT_STREQ("generic: selected\n", bed_vendor_log(self->other));
	EXPECT_EQ(0, bed_kmsg_count(self->kmsg, "vendor ops"));
}

TEST_F(select, disabled)
{
	static const char *const values[] = { "-igd", "generic" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		ASSERT_EQ(0, bed_puts(values[i], BED_PARAMETER));
		ASSERT_EQ(0, bed_bind(self->gpu));
		EXPECT_STREQ("generic\n", bed_vendor(self->gpu));
		EXPECT_STREQ("igd: disabled\ngeneric: selected\n",
			     bed_vendor_log(self->gpu));
		EXPECT_EQ(1, bed_kmsg_count(self->kmsg, "igd: disabled"));
		ASSERT_EQ(0, bed_bind(self->nic));
		EXPECT_STREQ("generic: selected\n", bed_vendor_log(self->nic));
		bed_unbind(self->nic);
		bed_unbind(self->gpu);
	}
}

TEST_F(select, allowed_by_name)
{
	static const char *const values[] = { "igd", "igd,generic" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		ASSERT_EQ(0, bed_puts(values[i], BED_PARAMETER));
		ASSERT_EQ(0, bed_bind(self->gpu));
		EXPECT_STREQ("igd: selected\n", bed_vendor_log(self->gpu));
		ASSERT_EQ(0, bed_bind(self->dgpu));
		EXPECT_STREQ("generic\n", bed_vendor(self->dgpu));
		bed_unbind(self->dgpu);
		bed_unbind(self->gpu);
	}
}

TEST_F(select, off)
{
	const char *const bdfs[] = { self->gpu, self->dgpu, self->nic };
	struct bed_device dev;
	size_t i;

	ASSERT_EQ(0, bed_puts("off", BED_PARAMETER));
	for (i = 0; i < ARRAY_SIZE(bdfs); i++) {
		ASSERT_EQ(0, bed_bind(bdfs[i]));
		EXPECT_STREQ("generic\n", bed_vendor(bdfs[i]));
		EXPECT_STREQ("generic: selected: vendor_ops=off\n",
			     bed_vendor_log(bdfs[i]));
	}
	EXPECT_EQ(0, bed_kmsg_count(self->kmsg, "vendor ops"));
	ASSERT_EQ(0, bed_open(&dev, self->gpu));
	bed_close(&dev);
}

TEST_F(select, change_affects_later_binds_only)
{
	ASSERT_EQ(0, bed_bind(self->gpu));
	ASSERT_EQ(0, bed_puts("off", BED_PARAMETER));
	EXPECT_STREQ("igd\n", bed_vendor(self->gpu));
	EXPECT_STREQ("igd: selected\n", bed_vendor_log(self->gpu));

	bed_unbind(self->gpu);
	ASSERT_EQ(0, bed_bind(self->gpu));
	EXPECT_STREQ("generic\n", bed_vendor(self->gpu));

	ASSERT_EQ(0, bed_puts("on", BED_PARAMETER));
	EXPECT_STREQ("generic: selected: vendor_ops=off\n", bed_vendor_log(self->gpu));
	bed_unbind(self->gpu);
	ASSERT_EQ(0, bed_bind(self->gpu));
	EXPECT_STREQ("igd\n", bed_vendor(self->gpu));
}

/* The firmware is looked at again at every bind, and only then. */
TEST_F(select, decision_is_of_the_bind)
{
	ASSERT_EQ(0, bed_bind(self->dgpu));
	bed_mock_set(DGPU, "config", "fc 4 %x", BED_FIRMWARE);
	EXPECT_STREQ("generic\n", bed_vendor(self->dgpu));
	bed_unbind(self->dgpu);
	ASSERT_EQ(0, bed_bind(self->dgpu));
	EXPECT_STREQ("igd\n", bed_vendor(self->dgpu));
}

/* Every way to the driver ends at the same vendor. */
TEST_F(select, way_of_binding_does_not_count)
{
	ASSERT_EQ(0, bed_puts("8086 3e92", BED_DRIVER "/new_id"));
	EXPECT_STREQ("igd\n", bed_vendor(self->gpu));
	ASSERT_EQ(0, bed_puts("8086 10d3", BED_DRIVER "/new_id"));
	EXPECT_STREQ("generic: selected\n", bed_vendor_log(self->nic));

	/* Display classes in new_id make no display of a NIC. */
	ASSERT_EQ(0, bed_puts("1002 73bf ffffffff ffffffff 30000 ff0000 0",
			      BED_DRIVER "/new_id"));
	EXPECT_STREQ("generic: selected\n", bed_vendor_log(self->other));

	bed_puts(self->gpu, BED_DRIVER "/unbind");
	bed_puts(self->nic, BED_DRIVER "/unbind");
	bed_puts(self->other, BED_DRIVER "/unbind");
	ASSERT_EQ(0, bed_load("ids=8086:3e92,8086:10d3"));
	EXPECT_STREQ("igd\n", bed_vendor(self->gpu));
	EXPECT_STREQ("generic: selected\n", bed_vendor_log(self->nic));
}

TEST_HARNESS_MAIN
