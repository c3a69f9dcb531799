// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log of the pages that a device writes to. Where the kernel is without the
 * helper for it there must be no log at all: one that can be started, and not
 * read, would make a migration lose pages.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "migration.h"

#define PAGE		MIG_LOG_PAGE
#define BASE		0x10000000ul
#define SPAN		0x1000000ul

FIXTURE(dirty_log) {
	struct mlx5_pair pair;
	struct bed_device *dev;
};

static int probe_log(struct bed_device *dev, unsigned int feature,
		     unsigned int way)
{
	return mig_feature(dev, VFIO_DEVICE_FEATURE_PROBE | way | feature,
			   NULL, 0);
}

#define NO_HELPER	"this kernel is without iova_bitmap"

FIXTURE_SETUP(dirty_log)
{
	ASSERT_EQ(0, bed_mlx5_pair_open(&self->pair));
	self->dev = &self->pair.dev[0];
}

FIXTURE_TEARDOWN(dirty_log)
{
	bed_mlx5_pair_close(&self->pair);
	EXPECT_TRUE(bed_mlx5_clean());
}

static int start(struct bed_device *dev)
{
	struct mig_range range = { BASE, SPAN };

	return mig_log_start(dev, &range, 1);
}

static int dirty(unsigned long iova, unsigned long length)
{
	return bed_mlx5_knob("dirty", "0 %lx %lx", iova, length);
}

TEST_F(dirty_log, offered)
{
	if (!mig_kernel_has_log())
		SKIP(return, NO_HELPER);
	EXPECT_EQ(0, probe_log(self->dev, MIG_LOG_START, VFIO_DEVICE_FEATURE_SET));
	EXPECT_EQ(0, probe_log(self->dev, MIG_LOG_STOP, VFIO_DEVICE_FEATURE_SET));
	EXPECT_EQ(0, probe_log(self->dev, MIG_LOG_REPORT, VFIO_DEVICE_FEATURE_GET));
}

TEST_F(dirty_log, pages_once)
{
	uint64_t bitmap[2] = {};

	if (!mig_kernel_has_log())
		SKIP(return, NO_HELPER);
	ASSERT_EQ(0, start(self->dev));
	ASSERT_EQ(0, dirty(BASE, PAGE));
	ASSERT_EQ(0, dirty(BASE + 3 * PAGE + 5, 2 * PAGE));
	ASSERT_EQ(0, dirty(BASE + 127 * PAGE, PAGE));
	/* Not in what is tracked, or asked for. */
	ASSERT_EQ(0, dirty(BASE - PAGE, PAGE));
	ASSERT_EQ(0, dirty(BASE + 128 * PAGE, PAGE));

	ASSERT_EQ(0, mig_log_report(self->dev, BASE, 128 * PAGE, bitmap));
	EXPECT_EQ(0x39, bitmap[0]);
	EXPECT_EQ(1ull << 63, bitmap[1]);

	memset(bitmap, 0, sizeof(bitmap));
	ASSERT_EQ(0, mig_log_report(self->dev, BASE, 128 * PAGE, bitmap));
	EXPECT_EQ(0, bitmap[0]);
	EXPECT_EQ(0, bitmap[1]);

	ASSERT_EQ(0, mig_log_report(self->dev, BASE + 128 * PAGE, 64 * PAGE, bitmap));
	EXPECT_EQ(1, bitmap[0]);
	EXPECT_EQ(0, mig_log_stop(self->dev));
}

TEST_F(dirty_log, bits_that_were_set_stay)
{
	uint64_t bitmap = 1ull << 40;

	if (!mig_kernel_has_log())
		SKIP(return, NO_HELPER);
	ASSERT_EQ(0, start(self->dev));
	ASSERT_EQ(0, dirty(BASE + PAGE, PAGE));
	ASSERT_EQ(0, mig_log_report(self->dev, BASE, 64 * PAGE, &bitmap));
	EXPECT_EQ(1ull << 40 | 2, bitmap);
	EXPECT_EQ(0, mig_log_stop(self->dev));
}

/* More than a message of the firmware holds. */
TEST_F(dirty_log, many_pages)
{
	unsigned long pages = SPAN / PAGE, i;
	uint64_t *bitmap = calloc(pages / 64, 8);

	if (!mig_kernel_has_log())
		SKIP(return, NO_HELPER);
	ASSERT_EQ(0, start(self->dev));
	for (i = 0; i < pages; i += 4)
		ASSERT_EQ(0, dirty(BASE + i * PAGE, PAGE));
	ASSERT_EQ(0, dirty(BASE + SPAN / 2, SPAN / 4));
	ASSERT_EQ(0, mig_log_report(self->dev, BASE, SPAN, bitmap));
	for (i = 0; i < pages / 64; i++) {
		ASSERT_EQ(i * 2 >= pages / 64 && i * 4 < 3 * (pages / 64) ?
			  ~0ull : 0x1111111111111111ull, bitmap[i]) {
			TH_LOG("word %lu", i);
		}
	}
	free(bitmap);
	EXPECT_EQ(0, mig_log_stop(self->dev));
}

/* The firmware takes 4 ranges; some are joined, and none is lost. */
TEST_F(dirty_log, many_ranges)
{
	struct mig_range ranges[9];
	uint64_t bitmap;
	unsigned int i;

	if (!mig_kernel_has_log())
		SKIP(return, NO_HELPER);
	for (i = 0; i < ARRAY_SIZE(ranges); i++)
		ranges[i] = (struct mig_range){ BASE + i * i * SPAN, 64 * PAGE };
	ASSERT_EQ(0, mig_log_start(self->dev, ranges, ARRAY_SIZE(ranges)));
	for (i = 0; i < ARRAY_SIZE(ranges); i++)
		ASSERT_EQ(0, dirty(ranges[i].iova + i * PAGE, PAGE));
	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		bitmap = 0;
		ASSERT_EQ(0, mig_log_report(self->dev, ranges[i].iova, 64 * PAGE,
					    &bitmap));
		EXPECT_EQ(1ull << i, bitmap);
	}
	EXPECT_EQ(0, mig_log_stop(self->dev));
}

TEST_F(dirty_log, order_of_requests)
{
	uint64_t bitmap = 0;

	if (!mig_kernel_has_log())
		SKIP(return, NO_HELPER);
	EXPECT_NE(0, mig_log_report(self->dev, BASE, 64 * PAGE, &bitmap));
	ASSERT_EQ(0, start(self->dev));
	EXPECT_EQ(-EINVAL, start(self->dev));
	EXPECT_EQ(0, mig_log_stop(self->dev));
	EXPECT_NE(0, mig_log_report(self->dev, BASE, 64 * PAGE, &bitmap));
	EXPECT_EQ(0, bitmap);
	ASSERT_EQ(0, start(self->dev));
	EXPECT_EQ(0, mig_log_stop(self->dev));
}

/* What was tracked is lost then, and no later report may hide that. */
TEST_F(dirty_log, failed_report)
{
	uint64_t bitmap = 0;

	if (!mig_kernel_has_log())
		SKIP(return, NO_HELPER);
	ASSERT_EQ(0, start(self->dev));
	ASSERT_EQ(0, bed_mlx5_knob("report_errors", "1"));
	ASSERT_EQ(0, dirty(BASE, PAGE));
	EXPECT_NE(0, mig_log_report(self->dev, BASE, 64 * PAGE, &bitmap));
	EXPECT_NE(0, mig_log_report(self->dev, BASE, 64 * PAGE, &bitmap));
	EXPECT_EQ(0, mig_log_stop(self->dev));

	ASSERT_EQ(0, start(self->dev));
	ASSERT_EQ(0, dirty(BASE + 7 * PAGE, PAGE));
	bitmap = 0;
	EXPECT_EQ(0, mig_log_report(self->dev, BASE, 64 * PAGE, &bitmap));
	EXPECT_EQ(1 << 7, bitmap);
	EXPECT_EQ(0, mig_log_stop(self->dev));
}

TEST_F(dirty_log, firmware_fails_a_start)
{
	static const char *const commands[] = {
		"alloc_pd", "create_cq", "create_mkey", "create_qp",
		"rst2init_qp", "init2rtr_qp", "rtr2rts_qp", "create_track",
	};
	long objects, keys;
	size_t i;

	if (!mig_kernel_has_log())
		SKIP(return, NO_HELPER);
	objects = bed_mlx5_stat("objects");
	keys = bed_mlx5_stat("mkeys");
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		ASSERT_EQ(0, bed_mlx5_knob("fail", "%s 1", commands[i]));
		EXPECT_NE(0, start(self->dev)) {
			TH_LOG("%s", commands[i]);
		}
		EXPECT_EQ(objects, bed_mlx5_stat("objects"));
		EXPECT_EQ(0, bed_mlx5_stat("violations"));
		EXPECT_EQ(keys, bed_mlx5_stat("mkeys"));
		EXPECT_EQ(0, bed_mlx5_stat("trackers"));
	}
	ASSERT_EQ(0, start(self->dev));
	EXPECT_EQ(0, mig_log_stop(self->dev));
}

static void on_signal(int signal)
{
}

struct interrupter {
	pthread_t thread;
	pthread_t target;
};

/* A signal each 50 ms, for half a second. */
static void *interrupt(void *arg)
{
	struct interrupter *interrupter = arg;
	int i;

	for (i = 0; i < 10; i++) {
		usleep(50000);
		pthread_kill(interrupter->target, SIGUSR1);
	}
	return NULL;
}

/*
 * The kernel may ask for a large range in parts. What was reported of one is
 * forgotten by the firmware, so a signal must not end the report.
 */
TEST_F(dirty_log, signals_during_a_report)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct interrupter interrupter = { .target = pthread_self() };
	struct mig_range range = { 0, 128ul << 30 };
	unsigned long pages = range.length / PAGE;
	uint64_t *bitmap = calloc(pages / 64, 8);

	if (!mig_kernel_has_log())
		SKIP(return, NO_HELPER);
	ASSERT_EQ(0, mig_log_start(self->dev, &range, 1));
	ASSERT_EQ(0, dirty(5 * PAGE, PAGE));
	ASSERT_EQ(0, dirty(range.length - PAGE, PAGE));
	ASSERT_EQ(0, bed_mlx5_knob("report_latency", "200"));
	sigaction(SIGUSR1, &action, NULL);
	ASSERT_EQ(0, pthread_create(&interrupter.thread, NULL, interrupt,
				    &interrupter));
	EXPECT_EQ(0, mig_log_report(self->dev, 0, range.length, bitmap));
	pthread_join(interrupter.thread, NULL);
	EXPECT_EQ(1 << 5, bitmap[0]);
	EXPECT_EQ(1ull << 63, bitmap[pages / 64 - 1]);
	EXPECT_EQ(0, mig_log_stop(self->dev));
	free(bitmap);
}

/* Messages of any size that the firmware can name, up to 1 << 31 bytes. */
TEST_F(dirty_log, large_messages)
{
	static const unsigned int logs[] = { 3, 9, 12, 16, 21, 31 };
	uint64_t bitmap;
	size_t i;

	if (!mig_kernel_has_log())
		SKIP(return, NO_HELPER);
	if (bed_mainline())
		SKIP(return, "mainline takes a message for one of its own size");
	for (i = 0; i < ARRAY_SIZE(logs); i++) {
		ASSERT_EQ(0, bed_mlx5_knob("log_message", "%u", logs[i]));
		ASSERT_EQ(0, start(self->dev));
		ASSERT_EQ(0, dirty(BASE, 2 * PAGE));
		ASSERT_EQ(0, dirty(BASE + 63 * PAGE, PAGE));
		bitmap = 0;
		EXPECT_EQ(0, mig_log_report(self->dev, BASE, 64 * PAGE, &bitmap));
		EXPECT_EQ(1ull << 63 | 3, bitmap) {
			TH_LOG("1 << %u bytes", logs[i]);
		}
		EXPECT_EQ(0, mig_log_stop(self->dev));
	}
}

TEST_F(dirty_log, closed_while_active)
{
	if (!mig_kernel_has_log())
		SKIP(return, NO_HELPER);
	ASSERT_EQ(0, start(self->dev));
	ASSERT_EQ(0, dirty(BASE, PAGE));
}

TEST_F(dirty_log, pf_goes_down)
{
	uint64_t bitmap = 0;

	if (!mig_kernel_has_log())
		SKIP(return, NO_HELPER);
	if (bed_mainline())
		SKIP(return, "mainline leaves the log of a PF that went down");
	ASSERT_EQ(0, start(self->dev));
	ASSERT_EQ(0, bed_mlx5_knob("up", "0"));
	EXPECT_NE(0, mig_log_report(self->dev, BASE, 64 * PAGE, &bitmap));
	EXPECT_NE(0, start(self->dev));
	ASSERT_EQ(0, bed_mlx5_knob("up", "1"));
	ASSERT_EQ(0, start(self->dev));
	EXPECT_EQ(0, mig_log_stop(self->dev));
}

FIXTURE(no_dirty_log) {
	struct mlx5_pair pair;
};

FIXTURE_SETUP(no_dirty_log)
{
	ASSERT_EQ(0, bed_mlx5_pair_open(&self->pair));
}

FIXTURE_TEARDOWN(no_dirty_log)
{
	bed_mlx5_pair_close(&self->pair);
}

/* Without the helper, or the firmware. */
TEST_F(no_dirty_log, not_offered)
{
	struct bed_device *dev = &self->pair.dev[0];

	if (bed_mainline() && !mig_kernel_has_log())
		SKIP(return, "mainline offers a log that can not be read");
	if (mig_kernel_has_log()) {
		bed_mlx5_pair_close(&self->pair);
		ASSERT_EQ(0, bed_mlx5_knob("adv_virtualization", "0"));
		bed_mlx5_unbind(0);
		ASSERT_EQ(0, bed_mlx5_pair_open(&self->pair));
	}
	EXPECT_EQ(-ENOTTY, probe_log(dev, MIG_LOG_START, VFIO_DEVICE_FEATURE_SET));
	EXPECT_EQ(-ENOTTY, probe_log(dev, MIG_LOG_STOP, VFIO_DEVICE_FEATURE_SET));
	EXPECT_EQ(-ENOTTY, probe_log(dev, MIG_LOG_REPORT, VFIO_DEVICE_FEATURE_GET));
	bed_mlx5_pair_close(&self->pair);
	ASSERT_EQ(0, bed_mlx5_knob("adv_virtualization", "1"));
	bed_mlx5_unbind(0);
}

static void __attribute__((constructor)) need(void)
{
	bed_mlx5_need();
}

TEST_HARNESS_MAIN
