// SPDX-License-Identifier: GPL-2.0-only
/* Offers of Hyper-V sockets: which are PowerShell Direct's, and what becomes of them. */

#include <hv/hvic_psdirect.h>

#include "../hvic_psdirect.h"
#include "hvic_packet.h"

#define BROKER	{ 0xd4, 0x53, 0x9e, 0x99, 0x5c, 0x3d, 0x3e, 0x4c, \
		  0x87, 0x79, 0xbe, 0xd0, 0x6e, 0xc0, 0x56, 0xe1 }
#define SERVER	{ 0x21, 0x1c, 0x20, 0xa5, 0x70, 0x27, 0x11, 0x4c, \
		  0xa6, 0x8e, 0xf1, 0x82, 0xed, 0xb2, 0x92, 0x20 }
/* ports 997 and 998 in the template of AF_VSOCK */
#define PORT_997 { 0xe5, 0x03, 0, 0, 0xcb, 0xfa, 0xe6, 0x11, \
		   0xbd, 0x58, 0x64, 0x00, 0x6a, 0x79, 0x86, 0xd3 }
#define PORT_998 { 0xe6, 0x03, 0, 0, 0xcb, 0xfa, 0xe6, 0x11, \
		   0xbd, 0x58, 0x64, 0x00, 0x6a, 0x79, 0x86, 0xd3 }

#define OTHER		HVIC_PSDIRECT_OTHER
#define CONTAINER	HVIC_PSDIRECT_CONTAINER

/**
 * struct offer_case - an offer, and what it is
 * @name: what is special about it
 * @flags: its flags
 * @service: its class
 * @user: the first bytes for the service's own use; the others are 0
 * @verdict: what it is
 */
struct offer_case {
	const char *name;
	u16 flags;
	u8 service[HVIC_PSDIRECT_GUID_LEN];
	u8 user[12];
	enum hvic_psdirect_verdict verdict;
};

static const struct offer_case offers[] = {
	{ "broker", 0x2011, BROKER, { [4] = 1 }, HVIC_PSDIRECT_BROKER },
	{ "server", 0x2011, SERVER, { [4] = 1 }, HVIC_PSDIRECT_SERVER },
	{ "broker, parameters of version 1", 0x2011, BROKER, { [4] = 1, [6] = 1 },
	  HVIC_PSDIRECT_BROKER },
	{ "broker, parameters of a version to come", 0x2011, BROKER,
	  { [4] = 1, [6] = 0xff, 0xff, 0xff, 0xff }, HVIC_PSDIRECT_BROKER },
	{ "broker, any flag there is", 0xffff, BROKER, { [4] = 1 }, HVIC_PSDIRECT_BROKER },
	{ "broker, no flag but the socket's", 0x2000, BROKER, { [4] = 1 }, HVIC_PSDIRECT_BROKER },
	{ "broker, from the host by another number", 0x2011, BROKER, { [4] = 0x80 },
	  HVIC_PSDIRECT_BROKER },
	{ "broker, pipe of messages", 0x2011, BROKER, { [0] = 4, [4] = 1 }, HVIC_PSDIRECT_BROKER },
	{ "broker, for a container", 0x2011, BROKER, { [4] = 1, [5] = 1 }, CONTAINER },
	{ "server, for a container", 0x2011, SERVER, { [4] = 1, [5] = 1 }, CONTAINER },
	{ "server, for a container by another number", 0x2011, SERVER, { [4] = 1, [5] = 0x80 },
	  CONTAINER },
	{ "broker, answer to the guest", 0x2011, BROKER, { 0 }, OTHER },
	{ "broker, answer to a container", 0x2011, BROKER, { [5] = 1 }, OTHER },
	{ "broker, bytes that say nothing of it", 0x2011, BROKER,
	  { 1, 1, 1, 1, 0, 1, 1, 1, 1, 1 }, OTHER },
	{ "broker, no socket", 0x0011, BROKER, { [4] = 1 }, OTHER },
	{ "broker, all flags but the socket's", 0xdfff, BROKER, { [4] = 1 }, OTHER },
	{ "port 997, dialled as such", 0x2011, PORT_997, { [4] = 1 }, OTHER },
	{ "port 998, dialled as such", 0x2011, PORT_998, { [4] = 1 }, OTHER },
	{ "port 997, for a container", 0x2011, PORT_997, { [4] = 1, [5] = 1 }, OTHER },
	{ "no class", 0x2011, { 0 }, { [4] = 1 }, OTHER },
};

static void offer_case_desc(const struct offer_case *offer, char *desc)
{
	strscpy(desc, offer->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(offer_case, offers, offer_case_desc);

/* An offer whose bytes lie in memory of just that length. */
static struct hvic_psdirect_offer offer_make(struct kunit *test, const struct offer_case *offer)
{
	u8 *user = packet_alloc(test, HVIC_PSDIRECT_USER_LEN);

	memset(user, 0, HVIC_PSDIRECT_USER_LEN);
	memcpy(user, offer->user, sizeof(offer->user));
	return (struct hvic_psdirect_offer){
		.flags = offer->flags,
		.service = packet_copy(test, offer->service, HVIC_PSDIRECT_GUID_LEN),
		.user = user,
	};
}

static void psdirect_judge(struct kunit *test)
{
	const struct offer_case *offer = test->param_value;
	struct hvic_psdirect_offer made = offer_make(test, offer);

	KUNIT_EXPECT_EQ(test, hvic_psdirect_judge(&made), offer->verdict);
}

/* One wrong bit makes each class another. */
static void psdirect_each_bit(struct kunit *test)
{
	static const struct offer_case right[] = {
		{ .flags = 0x2011, .service = BROKER, .user = { [4] = 1 } },
		{ .flags = 0x2011, .service = SERVER, .user = { [4] = 1 } },
	};
	unsigned int i, bit;

	for (i = 0; i < 2; i++) {
		for (bit = 0; bit < 8 * HVIC_PSDIRECT_GUID_LEN; bit++) {
			struct offer_case wrong = right[i];
			struct hvic_psdirect_offer made;

			wrong.service[bit / 8] ^= 1 << bit % 8;
			made = offer_make(test, &wrong);
			KUNIT_ASSERT_EQ_MSG(test, hvic_psdirect_judge(&made), OTHER,
					    "service %u, bit %u", i, bit);
		}
	}
}

/**
 * struct port_case - a verdict, and where the offer is accepted
 * @name: the verdict
 * @verdict: the verdict
 * @port: the port; 0 for none
 * @service: the class by which hv_sock knows it
 */
struct port_case {
	const char *name;
	enum hvic_psdirect_verdict verdict;
	u32 port;
	u8 service[HVIC_PSDIRECT_GUID_LEN];
};

static const struct port_case ports[] = {
	{ "broker", HVIC_PSDIRECT_BROKER, 997, PORT_997 },
	{ "server", HVIC_PSDIRECT_SERVER, 998, PORT_998 },
	{ "other", HVIC_PSDIRECT_OTHER },
	{ "container", HVIC_PSDIRECT_CONTAINER },
	{ "none that there is", HVIC_NR_PSDIRECT_VERDICTS },
};

static void port_case_desc(const struct port_case *port, char *desc)
{
	strscpy(desc, port->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(port_case, ports, port_case_desc);

static void psdirect_port(struct kunit *test)
{
	const struct port_case *port = test->param_value;
	u8 *service = packet_alloc(test, HVIC_PSDIRECT_GUID_LEN);

	KUNIT_EXPECT_EQ(test, hvic_psdirect_port(port->verdict), port->port);
	if (!port->port)
		return;
	hvic_psdirect_vsock(service, port->port);
	KUNIT_EXPECT_EQ(test, memcmp(service, port->service, HVIC_PSDIRECT_GUID_LEN), 0);
}

static void psdirect_vsock(struct kunit *test)
{
	static const u8 largest[HVIC_PSDIRECT_GUID_LEN] = {
		0xfe, 0xca, 0xef, 0xbe, 0xcb, 0xfa, 0xe6, 0x11,
		0xbd, 0x58, 0x64, 0x00, 0x6a, 0x79, 0x86, 0xd3,
	};
	u8 *service = packet_alloc(test, HVIC_PSDIRECT_GUID_LEN);

	hvic_psdirect_vsock(service, 0xbeefcafe);
	KUNIT_EXPECT_EQ(test, memcmp(service, largest, sizeof(largest)), 0);
}

/* The bytes in the order in which a GUID's text has them. */
static void expect_guid(struct kunit *test, const u8 *guid, const char *text)
{
	static const u8 order[HVIC_PSDIRECT_GUID_LEN] = {
		3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15,
	};
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < sizeof(order); i++) {
		u8 byte = guid[order[i]];

		text += *text == '-';
		KUNIT_EXPECT_EQ(test, *text++, digits[byte >> 4]);
		KUNIT_EXPECT_EQ(test, *text++, digits[byte & 15]);
	}
	KUNIT_EXPECT_EQ(test, *text, '\0');
}

static void psdirect_text(struct kunit *test)
{
	static const u8 broker[] = HVIC_PSDIRECT_BROKER_GUID;
	static const u8 server[] = HVIC_PSDIRECT_SERVER_GUID;

	expect_guid(test, broker, HVIC_PSDIRECT_BROKER_GUID_TEXT);
	expect_guid(test, server, HVIC_PSDIRECT_SERVER_GUID_TEXT);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(psdirect_judge, offer_case_gen_params),
	KUNIT_CASE(psdirect_each_bit),
	KUNIT_CASE_PARAM(psdirect_port, port_case_gen_params),
	KUNIT_CASE(psdirect_vsock),
	KUNIT_CASE(psdirect_text),
	{}
};

static struct kunit_suite suite = { .name = "hvic_psdirect", .test_cases = cases };

kunit_test_suite(suite);
