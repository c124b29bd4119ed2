// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Giving back memory: what a file still has goes, and what it has not stays.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tap.h"
#include "hvd_memory.h"

#define LEN	(64u * 4096)

/* How much of the mapping that begins there is in memory, in KiB; -1 when there is none. */
static long resident(const void *mapping)
{
	FILE *maps = fopen("/proc/self/smaps", "re");
	unsigned long start;
	char line[512], dash;
	bool here = false;
	long found = -1;

	while (maps && found < 0 && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx%c", &start, &dash) == 2 && dash == '-')
			here = start == (unsigned long)mapping;
		else if (here)
			sscanf(line, "Rss: %ld", &found);
	}
	if (maps)
		fclose(maps);
	return found;
}

static char *map(int fd, int access)
{
	char *bytes = mmap(NULL, LEN, access, MAP_PRIVATE | MAP_POPULATE, fd, 0);

	return bytes == MAP_FAILED ? NULL : bytes;
}

int main(void)
{
	char path[] = "/tmp/hvd_memory_test.XXXXXX";
	int fd = mkstemp(path);
	char *read_only, *closed, *open;

	unlink(path);
	if (fd < 0 || ftruncate(fd, LEN) < 0)
		return 1;
	read_only = map(fd, PROT_READ);
	closed = map(fd, PROT_READ | PROT_WRITE);
	open = map(fd, PROT_READ | PROT_WRITE);
	if (!read_only || !closed || !open)
		return 1;
	closed[5000] = 'c';
	open[5000] = 'o';
	mprotect(closed, LEN, PROT_READ);	/* as the linker does with what it has relocated */
	tap_is_int(resident(read_only), LEN / 1024, "a mapping of a file is in memory");
	hvd_memory_trim();
	tap_is_int(resident(read_only), 0, "then it is not");
	tap_is_int(read_only[5000], 0, "but can be read");
	tap_is_int(closed[5000], 'c', "what was written to it and then closed stays");
	tap_is_int(open[5000], 'o', "as does what can be written to");
	return tap_done();
}
