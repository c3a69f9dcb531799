// SPDX-License-Identifier: GPL-2.0-only
/*
 * virtio VFs: migration by device parts, and a transitional device by legacy
 * I/O, on a mock of the PF's driver. Also runs on mainline's virtio-vfio-pci
 * (driver=mainline); what it can not do is skipped there, with the reason.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "migration.h"

#define HEAD		16	/* of a record, and of a part */
#define ROOM		(8 << 20)

#define IO_SIZE		32
#define QUEUE_NOTIFY	16
#define COMMAND_IO	1
#define COMMAND_MEMORY	2

#define MOCK_MODULE	"/sys/module/virtio_pci_mock"

#define knob		bed_virtio_knob
#define stat_of		bed_virtio_stat

static int rebind(unsigned int vf)
{
	bed_pf_unbind_vf(bed_virtio_vf(vf));
	return bed_pf_bind_vf(bed_virtio_vf(vf), bed_virtio_driver());
}

static const char *log_of(unsigned int vf)
{
	return bed_vendor_log(bed_virtio_vf(vf));
}

FIXTURE(virtio) {
	struct bed_device dev[2];
	uint64_t flags;
	struct mig_stream stream;
};

/* On what is bound. */
static int open_bound(FIXTURE_DATA(virtio) *self)
{
	return bed_open(&self->dev[0], bed_virtio_vf(0)) ?:
	       bed_open_more(&self->dev[1], &self->dev[0], bed_virtio_vf(1));
}

static int open_pair(FIXTURE_DATA(virtio) *self)
{
	return rebind(0) ?: rebind(1) ?: open_bound(self);
}

FIXTURE_SETUP(virtio)
{
	bed_virtio_begin();
	if (bed_ours())
		bed_puts("on", BED_PARAMETER);
	mig_stream_init(&self->stream, ROOM);
	self->dev[0] = (struct bed_device){ -1, -1, -1 };
	self->dev[1] = self->dev[0];
}

static void close_pair(FIXTURE_DATA(virtio) *self)
{
	if (self->dev[1].fd >= 0)
		close(self->dev[1].fd);
	self->dev[1].fd = -1;
	if (self->dev[0].fd >= 0)
		bed_close(&self->dev[0]);
	self->dev[0].fd = -1;
}

FIXTURE_TEARDOWN(virtio)
{
	close_pair(self);
	EXPECT_EQ(0, stat_of("violations"));
	EXPECT_EQ(0, stat_of("objects"));
	mig_stream_free(&self->stream);
}

/* Only mainline may have none. */
static bool migrates(FIXTURE_DATA(virtio) *self)
{
	return !mig_flags(&self->dev[0], &self->flags) || !bed_mainline();
}

#define NO_PARTS	"mainline of this kernel migrates no virtio"

TEST_F(virtio, features)
{
	uint64_t size;

	ASSERT_EQ(0, open_pair(self));
	if (!migrates(self))
		SKIP(return, NO_PARTS);
	if (!bed_mainline())
		EXPECT_STREQ("virtio: selected\n", log_of(0));
	EXPECT_EQ(MIG_HAS_STOP_COPY | MIG_HAS_P2P,
		  self->flags & ~MIG_HAS_PRE_COPY);
	EXPECT_EQ(MIG_RUNNING, mig_get(&self->dev[0]));
	if (!(self->flags & MIG_HAS_PRE_COPY))
		return;
	ASSERT_EQ(0, mig_data_size(&self->dev[0], &size));
	EXPECT_EQ(HEAD + VIRTIO_STATE_SIZE, size);
	EXPECT_EQ(0, stat_of("objects"));
}

TEST_F(virtio, round_trip)
{
	ASSERT_EQ(0, open_pair(self));
	if (!migrates(self))
		SKIP(return, NO_PARTS);
	bed_virtio_fill(&self->dev[0], 1);
	bed_virtio_fill(&self->dev[1], 2);
	ASSERT_EQ(0, mig_save(&self->dev[0], &self->stream));
	EXPECT_EQ(1, stat_of("stopped0"));
	/* virtio-vfio-pci: le64 bytes, flags 0, tag 0, and the parts. */
	ASSERT_EQ(HEAD + HEAD + VIRTIO_STATE_SIZE, self->stream.len);
	EXPECT_EQ(0, memcmp("\x10\xf0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
			    self->stream.bytes, HEAD));

	ASSERT_EQ(0, mig_load(&self->dev[1], self->stream.bytes,
			      self->stream.len));
	EXPECT_EQ(stat_of("sum0"), stat_of("sum1"));
	EXPECT_EQ(0, mig_set(&self->dev[1], MIG_RUNNING, NULL));
	EXPECT_EQ(0, stat_of("stopped1"));
	EXPECT_EQ(0, mig_set(&self->dev[0], MIG_RUNNING, NULL));
	EXPECT_EQ(0, stat_of("stopped0"));
}

TEST_F(virtio, block_device)
{
	int ret;

	bed_virtio_begin_block();
	ret = open_pair(self);
	if (bed_mainline() && (ret || !migrates(self)))
		SKIP(return, NO_PARTS);
	ASSERT_EQ(0, ret);
	if (!bed_mainline())
		EXPECT_STREQ("virtio: selected\n", log_of(0));
	bed_virtio_fill(&self->dev[0], 4);
	ASSERT_EQ(0, mig_save(&self->dev[0], &self->stream));
	ASSERT_NE(stat_of("sum0"), stat_of("sum1"));
	ASSERT_EQ(0, mig_load(&self->dev[1], self->stream.bytes,
			      self->stream.len));
	EXPECT_EQ(stat_of("sum0"), stat_of("sum1"));
}

/* More than one chunk of memory, written in odd pieces. */
TEST_F(virtio, large_state)
{
	const size_t extra = 5 * (1 << 20) + 13;
	size_t pos, len;
	int fd;

	ASSERT_EQ(0, open_pair(self));
	if (!migrates(self))
		SKIP(return, NO_PARTS);
	bed_virtio_fill(&self->dev[0], 3);
	ASSERT_EQ(0, knob("extra", "0 %zu 7", extra));
	ASSERT_EQ(0, knob("extra", "1 %zu 8", extra));
	ASSERT_NE(stat_of("sum0"), stat_of("sum1"));
	ASSERT_EQ(0, mig_save(&self->dev[0], &self->stream));
	ASSERT_EQ(2 * HEAD + VIRTIO_STATE_SIZE + extra, self->stream.len);

	ASSERT_EQ(0, mig_set(&self->dev[1], MIG_RESUMING, &fd));
	for (pos = 0; pos < self->stream.len; pos += len) {
		len = self->stream.len - pos;
		len = len < 77777 ? len : 77777;
		ASSERT_EQ(0, mig_write(fd, self->stream.bytes + pos, len));
	}
	EXPECT_EQ(0, mig_set(&self->dev[1], MIG_STOP, NULL));
	close(fd);
	EXPECT_EQ(stat_of("sum0"), stat_of("sum1"));
}

TEST_F(virtio, pre_copy)
{
	uint64_t initial, dirty;
	size_t first;
	int fd, tries;

	ASSERT_EQ(0, open_pair(self));
	if (!migrates(self))
		SKIP(return, NO_PARTS);
	if (!(self->flags & MIG_HAS_PRE_COPY))
		SKIP(return, "this kernel has no PRE_COPY");
	bed_virtio_fill(&self->dev[0], 4);
	ASSERT_EQ(0, mig_set(&self->dev[0], MIG_PRE_COPY, &fd));
	EXPECT_EQ(0, stat_of("stopped0"));
	ASSERT_EQ(-ENOMSG, mig_read(fd, &self->stream));
	first = self->stream.len;
	EXPECT_EQ(2 * HEAD + VIRTIO_STATE_SIZE, first);

	/* Not read again at once, but after a while. Mainline does, the first time. */
	ASSERT_EQ(0, mig_precopy_info(fd, &initial, &dirty));
	EXPECT_EQ(0, initial);
	if (!bed_mainline())
		EXPECT_EQ(0, dirty);
	for (tries = 0; !dirty && tries < 50; tries++) {
		usleep(100000);
		ASSERT_EQ(0, mig_precopy_info(fd, &initial, &dirty));
	}
	/* Mainline leaves out the head of the record. */
	EXPECT_EQ(bed_mainline() ? first - HEAD : first, dirty);

	bed_virtio_fill(&self->dev[0], 5);
	ASSERT_EQ(0, mig_set(&self->dev[0], MIG_STOP_COPY, NULL));
	EXPECT_EQ(1, stat_of("stopped0"));
	EXPECT_EQ(0, mig_read(fd, &self->stream));
	close(fd);
	EXPECT_EQ(3 * first, self->stream.len);
	ASSERT_EQ(0, mig_load(&self->dev[1], self->stream.bytes,
			      self->stream.len));
	EXPECT_EQ(stat_of("sum0"), stat_of("sum1"));
}

/* A state may grow between the question for its size and the read. */
TEST_F(virtio, pre_copy_goes_on)
{
	uint64_t initial, dirty;
	int fd, first;

	ASSERT_EQ(0, open_pair(self));
	if (!migrates(self))
		SKIP(return, NO_PARTS);
	if (!(self->flags & MIG_HAS_PRE_COPY))
		SKIP(return, "this kernel has no PRE_COPY");
	for (first = 0; first < 2; first++) {
		self->stream.len = 0;
		bed_virtio_fill(&self->dev[0], 8 + first);
		/* The first read of all, or a later one. */
		if (first)
			ASSERT_EQ(0, knob("fail", "parts_get -5 1"));
		if (first && bed_mainline())
			SKIP(return, "mainline does not begin then");
		ASSERT_EQ(0, mig_set(&self->dev[0], MIG_PRE_COPY, &fd));
		EXPECT_EQ(-ENOMSG, mig_read(fd, &self->stream));
		usleep(1200000);
		if (!first)
			ASSERT_EQ(0, knob("fail", "parts_get -5 1"));
		mig_precopy_info(fd, &initial, &dirty);
		EXPECT_EQ(-ENOMSG, mig_read(fd, &self->stream));

		ASSERT_EQ(0, mig_set(&self->dev[0], MIG_STOP_COPY, NULL));
		EXPECT_EQ(0, mig_read(fd, &self->stream));
		close(fd);
		ASSERT_EQ(0, mig_load(&self->dev[1], self->stream.bytes,
				      self->stream.len));
		EXPECT_EQ(stat_of("sum0"), stat_of("sum1"));
		EXPECT_EQ(0, mig_set(&self->dev[0], MIG_RUNNING, NULL));
		EXPECT_EQ(0, mig_set(&self->dev[1], MIG_RUNNING, NULL));
	}
}

TEST_F(virtio, pre_copy_abandoned)
{
	int fd;

	ASSERT_EQ(0, open_pair(self));
	if (!migrates(self))
		SKIP(return, NO_PARTS);
	if (!(self->flags & MIG_HAS_PRE_COPY))
		SKIP(return, "this kernel has no PRE_COPY");
	ASSERT_EQ(0, mig_set(&self->dev[0], MIG_PRE_COPY, &fd));
	/* There is nothing to ask the device for, however old what was read is. */
	usleep(1500000);
	ASSERT_EQ(0, knob("fail", "metadata -5 9"));
	ASSERT_EQ(0, knob("fail", "parts_get -5 9"));
	EXPECT_EQ(0, mig_set(&self->dev[0], MIG_RUNNING, NULL));
	EXPECT_EQ(0, stat_of("objects"));
	close(fd);
}

/* Each command fails once: an error, no object left, and a reset helps. */
TEST_F(virtio, commands_fail_while_saving)
{
	static const char *const commands[] = {
		"obj_create", "metadata", "parts_get",
	};
	int kmsg = bed_kmsg_open();
	size_t i;

	ASSERT_EQ(0, open_pair(self));
	if (!migrates(self))
		SKIP(return, NO_PARTS);
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		ASSERT_EQ(0, mig_set(&self->dev[0], MIG_STOP, NULL));
		ASSERT_EQ(0, knob("fail", "%s -5 1", commands[i]));
		EXPECT_NE(0, mig_save(&self->dev[0], &self->stream)) {
			TH_LOG("%s", commands[i]);
		}
		/* Mainline says nothing. */
		EXPECT_EQ(!bed_mainline(), bed_kmsg_count(kmsg, "migration: ")) {
			TH_LOG("%s", commands[i]);
		}
		EXPECT_EQ(0, stat_of("objects"));
		EXPECT_EQ(0, ioctl(self->dev[0].fd, VFIO_DEVICE_RESET));
		EXPECT_EQ(MIG_RUNNING, mig_get(&self->dev[0]));
	}
	self->stream.len = 0;
	EXPECT_EQ(0, mig_save(&self->dev[0], &self->stream));
	close(kmsg);
}

TEST_F(virtio, commands_fail_while_loading)
{
	static const char *const commands[] = { "obj_create", "parts_set" };
	size_t i;

	ASSERT_EQ(0, open_pair(self));
	if (!migrates(self))
		SKIP(return, NO_PARTS);
	ASSERT_EQ(0, mig_save(&self->dev[0], &self->stream));
	ASSERT_EQ(0, mig_set(&self->dev[0], MIG_RUNNING, NULL));
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		ASSERT_EQ(0, knob("fail", "%s -5 1", commands[i]));
		EXPECT_EQ(-EIO, mig_load(&self->dev[1], self->stream.bytes,
					 self->stream.len)) {
			TH_LOG("%s", commands[i]);
		}
		if (!bed_mainline())
			EXPECT_EQ(MIG_ERROR, mig_get(&self->dev[1]));
		EXPECT_EQ(0, ioctl(self->dev[1].fd, VFIO_DEVICE_RESET));
		EXPECT_EQ(0, stat_of("objects"));
	}
	EXPECT_EQ(0, mig_load(&self->dev[1], self->stream.bytes,
			      self->stream.len));
}

TEST_F(virtio, mode_fails)
{
	ASSERT_EQ(0, open_pair(self));
	if (!migrates(self))
		SKIP(return, NO_PARTS);
	ASSERT_EQ(0, knob("fail", "mode_set -5 1"));
	EXPECT_EQ(-EIO, mig_set(&self->dev[0], MIG_STOP, NULL));
	EXPECT_EQ(bed_mainline() ? MIG_RUNNING : MIG_ERROR,
		  mig_get(&self->dev[0]));
	EXPECT_EQ(0, ioctl(self->dev[0].fd, VFIO_DEVICE_RESET));
	EXPECT_EQ(0, mig_set(&self->dev[0], MIG_STOP, NULL));
}

/* Streams that are not what was saved. */
TEST_F(virtio, bad_streams)
{
	static const struct {
		size_t at;
		uint8_t xor;
		size_t cut;
		int want;
	} bad[] = {
		{ 0, 1, 0, -EINVAL },		/* a byte too many in the record */
		{ 12, 1, 0, -EOPNOTSUPP },	/* another tag, mandatory */
		{ HEAD, 1, 0, -EINVAL },	/* another part */
		{ HEAD + 8, 1, 0, -EINVAL },	/* another length of it */
		{ HEAD, 0, 1, -EINVAL },	/* the last byte is missing */
	};
	size_t i, len;

	ASSERT_EQ(0, open_pair(self));
	if (!migrates(self))
		SKIP(return, NO_PARTS);
	if (bed_mainline())
		SKIP(return, "mainline takes streams that are cut short");
	ASSERT_EQ(0, mig_save(&self->dev[0], &self->stream));
	ASSERT_EQ(0, mig_set(&self->dev[0], MIG_RUNNING, NULL));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		len = self->stream.len - bad[i].cut;
		self->stream.bytes[bad[i].at] ^= bad[i].xor;
		EXPECT_EQ(bad[i].want, mig_load(&self->dev[1],
						self->stream.bytes, len)) {
			TH_LOG("stream %zu", i);
		}
		self->stream.bytes[bad[i].at] ^= bad[i].xor;
		EXPECT_EQ(0, stat_of("objects"));
		EXPECT_EQ(0, ioctl(self->dev[1].fd, VFIO_DEVICE_RESET));
	}
	EXPECT_EQ(0, mig_load(&self->dev[1], self->stream.bytes,
			      self->stream.len));
}

#define NOTHING_OFFERED \
	"virtio: declined: " \
	"the PF offers neither device parts nor legacy I/O, or is not driven by virtio_pci\n" \
	"generic: selected\n"
#define NO_LEGACY(error) \
	"virtio: selected: no legacy I/O: there is no place to notify queues (error " error ")\n"

/* Each in turn, and so in both directions. */
TEST_F(virtio, between_drivers)
{
	static const char *const drivers[] = { "vfio-pci", "virtio_vfio_pci" };
	const size_t extra = 3 * (1 << 20) + 13;
	int from, fd;

	if (bed_mainline())
		SKIP(return, "tested with ours");
	if (bed_dma_bounces())
		SKIP(return, "mainline maps more at once than can be bounced");
	for (from = 0; from < 2; from++) {
		close_pair(self);
		if (bed_pf_bind_vf(bed_virtio_vf(0), drivers[from]) ||
		    bed_pf_bind_vf(bed_virtio_vf(1), drivers[!from]))
			SKIP(return, "mainline's driver is not in this VM");
		ASSERT_EQ(0, open_bound(self));
		if (mig_flags(&self->dev[0], &self->flags) ||
		    mig_flags(&self->dev[1], &self->flags))
			SKIP(return, NO_PARTS);

		ASSERT_EQ(0, knob("extra", "0 %zu 7", extra));
		ASSERT_EQ(0, knob("extra", "1 %zu 8", extra));
		bed_virtio_fill(&self->dev[0], from + 31);
		bed_virtio_fill(&self->dev[1], from + 41);
		self->stream.len = 0;
		ASSERT_EQ(0, mig_set(&self->dev[0], MIG_PRE_COPY, &fd));
		EXPECT_EQ(-ENOMSG, mig_read(fd, &self->stream));
		bed_virtio_fill(&self->dev[0], from + 51);
		ASSERT_NE(stat_of("sum0"), stat_of("sum1"));
		ASSERT_EQ(0, mig_set(&self->dev[0], MIG_STOP_COPY, NULL));
		EXPECT_EQ(0, mig_read(fd, &self->stream));
		close(fd);
		EXPECT_EQ(2 * (2 * HEAD + VIRTIO_STATE_SIZE + extra),
			  self->stream.len);
		ASSERT_EQ(0, mig_load(&self->dev[1], self->stream.bytes,
				      self->stream.len));
		EXPECT_EQ(stat_of("sum0"), stat_of("sum1"));
		EXPECT_EQ(0, mig_set(&self->dev[1], MIG_RUNNING, NULL));
		EXPECT_EQ(0, stat_of("stopped1"));
	}
}

static void unbind(void)
{
	bed_pf_unbind_vf(bed_virtio_vf(0));
}

static void no_vfs(void)
{
	bed_puts("0", BED_DEVICES "/%s/sriov_numvfs", bed_virtio_pf());
}

/* Its device is closed and then gone, by @remove: it is of no use, and harmless. */
static void check_kept_file(struct __test_metadata *_metadata,
			    FIXTURE_DATA(virtio) *self, unsigned int state,
			    void (*remove)(void))
{
	uint64_t initial, dirty;
	char bdf[32], byte = 0;
	int fd;

	bed_virtio_begin();
	snprintf(bdf, sizeof(bdf), "%s", bed_virtio_vf(0));
	ASSERT_EQ(0, open_pair(self));
	ASSERT_EQ(0, mig_set(&self->dev[0], state, &fd));
	ASSERT_EQ(1, state == MIG_RESUMING ? write(fd, &byte, 1) :
					     read(fd, &byte, 1));

	close_pair(self);
	EXPECT_EQ(0, stat_of("objects"));
	remove();
	ASSERT_FALSE(bed_exists(BED_DRIVER "/%s", bdf));
	EXPECT_EQ(-ENODEV, state == MIG_RESUMING ?
			   mig_write(fd, &byte, 1) :
			   mig_read(fd, &self->stream));
	if (state == MIG_PRE_COPY)
		EXPECT_EQ(-ENODEV, mig_precopy_info(fd, &initial, &dirty));
	close(fd);
}

TEST_F(virtio, kept_file)
{
	static const unsigned int states[] = {
		MIG_STOP_COPY, MIG_RESUMING, MIG_PRE_COPY,
	};
	size_t i;

	if (bed_mainline())
		SKIP(return, "mainline touches freed memory then");
	ASSERT_EQ(0, open_pair(self));
	if (!migrates(self))
		SKIP(return, NO_PARTS);
	close_pair(self);
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		if (states[i] == MIG_PRE_COPY &&
		    !(self->flags & MIG_HAS_PRE_COPY))
			continue;
		check_kept_file(_metadata, self, states[i], unbind);
		check_kept_file(_metadata, self, states[i], no_vfs);
	}
}

TEST_F(virtio, declines)
{
	/* Behind the BAR, at its last byte, and not where a register can be. */
	static const int offsets[] = { 0x10000, 0xffff, VIRTIO_NOTIFY_AT + 1 };
	size_t i;

	if (bed_mainline())
		SKIP(return, "mainline binds all, and says nothing");
	ASSERT_EQ(0, knob("caps", "0 0 2 0"));
	ASSERT_EQ(0, rebind(0));
	EXPECT_STREQ(NOTHING_OFFERED, log_of(0));
	ASSERT_EQ(0, knob("caps", "0 1 7 0"));
	ASSERT_EQ(0, rebind(0));
	EXPECT_STREQ(NOTHING_OFFERED, log_of(0));
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		ASSERT_EQ(0, knob("caps", "1 1 2 %d", offsets[i]));
		ASSERT_EQ(0, rebind(0));
		EXPECT_STREQ(NO_LEGACY("-34"), log_of(0));
	}
	ASSERT_EQ(0, knob("caps", "1 1 2 %d", VIRTIO_NOTIFY_AT));
	ASSERT_EQ(0, knob("fail", "notify_info -5 1"));
	ASSERT_EQ(0, rebind(0));
	EXPECT_STREQ(NO_LEGACY("-5"), log_of(0));
}

TEST_F(virtio, pf_declines)
{
	const char *pf = bed_virtio_pf();
	char log[256];

	if (bed_mainline())
		SKIP(return, "mainline binds all, and says nothing");
	ASSERT_EQ(0, bed_pf_bind_vf(pf, "vfio-pci"));
	snprintf(log, sizeof(log), "%s", bed_vendor_log(pf));

	ASSERT_EQ(0, bed_unbind(pf));
	ASSERT_EQ(0, bed_puts(pf, "/sys/bus/pci/drivers_probe"));
	bed_virtio_begin();
	EXPECT_STREQ("virtio: declined: it is not a VF, and only for VFs there are admin commands\n"
		     "generic: selected\n", log);
}

static long users(void)
{
	return strtol(bed_read(MOCK_MODULE "/refcnt"), NULL, 10);
}

/* The module of the functions stays while a device has them, and no longer. */
TEST_F(virtio, module_is_kept)
{
	long before;

	bed_pf_unbind_vf(bed_virtio_vf(0));
	bed_pf_unbind_vf(bed_virtio_vf(1));
	before = users();
	ASSERT_EQ(0, rebind(0));
	if (bed_mainline()) {
		EXPECT_LT(0, users());
		SKIP(return, "mainline's module keeps it");
	}
	EXPECT_LT(before, users());
	bed_pf_unbind_vf(bed_virtio_vf(0));
	EXPECT_EQ(before, users());

	ASSERT_EQ(0, knob("caps", "0 0 2 0"));
	ASSERT_EQ(0, rebind(0));
	EXPECT_EQ(before, users());
	ASSERT_EQ(0, knob("caps", "1 1 7 0"));
	ASSERT_EQ(0, rebind(1));
	bed_pf_unbind_vf(bed_virtio_vf(1));
	EXPECT_EQ(before, users());
}

/* Offsets of the regions of a transitional device. */
struct legacy {
	uint64_t config;
	uint64_t io;
	uint64_t notify;
};

static int open_legacy(FIXTURE_DATA(virtio) *self, bool parts,
		       struct legacy *legacy)
{
	struct bed_device *dev = &self->dev[0];
	struct vfio_region_info region;
	int ret;

	ret = knob("caps", "%d 1 2 %d", parts, VIRTIO_NOTIFY_AT) ?: open_pair(self);
	if (ret)
		return ret;
	ret = bed_region(dev, VFIO_PCI_CONFIG_REGION_INDEX, &region);
	legacy->config = region.offset;
	ret = ret ?: bed_region(dev, VFIO_PCI_BAR2_REGION_INDEX, &region);
	legacy->notify = region.offset + VIRTIO_NOTIFY_AT;
	ret = ret ?: bed_region(dev, VFIO_PCI_BAR0_REGION_INDEX, &region);
	legacy->io = region.offset;
	if (ret)
		return ret;
	return region.size == IO_SIZE &&
	       region.flags == (VFIO_REGION_INFO_FLAG_READ |
				VFIO_REGION_INFO_FLAG_WRITE) ? 0 : -EPROTO;
}

static void check_legacy(struct __test_metadata *_metadata,
			 struct bed_device *dev, const struct legacy *legacy)
{
	uint8_t bytes[IO_SIZE], config[64];
	uint16_t queue = 0x1234, command = COMMAND_MEMORY;
	uint64_t at = legacy->io;
	size_t i;

	/* I/O is not enabled. */
	EXPECT_EQ(-EIO, bed_pread(dev, bytes, 1, at));
	ASSERT_EQ(2, bed_pwrite(dev, &command, 2, legacy->config + 4));
	EXPECT_EQ(-EIO, bed_pread(dev, bytes, 1, at));
	EXPECT_EQ(-EIO, bed_pwrite(dev, bytes, 1, at));
	command |= COMMAND_IO;
	ASSERT_EQ(2, bed_pwrite(dev, &command, 2, legacy->config + 4));
	command = 0;
	ASSERT_EQ(2, bed_pread(dev, &command, 2, legacy->config + 4));
	EXPECT_EQ(COMMAND_IO | COMMAND_MEMORY, command & 3);

	for (i = 0; i < IO_SIZE; i++)
		bytes[i] = 0xa0 + i;
	ASSERT_EQ(QUEUE_NOTIFY, bed_pwrite(dev, bytes, QUEUE_NOTIFY, at));
	/*
	 * Across the end of the common registers, 20 without MSI-X, which
	 * mainline does not split there.
	 */
	if (bed_mainline()) {
		ASSERT_EQ(2, bed_pwrite(dev, bytes + 18, 2, at + 18));
		ASSERT_EQ(8, bed_pwrite(dev, bytes + 20, 8, at + 20));
	} else {
		ASSERT_EQ(10, bed_pwrite(dev, bytes + 18, 10, at + 18));
	}
	memset(bytes, 0, sizeof(bytes));
	for (i = bed_mainline() ? 2 : 0; i < 6; i++) {
		ASSERT_EQ(4, bed_pread(dev, bytes, 4, at + 18 + i));
		EXPECT_EQ(0xa0 + 18 + i, bytes[0]);
		EXPECT_EQ(0xa0 + 21 + i, bytes[3]);
	}
	ASSERT_EQ(4, bed_pread(dev, bytes, 4, at + 8));
	EXPECT_EQ(0xa8, bytes[0]);

	/* Notifications go to the BAR that has them, and nowhere else. */
	ASSERT_EQ(2, bed_pwrite(dev, &queue, 2, at + QUEUE_NOTIFY));
	queue = 0;
	ASSERT_EQ(2, bed_pread(dev, &queue, 2, legacy->notify));
	EXPECT_EQ(0x1234, queue);
	EXPECT_EQ(-EINVAL, bed_pwrite(dev, &queue, 1, at + QUEUE_NOTIFY));
	EXPECT_EQ(-EINVAL, bed_pread(dev, bytes, 4, at + QUEUE_NOTIFY));
	/* Mainline reads the register of the admin command then. */
	if (!bed_mainline())
		EXPECT_EQ(-EINVAL, bed_pread(dev, bytes, 4,
					     at + QUEUE_NOTIFY - 2));

	EXPECT_EQ(-EINVAL, bed_pread(dev, bytes, 1, at + IO_SIZE));
	EXPECT_EQ(-EINVAL, bed_pread(dev, bytes, 4, at + IO_SIZE - 3));

	/* In configuration space, at any width: the ids, and BAR 0. */
	ASSERT_EQ(64, bed_pread(dev, config, 64, legacy->config));
	EXPECT_EQ(0, memcmp("\xf4\x1a\x00\x10", config, 4));
	EXPECT_EQ(0, config[8]);
	EXPECT_EQ(0, memcmp("\xf4\x1a\x01\x00", config + 0x2c, 4));
	EXPECT_EQ(1, config[0x10] & 0xf);
	for (i = 0; i < 60; i++) {
		ASSERT_EQ(3, bed_pread(dev, bytes, 3, legacy->config + i));
		EXPECT_EQ(0, memcmp(config + i, bytes, 3)) {
			TH_LOG("at %zx", i);
		}
	}
	memset(bytes, 0xff, 4);
	ASSERT_EQ(4, bed_pwrite(dev, bytes, 4, legacy->config + 0x10));
	ASSERT_EQ(4, bed_pread(dev, bytes, 4, legacy->config + 0x10));
	EXPECT_EQ(0, memcmp("\xe1\xff\xff\xff", bytes, 4));
}

TEST_F(virtio, legacy_and_parts)
{
	struct legacy legacy;

	ASSERT_EQ(0, open_legacy(self, true, &legacy));
	if (!migrates(self))
		SKIP(return, NO_PARTS);
	check_legacy(_metadata, &self->dev[0], &legacy);
	EXPECT_EQ(0, mig_save(&self->dev[0], &self->stream));
}

TEST_F(virtio, legacy_alone)
{
	struct legacy legacy;
	uint16_t command;
	uint64_t flags;
	uint8_t byte;

	ASSERT_EQ(0, open_legacy(self, false, &legacy));
	EXPECT_NE(0, mig_flags(&self->dev[0], &flags));
	check_legacy(_metadata, &self->dev[0], &legacy);

	/* A reset disables I/O. */
	EXPECT_EQ(0, ioctl(self->dev[0].fd, VFIO_DEVICE_RESET));
	ASSERT_EQ(2, bed_pread(&self->dev[0], &command, 2, legacy.config + 4));
	EXPECT_EQ(0, command & COMMAND_IO);
	EXPECT_EQ(-EIO, bed_pread(&self->dev[0], &byte, 1, legacy.io));

	/* The next user finds it as new. */
	close_pair(self);
	ASSERT_EQ(0, open_legacy(self, false, &legacy));
	EXPECT_EQ(-EIO, bed_pread(&self->dev[0], &byte, 1, legacy.io));
}

/* With MSI-X, two more common registers come before those of the device. */
TEST_F(virtio, legacy_msix)
{
	uint16_t command = COMMAND_IO | COMMAND_MEMORY;
	struct bed_device *dev = &self->dev[0];
	struct legacy legacy;
	uint8_t bytes[8] = {};
	int signal;

	ASSERT_EQ(0, open_legacy(self, false, &legacy));
	ASSERT_EQ(2, bed_pwrite(dev, &command, 2, legacy.config + 4));
	ASSERT_EQ(4, bed_pwrite(dev, "net!", 4, legacy.io + 20));
	ASSERT_EQ(4, bed_pwrite(dev, "\0\0\0\0", 4, legacy.io + 24));

	signal = eventfd(0, EFD_CLOEXEC);
	ASSERT_EQ(0, bed_irq_eventfd(dev, VFIO_PCI_MSIX_IRQ_INDEX, signal));
	ASSERT_EQ(4, bed_pread(dev, bytes, 4, legacy.io + 24));
	EXPECT_EQ(0, memcmp("net!", bytes, 4));
	ASSERT_EQ(4, bed_pwrite(dev, "msix", 4, legacy.io + 20));
	/* Mainline does not split this, either. */
	if (!bed_mainline()) {
		ASSERT_EQ(8, bed_pread(dev, bytes, 8, legacy.io + 20));
		EXPECT_EQ(0, memcmp("msixnet!", bytes, 8));
	}
	ASSERT_EQ(1, bed_pwrite(dev, "#", 1, legacy.io + 31));
	EXPECT_EQ(-EINVAL, bed_pwrite(dev, "#", 1, legacy.io + IO_SIZE));

	ASSERT_EQ(0, bed_irq_disable(dev, VFIO_PCI_MSIX_IRQ_INDEX));
	ASSERT_EQ(8, bed_pread(dev, bytes, 8, legacy.io + 20));
	EXPECT_EQ(0, memcmp("net!\0\0\0#", bytes, 8));
	close(signal);
}

TEST_F(virtio, legacy_command_fails)
{
	uint16_t command = COMMAND_IO;
	struct legacy legacy;
	uint8_t byte = 0;

	ASSERT_EQ(0, open_legacy(self, false, &legacy));
	ASSERT_EQ(2, bed_pwrite(&self->dev[0], &command, 2, legacy.config + 4));
	ASSERT_EQ(0, knob("fail", "legacy -5 2"));
	EXPECT_EQ(-EIO, bed_pread(&self->dev[0], &byte, 1, legacy.io));
	EXPECT_EQ(-EIO, bed_pwrite(&self->dev[0], &byte, 1, legacy.io));
	EXPECT_EQ(1, bed_pread(&self->dev[0], &byte, 1, legacy.io));
}

static void __attribute__((constructor)) need(void)
{
	bed_virtio_need();
}

TEST_HARNESS_MAIN
