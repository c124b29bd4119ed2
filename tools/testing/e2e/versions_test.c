// SPDX-License-Identifier: GPL-2.0-or-later
/* Version negotiation, as each host does it and as none should. */

#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "e2e.h"
#include "hvsim_profile.h"

#define V(major, minor)	HVIC_VERSION(major, minor)
#define N(list)		(sizeof(list) / sizeof((list)[0]))

static const struct service {
	const char *name;
	enum hvsim_service_id id;
	uint32_t ours[5];	/* what the module speaks, best first */
} services[] = {
	{ "heartbeat", HVSIM_HEARTBEAT, { V(3, 0), V(1, 0) } },
	{ "shutdown", HVSIM_SHUTDOWN, { V(3, 2), V(3, 1), V(3, 0), V(1, 0) } },
	{ "timesync", HVSIM_TIMESYNC, { V(4, 0), V(3, 0), V(1, 0) } },
};

static const uint32_t frameworks[] = { V(3, 0), V(1, 0), 0 };

static uint32_t best(const uint32_t *ours, const uint32_t *offered, size_t n)
{
	size_t i;

	for (; *ours; ours++)
		for (i = 0; i < n; i++)
			if (offered[i] == *ours)
				return *ours;
	return 0;
}

static int send_offer(const char *service, const struct hvsim_offer *offer,
		      struct hvsim_message *answer)
{
	uint8_t packet[1024];
	int len = hvsim_message_build_offer(packet, sizeof(packet), 42, offer);

	return e2e_raw(service, packet, (size_t)len, answer);
}

/* What was chosen is the best, is in the answer, and is what sysfs shows. */
static void check_choice(const struct service *service, const char *host,
			 const struct hvsim_offer *offer)
{
	uint32_t fw = best(frameworks, offer->framework, offer->framework_count);
	uint32_t mv = best(service->ours, offer->message, offer->message_count);
	struct hvsim_versions choice = { 0 };
	struct hvsim_message answer;
	uint32_t faults = ~0u;
	char want[32];

	if (send_offer(service->name, offer, &answer) > 0)
		faults = hvsim_message_read_choice(&answer, offer, &choice);
	e2e_ok(!faults && choice.framework == fw && choice.message == mv && !answer.status &&
	       answer.transaction == 42,
	       "versions: %s offers %s, which chooses %u.%u and framework %u.%u", host,
	       service->name, HVIC_VERSION_MAJOR(mv), HVIC_VERSION_MINOR(mv),
	       HVIC_VERSION_MAJOR(fw), HVIC_VERSION_MINOR(fw));
	snprintf(want, sizeof(want), "%u.%u %u.%u", HVIC_VERSION_MAJOR(fw),
		 HVIC_VERSION_MINOR(fw), HVIC_VERSION_MAJOR(mv), HVIC_VERSION_MINOR(mv));
	e2e_is_str(e2e_guest("cd %s/ic && echo $(cat framework_version message_version)",
			     e2e_device(service->name)), want,
		   "versions: sysfs shows what %s and %s agreed on", host, service->name);
}

static void test_profiles(void)
{
	const struct hvsim_profile *profile;
	const struct hvsim_offer *offer;
	size_t i, p;

	for (p = 0; (profile = hvsim_profile_at(p)); p++) {
		for (i = 0; i < N(services); i++) {
			offer = &profile->offers[services[i].id];
			if (offer->message_count)
				check_choice(&services[i], profile->name, offer);
		}
	}
}

static void test_order(const struct service *service)
{
	static const uint32_t fw[] = { V(3, 0), V(9, 9), V(1, 0), V(3, 0), V(3, 0) };
	static const uint32_t mv[] = { V(9, 0), V(3, 0), V(1, 0), V(3, 0), V(0, 0), V(1, 0) };
	static const uint32_t old[] = { V(1, 0) };
	const struct hvsim_offer mixed = { fw, N(fw), mv, N(mv) };
	const struct hvsim_offer one = { old, 1, old, 1 };

	check_choice(service, "an unsorted list with doubles", &mixed);
	check_choice(service, "a host that is old alone", &one);
}

/* Nothing to choose: an answer that cannot be read as a choice, and no service. */
static void check_refusal(const struct service *service, const char *what,
			  const struct hvsim_offer *offer)
{
	const struct hvic_negotiate *body;
	struct hvsim_message answer;
	int len = send_offer(service->name, offer, &answer);

	body = (const void *)answer.body;
	e2e_ok(len > 0 && answer.body_len >= sizeof(*body) && !body->framework_count &&
	       !body->message_count && !answer.status,
	       "versions: %s: %s is answered with no versions", service->name, what);
	e2e_is_str(e2e_attribute(service->name, "state"), "failed",
		   "versions: %s: %s leaves the service failed", service->name, what);
}

static void test_nothing_in_common(const struct service *service)
{
	static const uint32_t strange[] = { V(9, 0), V(0, 0), V(3, 9) };
	static const uint32_t good[] = { V(1, 0), V(3, 0) };
	const struct hvsim_offer no_framework = { strange, 3, good, 2 };
	const struct hvsim_offer no_message = { good, 2, strange, 3 };
	const struct hvsim_offer empty_framework = { good, 0, good, 2 };
	const struct hvsim_offer empty_message = { good, 2, good, 0 };

	check_refusal(service, "no framework version in common", &no_framework);
	check_refusal(service, "no message version in common", &no_message);
	check_refusal(service, "an empty framework list", &empty_framework);
	check_refusal(service, "an empty message list", &empty_message);
	e2e_ok(e2e_alive(service->name), "versions: %s: the next good offer is taken",
	       service->name);
}

/* A list that is not there is not read: the offer is refused or dropped. */
static void test_cut_short(const struct service *service)
{
	static const uint32_t good[] = { V(1, 0), V(3, 0) };
	const struct hvsim_offer offer = { good, 2, good, 2 };
	unsigned int body, chosen = 0, cases = 0;
	struct hvsim_message answer;
	struct hvsim_versions choice;
	uint8_t packet[128];
	int len;

	len = hvsim_message_build_offer(packet, sizeof(packet), 42, &offer);
	for (body = 0; body < 24; body++, cases++) {
		((struct hvic_hdr *)(packet + 8))->size = htole16(body);
		((struct hvic_pipe_hdr *)packet)->size = htole32(20 + body);
		if (e2e_raw(service->name, packet, HVIC_HDR_LEN + body, &answer) > 0)
			chosen += !answer.status &&
				  !hvsim_message_read_choice(&answer, &offer, &choice);
	}
	e2e_is_int(chosen, 0, "versions: %s: an offer cut short at each of %u bytes is never taken",
		   service->name, cases);

	len = hvsim_message_build_offer(packet, sizeof(packet), 42, &offer);
	((struct hvic_negotiate *)(packet + HVIC_HDR_LEN))->framework_count = htole16(0xffff);
	((struct hvic_negotiate *)(packet + HVIC_HDR_LEN))->message_count = htole16(0xffff);
	e2e_ok(e2e_raw(service->name, packet, (size_t)len, &answer) <= 0 ||
	       hvsim_message_read_choice(&answer, &offer, &choice),
	       "versions: %s: counts beyond the message are not followed", service->name);
	e2e_ok(e2e_alive(service->name), "versions: %s: answers after all that", service->name);
}

static void test_before_agreement(void)
{
	static const uint32_t strange[] = { V(9, 0) };
	const struct hvsim_offer nothing = { strange, 1, strange, 1 };
	const struct hvsim_versions v3 = { V(3, 0), V(3, 0) };
	struct hvsim_message answer;
	uint8_t packet[64];
	int len;

	send_offer("heartbeat", &nothing, &answer);
	len = hvsim_message_build_heartbeat(packet, sizeof(packet), 5, &v3, 1, 16);
	len = e2e_raw("heartbeat", packet, (size_t)len, &answer);
	e2e_ok(len > 0 && answer.status == HVIC_STATUS_FAIL,
	       "versions: a request without versions agreed is refused");
	e2e_ok(e2e_alive("heartbeat"), "versions: and served when they are");
}

static void run(void)
{
	size_t i;

	e2e_quiet();
	test_profiles();
	for (i = 0; i < N(services); i++) {
		test_order(&services[i]);
		test_nothing_in_common(&services[i]);
		test_cut_short(&services[i]);
	}
	test_before_agreement();
}

const struct e2e_group e2e_versions = { "versions", run };
