// SPDX-License-Identifier: GPL-2.0-only
/*
 * A real QEMU migrates a guest with a VF to another QEMU, which has a VF of
 * another PF. What the guest left in its device it finds there, or says so.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "migration.h"
#include "vmm.h"

#define SOCKET	"unix:/tmp/migration"
#define NO_IOMMUFD "this kernel is without IOMMUFD"
#define BAD_STATE "0x05"	/* MLX5_CMD_STAT_BAD_SYS_STATE_ERR */

/* A minute at most; 0, or -ETIMEDOUT. */
#define wait_for(condition) \
	({ \
		unsigned int tries_ = 600; \
		while (!(condition) && --tries_) \
			usleep(100000); \
		tries_ ? 0 : -ETIMEDOUT; \
	})

enum { NEAR, FAR, ENDS };

FIXTURE(qemu) {
	char pf[ENDS][32];
	char vf[ENDS][32];
	bool there;
	bool pre_copy;
	bool log;
	unsigned int flags;
	struct vmm vmm[ENDS];
};

FIXTURE_VARIANT(qemu)
{
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(qemu, group)
{
	.flags = 0,
};

FIXTURE_VARIANT_ADD(qemu, iommufd)
{
	.flags = VMM_IOMMUFD,
};

/* Whether the device can be copied while it runs. */
static bool has_pre_copy(const char *vf)
{
	struct bed_device dev;
	uint64_t flags = 0;

	bed_must(bed_open(&dev, vf), "open a VF");
	bed_must(mig_flags(&dev, &flags), "migration flags");
	bed_close(&dev);
	return flags & MIG_HAS_PRE_COPY;
}

/* @end waits for what comes in, if it @waits. */
static int start(FIXTURE_DATA(qemu) *self, unsigned int end, bool waits)
{
	static const char *const names[] = { "near", "far" };

	return vmm_start(&self->vmm[end], names[end], self->vf[end],
			 self->flags, waits ? SOCKET : NULL);
}

FIXTURE_SETUP(qemu)
{
	struct bed_pf far = bed_pf_elsewhere(&bed_mlx5_model, "far");
	unsigned int end;

	self->there = !(variant->flags & VMM_IOMMUFD) || bed_exists("/dev/iommu");
	if (!self->there)
		return;
	bed_pf_begin(&bed_mlx5_model, self->pf[NEAR], sizeof(self->pf[NEAR]));
	bed_pf_add(&far, self->pf[FAR], sizeof(self->pf[FAR]));
	for (end = NEAR; end < ENDS; end++) {
		snprintf(self->vf[end], sizeof(self->vf[end]), "%s",
			 bed_pf_vf(self->pf[end], 0));
		ASSERT_EQ(0, bed_pf_knob(self->pf[end], "clear", "1"));
		ASSERT_EQ(0, bed_pf_bind_vf(self->vf[end], bed_mlx5_driver()));
		self->vmm[end] = (struct vmm){ .qmp = -1 };
	}
	self->pre_copy = has_pre_copy(self->vf[NEAR]);
	self->log = mig_kernel_has_log();
	self->flags = variant->flags | (self->pre_copy ? VMM_PRE_COPY : 0) |
		      (self->log ? 0 : VMM_WITHOUT_LOG);
	ASSERT_EQ(0, start(self, NEAR, false));
	ASSERT_EQ(0, start(self, FAR, true));
}

FIXTURE_TEARDOWN(qemu)
{
	unsigned int end;

	if (!self->there)
		return;
	for (end = NEAR; end < ENDS; end++) {
		vmm_end(&self->vmm[end]);
		EXPECT_TRUE(bed_mlx5_pf_clean(self->pf[end]));
	}
}

/*
 * Migration ends before it begins, or goes on until told. Linux 6.1 has no way to
 * ask for the size of what remains, and QEMU then assumes 100 GiB.
 */
static void pace(struct vmm *vmm, bool fast)
{
	const char *const parameter =
		VMM_EXECUTE("migrate-set-parameters", "\"%s\":%u");
	unsigned int bandwidth = fast ? 1000000000 : 200000;

	bed_must(vmm_do_well(vmm, parameter, "max-bandwidth", bandwidth), "bandwidth");
	bed_must(vmm_do_well(vmm, parameter, "avail-switchover-bandwidth", bandwidth),
		 "bandwidth");
	bed_must(vmm_do_well(vmm, parameter, "downtime-limit", fast ? 1000000 : 1),
		 "downtime");
}

static int begin(struct vmm *vmm)
{
	return vmm_do_well(vmm, VMM_EXECUTE("migrate", "\"uri\":\"" SOCKET "\""));
}

/* The guest goes on where it was, beyond where it had come. */
static void goes_on(struct __test_metadata *_metadata, struct vmm *vmm)
{
	struct vmm_tick now, later;

	ASSERT_EQ(0, vmm_tick_wait(vmm, 0, &now));
	ASSERT_EQ(0, vmm_tick_wait(vmm, now.tick + 5, &later));
	EXPECT_EQ(now.vhca, later.vhca);
	EXPECT_EQ(now.resets, later.resets);
	EXPECT_EQ(3, later.run);
}

/* From @from to @to, which is at the other end and waits. */
static void migrates(struct __test_metadata *_metadata, struct vmm *from,
		     struct vmm *to)
{
	struct vmm_tick last, first;

	pace(from, true);
	ASSERT_EQ(0, begin(from));
	ASSERT_EQ(0, vmm_migration_wait(from, "completed"));
	ASSERT_EQ(0, vmm_migration_wait(to, "completed"));
	ASSERT_EQ(0, vmm_tick_wait(to, 1, &first));
	ASSERT_EQ(0, vmm_first_tick(to, &first));
	ASSERT_EQ(0, vmm_tick(from, &last));
	EXPECT_GE(last.tick + 2, first.tick);
	EXPECT_LE(last.tick, first.tick);
	EXPECT_NE(last.vhca, first.vhca);
	EXPECT_LE(1, first.loads);
	goes_on(_metadata, to);

	EXPECT_LE(MLX5_STATE_SIZE, vmm_migrated(from, "\"vfio\": {\"transferred\": "));
}

/*
 * With a log, memory is sent once, and then what was written since. Without one, QEMU
 * takes all of it for written.
 */
static void memory_went_as_logged(struct __test_metadata *_metadata,
				  FIXTURE_DATA(qemu) *self, unsigned int end)
{
	struct vmm *vmm = &self->vmm[end];
	long pages = vmm_migrated(vmm, "\"total\": ") / 4096;
	long sent = vmm_migrated(vmm, "\"normal\": ") +
		    vmm_migrated(vmm, "\"duplicate\": ");

	printf("# %s: %ld pages sent, of %ld\n", vmm->name, sent, pages);
	if (!self->log)
		return;
	EXPECT_GT(pages + pages / 2, sent);
	EXPECT_LT(0, bed_pf_stat(self->pf[end], "create_track"));
	EXPECT_LT(0, bed_pf_stat(self->pf[end], "modify_track"));
}

TEST_F_TIMEOUT(qemu, migrates_there_and_back, 300)
{
	struct vmm_tick tick;

	if (!self->there)
		SKIP(return, NO_IOMMUFD);
	ASSERT_EQ(0, vmm_tick_wait(&self->vmm[NEAR], 3, &tick));
	migrates(_metadata, &self->vmm[NEAR], &self->vmm[FAR]);
	memory_went_as_logged(_metadata, self, NEAR);

	vmm_end(&self->vmm[NEAR]);
	EXPECT_TRUE(bed_mlx5_pf_clean(self->pf[NEAR]));
	ASSERT_EQ(0, start(self, NEAR, true));
	migrates(_metadata, &self->vmm[FAR], &self->vmm[NEAR]);
}

/*
 * Until the device is being copied, or what it writes to is recorded, while the
 * guest runs. Returns how often it had been suspended before, as it is when a guest
 * starts.
 */
static long start_slowly(struct __test_metadata *_metadata,
			 FIXTURE_DATA(qemu) *self)
{
	struct vmm_tick tick;
	long suspended;

	ASSERT_EQ(0, vmm_tick_wait(&self->vmm[NEAR], 3, &tick));
	suspended = bed_pf_stat(self->pf[NEAR], "suspend");
	pace(&self->vmm[NEAR], false);
	ASSERT_EQ(0, begin(&self->vmm[NEAR]));
	ASSERT_EQ(0, wait_for(bed_pf_stat(self->pf[NEAR],
					  self->pre_copy ? "save" : "trackers") > 0));
	ASSERT_EQ(0, wait_for(vmm_migrated(&self->vmm[NEAR],
					   "\"precopy-bytes\": ") > 100000));
	EXPECT_STREQ("active", vmm_migration(&self->vmm[NEAR]));
	EXPECT_EQ(suspended, bed_pf_stat(self->pf[NEAR], "suspend"));
	return suspended;
}

/* The far end gave up; another one gets it all. */
static void migrates_after_all(struct __test_metadata *_metadata,
			       FIXTURE_DATA(qemu) *self)
{
	goes_on(_metadata, &self->vmm[NEAR]);
	vmm_end(&self->vmm[FAR]);
	EXPECT_TRUE(bed_mlx5_pf_clean(self->pf[FAR]));
	ASSERT_EQ(0, start(self, FAR, true));
	migrates(_metadata, &self->vmm[NEAR], &self->vmm[FAR]);
}

TEST_F_TIMEOUT(qemu, cancelled_in_pre_copy, 300)
{
	long suspended;

	if (!self->there)
		SKIP(return, NO_IOMMUFD);
	suspended = start_slowly(_metadata, self);
	ASSERT_EQ(0, vmm_migration_cancel(&self->vmm[NEAR]));
	EXPECT_EQ(suspended, bed_pf_stat(self->pf[NEAR], "suspend"));
	migrates_after_all(_metadata, self);
}

/* The guest is stopped when its device is first told to be. */
TEST_F_TIMEOUT(qemu, save_fails_in_stop_copy, 300)
{
	const char *pf = self->pf[NEAR];
	long suspended;

	if (!self->there)
		SKIP(return, NO_IOMMUFD);
	suspended = start_slowly(_metadata, self);
	ASSERT_EQ(0, bed_pf_knob(pf, "hold", "suspend 1"));
	pace(&self->vmm[NEAR], true);
	ASSERT_EQ(0, wait_for(atoi(bed_read(BED_DEVICES "/%s/mock/hold", pf))));
	ASSERT_EQ(0, bed_pf_knob(pf, "fail", "save " BAD_STATE " 1"));
	ASSERT_EQ(0, bed_pf_knob(pf, "hold", "suspend 0"));
	ASSERT_EQ(0, vmm_migration_wait(&self->vmm[NEAR], "failed"));
	EXPECT_EQ(suspended + 2, bed_pf_stat(pf, "suspend"));
	migrates_after_all(_metadata, self);
}

TEST_F_TIMEOUT(qemu, load_fails, 300)
{
	struct vmm_tick tick;

	if (!self->there)
		SKIP(return, NO_IOMMUFD);
	if (!self->pre_copy)
		SKIP(return, "when all is loaded at the end, the source has ended");
	ASSERT_EQ(0, vmm_tick_wait(&self->vmm[NEAR], 3, &tick));
	ASSERT_EQ(0, bed_pf_knob(self->pf[FAR], "fail", "load " BAD_STATE " 1"));
	pace(&self->vmm[NEAR], true);
	ASSERT_EQ(0, begin(&self->vmm[NEAR]));
	ASSERT_EQ(0, vmm_migration_wait(&self->vmm[NEAR], "failed"));
	migrates_after_all(_metadata, self);
}

int main(int argc, char **argv)
{
	if (!vmm_is_there()) {
		printf("TAP version 13\n1..0 # SKIP ");
		printf("the QEMU of Debian 12's backports can not be had\n");
		return 4;
	}
	bed_mlx5_need();
	if (bed_mainline() && !mig_kernel_has_log()) {
		printf("TAP version 13\n1..0 # SKIP ");
		printf("mainline offers a log of pages that fails here: QEMU migrates nothing\n");
		return 4;
	}
	return test_harness_run(argc, argv);
}
