// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Network managers on D-Bus, played by a child that answers all calls: what they are asked
 * and told, and what is made of what they say.  Links are real, in a network of the test's
 * own.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hvd_file.h"
#include "hvd_log.h"
#include "kvp/net/net.h"
#include "kvp_namespace.h"
#include "tap.h"

#define GUID	"{f00f0000-0000-4000-8000-000000000001}"
#define NM	"org.freedesktop.NetworkManager"

static char root[64];

static void file_make(const char *path, const char *text)
{
	char whole[512], *slash;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	for (slash = whole + strlen(root) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		mkdir(whole, 0755);
	}
	if (hvd_file_replace(whole, text, strlen(text), 0644))
		tap_ok(false, "the test's file %s is there", path);
}

static const char *file_text(const char *path)
{
	static char text[65536];
	char whole[512];

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	return hvd_file_read(whole, text, sizeof(text)) < 0 ? "" : text;
}

static void file_remove(const char *path)
{
	char whole[512];

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	unlink(whole);
}

/*
 * The child
 */

/* Whether the test wants a call to fail: then its name is in a file. */
static bool call_fails(const char *member)
{
	return !strcmp(file_text("/fails"), member);
}

static int reply_property(sd_bus_message *call, sd_bus_message *reply)
{
	const char *interface, *name;

	sd_bus_message_read(call, "ss", &interface, &name);
	if (!strcmp(name, "DNS"))
		return sd_bus_message_append(reply, "v", "a(iay)", 3, AF_INET, 4, 192, 0, 2, 53,
					     AF_INET, 4, 127, 0, 0, 1, AF_INET, 2, 1, 2);
	if (!strcmp(name, "Configuration"))
		return sd_bus_message_append(reply, "v", "aa{sv}", 2,
					     3, "nameservers", "as", 1, "192.0.2.99",
					     "interface", "s", "eth1", "priority", "i", 5,
					     3, "nameservers", "as", 3, "192.0.2.54", "x", "::1",
					     "vpn", "b", 0, "interface", "s", "eth0");
	if (!strcmp(name, "Managed"))
		return sd_bus_message_append(reply, "v", "b", 1);
	return sd_bus_message_append(reply, "v", "o", call_fails(name) ? "/" : "/one");
}

static int reply_settings(sd_bus_message *reply)
{
	return sd_bus_message_append(reply, "a{sa{sv}}", 3,
				     "connection", 2, "id", "s", "base", "timestamp", "t", 7ULL,
				     "ipv4", 5, "method", "s", "auto", "dns", "au", 1, 7,
				     "dns-search", "as", 1, "a.example",
				     "route-data", "aa{sv}", 1, 1, "dest", "s", "198.51.100.0",
				     "gateway", "s", "192.0.2.9",
				     "ipv6", 1, "method", "s", "link-local");
}

static const char netplan[] =
	"network:\n  version: 2\n  bridges:\n    id0:\n      routes:\n"
	"      - to: \"198.51.100.0/24\"\n        via: \"192.0.2.9\"\n";

static int reply_fill(sd_bus_message *call, const char *member, sd_bus_message *reply)
{
	if (!strcmp(member, "Hello"))
		return sd_bus_message_append(reply, "s", ":1.1");
	if (!strcmp(member, "Get") && sd_bus_message_has_signature(call, "ss"))
		return reply_property(call, reply);
	if (!strcmp(member, "GetSettings"))
		return reply_settings(reply);
	if (!strcmp(member, "GetDeviceByIpIface"))
		return sd_bus_message_append(reply, "o", "/device");
	if (!strcmp(member, "CheckpointCreate"))
		return sd_bus_message_append(reply, "o", "/checkpoint");
	if (!strcmp(member, "AddConnection2"))
		return sd_bus_message_append(reply, "oa{sv}", "/new", 0);
	if (!strcmp(member, "Config"))
		return sd_bus_message_append(reply, "o", "/config");
	if (!strcmp(member, "Get"))
		return sd_bus_message_append(reply, "s", netplan);
	if (!strcmp(member, "Set") || !strcmp(member, "Apply"))
		return sd_bus_message_append(reply, "b", 1);
	return 0;
}

/* What is told is written down, as far as it tells anything. */
static void call_note(sd_bus_message *call, const char *member)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/calls", root);
	file = fopen(path, "a");
	fprintf(file, "%s %s\n", member, sd_bus_message_get_path(call));
	if (!strcmp(member, "Update2") || !strcmp(member, "AddConnection2") ||
	    !strcmp(member, "Set")) {
		sd_bus_message_dump(call, file, 0);
		sd_bus_message_rewind(call, true);
	}
	fclose(file);
}

static int on_call(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
	const char *member = sd_bus_message_get_member(call);
	sd_bus_message *reply = NULL;

	(void)userdata;
	(void)error;
	if (sd_bus_message_is_method_call(call, NULL, NULL) <= 0)
		return 0;
	if (strcmp(member, "Get") && strcmp(member, "Hello"))
		call_note(call, member);
	if (call_fails(member))
		return sd_bus_reply_method_errorf(call, SD_BUS_ERROR_ACCESS_DENIED, "no");
	if (!strcmp(member, "ReconfigureLink") || !strcmp(member, "ActivateConnection") ||
	    !strcmp(member, "Apply"))
		if (system(file_text("/does")))
			return sd_bus_reply_method_errorf(call, SD_BUS_ERROR_FAILED, "no");
	sd_bus_message_new_method_return(call, &reply);
	reply_fill(call, member, reply);
	sd_bus_send(NULL, reply, NULL);
	sd_bus_message_unref(reply);
	return 1;
}

static void bus_serve(int listener)
{
	sd_bus *bus = NULL;
	sd_id128_t id;
	int fd;

	sd_id128_randomize(&id);
	for (;;) {
		fd = accept(listener, NULL, NULL);
		if (fd < 0 || sd_bus_new(&bus) < 0)
			_exit(1);
		sd_bus_set_fd(bus, fd, fd);
		sd_bus_set_server(bus, true, id);
		sd_bus_set_anonymous(bus, true);
		sd_bus_add_filter(bus, NULL, on_call, NULL);
		sd_bus_start(bus);
		while (sd_bus_wait(bus, UINT64_MAX) >= 0)
			while (sd_bus_process(bus, NULL) > 0)
				;
		bus = sd_bus_close_unref(bus);
	}
}

static pid_t bus_start(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	char variable[160];
	pid_t pid;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/bus", root);
	snprintf(variable, sizeof(variable), "unix:path=%s/bus", root);
	setenv("DBUS_SYSTEM_BUS_ADDRESS", variable, 1);
	setenv("ROOT", root, 1);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 5))
		return -1;
	pid = fork();
	if (!pid)
		bus_serve(listener);
	close(listener);
	return pid;
}

/*
 * The tests
 */

static void on_done(int err, void *event)
{
	sd_event_exit(event, -err);
}

static struct kvp_net *net_new(sd_event *event, const char *backend)
{
	const struct kvp_net_settings settings = {
		.sysfs = root, .root = root, .backend = backend, .nic_map = GUID "=eth0",
		.verify_seconds = 1,
	};

	return kvp_net_new(event, &settings);
}

/* A setting from beginning to end; how it ended. */
static int set(const char *backend, const char *list, const char *subnets, int dhcp)
{
	struct hvic_user_kvp_ip ip = { .adapter = GUID, .dhcp = (__u8)dhcp };
	sd_event *event = NULL;
	struct kvp_net *net;
	int err;

	file_make("/calls", "");
	strcpy((char *)ip.addresses, list);
	strcpy((char *)ip.subnets, subnets);
	strcpy((char *)ip.dns, "192.0.2.53");
	sd_event_new(&event);
	net = net_new(event, backend);
	err = kvp_nic_set(net, &ip, on_done, event) ?: -sd_event_loop(event);
	kvp_net_free(net);
	sd_event_unref(event);
	return err;
}

static bool called(const char *words)
{
	return strstr(file_text("/calls"), words);
}

static void test_networkd(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/run/systemd/netif/links/%u", if_nametoindex("eth0"));
	file_make(path, "ADMIN_STATE=configured\nNETWORK_FILE=/etc/systemd/network/50-e.network\n");
	file_make("/etc/systemd/network/50-e.network",
		  "[Match]\nName=e*\n[Network]\nDHCP=yes\nNTP=192.0.2.7\n");
	file_make("/etc/systemd/network/50-e.network.d/b.conf", "[Link]\nMTUBytes=1400");
	file_make("/run/systemd/network/50-e.network.d/b.conf", "[Link]\nMTUBytes=1300\n");
	file_make("/run/systemd/network/50-e.network.d/a.conf", "[Link]\nARP=no\n");
	file_make("/does", "ip addr flush dev eth0; ip addr add 192.0.2.2/24 dev eth0");
	tap_is_int(set("auto", "192.0.2.2", "24", 0), 0, "networkd: a setting");
	tap_is_str(file_text("/etc/systemd/network/0-hyperv-ics-eth0.network"),
		   "[Match]\nName=eth0\n\n[Network]\nNTP=192.0.2.7\n[Link]\nARP=no\n"
		   "[Link]\nMTUBytes=1400\n# From here on: as the host set it\n[Network]\nDHCP=no\n"
		   "Address=192.0.2.2/24\nDNS=192.0.2.53\n",
		   "networkd: the file of the link, with drop-ins, the administrator's before others");
	tap_ok(called("Reload ") && called("ReconfigureLink "), "networkd: is told");
	file_make("/fails", "Reload");
	tap_is_int(set("auto", "192.0.2.3", "24", 0), -EACCES, "networkd: that refuses");
	tap_ok(strstr(file_text("/etc/systemd/network/0-hyperv-ics-eth0.network"), "192.0.2.2/24"),
	       "networkd: that refuses: the file is as before");
	file_remove("/fails");
	file_make(path, "ADMIN_STATE=configured\nNETWORK_FILE=/etc/systemd/network/+e.network\n");
	file_make("/etc/systemd/network/+e.network", "");
	tap_is_int(set("auto", "192.0.2.3", "24", 0), -EEXIST, "networkd: a file that is before");
	file_remove(path);
}

static void test_networkmanager(void)
{
	file_make("/run/NetworkManager/resolv.conf", "");
	file_make("/does", "ip addr flush dev eth0; ip addr add 192.0.2.4/24 dev eth0");
	tap_is_int(set("auto", "192.0.2.4", "24", 0), 0, "NetworkManager: a setting");
	tap_ok(called("CheckpointCreate ") && called("CheckpointDestroy /") && !called("Rollback"),
	       "NetworkManager: with a checkpoint, until it is seen");
	tap_ok(called("Update2 /one") && called("ActivateConnection "),
	       "NetworkManager: the connection is changed and activated");
	tap_ok(called("\"manual\"") && called("\"192.0.2.4\"") && called("\"link-local\""),
	       "NetworkManager: to addresses, of IPv4 alone");
	tap_ok(called("\"base\"") && called("\"a.example\"") && called("\"198.51.100.0\""),
	       "NetworkManager: and all else stays");
	file_make("/fails", "Update2");
	tap_is_int(set("auto", "192.0.2.5", "24", 0), -EACCES, "NetworkManager: that refuses");
	tap_ok(called("CheckpointRollback ") && !called("CheckpointDestroy "),
	       "NetworkManager: that refuses: goes back");
	file_remove("/fails");
	tap_is_int(set("auto", "192.0.2.5", "24", 0), -ETIMEDOUT,
		   "NetworkManager: that does not do it");
	tap_ok(called("CheckpointRollback "), "NetworkManager: that does not do it: goes back");
	file_make("/fails", "ActiveConnection");
	tap_is_int(set("auto", "192.0.2.4", "24", 0), 0, "NetworkManager: without a connection");
	tap_ok(called("AddConnection2 ") && called("\"Hyper-V eth0\"") && !called("Update2"),
	       "NetworkManager: without a connection: has a new one");
	file_remove("/fails");
}

static void test_netplan(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/run/systemd/netif/links/%u", if_nametoindex("eth0"));
	file_make(path, "ADMIN_STATE=configured\n"
			"NETWORK_FILE=/run/systemd/network/10-netplan-id0.network\n");
	file_make("/usr/share/dbus-1/system-services/io.netplan.Netplan.service", "");
	file_make("/etc/netplan/01.yaml", "before");
	file_make("/does", "ip addr flush dev eth0; ip addr add 192.0.2.6/24 dev eth0");
	tap_is_int(set("auto", "192.0.2.6", "24", 0), 0, "netplan: a setting");
	tap_ok(called("\"bridges.id0={addresses: null, "),
	       "netplan: the definition loses what it had");
	tap_ok(called("bridges.id0={dhcp4: false, addresses: [\"192.0.2.6/24\"], routes: "
		      "[{to: \"198.51.100.0/24\", via: \"192.0.2.9\"}]"),
	       "netplan: and gets what is wanted, with its other routes");
	tap_ok(called("\"90-hyperv-ics\"") && called("Apply /config"),
	       "netplan: in a file of ours");
	/* what an Apply that fails has left behind */
	file_make("/fails", "Apply");
	tap_is_int(set("auto", "192.0.2.7", "24", 0), -EIO, "netplan: that does not apply");
	file_make("/fails", "Set");
	tap_is_int(set("auto", "192.0.2.7", "24", 0), -EACCES, "netplan: that refuses");
	tap_ok(called("Cancel /config") && !called("Apply"),
	       "netplan: that refuses: is left alone");
	file_remove("/fails");
	file_make("/does", "echo after >${ROOT:?}/etc/netplan/01.yaml; "
			   "echo x >${ROOT:?}/etc/netplan/90-hyperv-ics.yaml; "
			   "rm $ROOT/does; echo true >$ROOT/does");
	tap_is_int(set("auto", "192.0.2.7", "24", 0), -ETIMEDOUT, "netplan: that does not do it");
	tap_ok(called("Apply /io/netplan/Netplan"),
	       "netplan: that does not do it: is told again");
	tap_is_str(file_text("/etc/netplan/01.yaml"), "before",
		   "netplan: that does not do it: a file is as before");
	tap_is_str(file_text("/etc/netplan/90-hyperv-ics.yaml"), "",
		   "netplan: that does not do it: and ours is gone");
	file_remove(path);
}

static void test_get(void)
{
	struct hvic_user_kvp_ip ip = { .adapter = "02:00:00:00:00:01" };
	sd_event *event = NULL;
	struct kvp_net *net;

	sd_event_new(&event);
	net = net_new(event, "auto");
	tap_is_int(kvp_nic_get(net, &ip), 0, "the host asks");
	tap_is_str((char *)ip.dns, "192.0.2.54", "NetworkManager's servers of the link");
	tap_is_int(ip.dhcp, 1, "NetworkManager's DHCP");
	file_make("/run/systemd/resolve/stub-resolv.conf", "");
	tap_is_int(kvp_nic_get(net, &ip), 0, "the host asks again");
	tap_is_str((char *)ip.dns, "192.0.2.53", "resolved's servers of the link");
	kvp_net_free(net);
	sd_event_unref(event);
}

int main(void)
{
	char command[96];
	pid_t pid;

	hvd_log_open("kvp_bus_test", true, false);
	if (!namespace_enter("network managers"))
		return tap_done();
	strcpy(root, "/tmp/kvp_bus_test.XXXXXX");
	if (!mkdtemp(root) ||
	    system("ip link add eth0 type veth peer name eth0-far && ip link set eth0-far up &&"
		   "ip link set eth0 up address 02:00:00:00:00:01"))
		return 1;
	file_make("/class/net/eth0/address", "02:00:00:00:00:01\n");
	file_make("/var/lib/hyperv/.kvp_pool_0", "");
	pid = bus_start();
	if (pid < 0)
		return 1;
	test_networkd();
	test_netplan();
	test_networkmanager();
	test_get();
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	if (system(command))
		tap_diag("%s is left behind", root);
	return tap_done();
}
