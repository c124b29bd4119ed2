// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads a PTP clock in each way that the kernel has, and prints what came out
 * as lines KEY=VALUE, times in ns; where a way failed, KEY.error=ERRNO instead.
 *
 * usage: hvsim_ptp [CLOCK [SAMPLES]]
 *
 * CLOCK is a device, or the name of a clock; "hyperv" unless given.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/ptp_clock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S	1000000000LL

/* As the kernel numbers the clock behind an open file. */
#define FD_TO_CLOCKID(fd)	((~(clockid_t)(fd) << 3) | 3)

static long long ptp_ns(struct ptp_clock_time time)
{
	return time.sec * NS_PER_S + time.nsec;
}

static long long clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int print_error(const char *key)
{
	printf("%s.error=%s\n", key, strerrorname_np(errno));
	return 1;
}

static int read_gettime(int fd)
{
	struct timespec now;
	long long before, after;

	before = clock_ns(CLOCK_REALTIME);
	if (clock_gettime(FD_TO_CLOCKID(fd), &now) < 0)
		return print_error("gettime");
	after = clock_ns(CLOCK_REALTIME);
	printf("gettime.before=%lld\ngettime.device=%lld\ngettime.after=%lld\n",
	       before, now.tv_sec * NS_PER_S + now.tv_nsec, after);
	return 0;
}

static int read_offset(int fd, unsigned int samples)
{
	struct ptp_sys_offset offset = { .n_samples = samples };
	unsigned int i;

	if (ioctl(fd, PTP_SYS_OFFSET, &offset) < 0)
		return print_error("offset");
	for (i = 0; i < samples; i++)
		printf("offset.%u.before=%lld\noffset.%u.device=%lld\noffset.%u.after=%lld\n",
		       i, ptp_ns(offset.ts[2 * i]), i, ptp_ns(offset.ts[2 * i + 1]),
		       i, ptp_ns(offset.ts[2 * i + 2]));
	return 0;
}

static int read_extended(int fd, unsigned int samples)
{
	struct ptp_sys_offset_extended offset = { .n_samples = samples };
	unsigned int i;

	if (ioctl(fd, PTP_SYS_OFFSET_EXTENDED, &offset) < 0)
		return print_error("extended");
	for (i = 0; i < samples; i++)
		printf("extended.%u.before=%lld\nextended.%u.device=%lld\nextended.%u.after=%lld\n",
		       i, ptp_ns(offset.ts[i][0]), i, ptp_ns(offset.ts[i][1]),
		       i, ptp_ns(offset.ts[i][2]));
	return 0;
}

static int read_precise(int fd)
{
	struct ptp_sys_offset_precise offset = {};

	if (ioctl(fd, PTP_SYS_OFFSET_PRECISE, &offset) < 0)
		return print_error("precise");
	printf("precise.device=%lld\nprecise.realtime=%lld\nprecise.monoraw=%lld\n",
	       ptp_ns(offset.device), ptp_ns(offset.sys_realtime), ptp_ns(offset.sys_monoraw));
	return 0;
}

static int name_matches(const char *device, const char *name)
{
	char path[PATH_MAX], text[64] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/ptp/%s/clock_name", device);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	text[strcspn(text, "\n")] = '\0';
	return !strcmp(text, name);
}

static int clock_find(char *path, size_t size, const char *name)
{
	DIR *dir = opendir("/sys/class/ptp");
	struct dirent *entry;
	int found = 0;

	while (dir && !found && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && name_matches(entry->d_name, name)) {
			snprintf(path, size, "/dev/%s", entry->d_name);
			found = 1;
		}
	if (dir)
		closedir(dir);
	return found;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "hyperv";
	unsigned int samples = argc > 2 ? strtoul(argv[2], NULL, 10) : 3;
	char path[PATH_MAX];
	int fd, failed;

	if (samples < 1 || samples > PTP_MAX_SAMPLES) {
		fprintf(stderr, "hvsim_ptp: samples must be 1 to %d\n", PTP_MAX_SAMPLES);
		return 2;
	}
	if (name[0] == '/') {
		snprintf(path, sizeof(path), "%s", name);
	} else if (!clock_find(path, sizeof(path), name)) {
		fprintf(stderr, "hvsim_ptp: no PTP clock is called %s\n", name);
		return 2;
	}
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "hvsim_ptp: %s: %s\n", path, strerror(errno));
		return 2;
	}
	printf("device=%s\n", path);
	failed = read_gettime(fd) + read_offset(fd, samples) + read_extended(fd, samples) +
		 read_precise(fd);
	printf("failed=%d\n", failed);
	close(fd);
	return 0;
}
