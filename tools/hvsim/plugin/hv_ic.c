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
#include "hw/qdev-properties-system.h"
#include "hw/hyperv/vmbus.h"
#include "exec/target_page.h"

#include "hv_clock.h"
#include "hv_frames.h"
#include "hv_qemu.h"
#include "hvsim_ic.h"

#define TYPE_HV_IC "hv-ic"
OBJECT_DECLARE_SIMPLE_TYPE(HvIc, HV_IC)

/* Offer: the payload of each packet is one message, behind a pipe header. */
#define CHANNEL_NAMED_PIPE	0x10

/* What a packet takes in a ring besides its payload: descriptor and trailer. */
#define PACKET_OVERHEAD		(16 + 8)

/* Longest packet there is: its length is a 16-bit number of 8 bytes. */
#define PACKET_MAX		(UINT16_MAX * 8)

/**
 * struct HvIc - one integration component
 * @parent: QEMU's part
 * @frames: the way to the emulated host; what the guest has no room for waits there
 * @transaction: of the next packet; guests copy it into their answers
 */
struct HvIc {
	VMBusDevice parent;
	struct hv_frames frames;
	uint64_t transaction;
};

static VMBusChannel *hv_ic_channel(HvIc *s)
{
	return vmbus_device_channel(VMBUS_DEVICE(s), 0);
}

static void hv_ic_tell_clock(HvIc *s)
{
	uint8_t bytes[HVSIM_FRAME_CLOCK_LEN];
	uint64_t reference, realtime;
	int err;

	err = hv_clock_read(&reference, &realtime);
	if (err < 0) {
		error_report("hv-ic: cannot read the guest's clock: %s", strerror(-err));
		return;
	}
	hvsim_frame_encode_clock(bytes, reference, realtime);
	hv_frames_tell(&s->frames, HVSIM_FRAME_CLOCK, 0, NULL, 0, bytes, sizeof(bytes));
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

static bool hv_ic_handle(void *opaque, const struct hvsim_frame *frame)
{
	HvIc *s = opaque;

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

/*
 * The guest wrote a packet, or made room for one.  Each packet is taken off the
 * ring by itself: QEMU takes a ring that has just become empty for a full one,
 * and would not wake a guest that waits for room.
 */
static void hv_ic_notified(VMBusChannel *chan)
{
	HvIc *s = HV_IC(vmbus_channel_device(chan));
	VMBusChanReq *req;

	while (!hv_frames_are_full(&s->frames) && !vmbus_channel_recv_start(chan)) {
		req = vmbus_channel_recv_peek(chan, sizeof(*req));
		if (!req)
			break;
		vmbus_channel_recv_pop(chan);
		vmbus_channel_recv_done(chan);
		hv_frames_tell(&s->frames, HVSIM_FRAME_PACKET, req->pkt_type, NULL, 0, req->msg,
			       req->msglen);
		vmbus_free_req(req);
	}
	hv_frames_pump(&s->frames);
}

/* What was left in the guest's ring can only be fetched from its notification. */
static void hv_ic_drained(void *opaque)
{
	HvIc *s = opaque;

	if (vmbus_channel_is_open(hv_ic_channel(s)))
		vmbus_channel_notify_host(hv_ic_channel(s));
}

static int hv_ic_open(VMBusChannel *chan)
{
	HvIc *s = HV_IC(vmbus_channel_device(chan));

	hv_frames_tell(&s->frames, HVSIM_FRAME_OPENED, 0, NULL, 0, NULL, 0);
	return 0;
}

static void hv_ic_close(VMBusChannel *chan)
{
	HvIc *s = HV_IC(vmbus_channel_device(chan));

	hv_frames_tell(&s->frames, HVSIM_FRAME_CLOSED, 0, NULL, 0, NULL, 0);
	hv_frames_drop(&s->frames);
}

static void hv_ic_realize(VMBusDevice *vdev, Error **errp)
{
	static const struct hv_frames_owner owner = {
		.frame = hv_ic_handle,
		.drained = hv_ic_drained,
	};
	HvIc *s = HV_IC(vdev);

	if (!qemu_chr_fe_backend_connected(&s->frames.chr)) {
		error_setg(errp, "%s needs a chardev", object_get_typename(OBJECT(s)));
		return;
	}
	hv_frames_start(&s->frames, object_get_typename(OBJECT(s)), &owner, s);
}

static uint16_t hv_ic_num_channels(VMBusDevice *vdev)
{
	return 1;
}

static HV_PROPERTY_CONST Property hv_ic_properties[] = {
	DEFINE_PROP_CHR("chardev", HvIc, frames.chr),
	HV_PROPERTY_END
};

/* What no good host does: a class that is there already. */
static const struct hvsim_ic hv_ic_again = {
	"heartbeat-again",
	"57164f39-9115-4e78-ab55-382f3bd5422d", "fd149e91-82e0-4a7d-afa6-2a4166cbd7c1"
};

static void hv_ic_class_init(ObjectClass *klass, HV_CLASS_DATA_CONST void *data)
{
	const struct hvsim_ic *ic = data;
	VMBusDeviceClass *vdc = VMBUS_DEVICE_CLASS(klass);
	DeviceClass *dc = DEVICE_CLASS(klass);

	if (qemu_uuid_parse(ic->class_id, &vdc->classid) ||
	    qemu_uuid_parse(ic->instance_id, &vdc->instanceid))
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

static void hv_ic_register(const struct hvsim_ic *ic)
{
	const TypeInfo type = {
		.name = g_strdup_printf(TYPE_HV_IC "-%s", ic->name),
		.parent = TYPE_HV_IC,
		.class_init = hv_ic_class_init,
		.class_data = (void *)ic,
	};

	type_register_static(&type);
}

static void hv_ic_register_types(void)
{
	static const TypeInfo base = {
		.name = TYPE_HV_IC,
		.parent = TYPE_VMBUS_DEVICE,
		.instance_size = sizeof(HvIc),
		.abstract = true,
	};
	size_t i;

	type_register_static(&base);
	for (i = 0; i < ARRAY_SIZE(hvsim_ics); i++)
		hv_ic_register(&hvsim_ics[i]);
	hv_ic_register(&hv_ic_again);
}

type_init(hv_ic_register_types)
