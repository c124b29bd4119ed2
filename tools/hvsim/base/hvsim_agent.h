/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames between `hvsim run` and the agent in its guest, over a virtio serial
 * port.  They are built as those of hvsim_frame.h are, where a frame's arg is
 * the number of a job: the host chooses it, and what the guest sends about that
 * job carries it.
 */
#ifndef HVSIM_AGENT_H
#define HVSIM_AGENT_H

#include <stdint.h>

/* Name of the port, in the guest's /sys/class/virtio-ports. */
#define HVSIM_AGENT_PORT	"hvsim.agent"

/*
 * What an agent says when it is hailed, which the host does each time that the
 * port has been opened: by a new agent, or by one that has slept on disk.  A
 * guest that is reset leaves half a frame behind; the host throws away what it
 * gets until it sees this.
 */
#define HVSIM_AGENT_HELLO	"\xff\xff\xff\xff" "hvsim-agent\n"
#define HVSIM_AGENT_HELLO_LEN	16

/**
 * enum hvsim_agent_type - what a frame is
 * @HVSIM_AGENT_EXEC: host -> guest: run a command; struct hvsim_agent_exec, then
 *	the command for /bin/sh -c, without a NUL
 * @HVSIM_AGENT_PUSH: host -> guest: write a piece of a file; struct
 *	hvsim_agent_push, then the path and a NUL, then the bytes
 * @HVSIM_AGENT_OUTPUT: guest -> host: what a command wrote, as it comes
 * @HVSIM_AGENT_DONE: guest -> host: ends a job; struct hvsim_agent_done
 * @HVSIM_AGENT_HAIL: host -> guest: say HVSIM_AGENT_HELLO; no job, no bytes
 */
enum hvsim_agent_type {
	HVSIM_AGENT_EXEC	= 1,
	HVSIM_AGENT_PUSH	= 2,
	HVSIM_AGENT_OUTPUT	= 3,
	HVSIM_AGENT_DONE	= 4,
	HVSIM_AGENT_HAIL	= 5,
};

/* Most bytes of a file, or of output, in one frame. */
#define HVSIM_AGENT_PIECE	65536u

/* Most commands that run at once; one more is refused with EAGAIN. */
#define HVSIM_AGENT_JOBS	32

/**
 * struct hvsim_agent_exec - start of an HVSIM_AGENT_EXEC; both ends are x86
 * @timeout_ms: after which the command is killed; 0 for never
 */
struct hvsim_agent_exec {
	uint32_t timeout_ms;
};

/**
 * struct hvsim_agent_push - start of an HVSIM_AGENT_PUSH
 * @mode: permissions of the file; directories on the way are made
 * @reserved: 0
 * @offset: where the bytes go; at 0 the file is emptied first
 */
struct hvsim_agent_push {
	uint32_t mode;
	uint32_t reserved;
	uint64_t offset;
};

/**
 * struct hvsim_agent_done - an HVSIM_AGENT_DONE
 * @status: of a command, as a shell has it: its exit code, or 128 + the signal
 *	that ended it; 0 for a file
 * @error: errno, when the job could not be done, or ETIME when the command was
 *	killed since its time was up; else 0
 */
struct hvsim_agent_done {
	int32_t status;
	int32_t error;
};

#endif
