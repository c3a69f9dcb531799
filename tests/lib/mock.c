// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bed.h"

#define MOCK	"/sys/kernel/config/pci_mock/bus"

static void must(int ret, const char *what)
{
	if (!ret)
		return;
	printf("# %s: %s\n", what, strerror(-ret));
	exit(1);
}

void bed_mock_bus(void)
{
	must(mkdir(MOCK, 0755) ? -errno : 0, "mkdir " MOCK);
	must(bed_puts(BED_PARENT, MOCK "/parent"), "parent of the mock bus");
}

void bed_mock_set(const char *slot, const char *attr, const char *fmt, ...)
{
	char value[64];
	va_list args;

	va_start(args, fmt);
	vsnprintf(value, sizeof(value), fmt, args);
	va_end(args);
	must(bed_puts(value, MOCK "/%s/%s", slot, attr), attr);
}

void bed_mock_function(const char *slot, unsigned int vendor,
		       unsigned int device, unsigned int class)
{
	char path[64];

	snprintf(path, sizeof(path), MOCK "/%s", slot);
	must(mkdir(path, 0755) ? -errno : 0, path);
	bed_mock_set(slot, "vendor", "%x", vendor);
	bed_mock_set(slot, "device", "%x", device);
	bed_mock_set(slot, "class", "%x", class);
}

void bed_mock_live(void)
{
	must(bed_puts("1", MOCK "/live"), "bring the mock bus up");
}

const char *bed_mock_bdf(const char *slot)
{
	static char bdf[32];
	unsigned int domain = strtoul(bed_read(MOCK "/domain"), NULL, 16);

	snprintf(bdf, sizeof(bdf), "%04x:00:%s", domain, slot);
	return bdf;
}

void bed_mock_remove(void)
{
	if (!bed_exists(MOCK))
		return;
	bed_puts("0", MOCK "/live");
	bed_run("rmdir " MOCK "/*.* " MOCK);
}

/* Put a table where firmware would. */
void bed_firmware(uint64_t addr, const void *data, size_t len)
{
	int fd = open("/dev/mem", O_RDWR | O_SYNC);
	void *mem;

	must(fd < 0 ? -errno : 0, "/dev/mem");
	mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, addr);
	must(mem == MAP_FAILED ? -errno : 0, "map the firmware table");
	memcpy(mem, data, len);
	munmap(mem, len);
	close(fd);
}
