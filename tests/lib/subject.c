// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bed.h"

static void make_generic(void)
{
	bed_mock_function("02.0", 0x1b36, 0x4242, 0xff0000);
	bed_mock_set("02.0", "bar", "0 10000");
}

/* An OpRegion 2.0 with a VBT of its own, and both bridges: all regions. */
static void make_igd(void)
{
	static const struct bed_opregion desc = {
		.version = 0x200, .kib = 8,
		.rvda = BED_FIRMWARE + BED_OPREGION_SIZE, .rvds = 7000,
	};
	uint8_t image[BED_OPREGION_SIZE];

	/* Under lockdown it is there already: "loader" of tests/vm/trust.sh. */
	if (!bed_locked_down()) {
		bed_opregion(image, &desc);
		bed_firmware(BED_FIRMWARE, image, sizeof(image));
	}
	bed_mock_function("00.0", 0x8086, 0x3e30, 0x060000);
	bed_mock_function("1f.0", 0x8086, 0xa30d, 0x060100);
	bed_mock_function("02.0", 0x8086, 0x3e92, 0x030000);
	bed_mock_set("02.0", "bar", "0 10000");
	bed_mock_set("02.0", "config", "fc 4 %x", BED_FIRMWARE);
}

/* A vendor a line. */
const struct bed_subject bed_subjects[] = {
	{ "generic", "02.0", make_generic },
	{ "igd", "02.0", make_igd },
};

const unsigned int bed_subject_count = sizeof(bed_subjects) /
				       sizeof(bed_subjects[0]);

/* In a build that leaves a vendor out, its device is a plain one. */
bool bed_subject_there(const struct bed_subject *subject)
{
	const char *list;

	if (!bed_ours())
		return true;
	list = strstr(bed_read(BED_DRIVER "/vendor_ops_available"),
		      subject->name);
	return list && strchr(" \n", list[strlen(subject->name)]);
}

/* A fresh mock bus with nothing else on it. Returns the BDF, to be copied. */
const char *bed_subject_make(const struct bed_subject *subject)
{
	bed_mock_remove();
	bed_mock_bus();
	subject->make();
	bed_mock_live();
	return bed_mock_bdf(subject->slot);
}

bool bed_locked_down(void)
{
	const char *state = bed_read("/sys/kernel/security/lockdown");

	return *state && !strstr(state, "[none]");
}

/* A number from the kernel command line, which init has in its environment. */
unsigned int bed_number(const char *name, unsigned int otherwise)
{
	const char *value = getenv(name);

	return value ? strtoul(value, NULL, 0) : otherwise;
}

/* A line for "make report". */
void bed_figure(const char *fmt, ...)
{
	va_list args;

	printf("# figure ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}
