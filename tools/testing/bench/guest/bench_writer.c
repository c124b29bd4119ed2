// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs in the guest, and tells how long who writes to a file system is held up.
 *
 * usage: bench_writer gap FILE STOP	writes a byte a millisecond until STOP is there
 *	  bench_writer kill PID FILE	kills a process, then writes a byte
 *
 * Prints, in ms: the longest time from one byte to the next; from the kill to the byte.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1000000;
}

static int file_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (fd < 0) {
		perror(path);
		exit(1);
	}
	return fd;
}

static void byte_write(int fd)
{
	if (write(fd, "x", 1) != 1) {
		perror("write");
		exit(1);
	}
}

static double gap_measure(const char *path, const char *stop)
{
	double last, now, most = 0;
	int fd = file_open(path);

	last = now_ms();
	while (access(stop, F_OK) < 0) {
		byte_write(fd);
		now = now_ms();
		if (now - last > most)
			most = now - last;
		last = now;
		usleep(1000);
	}
	return most;
}

static double kill_measure(pid_t pid, const char *path)
{
	int fd = file_open(path);
	double start = now_ms();

	if (pid <= 0 || kill(pid, SIGKILL) < 0) {
		perror("kill");
		exit(1);
	}
	byte_write(fd);
	return now_ms() - start;
}

int main(int argc, char **argv)
{
	double ms;

	if (argc == 4 && !strcmp(argv[1], "gap")) {
		ms = gap_measure(argv[2], argv[3]);
	} else if (argc == 4 && !strcmp(argv[1], "kill")) {
		ms = kill_measure((pid_t)atoi(argv[2]), argv[3]);
	} else {
		fprintf(stderr, "usage: bench_writer gap FILE STOP | kill PID FILE\n");
		return 2;
	}
	printf("%.1f\n", ms);
	return 0;
}
