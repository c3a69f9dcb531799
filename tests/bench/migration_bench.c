// SPDX-License-Identifier: GPL-2.0-only
/*
 * Save, load and bind a mock ConnectX VF with this driver and with mainline's,
 * in one boot. The firmware of the mock touches one word of a page, so that the
 * time is that of the drivers; what it takes itself is taken off. It runs a SAVE
 * where it is called: an adapter has a CPU of its own, and no worker to switch to.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "migration.h"

#define BUFFER	1048576
#define CGROUPS	"/tmp/cgroups"
#define KHUGEPAGED "/sys/kernel/mm/transparent_hugepage/khugepaged"
#define BATCH_KIB	256	/* MEMCG_CHARGE_BATCH of linux/memcontrol.h, in pages */
#define BARE_SIZE	(512 << 20)	/* MAX_MIGRATION_SIZE of mainline's in 6.1 */

static const char *const drivers[] = { "mlx5_vfio_pci", "vfio-pci" };
static const char *const labels[] = { "mainline", "ours" };
static char peak_file[96];
static bool bare; /* mainline's is that of 6.1, which charges memory to nobody */

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

static long free_kib(void)
{
	const char *at = strstr(bed_read("/proc/meminfo"), "MemFree:");

	return at ? strtol(at + 8, NULL, 10) : 0;
}

/*
 * A fresh group for what follows: memory that was there before, as that of the
 * stream, stays charged to the last one.
 */
static void count_memory(void)
{
	static int group;
	char path[64];

	if (!group) {
		mkdir(CGROUPS, 0755);
		bed_must(mount("none", CGROUPS, "cgroup2", 0, NULL) ? -errno : 0,
			 "mount cgroup2");
		bed_must(bed_puts("+memory", CGROUPS "/cgroup.subtree_control"),
			 "memory controller");
		/* It charges huge pages for a stream at any time. */
		bed_must(bed_puts("4000000000", KHUGEPAGED "/scan_sleep_millisecs"),
			 "khugepaged");
	}
	snprintf(path, sizeof(path), CGROUPS "/%d", ++group);
	bed_must(mkdir(path, 0755) ? -errno : 0, path);
	bed_must(bed_puts("0", "%s/cgroup.procs", path), "join a group");
	snprintf(peak_file, sizeof(peak_file), "%s/memory.peak", path);
}

struct result {
	double milliseconds;
	double firmware;
};

static double firmware_ms(void)
{
	return bed_mlx5_stat("busy_ns") / 1e6;
}

/* A timer, or what was put off in another round, must not decide on a small one. */
static unsigned int rounds(uint64_t size)
{
	const uint64_t times = (1 << 30) / size;

	return times < 200 ? times : 200;
}

static void begin(struct result *result)
{
	result->firmware -= firmware_ms();
	result->milliseconds -= now();
}

static void end(struct result *result)
{
	result->milliseconds += now();
	result->firmware += firmware_ms();
}

/* Memory is charged in batches, of which the last is not used up. */
static void report(int driver, const char *what, uint64_t size,
		   const struct result *result)
{
	double peak_kib = strtod(bed_read("%s", peak_file), NULL) / 1024;
	double ms = (result->milliseconds - result->firmware) / rounds(size);
	unsigned long long kib = size >> 10;

	printf("bench %s %s-us,%lluK %.1f\n", labels[driver], what, kib,
	       ms * 1000);
	if (!bare && kib > BATCH_KIB && peak_kib > BATCH_KIB)
		printf("bench %s %s-peak-KiB,%lluK %.0f\n", labels[driver], what, kib,
		       peak_kib - BATCH_KIB);
	fflush(stdout);
}

/* The stream in parts, of which only one is in memory unless it is kept. */
static void save(struct bed_device *dev, struct mig_stream *stream)
{
	ssize_t len;
	int fd;

	bed_must(mig_set(dev, MIG_STOP_COPY, &fd), "STOP_COPY");
	stream->len = 0;
	while ((len = read(fd, stream->bytes + stream->len, BUFFER)) > 0)
		stream->len += len;
	bed_must(len < 0 ? -errno : 0, "read");
	close(fd);
}

static void load(struct bed_device *dev, struct mig_stream *stream)
{
	size_t pos, len;
	int fd;

	bed_must(mig_set(dev, MIG_RESUMING, &fd), "RESUMING");
	for (pos = 0; pos < stream->len; pos += len) {
		len = stream->len - pos < BUFFER ? stream->len - pos : BUFFER;
		bed_must(mig_write(fd, stream->bytes + pos, len), "write");
	}
	bed_must(mig_set(dev, MIG_STOP, NULL), "STOP");
	close(fd);
}

/* From STOP to STOP_COPY, which is left outside the time. */
static void saves(struct bed_device *dev, struct mig_stream *stream,
		  unsigned int times, struct result *result)
{
	count_memory();
	while (times--) {
		bed_must(mig_set(dev, MIG_STOP, NULL), "STOP");
		begin(result);
		save(dev, stream);
		end(result);
	}
}

static void loads(struct bed_device *dev, struct mig_stream *stream,
		  unsigned int times, struct result *result)
{
	count_memory();
	while (times--) {
		begin(result);
		load(dev, stream);
		end(result);
	}
}

static void one_size(int driver, uint64_t size, bool warm)
{
	struct result saved = {}, loaded = {};
	struct mig_stream stream;
	struct bed_device dev[2];
	int i;

	for (i = 0; i < 2; i++)
		bed_must(bed_mlx5_bind(i, drivers[driver]), "bind");
	bed_must(bed_mlx5_open(&dev[0], 0), "open");
	bed_must(bed_mlx5_open_more(&dev[1], &dev[0], 1), "open");
	mig_stream_init(&stream, size + size / 8 + 4 * BUFFER);
	memset(stream.bytes, 1, stream.room);
	for (i = 0; i < 2; i++)
		bed_mlx5_knob("state_size", "%d %llu", i,
			      (unsigned long long)size);

	saves(&dev[0], &stream, rounds(size), &saved);
	if (warm)
		report(driver, "save", size, &saved);

	bed_must(mig_set(&dev[1], MIG_STOP, NULL), "STOP");
	loads(&dev[1], &stream, rounds(size), &loaded);
	if (warm)
		report(driver, "load", size, &loaded);
	bed_must(mig_set(&dev[1], MIG_RUNNING, NULL), "RUNNING");

	for (i = 0; i < 2; i++)
		bed_close(&dev[i]);
	mig_stream_free(&stream);
}

static void bind_cost(int driver)
{
	double start = 0;
	int i;

	for (i = -2; i < 20; i++) {
		if (!i)
			start = now();
		bed_must(bed_mlx5_bind(0, drivers[driver]), "bind");
		bed_mlx5_unbind(0);
	}
	printf("bench %s bind+unbind-us %.0f\n", labels[driver],
	       (now() - start) * 1000 / 20);
}

static bool mainline_has_pre_copy(void)
{
	struct bed_device dev;
	uint64_t flags;

	bed_must(bed_mlx5_bind(0, drivers[0]), "bind");
	bed_must(bed_mlx5_open(&dev, 0), "open");
	bed_must(mig_flags(&dev, &flags), "flags");
	bed_close(&dev);
	return flags & MIG_HAS_PRE_COPY;
}

int main(void)
{
	static const uint64_t sizes[] = {
		4 << 10, 8 << 20, 256 << 20, 1 << 30,
	};
	int driver, i, round;

	bed_mlx5_need();
	bed_mlx5_begin();
	bed_mlx5_knob("sparse", "1");
	bed_mlx5_knob("prompt", "1");
	for (driver = 0; driver < 2; driver++)
		bind_cost(driver);
	bare = !mainline_has_pre_copy();
	for (i = 0; i < 4; i++) {
		if (bare && sizes[i] > BARE_SIZE) {
			printf("# mainline does not take %llu KiB\n",
			       (unsigned long long)sizes[i] >> 10);
			continue;
		}
		if ((long)(sizes[i] >> 10) * 2 > free_kib()) {
			printf("# %llu KiB do not fit this VM\n",
			       (unsigned long long)sizes[i] >> 10);
			continue;
		}
		for (round = 0; round < 2; round++) {
			for (driver = 0; driver < 2; driver++)
				one_size(driver, sizes[i], round);
		}
	}
	return 0;
}
