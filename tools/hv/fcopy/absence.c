// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Why there is no device.
 *
 * Kernels from 6.10 on have no driver for it but uio_hv_generic, which knows nothing of
 * files; only with our module is there a /dev/vmbus/hv_fcopy.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fcopy/absence.h"
#include "hvd_file.h"

static bool is_fcopy(int devices, const char *name)
{
	char path[300], class_id[64];

	snprintf(path, sizeof(path), "%s/class_id", name);
	return hvd_file_read_at(devices, path, class_id, sizeof(class_id)) > 0 &&
	       !strncmp(class_id, FCOPY_CLASS, strlen(FCOPY_CLASS));
}

/* The driver that has a device, "" for none. */
static void driver_read(int devices, const char *name, char *driver, size_t room)
{
	char path[300], link[300];
	const char *slash;
	ssize_t len;

	snprintf(path, sizeof(path), "%s/driver", name);
	len = readlinkat(devices, path, link, sizeof(link) - 1);
	link[len < 0 ? 0 : len] = '\0';
	slash = strrchr(link, '/');
	snprintf(driver, room, "%s", slash ? slash + 1 : link);
}

static void device_tell(const char *driver, char *text, size_t room)
{
	if (!driver[0])
		snprintf(text, room, "no driver has it: the kernel's own hv_utils knows it no "
			 "more since Linux 6.10; install that of hyperv-ics, and modprobe it");
	else if (!strcmp(driver, "uio_hv_generic"))
		snprintf(text, room, "uio_hv_generic has it, as without hyperv-ics' hv_utils; "
			 "install that and boot, or use the kernel's hv_fcopy_uio_daemon");
	else
		snprintf(text, room, "the driver %s has it, but has made no device", driver);
}

/**
 * fcopy_absence_tell() - Say why there is no device.
 * @sysfs: FCOPY_SYSFS, but for tests
 * @text: the reason, and what to do, as a part of a sentence
 * @room: bytes at @text
 *
 * Return: 0; -ENXIO when the host does not offer the service, so that waiting for it is
 * right; -ENODEV when it does.
 */
int fcopy_absence_tell(const char *sysfs, char *text, size_t room)
{
	DIR *devices = opendir(sysfs);
	struct dirent *entry;
	char driver[300] = "";
	bool found = false;

	if (!devices) {
		snprintf(text, room, "this is no guest of Hyper-V");
		return -ENXIO;
	}
	while (!found && (entry = readdir(devices)))
		if (entry->d_name[0] != '.' && is_fcopy(dirfd(devices), entry->d_name)) {
			driver_read(dirfd(devices), entry->d_name, driver, sizeof(driver));
			found = true;
		}
	closedir(devices);
	if (found)
		device_tell(driver, text, room);
	else
		snprintf(text, room, "the host does not offer it; there: "
			 "Enable-VMIntegrationService 'Guest Service Interface'");
	return found ? -ENODEV : -ENXIO;
}
