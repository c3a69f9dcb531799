// SPDX-License-Identifier: GPL-2.0-only
/*
 * virtio VFs: migration by device parts, and a transitional device by legacy
 * I/O, on a mock of the PF's driver.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "migration.h"

#define SLOT		"pf/02.0"
#define BAR_SIZE	0x10000
#define STATE_AT	0x1000
#define STATE_SIZE	0xf000
#define NOTIFY_AT	0x100
#define HEAD		16	/* of a record, and of a part */
#define ROOM		(8 << 20)

#define IO_SIZE		32
#define QUEUE_NOTIFY	16
#define COMMAND_IO	1
#define COMMAND_MEMORY	2

static char pf[32];

static int knob(const char *name, const char *fmt, ...)
{
	char text[64];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return bed_puts(text, BED_DEVICES "/%s/mock/%s", pf, name);
}

static unsigned long stat_of(const char *name)
{
	const char *at = bed_read(BED_DEVICES "/%s/mock/stats", pf);
	size_t len = strlen(name);

	for (; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
		if (!strncmp(at, name, len) && at[len] == ' ')
			return strtoul(at + len, NULL, 10);
	}
	return ~0ul;
}

/* In a static buffer for each VF. */
static const char *vf_bdf(unsigned int vf)
{
	static char bdf[2][32];
	char path[128], target[256];
	ssize_t len;

	snprintf(path, sizeof(path), BED_DEVICES "/%s/virtfn%u", pf, vf);
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return "";
	target[len] = '\0';
	snprintf(bdf[vf], sizeof(bdf[vf]), "%.31s", strrchr(target, '/') + 1);
	return bdf[vf];
}

static void must(int ret, const char *what)
{
	if (!ret)
		return;
	printf("Bail out! %s: %s\n", what, strerror(-ret));
	exit(1);
}

/* The bus stays for the next test. */
static void begin(void)
{
	if (!bed_exists("/sys/kernel/config/pci_mock/pf")) {
		bed_puts("DMA", BED_DEVICES "/" BED_PARENT "/iommu_group/type");
		bed_mock_bus_at("pf", BED_PARENT);
		bed_mock_bus_set("pf", "vf_parent", BED_PARENT_2);
		bed_mock_function(SLOT, 0x1af4, 0x1041, 0x020000);
		bed_mock_set(SLOT, "express", "endpoint flr");
		bed_mock_set(SLOT, "sriov", "4 100 1 1041");
		bed_mock_set(SLOT, "vf_bar", "2 %x", BAR_SIZE);
		bed_mock_set(SLOT "/vf", "express", "endpoint flr");
		bed_mock_bus_live("pf");
	}
	snprintf(pf, sizeof(pf), "%s", bed_mock_bdf(SLOT));
	if (!bed_exists(BED_DEVICES "/%s/virtfn1", pf))
		must(bed_puts("2", BED_DEVICES "/%s/sriov_numvfs", pf),
		     "create VFs");
	must(knob("clear", "1"), "clear the knobs");
	must(knob("extra", "0 0 0"), "size of VF 0");
	must(knob("extra", "1 0 0"), "size of VF 1");
	must(knob("caps", "1 0 2 %d", NOTIFY_AT), "what the PF has");
	bed_puts("on", BED_PARAMETER);
}

static int rebind(unsigned int vf)
{
	const char *bdf = vf_bdf(vf);

	if (bed_exists(BED_DEVICES "/%s/driver", bdf))
		bed_puts(bdf, BED_DEVICES "/%s/driver/unbind", bdf);
	return bed_bind(bdf);
}

static const char *log_of(unsigned int vf)
{
	return bed_read(BED_DEVICES "/%s/vfio_pci/vendor_ops_log", vf_bdf(vf));
}

FIXTURE(virtio) {
	struct bed_device dev[2];
	uint64_t flags;
	struct mig_stream stream;
};

static int open_pair(FIXTURE_DATA(virtio) *self)
{
	struct bed_device *dev = self->dev;
	unsigned int vf;
	int ret;

	for (vf = 0; vf < 2; vf++) {
		ret = rebind(vf);
		if (ret)
			return ret;
	}

	ret = bed_open(&dev[0], vf_bdf(0));
	if (ret)
		return ret;
	dev[1] = (struct bed_device){ -1, -1, -1 };
	dev[1].fd = ioctl(dev[0].group, VFIO_GROUP_GET_DEVICE_FD, vf_bdf(1));
	if (dev[1].fd < 0)
		return -errno;
	return knob("reset", "0") ?: knob("reset", "1");
}

FIXTURE_SETUP(virtio)
{
	begin();
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

/* What a driver of the device would have done to it. */
static void fill_state(FIXTURE_DATA(virtio) *self, unsigned int vf,
		       uint32_t seed)
{
	struct bed_device *dev = &self->dev[vf];
	struct vfio_region_info region;
	uint16_t command = COMMAND_MEMORY;
	uint32_t words[1024];
	size_t at, i;

	must(bed_region(dev, VFIO_PCI_CONFIG_REGION_INDEX, &region), "region");
	bed_pwrite(dev, &command, 2, region.offset + 4);
	must(bed_region(dev, VFIO_PCI_BAR2_REGION_INDEX, &region), "region");
	for (at = 0; at < STATE_SIZE; at += sizeof(words)) {
		for (i = 0; i < 1024; i++)
			words[i] = (seed + at + i) * 2654435761u;
		if (bed_pwrite(dev, words, sizeof(words),
			       region.offset + STATE_AT + at) !=
		    sizeof(words))
			must(-EIO, "write the state");
	}
}

TEST_F(virtio, features)
{
	uint64_t flags, size;

	ASSERT_EQ(0, open_pair(self));
	EXPECT_STREQ("virtio: selected\n", log_of(0));
	ASSERT_EQ(0, mig_flags(&self->dev[0], &flags));
	EXPECT_EQ(MIG_HAS_STOP_COPY | MIG_HAS_P2P, flags & ~MIG_HAS_PRE_COPY);
	EXPECT_EQ(MIG_RUNNING, mig_get(&self->dev[0]));
	if (!(flags & MIG_HAS_PRE_COPY))
		return;
	ASSERT_EQ(0, mig_data_size(&self->dev[0], &size));
	EXPECT_EQ(HEAD + STATE_SIZE, size);
	EXPECT_EQ(0, stat_of("objects"));
}

TEST_F(virtio, round_trip)
{
	ASSERT_EQ(0, open_pair(self));
	fill_state(self, 0, 1);
	fill_state(self, 1, 2);
	ASSERT_EQ(0, mig_save(&self->dev[0], &self->stream));
	EXPECT_EQ(1, stat_of("stopped0"));
	/* virtio-vfio-pci: le64 bytes, flags 0, tag 0, and the parts. */
	ASSERT_EQ(HEAD + HEAD + STATE_SIZE, self->stream.len);
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

/* More than one chunk of memory, written in odd pieces. */
TEST_F(virtio, large_state)
{
	const size_t extra = 5 * (1 << 20) + 13;
	size_t pos, len;
	int fd;

	ASSERT_EQ(0, open_pair(self));
	fill_state(self, 0, 3);
	ASSERT_EQ(0, knob("extra", "0 %zu 7", extra));
	ASSERT_EQ(0, knob("extra", "1 %zu 8", extra));
	ASSERT_NE(stat_of("sum0"), stat_of("sum1"));
	ASSERT_EQ(0, mig_save(&self->dev[0], &self->stream));
	ASSERT_EQ(2 * HEAD + STATE_SIZE + extra, self->stream.len);

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
	uint64_t flags, initial, dirty;
	size_t first;
	int fd, tries;

	ASSERT_EQ(0, open_pair(self));
	ASSERT_EQ(0, mig_flags(&self->dev[0], &flags));
	if (!(flags & MIG_HAS_PRE_COPY))
		SKIP(return, "this kernel has no PRE_COPY");
	fill_state(self, 0, 4);
	ASSERT_EQ(0, mig_set(&self->dev[0], MIG_PRE_COPY, &fd));
	EXPECT_EQ(0, stat_of("stopped0"));
	ASSERT_EQ(-ENOMSG, mig_read(fd, &self->stream));
	first = self->stream.len;
	EXPECT_EQ(2 * HEAD + STATE_SIZE, first);

	/* Not read again at once, but after a while. */
	ASSERT_EQ(0, mig_precopy_info(fd, &initial, &dirty));
	EXPECT_EQ(0, initial);
	EXPECT_EQ(0, dirty);
	for (tries = 0; !dirty && tries < 50; tries++) {
		usleep(100000);
		ASSERT_EQ(0, mig_precopy_info(fd, &initial, &dirty));
	}
	EXPECT_EQ(first, dirty);

	fill_state(self, 0, 5);
	ASSERT_EQ(0, mig_set(&self->dev[0], MIG_STOP_COPY, NULL));
	EXPECT_EQ(1, stat_of("stopped0"));
	EXPECT_EQ(0, mig_read(fd, &self->stream));
	close(fd);
	EXPECT_EQ(3 * first, self->stream.len);
	ASSERT_EQ(0, mig_load(&self->dev[1], self->stream.bytes,
			      self->stream.len));
	EXPECT_EQ(stat_of("sum0"), stat_of("sum1"));
}

TEST_F(virtio, pre_copy_abandoned)
{
	uint64_t flags;
	int fd;

	ASSERT_EQ(0, open_pair(self));
	ASSERT_EQ(0, mig_flags(&self->dev[0], &flags));
	if (!(flags & MIG_HAS_PRE_COPY))
		SKIP(return, "this kernel has no PRE_COPY");
	ASSERT_EQ(0, mig_set(&self->dev[0], MIG_PRE_COPY, &fd));
	/* There is nothing to ask the device for. */
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
	size_t i;

	ASSERT_EQ(0, open_pair(self));
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		ASSERT_EQ(0, mig_set(&self->dev[0], MIG_STOP, NULL));
		ASSERT_EQ(0, knob("fail", "%s -5 1", commands[i]));
		EXPECT_NE(0, mig_save(&self->dev[0], &self->stream)) {
			TH_LOG("%s", commands[i]);
		}
		EXPECT_EQ(0, stat_of("objects"));
		EXPECT_EQ(0, ioctl(self->dev[0].fd, VFIO_DEVICE_RESET));
		ASSERT_EQ(0, knob("reset", "0"));
		EXPECT_EQ(MIG_RUNNING, mig_get(&self->dev[0]));
	}
	self->stream.len = 0;
	EXPECT_EQ(0, mig_save(&self->dev[0], &self->stream));
}

TEST_F(virtio, commands_fail_while_loading)
{
	static const char *const commands[] = { "obj_create", "parts_set" };
	size_t i;

	ASSERT_EQ(0, open_pair(self));
	ASSERT_EQ(0, mig_save(&self->dev[0], &self->stream));
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		ASSERT_EQ(0, knob("fail", "%s -5 1", commands[i]));
		EXPECT_EQ(-EIO, mig_load(&self->dev[1], self->stream.bytes,
					 self->stream.len)) {
			TH_LOG("%s", commands[i]);
		}
		EXPECT_EQ(MIG_ERROR, mig_get(&self->dev[1]));
		EXPECT_EQ(0, stat_of("objects"));
		EXPECT_EQ(0, ioctl(self->dev[1].fd, VFIO_DEVICE_RESET));
		ASSERT_EQ(0, knob("reset", "1"));
	}
	EXPECT_EQ(0, mig_load(&self->dev[1], self->stream.bytes,
			      self->stream.len));
}

TEST_F(virtio, mode_fails)
{
	ASSERT_EQ(0, open_pair(self));
	ASSERT_EQ(0, knob("fail", "mode_set -5 1"));
	EXPECT_EQ(-EIO, mig_set(&self->dev[0], MIG_STOP, NULL));
	EXPECT_EQ(MIG_ERROR, mig_get(&self->dev[0]));
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
	ASSERT_EQ(0, mig_save(&self->dev[0], &self->stream));
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
		ASSERT_EQ(0, knob("reset", "1"));
	}
	EXPECT_EQ(0, mig_load(&self->dev[1], self->stream.bytes,
			      self->stream.len));
}

TEST_F(virtio, declines)
{
	ASSERT_EQ(0, knob("caps", "0 0 2 0"));
	ASSERT_EQ(0, rebind(0));
	EXPECT_STREQ("virtio: declined: the PF offers neither device parts nor legacy I/O, or is not driven by virtio_pci\n"
		     "generic: selected\n", log_of(0));
	ASSERT_EQ(0, knob("caps", "0 1 7 0"));
	ASSERT_EQ(0, rebind(0));
	EXPECT_STREQ("virtio: declined: the PF offers neither device parts nor legacy I/O, or is not driven by virtio_pci\n"
		     "generic: selected\n", log_of(0));
	ASSERT_EQ(0, knob("caps", "1 1 2 %d", BAR_SIZE - 1));
	ASSERT_EQ(0, rebind(0));
	EXPECT_STREQ("virtio: selected: no legacy I/O: where to notify queues is not known or not in a BAR (error -34)\n",
		     log_of(0));
	ASSERT_EQ(0, knob("caps", "1 1 2 %d", NOTIFY_AT));
	ASSERT_EQ(0, knob("fail", "notify_info -5 1"));
	ASSERT_EQ(0, rebind(0));
	EXPECT_STREQ("virtio: selected: no legacy I/O: where to notify queues is not known or not in a BAR (error -5)\n",
		     log_of(0));
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

	ret = knob("caps", "%d 1 2 %d", parts, NOTIFY_AT) ?: open_pair(self);
	if (ret)
		return ret;
	ret = bed_region(dev, VFIO_PCI_CONFIG_REGION_INDEX, &region);
	legacy->config = region.offset;
	ret = ret ?: bed_region(dev, VFIO_PCI_BAR2_REGION_INDEX, &region);
	legacy->notify = region.offset + NOTIFY_AT;
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
	/* Across the end of the common registers: 20 without MSI-X. */
	ASSERT_EQ(14, bed_pwrite(dev, bytes + 18, 14, at + 18));
	memset(bytes, 0, sizeof(bytes));
	for (i = 0; i < 10; i++) {
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
	EXPECT_EQ(-EINVAL, bed_pread(dev, bytes, 4, at + QUEUE_NOTIFY - 2));
	EXPECT_EQ(-EINVAL, bed_pread(dev, bytes, 4, at + QUEUE_NOTIFY));

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

/* The module of the functions stays while a device has them. */
TEST_F(virtio, admin_module_stays)
{
	ASSERT_EQ(0, rebind(0));
	EXPECT_NE(0, bed_run("rmmod virtio_pci 2>/dev/null"));
}

static void __attribute__((constructor)) need(void)
{
	const char *reason = NULL;

	if (!bed_ours_all())
		reason = "vfio-pci was built without virtio";
	else if (bed_run("modprobe virtio_pci") ||
		 !bed_exists("/sys/module/virtio_pci/initstate"))
		reason = "virtio_pci is built into this kernel";
	if (!reason)
		return;
	printf("TAP version 13\n1..0 # SKIP %s\n", reason);
	exit(4);
}

TEST_HARNESS_MAIN
