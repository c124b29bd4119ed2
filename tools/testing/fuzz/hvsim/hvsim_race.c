// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A ring of hvsim's bus whose other side writes anywhere in it between any two
 * accesses of the bus: the ring's source is built once more here, with a place
 * before each access to what both sides write.
 */
#include "fuzz.h"

static void guest_writes(void);

/* What the bus was told of the indexes: the first write index, and a good read index. */
static const u32 *indexes;
static u32 write_index;
static bool write_seen, read_good;
static u32 size;

static u32 race_load(const u32 *field)
{
	guest_writes();
	if (field == indexes && !write_seen) {
		write_index = *field;
		write_seen = true;
	}
	read_good |= field == indexes + 1 && *field < size && *field % 8 == 0;
	return *field;
}

static void race_store(u32 *field, u32 value)
{
	guest_writes();
	*field = value;
}

#define hvsim_ring_start	race_ring_start
#define hvsim_ring_take		race_ring_take
#define hvsim_ring_put		race_ring_put
#define hvsim_ring_put_raw	race_ring_put_raw
#define hvsim_ring_poke		race_ring_poke
#define __atomic_load_n(field, order)		race_load(field)
#define __atomic_store_n(field, value, order)	race_store(field, value)
#define __atomic_thread_fence(order)		guest_writes()
#include "hvsim_ring.c"

#define PAGES_MAX	4u

static struct fuzz_input input;
static void *pages[PAGES_MAX];
static size_t count;

/* A number that is likely to be near something: small, near a page's end, or any. */
static u32 number_any(void)
{
	u32 number = (u32)fuzz_number(&input, 1);

	switch (number % 4) {
	case 0:
		return number * 8;
	case 1:
		return (u32)(count - 1) * HVSIM_VMBUS_PAGE - number * 2;
	case 2:
		return (u32)fuzz_number(&input, 2);
	default:
		return (u32)fuzz_number(&input, 4);
	}
}

/* An index or another field of the head, or a packet's lengths where it may be. */
static void guest_write(u32 what)
{
	u8 *data = pages[1 + what / 4 % (count - 1)];
	u32 value = number_any();

	if (what & 0x80)
		((u32 *)pages[0])[what / 4 % 4] = value;
	else
		memcpy(data + value % HVSIM_VMBUS_PAGE / 4 * 4, &(u32){ number_any() }, 4);
}

static void guest_writes(void)
{
	u32 what = (u32)fuzz_number(&input, 1);

	if (what % 4 == 1)
		guest_write(what);
}

static void host_take(struct hvsim_ring *ring)
{
	struct hvsim_vmbus_packet packet;
	/* as much as the ring has is enough for whatever is in it */
	u32 most = fuzz_number(&input, 1) % 2 ? size : number_any() % size;
	u8 *payload = malloc(most ?: 1);
	u32 old = ring->index;
	bool wake;
	int ret;

	CHECK(payload);
	write_seen = false;
	ret = race_ring_take(ring, &packet, payload, most, &wake);
	CHECK(ret >= 0 || ret == -EAGAIN || ret == -EPROTO ||
	      (ret == -EMSGSIZE && most < size));
	CHECK(ret >= 0 || (ring->index == old && !wake));
	if (ret >= 0) {
		CHECK((u32)ret <= most && ret % 8 == 0 && write_index < size);
		CHECK((u32)ret + 24 <= (write_index + size - old) % size);
	}
	CHECK(ring->index < ring->size && ring->index % 8 == 0);
	free(payload);
}

static void host_put(struct hvsim_ring *ring, bool raw)
{
	size_t len = number_any() % (3 * HVSIM_VMBUS_PAGE);
	u8 *bytes = calloc(1, len ?: 1);
	u32 old = ring->index;
	bool wake;
	int err;

	CHECK(bytes);
	read_good = false;
	err = raw ? race_ring_put_raw(ring, bytes, len, &wake) :
		    race_ring_put(ring, 6, 1, bytes, len, &wake);
	CHECK(!err || err == -EAGAIN || err == -EPROTO || err == -EMSGSIZE);
	CHECK(err ? ring->index == old && !wake : read_good);
	CHECK(ring->index < ring->size);
	free(bytes);
}

static void ring_use(bool to_guest)
{
	struct hvsim_ring ring;
	int err = race_ring_start(&ring, pages, count, to_guest);

	CHECK(!err || err == -EINVAL);
	while (!err && input.len) {
		if (to_guest)
			host_put(&ring, fuzz_number(&input, 1) % 2);
		else
			host_take(&ring);
		if (fuzz_number(&input, 1) % 8 == 7)
			race_ring_poke(&ring, number_any(), number_any());
	}
}

/**
 * LLVMFuzzerTestOneInput() - Use a ring that the other side does not leave alone.
 * @data: pages, direction, then what both sides do
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t i;
	u32 how;

	input = (struct fuzz_input){ data, len };
	how = (u32)fuzz_number(&input, 1);
	count = 2 + how / 2 % (PAGES_MAX - 1);
	for (i = 0; i < count; i++) {
		pages[i] = calloc(1, HVSIM_VMBUS_PAGE);
		CHECK(pages[i]);
	}
	indexes = pages[0];
	size = (u32)(count - 1) * HVSIM_VMBUS_PAGE;
	ring_use(how % 2);
	for (i = 0; i < count; i++)
		free(pages[i]);
	return 0;
}
