// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Data exchange: commands that ask for the addresses of a guest's network adapter,
 * and set them.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_guid.h"
#include "hvsim_json.h"
#include "hvsim_kvp.h"
#include "hvsim_kvp_address.h"

#define N(array)	(sizeof(array) / sizeof((array)[0]))

static const char *const family_names[] = {
	[HVIC_KVP_FAMILY_NONE] = "none",
	[HVIC_KVP_FAMILY_IPV4] = "ipv4",
	[HVIC_KVP_FAMILY_IPV6] = "ipv6",
	[HVIC_KVP_FAMILY_BOTH] = "both",
};

static const char *const origin_names[] = {
	[HVIC_KVP_ORIGIN_UNKNOWN] = "unknown",
	[HVIC_KVP_ORIGIN_OTHER] = "other",
	[HVIC_KVP_ORIGIN_STATIC] = "static",
};

static const char *const list_names[HVSIM_KVP_NR_LISTS] = {
	[HVSIM_KVP_LIST_ADDRESSES] = "addresses",
	[HVSIM_KVP_LIST_SUBNETS] = "subnets",
	[HVSIM_KVP_LIST_GATEWAYS] = "gateways",
	[HVSIM_KVP_LIST_DNS] = "dns",
};

/**
 * struct inquiry - an adapter that is asked for, or set
 * @exchange: it
 * @service: whose
 * @request: to answer
 * @operation: HVIC_KVP_GET_IP or HVIC_KVP_SET_IP
 * @adapter: what the guest is told
 */
struct inquiry {
	struct hvsim_exchange exchange;
	struct hvsim_service *service;
	struct hvsim_request *request;
	uint8_t operation;
	struct hvsim_kvp_adapter adapter;
};

/* ---- results ---- */

static struct json_object *list_json(const struct hvsim_kvp_address *list, size_t count)
{
	struct json_object *result = json_object_new_array();
	char text[INET6_ADDRSTRLEN];
	size_t i;

	for (i = 0; i < count; i++) {
		hvsim_kvp_address_format(text, sizeof(text), &list[i]);
		json_object_array_add(result, json_object_new_string(text));
	}
	return result;
}

/* With what only addresses of the adapter itself have. */
static struct json_object *addresses_json(const struct hvsim_kvp_adapter *adapter, bool origins)
{
	struct json_object *result = json_object_new_array(), *one;
	char text[INET6_ADDRSTRLEN];
	size_t i;

	for (i = 0; i < adapter->address_count; i++) {
		const struct hvsim_kvp_address *address = &adapter->addresses[i];

		one = json_object_new_object();
		hvsim_kvp_address_format(text, sizeof(text), address);
		hvsim_json_add_string(one, "address", text);
		hvsim_json_add_uint(one, "prefix", address->prefix);
		if (origins)
			hvsim_json_add_string(one, "origin", address->origin < N(origin_names) ?
					      origin_names[address->origin] : "wrong");
		json_object_array_add(result, one);
	}
	return result;
}

static struct json_object *adapter_json(const struct hvsim_kvp_adapter *adapter)
{
	bool text = adapter->texts[HVSIM_KVP_LIST_ADDRESSES];
	struct json_object *result = json_object_new_object();
	struct json_object *texts;
	int i;

	hvsim_json_add_string(result, "adapter", adapter->id);
	hvsim_json_add_string(result, "family", adapter->family < N(family_names) ?
			      family_names[adapter->family] : "wrong");
	hvsim_json_add_bool(result, "dhcp", adapter->dhcp);
	hvsim_json_add(result, "addresses", addresses_json(adapter, !text));
	hvsim_json_add(result, "gateways", list_json(adapter->gateways, adapter->gateway_count));
	hvsim_json_add(result, "dns", list_json(adapter->dns, adapter->dns_count));
	if (!text)
		return result;
	texts = json_object_new_object();
	for (i = 0; i < HVSIM_KVP_NR_LISTS; i++)
		hvsim_json_add_string(texts, list_names[i], adapter->texts[i]);
	hvsim_json_add(result, "texts", texts);
	return result;
}

/* ---- the exchange ---- */

static int inquiry_prepare(struct hvsim_exchange *exchange, uint8_t transaction, uint8_t *bytes,
			   size_t size)
{
	struct inquiry *inquiry = exchange->userdata;
	struct hvsim_service *service = inquiry->service;

	if (service->state != HVSIM_READY)
		return -ECANCELED;
	return hvsim_kvp_adapter_build(bytes, size, transaction, &service->versions,
				       inquiry->operation, &inquiry->adapter);
}

/* What a good answer says; NULL when it is none after all. */
static struct json_object *answer_json(struct inquiry *inquiry, const struct hvsim_answer *answer)
{
	char texts[HVSIM_KVP_NR_LISTS][HVSIM_KVP_LIST_ROOM];
	struct hvsim_kvp_adapter adapter;
	struct json_object *data;
	uint32_t faults;

	if (inquiry->operation == HVIC_KVP_GET_IP && !answer->message.status) {
		faults = hvsim_kvp_adapter_read(&answer->message, &adapter, texts);
		hvsim_service_note(inquiry->service, faults, answer);
		if (faults & HVSIM_FAULTS_FATAL)
			return NULL;
		data = adapter_json(&adapter);
	} else {
		data = json_object_new_object();
		hvsim_json_add_string(data, "adapter", inquiry->adapter.id);
	}
	hvsim_status_add(data, answer);
	return data;
}

static void inquiry_done(struct hvsim_exchange *exchange, int result,
			 const struct hvsim_answer *answer)
{
	struct inquiry *inquiry = exchange->userdata;
	struct json_object *data = result < 0 ? NULL : answer_json(inquiry, answer);

	if (result == -EMSGSIZE)
		hvsim_request_fail(inquiry->request, "bad-argument", "kvp: a message has no room "
				   "for so many addresses, or so long an adapter or text");
	else if (result == -EILSEQ)
		hvsim_request_fail(inquiry->request, "bad-argument", "kvp: texts must be UTF-8");
	else if (data)
		hvsim_request_return(inquiry->request, data);
	else
		hvsim_service_fail(inquiry->service, inquiry->request, result ?: -EBADMSG, answer);
	free(inquiry);
}

/* Whether the versions agreed on, and this Hyper-V, have it; else the request fails. */
static bool inquiry_possible(struct hvsim_service *service, struct hvsim_request *request)
{
	const struct hvsim_profile *profile = service->setting->profile;
	uint32_t since = profile->addresses_since ?: HVIC_VERSION(4, 0);

	if (hvsim_service_require_ready(service, request) < 0)
		return false;
	if (service->versions.message >= since)
		return true;
	hvsim_request_fail(request, "version", "kvp: %s asks for addresses from version %u.%u, the "
			   "guest speaks %u.%u", profile->title, HVIC_VERSION_MAJOR(since),
			   HVIC_VERSION_MINOR(since),
			   HVIC_VERSION_MAJOR(service->versions.message),
			   HVIC_VERSION_MINOR(service->versions.message));
	return false;
}

static struct inquiry *inquiry_new(struct hvsim_service *service, struct hvsim_request *request,
				   uint8_t operation)
{
	struct inquiry *inquiry = calloc(1, sizeof(*inquiry));

	if (!inquiry) {
		hvsim_service_fail(service, request, -ENOMEM, NULL);
		return NULL;
	}
	inquiry->service = service;
	inquiry->request = request;
	inquiry->operation = operation;
	return inquiry;
}

/* Takes @inquiry over, also when it fails. */
static void inquiry_submit(struct inquiry *inquiry, int64_t timeout_ms)
{
	int err;

	inquiry->exchange = (struct hvsim_exchange){
		.prepare = inquiry_prepare,
		.done = inquiry_done,
		.userdata = inquiry,
		.timeout_us = (uint64_t)timeout_ms * 1000,
		.vmbus_type = HVSIM_VMBUS_INBAND,
	};
	err = hvsim_channel_submit(inquiry->service->channel, &inquiry->exchange);
	if (err < 0) {
		hvsim_service_fail(inquiry->service, inquiry->request, err, NULL);
		free(inquiry);
	}
}

/* ---- get ---- */

struct get_arguments {
	const char *mac;
	int64_t timeout_ms;
};

/* As hosts write a MAC address; anything else stays what it is. */
static void mac_write(char *id, size_t size, const char *mac)
{
	unsigned int byte[6];
	char rest;

	if (sscanf(mac, "%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%c", &byte[0],
		   &byte[1], &byte[2], &byte[3], &byte[4], &byte[5], &rest) == 6)
		snprintf(id, size, "%02X:%02X:%02X:%02X:%02X:%02X", byte[0], byte[1], byte[2],
			 byte[3], byte[4], byte[5]);
	else
		snprintf(id, size, "%s", mac);
}

/**
 * hvsim_kvp_command_get_ip() - Carry out the command "kvp-get-ip".
 * @request: gone afterwards, or later
 * @arguments: of the command
 * @userdata: the service
 */
void hvsim_kvp_command_get_ip(struct hvsim_request *request, struct json_object *arguments,
			      void *userdata)
{
	static const struct hvsim_argument table[] = {
		{ "mac", HVSIM_ARGUMENT_STRING, true, offsetof(struct get_arguments, mac) },
		{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct get_arguments, timeout_ms), 1, HVSIM_TIMEOUT_MAX_MS },
		{ .name = NULL },
	};
	struct get_arguments given = { .timeout_ms = HVSIM_KVP_ANSWER_MS };
	struct inquiry *inquiry;

	if (hvsim_arguments_read(request, arguments, table, &given) < 0 ||
	    !inquiry_possible(userdata, request))
		return;
	inquiry = inquiry_new(userdata, request, HVIC_KVP_GET_IP);
	if (!inquiry)
		return;
	mac_write(inquiry->adapter.id, sizeof(inquiry->adapter.id), given.mac);
	inquiry_submit(inquiry, given.timeout_ms);
}

/* ---- set ---- */

struct set_arguments {
	const char *adapter;
	struct json_object *addresses;
	struct json_object *gateways;
	struct json_object *dns;
	bool dhcp;
	const char *family;
	const char *texts[HVSIM_KVP_NR_LISTS];
	int64_t timeout_ms;
};

static const struct hvsim_argument set_table[] = {
	{ "adapter", HVSIM_ARGUMENT_STRING, true, offsetof(struct set_arguments, adapter) },
	{ "addresses", HVSIM_ARGUMENT_ARRAY, false, offsetof(struct set_arguments, addresses) },
	{ "gateways", HVSIM_ARGUMENT_ARRAY, false, offsetof(struct set_arguments, gateways) },
	{ "dns", HVSIM_ARGUMENT_ARRAY, false, offsetof(struct set_arguments, dns) },
	{ "dhcp", HVSIM_ARGUMENT_BOOL, false, offsetof(struct set_arguments, dhcp) },
	{ "family", HVSIM_ARGUMENT_STRING, false, offsetof(struct set_arguments, family) },
	{ "addresses-text", HVSIM_ARGUMENT_STRING, false,
	  offsetof(struct set_arguments, texts[HVSIM_KVP_LIST_ADDRESSES]) },
	{ "subnets-text", HVSIM_ARGUMENT_STRING, false,
	  offsetof(struct set_arguments, texts[HVSIM_KVP_LIST_SUBNETS]) },
	{ "gateways-text", HVSIM_ARGUMENT_STRING, false,
	  offsetof(struct set_arguments, texts[HVSIM_KVP_LIST_GATEWAYS]) },
	{ "dns-text", HVSIM_ARGUMENT_STRING, false,
	  offsetof(struct set_arguments, texts[HVSIM_KVP_LIST_DNS]) },
	{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, false,
	  offsetof(struct set_arguments, timeout_ms), 1, HVSIM_TIMEOUT_MAX_MS },
	{ .name = NULL },
};

/* As a Linux guest has a device's GUID; anything else stays what it is. */
static void adapter_write(char *id, size_t size, const char *given)
{
	bool braces = given[0] == '{';
	char plain[HVSIM_GUID_TEXT_LEN], text[HVSIM_GUID_TEXT_LEN];
	uint8_t guid[HVSIM_GUID_LEN];

	snprintf(plain, sizeof(plain), "%s", given + braces);
	if (strlen(given) != HVSIM_GUID_TEXT_LEN - 1 + 2u * braces ||
	    hvsim_guid_parse(guid, plain) < 0) {
		snprintf(id, size, "%s", given);
		return;
	}
	hvsim_guid_format(text, guid);
	snprintf(id, size, "{%s}", text);
}

/* Reads a list of addresses, of which some need a prefix; fails the request else. */
static int list_parse(struct hvsim_request *request, const char *name, struct json_object *given,
		      struct hvsim_kvp_address *list, size_t *count, size_t most)
{
	bool prefixes = !strcmp(name, "addresses");
	const char *text;
	size_t i;

	*count = given ? json_object_array_length(given) : 0;
	if (*count > most) {
		hvsim_request_fail(request, "bad-argument",
				   "kvp: a message has no room for more than %zu %s", most, name);
		return -EMSGSIZE;
	}
	for (i = 0; i < *count; i++) {
		text = json_object_get_string(json_object_array_get_idx(given, i)) ?: "";
		if (hvsim_kvp_address_parse(&list[i], text) < 0 ||
		    prefixes != !!strchr(text, '/')) {
			hvsim_request_fail(request, "bad-argument", "kvp: '%s' among the %s is no "
					   "address%s", text, name,
					   prefixes ? " with a prefix, such as 10.0.0.5/24" : "");
			return -EINVAL;
		}
		list[i].origin = HVIC_KVP_ORIGIN_STATIC;
	}
	return 0;
}

/* The family as given, or that of what is set; DHCP is of IPv4. */
static int family_parse(struct hvsim_request *request, struct hvsim_kvp_adapter *adapter,
			const char *name)
{
	size_t i;

	if (!name) {
		for (i = 0; i < adapter->address_count; i++)
			adapter->family |= adapter->addresses[i].v6 ? HVIC_KVP_FAMILY_IPV6 :
					   HVIC_KVP_FAMILY_IPV4;
		adapter->family |= adapter->dhcp ? HVIC_KVP_FAMILY_IPV4 : 0;
		return 0;
	}
	for (i = 0; i < N(family_names); i++)
		if (!strcmp(family_names[i], name)) {
			adapter->family = (uint8_t)i;
			return 0;
		}
	hvsim_request_fail(request, "bad-argument",
			   "argument \"family\" must be none, ipv4, ipv6 or both");
	return -EINVAL;
}

static int adapter_parse(struct hvsim_request *request, struct hvsim_kvp_adapter *adapter,
			 const struct set_arguments *given, uint32_t version)
{
	int i;

	for (i = 0; i < HVSIM_KVP_NR_LISTS; i++) {
		if (given->texts[i] && version >= HVIC_VERSION(5, 0)) {
			hvsim_request_fail(request, "version", "kvp: addresses are numbers in "
					   "version 5.0; \"%s-text\" needs 4.0", list_names[i]);
			return -EPROTONOSUPPORT;
		}
		adapter->texts[i] = given->texts[i];
	}
	adapter_write(adapter->id, sizeof(adapter->id), given->adapter);
	adapter->dhcp = given->dhcp;
	if (list_parse(request, "addresses", given->addresses, adapter->addresses,
		       &adapter->address_count, HVSIM_KVP_ADDRESSES) < 0 ||
	    list_parse(request, "gateways", given->gateways, adapter->gateways,
		       &adapter->gateway_count, HVSIM_KVP_GATEWAYS) < 0 ||
	    list_parse(request, "dns", given->dns, adapter->dns, &adapter->dns_count,
		       HVSIM_KVP_ADDRESSES) < 0)
		return -EINVAL;
	return family_parse(request, adapter, given->family);
}

/* The texts are the request's, which goes on until the exchange is done. */
static int inquiry_parse(struct inquiry *inquiry, struct json_object *arguments,
			 int64_t *timeout_ms)
{
	struct set_arguments given = { .timeout_ms = HVSIM_KVP_ANSWER_MS };

	if (hvsim_arguments_read(inquiry->request, arguments, set_table, &given) < 0 ||
	    !inquiry_possible(inquiry->service, inquiry->request) ||
	    adapter_parse(inquiry->request, &inquiry->adapter, &given,
			  inquiry->service->versions.message) < 0)
		return -EINVAL;
	*timeout_ms = given.timeout_ms;
	return 0;
}

/**
 * hvsim_kvp_command_set_ip() - Carry out the command "kvp-set-ip".
 * @request: gone afterwards, or later
 * @arguments: of the command
 * @userdata: the service
 */
void hvsim_kvp_command_set_ip(struct hvsim_request *request, struct json_object *arguments,
			      void *userdata)
{
	struct inquiry *inquiry = inquiry_new(userdata, request, HVIC_KVP_SET_IP);
	int64_t timeout_ms;

	if (!inquiry)
		return;
	if (inquiry_parse(inquiry, arguments, &timeout_ms) < 0)
		free(inquiry);
	else
		inquiry_submit(inquiry, timeout_ms);
}
