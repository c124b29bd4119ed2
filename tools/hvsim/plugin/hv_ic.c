// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Integration component devices for QEMU's own VMBus bridge.
 *
 * A device hv-ic-SERVICE owns the channel that the guest sees, and knows
 * nothing of what is said on it: whole packets go to and come from a character
 * device, behind which the emulated host sits (hvsim_frame.h has the framing).
 *
 * Loaded into Debian's QEMU with LD_PRELOAD, see scripts/qemu.sh.  All of it
 * runs in QEMU's main loop, under its big lock.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "hw/qdev-properties.h"
#include "hw/qdev-properties-system.h"
#include "hw/hyperv/vmbus.h"
#include "exec/target_page.h"
#include "chardev/char-fe.h"
#if __has_include("system/kvm.h")
#include "system/kvm.h"
#else
#include "sysemu/kvm.h"
#endif
#include <linux/kvm.h>

#include "hvsim_frame.h"

/* QEMU declares it only for code that is compiled once a target. */
int kvm_vm_ioctl(struct KVMState *s, int type, ...);

#define TYPE_HV_IC "hv-ic"
OBJECT_DECLARE_SIMPLE_TYPE(HvIc, HV_IC)

/* Offer: the payload of each packet is one message, behind a pipe header. */
#define CHANNEL_NAMED_PIPE	0x10

/* What a packet takes in a ring besides its payload: descriptor and trailer. */
#define PACKET_OVERHEAD		(16 + 8)

/* Longest packet there is: its length is a 16-bit number of 8 bytes. */
#define PACKET_MAX		(UINT16_MAX * 8)

/*
 * Bytes waiting for the host from which on the guest's packets are left in its
 * ring, so that it is the guest that waits when the host does not read.
 */
#define TO_HOST_FULL		(256 * 1024)

/* Room for the largest frame, so that one that cannot be sent is seen whole. */
#define TO_GUEST_FULL		(HVSIM_FRAME_HEAD_LEN + HVSIM_FRAME_MAX)

/**
 * struct HvIc - one integration component
 * @parent: QEMU's part
 * @chr: the way to the emulated host
 * @to_guest: frames from the host, which the guest has had no room for yet
 * @to_host: frames that the host has not taken yet
 * @host_watch: event source that waits for the host to take more; 0 for none
 * @transaction: of the next packet; guests copy it into their answers
 */
struct HvIc {
	VMBusDevice parent;
	CharBackend chr;
	GByteArray *to_guest;
	GByteArray *to_host;
	guint host_watch;
	uint64_t transaction;
};

static VMBusChannel *hv_ic_channel(HvIc *s)
{
	return vmbus_device_channel(VMBUS_DEVICE(s), 0);
}

static gboolean hv_ic_host_writable(void *unused, GIOCondition condition, void *opaque);

static void hv_ic_flush(HvIc *s)
{
	while (s->to_host->len) {
		int written = qemu_chr_fe_write(&s->chr, s->to_host->data, s->to_host->len);

		if (written <= 0)
			break;
		g_byte_array_remove_range(s->to_host, 0, written);
	}
	if (s->to_host->len && !s->host_watch)
		s->host_watch = qemu_chr_fe_add_watch(&s->chr, G_IO_OUT | G_IO_HUP,
						      hv_ic_host_writable, s);
}

static gboolean hv_ic_host_writable(void *unused, GIOCondition condition, void *opaque)
{
	HvIc *s = opaque;

	s->host_watch = 0;
	hv_ic_flush(s);
	/* what was left in the guest's ring can only be fetched from its notification */
	if (s->to_host->len < TO_HOST_FULL && vmbus_channel_is_open(hv_ic_channel(s)))
		vmbus_channel_notify_host(hv_ic_channel(s));
	return G_SOURCE_REMOVE;
}

static void hv_ic_tell(HvIc *s, uint16_t type, uint16_t arg, const void *bytes, uint32_t len)
{
	uint8_t head[HVSIM_FRAME_HEAD_LEN];

	hvsim_frame_encode_head(head, type, arg, len);
	g_byte_array_append(s->to_host, head, sizeof(head));
	g_byte_array_append(s->to_host, bytes, len);
	hv_ic_flush(s);
}

static uint64_t realtime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * NANOSECONDS_PER_SECOND + now.tv_nsec;
}

/*
 * KVM derives the partition reference counter from the same clock that it
 * reports here, in ns since the guest was made; where it can, it reads the
 * wall clock at the same instant.
 */
static void hv_ic_tell_clock(HvIc *s)
{
	uint8_t bytes[HVSIM_FRAME_CLOCK_LEN];
	struct kvm_clock_data data = {};
	uint64_t before, after;

	before = realtime_ns();
	if (kvm_vm_ioctl(kvm_state, KVM_GET_CLOCK, &data) < 0) {
		error_report("hv-ic: cannot read the guest's clock: %s", strerror(errno));
		return;
	}
	after = realtime_ns();
	if (!(data.flags & KVM_CLOCK_REALTIME))
		data.realtime = before + (after - before) / 2;

	hvsim_frame_encode_clock(bytes, data.clock / 100, data.realtime);
	hv_ic_tell(s, HVSIM_FRAME_CLOCK, 0, bytes, sizeof(bytes));
}

/*
 * A field of the channel, which QEMU keeps to itself, but describes by name for
 * its own use in migration.  NULL when this QEMU has no such field.
 */
static const void *channel_field(VMBusChannel *chan, const char *name)
{
	const VMStateField *device, *field;

	for (device = vmstate_vmbus_dev.fields; device->name; device++) {
		if (strcmp(device->name, "channels"))
			continue;
		for (field = device->vmsd->fields; field->name; field++)
			if (!strcmp(field->name, name) && field->size == sizeof(uint32_t))
				return (char *)chan + field->offset;
	}
	return NULL;
}

/* Bytes that the guest's ring for packets from the host can hold at all. */
static uint32_t ring_size(VMBusChannel *chan)
{
	const uint32_t *gpadl_id = channel_field(chan, "ringbuf_gpadl");
	const uint32_t *pages_before = channel_field(chan, "ringbuf_send_offset");
	VMBusGpadl *gpadl = gpadl_id && pages_before ? vmbus_get_gpadl(chan, *gpadl_id) : NULL;
	uint32_t size;

	if (!gpadl)
		return UINT32_MAX;
	/* one page more is the ring's header; one byte distinguishes full from empty */
	size = vmbus_gpadl_len(gpadl) - (*pages_before + 1) * qemu_target_page_size() - 1;
	vmbus_put_gpadl(gpadl);
	return size;
}

/* Returns whether the packet is done with: sent, or never to be. */
static bool hv_ic_send(HvIc *s, const struct hvsim_frame *frame)
{
	VMBusChannel *chan = hv_ic_channel(s);
	uint32_t len = ROUND_UP(frame->length, 8);
	uint8_t *padded;

	/* the host has not seen yet that the guest closed the channel */
	if (!vmbus_channel_is_open(chan))
		return true;
	if (len + PACKET_OVERHEAD > MIN(ring_size(chan), PACKET_MAX)) {
		error_report("%s: dropped a packet of %u bytes, which the guest's ring cannot hold",
			     object_get_typename(OBJECT(s)), frame->length);
		return true;
	}
	if (vmbus_channel_reserve(chan, 0, len))
		return false;

	padded = g_malloc0(len);
	memcpy(padded, frame->bytes, frame->length);
	if (vmbus_channel_send(chan, frame->arg, NULL, 0, padded, len, false, s->transaction++) < 0)
		error_report("%s: lost a packet of %u bytes: the guest's ring is not in its memory",
			     object_get_typename(OBJECT(s)), frame->length);
	g_free(padded);
	return true;
}

static bool hv_ic_handle(HvIc *s, const struct hvsim_frame *frame)
{
	switch (frame->type) {
	case HVSIM_FRAME_PACKET:
		return hv_ic_send(s, frame);
	case HVSIM_FRAME_CLOCK:
		hv_ic_tell_clock(s);
		return true;
	default:
		error_report("%s: the host sent a frame of unknown type %u",
			     object_get_typename(OBJECT(s)), frame->type);
		return true;
	}
}

static void hv_ic_pump_to_guest(HvIc *s)
{
	struct hvsim_frame frame;
	size_t done = 0;
	int complete;

	for (;;) {
		complete = hvsim_frame_decode(&frame, s->to_guest->data + done,
					      s->to_guest->len - done);
		if (complete <= 0 || !hv_ic_handle(s, &frame))
			break;
		done += HVSIM_FRAME_HEAD_LEN + frame.length;
	}
	g_byte_array_remove_range(s->to_guest, 0, done);
	if (complete < 0) {
		error_report("%s: what the host sent is no frame; not listening to it any more",
			     object_get_typename(OBJECT(s)));
		qemu_chr_fe_disconnect(&s->chr);
		return;
	}
	if (done)
		qemu_chr_fe_accept_input(&s->chr);
}

/*
 * The guest wrote a packet, or made room for one.  Each packet is taken off the
 * ring by itself: QEMU takes a ring that has just become empty for a full one,
 * and would not wake a guest that waits for room.
 */
static void hv_ic_notified(VMBusChannel *chan)
{
	HvIc *s = HV_IC(vmbus_channel_device(chan));
	VMBusChanReq *req;

	while (s->to_host->len < TO_HOST_FULL && !vmbus_channel_recv_start(chan)) {
		req = vmbus_channel_recv_peek(chan, sizeof(*req));
		if (!req)
			break;
		vmbus_channel_recv_pop(chan);
		vmbus_channel_recv_done(chan);
		hv_ic_tell(s, HVSIM_FRAME_PACKET, req->pkt_type, req->msg, req->msglen);
		vmbus_free_req(req);
	}
	hv_ic_pump_to_guest(s);
}

static int hv_ic_host_can_read(void *opaque)
{
	HvIc *s = opaque;

	return TO_GUEST_FULL - s->to_guest->len;
}

static void hv_ic_host_read(void *opaque, const uint8_t *bytes, int len)
{
	HvIc *s = opaque;

	g_byte_array_append(s->to_guest, bytes, len);
	hv_ic_pump_to_guest(s);
}

static int hv_ic_open(VMBusChannel *chan)
{
	hv_ic_tell(HV_IC(vmbus_channel_device(chan)), HVSIM_FRAME_OPENED, 0, NULL, 0);
	return 0;
}

static void hv_ic_close(VMBusChannel *chan)
{
	HvIc *s = HV_IC(vmbus_channel_device(chan));

	g_byte_array_set_size(s->to_guest, 0);
	hv_ic_tell(s, HVSIM_FRAME_CLOSED, 0, NULL, 0);
	qemu_chr_fe_accept_input(&s->chr);
}

static void hv_ic_realize(VMBusDevice *vdev, Error **errp)
{
	HvIc *s = HV_IC(vdev);

	if (!qemu_chr_fe_backend_connected(&s->chr)) {
		error_setg(errp, "%s needs a chardev", object_get_typename(OBJECT(s)));
		return;
	}
	s->to_guest = g_byte_array_new();
	s->to_host = g_byte_array_new();
	qemu_chr_fe_set_handlers(&s->chr, hv_ic_host_can_read, hv_ic_host_read, NULL, NULL,
				 s, NULL, true);
}

static uint16_t hv_ic_num_channels(VMBusDevice *vdev)
{
	return 1;
}

/* QEMU 10 made these constant, and counts them instead of marking the end. */
#ifdef DEFINE_PROP_END_OF_LIST
static Property hv_ic_properties[] = {
	DEFINE_PROP_CHR("chardev", HvIc, chr),
	DEFINE_PROP_END_OF_LIST()
};
#else
static const Property hv_ic_properties[] = {
	DEFINE_PROP_CHR("chardev", HvIc, chr),
};
#endif

/**
 * struct hv_ic_service - what makes the devices differ
 * @type: name of the device
 * @class_id: by which a guest finds its driver
 * @instance_id: the same in each machine, and so the name in the guest's sysfs
 */
struct hv_ic_service {
	const char *type;
	const char *class_id;
	const char *instance_id;
};

static const struct hv_ic_service hv_ic_services[] = {
	{ "hv-ic-heartbeat",
	  "57164f39-9115-4e78-ab55-382f3bd5422d", "fd149e91-82e0-4a7d-afa6-2a4166cbd7c0" },
	{ "hv-ic-shutdown",
	  "0e0b6031-5213-4934-818b-38d90ced39db", "b6650ff7-33bc-4840-8048-e0676786f393" },
	{ "hv-ic-timesync",
	  "9527e630-d0ae-497b-adce-e80ab0175caf", "2dd1ce17-079e-403c-b352-a1921ee207ee" },
	{ "hv-ic-kvp",
	  "a9a0f4e7-5a45-4d96-b827-8a841e8c03e6", "242ff919-07db-4180-9c2e-b86cb68c8c55" },
	{ "hv-ic-vss",
	  "35fa2e29-ea23-4236-96ae-3a6ebacba440", "2450ee40-33bf-4fbd-892e-9fb06e9214cf" },
	{ "hv-ic-fcopy",
	  "34d14be3-dee4-41c8-9ae7-6b174977c192", "eb765408-105f-49b6-b4aa-c123b64d17d4" },
	/* what no good host does: a class that is there already */
	{ "hv-ic-heartbeat-again",
	  "57164f39-9115-4e78-ab55-382f3bd5422d", "fd149e91-82e0-4a7d-afa6-2a4166cbd7c1" },
};

/* QEMU 10.1 made the class's data constant. */
#if QEMU_VERSION_MAJOR > 10 || (QEMU_VERSION_MAJOR == 10 && QEMU_VERSION_MINOR >= 1)
static void hv_ic_class_init(ObjectClass *klass, const void *data)
#else
static void hv_ic_class_init(ObjectClass *klass, void *data)
#endif
{
	const struct hv_ic_service *service = data;
	VMBusDeviceClass *vdc = VMBUS_DEVICE_CLASS(klass);
	DeviceClass *dc = DEVICE_CLASS(klass);

	if (qemu_uuid_parse(service->class_id, &vdc->classid) ||
	    qemu_uuid_parse(service->instance_id, &vdc->instanceid))
		g_assert_not_reached();
	device_class_set_props(dc, hv_ic_properties);
	dc->user_creatable = true;
	vdc->channel_flags = CHANNEL_NAMED_PIPE;
	vdc->num_channels = hv_ic_num_channels;
	vdc->vmdev_realize = hv_ic_realize;
	vdc->open_channel = hv_ic_open;
	vdc->close_channel = hv_ic_close;
	vdc->chan_notify_cb = hv_ic_notified;
}

static void hv_ic_register_types(void)
{
	static const TypeInfo base = {
		.name = TYPE_HV_IC,
		.parent = TYPE_VMBUS_DEVICE,
		.instance_size = sizeof(HvIc),
		.abstract = true,
	};
	TypeInfo type = {
		.parent = TYPE_HV_IC,
		.class_init = hv_ic_class_init,
	};
	size_t i;

	type_register_static(&base);
	for (i = 0; i < ARRAY_SIZE(hv_ic_services); i++) {
		type.name = hv_ic_services[i].type;
		type.class_data = (void *)&hv_ic_services[i];
		type_register_static(&type);
	}
}

type_init(hv_ic_register_types)
