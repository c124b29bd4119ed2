// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest and an emulated host at the two ends of a bus.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest_bus.h"
#include "hvsim_hex.h"

/* By number, as on the wire: the tests would not see it if the header changed. */
static const char *const frames[] = {
	[1] = "opened", [2] = "closed", [3] = "packet", [4] = "clock",
	[48] = "offered", [49] = "released", [50] = "moved", [51] = "written",
	[52] = "contact", [53] = "requested", [54] = "unloaded", [55] = "connect",
	[56] = "traced", [57] = "anomaly",
};

static void __attribute__((format(printf, 2, 3))) log_add(struct guest_bus *guest,
							  const char *format, ...)
{
	va_list args;
	int len;

	if (guest->quiet)
		return;
	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	while (guest->log_len + (size_t)len + 1 > guest->log_size) {
		guest->log_size = 2 * guest->log_size + 4096;
		guest->log = realloc(guest->log, guest->log_size);
		if (!guest->log)
			abort();
	}
	va_start(args, format);
	vsnprintf(guest->log + guest->log_len, (size_t)len + 1, format, args);
	va_end(args);
	guest->log_len += (size_t)len;
}

static void log_bytes(struct guest_bus *guest, const void *bytes, size_t len)
{
	char *hex = hvsim_hex_encode(bytes ?: "", len);

	log_add(guest, "%s", hex);
	free(hex);
}

static int platform_post(void *userdata, uint32_t vp, uint32_t sint, uint32_t type,
			 const void *bytes, size_t len)
{
	struct guest_bus *guest = userdata;

	guest->wrong |= guest->posting || len > 240;
	if (vp >= GUEST_VPS)
		return -EINVAL;
	guest->posting = true;
	if (guest->quiet)
		return 0;
	log_add(guest, "post %u %u %u: ", vp, sint, type);
	log_bytes(guest, bytes, len);
	log_add(guest, "\n");
	return 0;
}

static bool platform_has_vp(void *userdata, uint32_t vp)
{
	(void)userdata;
	return vp < GUEST_VPS;
}

static int platform_interrupt(void *userdata, uint32_t vp, uint32_t sint, uint32_t flag)
{
	struct guest_bus *guest = userdata;

	guest->wrong |= vp >= GUEST_VPS;
	if (guest->interrupt_error)
		return guest->interrupt_error;
	guest->interrupts++;
	log_add(guest, "interrupt %u %u %u\n", vp, sint, flag);
	return 0;
}

static void *platform_map(void *userdata, uint64_t address)
{
	struct guest_bus *guest = userdata;
	uint64_t page = address / GUEST_PAGE;

	log_add(guest, "map %llx\n", (unsigned long long)page);
	guest->wrong |= address % GUEST_PAGE;
	if (page >= GUEST_PAGES)
		return NULL;
	guest->maps[page]++;
	return guest->memory[page];
}

static void platform_unmap(void *userdata, void *at)
{
	struct guest_bus *guest = userdata;
	size_t page = (size_t)((uint8_t(*)[GUEST_PAGE])at - guest->memory);

	log_add(guest, "unmap %zx\n", page);
	if (page >= GUEST_PAGES || !guest->maps[page]) {
		guest->wrong = true;
		return;
	}
	guest->maps[page]--;
}

static int platform_listen(void *userdata, uint32_t connection)
{
	struct guest_bus *guest = userdata;
	uint32_t relid = connection - 0x1000;

	log_add(guest, "listen %x\n", connection);
	if (guest->deaf)
		return guest->deaf;
	if (!relid || relid >= HVSIM_VMBUS_RELIDS || guest->listening[relid])
		guest->wrong = true;
	else
		guest->listening[relid] = true;
	return 0;
}

static void platform_ignore(void *userdata, uint32_t connection)
{
	struct guest_bus *guest = userdata;
	uint32_t relid = connection - 0x1000;

	log_add(guest, "ignore %x\n", connection);
	if (relid >= HVSIM_VMBUS_RELIDS || !guest->listening[relid])
		guest->wrong = true;
	else
		guest->listening[relid] = false;
}

static int platform_clock(void *userdata, uint64_t *reference, uint64_t *realtime)
{
	struct guest_bus *guest = userdata;

	if (guest->clock_error)
		return guest->clock_error;
	*reference = 0x0102030405060708;
	*realtime = 0x1112131415161718;
	return 0;
}

static void platform_tell(void *userdata, enum hvsim_frame_type type, uint16_t arg,
			  const void *head, size_t head_len, const void *bytes, size_t len)
{
	const char *name = (size_t)type < sizeof(frames) / sizeof(frames[0]) ? frames[type] : NULL;
	struct guest_bus *guest = userdata;

	guest->wrong |= !name;
	if (guest->on_tell)
		guest->on_tell(type, bytes, len);
	if (guest->quiet)
		return;
	if (type == 57) {
		log_add(guest, "anomaly %d: %.*s\n", *(const int32_t *)head, (int)len,
			(const char *)bytes);
		return;
	}
	log_add(guest, "tell %s %u: ", name ?: "nothing that is known", arg);
	log_bytes(guest, head, head_len);
	log_bytes(guest, bytes, len);
	log_add(guest, "\n");
}

static bool platform_full(void *userdata)
{
	return ((struct guest_bus *)userdata)->full;
}

static const struct hvsim_bus_platform platform = {
	.post = platform_post,
	.has_vp = platform_has_vp,
	.interrupt = platform_interrupt,
	.map = platform_map,
	.unmap = platform_unmap,
	.listen = platform_listen,
	.ignore = platform_ignore,
	.clock = platform_clock,
	.tell = platform_tell,
	.full = platform_full,
};

/**
 * guest_bus_new() - Make a bus with both ends, and nothing on it.
 *
 * Return: it; NULL when there is no memory.
 */
struct guest_bus *guest_bus_new(void)
{
	struct guest_bus *guest = aligned_alloc(GUEST_PAGE, (sizeof(*guest) + GUEST_PAGE - 1) /
						GUEST_PAGE * GUEST_PAGE);

	if (!guest)
		return NULL;
	memset(guest, 0, sizeof(*guest));
	guest->out_pages[0] = guest->memory[5];
	guest->out_pages[1] = guest->memory[3];
	guest->in_pages[0] = guest->memory[9];
	guest->in_pages[1] = guest->memory[8];
	guest->bus = hvsim_bus_new(&platform, guest);
	if (guest->bus)
		return guest;
	free(guest);
	return NULL;
}

/**
 * guest_bus_free() - Give a bus up.
 * @guest: both ends
 *
 * Return: whether the bus has kept to the rules all the time, has said nothing to
 * the guest when it was given up, and has then nothing mapped and listens to nothing.
 */
bool guest_bus_free(struct guest_bus *guest)
{
	bool clean, posting = guest->posting;
	size_t i;

	hvsim_bus_free(guest->bus);
	clean = !guest->wrong && guest->posting == posting;
	for (i = 0; i < HVSIM_VMBUS_RELIDS; i++)
		clean &= !guest->listening[i];
	for (i = 0; i < GUEST_PAGES; i++)
		clean &= !guest->maps[i];
	free(guest->log);
	free(guest);
	return clean;
}

/**
 * guest_bus_settle() - Have all messages arrive.
 * @guest: both ends
 */
void guest_bus_settle(struct guest_bus *guest)
{
	while (guest->posting) {
		guest->posting = false;
		hvsim_bus_posted(guest->bus);
	}
}

static int post_as(struct guest_bus *guest, uint32_t connection, uint32_t type, const char *hex)
{
	uint8_t *bytes;
	size_t len;
	int status;

	if (hvsim_hex_decode(&bytes, &len, hex) < 0)
		abort();
	/* of the exact size, so that the sanitizer sees one byte too far */
	bytes = realloc(bytes, len ?: 1);
	status = hvsim_bus_receive(guest->bus, connection, type, bytes, len);
	free(bytes);
	if (!guest->manual)
		guest_bus_settle(guest);
	return status;
}

/**
 * guest_bus_post() - Have the guest post a message, and all answers arrive.
 * @guest: both ends
 * @hex: the message
 *
 * Return: status of the hypercall.
 */
int guest_bus_post(struct guest_bus *guest, const char *hex)
{
	return post_as(guest, 4, 1, hex);
}

/**
 * guest_bus_say() - Have the host say something.
 * @guest: both ends
 * @type: of the frame
 * @arg: likewise
 * @bytes: of the frame
 * @len: bytes at @bytes
 *
 * Return: what the bus returns.
 */
int guest_bus_say(struct guest_bus *guest, enum hvsim_frame_type type, uint16_t arg,
		  const void *bytes, size_t len)
{
	/* of the exact size, so that the sanitizer sees one byte too far */
	uint8_t *copy = malloc(len ?: 1);
	struct hvsim_frame frame = { type, arg, (uint32_t)len, copy };
	int err;

	if (!copy)
		abort();
	if (len)
		memcpy(copy, bytes, len);
	err = hvsim_bus_command(guest->bus, &frame);
	free(copy);
	if (!guest->manual)
		guest_bus_settle(guest);
	return err;
}

/**
 * guest_bus_say_hex() - Have the host say something.
 * @guest: both ends
 * @type: of the frame
 * @arg: likewise
 * @hex: bytes of the frame
 *
 * Return: what the bus returns.
 */
int guest_bus_say_hex(struct guest_bus *guest, enum hvsim_frame_type type, uint16_t arg,
		      const char *hex)
{
	uint8_t *bytes;
	size_t len;
	int err;

	if (hvsim_hex_decode(&bytes, &len, hex) < 0)
		abort();
	err = guest_bus_say(guest, type, arg, bytes, len);
	free(bytes);
	return err;
}

/**
 * guest_bus_connect() - Have the guest agree on 5.3 and ask for offers.
 * @guest: both ends
 */
void guest_bus_connect(struct guest_bus *guest)
{
	guest_bus_post(guest, MSG_CONTACT("03000500", "01000000", "02"));
	guest_bus_post(guest, MSG_REQUEST);
	guest_bus_did(guest, NULL);
}

/**
 * guest_bus_offer() - Have the host offer channel GUEST_NUMBER.
 * @guest: both ends
 */
void guest_bus_offer(struct guest_bus *guest)
{
	guest_bus_say_hex(guest, HVSIM_FRAME_OFFER, 0, "07000000" DEVICE);
	guest_bus_did(guest, NULL);
}

/**
 * guest_bus_open() - Have the guest open channel GUEST_RELID.
 * @guest: both ends, connected, the channel being offered
 *
 * Of the four pages of GPADL 0x50, the third is the first of the ring from the
 * host; it interrupts processor 1.
 */
void guest_bus_open(struct guest_bus *guest)
{
	guest_ring_start(&guest->out, guest->out_pages, 2);
	guest_ring_start(&guest->in, guest->in_pages, 2);
	guest_bus_post(guest, MSG_GPADL("01000000", "50000000", "2800", "00400000",
					"0500000000000000 0300000000000000"
					"0900000000000000 0800000000000000"));
	guest_bus_post(guest, MSG_OPEN("01000000", "91000000", "50000000", "01000000",
				       "02000000"));
	guest_bus_did(guest, NULL);
}

/* A line without the blanks that are between its bytes; returns where the next is. */
static const char *line_pack(char *to, const char *from)
{
	bool bytes = false, hex;

	hex = strncmp(from, "anomaly", 7);
	for (; *from && *from != '\n'; from++) {
		if (!bytes || *from != ' ')
			*to++ = *from;
		bytes |= hex && *from == ':';
	}
	*to = '\0';
	return *from ? from + 1 : from;
}

static bool log_is(const char *log, const char *want)
{
	char *got_line = malloc(strlen(log) + 1), *want_line = malloc(strlen(want) + 1);
	bool same = true;

	if (!got_line || !want_line)
		abort();
	while (same && (*log || *want)) {
		log = line_pack(got_line, log);
		want = line_pack(want_line, want);
		same = !strcmp(got_line, want_line);
	}
	free(got_line);
	free(want_line);
	return same;
}

/* Long bytes are of one kind, and fill the screen. */
static void log_show(const char *which, const char *log)
{
	int len;

	for (; *log; log += len + (log[len] == '\n')) {
		len = (int)strcspn(log, "\n");
		printf("# %s %.*s\n", which, len, log);
	}
}

/**
 * guest_bus_did() - Whether the bus did what it should have done.
 * @guest: both ends
 * @want: lines; blanks between bytes do not count.  NULL for whatever it did
 *
 * Return: whether that is what it did since this was last asked.
 */
bool guest_bus_did(struct guest_bus *guest, const char *want)
{
	const char *log = guest->log_len ? guest->log : "";
	bool same = !want || log_is(log, want);

	if (!same) {
		log_show("got ", log);
		log_show("want", want);
	}
	guest->log_len = 0;
	return same;
}

static int action_do(struct guest_bus *guest, const struct guest_action *action)
{
	switch (action->verb) {
	case GUEST_POSTS:
		return post_as(guest, action->a, (uint32_t)action->b, action->hex);
	case GUEST_SIGNALS:
		hvsim_bus_signalled(guest->bus, action->a);
		break;
	case HOST_SAYS:
		return guest_bus_say_hex(guest, action->a, (uint16_t)action->b, action->hex);
	case POST_ENDS:
		guest->posting = false;
		hvsim_bus_posted(guest->bus);
		break;
	case HOST_READS:
		guest->full = false;
		hvsim_bus_resume(guest->bus);
		break;
	case MACHINE_RESETS:
		hvsim_bus_reset(guest->bus);
		break;
	case HOST_GOES:
		hvsim_bus_forget(guest->bus);
		break;
	case SET_MANUAL:
		guest->manual = action->a;
		break;
	case SET_FULL:
		guest->full = action->a;
		break;
	case SET_DEAF:
		guest->deaf = action->b;
		break;
	case SET_CLOCK:
		guest->clock_error = action->b;
		break;
	case SET_INTERRUPT:
		guest->interrupt_error = action->b;
		break;
	}
	return 0;
}

/**
 * guest_bus_does() - Do a step of a script.
 * @guest: both ends
 * @step: what to do
 *
 * Return: whether the bus did what it should do then.
 */
bool guest_bus_does(struct guest_bus *guest, const struct guest_step *step)
{
	int ret = action_do(guest, &step->action);

	if (!guest->manual)
		guest_bus_settle(guest);
	if (ret < 0)
		log_add(guest, "returns %s\n", strerrorname_np(-ret));
	else if (ret)
		log_add(guest, "returns %d\n", ret);
	return guest_bus_did(guest, step->want ?: "");
}
