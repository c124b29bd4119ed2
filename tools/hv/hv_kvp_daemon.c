// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hv_kvp_daemon: the guest's side of Hyper-V's data exchange.
 *
 * One process and one thread on an event loop; see hv_kvp_daemon(8).
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "hvd_config.h"
#include "hvd_dev.h"
#include "hvd_log.h"
#include "hvd_memory.h"
#include "hvd_text.h"
#include "kvp_backend.h"
#include "kvp_message.h"
#include "kvp_nic.h"

#define NAME	"hv_kvp_daemon"
#define DEVICE	"/dev/vmbus/hv_kvp"
#define CLASS	"{a9a0f4e7-5a45-4d96-b827-8a841e8c03e6}"

/* The module gives up after 30 s. */
#define REPLY_MS	29000

struct settings {
	bool foreground;
	bool debug;
	char *config;
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

	if (end == value || *end || seconds < 1 || seconds > 20)
		return -EINVAL;
	*(unsigned int *)to = (unsigned int)seconds;
	return 0;
}

static int backend_take(const char *value, void *to)
{
	return kvp_backend_exists(value) ? hvd_config_take_text(value, to) : -EINVAL;
}

static int settings_read(struct settings *settings)
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

	return hvd_config_read(settings->config, strcmp(settings->config, HVD_CONFIG_PATH) != 0,
			       table);
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
		.class_id = CLASS,
		.registration = &registration,
		.registration_len = sizeof(registration),
		.message_max = sizeof(daemon->message),
		.reply_ms = REPLY_MS,
		.on_message = on_message,
		.data = daemon,
	};

	return hvd_dev_new(&daemon->dev, daemon->event, &setup);
}

static int signals_take(sd_event *event)
{
	static const int ends[] = { SIGTERM, SIGINT };
	size_t i;
	int err = 0;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]) && err >= 0; i++) {
		sigset_t set;

		sigemptyset(&set);
		sigaddset(&set, ends[i]);
		sigprocmask(SIG_BLOCK, &set, NULL);
		err = sd_event_add_signal(event, NULL, ends[i], NULL, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
	return err < 0 ? err : 0;
}

static int daemon_run(struct daemon *daemon)
{
	int err = sd_event_new(&daemon->event);

	if (!err)
		err = signals_take(daemon->event);
	if (!err)
		err = exchange_start(daemon);
	if (!err) {
		net_start(daemon);
		err = device_start(daemon);
	}
	if (err < 0)
		return err;
	hvd_memory_trim();
	sd_notify(0, "READY=1\nSTATUS=Answering the host");
	err = sd_event_loop(daemon->event);
	sd_notify(0, "STOPPING=1");
	return err;
}

static void daemon_free(struct daemon *daemon)
{
	struct settings *settings = &daemon->settings;

	/* the network may still be about to tell that an adapter is set */
	kvp_net_free(daemon->net);
	hvd_dev_free(daemon->dev);
	kvp_exchange_end(&daemon->exchange);
	sd_event_unref(daemon->event);
	free(settings->config);
	free(settings->device);
	free(settings->directory);
	free(settings->backend);
	free(settings->exclude);
	free(settings->nic_map);
}

static void usage(FILE *to)
{
	fprintf(to, "usage: " NAME " [OPTION]...\n"
		"\n"
		"Answers a Hyper-V host that reads and writes keys and values of this guest, its\n"
		"addresses among them. Goes to the background unless told otherwise.\n"
		"\n"
		"  -n, --no-daemon, --foreground  stay in the foreground\n"
		"  -d, --debug                    log each message\n"
		"  -c, --config FILE              settings; default is " HVD_CONFIG_PATH "\n"
		"  -h, --help                     show this\n"
		"\n"
		"Exit status: 0 when it was told to end, 1 for a failure, 2 for a mistake on the\n"
		"command line. See hv_kvp_daemon(8) and hyperv-ics.conf(5).\n");
}

/* Exit status; -1 to go on. */
static int options_take(struct settings *settings, int argc, char **argv)
{
	static const struct option options[] = {
		{ "no-daemon", no_argument, NULL, 'n' },
		{ "foreground", no_argument, NULL, 'n' },
		{ "debug", no_argument, NULL, 'd' },
		{ "debug-enabled", no_argument, NULL, 'd' },	/* as in-tree */
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	int option;

	while ((option = getopt_long(argc, argv, "ndc:h", options, NULL)) != -1) {
		switch (option) {
		case 'n':
			settings->foreground = true;
			break;
		case 'd':
			settings->debug = true;
			break;
		case 'c':
			if (hvd_config_take_text(optarg, &settings->config) < 0)
				return EXIT_FAILURE;
			break;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		default:
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, NAME ": takes no argument '%s' (--help explains)\n", argv[optind]);
		return 2;
	}
	return -1;
}

static int defaults_set(struct settings *settings)
{
	settings->clear_on_clone = true;
	if (hvd_config_take_text(HVD_CONFIG_PATH, &settings->config) < 0 ||
	    hvd_config_take_text(DEVICE, &settings->device) < 0 ||
	    hvd_config_take_text(KVP_POOL_DIRECTORY, &settings->directory) < 0)
		return -ENOMEM;
	return 0;
}

int main(int argc, char **argv)
{
	static struct daemon daemon_state;
	struct settings *settings = &daemon_state.settings;
	int status;

	if (defaults_set(settings) < 0)
		return EXIT_FAILURE;
	status = options_take(settings, argc, argv);
	if (status >= 0)
		return status;
	hvd_log_open(NAME, true, settings->debug);
	/* mistakes are told while there is somebody to tell them to */
	if (settings_read(settings) < 0)
		return EXIT_FAILURE;
	if (!settings->foreground && daemon(0, 0) < 0) {
		hvd_error("cannot go to the background: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	hvd_log_open(NAME, settings->foreground, settings->debug);
	umask(022);	/* others read the pools */
	status = daemon_run(&daemon_state);
	if (status < 0)
		hvd_error("ends: %s", strerror(-status));
	daemon_free(&daemon_state);
	return status < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
