// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bed.h"

/* Is the driver under test this project's, or that of the kernel? */
bool bed_ours(void)
{
	const char *driver = getenv("VFIO_TEST_DRIVER");

	return !driver || !strncmp(driver, "ours", 4);
}

/* And are the vendors in it that not every build has? */
bool bed_ours_all(void)
{
	const char *driver = getenv("VFIO_TEST_DRIVER");

	return driver && !strcmp(driver, "ours-all");
}

/* Or is it a variant driver of mainline? */
bool bed_mainline(void)
{
	const char *driver = getenv("VFIO_TEST_DRIVER");

	return driver && !strcmp(driver, "mainline");
}

/* And is virtio? By default, if the headers had admin commands. */
bool bed_ours_virtio(void)
{
	return bed_ours_all() ||
	       (bed_ours() &&
		!bed_run("grep -q '^alias vfio_pci:v00001AF4d' /lib/modules/*/modules.alias"));
}

/* For programs that have nothing to test in the driver of the kernel. */
void bed_need_ours(void)
{
	if (bed_ours())
		return;
	printf("TAP version 13\n1..0 # SKIP in-tree has no vendor ops\n");
	exit(4);
}

static int write_all(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, data, len) != (ssize_t)len)
		ret = -errno;
	close(fd);
	return ret;
}

#define FORMAT_PATH(path, fmt) \
	do { \
		va_list args; \
		va_start(args, fmt); \
		vsnprintf(path, sizeof(path), fmt, args); \
		va_end(args); \
	} while (0)

int bed_write(const void *data, size_t len, const char *fmt, ...)
{
	char path[256];

	FORMAT_PATH(path, fmt);
	return write_all(path, data, len);
}

int bed_puts(const char *text, const char *fmt, ...)
{
	char path[256];

	FORMAT_PATH(path, fmt);
	return write_all(path, text, strlen(text));
}

/* The text of a file, in a static buffer; "" if it can not be read. */
const char *bed_read(const char *fmt, ...)
{
	static char buf[8192];
	char path[256];
	ssize_t len = 0;
	int fd;

	FORMAT_PATH(path, fmt);
	fd = open(path, O_RDONLY);
	if (fd >= 0) {
		len = read(fd, buf, sizeof(buf) - 1);
		close(fd);
	}
	buf[len > 0 ? len : 0] = '\0';
	return buf;
}

/* The vendor that a function is with, and a newline; likewise. */
const char *bed_vendor(const char *bdf)
{
	return bed_read(BED_DEVICES "/%s/vfio_pci/vendor_ops", bdf);
}

/* Why it is with that one; likewise. */
const char *bed_vendor_log(const char *bdf)
{
	return bed_read(BED_DEVICES "/%s/vfio_pci/vendor_ops_log", bdf);
}

bool bed_exists(const char *fmt, ...)
{
	char path[256];

	FORMAT_PATH(path, fmt);
	return !access(path, F_OK);
}

/* As libvirt does it. Returns 0 when the function ends at @driver. */
int bed_bind_to(const char *bdf, const char *driver)
{
	int ret;

	ret = bed_puts(driver, BED_DEVICES "/%s/driver_override", bdf);
	if (ret)
		return ret;
	ret = bed_puts(bdf, "/sys/bus/pci/drivers_probe");
	if (ret)
		return ret;
	return bed_exists("/sys/bus/pci/drivers/%s/%s", driver, bdf) ? 0 :
	       -ENODEV;
}

int bed_bind(const char *bdf)
{
	return bed_bind_to(bdf, "vfio-pci");
}

int bed_unbind(const char *bdf)
{
	bed_puts("\n", BED_DEVICES "/%s/driver_override", bdf);
	return bed_puts(bdf, BED_DEVICES "/%s/driver/unbind", bdf);
}

int bed_run(const char *command)
{
	int status = system(command);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool bed_kernel_has(const char *symbol)
{
	char command[128];

	snprintf(command, sizeof(command), "grep -qw %s /proc/kallsyms", symbol);
	return !bed_run(command);
}

/* Messages of the kernel from now on. */
int bed_kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	if (fd < 0 || lseek(fd, 0, SEEK_END) < 0)
		exit(1);
	return fd;
}

/*
 * How many messages have @needle in them, of those not read yet; @text
 * receives the last.
 */
int bed_kmsg_find(int fd, const char *needle, char *text, size_t size)
{
	char record[8192];
	int count = 0;
	ssize_t len;

	while ((len = read(fd, record, sizeof(record) - 1)) > 0) {
		record[len] = '\0';
		if (strstr(record, needle)) {
			count++;
			snprintf(text, size, "%s", record);
		}
	}
	return count;
}

int bed_kmsg_count(int fd, const char *needle)
{
	return bed_kmsg_find(fd, needle, NULL, 0);
}

/* Load the module anew. Returns the status of modprobe. */
int bed_load(const char *options)
{
	char command[8192];

	if (bed_exists("/sys/module/vfio_pci") && bed_run("rmmod vfio_pci"))
		return -1;
	snprintf(command, sizeof(command), "modprobe vfio-pci %s 2>/dev/null",
		 options);
	return bed_run(command);
}

/* The class code of a function, with its interface. */
unsigned int bed_class(const char *bdf)
{
	return strtoul(bed_read(BED_DEVICES "/%s/class", bdf), NULL, 16);
}

/* The function of the machine that is number @nth of those wanted, from 0 on. */
bool bed_find(bool (*wanted)(const char *bdf), unsigned int nth, char *bdf,
	      size_t size)
{
	DIR *dir = opendir(BED_DEVICES);
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !wanted(entry->d_name) || nth--)
			continue;
		found = true;
		snprintf(bdf, size, "%.31s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

static bool has_vfs(const char *bdf)
{
	return bed_exists(BED_DEVICES "/%s/sriov_totalvfs", bdf);
}

/* A function of the machine that can have VFs; "" if there is none. */
const char *bed_sriov_pf(void)
{
	static char bdf[32];

	bdf[0] = '\0';
	bed_find(has_vfs, 0, bdf, sizeof(bdf));
	return bdf;
}
