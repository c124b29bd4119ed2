// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvic copy: files that the host copies into this guest.
 */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <hv/hvic_service.h>

#include "fcopy/absence.h"
#include "fcopy/setting.h"
#include "fcopy/status.h"
#include "cmd.h"

struct copy {
	bool json;
	unsigned int count;	/* that are wanted */
};

/* A size as people say it, in up to 9 characters. */
static const char *size_text(uint64_t bytes, char *text, size_t room)
{
	static const char units[] = "kMGTPE";
	double number = (double)bytes;
	int unit = -1;

	for (; number >= 1000; number /= 1000)
		unit++;
	/* what rounding would make 1000 of is of the next unit */
	if (unit >= 0 && number >= 999.5 && unit < 5) {
		number /= 1000;
		unit++;
	}
	if (unit < 0)
		snprintf(text, room, "%.0f B", number);
	else
		snprintf(text, room, number < 99.95 ? "%.1f %cB" : "%.0f %cB", number, units[unit]);
	return text;
}

static void time_text(int64_t when, bool iso, char *text, size_t room)
{
	time_t seconds = (time_t)when;
	struct tm local;
	size_t len = 0;

	if (localtime_r(&seconds, &local))
		len = iso ? strftime(text, room, "%Y-%m-%dT%H:%M:%S%z", &local) :
			    strftime(text, room, "%Y-%m-%d %H:%M:%S", &local);
	if (!len)
		snprintf(text, room, "?");
}

static void entry_print(const struct fcopy_entry *entry)
{
	bool goes_on = entry->state == FCOPY_COPYING || entry->state == FCOPY_WAITING;
	char when[32], bytes[16], rate[16], part[8] = "";

	time_text(entry->began, false, when, sizeof(when));
	if (goes_on && entry->size)
		snprintf(part, sizeof(part), "%u%%",
			 (unsigned int)((double)entry->bytes * 100 / (double)entry->size));
	printf("%-19s  %-9s %4s  %8s  %8s/s  %s%s%s\n", when, fcopy_state_name(entry->state), part,
	       size_text(entry->bytes, bytes, sizeof(bytes)),
	       size_text(fcopy_entry_rate(entry), rate, sizeof(rate)), entry->path,
	       entry->why[0] ? ": " : "", entry->why);
}

static void entry_print_json(const struct fcopy_entry *entry)
{
	struct json_object *object = json_object_new_object();
	char text[40];

	json_object_object_add(object, "number", json_object_new_int64((int64_t)entry->number));
	json_object_object_add(object, "state",
			       json_object_new_string(fcopy_state_name(entry->state)));
	time_text(entry->began, true, text, sizeof(text));
	json_object_object_add(object, "began", json_object_new_string(text));
	json_object_object_add(object, "milliseconds", json_object_new_int64((int64_t)entry->ms));
	json_object_object_add(object, "size", json_object_new_int64((int64_t)entry->size));
	json_object_object_add(object, "bytes", json_object_new_int64((int64_t)entry->bytes));
	json_object_object_add(object, "rate",
			       json_object_new_int64((int64_t)fcopy_entry_rate(entry)));
	snprintf(text, sizeof(text), "0x%08x", entry->status);
	json_object_object_add(object, "status", json_object_new_string(text));
	json_object_object_add(object, "path", json_object_new_string(entry->path));
	if (entry->why[0])
		json_object_object_add(object, "error", json_object_new_string(entry->why));
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

/* No list: the daemon has not run, and often there is a reason for that. */
static int list_miss(const char *path, int err)
{
	char why[256] = "";

	if ((err == -EACCES || err == -EPERM) && geteuid()) {
		fprintf(stderr, "hvic: cannot read %s: run it as root: sudo hvic ...\n", path);
	} else if (err != -ENOENT) {
		fprintf(stderr, "hvic: cannot read %s: %s\n", path, strerror(-err));
	} else if (!access("/dev/" HVIC_DEVICE_FCOPY, F_OK)) {
		fprintf(stderr, "hvic: hv_fcopy_daemon has not run since the boot: systemctl start "
			"hv-fcopy-daemon\n");
	} else {
		fcopy_absence_tell(FCOPY_SYSFS, why, sizeof(why));
		fprintf(stderr, "hvic: no file can be copied into this guest: %s\n", why);
	}
	return HVIC_EXIT_NO;
}

static int copy_status(const struct copy *copy, const char *path)
{
	static struct fcopy_status status;
	int err = fcopy_status_read(&status, path);
	unsigned int i;

	if (err)
		return list_miss(path, err);
	if (!status.count && !copy->json)
		puts("no file has been copied since the boot");
	for (i = 0; i < status.count; i++) {
		if (status.count - i > copy->count)
			continue;
		if (copy->json)
			entry_print_json(&status.entries[i]);
		else
			entry_print(&status.entries[i]);
	}
	return HVIC_EXIT_OK;
}

static void usage(FILE *to)
{
	fprintf(to, "usage: hvic [--json] copy status [-n NUMBER]\n"
		"\n"
		"Shows the last files that the host has copied into this guest, or copies now: when\n"
		"it was begun, how it is or ended, how many bytes have come, how fast, and where to.\n"
		"\n"
		"  -n NUMBER  the last NUMBER of them; default is 10, and 20 are kept\n"
		"\n"
		"With --json each copy is an object on a line. The host begins a copy:\n"
		"\n"
		"  Copy-VMFile -Name VM -SourcePath C:\\a.txt -DestinationPath /tmp/ -FileSource Host\n"
		"\n"
		"There is no other direction: for that see hv_fcopy_daemon(8).\n");
}

static int count_take(const char *word, unsigned int *count)
{
	char *end;
	long number = strtol(word, &end, 10);

	if (end == word || *end || number < 1 || number > 1000000) {
		fprintf(stderr, "hvic: copy status -n takes a number, 1 or more, not '%s'\n", word);
		return -EINVAL;
	}
	*count = (unsigned int)number;
	return 0;
}

/* Exit status; -1 to go on. */
static int options_take(struct copy *copy, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "lines", required_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	int option;

	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "n:h", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			copy->json = true;
			break;
		case 'n':
			if (count_take(optarg, &copy->count) < 0)
				return HVIC_EXIT_USAGE;
			break;
		case 'h':
			usage(stdout);
			return HVIC_EXIT_OK;
		default:
			fprintf(stderr, "hvic: copy has no option '%s', or it lacks its argument; "
				"hvic copy --help explains\n", argv[optind - 1]);
			return HVIC_EXIT_USAGE;
		}
	}
	if (optind == argc) {
		usage(stderr);
		return HVIC_EXIT_USAGE;
	}
	if (strcmp(argv[optind], "status")) {
		fprintf(stderr, "hvic: there is no command 'copy %s'; hvic copy --help explains\n",
			argv[optind]);
		return HVIC_EXIT_USAGE;
	}
	if (optind + 1 < argc) {
		fprintf(stderr, "hvic: copy status takes no argument '%s'\n", argv[optind + 1]);
		return HVIC_EXIT_USAGE;
	}
	return -1;
}

/**
 * hvic_copy_main() - Run hvic copy.
 * @setup: what stood before
 * @argc: words
 * @argv: words, "copy" first
 *
 * Return: what hvic exits with.
 */
int hvic_copy_main(struct hvic_setup *setup, int argc, char **argv)
{
	struct copy copy = { .json = setup->json, .count = 10 };
	int status = options_take(&copy, argc, argv);
	struct fcopy_setting setting;

	if (status >= 0)
		return status;
	if (fcopy_setting_start(&setting) < 0 ||
	    fcopy_setting_read(&setting, setup->config ? setup->config : HVD_CONFIG_PATH,
			       setup->config) < 0)
		status = HVIC_EXIT_NO;
	else
		status = copy_status(&copy, setting.status);
	fcopy_setting_end(&setting);
	return status;
}
