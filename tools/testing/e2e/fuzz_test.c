// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Many hostile packets: each is answered or dropped, and none does harm.  There are
 * as many as $FUZZ_PACKETS for each service, 20000 unless given, made from $FUZZ_SEED.
 */
#include <stdlib.h>
#include <string.h>

#include "e2e.h"

/* More than there are. */
#define SERVICES	16

/* What leaves the ring as it is, and loses no answer. */
#define TAME	"\"good\",\"type\",\"pipe\",\"header\",\"sizes\",\"versions\",\"body\"," \
		"\"cut\",\"long\",\"noise\",\"reply\",\"twice\",\"reordered\",\"descriptor\""

static long long environment(const char *name, long long usual)
{
	const char *value = getenv(name);

	return value && *value ? strtoll(value, NULL, 0) : usual;
}

static struct json_object *service_of(struct json_object *result, const char *service)
{
	return e2e_get(e2e_get(result, "services"), service);
}

static void note_result(struct json_object *result)
{
	e2e_note("  %s", result ? json_object_to_json_string_ext(result, JSON_C_TO_STRING_PLAIN) :
		 e2e_error());
}

/* What the module counts must be what the host has sent. */
static void test_accounts(long long count, long long seed)
{
	long long dropped[SERVICES], lost[SERVICES], forgotten[SERVICES];
	struct json_object *result, *one;
	const char *service;
	size_t i;

	for (i = 0; (service = e2e_services[i].name); i++) {
		/* nothing is left that the host had asked before */
		e2e_alive(service);
		dropped[i] = e2e_counter(service, "dropped");
		lost[i] = e2e_counter(service, "send_errors");
		forgotten[i] = e2e_counter(service, "forgotten");
	}
	result = e2e_call("fuzz", "{\"count\":%lld,\"seed\":%lld,\"kinds\":[" TAME "]}", count,
			  seed);
	note_result(result);
	for (i = 0; (service = e2e_services[i].name); i++) {
		one = service_of(result, service);
		e2e_is_str(one ? e2e_string(one, "failure") : e2e_error(), "",
			   "fuzz: %s stands %lld packets", service, count);
		e2e_is_int(e2e_number(one, "misshapen"), 0,
			   "fuzz: %s answers nothing that a host would not take", service);
		dropped[i] = e2e_counter(service, "dropped") - dropped[i];
		lost[i] = e2e_counter(service, "send_errors") - lost[i];
		/* what a daemon would have served, and the host asked before it began anew */
		forgotten[i] = e2e_counter(service, "forgotten") - forgotten[i];
		e2e_is_int(e2e_number(one, "answered") + dropped[i] + lost[i] + forgotten[i],
			   e2e_number(one, "sent"),
			   "fuzz: %s: each packet is answered or dropped, once", service);
		e2e_is_int(lost[i], 0, "fuzz: %s: no answer is lost", service);
	}
	json_object_put(result);
}

/* Everything, also what breaks the rings, with messages of the bus between. */
static void test_everything(long long count, long long seed)
{
	struct json_object *result, *one;
	const char *service;
	size_t i;

	result = e2e_call("fuzz", "{\"count\":%lld,\"seed\":%lld,\"first\":%lld,"
			  "\"bus-messages\":%lld}", count, seed, count, count / 50);
	note_result(result);
	for (i = 0; (service = e2e_services[i].name); i++) {
		one = service_of(result, service);
		e2e_is_str(one ? e2e_string(one, "failure") : e2e_error(), "",
			   "fuzz: %s stands %lld packets of every kind", service, count);
		e2e_is_int(e2e_number(one, "closed"), 0, "fuzz: %s never gives up", service);
	}
	json_object_put(result);
}

static void run(void)
{
	long long count = environment("FUZZ_PACKETS", 20000), seed = environment("FUZZ_SEED", 1);
	const char *service;
	size_t i;

	e2e_quiet();
	test_accounts(count, seed);
	test_everything(count, seed);
	for (i = 0; (service = e2e_services[i].name); i++)
		e2e_ok(e2e_alive(service), "fuzz: %s answers good requests afterwards",
		       service);
	e2e_is_str(e2e_complaints(), "", "fuzz: the kernel has no complaint");
}

const struct e2e_group e2e_fuzz = { "fuzz", run };
