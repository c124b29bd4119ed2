/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main process's side of another process: its socket, its end, its time.
 */
#ifndef PSDIRECT_PEER_H
#define PSDIRECT_PEER_H

#include <stdbool.h>
#include <sys/types.h>

#include <systemd/sd-event.h>

#include "psdirect/message.h"

struct psdirect_peer;

/**
 * struct psdirect_peer_calls - what is done when something happens
 * @on_message: a message came; false when it should not have: then the process is killed
 * @on_time: the time that psdirect_peer_time() set is over
 * @on_end: the process has ended, and all that it had sent has been given
 */
struct psdirect_peer_calls {
	bool (*on_message)(struct psdirect_peer *peer, const struct psdirect_message *message);
	void (*on_time)(struct psdirect_peer *peer);
	void (*on_end)(struct psdirect_peer *peer, int status);
};

/**
 * struct psdirect_peer - another process
 * @calls: what is done
 * @pid: the process
 * @fd: the socket to it; -1 once it is closed
 * @io: for the socket
 * @child: for the process
 * @timer: for the time
 */
struct psdirect_peer {
	const struct psdirect_peer_calls *calls;
	pid_t pid;
	int fd;
	sd_event_source *io;
	sd_event_source *child;
	sd_event_source *timer;
};

int psdirect_peer_watch(struct psdirect_peer *peer, sd_event *event, pid_t pid, int fd,
			const struct psdirect_peer_calls *calls);
void psdirect_peer_time(struct psdirect_peer *peer, unsigned int seconds);
void psdirect_peer_close(struct psdirect_peer *peer);
void psdirect_peer_kill(struct psdirect_peer *peer);
void psdirect_peer_end(struct psdirect_peer *peer);

#endif
