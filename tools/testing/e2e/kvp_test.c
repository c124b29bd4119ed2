// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Data exchange, in a Debian with systemd: with our daemon (the group "kvp"), and with
 * the one that Debian ships (the group "stock-kvp").  The names in parentheses are
 * those of the suites for real Hyper-V that test the same: Documentation/testing.rst.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e.h"

#define UNIT	"hv-kvp-daemon"
#define POOLS	"/var/lib/hyperv"
/* For the daemon to begin, and the host to tell it what it has to. */
#define BEGIN_MS	120000
#define ROUNDS		20

static const char *group;

/* Tests, under the name of the group that runs. */
#define is_ok(pass, text, ...)		e2e_ok(pass, "%s: " text, group, ##__VA_ARGS__)
#define is_int(got, want, text, ...)	e2e_is_int(got, want, "%s: " text, group, ##__VA_ARGS__)
#define is_str(got, want, text, ...)	e2e_is_str(got, want, "%s: " text, group, ##__VA_ARGS__)

/* ---- what the host does ---- */

/* Returns the status of a set, or -1 when there was none. */
static long long set(const char *pool, const char *key, const char *type, const char *value)
{
	struct json_object *ret = e2e_call("kvp-set", "{\"pool\":\"%s\",\"key\":\"%s\","
					   "\"type\":\"%s\",\"value\":%s}", pool, key, type,
					   value);
	long long status = e2e_get(ret, "delivered") &&
			   json_object_get_boolean(e2e_get(ret, "delivered")) ?
			   e2e_number(ret, "status") : -1;

	json_object_put(ret);
	return status;
}

static long long delete(const char *pool, const char *key)
{
	struct json_object *ret = e2e_call("kvp-delete", "{\"pool\":\"%s\",\"key\":\"%s\"}", pool,
					   key);
	long long status = ret ? e2e_number(ret, "status") : -1;

	json_object_put(ret);
	return status;
}

/* Returns the value, valid until the next call, or why there is none. */
static const char *get(const char *pool, const char *key)
{
	struct json_object *ret = e2e_call("kvp-get", "{\"pool\":\"%s\",\"key\":\"%s\"}", pool,
					   key);
	static char value[8192];

	snprintf(value, sizeof(value), "%s", !ret ? e2e_error() :
		 e2e_number(ret, "status") ? e2e_string(ret, "status-name") :
		 e2e_string(ret, "value"));
	json_object_put(ret);
	return value;
}

static const char *find(struct json_object *list, const char *key)
{
	struct json_object *items = e2e_get(list, "items"), *item;
	size_t i;

	for (i = 0; items && i < json_object_array_length(items); i++) {
		item = json_object_array_get_idx(items, i);
		if (!strcmp(e2e_string(item, "key"), key))
			return e2e_string(item, "value");
	}
	return NULL;
}

static long long count(const char *pool)
{
	struct json_object *ret = e2e_call("kvp-list", "{\"pool\":\"%s\"}", pool);
	long long n = ret ? e2e_number(ret, "count") : -1;

	json_object_put(ret);
	return n;
}

/* ---- what the guest has ---- */

/* What a pool's file holds: keys and values, a line each. */
static const char *pool_text(int pool)
{
	/* what is behind a NUL may be anything */
	return e2e_guest("perl -0777 -ne 'print \"$_\\n\" for unpack(\"(Z512Z2048)*\", $_)' "
			 POOLS "/.kvp_pool_%d", pool);
}

/* As cloud-init does: a record behind the last, under a lock of its own. */
static void pool_append(int pool, const char *key, const char *value)
{
	e2e_guest("exec 9>>" POOLS "/.kvp_pool_%d; flock 9; "
		  "{ printf '%%s' '%s' | dd bs=512 conv=sync; "
		  "printf '%%s' '%s' | dd bs=2048 conv=sync; } >&9 2>/dev/null", pool, key, value);
}

static bool daemon_is_active(void)
{
	return !strcmp(e2e_guest("systemctl is-active " UNIT), "active");
}

static const char *daemon_descriptors(void)
{
	return e2e_guest("ls /proc/$(pidof hv_kvp_daemon)/fd | wc -l");
}

/* Begun, and told of all that the host wants it to know. */
static bool daemon_begin(void)
{
	long long told;
	int waited;

	if (!e2e_unit_start(UNIT, "kvp", BEGIN_MS))
		return false;
	for (waited = 0; waited < BEGIN_MS; waited += 500) {
		told = strtoll(e2e_guest("stat -c %%s " POOLS "/.kvp_pool_3"), NULL, 10) / 2560;
		if (told >= 16)
			return true;
		e2e_sleep_ms(500);
	}
	return false;
}

/* ---- the tests ---- */

static bool test_basic(void)
{
	int pool;

	if (!is_ok(daemon_begin(),
		   "the daemon begins, and is told of the host (KVP-BASIC-CHECKS)")) {
		e2e_note("%s", e2e_guest("systemctl status " UNIT " | head -20"));
		return false;
	}
	for (pool = 0; pool < 5; pool++)
		is_str(e2e_guest("stat -c %%a " POOLS "/.kvp_pool_%d", pool), "644",
		       "there is pool %d, and all may read it", pool);
	is_str(e2e_guest("pgrep -c 'hypervkvpd|hv_kvp_daemon'"), "1", "there is one daemon");
	is_str(e2e_guest("readlink /proc/$(pidof hv_kvp_daemon)/fd/* | grep -cx /dev/vmbus/hv_kvp"),
	       "1", "which has the device open");
	is_ok(strstr(pool_text(3), "VirtualMachineName"), "pool 3 tells of the host");
	is_ok(daemon_is_active(), "systemd takes it for active");
	return true;
}

static void test_intrinsic(void)
{
	static const char *const keys[] = {
		"OSVersion", "OSName", "ProcessorArchitecture", "IntegrationServicesVersion",
		"FullyQualifiedDomainName", "OSBuildNumber",
	};
	static const char *const sqm[] = {
		"OSDistributionName", "OSDistributionData", "OSPlatformId", "OSKernelVersion",
	};
	struct json_object *list;
	const char *value;
	size_t i;

	list = e2e_call("kvp-list", "{\"pool\":\"auto\"}");
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		value = find(list, keys[i]);
		is_ok(value && *value, "the guest says its %s (KVP-INTRINSIC)", keys[i]);
	}
	for (i = 0; i < sizeof(sqm) / sizeof(sqm[0]); i++) {
		value = find(list, sqm[i]);
		is_ok(value && *value, "the guest says its %s (SQM-BASIC)", sqm[i]);
	}
	value = find(list, "OSName");
	is_str(value ? value : "", e2e_guest(". /etc/os-release; echo \"$NAME\""),
	       "the name is that of os-release");
	/* Debian's sid has none, and so it is empty there */
	value = find(list, "OSMajorVersion");
	is_str(value ? value : "", e2e_guest(". /etc/os-release; echo \"$VERSION_ID\""),
	       "and so is the version");
	value = find(list, "FullyQualifiedDomainName");
	is_str(value ? value : "", "guest.example.org", "and the domain's is right");
	json_object_put(list);

	e2e_guest("hostname moved; sed -i s/guest/moved/g /etc/hosts");
	list = e2e_call("kvp-list", "{\"pool\":\"auto\"}");
	value = find(list, "FullyQualifiedDomainName");
	is_str(value ? value : "", "moved.example.org", "a new host name is told at once");
	json_object_put(list);
	e2e_guest("hostname guest; sed -i s/moved/guest/g /etc/hosts");
}

static void test_addresses(void)
{
	struct json_object *list, *ret, *address;
	const char *value;

	e2e_guest("ip link add eth7 address 00:15:5d:01:02:03 type dummy; ip link set eth7 up; "
		  "ip address add 10.7.0.2/24 dev eth7; ip address add 10.7.0.3/24 dev eth7; "
		  "ip -6 address add fd00:7::2/64 dev eth7 nodad; "
		  "ip route add default via 10.7.0.1; "
		  "rm -f /etc/resolv.conf; printf 'nameserver 10.7.0.53\\n' >/etc/resolv.conf");
	list = e2e_call("kvp-list", "{\"pool\":\"auto\"}");
	value = find(list, "NetworkAddressIPv4");
	is_ok(value && strstr(value, "10.7.0.2"),
	      "the guest says its IPv4 addresses (KVP-INTRINSIC)");
	value = find(list, "NetworkAddressIPv6");
	is_ok(value && strstr(value, "fd00:7::2"),
	      "the guest says its IPv6 addresses (KVP-INTRINSIC)");
	json_object_put(list);

	ret = e2e_call("kvp-get-ip", "{\"mac\":\"00:15:5D:01:02:03\"}");
	value = json_object_to_json_string(ret);
	is_int(e2e_number(ret, "status"), 0, "an adapter's addresses can be asked for");
	address = e2e_get(ret, "addresses");
	is_ok(address && json_object_array_length(address) >= 3, "all of them are told");
	is_ok(strstr(value, "10.7.0.2") && strstr(value, "10.7.0.3") &&
	      strstr(value, "fd00:7::2"), "of both families");
	is_ok(strstr(value, "10.7.0.1\""), "its gateway as well");
	is_ok(strstr(value, "10.7.0.53"), "and its name server");
	e2e_note("  %s", value);
	json_object_put(ret);
	ret = e2e_call("kvp-get-ip", "{\"mac\":\"00:15:5D:FF:FF:FF\"}");
	is_ok(ret && e2e_number(ret, "status"), "of an adapter that there is not, an error");
	json_object_put(ret);
	e2e_guest("ip link delete eth7");
}

static void test_items(void)
{
	struct json_object *list;
	const char *value;

	is_int(set("external", "Role", "string", "\"database\""), 0,
	       "the host sets an item (KVP-KEY-VALUES-OPERATIONS)");
	is_ok(strstr(pool_text(0), "Role\ndatabase"), "the guest has it");
	is_int(set("external", "Role", "string", "\"web\""), 0, "it modifies it");
	is_ok(strstr(pool_text(0), "Role\nweb"), "and the guest has that");
	is_str(get("external", "Role"), "web", "it can get it back");
	is_int(delete("external", "Role"), 0, "it deletes it");
	is_ok(!strstr(pool_text(0), "Role"), "and the guest has it no more");

	is_int(set("external", "Dword", "dword", "\"4294967295\""), 0, "a number of 32 bits");
	is_ok(strstr(pool_text(0), "Dword\n4294967295"), "is kept");
	is_int(set("external", "Qword", "qword", "\"18446744073709551615\""), 0,
	       "a number of 64 bits");
	is_ok(strstr(pool_text(0), "Qword\n18446744073709551615"), "is kept, too");
	delete("external", "Dword");
	delete("external", "Qword");

	pool_append(1, "Status", "in order");
	list = e2e_call("kvp-list", "{\"pool\":\"guest\"}");
	value = find(list, "Status");
	is_str(value ? value : "", "in order",
	       "what the guest says, the host can read (KVP-PUSH-KEY-VALUES)");
	json_object_put(list);
	is_str(get("guest", "Status"), "in order", "by its key, too");
	e2e_guest(": >" POOLS "/.kvp_pool_1");
	is_int(count("guest"), 0, "a pool that was emptied is empty");

	is_ok(delete("guest", "Nobody") > 0,
	      "what is not there cannot be deleted (KVP-DELETE-NON-EXIST)");
	is_ok(strcmp(get("guest", "Nobody"), "") && strcmp(get("guest", "Nobody"), "ok"),
	      "nor be got");
}

static void test_sizes(void)
{
	char key[256], value[2048], json[2080];

	memset(key, 'k', 255);
	key[255] = '\0';
	memset(value, 'v', 1023);
	value[1023] = '\0';
	snprintf(json, sizeof(json), "\"%s\"", value);
	is_int(set("external", key, "string", json), 0, "the longest key and value are taken");
	is_str(get("external", key), value, "to the last character");
	delete("external", key);
	is_int(set("external", "Smile", "string", "\"gr\\u00fcn \\ud83d\\ude42 \\u4e2d\""), 0,
	       "characters of any plane are taken");
	is_str(get("external", "Smile"), "gr\xc3\xbcn \xf0\x9f\x99\x82 \xe4\xb8\xad",
	       "and come back as they were");
	delete("external", "Smile");
	is_int(set("external", "Empty", "string", "\"\""), 0, "a value may be empty");
	is_str(get("external", "Empty"), "", "and is empty, then");
	delete("external", "Empty");
}

static void test_many(int records)
{
	e2e_guest("seq %d | awk '{ printf \"%%-512s%%-2048s\", \"Key\" $1, \"Value\" $1 }' | "
		  "tr ' ' '\\0' "
		  ">>" POOLS "/.kvp_pool_1", records);
	is_int(count("guest"), records, "%d items of the guest are listed (KVP-MAX-READ)",
	       records);
	is_ok(daemon_is_active(), "and the daemon lives on");
	e2e_guest(": >" POOLS "/.kvp_pool_1");
}

static void test_rescind(void)
{
	struct json_object *ret;
	int n;

	for (n = 0; n < ROUNDS; n++) {
		ret = e2e_call("service-disable", "{\"service\":\"kvp\"}");
		if (!ret)
			break;
		json_object_put(ret);
		ret = e2e_call("service-enable", "{\"service\":\"kvp\",\"timeout-ms\":20000}");
		if (!ret)
			break;
		json_object_put(ret);
		if (!e2e_wait_state("kvp", "ready", BEGIN_MS))
			break;
	}
	if (!is_int(n, ROUNDS, "disabled and enabled %d times (KVP-TEST-RESCIND)", ROUNDS))
		e2e_note("  %s", e2e_error());
	is_ok(daemon_begin(), "the daemon is there afterwards");
	is_int(set("external", "After", "string", "\"all\""), 0, "and serves");
	delete("external", "After");
}

/* The daemon's device is there before the channel is open. */
static void test_late_open(void)
{
	struct json_object *ret = e2e_call("misbehave", "{\"name\":\"late-open\","
					   "\"service\":\"kvp\"}");
	int waited;

	is_ok(ret && !e2e_get(ret, "failure"), "the host takes its time to open the channel");
	json_object_put(ret);
	for (waited = 0; waited < 20000; waited += 1000) {
		if (!set("external", "Late", "string", "\"open\""))
			break;
		e2e_sleep_ms(1000);
	}
	is_ok(waited < 20000, "and the daemon has waited for it");
	delete("external", "Late");
}

static void test_alone(void)
{
	e2e_guest("timeout 10 /usr/sbin/hv_kvp_daemon -n");
	is_ok(e2e_guest_status() > 0 && e2e_guest_status() != 124,
	      "a second daemon does not stay");
	is_int(set("external", "Second", "string", "\"no\""), 0,
	       "and does not disturb the first");
	delete("external", "Second");
}

/* The daemon waits for a lock that somebody else holds, and so dies over a request. */
static void test_death(void)
{
	long long before;

	/* the one before it has been killed, too */
	if (!is_ok(daemon_begin(), "the next one is there"))
		return;
	e2e_guest("flock " POOLS "/.kvp_pool_0 sleep 6 >/dev/null 2>&1 & "
		  "pidof hv_kvp_daemon >/run/dies; "
		  "(sleep 3; kill -9 $(cat /run/dies)) >/dev/null 2>&1 &");
	e2e_sleep_ms(1000);
	before = e2e_now_ns();
	is_ok(set("external", "Twice", "string", "\"not\"") > 0 &&
	      e2e_now_ns() - before < 15000000000LL, "a daemon that dies over a request ends it");
	/* one that waits for no lock of ours has yet to die */
	e2e_guest("while kill -0 $(cat /run/dies) 2>/dev/null; do sleep 0.2; done");
	is_ok(daemon_begin(), "another takes its place");
	delete("external", "Twice");
}

/* Requests while the daemon is away, slow, or dying. */
static void test_absence(void)
{
	long long before;
	const char *value;

	e2e_guest("systemctl stop " UNIT "; (sleep 2; systemctl start " UNIT ") >/dev/null 2>&1 &");
	is_int(set("external", "Early", "string", "\"bird\""), 0,
	       "what comes before the daemon waits for it");
	is_str(get("external", "Early"), "bird", "and is not lost");

	/* what it has not read, it cannot have begun to do */
	e2e_guest("kill -STOP $(pidof hv_kvp_daemon); (sleep 2; kill -9 $(pidof hv_kvp_daemon)) "
		  ">/dev/null 2>&1 &");
	is_str(get("external", "Early"), "bird",
	       "when a daemon dies before a request, the next one serves it");
	test_death();
	is_str(get("external", "Early"), "bird", "and knows what the one before did");

	e2e_guest("kill -STOP $(pidof hv_kvp_daemon)");
	before = e2e_now_ns();
	value = get("external", "Early");
	is_ok(strcmp(value, "bird"), "a daemon that does not answer in time is not waited for");
	is_ok(e2e_now_ns() - before < 50000000000LL, "for ever");
	e2e_guest("kill -CONT $(pidof hv_kvp_daemon)");
	e2e_sleep_ms(2000);
	is_str(get("external", "Early"), "bird", "its late answer is nobody else's");
	delete("external", "Early");
}

static void test_disk(void)
{
	long long kept;

	e2e_guest("systemctl stop " UNIT "; mount -t tmpfs -o size=128k,mode=755 tmpfs " POOLS);
	/* the host tells all again whenever versions were agreed on */
	e2e_guest("systemctl start " UNIT);
	e2e_tell("negotiate", "{\"service\":\"kvp\"}");
	is_ok(daemon_begin(), "the daemon begins with empty pools");
	kept = count("auto-external");
	e2e_guest("head -c 1m /dev/zero >" POOLS "/fill");
	is_ok(set("external", "Full", "string", "\"disk\"") > 0, "a full disk is an error");
	is_int(count("auto-external"), kept, "and nothing else is lost");
	e2e_guest("rm " POOLS "/fill");
	is_int(set("external", "Full", "string", "\"no more\""), 0, "with room, it goes on");
	e2e_guest("systemctl stop " UNIT "; mount -o remount,ro " POOLS "; systemctl start " UNIT);
	is_str(get("external", "Full"), "no more",
	       "on a read-only disk, what is there is served");
	is_ok(set("external", "Full", "string", "\"again\"") > 0, "and changing it is an error");
	e2e_guest("systemctl stop " UNIT "; umount " POOLS);
	is_ok(daemon_begin(), "the daemon is back on its own disk");
}

static void run_as(const char *name)
{
	char descriptors[16];

	group = name;
	e2e_quiet();
	e2e_tell("kvp-auto", "{\"enabled\":true}");
	e2e_tell("negotiate", "{\"service\":\"kvp\"}");
	if (!test_basic())
		return;
	snprintf(descriptors, sizeof(descriptors), "%s", daemon_descriptors());
	test_intrinsic();
	test_addresses();
	test_items();
	test_sizes();
	test_many(250);
	test_many(1024);
	is_str(daemon_descriptors(), descriptors,
	       "no descriptor is left open (KVP-BASIC-CHECKS)");
	test_rescind();
	/* in-tree, that would be a host that does not answer in time */
	if (!strcmp(name, "kvp") && !e2e_in_tree())
		test_late_open();
	test_alone();
	test_absence();
	test_disk();
	/* without its daemon, the in-tree module answers late, if a machine is slow */
	if (!e2e_in_tree())
		is_str(e2e_anomaly(), "", "the host has seen nothing odd");
	is_str(e2e_complaints(), "", "the kernel has no complaint");
}

static void run(void)
{
	run_as("kvp");
}

static void run_stock(void)
{
	run_as("stock-kvp");
}

const struct e2e_group e2e_kvp = { "kvp", run };
const struct e2e_group e2e_stock_kvp = { "stock-kvp", run_stock };
