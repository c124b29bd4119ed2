// SPDX-License-Identifier: GPL-2.0-or-later
/* hvsim copy: with a progress bar, where somebody looks. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "hvsim_cmd.h"
#include "hvsim_json.h"

/* How often the bar moves. */
#define POLL_MS		100
/* What stands beside the bar, and how long it may be. */
#define BESIDE		44
#define BAR_MAX		60

static atomic_bool interrupted;

static void on_signal(int number)
{
	(void)number;
	atomic_store(&interrupted, true);
}

static const char *text(struct json_object *object, const char *key)
{
	return json_object_get_string(json_object_object_get(object, key)) ?: "";
}

static uint64_t number(struct json_object *object, const char *key)
{
	return json_object_get_uint64(json_object_object_get(object, key));
}

/* Bytes as people say them. */
static const char *amount(char out[16], uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double shown = (double)bytes;
	size_t unit = 0;

	while (shown >= 1024 && unit < sizeof(units) / sizeof(units[0]) - 1) {
		shown /= 1024;
		unit++;
	}
	snprintf(out, 16, unit ? "%.1f %s" : "%.0f %s", shown, units[unit]);
	return out;
}

static int bar_width(void)
{
	struct winsize size = { 0 };
	int width = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col ? 80 : size.ws_col;

	width -= BESIDE;
	return width < 0 ? 0 : width > BAR_MAX ? BAR_MAX : width;
}

static void bar_draw(struct json_object *copy)
{
	uint64_t size = number(copy, "size"), sent = number(copy, "sent");
	int width = bar_width(), i;
	int full = size ? (int)((double)width * (double)sent / (double)size) : width;
	char done[16], rate[16];

	fputs("\r[", stderr);
	for (i = 0; i < width; i++)
		fputc(i < full ? '#' : '.', stderr);
	fprintf(stderr, "] %3d %%  %10s  %10s/s ", size ? (int)(sent * 100.0 / (double)size) : 100,
		amount(done, sent), amount(rate, number(copy, "bytes-a-second")));
	fflush(stderr);
}

static struct json_object *named(struct json_object *copy)
{
	struct json_object *arguments = json_object_new_object();

	hvsim_json_add_uint(arguments, "number", number(copy, "number"));
	return arguments;
}

/* Follows a copy to its end; an interrupt cancels it, as it does Copy-VMFile's. */
static int copy_follow(const struct hvsim_setup *setup, struct json_object **copy)
{
	const struct timespec pause = { 0, POLL_MS * 1000000L };
	struct sigaction action = { .sa_handler = on_signal }, before;
	bool cancelled = false;
	struct json_object *next;
	int status = 0;

	sigaction(SIGINT, &action, &before);
	while (!status && !strcmp(text(*copy, "ended"), "running")) {
		bar_draw(*copy);
		nanosleep(&pause, NULL);
		if (interrupted && !cancelled)
			status = hvsim_call(setup, "copy-cancel", named(*copy), &next);
		else
			status = hvsim_call(setup, "copy-status", named(*copy), &next);
		cancelled |= interrupted;
		if (status)
			break;
		json_object_put(*copy);
		*copy = next;
	}
	sigaction(SIGINT, &before, NULL);
	if (!status)
		bar_draw(*copy);
	fputc('\n', stderr);
	return status;
}

/**
 * hvsim_copy_call() - Have a file copied.
 * @setup: which machine
 * @arguments: of the command "copy", taken over; the file's name is the caller's, and
 *	made one that the machine understands
 * @ret: how it went, to be put; written only on success
 *
 * On a terminal it is shown how far it is.
 *
 * Return: HVSIM_EXIT_OK; another exit status after a line on standard error.
 */
int hvsim_copy_call(const struct hvsim_setup *setup, struct json_object *arguments,
		    struct json_object **ret)
{
	const char *file = text(arguments, "file"), *slash = strrchr(file, '/');
	bool shown = isatty(STDERR_FILENO) && !setup->json;
	char path[PATH_MAX];
	int status;

	/* what it is called is told before links are followed */
	if (!json_object_object_get(arguments, "name"))
		hvsim_json_add_string(arguments, "name", slash ? slash + 1 : file);
	if (!realpath(file, path)) {
		fprintf(stderr, "hvsim copy: %s: %s\n", file, strerror(errno));
		json_object_put(arguments);
		return HVSIM_EXIT_USAGE;
	}
	json_object_object_del(arguments, "file");
	hvsim_json_add_string(arguments, "file", path);
	if (shown)
		hvsim_json_add_bool(arguments, "background", true);
	status = hvsim_call(setup, "copy", arguments, ret);
	if (status || !shown)
		return status;
	status = copy_follow(setup, ret);
	if (status)
		json_object_put(*ret);
	return status;
}

/**
 * hvsim_print_copy() - Show how a copy went.
 * @result: of the command "copy"
 */
void hvsim_print_copy(struct json_object *result)
{
	char sent[16], size[16], rate[16];

	if (number(result, "status")) {
		fflush(stdout);
		fprintf(stderr, "hvsim: copy: failed to copy '%s' to '%s' (%s): %s. (0x%08" PRIX64
			"); the guest took %s of %s\n", text(result, "name"), text(result, "path"),
			text(result, "operation"), text(result, "error"), number(result, "status"),
			amount(sent, number(result, "sent")), amount(size, number(result, "size")));
		return;
	}
	printf("%s to %s: %s, %s of %s in %.1f s, %s/s\n", text(result, "name"),
	       text(result, "path"), text(result, "ended"), amount(sent, number(result, "sent")),
	       amount(size, number(result, "size")), (double)number(result, "took-us") / 1e6,
	       amount(rate, number(result, "bytes-a-second")));
}

/**
 * hvsim_print_copies() - Show the last copies.
 * @result: of the command "copy-list"
 */
void hvsim_print_copies(struct json_object *result)
{
	struct json_object *copies = json_object_object_get(result, "copies"), *one;
	char sent[16], size[16];
	size_t i;

	printf("%-6s %-10s %11s %11s %-17s %s\n", "NUMBER", "ENDED", "SENT", "SIZE", "STATUS",
	       "NAME AND PLACE");
	for (i = 0; i < json_object_array_length(copies); i++) {
		one = json_object_array_get_idx(copies, i);
		printf("%-6" PRIu64 " %-10s %11s %11s %-17s %s to %s\n", number(one, "number"),
		       text(one, "ended"), amount(sent, number(one, "sent")),
		       amount(size, number(one, "size")), text(one, "status-name"),
		       text(one, "name"), text(one, "path"));
	}
}
