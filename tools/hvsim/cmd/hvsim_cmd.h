/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The subcommands of hvsim.  Most are a request to a running machine and are
 * described by a table: struct hvsim_verb.  Others are programs of their own.
 */
#ifndef HVSIM_CMD_H
#define HVSIM_CMD_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>

/* Exit statuses of hvsim; `hvsim guest` passes on that of the guest's command. */
#define HVSIM_EXIT_OK		0
#define HVSIM_EXIT_REFUSED	1	/* the machine or the guest said no */
#define HVSIM_EXIT_USAGE	2	/* a mistake on the command line */
#define HVSIM_EXIT_NO_MACHINE	3	/* there is no running machine */

/**
 * enum hvsim_word_type - how a word of the command line becomes an argument
 * @HVSIM_WORD_SWITCH: an option without a value: true
 * @HVSIM_WORD_ON_OFF: on or off: true or false
 * @HVSIM_WORD_INTEGER: a number, also in hexadecimal after 0x
 * @HVSIM_WORD_SECONDS: seconds, with a fraction if need be: a number of ms
 * @HVSIM_WORD_STRING: as it is
 * @HVSIM_WORD_LIST: 1.0,3.0: an array of strings; the empty word is an empty one
 * @HVSIM_WORD_REST: of operands, the last: all that is left, with blanks between
 */
enum hvsim_word_type {
	HVSIM_WORD_SWITCH,
	HVSIM_WORD_ON_OFF,
	HVSIM_WORD_INTEGER,
	HVSIM_WORD_SECONDS,
	HVSIM_WORD_STRING,
	HVSIM_WORD_LIST,
	HVSIM_WORD_REST,
};

/**
 * struct hvsim_word - an option or an operand
 * @name: of an option what stands behind --; of an operand what help calls it
 * @type: what it is
 * @key: the argument that it becomes
 * @optional: of operands, the last: it need not be there
 *
 * A table of these ends with a @name of NULL.
 */
struct hvsim_word {
	const char *name;
	enum hvsim_word_type type;
	const char *key;
	bool optional;
};

struct hvsim_setup;

/**
 * struct hvsim_verb - a subcommand that is a request to a running machine
 * @name: one word, or two with a blank between
 * @execute: the command of the control protocol
 * @fixed: arguments that it always has, as JSON; NULL for none
 * @operands: in their order; NULL for none
 * @options: NULL for none
 * @call: makes the request, as hvsim_call() would; NULL for that
 * @print: shows the result to a person; NULL when there is nothing to show
 * @outcome: exit status by the result; NULL for HVSIM_EXIT_OK
 * @summary: a line for the list of all
 * @help: the rest of the help, behind the usage line
 */
struct hvsim_verb {
	const char *name;
	const char *execute;
	const char *fixed;
	const struct hvsim_word *operands;
	const struct hvsim_word *options;
	int (*call)(const struct hvsim_setup *setup, struct json_object *arguments,
		    struct json_object **ret);
	void (*print)(struct json_object *result);
	int (*outcome)(struct json_object *result);
	const char *summary;
	const char *help;
};

/**
 * struct hvsim_setup - what holds for all subcommands
 * @json: show results as JSON
 * @control: path of the control socket; NULL for the usual one
 * @named: that path, when the machine was given by its name
 */
struct hvsim_setup {
	bool json;
	const char *control;
	char named[108];	/* what a socket's address holds */
};

extern const struct hvsim_verb hvsim_verbs[];

int hvsim_verb_run(const struct hvsim_verb *verb, struct hvsim_setup *setup, int argc,
		   char **argv);
int hvsim_setup_name(struct hvsim_setup *setup, const char *name);
int hvsim_no_machine(const struct hvsim_setup *setup, int err);
int hvsim_call(const struct hvsim_setup *setup, const char *name, struct json_object *arguments,
	       struct json_object **ret);
void hvsim_print_json(struct json_object *result);

void hvsim_print_status(struct json_object *result);
void hvsim_print_services(struct json_object *result);
void hvsim_print_service(struct json_object *result);
void hvsim_print_heartbeat(struct json_object *result);
void hvsim_print_beat(struct json_object *result);
void hvsim_print_time(struct json_object *result);
void hvsim_print_told(struct json_object *result);
void hvsim_print_power(struct json_object *result);
void hvsim_print_versions(struct json_object *result);
void hvsim_print_raw(struct json_object *result);
void hvsim_print_burst(struct json_object *result);
void hvsim_print_guest(struct json_object *result);
void hvsim_print_events(struct json_object *result);
void hvsim_print_event(struct json_object *result);
void hvsim_print_anomalies(struct json_object *result);
void hvsim_print_profiles(struct json_object *result);
void hvsim_print_text(struct json_object *result);
void hvsim_print_kvp(struct json_object *result);
void hvsim_print_kvp_list(struct json_object *result);
void hvsim_print_kvp_change(struct json_object *result);
void hvsim_print_kvp_get(struct json_object *result);
void hvsim_print_kvp_adapter(struct json_object *result);
void hvsim_print_backup(struct json_object *result);
void hvsim_print_vss(struct json_object *result);
void hvsim_print_copy(struct json_object *result);
void hvsim_print_copies(struct json_object *result);
void hvsim_print_misbehaved(struct json_object *result);
void hvsim_print_behaviours(struct json_object *result);

int hvsim_copy_call(const struct hvsim_setup *setup, struct json_object *arguments,
		    struct json_object **ret);
int hvsim_list_main(const struct hvsim_setup *setup, int argc, char **argv);
int hvsim_console_main(const struct hvsim_setup *setup, int argc, char **argv);
int hvsim_fuzz_main(const struct hvsim_setup *setup, int argc, char **argv);
int hvsim_bridge_main(const struct hvsim_setup *setup, int argc, char **argv);
int hvsim_ps_main(const struct hvsim_setup *setup, int argc, char **argv);

/* What a change may make of bytes is longer than they are by that much. */
#define HVSIM_BRIDGE_MORE	64

/*
 * Changes a part of a stream: writes to @to what @len bytes at @from become, and returns
 * how much it is. @len is 0 at the end of the stream.
 */
typedef size_t (*hvsim_bridge_change)(void *userdata, char *to, const char *from, size_t len);

int hvsim_bridge_dial(const struct hvsim_setup *setup, const char *name, bool container, int *ret);
int hvsim_bridge_write(int fd, const void *bytes, size_t len);
void hvsim_bridge_talk(int fd, hvsim_bridge_change change, void *userdata);

#endif
