/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs of network managers that have no other way in.
 */
#ifndef KVP_COMMAND_H
#define KVP_COMMAND_H

#include "kvp/net/net.h"

struct kvp_command;

int kvp_command_run(struct kvp_command **ret, struct kvp_net *net, const char *const argv[],
		    unsigned int seconds, void (*done)(int err, void *userdata), void *userdata);
void kvp_command_free(struct kvp_command *command);

#endif
