// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The emulated host: the services together, and the commands that are for any
 * of them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_arguments.h"
#include "hvsim_burst.h"
#include "hvsim_fuzz.h"
#include "hvsim_host.h"
#include "hvsim_json.h"
#include "hvsim_misbehave.h"
#include "hvsim_raw.h"
#include "hvsim_root.h"
#include "hvsim_service.h"
#include "hvsim_socket.h"
#include "hvsim_switch.h"

/* Versions that one offer may have; a real one has six, a guest stands 200. */
#define OFFER_MAX	4096

/* A new service is a file of its own and a line here. */
static const struct hvsim_service_kind *const kinds[] = {
	&hvsim_heartbeat_kind,
	&hvsim_shutdown_kind,
	&hvsim_timesync_kind,
	&hvsim_kvp_kind,
	&hvsim_vss_kind,
	&hvsim_fcopy_kind,
};

#define NR_KINDS	(sizeof(kinds) / sizeof(kinds[0]))

struct hvsim_host {
	struct hvsim_setting setting;
	char *directory;
	struct hvsim_service *services[NR_KINDS];
	struct hvsim_sockets *sockets;
	struct hvsim_fuzz *fuzz;
	struct hvsim_misbehave *misbehave;
};

/* By its name, or as Windows calls it. */
static struct hvsim_service *service_find(struct hvsim_host *host, const char *name)
{
	size_t i;

	for (i = 0; i < NR_KINDS; i++)
		if (!strcmp(kinds[i]->name, name) || !strcasecmp(kinds[i]->title, name))
			return host->services[i];
	return NULL;
}

/* The service that the arguments name; if there is none, the request has failed. */
static struct hvsim_service *service_argument(struct hvsim_host *host,
					      struct hvsim_request *request,
					      struct json_object *arguments)
{
	struct json_object *name = json_object_object_get(arguments, "service");
	struct hvsim_service *service = NULL;
	char names[128] = "";
	size_t i, used = 0;

	if (json_object_is_type(name, json_type_string))
		service = service_find(host, json_object_get_string(name));
	if (service)
		return service;
	for (i = 0; i < NR_KINDS && used < sizeof(names); i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
					 i ? ", " : "", kinds[i]->name);
	hvsim_request_fail(request, "bad-argument", "argument \"service\" must be one of: %s",
			   names);
	return NULL;
}

static void command_raw(struct hvsim_request *request, struct json_object *arguments,
			void *userdata)
{
	struct hvsim_service *service = service_argument(userdata, request, arguments);

	if (service)
		hvsim_raw_command(service, request, arguments);
}

static void command_expect_none(struct hvsim_request *request, struct json_object *arguments,
				void *userdata)
{
	struct hvsim_service *service = service_argument(userdata, request, arguments);

	if (service)
		hvsim_raw_command_expect_none(service, request, arguments);
}

static void command_burst(struct hvsim_request *request, struct json_object *arguments,
			  void *userdata)
{
	struct hvsim_service *service = service_argument(userdata, request, arguments);

	if (service)
		hvsim_burst_command(service, request, arguments);
}

static void command_service_enable(struct hvsim_request *request, struct json_object *arguments,
				   void *userdata)
{
	struct hvsim_service *service = service_argument(userdata, request, arguments);

	if (service)
		hvsim_switch_command_enable(service, request, arguments);
}

static void command_service_disable(struct hvsim_request *request, struct json_object *arguments,
				    void *userdata)
{
	struct hvsim_service *service = service_argument(userdata, request, arguments);

	if (service)
		hvsim_switch_command_disable(service, request, arguments);
}

struct negotiate_arguments {
	const char *service;
	const char *profile;
	struct json_object *framework;
	struct json_object *message;
	bool abrupt;
	int64_t timeout_ms;
};

static const struct hvsim_argument negotiate_table[] = {
	{ "service", HVSIM_ARGUMENT_STRING, true, offsetof(struct negotiate_arguments, service) },
	{ "profile", HVSIM_ARGUMENT_STRING, false,
	  offsetof(struct negotiate_arguments, profile) },
	{ "framework", HVSIM_ARGUMENT_ARRAY, false,
	  offsetof(struct negotiate_arguments, framework) },
	{ "message", HVSIM_ARGUMENT_ARRAY, false, offsetof(struct negotiate_arguments, message) },
	{ "abrupt", HVSIM_ARGUMENT_BOOL, false, offsetof(struct negotiate_arguments, abrupt) },
	{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, false,
	  offsetof(struct negotiate_arguments, timeout_ms), 1, HVSIM_TIMEOUT_MAX_MS },
	{ .name = NULL },
};

/* Reads ["1.0","3.0"]; returns how many there are, or a negative errno. */
static int versions_read(uint32_t *versions, struct json_object *list)
{
	size_t i, count = json_object_array_length(list);

	if (count > OFFER_MAX)
		return -E2BIG;
	for (i = 0; i < count; i++) {
		struct json_object *item = json_object_array_get_idx(list, i);
		unsigned int major, minor;
		char rest;

		if (!json_object_is_type(item, json_type_string) ||
		    sscanf(json_object_get_string(item), "%5u.%5u%c", &major, &minor, &rest) != 2 ||
		    major > UINT16_MAX || minor > UINT16_MAX)
			return -EINVAL;
		versions[i] = HVIC_VERSION(major, minor);
	}
	return (int)count;
}

/* Replaces one of the offer's lists by what the client gave, if it did. */
static int offer_override(const uint32_t **list, size_t *count, uint32_t *room,
			  struct json_object *given)
{
	int found;

	if (!given)
		return 0;
	found = versions_read(room, given);
	if (found < 0)
		return found;
	*list = room;
	*count = (size_t)found;
	return 0;
}

static void negotiate(struct hvsim_service *service, struct hvsim_request *request,
		      const struct negotiate_arguments *given, struct hvsim_offer *offer)
{
	static uint32_t framework[OFFER_MAX], message[OFFER_MAX];
	int err;

	if (offer_override(&offer->framework, &offer->framework_count, framework,
			   given->framework) < 0 ||
	    offer_override(&offer->message, &offer->message_count, message, given->message) < 0) {
		hvsim_request_fail(request, "bad-argument",
				   "versions must be an array of strings like \"3.2\", at most %d",
				   OFFER_MAX);
		return;
	}
	err = hvsim_service_negotiate(service, offer, given->abrupt,
				      (uint64_t)given->timeout_ms * 1000, request);
	if (err == -ENOTCONN)
		hvsim_service_require_ready(service, request);
	else if (err < 0)
		hvsim_service_fail(service, request, err, NULL);
}

static void command_negotiate(struct hvsim_request *request, struct json_object *arguments,
			      void *userdata)
{
	struct hvsim_service *service = service_argument(userdata, request, arguments);
	struct negotiate_arguments given = { .timeout_ms = HVSIM_NEGOTIATE_MS };
	const struct hvsim_profile *profile;
	struct hvsim_offer offer;

	if (!service || hvsim_arguments_read(request, arguments, negotiate_table, &given) < 0)
		return;
	profile = given.profile ? hvsim_profile_find(given.profile) : service->setting->profile;
	if (!profile) {
		hvsim_request_fail(request, "bad-argument",
				   "there is no profile \"%s\"; \"profiles\" lists those there are",
				   given.profile);
		return;
	}
	offer = profile->offers[service->kind->id];
	if (!offer.message_count && !given.message) {
		hvsim_request_fail(request, "not-offered", "%s has no service %s", profile->title,
				   service->kind->name);
		return;
	}
	negotiate(service, request, &given, &offer);
}

static const struct hvsim_argument no_arguments[] = { { .name = NULL } };

static void command_service_list(struct hvsim_request *request, struct json_object *arguments,
				 void *userdata)
{
	struct json_object *result, *list;
	struct hvsim_host *host = userdata;
	size_t i;

	if (hvsim_arguments_read(request, arguments, no_arguments, NULL) < 0)
		return;
	result = json_object_new_object();
	list = json_object_new_array();
	for (i = 0; i < NR_KINDS; i++)
		json_object_array_add(list, hvsim_service_status(host->services[i]));
	hvsim_json_add(result, "services", list);
	hvsim_request_return(request, result);
}

static void command_status(struct hvsim_request *request, struct json_object *arguments,
			   void *userdata)
{
	struct json_object *result, *services;
	struct hvsim_host *host = userdata;
	size_t i;

	if (hvsim_arguments_read(request, arguments, no_arguments, NULL) < 0)
		return;
	result = json_object_new_object();
	services = json_object_new_object();
	hvsim_json_add_string(result, "profile", host->setting.profile->name);
	hvsim_json_add_string(result, "host", host->setting.profile->title);
	hvsim_json_add(result, "bus", hvsim_root_status(host->setting.root));
	for (i = 0; i < NR_KINDS; i++)
		hvsim_json_add(services, kinds[i]->name,
			       hvsim_service_status(host->services[i]));
	hvsim_json_add(result, "services", services);
	hvsim_request_return(request, result);
}

static struct json_object *versions_json(const uint32_t *versions, size_t count)
{
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < count; i++)
		json_object_array_add(list, hvsim_version_json(versions[i]));
	return list;
}

static struct json_object *profile_json(const struct hvsim_profile *profile)
{
	struct json_object *result = json_object_new_object();
	size_t i;

	hvsim_json_add_string(result, "name", profile->name);
	hvsim_json_add_string(result, "title", profile->title);
	for (i = 0; i < NR_KINDS; i++) {
		const struct hvsim_offer *offer = &profile->offers[kinds[i]->id];
		struct json_object *lists = json_object_new_object();

		hvsim_json_add(lists, "framework",
			       versions_json(offer->framework, offer->framework_count));
		hvsim_json_add(lists, "message",
			       versions_json(offer->message, offer->message_count));
		hvsim_json_add(result, kinds[i]->name, lists);
	}
	return result;
}

static void command_profiles(struct hvsim_request *request, struct json_object *arguments,
			     void *userdata)
{
	const struct hvsim_profile *profile;
	struct json_object *result, *list;
	size_t i;

	(void)userdata;
	if (hvsim_arguments_read(request, arguments, no_arguments, NULL) < 0)
		return;
	result = json_object_new_object();
	list = json_object_new_array();
	for (i = 0; (profile = hvsim_profile_at(i)); i++)
		json_object_array_add(list, profile_json(profile));
	hvsim_json_add(result, "profiles", list);
	hvsim_request_return(request, result);
}

struct anomalies_arguments {
	bool clear;
};

static void command_anomalies(struct hvsim_request *request, struct json_object *arguments,
			      void *userdata)
{
	static const struct hvsim_argument table[] = {
		{ "clear", HVSIM_ARGUMENT_BOOL, false,
		  offsetof(struct anomalies_arguments, clear) },
		{ .name = NULL },
	};
	struct anomalies_arguments given = { 0 };
	struct hvsim_host *host = userdata;

	if (hvsim_arguments_read(request, arguments, table, &given) < 0)
		return;
	hvsim_request_return(request, hvsim_journal_anomalies(host->setting.journal, given.clear));
}

static const struct hvsim_command commands[] = {
	{ "anomalies", command_anomalies },
	{ "burst", command_burst },
	{ "expect-none", command_expect_none },
	{ "negotiate", command_negotiate },
	{ "profiles", command_profiles },
	{ "raw", command_raw },
	{ "service-disable", command_service_disable },
	{ "service-enable", command_service_enable },
	{ "service-list", command_service_list },
	{ "status", command_status },
};

static int control_start(struct hvsim_host *host)
{
	char *path;
	size_t i;
	int err;

	if (asprintf(&path, "%s/control.sock", host->directory) < 0)
		return -ENOMEM;
	err = hvsim_control_new(&host->setting.control, host->setting.event, path);
	free(path);
	if (err < 0)
		return err;
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		err = hvsim_control_register(host->setting.control, commands[i].name,
					     commands[i].handler, host);
		if (err < 0)
			return err;
	}
	return 0;
}

static int host_start(struct hvsim_host *host, const struct hvsim_host_options *options)
{
	size_t i;
	int err;

	host->directory = strdup(options->directory);
	if (!host->directory)
		return -ENOMEM;
	host->setting.options = *options;
	host->setting.options.directory = host->directory;
	host->setting.profile = hvsim_profile_find(options->profile);
	if (!host->setting.profile)
		return -EINVAL;
	err = hvsim_journal_new(&host->setting.journal, options->trace);
	if (err < 0)
		return err;
	err = control_start(host);
	if (err >= 0 && options->bus == HVSIM_BUS_HVSIM)
		err = hvsim_root_new(&host->setting.root, &host->setting);
	for (i = 0; i < NR_KINDS && err >= 0; i++)
		err = hvsim_service_new(&host->services[i], kinds[i], &host->setting);
	if (err >= 0 && host->setting.root)
		err = hvsim_sockets_new(&host->sockets, &host->setting);
	if (err >= 0)
		err = hvsim_fuzz_new(&host->fuzz, &host->setting, host->services, NR_KINDS);
	if (err >= 0)
		err = hvsim_misbehave_new(&host->misbehave, &host->setting, host->services,
					  NR_KINDS);
	return err;
}

/**
 * hvsim_host_new() - Start an emulated host.
 * @ret: the host
 * @event: the loop that it lives in
 * @options: how it is to behave; may go when this returns
 *
 * Return: 0; -EINVAL when there is no such profile; -ENAMETOOLONG when the
 * directory's name is too long for sockets in it; -ENOMEM; the errno of
 * opening a socket or the trace.
 */
int hvsim_host_new(struct hvsim_host **ret, sd_event *event,
		   const struct hvsim_host_options *options)
{
	struct hvsim_host *host = calloc(1, sizeof(*host));
	int err;

	if (!host)
		return -ENOMEM;
	host->setting.event = sd_event_ref(event);
	err = host_start(host, options);
	if (err < 0) {
		hvsim_host_free(host);
		return err;
	}
	*ret = host;
	return 0;
}

/**
 * hvsim_host_free() - Stop an emulated host and remove its sockets.
 * @host: may be NULL
 *
 * Requests that its own commands have not answered yet fail.  Who registered
 * commands answers theirs before this.
 */
void hvsim_host_free(struct hvsim_host *host)
{
	size_t i;

	if (!host)
		return;
	/* first who uses the others: what they still have to say goes through the control */
	hvsim_misbehave_free(host->misbehave);
	hvsim_fuzz_free(host->fuzz);
	hvsim_sockets_free(host->sockets);
	for (i = 0; i < NR_KINDS; i++)
		hvsim_service_free(host->services[i]);
	hvsim_root_free(host->setting.root);
	hvsim_control_free(host->setting.control);
	hvsim_journal_free(host->setting.journal);
	sd_event_unref(host->setting.event);
	free(host->directory);
	free(host);
}

/**
 * hvsim_host_control() - Where to add commands and tell events.
 * @host: of which
 *
 * Return: the host's control socket, borrowed.
 */
struct hvsim_control *hvsim_host_control(struct hvsim_host *host)
{
	return host->setting.control;
}

/**
 * hvsim_host_can_rescind() - Whether services can be taken back and offered again.
 * @host: which
 *
 * Return: whether the machine has hvsim's bus.
 */
bool hvsim_host_can_rescind(const struct hvsim_host *host)
{
	return host->setting.root;
}

/**
 * hvsim_host_pause() - The machine stands still: ask nothing of it.
 * @host: whose
 */
void hvsim_host_pause(struct hvsim_host *host)
{
	size_t i;

	for (i = 0; i < NR_KINDS; i++)
		hvsim_service_pause(host->services[i]);
}

/**
 * hvsim_host_save() - The machine stands still: ask nothing of it, and forget it.
 * @host: whose
 */
void hvsim_host_save(struct hvsim_host *host)
{
	size_t i;

	hvsim_host_pause(host);
	for (i = 0; i < NR_KINDS; i++)
		hvsim_channel_cancel(host->services[i]->channel);
}

/**
 * hvsim_host_resume() - The machine goes on, paused or saved before.
 * @host: whose
 * @gap_ms: by how much the host's clock has moved on meanwhile, beyond what has
 *	really passed, in ms
 */
void hvsim_host_resume(struct hvsim_host *host, int64_t gap_ms)
{
	size_t i;

	host->setting.gap_ms += gap_ms;
	for (i = 0; i < NR_KINDS; i++)
		hvsim_service_resume(host->services[i]);
}

/**
 * hvsim_host_restore() - The machine goes on, on a host that knows nothing of it.
 * @host: whose
 * @gap_ms: as for hvsim_host_resume()
 * @reoffer: take each channel back and offer it again; only where that can be
 */
void hvsim_host_restore(struct hvsim_host *host, int64_t gap_ms, bool reoffer)
{
	size_t i;

	host->setting.gap_ms += gap_ms;
	for (i = 0; i < NR_KINDS; i++)
		hvsim_service_restore(host->services[i], reoffer);
}
