/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest and an emulated host at the two ends of a bus, for the tests of
 * tools/hvsim/vmbus.  Whatever the bus does is written down, a line each:
 *
 *	post VP SINT TYPE: BYTES	a message to the guest
 *	interrupt VP SINT FLAG
 *	map PAGE, unmap PAGE, listen CONNECTION, ignore CONNECTION
 *	tell NAME ARG: BYTES		a frame for the host
 *	anomaly NUMBER: TEXT		likewise, of that type
 *	returns STATUS or ERRNO		what was asked did not go well
 *
 * Numbers are decimal, but of pages and connections; bytes are hexadecimal.
 */
#ifndef GUEST_BUS_H
#define GUEST_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest_ring.h"
#include "hvsim_bus.h"

#define GUEST_PAGES	64u
#define GUEST_VPS	4u

/* The channel that guest_bus_open() opens: its number, relid, GPADL and pages. */
#define GUEST_NUMBER	7u
#define GUEST_RELID	1u

#define Z8	"0000000000000000"
#define Z16	"00000000000000000000000000000000"
#define Z120	"0000000000000000" Z16 Z16 Z16 Z16 Z16 Z16 Z16

/* Messages, by the hexadecimal bytes of their fields. */
#define MSG_CONTACT(version, vp, sint) \
	"0e000000 00000000" version vp sint "00 0000 00000000" Z16
#define MSG_VERSION(supported, connection) \
	"0f000000 00000000" supported "00 0000" connection
#define MSG_REQUEST	"03000000 00000000"
#define MSG_DELIVERED	"04000000 00000000"
#define MSG_RESCIND(relid)	"02000000 00000000" relid
#define MSG_OPEN(relid, id, gpadl, vp, page) \
	"05000000 00000000" relid id gpadl vp page Z120
#define MSG_OPENED(relid, id, status)	"06000000 00000000" relid id status
#define MSG_CLOSE(relid)	"07000000 00000000" relid
#define MSG_GPADL(relid, gpadl, range_bytes, bytes, pages) \
	"08000000 00000000" relid gpadl range_bytes "0100" bytes "00000000" pages
#define MSG_BODY(number, gpadl, pages)	"09000000 00000000" number gpadl pages
#define MSG_CREATED(relid, gpadl, status)	"0a000000 00000000" relid gpadl status
#define MSG_TEARDOWN(relid, gpadl)	"0b000000 00000000" relid gpadl
#define MSG_TORNDOWN(gpadl)	"0c000000 00000000" gpadl
#define MSG_RELEASE(relid)	"0d000000 00000000" relid
#define MSG_UNLOAD	"10000000 00000000"
#define MSG_UNLOADED	"11000000 00000000"
#define MSG_CONNECT(endpoint, service)	"15000000 00000000" endpoint service
#define MSG_MODIFY(relid, vp)	"16000000 00000000" relid vp
#define MSG_CONNECTED(endpoint, service, status) "17000000 00000000" endpoint service status
#define MSG_MODIFIED(relid, status)	"18000000 00000000" relid status

#define CLASS	"c0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
#define INSTANCE "d0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
/* What the host says of a device; all but the class and the flags is 0. */
#define DEVICE	CLASS INSTANCE Z16 "0120 0000" Z120 "0000 0000"
#define MSG_OFFER(device, relid, connection) \
	"01000000 00000000" device relid "00 00 0100" connection

/**
 * enum guest_verb - what happens in a step of a script
 * @GUEST_POSTS: the guest posts the bytes to connection a, as SynIC type b
 * @GUEST_SIGNALS: connection a
 * @HOST_SAYS: a frame of type a, with arg b and the bytes
 * @POST_ENDS: the message under way has arrived
 * @HOST_READS: the host, which was full, is not any more
 * @MACHINE_RESETS: the machine is reset
 * @HOST_GOES: the host is gone
 * @SET_MANUAL: messages arrive only by POST_ENDS; a 0 to undo it
 * @SET_FULL: the host is full; a 0 to undo it
 * @SET_DEAF: a negative errno, b, for whoever listens; 0 to undo it
 * @SET_CLOCK: a negative errno, b, for the clock; 0 to undo it
 * @SET_INTERRUPT: a negative errno, b, for interrupts; 0 to undo it
 */
enum guest_verb {
	GUEST_POSTS,
	GUEST_SIGNALS,
	HOST_SAYS,
	POST_ENDS,
	HOST_READS,
	MACHINE_RESETS,
	HOST_GOES,
	SET_MANUAL,
	SET_FULL,
	SET_DEAF,
	SET_CLOCK,
	SET_INTERRUPT,
};

/**
 * struct guest_action - who does what
 * @verb: what
 * @a: see enum guest_verb
 * @b: likewise
 * @hex: bytes
 */
struct guest_action {
	enum guest_verb verb;
	uint32_t a;
	int32_t b;
	const char *hex;
};

#define DO(...)			((struct guest_action){ __VA_ARGS__ })
#define POST(hex)		DO(GUEST_POSTS, 4, 1, hex)
#define SAY(type, arg, hex)	DO(HOST_SAYS, HVSIM_FRAME_##type, arg, hex)

/**
 * struct guest_step - a line of a script
 * @name: what should happen
 * @action: what is done
 * @want: what the bus does then; NULL or "" for nothing
 */
struct guest_step {
	const char *name;
	struct guest_action action;
	const char *want;
};

/**
 * struct guest_bus - a bus with both ends
 * @bus: the code under test
 * @log: what it did since guest_bus_did()
 * @log_len: bytes at @log
 * @log_size: bytes that there are for @log
 * @manual: see SET_MANUAL
 * @full: see SET_FULL
 * @deaf: see SET_DEAF
 * @clock_error: see SET_CLOCK
 * @interrupt_error: see SET_INTERRUPT
 * @posting: a message is under way
 * @wrong: the bus broke a rule of struct hvsim_bus_platform
 * @quiet: write nothing down
 * @on_tell: called with each frame for the host; NULL for nobody
 * @interrupts: how many the guest has had
 * @listening: connections that are listened to
 * @maps: of each page, how often it is mapped
 * @memory: of the guest
 * @out_pages: of the ring to the host, of the channel that guest_bus_open() opens
 * @in_pages: of the ring from the host
 * @out: that ring
 * @in: the other
 */
struct guest_bus {
	struct hvsim_bus *bus;
	char *log;
	size_t log_len, log_size;
	bool manual;
	bool full;
	int deaf;
	int clock_error;
	int interrupt_error;
	bool posting;
	bool wrong;
	bool quiet;
	void (*on_tell)(uint32_t type, const uint8_t *bytes, size_t len);
	unsigned int interrupts;
	bool listening[HVSIM_VMBUS_RELIDS];
	unsigned int maps[GUEST_PAGES];
	uint8_t memory[GUEST_PAGES][GUEST_PAGE] __attribute__((aligned(GUEST_PAGE)));
	void *out_pages[2];
	void *in_pages[2];
	struct guest_ring out;
	struct guest_ring in;
};

struct guest_bus *guest_bus_new(void);
bool guest_bus_free(struct guest_bus *guest);
void guest_bus_settle(struct guest_bus *guest);
int guest_bus_post(struct guest_bus *guest, const char *hex);
int guest_bus_say(struct guest_bus *guest, enum hvsim_frame_type type, uint16_t arg,
		  const void *bytes, size_t len);
int guest_bus_say_hex(struct guest_bus *guest, enum hvsim_frame_type type, uint16_t arg,
		      const char *hex);
void guest_bus_connect(struct guest_bus *guest);
void guest_bus_offer(struct guest_bus *guest);
void guest_bus_open(struct guest_bus *guest);
bool guest_bus_did(struct guest_bus *guest, const char *want);
bool guest_bus_does(struct guest_bus *guest, const struct guest_step *step);

#endif
