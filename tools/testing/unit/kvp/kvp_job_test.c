// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Settings carried out, in a network of the test's own and below a directory of its own,
 * where ifup, ifdown and hv_set_ifconfig are what each test wants them to be: applied and
 * seen, or put back, whatever they do.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hvd_file.h"
#include "hvd_log.h"
#include "kvp/net/link.h"
#include "kvp/net/net.h"
#include "kvp_namespace.h"
#include "tap.h"

#define GUID	"{f00f0000-0000-4000-8000-000000000001}"

static char root[64];
static sd_event *event;
static int answers, answer;

/* A command and its words, with blanks between; its exit status. */
static int run(const char *format, ...)
{
	static char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	char words[512], *argv[32];
	int count = 0, status;
	va_list args;
	pid_t pid;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	for (argv[0] = strtok(words, " "); argv[count];)
		argv[++count] = strtok(NULL, " ");
	if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environment))
		return -1;
	if (waitpid(pid, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void file_make(const char *path, const char *text, mode_t mode)
{
	char whole[512], *slash;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	for (slash = whole + strlen(root) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		mkdir(whole, 0755);
	}
	if (hvd_file_replace(whole, text, strlen(text), mode) || chmod(whole, mode))
		tap_ok(false, "the test's file %s is there", path);
}

static const char *file_text(const char *path)
{
	static char text[8192];
	char whole[512];

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	return hvd_file_read(whole, text, sizeof(text)) < 0 ? NULL : text;
}

/* Does what the file says, as far as it goes. */
static const char ifup[] =
	"#!/bin/sh\n"
	"file=${0%/sbin/ifup}/etc/network/interfaces\n"
	"sed -n 's/^\\taddress //p' $file | while read -r a; do\n"
	"case $a in *:*) n=nodad ;; *) n= ;; esac; ip addr add $a dev $1 $n; done\n"
	"sed -n 's/^\\tgateway //p' $file | while read -r g; do\n"
	"ip route add default via $g; done\n";
static const char ifdown[] =
	"#!/bin/sh\nfor last; do :; done\nip addr flush dev $last scope global\n";
static const char interfaces[] =
	"auto eth0\niface eth0 inet static\n\taddress 192.0.2.2/24\n\tgateway 192.0.2.1\n";

static void begin(void)
{
	file_make("/sbin/ifup", ifup, 0755);
	file_make("/sbin/ifdown", ifdown, 0755);
	file_make("/etc/network/interfaces", interfaces, 0640);
	run("%s/sbin/ifdown eth0", root);
	run("%s/sbin/ifup eth0", root);
}

/* The addresses that the link has, but for its own. */
static const char *addresses(void)
{
	static char text[512];
	const struct kvp_address *address;
	char one[KVP_ADDRESS_LEN];
	struct kvp_link link;

	text[0] = '\0';
	if (kvp_link_read(&link, (int)if_nametoindex("eth0")))
		return NULL;
	kvp_addresses_each(&link.addresses, AF_UNSPEC, address)
		if (!kvp_address_is_link_local(address))
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
				 *text ? " " : "", kvp_address_prefixed(address, one));
	return text;
}

static void on_done(int err, void *data)
{
	answer = err;
	answers++;
	sd_event_exit(data, 0);
}

static struct kvp_net *net_new(const char *backend, unsigned int seconds)
{
	const struct kvp_net_settings settings = {
		.root = root, .backend = backend, .nic_map = GUID "=eth0",
		.verify_seconds = seconds,
	};

	answers = 0;
	sd_event_new(&event);
	return kvp_net_new(event, &settings);
}

static void net_free(struct kvp_net *net)
{
	kvp_net_free(net);
	event = sd_event_unref(event);
}

static int net_set(struct kvp_net *net, const char *list, const char *subnets)
{
	/* no addresses at all means DHCP */
	struct hvic_user_kvp_ip ip = { .adapter = GUID, .dhcp = !*list };

	strcpy((char *)ip.addresses, list);
	strcpy((char *)ip.subnets, subnets);
	return kvp_nic_set(net, &ip, on_done, event);
}

/* A setting from beginning to end; how it ended. */
static int set(const char *backend, unsigned int seconds, const char *list, const char *subnets)
{
	struct kvp_net *net = net_new(backend, seconds);
	int err = net_set(net, list, subnets);

	if (!err) {
		sd_event_loop(event);
		err = answers == 1 ? answer : -EPROTO;
	}
	net_free(net);
	return err;
}

static void is_as_before(const char *name)
{
	tap_is_str(file_text("/etc/network/interfaces"), interfaces, "%s: the file is as before",
		   name);
	tap_is_str(addresses(), "192.0.2.2/24", "%s: the link has what it had", name);
}

static void test_applied(void)
{
	struct stat now;
	char path[256];

	begin();
	tap_is_int(set("auto", 5, "192.0.2.7;2001:db8::7", "24;64"), 0, "a setting");
	tap_is_str(addresses(), "192.0.2.7/24 2001:db8::7/64", "a setting: is on the link");
	tap_is_str(file_text("/etc/network/interfaces"),
		   "auto eth0\niface eth0 inet static\n\taddress 192.0.2.7/24\n"
		   "iface eth0 inet6 static\n\taddress 2001:db8::7/64\n\taccept_ra 0\n\tautoconf 0\n",
		   "a setting: is in the file");
	snprintf(path, sizeof(path), "%s/etc/network/interfaces", root);
	tap_ok(!stat(path, &now) && (now.st_mode & 0777) == 0640,
	       "a setting: the file's mode is kept");
}

static void test_put_back(void)
{
	begin();
	file_make("/sbin/ifup", "#!/bin/sh\nf=${0%/sbin/ifup}/etc/network/interfaces\n"
		  "grep -q 192.0.2.7 $f && exit 1\nip addr add 192.0.2.2/24 dev $1\n", 0755);
	tap_is_int(set("auto", 5, "192.0.2.7", "24"), -ECHILD, "ifup fails");
	is_as_before("ifup fails");

	begin();
	file_make("/sbin/ifup", "#!/bin/sh\nip addr add 192.0.2.2/24 dev $1\n", 0755);
	tap_is_int(set("auto", 1, "192.0.2.7", "24"), -ETIMEDOUT, "ifup does something else");
	is_as_before("ifup does something else");

	begin();
	file_make("/sbin/ifup", "#!/bin/sh\nf=${0%/sbin/ifup}/etc/network/interfaces\n"
		  "grep -q 192.0.2.7 $f && sleep 1000\nip addr add 192.0.2.2/24 dev $1\n", 0755);
	tap_is_int(set("auto", 1, "192.0.2.7", "24"), -ETIMEDOUT, "ifup hangs");
	is_as_before("ifup hangs");

	begin();
	tap_is_int(set("auto", 1, "", ""), -ETIMEDOUT, "no DHCP server answers");
	is_as_before("no DHCP server answers");

	begin();
	file_make("/sbin/ifdown", "#!/bin/sh\nexit 1\n", 0755);
	tap_is_int(set("auto", 1, "192.0.2.7", "24"), -ETIMEDOUT, "ifdown does nothing");
	tap_is_str(file_text("/etc/network/interfaces"), interfaces,
		   "ifdown does nothing: the file is as before");

	begin();
	file_make("/sbin/ifup", "#!/no/such/interpreter\n", 0755);
	tap_is_int(set("auto", 1, "192.0.2.7", "24"), -ENOENT, "ifup cannot be run");
	tap_is_str(file_text("/etc/network/interfaces"), interfaces,
		   "ifup cannot be run: the file is as before");
}

/* Told of a job that goes on. */
static void on_done_early(int err, void *data)
{
	(void)data;
	answer = err;
	answers++;
}

/* The host waits less long than ifdown takes to undo what ifup has not done. */
static void test_put_back_late(void)
{
	struct hvic_user_kvp_ip ip = {
		.adapter = GUID, .addresses = "192.0.2.7", .subnets = "24",
	};
	struct kvp_net *net;

	begin();
	file_make("/sbin/ifup", "#!/bin/sh\nf=${0%/sbin/ifup}/etc/network/interfaces\n"
		  "grep -q 192.0.2.7 $f && exit 1\nip addr add 192.0.2.2/24 dev $1\n", 0755);
	file_make("/sbin/ifdown", "#!/bin/sh\n[ $1 = --force ] && sleep 8\n"
		  "for last; do :; done\nip addr flush dev $last scope global\n", 0755);
	net = net_new("auto", 5);
	tap_is_int(kvp_nic_set(net, &ip, on_done_early, NULL), 0, "ifdown is slow");
	while (!answers && sd_event_run(event, UINT64_MAX) >= 0)
		;
	tap_is_int(answer, -ECHILD, "ifdown is slow: the host is told in time");
	tap_ok(net->job, "ifdown is slow: it is not cut short");
	tap_is_int(kvp_nic_set(net, &ip, on_done_early, NULL), -EBUSY,
		   "ifdown is slow: nothing is set then");
	while (net->job && sd_event_run(event, UINT64_MAX) >= 0)
		;
	tap_is_int(answers, 1, "ifdown is slow: the host is told once");
	is_as_before("ifdown is slow");
	net_free(net);
}

/* The kernel takes note of it a little later. */
static bool cable_pull(void)
{
	struct kvp_link link;
	int tries;

	run("ip link set eth0-far down");
	for (tries = 0; tries < 100; tries++) {
		if (kvp_link_read(&link, (int)if_nametoindex("eth0")))
			return false;
		if (!link.carrier)
			return true;
		usleep(50000);
	}
	return false;
}

/* How often an address of IPv6 is asked for, a second each, before it is there. */
static bool questions_set(const char *times)
{
	FILE *file = fopen("/proc/sys/net/ipv6/conf/eth0/dad_transmits", "w");
	bool put = file && fputs(times, file) >= 0;

	return file && !fclose(file) && put;
}

/* An address of IPv6 is not there before somebody could have objected to it. */
static void test_unconnected(void)
{
	begin();
	file_make("/sbin/ifup", "#!/bin/sh\nf=${0%/sbin/ifup}/etc/network/interfaces\n"
		  "sed -n 's/^\\taddress //p' $f | while read -r a; do ip addr add $a dev $1; done\n",
		  0755);
	tap_ok(cable_pull(), "a link that is not connected");
	/* the kernel asks nobody, on a link that was connected before, and takes silence for yes */
	tap_ok(questions_set("100"), "a link that is not connected: takes long to ask");
	tap_is_int(set("auto", 1, "2001:db8::7", "64"), 0, "a link that is not connected is set");
	tap_is_str(addresses(), "", "a link that is not connected: nothing is to be seen of it");
	questions_set("1");
	run("ip link set eth0-far up");
}

/* The kernel finds out that the address is another's only when it is there. */
static void test_conflict(void)
{
	begin();
	run("ip -6 addr add 2001:db8::99/64 dev eth0-far nodad");
	file_make("/sbin/ifup", "#!/bin/sh\nf=${0%/sbin/ifup}/etc/network/interfaces\n"
		  "sed -n 's/^\\taddress //p' $f | while read -r a; do ip addr add $a dev $1; done\n",
		  0755);
	tap_is_int(set("auto", 10, "192.0.2.7;2001:db8::99", "24;64"), -EADDRINUSE,
		   "another's address");
	is_as_before("another's address");
}

static void test_refused(void)
{
	struct kvp_net *net;

	begin();
	tap_is_int(set("auto", 1, "192.0.2.7;x", "24;24"), -EINVAL, "no address");
	is_as_before("no address");
	tap_is_int(set("ifcfg", 1, "192.0.2.7", "24"), -ENOENT, "a manager that is not there");
	is_as_before("a manager that is not there");
	run("rm %s/sbin/ifup", root);
	tap_is_int(set("auto", 1, "192.0.2.7", "24"), -EOPNOTSUPP, "no manager at all");
	is_as_before("no manager at all");

	begin();
	net = net_new("auto", 5);
	tap_is_int(net_set(net, "192.0.2.7", "24"), 0, "a setting that will be");
	tap_is_int(net_set(net, "192.0.2.8", "24"), -EBUSY, "another meanwhile is refused");
	tap_is_int(answers, 0, "nobody is told from within");
	sd_event_loop(event);
	tap_is_int(answers, 1, "the one is told once");
	tap_is_str(addresses(), "192.0.2.7/24", "and done");
	net_free(net);
}

static void test_ifcfg(void)
{
	static const char old[] =
		"TYPE=Ethernet\nMTU=1400\nIPADDR=192.0.2.2\nNETMASK=255.255.255.0\n";

	begin();
	run("rm %s/sbin/ifup", root);
	file_make("/etc/sysconfig/network-scripts/ifcfg-eth0", old, 0644);
	file_make("/usr/sbin/ifdown", ifdown, 0755);
	file_make("/usr/sbin/ifup", "#!/bin/sh\n"
		  ". ${0%/usr/sbin/ifup}/etc/sysconfig/network-scripts/ifcfg-$1\n"
		  "ip addr add ${IPADDR0:-$IPADDR}/${PREFIX0:-24} dev $1\n", 0755);
	tap_is_int(set("auto", 5, "192.0.2.7", "25"), 0, "network-scripts: a setting");
	tap_is_str(addresses(), "192.0.2.7/25", "network-scripts: is on the link");
	tap_is_str(file_text("/etc/sysconfig/network-scripts/ifcfg-eth0"),
		   "TYPE=Ethernet\nMTU=1400\nDEVICE=eth0\nONBOOT=yes\nBOOTPROTO=none\n"
		   "IPADDR0=192.0.2.7\nPREFIX0=25\n", "network-scripts: is in the file");

	file_make("/etc/sysconfig/network-scripts/ifcfg-eth0", old, 0644);
	file_make("/usr/sbin/ifup", "#!/bin/sh\nip addr add 192.0.2.2/24 dev $1\n", 0755);
	tap_is_int(set("auto", 1, "192.0.2.7", "24"), -ETIMEDOUT, "network-scripts: no effect");
	tap_is_str(file_text("/etc/sysconfig/network-scripts/ifcfg-eth0"), old,
		   "network-scripts: no effect: the file is as before");
	tap_is_str(addresses(), "192.0.2.2/24", "network-scripts: no effect: so is the link");
	run("rm -r %s/usr/sbin %s/etc/sysconfig", root, root);
}

/* The file says what is wanted: a manager that is just coming up. */
static int on_manager(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	(void)userdata;
	file_make("/sbin/ifup", ifup, 0755);
	return 0;
}

static void test_late(void)
{
	sd_event_source *timer = NULL;
	struct kvp_net *net;

	begin();
	run("rm %s/sbin/ifup", root);
	net = net_new("auto", 15);
	sd_event_add_time_relative(event, &timer, CLOCK_MONOTONIC, 400000, 0, on_manager, NULL);
	tap_is_int(net_set(net, "192.0.2.7", "24"), 0, "a setting before there is a manager");
	sd_event_loop(event);
	tap_is_int(answer, 0, "a setting before there is a manager: waits for it");
	tap_is_str(addresses(), "192.0.2.7/24", "a setting before there is a manager: is done");
	sd_event_source_unref(timer);
	net_free(net);
}

/* The daemon ends in the middle: each time one step later. */
static void test_abandoned(void)
{
	struct kvp_net *net;
	int steps, i;

	for (steps = 0; steps < 6; steps++) {
		begin();
		file_make("/sbin/ifup", "#!/bin/sh\ntrue\n", 0755);
		net = net_new("auto", 20);
		tap_is_int(net_set(net, "192.0.2.7", "24"), 0, "%d steps of a setting", steps);
		for (i = 0; i < steps; i++)
			sd_event_run(event, 200000);
		net_free(net);
		tap_is_str(file_text("/etc/network/interfaces"), interfaces,
			   "%d steps of a setting, and the end: the file is as before", steps);
	}
}

/* The same by kill -9: a child that carries on until it is, and then a new daemon. */
static void test_killed(void)
{
	struct kvp_net *net;
	int ready[2], status;
	char byte = 0;
	pid_t pid;

	begin();
	file_make("/var/lib/hyperv/.kvp_pool_0", "", 0644);
	file_make("/sbin/ifup", "#!/bin/sh\ntrue\n", 0755);
	if (pipe(ready))
		return;
	pid = fork();
	if (!pid) {
		net = net_new("auto", 20);
		net_set(net, "192.0.2.7", "24");
		while (!strcmp(file_text("/etc/network/interfaces"), interfaces))
			sd_event_run(event, 100000);
		_exit(write(ready[1], &byte, 1) == 1 && pause() ? 0 : 1);
	}
	tap_is_int(read(ready[0], &byte, 1), 1, "a daemon that has replaced the file");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	tap_ok(strcmp(file_text("/etc/network/interfaces"), interfaces), "killed, leaves it so");
	tap_ok(file_text("/var/lib/hyperv/undo/0"), "with a note of what was there");
	net = net_new("auto", 1);
	tap_is_str(file_text("/etc/network/interfaces"), interfaces, "the next one puts it back");
	tap_ok(!file_text("/var/lib/hyperv/undo/0"), "and removes the note");
	file_make("/var/lib/hyperv/undo/0", "nonsense", 0600);
	file_make("/var/lib/hyperv/undo/1", "- relative\n", 0600);
	net_free(net);
	net = net_new("auto", 1);
	tap_ok(!file_text("/var/lib/hyperv/undo/0") && !file_text("/var/lib/hyperv/undo/1"),
	       "a note that makes no sense does no harm");
	net_free(net);
	close(ready[0]);
	close(ready[1]);
}

static void test_script(void)
{
	static const char script[] =
		"#!/bin/sh\ngrep -q '^IPADDR0=192.0.2.7$' \"$1\" || exit 3\n"
		"grep -q '^address1=192.0.2.7/24$' \"$2\" || exit 4\n"
		/* a pipe that nobody reads is to end what writes to it, as everywhere */
		"grep -q '^SigIgn:.*0...$' /proc/self/status || exit 5\n"
		"ip addr flush dev eth0 scope global\nip addr add 192.0.2.7/24 dev eth0\n";

	begin();
	signal(SIGPIPE, SIG_IGN);	/* as the daemon does */
	file_make("/var/lib/hyperv/.kvp_pool_0", "", 0644);
	file_make("/usr/libexec/hypervkvpd/hv_set_ifconfig", script, 0777);
	tap_is_int(set("script", 2, "192.0.2.7", "24"), -ENOENT, "a script that anyone can write");
	is_as_before("a script that anyone can write");
	file_make("/usr/libexec/hypervkvpd/hv_set_ifconfig", script, 0755);
	tap_is_int(set("auto", 5, "192.0.2.7", "24"), 0, "an administrator's script");
	tap_is_str(addresses(), "192.0.2.7/24", "an administrator's script: does it");
	tap_is_str(file_text("/etc/network/interfaces"), interfaces,
		   "an administrator's script: comes before a manager");
	tap_is_int(set("auto", 5, "192.0.2.8", "24"), -ECHILD, "a script that fails");
	signal(SIGPIPE, SIG_DFL);
}

int main(void)
{
	hvd_log_open("kvp_job_test", true, false);
	if (!namespace_enter("settings"))
		return tap_done();
	strcpy(root, "/tmp/kvp_job_test.XXXXXX");
	if (!mkdtemp(root))
		return 1;
	run("ip link add eth0 type veth peer name eth0-far");
	run("ip link set eth0-far up");
	run("ip link set eth0 up");
	test_applied();
	test_put_back();
	test_put_back_late();
	test_unconnected();
	test_conflict();
	test_refused();
	test_ifcfg();
	test_late();
	test_abandoned();
	test_killed();
	test_script();
	run("rm -rf %s", root);
	return tap_done();
}
