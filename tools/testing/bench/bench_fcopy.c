// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * File copy: a file of the host's, to a file system in the guest's memory, so that what
 * is measured is the way and not the disk.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
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
	return bench_number("grep -c 'vmbus:e34bd134.* uio_hv_generic' "
			    "/lib/modules/$(uname -r)/modules.alias || true") > 0;
}

static void file_copy(const char *file, const char *directory)
{
	struct json_object *ret = bench_call("copy", "{\"file\":\"%s\",\"path\":\"%s\","
					     "\"name\":\"file\",\"force\":true}", file,
					     directory);

	if (json_object_get_int64(json_object_object_get(ret, "status")))
		bench_die("the guest does not take a file: %s",
			  json_object_to_json_string(ret));
	json_object_put(ret);
}

/**
 * bench_fcopy_copy() - Copy a file of so many bytes.
 * @len: how many
 */
void bench_fcopy_copy(size_t len)
{
	char path[] = "/tmp/hvsim-bench-XXXXXX";
	int file = mkstemp(path);

	if (file < 0 || ftruncate(file, (off_t)len) < 0)
		bench_die("cannot make a file to copy");
	close(file);
	file_copy(path, DIRECTORY "/in");
	unlink(path);
}

/**
 * bench_fcopy_busy() - For how long the guest's processors have been at work.
 *
 * Return: ms.
 */
double bench_fcopy_busy(void)
{
	return bench_number("awk -v hz=$(getconf CLK_TCK) '/^cpu / { "
			    "print ($2 + $3 + $4 + $7 + $8) * 1000 / hz }' /proc/stat");
}

/* ---- a large file ---- */

/* No block of it is like another, nor to be had by leaving one out. */
static void large_make(const char *path, unsigned int mib)
{
	static uint64_t words[1 << 17];
	uint64_t state = 88172645463325252ULL;
	FILE *file = fopen(path, "w");
	size_t i;

	while (file && mib--) {
		for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
			words[i] = state;
		}
		if (fwrite(words, sizeof(words), 1, file) != 1)
			bench_die("no room for a large file in %s", path);
	}
	if (!file || fclose(file))
		bench_die("cannot make %s", path);
}

static void digest_host(const char *path, char digest[65])
{
	char command[512];
	FILE *pipe;

	snprintf(command, sizeof(command), "sha256sum '%s'", path);
	pipe = popen(command, "r");
	if (!pipe || fscanf(pipe, "%64s", digest) != 1)
		bench_die("cannot tell what is in %s", path);
	pclose(pipe);
}

static void large_compare(const char *path)
{
	char digest[65], *theirs;

	digest_host(path, digest);
	theirs = bench_guest("sha256sum </mnt/large/file | cut -c1-64");
	if (strncmp(digest, theirs, 64))
		bench_die("what came is not what was sent: %s, %s", digest, theirs);
	free(theirs);
}

static double daemon_kib(void)
{
	return bench_number("sed -n 's/^VmRSS: *//p' /proc/$(pidof hv_fcopy_daemon)/status");
}

/* What the kernel cannot have back by itself. */
static double kernel_kib(void)
{
	return bench_number("sync; awk '/^(SUnreclaim|KernelStack|PageTables):/ { n += $2 } "
			    "END { print n }' /proc/meminfo");
}

/**
 * bench_fcopy_large() - Copy a large file to a disk (label large), and see what grew.
 * @run: of what
 * @mib: how large
 *
 * Stops where what came is not what was sent.
 */
void bench_fcopy_large(const struct bench_run *run, unsigned int mib)
{
	char path[256];
	double daemon, kernel;
	time_t began;

	snprintf(path, sizeof(path), "%s/large", getenv("HVSIM_OUTPUT"));
	large_make(path, mib);
	free(bench_guest("mkdir -p /mnt/large && mount -L large /mnt/large"));
	/* one after which all is there that it needs */
	bench_fcopy_copy(1000000);
	daemon = daemon_kib();
	kernel = kernel_kib();
	began = time(NULL);
	file_copy(path, "/mnt/large");
	began = time(NULL) - began;
	daemon = daemon_kib() - daemon;
	kernel = kernel_kib() - kernel;
	large_compare(path);
	unlink(path);
	free(bench_guest("umount /mnt/large"));
	printf("%s\t%s\tlarge\tfcopy\t%u\t%.0f\t%.0f\t%lld\n", run->kernel, run->module, mib,
	       daemon, kernel, (long long)began);
	fflush(stdout);
}
