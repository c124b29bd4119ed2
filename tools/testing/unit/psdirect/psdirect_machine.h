/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For tests of the whole daemon: a machine of its own with accounts, the daemon on it, and
 * a client that speaks to it.
 */
#ifndef PSDIRECT_MACHINE_H
#define PSDIRECT_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define BROKER	"broker"
#define SERVER	"server"

/* Where the machine has its files; the daemon's log is there, too. */
extern char machine_directory[64];

const char *machine_begin(void);
void machine_write(const char *name, const char *text);
pid_t machine_daemon(const char *settings);
void machine_kill(pid_t process, int number);
int machine_daemon_end(pid_t daemon, int number);
bool machine_log_shows(const char *words);
unsigned int machine_log_count(const char *words);
bool machine_log_has(const char *words);
int machine_children(pid_t parent, pid_t *pids, int room);
bool machine_gone(pid_t process, int patience_ms);
long machine_now_ms(void);

int client_dial(const char *service);
bool client_say(int fd, const void *bytes, size_t len);
bool client_text(int fd, const char *text);
bool client_wide(int fd, const char *text);
const char *client_hear(int fd);
const char *client_login(int fd, const char *domain, const char *user, const char *password);
const char *client_configure(int fd, const char *name);
int client_session(const char *token);
int client_open(const char *user, const char *password, const char *configuration);

#endif
