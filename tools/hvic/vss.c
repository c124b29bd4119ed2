// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvic vss: what a backup freezes, how the last one went, and one without a host.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hvd_config.h"
#include "hvd_file.h"
#include "hvd_text.h"
#include "cmd.h"
#include "vss/backup.h"
#include "vss/fanotify.h"
#include "vss/status.h"

#define STATUS_LEN	(1024 * 1024)

struct hvic_vss {
	struct vss_settings settings;
	bool json;
	unsigned int hold_ms;
};

/* ---- what is shown ---- */

/* A line each: names of mounts may be anything. */
static void text_print(const char *text, int width)
{
	for (; *text; text++, width--)
		putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
	for (; width > 0; width--)
		putchar(' ');
}

static const char *text_of(struct json_object *object, const char *key)
{
	struct json_object *value;
	const char *text;

	if (!json_object_object_get_ex(object, key, &value))
		return "";
	text = json_object_get_string(value);
	return text ? text : "";
}

static long long number_of(struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) ? json_object_get_int64(value) : 0;
}

static size_t list_of(struct json_object *object, const char *key, struct json_object **list)
{
	return json_object_object_get_ex(object, key, list) &&
	       json_object_is_type(*list, json_type_array) ? json_object_array_length(*list) : 0;
}

static void json_print(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_NOSLASHESCAPE));
}

/* How wide the longest mount point is, so that there are columns. */
static int width_of(struct json_object *object, const char *key)
{
	struct json_object *list;
	size_t i, count = list_of(object, key, &list), len;
	int width = 5;

	for (i = 0; i < count; i++) {
		len = strlen(text_of(json_object_array_get_idx(list, i), "mount"));
		width = (int)len > width && len <= 40 ? (int)len : width;
	}
	return width;
}

/* Those that are frozen, by level; with times where there are any. */
static void frozen_print(struct json_object *object, const char *key)
{
	struct json_object *list, *item;
	size_t i, count = list_of(object, key, &list);
	int width = width_of(object, key);

	for (i = 0; i < count; i++) {
		item = json_object_array_get_idx(list, i);
		printf("  %3lld  ", number_of(item, "level"));
		text_print(text_of(item, "mount"), width);
		printf("  %-8s  ", text_of(item, "type"));
		text_print(text_of(item, "device"), 0);
		if (json_object_object_get_ex(item, "freeze_us", NULL))
			printf("  %.1f ms", (double)number_of(item, "freeze_us") / 1000);
		if (*text_of(item, "error"))
			printf("  %s", text_of(item, "error"));
		putchar('\n');
	}
}

static void skipped_print(struct json_object *object, const char *key)
{
	struct json_object *list, *item;
	size_t i, count = list_of(object, key, &list);
	int width = width_of(object, key);

	if (count)
		printf("not frozen:\n");
	for (i = 0; i < count; i++) {
		item = json_object_array_get_idx(list, i);
		printf("       ");
		text_print(text_of(item, "mount"), width);
		printf("  %-8s  %s", text_of(item, "type"), text_of(item, "verdict"));
		if (*text_of(item, "why"))
			printf(": ");
		text_print(text_of(item, "why"), 0);
		putchar('\n');
	}
}

static void backup_print(struct json_object *object)
{
	printf("%s: ", *text_of(object, "started") ? text_of(object, "started") : "?");
	printf("%s (%s)", text_of(object, "result"), text_of(object, "type"));
	if (*text_of(object, "why")) {
		printf(": ");
		text_print(text_of(object, "why"), 0);
	}
	putchar('\n');
	if (*text_of(object, "holder"))
		printf("frozen for %lld ms, held by the %s; it ended by: %s\n",
		       number_of(object, "frozen_ms"), text_of(object, "holder"),
		       text_of(object, "end"));
	printf("hooks %lld ms, flush %lld ms, freeze %lld ms\n", number_of(object, "hooks_ms"),
	       number_of(object, "flush_ms"), number_of(object, "freeze_ms"));
	if (*text_of(object, "listeners"))
		printf("asked for permission when files are opened (fanotify): %s\n",
		       text_of(object, "listeners"));
	frozen_print(object, "file_systems");
	skipped_print(object, "skipped");
}

/* ---- status ---- */

static struct json_object *status_read(const char *path)
{
	char *text = malloc(STATUS_LEN);
	struct json_object *object = NULL;
	int len = text ? hvd_file_read(path, text, STATUS_LEN) : -ENOMEM;

	if (len == -ENOENT)
		fprintf(stderr, "hvic: there has been no backup yet (%s is not there)\n", path);
	else if (len < 0)
		fprintf(stderr, "hvic: cannot read %s: %s\n", path, strerror(-len));
	else
		object = json_tokener_parse(text);
	if (len >= 0 && !json_object_is_type(object, json_type_object))
		fprintf(stderr, "hvic: %s is not what hv_vss_daemon writes; remove it\n", path);
	free(text);
	return object;
}

static int status_show(struct hvic_vss *vss)
{
	char path[300], record[300];
	struct json_object *object;
	int frozen, status = HVIC_EXIT_OK;

	snprintf(path, sizeof(path), "%.250s/" VSS_STATUS_FILE, vss->settings.pools);
	snprintf(record, sizeof(record), "%.250s/vss-frozen", vss->settings.run_directory);
	frozen = vss_record_frozen(record);
	object = status_read(path);
	if (!json_object_is_type(object, json_type_object)) {
		status = HVIC_EXIT_NO;
	} else if (vss->json) {
		json_object_object_add(object, "frozen_now", json_object_new_int(frozen));
		json_print(object);
	} else {
		backup_print(object);
	}
	if (frozen && !vss->json)
		printf("%d file systems are frozen at this moment\n", frozen);
	json_object_put(object);
	return status;
}

/* ---- plan ---- */

static int plan_show(struct hvic_vss *vss)
{
	struct json_object *object, *list;
	struct vss_backup backup;
	size_t i;
	int err;

	vss_backup_start(&backup, &vss->settings, "test", -1);
	err = vss_backup_check(&backup);
	object = vss_status_plan_json(&backup.plan);
	vss_fanotify_find("/proc", backup.result.listeners, sizeof(backup.result.listeners));
	if (vss->json) {
		list = json_object_new_array();
		for (i = 0; i < backup.hooks.count; i++)
			json_object_array_add(list,
					      json_object_new_string(backup.hooks.hooks[i].path));
		json_object_object_add(object, "hooks", list);
		json_object_object_add(object, "listeners",
				       json_object_new_string(backup.result.listeners));
		if (err)
			json_object_object_add(object, "error",
					       json_object_new_string(backup.result.why));
		json_print(object);
	} else {
		for (i = 0; i < backup.hooks.count; i++)
			printf("%s%s\n", i ? "       " : "hooks:\n       ",
			       backup.hooks.hooks[i].path);
		printf("frozen in this order, those with the same number side by side:\n");
		frozen_print(object, "freeze");
		skipped_print(object, "skip");
		if (*backup.result.listeners)
			printf("asked for permission when files are opened (fanotify): %s\n",
			       backup.result.listeners);
	}
	if (err)
		fprintf(stderr, "hvic: a backup would fail: %s\n", backup.result.why);
	json_object_put(object);
	vss_backup_free(&backup);
	return err ? HVIC_EXIT_NO : HVIC_EXIT_OK;
}

/* ---- test ---- */

/* Not for longer than it is frozen: by its deadline, or by somebody else. */
static void hold(const struct vss_backup *backup, unsigned int ms)
{
	struct pollfd holder = { .fd = vss_freezer_fd(&backup->freezer), .events = POLLIN };
	uint64_t until = vss_wait_now() + ms, now;

	for (now = vss_wait_now(); now < until; now = vss_wait_now()) {
		if (vss_wait_cancelled(&backup->cancel))
			return;
		if (poll(&holder, 1, until - now < 100 ? (int)(until - now) : 100) > 0)
			return;
	}
}

/* What is said goes out when all is thawed: who reads it may need what is frozen. */
static int test_run(struct hvic_vss *vss)
{
	struct json_object *object;
	struct vss_backup backup;
	sigset_t set;
	int err;

	if (geteuid()) {
		fprintf(stderr, "hvic: freezing needs root: sudo hvic vss test\n");
		return HVIC_EXIT_NO;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	vss_backup_start(&backup, &vss->settings, "test", -1);
	err = vss_backup_freeze(&backup);
	if (!err) {
		hold(&backup, vss->hold_ms);
		err = vss_backup_thaw(&backup);
	}
	vss_backup_finish(&backup);
	object = vss_status_json(&backup);
	if (vss->json)
		json_print(object);
	else
		backup_print(object);
	json_object_put(object);
	vss_backup_free(&backup);
	return err ? HVIC_EXIT_NO : HVIC_EXIT_OK;
}

/* ---- the command line ---- */

static const struct {
	const char *name;
	int (*run)(struct hvic_vss *vss);
	const char *does;
} commands[] = {
	{ "status", status_show, "how the last backup went: what was frozen, and for how long" },
	{ "plan", plan_show, "what would be frozen, in which order, and what not and why" },
	{ "test", test_run, "run the hooks, freeze and thaw for real, without a host" },
};

#define COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *to)
{
	size_t i;

	fprintf(to, "usage: hvic [--json] vss status\n"
		"       hvic [--json] vss plan\n"
		"       hvic [--json] vss test [--hold SECONDS]\n"
		"\n"
		"Backup by the host (VSS, production checkpoints) from the guest's side:\n"
		"\n");
	for (i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].does);
	fprintf(to, "\n"
		"test needs root and has all who write wait until it is done. It stays frozen for\n"
		"--hold SECONDS (default: not at all), at most for the deadline of the settings.\n"
		"\n"
		"For example, to see whether tonight's backup would work:\n"
		"\n"
		"  hvic vss plan\n"
		"  sudo hvic vss test\n");
}

static int hold_take(struct hvic_vss *vss, const char *word)
{
	char *end;
	double seconds = strtod(word, &end);

	if (end == word || *end || !(seconds >= 0 && seconds <= 600)) {
		fprintf(stderr, "hvic: --hold is '%s', but must be a number of seconds from 0 to "
			"600\n",
			word);
		return HVIC_EXIT_USAGE;
	}
	vss->hold_ms = (unsigned int)(seconds * 1000);
	return -1;
}

static int option_take(struct hvic_vss *vss, int option, char **argv)
{
	switch (option) {
	case 'j':
		vss->json = true;
		return -1;
	case 'o':
		return hold_take(vss, optarg);
	case 'h':
		usage(stdout);
		return HVIC_EXIT_OK;
	default:
		fprintf(stderr, "hvic: vss has no option '%s', or it lacks its argument; "
			"hvic vss --help explains\n", argv[optind - 1]);
		return HVIC_EXIT_USAGE;
	}
}

/* Exit status; -1 to go on. */
static int options_take(struct hvic_vss *vss, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "hold", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	int option, status = -1;

	optind = 0;
	opterr = 0;
	while (status < 0 && (option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		status = option_take(vss, option, argv);
	if (status < 0 && optind == argc) {
		usage(stderr);
		return HVIC_EXIT_USAGE;
	}
	return status;
}

static int command_run(struct hvic_vss *vss, int argc, char **argv)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, argv[optind]))
			break;
	if (i == COMMANDS) {
		fprintf(stderr, "hvic: there is no command 'vss %s'; hvic vss --help lists all\n",
			argv[optind]);
		return HVIC_EXIT_USAGE;
	}
	if (optind + 1 < argc) {
		fprintf(stderr, "hvic: vss %s takes no argument '%s'\n", commands[i].name,
			argv[optind + 1]);
		return HVIC_EXIT_USAGE;
	}
	if (vss->hold_ms && commands[i].run != test_run) {
		fprintf(stderr, "hvic: --hold is for vss test\n");
		return HVIC_EXIT_USAGE;
	}
	return commands[i].run(vss);
}

/**
 * hvic_vss_main() - Run hvic vss.
 * @setup: what stood before
 * @argc: words
 * @argv: words, "vss" first
 *
 * Return: what hvic exits with.
 */
int hvic_vss_main(struct hvic_setup *setup, int argc, char **argv)
{
	struct hvic_vss vss = { .json = setup->json };
	int status = options_take(&vss, argc, argv);

	if (status >= 0)
		return status;
	if (vss_settings_start(&vss.settings) ||
	    vss_settings_read(&vss.settings, setup->config ? setup->config : HVD_CONFIG_PATH,
			      setup->config))
		status = HVIC_EXIT_NO;
	else
		status = command_run(&vss, argc, argv);
	vss_settings_free(&vss.settings);
	return status;
}
