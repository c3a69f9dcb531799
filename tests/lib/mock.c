// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bed.h"

#define MOCK	"/sys/kernel/config/pci_mock"
#define MADE	" -mindepth 1 -depth -type d ! -name nodes ! -name vf"

/* For set-up that has to work. */
void bed_must(long ret, const char *what)
{
	if (!ret)
		return;
	printf("Bail out! %s: %s\n", what, strerror(-ret));
	exit(1);
}

/* "DD.F" is on the bus that most programs need only one of; else "BUS/DD.F". */
static const char *folder(const char *slot)
{
	static char path[128];

	snprintf(path, sizeof(path), MOCK "/%s%s",
		 strcspn(slot, ".") < strcspn(slot, "/") ? "bus/" : "", slot);
	return path;
}

static void make(const char *path)
{
	bed_must(mkdir(path, 0755) ? -errno : 0, path);
}

void bed_mock_bus_at(const char *bus, const char *parent)
{
	char path[128];

	snprintf(path, sizeof(path), MOCK "/%s", bus);
	make(path);
	bed_mock_bus_set(bus, "parent", parent);
}

void bed_mock_bus(void)
{
	bed_mock_bus_at("bus", BED_PARENT);
}

void bed_mock_bus_set(const char *bus, const char *attr, const char *value)
{
	bed_must(bed_puts(value, MOCK "/%s/%s", bus, attr), attr);
}

int bed_mock_try(const char *slot, const char *attr, const char *value)
{
	return bed_puts(value, "%s/%s", folder(slot), attr);
}

#define FORMAT(text, fmt) \
	do { \
		va_list args; \
		va_start(args, fmt); \
		vsnprintf(text, sizeof(text), fmt, args); \
		va_end(args); \
	} while (0)

void bed_mock_set(const char *slot, const char *attr, const char *fmt, ...)
{
	char value[4096];

	FORMAT(value, fmt);
	bed_must(bed_mock_try(slot, attr, value), attr);
}

void bed_mock_function(const char *slot, unsigned int vendor,
		       unsigned int device, unsigned int class)
{
	make(folder(slot));
	bed_mock_set(slot, "vendor", "%x", vendor);
	bed_mock_set(slot, "device", "%x", device);
	bed_mock_set(slot, "class", "%x", class);
}

unsigned int bed_mock_resets(const char *slot)
{
	return strtoul(bed_read("%s/resets", folder(slot)), NULL, 10);
}

/* A child that resets the function by way of sysfs, and has begun to. */
pid_t bed_reset_begun(const char *slot, const char *bdf)
{
	unsigned int before = bed_mock_resets(slot);
	pid_t pid = fork();
	int i;

	if (!pid)
		_exit(bed_puts("1", BED_DEVICES "/%s/reset", bdf) ? 1 : 0);
	for (i = 0; i < 5000 && bed_mock_resets(slot) == before; i++)
		usleep(1000);
	return pid;
}

/*
 * 0 if the reset is done, in the moment in which this is called: an FLR takes the
 * kernel 100 ms.
 */
int bed_reset_done(pid_t pid)
{
	int status, ret = -EBUSY;

	usleep(40000);
	if (waitpid(pid, &status, WNOHANG) == pid)
		return status ? -EIO : 0;
	waitpid(pid, &status, 0);
	return ret;
}

void bed_mock_bus_live(const char *bus)
{
	bed_must(bed_puts("1", MOCK "/%s/live", bus), "bring the mock bus up");
}

void bed_mock_live(void)
{
	bed_mock_bus_live("bus");
}

/* Also of a VF, which has no folder of its own. */
const char *bed_mock_bdf(const char *slot)
{
	const char *slash = strchr(slot, '/');
	const char *bus = slash ? slot : "bus";
	static char bdf[32];
	unsigned int domain;

	domain = strtoul(bed_read(MOCK "/%.*s/domain", (int)strcspn(bus, "/"),
				  bus), NULL, 16);
	snprintf(bdf, sizeof(bdf), "%04x:00:%s", domain,
		 slash ? slash + 1 : slot);
	return bdf;
}

/* Where a PF was: the next bus may have an ISA bridge, as vm/vmtest.sh explains. */
static void pass_dma_through(const char *parent)
{
	if (!strcmp(bed_read(BED_GROUP_TYPE, parent), "DMA\n"))
		bed_must(bed_puts("identity", BED_GROUP_TYPE, parent), "group type");
}

/* Every bus, and the firmware nodes. */
void bed_mock_remove(void)
{
	bed_run("for l in " MOCK "/*/live; do echo 0 >$l; done 2>/dev/null");
	bed_run("find " MOCK MADE " -exec rmdir {} ';'");
	pass_dma_through(BED_PARENT);
	pass_dma_through(BED_PARENT_3);
}

void bed_node(const char *path)
{
	char full[128];

	snprintf(full, sizeof(full), MOCK "/nodes/%s", path);
	make(full);
}

void bed_node_set(const char *path, const char *attr, const char *fmt, ...)
{
	char value[4096];

	FORMAT(value, fmt);
	bed_must(bed_puts(value, MOCK "/nodes/%s/%s", path, attr), attr);
}

int bed_node_attach(const char *path, const char *bdf)
{
	return bed_puts(bdf, MOCK "/nodes/%s/attach", path);
}

/*
 * What a driver sees of the properties of a function: "KIND PROPERTY" or
 * "children". The answer, or the message of the error.
 */
const char *bed_node_query(const char *function, const char *question)
{
	char text[256];
	int ret;

	snprintf(text, sizeof(text), "%s %s", function, question);
	ret = bed_puts(text, MOCK "/nodes/query");
	return ret ? strerror(-ret) : bed_read(MOCK "/nodes/query");
}

/* Put a table where firmware would. */
void bed_firmware(uint64_t addr, const void *data, size_t len)
{
	int fd = open("/dev/mem", O_RDWR | O_SYNC);
	void *mem;

	bed_must(fd < 0 ? -errno : 0, "/dev/mem");
	mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, addr);
	bed_must(mem == MAP_FAILED ? -errno : 0, "map the firmware table");
	memcpy(mem, data, len);
	munmap(mem, len);
	close(fd);
}
