// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvsim's bus, from the guest's first contact to its leave: every message and
 * every frame is spelled out here, byte by byte.  Traffic and tricks have tests of
 * their own.
 */
#include <errno.h>

#include "guest_script.h"

/* The usual, as it is in the log. */
#define TO_GUEST	"post 1 2 1: "
#define REFUSED_7	"anomaly 7: an open that was refused, 0xc000000d\n"
#define BAD_GPADL	"anomaly 7: memory, GPADL 0x51, that cannot be used\n" \
			TO_GUEST MSG_CREATED("01000000", "51000000", "0d0000c0")
#define UNMAP_RINGS	"unmap 5\nunmap 3\nunmap 9\nunmap 8\n"
#define CLOSED		"ignore 1001\ntell closed 0: 07000000\n"
#define CONTACT_5_3	POST(MSG_CONTACT("03000500", "01000000", "02"))
#define AGREED_5_3	"tell contact 1: 03000500 01000000\n" \
			TO_GUEST MSG_VERSION("01", "04000000") "\n"

static const struct {
	const char *name;
	const char *limit;		/* NULL for none */
	uint32_t connection;
	const char *version;
	bool supported;
	const char *answer;		/* connection in it */
} versions[] = {
	{ "2.4", NULL, 1, "04000200", true, "01000000" },
	{ "3.0", NULL, 1, "00000300", true, "01000000" },
	{ "4.0", NULL, 1, "00000400", true, "01000000" },
	{ "4.1", NULL, 1, "01000400", true, "01000000" },
	{ "5.0", NULL, 4, "00000500", true, "04000000" },
	{ "5.1", NULL, 4, "01000500", true, "04000000" },
	{ "5.2", NULL, 4, "02000500", true, "04000000" },
	{ "5.3", NULL, 4, "03000500", true, "04000000" },
	{ "6.0", NULL, 4, "00000600", true, "04000000" },
	{ "5.0 on the old connection", NULL, 1, "00000500", true, "04000000" },
	{ "0.13", NULL, 1, "0d000000", false, "00000000" },
	{ "1.1", NULL, 1, "01000100", false, "00000000" },
	{ "2.3", NULL, 1, "03000200", false, "00000000" },
	{ "4.2", NULL, 1, "02000400", false, "00000000" },
	{ "5.4", NULL, 4, "04000500", false, "00000000" },
	{ "6.1", NULL, 4, "01000600", false, "00000000" },
	{ "0", NULL, 1, "00000000", false, "00000000" },
	{ "65535.65535", NULL, 4, "ffffffff", false, "00000000" },
	{ "4.1 of at most 4.1", "01000400", 1, "01000400", true, "01000000" },
	{ "5.0 of at most 4.1", "01000400", 1, "00000500", false, "00000000" },
	{ "2.4 of at most 2.4", "04000200", 1, "04000200", true, "01000000" },
	{ "3.0 of at most 2.4", "04000200", 1, "00000300", false, "00000000" },
	{ "5.2 of at most 5.2", "02000500", 4, "02000500", true, "04000000" },
	{ "5.3 of at most 5.2", "02000500", 4, "03000500", false, "00000000" },
	{ "5.3 of at most 7.0", "00000700", 4, "03000500", true, "04000000" },
	{ "7.0 of at most 7.0", "00000700", 4, "00000700", false, "00000000" },
};

static void test_versions(void)
{
	struct guest_step step = { "", DO(GUEST_POSTS, 0, 1) };
	char hex[256], want[256];
	struct guest_bus *guest;
	size_t i;

	for (i = 0; i < NR(versions); i++) {
		guest = guest_start(FRESH);
		if (versions[i].limit)
			guest_bus_say_hex(guest, HVSIM_FRAME_LIMIT, 0, versions[i].limit);
		snprintf(hex, sizeof(hex), "0e00000000000000 %s 03000000 0200000000000000" Z16,
			 versions[i].version);
		snprintf(want, sizeof(want), "tell contact %d: %s 03000000\n"
			 "post 3 2 1: 0f00000000000000 %s 00 0000 %s", versions[i].supported,
			 versions[i].version, versions[i].supported ? "01" : "00",
			 versions[i].answer);
		step.action.a = versions[i].connection;
		step.action.hex = hex;
		step.want = want;
		tap_ok(guest_bus_does(guest, &step), "version %s: %s", versions[i].name,
		       versions[i].supported ? "agreed on" : "refused");
		step.action.hex = MSG_REQUEST;
		step.want = versions[i].supported ? "post 3 2 1: " MSG_DELIVERED "\n"
			    "tell requested 0:" :
			    "anomaly -1: a message of the type 3 before any contact";
		tap_ok(guest_bus_does(guest, &step), "version %s: offers can%s be asked for",
		       versions[i].name, versions[i].supported ? "" : "not");
		guest_end(guest, versions[i].name);
	}
}

static const struct guest_step connections[] = {
	{ "no connection 0", DO(GUEST_POSTS, 0, 1, MSG_REQUEST), "returns 18" },
	{ "no connection 2", DO(GUEST_POSTS, 2, 1, MSG_REQUEST), "returns 18" },
	{ "no connection 3", DO(GUEST_POSTS, 3, 1, MSG_REQUEST), "returns 18" },
	{ "no connection 5", DO(GUEST_POSTS, 5, 1, MSG_REQUEST), "returns 18" },
	{ "events are not messages", DO(GUEST_POSTS, 0x1001, 1, MSG_REQUEST), "returns 18" },
	{ "contact on 4", CONTACT_5_3, AGREED_5_3 },
	{ "the host says 4.1", SAY(LIMIT, 0, "01000400"), "" },
	{ "no connection 4 any more", DO(GUEST_POSTS, 4, 1, MSG_REQUEST), "returns 18" },
	{ "a connection 1", DO(GUEST_POSTS, 1, 1, MSG_REQUEST),
	  TO_GUEST MSG_DELIVERED "\ntell requested 0:" },
	{ "the host says 5.0", SAY(LIMIT, 0, "00000500"), "" },
	{ "a connection 4 again", CONTACT_5_3,
	  "tell contact 0: 03000500 01000000\n" TO_GUEST MSG_VERSION("00", "00000000") },
	{ "the host says less than there is", SAY(LIMIT, 0, "03000200"), "returns EINVAL" },
	{ "which changes nothing", POST(MSG_CONTACT("00000500", "01000000", "02")),
	  "tell contact 1: 00000500 01000000\n" TO_GUEST MSG_VERSION("01", "04000000") },
};

static const struct guest_step interrupts[] = {
	{ "5.0 says which", POST(MSG_CONTACT("00000500", "02000000", "05")),
	  "tell contact 1: 00000500 02000000\npost 2 5 1:" MSG_VERSION("01", "04000000") },
	{ "the last there is", POST(MSG_CONTACT("00000500", "02000000", "0f")),
	  "tell contact 1: 00000500 02000000\npost 2 15 1:" MSG_VERSION("01", "04000000") },
	{ "one that there is not", POST(MSG_CONTACT("00000500", "02000000", "10")),
	  "tell contact 1: 00000500 02000000\npost 2 2 1:" MSG_VERSION("01", "04000000") },
	{ "4.1 says where a page is", POST(MSG_CONTACT("01000400", "02000000", "05")),
	  "tell contact 1: 01000400 02000000\npost 2 2 1:" MSG_VERSION("01", "01000000") },
	{ "a processor that there is not", POST(MSG_CONTACT("00000500", "04000000", "02")),
	  "tell contact 1: 00000500 04000000\n"
	  "anomaly -1: cannot post a message to processor 4" },
	{ "one that there is", POST(MSG_CONTACT("00000500", "00000000", "02")),
	  "tell contact 1: 00000500 00000000\npost 0 2 1:" MSG_VERSION("01", "04000000") },
};

static const struct guest_step offers[] = {
	{ "before there is a guest", SAY(OFFER, 0, "07000000" DEVICE), "" },
	{ "a guest asks too early", POST(MSG_REQUEST),
	  "anomaly -1: a message of the type 3 before any contact" },
	{ "a guest comes", CONTACT_5_3, AGREED_5_3 },
	{ "before it asks", SAY(OFFER, 0, "08000000" DEVICE), "" },
	{ "one that has no relid yet is not relid 0",
	  POST(MSG_GPADL("00000000", "51000000", "1000", "00100000", Z8)),
	  "anomaly -1: memory of the relid 0, which is no channel's\n"
	  "anomaly -1: memory, GPADL 0x51, that cannot be used\n"
	  TO_GUEST MSG_CREATED("00000000", "51000000", "0d0000c0") },
	{ "it asks", POST(MSG_REQUEST),
	  TO_GUEST MSG_OFFER(DEVICE, "01000000", "01100000") "\n"
	  "tell offered 0: 07000000 01000000\n"
	  "tell offered 0: 08000000 02000000\n"
	  "tell requested 0:\n"
	  TO_GUEST MSG_OFFER(DEVICE, "02000000", "02100000") "\n"
	  TO_GUEST MSG_DELIVERED },
	{ "it asks again", POST(MSG_REQUEST),
	  "anomaly -1: the guest asks for offers, which it has\n"
	  TO_GUEST MSG_DELIVERED "\ntell requested 0:" },
	{ "later", SAY(OFFER, 0, "09000000" DEVICE),
	  TO_GUEST MSG_OFFER(DEVICE, "03000000", "03100000") "\n"
	  "tell offered 0: 09000000 03000000" },
	{ "of a number that is in use", SAY(OFFER, 0, "07000000" DEVICE), "returns EEXIST" },
	{ "of no number", SAY(OFFER, 0, "ffffffff" DEVICE), "returns EEXIST" },
	{ "with more than is needed", SAY(OFFER, 0, "0a000000" DEVICE "1234"),
	  TO_GUEST MSG_OFFER(DEVICE, "04000000", "04100000") "\n"
	  "tell offered 0: 0a000000 04000000" },
};

/* Every byte is another one, to see that none goes astray. */
#define USER	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" \
		"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f" \
		"404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f" \
		"606162636465666768696a6b6c6d6e6f7071727374757677"
#define BYTES	CLASS INSTANCE "e0e1e2e3e4e5e6e7e8e9eaebecedeeef" "8081 8283" USER "8485 8687"

static const struct guest_step bytes[] = {
	{ "of an offer", SAY(OFFER, 0, "88898a8b" BYTES),
	  TO_GUEST "01000000 00000000" BYTES "01000000 00 00 0100 01100000\n"
	  "tell offered 0: 88898a8b 01000000" },
	{ "of a socket that connects", POST(MSG_CONNECT(CLASS, INSTANCE)),
	  "tell connect 0: " CLASS INSTANCE },
	{ "of its refusal", SAY(RESULT, 0, CLASS INSTANCE "a1a2a3a4"),
	  TO_GUEST MSG_CONNECTED(CLASS, INSTANCE, "a1a2a3a4") },
	{ "of the clock", SAY(CLOCK, 0, ""),
	  "tell clock 0: 0807060504030201 1817161514131211" },
	{ "there is no clock", DO(SET_CLOCK, 0, -ENODEV) },
	{ "of no clock", SAY(CLOCK, 0, ""), "returns ENODEV" },
};

/* Relids go round; when all are in use, the next offer waits until one is free. */
static void test_relids(void)
{
	static const struct guest_step steps[] = {
		{ "the last relid", SAY(OFFER, 0, "ff070000" DEVICE),
		  TO_GUEST MSG_OFFER(DEVICE, "ff070000", "ff170000") "\n"
		  "tell offered 0: ff070000 ff070000" },
		{ "there are no more", SAY(OFFER, 0, "00080000" DEVICE),
		  "anomaly 2048: no more than 2047 channels can be offered" },
		{ "one is taken back", SAY(RESCIND, 0, "05000000"),
		  TO_GUEST MSG_RESCIND("05000000") },
		{ "which is not enough", SAY(OFFER, 0, "01080000" DEVICE),
		  "anomaly 2049: no more than 2047 channels can be offered" },
		{ "one that waits is not in the way of another", SAY(OFFER, 0, "02080000" DEVICE),
		  "anomaly 2050: no more than 2047 channels can be offered" },
		{ "one that waits is gone at once", SAY(RESCIND, 0, "01080000"),
		  "tell released 0: 01080000" },
		{ "let go: the first that waits is offered", POST(MSG_RELEASE("05000000")),
		  "tell released 0: 05000000\n"
		  TO_GUEST MSG_OFFER(DEVICE, "05000000", "05100000") "\n"
		  "tell offered 0: 00080000 05000000" },
		{ "another is taken back", SAY(RESCIND, 0, "04000000"),
		  TO_GUEST MSG_RESCIND("04000000") },
		{ "and is to be once more", SAY(TRICK, 8, "04000000 04000000 00000000"), "" },
		{ "let go: before the next is offered", POST(MSG_RELEASE("04000000")),
		  "tell released 0: 04000000\n" TO_GUEST MSG_RESCIND("04000000") "\n"
		  "tell offered 0: 02080000 04000000\n"
		  TO_GUEST MSG_OFFER(DEVICE, "04000000", "04100000") },
		{ "another is taken back", SAY(RESCIND, 0, "06000000"),
		  TO_GUEST MSG_RESCIND("06000000") },
		{ "let go: nothing waits", POST(MSG_RELEASE("06000000")),
		  "tell released 0: 06000000" },
		{ "there is one", SAY(OFFER, 0, "03080000" DEVICE),
		  TO_GUEST MSG_OFFER(DEVICE, "06000000", "06100000") "\n"
		  "tell offered 0: 03080000 06000000" },
		{ "there are no more", SAY(OFFER, 0, "04080000" DEVICE),
		  "anomaly 2052: no more than 2047 channels can be offered" },
	};
	struct guest_bus *guest = guest_start(CONNECTED);
	char hex[400];
	uint32_t i;

	guest->quiet = true;
	for (i = 1; i < HVSIM_VMBUS_RELIDS - 1; i++) {
		snprintf(hex, sizeof(hex), "%02x%02x0000" DEVICE, i & 0xff, i >> 8);
		guest_bus_say_hex(guest, HVSIM_FRAME_OFFER, 0, hex);
	}
	guest->quiet = false;
	for (i = 0; i < NR(steps); i++)
		tap_ok(guest_bus_does(guest, &steps[i]), "relids: %s", steps[i].name);
	guest_end(guest, "relids");
}

static const struct guest_step gpadls[] = {
	{ "in one message",
	  POST(MSG_GPADL("01000000", "51000000", "1800", "00200000",
			 "0500000000000000 0300000000000000")),
	  "map 5\nmap 3\n" TO_GUEST MSG_CREATED("01000000", "51000000", "00000000") },
	{ "an id that is in use",
	  POST(MSG_GPADL("01000000", "51000000", "1800", "00200000",
			 "0700000000000000 0600000000000000")), BAD_GPADL },
	{ "taken back", POST(MSG_TEARDOWN("01000000", "51000000")),
	  "unmap 5\nunmap 3\n" TO_GUEST MSG_TORNDOWN("51000000") },
	{ "taken back again", POST(MSG_TEARDOWN("01000000", "51000000")),
	  "anomaly 7: takes back GPADL 0x51, which is not there" },
	{ "of a page that is no memory",
	  POST(MSG_GPADL("01000000", "51000000", "1800", "00200000",
			 "0500000000000000 4000000000000000")),
	  "map 5\nmap 40\nunmap 5\n" BAD_GPADL },
	{ "in three messages",
	  POST(MSG_GPADL("01000000", "51000000", "2000", "00300000", "0500000000000000")), "" },
	{ "the second", POST(MSG_BODY("01000000", "51000000", "0600000000000000")), "" },
	{ "the third", POST(MSG_BODY("02000000", "51000000", "0700000000000000")),
	  "map 5\nmap 6\nmap 7\n" TO_GUEST MSG_CREATED("01000000", "51000000", "00000000") },
	{ "one too many", POST(MSG_BODY("03000000", "51000000", "0700000000000000")),
	  "anomaly -1: more of GPADL 0x51, which is complete" },
	{ "out of the blue", POST(MSG_BODY("00000000", "52000000", "0700000000000000")),
	  "anomaly -1: more of GPADL 0x52, which is not there" },
	{ "taken back from another channel", POST(MSG_TEARDOWN("02000000", "51000000")),
	  "anomaly -1: takes back GPADL 0x51, which is not there" },
	{ "taken back from its own", POST(MSG_TEARDOWN("01000000", "51000000")),
	  "unmap 5\nunmap 6\nunmap 7\n" TO_GUEST MSG_TORNDOWN("51000000") },
	{ "half of one",
	  POST(MSG_GPADL("01000000", "51000000", "2000", "00300000", "0500000000000000")), "" },
	{ "its id is in use, too",
	  POST(MSG_GPADL("01000000", "51000000", "1000", "00100000", "0700000000000000")),
	  BAD_GPADL },
	{ "taken back", POST(MSG_TEARDOWN("01000000", "51000000")),
	  TO_GUEST MSG_TORNDOWN("51000000") },
	{ "half of one",
	  POST(MSG_GPADL("01000000", "51000000", "2000", "00300000", "0500000000000000")), "" },
	{ "and more than the rest",
	  POST(MSG_BODY("01000000", "51000000", Z16 Z8)), BAD_GPADL },
	{ "which ends it", POST(MSG_BODY("02000000", "51000000", Z16)),
	  "anomaly -1: more of GPADL 0x51, which is not there" },
	{ "half of one",
	  POST(MSG_GPADL("01000000", "51000000", "1800", "00200000", "0500000000000000")), "" },
	{ "and a page that is no memory",
	  POST(MSG_BODY("01000000", "51000000", "4000000000000000")),
	  "map 5\nmap 40\nunmap 5\n" BAD_GPADL },
	{ "two ranges",
	  POST("08000000 00000000 01000000 51000000 1000 0200 00100000 00000000" Z8), BAD_GPADL },
	{ "no range", POST("08000000 00000000 01000000 51000000 1000 0100"), BAD_GPADL },
	{ "of no channel",
	  POST(MSG_GPADL("02000000", "51000000", "1000", "00100000", Z8)),
	  "anomaly -1: memory of the relid 2, which is no channel's\n"
	  "anomaly -1: memory, GPADL 0x51, that cannot be used\n"
	  TO_GUEST MSG_CREATED("02000000", "51000000", "0d0000c0") },
	{ "of relid 0", POST(MSG_GPADL("00000000", "51000000", "1000", "00100000", Z8)),
	  "anomaly -1: memory of the relid 0, which is no channel's\n"
	  "anomaly -1: memory, GPADL 0x51, that cannot be used\n"
	  TO_GUEST MSG_CREATED("00000000", "51000000", "0d0000c0") },
	{ "one that stays",
	  POST(MSG_GPADL("01000000", "51000000", "1800", "00200000",
			 "0500000000000000 0500000000000000")),
	  "map 5\nmap 5\n" TO_GUEST MSG_CREATED("01000000", "51000000", "00000000") },
};

static void test_gpadl_count(void)
{
	static const struct guest_step steps[] = {
		{ "there are as many as can be",
		  POST(MSG_GPADL("01000000", "51000000", "1800", "00200000", "")), BAD_GPADL },
		{ "one is taken back", POST(MSG_TEARDOWN("01000000", "05010000")),
		  TO_GUEST MSG_TORNDOWN("05010000") },
		{ "there is one less",
		  POST(MSG_GPADL("01000000", "51000000", "1800", "00200000", "")), "" },
	};
	struct guest_bus *guest = guest_start(OFFERED);
	char hex[128];
	uint32_t i;

	guest->quiet = true;
	for (i = 0; i < 4096; i++) {
		snprintf(hex, sizeof(hex), "0800000000000000 01000000 %02x%02x0000 1800 0100"
			 "00200000 00000000", i >> 8, (i + 1) & 0xff);
		guest_bus_post(guest, hex);
	}
	guest->quiet = false;
	for (i = 0; i < NR(steps); i++)
		tap_ok(guest_bus_does(guest, &steps[i]), "gpadls: %s", steps[i].name);
	guest_end(guest, "gpadls, many");
}

/* Memory of so many pages, in its first message; of the others the guest tells never. */
static void gpadl_begin(struct guest_bus *guest, uint32_t id, uint32_t pages)
{
	char hex[128];

	snprintf(hex, sizeof(hex), "0800000000000000 01000000 %02x%02x0000 %02x%02x 0100"
		 "00%02x%02x%02x 00000000", id & 0xff, id >> 8, (8 * pages + 8) & 0xff,
		 (8 * pages + 8) >> 8 & 0xff, pages << 4 & 0xff, pages >> 4 & 0xff, pages >> 12);
	guest_bus_post(guest, hex);
}

/* 1 GiB of memory, and no page more. */
static void test_gpadl_pages(void)
{
	static const struct guest_step steps[] = {
		{ "two pages when there is one left",
		  POST(MSG_GPADL("01000000", "51000000", "1800", "00200000", Z16)), BAD_GPADL },
		{ "the last one",
		  POST(MSG_GPADL("01000000", "51000000", "1000", "00100000", Z8)),
		  "map 0\n" TO_GUEST MSG_CREATED("01000000", "51000000", "00000000") },
		{ "one more",
		  POST(MSG_GPADL("01000000", "52000000", "1000", "00100000", Z8)),
		  "anomaly 7: memory, GPADL 0x52, that cannot be used\n"
		  TO_GUEST MSG_CREATED("01000000", "52000000", "0d0000c0") },
		{ "some of which not all is told is taken back",
		  POST(MSG_TEARDOWN("01000000", "02010000")), TO_GUEST MSG_TORNDOWN("02010000") },
		{ "there is some again",
		  POST(MSG_GPADL("01000000", "52000000", "1000", "00100000", Z8)),
		  "map 0\n" TO_GUEST MSG_CREATED("01000000", "52000000", "00000000") },
		{ "but not as much as was taken back",
		  POST(MSG_GPADL("01000000", "53000000", "0800", "00000004", "")),
		  "anomaly 7: memory, GPADL 0x53, that cannot be used\n"
		  TO_GUEST MSG_CREATED("01000000", "53000000", "0d0000c0") },
		{ "only a page less",
		  POST(MSG_GPADL("01000000", "53000000", "0000", "00f0ff03", "")), "" },
	};
	struct guest_bus *guest = guest_start(OFFERED);
	uint32_t i;

	guest->quiet = true;
	for (i = 0; i < 16; i++)
		gpadl_begin(guest, 0x101 + i, i < 15 ? 16384 : 16383);
	guest->quiet = false;
	for (i = 0; i < NR(steps); i++)
		tap_ok(guest_bus_does(guest, &steps[i]), "gpadls: %s", steps[i].name);
	guest_end(guest, "gpadls, large");
}

static const struct guest_step opens[] = {
	{ "memory", POST(MSG_GPADL("01000000", "51000000", "2800", "00400000",
				   "0500000000000000 0300000000000000"
				   "0900000000000000 0800000000000000")),
	  "map 5\nmap 3\nmap 9\nmap 8\n" TO_GUEST MSG_CREATED("01000000", "51000000", "00000000") },
	{ "half of some memory",
	  POST(MSG_GPADL("01000000", "52000000", "2800", "00400000", "0500000000000000")), "" },
	{ "another channel", SAY(OFFER, 0, "08000000" DEVICE),
	  TO_GUEST MSG_OFFER(DEVICE, "02000000", "02100000") "\n"
	  "tell offered 0: 08000000 02000000" },
	{ "its memory", POST(MSG_GPADL("02000000", "53000000", "2800", "00400000", Z16 Z16)),
	  "map 0\nmap 0\nmap 0\nmap 0\n"
	  TO_GUEST MSG_CREATED("02000000", "53000000", "00000000") },
	{ "no ring from the guest",
	  POST(MSG_OPEN("01000000", "91000000", "51000000", "02000000", "00000000")),
	  REFUSED_7 TO_GUEST MSG_OPENED("01000000", "91000000", "0d0000c0") },
	{ "a ring of a head alone from the guest",
	  POST(MSG_OPEN("01000000", "92000000", "51000000", "02000000", "01000000")),
	  REFUSED_7 TO_GUEST MSG_OPENED("01000000", "92000000", "0d0000c0") },
	{ "a ring of a head alone to the guest",
	  POST(MSG_OPEN("01000000", "93000000", "51000000", "02000000", "03000000")),
	  REFUSED_7 TO_GUEST MSG_OPENED("01000000", "93000000", "0d0000c0") },
	{ "no ring to the guest",
	  POST(MSG_OPEN("01000000", "94000000", "51000000", "02000000", "04000000")),
	  REFUSED_7 TO_GUEST MSG_OPENED("01000000", "94000000", "0d0000c0") },
	{ "a ring that starts behind its memory",
	  POST(MSG_OPEN("01000000", "95000000", "51000000", "02000000", "05000000")),
	  REFUSED_7 TO_GUEST MSG_OPENED("01000000", "95000000", "0d0000c0") },
	{ "a ring that starts nowhere",
	  POST(MSG_OPEN("01000000", "96000000", "51000000", "02000000", "ffffffff")),
	  REFUSED_7 TO_GUEST MSG_OPENED("01000000", "96000000", "0d0000c0") },
	{ "memory that is not all there",
	  POST(MSG_OPEN("01000000", "97000000", "52000000", "02000000", "02000000")),
	  REFUSED_7 TO_GUEST MSG_OPENED("01000000", "97000000", "0d0000c0") },
	{ "memory of another channel",
	  POST(MSG_OPEN("01000000", "98000000", "53000000", "02000000", "02000000")),
	  REFUSED_7 TO_GUEST MSG_OPENED("01000000", "98000000", "0d0000c0") },
	{ "memory that is not there",
	  POST(MSG_OPEN("01000000", "99000000", "54000000", "02000000", "02000000")),
	  REFUSED_7 TO_GUEST MSG_OPENED("01000000", "99000000", "0d0000c0") },
	{ "no channel",
	  POST(MSG_OPEN("09000000", "9a000000", "51000000", "02000000", "02000000")),
	  "anomaly -1: an open of the relid 9, which is no channel's\n"
	  TO_GUEST MSG_OPENED("09000000", "9a000000", "0d0000c0") },
	{ "one that interrupts a processor that there is not",
	  POST(MSG_OPEN("01000000", "9b000000", "51000000", "04000000", "02000000")),
	  REFUSED_7 TO_GUEST MSG_OPENED("01000000", "9b000000", "0d0000c0") },
	{ "one that interrupts none at all",
	  POST(MSG_OPEN("01000000", "9b000000", "51000000", "ffffffff", "02000000")),
	  REFUSED_7 TO_GUEST MSG_OPENED("01000000", "9b000000", "0d0000c0") },
	{ "nobody can listen", DO(SET_DEAF, 0, -ENOSPC) },
	{ "one that nobody could listen to",
	  POST(MSG_OPEN("01000000", "9b000000", "51000000", "02000000", "02000000")),
	  "listen 1001\nanomaly 7: an open that was refused, 0x80000011\n"
	  TO_GUEST MSG_OPENED("01000000", "9b000000", "11000080") },
	{ "somebody can", DO(SET_DEAF) },
	{ "a good one",
	  POST(MSG_OPEN("01000000", "9c000000", "51000000", "02000000", "02000000")),
	  "listen 1001\n" TO_GUEST MSG_OPENED("01000000", "9c000000", "00000000") "\n"
	  "tell opened 0: 07000000 02000000" },
	{ "a second one",
	  POST(MSG_OPEN("01000000", "9d000000", "51000000", "03000000", "02000000")),
	  "anomaly 7: an open that was refused, 0x80000011\n"
	  TO_GUEST MSG_OPENED("01000000", "9d000000", "11000080") },
	{ "changes nothing of the first", SAY(SIGNAL, 0, "07000000"), "interrupt 2 2 1" },
	{ "close", POST(MSG_CLOSE("01000000")), CLOSED },
	{ "close again", POST(MSG_CLOSE("01000000")), "anomaly 7: closes what is not open" },
	{ "close what is no channel", POST(MSG_CLOSE("09000000")),
	  "anomaly -1: a close of the relid 9, which is no channel's" },
	{ "open again",
	  POST(MSG_OPEN("01000000", "9e000000", "51000000", "03000000", "02000000")),
	  "listen 1001\n" TO_GUEST MSG_OPENED("01000000", "9e000000", "00000000") "\n"
	  "tell opened 0: 07000000 03000000" },
	{ "interrupts where it says", SAY(SIGNAL, 0, "07000000"), "interrupt 3 2 1" },
	{ "other memory is taken back", POST(MSG_TEARDOWN("01000000", "52000000")),
	  TO_GUEST MSG_TORNDOWN("52000000") },
	{ "the memory of the rings is taken back", POST(MSG_TEARDOWN("01000000", "51000000")),
	  "anomaly 7: takes back the memory of open rings\n" CLOSED UNMAP_RINGS
	  TO_GUEST MSG_TORNDOWN("51000000") },
};

/* What is in the first page of a ring must make sense when it is opened. */
static void test_open_indexes(void)
{
	static const struct guest_step refused = {
		"refused", POST(MSG_OPEN("01000000", "92000000", "50000000", "01000000",
		"02000000")),
		REFUSED_7 TO_GUEST MSG_OPENED("01000000", "92000000", "0d0000c0") };
	struct guest_bus *guest = guest_start(OPEN);

	guest_bus_post(guest, MSG_CLOSE("01000000"));
	guest_bus_did(guest, NULL);
	guest_ring_set(&guest->out, GUEST_RING_READ, 4096);
	tap_ok(guest_bus_does(guest, &refused), "open: a read index outside of the ring");
	guest_ring_set(&guest->out, GUEST_RING_READ, 0);
	guest_ring_set(&guest->in, GUEST_RING_WRITE, 4);
	tap_ok(guest_bus_does(guest, &refused), "open: a write index in the middle of a unit");
	guest_end(guest, "open, with bad indexes");
}

static const struct guest_step rescinds[] = {
	{ "of no channel", SAY(RESCIND, 0, "09000000"), "" },
	{ "of one that no guest knows", SAY(OFFER, 0, "07000000" DEVICE), "" },
	{ "of one that no guest knows", SAY(RESCIND, 0, "07000000"), "tell released 0: 07000000" },
	{ "a guest comes", CONTACT_5_3, AGREED_5_3 },
	{ "and asks", POST(MSG_REQUEST), TO_GUEST MSG_DELIVERED "\ntell requested 0:" },
	{ "offered", SAY(OFFER, 0, "07000000" DEVICE),
	  TO_GUEST MSG_OFFER(DEVICE, "01000000", "01100000") "\n"
	  "tell offered 0: 07000000 01000000" },
	{ "let go before it is taken back", POST(MSG_RELEASE("01000000")),
	  "anomaly 7: lets go of what was not taken back" },
	{ "taken back", SAY(RESCIND, 0, "07000000"), TO_GUEST MSG_RESCIND("01000000") },
	{ "taken back again", SAY(RESCIND, 0, "07000000"), "" },
	{ "its number is in use", SAY(OFFER, 0, "07000000" DEVICE), "returns EEXIST" },
	{ "let go", POST(MSG_RELEASE("01000000")), "tell released 0: 07000000" },
	{ "let go again", POST(MSG_RELEASE("01000000")),
	  "anomaly -1: a release of the relid 1, which is no channel's" },
	{ "offered again", SAY(OFFER, 0, "07000000" DEVICE),
	  TO_GUEST MSG_OFFER(DEVICE, "02000000", "02100000") "\n"
	  "tell offered 0: 07000000 02000000" },
};

static const struct guest_step rescinds_open[] = {
	{ "it is closed", SAY(RESCIND, 0, "07000000"), CLOSED TO_GUEST MSG_RESCIND("01000000") },
	{ "a signal of the guest that was under way", DO(GUEST_SIGNALS, 0x1001), "" },
	{ "a packet of the host that was under way", SAY(PACKET, 6, "07000000 11"), "" },
	{ "it cannot be opened",
	  POST(MSG_OPEN("01000000", "9d000000", "50000000", "03000000", "02000000")),
	  TO_GUEST MSG_OPENED("01000000", "9d000000", "11000080") },
	{ "the guest closes it", POST(MSG_CLOSE("01000000")), "" },
	{ "the guest takes its memory back", POST(MSG_TEARDOWN("01000000", "50000000")),
	  UNMAP_RINGS TO_GUEST MSG_TORNDOWN("50000000") },
	{ "and lets go", POST(MSG_RELEASE("01000000")), "tell released 0: 07000000" },
};

/* Linux does not take memory back from a channel that is taken back. */
static const struct guest_step rescinds_with_memory[] = {
	{ "more memory",
	  POST(MSG_GPADL("01000000", "51000000", "1000", "00100000", "0700000000000000")),
	  "map 7\n" TO_GUEST MSG_CREATED("01000000", "51000000", "00000000") },
	{ "half of some memory",
	  POST(MSG_GPADL("01000000", "52000000", "1800", "00200000", "0600000000000000")), "" },
	{ "another channel", SAY(OFFER, 0, "08000000" DEVICE),
	  TO_GUEST MSG_OFFER(DEVICE, "02000000", "02100000") "\n"
	  "tell offered 0: 08000000 02000000" },
	{ "its memory",
	  POST(MSG_GPADL("02000000", "53000000", "1000", "00100000", "0600000000000000")),
	  "map 6\n" TO_GUEST MSG_CREATED("02000000", "53000000", "00000000") },
	{ "it is closed", SAY(RESCIND, 0, "07000000"), CLOSED TO_GUEST MSG_RESCIND("01000000") },
	{ "let go, and its memory with it", POST(MSG_RELEASE("01000000")),
	  UNMAP_RINGS "unmap 7\ntell released 0: 07000000" },
	{ "but not that of another", POST(MSG_TEARDOWN("02000000", "53000000")),
	  "unmap 6\n" TO_GUEST MSG_TORNDOWN("53000000") },
	{ "its memory is not there any more", POST(MSG_TEARDOWN("01000000", "50000000")),
	  "anomaly -1: takes back GPADL 0x50, which is not there" },
};

static const struct guest_step unloads[] = {
	{ "another channel", SAY(OFFER, 0, "08000000" DEVICE),
	  TO_GUEST MSG_OFFER(DEVICE, "02000000", "02100000") "\n"
	  "tell offered 0: 08000000 02000000" },
	{ "one that is taken back", SAY(RESCIND, 0, "08000000"),
	  TO_GUEST MSG_RESCIND("02000000") },
	{ "all is closed, let go and forgotten", POST(MSG_UNLOAD),
	  CLOSED "tell released 0: 08000000\n" UNMAP_RINGS
	  "tell unloaded 0:\n" TO_GUEST MSG_UNLOADED },
	{ "again", POST(MSG_UNLOAD), "tell unloaded 0:\n" TO_GUEST MSG_UNLOADED },
	{ "an offer meanwhile", SAY(OFFER, 0, "08000000" DEVICE), "" },
	{ "nothing else is heard", POST(MSG_REQUEST),
	  "anomaly -1: a message of the type 3 before any contact" },
	{ "contact", CONTACT_5_3, AGREED_5_3 },
	{ "an offer before the guest asks", SAY(OFFER, 0, "09000000" DEVICE), "" },
	{ "all is offered again", POST(MSG_REQUEST),
	  TO_GUEST MSG_OFFER(DEVICE, "03000000", "03100000") "\n"
	  "tell offered 0: 07000000 03000000\n"
	  "tell offered 0: 08000000 04000000\n"
	  "tell offered 0: 09000000 05000000\n"
	  "tell requested 0:\n"
	  TO_GUEST MSG_OFFER(DEVICE, "04000000", "04100000") "\n"
	  TO_GUEST MSG_OFFER(DEVICE, "05000000", "05100000") "\n"
	  TO_GUEST MSG_DELIVERED },
};

static const struct guest_step unloads_first[] = {
	{ "before any contact", POST(MSG_UNLOAD), "tell unloaded 0:\npost 0 2 1: " MSG_UNLOADED },
};

static const struct guest_step contacts_again[] = {
	{ "all is closed and forgotten", POST(MSG_CONTACT("00000500", "02000000", "03")),
	  CLOSED UNMAP_RINGS
	  "tell contact 1: 00000500 02000000\npost 2 3 1: " MSG_VERSION("01", "04000000") },
	{ "all is offered again", POST(MSG_REQUEST),
	  "post 2 3 1: " MSG_OFFER(DEVICE, "02000000", "02100000") "\n"
	  "tell offered 0: 07000000 02000000\ntell requested 0:\n"
	  "post 2 3 1: " MSG_DELIVERED },
	{ "a version that is refused", POST(MSG_CONTACT("00000700", "02000000", "03")),
	  "tell contact 0: 00000700 02000000\npost 2 3 1: " MSG_VERSION("00", "00000000") },
	{ "leaves none", POST(MSG_REQUEST),
	  "anomaly -1: a message of the type 3 before any contact" },
};

static const struct guest_step resets[] = {
	{ "all is closed and forgotten", DO(MACHINE_RESETS),
	  CLOSED UNMAP_RINGS "tell unloaded 1:" },
	{ "again", DO(MACHINE_RESETS), "" },
	{ "contact", CONTACT_5_3, AGREED_5_3 },
	{ "all is offered again", POST(MSG_REQUEST),
	  TO_GUEST MSG_OFFER(DEVICE, "02000000", "02100000") "\n"
	  "tell offered 0: 07000000 02000000\ntell requested 0:\n" TO_GUEST MSG_DELIVERED },
};

static const struct guest_step forgets[] = {
	{ "the host says 5.0", SAY(LIMIT, 0, "00000500"), "" },
	{ "and asks for all messages", SAY(TRACE, 1, ""), "" },
	{ "and for a trick", SAY(TRICK, 7, "ffffffff 04000000 00000000"), "" },
	{ "and offers another channel", SAY(OFFER, 0, "08000000" DEVICE),
	  "tell traced 0:" MSG_OFFER(DEVICE, "02000000", "02100000") "\n"
	  TO_GUEST MSG_OFFER(DEVICE, "02000000", "02100000") "\n"
	  "tell offered 0: 08000000 02000000" },
	{ "which it takes back", SAY(RESCIND, 0, "08000000"),
	  "tell traced 0:" MSG_RESCIND("02000000") "\n" TO_GUEST MSG_RESCIND("02000000") },
	{ "it goes: all is taken back, and nobody is told", DO(HOST_GOES),
	  "ignore 1001\n" TO_GUEST MSG_RESCIND("01000000") },
	{ "the guest does what is wrong", POST(MSG_RELEASE("09000000")),
	  "anomaly -1: a release of the relid 9, which is no channel's" },
	{ "a host comes, whose numbers are its own", SAY(OFFER, 0, "07000000" DEVICE),
	  TO_GUEST MSG_OFFER(DEVICE, "03000000", "03100000") "\n"
	  "tell offered 0: 07000000 03000000" },
	{ "the guest takes memory back, and no trick is played",
	  POST(MSG_TEARDOWN("01000000", "50000000")),
	  UNMAP_RINGS TO_GUEST MSG_TORNDOWN("50000000") },
	{ "the guest lets go", POST(MSG_RELEASE("01000000")), "" },
	{ "the guest lets go", POST(MSG_RELEASE("02000000")), "" },
	{ "any version will do", CONTACT_5_3, AGREED_5_3 },
	{ "it goes, and no guest knows", DO(HOST_GOES), "" },
	{ "there is nothing", POST(MSG_REQUEST), TO_GUEST MSG_DELIVERED "\ntell requested 0:" },
};

static const struct guest_step modifies[] = {
	{ "a move", POST(MSG_MODIFY("01000000", "03000000")),
	  TO_GUEST MSG_MODIFIED("01000000", "00000000") "\n"
	  "tell moved 0: 07000000 03000000\ninterrupt 3 2 1" },
	{ "it has moved", SAY(SIGNAL, 0, "07000000"), "interrupt 3 2 1" },
	{ "to a processor that there is not", POST(MSG_MODIFY("01000000", "04000000")),
	  "anomaly 7: moves to processor 4, which is not there\n"
	  TO_GUEST MSG_MODIFIED("01000000", "0d0000c0") },
	{ "to none at all", POST(MSG_MODIFY("01000000", "ffffffff")),
	  "anomaly 7: moves to processor 4294967295, which is not there\n"
	  TO_GUEST MSG_MODIFIED("01000000", "0d0000c0") },
	{ "it stays where it was", SAY(SIGNAL, 0, "07000000"), "interrupt 3 2 1" },
	{ "to the one that it interrupts", POST(MSG_MODIFY("01000000", "03000000")),
	  TO_GUEST MSG_MODIFIED("01000000", "00000000") "\n"
	  "tell moved 0: 07000000 03000000\ninterrupt 3 2 1" },
	{ "of no channel", POST(MSG_MODIFY("02000000", "00000000")),
	  "anomaly -1: a move of the relid 2, which is no channel's\n"
	  TO_GUEST MSG_MODIFIED("02000000", "0d0000c0") },
	{ "closed", POST(MSG_CLOSE("01000000")), CLOSED },
	{ "of what is closed", POST(MSG_MODIFY("01000000", "00000000")),
	  "anomaly 7: moves what cannot be moved\n" TO_GUEST MSG_MODIFIED("01000000", "0d0000c0") },
};

#define MOVED		"tell moved 0: 07000000 03000000\ninterrupt 3 2 2"
#define NOT_THERE	"anomaly 7: moves to processor 4, which is not there"
#define STAYS		"anomaly 7: moves what cannot be moved"

static const struct {
	const char *name;
	const char *version;
	const char *want;
	const char *bad;		/* for a processor that there is not */
	const char *signal;		/* which is interrupted after both */
} moves[] = {
	{ "4.0", "00000400", STAYS, STAYS, "interrupt 1 2 2" },
	{ "4.1", "01000400", MOVED, NOT_THERE, "interrupt 3 2 2" },
	{ "5.2", "02000500", MOVED, NOT_THERE, "interrupt 3 2 2" },
	{ "5.3", "03000500", TO_GUEST MSG_MODIFIED("02000000", "00000000") "\n" MOVED,
	  NOT_THERE "\n" TO_GUEST MSG_MODIFIED("02000000", "0d0000c0"), "interrupt 3 2 2" },
};

static void test_moves(void)
{
	struct guest_step step = { "moves", POST(MSG_MODIFY("02000000", "03000000")) };
	struct guest_step bad = { "to nowhere", POST(MSG_MODIFY("02000000", "04000000")) };
	struct guest_step signal = { "signal", SAY(SIGNAL, 0, "07000000") };
	struct guest_bus *guest;
	char hex[256];
	size_t i;

	for (i = 0; i < NR(moves); i++) {
		guest = guest_start(OFFERED);
		snprintf(hex, sizeof(hex), "0e00000000000000 %s 01000000 0200000000000000" Z16,
			 moves[i].version);
		guest_bus_post(guest, hex);
		guest_bus_post(guest, MSG_REQUEST);
		guest_bus_post(guest, MSG_GPADL("02000000", "50000000", "2800", "00400000",
						"0500000000000000 0300000000000000"
						"0900000000000000 0800000000000000"));
		guest_bus_post(guest, MSG_OPEN("02000000", "91000000", "50000000", "01000000",
					       "02000000"));
		guest_bus_did(guest, NULL);
		step.want = moves[i].want;
		tap_ok(guest_bus_does(guest, &step), "modify: in %s", moves[i].name);
		bad.want = moves[i].bad;
		tap_ok(guest_bus_does(guest, &bad), "modify: to nowhere, in %s", moves[i].name);
		signal.want = moves[i].signal;
		tap_ok(guest_bus_does(guest, &signal), "modify: which it is, in %s", moves[i].name);
		guest_end(guest, moves[i].name);
	}
}

static const struct guest_step traces[] = {
	{ "on", SAY(TRACE, 1, ""), "" },
	{ "of a message of the guest, and its answer", CONTACT_5_3,
	  "tell traced 1: " MSG_CONTACT("03000500", "01000000", "02") "\n"
	  "tell contact 1: 03000500 01000000\n"
	  "tell traced 0: " MSG_VERSION("01", "04000000") "\n"
	  TO_GUEST MSG_VERSION("01", "04000000") },
	{ "of one that nobody sends", POST("63000000 00000000 aa"),
	  "tell traced 1: 63000000 00000000 aa\n"
	  "anomaly -1: a message of the type 99, which no guest sends" },
	{ "of one of the host's", SAY(MESSAGE, 0, "5566"),
	  "tell traced 0: 5566\n" TO_GUEST "5566" },
	{ "not of what is no message", DO(GUEST_POSTS, 4, 2, MSG_UNLOAD),
	  "anomaly -1: a SynIC message of type 2 and 8 bytes\nreturns 5" },
	{ "off", SAY(TRACE, 0, ""), "" },
	{ "of nothing", POST(MSG_REQUEST), TO_GUEST MSG_DELIVERED "\ntell requested 0:" },
};

#define Z236	Z120 Z16 Z16 Z16 Z16 Z16 Z16 Z16 "00000000"

static const struct guest_step raw_messages[] = {
	{ "as it is", SAY(MESSAGE, 0, "05"), TO_GUEST "05" },
	{ "of nothing", SAY(MESSAGE, 0, ""), TO_GUEST },
	{ "as long as can be", SAY(MESSAGE, 0, "01020304" Z236), TO_GUEST "01020304" Z236 },
	{ "a byte longer", SAY(MESSAGE, 0, "01020304" Z236 "05"), "returns EMSGSIZE" },
	{ "of another type", SAY(MESSAGE, 1, "11000080 0102"), "post 1 2 2147483665: 0102" },
	{ "of another type, as long as can be", SAY(MESSAGE, 1, "02000000 01020304" Z236),
	  "post 1 2 2: 01020304" Z236 },
	{ "of another type, a byte longer", SAY(MESSAGE, 1, "02000000 01020304" Z236 "05"),
	  "returns EMSGSIZE" },
	{ "of another type, of nothing", SAY(MESSAGE, 1, "02000000"), "post 1 2 2: " },
	{ "of half a type", SAY(MESSAGE, 1, "020000"), "returns EMSGSIZE" },
};

/* Messages arrive one at a time, in their order. */
static const struct guest_step posts[] = {
	{ "nothing is under way", DO(POST_ENDS), "" },
	{ "the guest is slow", DO(SET_MANUAL, 1) },
	{ "the first", SAY(MESSAGE, 0, "01"), "post 0 2 1: 01" },
	{ "the second", SAY(MESSAGE, 0, "02"), "" },
	{ "the third, which is of another type", SAY(MESSAGE, 1, "63000000 03"), "" },
	{ "the first has arrived", DO(POST_ENDS), "post 0 2 1: 02" },
	{ "the second has", DO(POST_ENDS), "post 0 2 99: 03" },
	{ "the third has", DO(POST_ENDS), "" },
	{ "nothing is under way", DO(POST_ENDS), "" },
	{ "one under way", SAY(MESSAGE, 0, "04"), "post 0 2 1: 04" },
	{ "one that waits", SAY(MESSAGE, 0, "05"), "" },
	{ "contact: what waits is lost", CONTACT_5_3, "tell contact 1: 03000500 01000000" },
	{ "what is under way arrives", DO(POST_ENDS),
	  TO_GUEST MSG_VERSION("01", "04000000") },
	{ "one that waits", SAY(MESSAGE, 0, "06"), "" },
	{ "a reset: what waits is lost", DO(MACHINE_RESETS), "tell unloaded 1:" },
	{ "what was under way never arrives", DO(POST_ENDS), "" },
	{ "nothing is under way", DO(POST_ENDS), "" },
	{ "contact by a processor that there is not",
	  POST(MSG_CONTACT("03000500", "04000000", "02")),
	  "tell contact 1: 03000500 04000000\n"
	  "anomaly -1: cannot post a message to processor 4" },
	{ "which can be told nothing", SAY(MESSAGE, 0, "07"),
	  "anomaly -1: cannot post a message to processor 4" },
	{ "contact by one that there is", CONTACT_5_3, AGREED_5_3 },
	{ "another one, meanwhile", POST(MSG_CONTACT("03000500", "04000000", "02")),
	  "tell contact 1: 03000500 04000000" },
	{ "and what it asks", POST(MSG_REQUEST), "tell requested 0:" },
	{ "the first has arrived, the others cannot", DO(POST_ENDS),
	  "anomaly -1: cannot post a message to processor 4\n"
	  "anomaly -1: cannot post a message to processor 4" },
	{ "nothing is under way", DO(POST_ENDS), "" },
	{ "contact", CONTACT_5_3, AGREED_5_3 },
	{ "some that wait when the bus goes", SAY(MESSAGE, 0, "08"), "" },
	{ "some that wait when the bus goes", SAY(MESSAGE, 0, "09"), "" },
};

/* Has so many messages wait for a guest that does not take them. */
static void posts_fill(struct guest_bus *guest, uint32_t count)
{
	guest->quiet = true;
	while (count--)
		guest_bus_say_hex(guest, HVSIM_FRAME_MESSAGE, 0, "09");
	guest->quiet = false;
}

static const struct guest_step too_many[] = {
	{ "the last that can wait", POST(MSG_TEARDOWN("01000000", "50000000")),
	  "anomaly 7: takes back the memory of open rings\n" CLOSED UNMAP_RINGS
	  "anomaly -1: the guest takes no messages: 8192 wait" },
	{ "the guest is to try again", POST(MSG_REQUEST), "returns 19" },
	{ "also what has no answer", POST(MSG_RELEASE("01000000")), "returns 19" },
	{ "also what no guest sends", POST("63000000 00000000"), "returns 19" },
	{ "but not what is no message", DO(GUEST_POSTS, 4, 2, MSG_REQUEST),
	  "anomaly -1: a SynIC message of type 2 and 8 bytes\nreturns 5" },
	{ "the host learns that its message is lost", SAY(MESSAGE, 0, "0102"),
	  "anomaly -1: lost a message of 2 bytes: too many wait\nreturns ENOBUFS" },
	{ "and its answer", SAY(RESULT, 0, CLASS INSTANCE "a1a2a3a4"),
	  "anomaly -1: lost a message of 44 bytes: too many wait\nreturns ENOBUFS" },
	{ "an offer waits nevertheless", SAY(OFFER, 0, "08000000" DEVICE),
	  "tell offered 0: 08000000 02000000" },
	{ "and so does a rescind", SAY(RESCIND, 0, "08000000"), "" },
	{ "the guest takes one", DO(POST_ENDS), TO_GUEST "09" },
	{ "it is to try again", POST(MSG_RELEASE("02000000")), "returns 19" },
	{ "the guest takes one", DO(POST_ENDS), TO_GUEST "09" },
	{ "it is to try again", POST(MSG_RELEASE("02000000")), "returns 19" },
	{ "the guest takes one", DO(POST_ENDS), TO_GUEST "09" },
	{ "it is heard", POST(MSG_RELEASE("02000000")), "tell released 0: 08000000" },
	{ "and so is the host", SAY(MESSAGE, 0, "0102"),
	  "anomaly -1: the guest takes no messages: 8192 wait" },
	{ "the guest is to try again", POST(MSG_REQUEST), "returns 19" },
	{ "one that starts anew is heard", CONTACT_5_3,
	  "tell contact 1: 03000500 01000000" },
	{ "nothing waits but its answer", DO(POST_ENDS),
	  TO_GUEST MSG_VERSION("01", "04000000") },
	{ "and that arrives", DO(POST_ENDS), "" },
};

static const struct guest_step leaves[] = {
	{ "it is full", SAY(MESSAGE, 0, "01"),
	  "anomaly -1: the guest takes no messages: 8192 wait" },
	{ "what is cut short ends nothing", POST("0e000000 00000000"),
	  "anomaly -1: a message of the type 14 with 8 of 40 bytes" },
	{ "the guest is to try again", POST(MSG_REQUEST), "returns 19" },
	{ "one that takes its leave is heard", POST(MSG_UNLOAD), "tell unloaded 0:" },
	{ "nothing waits but the answer", DO(POST_ENDS), TO_GUEST MSG_UNLOADED },
	{ "and that arrives", DO(POST_ENDS), "" },
	{ "there is room", CONTACT_5_3, AGREED_5_3 },
	{ "for all", POST(MSG_REQUEST),
	  "tell offered 0: 07000000 03000000\ntell requested 0:" },
};

/* A guest that takes no messages must not have them pile up. */
static void test_posts_count(void)
{
	struct guest_bus *guest = guest_start(OPEN);
	size_t i;

	guest->manual = true;
	posts_fill(guest, 8191);
	for (i = 0; i < NR(too_many); i++)
		tap_ok(guest_bus_does(guest, &too_many[i]), "messages, many: %s", too_many[i].name);
	posts_fill(guest, 8191);
	for (i = 0; i < NR(leaves); i++)
		tap_ok(guest_bus_does(guest, &leaves[i]), "messages, many: %s", leaves[i].name);
	guest_end(guest, "messages, many");
}

static const struct guest_step synic[] = {
	{ "another type", DO(GUEST_POSTS, 4, 0, MSG_REQUEST),
	  "anomaly -1: a SynIC message of type 0 and 8 bytes\nreturns 5" },
	{ "half a head", DO(GUEST_POSTS, 4, 1, "03000000 000000"),
	  "anomaly -1: a SynIC message of type 1 and 7 bytes\nreturns 5" },
	{ "nothing", DO(GUEST_POSTS, 4, 1, ""),
	  "anomaly -1: a SynIC message of type 1 and 0 bytes\nreturns 5" },
	{ "as long as can be", POST("03000000" Z236),
	  "anomaly -1: the guest asks for offers, which it has\n"
	  TO_GUEST MSG_DELIVERED "\ntell requested 0:" },
	{ "a byte longer", POST("03000000" Z236 "00"),
	  "anomaly -1: a SynIC message of type 1 and 241 bytes\nreturns 5" },
};

/* What is about a channel that there is not is ignored. */
static const struct guest_step gone[] = {
	{ "rescind", SAY(RESCIND, 0, "08000000"), "" },
	{ "hold", SAY(HOLD, 1, "08000000"), "" },
	{ "a packet", SAY(PACKET, 0x8006, "08000000 01"), "" },
	{ "bytes", SAY(RING, 0, "08000000 01"), "" },
	{ "an index", SAY(INDEX, 0, "08000000 00000000 00000000"), "" },
	{ "a signal", SAY(SIGNAL, 0, "08000000"), "" },
	{ "any channel's rescind", SAY(RESCIND, 0, "ffffffff"), "" },
	{ "any channel's signal", SAY(SIGNAL, 0, "ffffffff"), "" },
};

static const struct guest_script scripts[] = {
	SCRIPT("connections", FRESH, connections),
	SCRIPT("interrupts", FRESH, interrupts),
	SCRIPT("offers", FRESH, offers),
	SCRIPT("each byte", CONNECTED, bytes),
	SCRIPT("gpadls", OFFERED, gpadls),
	SCRIPT("open", OFFERED, opens),
	SCRIPT("rescind", FRESH, rescinds),
	SCRIPT("rescind, open", OPEN, rescinds_open),
	SCRIPT("rescind, with memory", OPEN, rescinds_with_memory),
	SCRIPT("unload", OPEN, unloads),
	SCRIPT("unload, first", FRESH, unloads_first),
	SCRIPT("second contact", OPEN, contacts_again),
	SCRIPT("reset", OPEN, resets),
	SCRIPT("the host goes", OPEN, forgets),
	SCRIPT("modify", OPEN, modifies),
	SCRIPT("trace", CONNECTED, traces),
	SCRIPT("the host's messages", CONNECTED, raw_messages),
	SCRIPT("messages in turn", FRESH, posts),
	SCRIPT("SynIC", CONNECTED, synic),
	SCRIPT("a channel that is gone", OPEN, gone),
};

/* Types and sizes by number: the guest's side of the wire. */
static const struct {
	uint32_t type;
	size_t size;
	bool without_contact;
} sizes[] = {
	{ 3, 8 }, { 5, 148 }, { 7, 12 }, { 8, 20 }, { 9, 16 }, { 11, 16 }, { 13, 12 },
	{ 14, 40, true }, { 16, 8, true }, { 21, 40 }, { 22, 16 },
};

static void test_message(struct guest_bus *guest, uint32_t type, size_t len, const char *want,
			 const char *name)
{
	uint8_t *bytes = calloc(1, len);

	memcpy(bytes, &type, len < sizeof(type) ? len : sizeof(type));
	hvsim_bus_receive(guest->bus, 4, 1, bytes, len);
	guest_bus_settle(guest);
	tap_ok(guest_bus_did(guest, want), "message %u of %zu bytes: %s", type, len, name);
	free(bytes);
}

static void test_messages(void)
{
	struct guest_bus *guest = guest_start(FRESH);
	char want[128];
	size_t i;

	for (i = 0; i < NR(sizes); i++) {
		snprintf(want, sizeof(want),
			 "anomaly -1: a message of the type %u before any contact",
			 sizes[i].type);
		if (!sizes[i].without_contact)
			test_message(guest, sizes[i].type, sizes[i].size, want, "no contact");
	}
	guest_bus_connect(guest);
	for (i = 0; i < NR(sizes); i++) {
		snprintf(want, sizeof(want),
			 "anomaly -1: a message of the type %u with %zu of %zu bytes",
			 sizes[i].type, sizes[i].size - 1, sizes[i].size);
		if (sizes[i].size > 8)
			test_message(guest, sizes[i].type, sizes[i].size - 1, want, "cut short");
		if (sizes[i].size > 12)
			test_message(guest, sizes[i].type, sizes[i].size, NULL, "not too short");
		guest_bus_connect(guest);
	}
	for (i = 0; i < 300; i++) {
		uint32_t type = i < 290 ? (uint32_t)i : UINT32_MAX - (uint32_t)i;
		size_t j = 0;

		while (j < NR(sizes) && sizes[j].type != type)
			j++;
		snprintf(want, sizeof(want),
			 "anomaly -1: a message of the type %u, which no guest sends",
			 type);
		if (j == NR(sizes) && (i < 30 || i % 64 < 3))
			test_message(guest, type, 8, want, "unknown");
	}
	guest_end(guest, "messages");
}

/* Types of frames and the bytes that each needs, by number: the host's side. */
static const struct {
	uint32_t type;
	size_t size;
} frames[] = {
	{ 3, 4 }, { 4, 0 }, { 16, 180 }, { 17, 4 }, { 18, 4 }, { 19, 4 }, { 20, 0 }, { 21, 36 },
	{ 32, 0 }, { 33, 4 }, { 34, 12 }, { 35, 4 }, { 36, 12 },
};

static void test_frames(void)
{
	struct guest_bus *guest = guest_start(OPEN);
	uint8_t bytes[256] = { 0xff, 0xff, 0xff };
	size_t i, j;
	int err;

	for (i = 0; i < NR(frames); i++) {
		if (frames[i].size)
			tap_is_int(guest_bus_say(guest, frames[i].type, 0, bytes,
						 frames[i].size - 1), -EBADMSG,
				   "frame %u: cut short", frames[i].type);
		err = guest_bus_say(guest, frames[i].type, 0, bytes, frames[i].size);
		tap_is_int(err, 0, "frame %u: not too short", frames[i].type);
	}
	for (i = 0; i < 100; i++) {
		for (j = 0; j < NR(frames) && frames[j].type != i; )
			j++;
		if (j == NR(frames))
			tap_is_int(guest_bus_say(guest, (enum hvsim_frame_type)i, 0, bytes, 200),
				   -EOPNOTSUPP, "frame %zu: no host sends it", i);
	}
	guest_bus_did(guest, NULL);
	guest_end(guest, "frames");
}

/* Given up in every state: nothing is said to the guest, and nothing is kept. */
static void test_free(void)
{
	static const char *const states[] = { "fresh", "connected", "offered", "open" };
	struct guest_bus *guest;
	size_t i;

	for (i = 0; i < NR(states); i++) {
		guest = guest_start((enum guest_state)i);
		tap_ok(guest_bus_free(guest), "given up when %s", states[i]);
		guest = guest_start((enum guest_state)i);
		guest->manual = true;
		guest_bus_say_hex(guest, HVSIM_FRAME_TRICK, 4, "ffffffff 01000000 00000000");
		guest_bus_say_hex(guest, HVSIM_FRAME_MESSAGE, 0, "01");
		guest_bus_say_hex(guest, HVSIM_FRAME_RESCIND, 0, "07000000");
		tap_ok(guest_bus_free(guest), "given up when %s, and much is under way", states[i]);
	}
	hvsim_bus_free(NULL);
}

int main(void)
{
	size_t i;

	test_versions();
	for (i = 0; i < NR(scripts); i++)
		guest_play(&scripts[i]);
	test_relids();
	test_gpadl_count();
	test_gpadl_pages();
	test_posts_count();
	test_open_indexes();
	test_moves();
	test_messages();
	test_frames();
	test_free();
	return tap_done();
}
