// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What hvsim's bus does wrong when it is told to: every trick at every step.
 */
#include <string.h>

#include "guest_script.h"

#define TO_GUEST	"post 1 2 1: "
#define RESCIND		TO_GUEST MSG_RESCIND("01000000") "\n"
#define CLOSED		"ignore 1001\ntell closed 0: 07000000\n"
#define UNMAP_RINGS	"unmap 5\nunmap 3\nunmap 9\nunmap 8\n"

/* By number, as on the wire. */
enum trick {
	NONE,
	RESCIND_BEFORE,
	RESCIND_AFTER,
	RESCIND_INSTEAD,
	SILENCE,
	TWICE,
	STATUS,
	OTHER,
	UNKNOWN,
	TRICKS,
};

static const char *const tricks[] = {
	"nothing", "rescind before", "rescind after", "rescind instead", "silence", "twice",
	"a status", "another", "what is unknown",
};

/* The value of each trick, where there is one: 0xa4a3a2a1. */
#define VALUE	"a1a2a3a4"

/**
 * struct place - a step, and what each trick does there
 * @name: what the guest does
 * @step: its number, as on the wire
 * @from: where it is then
 * @version: that it is of, if it is not 5.3
 * @hex: its message; NULL for a packet
 * @want: what the bus does, by trick; NULL: as for NONE
 */
struct place {
	const char *name;
	uint16_t step;
	enum guest_state from;
	const char *version;
	const char *hex;
	const char *want[TRICKS];
};

#define CREATED(gpadl, status)	TO_GUEST MSG_CREATED("01000000", gpadl, status) "\n"
#define OPENED(relid, status)	TO_GUEST MSG_OPENED(relid, "91000000", status) "\n"
#define MODIFIED(relid, status)	TO_GUEST MSG_MODIFIED(relid, status) "\n"
#define MOVED			"tell moved 0: 07000000 03000000\ninterrupt 3 2 1\n"
#define MOVED_41		"tell moved 0: 07000000 03000000\ninterrupt 3 2 2\n"
#define NOWHERE			"anomaly 7: moves to processor 4, which is not there\n"
#define RESCIND_2		TO_GUEST MSG_RESCIND("02000000") "\n"
#define TORNDOWN(gpadl)		TO_GUEST MSG_TORNDOWN(gpadl) "\n"
#define PACKET			"tell packet 6: 07000000 1122334455667788\n"
#define CONTACT			"tell contact 1: 03000500 01000000\n"
#define REFUSED			"anomaly 7: memory, GPADL 0x51, that cannot be used\n"
#define BUSY			"anomaly 7: an open that was refused, 0x80000011\n"

static const struct place places[] = {
	{ "contact", 1, FRESH, NULL, MSG_CONTACT("03000500", "01000000", "02"), {
		[NONE] = CONTACT TO_GUEST MSG_VERSION("01", "04000000"),
		[RESCIND_INSTEAD] = CONTACT, [SILENCE] = CONTACT,
		[TWICE] = CONTACT TO_GUEST MSG_VERSION("01", "04000000") "\n"
			  TO_GUEST MSG_VERSION("01", "04000000"),
		[STATUS] = CONTACT TO_GUEST "0f000000 00000000 a1a2a3a4 04000000" } },
	{ "request", 2, CONNECTED, NULL, MSG_REQUEST, {
		[NONE] = "anomaly -1: the guest asks for offers, which it has\n"
			 TO_GUEST MSG_DELIVERED "\ntell requested 0:",
		[RESCIND_INSTEAD] = "anomaly -1: the guest asks for offers, which it has\n"
				    "tell requested 0:",
		[SILENCE] = "anomaly -1: the guest asks for offers, which it has\n"
			    "tell requested 0:",
		[TWICE] = "anomaly -1: the guest asks for offers, which it has\n"
			  TO_GUEST MSG_DELIVERED "\ntell requested 0:\n" TO_GUEST MSG_DELIVERED } },
	{ "gpadl", 3, OFFERED, NULL,
	  MSG_GPADL("01000000", "51000000", "1000", "00100000", "0700000000000000"), {
		[NONE] = "map 7\n" CREATED("51000000", "00000000"),
		[RESCIND_BEFORE] = "map 7\n" RESCIND CREATED("51000000", "00000000"),
		[RESCIND_AFTER] = "map 7\n" CREATED("51000000", "00000000") RESCIND,
		[RESCIND_INSTEAD] = "map 7\n" RESCIND,
		[SILENCE] = "map 7",
		[TWICE] = "map 7\n" CREATED("51000000", "00000000") CREATED("51000000", "00000000"),
		[STATUS] = "map 7\n" CREATED("51000000", VALUE),
		[OTHER] = "map 7\n" CREATED(VALUE, "00000000") } },
	{ "a gpadl that is refused", 3, OFFERED, NULL,
	  MSG_GPADL("01000000", "51000000", "0000", "00100000", "0700000000000000"), {
		[NONE] = REFUSED CREATED("51000000", "0d0000c0"),
		[RESCIND_BEFORE] = REFUSED RESCIND CREATED("51000000", "0d0000c0"),
		[RESCIND_AFTER] = REFUSED CREATED("51000000", "0d0000c0") RESCIND,
		[RESCIND_INSTEAD] = REFUSED RESCIND,
		[SILENCE] = REFUSED,
		[TWICE] = REFUSED CREATED("51000000", "0d0000c0") CREATED("51000000", "0d0000c0"),
		[STATUS] = REFUSED CREATED("51000000", VALUE),
		[OTHER] = REFUSED CREATED(VALUE, "0d0000c0") } },
	{ "close", 6, OPEN, NULL, MSG_CLOSE("01000000"), {
		[NONE] = CLOSED,
		[RESCIND_BEFORE] = CLOSED RESCIND, [RESCIND_AFTER] = CLOSED RESCIND,
		[RESCIND_INSTEAD] = CLOSED RESCIND } },
	{ "an open that is refused", 4, OPEN, NULL,
	  MSG_OPEN("01000000", "91000000", "50000000", "01000000", "02000000"), {
		[NONE] = BUSY OPENED("01000000", "11000080"),
		[RESCIND_BEFORE] = BUSY CLOSED RESCIND OPENED("01000000", "11000080"),
		[RESCIND_AFTER] = BUSY OPENED("01000000", "11000080") CLOSED RESCIND,
		[RESCIND_INSTEAD] = BUSY CLOSED RESCIND,
		[SILENCE] = BUSY,
		[TWICE] = BUSY OPENED("01000000", "11000080") OPENED("01000000", "11000080"),
		[STATUS] = BUSY OPENED("01000000", VALUE),
		[OTHER] = BUSY OPENED(VALUE, "11000080") } },
	{ "teardown", 7, OPEN, NULL, MSG_TEARDOWN("01000000", "50000000"), {
		[NONE] = "anomaly 7: takes back the memory of open rings\n"
			 CLOSED UNMAP_RINGS TORNDOWN("50000000"),
		[RESCIND_BEFORE] = "anomaly 7: takes back the memory of open rings\n"
				   CLOSED UNMAP_RINGS RESCIND TORNDOWN("50000000"),
		[RESCIND_AFTER] = "anomaly 7: takes back the memory of open rings\n"
				  CLOSED UNMAP_RINGS TORNDOWN("50000000") RESCIND,
		[RESCIND_INSTEAD] = "anomaly 7: takes back the memory of open rings\n"
				    CLOSED UNMAP_RINGS RESCIND,
		[SILENCE] = "anomaly 7: takes back the memory of open rings\n" CLOSED UNMAP_RINGS,
		[TWICE] = "anomaly 7: takes back the memory of open rings\n"
			  CLOSED UNMAP_RINGS TORNDOWN("50000000") TORNDOWN("50000000"),
		[OTHER] = "anomaly 7: takes back the memory of open rings\n"
			  CLOSED UNMAP_RINGS TORNDOWN(VALUE) } },
	{ "move", 9, OPEN, NULL, MSG_MODIFY("01000000", "03000000"), {
		[NONE] = MODIFIED("01000000", "00000000") MOVED,
		[RESCIND_BEFORE] = CLOSED RESCIND MODIFIED("01000000", "00000000"),
		[RESCIND_AFTER] = MODIFIED("01000000", "00000000") CLOSED RESCIND,
		[RESCIND_INSTEAD] = CLOSED RESCIND,
		[SILENCE] = MOVED,
		[TWICE] = MODIFIED("01000000", "00000000") MOVED MODIFIED("01000000", "00000000"),
		[STATUS] = MODIFIED("01000000", VALUE),
		[OTHER] = MODIFIED(VALUE, "00000000") MOVED } },
	{ "a move that is refused", 9, OPEN, NULL, MSG_MODIFY("01000000", "04000000"), {
		[NONE] = NOWHERE MODIFIED("01000000", "0d0000c0"),
		[RESCIND_BEFORE] = NOWHERE CLOSED RESCIND MODIFIED("01000000", "0d0000c0"),
		[RESCIND_AFTER] = NOWHERE MODIFIED("01000000", "0d0000c0") CLOSED RESCIND,
		[RESCIND_INSTEAD] = NOWHERE CLOSED RESCIND,
		[SILENCE] = NOWHERE,
		[TWICE] = NOWHERE MODIFIED("01000000", "0d0000c0")
			  MODIFIED("01000000", "0d0000c0"),
		[STATUS] = NOWHERE MODIFIED("01000000", VALUE),
		[OTHER] = NOWHERE MODIFIED(VALUE, "0d0000c0") } },
	{ "a move of 4.1", 9, OPEN, "01000400", MSG_MODIFY("02000000", "03000000"), {
		[NONE] = MOVED_41,
		[RESCIND_BEFORE] = "ignore 1002\ntell closed 0: 07000000\n" RESCIND_2,
		[RESCIND_AFTER] = "ignore 1002\ntell closed 0: 07000000\n" RESCIND_2,
		[RESCIND_INSTEAD] = "ignore 1002\ntell closed 0: 07000000\n" RESCIND_2 } },
	{ "unload", 10, CONNECTED, NULL, MSG_UNLOAD, {
		[NONE] = "tell unloaded 0:\n" TO_GUEST MSG_UNLOADED,
		[RESCIND_INSTEAD] = "tell unloaded 0:", [SILENCE] = "tell unloaded 0:",
		[TWICE] = "tell unloaded 0:\n" TO_GUEST MSG_UNLOADED "\n" TO_GUEST MSG_UNLOADED } },
	{ "packet", 5, OPEN, NULL, NULL, {
		[NONE] = PACKET,
		[RESCIND_BEFORE] = CLOSED RESCIND,
		[RESCIND_AFTER] = PACKET CLOSED RESCIND,
		[RESCIND_INSTEAD] = CLOSED RESCIND,
		[SILENCE] = "",
		[TWICE] = PACKET PACKET } },
};

static bool place_go(struct guest_bus *guest, const struct place *place, const char *want)
{
	struct guest_step step = { "", POST(place->hex), want };
	bool signal;

	if (!place->hex) {
		guest_ring_send(&guest->out, 6, 1, "\x11\x22\x33\x44\x55\x66\x77\x88", 8, &signal);
		step.action = DO(GUEST_SIGNALS, 0x1001);
	}
	return guest_bus_does(guest, &step);
}

/* A guest of another version, whose channel has the next relid. */
static void guest_again(struct guest_bus *guest, const char *version)
{
	char hex[256];

	snprintf(hex, sizeof(hex), "0e00000000000000 %s 01000000 0200000000000000" Z16, version);
	guest_bus_post(guest, hex);
	guest_bus_post(guest, MSG_REQUEST);
	guest_bus_post(guest, MSG_GPADL("02000000", "50000000", "2800", "00400000",
					"0500000000000000 0300000000000000"
					"0900000000000000 0800000000000000"));
	guest_bus_post(guest, MSG_OPEN("02000000", "91000000", "50000000", "01000000", "02000000"));
	guest_bus_did(guest, NULL);
}

static void test_place(const struct place *place, enum trick trick, const char *channel)
{
	struct guest_bus *guest = guest_start(place->from);
	char hex[64];

	if (place->version)
		guest_again(guest, place->version);
	snprintf(hex, sizeof(hex), "%s %02x000000" VALUE, channel, trick);
	if (trick)
		guest_bus_say_hex(guest, HVSIM_FRAME_TRICK, place->step, hex);
	tap_ok(place_go(guest, place, place->want[trick] ?: place->want[NONE]), "%s: %s",
	       place->name, tricks[trick]);
	guest_end(guest, place->name);
}

static void test_places(void)
{
	size_t i;
	int trick;

	for (i = 0; i < NR(places); i++) {
		for (trick = NONE; trick < TRICKS; trick++)
			test_place(&places[i], trick, "ffffffff");
		if (places[i].from >= OFFERED)
			test_place(&places[i], SILENCE, "07000000");
	}
}

/* An open changes more than what is answered. */
static const char open_7[] = MSG_OPEN("01000000", "91000000", "50000000", "01000000", "02000000");

#define LISTEN	"listen 1001\n"
#define SIGNAL	{ "it interrupts", SAY(SIGNAL, 0, "07000000"), "interrupt 1 2 1" }
#define CLOSES	{ "it is open", POST(MSG_CLOSE("01000000")), CLOSED }
#define NO_SIGNAL { "it is not open", SAY(SIGNAL, 0, "07000000"), "" }

static const struct guest_step open_before[] = {
	{ "armed", SAY(TRICK, 4, "07000000 01000000 00000000"), "" },
	{ "rescind before", POST(open_7),
	  LISTEN "ignore 1001\n" RESCIND OPENED("01000000", "00000000") },
	NO_SIGNAL,
};

static const struct guest_step open_after[] = {
	{ "armed", SAY(TRICK, 4, "07000000 02000000 00000000"), "" },
	{ "rescind after", POST(open_7),
	  LISTEN OPENED("01000000", "00000000") "ignore 1001\n" RESCIND },
	NO_SIGNAL,
};

static const struct guest_step open_instead[] = {
	{ "armed", SAY(TRICK, 4, "07000000 03000000 00000000"), "" },
	{ "rescind instead", POST(open_7), LISTEN "ignore 1001\n" RESCIND },
	NO_SIGNAL,
};

static const struct guest_step open_silence[] = {
	{ "armed", SAY(TRICK, 4, "07000000 04000000 00000000"), "" },
	{ "silence", POST(open_7), LISTEN "tell opened 0: 07000000 01000000" },
	SIGNAL, CLOSES,
};

static const struct guest_step open_twice[] = {
	{ "armed", SAY(TRICK, 4, "07000000 05000000 00000000"), "" },
	{ "twice", POST(open_7), LISTEN OPENED("01000000", "00000000")
	  "tell opened 0: 07000000 01000000\n" OPENED("01000000", "00000000") },
	SIGNAL, CLOSES,
};

static const struct guest_step open_status[] = {
	{ "opened before", POST(open_7), LISTEN OPENED("01000000", "00000000")
	  "tell opened 0: 07000000 01000000" },
	CLOSES,
	{ "armed", SAY(TRICK, 4, "07000000 06000000" VALUE), "" },
	{ "a status", POST(open_7), LISTEN OPENED("01000000", VALUE) "ignore 1001" },
	NO_SIGNAL,
};

static const struct guest_step open_status_ok[] = {
	{ "armed", SAY(TRICK, 4, "07000000 06000000 00000000"), "" },
	{ "a refusal that is none",
	  POST(MSG_OPEN("01000000", "91000000", "99000000", "01000000", "02000000")),
	  "anomaly 7: an open that was refused, 0xc000000d\n" OPENED("01000000", "00000000") },
	NO_SIGNAL,
};

static const struct guest_step open_other[] = {
	{ "armed", SAY(TRICK, 4, "07000000 07000000" VALUE), "" },
	{ "another relid", POST(open_7),
	  LISTEN OPENED(VALUE, "00000000") "tell opened 0: 07000000 01000000" },
	SIGNAL, CLOSES,
};

static const struct guest_step releases[] = {
	{ "armed", SAY(TRICK, 8, "07000000 04000000 00000000"), "" },
	{ "taken back", SAY(RESCIND, 0, "07000000"), CLOSED RESCIND },
	{ "let go, and taken back once more", POST(MSG_RELEASE("01000000")),
	  UNMAP_RINGS "tell released 0: 07000000\n" RESCIND },
	{ "let go again", POST(MSG_RELEASE("01000000")),
	  "anomaly -1: a release of the relid 1, which is no channel's" },
};

/* Nor does a move that is refused happen, or one that is impossible. */
static const struct guest_step moves[] = {
	{ "armed", SAY(TRICK, 9, "07000000 06000000" VALUE), "" },
	{ "a status", POST(MSG_MODIFY("01000000", "03000000")), MODIFIED("01000000", VALUE) },
	SIGNAL,
	{ "armed", SAY(TRICK, 9, "07000000 06000000 00000000"), "" },
	{ "a refusal that is none", POST(MSG_MODIFY("01000000", "04000000")),
	  NOWHERE MODIFIED("01000000", "00000000") },
	SIGNAL,
	{ "armed", SAY(TRICK, 9, "07000000 04000000 00000000"), "" },
	{ "silence", POST(MSG_MODIFY("01000000", "03000000")), MOVED },
	{ "it interrupts another", SAY(SIGNAL, 0, "07000000"), "interrupt 3 2 1" },
};

/* Each is played once, by the channel that it is for, in the order of arming. */
static const struct guest_step turns[] = {
	{ "another channel", SAY(OFFER, 0, "08000000" DEVICE),
	  TO_GUEST MSG_OFFER(DEVICE, "02000000", "02100000") "\n"
	  "tell offered 0: 08000000 02000000" },
	{ "armed for the other channel", SAY(TRICK, 3, "08000000 04000000 00000000"), "" },
	{ "armed for another step", SAY(TRICK, 4, "07000000 04000000 00000000"), "" },
	{ "armed twice", SAY(TRICK, 3, "07000000 05000000 00000000"), "" },
	{ "armed twice", SAY(TRICK, 3, "ffffffff 06000000 01000000"), "" },
	{ "the first", POST(MSG_GPADL("01000000", "51000000", "1000", "00100000", Z8)),
	  "map 0\n" CREATED("51000000", "00000000") CREATED("51000000", "00000000") },
	{ "the second", POST(MSG_GPADL("01000000", "52000000", "1000", "00100000", Z8)),
	  "map 0\n" CREATED("52000000", "01000000") },
	{ "no more", POST(MSG_GPADL("01000000", "53000000", "1000", "00100000", Z8)),
	  "map 0\n" CREATED("53000000", "00000000") },
	{ "what is about no channel is about none",
	  POST(MSG_GPADL("09000000", "54000000", "1000", "00100000", Z8)),
	  "anomaly -1: memory of the relid 9, which is no channel's\n"
	  "anomaly -1: memory, GPADL 0x54, that cannot be used\n"
	  TO_GUEST MSG_CREATED("09000000", "54000000", "0d0000c0") },
	{ "the other channel's",
	  POST(MSG_GPADL("02000000", "54000000", "1000", "00100000", Z8)), "map 0" },
	{ "armed for any", SAY(TRICK, 3, "ffffffff 01000000 00000000"), "" },
	{ "which may be none", POST(MSG_GPADL("09000000", "55000000", "1000", "00100000", Z8)),
	  "anomaly -1: memory of the relid 9, which is no channel's\n"
	  "anomaly -1: memory, GPADL 0x55, that cannot be used\n"
	  TO_GUEST MSG_CREATED("09000000", "55000000", "0d0000c0") },
};

/* What comes behind the packet that takes the channel back is not read any more. */
static void test_packets_behind(void)
{
	static const struct guest_step step = { "one of two", DO(GUEST_SIGNALS, 0x1001),
						PACKET CLOSED RESCIND };
	struct guest_bus *guest = guest_start(OPEN);
	bool signal;

	guest_bus_say_hex(guest, HVSIM_FRAME_TRICK, 5, "07000000 02000000 00000000");
	guest_ring_send(&guest->out, 6, 1, "\x11\x22\x33\x44\x55\x66\x77\x88", 8, &signal);
	guest_ring_send(&guest->out, 6, 1, "\x11\x22\x33\x44\x55\x66\x77\x88", 8, &signal);
	tap_ok(guest_bus_does(guest, &step), "packet: nothing is read behind a rescind");
	guest_end(guest, "packet, and one behind");
}

static void open_play(const struct guest_script *script)
{
	struct guest_bus *guest = guest_start(OFFERED);
	size_t i;

	guest_bus_post(guest, MSG_GPADL("01000000", "50000000", "2800", "00400000",
					"0500000000000000 0300000000000000"
					"0900000000000000 0800000000000000"));
	guest_bus_did(guest, NULL);
	for (i = 0; i < script->count; i++)
		tap_ok(guest_bus_does(guest, &script->steps[i]), "%s: %s", script->name,
		       script->steps[i].name);
	guest_end(guest, script->name);
}

static const struct guest_script opens[] = {
	SCRIPT("open, rescind before", OFFERED, open_before),
	SCRIPT("open, rescind after", OFFERED, open_after),
	SCRIPT("open, rescind instead", OFFERED, open_instead),
	SCRIPT("open, silence", OFFERED, open_silence),
	SCRIPT("open, twice", OFFERED, open_twice),
	SCRIPT("open, a status", OFFERED, open_status),
	SCRIPT("open, good for bad", OFFERED, open_status_ok),
	SCRIPT("open, another", OFFERED, open_other),
};

static const struct guest_script scripts[] = {
	SCRIPT("release", OPEN, releases),
	SCRIPT("move", OPEN, moves),
	SCRIPT("in turn", OFFERED, turns),
};

int main(void)
{
	size_t i;

	test_places();
	for (i = 0; i < NR(opens); i++)
		open_play(&opens[i]);
	for (i = 0; i < NR(scripts); i++)
		guest_play(&scripts[i]);
	test_packets_behind();
	return tap_done();
}
