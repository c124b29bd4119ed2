// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * File copy: a file of the host's, to a file system in the guest's memory, so that what
 * is measured is the way and not the disk.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

/* Where the guest gets it, and how many ticks its kernel counts in a second. */
#define DIRECTORY	"/mnt/bench"

/**
 * bench_fcopy_begin() - Have whoever takes files ready.
 *
 * Debian's daemon is another one since 6.10, and needs another driver.
 */
void bench_fcopy_begin(void)
{
	free(bench_guest("systemctl start hv-fcopy-daemon 2>/dev/null || "
			 "{ modprobe uio_hv_generic && sleep 1 && "
			 "systemctl start hv-fcopy-uio-daemon; }; sleep 2; "
			 "mkdir -p " DIRECTORY " && mount -t tmpfs none " DIRECTORY " && "
			 "mkdir " DIRECTORY "/in && pidof hv_fcopy_daemon hv_fcopy_uio_daemon"));
	/* whoever came last has not been offered versions yet */
	sleep(2);
}

/**
 * bench_fcopy_by_uio() - Whether uio_hv_generic is what ours is compared with.
 *
 * Return: whether the guest's kernel has no module of its own for file copy.
 */
bool bench_fcopy_by_uio(void)
{
	char *text = bench_guest("grep -c 'vmbus:e34bd134.* uio_hv_generic' "
				 "/lib/modules/$(uname -r)/modules.alias || true");
	bool uio = atoi(text);

	free(text);
	return uio;
}

/**
 * bench_fcopy_copy() - Copy a file of so many bytes.
 * @len: how many
 */
void bench_fcopy_copy(size_t len)
{
	char path[] = "/tmp/hvsim-bench-XXXXXX";
	int file = mkstemp(path);
	struct json_object *ret;

	if (file < 0 || ftruncate(file, (off_t)len) < 0)
		bench_die("cannot make a file to copy");
	close(file);
	ret = bench_call("copy", "{\"file\":\"%s\",\"path\":\"" DIRECTORY "/in\",\"name\":\"file\","
			 "\"force\":true}", path);
	unlink(path);
	if (json_object_get_int64(json_object_object_get(ret, "status")))
		bench_die("the guest does not take a file: %s",
			  json_object_to_json_string(ret));
	json_object_put(ret);
}

/**
 * bench_fcopy_busy() - For how long the guest's processors have been at work.
 *
 * Return: ms.
 */
double bench_fcopy_busy(void)
{
	char *text = bench_guest("awk -v hz=$(getconf CLK_TCK) '/^cpu / { "
				 "print ($2 + $3 + $4 + $7 + $8) * 1000 / hz }' /proc/stat");
	double ms = atof(text);

	free(text);
	return ms;
}
