// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The main process's side of another process.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "psdirect/peer.h"

/* Its last words are read before its end is seen to. */
#define CHILD_PRIORITY	10

/* One message; -EAGAIN when there is none. */
static int message_read(struct psdirect_peer *peer)
{
	struct psdirect_message message;
	int err = psdirect_message_receive(peer->fd, &message, NULL);

	if (err == -EAGAIN)
		return err;
	/* a process that says what it must not is not waited for */
	if (!err && !peer->calls->on_message(peer, &message))
		err = -EBADMSG;
	if (err)
		psdirect_peer_close(peer);
	if (err && err != -EPIPE)
		psdirect_peer_kill(peer);
	explicit_bzero(&message, sizeof(message));
	return err;
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *data)
{
	(void)source;
	(void)fd;
	(void)events;
	message_read(data);
	return 0;
}

static int on_child(sd_event_source *source, const siginfo_t *info, void *data)
{
	struct psdirect_peer *peer = data;

	(void)source;
	peer->pid = 0;
	while (peer->fd >= 0 && !message_read(peer))
		;
	peer->calls->on_end(peer, info->si_code == CLD_EXITED ? info->si_status :
				  -info->si_status);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *data)
{
	struct psdirect_peer *peer = data;

	(void)source;
	(void)usec;
	peer->calls->on_time(peer);
	return 0;
}

/**
 * psdirect_peer_watch() - Watch a process that has been started.
 * @peer: zeroes
 * @event: the loop
 * @pid: the process
 * @fd: the socket to it; is closed by psdirect_peer_end() at the latest
 * @calls: what is done
 *
 * Return: 0; a negative errno, after which psdirect_peer_end() must be called, too.
 */
int psdirect_peer_watch(struct psdirect_peer *peer, sd_event *event, pid_t pid, int fd,
			const struct psdirect_peer_calls *calls)
{
	int err;

	peer->calls = calls;
	peer->pid = pid;
	peer->fd = fd;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	err = sd_event_add_io(event, &peer->io, fd, EPOLLIN, on_io, peer);
	if (err >= 0)
		err = sd_event_add_child(event, &peer->child, pid, WEXITED, on_child, peer);
	if (err >= 0)
		err = sd_event_source_set_priority(peer->child, CHILD_PRIORITY);
	if (err >= 0)
		err = sd_event_add_time(event, &peer->timer, CLOCK_MONOTONIC, UINT64_MAX, 0,
					on_timer, peer);
	return err < 0 ? err : 0;
}

/**
 * psdirect_peer_time() - Have on_time() called.
 * @peer: the process
 * @seconds: from now; 0 for never
 */
void psdirect_peer_time(struct psdirect_peer *peer, unsigned int seconds)
{
	if (seconds)
		sd_event_source_set_time_relative(peer->timer, seconds * 1000000ULL);
	sd_event_source_set_enabled(peer->timer, seconds ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

/**
 * psdirect_peer_close() - Have nothing more to say to a process: it will end.
 * @peer: the process
 */
void psdirect_peer_close(struct psdirect_peer *peer)
{
	peer->io = sd_event_source_disable_unref(peer->io);
	if (peer->fd >= 0)
		close(peer->fd);
	peer->fd = -1;
}

/**
 * psdirect_peer_kill() - End a process at once.
 * @peer: the process
 */
void psdirect_peer_kill(struct psdirect_peer *peer)
{
	if (peer->pid > 0)
		kill(peer->pid, SIGKILL);
}

/**
 * psdirect_peer_end() - Watch a process no more.
 * @peer: the process
 */
void psdirect_peer_end(struct psdirect_peer *peer)
{
	psdirect_peer_close(peer);
	peer->child = sd_event_source_disable_unref(peer->child);
	peer->timer = sd_event_source_disable_unref(peer->timer);
}
