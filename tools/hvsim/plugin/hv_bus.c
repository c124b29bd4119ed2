// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvsim's own VMBus as a device for QEMU, in place of QEMU's bridge.
 *
 * The bus itself is tools/hvsim/vmbus/; this is what it stands on: SynIC, guest
 * memory, and the connection to the emulated host.  All of it runs under QEMU's
 * big lock: in the main loop, but for messages of the guest, which come in the
 * thread of the processor that posts them.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qemu/rcu.h"
#include "block/aio.h"
#include "hw/hyperv/hyperv.h"
#include "hw/hyperv/vmbus-bridge.h"
#include "hw/qdev-properties-system.h"
#include "migration/vmstate.h"

#include "hv_clock.h"
#include "hv_frames.h"
#include "hv_qemu.h"
#include "hvsim_bus.h"

#define TYPE_HV_BUS "hvsim-vmbus"
OBJECT_DECLARE_SIMPLE_TYPE(HvBus, HV_BUS)

/**
 * struct HvBus - the bus
 * @parent: QEMU's bridge, for the place that it has in the guest's ACPI tables;
 *	QEMU's bus is not made
 * @frames: the way to the emulated host
 * @bus: what it is all about
 * @routes: HvSintRoute of each synthetic interrupt that was needed, by route_key()
 * @listeners: struct hv_bus_listener by connection
 * @message: to the guest
 * @vp: processor that @message is for
 * @sint: of that
 * @posting: @message is under way
 * @status: what became of it; -EINPROGRESS while QEMU has it
 * @posted: goes on from there, as soon as QEMU takes another message
 */
struct HvBus {
	VMBusBridge parent;
	struct hv_frames frames;
	struct hvsim_bus *bus;
	GHashTable *routes;
	GHashTable *listeners;
	struct hyperv_message message;
	uint32_t vp;
	uint32_t sint;
	bool posting;
	int status;
	QEMUBH *posted;
};

/**
 * struct hv_bus_listener - a connection that the guest may signal
 * @rcu: for a late end
 * @notifier: is set when it does
 * @connection: which
 * @s: the bus
 */
struct hv_bus_listener {
	struct rcu_head rcu;
	EventNotifier notifier;
	uint32_t connection;
	HvBus *s;
};

static gpointer route_key(uint32_t vp, uint32_t sint)
{
	return GUINT_TO_POINTER(vp * HV_SINT_COUNT + sint);
}

/* QEMU takes no other message on the route before this returns. */
static void message_done(void *opaque, int status)
{
	HvBus *s = opaque;

	s->status = status;
	qemu_bh_schedule(s->posted);
}

static bool hv_bus_has_vp(void *userdata, uint32_t vp)
{
	return vp <= INT_MAX / HV_SINT_COUNT && qemu_get_cpu(vp);
}

/* NULL when there is no such processor, or no such interrupt. */
static HvSintRoute *route_get(HvBus *s, uint32_t vp, uint32_t sint)
{
	HvSintRoute *route;

	if (!hv_bus_has_vp(s, vp) || sint >= HV_SINT_COUNT)
		return NULL;
	route = g_hash_table_lookup(s->routes, route_key(vp, sint));
	if (route)
		return route;
	route = hyperv_sint_route_new(vp, sint, message_done, s);
	if (route)
		g_hash_table_insert(s->routes, route_key(vp, sint), route);
	return route;
}

/*
 * A route that was made before the guest switched its SynIC on never interrupts
 * it: what fails for that reason must not leave one behind.
 */
static void route_drop(HvBus *s, uint32_t vp, uint32_t sint)
{
	g_hash_table_remove(s->routes, route_key(vp, sint));
}

static int hv_bus_post(void *userdata, uint32_t vp, uint32_t sint, uint32_t type,
		       const void *bytes, size_t len)
{
	HvBus *s = userdata;
	HvSintRoute *route = route_get(s, vp, sint);
	int err;

	if (!route)
		return -ENXIO;
	if (len > sizeof(s->message.payload))
		return -EMSGSIZE;
	memset(&s->message, 0, sizeof(s->message));
	s->message.header.message_type = type;
	s->message.header.payload_size = len;
	memcpy(s->message.payload, bytes, len);
	s->vp = vp;
	s->sint = sint;
	s->status = -EINPROGRESS;
	err = hyperv_post_msg(route, &s->message);
	s->posting = !err;
	return err;
}

/*
 * When the guest had not yet taken the message before, that has woken it, and it
 * has now.
 */
static void hv_bus_posted(void *opaque)
{
	HvBus *s = opaque;

	if (s->status == -EAGAIN) {
		s->status = -EINPROGRESS;
		if (!hyperv_post_msg(route_get(s, s->vp, s->sint), &s->message))
			return;
		s->status = -EBUSY;
	}
	if (s->status < 0) {
		error_report("%s: lost a message of type %u to processor %u: %s", TYPE_HV_BUS,
			     *(uint32_t *)s->message.payload, s->vp, strerror(-s->status));
		route_drop(s, s->vp, s->sint);
	}
	s->posting = false;
	hvsim_bus_posted(s->bus);
}

static int hv_bus_interrupt(void *userdata, uint32_t vp, uint32_t sint, uint32_t flag)
{
	HvBus *s = userdata;
	bool known = g_hash_table_contains(s->routes, route_key(vp, sint));
	HvSintRoute *route = route_get(s, vp, sint);
	int err;

	if (!route)
		return -ENXIO;
	if (flag >= HV_EVENT_FLAGS_COUNT)
		return -EINVAL;
	err = hyperv_set_event_flag(route, flag);
	if (err < 0 && !known)
		route_drop(s, vp, sint);
	return err;
}

static void *hv_bus_map(void *userdata, uint64_t address)
{
	hwaddr len = HVSIM_VMBUS_PAGE;
	ram_addr_t offset;
	void *page;

	page = cpu_physical_memory_map(address, &len, true);
	if (!page)
		return NULL;
	/* of what is no memory, QEMU gives a copy */
	if (len == HVSIM_VMBUS_PAGE && memory_region_from_host(page, &offset))
		return page;
	cpu_physical_memory_unmap(page, len, true, 0);
	return NULL;
}

static void hv_bus_unmap(void *userdata, void *page)
{
	cpu_physical_memory_unmap(page, HVSIM_VMBUS_PAGE, true, HVSIM_VMBUS_PAGE);
}

static void listener_signalled(EventNotifier *notifier)
{
	struct hv_bus_listener *listener =
		container_of(notifier, struct hv_bus_listener, notifier);

	event_notifier_test_and_clear(notifier);
	hvsim_bus_signalled(listener->s->bus, listener->connection);
}

static void listener_free(struct hv_bus_listener *listener)
{
	event_notifier_cleanup(&listener->notifier);
	g_free(listener);
}

/* A processor may be signalling, or its signal be handled, at this very moment. */
static void listener_remove(gpointer value)
{
	struct hv_bus_listener *listener = value;

	hyperv_set_event_flag_handler(listener->connection, NULL);
	event_notifier_set_handler(&listener->notifier, NULL);
	call_rcu(listener, listener_free, rcu);
}

static int hv_bus_listen(void *userdata, uint32_t connection)
{
	HvBus *s = userdata;
	struct hv_bus_listener *listener = g_new0(struct hv_bus_listener, 1);
	int err;

	listener->connection = connection;
	listener->s = s;
	err = event_notifier_init(&listener->notifier, false);
	if (err < 0) {
		g_free(listener);
		return err;
	}
	err = hyperv_set_event_flag_handler(connection, &listener->notifier);
	if (err < 0) {
		listener_free(listener);
		return err;
	}
	event_notifier_set_handler(&listener->notifier, listener_signalled);
	g_hash_table_insert(s->listeners, GUINT_TO_POINTER(connection), listener);
	return 0;
}

static void hv_bus_ignore(void *userdata, uint32_t connection)
{
	HvBus *s = userdata;

	g_hash_table_remove(s->listeners, GUINT_TO_POINTER(connection));
}

static int hv_bus_clock(void *userdata, uint64_t *reference, uint64_t *realtime)
{
	return hv_clock_read(reference, realtime);
}

static void hv_bus_tell(void *userdata, enum hvsim_frame_type type, uint16_t arg,
			const void *head, size_t head_len, const void *bytes, size_t len)
{
	HvBus *s = userdata;

	hv_frames_tell(&s->frames, type, arg, head, head_len, bytes, len);
}

static bool hv_bus_full(void *userdata)
{
	HvBus *s = userdata;

	return hv_frames_are_full(&s->frames);
}

/* The guest posts a message; it tries again when there are no buffers. */
static uint16_t hv_bus_receive(const struct hyperv_post_message_input *posted, void *opaque)
{
	/* a copy, for the guest may write to what it has posted */
	struct hyperv_post_message_input message = *posted;
	uint16_t status = HV_STATUS_INSUFFICIENT_BUFFERS;
	HvBus *s = opaque;

	if (message.payload_size > sizeof(message.payload))
		return HV_STATUS_INVALID_PARAMETER;
	bql_lock();
	if (!hv_frames_are_full(&s->frames))
		status = hvsim_bus_receive(s->bus, message.connection_id & HV_CONNECTION_ID_MASK,
					   message.message_type, message.payload,
					   message.payload_size);
	bql_unlock();
	return status;
}

static bool hv_bus_command(void *userdata, const struct hvsim_frame *frame)
{
	HvBus *s = userdata;
	int err = hvsim_bus_command(s->bus, frame);

	if (err < 0)
		error_report("%s: the host's frame of type %u and %u bytes: %s", TYPE_HV_BUS,
			     frame->type, frame->length, strerror(-err));
	return true;
}

static void hv_bus_drained(void *userdata)
{
	HvBus *s = userdata;

	hvsim_bus_resume(s->bus);
}

static void hv_bus_lost(void *userdata)
{
	HvBus *s = userdata;

	hvsim_bus_forget(s->bus);
}

static void nothing(CPUState *cpu, run_on_cpu_data data)
{
}

/*
 * Takes back a message that the guest will not have any more.  QEMU may be about
 * to put it into the guest's memory, in the processor's thread; then it says so,
 * in a bottom half.  Or it waits for the guest to take the message before, which
 * that never will, and keeps the route until then.
 */
static void hv_bus_recall(HvBus *s)
{
	if (!s->posting)
		return;
	qemu_bh_cancel(s->posted);
	if (s->status == -EINPROGRESS) {
		run_on_cpu(qemu_get_cpu(s->vp), nothing, RUN_ON_CPU_NULL);
		aio_bh_poll(qemu_get_aio_context());
		qemu_bh_cancel(s->posted);
	}
	if (s->status == -EINPROGRESS)
		hyperv_sint_route_unref(route_get(s, s->vp, s->sint));
	s->posting = false;
	hvsim_bus_posted(s->bus);
}

/* The machine is reset; SynICs are after all devices, and must have no routes then. */
static void hv_bus_reset(void *opaque)
{
	HvBus *s = opaque;

	hvsim_bus_reset(s->bus);
	hv_bus_recall(s);
	g_hash_table_remove_all(s->routes);
}

static const struct hvsim_bus_platform hv_bus_platform = {
	.post = hv_bus_post,
	.has_vp = hv_bus_has_vp,
	.interrupt = hv_bus_interrupt,
	.map = hv_bus_map,
	.unmap = hv_bus_unmap,
	.listen = hv_bus_listen,
	.ignore = hv_bus_ignore,
	.clock = hv_bus_clock,
	.tell = hv_bus_tell,
	.full = hv_bus_full,
};

static const struct hv_frames_owner hv_bus_frames_owner = {
	.frame = hv_bus_command,
	.drained = hv_bus_drained,
	.lost = hv_bus_lost,
};

/* Says in @errp what the machine lacks. */
static bool hv_bus_is_possible(HvBus *s, Error **errp)
{
	if (!hyperv_is_synic_enabled())
		error_setg(errp, "%s needs -cpu ...,hv-vpindex,hv-synic", TYPE_HV_BUS);
	else if (!vmbus_bridge_find())
		error_setg(errp, "%s must be the only VMBus", TYPE_HV_BUS);
	else if (!qemu_chr_fe_backend_connected(&s->frames.chr))
		error_setg(errp, "%s needs a chardev", TYPE_HV_BUS);
	else
		return true;
	return false;
}

static void hv_bus_realize(DeviceState *dev, Error **errp)
{
	HvBus *s = HV_BUS(dev);

	if (!hv_bus_is_possible(s, errp))
		return;
	s->bus = hvsim_bus_new(&hv_bus_platform, s);
	if (!s->bus ||
	    hyperv_set_msg_handler(HVSIM_VMBUS_CONNECTION, hv_bus_receive, s) < 0 ||
	    hyperv_set_msg_handler(HVSIM_VMBUS_CONNECTION_SINTS, hv_bus_receive, s) < 0) {
		error_setg(errp, "%s: no memory, or the connections of VMBus are taken",
			   TYPE_HV_BUS);
		return;
	}
	s->routes = g_hash_table_new_full(NULL, NULL, NULL,
					  (GDestroyNotify)hyperv_sint_route_unref);
	s->listeners = g_hash_table_new_full(NULL, NULL, NULL, listener_remove);
	s->posted = qemu_bh_new(hv_bus_posted, s);
	qemu_register_reset(hv_bus_reset, s);
	hv_frames_start(&s->frames, TYPE_HV_BUS, &hv_bus_frames_owner, s);
}

static const VMStateDescription hv_bus_vmstate = {
	.name = TYPE_HV_BUS,
	.unmigratable = 1,
};

static HV_PROPERTY_CONST Property hv_bus_properties[] = {
	DEFINE_PROP_CHR("chardev", HvBus, frames.chr),
	HV_PROPERTY_END
};

static void hv_bus_class_init(ObjectClass *klass, HV_CLASS_DATA_CONST void *data)
{
	DeviceClass *dc = DEVICE_CLASS(klass);

	device_class_set_props(dc, hv_bus_properties);
	dc->realize = hv_bus_realize;
	dc->vmsd = &hv_bus_vmstate;
}

static void hv_bus_register_types(void)
{
	static const TypeInfo type = {
		.name = TYPE_HV_BUS,
		.parent = TYPE_VMBUS_BRIDGE,
		.instance_size = sizeof(HvBus),
		.class_init = hv_bus_class_init,
	};

	type_register_static(&type);
}

type_init(hv_bus_register_types)
