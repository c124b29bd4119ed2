// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Processes of a backup that outlive who made them.
 */
#include <errno.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vss/process.h"

/**
 * vss_process_fork() - Make a process that nobody here needs to wait for.
 *
 * A grandchild: a process that hangs in a call cannot be waited for, nor may it become a
 * zombie of ours.
 *
 * Return: 0 in the new process; 1 in this one; a negative errno.
 */
int vss_process_fork(void)
{
	pid_t child = fork();
	int status = 0;

	if (!child) {
		child = fork();
		if (!child)
			return 0;
		_exit(child < 0);
	}
	if (child < 0)
		return -errno;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status ? -EAGAIN : 1;
}

/**
 * vss_process_trim() - Close what a new process has inherited.
 * @fds: what stays open
 * @count: how many
 * @keep: one more that does
 *
 * Above all the device: it would not be seen to close when the daemon is killed.
 */
void vss_process_trim(const int *fds, unsigned int count, int keep)
{
	int top = keep, fd;
	unsigned int i;

	for (i = 0; i < count; i++)
		top = fds[i] > top ? fds[i] : top;
	for (fd = 0; fd < top; fd++) {
		for (i = 0; i < count && fds[i] != fd; i++)
			;
		if (i == count && fd != keep)
			close(fd);
	}
	close_range((unsigned int)top + 1, ~0u, 0);
}
