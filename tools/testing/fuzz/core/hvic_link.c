// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A channel's whole conversation: the input is a service and then packets, each
 * behind its length. What is served goes to the service, as in the module.
 */
#include "fuzz.h"
#include "hvic_heartbeat.h"
#include "hvic_kvp.h"
#include "hvic_link.h"
#include "hvic_shutdown.h"
#include "hvic_timesync.h"

static const struct service {
	u16 type;
	const struct hvic_versions *versions;
} services[] = {
	{ HVIC_TYPE_HEARTBEAT, &hvic_heartbeat_versions },
	{ HVIC_TYPE_SHUTDOWN, &hvic_shutdown_versions },
	{ HVIC_TYPE_TIMESYNC, &hvic_timesync_versions },
	{ HVIC_TYPE_KVP, &hvic_kvp_versions },
};

static u32 number_at(const u8 *bytes, size_t at, size_t size)
{
	u32 number = 0;

	while (size--)
		number = number << 8 | bytes[at + size];
	return number;
}

/* Whether the offer in @bytes has @version among its @n entries from @first on. */
static bool is_offered(const u8 *bytes, size_t len, size_t first, size_t n, u32 version)
{
	size_t i, at;

	for (i = first; i < first + n; i++) {
		at = 36 + 4 * i;
		if (at + 4 <= len && number_at(bytes, at, 2) == HVIC_VERSION_MAJOR(version) &&
		    number_at(bytes, at + 2, 2) == HVIC_VERSION_MINOR(version))
			return true;
	}
	return false;
}

static bool is_ours(const u32 *versions, u32 version)
{
	while (*versions && *versions != version)
		versions++;
	return *versions;
}

static void check_negotiated(const struct service *service, const struct hvic_link *link,
			     const u8 *before, const u8 *after, size_t len)
{
	size_t frameworks = number_at(before, 28, 2), messages = number_at(before, 30, 2);

	CHECK(link->state == HVIC_LINK_READY);
	CHECK(is_offered(before, len, 0, frameworks, link->framework));
	CHECK(is_offered(before, len, frameworks, messages, link->message));
	CHECK(is_ours(service->versions->framework, link->framework));
	CHECK(is_ours(service->versions->message, link->message));
	CHECK(number_at(after, 18, 2) == 16 && number_at(after, 20, 4) == 0);
	CHECK(number_at(after, 28, 4) == 0x00010001);
	CHECK(is_offered(after, len, 0, 1, link->framework));
	CHECK(is_offered(after, len, 1, 1, link->message));
}

static void check_refused(const struct hvic_link *link, const u8 *before, const u8 *after, int err)
{
	bool offer = !number_at(before, 12, 2);

	CHECK(err == -EPROTONOSUPPORT || err == -EMSGSIZE || err == -ENOTCONN ||
	      err == -EOPNOTSUPP);
	CHECK(!number_at(after, 20, 4) == (err == -EPROTONOSUPPORT));
	CHECK(!offer || link->state == HVIC_LINK_FAILED);
	CHECK(!offer || number_at(after, 18, 2) <= 8);
	CHECK(!offer || number_at(after, 18, 2) < 8 || !number_at(after, 28, 4));
}

static void serve(const struct hvic_link *link, struct hvic_msg *msg)
{
	static struct hvic_shutdown_order order;
	static struct hvic_user_kvp user;
	struct hvic_timesync_sample sample;
	u64 sequence;
	int err;

	switch (le16_to_cpu(msg->hdr->type)) {
	case HVIC_TYPE_HEARTBEAT:
		err = hvic_heartbeat(msg, HVIC_APPLICATION_HEALTHY, &sequence);
		break;
	case HVIC_TYPE_SHUTDOWN:
		err = hvic_shutdown_parse(msg, link->message, true, &order);
		break;
	case HVIC_TYPE_KVP:
		err = hvic_kvp_forward(msg, link->message, &user);
		break;
	default:
		err = hvic_timesync_parse(msg, link->message, 0, &sample);
		break;
	}
	hvic_msg_answer(msg, hvic_status(err));
}

static void packet(const struct service *service, struct hvic_link *link, u8 *bytes, size_t len)
{
	u8 *before = malloc(len);
	struct hvic_link was = *link;
	enum hvic_verdict verdict;
	struct hvic_msg msg;
	int err = 1;

	CHECK(before || !len);
	if (len)
		memcpy(before, bytes, len);
	verdict = hvic_link_receive(link, service->type, service->versions, &msg, bytes, len, &err);

	CHECK(!err == (verdict == HVIC_NEGOTIATED || verdict == HVIC_SERVE));
	CHECK((link->state == HVIC_LINK_READY) == (link->framework && link->message));
	if (verdict == HVIC_NEGOTIATED)
		check_negotiated(service, link, before, bytes, len);
	else if (verdict == HVIC_REFUSED)
		check_refused(link, before, bytes, err);
	else
		CHECK(!memcmp(&was, link, sizeof(was)) && (!len || !memcmp(before, bytes, len)));
	if (verdict == HVIC_SERVE) {
		CHECK(was.state == HVIC_LINK_READY && number_at(bytes, 12, 2) == service->type);
		CHECK(msg.body == bytes + 28 && msg.body_len <= len - 28);
		serve(link, &msg);
	}
	if (verdict != HVIC_DROP) {
		/* an answer: of the same transaction, no longer, under the same headers */
		CHECK(bytes[24] == before[24] && bytes[25] == 5);
		CHECK(number_at(bytes, 18, 2) <= number_at(before, 18, 2));
		CHECK(!memcmp(bytes, before, 18));
	}
	free(before);
}

/**
 * LLVMFuzzerTestOneInput() - Hold a conversation.
 * @data: the service, then packets
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input input = { data, len };
	const struct service *service = &services[fuzz_number(&input, 1) % 4];
	struct hvic_link link;
	size_t packet_len;
	u8 *bytes;

	hvic_link_open(&link);
	while (input.len) {
		packet_len = fuzz_number(&input, 2);
		bytes = fuzz_take(&input, packet_len, &packet_len);
		packet(service, &link, bytes, packet_len);
		free(bytes);
	}
	return 0;
}
