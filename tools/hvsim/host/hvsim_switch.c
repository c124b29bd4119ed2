// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Services that are disabled and enabled while the machine runs.
 *
 * The host does its part at once; the command is answered when the guest has
 * done its own: let go of the channel, or opened it and agreed to versions.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "hvsim_service.h"
#include "hvsim_switch.h"

/* Time for a guest to let go of a channel: it has to stop a driver. */
#define DISABLE_MS	30000

/**
 * struct hvsim_switching - a client that waits for the guest to do its part
 * @watch: of the service
 * @service: which is enabled or disabled
 * @request: to answer
 * @timer: until the client has waited long enough
 * @enable: else disable
 */
struct hvsim_switching {
	struct hvsim_service_watch watch;
	struct hvsim_service *service;
	struct hvsim_request *request;
	sd_event_source *timer;
	bool enable;
};

static void switching_free(struct hvsim_switching *switching)
{
	LIST_REMOVE(&switching->watch, link);
	sd_event_source_disable_unref(switching->timer);
	free(switching);
}

static void switching_succeed(struct hvsim_switching *switching)
{
	hvsim_request_return(switching->request, hvsim_service_status(switching->service));
	switching_free(switching);
}

static void switching_fail(struct hvsim_switching *switching, const char *error_class,
			   const char *text)
{
	hvsim_request_fail(switching->request, error_class, "%s: %s",
			   switching->service->kind->name, text);
	switching_free(switching);
}

static void enabling_settle(struct hvsim_switching *switching)
{
	struct hvsim_service *service = switching->service;

	if (!service->enabled)
		switching_fail(switching, "closed", "the service was disabled meanwhile");
	else if (service->state == HVSIM_READY)
		switching_succeed(switching);
	else if (service->state == HVSIM_FAILED)
		switching_fail(switching, "not-ready", "enabled, but negotiation failed");
	else if (service->state == HVSIM_NEGOTIATING && service->setting->options.no_negotiate)
		switching_succeed(switching);
}

/* The watch comes first in what watches. */
static void switching_on_changed(struct hvsim_service_watch *watch)
{
	struct hvsim_switching *switching = (struct hvsim_switching *)watch;

	if (switching->enable)
		enabling_settle(switching);
	else if (!hvsim_channel_port(switching->service->channel))
		switching_succeed(switching);
}

static void switching_on_gone(struct hvsim_service_watch *watch)
{
	switching_fail((struct hvsim_switching *)watch, "closed", "the host stops");
}

static int switching_on_timeout(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct hvsim_switching *switching = userdata;
	struct hvsim_service *service = switching->service;

	(void)source;
	(void)usec;
	if (!switching->enable)
		switching_fail(switching, "timeout",
			       "disabled, but the guest still holds the channel");
	else if (service->state == HVSIM_NEGOTIATING)
		switching_fail(switching, "timeout", "enabled, but versions are not agreed on yet");
	else if (!hvsim_channel_is_connected(service->channel))
		switching_fail(switching, "timeout", "enabled, but the guest still holds the "
			       "channel that was taken back; it is offered again after that");
	else
		switching_fail(switching, "not-open",
			       "enabled, but no driver of the guest took the channel");
	return 0;
}

/* Adds a client that waits; answers the request if that fails. */
static int switching_new(struct hvsim_service *service, struct hvsim_request *request,
			 bool enable, int64_t timeout_ms)
{
	struct hvsim_switching *switching = calloc(1, sizeof(*switching));
	int err = -ENOMEM;

	if (switching)
		err = sd_event_add_time_relative(service->setting->event, &switching->timer,
						 CLOCK_MONOTONIC, (uint64_t)timeout_ms * 1000,
						 HVSIM_TIMER_ACCURACY_US, switching_on_timeout,
						 switching);
	if (err < 0) {
		free(switching);
		hvsim_service_fail(service, request, err, NULL);
		return err;
	}
	switching->service = service;
	switching->request = request;
	switching->enable = enable;
	switching->watch.changed = switching_on_changed;
	switching->watch.gone = switching_on_gone;
	LIST_INSERT_HEAD(&service->watches, &switching->watch, link);
	return 0;
}

/* Whether the host can do it; else the request has failed. */
static bool switch_possible(struct hvsim_service *service, struct hvsim_request *request)
{
	const char *name = service->kind->name;

	if (!service->setting->root)
		hvsim_request_fail(request, "not-supported", "%s: QEMU's bus offers every channel "
				   "at boot and takes none back; run the machine with --bus hvsim",
				   name);
	else if (!hvsim_service_offer(service)->message_count)
		hvsim_request_fail(request, "not-offered", "%s has no service %s",
				   service->setting->profile->title, name);
	else if (service->paused)
		hvsim_request_fail(request, "paused", "%s: the machine is paused", name);
	else
		return true;
	return false;
}

struct switch_arguments {
	const char *service;
	int64_t timeout_ms;
};

static const struct hvsim_argument table[] = {
	{ "service", HVSIM_ARGUMENT_STRING, true, offsetof(struct switch_arguments, service) },
	{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, false,
	  offsetof(struct switch_arguments, timeout_ms), 1, HVSIM_TIMEOUT_MAX_MS },
	{ .name = NULL },
};

/**
 * hvsim_switch_command_enable() - Carry out the command "service-enable".
 * @service: which
 * @request: gone afterwards, or later
 * @arguments: of the command
 */
void hvsim_switch_command_enable(struct hvsim_service *service, struct hvsim_request *request,
				 struct json_object *arguments)
{
	struct switch_arguments given = { .timeout_ms = HVSIM_NEGOTIATE_MS };
	int err;

	if (hvsim_arguments_read(request, arguments, table, &given) < 0 ||
	    !switch_possible(service, request))
		return;
	err = hvsim_channel_offer(service->channel);
	if (err < 0) {
		hvsim_service_fail(service, request, err, NULL);
		return;
	}
	if (switching_new(service, request, true, given.timeout_ms) < 0)
		return;
	if (!service->enabled) {
		service->enabled = true;
		hvsim_service_emit(service, "service-enabled", NULL);
	}
	hvsim_service_changed(service);
}

/**
 * hvsim_switch_command_disable() - Carry out the command "service-disable".
 * @service: which
 * @request: gone afterwards, or later
 * @arguments: of the command
 */
void hvsim_switch_command_disable(struct hvsim_service *service, struct hvsim_request *request,
				  struct json_object *arguments)
{
	struct switch_arguments given = { .timeout_ms = DISABLE_MS };

	if (hvsim_arguments_read(request, arguments, table, &given) < 0 ||
	    !switch_possible(service, request) ||
	    switching_new(service, request, false, given.timeout_ms) < 0)
		return;
	if (service->enabled) {
		service->enabled = false;
		hvsim_service_emit(service, "service-disabled", NULL);
		hvsim_channel_rescind(service->channel);
	}
	hvsim_service_changed(service);
}
