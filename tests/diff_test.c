// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver of the kernel and ours, one after the other on the same devices:
 * whatever a user asks, both answer the same, but for the list below.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bed.h"
#include "diff/trace.h"
#include "kselftest.h"

#define IGD		"02.0"
#define VGA		"03.0"
#define VBT_SIZE	0x1c00
#define VBT_AWAY	0x100000u
#define VIRTIO_NET	"0000:00:0c.0"
#define MAX_SHOWN	8

enum { IN_TREE, OURS, DRIVERS };

/**
 * struct device - what is compared
 * @name: for the results
 * @bdf: its address; NULL: a slot of the mock bus, or found by @vf
 * @slot: on the mock bus
 * @options: of the module
 * @pf: it is the PF of the machine
 * @vf: it is the first VF of that
 * @stable_bars: as in struct diff_target
 */
struct device {
	const char *name;
	const char *bdf;
	const char *slot;
	const char *options;
	bool pf;
	bool vf;
	bool stable_bars;
};

static const struct device devices[] = {
	{ .name = "edu", .bdf = BED_EDU, .stable_bars = true },
	{ .name = "e1000e", .bdf = BED_E1000E },
	{ .name = "nvme", .bdf = BED_NVME },
	{ .name = "nvme PF", .pf = true },
	{ .name = "nvme VF", .vf = true, .options = "enable_sriov=1" },
	{ .name = "virtio-net", .bdf = VIRTIO_NET },
	{ .name = "igd", .slot = IGD, .stable_bars = true },
	{ .name = "vga", .slot = VGA, .stable_bars = true },
	{ .name = "vga, disable_vga", .slot = VGA, .stable_bars = true,
	  .options = "disable_vga=1" },
	{ .name = "e1000e, nointxmask", .bdf = BED_E1000E,
	  .options = "nointxmask=1 disable_idle_d3=1" },
};

#define NR_DEVICES	ARRAY_SIZE(devices)

/**
 * struct difference - one that is on purpose
 * @device: name of the device
 * @area: the area
 * @key: what the keys of the lines begin with
 * @why: the reason, for the reader of the results
 * @seen: it was there
 */
static struct difference {
	const char *device;
	enum diff_area area;
	const char *key;
	const char *why;
	bool seen;
} allowed[] = {
	{ .device = "igd", .area = DIFF_CONFIG, .key = "read 7+0xf",
	  .why = "ASLS holds the address of the OpRegion, in-tree that of the VBT" },
	{ .device = "igd", .area = DIFF_DATA, .key = "read 10+",
	  .why = "the host bridge is that of the GPU's domain, in-tree of domain 0" },
	{ .device = "igd", .area = DIFF_DATA, .key = "read 11+",
	  .why = "the LPC bridge is that of the GPU's domain, in-tree of domain 0" },
};

#define NR_ALLOWED	ARRAY_SIZE(allowed)

static struct diff_trace traces[DRIVERS][NR_DEVICES][DIFF_AREAS];
static const char *failed_setup[DRIVERS][NR_DEVICES];

static void platform(void)
{
	const struct bed_opregion desc = {
		.version = 0x200, .kib = 8, .rvda = BED_FIRMWARE + VBT_AWAY,
		.rvds = VBT_SIZE,
	};
	uint8_t opregion[BED_OPREGION_SIZE], vbt[VBT_SIZE];
	size_t i;

	for (i = 0; i < sizeof(vbt); i++)
		vbt[i] = i * 5;
	bed_opregion(opregion, &desc);
	bed_firmware(BED_FIRMWARE, opregion, sizeof(opregion));
	bed_firmware(BED_FIRMWARE + VBT_AWAY, vbt, sizeof(vbt));

	bed_mock_bus();
	bed_mock_function("00.0", 0x8086, 0x3e30, 0x060000);
	bed_mock_function("1f.0", 0x8086, 0xa30d, 0x060100);
	bed_mock_function(IGD, 0x8086, 0x3e92, 0x030000);
	bed_mock_set(IGD, "bar", "0 10000");
	bed_mock_set(IGD, "config", "fc 4 %x", BED_FIRMWARE);
	bed_mock_function(VGA, 0x1234, 0x1111, 0x030000);
	bed_mock_set(VGA, "bar", "0 10000");
	bed_mock_live();
}

static int load(int driver, const char *options)
{
	static const char *const files[DRIVERS] = {
		"kernel/drivers/vfio/pci/vfio-pci.ko",
		"updates/dkms/vfio-pci.ko",
	};
	struct utsname uts;
	char command[256];

	if (bed_exists("/sys/module/vfio_pci") && bed_run("rmmod vfio_pci"))
		return -1;
	uname(&uts);
	snprintf(command, sizeof(command), "insmod /lib/modules/%s/%s %s",
		 uts.release, files[driver], options ?: "");
	return bed_run(command);
}

/* The PF is open first: QEMU forgets the VFs in the reset that comes with it. */
static const char *vf_up(struct bed_device *pf_dev, const char *pf)
{
	static char vf[32];
	char path[128], link[128] = "";

	if (bed_bind(pf) || bed_open(pf_dev, pf))
		return NULL;
	if (bed_set_token(pf_dev) ||
	    bed_puts("1", BED_DEVICES "/%s/sriov_numvfs", pf))
		goto fail;

	snprintf(path, sizeof(path), BED_DEVICES "/%s/virtfn0", pf);
	if (readlink(path, link, sizeof(link) - 1) <= 0)
		goto fail;
	snprintf(vf, sizeof(vf), "%.31s", strrchr(link, '/') + 1);
	return vf;

fail:
	bed_close(pf_dev);
	return NULL;
}

static void vf_down(struct bed_device *pf_dev, const char *pf)
{
	bed_puts("0", BED_DEVICES "/%s/sriov_numvfs", pf);
	bed_close(pf_dev);
	bed_unbind(pf);
}

static const char *open_target(const struct device *device,
			       struct diff_target *target)
{
	static char name[80];

	bed_puts(target->bdf, BED_DEVICES "/%s/driver/unbind", target->bdf);
	if (bed_bind(target->bdf))
		return "does not bind";
	if (bed_open_token(&target->dev, target->bdf, device->vf ? BED_TOKEN : NULL))
		return "does not open";

	snprintf(name, sizeof(name), "%.32s%s", target->bdf,
		 device->vf ? " vf_token=" BED_TOKEN : "");
	target->open_name = name;
	return NULL;
}

static const char *trace_device(const struct device *device,
				struct diff_trace *trace)
{
	struct diff_target target = { .stable_bars = device->stable_bars };
	const char *pf = bed_sriov_pf(), *fault;
	struct bed_device pf_dev;
	int area;

	target.bdf = device->slot ? bed_mock_bdf(device->slot) :
		     device->pf ? pf : device->bdf;
	if (device->vf)
		target.bdf = vf_up(&pf_dev, pf);
	if (!target.bdf || !bed_exists(BED_DEVICES "/%s", target.bdf))
		return "is not there";

	fault = open_target(device, &target);
	if (!fault) {
		for (area = 0; area < DIFF_AREAS; area++)
			diff_trace_area(area, &target, &trace[area]);
		bed_close(&target.dev);
	}
	if (device->vf)
		vf_down(&pf_dev, pf);
	else
		bed_unbind(target.bdf);
	return fault;
}

static void trace_all(int driver)
{
	size_t i;

	for (i = 0; i < NR_DEVICES; i++) {
		if (load(driver, devices[i].options))
			failed_setup[driver][i] = "no driver";
		else
			failed_setup[driver][i] =
				trace_device(&devices[i], traces[driver][i]);
	}
}

static struct difference *find_allowed(const char *device, enum diff_area area,
				       const char *key)
{
	size_t i;

	for (i = 0; i < NR_ALLOWED; i++) {
		if (!strcmp(allowed[i].device, device) &&
		    allowed[i].area == area &&
		    !strncmp(allowed[i].key, key, strlen(allowed[i].key)))
			return &allowed[i];
	}
	return NULL;
}

/* How many lines differ that may not. */
static size_t compare(const char *device, enum diff_area area,
		      const struct diff_trace *a, const struct diff_trace *b)
{
	struct difference *known;
	size_t i, bad = 0;

	for (i = 0; i < a->count && i < b->count; i++) {
		if (!strcmp(a->lines[i].key, b->lines[i].key) &&
		    !strcmp(a->lines[i].value, b->lines[i].value))
			continue;

		known = find_allowed(device, area, a->lines[i].key);
		if (known) {
			known->seen = true;
			continue;
		}
		if (bad++ >= MAX_SHOWN)
			continue;
		ksft_print_msg("in-tree: %s = %s\n", a->lines[i].key,
			       a->lines[i].value);
		ksft_print_msg("ours:    %s = %s\n", b->lines[i].key,
			       b->lines[i].value);
	}
	if (a->count != b->count) {
		ksft_print_msg("%zu lines in-tree, %zu ours\n", a->count,
			       b->count);
		bad++;
	}
	return bad;
}

static void judge(size_t i, enum diff_area area)
{
	const struct diff_trace *a = &traces[IN_TREE][i][area];
	const struct diff_trace *b = &traces[OURS][i][area];
	const char *name = devices[i].name;
	size_t bad, j;

	bad = compare(name, area, a, b);
	for (j = 0; j < NR_ALLOWED; j++) {
		if (strcmp(allowed[j].device, name) || allowed[j].area != area)
			continue;
		ksft_print_msg("on purpose, %s: %s\n",
			       allowed[j].seen ? "seen" : "NOT SEEN",
			       allowed[j].why);
		bad += !allowed[j].seen;
	}
	ksft_test_result(!bad && a->count, "%s: %s, %zu answers\n", name,
			 diff_area_names[area], a->count);
}

int main(void)
{
	struct utsname uts;
	size_t i;
	int area;

	uname(&uts);
	ksft_print_header();
	if (!bed_exists("/lib/modules/%s/updates/dkms/vfio-pci.ko", uts.release)) {
		printf("1..0 # SKIP needs both drivers\n");
		return KSFT_SKIP;
	}
	ksft_set_plan(NR_DEVICES * DIFF_AREAS);

	platform();
	trace_all(IN_TREE);
	trace_all(OURS);
	bed_mock_remove();

	for (i = 0; i < NR_DEVICES; i++) {
		if (failed_setup[IN_TREE][i] || failed_setup[OURS][i])
			ksft_print_msg("%s: in-tree %s; ours %s\n",
				       devices[i].name,
				       failed_setup[IN_TREE][i] ?: "works",
				       failed_setup[OURS][i] ?: "works");
		for (area = 0; area < DIFF_AREAS; area++)
			judge(i, area);
	}
	load(OURS, "");
	ksft_finished();
}
