/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a driver answers to a user, written down as lines "key = value".
 */
#ifndef DIFF_TRACE_H
#define DIFF_TRACE_H

#include "bed.h"

enum diff_area {
	DIFF_INFO,
	DIFF_REGIONS,
	DIFF_DATA,
	DIFF_CONFIG,
	DIFF_MMAP,
	DIFF_IRQS,
	DIFF_RESET,
	DIFF_FEATURES,
	DIFF_IOCTLS,
	DIFF_FILE,
	DIFF_AREAS
};

struct diff_line {
	char key[64];
	char *value;
};

/**
 * struct diff_trace - one area of one device under one driver
 * @lines: in the order of the calls
 * @count: how many
 * @room: how many fit
 */
struct diff_trace {
	struct diff_line *lines;
	size_t count;
	size_t room;
};

/**
 * struct diff_target - a device that is open
 * @dev: its files
 * @bdf: its address
 * @open_name: what VFIO_GROUP_GET_DEVICE_FD wants to hear
 * @stable_bars: the contents of its BARs depend on nothing but what was written
 */
struct diff_target {
	struct bed_device dev;
	const char *bdf;
	const char *open_name;
	bool stable_bars;
};

extern const char *const diff_area_names[DIFF_AREAS];

void diff_trace_area(enum diff_area area, struct diff_target *target,
		     struct diff_trace *trace);
void diff_trace_free(struct diff_trace *trace);

#endif /* DIFF_TRACE_H */
