/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data exchange: what the files of that service share.
 */
#ifndef HVSIM_KVP_H
#define HVSIM_KVP_H

#include "hvsim_kvp_store.h"
#include "hvsim_service.h"

/* Time for an answer unless told otherwise: a daemon of the guest has to give it. */
#define HVSIM_KVP_ANSWER_MS	60000

/**
 * struct hvsim_kvp - state of the service
 * @automatic: tell the guest by itself what it is to know
 * @retry_ms: until the guest is told again what it could not take, in ms
 * @retry: timer for that
 * @telling: a request that tells it something is submitted
 * @served: the guest's last answer was another than that it failed
 * @news: it was told something since it was last told everything
 * @store: what it is to know
 */
struct hvsim_kvp {
	bool automatic;
	int64_t retry_ms;
	sd_event_source *retry;
	bool telling;
	bool served;
	bool news;
	struct hvsim_kvp_store store;
};

void hvsim_kvp_tell(struct hvsim_service *service);
void hvsim_kvp_hear(struct hvsim_service *service, int result, const struct hvsim_answer *answer);
struct json_object *hvsim_kvp_item_json(uint8_t pool, const struct hvsim_kvp_item *item);
int hvsim_kvp_pool_argument(struct hvsim_request *request, const char *name, uint8_t *pool);

void hvsim_kvp_command_set(struct hvsim_request *request, struct json_object *arguments,
			   void *userdata);
void hvsim_kvp_command_delete(struct hvsim_request *request, struct json_object *arguments,
			      void *userdata);
void hvsim_kvp_command_get(struct hvsim_request *request, struct json_object *arguments,
			   void *userdata);
void hvsim_kvp_command_list(struct hvsim_request *request, struct json_object *arguments,
			    void *userdata);
void hvsim_kvp_command_get_ip(struct hvsim_request *request, struct json_object *arguments,
			      void *userdata);
void hvsim_kvp_command_set_ip(struct hvsim_request *request, struct json_object *arguments,
			      void *userdata);

#endif
