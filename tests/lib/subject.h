/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device of each vendor, for programs that treat all of them alike.
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#include "bed.h"

#define SUBJECT_GPU_REGS	0x400000	/* the size of BAR 0 */
#define SUBJECT_GPU_READY	0xff

/* How often a step had each errno; 0 is success. */
#define SUBJECT_ERRNOS		134
#define SUBJECT_NONSENSE	SUBJECT_ERRNOS	/* what no user may ever see */

struct subject_outcomes {
	unsigned long by_errno[SUBJECT_ERRNOS + 1];
};

struct subject {
	const char *name;		/* as in vendor_ops */
	const char *(*make)(void);	/* returns its BDF, in a static buffer */
	void (*mend)(const char *bdf);	/* after random writes to its BARs */
	const char *(*pf)(void);	/* of a VF: the BDF of its PF */
	bool migrates;			/* it is a VF of a mock PF driver */
	bool logs;			/* the pages that it writes to */
};

/* Ends with one that has no name. */
extern const struct subject subjects[];

void subject_gpu_status(const char *bdf, uint32_t status);
void subject_opregion(uint8_t *image);
bool subject_locked_down(void);
bool subject_wanted(const struct subject *subject);
bool subject_built(const struct subject *subject);
void subject_make(const struct subject *subject, char *bdf, size_t size);
bool subject_claimed(const struct subject *subject, const char *bdf);
void subject_count(struct subject_outcomes *outcomes, int ret);
void subject_print(const struct subject_outcomes *outcomes);
unsigned int subject_number(const char *name, unsigned int otherwise);

#endif /* SUBJECT_H */
