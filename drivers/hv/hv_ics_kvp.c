// SPDX-License-Identifier: GPL-2.0-only
/* Data exchange: hv_kvp_daemon keeps the items, and knows the addresses. */

#include <hv/hvic_limits.h>
#include <hv/hvic_service.h>

#include "hv_ics_relay.h"
#include "ic/hvic_kvp.h"

static unsigned int kvp_timeout(const struct hvic_msg *msg)
{
	return HVIC_LIMIT_KVP_SECS;
}

static int kvp_greet(const void *written, void *greeting)
{
	return hvic_kvp_register(written, greeting) ?: sizeof(struct hvic_user_kvp);
}

static int kvp_forward(void *own, const struct hvic_msg *msg, u32 version, void *request)
{
	return hvic_kvp_forward(msg, version, request) ?: sizeof(struct hvic_user_kvp);
}

static u32 kvp_answer(void *own, const struct hvic_msg *msg, u32 version, const void *reply)
{
	return hvic_kvp_answer(msg, version, reply);
}

static const struct hv_ics_relay_service kvp_relay = {
	.device		= { .name = HVIC_DEVICE_KVP, .write_len = sizeof(struct hvic_user_kvp) },
	.request_len	= sizeof(struct hvic_user_kvp),
	.timeout	= kvp_timeout,
	.greet		= kvp_greet,
	.forward	= kvp_forward,
	.answer		= kvp_answer,
};

static int kvp_create(struct hv_ics_chan *chan)
{
	return hv_ics_relay_create(chan, &kvp_relay, NULL, NULL);
}

const struct hv_ics_service hv_ics_kvp_service = {
	.name		= "kvp",
	.type		= HVIC_TYPE_KVP,
	.versions	= &hvic_kvp_versions,
	.create		= kvp_create,
	.destroy	= hv_ics_relay_destroy,
	.opened		= hv_ics_relay_opened,
	.restarted	= hv_ics_relay_restarted,
	.closed		= hv_ics_relay_closed,
	.serve		= hv_ics_relay_serve,
	.attributes	= &hv_ics_relay_group,
};
