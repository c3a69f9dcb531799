// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bed.h"
#include "vmm.h"

#define QEMU	"/tests/qemu/"
#define SECONDS	120

bool vmm_is_there(void)
{
	return bed_exists(QEMU "guest");
}

static const char *file_of(struct vmm *vmm, const char *suffix)
{
	static char path[64];

	snprintf(path, sizeof(path), "/tmp/%s.%s", vmm->name, suffix);
	return path;
}

static void be_qemu(struct vmm *vmm, const char *bdf, unsigned int flags,
		    const char *incoming)
{
	char device[192], console[80], monitor[96];
	const char *argv[40] = {
		QEMU "ld-linux-x86-64.so.2", "--library-path", QEMU,
		QEMU "qemu-system-x86_64", "-L", QEMU, "-M", "q35", "-accel", "tcg",
		"-m", "32", "-nodefaults", "-display", "none", "-no-reboot",
		"-kernel", QEMU "guest", "-debugcon", console, "-qmp", monitor,
		"-device", device
	};
	const char **end = argv;
	int fd;

	/* A test that takes too long is killed, and can end nothing. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(device, sizeof(device), "vfio-pci,sysfsdev=" BED_DEVICES
		 "/%s%s%s,addr=2.0", bdf,
		 flags & VMM_IOMMUFD ? ",iommufd=iommufd0" : "",
		 flags & VMM_WITHOUT_LOG ? ",enable-migration=on" : "");
	while (*end)
		end++;
	if (flags & VMM_IOMMUFD) {
		*end++ = "-object";
		*end++ = "iommufd,id=iommufd0";
	}
	if (incoming) {
		*end++ = "-incoming";
		*end++ = incoming;
	}
	snprintf(console, sizeof(console), "file:%s", file_of(vmm, "console"));
	snprintf(monitor, sizeof(monitor), "unix:%s,server=on,wait=off",
		 file_of(vmm, "qmp"));
	fd = open(file_of(vmm, "log"), O_CREAT | O_TRUNC | O_WRONLY, 0600);
	dup2(fd, 1);
	dup2(fd, 2);
	execv(argv[0], (char *const *)argv);
	perror(argv[0]);
	_exit(127);
}

static int connect_to(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	close(fd);
	return -1;
}

/* A line, without its end; what QEMU sends is one object a line. */
static int read_line(int fd, char *line, size_t size)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	size_t len = 0;

	while (len + 1 < size) {
		if (poll(&poll_fd, 1, SECONDS * 1000) != 1)
			return -ETIMEDOUT;
		if (read(fd, line + len, 1) != 1)
			return -EPIPE;
		if (line[len] == '\n')
			break;
		len++;
	}
	line[len] = '\0';
	return 0;
}

/* The answer, whole; "" if there is none. */
static const char *execute(struct vmm *vmm, const char *command)
{
	static char line[16384];

	if (send(vmm->qmp, command, strlen(command), MSG_NOSIGNAL) < 0)
		return "";
	while (!read_line(vmm->qmp, line, sizeof(line))) {
		if (!strncmp(line, "{\"return\"", 9))
			return line;
		if (!strncmp(line, "{\"error\"", 8)) {
			printf("# %s: %s: %s\n", vmm->name, command, line);
			return line;
		}
	}
	return "";
}

int vmm_do_well(struct vmm *vmm, const char *fmt, ...)
{
	char command[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	return strncmp(execute(vmm, command), "{\"return\"", 9) ? -EIO : 0;
}

static int wait_for_monitor(struct vmm *vmm)
{
	unsigned int i;
	int status;

	for (i = 0; i < SECONDS * 10; i++) {
		vmm->qmp = connect_to(file_of(vmm, "qmp"));
		if (vmm->qmp >= 0)
			return vmm_do_well(vmm, "{\"execute\":\"qmp_capabilities\"}");
		if (waitpid(vmm->pid, &status, WNOHANG) == vmm->pid) {
			vmm->pid = 0;
			return -ECHILD;
		}
		usleep(100000);
	}
	return -ETIMEDOUT;
}

static int allow(struct vmm *vmm, const char *capability)
{
	return vmm_do_well(vmm, VMM_EXECUTE("migrate-set-capabilities",
			   "\"capabilities\":[{\"capability\":\"%s\",\"state\":true}]"),
			   capability);
}

/* With the VF @bdf. @flags: VMM_*. */
int vmm_start(struct vmm *vmm, const char *name, const char *bdf,
	      unsigned int flags, const char *incoming)
{
	int ret;

	vmm->name = name;
	vmm->qmp = -1;
	unlink(file_of(vmm, "qmp"));
	unlink(file_of(vmm, "console"));
	vmm->pid = fork();
	if (vmm->pid < 0)
		return -errno;
	if (!vmm->pid)
		be_qemu(vmm, bdf, flags, incoming ? "defer" : NULL);

	ret = wait_for_monitor(vmm);
	ret = ret ?: allow(vmm, "return-path");
	if (flags & VMM_PRE_COPY)
		ret = ret ?: allow(vmm, "switchover-ack");
	if (incoming)
		ret = ret ?: vmm_do_well(vmm, VMM_EXECUTE("migrate-incoming", "\"uri\":\"%s\""),
					 incoming);
	if (ret)
		vmm_log(vmm);
	return ret;
}

void vmm_end(struct vmm *vmm)
{
	if (vmm->pid) {
		kill(vmm->pid, SIGKILL);
		waitpid(vmm->pid, NULL, 0);
	}
	if (vmm->qmp >= 0)
		close(vmm->qmp);
	vmm->pid = 0;
	vmm->qmp = -1;
}

static const char *ask(struct vmm *vmm)
{
	return execute(vmm, "{\"execute\":\"query-migrate\"}");
}

/* The value of "status" in what query-migrate returns. */
const char *vmm_migration(struct vmm *vmm)
{
	const char *at = strstr(ask(vmm), "\"status\": \"");
	static char status[32];

	status[0] = '\0';
	if (at)
		sscanf(at, "\"status\": \"%31[a-z-]", status);
	return status;
}

/* The number behind @key in what query-migrate returns, or -1. */
long vmm_migrated(struct vmm *vmm, const char *key)
{
	const char *at = strstr(ask(vmm), key);

	return at ? atol(at + strlen(key)) : -1;
}

/* How it ended, or how it is after the time that it may take. */
static const char *migration_end(struct vmm *vmm)
{
	const char *now = "";
	unsigned int i;

	for (i = 0; i < SECONDS * 10; i++) {
		now = vmm_migration(vmm);
		if (!strcmp(now, "completed") || !strcmp(now, "failed") ||
		    !strcmp(now, "cancelled"))
			break;
		usleep(100000);
	}
	return now;
}

/* 0 once it has ended as @status says. */
int vmm_migration_wait(struct vmm *vmm, const char *status)
{
	const char *now = migration_end(vmm);

	if (!strcmp(now, status))
		return 0;
	printf("# %s: migration is '%s', wanted '%s'\n", vmm->name, now, status);
	vmm_log(vmm);
	return -EIO;
}

/*
 * "failed" is as good an end as "cancelled": QEMU closes the way back from the far
 * end before it notes that this is wanted, and may see the one before the other.
 */
int vmm_migration_cancel(struct vmm *vmm)
{
	const char *now;

	if (vmm_do_well(vmm, "{\"execute\":\"migrate_cancel\"}"))
		return -EIO;
	now = migration_end(vmm);
	return strcmp(now, "cancelled") && strcmp(now, "failed") ? -EIO : 0;
}

static bool parse_tick(const char *line, struct vmm_tick *tick)
{
	return strchr(line, '\n') &&
	       sscanf(line, "tick %u vhca %u run %u resets %u loads %u",
		      &tick->tick, &tick->vhca, &tick->run, &tick->resets,
		      &tick->loads) == 5;
}

/* The last line; -EBADMSG if the guest found something to be different. */
int vmm_tick(struct vmm *vmm, struct vmm_tick *tick)
{
	int fd = open(file_of(vmm, "console"), O_RDONLY);
	char text[1024] = "", *at;
	int ret = -EAGAIN;

	if (fd < 0)
		return -errno;
	if (lseek(fd, 1 - (off_t)sizeof(text), SEEK_END) < 0)
		lseek(fd, 0, SEEK_SET);
	if (read(fd, text, sizeof(text) - 1) < 0)
		ret = -errno;
	close(fd);

	for (at = text; (at = strstr(at, "tick ")); at++) {
		if (parse_tick(at, tick))
			ret = 0;
	}
	at = strstr(text, "differs");
	if (!at)
		return ret;
	printf("# %s: guest: %s\n", vmm->name, at);
	return -EBADMSG;
}

/* The first line that this QEMU had the whole of. */
int vmm_first_tick(struct vmm *vmm, struct vmm_tick *tick)
{
	const char *at = bed_read("%s", file_of(vmm, "console"));

	for (; (at = strstr(at, "tick ")); at++) {
		if (parse_tick(at, tick))
			return 0;
	}
	return -EAGAIN;
}

/* Until the guest is at @tick or beyond. */
int vmm_tick_wait(struct vmm *vmm, unsigned int tick, struct vmm_tick *now)
{
	unsigned int i;
	int ret = -ETIMEDOUT;

	for (i = 0; i < SECONDS * 10; i++) {
		ret = vmm_tick(vmm, now);
		if (!ret && now->tick >= tick)
			return 0;
		if (ret == -EBADMSG)
			return ret;
		usleep(100000);
	}
	printf("# %s: no tick %u: %d\n", vmm->name, tick, ret);
	return -ETIMEDOUT;
}

void vmm_log(struct vmm *vmm)
{
	const char *text = bed_read("%s", file_of(vmm, "log"));

	printf("# %s: %s\n", vmm->name, text);
}
