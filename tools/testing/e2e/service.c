// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The services, and what a test can do with any of them.  A new one joins all
 * tests of coming and going with its line in e2e_services[].
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hv/hvic_service.h>

#include "e2e.h"

/* Often enough that something is under way whenever a service goes. */
#define TRAFFIC_MS	20
/* For a service to come back; some hundred times what it takes. */
#define READY_MS	10000

static const struct hvsim_versions v3 = { HVIC_VERSION(3, 0), HVIC_VERSION(3, 0) };

/* Whether a good request is answered well. */
static bool answers(const char *service, const void *packet, int len, uint8_t transaction)
{
	struct hvsim_message answer;

	return e2e_raw(service, packet, (size_t)len, &answer) > 0 && !answer.status &&
	       answer.transaction == transaction;
}

static bool heartbeat_alive(void)
{
	uint8_t packet[128];
	int len = hvsim_message_build_heartbeat(packet, sizeof(packet), 99, &v3, 1, 16);

	return e2e_agree("heartbeat", v3.framework, v3.message) &&
	       answers("heartbeat", packet, len, 99);
}

/* Anything but an offer has effects. */
static bool shutdown_alive(void)
{
	return e2e_agree("shutdown", HVIC_VERSION(3, 0), HVIC_VERSION(3, 2));
}

/* A probe: neither a sync nor a sample. */
static bool timesync_alive(void)
{
	const struct hvsim_time probe = { .parent = HVSIM_EPOCH_1601 + 10000000 };
	uint8_t packet[128];
	int len = hvsim_message_build_time(packet, sizeof(packet), 99, &v3, &probe,
					   HVSIM_TIME_V3_LEN);

	return e2e_agree("timesync", v3.framework, v3.message) &&
	       answers("timesync", packet, len, 99);
}

/* With a daemon behind it there would be more to ask; this is what the module says. */
static bool kvp_alive(void)
{
	return e2e_agree("kvp", HVIC_VERSION(3, 0), HVIC_VERSION(4, 0));
}

/* A question that the module answers by itself. */
static bool vss_alive(void)
{
	static const struct hvsim_versions v5 = { HVIC_VERSION(3, 0), HVIC_VERSION(5, 0) };
	const uint8_t body[HVIC_VSS_SHORT_LEN] = { HVIC_VSS_GET_DM_INFO };
	uint8_t packet[128];
	int len = hvsim_message_build_request(packet, sizeof(packet), 99, HVIC_TYPE_VSS, &v5, body,
					      sizeof(body));

	return e2e_agree("vss", v5.framework, v5.message) && answers("vss", packet, len, 99);
}

static bool fcopy_alive(void)
{
	return e2e_agree("fcopy", HVIC_VERSION(3, 0), HVIC_VERSION(1, 1));
}

struct e2e_service e2e_services[] = {
	{
		.name		= "heartbeat",
		.device		= HVIC_INSTANCE_HEARTBEAT(HVIC_GUID_TEXT),
		.alive		= heartbeat_alive,
		.traffic	= "heartbeat-auto",
	}, {
		.name		= "shutdown",
		.device		= HVIC_INSTANCE_SHUTDOWN(HVIC_GUID_TEXT),
		.alive		= shutdown_alive,
	}, {
		.name		= "timesync",
		.device		= HVIC_INSTANCE_TIMESYNC(HVIC_GUID_TEXT),
		.alive		= timesync_alive,
		.traffic	= "time-auto",
		.handle		= "/dev/ptp[0-9]",
	}, {
		.name		= "kvp",
		.device		= HVIC_INSTANCE_KVP(HVIC_GUID_TEXT),
		.alive		= kvp_alive,
		.handle		= "/dev/" HVIC_DEVICE_KVP,
		.has_daemon	= true,
	}, {
		.name		= "vss",
		.device		= HVIC_INSTANCE_VSS(HVIC_GUID_TEXT),
		.alive		= vss_alive,
		.handle		= "/dev/" HVIC_DEVICE_VSS,
		.has_daemon	= true,
	}, {
		.name		= "fcopy",
		.device		= HVIC_INSTANCE_FCOPY(HVIC_GUID_TEXT),
		.alive		= fcopy_alive,
		.handle		= "/dev/" HVIC_DEVICE_FCOPY,
		.has_daemon	= true,
	},
	{ NULL }
};

/**
 * e2e_services_leave() - Leave out the services that need their daemon.
 *
 * The in-tree module agrees on no versions before it is there.
 */
void e2e_services_leave(void)
{
	struct e2e_service *service;

	/* they come last */
	for (service = e2e_services; service->name; service++)
		if (service->has_daemon) {
			service->name = NULL;
			return;
		}
}

static const struct e2e_service *find_service(const char *name)
{
	const struct e2e_service *service;

	for (service = e2e_services; service->name; service++)
		if (!strcmp(service->name, name))
			return service;
	e2e_abort("no service %s", name);
}

/**
 * e2e_device() - Where a service is in the guest's sysfs.
 * @service: its name
 *
 * Return: the directory of its VMBus device.
 */
const char *e2e_device(const char *service)
{
	static char path[128];

	snprintf(path, sizeof(path), "/sys/bus/vmbus/devices/%s", find_service(service)->device);
	return path;
}

/**
 * e2e_attribute() - What our module shows of a service.
 * @service: its name
 * @name: of the attribute
 *
 * Return: as e2e_guest().
 */
const char *e2e_attribute(const char *service, const char *name)
{
	return e2e_guest("cat %s/ic/%s", e2e_device(service), name);
}

/**
 * e2e_counter() - A number that our module shows of a service.
 * @service: its name
 * @name: of the attribute
 *
 * Return: the number; 0 of a module that shows none.
 */
long long e2e_counter(const char *service, const char *name)
{
	return strtoll(e2e_attribute(service, name), NULL, 0);
}

/**
 * e2e_host_counter() - A number that the host counts of a service's channel.
 * @service: its name
 * @name: of the counter, as "status" gives it
 *
 * Return: the number, or -1 when there is none.
 */
long long e2e_host_counter(const char *service, const char *name)
{
	struct json_object *ret = e2e_call("status", "{}");
	char key[96];
	long long n;

	snprintf(key, sizeof(key), "services.%s.counters.%s", service, name);
	n = e2e_number(ret, key);
	json_object_put(ret);
	return n;
}

/**
 * e2e_wait_state() - Wait for a service to be in a state, as the host sees it.
 * @service: its name
 * @state: the state
 * @timeout_ms: for how long
 *
 * Return: whether it got there.
 */
bool e2e_wait_state(const char *service, const char *state, int timeout_ms)
{
	struct json_object *ret, *found;
	char key[64];
	bool there;

	snprintf(key, sizeof(key), "services.%s.state", service);
	timeout_ms = e2e_patient_ms(timeout_ms);
	for (;;) {
		ret = e2e_call("status", "{}");
		found = e2e_get(ret, key);
		there = found && !strcmp(json_object_get_string(found), state);
		json_object_put(ret);
		if (there || timeout_ms <= 0)
			return there;
		e2e_sleep_ms(20);
		timeout_ms -= 20;
	}
}

static void send_by_itself(bool enabled)
{
	const struct e2e_service *service;

	for (service = e2e_services; service->name; service++)
		if (service->traffic)
			e2e_tell(service->traffic, "{\"enabled\":%s,\"interval-ms\":%d}",
				 enabled ? "true" : "false", TRAFFIC_MS);
	/* not again and again, but whenever it has begun anew */
	e2e_tell("kvp-auto", "{\"enabled\":%s}", enabled ? "true" : "false");
}

/**
 * e2e_traffic() - Let the host send to each service, again and again.
 */
void e2e_traffic(void)
{
	send_by_itself(true);
}

/**
 * e2e_quiet() - Let the host send nothing by itself.
 */
void e2e_quiet(void)
{
	send_by_itself(false);
}

/**
 * e2e_agree() - Agree on versions with a service.
 * @service: its name
 * @framework: an HVIC_VERSION()
 * @message: an HVIC_VERSION()
 *
 * Return: whether both were chosen.
 */
bool e2e_agree(const char *service, uint32_t framework, uint32_t message)
{
	struct json_object *ret;

	/* not by e2e_raw(): the host must know what it has agreed to */
	ret = e2e_call("negotiate", "{\"service\":\"%s\",\"framework\":[\"%u.%u\"],"
		       "\"message\":[\"%u.%u\"]}", service,
		       HVIC_VERSION_MAJOR(framework), HVIC_VERSION_MINOR(framework),
		       HVIC_VERSION_MAJOR(message), HVIC_VERSION_MINOR(message));
	json_object_put(ret);
	return ret;
}

/**
 * e2e_agree_all() - Agree with each service on what host and guest like best.
 */
void e2e_agree_all(void)
{
	const struct e2e_service *service;

	for (service = e2e_services; service->name; service++)
		e2e_tell("negotiate", "{\"service\":\"%s\"}", service->name);
}

/**
 * e2e_rebind() - Unbind a service from its driver and bind it again.
 * @service: its name
 *
 * Return: whether it was ready afterwards.
 */
bool e2e_rebind(const char *service)
{
	long long before = e2e_host_counter(service, "opened");
	int i;

	e2e_guest("cd /sys/bus/vmbus/drivers/hv_utils && d=$(basename %s) && "
		  "echo $d >unbind && echo $d >bind", e2e_device(service));
	if (e2e_guest_status())
		return false;
	for (i = 0; i < 50 && e2e_host_counter(service, "opened") <= before; i++)
		e2e_sleep_ms(100);
	return e2e_wait_state(service, "ready", 5000);
}

/**
 * e2e_unit_start() - Start a daemon in a guest with systemd, and see that it stays.
 * @unit: its unit
 * @service: the name of the service that it is behind
 * @timeout_ms: how long this may take
 *
 * It is asked for again while it is not there: of a device that went and came back,
 * systemd may hear only now, and stops what it has just been told to start.
 *
 * Return: whether it runs, and the service is ready.
 */
bool e2e_unit_start(const char *unit, const char *service, int timeout_ms)
{
	long long end = e2e_now_ns() + timeout_ms * 1000000LL;

	do {
		e2e_guest("udevadm settle; systemctl reset-failed %s; systemctl start %s; sleep 1; "
			  "systemctl is-active %s", unit, unit, unit);
		if (!e2e_guest_status() && e2e_wait_state(service, "ready", timeout_ms / 4))
			return true;
	} while (e2e_now_ns() < end);
	return false;
}

/**
 * e2e_alive() - Whether a service answers a good request.
 * @service: its name; the host must be quiet
 *
 * Return: whether it did, and with status 0.
 */
bool e2e_alive(const char *service)
{
	return find_service(service)->alive();
}

/**
 * e2e_check_services() - Test that each service answers and nobody complains.
 * @group: of tests
 * @when: for the tests' names: "after ..."
 *
 * The host is quiet from then on.
 */
void e2e_check_services(const char *group, const char *when)
{
	const struct e2e_service *service;

	e2e_quiet();
	for (service = e2e_services; service->name; service++)
		e2e_ok(e2e_wait_state(service->name, "ready", READY_MS) && service->alive(),
		       "%s: %s answers %s", group, service->name, when);
	e2e_is_str(e2e_anomaly(), "", "%s: the host has seen nothing odd %s", group, when);
	e2e_is_str(e2e_complaints(), "", "%s: the kernel has no complaint %s", group, when);
}
