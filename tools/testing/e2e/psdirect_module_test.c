// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PowerShell Direct as far as the kernel goes: the module gives the host's connections to
 * the stock hv_sock, and a program in the guest accepts them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <hv/hvic_psdirect.h>

#include "e2e.h"

#define BROKER		HVIC_PSDIRECT_BROKER_GUID_TEXT
#define SERVER		HVIC_PSDIRECT_SERVER_GUID_TEXT
#define BROKER_AS_PORT	"000003e5-facb-11e6-bd58-64006a7986d3"
#define OTHER		"8f2b0c5e-5d3c-4a3f-9a51-0c4b1d0a7e11"

#define PARAMETER	"/sys/module/hv_utils/parameters/psdirect"
#define COUNTERS	"/sys/bus/vmbus/drivers/hv_utils/psdirect"
#define LISTEN		"hvsim_vsock fields 997 && hvsim_vsock echo 998"

#define AT_A_TIME	16
#define STORM		60

/* All that the module counts, in the order of the names. */
static const char *counters(void)
{
	return e2e_guest("cd " COUNTERS " && echo $(cat broker server containers pending ignored)");
}

static int devices_before;

static int devices(void)
{
	return atoi(e2e_guest("ls /sys/bus/vmbus/devices | wc -l"));
}

/* Each connection is a device, which goes when it is over. */
static bool devices_gone(void)
{
	int i;

	for (i = 0; i < 150; i++) {
		if (devices() == devices_before)
			return true;
		e2e_sleep_ms(e2e_patient_ms(100));
	}
	return false;
}

/* Lines from a "fields" of hvsim_vsock, as many as asked for, with blanks between. */
static const char *lines(int fd, unsigned int count)
{
	static char text[256];
	size_t len = 0;
	unsigned int n = 0;

	while (n < count && len < sizeof(text) - 1 && e2e_socket_input(fd) &&
	       read(fd, &text[len], 1) == 1) {
		if (text[len] == '\n') {
			text[len] = ' ';
			n++;
		}
		len++;
	}
	text[len ? len - 1 : 0] = '\0';
	return text;
}

/* Sends a field and hears how long it was in the guest. */
static const char *field(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		return "cannot send";
	return lines(fd, 1);
}

/* Whether what is sent comes back, piece by piece. */
static bool echoes(int fd, unsigned int pieces)
{
	uint8_t out[4096], in[sizeof(out)];
	size_t len, i;
	ssize_t got;

	while (pieces--) {
		for (i = 0; i < sizeof(out); i++)
			out[i] = (uint8_t)(i * 31 + pieces);
		if (write(fd, out, sizeof(out)) != sizeof(out))
			return false;
		for (len = 0; len < sizeof(in); len += (size_t)got) {
			got = e2e_socket_input(fd) ? read(fd, in + len, sizeof(in) - len) : 0;
			if (got <= 0)
				return false;
		}
		if (memcmp(in, out, sizeof(out)))
			return false;
	}
	return true;
}

static void test_accepted(const char *group)
{
	int broker = e2e_socket_connect(BROKER), server = e2e_socket_connect(SERVER);

	e2e_ok(broker >= 0 && server >= 0, "%s: both services are accepted, at a time", group);
	e2e_is_str(lines(broker, 1), "cid 2", "%s: the guest sees the host's CID", group);
	e2e_is_str(field(broker, "VERSION"), "7", "%s: and what it says", group);
	e2e_ok(echoes(server, 64), "%s: bytes come back as they were sent", group);
	e2e_is_str(counters(), "1 1 0 0 0", "%s: each is counted", group);
	close(broker);
	close(server);
	e2e_ok(devices_gone(), "%s: no channel is left when they are over", group);
}

/* A program that has not read yet gets the host's pieces one by one all the same. */
static void test_fields(void)
{
	static const char *const words[] = { "VERSION", "VERSION_2", "EMPTYPW", "P" };
	unsigned int i;
	int fd;

	e2e_guest("killall -STOP hvsim_vsock");
	fd = e2e_socket_connect(BROKER);
	for (i = 0; i < 4; i++) {
		if (write(fd, words[i], strlen(words[i])) < 0)
			e2e_note("cannot send: the guest has gone");
		e2e_sleep_ms(e2e_patient_ms(300));
	}
	e2e_guest("killall -CONT hvsim_vsock");
	e2e_is_str(lines(fd, 5), "cid 2 7 9 7 1", "psdirect: fields are received one by one");
	close(fd);
}

static void test_ends(void)
{
	int fd = e2e_socket_connect(SERVER);

	e2e_ok(echoes(fd, 1), "psdirect: a session");
	shutdown(fd, SHUT_WR);
	e2e_is_str(e2e_socket_hear(fd), "EOF", "psdirect: which the host ends");
	close(fd);
	fd = e2e_socket_connect(BROKER);
	e2e_is_str(lines(fd, 1), "cid 2", "psdirect: another");
	e2e_guest("killall hvsim_vsock");
	e2e_is_str(e2e_socket_hear(fd), "EOF", "psdirect: which the guest ends");
	close(fd);
	e2e_ok(e2e_socket_connect(BROKER) < 0,
	       "psdirect: where nobody listens in the guest nobody answers");
	e2e_guest(LISTEN);
}

static void test_many(void)
{
	int fds[AT_A_TIME];
	unsigned int i, good = 0;

	for (i = 0; i < AT_A_TIME; i++)
		fds[i] = e2e_socket_dial(i & 1 ? SERVER : BROKER);
	for (i = 0; i < AT_A_TIME; i++)
		fds[i] = e2e_socket_accepted(fds[i]);
	for (i = 0; i < AT_A_TIME; i++)
		good += fds[i] >= 0 && (i & 1 ? echoes(fds[i], 2) :
					!strcmp(lines(fds[i], 1), "cid 2"));
	e2e_is_int(good, AT_A_TIME, "psdirect: %d at a time are accepted and talk", AT_A_TIME);
	for (i = 0; i < AT_A_TIME; i++)
		close(fds[i]);
	e2e_ok(devices_gone(), "psdirect: no channel is left when they are over");
}

/* What is not PowerShell Direct's. */
static void test_others(void)
{
	const char *before = strdup(counters());
	int fd;

	e2e_guest("hvsim_vsock echo 5000");
	fd = e2e_socket_connect("5000");
	e2e_ok(echoes(fd, 4), "psdirect: an ordinary port is as before");
	close(fd);
	fd = e2e_socket_connect(BROKER_AS_PORT);
	e2e_is_str(lines(fd, 1), "cid 2", "psdirect: its own ports can be dialled as ports");
	close(fd);
	fd = e2e_socket_dial(OTHER);
	e2e_sleep_ms(e2e_patient_ms(500));
	e2e_guest("grep -qi " OTHER " /sys/bus/vmbus/devices/*/class_id");
	e2e_is_int(e2e_guest_status(), 0, "psdirect: another service keeps its class");
	e2e_ok(e2e_socket_accepted(fd) < 0, "psdirect: and is not accepted");
	e2e_is_str(counters(), before, "psdirect: none of these is counted");
	free((char *)before);
}

static void test_container(void)
{
	int fd = e2e_socket_dial(BROKER " container");

	e2e_sleep_ms(e2e_patient_ms(500));
	e2e_guest("grep -qi " BROKER " /sys/bus/vmbus/devices/*/class_id");
	e2e_is_int(e2e_guest_status(), 0, "psdirect: a connection to a container keeps its class");
	e2e_ok(e2e_socket_accepted(fd) < 0, "psdirect: and is not accepted");
	e2e_is_str(e2e_guest("cat " COUNTERS "/containers"), "1", "psdirect: but counted");
}

static void test_parameter(void)
{
	int fd;

	e2e_is_str(e2e_guest("cat " PARAMETER " " COUNTERS "/state"), "auto\non",
		   "psdirect: it is on in a guest that is not confidential");
	e2e_guest("echo maybe >" PARAMETER);
	e2e_ok(e2e_guest_status(), "psdirect: there is no maybe");
	e2e_is_str(e2e_guest("echo off >" PARAMETER "; cat " PARAMETER " " COUNTERS "/state"),
		   "off\noff", "psdirect: it can be switched off");
	e2e_ok(e2e_socket_connect(SERVER) < 0, "psdirect: then nothing is accepted");
	e2e_is_str(e2e_guest("cat " COUNTERS "/ignored"), "1", "psdirect: which is counted");
	fd = e2e_socket_dial(SERVER);
	e2e_sleep_ms(e2e_patient_ms(500));
	e2e_guest("echo on >" PARAMETER);
	fd = e2e_socket_accepted(fd);
	e2e_ok(fd >= 0 && echoes(fd, 1), "psdirect: what waits is accepted when it is on again");
	close(fd);
	e2e_guest("rmmod hv_utils; modprobe hv_utils psdirect=N");
	e2e_is_str(e2e_guest("cat " PARAMETER " " COUNTERS "/state"), "off\noff",
		   "psdirect: it can be off from the start");
	e2e_ok(e2e_socket_connect(BROKER) < 0, "psdirect: then nothing is accepted");
	e2e_guest("rmmod hv_utils; modprobe hv_utils");
}

/* Offered before the module is there, when hv_sock has had it and found nothing in it. */
static void test_pending(const char *group)
{
	int broker, server;

	e2e_guest("rmmod hv_utils; (sleep 1; modprobe hv_utils) >/dev/null 2>&1 &");
	broker = e2e_socket_dial(BROKER);
	server = e2e_socket_dial(SERVER);
	broker = e2e_socket_accepted(broker);
	server = e2e_socket_accepted(server);
	e2e_ok(broker >= 0 && server >= 0,
	       "%s: what was offered before the module was there is accepted", group);
	e2e_is_str(lines(broker, 1), "cid 2", "%s: as the host's", group);
	e2e_is_str(field(broker, "VERSION"), "7", "%s: the one talks", group);
	e2e_ok(echoes(server, 4), "%s: and the other", group);
	e2e_is_str(counters(), "1 1 0 2 0", "%s: that they were there first is counted", group);
	close(broker);
	close(server);
}

static void test_module_gone(void)
{
	int fd = e2e_socket_connect(BROKER), other;

	e2e_is_str(lines(fd, 1), "cid 2", "psdirect: a session");
	e2e_guest("rmmod hv_utils");
	e2e_is_int(e2e_guest_status(), 0, "psdirect: does not keep the module from being removed");
	e2e_is_str(field(fd, "still"), "5", "psdirect: and goes on without it");
	e2e_ok(e2e_socket_connect(BROKER) < 0, "psdirect: another is not accepted then");
	e2e_guest("modprobe hv_utils");
	e2e_is_str(field(fd, "there"), "5", "psdirect: it goes on when the module is back");
	other = e2e_socket_connect(SERVER);
	e2e_ok(echoes(other, 1), "psdirect: and another is accepted");
	e2e_is_str(counters(), "0 1 0 0 0", "psdirect: which alone is counted");
	close(other);
	close(fd);
}

/*
 * An offer that is there before hv_sock is lost, whosever it is: hv_sock asks for a
 * transport that it registers a moment later.
 */
static void test_transport_later(void)
{
	int fd;

	e2e_ok(devices_gone(), "psdirect: all is over");
	e2e_guest("rmmod hv_sock");
	e2e_is_int(e2e_guest_status(), 0, "psdirect: hv_sock can be removed");
	e2e_ok(e2e_socket_connect(SERVER) < 0, "psdirect: without it nothing is accepted");
	e2e_guest("modprobe hv_sock");
	fd = e2e_socket_connect(SERVER);
	e2e_ok(fd >= 0 && echoes(fd, 1), "psdirect: when it is loaded later, it is there");
	close(fd);
}

/* Connections that are no host's. */
static void test_local(void)
{
	e2e_is_str(e2e_guest("echo x | hvsim_vsock connect 997 1"), "cid 1\n2",
		   "psdirect: a connection from inside of the guest has another CID");
	e2e_guest("grep -q ^nobody: /etc/passwd || "
		  "echo 'nobody:x:65534:65534::/:/bin/sh' >>/etc/passwd");
	e2e_is_str(e2e_guest("su nobody -s /bin/sh -c 'id -u; hvsim_vsock fields 999' 2>&1"),
		   "65534\nhvsim_vsock: cannot listen: Permission denied",
		   "psdirect: a user cannot listen on such ports");
}

/* A listener in a network namespace of its own, on kernels that tell them apart. */
static void test_namespaces(const char *group)
{
	int fd;

	e2e_guest("test -e /proc/sys/net/vsock/child_ns_mode");
	if (e2e_guest_status()) {
		e2e_note("%s: this kernel's vsock has no namespaces", group);
		return;
	}
	e2e_guest("killall hvsim_vsock; unshare -n hvsim_vsock fields 997");
	fd = e2e_socket_connect(BROKER);
	e2e_is_str(fd < 0 ? "refused" : lines(fd, 1), "cid 2",
		   "%s: a listener in a global namespace is reached", group);
	close(fd);
	e2e_guest("killall hvsim_vsock; echo local >/proc/sys/net/vsock/child_ns_mode");
	e2e_is_str(e2e_guest("cat /proc/sys/net/vsock/child_ns_mode; "
			     "unshare -n cat /proc/sys/net/vsock/ns_mode"), "local\nlocal",
		   "%s: new namespaces can be local", group);
	e2e_guest("unshare -n hvsim_vsock fields 997");
	e2e_is_int(e2e_guest_status(), 0, "%s: a program can listen in one", group);
	e2e_ok(e2e_socket_connect(BROKER) < 0, "%s: and is not reached there", group);
	e2e_guest("hvsim_vsock fields 997");
	fd = e2e_socket_connect(BROKER);
	e2e_is_str(fd < 0 ? "refused" : lines(fd, 1), "cid 2",
		   "%s: one beside it in the first is", group);
	close(fd);
	e2e_guest("killall hvsim_vsock; " LISTEN);
}

/* Offers, rescinds and the module come and go, none waiting for another. */
static void test_storm(void)
{
	int i, fd, open = -1;

	e2e_guest("(for i in $(seq 15); do rmmod hv_utils; modprobe hv_utils; done; "
		  "touch /tmp/stormed) >/dev/null 2>&1 &");
	for (i = 0; i < STORM; i++) {
		fd = e2e_socket_dial(i & 1 ? SERVER : BROKER);
		e2e_sleep_ms(i * 7 % 50);
		/* the one before is taken back while this one is offered */
		if (open >= 0)
			close(open);
		open = fd;
	}
	close(open);
	e2e_guest("for i in $(seq 600); do [ ! -e /tmp/stormed ] || exit 0; sleep 0.2; done; "
		  "exit 1");
	e2e_is_int(e2e_guest_status(), 0, "psdirect: the module comes and goes among offers");
	e2e_ok(devices_gone(), "psdirect: no channel is left behind");
	fd = e2e_socket_connect(SERVER);
	e2e_ok(fd >= 0 && echoes(fd, 1), "psdirect: and the next is accepted");
	close(fd);
}

static void test_trace(void)
{
	int fd;

	e2e_guest("cd /sys/kernel/tracing && echo >trace && "
		  "echo 1 >events/hv_ic/hv_ic_psdirect/enable");
	fd = e2e_socket_connect(BROKER);
	close(fd);
	e2e_guest("echo 0 >/sys/kernel/tracing/events/hv_ic/hv_ic_psdirect/enable");
	e2e_is_str(e2e_guest("grep -o 'hv_ic_psdirect: service=.*' /sys/kernel/tracing/trace | "
			     "sed 's/channel=[0-9]*/channel=N/'"),
		   "hv_ic_psdirect: service=broker port=997 channel=N pending=0",
		   "psdirect: the tracepoint tells of an offer");
}

static void finish(const char *group)
{
	e2e_ok(devices_gone(), "%s: no channel is left behind", group);
	e2e_ok(e2e_wait_state("heartbeat", "ready", 10000) && e2e_alive("heartbeat"),
	       "%s: the services go on", group);
	e2e_is_str(e2e_complaints(), "", "%s: the kernel has no complaint", group);
	e2e_is_str(e2e_anomaly(), "", "%s: nor the host", group);
}

static void start(const char *group)
{
	e2e_anomaly();
	devices_before = devices();
	e2e_guest(LISTEN);
	e2e_is_int(e2e_guest_status(), 0, "%s: a program listens on both ports", group);
	/* counters from 0 */
	e2e_guest("rmmod hv_utils; modprobe hv_utils");
}

static void run_smoke(void)
{
	start("psdirect-smoke");
	test_accepted("psdirect-smoke");
	test_pending("psdirect-smoke");
	test_namespaces("psdirect-smoke");
	finish("psdirect-smoke");
}

static void run_module(void)
{
	start("psdirect");
	test_accepted("psdirect");
	test_fields();
	test_ends();
	test_many();
	test_others();
	test_container();
	test_parameter();
	test_trace();
	test_pending("psdirect");
	test_module_gone();
	test_transport_later();
	test_local();
	test_namespaces("psdirect");
	test_storm();
	finish("psdirect");
}

const struct e2e_group e2e_psdirect_module = { "psdirect-module", run_module };
const struct e2e_group e2e_psdirect_smoke = { "psdirect-smoke", run_smoke };
