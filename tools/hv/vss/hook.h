/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs of the administrator's that are run before a freeze and after it.
 */
#ifndef VSS_HOOK_H
#define VSS_HOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "vss/wait.h"

#define VSS_HOOK_DIRECTORY	"/etc/hyperv-ics/freeze.d"
#define VSS_HOOK_QEMU		"/etc/qemu/fsfreeze-hook"
#define VSS_HOOK_LINE_LEN	256

/**
 * struct vss_hook - a program
 * @path: the file, without symbolic links
 * @is_qemu: whether it knows "freeze" and "thaw" only, as qemu-ga's hook does
 * @ran: whether it was told to freeze
 */
struct vss_hook {
	char *path;
	bool is_qemu;
	bool ran;
};

/**
 * struct vss_hooks - programs, in the order of freezing
 * @hooks: the programs
 * @count: how many
 * @seconds: that each may take
 * @environment: all that they get of one, "NAME=value" each, %NULL at the end
 */
struct vss_hooks {
	struct vss_hook *hooks;
	size_t count;
	unsigned int seconds;
	char *const *environment;
};

/**
 * struct vss_hook_output - what a hook says, taken apart into lines
 * @line: the one that is being read
 * @len: bytes of it
 * @last: the last whole one with anything in it, fit to be printed
 * @lines: how many there were
 */
struct vss_hook_output {
	char line[VSS_HOOK_LINE_LEN];
	size_t len;
	char last[VSS_HOOK_LINE_LEN];
	unsigned int lines;
};

bool vss_hook_output_add(struct vss_hook_output *output, const char **bytes, size_t *len);
bool vss_hook_name_is_good(const char *name);
int vss_hook_trust(const char *path, char **real, char *why, size_t room);

int vss_hooks_find(struct vss_hooks *hooks, const char *directories, const char *qemu, char *why,
		   size_t room);
int vss_hooks_freeze(struct vss_hooks *hooks, const struct vss_cancel *cancel, char *why,
		     size_t room);
int vss_hooks_thaw(struct vss_hooks *hooks, bool froze, char *why, size_t room);
void vss_hooks_free(struct vss_hooks *hooks);

#endif
