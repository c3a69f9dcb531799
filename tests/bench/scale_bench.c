// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one function of many costs: time to bind, to list and to unbind, in
 * microseconds, and memory while it is bound, in bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bed.h"

#define MOST		1000
#define PER_BUS		250	/* of 256 */
#define WINDOW		0x1000000

static char bdfs[MOST][32];

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e6 + ts.tv_nsec / 1e3;
}

/* Bytes that nobody uses, once the lists of freed objects are trimmed. */
static long memory(void)
{
	const char *line;

	bed_puts("3", "/proc/sys/vm/drop_caches");
	bed_run("for s in /sys/kernel/slab/*/shrink; do echo 1 >$s; done 2>/dev/null");
	sleep(1);
	line = strstr(bed_read("/proc/meminfo"), "MemAvailable:");
	return line ? strtol(line + strlen("MemAvailable:"), NULL, 10) * 1024 : 0;
}

static void make_bus(unsigned int first, unsigned int count)
{
	char bus[16], slot[32], window[32];
	unsigned int i;

	snprintf(bus, sizeof(bus), "bus%u", first / PER_BUS);
	bed_mock_bus_at(bus, BED_PARENT);
	snprintf(window, sizeof(window), "%x %x", first / PER_BUS * WINDOW, WINDOW);
	bed_mock_bus_set(bus, "window", window);
	for (i = 0; i < count; i++) {
		snprintf(slot, sizeof(slot), "%s/%02x.%x", bus, i / 8, i % 8);
		bed_mock_function(slot, 0x1b36, 0x4242, 0xff0000);
		/* Header Type: there are more functions at this device number. */
		bed_mock_set(slot, "config", "e 1 80");
	}
	bed_mock_bus_live(bus);
	for (i = 0; i < count; i++) {
		snprintf(slot, sizeof(slot), "%s/%02x.%x", bus, i / 8, i % 8);
		snprintf(bdfs[first + i], sizeof(bdfs[0]), "%s",
			 bed_mock_bdf(slot));
	}
}

static void measure(const char *driver, unsigned int count)
{
	double start, bound, listed, unbound;
	unsigned int i, first;
	long before;

	for (first = 0; first < count; first += PER_BUS)
		make_bus(first, count - first < PER_BUS ? count - first : PER_BUS);
	before = memory();

	start = now();
	for (i = 0; i < count; i++) {
		if (bed_bind(bdfs[i])) {
			printf("bench: %s can not be bound\n", bdfs[i]);
			exit(1);
		}
	}
	bound = now() - start;
	before -= memory();

	start = now();
	if (bed_ours() && bed_run("sh /tests/vfio-pci-status >/tmp/status"))
		exit(1);
	listed = now() - start;

	start = now();
	for (i = 0; i < count; i++)
		bed_unbind(bdfs[i]);
	unbound = now() - start;

	printf("scale %s %u %.1f %.1f %.1f %ld\n", driver, count, bound / count,
	       listed / count, unbound / count, before / (long)count);
	bed_mock_remove();
}

int main(void)
{
	const char *driver = getenv("VFIO_TEST_DRIVER");

	setvbuf(stdout, NULL, _IOLBF, 0);
	/* The first to come pays for caches that grow once. */
	measure("warm-up", 10);
	measure(driver, 10);
	measure(driver, 100);
	measure(driver, MOST);
	return 0;
}
