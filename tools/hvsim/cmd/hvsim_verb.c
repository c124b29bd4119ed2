// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the words of the command line to a request, and back to an exit status.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "hvsim_client.h"
#include "hvsim_cmd.h"
#include "hvsim_json.h"

/* Options that one verb may have, with those that all have. */
#define OPTIONS_MAX	24
/* Longest time that a word may give, in seconds. */
#define SECONDS_MAX	3e11

enum {
	OPTION_JSON = OPTIONS_MAX,
	OPTION_CONTROL,
	OPTION_NAME,
};

/* The array that "1.0,3.0" means; what the words are is for the host to judge. */
static struct json_object *list_parse(const char *text)
{
	struct json_object *list = json_object_new_array();
	size_t len;

	while (*text) {
		len = strcspn(text, ",");
		json_object_array_add(list, json_object_new_string_len(text, (int)len));
		text += len + (text[len] == ',');
	}
	return list;
}

static int integer_parse(struct json_object **ret, const char *text)
{
	long long number;
	char *end;

	errno = 0;
	number = strtoll(text, &end, 0);
	if (errno || end == text || *end)
		return -EINVAL;
	*ret = json_object_new_int64(number);
	return 0;
}

static int seconds_parse(struct json_object **ret, const char *text)
{
	double seconds;
	char *end;

	seconds = strtod(text, &end);
	/* said so that what is not a number fails, too */
	if (end == text || *end || !(seconds >= -SECONDS_MAX && seconds <= SECONDS_MAX))
		return -EINVAL;
	*ret = json_object_new_int64((int64_t)(seconds * 1000 + (seconds < 0 ? -0.5 : 0.5)));
	return 0;
}

static const char *const type_texts[] = {
	[HVSIM_WORD_ON_OFF] = "on or off",
	[HVSIM_WORD_INTEGER] = "a whole number",
	[HVSIM_WORD_SECONDS] = "a number of seconds",
};

/* Adds the argument that a word means; says what is wrong with it if it is. */
static int word_add(const struct hvsim_verb *verb, const struct hvsim_word *word,
		    const char *dashes, struct json_object *arguments, const char *text)
{
	struct json_object *value = NULL;
	int err = 0;

	if (word->type == HVSIM_WORD_SWITCH)
		value = json_object_new_boolean(true);
	else if (word->type == HVSIM_WORD_ON_OFF)
		if (!strcmp(text, "on") || !strcmp(text, "off"))
			value = json_object_new_boolean(!strcmp(text, "on"));
		else
			err = -EINVAL;
	else if (word->type == HVSIM_WORD_INTEGER)
		err = integer_parse(&value, text);
	else if (word->type == HVSIM_WORD_SECONDS)
		err = seconds_parse(&value, text);
	else if (word->type == HVSIM_WORD_LIST)
		value = list_parse(text);
	else
		value = json_object_new_string(text);

	if (err < 0) {
		fprintf(stderr, "hvsim %s: %s%s must be %s, not '%s'\n", verb->name, dashes,
			word->name, type_texts[word->type], text);
		return err;
	}
	hvsim_json_add(arguments, word->key, value);
	return 0;
}

static void usage_print(const struct hvsim_verb *verb)
{
	const struct hvsim_word *word;

	printf("usage: hvsim %s", verb->name);
	for (word = verb->operands; word && word->name; word++)
		printf(word->optional ? " [%s]%s" : " %s%s", word->name,
		       word->type == HVSIM_WORD_REST ? "..." : "");
	printf("%s [--json]\n\n%s.\n%s", verb->options ? " [OPTION]..." : "", verb->summary,
	       verb->help);
}

static void options_build(const struct hvsim_verb *verb, struct option *options)
{
	const struct hvsim_word *word;
	size_t used = 0;

	for (word = verb->options; word && word->name; word++, used++)
		options[used] = (struct option){
			.name = word->name,
			.has_arg = word->type != HVSIM_WORD_SWITCH,
			.val = (int)used,
		};
	options[used++] = (struct option){ "json", no_argument, NULL, OPTION_JSON };
	options[used++] = (struct option){ "control", required_argument, NULL, OPTION_CONTROL };
	options[used++] = (struct option){ "name", required_argument, NULL, OPTION_NAME };
	options[used++] = (struct option){ "help", no_argument, NULL, 'h' };
	options[used] = (struct option){ 0 };
}

/* Returns 0, 1 when help was given, or a negative errno after a line of error. */
static int options_parse(const struct hvsim_verb *verb, struct hvsim_setup *setup,
			 struct json_object *arguments, int argc, char **argv)
{
	const struct hvsim_word *operand = verb->operands;
	struct option options[OPTIONS_MAX] = { 0 };
	/* what is left to the guest is not ours to look into */
	bool rest = operand && operand->type == HVSIM_WORD_REST;
	int option, err;

	options_build(verb, options);
	/* 0, not 1: with another rule for the order of words than main() had */
	optind = 0;
	while ((option = getopt_long(argc, argv, rest ? "+:h" : ":h", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			usage_print(verb);
			return 1;
		case '?':
		case ':':
			fprintf(stderr, option == ':' ? "hvsim %s: %s needs a value\n" :
				"hvsim %s: there is no option %s\n",
				verb->name, argv[optind - 1]);
			return -EINVAL;
		case OPTION_JSON:
			setup->json = true;
			break;
		case OPTION_CONTROL:
			setup->control = optarg;
			break;
		case OPTION_NAME:
			err = hvsim_setup_name(setup, optarg);
			if (err < 0)
				return err;
			break;
		default:
			err = word_add(verb, &verb->options[option], "--", arguments, optarg);
			if (err < 0)
				return err;
		}
	}
	return 0;
}

/* All words from @argv on, as the shell would hand them to another. */
static char *rest_join(char **argv)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);
	char **word;

	if (!to)
		return NULL;
	for (word = argv; *word; word++)
		fprintf(to, "%s%s", word == argv ? "" : " ", *word);
	fclose(to);
	return text;
}

static int operands_parse(const struct hvsim_verb *verb, struct json_object *arguments,
			  char **argv)
{
	const struct hvsim_word *word;
	char *text;
	int err;

	for (word = verb->operands; word && word->name; word++) {
		if (!*argv && word->optional)
			break;
		if (!*argv) {
			fprintf(stderr, "hvsim %s: %s is missing; see hvsim %s --help\n",
				verb->name, word->name, verb->name);
			return -EINVAL;
		}
		if (word->type == HVSIM_WORD_REST) {
			text = rest_join(argv);
			hvsim_json_add_string(arguments, word->key, text);
			free(text);
			return 0;
		}
		err = word_add(verb, word, "", arguments, *argv++);
		if (err < 0)
			return err;
	}
	if (*argv) {
		fprintf(stderr, "hvsim %s: '%s' is one word too many; see hvsim %s --help\n",
			verb->name, *argv, verb->name);
		return -EINVAL;
	}
	return 0;
}

/**
 * hvsim_setup_name() - Choose the machine by its name.
 * @setup: for all subcommands
 * @name: as given to `hvsim run --name`
 *
 * Return: 0; -ENAMETOOLONG, after a line on standard error.
 */
int hvsim_setup_name(struct hvsim_setup *setup, const char *name)
{
	size_t size = sizeof(setup->named), used;
	int err;

	err = hvsim_client_directory(setup->named, size, name);
	used = strlen(setup->named);
	if (err < 0 || (size_t)snprintf(setup->named + used, size - used, "/control.sock") >=
		       size - used) {
		fprintf(stderr, "hvsim: --name '%s' is too long for a socket\n", name);
		return -ENAMETOOLONG;
	}
	setup->control = setup->named;
	return 0;
}

/**
 * hvsim_no_machine() - Say that there is no machine to talk to.
 * @setup: where it was looked for
 * @err: why it was not found there, a negative errno
 *
 * Return: HVSIM_EXIT_NO_MACHINE.
 */
int hvsim_no_machine(const struct hvsim_setup *setup, int err)
{
	const char *path = setup->control ?: getenv("HVSIM_CONTROL");
	char usual[sizeof(((struct sockaddr_un *)NULL)->sun_path)];

	if ((!path || !*path) && !hvsim_client_directory(usual, sizeof(usual), NULL))
		path = usual;
	fprintf(stderr, "hvsim: no machine runs in %s (%s); hvsim list shows those that do, "
		"hvsim run starts one\n",
		path ?: "the usual place", strerror(-err));
	return HVSIM_EXIT_NO_MACHINE;
}

/**
 * hvsim_call() - Make a request to the running machine.
 * @setup: which machine
 * @name: command of the control protocol
 * @arguments: its arguments, taken over; NULL for none
 * @ret: what it returned, to be put; written only on success
 *
 * Return: HVSIM_EXIT_OK; another exit status after a line on standard error.
 */
int hvsim_call(const struct hvsim_setup *setup, const char *name, struct json_object *arguments,
	       struct json_object **ret)
{
	struct hvsim_client *client;
	int status = HVSIM_EXIT_OK;
	char *error = NULL;
	int err;

	err = hvsim_client_open(&client, setup->control);
	if (err < 0) {
		json_object_put(arguments);
		return hvsim_no_machine(setup, err);
	}
	err = hvsim_client_call(client, name, arguments, ret, &error);
	if (err == -EREMOTEIO) {
		fprintf(stderr, "hvsim: %s\n", error);
		status = strcmp(hvsim_client_error_class(client), "bad-argument") ?
			 HVSIM_EXIT_REFUSED : HVSIM_EXIT_USAGE;
	} else if (err < 0) {
		fprintf(stderr, "hvsim: the machine went away: %s\n", strerror(-err));
		status = HVSIM_EXIT_NO_MACHINE;
	}
	free(error);
	hvsim_client_close(client);
	return status;
}

/**
 * hvsim_print_json() - Show a result to a program.
 * @result: what a command returned
 */
void hvsim_print_json(struct json_object *result)
{
	puts(json_object_to_json_string_ext(result, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_SPACED |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
}

/**
 * hvsim_verb_run() - Carry out a subcommand.
 * @verb: which
 * @setup: for all subcommands; options of this one may change it
 * @argc: number of words, from the verb's last on
 * @argv: the words
 *
 * Return: exit status of the program.
 */
int hvsim_verb_run(const struct hvsim_verb *verb, struct hvsim_setup *setup, int argc,
		   char **argv)
{
	struct json_object *arguments, *result;
	int status;

	arguments = verb->fixed ? json_tokener_parse(verb->fixed) : json_object_new_object();
	status = options_parse(verb, setup, arguments, argc, argv);
	if (!status)
		status = operands_parse(verb, arguments, argv + optind);
	if (status) {
		json_object_put(arguments);
		return status < 0 ? HVSIM_EXIT_USAGE : HVSIM_EXIT_OK;
	}
	status = verb->call ? verb->call(setup, arguments, &result) :
		 hvsim_call(setup, verb->execute, arguments, &result);
	if (status)
		return status;
	if (setup->json)
		hvsim_print_json(result);
	else if (verb->print)
		verb->print(result);
	status = verb->outcome ? verb->outcome(result) : HVSIM_EXIT_OK;
	json_object_put(result);
	return status;
}
