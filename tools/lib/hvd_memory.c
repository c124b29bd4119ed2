// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory of a daemon that waits most of the time.
 */
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "hvd_memory.h"

struct mapping {
	unsigned long start;
	unsigned long end;
	bool droppable;		/* of a file, and nobody may write to it */
	bool written;		/* but somebody has: the linker, before it was closed */
};

static bool line_begins_mapping(const char *line, struct mapping *mapping)
{
	unsigned long start, end;
	char access[5];
	int at = 0;

	if (sscanf(line, "%lx-%lx %4s %*s %*s %*s %n", &start, &end, access, &at) < 3)
		return false;
	*mapping = (struct mapping){
		.start = start, .end = end,
		.droppable = access[0] == 'r' && access[1] == '-' && line[at] == '/',
	};
	return true;
}

/* What has been written to is in memory only, or swapped out: both are told of. */
static void line_look(const char *line, struct mapping *mapping)
{
	unsigned long size;

	if (sscanf(line, "Anonymous: %lu", &size) == 1)
		mapping->written = size;
	if (sscanf(line, "Swap: %lu", &size) == 1 && !size && !mapping->written &&
	    mapping->droppable)
		madvise((void *)mapping->start, mapping->end - mapping->start, MADV_DONTNEED);
}

/**
 * hvd_memory_trim() - Give back what only the start has needed.
 *
 * The dynamic linker and the initialisers of libraries that come with others (a third of
 * libsystemd's are compressors) have touched pages that are never used again.  Those that
 * are read from files are read again if they are.
 */
void hvd_memory_trim(void)
{
	FILE *maps = fopen("/proc/self/smaps", "re");
	struct mapping mapping = { 0 };
	char line[512];

	malloc_trim(0);
	while (maps && fgets(line, sizeof(line), maps))
		if (!line_begins_mapping(line, &mapping))
			line_look(line, &mapping);
	if (maps)
		fclose(maps);
}
