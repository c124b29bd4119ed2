// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A daemon's end of a character device.
 *
 * Replies carry nothing that says what they answer: one that comes after its
 * time may be taken for the answer to the next request.  So each message has a
 * serial here, a reply to anything but the last is dropped, and one that is too
 * late is not written; instead the device is opened anew.
 *
 * The in-tree module makes its device before it opens the channel, and 6.1's
 * dereferences NULL when somebody registers in between (CVE-2024-55916).  With inotify
 * we would be that fast.  So the channel's state is looked at before; the event
 * that is sent when the driver is bound says when to look again.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "hvd_dev.h"
#include "hvd_file.h"
#include "hvd_log.h"

#define PATH_LEN	256
#define SYSFS		"/sys/bus/vmbus/devices"
#define CHANNEL_OPEN	"3"
#define WATCHED		(IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_ONLYDIR)

struct hvd_dev {
	struct hvd_dev_setup setup;
	sd_event *event;
	sd_event_source *io;		/* while open */
	sd_event_source *watch[2];	/* while not: the directory, or the one above */
	sd_event_source *uevents;	/* while not */
	int fd;				/* -1 while not open */
	uint64_t serial;		/* of the last message */
	uint64_t read_at;		/* when it was read, in ms */
	char directory[PATH_LEN];
	unsigned char message[];
};

static int dev_start(struct hvd_dev *dev);

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* The loop's code is what the daemon exits with, by way of sd_event_loop(). */
static int loop_end(struct hvd_dev *dev, int err)
{
	sd_event_exit(dev->event, err);
	return err;
}

static int socket_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

static int node_open(const char *path)
{
	struct stat status;
	int fd;

	if (!stat(path, &status) && S_ISSOCK(status.st_mode))
		return socket_connect(path);
	/* modules that ignore O_NONBLOCK are asked only when they have said POLLIN */
	fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

static void dev_close(struct hvd_dev *dev)
{
	dev->io = sd_event_source_disable_unref(dev->io);
	if (dev->fd >= 0)
		close(dev->fd);
	dev->fd = -1;
	dev->serial++;		/* what was asked before is not to be answered */
}

static int dev_reopen(struct hvd_dev *dev)
{
	if (dev->fd >= 0 && dev->setup.on_gone)
		dev->setup.on_gone(dev->setup.data);
	dev_close(dev);
	return dev_start(dev);
}

static int message_take(struct hvd_dev *dev)
{
	ssize_t len = read(dev->fd, dev->message, dev->setup.message_max);
	int err = errno;

	if (len > 0) {
		dev->read_at = now_ms();
		return dev->setup.on_message(dev->setup.data, dev->message, (size_t)len,
					     ++dev->serial);
	}
	if (len < 0 && (err == EAGAIN || err == EINTR))
		return 0;
	/* a device that goes says EBADF (in-tree) or ENODEV, a test's socket ends */
	if (len < 0 && err != EBADF && err != ENODEV && err != ECONNRESET)
		hvd_warning("reading %s: %s; opening it anew", dev->setup.path, strerror(err));
	return dev_reopen(dev);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct hvd_dev *dev = data;
	int err;

	(void)source;
	(void)fd;
	if (events & EPOLLPRI && dev->setup.on_urgent)
		dev->setup.on_urgent(dev->setup.data);
	if (events & EPOLLIN) {
		err = message_take(dev);
	} else if (events & (EPOLLHUP | EPOLLERR)) {
		hvd_info("%s is gone; waiting for it to come back", dev->setup.path);
		err = dev_reopen(dev);
	} else {
		err = 0;
	}
	return err < 0 ? loop_end(dev, err) : 0;
}

static int on_watch(sd_event_source *source, const struct inotify_event *event, void *data)
{
	struct hvd_dev *dev = data;
	int err = dev_start(dev);

	(void)source;
	(void)event;
	return err < 0 ? loop_end(dev, err) : 0;
}

static void watch_end(struct hvd_dev *dev)
{
	dev->watch[0] = sd_event_source_disable_unref(dev->watch[0]);
	dev->watch[1] = sd_event_source_disable_unref(dev->watch[1]);
}

static void wait_end(struct hvd_dev *dev)
{
	watch_end(dev);
	dev->uevents = sd_event_source_disable_unref(dev->uevents);
}

/* The directory may be missing, too: it is made for the first device in it. */
static int watch_begin(struct hvd_dev *dev)
{
	char above[PATH_LEN + 4];
	int err;

	watch_end(dev);
	snprintf(above, sizeof(above), "%s/..", dev->directory);
	err = sd_event_add_inotify(dev->event, &dev->watch[0], dev->directory, WATCHED, on_watch,
				   dev);
	if (err == -ENOENT || err == -ENOTDIR) {
		*strrchr(above, '/') = '\0';
		*strrchr(above, '/') = '\0';
		err = sd_event_add_inotify(dev->event, &dev->watch[1], above[0] ? above : "/",
					   WATCHED, on_watch, dev);
	}
	if (err < 0)
		hvd_error("cannot wait for %s: %s", dev->setup.path, strerror(-err));
	return err < 0 ? err : 0;
}

/* The first line of a file of a device of VMBus. */
static bool line_is(int dir, const char *device, const char *file, const char *wanted)
{
	char path[PATH_LEN], line[64];

	snprintf(path, sizeof(path), "%s/%s", device, file);
	if (hvd_file_read_at(dir, path, line, sizeof(line)) < 0)
		return false;
	line[strcspn(line, "\n")] = '\0';
	return !strcmp(line, wanted);
}

/* Whether it may be opened: also where VMBus knows no such service, and says nothing. */
static bool channel_is_open(const struct hvd_dev_setup *setup)
{
	DIR *devices = setup->class_id ? opendir(setup->sysfs ? setup->sysfs : SYSFS) : NULL;
	struct dirent *entry;
	bool open = true;

	while (devices && (entry = readdir(devices)))
		if (entry->d_name[0] != '.' &&
		    line_is(dirfd(devices), entry->d_name, "class_id", setup->class_id))
			open &= line_is(dirfd(devices), entry->d_name, "state", CHANNEL_OPEN);
	if (devices)
		closedir(devices);
	return open;
}

static int on_uevent(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct hvd_dev *dev = data;
	char event[4096];
	int err;

	(void)source;
	(void)events;
	/* which one it is does not matter: it is looked at what there is now */
	while (recv(fd, event, sizeof(event), MSG_DONTWAIT) > 0)
		;
	err = dev_start(dev);
	return err < 0 ? loop_end(dev, err) : 0;
}

/* Without it, in a container say, there is inotify. */
static void uevents_begin(struct hvd_dev *dev)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int fd;

	if (!dev->setup.class_id || dev->uevents)
		return;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	if (fd < 0)
		return;
	if (bind(fd, (struct sockaddr *)&kernel, sizeof(kernel)) < 0 ||
	    sd_event_add_io(dev->event, &dev->uevents, fd, EPOLLIN, on_uevent, dev) < 0) {
		close(fd);
		return;
	}
	sd_event_source_set_io_fd_own(dev->uevents, true);
}

static int dev_register(struct hvd_dev *dev)
{
	ssize_t put = write(dev->fd, dev->setup.registration, dev->setup.registration_len);
	int err = put < 0 ? -errno : (size_t)put != dev->setup.registration_len ? -EIO : 0;

	/* gone again: the node's directory tells when it is back */
	if (err == -EBADF || err == -ENODEV)
		return -ENOENT;
	if (err < 0)
		hvd_error("%s refuses the registration: %s", dev->setup.path, strerror(-err));
	return err;
}

/* -ENOENT, without a word, when the device is not there. */
static int dev_open(struct hvd_dev *dev)
{
	int err;

	if (!channel_is_open(&dev->setup)) {
		hvd_debug("the channel of %s is not open yet", dev->setup.path);
		return -ENOENT;
	}
	dev->fd = node_open(dev->setup.path);
	err = dev->fd < 0 ? dev->fd : dev_register(dev);
	if (err == -ENXIO || err == -ENODEV || err == -ECONNREFUSED || err == -EBADF)
		err = -ENOENT;
	if (dev->fd < 0 && err == -EBUSY)
		hvd_error("another process has %s open; find it with: fuser -v %s",
			  dev->setup.path, dev->setup.path);
	else if (dev->fd < 0 && err != -ENOENT)
		hvd_error("cannot open %s: %s", dev->setup.path, strerror(-err));
	if (!err)
		err = sd_event_add_io(dev->event, &dev->io, dev->fd,
				      EPOLLIN | (dev->setup.on_urgent ? EPOLLPRI : 0), on_io, dev);
	if (err < 0) {
		dev_close(dev);
		return err;
	}
	hvd_debug("%s is open", dev->setup.path);
	return 0;
}

/* The watch comes first: a device that appears in between is seen by one of both. */
static int dev_start(struct hvd_dev *dev)
{
	int err = watch_begin(dev);

	if (err < 0)
		return err;
	uevents_begin(dev);
	err = dev_open(dev);
	if (err == -ENOENT)
		return 0;
	wait_end(dev);
	return err;
}

/**
 * hvd_dev_new() - Open a device, or wait for it.
 * @ret: the device
 * @event: the loop that all happens on
 * @setup: copied; what it points to must stay
 *
 * Return: 0, also when there is no device yet; -EBUSY when another process has it;
 * -ENOMEM; -ENAMETOOLONG; a negative errno of opening it and of the registration, which
 * has been logged.
 */
int hvd_dev_new(struct hvd_dev **ret, sd_event *event, const struct hvd_dev_setup *setup)
{
	const char *slash = strrchr(setup->path, '/');
	struct hvd_dev *dev;
	int err;

	if (!slash || (size_t)(slash - setup->path) >= PATH_LEN)
		return -ENAMETOOLONG;
	dev = calloc(1, sizeof(*dev) + setup->message_max);
	if (!dev)
		return -ENOMEM;
	dev->setup = *setup;
	dev->event = sd_event_ref(event);
	dev->fd = -1;
	memcpy(dev->directory, setup->path, (size_t)(slash - setup->path));
	err = dev_start(dev);
	if (err < 0) {
		hvd_dev_free(dev);
		return err;
	}
	if (dev->fd < 0)
		hvd_info("%s is not there: waiting for the host to offer the service",
			 setup->path);
	*ret = dev;
	return 0;
}

/**
 * hvd_dev_free() - Close a device.
 * @dev: may be %NULL
 */
void hvd_dev_free(struct hvd_dev *dev)
{
	if (!dev)
		return;
	wait_end(dev);
	dev_close(dev);
	sd_event_unref(dev->event);
	free(dev);
}

/**
 * hvd_dev_fd() - What a device is open as.
 * @dev: the device; may be %NULL
 *
 * Return: its descriptor, for calls that are the device's own; -1 while it is not open.
 */
int hvd_dev_fd(const struct hvd_dev *dev)
{
	return dev ? dev->fd : -1;
}

/**
 * hvd_dev_patience() - Say how long the module waits for the reply to the last message.
 * @dev: the device
 * @reply_ms: as of struct hvd_dev_setup; for this message and those that follow
 */
void hvd_dev_patience(struct hvd_dev *dev, unsigned int reply_ms)
{
	dev->setup.reply_ms = reply_ms;
}

/**
 * hvd_dev_reply() - Reply to a message.
 * @dev: the device
 * @serial: of the message
 * @reply: the reply
 * @len: bytes of it
 *
 * Return: 0, also where nobody waits for it any more, which has been logged; a negative
 * errno of opening the device anew.
 */
int hvd_dev_reply(struct hvd_dev *dev, uint64_t serial, const void *reply, size_t len)
{
	uint64_t took = now_ms() - dev->read_at;
	ssize_t put;

	if (serial != dev->serial || dev->fd < 0) {
		hvd_warning("dropped a reply that nobody waits for any more");
		return 0;
	}
	if (took >= dev->setup.reply_ms) {
		hvd_warning("dropped a reply that is late: it took %llu ms",
			    (unsigned long long)took);
		return dev_reopen(dev);
	}
	put = write(dev->fd, reply, len);
	dev->serial++;
	if (put == (ssize_t)len)
		return 0;
	/* asked before it was hibernated, or its time ran out by another clock */
	hvd_warning("%s does not take a reply: %s; opening it anew", dev->setup.path,
		    put < 0 ? strerror(errno) : "it is too long");
	return dev_reopen(dev);
}
