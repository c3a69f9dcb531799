// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that no sane program makes, on a device of each vendor: ioctl(), read(),
 * write(), mmap() and poll() with arguments drawn at random, near what is valid
 * and far from it, on the device and on the data files of a migration.
 *
 * The kernel is the judge: a report of it fails the run. Here, a call that does
 * not come back fails, and a device that is not usable after. On the kernel
 * command line: calls= for each vendor, seed= for a run like another, vendor= for
 * one of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest.h"
#include "migration.h"
#include "subject.h"

#define CALLS		2000
#define SEED		0x5eed
#define FILES		4
#define MAPPINGS	8
#define REGIONS		14
#define BIG		0x20000
#define LONG		0x2000	/* of a BAR, word by word */
#define STUCK_SECONDS	120
#define REGION(index)	((uint64_t)(index) << 40)

/* Commands of migration that <linux/vfio.h> of Debian 12 has no name for. */
#define FEATURES	13
#define STATE_FEATURE	2
#define PRECOPY_INFO	_IO(VFIO_TYPE, VFIO_BASE + 21)

static uint64_t rng;

static uint32_t draw(uint32_t below)
{
	/* xorshift64, Marsaglia, Journal of Statistical Software 8 (14), 2003 */
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (rng >> 32) % below;
}

static bool one_in(uint32_t chances)
{
	return !draw(chances);
}

#define NOTHING		LONG_MIN	/* no call was made */

struct mapping {
	uint8_t *mem;
	size_t len;
};

struct session {
	const struct subject *subject;
	char bdf[32];
	struct bed_device dev;
	bool open;
	int files[FILES];
	struct mapping mappings[MAPPINGS];
	struct mig_stream stream;	/* a valid one */
	size_t written;
	uint8_t *bytes;
	unsigned long good, refused;
};

/* Of what a call takes: small, a boundary, a bit, or anything. */
static uint64_t number(void)
{
	switch (draw(6)) {
	case 0:
		return draw(16);
	case 1:
		return draw(4096);
	case 2:
		return 1ull << draw(64);
	case 3:
		return (1ull << draw(64)) - 1;
	case 4:
		return -(uint64_t)draw(64);
	default:
		return (uint64_t)draw(UINT32_MAX) << 32 | draw(UINT32_MAX);
	}
}

static uint64_t position(void)
{
	uint64_t offset = one_in(4) ? number() : draw(one_in(2) ? 0x100 : 0x10000);

	return one_in(16) ? number() : REGION(draw(REGIONS)) + offset;
}

static size_t length(void)
{
	static const size_t lengths[] = { 0, 1, 2, 3, 4, 7, 8, 16, 64, 4096 };

	return one_in(32) ? draw(LONG) : lengths[draw(ARRAY_SIZE(lengths))];
}

static void fill(uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = draw(256);
}

static long do_read(struct session *s)
{
	return pread(s->dev.fd, s->bytes, length(), position());
}

static long do_write(struct session *s)
{
	size_t len = length();
	long ret;

	fill(s->bytes, len);
	ret = pwrite(s->dev.fd, s->bytes, len, position());
	if (s->subject->mend)
		s->subject->mend(s->bdf);
	return ret;
}

static void unmap(struct mapping *mapping)
{
	if (mapping->len)
		munmap(mapping->mem, mapping->len);
	mapping->len = 0;
}

static long do_map(struct session *s)
{
	struct mapping *mapping = &s->mappings[draw(MAPPINGS)];
	size_t len = (1 + draw(16)) * 4096;
	void *mem;

	unmap(mapping);
	if (one_in(4))
		return 0;
	if (one_in(8))
		len = draw(1024) * 4096;
	mem = mmap(NULL, len, 1 + draw(3), one_in(8) ? MAP_PRIVATE : MAP_SHARED,
		   s->dev.fd, position() & ~0xfffull);
	if (mem == MAP_FAILED)
		return -1;
	mapping->mem = mem;
	mapping->len = len;
	return 0;
}

static long do_touch(struct session *s)
{
	struct mapping *mapping = &s->mappings[draw(MAPPINGS)];

	if (!mapping->len)
		return NOTHING;
	return bed_touch(mapping->mem + draw(mapping->len));
}

static struct vfio_region_info region_info(void)
{
	return (struct vfio_region_info){
		.argsz = one_in(4) ? number() : sizeof(struct vfio_region_info),
		.index = one_in(8) ? number() : draw(REGIONS),
	};
}

static long do_info(struct session *s)
{
	union {
		struct vfio_device_info device;
		struct vfio_region_info region;
		struct vfio_irq_info irq;
		struct vfio_pci_hot_reset_info reset;
		uint8_t bytes[1024];
	} all = {};

	switch (draw(4)) {
	case 0:
		all.device.argsz = one_in(4) ? draw(64) : sizeof(all);
		return ioctl(s->dev.fd, VFIO_DEVICE_GET_INFO, &all);
	case 1:
		all.region = region_info();
		if (one_in(2))
			all.region.argsz = sizeof(all);
		return ioctl(s->dev.fd, VFIO_DEVICE_GET_REGION_INFO, &all);
	case 2:
		all.irq.argsz = one_in(4) ? draw(64) : sizeof(all);
		all.irq.index = one_in(8) ? number() : draw(6);
		return ioctl(s->dev.fd, VFIO_DEVICE_GET_IRQ_INFO, &all);
	default:
		all.reset.argsz = one_in(4) ? draw(64) : sizeof(all);
		return ioctl(s->dev.fd, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &all);
	}
}

static long do_irqs(struct session *s)
{
	struct {
		struct vfio_irq_set set;
		int fds[16];
	} all;
	unsigned int i;
	long ret;
	int fd;

	all.set = (struct vfio_irq_set){
		.argsz = one_in(8) ? number() : sizeof(all),
		.flags = one_in(8) ? number() :
			 (1u << draw(3)) | (8u << draw(3)),
		.index = one_in(8) ? number() : draw(5),
		.start = one_in(4) ? number() : draw(2),
		.count = one_in(4) ? number() : draw(3),
	};
	fd = eventfd(0, EFD_CLOEXEC);
	for (i = 0; i < ARRAY_SIZE(all.fds); i++)
		all.fds[i] = one_in(4) ? (int)number() : fd;
	ret = ioctl(s->dev.fd, VFIO_DEVICE_SET_IRQS, &all);
	close(fd);
	return ret;
}

static long do_reset(struct session *s)
{
	struct {
		struct vfio_pci_hot_reset reset;
		int32_t groups[4];
	} all = { .reset = { .argsz = sizeof(all), .count = draw(4) } };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all.groups); i++)
		all.groups[i] = one_in(2) ? s->dev.group : (int)number();
	if (one_in(2))
		return ioctl(s->dev.fd, VFIO_DEVICE_PCI_HOT_RESET, &all);
	return ioctl(s->dev.fd, VFIO_DEVICE_RESET);
}

static long do_ioeventfd(struct session *s)
{
	struct vfio_device_ioeventfd arg = {
		.argsz = sizeof(arg),
		.flags = one_in(4) ? number() : 1u << draw(4),
		/*
		 * vfio-pci-core of 6.1 and 6.12 takes the highest bit for the
		 * sign of the BAR number, and reads in front of an array: with
		 * any driver, this oopses there.
		 */
		.offset = position() & INT64_MAX,
		.data = number(),
		.fd = -1,
	};
	long ret;
	int fd;

	fd = eventfd(0, EFD_CLOEXEC);
	arg.fd = one_in(4) ? (int)number() : fd;
	ret = ioctl(s->dev.fd, VFIO_DEVICE_IOEVENTFD, &arg);
	close(fd);
	return ret;
}

static void keep_file(struct session *s, int fd)
{
	int *slot = &s->files[draw(FILES)];

	if (*slot >= 0)
		close(*slot);
	*slot = fd;
	s->written = 0;
}

static long do_feature(struct session *s)
{
	union {
		struct vfio_device_feature feature;
		uint32_t words[64];
	} all;
	unsigned int i, which = one_in(2) ? STATE_FEATURE : draw(FEATURES);
	long ret;

	for (i = 0; i < ARRAY_SIZE(all.words); i++)
		all.words[i] = draw(8) ? draw(9) : number();
	all.feature.argsz = one_in(8) ? draw(sizeof(all)) : sizeof(all);
	all.feature.flags = one_in(16) ? number() :
			    which | VFIO_DEVICE_FEATURE_GET << draw(3);
	ret = ioctl(s->dev.fd, VFIO_DEVICE_FEATURE, &all);
	if (!ret && all.feature.flags == (VFIO_DEVICE_FEATURE_SET | STATE_FEATURE) &&
	    (int)all.words[3] > 2)
		keep_file(s, all.words[3]);
	return ret;
}

static long write_file(struct session *s, int fd)
{
	size_t len = 1 + draw(one_in(4) ? BIG : 256);
	long ret;

	fill(s->bytes, len);
	/* More often what it waits for, and seldom a byte of it wrong. */
	if (s->stream.len && draw(4)) {
		if (len > s->stream.len - s->written)
			len = s->stream.len - s->written;
		memcpy(s->bytes, s->stream.bytes + s->written, len);
		if (len && one_in(16))
			s->bytes[draw(len)] ^= 1 << draw(8);
	}
	ret = write(fd, s->bytes, len);
	if (ret > 0)
		s->written = (s->written + ret) % (s->stream.len + 1);
	return ret;
}

static long do_file(struct session *s)
{
	int *fd = &s->files[draw(FILES)];
	struct pollfd poll_fd = { .fd = *fd, .events = number() };
	uint64_t info[4] = { one_in(4) ? number() : sizeof(info) };
	long ret;

	if (*fd < 0)
		return NOTHING;
	switch (draw(8)) {
	case 0:
		ret = close(*fd);
		*fd = -1;
		return ret;
	case 1:
		return poll(&poll_fd, 1, 0);
	case 2:
		return ioctl(*fd, PRECOPY_INFO, info);
	case 3:
		return fcntl(*fd, F_SETFL, one_in(2) ? O_NONBLOCK : 0);
	case 4:
		return pread(*fd, s->bytes, length(), number());
	case 5:
		return read(*fd, s->bytes, length());
	default:
		return write_file(s, *fd);
	}
}

static long do_any_ioctl(struct session *s)
{
	fill(s->bytes, 256);
	*(uint32_t *)s->bytes = one_in(2) ? 64 : number();
	return ioctl(s->dev.fd, one_in(4) ? number() :
		     _IO(VFIO_TYPE, VFIO_BASE + draw(32)), s->bytes);
}

static void session_close(struct session *s)
{
	unsigned int i;

	for (i = 0; i < MAPPINGS; i++)
		unmap(&s->mappings[i]);
	if (s->open)
		bed_close(&s->dev);
	s->open = false;
}

static long do_close(struct session *s)
{
	if (draw(20))
		return NOTHING;
	session_close(s);
	if (s->subject->mend)
		s->subject->mend(s->bdf);
	s->open = !bed_open(&s->dev, s->bdf);
	return s->open ? 0 : -1;
}

/* How often each is called, in relation to the others; a reset takes 0.1 s. */
static const struct {
	unsigned int weight;
	long (*call)(struct session *s);
} calls[] = {
	{ 60, do_read }, { 60, do_write }, { 24, do_map }, { 30, do_touch },
	{ 24, do_info }, { 18, do_irqs }, { 1, do_reset }, { 12, do_ioeventfd },
	{ 45, do_feature }, { 60, do_file }, { 15, do_any_ioctl }, { 1, do_close },
};

static void call_once(struct session *s)
{
	unsigned int total = 0, at, i;
	long ret;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		total += calls[i].weight;
	do {
		at = draw(total);
		for (i = 0; at >= calls[i].weight; i++)
			at -= calls[i].weight;
		ret = calls[i].call(s);
	} while (ret == NOTHING);
	*(ret < 0 ? &s->refused : &s->good) += 1;
}

static bool session_open(struct session *s)
{
	subject_make(s->subject, s->bdf, sizeof(s->bdf));
	s->open = !bed_bind(s->bdf) && subject_claimed(s->subject, s->bdf) &&
		  !bed_open(&s->dev, s->bdf);
	return s->open;
}

/* What the random writes start from. */
static void save_stream(struct session *s)
{
	mig_stream_init(&s->stream, 1 << 20);
	if (!s->subject->migrates)
		return;
	if (mig_save(&s->dev, &s->stream) || mig_set(&s->dev, MIG_RUNNING, NULL))
		s->stream.len = 0;
}

/* In a process of its own, which all files and mappings end with. */
static void run(const struct subject *subject, unsigned int count)
{
	struct session s = { .subject = subject };
	unsigned int i;

	s.bytes = malloc(BIG);
	memset(s.files, -1, sizeof(s.files));
	if (!s.bytes || !session_open(&s))
		_exit(1);
	save_stream(&s);
	if (subject->migrates && !s.stream.len)
		_exit(2);
	for (i = 0; i < count; i++) {
		alarm(STUCK_SECONDS);
		call_once(&s);
		if (!s.open)
			_exit(3);
	}
	alarm(0);
	printf("# figure random %s calls %u good %lu refused %lu\n",
	       subject->name, count, s.good, s.refused);
	fflush(stdout);
	_exit(0);
}

/* The device of before, as good as new. */
static bool usable(const struct subject *subject)
{
	struct session s = { .subject = subject };

	if (!session_open(&s))
		return false;
	if (subject->migrates) {
		save_stream(&s);
		if (!s.stream.len)
			return false;
	}
	session_close(&s);
	return !bed_unbind(s.bdf);
}

static bool test(const struct subject *subject, unsigned int count)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		run(subject, count);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	if (status) {
		printf("# %s: %s %d\n", subject->name,
		       WIFSIGNALED(status) ? "signal" : "step",
		       WIFSIGNALED(status) ? WTERMSIG(status) :
					     WEXITSTATUS(status));
		return false;
	}
	return usable(subject);
}

int main(void)
{
	unsigned int count = subject_number("calls", CALLS);
	const struct subject *subject;
	unsigned int plan = 0;

	rng = subject_number("seed", SEED);
	ksft_print_header();
	for (subject = subjects; subject->name; subject++)
		plan += subject_wanted(subject);
	ksft_set_plan(plan);
	printf("# seed=%llu\n", (unsigned long long)rng);
	for (subject = subjects; subject->name; subject++) {
		if (!subject_wanted(subject))
			continue;
		if (!subject_built(subject))
			ksft_test_result_skip("%s: built without it\n",
					      subject->name);
		else
			ksft_test_result(test(subject, count), "%s\n",
					 subject->name);
	}
	bed_mock_remove();
	ksft_finished();
}
