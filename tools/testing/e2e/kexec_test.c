// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A second kernel, started by the first: it finds a VMBus that is in use, and
 * must begin anew.
 */
#include <string.h>

#include "e2e.h"

#define BOOT_ID	"cat /proc/sys/kernel/random/boot_id"

static void run(void)
{
	const struct e2e_service *service;
	const char *first, *said;

	e2e_quiet();
	/* the guest's files are still those of its initramfs */
	e2e_guest("cd / && find . -xdev ! -path './boot/*' ! -path './tmp/*' | "
		  "cpio -o -H newc >/tmp/initrd");
	if (e2e_guest_status())
		e2e_abort("the guest cannot make an initramfs");

	first = e2e_guest(BOOT_ID);
	e2e_traffic();
	e2e_mark_events();
	said = e2e_guest("hvsim_kexec /boot/vmlinuz /tmp/initrd");
	if (!e2e_is_int(e2e_guest_status(), -1, "kexec: the first kernel is gone"))
		e2e_abort("%s", said);
	e2e_ok(e2e_wait_event("channel-closed", 3000),
	       "kexec: it has given back its channels");
	if (!e2e_ok(e2e_wait_event("guest-ready", 60000), "kexec: a second kernel comes up"))
		e2e_abort("the guest is gone");
	e2e_ok(strcmp(e2e_guest(BOOT_ID), first), "kexec: which is not the first");
	for (service = e2e_services; service->name; service++)
		e2e_is_str(e2e_guest("basename $(readlink %s/driver)", e2e_device(service->name)),
			   "hv_utils", "kexec: it finds %s", service->name);
	e2e_check_services("kexec", "in the second kernel");
}

const struct e2e_group e2e_kexec = { "kexec", run };
