/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon's processes say to each other, over sockets of type SOCK_SEQPACKET: a
 * structure of a fixed size each time, so that there is nothing to be parsed.
 *
 *	connection  ->  main: ASK_LOGIN, CONFIGURE, CHECK, ADOPT, HOST_GONE, NOTE
 *	main  ->  connection: LOGIN_AT, VERDICT, TOKEN, TEXT, GRANTED, DENIED, ENDED
 *	main  ->  login: a struct psdirect_policy, then START, STOP
 *	connection  ->  login: a struct psdirect_credentials
 *	login  ->  main: VERDICT, STARTED, ENDED
 */
#ifndef PSDIRECT_MESSAGE_H
#define PSDIRECT_MESSAGE_H

#include <stdint.h>

#include "psdirect/account.h"
#include "psdirect/handshake.h"
#include "psdirect/setting.h"

/* Descriptors that each process but the main one is started with. */
#define PSDIRECT_FD_MAIN	3	/* to the main process */
#define PSDIRECT_FD_PEER	4	/* connection: the host; login: the connection */

enum psdirect_word {
	PSDIRECT_WORD_ASK_LOGIN = 1,	/* start a process that checks credentials */
	PSDIRECT_WORD_LOGIN_AT,		/* with a socket to it */
	PSDIRECT_WORD_VERDICT,		/* @number: enum psdirect_verdict; @text: of a login */
	PSDIRECT_WORD_CONFIGURE,	/* @text: what the host asks for */
	PSDIRECT_WORD_TOKEN,		/* @text: the token */
	PSDIRECT_WORD_TEXT,		/* @text: why there is no session */
	PSDIRECT_WORD_CHECK,		/* @text: a token */
	PSDIRECT_WORD_ADOPT,		/* is there a login of a V1 client? */
	PSDIRECT_WORD_GRANTED,		/* with the session's stdin and stdout */
	PSDIRECT_WORD_DENIED,		/* @text: why, or nothing */
	PSDIRECT_WORD_START,		/* @text: the command; with stdin and stdout for it */
	PSDIRECT_WORD_STARTED,		/* @number: the process */
	PSDIRECT_WORD_STOP,		/* the host has gone: end the session */
	PSDIRECT_WORD_HOST_GONE,
	PSDIRECT_WORD_ENDED,		/* @text: what to tell the host if it was told nothing */
	PSDIRECT_WORD_NOTE,		/* @number: enum psdirect_note: for the log */
	PSDIRECT_WORDS,
};

enum psdirect_verdict {
	PSDIRECT_VERDICT_BAD,
	PSDIRECT_VERDICT_GOOD,		/* @text: the user */
	PSDIRECT_VERDICT_TEXT,		/* the password is right, but there is no session: @text */
};

enum psdirect_note {
	PSDIRECT_NOTE_TIMEOUT,		/* @step: the host said nothing */
	PSDIRECT_NOTE_TOO_SLOW,		/* @step: the whole took too long */
	PSDIRECT_NOTE_CLOSED,		/* @step: the host closed */
	PSDIRECT_NOTE_MALFORMED,	/* @step, @error */
	PSDIRECT_NOTE_LEGACY,		/* a V1 client, not served */
	PSDIRECT_NOTE_PROBE,		/* a V2 client asked whether this is V1 */
	PSDIRECT_NOTE_TRAFFIC,		/* @bytes each way */
	PSDIRECT_NOTES,
};

/**
 * struct psdirect_message - what most of it is
 * @word: enum psdirect_word
 * @number: by @word
 * @step: enum psdirect_step
 * @error: a negative errno
 * @bytes: from the host, and to it
 * @text: with a NUL
 */
struct psdirect_message {
	uint32_t word;
	uint32_t number;
	uint32_t step;
	int32_t error;
	uint64_t bytes[2];
	char text[PSDIRECT_TEXT_ROOM];
};

/**
 * struct psdirect_credentials - what the host says it is
 * @fault: enum psdirect_fault: the answer will be no
 * @fault_step: enum psdirect_step: the field that is malformed
 * @fault_error: how
 * @empty_password: whether there is none
 * @domain: UTF-8 with a NUL, as all
 * @user: the same
 * @password: the same
 */
struct psdirect_credentials {
	uint32_t fault;
	uint32_t fault_step;
	int32_t fault_error;
	uint32_t empty_password;
	char domain[PSDIRECT_NAME_ROOM];
	char user[PSDIRECT_NAME_ROOM];
	char password[PSDIRECT_PASSWORD_ROOM];
};

/**
 * struct psdirect_policy - what of the settings a login process needs
 * @login: its number, for the log
 * @root: see struct psdirect_setting, as all
 * @empty_passwords: see struct psdirect_setting
 * @fail_seconds: see struct psdirect_setting
 * @allow_users: see struct psdirect_setting
 * @allow_groups: see struct psdirect_setting
 * @domains: see struct psdirect_setting
 * @domain_user: see struct psdirect_setting
 * @pam_service: see struct psdirect_setting
 */
struct psdirect_policy {
	uint64_t login;
	uint32_t root;
	uint32_t empty_passwords;
	uint32_t fail_seconds;
	char allow_users[PSDIRECT_LIST_ROOM];
	char allow_groups[PSDIRECT_LIST_ROOM];
	char domains[PSDIRECT_LIST_ROOM];
	char domain_user[64];
	char pam_service[64];
};

int psdirect_message_send(int fd, const struct psdirect_message *message, const int fds[2]);
int psdirect_message_receive(int fd, struct psdirect_message *message, int fds[2]);
int psdirect_message_say(int fd, enum psdirect_word word, uint32_t number, const char *text);
int psdirect_struct_send(int fd, const void *bytes, size_t len);
int psdirect_struct_receive(int fd, void *bytes, size_t len);

#endif
