// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory of a daemon that waits most of the time.
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "hvd_memory.h"

/**
 * hvd_memory_trim() - Give back what only the start has needed.
 *
 * The dynamic linker and the initialisers of libraries that come with others (a third of
 * libsystemd's are compressors) have touched pages that are never used again.  Those that
 * are read from files are read again if they are.
 */
void hvd_memory_trim(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start, end;
	char line[512], access[5];
	int at = 0;

	malloc_trim(0);
	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %4s %*s %*s %*s %n", &start, &end, access, &at) < 3)
			continue;
		/* code only: what else is read-only now has been written to before */
		if (!strcmp(access, "r-xp") && line[at] == '/')
			madvise((void *)start, end - start, MADV_DONTNEED);
	}
	if (maps)
		fclose(maps);
}
