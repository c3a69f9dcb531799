// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every allocation, and every copy from or to the user, fails once: each step of
 * the life of a device is repeated, with the first, the second, ... failing,
 * until one ends before its fault comes (fail-nth of the kernel's
 * Documentation/fault-injection). A step must then have succeeded, or have left
 * all as it was and said why; the kernel is the judge of leaks and memory.
 *
 * On a kernel with fault injection, which make check-debug builds; else skipped. On
 * the kernel command line: vendor= for one of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kselftest.h"
#include "migration.h"
#include "subject.h"

#define FAILURES	"/sys/kernel/debug"
#define MOST		5000	/* allocations that a step may make */

static const char * const kinds[] = { "failslab", "fail_page_alloc", "fail_usercopy" };

static int fail_nth;

struct subject_state {
	const struct subject *subject;
	char bdf[32];
	struct bed_device dev;
	bool open;
	struct mig_stream stream;
	const char *why;	/* what is wrong after a step */
};

struct path {
	const char *name;
	void (*prepare)(struct subject_state *s);
	int (*step)(struct subject_state *s);
	int (*check)(struct subject_state *s, int ret);	/* returns the outcome */
	bool below;		/* faults below the module alone */
	const char *spare;	/* no faults below this function */
	bool ours;
	bool migrates;
	bool log;		/* of pages, which not each kernel can have */
};

/* From where to where a function of the kernel reaches; 0 and 0 if not known. */
static void find_function(const char *name, unsigned long long *start,
			  unsigned long long *end)
{
	unsigned long long at;
	char line[256], symbol[128];
	FILE *symbols;
	int pass;

	*start = 0;
	*end = 0;
	for (pass = 0; pass < 2; pass++) {
		symbols = fopen("/proc/kallsyms", "r");
		while (symbols && fgets(line, sizeof(line), symbols)) {
			if (sscanf(line, "%llx %*c %127s", &at, symbol) != 2)
				continue;
			if (!pass && !strcmp(symbol, name))
				*start = at;
			else if (pass && at > *start && (!*end || at < *end))
				*end = at;
		}
		if (symbols)
			fclose(symbols);
	}
}

static void limit_faults(const char *what, unsigned long long start,
			 unsigned long long end)
{
	char value[32];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		snprintf(value, sizeof(value), "%#llx", start);
		bed_puts(value, FAILURES "/%s/%s-start", kinds[i], what);
		snprintf(value, sizeof(value), "%#llx", end);
		bed_puts(value, FAILURES "/%s/%s-end", kinds[i], what);
	}
}

static void spare(const char *function)
{
	unsigned long long start, end;

	find_function(function, &start, &end);
	limit_faults("reject", start, end);
}

/*
 * Faults only below a function of the module, or everywhere: binding goes through
 * parts of the kernel that warn of failures. Two more that do, in 6.12 and with
 * any driver, are vfio_create_group(), for the first device of its group, and
 * register_irq_proc(), for a file that is missed when it is to be removed. The
 * checks of DMA end with a message when they get no memory.
 */
static void choose_faults(const struct path *path)
{
	unsigned long long start = 0, size = 0;
	char line[256];
	FILE *modules;

	if (!path->below) {
		limit_faults("require", 0, ~0ull);
		spare(path->spare ?: "add_dma_entry");
		return;
	}
	modules = fopen("/proc/modules", "r");
	while (modules && fgets(line, sizeof(line), modules)) {
		if (sscanf(line, "vfio_pci %llu %*s %*s %*s %llx", &size, &start) == 2)
			break;
	}
	if (modules)
		fclose(modules);
	limit_faults("require", start, start + size);
	spare("vfio_device_set_group");
}

static void prepare_faults(void)
{
	unsigned int i;

	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR);
	if (fail_nth < 0 || !bed_exists(FAILURES "/failslab")) {
		printf("TAP version 13\n1..0 # SKIP no fault injection in this kernel\n");
		exit(4);
	}
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		bed_puts("0", FAILURES "/%s/verbose", kinds[i]);
		bed_puts("32", FAILURES "/%s/stacktrace-depth", kinds[i]);
	}
	bed_puts("N", FAILURES "/failslab/ignore-gfp-wait");
	bed_puts("N", FAILURES "/fail_page_alloc/ignore-gfp-wait");
	bed_puts("0", FAILURES "/fail_page_alloc/min-order");
	/* A page fault of this program that fails is no step of a device. */
	mlockall(MCL_CURRENT | MCL_FUTURE);
}

static void arm(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(fail_nth, text, len, 0) != len)
		exit(1);
}

/* Was there a fault? The reading can have it itself; then there was none. */
static bool disarm(void)
{
	char text[16] = "";
	bool hit = pread(fail_nth, text, sizeof(text) - 1, 0) > 0 &&
		   !strcmp(text, "0\n");

	while (pwrite(fail_nth, "0", 1, 0) != 1)
		;
	return hit;
}

static bool bound(const struct subject_state *s)
{
	return bed_exists(BED_DRIVER "/%s", s->bdf);
}

static void make_unbound(struct subject_state *s)
{
	if (bound(s))
		bed_puts(s->bdf, BED_DRIVER "/unbind");
}

static void make_bound(struct subject_state *s)
{
	if (!bound(s) && bed_bind(s->bdf))
		s->why = "can not be bound any more";
}

static void make_closed(struct subject_state *s)
{
	if (s->open)
		bed_close(&s->dev);
	s->open = false;
}

static void make_open(struct subject_state *s)
{
	make_bound(s);
	if (s->subject->mend)
		s->subject->mend(s->bdf);
	if (!s->open && bed_open(&s->dev, s->bdf))
		s->why = "can not be opened any more";
	else
		s->open = true;
}

/* For a step that leaves behind in the device what only the last close ends. */
static void make_opened_anew(struct subject_state *s)
{
	make_closed(s);
	make_open(s);
}

/* A container with the group, for the one call that opens the device. */
static void make_group(struct subject_state *s)
{
	make_opened_anew(s);
	close(s->dev.fd);
	s->dev.fd = -1;
}

static void make_running(struct subject_state *s)
{
	make_open(s);
	if (ioctl(s->dev.fd, VFIO_DEVICE_RESET) ||
	    mig_get(&s->dev) != MIG_RUNNING)
		s->why = "can not be reset any more";
}

/* Steps, with no call that is not part of them. Return 0, or -errno. */

static int step_bind(struct subject_state *s)
{
	return bed_puts(s->bdf, "/sys/bus/pci/drivers_probe");
}

static int step_unbind(struct subject_state *s)
{
	return bed_puts(s->bdf, BED_DRIVER "/unbind");
}

static int get_fd(struct subject_state *s)
{
	s->dev.fd = ioctl(s->dev.group, VFIO_GROUP_GET_DEVICE_FD, s->bdf);
	return s->dev.fd < 0 ? -errno : 0;
}

static int infos(struct subject_state *s)
{
	union {
		struct vfio_device_info device;
		struct vfio_region_info region;
		struct vfio_irq_info irq;
		struct vfio_pci_hot_reset_info reset;
		uint8_t bytes[1024];
	} all = { .device.argsz = sizeof(all) };
	unsigned int i, regions;

	if (ioctl(s->dev.fd, VFIO_DEVICE_GET_INFO, &all))
		return -errno;
	regions = all.device.num_regions;
	for (i = 0; i < regions; i++) {
		all.region = (struct vfio_region_info){ .argsz = sizeof(all), .index = i };
		if (ioctl(s->dev.fd, VFIO_DEVICE_GET_REGION_INFO, &all) &&
		    errno != EINVAL)
			return -errno;
	}
	all.irq = (struct vfio_irq_info){ .argsz = sizeof(all.irq) };
	if (ioctl(s->dev.fd, VFIO_DEVICE_GET_IRQ_INFO, &all))
		return -errno;
	all.reset = (struct vfio_pci_hot_reset_info){ .argsz = sizeof(all) };
	if (ioctl(s->dev.fd, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &all) &&
	    errno != ENODEV)
		return -errno;
	return 0;
}

/* The first bytes of every region, of a small one a register; and a write to one. */
static int accesses(struct subject_state *s)
{
	struct vfio_device_info device = { .argsz = sizeof(device) };
	struct vfio_region_info info;
	uint16_t command = 7;
	uint8_t bytes[256];
	unsigned int i;
	long ret;

	if (ioctl(s->dev.fd, VFIO_DEVICE_GET_INFO, &device))
		return -errno;
	ret = bed_region(&s->dev, VFIO_PCI_CONFIG_REGION_INDEX, &info);
	ret = ret ?: bed_pwrite(&s->dev, &command, 2, info.offset + 4);
	for (i = 0; ret >= 0 && i < device.num_regions; i++) {
		ret = bed_region(&s->dev, i, &info);
		if (ret == -EINVAL || i == VFIO_PCI_VGA_REGION_INDEX || !info.size ||
		    !(info.flags & VFIO_REGION_INFO_FLAG_READ))
			ret = 0;
		else if (!ret)
			ret = bed_pread(&s->dev, bytes, info.size < sizeof(bytes) ? 4 :
					sizeof(bytes), info.offset);
	}
	return ret < 0 ? ret : 0;
}

/* Each kind that the device has, on and off. */
static int interrupts(struct subject_state *s)
{
	struct vfio_irq_info info = { .argsz = sizeof(info) };
	int fd = eventfd(0, EFD_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	for (info.index = 0; !ret && info.index < VFIO_PCI_NUM_IRQS; info.index++) {
		if (ioctl(s->dev.fd, VFIO_DEVICE_GET_IRQ_INFO, &info)) {
			ret = errno == EINVAL ? 0 : -errno;
			continue;
		}
		if (!info.count)
			continue;
		ret = bed_irq_eventfd(&s->dev, info.index, fd);
		/* Whatever came of it, it is off for the next. */
		bed_irq_disable(&s->dev, info.index);
	}
	close(fd);
	return ret;
}

static int first_memory_bar(struct subject_state *s, struct vfio_region_info *info)
{
	unsigned int i;
	int ret = -EINVAL;

	for (i = VFIO_PCI_BAR0_REGION_INDEX; i <= VFIO_PCI_BAR5_REGION_INDEX; i++) {
		ret = bed_region(&s->dev, i, info);
		if (ret || info->flags & VFIO_REGION_INFO_FLAG_MMAP)
			break;
	}
	return ret;
}

/* What is written to the first register. */
static int ioeventfd(struct subject_state *s)
{
	struct vfio_device_ioeventfd arg = {
		.argsz = sizeof(arg),
		.flags = VFIO_DEVICE_IOEVENTFD_32,
		.fd = eventfd(0, EFD_CLOEXEC),
	};
	struct vfio_region_info info;
	int fd = arg.fd, ret;

	if (fd < 0)
		return -errno;
	ret = first_memory_bar(s, &info);
	arg.offset = info.offset;
	if (!ret && ioctl(s->dev.fd, VFIO_DEVICE_IOEVENTFD, &arg))
		ret = -errno;
	arg.fd = -1;
	if (!ret && ioctl(s->dev.fd, VFIO_DEVICE_IOEVENTFD, &arg))
		ret = -errno;
	close(fd);
	return ret;
}

/* Those that are there for every device, too: a feature that is not is ENOTTY. */
static int features(struct subject_state *s)
{
	uint32_t number, ways = VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET;
	uint8_t token[16] = { 1 };
	int ret;

	for (number = 0; number < 16; number++) {
		ret = mig_feature(&s->dev, VFIO_DEVICE_FEATURE_PROBE | ways | number,
				  NULL, 0);
		if (ret && ret != -ENOTTY && ret != -EINVAL)
			return ret;
	}
	ret = mig_feature(&s->dev, VFIO_DEVICE_FEATURE_SET |
			  VFIO_DEVICE_FEATURE_PCI_VF_TOKEN, token, sizeof(token));
	if (ret && ret != -ENOTTY)
		return ret;
	ret = mig_feature(&s->dev, VFIO_DEVICE_FEATURE_SET |
			  VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY, NULL, 0);
	return ret ?: mig_feature(&s->dev, VFIO_DEVICE_FEATURE_SET |
				  VFIO_DEVICE_FEATURE_LOW_POWER_EXIT, NULL, 0);
}

static int hot_reset(struct subject_state *s)
{
	struct {
		struct vfio_pci_hot_reset reset;
		int32_t group;
	} all = { { .argsz = sizeof(all), .count = 1 }, s->dev.group };

	if (ioctl(s->dev.fd, VFIO_DEVICE_PCI_HOT_RESET, &all) && errno != ENODEV)
		return -errno;
	return 0;
}

static int reset(struct subject_state *s)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };

	if (ioctl(s->dev.fd, VFIO_DEVICE_GET_INFO, &info))
		return -errno;
	if (!(info.flags & VFIO_DEVICE_FLAGS_RESET))
		return 0;
	return ioctl(s->dev.fd, VFIO_DEVICE_RESET) ? -errno : 0;
}

static int map(struct subject_state *s)
{
	struct vfio_device_info device = { .argsz = sizeof(device) };
	struct vfio_region_info info;
	unsigned int i;
	int ret = 0;
	void *mem;

	if (ioctl(s->dev.fd, VFIO_DEVICE_GET_INFO, &device))
		return -errno;
	for (i = 0; !ret && i < device.num_regions; i++) {
		ret = bed_region(&s->dev, i, &info);
		if (ret == -EINVAL)
			ret = 0;
		if (ret || !(info.flags & VFIO_REGION_INFO_FLAG_MMAP))
			continue;
		mem = mmap(NULL, 4096, PROT_READ, MAP_SHARED, s->dev.fd, info.offset);
		if (mem == MAP_FAILED)
			return -errno;
		ret = bed_touch(mem);
		munmap(mem, 4096);
	}
	return ret;
}

static int sysfs(struct subject_state *s)
{
	return *bed_vendor(s->bdf) && *bed_vendor_log(s->bdf) ? 0 : -errno;
}

static int parameter(struct subject_state *s)
{
	int ret = bed_puts("-nvlink2,-nvgrace", BED_PARAMETER);

	return ret ?: bed_puts("on", BED_PARAMETER);
}

static int save(struct subject_state *s)
{
	s->stream.len = 0;
	return mig_save(&s->dev, &s->stream);
}

static int precopy_save(struct subject_state *s)
{
	uint64_t initial, dirty;
	int ret, fd, last;

	s->stream.len = 0;
	ret = mig_set(&s->dev, MIG_PRE_COPY, &fd);
	if (ret)
		return ret;
	ret = mig_precopy_info(fd, &initial, &dirty);
	ret = ret ?: mig_read(fd, &s->stream);
	if (ret == -ENOMSG)
		ret = 0;
	ret = ret ?: mig_set(&s->dev, MIG_STOP_COPY, &last);
	ret = ret ?: mig_read(fd, &s->stream);
	close(fd);
	return ret;
}

static int load(struct subject_state *s)
{
	return mig_load(&s->dev, s->stream.bytes, s->stream.len);
}

static int page_log(struct subject_state *s)
{
	struct mig_range range = { 0x10000000, 64 * MIG_LOG_PAGE };
	uint64_t bitmap = 0;
	int ret = mig_log_start(&s->dev, &range, 1);

	ret = ret ?: mig_log_report(&s->dev, range.iova, range.length, &bitmap);
	return ret ?: mig_log_stop(&s->dev);
}

/* What must be so after a step that returned @ret. */

/* The vendor has it, or nobody; no error passes for "not this vendor". */
static int check_bound(struct subject_state *s, int ret)
{
	if (bed_exists(BED_DEVICES "/%s/vfio_pci", s->bdf) != (bed_ours() && bound(s)))
		s->why = "half bound";
	else if (bound(s) && !subject_claimed(s->subject, s->bdf))
		s->why = bed_vendor_log(s->bdf);
	return ret ?: bound(s) ? 0 : -ENODEV;
}

static int check_unbound(struct subject_state *s, int ret)
{
	if (bound(s))
		s->why = "still bound";
	return ret;
}

static int check_parameter(struct subject_state *s, int ret)
{
	const char *value = bed_read(BED_PARAMETER);

	if (strcmp(value, "on\n") && strcmp(value, "-nvlink2,-nvgrace\n"))
		s->why = "the parameter has neither value";
	return ret;
}

static const struct path paths[] = {
	{ .name = "bind", .prepare = make_unbound, .step = step_bind,
	  .check = check_bound, .below = true },
	{ .name = "unbind", .prepare = make_bound, .step = step_unbind,
	  .check = check_unbound, .below = true },
	{ .name = "sysfs", .prepare = make_bound, .step = sysfs,
	  .ours = true },
	{ .name = "parameter", .prepare = make_bound, .step = parameter,
	  .check = check_parameter, .ours = true },
	{ .name = "open", .prepare = make_group, .step = get_fd },
	{ .name = "infos", .prepare = make_open, .step = infos },
	{ .name = "accesses", .prepare = make_open, .step = accesses },
	{ .name = "interrupts", .prepare = make_opened_anew, .step = interrupts,
	  .spare = "register_irq_proc" },
	{ .name = "ioeventfd", .prepare = make_opened_anew, .step = ioeventfd },
	{ .name = "features", .prepare = make_opened_anew, .step = features },
	{ .name = "hot-reset", .prepare = make_open, .step = hot_reset },
	{ .name = "reset", .prepare = make_open, .step = reset },
	{ .name = "map", .prepare = make_open, .step = map },
	{ .name = "save", .prepare = make_running, .step = save,
	  .migrates = true },
	{ .name = "load", .prepare = make_running, .step = load,
	  .migrates = true },
	{ .name = "precopy", .prepare = make_running, .step = precopy_save,
	  .migrates = true },
	{ .name = "load-precopy", .prepare = make_running, .step = load,
	  .migrates = true },
	{ .name = "page-log", .prepare = make_opened_anew, .step = page_log,
	  .migrates = true, .log = true },
};

static bool applies(const struct path *path, const struct subject *subject)
{
	return subject_wanted(subject) && subject_built(subject) && (bed_ours() || !path->ours) &&
	       (subject->migrates || !path->migrates) &&
	       (!path->log || (subject->logs && mig_kernel_has_log()));
}

static bool sweep(struct subject_state *s, const struct path *path)
{
	struct subject_outcomes outcomes = {};
	unsigned int n;
	bool hit = true;
	int ret = 0;

	s->why = NULL;
	make_bound(s);
	choose_faults(path);
	for (n = 1; hit && n <= MOST && !s->why; n++) {
		path->prepare(s);
		if (s->why)
			break;
		arm(n);
		ret = path->step(s);
		hit = disarm();
		if (path->check)
			ret = path->check(s, ret);
		if (hit)
			subject_count(&outcomes, ret);
	}
	/* The last had no fault. */
	printf("# figure fault %s %s faults %u", s->subject->name, path->name,
	       n - 2);
	subject_print(&outcomes);
	if (!s->why && (hit || ret))
		s->why = hit ? "does not end" : strerror(-ret);
	if (!s->why && n == 2)
		s->why = "no fault came";
	if (s->why)
		printf("# %s: %s: fault %u: %s\n", s->subject->name, path->name,
		       n - 1, s->why);
	return !s->why;
}

static void test(const struct subject *subject)
{
	struct subject_state s = { .subject = subject };
	unsigned int i;

	mig_stream_init(&s.stream, 1 << 20);
	subject_make(subject, s.bdf, sizeof(s.bdf));
	bed_puts("vfio-pci", BED_DEVICES "/%s/driver_override", s.bdf);
	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		const struct path *path = &paths[i];

		if (!applies(path, subject))
			continue;
		ksft_test_result(sweep(&s, path), "%s-%s\n", subject->name,
				 path->name);
		fflush(stdout);
	}
	make_closed(&s);
	make_unbound(&s);
	mig_stream_free(&s.stream);
}

int main(void)
{
	const struct subject *subject;
	unsigned int plan = 0, i;

	prepare_faults();
	ksft_print_header();
	for (subject = subjects; subject->name; subject++) {
		for (i = 0; i < ARRAY_SIZE(paths); i++)
			plan += applies(&paths[i], subject);
	}
	ksft_set_plan(plan);
	for (subject = subjects; subject->name; subject++) {
		if (subject_wanted(subject) && subject_built(subject))
			test(subject);
	}
	bed_mock_remove();
	ksft_finished();
}
