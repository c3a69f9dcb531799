// SPDX-License-Identifier: GPL-2.0-only
/*
 * What goes on around a migration: the device is taken away in each state, and
 * the firmware keeps one user waiting while others want something else.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "migration.h"

#define GROWN	(48 << 20)	/* bytes; many chunks of memory */
#define PIECE	0x100000	/* bytes; what a thread writes at once, at most */

FIXTURE(life) {
	struct mlx5_pair pair;
	uint64_t flags;
};

FIXTURE_SETUP(life)
{
	ASSERT_EQ(0, bed_mlx5_pair_open(&self->pair));
	ASSERT_EQ(0, mig_flags(&self->pair.dev[0], &self->flags));
}

FIXTURE_TEARDOWN(life)
{
	bed_mlx5_pair_close(&self->pair);
	EXPECT_TRUE(bed_mlx5_clean());
}

static bool has_state(uint64_t flags, unsigned int state)
{
	return flags & MIG_HAS_PRE_COPY ||
	       (state != MIG_PRE_COPY && state != MIG_PRE_COPY_P2P);
}

/* Each call on a data file whose device is gone: an error, at once. */
static bool is_dead(int fd, bool saving)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN | POLLOUT };
	uint64_t initial, dirty;
	char byte = 0;
	ssize_t len;

	len = saving ? read(fd, &byte, 1) : write(fd, &byte, 1);
	if (len != -1 || errno != ENODEV)
		return false;
	if (poll(&poll_fd, 1, 0) != 1)
		return false;
	return mig_precopy_info(fd, &initial, &dirty) < 0;
}

/*
 * @remove, in a process of its own, waits for the user of VF 0, in @state and
 * with some of its data moved; then the data file is all that is left.
 */
static void check_removal(struct __test_metadata *_metadata,
			  FIXTURE_DATA(life) *self, unsigned int state,
			  void (*remove)(void))
{
	struct bed_device *dev = &self->pair.dev[0];
	int request = eventfd(0, EFD_CLOEXEC);
	int fd, status;
	char byte = 0;
	pid_t pid;

	ASSERT_EQ(0, mig_set(dev, MIG_STOP, NULL));
	ASSERT_EQ(0, mig_set(dev, state, &fd));
	ASSERT_EQ(0, bed_irq_eventfd(dev, VFIO_PCI_REQ_IRQ_INDEX, request));
	if (fd >= 0) {
		EXPECT_EQ(1, state == MIG_RESUMING ? write(fd, &byte, 1) :
						     read(fd, &byte, 1));
	}

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		bed_mlx5_pair_close(&self->pair);
		remove();
		_exit(0);
	}
	EXPECT_TRUE(bed_wait(request, 20000));
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
	EXPECT_NE(0, bed_run("rmmod vfio_pci 2>/dev/null"));

	/*
	 * The group last: Linux 6.1 frees what the IOMMU driver knows of a
	 * function while it still is in its group, and a group that is closed
	 * in between attaches the function to a domain.
	 */
	bed_mlx5_pair_let_go(&self->pair, 1);
	bed_mlx5_pair_let_go(&self->pair, 0);
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	bed_mlx5_pair_close(&self->pair);
	if (fd >= 0) {
		EXPECT_TRUE(is_dead(fd, state != MIG_RESUMING)) {
			TH_LOG("%s: errno %d", mig_state_name(state), errno);
		}
		EXPECT_NE(0, bed_run("rmmod vfio_pci 2>/dev/null"));
		close(fd);
	}
	close(request);
	EXPECT_TRUE(bed_mlx5_clean());
}

static void unbind(void)
{
	bed_mlx5_unbind(0);
}

/* How VFs are unplugged. */
static void no_vfs(void)
{
	bed_puts("0", BED_DEVICES "/%s/sriov_numvfs", bed_mlx5_pf());
}

static void removal_in_each_state(struct __test_metadata *_metadata,
				  FIXTURE_DATA(life) *self,
				  void (*remove)(void))
{
	unsigned int state;

	for (state = MIG_STOP; state < MIG_STATES; state++) {
		if (!has_state(self->flags, state))
			continue;
		check_removal(_metadata, self, state, remove);
		ASSERT_EQ(0, bed_mlx5_pair_open(&self->pair));
		EXPECT_EQ(MIG_RUNNING, mig_get(&self->pair.dev[0]));
	}
}

TEST_F(life, unbind_in_each_state)
{
	if (bed_mainline())
		SKIP(return, "mainline touches freed memory then");
	removal_in_each_state(_metadata, self, unbind);
}

TEST_F(life, hot_removal_in_each_state)
{
	if (bed_mainline())
		SKIP(return, "mainline touches freed memory then");
	removal_in_each_state(_metadata, self, no_vfs);
}

/* A call that waits, in a thread of its own. */
struct call {
	pthread_t thread;
	struct bed_device *dev;
	bool reset;		/* the device, or: */
	int fd;			/* to write to, or -1: change the state */
	unsigned int state;
	const struct mig_stream *stream;
	size_t written;
	unsigned int pause;	/* us, after each piece that is written */
	int ret;
	volatile bool done;
};

static int call_write(struct call *call)
{
	const struct mig_stream *stream = call->stream;
	size_t len;
	int ret;

	while (call->written < stream->len) {
		len = stream->len - call->written;
		if (len > PIECE)
			len = PIECE;
		ret = mig_write(call->fd, stream->bytes + call->written, len);
		if (ret)
			return ret;
		call->written += len;
		usleep(call->pause);
	}
	return 0;
}

static void *call_run(void *arg)
{
	struct call *call = arg;

	if (call->reset)
		call->ret = ioctl(call->dev->fd, VFIO_DEVICE_RESET) ? -errno : 0;
	else if (call->fd >= 0)
		call->ret = call_write(call);
	else
		call->ret = mig_set(call->dev, call->state, NULL);
	call->done = true;
	return NULL;
}

static void call_begin(struct call *call)
{
	call->written = 0;
	call->done = false;
	if (pthread_create(&call->thread, NULL, call_run, call))
		exit(1);
}

static bool call_ended(struct call *call, unsigned int milliseconds)
{
	for (; !call->done && milliseconds; milliseconds--)
		usleep(1000);
	return call->done;
}

/* Until a command is in the firmware, and stays there. */
static bool held(unsigned int commands)
{
	int tries;

	for (tries = 0; tries < 3000; tries++) {
		if (atoi(bed_read(BED_DEVICES "/%s/mock/hold", bed_mlx5_pf())) ==
		    (int)commands)
			return true;
		usleep(1000);
	}
	return false;
}

static void on_signal(int signal)
{
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &action, NULL);
}

/* What has nothing to do with migration does not wait for it. */
static void check_others_go_on(struct __test_metadata *_metadata,
			       struct bed_device *dev, unsigned int state)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct vfio_region_info region;
	uint64_t flags;
	uint32_t id = 0;

	EXPECT_EQ(state, mig_get(dev));
	EXPECT_EQ(0, mig_flags(dev, &flags));
	EXPECT_EQ(0, ioctl(dev->fd, VFIO_DEVICE_GET_INFO, &info));
	ASSERT_EQ(0, bed_region(dev, VFIO_PCI_CONFIG_REGION_INDEX, &region));
	EXPECT_EQ(4, bed_pread(dev, &id, 4, region.offset));
	EXPECT_EQ(0x15b3, id & 0xffff);
}

/* Waits until it gets a signal. The thread is to be joined. */
static void check_waits_for_signal(struct __test_metadata *_metadata,
				   struct call *call)
{
	call_begin(call);
	EXPECT_FALSE(call_ended(call, 100));
	pthread_kill(call->thread, SIGUSR1);
	EXPECT_TRUE(call_ended(call, 3000));
	EXPECT_EQ(-EINTR, call->ret);
}

TEST_F(life, slow_stop_locks_nothing)
{
	struct bed_device *dev = &self->pair.dev[0];
	struct call slow = { .dev = dev, .fd = -1, .state = MIG_STOP };
	struct call next = { .dev = dev, .fd = -1, .state = MIG_STOP };

	if (bed_mainline())
		SKIP(return, "mainline holds a lock over commands");
	catch_signals();
	ASSERT_EQ(0, bed_mlx5_knob("hold", "suspend 1"));
	call_begin(&slow);
	ASSERT_TRUE(held(1));
	check_others_go_on(_metadata, dev, MIG_RUNNING);

	check_waits_for_signal(_metadata, &next);
	EXPECT_FALSE(slow.done);

	ASSERT_EQ(0, bed_mlx5_knob("hold", "suspend 0"));
	pthread_join(slow.thread, NULL);
	pthread_join(next.thread, NULL);
	EXPECT_EQ(0, slow.ret);
	EXPECT_EQ(MIG_STOP, mig_get(dev));
}

TEST_F(life, slow_save_locks_nothing)
{
	struct bed_device *dev = &self->pair.dev[0];
	struct call next = { .dev = dev, .fd = -1, .state = MIG_STOP };
	uint64_t flags;
	int fd;

	if (bed_mainline())
		SKIP(return, "mainline holds a lock over commands");
	catch_signals();
	ASSERT_EQ(0, bed_mlx5_knob("hold", "save 1"));
	ASSERT_EQ(0, mig_set(dev, MIG_STOP_COPY, &fd));
	ASSERT_TRUE(held(1));
	check_others_go_on(_metadata, dev, MIG_STOP_COPY);

	/* Who wants to end the session waits for the firmware. */
	check_waits_for_signal(_metadata, &next);
	EXPECT_EQ(MIG_STOP_COPY, mig_get(dev));
	EXPECT_EQ(0, mig_flags(dev, &flags));

	ASSERT_EQ(0, bed_mlx5_knob("hold", "save 0"));
	pthread_join(next.thread, NULL);
	EXPECT_EQ(0, mig_set(dev, MIG_STOP, NULL));
	close(fd);
}

/* Who reads while the rest is asked for must not take it for the end. */
TEST_F(life, no_end_before_the_rest)
{
	struct bed_device *dev = &self->pair.dev[0];
	struct call last = { .dev = dev, .fd = -1, .state = MIG_STOP_COPY };
	struct mig_stream stream;
	int fd;

	if (!(self->flags & MIG_HAS_PRE_COPY))
		SKIP(return, "this kernel has no PRE_COPY");
	mig_stream_init(&stream, 1 << 20);
	ASSERT_EQ(0, mig_set(dev, MIG_PRE_COPY, &fd));
	EXPECT_EQ(-ENOMSG, mig_read(fd, &stream));
	ASSERT_EQ(0, bed_mlx5_knob("hold", "query 1"));
	call_begin(&last);
	ASSERT_TRUE(held(1));
	EXPECT_EQ(-ENOMSG, mig_read(fd, &stream));

	ASSERT_EQ(0, bed_mlx5_knob("hold", "query 0"));
	pthread_join(last.thread, NULL);
	EXPECT_EQ(0, last.ret);
	EXPECT_EQ(0, mig_read(fd, &stream));
	EXPECT_EQ(0, mig_load(&self->pair.dev[1], stream.bytes, stream.len));
	close(fd);
	mig_stream_free(&stream);
}

/* A write that is in the firmware, and stays there, of what VF 0 has saved. */
static void hold_a_load(struct __test_metadata *_metadata,
			struct mlx5_pair *pair, struct mig_stream *stream,
			struct call *load)
{
	mig_stream_init(stream, 1 << 20);
	ASSERT_EQ(0, mig_save(&pair->dev[0], stream));
	ASSERT_EQ(0, bed_mlx5_knob("hold", "load 1"));
	load->dev = &pair->dev[1];
	load->stream = stream;
	ASSERT_EQ(0, mig_set(load->dev, MIG_RESUMING, &load->fd));
	call_begin(load);
	ASSERT_TRUE(held(1));
}

TEST_F(life, slow_load_locks_nothing)
{
	struct bed_device *dev = &self->pair.dev[1];
	struct call next = { .dev = dev };
	struct call slow = {};
	struct mig_stream stream;

	if (bed_mainline())
		SKIP(return, "mainline holds a lock over commands");
	if (!(self->flags & MIG_HAS_PRE_COPY))
		SKIP(return, "the stream of this kernel has no records");
	catch_signals();
	hold_a_load(_metadata, &self->pair, &stream, &slow);
	check_others_go_on(_metadata, dev, MIG_RESUMING);

	next.fd = slow.fd;
	next.stream = &stream;
	check_waits_for_signal(_metadata, &next);
	pthread_join(next.thread, NULL);

	next.fd = -1;
	next.state = MIG_STOP;
	check_waits_for_signal(_metadata, &next);
	pthread_join(next.thread, NULL);

	ASSERT_EQ(0, bed_mlx5_knob("hold", "load 0"));
	pthread_join(slow.thread, NULL);
	EXPECT_EQ(0, slow.ret);
	EXPECT_EQ(0, mig_set(dev, MIG_RUNNING, NULL));
	close(slow.fd);
	mig_stream_free(&stream);
}

/* While a command is held. The device does what it does after power on. */
static void check_reset_does_not_wait(struct __test_metadata *_metadata,
				      struct bed_device *dev)
{
	struct call reset = { .dev = dev, .reset = true };

	call_begin(&reset);
	EXPECT_TRUE(call_ended(&reset, 3000));
	EXPECT_EQ(0, reset.ret);
	EXPECT_TRUE(held(1));
	check_others_go_on(_metadata, dev, MIG_RUNNING);
	pthread_join(reset.thread, NULL);
}

static void check_migrates(struct __test_metadata *_metadata,
			   struct mlx5_pair *pair)
{
	struct mig_stream stream;

	mig_stream_init(&stream, 1 << 20);
	EXPECT_EQ(0, mig_save(&pair->dev[0], &stream));
	EXPECT_EQ(0, mig_load(&pair->dev[1], stream.bytes, stream.len));
	mig_stream_free(&stream);
}

TEST_F(life, reset_does_not_wait_for_a_save)
{
	struct bed_device *dev = &self->pair.dev[0];
	struct call next = { .dev = dev, .fd = -1, .state = MIG_STOP_COPY };
	char byte;
	int fd;

	if (bed_mainline())
		SKIP(return, "mainline waits for the command, with a lock held");
	catch_signals();
	ASSERT_EQ(0, bed_mlx5_knob("hold", "save 1"));
	ASSERT_EQ(0, mig_set(dev, MIG_STOP_COPY, &fd));
	ASSERT_TRUE(held(1));
	check_reset_does_not_wait(_metadata, dev);
	EXPECT_EQ(-1, read(fd, &byte, 1));
	EXPECT_EQ(ENODEV, errno);
	close(fd);

	check_waits_for_signal(_metadata, &next);
	pthread_join(next.thread, NULL);
	EXPECT_EQ(MIG_RUNNING, mig_get(dev));
	ASSERT_EQ(0, bed_mlx5_knob("hold", "save 0"));
	check_migrates(_metadata, &self->pair);
}

/* Of the command and the reset, either may be the last to reach the device. */
TEST_F(life, reset_does_not_wait_for_a_stop)
{
	struct bed_device *dev = &self->pair.dev[0];
	struct call slow = { .dev = dev, .fd = -1, .state = MIG_STOP };

	if (bed_mainline())
		SKIP(return, "mainline has no answer until the command ends");
	ASSERT_EQ(0, bed_mlx5_knob("hold", "suspend 1"));
	call_begin(&slow);
	ASSERT_TRUE(held(1));
	check_reset_does_not_wait(_metadata, dev);

	ASSERT_EQ(0, bed_mlx5_knob("hold", "suspend 0"));
	pthread_join(slow.thread, NULL);
	EXPECT_EQ(MIG_RUNNING, mig_get(dev));
	EXPECT_EQ(0, ioctl(dev->fd, VFIO_DEVICE_RESET));
	check_migrates(_metadata, &self->pair);
}

TEST_F(life, reset_does_not_wait_for_a_load)
{
	struct bed_device *dev = &self->pair.dev[1];
	struct call slow = {};
	struct mig_stream stream;

	if (bed_mainline())
		SKIP(return, "mainline has no answer until the command ends");
	if (!(self->flags & MIG_HAS_PRE_COPY))
		SKIP(return, "the stream of this kernel has no records");
	hold_a_load(_metadata, &self->pair, &stream, &slow);
	check_reset_does_not_wait(_metadata, dev);

	ASSERT_EQ(0, bed_mlx5_knob("hold", "load 0"));
	pthread_join(slow.thread, NULL);
	EXPECT_EQ(MIG_RUNNING, mig_get(dev));
	EXPECT_EQ(-1, write(slow.fd, "", 1));
	EXPECT_EQ(ENODEV, errno);
	close(slow.fd);
	EXPECT_EQ(0, ioctl(dev->fd, VFIO_DEVICE_RESET));
	EXPECT_EQ(0, mig_set(&self->pair.dev[0], MIG_RUNNING, NULL));
	check_migrates(_metadata, &self->pair);
	mig_stream_free(&stream);
}

/*
 * At any moment of an image that has more memory than the first one had. The PCI
 * core sleeps for 100 ms in a reset, which the writer has to outlast.
 */
TEST_F(life, reset_while_an_image_grows)
{
	const struct {
		uint64_t size;
		uint32_t flags, tag;
	} record = { .size = 2 * GROWN };
	struct bed_device *dev = &self->pair.dev[1];
	struct call load = { .dev = dev, .pause = 4000 };
	unsigned int i, met = 0;
	struct mig_stream stream;

	if (!(self->flags & MIG_HAS_PRE_COPY))
		SKIP(return, "the stream of this kernel has no records");
	mig_stream_init(&stream, GROWN + (1 << 20));
	ASSERT_EQ(0, mig_save(&self->pair.dev[0], &stream));
	memcpy(stream.bytes + stream.len, &record, sizeof(record));
	stream.len += sizeof(record) + GROWN;
	ASSERT_GE(stream.room, stream.len);

	load.stream = &stream;
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, mig_set(dev, MIG_RESUMING, &load.fd));
		call_begin(&load);
		usleep(i * 4000);
		EXPECT_EQ(0, ioctl(dev->fd, VFIO_DEVICE_RESET));
		pthread_join(load.thread, NULL);
		met += load.written && load.ret == -ENODEV;
		/* The first image may come to a device that was just reset. */
		EXPECT_TRUE(!load.ret || load.ret == -ENODEV ||
			    load.ret == -EINVAL) {
			TH_LOG("in round %u: %d", i, load.ret);
		}
		EXPECT_EQ(MIG_RUNNING, mig_get(dev));
		close(load.fd);
	}
	EXPECT_LT(0, met);
	mig_stream_free(&stream);
	EXPECT_EQ(0, mig_set(&self->pair.dev[0], MIG_RUNNING, NULL));
	check_migrates(_metadata, &self->pair);
}

/* Closed, or reset, while the firmware saves: both end, and leave nothing. */
TEST_F(life, reset_and_close_while_saving)
{
	struct bed_device *dev = &self->pair.dev[0];
	char byte;
	int fd;

	if (bed_mainline() && !(self->flags & MIG_HAS_PRE_COPY))
		SKIP(return, "mainline of 6.1 never returns from such a read");
	ASSERT_EQ(0, bed_mlx5_knob("latency", "save 200"));
	ASSERT_EQ(0, mig_set(dev, MIG_STOP_COPY, &fd));
	EXPECT_EQ(0, ioctl(dev->fd, VFIO_DEVICE_RESET));
	EXPECT_EQ(MIG_RUNNING, mig_get(dev));
	EXPECT_EQ(-1, read(fd, &byte, 1));
	close(fd);

	ASSERT_EQ(0, mig_set(dev, MIG_STOP_COPY, &fd));
	close(fd);
	bed_mlx5_pair_close(&self->pair);
	EXPECT_TRUE(bed_mlx5_clean());
}

static void __attribute__((constructor)) need(void)
{
	bed_mlx5_need();
}

TEST_HARNESS_MAIN
