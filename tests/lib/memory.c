// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bed.h"

/* Where 4 GiB are that the kernel does not own: a BAR. 0 if there is none. */
uint64_t bed_high_memory(void)
{
	const char *text = bed_read(BED_DEVICES "/" BED_HIGH_MEMORY "/resource");
	unsigned long long start;

	if (sscanf(text, "%*[^\n]\n%*[^\n]\n%llx", &start) != 1)
		return 0;
	return start;
}

static sigjmp_buf bus_error;

static void on_bus_error(int signal)
{
	siglongjmp(bus_error, 1);
}

/* Read a byte of what is mapped: -EFAULT if that is a SIGBUS. */
int bed_touch(const void *mem)
{
	struct sigaction action = { .sa_handler = on_bus_error }, before;
	int ret = 0;

	sigaction(SIGBUS, &action, &before);
	if (sigsetjmp(bus_error, 1))
		ret = -EFAULT;
	else
		(void)*(const volatile uint8_t *)mem;
	sigaction(SIGBUS, &before, NULL);
	return ret;
}

/* The errno of an mmap() that should fail, or 0. */
int bed_mmap_errno(struct bed_device *dev, size_t len, int flags, uint64_t pos)
{
	void *mem = mmap(NULL, len, PROT_READ | PROT_WRITE, flags, dev->fd, pos);

	if (mem == MAP_FAILED)
		return errno;
	munmap(mem, len);
	return 0;
}
