// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The least that a daemon of file copy must do, for guests that have no other: one
 * file, whatever the host calls it. It says what it is told, a line each.
 *
 *	hvsim_fcopy [--slow] [--register N] [--status N] [--die-at OPERATION] [--probe]
 *		FILE
 *
 * With --slow it writes pieces by itself. It may register in another way (0: as old
 * daemons do), answer another status to a start, and die at an operation (0 to 3)
 * before it answers. With --probe it tries all that it must not do with the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "hv/hvic_user.h"
#include "hv/hvic_wire.h"

#define DEVICE	"/dev/vmbus/hv_fcopy"

static bool slow, probing;
static uint32_t start_status;
static long die_at = -1;
static const char *path;
static int device, file = -1;

/**
 * union message - what the module sends
 * @hdr: what all begin with
 * @start: of a start
 * @write: of a write
 * @room: longer than any
 */
union message {
	struct hvic_user_fcopy_hdr hdr;
	struct hvic_user_fcopy_start start;
	struct hvic_user_fcopy_write write;
	uint8_t room[16384];
};

static void take_try(const char *what, int fd, uint64_t size, uint32_t flags)
{
	struct hvic_user_fcopy_take take = { .size = size, .fd = fd, .flags = flags };
	const char *result = ioctl(device, HVIC_USER_FCOPY_TAKE, &take) ? strerrorname_np(errno) :
			     "ok";

	printf("probe %s: %s\n", what, result);
}

/* Nothing but the file that a start is about, open for writing at any place. */
static void probe(const char *when, uint64_t size)
{
	int pipes[2], read_only = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
	int append = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	int good = open(path, O_WRONLY | O_CLOEXEC), null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (pipe(pipes) < 0)
		return;
	printf("probe at %s\n", when);
	take_try("read only", read_only, size, 0);
	take_try("append", append, size, 0);
	take_try("pipe", pipes[1], size, 0);
	take_try("device", null, size, 0);
	take_try("closed", 999, size, 0);
	take_try("negative", -2, size, 0);
	take_try("size", good, size + 1, 0);
	take_try("flags", good, size, 1);
	take_try("good", good, size, 0);
	printf("probe ioctl: %s\n", ioctl(device, _IO('V', 0xff)) ? strerrorname_np(errno) : "ok");
	close(read_only);
	close(append);
	close(good);
	close(null);
	close(pipes[0]);
	close(pipes[1]);
}

static uint32_t start_take(const struct hvic_user_fcopy_start *start)
{
	struct hvic_user_fcopy_take take = { .size = start->size };
	int err;

	printf("start '%s' '%s' flags %u size %llu\n", (const char *)start->name,
	       (const char *)start->path, start->flags, (unsigned long long)start->size);
	if (start_status)
		return start_status;
	if (probing)
		probe("start", start->size);
	if (file >= 0)
		close(file);
	file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file < 0)
		return HVIC_STATUS_ACCESS_DENIED;
	take.fd = file;
	err = slow || !ioctl(device, HVIC_USER_FCOPY_TAKE, &take) ? 0 : errno;
	if (!slow)
		printf("take %s\n", strerror(err));
	return 0;
}

static uint32_t piece_take(const struct hvic_user_fcopy_write *write)
{
	ssize_t written, done = 0;

	do {
		written = pwrite(file, write->data + done, write->size - (size_t)done,
				 (off_t)write->offset + done);
		done += written > 0 ? written : 0;
	} while (written > 0 && done < (ssize_t)write->size);
	if (done == (ssize_t)write->size)
		return 0;
	printf("write %s\n", strerror(errno));
	return errno == ENOSPC ? HVIC_STATUS_DISK_FULL : HVIC_STATUS_FAIL;
}

static void state_print(void)
{
	struct hvic_user_fcopy_state state;

	if (ioctl(device, HVIC_USER_FCOPY_STATE, &state) < 0)
		return;
	printf("state written %llu chunks %llu error %d holds %u\n",
	       (unsigned long long)state.written, (unsigned long long)state.chunks, state.error,
	       state.flags & HVIC_USER_FCOPY_HOLDS);
}

static uint32_t end_take(uint32_t operation)
{
	printf(operation == HVIC_FCOPY_COMPLETE ? "complete\n" : "cancel\n");
	state_print();
	if (file >= 0)
		close(file);
	file = -1;
	if (operation == HVIC_FCOPY_CANCEL)
		unlink(path);
	return 0;
}

static uint32_t message_take(const union message *message)
{
	if (die_at == (long)message->hdr.operation)
		_exit(9);
	switch (message->hdr.operation) {
	case HVIC_FCOPY_START:
		return start_take(&message->start);
	case HVIC_FCOPY_WRITE:
		return piece_take(&message->write);
	default:
		return end_take(message->hdr.operation);
	}
}

static int serve(void)
{
	struct pollfd wait = { .fd = device, .events = POLLIN | POLLPRI };
	static union message message;
	uint32_t status;

	for (;;) {
		if (poll(&wait, 1, -1) < 0 || wait.revents & POLLHUP)
			return 0;
		if (wait.revents & POLLPRI) {
			printf("given up\n");
			state_print();
		}
		if (!(wait.revents & POLLIN))
			continue;
		if (read(device, &message, sizeof(message)) < 0)
			return 1;
		status = message_take(&message);
		if (write(device, &status, sizeof(status)) != sizeof(status))
			printf("reply %s\n", strerror(errno));
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "slow", no_argument, NULL, 's' },
		{ "probe", no_argument, NULL, 'p' },
		{ "register", required_argument, NULL, 'n' },
		{ "status", required_argument, NULL, 'r' },
		{ "die-at", required_argument, NULL, 'd' },
		{ 0 }
	};
	uint32_t number = HVIC_USER_FCOPY_REGISTER1;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 's')
			slow = true;
		else if (option == 'p')
			probing = true;
		else if (option == 'n')
			number = (uint32_t)strtoul(optarg, NULL, 0);
		else if (option == 'r')
			start_status = (uint32_t)strtoul(optarg, NULL, 0);
		else if (option == 'd')
			die_at = strtol(optarg, NULL, 0);
		else
			return 2;
	}
	if (optind != argc - 1)
		return 2;
	path = argv[optind];
	setvbuf(stdout, NULL, _IOLBF, 0);
	device = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (device < 0 || write(device, &number, sizeof(number)) != sizeof(number) ||
	    (number && read(device, &number, sizeof(number)) != sizeof(number))) {
		printf(DEVICE ": %s\n", strerrorname_np(errno));
		return 1;
	}
	printf("ready\n");
	if (probing)
		probe("rest", 0);
	return serve();
}
