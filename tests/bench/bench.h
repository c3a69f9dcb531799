/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs that count the time of one thread share.
 */
#ifndef BENCH_H
#define BENCH_H

#include <time.h>

/* Nanoseconds of processor time. */
static inline double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

#endif /* BENCH_H */
