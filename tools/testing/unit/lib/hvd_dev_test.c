// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A daemon's end of a device: what is here plays the module, by a Unix socket that
 * keeps messages apart.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tap.h"
#include "hvd_dev.h"
#include "hvd_file.h"

static char directory[64], node[96];
static sd_event *event;
static struct hvd_dev *dev;
static int listener = -1, module = -1;

static char asked[64];
static uint64_t asked_serial;
static int messages, message_result;
static int closes;

static int on_message(void *data, const void *message, size_t len, uint64_t serial)
{
	(void)data;
	snprintf(asked, sizeof(asked), "%.*s", (int)len, (const char *)message);
	asked_serial = serial;
	messages++;
	return message_result;
}

static void on_gone(void *data)
{
	(void)data;
	closes++;
}

/* Turns the loop until there is nothing to do. */
static void settle(void)
{
	while (sd_event_run(event, 50000) > 0)
		;
}

static void module_load(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", node);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0)
		tap_diag("cannot bind %s: %s", node, strerror(errno));
	/* the node is there before it can be opened: what follows makes it so at once */
	listen(listener, 4);
	chmod(node, 0600);
}

static void module_unload(void)
{
	close(listener);
	close(module);
	unlink(node);
	module = -1;
}

/* Takes the daemon's open and what it registers with. */
static const char *module_accept(void)
{
	static char text[64];
	ssize_t len;

	close(module);
	module = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	len = recv(module, text, sizeof(text) - 1, 0);
	text[len < 0 ? 0 : len] = '\0';
	return text;
}

static void module_ask(const char *text)
{
	if (send(module, text, strlen(text), MSG_NOSIGNAL) < 0)
		tap_diag("cannot ask: %s", strerror(errno));
	settle();
}

static const char *module_hear(void)
{
	static char text[64];
	ssize_t len = recv(module, text, sizeof(text) - 1, 0);

	text[len < 0 ? 0 : len] = '\0';
	return len < 0 ? NULL : text;
}

static int dev_make(unsigned int reply_ms)
{
	const struct hvd_dev_setup setup = {
		.path = node,
		.registration = "register",
		.registration_len = 8,
		.message_max = 16,
		.reply_ms = reply_ms,
		.on_message = on_message,
		.on_gone = on_gone,
	};

	return hvd_dev_new(&dev, event, &setup);
}

static void test_wait(void)
{
	char above[80];

	tap_is_int(dev_make(10000), 0, "a device that is not there, nor its directory");
	settle();
	snprintf(above, sizeof(above), "%s/vmbus", directory);
	mkdir(above, 0755);
	settle();
	module_load();
	settle();
	tap_is_str(module_accept(), "register", "is opened when it comes");
	module_ask("ready");
	tap_is_str(asked, "ready", "what the module says is heard");
	tap_is_int(hvd_dev_reply(dev, asked_serial, "yes", 3), 0, "and replied to");
	tap_is_str(module_hear(), "yes", "with what was said");
	hvd_dev_reply(dev, asked_serial, "yes", 3);
	tap_is_str(module_hear(), NULL, "but only once");
}

static void test_open(void)
{
	tap_ok(fcntl(hvd_dev_fd(dev), F_GETFD) >= 0, "what it is open as can be asked for");
	tap_is_int(hvd_dev_fd(NULL), -1, "no device is not open");
}

static void test_return(void)
{
	uint64_t before;
	int i;

	for (i = 0; i < 20; i++) {
		module_ask("something");
		before = asked_serial;
		module_unload();
		settle();
		/* the directory goes with the last device in it */
		if (i % 2) {
			char above[80];

			snprintf(above, sizeof(above), "%s/vmbus", directory);
			rmdir(above);
			settle();
			mkdir(above, 0755);
			settle();
		}
		module_load();
		settle();
		if (strcmp(module_accept(), "register"))
			break;
		hvd_dev_reply(dev, before, "late", 4);
		if (module_hear())
			break;
	}
	tap_is_int(i, 20, "a device that goes and comes, 20 times, with a reply that is late");
	tap_is_int(closes, 20, "its daemon is told each time that it went");
	module_ask("after");
	tap_is_str(asked, "after", "then it is as before");
}

static void test_late(void)
{
	hvd_dev_free(dev);
	tap_is_int(dev_make(1), 0, "a module that waits for 1 ms");
	module_accept();
	module_ask("quick");
	usleep(5000);	/* the time that is to be over */
	tap_is_int(hvd_dev_reply(dev, asked_serial, "late", 4), 0, "a reply that is late");
	settle();
	tap_is_str(module_hear(), "", "is not written: the device is closed");
	tap_is_str(module_accept(), "register", "and opened anew");
}

static void test_newer(void)
{
	uint64_t first;

	hvd_dev_free(dev);
	tap_is_int(dev_make(10000), 0, "a module that asks anew without waiting");
	module_accept();
	module_ask("one");
	first = asked_serial;
	module_ask("two");
	hvd_dev_reply(dev, first, "1", 1);
	tap_is_str(module_hear(), NULL, "the first is not replied to");
	hvd_dev_reply(dev, asked_serial, "2", 1);
	tap_is_str(module_hear(), "2", "the second is");
}

static void sysfs_write(const char *file, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/vmbus/devices/kvp/%s", directory, file);
	tap_is_int(hvd_file_replace(path, text, strlen(text), 0644), 0, "%s is %.1s", file, text);
}

/* A module that makes its device before it opens the channel, as the in-tree one. */
static void test_channel(void)
{
	char path[128], sysfs[96];
	struct hvd_dev_setup setup = {
		.path = node, .registration = "register", .registration_len = 8,
		.class_id = "{class}", .sysfs = sysfs,
		.message_max = 16, .reply_ms = 10000, .on_message = on_message,
	};

	hvd_dev_free(dev);
	snprintf(sysfs, sizeof(sysfs), "%s/vmbus/devices", directory);
	mkdir(sysfs, 0755);
	snprintf(path, sizeof(path), "%s/kvp", sysfs);
	mkdir(path, 0755);
	sysfs_write("class_id", "{class}\n");
	sysfs_write("state", "1\n");
	tap_is_int(hvd_dev_new(&dev, event, &setup), 0, "a device whose channel is not open");
	settle();
	tap_ok(fcntl(listener, F_SETFL, O_NONBLOCK) == 0 && accept(listener, NULL, NULL) < 0,
	       "is not opened");
	fcntl(listener, F_SETFL, 0);
	sysfs_write("state", "3\n");
	/* instead of the event that says so, which only a kernel can send */
	chmod(node, 0600);
	settle();
	tap_is_str(module_accept(), "register", "until it is");
}

static void test_errors(void)
{
	int code;

	message_result = -EPROTO;
	module_ask("nonsense");
	tap_is_int(sd_event_get_exit_code(event, &code) < 0 ? 0 : code, -EPROTO,
		   "what a daemon cannot bear ends the loop");
	hvd_dev_free(dev);
	dev = NULL;
	module_unload();
	/* a loop that has ended takes nothing new */
	sd_event_unref(event);
	if (sd_event_new(&event) < 0)
		abort();
	snprintf(node, sizeof(node), "%s/vmbus/dir", directory);
	mkdir(node, 0755);
	tap_is_int(dev_make(1), -EISDIR, "what is no device is an error at once");
}

int main(void)
{
	char command[96];

	strcpy(directory, "/tmp/hvd_dev_test.XXXXXX");
	if (!mkdtemp(directory) || sd_event_new(&event) < 0)
		return 1;
	snprintf(node, sizeof(node), "%s/vmbus/node", directory);
	test_wait();
	test_open();
	test_return();
	test_late();
	test_newer();
	test_channel();
	test_errors();
	sd_event_unref(event);
	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command) ? 1 : tap_done();
}
