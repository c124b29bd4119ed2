// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Backup: one request to the guest, and its answer.
 */
#include <errno.h>
#include <stdlib.h>

#include "hvsim_vss.h"

/**
 * struct ask - a request to the guest
 * @exchange: it
 * @service: whose
 * @request: what it asks
 * @asked: told of the answer
 * @userdata: for @asked
 */
struct ask {
	struct hvsim_exchange exchange;
	struct hvsim_service *service;
	struct hvsim_vss_request request;
	hvsim_vss_asked asked;
	void *userdata;
};

static int ask_prepare(struct hvsim_exchange *exchange, uint8_t transaction, uint8_t *bytes,
		       size_t size)
{
	struct ask *ask = exchange->userdata;
	struct hvsim_service *service = ask->service;

	if (service->state != HVSIM_READY)
		return -ECANCELED;
	return hvsim_vss_message_build(bytes, size, transaction, &service->versions,
				       &ask->request);
}

/* What the host knows of the guest from now on. */
static void ask_hear(struct hvsim_vss *vss, const struct ask *ask, uint32_t status)
{
	if (ask->request.operation == HVIC_VSS_FREEZE)
		vss->frozen = !status;
	else if (ask->request.operation == HVIC_VSS_THAW)
		vss->frozen = false;
}

static void ask_done(struct hvsim_exchange *exchange, int result,
		     const struct hvsim_answer *answer)
{
	struct ask *ask = exchange->userdata;
	struct hvsim_vss_answer found = { 0 };
	uint32_t faults;

	if (!result) {
		faults = hvsim_vss_message_read(&answer->message, &ask->request, &found);
		hvsim_service_note(ask->service, faults, answer);
		ask_hear(ask->service->own, ask, answer->message.status);
	}
	ask->asked(result, answer, &found, ask->userdata);
	free(ask);
}

/**
 * hvsim_vss_ask() - Ask the guest something.
 * @service: backup
 * @request: what; copied
 * @timeout_us: time for the answer, in us
 * @asked: called once, when this returns 0
 * @userdata: for @asked
 *
 * Return: 0; -ENOMEM; as hvsim_channel_submit().
 */
int hvsim_vss_ask(struct hvsim_service *service, const struct hvsim_vss_request *request,
		  uint64_t timeout_us, hvsim_vss_asked asked, void *userdata)
{
	struct ask *ask = calloc(1, sizeof(*ask));
	int err;

	if (!ask)
		return -ENOMEM;
	ask->service = service;
	ask->request = *request;
	ask->asked = asked;
	ask->userdata = userdata;
	ask->exchange = (struct hvsim_exchange){
		.prepare = ask_prepare,
		.done = ask_done,
		.userdata = ask,
		.timeout_us = timeout_us,
		.vmbus_type = HVSIM_VMBUS_INBAND,
	};
	err = hvsim_channel_submit(service->channel, &ask->exchange);
	if (err < 0)
		free(ask);
	return err;
}
