// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Flushing of file systems, before they are frozen: what is left for the freeze itself,
 * while all who write wait, is what was written since.
 *
 * By processes, for one that waits for a disk that does not answer cannot be stopped: it
 * is left behind, and has nothing open but the file system.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "vss/flush.h"
#include "vss/process.h"

#define WORKERS	16

struct result {
	unsigned int which;
	int error;
};

/* Each takes every WORKERS-th, in their order. */
__attribute__((noreturn)) static void worker_run(const int *fds, unsigned int count,
						 unsigned int first, int to)
{
	struct result result;
	unsigned int i;

	prctl(PR_SET_NAME, "hv_vss_flush");
	vss_process_trim(fds, count, to);
	for (i = first; i < count; i += WORKERS) {
		result.which = i;
		result.error = syncfs(fds[i]) < 0 ? -errno : 0;
		if (write(to, &result, sizeof(result)) < 0)
			break;
	}
	_exit(0);
}

static int results_wait(int from, unsigned int count, unsigned int ms,
			const struct vss_cancel *cancel)
{
	uint64_t until = vss_wait_now() + ms;
	struct result result;
	int err = 0, one;
	ssize_t len;

	while (count) {
		one = vss_wait_readable(from, until, cancel);
		if (one)
			return one;
		len = read(from, &result, sizeof(result));
		if (len < 0 && errno == EINTR)
			continue;
		if (len != (ssize_t)sizeof(result))
			return -EPIPE;
		err = err ? err : result.error;
		count--;
	}
	return err;
}

/**
 * vss_flush() - Write to the disks what is only in memory, of all at the same time.
 * @fds: a descriptor of each file system
 * @count: how many
 * @ms: how long it may take
 * @cancel: what ends it before
 *
 * Return: 0; -ETIMEDOUT; -ECANCELED; a negative errno of the first that failed.
 */
int vss_flush(const int *fds, unsigned int count, unsigned int ms,
	      const struct vss_cancel *cancel)
{
	int pipe_fds[2], err = 0;
	unsigned int i;

	if (!count)
		return 0;
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return -errno;
	for (i = 0; i < WORKERS && i < count && err >= 0; i++) {
		err = vss_process_fork();
		if (!err)
			worker_run(fds, count, i, pipe_fds[1]);
	}
	close(pipe_fds[1]);
	if (err > 0)
		err = results_wait(pipe_fds[0], count, ms, cancel);
	close(pipe_fds[0]);
	return err;
}
