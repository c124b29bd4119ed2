// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvsim list: the machines of this user that run.
 */
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hvsim_client.h"
#include "hvsim_cmd.h"
#include "hvsim_json.h"

static const char help[] =
"usage: hvsim list [--json]\n"
"\n"
"Shows the machines that run: their names, how they are, and their control\n"
"sockets.\n"
"\n"
"Example: hvsim list\n";

static const char *text(struct json_object *object, const char *key)
{
	return json_object_get_string(json_object_object_get(object, key)) ?: "-";
}

/* The name in a path that ends with /control.sock; NULL when there is none. */
static char *name_of(const char *path)
{
	char usual[PATH_MAX];
	size_t len;

	if (hvsim_client_directory(usual, sizeof(usual), "") < 0)
		return NULL;
	len = strlen(usual);
	if (strncmp(path, usual, len))
		return NULL;
	return strndup(path + len, strcspn(path + len, "/"));
}

/* How long a machine may take to tell how it is, in ms; one that boots cannot. */
#define ANSWER_MS	1000

static void members_add(struct json_object *to, struct json_object *from)
{
	json_object_object_foreach(from, key, value)
		hvsim_json_add(to, key, json_object_get(value));
}

/* What a machine tells of itself, as far as it can; NULL when there is none. */
static struct json_object *machine_ask(const char *path)
{
	struct json_object *machine = NULL, *status = NULL, *result;
	struct hvsim_client *client;
	char *name;

	if (hvsim_client_open(&client, path) < 0)
		return NULL;
	hvsim_client_limit(client, ANSWER_MS);
	if (!hvsim_client_call(client, "machine-status", NULL, &machine, NULL))
		hvsim_client_call(client, "status", NULL, &status, NULL);
	hvsim_client_close(client);
	result = json_object_new_object();
	name = name_of(path);
	hvsim_json_add_string(result, "name", name);
	free(name);
	hvsim_json_add_string(result, "control", path);
	hvsim_json_add_string(result, "state", "starting");
	if (machine)
		members_add(result, machine);
	hvsim_json_add_string(result, "profile", text(status, "profile"));
	hvsim_json_add(result, "bus", json_object_get(json_object_object_get(status, "bus")));
	json_object_put(machine);
	json_object_put(status);
	return result;
}

/* Where machines of any name have their directories, and scripts theirs. */
static void places_find(glob_t *places)
{
	char pattern[PATH_MAX];

	if (!hvsim_client_directory(pattern, sizeof(pattern) - 16, NULL)) {
		strcat(pattern, "*/control.sock");
		glob(pattern, 0, NULL, places);
	}
	/* those of hvsim_directory_make_temporary() */
	glob("/tmp/hvsim-*/control.sock", places->gl_pathc ? GLOB_APPEND : 0, NULL, places);
}

static bool is_known(const glob_t *places, size_t index)
{
	size_t i;

	for (i = 0; i < index; i++)
		if (!strcmp(places->gl_pathv[i], places->gl_pathv[index]))
			return true;
	return false;
}

static struct json_object *machines_list(void)
{
	struct json_object *list = json_object_new_array(), *machine;
	glob_t places = { 0 };
	size_t i;

	places_find(&places);
	for (i = 0; i < places.gl_pathc; i++) {
		if (is_known(&places, i))
			continue;
		machine = machine_ask(places.gl_pathv[i]);
		if (machine)
			json_object_array_add(list, machine);
	}
	globfree(&places);
	return list;
}

static void machines_print(struct json_object *list)
{
	struct json_object *one;
	size_t i;

	printf("%-16s %-9s %-6s %-11s %-6s %s\n", "NAME", "STATE", "GUEST", "HOST", "VMBUS",
	       "CONTROL SOCKET");
	for (i = 0; i < json_object_array_length(list); i++) {
		one = json_object_array_get_idx(list, i);
		printf("%-16s %-9s %-6s %-11s %-6s %s\n", text(one, "name"), text(one, "state"),
		       json_object_get_boolean(json_object_object_get(one, "guest-ready")) ?
		       "up" : "-", text(one, "profile"),
		       text(json_object_object_get(one, "bus"), "kind"), text(one, "control"));
	}
}

/**
 * hvsim_list_main() - The command `hvsim list`.
 * @setup: for all subcommands
 * @argc: from "list" on
 * @argv: likewise
 *
 * Return: exit status of the program.
 */
int hvsim_list_main(const struct hvsim_setup *setup, int argc, char **argv)
{
	bool json = setup->json || (argc == 2 && !strcmp(argv[1], "--json"));
	struct json_object *result, *list;

	if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		fputs(help, stdout);
		return HVSIM_EXIT_OK;
	}
	if (argc > 2 || (argc == 2 && !json)) {
		fprintf(stderr, "hvsim list: no such option; see hvsim list --help\n");
		return HVSIM_EXIT_USAGE;
	}
	list = machines_list();
	result = json_object_new_object();
	hvsim_json_add(result, "machines", list);
	if (json)
		hvsim_print_json(result);
	else
		machines_print(list);
	json_object_put(result);
	return HVSIM_EXIT_OK;
}
