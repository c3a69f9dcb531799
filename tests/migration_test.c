// SPDX-License-Identifier: GPL-2.0-only
/*
 * Live migration of mock ConnectX VFs.
 *
 * Mainline's mlx5-vfio-pci, unmodified, runs the same program on the same mock
 * (driver=mainline); what it can not do is skipped there, with the reason.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "migration.h"

#define ROOM		(4 << 20)
#define BAD_STATE	9	/* MLX5_CMD_STAT_BAD_RES_STATE_ERR */
#define INTERNAL	1	/* MLX5_CMD_STAT_INT_ERR */
#define PRECOPY_INFO_V2	12	/* VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2 of 7.1 */
#define PRECOPY_REINIT	1	/* VFIO_PRECOPY_INFO_REINIT */

FIXTURE(migration) {
	struct bed_device dev[2];
	volatile uint8_t *bar[2];
	uint64_t flags;
	struct mig_stream stream;
};

FIXTURE_SETUP(migration)
{
	int i;

	bed_mlx5_begin();
	mig_stream_init(&self->stream, ROOM);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, bed_mlx5_bind(i, bed_mlx5_driver()));
	ASSERT_EQ(0, bed_mlx5_open(&self->dev[0], 0));
	ASSERT_EQ(0, bed_mlx5_open_more(&self->dev[1], &self->dev[0], 1));
	for (i = 0; i < 2; i++) {
		self->bar[i] = bed_mlx5_map(&self->dev[i]);
		ASSERT_NE(NULL, (void *)self->bar[i]);
		ASSERT_EQ(MIG_RUNNING, mig_get(&self->dev[i]));
	}
	ASSERT_EQ(0, mig_flags(&self->dev[0], &self->flags));
}

FIXTURE_TEARDOWN(migration)
{
	int i;

	for (i = 0; i < 2; i++) {
		munmap((void *)self->bar[i], 0x10000);
		bed_close(&self->dev[i]);
	}
	EXPECT_TRUE(bed_mlx5_clean());
	mig_stream_free(&self->stream);
}

static int reset(struct bed_device *dev)
{
	return ioctl(dev->fd, VFIO_DEVICE_RESET) ? -errno : 0;
}

static void check_reset_recovers(struct __test_metadata *_metadata,
				 struct bed_device *dev)
{
	EXPECT_EQ(0, reset(dev));
	EXPECT_EQ(MIG_RUNNING, mig_get(dev));
}

TEST_F(migration, features)
{
	uint64_t size;

	EXPECT_EQ(MIG_HAS_STOP_COPY | MIG_HAS_P2P,
		  self->flags & ~MIG_HAS_PRE_COPY);
	if (!(self->flags & MIG_HAS_PRE_COPY))
		return;
	ASSERT_EQ(0, mig_data_size(&self->dev[0], &size));
	EXPECT_LE(MLX5_STATE_SIZE, size);
	EXPECT_GE(2 * MLX5_STATE_SIZE, size);
}

TEST_F(migration, round_trip)
{
	bed_mlx5_fill(self->bar[0], 1);
	ASSERT_EQ(0, mig_save(&self->dev[0], &self->stream));
	EXPECT_LE(MLX5_STATE_SIZE, self->stream.len);
	ASSERT_EQ(0, mig_load(&self->dev[1], self->stream.bytes,
			      self->stream.len));
	EXPECT_EQ(0, mig_set(&self->dev[1], MIG_RUNNING, NULL));
	EXPECT_EQ(3, bed_mlx5_run(self->bar[1]));
	EXPECT_TRUE(bed_mlx5_same(self->bar[1], 1));
	EXPECT_EQ(0, bed_mlx5_run(self->bar[0]));
}

/*
 * Read a whole saved state @piece bytes at a time, the first byte on its own.
 * Returns whether it is @want.
 */
static bool same_in_pieces(struct bed_device *dev, size_t piece,
			   const struct mig_stream *want)
{
	uint8_t bytes[4095];
	size_t pos = 0;
	ssize_t len;
	int fd;

	if (mig_set(dev, MIG_STOP_COPY, &fd))
		return false;
	while ((len = read(fd, bytes, pos ? piece : 1)) > 0) {
		if (pos + len > want->len ||
		    memcmp(bytes, want->bytes + pos, len))
			break;
		pos += len;
	}
	close(fd);
	if (mig_set(dev, MIG_RUNNING, NULL) || len || pos != want->len) {
		printf("# %zu at a time: differs at %zu of %zu\n", piece, pos,
		       want->len);
		return false;
	}
	return true;
}

TEST_F(migration, reads_of_any_size)
{
	static const size_t pieces[] = { 1, 7, 4095 };
	struct bed_device *dev = &self->dev[0];
	size_t i;

	bed_mlx5_fill(self->bar[0], 9);
	ASSERT_EQ(0, mig_save(dev, &self->stream));
	ASSERT_EQ(0, mig_set(dev, MIG_RUNNING, NULL));
	for (i = 0; i < ARRAY_SIZE(pieces); i++)
		EXPECT_TRUE(same_in_pieces(dev, pieces[i], &self->stream));

	/* More than one image. */
	mig_stream_free(&self->stream);
	mig_stream_init(&self->stream, 32 << 20);
	ASSERT_EQ(0, bed_mlx5_knob("state_size", "0 %d", 18 << 20));
	ASSERT_EQ(0, mig_save(dev, &self->stream));
	ASSERT_EQ(0, mig_set(dev, MIG_RUNNING, NULL));
	EXPECT_TRUE(same_in_pieces(dev, 4095, &self->stream));
}

#define SMALL		4096	/* fits what is ready since the device was opened */

/* Of @size bytes of state, and the page that changes is among them. */
static int same_after_move(FIXTURE_DATA(migration) *self, uint64_t size,
			   uint32_t seed)
{
	int i, ret;

	for (i = 0; i < 2; i++) {
		bed_mlx5_fill(self->bar[i], seed);
		ret = bed_mlx5_knob("state_size", "%d %lu", i, size);
		if (ret)
			return ret;
	}
	self->bar[1][4096] ^= 0xff;
	self->stream.len = 0;
	ret = mig_save(&self->dev[0], &self->stream) ?:
	      mig_set(&self->dev[0], MIG_RUNNING, NULL) ?:
	      mig_load(&self->dev[1], self->stream.bytes, self->stream.len) ?:
	      mig_set(&self->dev[1], MIG_RUNNING, NULL);
	if (ret)
		return ret;
	return bed_mlx5_same(self->bar[1], seed) ? 0 : -EILSEQ;
}

/* The firmware is told of memory for a small image when the device is opened. */
TEST_F(migration, small_image)
{
	static const struct {
		uint64_t size;
		long keys;
	} moves[] = {
		{ SMALL, 0 }, { 2 * SMALL, 2 }, { SMALL, 0 }, { 0, 2 }, { SMALL, 0 },
	};
	long keys;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(moves); i++) {
		keys = bed_mlx5_stat("create_mkey");
		EXPECT_EQ(0, same_after_move(self, moves[i].size, 30 + i));
		keys = bed_mlx5_stat("create_mkey") - keys;
		EXPECT_EQ(bed_mainline() ? keys : moves[i].keys, keys) {
			TH_LOG("%lu bytes", moves[i].size);
		}
	}
}

/* Without memory for it at that time, it takes what any other image takes. */
TEST_F(migration, small_image_not_ready)
{
	if (bed_mainline())
		SKIP(return, "mainline opens without a key");
	munmap((void *)self->bar[1], 0x10000);
	bed_close(&self->dev[1]);
	ASSERT_EQ(0, bed_mlx5_knob("fail", "create_mkey %d", INTERNAL));
	ASSERT_EQ(0, bed_mlx5_open_more(&self->dev[1], &self->dev[0], 1));
	self->bar[1] = bed_mlx5_map(&self->dev[1]);
	ASSERT_NE(NULL, (void *)self->bar[1]);
	EXPECT_EQ(1, bed_mlx5_stat("mkeys"));
	EXPECT_EQ(0, same_after_move(self, SMALL, 40));
}

/* A command that failed may not be over: what it was given is not used again. */
TEST_F(migration, small_image_of_a_failed_command)
{
	int i;

	if (bed_mainline())
		SKIP(return, "mainline opens without a key");
	ASSERT_EQ(0, same_after_move(self, SMALL, 42));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(2 - i, bed_mlx5_stat("mkeys"));
		ASSERT_EQ(0, bed_mlx5_knob("fail", i ? "load %d" : "save %d",
					   INTERNAL));
		EXPECT_NE(0, same_after_move(self, SMALL, 43));
		check_reset_recovers(_metadata, &self->dev[i]);
		EXPECT_EQ(0, same_after_move(self, SMALL, 44));
	}
	EXPECT_EQ(0, bed_mlx5_stat("mkeys"));
}

/* A read or a write of memory that is not there until somebody puts it there. */
struct stuck {
	int fd;
	bool saving;
	int uffd;
	void *page;
	uint8_t bytes[1024];
	pthread_t thread;
	ssize_t ret;
};

static void *stuck_io(void *arg)
{
	struct stuck *stuck = arg;

	stuck->ret = stuck->saving ?
		     read(stuck->fd, stuck->page, sizeof(stuck->bytes)) :
		     write(stuck->fd, stuck->page, sizeof(stuck->bytes));
	return NULL;
}

static int stuck_begin(struct stuck *stuck)
{
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };
	struct pollfd fault = { .events = POLLIN };

	stuck->page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stuck->uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	range.range.start = (uintptr_t)stuck->page;
	range.range.len = 4096;
	if (stuck->page == MAP_FAILED || stuck->uffd < 0 ||
	    ioctl(stuck->uffd, UFFDIO_API, &api) ||
	    ioctl(stuck->uffd, UFFDIO_REGISTER, &range) ||
	    pthread_create(&stuck->thread, NULL, stuck_io, stuck))
		return -errno;
	fault.fd = stuck->uffd;
	return poll(&fault, 1, 10000) == 1 ? 0 : -ETIMEDOUT;
}

static int stuck_end(struct stuck *stuck)
{
	struct uffdio_zeropage zero = {
		.range = { .start = (uintptr_t)stuck->page, .len = 4096 },
	};
	int ret;

	ret = ioctl(stuck->uffd, UFFDIO_ZEROPAGE, &zero) ? -errno : 0;
	pthread_join(stuck->thread, NULL);
	memcpy(stuck->bytes, stuck->page, sizeof(stuck->bytes));
	munmap(stuck->page, 4096);
	close(stuck->uffd);
	return ret;
}

/* Who is copying keeps the memory that is copied, and nobody waits for that. */
TEST_F(migration, stuck_user)
{
	struct bed_device *dev = &self->dev[0];
	uint8_t head[64], old[1024];
	struct stuck stuck = {};
	int i;

	if (bed_mainline())
		SKIP(return, "mainline waits for the user");
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, same_after_move(self, i & 1 ? SMALL : 0, 50 + i));
		memcpy(old, self->stream.bytes + 64, sizeof(old));
		stuck.saving = i & 2;
		if (stuck.saving) {
			ASSERT_EQ(0, mig_set(dev, MIG_STOP_COPY, &stuck.fd));
			ASSERT_EQ(64, read(stuck.fd, head, 64));
		} else {
			ASSERT_EQ(0, mig_set(dev, MIG_RESUMING, &stuck.fd));
			ASSERT_EQ(0, mig_write(stuck.fd, self->stream.bytes, 64));
		}
		ASSERT_EQ(0, stuck_begin(&stuck));

		check_reset_recovers(_metadata, dev);
		EXPECT_EQ(0, same_after_move(self, i & 1 ? SMALL : 0, 60 + i));
		EXPECT_EQ(0, stuck_end(&stuck));
		EXPECT_EQ(1024, stuck.ret);
		if (stuck.saving)
			EXPECT_EQ(0, memcmp(stuck.bytes, old, sizeof(old)));
		EXPECT_EQ(-1, stuck.saving ? read(stuck.fd, head, 1) :
					     write(stuck.fd, head, 1));
		EXPECT_EQ(ENODEV, errno);
		close(stuck.fd);
	}
}

/* Write a whole saved state @piece bytes at a time, the first byte on its own. */
static int load_in_pieces(struct bed_device *dev, size_t piece,
			  const struct mig_stream *stream)
{
	size_t pos, len;
	int fd, ret;

	ret = mig_set(dev, MIG_RESUMING, &fd);
	if (ret)
		return ret;
	for (pos = 0; !ret && pos < stream->len; pos += len) {
		len = pos ? piece : 1;
		if (len > stream->len - pos)
			len = stream->len - pos;
		ret = mig_write(fd, stream->bytes + pos, len);
	}
	ret = ret ?: mig_set(dev, MIG_STOP, NULL);
	close(fd);
	return ret ?: mig_set(dev, MIG_RUNNING, NULL);
}

/* A record, and the head of one, may be cut anywhere. */
TEST_F(migration, writes_of_any_size)
{
	static const size_t pieces[] = { 1, 7, 4095 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pieces); i++) {
		self->stream.len = 0;
		bed_mlx5_fill(self->bar[0], i + 20);
		ASSERT_EQ(0, mig_save(&self->dev[0], &self->stream));
		ASSERT_EQ(0, mig_set(&self->dev[0], MIG_RUNNING, NULL));
		EXPECT_EQ(0, load_in_pieces(&self->dev[1], pieces[i],
					    &self->stream)) {
			TH_LOG("%zu bytes at a time", pieces[i]);
		}
		EXPECT_TRUE(bed_mlx5_same(self->bar[1], i + 20));
	}
}

/* All was read, and the next image can not be begun yet: that is not the end. */
TEST_F(migration, no_end_between_images)
{
	struct bed_device *dev = &self->dev[0];
	const size_t size = 20 << 20;
	int fd, ret, tries;

	if (bed_mainline())
		SKIP(return, "mainline makes its keys at other times");
	if (!(self->flags & MIG_HAS_PRE_COPY))
		SKIP(return, "this kernel saves all at once");
	mig_stream_free(&self->stream);
	mig_stream_init(&self->stream, 2 * size);
	ASSERT_EQ(0, bed_mlx5_knob("state_size", "0 %zu", size));
	ASSERT_EQ(0, bed_mlx5_knob("state_size", "1 %zu", size));

	ASSERT_EQ(0, bed_mlx5_knob("hold", "save 1"));
	ASSERT_EQ(0, mig_set(dev, MIG_STOP_COPY, &fd));
	ASSERT_EQ(0, bed_mlx5_knob("hold", "create_mkey 1"));
	ASSERT_EQ(0, bed_mlx5_knob("hold", "save 0"));
	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (tries = 0; tries < 500; tries++) {
		ret = mig_read(fd, &self->stream);
		if (ret != -EAGAIN || self->stream.len)
			break;
		usleep(10000);
	}
	EXPECT_EQ(-EAGAIN, ret);
	EXPECT_LT(1 << 20, self->stream.len);
	EXPECT_GT(size, self->stream.len);

	ASSERT_EQ(0, bed_mlx5_knob("hold", "create_mkey 0"));
	fcntl(fd, F_SETFL, 0);
	EXPECT_EQ(0, mig_read(fd, &self->stream));
	close(fd);
	EXPECT_LE(size, self->stream.len);
	EXPECT_EQ(0, mig_load(&self->dev[1], self->stream.bytes,
			      self->stream.len));
}

static bool has_state(uint64_t flags, unsigned int state)
{
	switch (state) {
	case MIG_ERROR:
	case MIG_STATES:
		return false;
	case MIG_RUNNING_P2P:
		return flags & MIG_HAS_P2P;
	case MIG_PRE_COPY:
		return flags & MIG_HAS_PRE_COPY;
	case MIG_PRE_COPY_P2P:
		return flags & MIG_HAS_PRE_COPY && flags & MIG_HAS_P2P;
	default:
		return true;
	}
}

/* The only pairs of states that the uapi forbids are from STOP_COPY to pre-copy. */
static bool legal(uint64_t flags, unsigned int from, unsigned int to)
{
	return has_state(flags, to) &&
	       (from != MIG_STOP_COPY ||
		(to != MIG_PRE_COPY && to != MIG_PRE_COPY_P2P));
}

/* There by way of STOP, with a whole stream if it was RESUMING. */
static int go(struct bed_device *dev, unsigned int state, int *fd)
{
	int ret = mig_set(dev, MIG_STOP, NULL);

	return ret ?: mig_set(dev, state, fd);
}

static int running(unsigned int state)
{
	switch (state) {
	case MIG_RUNNING:
	case MIG_PRE_COPY:
		return 3;
	case MIG_RUNNING_P2P:
	case MIG_PRE_COPY_P2P:
		return 2;
	default:
		return 0;
	}
}

/*
 * A call for one pair of states. A kernel may not return from the forbidden ones, so
 * the console tells which was the last.
 */
static void one_arc(struct __test_metadata *_metadata,
		    FIXTURE_DATA(migration) *self, unsigned int from,
		    unsigned int to)
{
	bool ok = legal(self->flags, from, to);
	struct bed_device *dev = &self->dev[0];
	unsigned int then = ok ? to : from;
	int fd, more;

	ASSERT_EQ(0, go(dev, from, &fd));
	if (from == MIG_RESUMING && ok && to != from) {
		ASSERT_EQ(0, mig_write(fd, self->stream.bytes,
				       self->stream.len));
	}
	if (!ok)
		TH_LOG("%s -> %s", mig_state_name(from), mig_state_name(to));
	EXPECT_EQ(ok ? 0 : -EINVAL, mig_set(dev, to, &more)) {
		TH_LOG("%s -> %s", mig_state_name(from), mig_state_name(to));
	}
	EXPECT_EQ(then, mig_get(dev));
	EXPECT_EQ(running(then), bed_mlx5_run(self->bar[0]));
	if (then == MIG_RESUMING) {
		ASSERT_EQ(0, mig_write(from == then ? fd : more,
				       self->stream.bytes, self->stream.len));
	}
	close(fd);
	close(more);
}

/* Through the steps in between that the protocol chooses. */
TEST_F(migration, all_arcs)
{
	unsigned int from, to;

	ASSERT_EQ(0, mig_save(&self->dev[0], &self->stream));
	for (from = MIG_STOP; from < MIG_STATES; from++) {
		if (!has_state(self->flags, from))
			continue;
		for (to = MIG_ERROR; to <= MIG_STATES; to++)
			one_arc(_metadata, self, from, to);
	}
}

TEST_F(migration, no_such_state)
{
	static const unsigned int bad[] = { MIG_ERROR, MIG_STATES, 99, ~0u };
	struct bed_device *dev = &self->dev[0];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, mig_set(dev, bad[i], NULL));
		EXPECT_EQ(MIG_RUNNING, mig_get(dev));
		ASSERT_EQ(0, mig_set(dev, MIG_STOP, NULL));
		EXPECT_EQ(-EINVAL, mig_set(dev, bad[i], NULL));
		EXPECT_EQ(MIG_STOP, mig_get(dev));
		ASSERT_EQ(0, mig_set(dev, MIG_RUNNING, NULL));
	}
}

/* The firmware is done before the driver hears that it has begun. */
TEST_F(migration, prompt_firmware)
{
	const uint64_t size = 20 << 20;
	int i;

	mig_stream_free(&self->stream);
	mig_stream_init(&self->stream, 2 * size);
	ASSERT_EQ(0, bed_mlx5_knob("prompt", "1"));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, bed_mlx5_knob("seed", "%d %d", i, 90 + i));
	EXPECT_EQ(0, same_after_move(self, size, 8));
	EXPECT_LE(size, self->stream.len);
}

/* Larger than what the firmware asks for at a time. */
TEST_F(migration, round_trip_in_chunks)
{
	static const uint32_t chunks[] = { 4096, 65536, 1 << 20 };
	const uint64_t size = 3 << 20;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(chunks); i++) {
		self->stream.len = 0;
		bed_mlx5_fill(self->bar[0], i + 2);
		ASSERT_EQ(0, bed_mlx5_knob("chunk", "%u", chunks[i]));
		ASSERT_EQ(0, bed_mlx5_knob("state_size", "0 %lu", size));
		ASSERT_EQ(0, bed_mlx5_knob("state_size", "1 %lu", size));
		ASSERT_EQ(0, bed_mlx5_knob("seed", "0 %zu", 1000 + i));
		ASSERT_EQ(0, mig_save(&self->dev[0], &self->stream));
		EXPECT_LE(size, self->stream.len);
		ASSERT_EQ(0, mig_load(&self->dev[1], self->stream.bytes,
				      self->stream.len));
		EXPECT_EQ(0, mig_set(&self->dev[1], MIG_RUNNING, NULL));
		EXPECT_TRUE(bed_mlx5_same(self->bar[1], i + 2));
		EXPECT_EQ(0, mig_set(&self->dev[0], MIG_RUNNING, NULL));
	}
}

/* Read until there is nothing for the moment. */
static int drain(int fd, struct mig_stream *stream)
{
	int ret;

	do {
		ret = mig_read(fd, stream);
	} while (!ret);
	return ret;
}

TEST_F(migration, pre_copy_round_trip)
{
	struct bed_device *dev = &self->dev[0];
	uint64_t initial, dirty;
	size_t first;
	int fd, tries;

	if (!(self->flags & MIG_HAS_PRE_COPY))
		SKIP(return, "this kernel has no PRE_COPY");
	bed_mlx5_fill(self->bar[0], 5);
	ASSERT_EQ(0, mig_set(dev, MIG_PRE_COPY, &fd));
	EXPECT_EQ(3, bed_mlx5_run(self->bar[0]));
	ASSERT_EQ(-ENOMSG, drain(fd, &self->stream));
	first = self->stream.len;
	EXPECT_LE(MLX5_STATE_SIZE, first);
	ASSERT_EQ(0, mig_precopy_info(fd, &initial, &dirty));
	EXPECT_EQ(0, initial);
	EXPECT_EQ(0, dirty);

	/* Two pages change; these come again, and nothing else. */
	self->bar[0][4096] ^= 0xff;
	self->bar[0][5 * 4096 + 7] ^= 0xff;
	ASSERT_EQ(0, mig_precopy_info(fd, &initial, &dirty));
	EXPECT_EQ(0, initial);
	EXPECT_LE(2 * 4096, dirty);
	EXPECT_GE(3 * 4096, dirty);
	for (tries = 0; tries < 100 && self->stream.len == first; tries++) {
		usleep(10000);
		ASSERT_EQ(-ENOMSG, drain(fd, &self->stream));
	}
	EXPECT_LE(2 * 4096, self->stream.len - first);
	EXPECT_GE(3 * 4096, self->stream.len - first);

	self->bar[0][4096] ^= 0xff;
	self->bar[0][5 * 4096 + 7] ^= 0xff;
	ASSERT_EQ(0, mig_set(dev, MIG_STOP_COPY, NULL));
	ASSERT_EQ(0, mig_read(fd, &self->stream));
	close(fd);
	ASSERT_EQ(0, mig_load(&self->dev[1], self->stream.bytes,
			      self->stream.len));
	EXPECT_EQ(0, mig_set(&self->dev[1], MIG_RUNNING, NULL));
	EXPECT_TRUE(bed_mlx5_same(self->bar[1], 5));
}

TEST_F(migration, pre_copy_accounting)
{
	uint64_t initial = 0, dirty = 0, before;
	uint8_t buf[1000];
	ssize_t len;
	int fd;

	if (!(self->flags & MIG_HAS_PRE_COPY))
		SKIP(return, "this kernel has no PRE_COPY");
	ASSERT_EQ(0, mig_set(&self->dev[0], MIG_PRE_COPY, &fd));
	/* With the first byte the initial image is there, all of it. */
	ASSERT_EQ(1, read(fd, buf, 1));
	do {
		ASSERT_EQ(0, mig_precopy_info(fd, &initial, &dirty));
	} while (initial < MLX5_STATE_SIZE && !usleep(1000));
	while (initial) {
		before = initial;
		len = read(fd, buf, sizeof(buf));
		ASSERT_LT(0, len);
		ASSERT_EQ(0, mig_precopy_info(fd, &initial, &dirty));
		EXPECT_EQ(before - len, initial);
		EXPECT_EQ(0, dirty);
	}
	EXPECT_EQ(-1, read(fd, buf, 1));
	EXPECT_EQ(ENOMSG, errno);

	/* The question is of pre-copy alone. */
	ASSERT_EQ(0, mig_set(&self->dev[0], MIG_STOP_COPY, NULL));
	EXPECT_EQ(-EINVAL, mig_precopy_info(fd, &initial, &dirty));
	EXPECT_EQ(0, mig_read(fd, &self->stream));
	close(fd);
}

/* The firmware has initial data again, which only who asked for it is told. */
TEST_F(migration, pre_copy_reinit)
{
	struct bed_device *dev = &self->dev[0];
	uint64_t initial, dirty;
	uint32_t flags = 0;
	int fd;

	if (mig_feature(dev, VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_SET |
			PRECOPY_INFO_V2, NULL, 0))
		SKIP(return, "this kernel knows nothing of it");
	bed_mlx5_fill(self->bar[0], 5);
	ASSERT_EQ(0, mig_set(dev, MIG_PRE_COPY, &fd));
	EXPECT_EQ(-ENOMSG, mig_read(fd, &self->stream));
	ASSERT_EQ(0, bed_mlx5_knob("anew", "0"));
	ASSERT_EQ(0, mig_precopy_flags(fd, &flags, &initial, &dirty));
	EXPECT_EQ(0, flags);
	EXPECT_EQ(0, initial);
	EXPECT_LT(MLX5_STATE_SIZE, dirty);
	EXPECT_EQ(-ENOMSG, mig_read(fd, &self->stream));

	ASSERT_EQ(0, mig_feature(dev, VFIO_DEVICE_FEATURE_SET | PRECOPY_INFO_V2,
				 NULL, 0));
	ASSERT_EQ(0, mig_precopy_flags(fd, &flags, &initial, &dirty));
	EXPECT_EQ(0, flags);
	ASSERT_EQ(0, bed_mlx5_knob("anew", "0"));
	ASSERT_EQ(0, mig_precopy_flags(fd, &flags, &initial, &dirty));
	EXPECT_EQ(PRECOPY_REINIT, flags);
	EXPECT_LT(MLX5_STATE_SIZE, initial);
	EXPECT_EQ(0, dirty);
	EXPECT_EQ(-ENOMSG, mig_read(fd, &self->stream));
	ASSERT_EQ(0, mig_precopy_flags(fd, &flags, &initial, &dirty));
	EXPECT_EQ(0, flags);
	EXPECT_EQ(0, initial);

	ASSERT_EQ(0, mig_set(dev, MIG_STOP_COPY, NULL));
	EXPECT_EQ(0, mig_read(fd, &self->stream));
	close(fd);
	ASSERT_EQ(0, mig_load(&self->dev[1], self->stream.bytes, self->stream.len));
	EXPECT_EQ(0, mig_set(&self->dev[1], MIG_RUNNING, NULL));
	EXPECT_TRUE(bed_mlx5_same(self->bar[1], 5));
}

/* Called off in every state, the source runs on, and can be migrated again. */
TEST_F(migration, cancel)
{
	struct bed_device *dev = &self->dev[0];
	unsigned int state, last = 0;
	int fd;

	for (state = MIG_STOP; state < MIG_STATES; state++) {
		if (state == MIG_RESUMING || !has_state(self->flags, state))
			continue;
		bed_mlx5_fill(self->bar[0], state);
		last = state;
		ASSERT_EQ(0, mig_set(dev, state, &fd));
		EXPECT_EQ(0, mig_set(dev, MIG_RUNNING, NULL)) {
			TH_LOG("from %s", mig_state_name(state));
		}
		EXPECT_EQ(3, bed_mlx5_run(self->bar[0]));
		EXPECT_TRUE(bed_mlx5_same(self->bar[0], state));
		close(fd);
	}
	ASSERT_EQ(0, mig_save(dev, &self->stream));
	ASSERT_EQ(0, mig_load(&self->dev[1], self->stream.bytes,
			      self->stream.len));
	EXPECT_EQ(0, mig_set(&self->dev[1], MIG_RUNNING, NULL));
	EXPECT_TRUE(bed_mlx5_same(self->bar[1], last));
}

static void on_alarm(int signal)
{
}

static void alarm_in(unsigned int milliseconds)
{
	struct itimerval timer = { .it_value.tv_usec = milliseconds * 1000 };
	struct sigaction action = { .sa_handler = on_alarm };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

/* The firmware has lost track of changes: then there is no track to end. */
TEST_F(migration, cancel_without_track)
{
	struct bed_device *dev = &self->dev[0];
	int fd;

	if (!(self->flags & MIG_HAS_PRE_COPY))
		SKIP(return, "this kernel has no PRE_COPY");
	bed_mlx5_fill(self->bar[0], 7);
	ASSERT_EQ(0, mig_set(dev, MIG_PRE_COPY, &fd));
	EXPECT_EQ(-ENOMSG, mig_read(fd, &self->stream));
	ASSERT_EQ(0, bed_mlx5_knob("fail", "save %d", BAD_STATE));
	EXPECT_EQ(0, mig_set(dev, MIG_RUNNING, NULL));
	EXPECT_EQ(MIG_RUNNING, mig_get(dev));
	EXPECT_TRUE(bed_mlx5_same(self->bar[0], 7));
	close(fd);
}

/* A question that fails changes nothing. */
TEST_F(migration, cancel_again)
{
	struct bed_device *dev = &self->dev[0];
	int fd;

	if (!(self->flags & MIG_HAS_PRE_COPY))
		SKIP(return, "this kernel has no PRE_COPY");
	ASSERT_EQ(0, mig_set(dev, MIG_PRE_COPY, &fd));
	EXPECT_EQ(-ENOMSG, mig_read(fd, &self->stream));
	ASSERT_EQ(0, bed_mlx5_knob("fail", "query %d", INTERNAL));
	EXPECT_NE(0, mig_set(dev, MIG_RUNNING, NULL));
	EXPECT_EQ(MIG_PRE_COPY, mig_get(dev));
	EXPECT_EQ(0, mig_set(dev, MIG_RUNNING, NULL));
	close(fd);
}

/* While the firmware takes its time over a SAVE. */
TEST_F(migration, slow_save)
{
	struct bed_device *dev = &self->dev[0];
	struct pollfd poll_fd = { .events = POLLIN };
	char byte;
	int fd;

	ASSERT_EQ(0, bed_mlx5_knob("hold", "save 1"));
	ASSERT_EQ(0, mig_set(dev, MIG_STOP_COPY, &fd));
	poll_fd.fd = fd;
	/* The record before the image may be there already. */
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (read(fd, &byte, 1) == 1)
		;
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(0, poll(&poll_fd, 1, 50));
	EXPECT_EQ(MIG_STOP_COPY, mig_get(dev));

	fcntl(fd, F_SETFL, 0);
	alarm_in(100);
	EXPECT_EQ(-1, read(fd, &byte, 1));
	EXPECT_EQ(EINTR, errno);

	ASSERT_EQ(0, bed_mlx5_knob("hold", "save 0"));
	EXPECT_EQ(1, poll(&poll_fd, 1, 5000));
	EXPECT_EQ(0, mig_read(fd, &self->stream));
	EXPECT_LE(MLX5_STATE_SIZE, self->stream.len);
	close(fd);
}

/* Mainline's driver is warned about by the kernel here. */
static void check_no_way_out(struct __test_metadata *_metadata,
			     struct bed_device *dev)
{
	unsigned int to;

	if (bed_mainline())
		return;
	for (to = MIG_STOP; to <= MIG_STATES; to++)
		EXPECT_EQ(-EINVAL, mig_set(dev, to, NULL));
	EXPECT_EQ(MIG_ERROR, mig_get(dev));
}

/* A device that refuses a command does what it did before, and can be asked again. */
TEST_F(migration, firmware_refuses_to_stop_and_to_go)
{
	struct bed_device *dev = &self->dev[0];
	int kmsg = bed_kmsg_open();

	ASSERT_EQ(0, bed_mlx5_knob("fail", "suspend %d", BAD_STATE));
	EXPECT_EQ(-EINVAL, mig_set(dev, MIG_STOP, NULL));
	EXPECT_EQ(MIG_RUNNING, mig_get(dev));
	EXPECT_EQ(3, bed_mlx5_run(self->bar[0]));
	EXPECT_LE(1, bed_kmsg_count(kmsg, "suspend"));

	ASSERT_EQ(0, mig_set(dev, MIG_STOP, NULL));
	ASSERT_EQ(0, bed_mlx5_knob("fail", "resume %d", INTERNAL));
	EXPECT_EQ(-EIO, mig_set(dev, MIG_RUNNING, NULL));
	EXPECT_EQ(MIG_STOP, mig_get(dev));
	EXPECT_EQ(0, bed_mlx5_run(self->bar[0]));
	EXPECT_LE(1, bed_kmsg_count(kmsg, "resume"));
	EXPECT_EQ(0, mig_set(dev, MIG_RUNNING, NULL));
	EXPECT_EQ(0, mig_save(dev, &self->stream));
	close(kmsg);
}

/* After a command without an answer, nobody knows what the device does. */
TEST_F(migration, firmware_does_not_answer)
{
	static const char *const commands[] = { "suspend", "resume" };
	struct bed_device *dev = &self->dev[0];
	size_t i;

	if (bed_mainline())
		SKIP(return, "mainline reports the state before the command");
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		ASSERT_EQ(0, mig_set(dev, i ? MIG_STOP : MIG_RUNNING, NULL));
		ASSERT_EQ(0, bed_mlx5_knob("fail", "%s %d", commands[i],
					   -ETIMEDOUT));
		EXPECT_EQ(-ETIMEDOUT, mig_set(dev, i ? MIG_RUNNING : MIG_STOP,
					      NULL));
		EXPECT_EQ(MIG_ERROR, mig_get(dev));
		check_no_way_out(_metadata, dev);
		check_reset_recovers(_metadata, dev);
	}
	EXPECT_EQ(0, mig_save(dev, &self->stream));
}

/* As mlx5_core puts it into the kernel log, with the name of the command. */
static int failures(int kmsg, const char *command)
{
	char needle[64];

	snprintf(needle, sizeof(needle), " %s(0x", command);
	return bed_kmsg_count(kmsg, needle);
}

/* Of those that fail, ours has sent the last when the device was opened. */
static size_t in_sessions(size_t commands)
{
	return bed_mainline() ? commands : commands - 1;
}

/* Each command of a save, failed once: no image, and the source runs on. */
TEST_F(migration, firmware_fails_a_save)
{
	static const char *const commands[] = {
		"query", "save", "create_mkey", "alloc_pd",
	};
	struct bed_device *dev = &self->dev[0];
	int kmsg = bed_kmsg_open();
	bool silent;
	size_t i;

	/* Mainline of 6.1 says nothing of a SAVE that failed. */
	silent = bed_mainline() && !(self->flags & MIG_HAS_PRE_COPY);
	bed_mlx5_fill(self->bar[0], 77);
	for (i = 0; i < in_sessions(ARRAY_SIZE(commands)); i++) {
		ASSERT_EQ(0, bed_mlx5_knob("fail", "%s %d", commands[i],
					   INTERNAL));
		self->stream.len = 0;
		EXPECT_NE(0, mig_save(dev, &self->stream)) {
			TH_LOG("%s", commands[i]);
		}
		EXPECT_EQ(1, failures(kmsg, commands[i]) ?: silent) {
			TH_LOG("%s", commands[i]);
		}
		EXPECT_EQ(0, mig_set(dev, MIG_RUNNING, NULL));
		EXPECT_EQ(3, bed_mlx5_run(self->bar[0]));
		self->stream.len = 0;
		EXPECT_EQ(0, mig_save(dev, &self->stream));
		EXPECT_EQ(0, mig_set(dev, MIG_RUNNING, NULL));
	}
	EXPECT_TRUE(bed_mlx5_same(self->bar[0], 77));
	close(kmsg);
}

TEST_F(migration, firmware_fails_a_load)
{
	static const char *const commands[] = {
		"load", "create_mkey", "alloc_pd",
	};
	struct bed_device *dev = &self->dev[1];
	int kmsg = bed_kmsg_open();
	size_t i;

	ASSERT_EQ(0, mig_save(&self->dev[0], &self->stream));
	for (i = 0; i < in_sessions(ARRAY_SIZE(commands)); i++) {
		ASSERT_EQ(0, bed_mlx5_knob("fail", "%s %d", commands[i],
					   INTERNAL));
		EXPECT_NE(0, mig_load(dev, self->stream.bytes,
				      self->stream.len)) {
			TH_LOG("%s", commands[i]);
		}
		EXPECT_EQ(1, failures(kmsg, commands[i])) {
			TH_LOG("%s", commands[i]);
		}
		EXPECT_TRUE(bed_mainline() || mig_get(dev) == MIG_ERROR);
		check_reset_recovers(_metadata, dev);
		EXPECT_EQ(0, mig_load(dev, self->stream.bytes,
				      self->stream.len));
		EXPECT_EQ(0, mig_set(dev, MIG_RUNNING, NULL));
	}
	close(kmsg);
}

/* No protection domain at open, nor for the first session; but for the next. */
TEST_F(migration, firmware_refuses_a_domain)
{
	struct bed_device *dev = &self->dev[1];
	int fd;

	if (bed_mainline())
		SKIP(return, "mainline asks for one in each session");
	munmap((void *)self->bar[1], 0x10000);
	close(dev->fd);
	EXPECT_EQ(1, bed_mlx5_stat("objects"));
	ASSERT_EQ(0, bed_mlx5_knob("fail", "alloc_pd %d 2", INTERNAL));
	ASSERT_EQ(0, bed_mlx5_open_more(dev, &self->dev[0], 1));
	self->bar[1] = bed_mlx5_map(dev);
	EXPECT_EQ(1, bed_mlx5_stat("objects"));
	EXPECT_NE(0, mig_set(dev, MIG_STOP_COPY, &fd));
	EXPECT_EQ(MIG_STOP, mig_get(dev));
	EXPECT_EQ(0, mig_save(dev, &self->stream));
}

/*
 * Not the whole of a stream: it never runs on that, whoever notices, and a
 * reset makes the device good again.
 */
static bool refused(struct bed_device *dev, const void *bytes, size_t len)
{
	bool refused = mig_load(dev, bytes, len) ||
		       mig_set(dev, MIG_RUNNING, NULL);

	if (reset(dev) || mig_get(dev) != MIG_RUNNING)
		return false;
	return refused;
}

TEST_F(migration, truncated_stream)
{
	struct mig_stream *stream = &self->stream;
	size_t cuts[] = { 1, 15, 16, 17, 23, 24, 25, 40, 41, 4096, 0 };
	size_t i;

	if (bed_mainline())
		SKIP(return, "mainline takes what the firmware never saw for no stream");
	ASSERT_EQ(0, mig_save(&self->dev[0], stream));
	cuts[ARRAY_SIZE(cuts) - 1] = stream->len - 1;
	for (i = 0; i < ARRAY_SIZE(cuts); i++) {
		EXPECT_TRUE(refused(&self->dev[1], stream->bytes, cuts[i])) {
			TH_LOG("%zu of %zu bytes", cuts[i], stream->len);
		}
	}
	EXPECT_EQ(0, mig_load(&self->dev[1], stream->bytes, stream->len));
}

static size_t record_at(const struct mig_stream *stream, unsigned int index)
{
	size_t pos = 0;
	uint64_t size;

	while (index--) {
		memcpy(&size, stream->bytes + pos, sizeof(size));
		pos += 16 + size;
	}
	return pos;
}

TEST_F(migration, reordered_replayed_and_overlong_streams)
{
	struct mig_stream *stream = &self->stream;
	struct mig_stream bad;
	size_t a, b, c;

	if (!(self->flags & MIG_HAS_PRE_COPY))
		SKIP(return, "the stream of this kernel has no records");
	/* One record of the size to come, then images of 64 KiB at most. */
	ASSERT_EQ(0, bed_mlx5_knob("state_size", "0 %d", 20 << 20));
	ASSERT_EQ(0, bed_mlx5_knob("state_size", "1 %d", 20 << 20));
	mig_stream_free(stream);
	mig_stream_init(stream, 64 << 20);
	mig_stream_init(&bad, 64 << 20);
	ASSERT_EQ(0, mig_save(&self->dev[0], stream));
	a = record_at(stream, 1);
	b = record_at(stream, 2);
	c = record_at(stream, 3);
	ASSERT_LT(c, stream->len + 1);

	/* The second image first. */
	memcpy(bad.bytes, stream->bytes + b, c - b);
	memcpy(bad.bytes + c - b, stream->bytes + a, b - a);
	EXPECT_TRUE(refused(&self->dev[1], bad.bytes, c - a));

	/* The first image twice. */
	memcpy(bad.bytes, stream->bytes, b);
	memcpy(bad.bytes + b, stream->bytes + b, c - b);
	memcpy(bad.bytes + c, stream->bytes + b, stream->len - b);
	EXPECT_TRUE(refused(&self->dev[1], bad.bytes, stream->len + c - b));

	/* Something after the end. */
	memcpy(bad.bytes, stream->bytes, stream->len);
	memset(bad.bytes + stream->len, 0x5a, 64);
	EXPECT_TRUE(refused(&self->dev[1], bad.bytes, stream->len + 64));
	mig_stream_free(&bad);
}

/* A later driver may add records, and flags, that this one does not know. */
TEST_F(migration, streams_of_a_later_driver)
{
	static const struct record {
		uint64_t size;
		uint32_t flags, tag;
		uint8_t data[8];
	} more[] = {
		{ 8, 1, 77, "unknown" }, { 8, 0x81, 77, "flags" },
		{ 8, 1, 1, { 0, 16 } }, { 4, 1, 1, "late" },
	};
	struct mig_stream *stream = &self->stream;
	size_t head, i, len;
	struct mig_stream longer;

	if (!(self->flags & MIG_HAS_PRE_COPY))
		SKIP(return, "the stream of this kernel has no records");
	bed_mlx5_fill(self->bar[0], 71);
	ASSERT_EQ(0, mig_save(&self->dev[0], stream));
	head = record_at(stream, 1);
	mig_stream_init(&longer, ROOM);
	for (i = 0; i < ARRAY_SIZE(more); i++) {
		/* Mainline's driver reads 8 bytes, and allocates what they say. */
		if (bed_mainline() && more[i].size != 8)
			continue;
		len = 16 + more[i].size;
		memcpy(longer.bytes, stream->bytes, head);
		memcpy(longer.bytes + head, &more[i], len);
		memcpy(longer.bytes + head + len, stream->bytes + head,
		       stream->len - head);
		EXPECT_EQ(0, mig_load(&self->dev[1], longer.bytes,
				      stream->len + len)) {
			TH_LOG("record %zu", i);
		}
		EXPECT_EQ(0, mig_set(&self->dev[1], MIG_RUNNING, NULL));
		EXPECT_TRUE(bed_mlx5_same(self->bar[1], 71));
		EXPECT_EQ(0, reset(&self->dev[1]));
	}
	mig_stream_free(&longer);
}

TEST_F(migration, random_streams)
{
	uint8_t bytes[2048];
	unsigned int i, j;

	if (bed_mainline())
		SKIP(return, "mainline takes what the firmware never saw for no stream");
	srandom(1);
	for (i = 0; i < 100; i++) {
		for (j = 0; j < sizeof(bytes); j++)
			bytes[j] = random();
		/* Most are small, and some of them have a tag that counts. */
		memset(bytes + 2, 0, 6);
		memset(bytes + 8, 0, 7);
		bytes[12] = i % 3;
		EXPECT_TRUE(refused(&self->dev[1], bytes,
				    1 + random() % sizeof(bytes)));
	}
}

static long available_kib(void)
{
	const char *at = strstr(bed_read("/proc/meminfo"), "MemAvailable:");

	return at ? strtol(at + 13, NULL, 10) : -1;
}

/* A few bytes must not cost more than that much memory. */
TEST_F(migration, hostile_sizes)
{
	static const struct {
		uint64_t size;
		uint32_t flags;
		uint32_t tag;
	} records[] = {
		{ 512 << 20, 0, 0 }, { 512 << 20, 1, 1 }, { 512 << 20, 1, 77 },
		{ 0xffffffff, 0, 0 }, { 1ull << 40, 0, 0 }, { ~0ull, 1, 77 },
	};
	uint8_t page[4096] = {};
	long before, after;
	size_t i;
	int fd;

	if (bed_mainline())
		SKIP(return, "mainline allocates what the header of a record says");
	for (i = 0; i < ARRAY_SIZE(records); i++) {
		ASSERT_EQ(0, mig_set(&self->dev[1], MIG_RESUMING, &fd));
		before = available_kib();
		if (!mig_write(fd, &records[i], 16))
			mig_write(fd, page, sizeof(page));
		after = available_kib();
		EXPECT_GT(8 << 10, before - after) {
			TH_LOG("record %zu: %ld KiB", i, before - after);
		}
		close(fd);
		EXPECT_EQ(0, reset(&self->dev[1]));
	}
}

TEST_F(migration, reset_while_saving_and_loading)
{
	struct bed_device *dev = &self->dev[0];
	uint64_t initial, dirty;
	char byte;
	int fd;

	if (bed_mainline() && !(self->flags & MIG_HAS_PRE_COPY))
		SKIP(return, "mainline of 6.1 never returns from such a read");
	ASSERT_EQ(0, mig_set(dev, MIG_STOP_COPY, &fd));
	ASSERT_EQ(1, read(fd, &byte, 1));
	check_reset_recovers(_metadata, dev);
	EXPECT_EQ(-1, read(fd, &byte, 1));
	close(fd);

	ASSERT_EQ(0, mig_set(dev, MIG_RESUMING, &fd));
	ASSERT_EQ(1, write(fd, &byte, 1));
	check_reset_recovers(_metadata, dev);
	EXPECT_EQ(-1, write(fd, &byte, 1));
	close(fd);

	if (!(self->flags & MIG_HAS_PRE_COPY))
		return;
	ASSERT_EQ(0, mig_set(dev, MIG_PRE_COPY, &fd));
	EXPECT_EQ(0, reset(dev));
	EXPECT_NE(0, mig_precopy_info(fd, &initial, &dirty));
	EXPECT_EQ(-1, read(fd, &byte, 1));
	close(fd);
}

/* A data file outlives its device. */
TEST_F(migration, kept_file)
{
	struct bed_device *dev = &self->dev[1];
	uint64_t initial, dirty;
	int save, load;
	char byte = 0;

	if (bed_mainline())
		SKIP(return, "mainline touches freed memory then");
	ASSERT_EQ(0, mig_set(&self->dev[0], MIG_STOP_COPY, &save));
	ASSERT_EQ(0, mig_set(dev, MIG_RESUMING, &load));
	munmap((void *)self->bar[1], 0x10000);
	close(dev->fd);
	dev->fd = -1;
	bed_mlx5_unbind(1);
	EXPECT_EQ(-1, write(load, &byte, 1));
	EXPECT_NE(0, bed_run("rmmod vfio_pci 2>/dev/null"));
	close(load);

	munmap((void *)self->bar[0], 0x10000);
	bed_close(&self->dev[0]);
	EXPECT_EQ(-1, read(save, &byte, 1));
	bed_mlx5_unbind(0);
	EXPECT_EQ(-1, read(save, &byte, 1));
	EXPECT_NE(0, mig_precopy_info(save, &initial, &dirty));
	EXPECT_NE(0, bed_run("rmmod vfio_pci 2>/dev/null"));
	close(save);
	/* Nothing is left for the teardown to unmap and close. */
	self->dev[0] = (struct bed_device){ -1, -1, -1 };
}

/* The PF goes away in the middle, and comes back. */
TEST_F(migration, pf_goes_down)
{
	struct bed_device *dev = &self->dev[0];
	int fd;

	if (bed_mainline() && !(self->flags & MIG_HAS_PRE_COPY))
		SKIP(return, "mainline of 6.1 never returns from such a read");
	ASSERT_EQ(0, mig_set(dev, MIG_STOP_COPY, &fd));
	ASSERT_EQ(0, bed_mlx5_knob("up", "0"));
	EXPECT_NE(0, mig_read(fd, &self->stream));
	close(fd);
	EXPECT_NE(0, mig_set(&self->dev[1], MIG_STOP, NULL));
	ASSERT_EQ(0, bed_mlx5_knob("up", "1"));

	EXPECT_EQ(0, reset(dev));
	EXPECT_EQ(0, reset(&self->dev[1]));
	EXPECT_EQ(MIG_RUNNING, mig_get(dev));
	EXPECT_TRUE(bed_mlx5_clean());
	self->stream.len = 0;
	EXPECT_EQ(0, mig_save(dev, &self->stream));
}

/* A stream that one driver saves loads in the other. */
TEST_F(migration, between_drivers)
{
	static const char *const drivers[] = { "vfio-pci", "mlx5_vfio_pci" };
	int from, i;

	if (bed_mainline())
		SKIP(return, "tested with ours");
	if (!(self->flags & MIG_HAS_PRE_COPY))
		SKIP(return, "mainline of this kernel has another stream");
	if (bed_dma_bounces())
		SKIP(return, "mainline does not sync its buffers, as bounced DMA needs");
	for (from = 0; from < 2; from++) {
		for (i = 0; i < 2; i++) {
			munmap((void *)self->bar[i], 0x10000);
			bed_close(&self->dev[i]);
		}
		if (bed_mlx5_bind(0, drivers[from]) ||
		    bed_mlx5_bind(1, drivers[!from]))
			SKIP(return, "mainline's driver is not in this VM");
		ASSERT_EQ(0, bed_mlx5_open(&self->dev[0], 0));
		ASSERT_EQ(0, bed_mlx5_open_more(&self->dev[1], &self->dev[0],
						1));
		for (i = 0; i < 2; i++)
			self->bar[i] = bed_mlx5_map(&self->dev[i]);
		bed_mlx5_fill(self->bar[0], from + 31);
		self->stream.len = 0;
		ASSERT_EQ(0, mig_save(&self->dev[0], &self->stream));
		ASSERT_EQ(0, mig_load(&self->dev[1], self->stream.bytes,
				      self->stream.len));
		EXPECT_EQ(0, mig_set(&self->dev[1], MIG_RUNNING, NULL));
		EXPECT_TRUE(bed_mlx5_same(self->bar[1], from + 31));
	}
}

/* What the firmware does not offer, or the administrator not allow. */
TEST_F(migration, declines)
{
	static const struct {
		const char *knob;
		const char *off;
		const char *on;
	} caps[] = {
		{ "migration", "0", "1" }, { "migratable", "1 0", "1 1" },
		{ "deaf", "1", "0" },
	};
	uint64_t flags;
	size_t i;

	munmap((void *)self->bar[1], 0x10000);
	close(self->dev[1].fd);
	self->dev[1].fd = -1;
	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		if (!strcmp(caps[i].knob, "migratable") &&
		    !(self->flags & MIG_HAS_PRE_COPY))
			continue;
		bed_mlx5_unbind(1);
		ASSERT_EQ(0, bed_mlx5_knob(caps[i].knob, "%s", caps[i].off));
		ASSERT_EQ(0, bed_mlx5_bind(1, bed_mlx5_driver()));
		ASSERT_EQ(0, bed_mlx5_knob(caps[i].knob, "%s", caps[i].on));
		ASSERT_EQ(0, bed_mlx5_open_more(&self->dev[1], &self->dev[0],
						1));
		EXPECT_EQ(-ENOTTY, mig_flags(&self->dev[1], &flags));
		close(self->dev[1].fd);
		self->dev[1].fd = -1;
		if (bed_mainline())
			continue;
		EXPECT_NE(NULL, strstr(bed_vendor_log(bed_mlx5_vf(1)),
				       "mlx5: declined: "));
	}
	bed_mlx5_unbind(1);
}

/* No VF, and then one of a PF that mlx5_core does not drive. */
TEST_F(migration, declines_others)
{
	const char *pf, *log;

	if (bed_mainline())
		SKIP(return, "mainline binds to them, and migrates nothing");
	ASSERT_EQ(0, bed_puts("1", BED_PARAMETERS "/enable_sriov"));
	pf = bed_pf_undriven("others", BED_PARENT_3, 0x15b3, 0x101e);
	ASSERT_EQ(0, bed_bind(pf));
	EXPECT_STREQ("mlx5: declined: it is not a VF, and only VFs are migrated\n"
		     "generic: selected\n", bed_vendor_log(pf));
	ASSERT_EQ(0, bed_puts("1", BED_DEVICES "/%s/sriov_numvfs", pf));
	log = bed_vendor_log(bed_pf_vf(pf, 0));
	EXPECT_EQ(log, strstr(log, "mlx5: declined: the PF is not driven by mlx5_core"));
	EXPECT_NE(NULL, strstr(log, "\ngeneric: selected\n"));
	EXPECT_EQ(0, bed_puts("0", BED_DEVICES "/%s/sriov_numvfs", pf));
	EXPECT_EQ(0, bed_unbind(pf));
}

static void __attribute__((constructor)) need(void)
{
	bed_mlx5_need();
}

TEST_HARNESS_MAIN
