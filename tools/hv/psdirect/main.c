// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hv_psdirect_daemon: PowerShell Direct into a Linux guest.
 *
 * A main process on an event loop, one process for each connection, one for each login; see
 * hv_psdirect_daemon(8).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hvd_log.h"
#include "hvd_program.h"
#include "psdirect/role.h"
#include "psdirect/service.h"

struct daemon {
	struct psdirect_setting setting;
	struct psdirect_service *service;
	const char *test_sockets;	/* or NULL */
};

/* Without a file of its own, a service gets what "other" allows: on some systems, all. */
static int pam_service_check(const char *name)
{
	static const char *const directories[] = { "/etc/pam.d", "/usr/lib/pam.d",
						   "/usr/share/pam.d" };
	char path[256];
	size_t i;

	for (i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", directories[i], name);
		if (!access(path, R_OK))
			return 0;
	}
	hvd_error("there is no PAM service '%s': install /etc/pam.d/%s, or set 'pam_service' in "
		  "[psdirect] of " HVD_CONFIG_PATH, name, name);
	return -ENOENT;
}

static int configure(void *data, const char *path, bool needed)
{
	struct daemon *daemon = data;
	int err;

	psdirect_setting_start(&daemon->setting);
	err = psdirect_setting_read(&daemon->setting, path, needed);
	return err ?: pam_service_check(daemon->setting.pam_service);
}

static int test_sockets_take(void *data, const char *argument)
{
	((struct daemon *)data)->test_sockets = argument;
	return 0;
}

static int start(void *data, sd_event *event)
{
	struct daemon *daemon = data;

	return psdirect_service_new(&daemon->service, event, &daemon->setting,
				    daemon->test_sockets);
}

static void end(void *data)
{
	struct daemon *daemon = data;

	psdirect_service_free(daemon->service);
	psdirect_setting_end(&daemon->setting);
}

int main(int argc, char **argv)
{
	static struct daemon daemon;
	static const struct hvd_program_option test_sockets = {
		.name = "test-sockets", .take = test_sockets_take,
	};
	static const struct hvd_program program = {
		.name = "hv_psdirect_daemon",
		.purpose =
		"Lets the Hyper-V host log in to this guest with PowerShell Direct (Enter-PSSession\n"
		"-VMName). Goes to the background unless told otherwise.\n",
		.more =
		"For tests only: --test-sockets DIR listens on DIR/broker.sock and DIR/server.sock,\n"
		"Unix sockets, in the place of Hyper-V's, and takes whatever connects for the host.\n",
		.waiting = "Waiting for the host",
		.configure = configure,
		.start = start,
		.end = end,
		.option = &test_sockets,
		.data = &daemon,
	};
	int status;

	/* who logs in is kept where the log of ssh and sudo is */
	hvd_log_facility(LOG_AUTHPRIV);
	status = psdirect_role_main(argc, argv);
	return status >= 0 ? status : hvd_program_main(&program, argc, argv);
}
