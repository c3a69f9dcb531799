// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a user without privileges can do with a device that was given to it, as
 * libvirt gives one to QEMU: with the file of its group. And what under lockdown,
 * where root is not trusted with the kernel either.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "migration.h"
#include "subject.h"

#define NOBODY		65534
#define BEYOND		64	/* bytes that are tried around each end */
#define REGIONS		16
#define HEADER		64	/* bytes of configuration space */

FIXTURE(user) {
	char bdf[32];
	struct bed_device dev;
	bool migrates;
	bool there;
};

FIXTURE_VARIANT(user) {
	const char *subject;
};

FIXTURE_VARIANT_ADD(user, generic) { .subject = "generic" };
FIXTURE_VARIANT_ADD(user, igd) { .subject = "igd" };
FIXTURE_VARIANT_ADD(user, nvlink2) { .subject = "nvlink2" };
FIXTURE_VARIANT_ADD(user, nvgrace) { .subject = "nvgrace" };
FIXTURE_VARIANT_ADD(user, mlx5) { .subject = "mlx5" };
FIXTURE_VARIANT_ADD(user, virtio) { .subject = "virtio" };

static bool give_group(const char *bdf)
{
	char path[128];

	return !bed_group_path(bdf, path, sizeof(path)) &&
	       !chown(path, NOBODY, NOBODY) && !chmod(path, 0600) &&
	       !chmod("/dev/vfio/vfio", 0666);
}

/* In the process of the test, which ends with it. */
FIXTURE_SETUP(user)
{
	const struct subject *subject = subjects;

	while (strcmp(subject->name, variant->subject))
		subject++;
	self->there = subject_built(subject) &&
		      !(subject_locked_down() && subject->mend);
	if (!self->there)
		return;
	self->migrates = subject->migrates;
	subject_make(subject, self->bdf, sizeof(self->bdf));
	ASSERT_EQ(0, bed_bind(self->bdf));
	ASSERT_TRUE(subject_claimed(subject, self->bdf));
	ASSERT_TRUE(give_group(self->bdf));
	ASSERT_EQ(0, setgroups(0, NULL));
	ASSERT_EQ(0, setresgid(NOBODY, NOBODY, 0));
	ASSERT_EQ(0, setresuid(NOBODY, NOBODY, 0));
	ASSERT_EQ(0, bed_open(&self->dev, self->bdf));
}

FIXTURE_TEARDOWN(user)
{
	if (!self->there)
		return;
	bed_close(&self->dev);
	ASSERT_EQ(0, setresuid(0, 0, 0));
	ASSERT_EQ(0, setresgid(0, 0, 0));
	bed_unbind(self->bdf);
	bed_mock_remove();
}

static unsigned int regions(struct bed_device *dev, struct vfio_region_info *infos)
{
	struct vfio_device_info device = { .argsz = sizeof(device) };
	unsigned int i, count = 0;

	if (ioctl(dev->fd, VFIO_DEVICE_GET_INFO, &device))
		return 0;
	for (i = 0; i < device.num_regions && count < REGIONS; i++) {
		/* That of VGA is of two windows, which are those of the host. */
		if (i != VFIO_PCI_VGA_REGION_INDEX &&
		    !bed_region(dev, i, &infos[count]) && infos[count].size)
			count++;
	}
	return count;
}

#define NOT_READY	"this build is without it, or lockdown keeps it from being made ready"

/* Not a byte after the end of any region. */
TEST_F(user, reads_nothing_beyond)
{
	struct vfio_region_info infos[REGIONS];
	uint8_t bytes[2 * BEYOND], untouched[2 * BEYOND];
	unsigned int count, i;
	long len;

	if (!self->there)
		SKIP(return, NOT_READY);
	count = regions(&self->dev, infos);
	ASSERT_LT(0, count);
	memset(untouched, 0xa5, sizeof(untouched));
	for (i = 0; i < count; i++) {
		uint64_t end = infos[i].offset + infos[i].size;

		memset(bytes, 0xa5, sizeof(bytes));
		len = bed_pread(&self->dev, bytes, sizeof(bytes), end);
		EXPECT_GE(0, len) {
			TH_LOG("region %u: %ld bytes after its end",
			       infos[i].index, len);
		}
		len = bed_pread(&self->dev, bytes, sizeof(bytes), end - BEYOND);
		EXPECT_GE(BEYOND, len);
		EXPECT_EQ(0, memcmp(bytes + BEYOND, untouched, BEYOND)) {
			TH_LOG("region %u: bytes across its end", infos[i].index);
		}
	}
}

/* As everybody may read it, not as the driver shows it to its user. */
static bool read_header(const char *bdf, uint8_t *header)
{
	char path[96];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), BED_DEVICES "/%s/config", bdf);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = read(fd, header, HEADER);
	close(fd);
	return len == HEADER;
}

/* What the function is, for its user and for everybody else. */
static void check_identity(struct __test_metadata *_metadata,
			   FIXTURE_DATA(user) *self, uint64_t config)
{
	static const struct {
		unsigned int at, len;
	} fields[] = {
		{ 0x00, 4 }, { 0x08, 4 }, { 0x0e, 1 }, { 0x2c, 4 }, { 0x34, 1 },
	};
	uint8_t before[HEADER], after[HEADER], real_before[HEADER], real_after[HEADER];
	uint8_t ones[4] = { 0xff, 0xff, 0xff, 0xff };
	size_t i;

	ASSERT_TRUE(read_header(self->bdf, real_before));
	ASSERT_EQ(HEADER, bed_pread(&self->dev, before, HEADER, config));
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		bed_pwrite(&self->dev, ones, fields[i].len, config + fields[i].at);
	ASSERT_EQ(HEADER, bed_pread(&self->dev, after, HEADER, config));
	EXPECT_EQ(0, memcmp(before, after, HEADER));
	ASSERT_TRUE(read_header(self->bdf, real_after));
	EXPECT_EQ(0, memcmp(real_before, real_after, HEADER));
}

TEST_F(user, writes_nothing_that_is_read_only)
{
	struct vfio_region_info infos[REGIONS];
	uint8_t before[BEYOND], after[BEYOND], ones[BEYOND];
	unsigned int count, i;

	if (!self->there)
		SKIP(return, NOT_READY);
	memset(ones, 0xff, sizeof(ones));
	count = regions(&self->dev, infos);
	for (i = 0; i < count; i++) {
		if (infos[i].index == VFIO_PCI_CONFIG_REGION_INDEX)
			check_identity(_metadata, self, infos[i].offset);
		if (infos[i].flags & VFIO_REGION_INFO_FLAG_WRITE)
			continue;
		bed_pread(&self->dev, before, sizeof(before), infos[i].offset);
		EXPECT_GT(0, bed_pwrite(&self->dev, ones, sizeof(ones),
					infos[i].offset));
		bed_pread(&self->dev, after, sizeof(after), infos[i].offset);
		EXPECT_EQ(0, memcmp(before, after, sizeof(after)));
		EXPECT_NE(0, bed_mmap_errno(&self->dev, 4096, MAP_SHARED,
					    infos[i].offset));
	}
}

static void set_command(struct bed_device *dev, uint16_t command)
{
	struct vfio_region_info config;

	bed_region(dev, VFIO_PCI_CONFIG_REGION_INDEX, &config);
	bed_pwrite(dev, &command, sizeof(command), config.offset + 4);
}

/* What was mapped before is gone as well when the memory of the device is off. */
TEST_F(user, reaches_nothing_that_is_off)
{
	struct vfio_region_info infos[REGIONS];
	unsigned int count, i, mapped = 0;
	void *mem[REGIONS];

	if (!self->there)
		SKIP(return, NOT_READY);
	if (self->migrates)
		SKIP(return, "the memory of a VF is turned off in its PF");
	count = regions(&self->dev, infos);
	set_command(&self->dev, 6);
	for (i = 0; i < count; i++) {
		if (!(infos[i].flags & VFIO_REGION_INFO_FLAG_MMAP))
			continue;
		mem[mapped] = mmap(NULL, 4096, PROT_READ, MAP_SHARED,
				   self->dev.fd, infos[i].offset);
		ASSERT_NE(MAP_FAILED, mem[mapped]);
		EXPECT_EQ(0, bed_touch(mem[mapped]));
		mapped++;
	}
	EXPECT_LT(0, mapped);

	/* A device whose memory is off has none of it to give. */
	set_command(&self->dev, 0);
	for (i = 0; i < mapped; i++) {
		EXPECT_EQ(-EFAULT, bed_touch(mem[i]));
		munmap(mem[i], 4096);
	}
}

/* A data file outlives its device, and has nothing of it any more. */
TEST_F(user, keeps_nothing)
{
	struct bed_device again;
	struct mig_stream stream;
	uint8_t byte;
	int fd;

	if (!self->there)
		SKIP(return, NOT_READY);
	if (!self->migrates)
		SKIP(return, "it has no data file");
	mig_stream_init(&stream, 1 << 20);
	ASSERT_EQ(0, mig_set(&self->dev, MIG_STOP_COPY, &fd));
	ASSERT_EQ(1, read(fd, &byte, 1));
	bed_close(&self->dev);
	EXPECT_EQ(-ENODEV, mig_read(fd, &stream));
	EXPECT_EQ(0, stream.len);

	/* Nor of the next session. */
	ASSERT_EQ(0, bed_open(&again, self->bdf));
	EXPECT_EQ(-ENODEV, mig_read(fd, &stream));
	close(fd);
	self->dev = again;
	mig_stream_free(&stream);
}

TEST_F(user, changes_no_setting)
{
	const char *refused = bed_ours() ? BED_PARAMETER :
			      BED_PARAMETERS "/disable_idle_d3";

	if (!self->there)
		SKIP(return, NOT_READY);
	EXPECT_EQ(-EACCES, bed_puts("off", "%s", refused));
	EXPECT_EQ(-EACCES, bed_puts("8086 1234", BED_DRIVER "/new_id"));
	EXPECT_EQ(-EACCES, bed_puts(self->bdf, BED_DRIVER "/unbind"));
	EXPECT_EQ(-EACCES, bed_puts("vfio-pci", BED_DEVICES "/%s/driver_override",
				    self->bdf));
}

static int mode(const char *path)
{
	struct stat stat;

	return lstat(path, &stat) ? -errno : (int)(stat.st_mode & 07777);
}

TEST_F(user, sees_modes)
{
	char path[160];

	if (!self->there)
		SKIP(return, NOT_READY);
	if (!bed_ours())
		SKIP(return, "in-tree has no such files");
	EXPECT_EQ(0644, mode(BED_PARAMETER));
	EXPECT_EQ(0444, mode(BED_DRIVER "/vendor_ops_available"));
	snprintf(path, sizeof(path), BED_DEVICES "/%s/vfio_pci/vendor_ops", self->bdf);
	EXPECT_EQ(0444, mode(path));
	snprintf(path, sizeof(path), BED_DEVICES "/%s/vfio_pci/vendor_ops_log", self->bdf);
	EXPECT_EQ(0444, mode(path));
}

TEST_HARNESS_MAIN
