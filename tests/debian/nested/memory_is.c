// SPDX-License-Identifier: GPL-2.0-only
/*
 * memory_is ADDRESS FILE: is this in memory at the physical ADDRESS, given in
 * hex? Prints where they part. By mmap(), since read() of /dev/mem ends where the
 * kernel's own memory does, and what firmware reserves lies behind that.
 */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t *map(const char *path, off_t offset, size_t size)
{
	int fd = open(path, O_RDONLY | O_SYNC);
	void *mem;

	if (fd < 0)
		err(1, "%s", path);
	mem = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, offset);
	if (mem == MAP_FAILED)
		err(1, "%s: mmap of %zu bytes at %#jx", path, size,
		    (intmax_t)offset);
	close(fd);
	return mem;
}

int main(int argc, char **argv)
{
	const uint8_t *memory, *wanted;
	off_t address, page;
	struct stat st;
	off_t i;

	if (argc != 3)
		errx(1, "usage: memory_is ADDRESS FILE");
	address = strtoull(argv[1], NULL, 16);
	page = address % sysconf(_SC_PAGESIZE);
	if (stat(argv[2], &st) || !st.st_size)
		errx(1, "%s: nothing to compare with", argv[2]);

	memory = map("/dev/mem", address - page, page + st.st_size);
	wanted = map(argv[2], 0, st.st_size);
	for (i = 0; i < st.st_size; i++) {
		if (memory[page + i] == wanted[i])
			continue;
		printf("differs at %#jx: %02x instead of %02x\n", (intmax_t)i,
		       memory[page + i], wanted[i]);
		return 1;
	}
	return 0;
}
