// SPDX-License-Identifier: GPL-2.0-only
/*
 * What may happen at the same time, happening at the same time, over and over.
 * The kernel is the judge: a report of it fails the run. Here, only what users
 * see is: an answer that makes no sense, a hang, or a device that is unusable
 * after.
 *
 * On the kernel command line: race= is the one to run, without it all are; rounds=
 * is how many steps the first actor of each has to get done. The others go on
 * until then, and until each of them has had a hundredth of that done: who never
 * got through raced with nobody.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest.h"
#include "migration.h"
#include "subject.h"

#define ACTORS		5
#define STUCK_SECONDS	180
#define PRESENT		"/sys/kernel/config/pci_mock/bus/02.0/present"

static char bdf[32], vf[32], pf[32]; /* bdf: what is usable after */
static char module[256];
static bool guarded;

struct progress {
	unsigned long steps;
	struct subject_outcomes outcomes;
};

static struct {
	volatile bool stop;
	struct progress progress[ACTORS];
} *shared;

/* Steps of actors: 0, or -errno. */

static int driver_attach(const char *who)
{
	return bed_puts(who, BED_DRIVER "/bind");
}

static int driver_detach(const char *who)
{
	return bed_puts(who, BED_DRIVER "/unbind");
}

/* A driver that has just been loaded may have bound it already. */
static int step_bind_unbind(void)
{
	driver_attach(bdf);
	return driver_detach(bdf);
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
	if (mem != MAP_FAILED) {
		bed_touch(mem);
		munmap(mem, 4096);
	}
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
		return ret == -EINVAL ? 0 : ret ?: -SUBJECT_NONSENSE;
	return ret;
}

static bool has_vendor(const char *text, const char *after)
{
	static const char *const names[] = { "igd", "nvgrace", "generic" };
	char words[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(words, sizeof(words), "%s%s", names[i], after);
		if (strstr(text, words))
			return true;
	}
	return false;
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
		return -SUBJECT_NONSENSE;
	return has_vendor(text, strcmp(name, "vendor_ops") ? ": selected" : "\n") ?
	       0 : -SUBJECT_NONSENSE;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* In a fifth of the time at most, or the others would find no driver. */
static int step_unload(void)
{
	double start = now();
	int fd, ret = 0;

	if (syscall(SYS_delete_module, "vfio_pci", O_NONBLOCK)) {
		ret = -errno;
		usleep(20000);
		return ret;
	}
	fd = open(module, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		ret = -errno;
	close(fd);
	bed_puts("1", BED_PARAMETERS "/enable_sriov");
	usleep((now() - start) * 4e6);
	return ret == -EEXIST ? 0 : ret;
}

static int step_unplug(void)
{
	int ret = bed_puts("0", PRESENT);

	ret = bed_puts("1", PRESENT) ?: ret;
	bed_puts("vfio-pci", BED_DEVICES "/%s/driver_override", bdf);
	driver_attach(bdf);
	return ret;
}

/*
 * Making VFs while the user of the PF closes it is a fault of others, see README:
 * nobody does while this is locked, but in the race that shows it.
 */
static void guard(int operation)
{
	static int fd = -1;

	if (!guarded)
		return;
	if (fd < 0)
		fd = open("/tmp/pf-lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (flock(fd, operation))
		_exit(1);
}

/* Others get some time with the VFs, or nobody would ever see one. */
static int step_vfs(void)
{
	int ret;

	guard(LOCK_EX);
	ret = bed_puts("2", BED_DEVICES "/%s/sriov_numvfs", pf);
	guard(LOCK_UN);
	usleep(20000);
	return bed_puts("0", BED_DEVICES "/%s/sriov_numvfs", pf) ?: ret;
}

static int step_pf_bind_unbind(void)
{
	int ret;

	driver_attach(pf);
	usleep(50000);
	ret = driver_detach(pf);
	driver_attach(pf);
	return ret;
}

/* Whoever opens a VF must know the token that the user of the PF has set. */
static int step_pf_open(void)
{
	struct bed_device dev;
	int ret = bed_open(&dev, pf);

	if (ret)
		return ret;
	ret = bed_set_token(&dev);
	guard(LOCK_EX);
	bed_close(&dev);
	guard(LOCK_UN);
	return ret;
}

static int step_vf_bind_unbind(void)
{
	bed_puts("vfio-pci", BED_DEVICES "/%s/driver_override", vf);
	driver_attach(vf);
	usleep(2000);
	return driver_detach(vf);
}

static int step_vf_open(void)
{
	struct bed_device dev;
	int ret = bed_open_token(&dev, vf, BED_TOKEN);

	if (!ret)
		bed_close(&dev);
	return ret;
}

static int migrate(struct bed_device *dev)
{
	struct mig_stream stream;
	int ret;

	/* Of mlx5, small images and large ones have different memory. */
	bed_mlx5_knob("state_size", "0 %d", rand() & 1 ? 4096 : 0);
	mig_stream_init(&stream, 1 << 20);
	ret = mig_save(dev, &stream);
	ret = ret ?: mig_load(dev, stream.bytes, stream.len);
	mig_stream_free(&stream);
	return ret;
}

/* A VF that is taken away in the middle of what its user does. */
static int step_migrate(void)
{
	struct bed_device dev;
	int ret;

	bed_puts("vfio-pci", BED_DEVICES "/%s/driver_override", vf);
	driver_attach(vf);
	ret = bed_open(&dev, vf);
	if (ret)
		return ret;
	ret = migrate(&dev);
	bed_close(&dev);
	return ret;
}

/* The storms are about one device, which all actors have open. */
static struct bed_device common;

static int step_reset_by_user(void)
{
	return ioctl(common.fd, VFIO_DEVICE_RESET) ? -errno : 0;
}

static int step_reset_by_root(void)
{
	return bed_puts("1", BED_DEVICES "/%s/reset", bdf);
}

/* With some time in between, in which the device migrates. */
static int step_reset_at_times(void)
{
	int ret = step_reset_by_user();

	usleep(500000);
	return ret;
}

static int step_root_resets_at_times(void)
{
	int ret = step_reset_by_root();

	usleep(700000);
	return ret;
}

static int step_common_migrate(void)
{
	return migrate(&common);
}

static int step_common_access(void)
{
	struct vfio_region_info info;
	uint16_t command = 7;
	uint32_t word;
	long len;

	bed_region(&common, VFIO_PCI_CONFIG_REGION_INDEX, &info);
	bed_pwrite(&common, &command, sizeof(command), info.offset + 4);
	bed_pread(&common, &word, sizeof(word), info.offset);
	bed_region(&common, VFIO_PCI_BAR0_REGION_INDEX, &info);
	len = bed_pread(&common, &word, sizeof(word), info.offset);
	return len < 0 ? len : 0;
}

static int use_interrupt(unsigned int index)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	int ret = bed_irq_eventfd(&common, index, fd);

	ret = ret ?: bed_irq_disable(&common, index);
	close(fd);
	return ret;
}

static int step_intx(void)
{
	return use_interrupt(VFIO_PCI_INTX_IRQ_INDEX);
}

static int step_msi(void)
{
	return use_interrupt(VFIO_PCI_MSI_IRQ_INDEX);
}

static int step_msix(void)
{
	return use_interrupt(VFIO_PCI_MSIX_IRQ_INDEX);
}

struct actor {
	const char *name;
	int (*step)(void);
};

static const struct actor removed_migrating[ACTORS] = {
	{ "vfs+none", step_vfs },
	{ "migrate", step_migrate },
	{ "vf-bind+unbind", step_vf_bind_unbind },
	{ "unload", step_unload },
};

static const struct actor reset_migrating[ACTORS] = {
	{ "reset-at-times", step_reset_at_times },
	{ "migrate", step_common_migrate },
	{ "root-resets-at-times", step_root_resets_at_times },
	{ "access", step_common_access },
	{ "unload", step_unload },
};

static const struct race {
	const char *name;
	const char *subject;
	const struct actor *actors;	/* ACTORS, the last of them perhaps empty */
	unsigned int share;	/* one round in so many, where one takes a second */
	bool common;		/* of a vendor's device that all actors have open */
	bool on_demand;		/* a fault of others: run by name alone */
} races[] = {
	{ .name = "bind-open", .subject = "igd",
	  .actors = (const struct actor[ACTORS]) {
		{ "bind+unbind", step_bind_unbind },
		{ "open+close", step_open_close },
		{ "access", step_access },
		{ "unload", step_unload } } },
	{ .name = "parameter-bind", .subject = "igd",
	  .actors = (const struct actor[ACTORS]) {
		{ "bind+unbind", step_bind_unbind },
		{ "parameter", step_parameter },
		{ "sysfs", step_sysfs },
		{ "unload", step_unload } } },
	{ .name = "sysfs-unbind", .subject = "igd",
	  .actors = (const struct actor[ACTORS]) {
		{ "bind+unbind", step_bind_unbind },
		{ "sysfs", step_sysfs },
		{ "sysfs-too", step_sysfs },
		{ "unload", step_unload } } },
	{ .name = "removal-open", .subject = "igd",
	  .actors = (const struct actor[ACTORS]) {
		{ "unplug+plug", step_unplug },
		{ "access", step_access },
		{ "sysfs", step_sysfs },
		{ "unload", step_unload } } },
	{ .name = "vfs-bind", .subject = "pf",
	  .share = 20,
	  .actors = (const struct actor[ACTORS]) {
		{ "vfs+none", step_vfs },
		{ "vf-bind+unbind", step_vf_bind_unbind },
		{ "vf-open+close", step_vf_open },
		{ "pf-open+close", step_pf_open } } },
	{ .name = "pf-unbind-vfs", .subject = "pf",
	  .share = 20,
	  .actors = (const struct actor[ACTORS]) {
		{ "pf-bind+unbind", step_pf_bind_unbind },
		{ "vfs+none", step_vfs },
		{ "vf-bind+unbind", step_vf_bind_unbind },
		{ "unload", step_unload } } },
	{ .name = "removal-migrating", .subject = "mlx5",
	  .share = 20, .actors = removed_migrating },
	{ .name = "removal-migrating-virtio", .subject = "virtio",
	  .share = 20, .actors = removed_migrating },
	{ .name = "reset-storm", .subject = "e1000e",
	  .actors = (const struct actor[ACTORS]) {
		{ "reset-by-user", step_reset_by_user },
		{ "reset-by-root", step_reset_by_root },
		{ "access", step_common_access },
		{ "intx", step_intx },
		{ "unload", step_unload } } },
	{ .name = "interrupt-storm", .subject = "e1000e",
	  .actors = (const struct actor[ACTORS]) {
		{ "msi", step_msi },
		{ "msix", step_msix },
		{ "reset-by-user", step_reset_by_user },
		{ "access", step_common_access },
		{ "unload", step_unload } } },
	{ .name = "reset-migrating", .subject = "mlx5", .common = true,
	  .actors = reset_migrating },
	{ .name = "reset-migrating-virtio", .subject = "virtio", .common = true,
	  .actors = reset_migrating },
	/* Not a fault of this driver, see "Faults of others" in README. */
	{ .name = "root-resets-msi", .subject = "e1000e", .on_demand = true,
	  .actors = (const struct actor[ACTORS]) {
		{ "reset-by-root", step_reset_by_root },
		{ "msi", step_msi },
		{ "reset-by-root-too", step_reset_by_root },
		{ "msi-too", step_msi } } },
	/* Nor are these. */
	{ .name = "pf-close-vfs", .subject = "pf", .share = 20, .on_demand = true,
	  .actors = (const struct actor[ACTORS]) {
		{ "vfs+none", step_vfs },
		{ "pf-open+close", step_pf_open },
		{ "pf-open+close-too", step_pf_open },
		{ "pf-open+close-three", step_pf_open } } },
	{ .name = "removal-in-d3", .subject = "nvgrace", .on_demand = true,
	  .actors = (const struct actor[ACTORS]) {
		{ "unplug+plug", step_unplug },
		{ "access", step_access },
		{ "access-too", step_access },
		{ "unload", step_unload } } },
};

static void act(const struct actor *actor, struct progress *progress)
{
	int ret;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!shared->stop) {
		ret = actor->step();
		subject_count(&progress->outcomes, ret);
		progress->steps++;
		/* Leave the CPU to who is in the way, or brings what is missing. */
		if (ret)
			usleep(1000);
	}
	_exit(0);
}

static int nr_actors(const struct race *race)
{
	return race->actors[ACTORS - 1].step ? ACTORS : ACTORS - 1;
}

static bool enough(const struct race *race, unsigned int rounds)
{
	unsigned long least = rounds;
	int i;

	for (i = 0; i < nr_actors(race); i++) {
		/* A module in use is not unloaded, as often as that is tried. */
		if (common.fd > 0 && race->actors[i].step == step_unload)
			continue;
		if (shared->progress[i].outcomes.by_errno[0] < least)
			return false;
		least = rounds / 100 ?: 1;
	}
	return true;
}

/* False if they get nowhere. */
static bool wait_for_rounds(const struct race *race, unsigned int rounds)
{
	unsigned long seen = 0, now;
	int idle = 0;

	while (!enough(race, rounds)) {
		now = shared->progress[0].steps;
		idle = now == seen || now > 1000UL * rounds ? idle + 1 : 0;
		if (idle > STUCK_SECONDS * 10)
			return false;
		seen = now;
		usleep(100000);
	}
	return true;
}

/* All must end by themselves: who hangs in the kernel can not be killed. */
static bool gather(const pid_t *pids, int actors)
{
	int i, tries, ended = 0;
	bool gone[ACTORS] = {};

	for (tries = 0; tries < STUCK_SECONDS * 10; tries++) {
		for (i = 0; i < actors; i++) {
			if (!gone[i] && waitpid(pids[i], NULL, WNOHANG)) {
				gone[i] = true;
				ended++;
			}
		}
		if (ended == actors)
			return true;
		usleep(100000);
	}
	for (i = 0; i < actors; i++) {
		if (!gone[i])
			kill(pids[i], SIGKILL);
	}
	return false;
}

/* False if a user has seen what no user may. */
static bool print_outcomes(const struct race *race)
{
	bool sane = true;
	int i;

	for (i = 0; i < nr_actors(race); i++) {
		const struct progress *progress = &shared->progress[i];

		printf("# figure race %s %s steps %lu",
		       race->name, race->actors[i].name, progress->steps);
		subject_print(&progress->outcomes);
		if (progress->outcomes.by_errno[SUBJECT_NONSENSE])
			sane = false;
	}
	return sane;
}

/* After all that, the same device does what it should. */
static bool usable(const struct subject *subject)
{
	struct bed_device dev;

	if (!bed_exists("/sys/module/vfio_pci"))
		bed_run("modprobe vfio-pci");
	if (bed_ours())
		bed_puts("on", BED_PARAMETER);
	if (subject && subject->pf)
		subject->make();
	if (bed_exists(BED_DRIVER "/%s", bdf))
		driver_detach(bdf);
	if (bed_bind(bdf) || (subject && !subject_claimed(subject, bdf)))
		return false;
	if (bed_open(&dev, bdf))
		return false;
	bed_close(&dev);
	return !bed_unbind(bdf);
}

/*
 * A PF without a reset of its own, or opening it would take its VFs away; at 00.0,
 * which its function dependency link names.
 */
static void make_pf(void)
{
	bed_mock_remove();
	bed_mock_bus();
	bed_mock_bus_set("bus", "vf_parent", BED_PARENT_3);
	bed_mock_function("00.0", 0x1b36, 0x4242, 0x020000);
	bed_mock_set("00.0", "bar", "0 1000");
	bed_mock_set("00.0", "express", "endpoint");
	bed_mock_set("00.0", "sriov", "4 100 1 4243");
	bed_mock_set("00.0", "vf_bar", "0 2000");
	bed_mock_set("00.0/vf", "class", "020000");
	bed_mock_set("00.0/vf", "express", "endpoint flr");
	bed_mock_live();
	snprintf(pf, sizeof(pf), "%s", bed_mock_bdf("00.0"));
	snprintf(vf, sizeof(vf), "%.6s01:00.0", pf);
	snprintf(bdf, sizeof(bdf), "%s", pf);
}

/* NULL if the subject is no mock of a device of some vendor. */
static const struct subject *subject_of(const struct race *race)
{
	const struct subject *subject;

	for (subject = subjects; subject->name; subject++) {
		if (!strcmp(subject->name, race->subject))
			return subject;
	}
	return NULL;
}

static bool prepare(const struct race *race)
{
	const struct subject *subject = subject_of(race);

	if (bed_load("enable_sriov=1"))
		return false;
	if (!strcmp(race->subject, "e1000e")) {
		snprintf(bdf, sizeof(bdf), BED_E1000E);
		return !bed_bind(bdf) && !bed_open(&common, bdf);
	}
	if (!strcmp(race->subject, "pf")) {
		make_pf();
		return !bed_bind(pf);
	}
	subject_make(subject, bdf, sizeof(bdf));
	bed_puts("vfio-pci", BED_DEVICES "/%s/driver_override", bdf);
	if (subject->pf) {
		snprintf(vf, sizeof(vf), "%s", bdf);
		snprintf(pf, sizeof(pf), "%s", subject->pf());
	}
	if (race->common)
		return !bed_bind(bdf) && !bed_open(&common, bdf);
	return true;
}

/* Why this driver can not be in @race, or NULL. */
static const char *reason_to_skip(const struct race *race)
{
	const struct subject *subject = subject_of(race);
	int i;

	if (subject && !subject_built(subject))
		return "built without it";
	for (i = 0; i < nr_actors(race); i++) {
		if (!bed_ours() && (race->actors[i].step == step_parameter ||
				    race->actors[i].step == step_sysfs))
			return "in-tree has no vendor ops";
	}
	return NULL;
}

static bool run(const struct race *race, unsigned int rounds)
{
	pid_t pids[ACTORS];
	bool going, ended, sane;
	int i;

	memset(shared, 0, sizeof(*shared));
	guarded = !race->on_demand;
	for (i = 0; i < nr_actors(race); i++) {
		pids[i] = fork();
		if (!pids[i])
			act(&race->actors[i], &shared->progress[i]);
	}
	going = wait_for_rounds(race, rounds / (race->share ?: 1));
	shared->stop = true;
	ended = gather(pids, nr_actors(race));
	sane = print_outcomes(race);
	if (!going || !ended) {
		printf("# %s: %s\n", race->name, going ? "an actor hangs" : "no progress");
		bed_run("echo w >/proc/sysrq-trigger");
		return false;
	}

	if (common.fd > 0)
		bed_close(&common);
	memset(&common, 0, sizeof(common));
	if (!usable(subject_of(race))) {
		printf("# %s: %s is not usable any more\n", race->name, bdf);
		return false;
	}
	return sane;
}

static bool wanted(const struct race *race)
{
	const char *name = getenv("race");

	return name ? !strcmp(name, race->name) : !race->on_demand;
}

static void test(const struct race *race, unsigned int rounds)
{
	const char *reason = reason_to_skip(race);

	if (reason)
		ksft_test_result_skip("%s: %s\n", race->name, reason);
	else if (!prepare(race))
		ksft_test_result_fail("%s: set-up\n", race->name);
	else
		ksft_test_result(run(race, rounds), "%s\n", race->name);
	bed_mock_remove();
	fflush(stdout);
}

int main(void)
{
	unsigned int rounds = subject_number("rounds", 100);
	unsigned int plan = 0;
	struct utsname uts;
	size_t i;

	uname(&uts);
	snprintf(module, sizeof(module), "/lib/modules/%s/%s/vfio-pci.ko",
		 uts.release, bed_ours() ? "updates/dkms" : "kernel/drivers/vfio/pci");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;

	for (i = 0; i < ARRAY_SIZE(races); i++)
		plan += wanted(&races[i]);
	if (!plan)
		ksft_exit_fail_msg("no race of this name\n");
	ksft_print_header();
	ksft_set_plan(plan);
	for (i = 0; i < ARRAY_SIZE(races); i++) {
		if (wanted(&races[i]))
			test(&races[i], rounds);
	}
	ksft_finished();
}
