// SPDX-License-Identifier: GPL-2.0-only
/*
 * A step of a migration that fails has not happened and can be tried again, the
 * state that is reported is that of the device, and no caller waits for what does
 * not concern it.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "migration.h"

#define INTERNAL	1	/* MLX5_CMD_STAT_INT_ERR */
#define LARGE		(20 << 20)	/* bytes of a state in several images */

FIXTURE(retry) {
	struct mlx5_pair pair;
	struct bed_device *dev;
	volatile uint8_t *bar;
	uint64_t flags;
	struct mig_stream stream;
};

FIXTURE_SETUP(retry)
{
	ASSERT_EQ(0, bed_mlx5_pair_open(&self->pair));
	self->dev = &self->pair.dev[0];
	self->bar = self->pair.bar[0];
	ASSERT_EQ(0, mig_flags(self->dev, &self->flags));
	mig_stream_init(&self->stream, 2 * LARGE);
}

FIXTURE_TEARDOWN(retry)
{
	bed_mlx5_pair_close(&self->pair);
	EXPECT_TRUE(bed_mlx5_clean());
	mig_stream_free(&self->stream);
}

#define NO_PRE_COPY	"this kernel has no PRE_COPY"

static bool pre_copy(FIXTURE_DATA(retry) *self)
{
	return self->flags & MIG_HAS_PRE_COPY;
}

/* A call in a thread of its own: a change of state, a reset, or a write to a file. */
struct call {
	pthread_t thread;
	struct bed_device *dev;
	int state;		/* or -1: a reset */
	int ret;
	volatile bool done;
};

static void *call_run(void *arg)
{
	struct call *call = arg;

	if (call->state < 0)
		call->ret = ioctl(call->dev->fd, VFIO_DEVICE_RESET) ? -errno : 0;
	else
		call->ret = mig_set(call->dev, call->state, NULL);
	call->done = true;
	return NULL;
}

static int call_begin(struct call *call)
{
	call->done = false;
	return pthread_create(&call->thread, NULL, call_run, call);
}

static int call_end(struct call *call)
{
	pthread_join(call->thread, NULL);
	return call->ret;
}

/* Until a command is in the firmware, and stays there. */
static bool held(void)
{
	int tries;

	for (tries = 0; tries < 5000; tries++) {
		if (atoi(bed_read(BED_DEVICES "/%s/mock/hold", bed_mlx5_pf())))
			return true;
		usleep(1000);
	}
	return false;
}

static void check_migrates(struct __test_metadata *_metadata,
			   FIXTURE_DATA(retry) *self)
{
	struct bed_device *to = &self->pair.dev[1];

	self->stream.len = 0;
	EXPECT_EQ(0, mig_save(self->dev, &self->stream));
	EXPECT_EQ(0, mig_load(to, self->stream.bytes, self->stream.len));
	EXPECT_EQ(0, mig_set(to, MIG_RUNNING, NULL));
	EXPECT_EQ(0, mig_set(self->dev, MIG_RUNNING, NULL));
}

/* The command that stops the device reaches it after a reset, from each state. */
TEST_F(retry, stop_behind_a_reset)
{
	static const struct {
		unsigned int from, to;
	} arcs[] = {
		{ MIG_RUNNING, MIG_RUNNING_P2P }, { MIG_RUNNING, MIG_STOP },
		{ MIG_RUNNING_P2P, MIG_STOP },
	};
	struct call reset = { .dev = self->dev, .state = -1 };
	struct call stop = { .dev = self->dev };
	size_t i;

	if (bed_mainline())
		SKIP(return, "mainline reports RUNNING of a VF that is suspended");
	for (i = 0; i < ARRAY_SIZE(arcs); i++) {
		ASSERT_EQ(0, mig_set(self->dev, arcs[i].from, NULL));
		ASSERT_EQ(0, bed_mlx5_knob("hold", "suspend 1"));
		stop.state = arcs[i].to;
		ASSERT_EQ(0, call_begin(&stop));
		ASSERT_TRUE(held());
		ASSERT_EQ(0, call_begin(&reset));
		EXPECT_EQ(0, call_end(&reset));
		EXPECT_EQ(MIG_RUNNING, mig_get(self->dev));

		ASSERT_EQ(0, bed_mlx5_knob("hold", "suspend 0"));
		EXPECT_NE(0, call_end(&stop)) {
			TH_LOG("arc %zu", i);
		}
		EXPECT_EQ(MIG_RUNNING, mig_get(self->dev));
		EXPECT_EQ(3, bed_mlx5_run(self->bar)) {
			TH_LOG("arc %zu", i);
		}
		check_migrates(_metadata, self);
	}
}

/* Nor can it be started: the state is unknown, and another reset helps. */
TEST_F(retry, stop_behind_a_reset_stays)
{
	struct call reset = { .dev = self->dev, .state = -1 };
	struct call stop = { .dev = self->dev, .state = MIG_RUNNING_P2P };

	if (bed_mainline())
		SKIP(return, "mainline reports RUNNING of a VF that is suspended");
	ASSERT_EQ(0, bed_mlx5_knob("hold", "suspend 1"));
	ASSERT_EQ(0, call_begin(&stop));
	ASSERT_TRUE(held());
	ASSERT_EQ(0, call_begin(&reset));
	EXPECT_EQ(0, call_end(&reset));
	ASSERT_EQ(0, bed_mlx5_knob("fail", "resume %d 9", INTERNAL));
	ASSERT_EQ(0, bed_mlx5_knob("hold", "suspend 0"));
	EXPECT_NE(0, call_end(&stop));
	EXPECT_EQ(MIG_ERROR, mig_get(self->dev));

	ASSERT_EQ(0, bed_mlx5_knob("fail", "resume 0 0"));
	EXPECT_EQ(0, ioctl(self->dev->fd, VFIO_DEVICE_RESET));
	EXPECT_EQ(MIG_RUNNING, mig_get(self->dev));
	EXPECT_EQ(3, bed_mlx5_run(self->bar));
	check_migrates(_metadata, self);
}

/* Each command of calling off pre-copy fails once: pre-copy goes on until it is. */
TEST_F(retry, call_off_pre_copy)
{
	static const char *const commands[] = { "query", "save" };
	size_t i;
	int fd;

	if (!pre_copy(self))
		SKIP(return, NO_PRE_COPY);
	if (bed_mainline())
		SKIP(return, "mainline follows a NULL pointer at the second attempt");
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		ASSERT_EQ(0, mig_set(self->dev, MIG_PRE_COPY, &fd));
		EXPECT_EQ(-ENOMSG, mig_read(fd, &self->stream));
		EXPECT_EQ(1, bed_mlx5_stat("tracking"));
		ASSERT_EQ(0, bed_mlx5_knob("fail", "%s %d", commands[i],
					   INTERNAL));
		EXPECT_EQ(-EIO, mig_set(self->dev, MIG_RUNNING, NULL)) {
			TH_LOG("%s", commands[i]);
		}
		EXPECT_EQ(MIG_PRE_COPY, mig_get(self->dev));
		EXPECT_EQ(3, bed_mlx5_run(self->bar));
		EXPECT_EQ(1, bed_mlx5_stat("tracking"));

		EXPECT_EQ(0, mig_set(self->dev, MIG_RUNNING, NULL));
		EXPECT_EQ(MIG_RUNNING, mig_get(self->dev));
		EXPECT_EQ(0, bed_mlx5_stat("tracking"));
		close(fd);
		check_migrates(_metadata, self);
	}
}

/* With images that nobody has read, calling off takes no key, and so no memory. */
TEST_F(retry, call_off_without_memory)
{
	char byte;
	int fd;

	if (!pre_copy(self))
		SKIP(return, NO_PRE_COPY);
	if (bed_mainline())
		SKIP(return, "mainline makes a buffer of its own for that");
	ASSERT_EQ(0, bed_mlx5_knob("state_size", "0 %d", LARGE));
	ASSERT_EQ(0, mig_set(self->dev, MIG_PRE_COPY, &fd));
	/* The first image is there. */
	ASSERT_EQ(1, read(fd, &byte, 1));
	ASSERT_EQ(0, bed_mlx5_knob("fail", "create_mkey %d 99", INTERNAL));
	EXPECT_EQ(0, mig_set(self->dev, MIG_RUNNING, NULL));
	EXPECT_EQ(0, bed_mlx5_stat("tracking"));
	close(fd);
	ASSERT_EQ(0, bed_mlx5_knob("fail", "create_mkey 0 0"));
}

/* The last image can not be saved. A device that runs again tracks nothing. */
TEST_F(retry, no_tracking_after_a_failed_save)
{
	struct mig_stream *stream = &self->stream;
	uint64_t initial, dirty;
	int early, fd;

	if (!pre_copy(self))
		SKIP(return, NO_PRE_COPY);
	for (early = 0; early < 2; early++) {
		ASSERT_EQ(0, mig_set(self->dev, MIG_PRE_COPY, &fd));
		EXPECT_EQ(-ENOMSG, mig_read(fd, stream));
		ASSERT_EQ(0, bed_mlx5_knob("fail", "save %d", INTERNAL));
		if (early) {
			self->bar[4096] ^= 0xff;
			mig_precopy_info(fd, &initial, &dirty);
			EXPECT_EQ(-EIO, mig_read(fd, stream));
		}
		mig_set(self->dev, MIG_STOP_COPY, NULL);
		EXPECT_GT(0, mig_read(fd, stream));
		EXPECT_EQ(0, mig_set(self->dev, MIG_RUNNING, NULL));
		EXPECT_EQ(3, bed_mlx5_run(self->bar));
		EXPECT_EQ(0, bed_mlx5_stat("tracking")) {
			TH_LOG("%s", early ? "in pre-copy" : "the last image");
		}
		close(fd);
		check_migrates(_metadata, self);
	}
}

/* A SAVE that begins to track reaches the device after a reset. */
TEST_F(retry, no_tracking_after_a_reset)
{
	int fd, tries;

	if (!pre_copy(self))
		SKIP(return, NO_PRE_COPY);
	if (bed_mainline())
		SKIP(return, "mainline leaves the VF tracking");
	ASSERT_EQ(0, bed_mlx5_knob("hold", "save 1"));
	ASSERT_EQ(0, mig_set(self->dev, MIG_PRE_COPY, &fd));
	ASSERT_TRUE(held());
	EXPECT_EQ(0, ioctl(self->dev->fd, VFIO_DEVICE_RESET));
	ASSERT_EQ(0, bed_mlx5_knob("hold", "save 0"));
	EXPECT_EQ(MIG_RUNNING, mig_get(self->dev));
	/* Waits for the worker that ends the session. */
	EXPECT_EQ(0, mig_set(self->dev, MIG_STOP, NULL));
	EXPECT_EQ(0, mig_set(self->dev, MIG_RUNNING, NULL));
	for (tries = 0; tries < 1000 && bed_mlx5_stat("tracking"); tries++)
		usleep(1000);
	EXPECT_EQ(0, bed_mlx5_stat("tracking"));
	close(fd);
	check_migrates(_metadata, self);
}

/* Nothing was written: the device is as it was, and nobody has to reset it. */
TEST_F(retry, call_off_a_load)
{
	static const unsigned int states[] = { MIG_STOP, MIG_RUNNING };
	size_t i;
	int fd;

	if (bed_mainline() && !pre_copy(self))
		SKIP(return, "mainline of this kernel wants data or a reset");
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		ASSERT_EQ(0, mig_set(self->dev, MIG_RESUMING, &fd));
		EXPECT_EQ(0, mig_set(self->dev, states[i], NULL));
		EXPECT_EQ(states[i], mig_get(self->dev));
		close(fd);
	}
	check_migrates(_metadata, self);
}

static void *pf_down(void *ret)
{
	*(int *)ret = bed_mlx5_knob("up", "0");
	return NULL;
}

struct closing {
	struct mlx5_pair *pair;
	volatile bool done;
};

static void *close_second(void *arg)
{
	struct closing *closing = arg;

	bed_mlx5_pair_let_go(closing->pair, 1);
	closing->done = true;
	return NULL;
}

/* A PF that waits for one VF, with its lock held, keeps no other from being closed. */
TEST_F(retry, close_waits_for_nobody)
{
	struct call stop = { .dev = &self->pair.dev[0], .state = MIG_STOP };
	struct closing closing = { .pair = &self->pair };
	pthread_t down, second;
	int ret, tries;

	ASSERT_EQ(0, bed_mlx5_knob("hold", "suspend 1"));
	ASSERT_EQ(0, call_begin(&stop));
	ASSERT_TRUE(held());
	ASSERT_EQ(0, pthread_create(&down, NULL, pf_down, &ret));
	usleep(500000);

	ASSERT_EQ(0, pthread_create(&second, NULL, close_second, &closing));
	for (tries = 0; tries < 5000 && !closing.done; tries++)
		usleep(1000);
	EXPECT_TRUE(closing.done);
	EXPECT_FALSE(stop.done);

	ASSERT_EQ(0, bed_mlx5_knob("hold", "suspend 0"));
	pthread_join(second, NULL);
	call_end(&stop);
	pthread_join(down, NULL);
	EXPECT_EQ(0, ret);
	ASSERT_EQ(0, bed_mlx5_knob("up", "1"));
	EXPECT_EQ(0, ioctl(self->dev->fd, VFIO_DEVICE_RESET));
	EXPECT_EQ(MIG_RUNNING, mig_get(self->dev));
}

static void __attribute__((constructor)) need(void)
{
	bed_mlx5_need();
}

TEST_HARNESS_MAIN
