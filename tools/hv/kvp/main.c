// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hv_kvp_daemon: the guest's side of Hyper-V's data exchange.
 *
 * One process and one thread on an event loop; see hv_kvp_daemon(8).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <hv/hvic_limits.h>
#include <hv/hvic_service.h>

#include "hvd_config.h"
#include "hvd_dev.h"
#include "hvd_log.h"
#include "hvd_program.h"
#include "hvd_text.h"
#include "kvp/message.h"
#include "kvp/net/backend.h"
#include "kvp/net/nic.h"

#define DEVICE	"/dev/" HVIC_DEVICE_KVP

/* A second before the module gives up. */
#define REPLY_MS	(HVIC_LIMIT_KVP_SECS * 1000 - 1000)

struct settings {
	char *device;
	char *directory;
	char *backend;
	char *exclude;
	char *nic_map;
	unsigned int verify_seconds;	/* 0 for the usual */
	bool clear_on_clone;
};

struct daemon {
	struct settings settings;
	sd_event *event;
	struct hvd_dev *dev;
	struct kvp_net *net;
	struct kvp_exchange exchange;
	struct hvic_user_kvp message;	/* the last; becomes its answer */
	uint64_t set_serial;		/* of that which an adapter is being set for */
};

/* What a host asks for in vain again and again is not to fill the log. */
static bool is_warning(unsigned int operation, int err)
{
	return err && err != -ENODATA && (err != -ENODEV || operation == HVIC_KVP_SET_IP);
}

static void reply_log(unsigned int operation, const struct hvic_user_kvp *message, int err,
		      __u32 status)
{
	bool ip = operation == HVIC_KVP_GET_IP || operation == HVIC_KVP_SET_IP;
	int level = is_warning(operation, err) ? LOG_WARNING : LOG_DEBUG;
	char name[32], number[32], about[80] = "";
	const char *const fields[] = { name, number, NULL };

	if (!hvd_log_wanted(level))
		return;
	if (!ip)
		snprintf(about, sizeof(about), ", pool %u", message->pool);
	else if (message->ip.adapter[0])
		snprintf(about, sizeof(about), ", adapter %.64s",
			 (const char *)message->ip.adapter);
	snprintf(name, sizeof(name), "HV_KVP_OPERATION=%s", kvp_message_name(operation));
	snprintf(number, sizeof(number), "HV_KVP_STATUS=0x%08x", status);
	hvd_log_fields(level, fields, "%s%s: %s", kvp_message_name(operation), about,
		       err ? strerror(-err) : "done");
}

static int reply(struct daemon *daemon, struct hvic_user_kvp *message, uint64_t serial,
		 unsigned int operation, int err)
{
	__u32 status = kvp_message_status(operation, err);

	reply_log(operation, message, err, status);
	message->error = (__s32)status;
	return hvd_dev_reply(daemon->dev, serial, message, sizeof(*message));
}

/* Other messages may have come meanwhile, when the module did not wait for this one. */
static void on_set_done(int err, void *data)
{
	struct hvic_user_kvp message = { 0 };
	struct daemon *daemon = data;

	err = reply(daemon, &message, daemon->set_serial, HVIC_KVP_SET_IP, err);
	if (err < 0)
		sd_event_exit(daemon->event, err);
}

static void version_take(struct daemon *daemon)
{
	const __u8 *version = daemon->message.version;

	if (hvd_text_len(version, sizeof(daemon->message.version)) < 0 ||
	    hvd_text_copy(daemon->exchange.items.module_version,
			  sizeof(daemon->exchange.items.module_version), (const char *)version) < 0)
		hvd_warning("the module's version is no text");
	hvd_info("registered with the module, version %s",
		 daemon->exchange.items.module_version);
}

static int message_serve(struct daemon *daemon, uint64_t serial)
{
	unsigned int operation = daemon->message.operation;
	uint64_t before = daemon->set_serial;
	int err;

	/* it may be done before the call returns */
	if (operation == HVIC_KVP_SET_IP)
		daemon->set_serial = serial;
	err = kvp_message_handle(&daemon->exchange, &daemon->message);
	if (err == -EINPROGRESS)
		return 0;
	daemon->set_serial = before;
	return reply(daemon, &daemon->message, serial, operation, err);
}

static int on_message(void *data, const void *bytes, size_t len, uint64_t serial)
{
	struct daemon *daemon = data;

	if (len != sizeof(daemon->message)) {
		hvd_error("a message of %zu bytes, not %zu: is this the module's device?", len,
			  sizeof(daemon->message));
		return -EPROTO;
	}
	memcpy(&daemon->message, bytes, len);
	if (daemon->message.operation != HVIC_USER_KVP_REGISTER1)
		return message_serve(daemon, serial);
	version_take(daemon);
	return 0;
}

static int seconds_take(const char *value, void *to)
{
	char *end;
	long seconds = strtol(value, &end, 10);

	if (end == value || *end || seconds < 1 || seconds > KVP_NET_VERIFY_MOST)
		return -EINVAL;
	*(unsigned int *)to = (unsigned int)seconds;
	return 0;
}

static int backend_take(const char *value, void *to)
{
	return kvp_backend_exists(value) ? hvd_config_take_text(value, to) : -EINVAL;
}

static int settings_read(struct settings *settings, const char *path, bool needed)
{
	const struct hvd_setting table[] = {
		{ "kvp", "device", hvd_config_take_path, &settings->device, "an absolute path" },
		{ "kvp", "directory", hvd_config_take_path, &settings->directory,
		  "an absolute path" },
		{ "kvp", "clear_on_clone", hvd_config_take_bool, &settings->clear_on_clone,
		  "yes or no" },
		{ "network", "backend", backend_take, &settings->backend,
		  "auto, networkmanager, networkd, netplan, ifupdown, ifcfg or script" },
		{ "network", "exclude", hvd_config_take_text, &settings->exclude, "text" },
		{ "network", "nic_map", hvd_config_take_text, &settings->nic_map, "text" },
		{ "network", "verify_seconds", seconds_take, &settings->verify_seconds,
		  "a number from 1 to 20" },
		{ 0 }
	};

	return hvd_config_read(path, needed, table);
}

static void net_start(struct daemon *daemon)
{
	const struct settings *settings = &daemon->settings;
	const struct kvp_net_settings net = {
		.backend = settings->backend,
		.exclude = settings->exclude,
		.nic_map = settings->nic_map,
		.verify_seconds = settings->verify_seconds,
	};

	daemon->net = kvp_net_new(daemon->event, &net);
	if (!daemon->net)
		hvd_warning("cannot watch the network: %s: the host is told no addresses",
			    strerror(errno));
	daemon->exchange.items.net = daemon->net;
}

static int exchange_start(struct daemon *daemon)
{
	struct settings *settings = &daemon->settings;
	struct kvp_exchange *exchange = &daemon->exchange;

	/* where systemd has not made it: StateDirectory= */
	if (mkdir(settings->directory, 0755) < 0 && errno != EEXIST)
		hvd_warning("cannot make %s: %s", settings->directory, strerror(errno));
	exchange->clear_on_clone = settings->clear_on_clone;
	exchange->set_done = on_set_done;
	exchange->data = daemon;
	return kvp_exchange_start(exchange, settings->directory, KVP_IDENTITY_FIRMWARE);
}

static int device_start(struct daemon *daemon)
{
	static const struct hvic_user_kvp registration = { .operation = HVIC_USER_KVP_REGISTER1 };
	const struct hvd_dev_setup setup = {
		.path = daemon->settings.device,
		.class_id = HVIC_CLASS_KVP(HVIC_GUID_BRACED),
		.registration = &registration,
		.registration_len = sizeof(registration),
		.message_max = sizeof(daemon->message),
		.reply_ms = REPLY_MS,
		.on_message = on_message,
		.data = daemon,
	};

	return hvd_dev_new(&daemon->dev, daemon->event, &setup);
}

static int configure(void *data, const char *path, bool needed)
{
	struct daemon *daemon = data;
	struct settings *settings = &daemon->settings;

	settings->clear_on_clone = true;
	if (hvd_config_take_text(DEVICE, &settings->device) < 0 ||
	    hvd_config_take_text(KVP_POOL_DIRECTORY, &settings->directory) < 0)
		return -ENOMEM;
	return settings_read(settings, path, needed);
}

static int start(void *data, sd_event *event)
{
	struct daemon *daemon = data;
	int err;

	daemon->event = event;
	err = exchange_start(daemon);
	if (err)
		return err;
	net_start(daemon);
	return device_start(daemon);
}

static void end(void *data)
{
	struct daemon *daemon = data;
	struct settings *settings = &daemon->settings;

	/* the network may still be about to tell that an adapter is set */
	kvp_net_free(daemon->net);
	hvd_dev_free(daemon->dev);
	kvp_exchange_end(&daemon->exchange);
	free(settings->device);
	free(settings->directory);
	free(settings->backend);
	free(settings->exclude);
	free(settings->nic_map);
}

int main(int argc, char **argv)
{
	static struct daemon daemon;
	static const struct hvd_program program = {
		.name = "hv_kvp_daemon",
		.purpose =
		"Answers a Hyper-V host that reads and writes keys and values of this guest, its\n"
		"addresses among them. Goes to the background unless told otherwise.\n",
		.waiting = "Answering the host",
		.configure = configure,
		.start = start,
		.end = end,
		.data = &daemon,
	};

	return hvd_program_main(&program, argc, argv);
}
