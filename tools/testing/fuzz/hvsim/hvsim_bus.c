// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvsim's bus between a guest and a host of whom neither can be trusted: the input
 * is a program of what they do.  With mischief on, the guest also writes to its
 * memory while the bus is in the middle of something.
 */
#include "fuzz.h"
#include "hvsim_bus.h"
#include "hvsim_bus_state.h"

#define PAGE	HVSIM_VMBUS_PAGE
#define PAGES	32u
#define VPS	2u
#define NUMBERS	256u

/**
 * struct machine - what the bus lives on
 * @bus: under test
 * @input: what is left of the program
 * @mischief: the guest writes to its memory at any time
 * @full: what the host says of itself
 * @posting: a message is under way
 * @floods: how many there were; each takes its time
 * @memory: of the guest, of pages that are not mapped
 * @mapped: pages that are: gone when they are not, so that a use after that is seen
 * @maps: how often each is
 * @listening: to which relids
 * @offered: which numbers the host uses
 * @open: which of these it knows to be open
 */
static struct machine {
	struct hvsim_bus *bus;
	struct fuzz_input input;
	bool mischief;
	bool full;
	bool posting;
	u32 floods;
	u8 memory[PAGES][PAGE];
	u8 *mapped[PAGES];
	unsigned int maps[PAGES];
	bool listening[HVSIM_VMBUS_RELIDS];
	bool offered[NUMBERS];
	bool open[NUMBERS];
} machine;

static u32 number(size_t size)
{
	return (u32)fuzz_number(&machine.input, size);
}

static u8 *page_at(u32 page)
{
	return machine.mapped[page % PAGES] ?: machine.memory[page % PAGES];
}

/* Few bytes of any page; the first ones of a page are what matters in a ring. */
static void memory_write(void)
{
	u8 *page = page_at(number(1));
	u32 offset = number(2), len = number(1) % 32;

	for (offset %= PAGE; len--; offset = (offset + 1) % PAGE)
		page[offset] = (u8)number(1);
}

static void mischief(void)
{
	if (machine.mischief && machine.input.len && number(1) % 4 == 1)
		memory_write();
}

static int platform_post(void *userdata, uint32_t vp, uint32_t sint, uint32_t type,
			 const void *bytes, size_t len)
{
	u8 slot[HVSIM_VMBUS_MESSAGE_MAX];

	(void)userdata;
	(void)type;
	CHECK(!machine.posting && len <= sizeof(slot) && sint < HVSIM_VMBUS_SINTS_MAX);
	memcpy(slot, bytes, len);
	mischief();
	if (vp >= VPS)
		return -EINVAL;
	machine.posting = true;
	return 0;
}

static bool platform_has_vp(void *userdata, uint32_t vp)
{
	(void)userdata;
	mischief();
	return vp < VPS;
}

static int platform_interrupt(void *userdata, uint32_t vp, uint32_t sint, uint32_t flag)
{
	(void)userdata;
	CHECK(flag && flag < HVSIM_VMBUS_RELIDS && sint < HVSIM_VMBUS_SINTS_MAX && vp < VPS);
	CHECK(machine.listening[flag]);
	mischief();
	return machine.full ? -ENXIO : 0;
}

static void *platform_map(void *userdata, uint64_t address)
{
	u64 page = address / PAGE;

	(void)userdata;
	CHECK(!(address % PAGE));
	if (page >= PAGES)
		return NULL;
	if (!machine.maps[page]++) {
		machine.mapped[page] = malloc(PAGE);
		CHECK(machine.mapped[page]);
		memcpy(machine.mapped[page], machine.memory[page], PAGE);
	}
	return machine.mapped[page];
}

static void platform_unmap(void *userdata, void *at)
{
	u32 page;

	(void)userdata;
	for (page = 0; page < PAGES && machine.mapped[page] != at; page++)
		;
	CHECK(page < PAGES && machine.maps[page]);
	if (--machine.maps[page])
		return;
	memcpy(machine.memory[page], at, PAGE);
	free(at);
	machine.mapped[page] = NULL;
}

static int platform_listen(void *userdata, uint32_t connection)
{
	u32 relid = connection - HVSIM_VMBUS_CONNECTION_EVENTS;

	(void)userdata;
	CHECK(relid && relid < HVSIM_VMBUS_RELIDS && !machine.listening[relid]);
	if (machine.full)
		return -ENOSPC;
	machine.listening[relid] = true;
	return 0;
}

static void platform_ignore(void *userdata, uint32_t connection)
{
	u32 relid = connection - HVSIM_VMBUS_CONNECTION_EVENTS;

	(void)userdata;
	CHECK(relid < HVSIM_VMBUS_RELIDS && machine.listening[relid]);
	machine.listening[relid] = false;
}

static int platform_clock(void *userdata, uint64_t *reference, uint64_t *realtime)
{
	(void)userdata;
	*reference = 1;
	*realtime = 2;
	return machine.full ? -EIO : 0;
}

/* What the host is told of a channel must make sense in turn. */
static void tell_check(u32 type, u32 channel, size_t len)
{
	CHECK(channel < NUMBERS && machine.offered[channel]);
	if (type == HVSIM_FRAME_OPENED)
		CHECK(!machine.open[channel] && len == 4);
	if (type == HVSIM_FRAME_CLOSED || type == HVSIM_FRAME_PACKET || type == HVSIM_FRAME_MOVED)
		CHECK(machine.open[channel]);
	if (type == HVSIM_FRAME_OPENED || type == HVSIM_FRAME_CLOSED)
		machine.open[channel] = type == HVSIM_FRAME_OPENED;
	if (type == HVSIM_FRAME_RELEASED) {
		CHECK(!machine.open[channel]);
		machine.offered[channel] = false;
	}
}

static void platform_tell(void *userdata, enum hvsim_frame_type type, uint16_t arg,
			  const void *head, size_t head_len, const void *bytes, size_t len)
{
	u8 *copy = malloc(len);
	u32 channel;

	(void)userdata;
	(void)arg;
	CHECK(head_len == (head ? HVSIM_CHANNEL_LEN : 0));
	CHECK(head_len + len <= HVSIM_FRAME_MAX && (copy || !len));
	if (len)
		memcpy(copy, bytes, len);
	free(copy);
	if (head) {
		memcpy(&channel, head, sizeof(channel));
		if (channel != HVSIM_CHANNEL_ANY)
			tell_check(type, channel, len);
		else
			CHECK(type == HVSIM_FRAME_ANOMALY);
	}
	mischief();
}

static bool platform_full(void *userdata)
{
	(void)userdata;
	mischief();
	return machine.full;
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

/* ---- what the guest does ---- */

static void guest_post(const void *message, size_t len)
{
	u8 *copy = malloc(len);
	int status;

	CHECK(copy || !len);
	if (len)
		memcpy(copy, message, len);
	status = hvsim_bus_receive(machine.bus, HVSIM_VMBUS_CONNECTION, HVSIM_VMBUS_MESSAGE, copy,
				   len);
	CHECK(status == HVSIM_HV_SUCCESS || status == HVSIM_HV_INVALID_PARAMETER ||
	      (status == HVSIM_HV_INSUFFICIENT_BUFFERS &&
	       machine.bus->post_count >= HVSIM_BUS_POSTS_MAX));
	free(copy);
}

static void guest_raw(void)
{
	u32 connection = number(1), type = number(1) ? 1 : 2;
	size_t len = number(1) + number(1);
	u8 *bytes = fuzz_take(&machine.input, len, &len);

	hvsim_bus_receive(machine.bus, connection, type, bytes, len);
	free(bytes);
}

static void guest_contact(void)
{
	static const u16 versions[][2] = {
		{ 2, 4 }, { 3, 0 }, { 4, 0 }, { 4, 1 }, { 5, 0 }, { 5, 2 }, { 5, 3 }, { 6, 0 },
	};
	u32 version = number(1) % (sizeof(versions) / sizeof(versions[0]));
	struct hvsim_vmbus_contact message = {
		.head.type = HVSIM_INITIATE_CONTACT,
		.version = HVSIM_VMBUS_VERSION(versions[version][0], versions[version][1]),
		.vp = number(1) % (VPS + 1),
		.sint = (u8)number(1),
	};

	guest_post(&message, sizeof(message));
}

static void guest_request(void)
{
	struct hvsim_vmbus_head message = { HVSIM_REQUEST_OFFERS, 0 };

	guest_post(&message, sizeof(message));
}

/* Pages one after the other, and some of them already in the header. */
static void guest_gpadl(void)
{
	struct {
		struct hvsim_vmbus_gpadl_header header;
		struct hvsim_vmbus_range range;
		u64 pages[26];
	} HVSIM_PACKED message = { .header.head.type = HVSIM_GPADL_HEADER };
	u32 count, first, told, i;

	message.header.range_count = 1;
	message.header.relid = number(1);
	message.header.gpadl = number(1);
	count = number(1);
	first = number(1);
	told = number(1) % 27;
	message.header.range_bytes = (u16)(8 + 8 * count);
	message.range.byte_count = count * PAGE;
	for (i = 0; i < told && i < count; i++)
		message.pages[i] = (first + i) % (PAGES + 1);
	guest_post(&message, offsetof(typeof(message), pages) + 8 * i);
}

static void guest_body(void)
{
	struct {
		struct hvsim_vmbus_gpadl_body body;
		u64 pages[28];
	} HVSIM_PACKED message = { .body.head.type = HVSIM_GPADL_BODY };
	u32 count, first, i;

	message.body.gpadl = number(1);
	count = number(1) % 29;
	first = number(1);
	for (i = 0; i < count; i++)
		message.pages[i] = (first + i) % (PAGES + 1);
	guest_post(&message, offsetof(typeof(message), pages) + 8 * i);
}

static void guest_open(void)
{
	struct hvsim_vmbus_open message = { .head.type = HVSIM_OPEN_CHANNEL };

	message.relid = number(1);
	message.gpadl = number(1);
	message.vp = number(1) % (VPS + 1);
	message.downstream_page = number(1);
	guest_post(&message, sizeof(message));
}

/* Those that have two numbers at most. */
static void guest_short(void)
{
	static const u8 types[] = {
		HVSIM_CLOSE_CHANNEL, HVSIM_RELID_RELEASED, HVSIM_GPADL_TEARDOWN,
		HVSIM_MODIFY_CHANNEL, HVSIM_UNLOAD,
	};
	u32 message[4] = { types[number(1) % sizeof(types)] };

	message[2] = number(1);
	message[3] = number(1);
	guest_post(message, sizeof(message));
}

/* More than there is room for, of requests or of large GPADLs; seldom, as it takes time. */
static void guest_flood(void)
{
	struct {
		struct hvsim_vmbus_gpadl_header header;
		struct hvsim_vmbus_range range;
	} HVSIM_PACKED message = { .header.head.type = HVSIM_GPADL_HEADER };
	bool seldom = number(1) == 255;
	u32 i;

	message.header.relid = number(1);
	if (!seldom || machine.floods++ >= 4)
		return;
	message.header.range_count = 1;
	message.header.range_bytes = (u16)(8 + 8 * HVSIM_GPADL_PAGES_MAX);
	message.range.byte_count = HVSIM_GPADL_PAGES_MAX * PAGE;
	for (i = 0; message.header.relid && i < 20; i++) {
		message.header.gpadl = 200 + i;
		guest_post(&message, sizeof(message));
	}
	for (i = 0; !message.header.relid && i < 2 * HVSIM_BUS_POSTS_MAX; i++)
		guest_request();
}

static void guest_signal(void)
{
	hvsim_bus_signalled(machine.bus, HVSIM_VMBUS_CONNECTION_EVENTS + number(1));
}

/* A good packet, in a ring of a head and one page of data. */
static void guest_packet(void)
{
	u32 head = number(1), len8 = number(1), write, i;
	u8 *ring = page_at(head), *data = page_at(head + 1);
	u16 packet[4] = { 6, 2, (u16)(2 + len8), 0 };

	memcpy(&write, ring, sizeof(write));
	for (i = 0; i < sizeof(packet); i++)
		data[(write + i) % PAGE] = ((u8 *)packet)[i];
	write = (write + 24 + len8 * 8) % PAGE;
	memcpy(ring, &write, sizeof(write));
}

/* ---- what the host does ---- */

static void host_say(u16 type, u16 arg, const void *bytes, size_t len)
{
	u8 *copy = malloc(len ?: 1);
	struct hvsim_frame frame = { type, arg, (u32)len, copy };
	u32 channel;
	int err;

	CHECK(copy);
	if (len)
		memcpy(copy, bytes, len);
	/* it keeps to its own few numbers */
	if (type == HVSIM_FRAME_OFFER && len >= HVSIM_CHANNEL_LEN) {
		channel = (u32)hvsim_frame_get(copy, HVSIM_CHANNEL_LEN) % NUMBERS;
		hvsim_frame_put(copy, channel, HVSIM_CHANNEL_LEN);
		if (len >= HVSIM_CHANNEL_LEN + sizeof(struct hvsim_vmbus_offer))
			machine.offered[channel] = true;
	}
	err = hvsim_bus_command(machine.bus, &frame);
	CHECK(!err || err == -EBADMSG || err == -EEXIST || err == -EINVAL || err == -EMSGSIZE ||
	      err == -ENOBUFS || err == -EOPNOTSUPP || err == -EIO);
	free(copy);
}

static void host_raw(void)
{
	u16 type = (u16)number(1), arg = (u16)number(2);
	size_t len = number(2);
	u8 *bytes = fuzz_take(&machine.input, len, &len);

	host_say(type, arg, bytes, len);
	free(bytes);
}

static void host_offer(void)
{
	u8 bytes[HVSIM_CHANNEL_LEN + sizeof(struct hvsim_vmbus_offer)] = { (u8)number(1) };

	host_say(HVSIM_FRAME_OFFER, 0, bytes, sizeof(bytes));
}

static void host_packet(void)
{
	static u8 bytes[HVSIM_CHANNEL_LEN + 65535];
	u32 flags;

	bytes[0] = (u8)number(1);
	flags = number(1);
	host_say(flags & 1 ? HVSIM_FRAME_RING : HVSIM_FRAME_PACKET, flags & 2 ? 0x8006 : 6, bytes,
		 HVSIM_CHANNEL_LEN + number(2) % (flags & 4 ? 65536 : 2048));
}

static void host_channel(void)
{
	static const u8 types[] = {
		HVSIM_FRAME_RESCIND, HVSIM_FRAME_HOLD, HVSIM_FRAME_SIGNAL, HVSIM_FRAME_INDEX,
	};
	u16 type = types[number(1) % sizeof(types)], arg = (u16)(number(1) % 2);
	u32 numbers[3] = { number(1) };

	if (type == HVSIM_FRAME_INDEX) {
		numbers[1] = number(2);
		numbers[2] = number(4);
	}
	host_say(type, arg, numbers, sizeof(numbers));
}

static void host_trick(void)
{
	u16 step = (u16)number(1);
	u32 numbers[3] = { number(1) };

	if (numbers[0] == 255)
		numbers[0] = HVSIM_CHANNEL_ANY;
	numbers[1] = number(1);
	numbers[2] = number(1);
	host_say(HVSIM_FRAME_TRICK, step, numbers, sizeof(numbers));
}

/* ---- what happens to both ---- */

static void machine_posted(void)
{
	if (!machine.posting)
		return;
	machine.posting = false;
	hvsim_bus_posted(machine.bus);
}

static void machine_state(void)
{
	switch (number(1) % 8) {
	case 0:
		hvsim_bus_reset(machine.bus);
		break;
	case 1:
		hvsim_bus_forget(machine.bus);
		memset(machine.offered, 0, sizeof(machine.offered));
		memset(machine.open, 0, sizeof(machine.open));
		break;
	case 2:
		machine.full = true;
		break;
	case 3:
		machine.mischief = !machine.mischief;
		break;
	default:
		machine.full = false;
		hvsim_bus_resume(machine.bus);
		break;
	}
}

static void (*const actions[])(void) = {
	guest_raw, guest_contact, guest_request, guest_gpadl, guest_body, guest_open, guest_short,
	guest_signal, guest_packet, memory_write, host_raw, host_offer, host_packet, host_channel,
	host_trick, machine_posted, machine_state, guest_flood,
};

/* ---- what must hold between any two actions ---- */

static void channel_check(const struct hvsim_bus_channel *channel)
{
	const struct hvsim_bus_write *write;
	const struct hvsim_gpadl *gpadl;
	bool found = false;
	size_t waiting = 0;

	CHECK(channel->relid < HVSIM_VMBUS_RELIDS);
	if (channel->relid)
		CHECK(hvsim_bus_channel_by_relid(machine.bus, channel->relid) == channel);
	CHECK(!channel->rescinded || (channel->relid && !channel->open));
	CHECK(channel->open == (channel->relid && machine.listening[channel->relid]));
	CHECK(channel->open || (!channel->waiting && !channel->held));
	CHECK(channel->announced == channel->open);
	if (channel->number != HVSIM_CHANNEL_ANY)
		CHECK(channel->announced == machine.open[channel->number]);
	STAILQ_FOREACH(write, &channel->writes, link)
		waiting += sizeof(*write) + write->len;
	CHECK(waiting == channel->waiting && waiting <= HVSIM_BUS_WAITING_MAX);
	/* fewer than there are relids: none waits for one */
	CHECK(channel->relid || !machine.bus->requested);
	if (!channel->open)
		return;
	CHECK(channel->vp < VPS);
	CHECK(channel->from_guest.index < channel->from_guest.size &&
	      !(channel->from_guest.index % 8) && channel->to_guest.index < channel->to_guest.size);
	TAILQ_FOREACH(gpadl, &machine.bus->gpadls, link)
		found |= gpadl->id == channel->gpadl && gpadl->relid == channel->relid &&
			 gpadl->pages == channel->from_guest.pages;
	CHECK(found);
}

/* Beyond the limit are offers and rescinds, and what one message of the guest brings. */
static void posts_check(void)
{
	const struct hvsim_bus_post *post;
	size_t count = 0;

	STAILQ_FOREACH(post, &machine.bus->posts, link)
		count++;
	CHECK(count == machine.bus->post_count);
	CHECK(count <= HVSIM_BUS_POSTS_MAX + 2 * HVSIM_VMBUS_RELIDS + 2);
}

static void bus_check(void)
{
	const struct hvsim_bus_channel *channel;
	const struct hvsim_gpadl *gpadl;
	size_t count = 0, pages = 0;

	TAILQ_FOREACH(channel, &machine.bus->channels, link)
		channel_check(channel);
	TAILQ_FOREACH(gpadl, &machine.bus->gpadls, link) {
		CHECK(hvsim_bus_channel_by_relid(machine.bus, gpadl->relid));
		CHECK(!gpadl->pages == (gpadl->told < gpadl->count));
		count++;
		pages += gpadl->count;
	}
	CHECK(count == machine.bus->gpadl_count && count <= HVSIM_BUS_GPADLS_MAX);
	CHECK(pages == machine.bus->gpadl_pages && pages <= HVSIM_BUS_GPADL_PAGES_MAX);
	posts_check();
	CHECK(machine.bus->posting == machine.posting);
	CHECK(machine.posting || STAILQ_EMPTY(&machine.bus->posts));
	CHECK(machine.bus->version || (!machine.bus->requested && !count));
}

/**
 * LLVMFuzzerTestOneInput() - Let a guest and a host do their worst.
 * @data: what they do
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t i;

	memset(&machine, 0, sizeof(machine));
	machine.input = (struct fuzz_input){ data, len };
	machine.bus = hvsim_bus_new(&platform, NULL);
	CHECK(machine.bus);
	while (machine.input.len) {
		actions[number(1) % (sizeof(actions) / sizeof(actions[0]))]();
		bus_check();
	}
	hvsim_bus_free(machine.bus);
	for (i = 0; i < PAGES; i++)
		CHECK(!machine.mapped[i] && !machine.maps[i]);
	for (i = 0; i < HVSIM_VMBUS_RELIDS; i++)
		CHECK(!machine.listening[i]);
	return 0;
}
