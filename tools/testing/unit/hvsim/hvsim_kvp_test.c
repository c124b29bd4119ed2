// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Data exchange of the emulated host without an emulated machine: what is here plays
 * the plugin and a guest with a daemon behind it, well and badly, and the client.  The
 * host runs in a thread of its own, and the guest in another.
 */
#include <endian.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"
#include "hvsim_json.h"
#include "hvsim_kvp_item.h"
#include "sim_host.h"

#define V(major, minor)	HVIC_VERSION(major, minor)
#define BODY		HVIC_HDR_LEN
#define ITEMS_MOST	64

/* ---- the guest ---- */

enum manner {
	GOOD,
	DAEMONLESS,	/* each request fails */
	PICKY,		/* each request has a wrong argument */
	SILENT,
	STUCK,		/* what is set is not answered */
	MUTE,		/* offers are not answered, as by a Linux without a daemon */
	STRANGE,	/* values have a type that there is not */
	ENDLESS,	/* there is always one item more */
	SHORT,		/* answers have no body */
};

/* What the guest has: as it came, key size, value size, key and value. */
struct item {
	bool used;
	uint8_t pool;
	uint8_t value[sizeof(struct hvic_kvp_value)];
};

static struct item items[ITEMS_MOST];
static pthread_mutex_t items_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int manner, speaks, sets, deletes;
static uint8_t last_ip[HVIC_KVP_IP_LEN];

static void guest_choose(uint8_t *bytes)
{
	hvsim_frame_put(bytes + 28, 0x10001, 4);
	hvsim_frame_put(bytes + 18, 16, 2);
	hvsim_frame_put(bytes + 36, 3, 4);
	hvsim_frame_put(bytes + 40, (uint64_t)speaks, 4);
}

static struct item *item_find(uint8_t pool, const uint8_t *key, size_t key_size)
{
	size_t i;

	for (i = 0; i < ITEMS_MOST; i++)
		if (items[i].used && items[i].pool == pool &&
		    hvsim_frame_get(items[i].value + 4, 4) == key_size &&
		    !memcmp(items[i].value + 12, key, key_size))
			return &items[i];
	return NULL;
}

static uint32_t guest_set(uint8_t *body)
{
	struct item *item = item_find(body[1], body + 16, hvsim_frame_get(body + 8, 4));
	size_t i;

	sets++;
	for (i = 0; !item && i < ITEMS_MOST; i++)
		if (!items[i].used)
			item = &items[i];
	if (!item)
		return HVIC_STATUS_FAIL;
	item->used = true;
	item->pool = body[1];
	memcpy(item->value, body + 4, sizeof(item->value));
	return 0;
}

static uint32_t guest_get(uint8_t *body)
{
	struct item *item = item_find(body[1], body + 16, hvsim_frame_get(body + 8, 4));

	if (!item)
		return HVIC_STATUS_NO_MORE;
	memcpy(body + 4, item->value, sizeof(item->value));
	return 0;
}

static uint32_t guest_delete(uint8_t *body)
{
	struct item *item = item_find(body[1], body + 8, hvsim_frame_get(body + 4, 4));

	deletes++;
	if (!item)
		return HVIC_STATUS_NO_MORE;
	item->used = false;
	return 0;
}

static uint32_t guest_enumerate(uint8_t *body)
{
	uint64_t index = hvsim_frame_get(body + 4, 4);
	size_t i;

	for (i = 0; i < ITEMS_MOST; i++) {
		if (!items[i].used || items[i].pool != body[1] || (index-- && manner != ENDLESS))
			continue;
		memcpy(body + 8, items[i].value, sizeof(items[i].value));
		if (manner == STRANGE)
			hvsim_frame_put(body + 8, 8, 4);
		return 0;
	}
	return HVIC_STATUS_NO_MORE;
}

static uint32_t guest_carry_out(uint8_t *body)
{
	switch (body[0]) {
	case HVIC_KVP_GET:
		return guest_get(body);
	case HVIC_KVP_SET:
		return guest_set(body);
	case HVIC_KVP_DELETE:
		return guest_delete(body);
	case HVIC_KVP_ENUMERATE:
		return guest_enumerate(body);
	case HVIC_KVP_SET_IP:
		memcpy(last_ip, body, sizeof(last_ip));
		return 0;
	default:
		memcpy(body + 2, last_ip + 2, sizeof(last_ip) - 2);
		return last_ip[0] ? 0 : HVIC_STATUS_FAIL;
	}
}

static void guest_answer(const struct hvsim_frame *frame)
{
	uint8_t bytes[16384] = { 0 };
	uint32_t status = 0;
	size_t len = frame->length;

	memcpy(bytes, frame->bytes, len);
	bytes[25] = HVIC_FLAG_TRANSACTION | HVIC_FLAG_RESPONSE;
	if (manner == SILENT || (!bytes[12] && manner == MUTE) ||
	    (bytes[12] && bytes[BODY] == HVIC_KVP_SET && manner == STUCK))
		return;
	pthread_mutex_lock(&items_lock);
	if (!bytes[12])
		guest_choose(bytes);
	else if (manner == DAEMONLESS)
		status = HVIC_STATUS_FAIL;
	else if (manner == PICKY)
		status = HVIC_STATUS_INVALID_ARG;
	else
		status = guest_carry_out(bytes + BODY);
	pthread_mutex_unlock(&items_lock);
	hvsim_frame_put(bytes + 20, status, 4);
	if (bytes[12] && manner == SHORT) {
		hvsim_frame_put(bytes + 18, 0, 2);
		hvsim_frame_put(bytes + 4, 20, 4);
		len = BODY;
	}
	sim_guest_send(HVSIM_FRAME_PACKET, HVSIM_VMBUS_INBAND, bytes, len);
}

/* ---- the host and the client ---- */

static bool host_start(const char *profile)
{
	const struct hvsim_host_options options = { .profile = profile };

	manner = GOOD;
	memset(items, 0, sizeof(items));
	memset(last_ip, 0, sizeof(last_ip));
	return sim_host_start(&options);
}

/* Whether a command returns this under a key. */
static void returns(const char *command, const char *arguments, const char *key, const char *want,
		    const char *what)
{
	struct json_object *result = sim_call(command, arguments);

	tap_is_str(sim_text(result, key), want, "%s", what);
	json_object_put(result);
}

static const char *status_of(const char *key)
{
	static char text[64];
	struct json_object *status = sim_call("status", "{}");

	snprintf(text, sizeof(text), "%s",
		 sim_text(sim_member(sim_member(status, "services"), "kvp"), key));
	json_object_put(status);
	return text;
}

/* Keys and values that a command returns, as one text. */
static const char *items_of(const char *command, const char *arguments)
{
	static char text[4096];
	struct json_object *result = sim_call(command, arguments);
	struct json_object *list = sim_member(result, "items");
	size_t i, used = 0;

	text[0] = '\0';
	for (i = 0; result && i < json_object_array_length(list) && used < sizeof(text); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);

		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s=%s", i ? " " : "",
					 sim_text(one, "key"), sim_text(one, "value"));
	}
	json_object_put(result);
	return text;
}

static bool anomaly_is(const char *kind)
{
	struct json_object *result = sim_call("anomalies", "{\"clear\":true}");
	struct json_object *first = json_object_array_get_idx(sim_member(result, "anomalies"), 0);
	bool right = kind ? first && !strcmp(sim_text(first, "kind"), kind) : !first;

	if (!right)
		tap_diag("%s", json_object_to_json_string(result));
	json_object_put(result);
	return right;
}

/* ---- the tests ---- */

static void test_away(void)
{
	tap_is_str(status_of("title"), "Key-Value Pair Exchange", "the service has its name");
	tap_is_str(status_of("primary-status"), "No Contact", "without a guest: no contact");
	returns("kvp-set", "{\"key\":\"early\",\"value\":\"1\"}", "delivered", "false",
		"away: what is set waits");
	returns("kvp-set", "{\"key\":\"gone\",\"value\":\"1\"}", "delivered", "false",
		"away: as does this");
	returns("kvp-delete", "{\"key\":\"gone\"}", "delivered", "false", "away: deleted again");
	sim_fails("kvp-delete", "{\"key\":\"never\"}", "not-found", "32773",
		  "away: what there is not cannot be deleted");
	sim_fails("kvp-set", "{\"key\":\"k\",\"value\":\"v\",\"pool\":\"guest\"}", "not-open", "",
		  "away: the guest's own pools have to wait");
	sim_fails("kvp-get", "{\"key\":\"early\"}", "not-open", "", "away: nothing can be got");
	sim_fails("kvp-list", "{}", "not-open", "", "away: nor listed");
	sim_fails("kvp-get-ip", "{\"mac\":\"x\"}", "not-open", "", "away: nor addresses asked for");
	tap_is_str(status_of("waiting"), "18", "away: it all waits");
}

static void test_told(void)
{
	sim_guest_connect("kvp", guest_answer);
	sim_guest_send(HVSIM_FRAME_OPENED, 0, NULL, 0);
	tap_ok(sim_wait_event("kvp-told"), "the guest is told by itself");
	tap_is_str(status_of("told"), "17", "seventeen items");
	tap_is_str(status_of("waiting"), "0", "and no more");
	tap_ok(sets == 17 && deletes == 1, "each once, and what was deleted is deleted");
	tap_is_str(items_of("kvp-list", "{\"pool\":\"0\"}"), "early=1", "what the guest has of it");
	tap_ok(strstr(items_of("kvp-list", "{\"pool\":\"auto-external\"}"),
		      "VirtualMachineName=hvsim"), "and of the host");
	tap_ok(strstr(items_of("kvp-items", "{}"), "early=1"), "and the host of that");
	tap_ok(anomaly_is(NULL), "nothing is wrong");
}

static void test_change(void)
{
	returns("kvp-set", "{\"key\":\"k\",\"value\":\"v\"}", "delivered", "true", "set");
	returns("kvp-get", "{\"key\":\"k\",\"pool\":\"external\"}", "value", "v", "got");
	returns("kvp-get", "{\"key\":\"k\"}", "status-name", "no-more", "from another pool not");
	returns("kvp-set", "{\"key\":\"d\",\"value\":\"0xffffffff\",\"type\":\"dword\"}", "value",
		"4294967295", "a DWORD");
	returns("kvp-get", "{\"key\":\"d\",\"pool\":\"external\"}", "type", "dword", "stays one");
	returns("kvp-set", "{\"key\":\"q\",\"value\":\"4294967296\",\"type\":\"qword\","
		"\"pool\":\"guest\"}", "status-name", "ok", "a QWORD, in the guest's pool");
	tap_is_str(items_of("kvp-list", "{\"pool\":\"guest\"}"), "q=4294967296", "which it has");
	tap_ok(strstr(items_of("kvp-list", "{}"), "d=4294967295 q=4294967296"),
	       "all pools, one after the other");
	sim_fails("kvp-set", "{\"key\":\"k\",\"value\":\"w\",\"how\":\"add\"}", "exists", "32773",
		  "what there is cannot be added");
	returns("kvp-set", "{\"key\":\"k\",\"value\":\"w\",\"how\":\"modify\"}", "status-name",
		"ok", "but modified");
	sim_fails("kvp-set", "{\"key\":\"n\",\"value\":\"w\",\"how\":\"modify\"}", "not-found",
		  "32773",
		  "what there is not cannot be modified");
	returns("kvp-delete", "{\"key\":\"k\"}", "status-name", "ok", "deleted");
	returns("kvp-delete", "{\"key\":\"k\"}", "status-text",
		"there is no such item, or no more of them", "and not twice");
	returns("kvp-set", "{\"key\":\"k\",\"value\":\"w\",\"how\":\"add\"}", "status-name", "ok",
		"it can be added again");
	tap_ok(anomaly_is(NULL), "nothing is wrong");
}

static void test_arguments(void)
{
	char text[4000], long_text[1100];

	sim_fails("kvp-set", "{\"key\":\"k\",\"value\":\"v\",\"pool\":\"x\"}", "bad-argument",
		  "no pool", "a pool that there is not");
	sim_fails("kvp-set", "{\"key\":\"k\",\"value\":\"v\",\"type\":\"x\"}", "bad-argument",
		  "no type", "a type that there is not");
	sim_fails("kvp-set", "{\"key\":\"k\",\"value\":\"v\",\"how\":\"x\"}", "bad-argument", "how",
		  "a way that there is not");
	sim_fails("kvp-set", "{\"key\":\"k\",\"value\":\"4294967296\",\"type\":\"dword\"}",
		  "bad-argument", "2^32", "a number too large");
	sim_fails("kvp-set", "{\"key\":\"k\",\"value\":\"-1\",\"type\":\"qword\"}", "bad-argument",
		  "2^64", "or too small");
	memset(long_text, 'x', sizeof(long_text));
	long_text[1024] = '\0';
	snprintf(text, sizeof(text), "{\"key\":\"k\",\"value\":\"%s\"}", long_text);
	sim_fails("kvp-set", text, "bad-argument", "1023", "a value too long");
	long_text[256] = '\0';
	snprintf(text, sizeof(text), "{\"key\":\"%s\",\"value\":\"v\"}", long_text);
	sim_fails("kvp-set", text, "bad-argument", "255", "a key too long");
}

static void test_misdeeds(void)
{
	manner = STRANGE;
	sim_fails("kvp-list", "{\"pool\":\"external\"}", "bad-answer", "", "a strange type");
	tap_ok(anomaly_is("kvp-type"), "which is noted");
	manner = SHORT;
	sim_fails("kvp-get", "{\"key\":\"early\",\"pool\":\"0\"}", "bad-answer", "", "no body");
	tap_ok(anomaly_is("body-short"), "which is noted");
	manner = PICKY;
	returns("kvp-set", "{\"key\":\"k\",\"value\":\"z\"}", "status-name", "invalid-argument",
		"a refusal");
	returns("kvp-list", "{\"pool\":\"9\"}", "status-text", "an argument is wrong",
		"of a list, too");
	manner = ENDLESS;
	sim_fails("kvp-list", "{\"pool\":\"external\"}", "bad-answer", "no end",
		  "a list without end");
	manner = SILENT;
	sim_fails("kvp-list", "{\"timeout-ms\":50}", "timeout", "", "no answer");
	manner = GOOD;
	tap_ok(anomaly_is(NULL), "nothing else is wrong");
	tap_ok(strstr(items_of("kvp-items", "{}"), " k=w"),
	       "what was refused stays what it was");
}

static void test_network(void)
{
	struct json_object *result;

	last_ip[0] = 0;
	returns("kvp-get-ip", "{\"mac\":\"00-15-5d-01-02-ab\"}", "status-name", "fail",
		"an adapter that there is not");
	returns("kvp-set-ip", "{\"adapter\":\"{0123ABCD-0000-1111-2222-333344445555}\","
		"\"addresses\":[\"10.0.0.5/24\",\"fd00::5/64\"],"
		"\"gateways\":[\"10.0.0.1\"],\"dns\":[\"10.0.0.2\"]}",
		"adapter", "{0123abcd-0000-1111-2222-333344445555}", "addresses are set");
	tap_is_int(last_ip[speaks == 5 ? 284 : 258], 3, "of both families");
	result = sim_call("kvp-get-ip", "{\"mac\":\"00-15-5d-01-02-ab\"}");
	tap_is_str(json_object_to_json_string(sim_member(result, "addresses")), speaks == 5 ?
		   "[ { \"address\": \"10.0.0.5\", \"prefix\": 24, \"origin\": \"static\" }, "
		   "{ \"address\": \"fd00::5\", \"prefix\": 64, \"origin\": \"static\" } ]" :
		   "[ { \"address\": \"10.0.0.5\", \"prefix\": 24 }, "
		   "{ \"address\": \"fd00::5\", \"prefix\": 64 } ]", "and can be asked for");
	tap_is_str(sim_text(result, "family"), "both", "with their family");
	tap_is_str(json_object_to_json_string(sim_member(result, "gateways")), "[ \"10.0.0.1\" ]",
		   "their gateways");
	json_object_put(result);
	sim_fails("kvp-set-ip", "{\"adapter\":\"x\",\"addresses\":[\"10.0.0.5\"]}", "bad-argument",
		  "prefix", "an address needs a prefix");
	sim_fails("kvp-set-ip", "{\"adapter\":\"x\",\"dns\":[\"10.0.0.5/24\"]}", "bad-argument",
		  "10.0.0.5/24", "a name server has none");
	sim_fails("kvp-set-ip", "{\"adapter\":\"x\",\"family\":\"ipx\"}", "bad-argument", "family",
		  "a family that there is not");
	if (speaks == 5)
		sim_fails("kvp-set-ip", "{\"adapter\":\"x\",\"dns-text\":\";\"}", "version", "4.0",
			  "there are no texts in 5.0");
	else
		returns("kvp-set-ip", "{\"adapter\":\"x\",\"dns-text\":\"$(reboot)\"}",
			"status-name", "ok", "a text is sent as it is");
	tap_ok(anomaly_is(NULL), "nothing is wrong");
}

/* Who negotiates anew knows nothing; whom nobody serves is told later. */
static void test_again(void)
{
	int before = sets;

	manner = DAEMONLESS;
	json_object_put(sim_call("kvp-auto", "{\"enabled\":true,\"retry-ms\":20}"));
	json_object_put(sim_call("save", "{}"));
	returns("kvp-set", "{\"key\":\"asleep\",\"value\":\"1\"}", "delivered", "false",
		"what is set for a saved machine waits");
	sim_events_skip();
	json_object_put(sim_call("restore", "{}"));
	tap_ok(sim_wait_event("negotiated"), "after a restore versions are negotiated");
	returns("kvp-delete", "{\"key\":\"asleep\"}", "status-name", "fail",
		"a guest without a daemon says so");
	sim_events_skip();
	manner = GOOD;
	tap_ok(sim_wait_event("kvp-told"), "and is told again when it has one");
	tap_ok(sets >= before + 20, "all of it");
	tap_ok(strstr(items_of("kvp-list", "{\"pool\":\"external\"}"), "asleep=1"),
	       "also what waited");
	json_object_put(sim_call("kvp-auto", "{\"enabled\":false}"));
	json_object_put(sim_call("negotiate", "{\"service\":\"kvp\"}"));
	tap_is_str(status_of("waiting"), "20", "a host that is told not to tells nothing");
	sim_events_skip();
	json_object_put(sim_call("kvp-auto", "{\"enabled\":true}"));
	tap_ok(sim_wait_event("kvp-told"), "and goes on when told to");
	manner = PICKY;
	sim_events_skip();
	json_object_put(sim_call("negotiate", "{\"service\":\"kvp\"}"));
	tap_ok(sim_wait_event("kvp-told"), "what the guest refuses for good is not repeated");
	tap_is_str(status_of("refused"), "20", "and is known");
	manner = GOOD;
	returns("burst", "{\"service\":\"kvp\",\"count\":20}", "answered", "20", "a burst");

	manner = STUCK;
	sim_events_skip();
	json_object_put(sim_call("negotiate", "{\"service\":\"kvp\"}"));
	returns("kvp-get", "{\"key\":\"early\",\"pool\":\"external\"}", "value", "1",
		"who asks does not wait for what is told");
	manner = GOOD;
	returns("kvp-get", "{\"key\":\"early\",\"pool\":\"external\"}", "value", "1",
		"not even once more");
	tap_ok(sim_wait_event("kvp-told"), "which goes on after that");
	tap_ok(anomaly_is(NULL), "nothing is wrong");
}

static void test_no_contact(void)
{
	if (!host_start(NULL))
		return;
	manner = MUTE;
	sim_guest_connect("kvp", guest_answer);
	sim_guest_send(HVSIM_FRAME_OPENED, 0, NULL, 0);
	tap_ok(sim_wait_event("channel-opened"), "a guest without a daemon opens the channel");
	sim_fails("negotiate", "{\"service\":\"kvp\",\"abrupt\":true,\"timeout-ms\":50}", "timeout",
		  "",
		  "and does not answer");
	tap_is_str(status_of("state"), "failed", "so nothing is agreed on");
	tap_is_str(status_of("primary-status"), "No Contact", "and there is no contact");
	sim_fails("kvp-list", "{}", "not-ready", "did not answer", "nothing can be asked");
	sim_guest_disconnect();
	sim_host_stop();
}

static void test_versions(void)
{
	speaks = 3;
	if (!host_start("openvmm"))
		return;
	sim_guest_connect("kvp", guest_answer);
	sim_guest_send(HVSIM_FRAME_OPENED, 0, NULL, 0);
	tap_ok(sim_wait_event("negotiated"), "a guest of 3.0");
	returns("kvp-set", "{\"key\":\"k\",\"value\":\"v\"}", "status-name", "ok", "has items");
	sim_fails("kvp-get-ip", "{\"mac\":\"x\"}", "version", "5.0", "and no addresses");
	speaks = 4;
	json_object_put(sim_call("negotiate", "{\"service\":\"kvp\"}"));
	sim_fails("kvp-get-ip", "{\"mac\":\"x\"}", "version", "OpenVMM",
		  "with 4.0 Windows asks for them, but OpenVMM does not");
	sim_guest_disconnect();
	sim_host_stop();
}

int main(void)
{
	if (!sim_directory_make("hvsim_kvp_test") || !host_start(NULL))
		return 1;
	speaks = 5;
	test_away();
	test_told();
	test_change();
	test_arguments();
	test_misdeeds();
	test_network();
	speaks = 4;
	json_object_put(sim_call("negotiate", "{\"service\":\"kvp\"}"));
	test_network();
	test_again();
	sim_guest_disconnect();
	sim_host_stop();
	test_no_contact();
	test_versions();
	tap_ok(sim_directory_remove(), "no socket is left");
	return tap_done();
}
