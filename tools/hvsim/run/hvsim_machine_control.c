// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A machine's commands on the control socket.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_arguments.h"
#include "hvsim_base64.h"
#include "hvsim_control.h"
#include "hvsim_guest.h"
#include "hvsim_host.h"
#include "hvsim_json.h"
#include "hvsim_log.h"
#include "hvsim_machine.h"

#define EXEC_TIMEOUT_DEFAULT_MS	60000
#define EXEC_TIMEOUT_MOST_MS	86400000
/* What a host's clock may have moved on: a hundred years. */
#define GAP_MOST_MS		3155760000000
#define LOG_LINES_DEFAULT	100
#define LOG_LINES_MOST		100000

static const char *const state_names[] = {
	[HVSIM_MACHINE_RUNNING] = "running",
	[HVSIM_MACHINE_PAUSED] = "paused",
	[HVSIM_MACHINE_SAVED] = "saved",
	[HVSIM_MACHINE_OFF] = "off",
	[HVSIM_MACHINE_PANICKED] = "panicked",
	[HVSIM_MACHINE_GONE] = "gone",
};

static const char *guest_error_text(int error)
{
	switch (error) {
	case -ETIME:
		return "the command did not end in time and was killed";
	case -ETIMEDOUT:
		return "the guest does not answer";
	case -ESTALE:
		return "the guest was reset, or has gone, meanwhile";
	default:
		return strerror(-error);
	}
}

static void guest_fail(struct hvsim_request *request, int error)
{
	hvsim_request_fail(request, error == -ETIME || error == -ETIMEDOUT ? "timeout" : "guest",
			   "%s", guest_error_text(error));
}

static void exec_done(const struct hvsim_guest_result *result, void *userdata)
{
	struct json_object *answer;

	if (result->error) {
		guest_fail(userdata, result->error);
		return;
	}
	answer = json_object_new_object();
	hvsim_json_add(answer, "output",
		       json_object_new_string_len(result->output, (int)result->len));
	hvsim_json_add_int(answer, "status", result->status);
	hvsim_request_return(userdata, answer);
}

/* Output that need not be text. */
static void exec_done_base64(const struct hvsim_guest_result *result, void *userdata)
{
	struct json_object *answer;
	char *text;

	if (result->error) {
		guest_fail(userdata, result->error);
		return;
	}
	answer = json_object_new_object();
	text = hvsim_base64_encode(result->output, result->len);
	hvsim_json_add_string(answer, "output-base64", text);
	free(text);
	hvsim_json_add_int(answer, "status", result->status);
	hvsim_request_return(userdata, answer);
}

/* Whether the guest could do something at all; else the request has failed. */
static bool guest_can(struct hvsim_machine *machine, struct hvsim_request *request)
{
	if (!hvsim_machine_is_stopped(machine))
		return true;
	hvsim_request_fail(request, "paused", "the machine is %s",
			   state_names[hvsim_machine_state(machine)]);
	return false;
}

struct exec_arguments {
	const char *command;
	int64_t timeout_ms;
	bool base64;
};

static void handle_guest_exec(struct hvsim_request *request, struct json_object *arguments,
			      void *userdata)
{
	static const struct hvsim_argument table[] = {
		{ "command", HVSIM_ARGUMENT_STRING, true,
		  offsetof(struct exec_arguments, command) },
		{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct exec_arguments, timeout_ms), 1, EXEC_TIMEOUT_MOST_MS },
		{ "base64", HVSIM_ARGUMENT_BOOL, false,
		  offsetof(struct exec_arguments, base64) },
		{ 0 }
	};
	struct exec_arguments exec = { .timeout_ms = EXEC_TIMEOUT_DEFAULT_MS };
	struct hvsim_machine *machine = userdata;
	int err;

	if (hvsim_arguments_read(request, arguments, table, &exec) < 0 ||
	    !guest_can(machine, request))
		return;
	err = hvsim_guest_exec(hvsim_machine_guest(machine), exec.command,
			       (uint32_t)exec.timeout_ms,
			       exec.base64 ? exec_done_base64 : exec_done, request);
	if (err < 0)
		guest_fail(request, err);
}

static void push_done(const struct hvsim_guest_result *result, void *userdata)
{
	if (result->error)
		guest_fail(userdata, result->error);
	else
		hvsim_request_return(userdata, json_object_new_object());
}

struct push_arguments {
	const char *path;
	const char *data;
	int64_t mode;
};

static void handle_guest_push(struct hvsim_request *request, struct json_object *arguments,
			      void *userdata)
{
	static const struct hvsim_argument table[] = {
		{ "path", HVSIM_ARGUMENT_STRING, true, offsetof(struct push_arguments, path) },
		{ "data-base64", HVSIM_ARGUMENT_STRING, true,
		  offsetof(struct push_arguments, data) },
		{ "mode", HVSIM_ARGUMENT_INTEGER, false, offsetof(struct push_arguments, mode),
		  0, 07777 },
		{ 0 }
	};
	struct push_arguments push = { .mode = 0644 };
	struct hvsim_machine *machine = userdata;
	uint8_t *bytes;
	size_t len;
	int err;

	if (hvsim_arguments_read(request, arguments, table, &push) < 0 ||
	    !guest_can(machine, request))
		return;
	err = hvsim_base64_decode(push.data, &bytes, &len);
	if (err < 0) {
		hvsim_request_fail(request, "bad-argument", "data-base64: %s",
				   err == -EINVAL ? "this is not base64" : strerror(-err));
		return;
	}
	err = hvsim_guest_push(hvsim_machine_guest(machine), push.path, (uint32_t)push.mode,
			       bytes, len, push_done, request);
	free(bytes);
	if (err < 0)
		guest_fail(request, err);
}

static void handle_machine_status(struct hvsim_request *request, struct json_object *arguments,
				  void *userdata)
{
	static const struct hvsim_argument none[] = { { 0 } };
	struct hvsim_machine *machine = userdata;
	struct json_object *answer;

	if (hvsim_arguments_read(request, arguments, none, NULL) < 0)
		return;
	answer = json_object_new_object();
	hvsim_json_add_string(answer, "state", state_names[hvsim_machine_state(machine)]);
	hvsim_json_add_bool(answer, "guest-ready",
			    hvsim_guest_is_ready(hvsim_machine_guest(machine)));
	hvsim_json_add_string(answer, "directory", hvsim_machine_directory(machine));
	hvsim_json_add_string(answer, "logs", hvsim_machine_logs(machine));
	hvsim_json_add_int(answer, "qemu-pid", hvsim_machine_pid(machine));
	hvsim_request_return(request, answer);
}

static void qmp_replied(struct json_object *ret, const char *error, void *userdata)
{
	if (ret)
		hvsim_request_return(userdata, json_object_new_object());
	else
		hvsim_request_fail(userdata, "failed", "%s", error);
}

static void handle_machine_reset(struct hvsim_request *request, struct json_object *arguments,
				 void *userdata)
{
	static const struct hvsim_argument none[] = { { 0 } };

	if (hvsim_arguments_read(request, arguments, none, NULL) < 0)
		return;
	if (hvsim_machine_reset(userdata, qmp_replied, request) < 0)
		hvsim_request_fail(request, "failed", "QEMU has gone");
}

static void handle_machine_quit(struct hvsim_request *request, struct json_object *arguments,
				void *userdata)
{
	static const struct hvsim_argument none[] = { { 0 } };

	if (hvsim_arguments_read(request, arguments, none, NULL) < 0)
		return;
	if (hvsim_machine_quit(userdata, qmp_replied, request) < 0)
		hvsim_request_fail(request, "failed", "QEMU has gone");
}

/* Whether the machine is in the state that a command needs; else it has failed. */
static bool state_is(struct hvsim_machine *machine, struct hvsim_request *request,
		     enum hvsim_machine_state state)
{
	if (hvsim_machine_state(machine) == state)
		return true;
	hvsim_request_fail(request, "failed", "the machine is %s, not %s",
			   state_names[hvsim_machine_state(machine)], state_names[state]);
	return false;
}

static void turn_started(struct hvsim_request *request, int err)
{
	if (err == -EBUSY)
		hvsim_request_fail(request, "failed",
				   "the machine is stopping or going on already");
	else if (err < 0)
		hvsim_request_fail(request, "failed", "QEMU has gone");
}

static void stop_handle(struct hvsim_request *request, struct json_object *arguments,
			struct hvsim_machine *machine, bool save)
{
	static const struct hvsim_argument none[] = { { 0 } };

	if (hvsim_arguments_read(request, arguments, none, NULL) < 0 ||
	    !state_is(machine, request, HVSIM_MACHINE_RUNNING))
		return;
	turn_started(request, hvsim_machine_stop(machine, save, qmp_replied, request));
}

static void handle_pause(struct hvsim_request *request, struct json_object *arguments,
			 void *userdata)
{
	stop_handle(request, arguments, userdata, false);
}

static void handle_save(struct hvsim_request *request, struct json_object *arguments,
			void *userdata)
{
	stop_handle(request, arguments, userdata, true);
}

struct continue_arguments {
	int64_t gap_ms;
	bool reoffer;
};

static void handle_resume(struct hvsim_request *request, struct json_object *arguments,
			  void *userdata)
{
	static const struct hvsim_argument table[] = {
		{ "gap-ms", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct continue_arguments, gap_ms), 0, GAP_MOST_MS },
		{ 0 }
	};
	struct continue_arguments given = { 0 };

	if (hvsim_arguments_read(request, arguments, table, &given) < 0 ||
	    !state_is(userdata, request, HVSIM_MACHINE_PAUSED))
		return;
	turn_started(request, hvsim_machine_continue(userdata, given.gap_ms, false, qmp_replied,
						     request));
}

static void handle_restore(struct hvsim_request *request, struct json_object *arguments,
			   void *userdata)
{
	static const struct hvsim_argument table[] = {
		{ "gap-ms", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct continue_arguments, gap_ms), 0, GAP_MOST_MS },
		{ "reoffer", HVSIM_ARGUMENT_BOOL, false,
		  offsetof(struct continue_arguments, reoffer) },
		{ 0 }
	};
	struct continue_arguments given = { 0 };

	if (hvsim_arguments_read(request, arguments, table, &given) < 0 ||
	    !state_is(userdata, request, HVSIM_MACHINE_SAVED))
		return;
	if (given.reoffer && !hvsim_host_can_rescind(hvsim_machine_host(userdata))) {
		hvsim_request_fail(request, "not-supported", "QEMU's bus takes no channel back; "
				   "run the machine with --bus hvsim");
		return;
	}
	turn_started(request, hvsim_machine_continue(userdata, given.gap_ms, given.reoffer,
						     qmp_replied, request));
}

struct log_arguments {
	int64_t lines;
};

static void handle_console_log(struct hvsim_request *request, struct json_object *arguments,
			       void *userdata)
{
	static const struct hvsim_argument table[] = {
		{ "lines", HVSIM_ARGUMENT_INTEGER, false, offsetof(struct log_arguments, lines),
		  1, LOG_LINES_MOST },
		{ 0 }
	};
	struct log_arguments log = { .lines = LOG_LINES_DEFAULT };
	struct json_object *answer;
	char *text;

	if (hvsim_arguments_read(request, arguments, table, &log) < 0)
		return;
	text = hvsim_log_tail(hvsim_machine_logs(userdata), "console.log",
			      (unsigned int)log.lines);
	answer = json_object_new_object();
	hvsim_json_add_string(answer, "text", text ?: "");
	free(text);
	hvsim_request_return(request, answer);
}

/**
 * hvsim_machine_register() - Add a machine's commands to a control socket.
 * @machine: which
 * @control: where
 *
 * Return: as hvsim_control_register().
 */
int hvsim_machine_register(struct hvsim_machine *machine, struct hvsim_control *control)
{
	static const struct {
		const char *name;
		hvsim_control_handler handler;
	} commands[] = {
		{ "guest-exec", handle_guest_exec },
		{ "guest-push", handle_guest_push },
		{ "machine-status", handle_machine_status },
		{ "machine-reset", handle_machine_reset },
		{ "machine-quit", handle_machine_quit },
		{ "pause", handle_pause },
		{ "resume", handle_resume },
		{ "save", handle_save },
		{ "restore", handle_restore },
		{ "console-log", handle_console_log },
	};
	size_t i;
	int err;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		err = hvsim_control_register(control, commands[i].name, commands[i].handler,
					     machine);
		if (err < 0)
			return err;
	}
	return 0;
}
