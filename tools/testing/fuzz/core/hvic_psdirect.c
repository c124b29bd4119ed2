// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Offers of Hyper-V sockets, and what becomes of their class: the input is how the class
 * begins (0, as the rest of the input has it; else as a service's), the flags, the class,
 * and the bytes for the service's own use.
 */
#include <hv/hvic_psdirect.h>

#include "fuzz.h"
#include "hvic_psdirect.h"

static const u8 services[][HVIC_PSDIRECT_GUID_LEN] = {
	HVIC_PSDIRECT_BROKER_GUID, HVIC_PSDIRECT_SERVER_GUID,
};

static bool is_service(const u8 *service)
{
	return !memcmp(service, services[0], HVIC_PSDIRECT_GUID_LEN) ||
	       !memcmp(service, services[1], HVIC_PSDIRECT_GUID_LEN);
}

/* What hv_sock makes of a class: a port, or nothing. */
static bool is_port(const u8 *service, u32 port)
{
	static const u8 rest[] = {
		0xcb, 0xfa, 0xe6, 0x11, 0xbd, 0x58, 0x64, 0x00, 0x6a, 0x79, 0x86, 0xd3,
	};

	return service[0] == (port & 0xff) && service[1] == (port >> 8 & 0xff) &&
	       service[2] == (port >> 16 & 0xff) && service[3] == port >> 24 &&
	       !memcmp(service + 4, rest, sizeof(rest));
}

/* An exact-size copy of the front, with zeros for what is not there. */
static u8 *take(struct fuzz_input *input, size_t want)
{
	u8 *bytes = calloc(1, want);
	size_t len = want < input->len ? want : input->len;

	CHECK(bytes);
	if (len)
		memcpy(bytes, input->at, len);
	input->at += len;
	input->len -= len;
	return bytes;
}

/**
 * LLVMFuzzerTestOneInput() - Judge an offer, and give its class to hv_sock.
 * @data: see above
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input input = { data, len };
	u32 begins = fuzz_number(&input, 1) % 3, port;
	u16 flags = fuzz_number(&input, 2);
	u8 *service = take(&input, HVIC_PSDIRECT_GUID_LEN);
	u8 *user = take(&input, HVIC_PSDIRECT_USER_LEN);
	struct hvic_psdirect_offer offer = { flags, service, user };
	enum hvic_psdirect_verdict verdict;

	if (begins)
		memcpy(service, services[begins - 1], HVIC_PSDIRECT_GUID_LEN);
	verdict = hvic_psdirect_judge(&offer);
	port = hvic_psdirect_port(verdict);
	CHECK(verdict < HVIC_NR_PSDIRECT_VERDICTS);
	CHECK((verdict != HVIC_PSDIRECT_OTHER) ==
	      (is_service(service) && flags & 0x2000 && user[4]));
	CHECK((verdict == HVIC_PSDIRECT_CONTAINER) == (verdict && user[5]));
	CHECK(port == (verdict == HVIC_PSDIRECT_BROKER ? 997 :
		       verdict == HVIC_PSDIRECT_SERVER ? 998 : 0));
	if (port) {
		hvic_psdirect_vsock(service, port);
		CHECK(is_port(service, port));
		CHECK(hvic_psdirect_judge(&offer) == HVIC_PSDIRECT_OTHER);
	}
	free(user);
	free(service);
	return 0;
}
