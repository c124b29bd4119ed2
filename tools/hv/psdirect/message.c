// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages between the daemon's processes.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "psdirect/message.h"

#define FDS	2

union control {
	struct cmsghdr header;		/* for its alignment */
	char bytes[CMSG_SPACE(FDS * sizeof(int))];
};

/**
 * psdirect_message_send() - Send a message.
 * @fd: a socket of type SOCK_SEQPACKET
 * @message: the message
 * @fds: descriptors to go with it, -1 for none; %NULL for none at all.  They stay open
 *
 * Return: 0; -EPIPE when the other process has gone; another errno of sendmsg().
 */
int psdirect_message_send(int fd, const struct psdirect_message *message, const int fds[2])
{
	struct iovec part = { (void *)message, sizeof(*message) };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
	union control control = { 0 };
	struct cmsghdr *rights;
	size_t count = !fds || fds[0] < 0 ? 0 : fds[1] < 0 ? 1 : 2;
	ssize_t sent;

	if (count) {
		header.msg_control = control.bytes;
		header.msg_controllen = CMSG_SPACE(count * sizeof(int));
		rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(rights), fds, count * sizeof(int));
	}
	do {
		sent = sendmsg(fd, &header, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

static void rights_take(struct msghdr *header, int fds[2])
{
	struct cmsghdr *rights;
	size_t count, i;
	int fd;

	for (rights = CMSG_FIRSTHDR(header); rights; rights = CMSG_NXTHDR(header, rights)) {
		if (rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS)
			continue;
		count = (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < count; i++) {
			memcpy(&fd, CMSG_DATA(rights) + i * sizeof(int), sizeof(int));
			if (i < FDS && fds && fds[i] < 0)
				fds[i] = fd;
			else
				close(fd);
		}
	}
}

static int message_check(const struct psdirect_message *message, size_t len)
{
	if (len != sizeof(*message) || !message->word || message->word >= PSDIRECT_WORDS ||
	    !memchr(message->text, '\0', sizeof(message->text)))
		return -EBADMSG;
	return 0;
}

/**
 * psdirect_message_receive() - Receive a message.
 * @fd: a socket of type SOCK_SEQPACKET
 * @message: the message, whose text has a NUL
 * @fds: descriptors that came with it, -1 for none; %NULL to take none
 *
 * Return: 0; -EPIPE when the other process has gone; -EBADMSG for what is no message;
 * another errno of recvmsg().
 */
int psdirect_message_receive(int fd, struct psdirect_message *message, int fds[2])
{
	struct iovec part = { message, sizeof(*message) };
	union control control;
	struct msghdr header = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = control.bytes, .msg_controllen = sizeof(control.bytes),
	};
	ssize_t len;

	if (fds) {
		fds[0] = -1;
		fds[1] = -1;
	}
	do {
		len = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	rights_take(&header, fds);
	return len ? message_check(message, (size_t)len) : -EPIPE;
}

/**
 * psdirect_message_say() - Send a message without much in it.
 * @fd: see psdirect_message_send()
 * @word: which
 * @number: its number
 * @text: its text, cut where it does not fit; %NULL for none
 *
 * Return: see psdirect_message_send().
 */
int psdirect_message_say(int fd, enum psdirect_word word, uint32_t number, const char *text)
{
	struct psdirect_message message = { .word = word, .number = number };
	int err;

	snprintf(message.text, sizeof(message.text), "%s", text ?: "");
	err = psdirect_message_send(fd, &message, NULL);
	explicit_bzero(&message, sizeof(message));
	return err;
}

/**
 * psdirect_struct_send() - Send a structure that is no message.
 * @fd: see psdirect_message_send()
 * @bytes: the structure
 * @len: bytes of it
 *
 * Return: see psdirect_message_send().
 */
int psdirect_struct_send(int fd, const void *bytes, size_t len)
{
	ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);

	return sent < 0 ? -errno : 0;
}

/**
 * psdirect_struct_receive() - Receive a structure that is no message.
 * @fd: see psdirect_message_send()
 * @bytes: the structure
 * @len: bytes of it
 *
 * Return: see psdirect_message_receive().
 */
int psdirect_struct_receive(int fd, void *bytes, size_t len)
{
	ssize_t got;

	do {
		got = recv(fd, bytes, len, MSG_TRUNC);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	return !got ? -EPIPE : (size_t)got == len ? 0 : -EBADMSG;
}
