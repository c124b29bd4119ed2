// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Waiting for what may take long.
 *
 * Before anything is frozen a backup is one thing after another; what must not be waited
 * for in vain is looked at meanwhile.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "vss/wait.h"

/* How long a signal may be pending before it is seen. */
#define LOOK_MS	100

/**
 * vss_wait_now() - Read the clock.
 *
 * Return: milliseconds of CLOCK_MONOTONIC.
 */
uint64_t vss_wait_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool signal_waits(void)
{
	sigset_t set;

	return !sigpending(&set) && (sigismember(&set, SIGTERM) || sigismember(&set, SIGINT));
}

/**
 * vss_wait_cancelled() - See whether there is no reason to go on.
 * @cancel: what that would be
 *
 * Return: whether the device is gone, or the process is to end.
 */
bool vss_wait_cancelled(const struct vss_cancel *cancel)
{
	struct pollfd device = { .fd = cancel->device };

	if (cancel->signals && signal_waits())
		return true;
	return cancel->device >= 0 && poll(&device, 1, 0) > 0 &&
	       (device.revents & (POLLHUP | POLLERR | POLLNVAL));
}

/**
 * vss_wait_readable() - Wait until there is something to read.
 * @fd: where
 * @until_ms: how long, by vss_wait_now()
 * @cancel: what ends it before
 *
 * Return: 0, also for an end; -ETIMEDOUT; -ECANCELED.
 */
int vss_wait_readable(int fd, uint64_t until_ms, const struct vss_cancel *cancel)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	uint64_t now;
	int ready;

	for (;;) {
		if (vss_wait_cancelled(cancel))
			return -ECANCELED;
		now = vss_wait_now();
		if (now >= until_ms)
			return -ETIMEDOUT;
		ready = poll(&poll_fd, 1, until_ms - now < LOOK_MS ? (int)(until_ms - now) :
			     LOOK_MS);
		if (ready > 0)
			return 0;
	}
}
