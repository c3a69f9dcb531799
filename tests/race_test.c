// SPDX-License-Identifier: GPL-2.0-only
/*
 * What may happen at the same time, happening at the same time, over and over.
 * The kernel is the judge: a report of it fails the run. Here, only what users
 * see is: an answer that makes no sense, a hang, or a device that is unusable
 * after.
 *
 * rounds= on the kernel command line: of the first actor of each race, whose
 * steps take longest; the others go on until it is done.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bed.h"
#include "kselftest.h"

#define ACTORS		4
#define ERRNOS		134
#define STUCK_SECONDS	180
#define PRESENT		"/sys/kernel/config/pci_mock/bus/02.0/present"
#define NONSENSE	ERRNOS	/* as an outcome: what no user may ever see */

static char bdf[32], vf[32], pf[32];
static char module[256];

struct outcomes {
	unsigned long steps;
	unsigned long by_errno[ERRNOS + 1];
};

static struct {
	volatile bool stop;
	struct outcomes outcomes[ACTORS];
} *shared;

/* Steps of actors: 0, or -errno. */

static int bind(const char *who)
{
	return bed_puts(who, BED_DRIVER "/bind");
}

static int unbind(const char *who)
{
	return bed_puts(who, BED_DRIVER "/unbind");
}

static int step_bind_unbind(void)
{
	int ret = bind(bdf);

	return ret ?: unbind(bdf);
}

static int step_open_close(void)
{
	struct bed_device dev;
	int ret = bed_open(&dev, bdf);

	if (!ret)
		bed_close(&dev);
	return ret;
}

/* Configuration space, a BAR by read() and by mmap(). */
static int step_access(void)
{
	struct vfio_region_info info;
	struct bed_device dev;
	uint16_t command = 6;
	char bytes[64];
	void *mem;
	int ret;

	ret = bed_open(&dev, bdf);
	if (ret)
		return ret;
	bed_region(&dev, VFIO_PCI_CONFIG_REGION_INDEX, &info);
	bed_pread(&dev, bytes, sizeof(bytes), info.offset);
	bed_pwrite(&dev, &command, sizeof(command), info.offset + 4);
	bed_region(&dev, VFIO_PCI_BAR0_REGION_INDEX, &info);
	bed_pread(&dev, bytes, 8, info.offset);
	mem = mmap(NULL, 4096, PROT_READ, MAP_SHARED, dev.fd, info.offset);
	if (mem != MAP_FAILED)
		munmap(mem, 4096);
	bed_close(&dev);
	return 0;
}

static int step_parameter(void)
{
	static const char *const values[] = {
		"on", "off", "igd", "-igd", "generic", "nonsense"
	};
	static unsigned int turn;
	const char *value = values[turn++ % ARRAY_SIZE(values)];
	int ret = bed_puts(value, BED_PARAMETER);

	/* The last is refused; it counts as done. */
	if (*value == 'n')
		return ret == -EINVAL ? 0 : ret ?: -NONSENSE;
	return ret;
}

/* All of a line, or nothing because there is no file. */
static int step_sysfs(void)
{
	static const char *const names[] = { "vendor_ops", "vendor_ops_log" };
	static unsigned int turn;
	const char *text, *name = names[turn++ % 2];
	size_t len;

	text = bed_read(BED_DEVICES "/%s/vfio_pci/%s", bdf, name);
	len = strlen(text);
	if (!len)
		return -ENOENT;
	if (text[len - 1] != '\n')
		return -NONSENSE;
	if (!strcmp(name, "vendor_ops"))
		return strcmp(text, "igd\n") && strcmp(text, "generic\n") ?
		       -NONSENSE : 0;
	return strstr(text, "igd: selected") || strstr(text, "generic: selected") ?
	       0 : -NONSENSE;
}

static int step_unload(void)
{
	int fd, ret = 0;

	/* Not at every turn, or the others would find no driver. */
	usleep(20000);
	if (syscall(SYS_delete_module, "vfio_pci", O_NONBLOCK))
		return -errno;
	fd = open(module, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		ret = -errno;
	close(fd);
	bed_puts("1", BED_PARAMETERS "/enable_sriov");
	return ret == -EEXIST ? 0 : ret;
}

static int step_unplug(void)
{
	int ret = bed_puts("0", PRESENT);

	ret = bed_puts("1", PRESENT) ?: ret;
	bed_puts("vfio-pci", BED_DEVICES "/%s/driver_override", bdf);
	bind(bdf);
	return ret;
}

static int step_vfs(void)
{
	int ret = bed_puts("2", BED_DEVICES "/%s/sriov_numvfs", pf);

	return bed_puts("0", BED_DEVICES "/%s/sriov_numvfs", pf) ?: ret;
}

static int step_pf(void)
{
	bed_puts("vfio-pci", BED_DEVICES "/%s/driver_override", pf);
	return bind(pf) ?: unbind(pf);
}

static int step_pf_bound(void)
{
	int ret = bind(pf);

	usleep(50000);
	return ret;
}

static int step_vf_bind(void)
{
	bed_puts("vfio-pci", BED_DEVICES "/%s/driver_override", vf);
	return bind(vf) ?: unbind(vf);
}

static int step_vf_open(void)
{
	struct bed_device dev;
	int ret = bed_open(&dev, vf);

	if (!ret)
		bed_close(&dev);
	return ret;
}

static int step_reset_by_user(void)
{
	struct bed_device dev;
	int ret, i;

	ret = bed_open(&dev, BED_E1000E);
	if (ret)
		return ret;
	for (i = 0; i < 4 && !ret; i++)
		ret = ioctl(dev.fd, VFIO_DEVICE_RESET) ? -errno : 0;
	bed_close(&dev);
	return ret;
}

static int step_reset_by_root(void)
{
	return bed_puts("1", BED_DEVICES "/" BED_E1000E "/reset");
}

static int step_e1000e_read(void)
{
	struct vfio_region_info info;
	struct bed_device dev;
	uint32_t word;
	int ret;

	ret = bed_open(&dev, BED_E1000E);
	if (ret)
		return ret;
	bed_region(&dev, VFIO_PCI_CONFIG_REGION_INDEX, &info);
	bed_pread(&dev, &word, 4, info.offset);
	bed_close(&dev);
	return 0;
}

static int step_e1000e_bind(void)
{
	usleep(5000);
	return bind(BED_E1000E) ?: unbind(BED_E1000E);
}

struct actor {
	const char *name;
	int (*step)(void);
};

static const struct race {
	const char *name;
	const char *subject;
	struct actor actors[ACTORS];
} races[] = {
	{ "bind-open", "igd", {
		{ "bind+unbind", step_bind_unbind },
		{ "open+close", step_open_close },
		{ "access", step_access },
		{ "unload", step_unload } } },
	{ "parameter-bind", "igd", {
		{ "bind+unbind", step_bind_unbind },
		{ "parameter", step_parameter },
		{ "sysfs", step_sysfs },
		{ "unload", step_unload } } },
	{ "sysfs-unbind", "igd", {
		{ "bind+unbind", step_bind_unbind },
		{ "sysfs", step_sysfs },
		{ "sysfs-too", step_sysfs },
		{ "unload", step_unload } } },
	{ "removal-open", "igd", {
		{ "unplug+plug", step_unplug },
		{ "access", step_access },
		{ "sysfs", step_sysfs },
		{ "unload", step_unload } } },
	{ "vfs-bind", "", {
		{ "vfs+none", step_vfs },
		{ "vf-bind+unbind", step_vf_bind },
		{ "vf-open+close", step_vf_open },
		{ "pf-bind", step_pf_bound } } },
	{ "pf-unbind-vfs", "", {
		{ "pf-bind+unbind", step_pf },
		{ "vfs+none", step_vfs },
		{ "vf-bind+unbind", step_vf_bind },
		{ "unload", step_unload } } },
	{ "reset-storm", "", {
		{ "reset-by-user", step_reset_by_user },
		{ "reset-by-root", step_reset_by_root },
		{ "access", step_e1000e_read },
		{ "bind+unbind", step_e1000e_bind } } },
};

static void act(const struct actor *actor, struct outcomes *outcomes)
{
	int ret;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!shared->stop) {
		ret = -actor->step();
		if (ret < 0 || ret > ERRNOS)
			ret = NONSENSE;
		outcomes->by_errno[ret]++;
		outcomes->steps++;
	}
	_exit(0);
}

/* False if the first actor gets nowhere. */
static bool wait_for_rounds(unsigned int rounds)
{
	unsigned long seen = 0, now;
	int idle = 0;

	while ((now = shared->outcomes[0].steps) < rounds) {
		idle = now == seen ? idle + 1 : 0;
		if (idle > STUCK_SECONDS * 10)
			return false;
		seen = now;
		usleep(100000);
	}
	return true;
}

/* All must end by themselves: who hangs in the kernel can not be killed. */
static bool gather(const pid_t *pids)
{
	int i, tries, ended = 0;
	bool gone[ACTORS] = {};

	for (tries = 0; tries < STUCK_SECONDS * 10; tries++) {
		for (i = 0; i < ACTORS; i++) {
			if (!gone[i] && waitpid(pids[i], NULL, WNOHANG)) {
				gone[i] = true;
				ended++;
			}
		}
		if (ended == ACTORS)
			return true;
		usleep(100000);
	}
	for (i = 0; i < ACTORS; i++) {
		if (!gone[i])
			kill(pids[i], SIGKILL);
	}
	return false;
}

static bool print_outcomes(const struct race *race)
{
	bool sane = true;
	int i, code;

	for (i = 0; i < ACTORS; i++) {
		const struct outcomes *outcomes = &shared->outcomes[i];

		printf("# figure race %s %s steps %lu",
		       race->name, race->actors[i].name, outcomes->steps);
		for (code = 0; code <= ERRNOS; code++) {
			if (!outcomes->by_errno[code])
				continue;
			printf(" %s %lu", code == NONSENSE ? "NONSENSE" :
			       code ? strerrorname_np(code) : "good",
			       outcomes->by_errno[code]);
		}
		printf("\n");
		/* Who never got through raced with nobody. */
		if (outcomes->by_errno[NONSENSE] || !outcomes->by_errno[0])
			sane = false;
	}
	return sane;
}

/* After all that, the same device does what it should. */
static bool usable(const char *who, bool ours)
{
	struct bed_device dev;
	int ret;

	if (!bed_exists("/sys/module/vfio_pci"))
		bed_run("modprobe vfio-pci");
	if (bed_ours())
		bed_puts("on", BED_PARAMETER);
	if (bed_exists(BED_DRIVER "/%s", who))
		unbind(who);
	if (bed_bind(who))
		return false;
	if (bed_ours() && ours &&
	    strcmp(bed_read(BED_DEVICES "/%s/vfio_pci/vendor_ops", who), "igd\n"))
		return false;
	ret = bed_open(&dev, who);
	if (ret)
		return false;
	bed_close(&dev);
	return !bed_unbind(who);
}

static void find_vf(void)
{
	char path[128], link[128] = "";

	bed_bind(pf);
	bed_puts("1", BED_DEVICES "/%s/sriov_numvfs", pf);
	snprintf(path, sizeof(path), BED_DEVICES "/%s/virtfn0", pf);
	if (readlink(path, link, sizeof(link) - 1) > 0)
		snprintf(vf, sizeof(vf), "%.31s", strrchr(link, '/') + 1);
	bed_puts("0", BED_DEVICES "/%s/sriov_numvfs", pf);
}

static bool prepare(const struct race *race)
{
	unsigned int i;

	bed_load("enable_sriov=1");
	for (i = 0; i < bed_subject_count; i++) {
		if (strcmp(race->subject, bed_subjects[i].name))
			continue;
		snprintf(bdf, sizeof(bdf), "%s",
			 bed_subject_make(&bed_subjects[i]));
		bed_puts("vfio-pci", BED_DEVICES "/%s/driver_override", bdf);
		return true;
	}

	snprintf(pf, sizeof(pf), "%s", bed_sriov_pf());
	find_vf();
	bed_puts("vfio-pci", BED_DEVICES "/" BED_E1000E "/driver_override");
	bind(BED_E1000E);
	return vf[0];
}

static bool skip_actor(const struct actor *actor)
{
	return !bed_ours() &&
	       (actor->step == step_parameter || actor->step == step_sysfs);
}

static bool run(const struct race *race, unsigned int rounds)
{
	pid_t pids[ACTORS];
	bool going, ended, sane;
	const char *who;
	int i;

	memset(shared, 0, sizeof(*shared));
	for (i = 0; i < ACTORS; i++) {
		pids[i] = fork();
		if (!pids[i])
			act(&race->actors[i], &shared->outcomes[i]);
	}
	going = wait_for_rounds(rounds);
	shared->stop = true;
	ended = gather(pids);
	sane = print_outcomes(race);
	if (!going || !ended) {
		printf("# %s: %s\n", race->name, going ? "an actor hangs" : "no progress");
		bed_run("echo w >/proc/sysrq-trigger");
		return false;
	}

	who = race->subject[0] ? bdf : strcmp(race->name, "reset-storm") ? pf : BED_E1000E;
	if (!usable(who, race->subject[0])) {
		printf("# %s: %s is not usable any more\n", race->name, who);
		return false;
	}
	return sane;
}

int main(void)
{
	unsigned int rounds = bed_number("rounds", 100);
	struct utsname uts;
	size_t i;
	int actor;

	uname(&uts);
	snprintf(module, sizeof(module), "/lib/modules/%s/%s/vfio-pci.ko",
		 uts.release, bed_ours() ? "updates/dkms" : "kernel/drivers/vfio/pci");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;

	ksft_print_header();
	ksft_set_plan(ARRAY_SIZE(races));
	for (i = 0; i < ARRAY_SIZE(races); i++) {
		for (actor = 0; actor < ACTORS; actor++) {
			if (skip_actor(&races[i].actors[actor]))
				break;
		}
		if (actor < ACTORS)
			ksft_test_result_skip("%s: in-tree has no vendor ops\n",
					      races[i].name);
		else if (!prepare(&races[i]))
			ksft_test_result_fail("%s: set-up\n", races[i].name);
		else
			ksft_test_result(run(&races[i], rounds), "%s\n",
					 races[i].name);
		bed_mock_remove();
		fflush(stdout);
	}
	ksft_finished();
}
