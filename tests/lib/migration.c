// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "migration.h"

#define FEATURE_MIGRATION	1
#define FEATURE_MIG_STATE	2
#define FEATURE_MIG_DATA_SIZE	9
#define GET_PRECOPY_INFO	_IO(VFIO_TYPE, VFIO_BASE + 21)

int mig_feature(struct bed_device *dev, uint32_t flags, void *data, size_t len)
{
	union {
		struct vfio_device_feature feature;
		uint8_t bytes[sizeof(struct vfio_device_feature) + 64];
	} all = { .feature = {
		.argsz	= sizeof(struct vfio_device_feature) + len,
		.flags	= flags,
	} };

	if (len > 64)
		return -E2BIG;
	if (len)
		memcpy(all.feature.data, data, len);
	if (ioctl(dev->fd, VFIO_DEVICE_FEATURE, &all) < 0)
		return -errno;
	if (len)
		memcpy(data, all.feature.data, len);
	return 0;
}

int mig_flags(struct bed_device *dev, uint64_t *flags)
{
	return mig_feature(dev, VFIO_DEVICE_FEATURE_GET | FEATURE_MIGRATION,
			   flags, sizeof(*flags));
}

struct mig_state_arg {
	uint32_t state;
	int32_t data_fd;
};

/* @data_fd, which may be NULL, receives the data file, or -1. */
int mig_set(struct bed_device *dev, unsigned int state, int *data_fd)
{
	struct mig_state_arg arg = { .state = state, .data_fd = -1 };
	int ret;

	ret = mig_feature(dev, VFIO_DEVICE_FEATURE_SET | FEATURE_MIG_STATE,
			  &arg, sizeof(arg));
	if (ret)
		arg.data_fd = -1;
	if (data_fd)
		*data_fd = arg.data_fd;
	else if (arg.data_fd >= 0)
		close(arg.data_fd);
	return ret;
}

/* Returns the state, or -errno. */
int mig_get(struct bed_device *dev)
{
	struct mig_state_arg arg = {};
	int ret;

	ret = mig_feature(dev, VFIO_DEVICE_FEATURE_GET | FEATURE_MIG_STATE,
			  &arg, sizeof(arg));
	return ret ? ret : (int)arg.state;
}

int mig_precopy_info(int fd, uint64_t *initial, uint64_t *dirty)
{
	uint32_t flags;

	return mig_precopy_flags(fd, &flags, initial, dirty);
}

int mig_precopy_flags(int fd, uint32_t *flags, uint64_t *initial, uint64_t *dirty)
{
	struct {
		uint32_t argsz;
		uint32_t flags;
		uint64_t initial_bytes;
		uint64_t dirty_bytes;
	} info = { .argsz = sizeof(info) };

	if (ioctl(fd, GET_PRECOPY_INFO, &info))
		return -errno;
	*flags = info.flags;
	*initial = info.initial_bytes;
	*dirty = info.dirty_bytes;
	return 0;
}

int mig_data_size(struct bed_device *dev, uint64_t *size)
{
	return mig_feature(dev, VFIO_DEVICE_FEATURE_GET | FEATURE_MIG_DATA_SIZE,
			   size, sizeof(*size));
}

/* VFIO has the helper that a log needs, or, from 6.12 on, IOMMUFD. */
bool mig_kernel_has_log(void)
{
	return !bed_run("grep -qw iova_bitmap_set /proc/kallsyms");
}

int mig_log_start(struct bed_device *dev, const struct mig_range *ranges,
		  uint32_t nr)
{
	struct {
		uint64_t page_size;
		uint32_t nr;
		uint32_t reserved;
		uint64_t ranges;
	} control = { MIG_LOG_PAGE, nr, 0, (uintptr_t)ranges };

	return mig_feature(dev, VFIO_DEVICE_FEATURE_SET | MIG_LOG_START,
			   &control, sizeof(control));
}

int mig_log_stop(struct bed_device *dev)
{
	return mig_feature(dev, VFIO_DEVICE_FEATURE_SET | MIG_LOG_STOP, NULL, 0);
}

/* Bits are set in @bitmap, and none is cleared. */
int mig_log_report(struct bed_device *dev, uint64_t iova, uint64_t length,
		   uint64_t *bitmap)
{
	struct {
		uint64_t iova;
		uint64_t length;
		uint64_t page_size;
		uint64_t bitmap;
	} report = { iova, length, MIG_LOG_PAGE, (uintptr_t)bitmap };

	return mig_feature(dev, VFIO_DEVICE_FEATURE_GET | MIG_LOG_REPORT,
			   &report, sizeof(report));
}

const char *mig_state_name(unsigned int state)
{
	static const char *const names[MIG_STATES] = {
		"ERROR", "STOP", "RUNNING", "STOP_COPY", "RESUMING",
		"RUNNING_P2P", "PRE_COPY", "PRE_COPY_P2P",
	};

	return state < MIG_STATES ? names[state] : "?";
}

void mig_stream_init(struct mig_stream *stream, size_t room)
{
	stream->bytes = malloc(room);
	stream->room = room;
	stream->len = 0;
	if (!stream->bytes)
		exit(1);
}

void mig_stream_free(struct mig_stream *stream)
{
	free(stream->bytes);
	stream->bytes = NULL;
}

/* Append to @stream up to the end of file. Returns 0, or -errno of read(). */
int mig_read(int fd, struct mig_stream *stream)
{
	ssize_t len;

	do {
		if (stream->len == stream->room)
			return -ENOSPC;
		len = read(fd, stream->bytes + stream->len,
			   stream->room - stream->len);
		if (len < 0)
			return -errno;
		stream->len += len;
	} while (len);
	return 0;
}

/* Returns 0, or -errno of the write() that failed. */
int mig_write(int fd, const void *bytes, size_t len)
{
	ssize_t done;

	for (; len; bytes += done, len -= done) {
		done = write(fd, bytes, len);
		if (done < 0)
			return -errno;
		if (!done)
			return -EIO;
	}
	return 0;
}

/* From any state to STOP_COPY, and all that is to be read there. */
int mig_save(struct bed_device *dev, struct mig_stream *stream)
{
	int ret, fd;

	ret = mig_set(dev, MIG_STOP_COPY, &fd);
	if (ret)
		return ret;
	ret = mig_read(fd, stream);
	close(fd);
	return ret;
}

/* From any state to STOP, with what @bytes hold. */
int mig_load(struct bed_device *dev, const void *bytes, size_t len)
{
	int ret, fd;

	ret = mig_set(dev, MIG_RESUMING, &fd);
	if (ret)
		return ret;
	ret = mig_write(fd, bytes, len);
	if (!ret)
		ret = mig_set(dev, MIG_STOP, NULL);
	close(fd);
	return ret;
}
