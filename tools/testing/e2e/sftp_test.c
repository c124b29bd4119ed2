// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files in both directions over a Hyper-V socket: sftp on this side, sshd in a Debian
 * that systemd starts for each connection, by our units where it has none of its own.
 */
#include "e2e.h"

#define WORK	"$HVSIM_OUTPUT/sftp"
/* No network is anywhere on the way; the guest is another one each time. */
#define SSH	"-i " WORK "/key -o UserKnownHostsFile=" WORK "/known " \
		"-o StrictHostKeyChecking=accept-new -o BatchMode=yes " \
		"-o 'ProxyCommand=hvsim socket connect 22'"
#define FILE_MB	"4"

static bool active(const char *unit)
{
	e2e_guest("systemctl is-active %s", unit);
	return !e2e_guest_status();
}

/* From 256 on systemd does by itself. */
static bool listening(void)
{
	e2e_guest("mkdir -p /root/.ssh && chmod 700 /root/.ssh; systemctl daemon-reload; "
		  "systemctl start sshd-hyperv.socket");
	return active("sshd-vsock.socket") || active("sshd-hyperv.socket");
}

/* Over what an administrator has before he has ssh. */
static bool key_give(void)
{
	return !e2e_host("rm -rf " WORK " && mkdir " WORK " && "
			 "ssh-keygen -q -t ed25519 -N '' -f " WORK "/key && "
			 "hvsim guest \"echo '$(cat " WORK "/key.pub)' "
			 ">/root/.ssh/authorized_keys\"");
}

static void run(void)
{
	if (!e2e_ok(listening(), "sftp: systemd listens to a Hyper-V socket") ||
	    !e2e_ok(key_give(), "sftp: who may come has a key"))
		return;
	e2e_is_int(e2e_host("head -c " FILE_MB "000000 /dev/urandom >" WORK "/file && "
			    "echo \"put " WORK "/file /tmp/file\" >" WORK "/batch && "
			    "echo \"get /tmp/file " WORK "/back\" >>" WORK "/batch && "
			    "timeout 300 sftp " SSH " -b " WORK "/batch root@guest >&2"), 0,
		   "sftp: a file of " FILE_MB " MB goes to the guest, and comes back");
	e2e_is_int(e2e_host("cmp " WORK "/file " WORK "/back >&2"), 0, "sftp: and is what it was");
	e2e_is_str(e2e_guest("stat -c %%s /tmp/file"), FILE_MB "000000", "sftp: the guest has it");
	e2e_guest("mkdir -p /tmp/logs && cp /etc/os-release /tmp/logs/");
	e2e_is_int(e2e_host("timeout 300 scp -q -r " SSH " root@guest:/tmp/logs " WORK
			    "/logs >&2 && "
			    "grep -q ^ID= " WORK "/logs/os-release"), 0,
		   "sftp: a directory of the guest's is copied, too");
	e2e_guest("rm /root/.ssh/authorized_keys");
	e2e_is_int(e2e_host("timeout 300 sftp " SSH " -b " WORK "/batch root@guest >&2"), 255,
		   "sftp: nobody comes without a key");
	e2e_is_str(e2e_complaints(), "", "sftp: the kernel has no complaint");
}

const struct e2e_group e2e_sftp = { "sftp", run };
