// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PowerShell Direct as a whole, in a Debian with systemd: our daemon under its own unit, real
 * PAM, the stock hv_sock and our module.  What needs no guest is in tools/testing/unit/psdirect;
 * here is a sample of it, and what only a guest has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hv/hvic_psdirect.h>

#include "e2e.h"
#include "psdirect_client.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

#define UNIT		"hv-psdirect-daemon"
#define PROCESSES	"/sys/fs/cgroup/system.slice/" UNIT ".service/cgroup.procs"
#define AT_ONCE		16
#define PATIENCE_MS	60000

/* Unlike any other word that may be in a log, and their crypt(5). */
#define WORD		"s3cr3t-Wort"
#define WORD_HASH								\
	"$6$rounds=1000$hvics$2QYCvE2VXYJS1gbp4EHMkror/YclnhWSLgSxmw9O9EP/w6/BOC8rWKlJA2PEf36t"	\
	"7xRrKQYBtBkF.tQZ6RF9l1"
#define WIDE_USER	"j\xc3\xbcrgen"
#define WIDE		"P\xc3\xa4" "55w\xe2\x82\xacrt-\xf0\x9f\x99\x82"
#define WIDE_HASH								\
	"$6$rounds=1000$hvics$nxOP/lXE/x17i9GJRAZe/UsKIjgHDL6mWRpNfx0oa1HfEN9oS/.ROUVVtRZ30s5R"	\
	"6UUXP1vcq8cbKNGwS1t/6/"
#define ROOT_WORD	"r00t-Wort"
#define ROOT_HASH								\
	"$6$rounds=1000$hvics$dR8HExfSAOjQ3GZIavZAemC7fgPckVWCcO4E.t5BbYo7iaT/TpvUsJOSGPvj8rWP"	\
	"Nt9gPCW89HSip8hi5AyRA1"

#define COMMANDS								\
	"command = /usr/bin/psdirect_echo\n"					\
	"[psdirect raw]\ncommand = /usr/bin/psdirect_echo raw\n"		\
	"[psdirect environment]\ncommand = /usr/bin/psdirect_echo environment\n"	\
	"[psdirect daemon]\ncommand = /usr/bin/psdirect_echo daemon\n"

/* Each connection is a device, which goes when it is over. */
static int devices_before;

/* ---- the guest ---- */

static void account_add(const char *name, unsigned int id, const char *hash, const char *changed,
			const char *expires)
{
	e2e_guest("echo '%s:x:%u:61000::/home/%u:/bin/sh' >>/etc/passwd; "
		  "echo '%s:%s:%s:0:99999:7::%s:' >>/etc/shadow; "
		  "mkdir -p /home/%u && chown %u:61000 /home/%u",
		  name, id, id, name, hash, changed, expires, id, id, id);
}

static void accounts_add(void)
{
	e2e_guest("echo psd-users:x:61000: >>/etc/group");
	account_add("alice", 61001, WORD_HASH, "19000", "");
	account_add(WIDE_USER, 61002, WIDE_HASH, "19000", "");
	account_add("empty", 61003, "", "19000", "");
	account_add("locked", 61004, WORD_HASH, "19000", "");
	account_add("ended", 61005, WORD_HASH, "19000", "1");
	account_add("old", 61006, WORD_HASH, "0", "");
	e2e_guest("passwd -q -l locked; sed -i 's|^root:[^:]*:|root:%s:|' /etc/shadow", ROOT_HASH);
}

/* The next connection starts the daemon, with these settings. */
static void settings_take(const char *text)
{
	e2e_guest("mkdir -p /etc/hyperv-ics.conf.d; systemctl stop " UNIT ".service; "
		  "cat >/etc/hyperv-ics.conf.d/test.conf <<-'END'\n[psdirect]\n%sEND\n", text);
}

static const char *log_text = "";

static void log_read(void)
{
	e2e_guest("journalctl --flush");
	log_text = e2e_guest("journalctl -q -o cat --no-pager");
}

/* Whether the log has these words; it is read again when it seems not to have them yet. */
static bool log_has(const char *words)
{
	int i;

	for (i = 0; i < 4; i++) {
		if (i)
			e2e_sleep_ms(e2e_patient_ms(500));
		if (i || !*log_text)
			log_read();
		if (strstr(log_text, words))
			return true;
	}
	return false;
}

static bool guest_waits_for(const char *condition)
{
	int ms;

	for (ms = 0; ms < e2e_patient_ms(PATIENCE_MS); ms += 500) {
		e2e_guest("%s", condition);
		if (!e2e_guest_status())
			return true;
		e2e_sleep_ms(500);
	}
	return false;
}

/* Whether the daemon is alone: no connection, no login, and no session. */
static bool daemon_is_alone(void)
{
	return guest_waits_for("[ $(wc -l <" PROCESSES ") = 1 ]");
}

static int devices(void)
{
	return atoi(e2e_guest("ls /sys/bus/vmbus/devices | wc -l"));
}

static bool devices_gone(void)
{
	int i;

	for (i = 0; i < 100; i++) {
		if (devices() == devices_before)
			return true;
		e2e_sleep_ms(e2e_patient_ms(200));
	}
	return false;
}

/* ---- logins ---- */

/* Settings as they are installed: no pwsh is in this guest. */
static void test_installed(void)
{
	e2e_guest("systemctl start " UNIT ".socket; systemctl is-active " UNIT ".socket && "
		  "! systemctl is-active " UNIT ".service");
	if (!e2e_ok(!e2e_guest_status(), "psdirect: the unit listens, and no daemon runs yet"))
		e2e_note("%s", e2e_guest("systemctl status --no-pager " UNIT ".socket"));
	e2e_is_int(psdirect_ps("alice", WORD, "", ""), 1, "psdirect: without pwsh");
	e2e_ok(strstr(psdirect_ps_said(0, "err"), "there is no PowerShell in this guest"),
	       "psdirect: the person at the host is told: %s", psdirect_ps_said(0, "err"));
	e2e_guest("systemctl is-active " UNIT ".service");
	e2e_is_int(e2e_guest_status(), 0, "psdirect: the connection has started the daemon");
}

static void test_login(void)
{
	const char *heard;
	int fd;

	e2e_is_int(psdirect_ps("alice", WORD, "--configuration environment", "x\\n"), 0,
		   "psdirect: alice logs in%s", psdirect_ps_said(0, "err"));
	heard = psdirect_ps_said(0, "out");
	e2e_ok(strstr(heard, "uid=61001/61001 gid=61000/61000\n"), "psdirect: as herself");
	e2e_ok(strstr(heard, "cwd=/home/61001\n") && strstr(heard, "env HOME=/home/61001\n"),
	       "psdirect: at home");
	e2e_ok(strstr(heard, "env LANG=C.UTF-8\n") && !strstr(heard, "env NOTIFY_SOCKET") &&
	       !strstr(heard, "env LISTEN_"), "psdirect: with an environment of her own");
	e2e_is_int(psdirect_ps(WIDE_USER, WIDE, "--configuration raw", "gr\xc3\xbcn\\n"), 0,
		   "psdirect: a user and a password beyond ASCII");
	e2e_is_str(psdirect_ps_said(0, "out"), "gr\xc3\xbcn", "psdirect: and a stream");
	fd = psdirect_open("alice", WORD, NULL);
	if (fd >= 0 && send(fd, "no element\n", 11, MSG_NOSIGNAL) < 0)
		e2e_note("the guest has gone");
	e2e_is_str(fd < 0 ? "refused" : e2e_socket_hear(fd),
		   "__HyperVSocketError__:unknown element: no element\n",
		   "psdirect: an error of a session has the prefix that the host knows");
	close(fd);
}

/* All at a time; a login that fails takes its two seconds. */
static void test_refused(void)
{
	static const struct {
		const char *user, *password, *options, *why;
	} cases[] = {
		{ "alice", "wr0ng-Wort", "", "refused for 'alice', domain 'localhost': "
		  "Authentication failure" },
		{ "mallory", WORD, "", "refused for 'mallory', domain 'localhost': there is no "
		  "such user" },
		{ "locked", WORD, "", "refused for 'locked', domain 'localhost': Authentication "
		  "failure" },
		{ "root", ROOT_WORD, "", "refused for 'root', domain 'localhost': root may not" },
		{ "empty", "", "", "refused for 'empty', domain 'localhost': empty passwords" },
		{ "alice", WORD, "--domain other.example", "refused for 'alice', domain "
		  "'other.example': the domain is not accepted" },
		{ "alice", WORD, "--legacy", "a V1 client" },
	};
	const char *first;
	unsigned int i;

	for (i = 0; i < NR(cases); i++)
		psdirect_ps_begin(i, cases[i].user, cases[i].password, cases[i].options, "");
	for (i = 0; i < NR(cases); i++)
		e2e_is_int(psdirect_ps_end(i), 1, "psdirect: refused: %s %s", cases[i].user,
			   cases[i].why);
	log_read();
	first = psdirect_ps_said(0, "err");
	for (i = 0; i < NR(cases); i++) {
		if (i)
			e2e_is_str(psdirect_ps_said(i, "err"), first,
				   "psdirect: the host is told the same, whyever");
		e2e_ok(log_has(cases[i].why), "psdirect: and the log why: %s", cases[i].why);
	}
}

static void test_texts(void)
{
	static const struct {
		const char *user, *options, *text;
	} cases[] = {
		/* Debian's stack has pam_deny say the last word, but pam_unix the reason */
		{ "ended", "", "Your account has expired; please contact your system" },
		{ "old", "", "the password of old has expired: change it" },
		{ "alice", "--configuration none", "there is no configuration 'none' in this" },
	};
	unsigned int i;

	for (i = 0; i < NR(cases); i++)
		psdirect_ps_begin(i, cases[i].user, WORD, cases[i].options, "");
	for (i = 0; i < NR(cases); i++) {
		e2e_is_int(psdirect_ps_end(i), 1, "psdirect: no session: %s", cases[i].text);
		e2e_ok(strstr(psdirect_ps_said(i, "err"), cases[i].text),
		       "psdirect: the person at the host is told: %s", psdirect_ps_said(i, "err"));
	}
}

static void test_domains(void)
{
	static const char *const names[] = { ".", "GUEST", "guest.example.org" };
	char options[80];
	unsigned int i;

	for (i = 0; i < NR(names); i++) {
		snprintf(options, sizeof(options), "--configuration raw --domain %s", names[i]);
		psdirect_ps_begin(i, "alice", WORD, options, "domain\\n");
	}
	for (i = 0; i < NR(names); i++) {
		e2e_is_int(psdirect_ps_end(i), 0, "psdirect: domain %s is this guest", names[i]);
		e2e_is_str(psdirect_ps_said(i, "out"), "domain", "psdirect: and has a session");
	}
}

/* ---- tokens ---- */

static void test_token(void)
{
	char token[128], wrong[128];
	int fd;

	snprintf(token, sizeof(token), "%s", psdirect_token("alice", WORD, "raw"));
	e2e_is_int((long long)strlen(token), 44, "psdirect: a token");
	memcpy(wrong, token, sizeof(wrong));
	wrong[20] ^= 1;
	e2e_is_int(psdirect_session(wrong), -1, "psdirect: a wrong one is refused");
	/* a process of the guest that has stolen it gets no answer to what comes before */
	e2e_guest("modprobe vsock_loopback");
	e2e_is_str(e2e_guest("(printf VERSION; sleep 1) | hvsim_vsock connect 998 1"), "",
		   "psdirect: a program of the guest is not asked for it");
	e2e_ok(log_has("refused a connection to the server from CID 1: it is not the host"),
	       "psdirect: but refused");
	fd = psdirect_session(token);
	e2e_ok(psdirect_echoes(fd, "mine\n"), "psdirect: the host can use it all the same");
	e2e_is_int(psdirect_session(token), -1, "psdirect: nobody can use it again");
	e2e_ok(psdirect_echoes(fd, "still\n"), "psdirect: the session goes on");
	close(fd);
	log_read();
	e2e_ok(log_has("its token is unknown, used, or too old"), "psdirect: the log says why");
	e2e_ok(!strstr(log_text, token), "psdirect: and not which token it was");
	e2e_guest("modprobe -r vsock_loopback");
}

/* ---- many and much ---- */

/* A host of its own: tells when it has a session, and waits to be told to talk. */
static void session_child(unsigned int number, int told, int go)
{
	int fd = psdirect_open("alice", WORD, "raw");
	char line[32], ready = fd >= 0 ? 'y' : 'n';

	snprintf(line, sizeof(line), "session %u\n", number);
	if (write(told, &ready, 1) != 1 || read(go, &ready, 1) != 1)
		_exit(1);
	_exit(!psdirect_echoes(fd, line));
}

static void test_sixteen(void)
{
	int told[2], go[2], status, i, open = 0, good = 0;
	char ready;

	if (pipe(told) < 0 || pipe(go) < 0)
		e2e_abort("psdirect: no pipes");
	fflush(stdout);
	for (i = 0; i < AT_ONCE; i++)
		if (!fork())
			session_child((unsigned int)i, told[1], go[0]);
	for (i = 0; i < AT_ONCE && read(told[0], &ready, 1) == 1; i++)
		open += ready == 'y';
	e2e_is_int(open, AT_ONCE, "psdirect: %d log in at a time", AT_ONCE);
	e2e_ok(guest_waits_for("[ $(pgrep -c psdirect_echo) = 16 ]"),
	       "psdirect: each has a program");
	if (write(go[1], "----------------", AT_ONCE) < 0)
		e2e_note("cannot tell the sessions to talk");
	for (i = 0; i < AT_ONCE; i++)
		good += wait(&status) > 0 && !status;
	e2e_is_int(good, AT_ONCE, "psdirect: with its own stream");
	for (i = 0; i < 2; i++) {
		close(told[i]);
		close(go[i]);
	}
	e2e_ok(daemon_is_alone(), "psdirect: no process is left when they are over");
}

/* Bytes that are no lines, and have all there are: by their place. */
static void pattern(uint8_t *bytes, uint64_t at, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++, at++)
		bytes[i] = (uint8_t)((at * 2654435761u) >> 13 ^ at >> 9);
}

static void pattern_send(int fd, uint64_t total)
{
	static uint8_t bytes[65536];
	uint64_t at;
	size_t len;
	ssize_t put = 1;

	for (at = 0; at < total && put > 0; at += (uint64_t)put) {
		len = total - at < sizeof(bytes) ? (size_t)(total - at) : sizeof(bytes);
		pattern(bytes, at, len);
		put = send(fd, bytes, len, MSG_NOSIGNAL);
	}
	_exit(at != total);
}

/* How much came as it was sent. */
static uint64_t pattern_receive(int fd, uint64_t total)
{
	static uint8_t bytes[65536], want[65536];
	uint64_t at;
	ssize_t len;

	for (at = 0; at < total; at += (uint64_t)len) {
		len = e2e_socket_input(fd) ? recv(fd, bytes, sizeof(bytes), 0) : 0;
		if (len <= 0)
			break;
		pattern(want, at, (size_t)len);
		if (memcmp(bytes, want, (size_t)len))
			break;
	}
	return at;
}

/*
 * Both ways at a time.  100 MB take a nested guest 58 s, longer than all else here; so it is
 * less, and more than all buffers on the way have room for.
 */
static void test_bulk(unsigned int mb)
{
	uint64_t total = mb * 1000000ULL, came;
	long long start = e2e_now_ns(), ms;
	int fd = psdirect_open("alice", WORD, "raw"), status = -1;
	pid_t sender;

	fflush(stdout);
	sender = fork();
	if (!sender)
		pattern_send(fd, total);
	came = pattern_receive(fd, total);
	ms = (e2e_now_ns() - start) / 1000000;
	waitpid(sender, &status, 0);
	e2e_is_int((long long)came, (long long)total, "psdirect: %u MB each way, intact", mb);
	e2e_note("psdirect: %lld kB/s each way", (long long)total / (ms ?: 1));
	close(fd);
}

/* ---- ends ---- */

static void test_host_leaves(void)
{
	static const char *const steps[PSDIRECT_ROWS] = {
		"first message", "version", "domain", "user name", "password's kind", "password",
		"configuration's kind", "configuration",
	};
	char words[64];
	unsigned int i;
	int fd;

	/* one that is over before the daemon accepts it is never seen there */
	fd = psdirect_dial_to("alice", WORD, 0);
	e2e_sleep_ms(e2e_patient_ms(2000));
	close(fd);
	for (i = 1; i < PSDIRECT_ROWS; i++)
		close(psdirect_dial_to("alice", WORD, i));
	close(e2e_socket_connect(HVIC_PSDIRECT_SERVER_GUID_TEXT));
	e2e_ok(daemon_is_alone(), "psdirect: a host that leaves at each step leaves no process");
	log_read();
	for (i = 0; i < PSDIRECT_ROWS; i++) {
		snprintf(words, sizeof(words), "(broker): closed by the host: %s", steps[i]);
		e2e_ok(log_has(words), "psdirect: the log has the step: %s", steps[i]);
	}
	fd = psdirect_open("alice", WORD, "raw");
	e2e_ok(psdirect_echoes(fd, "next\n"), "psdirect: the next host is served");
	close(fd);
}

/* The guest's end at each step, and the daemon's. */
static void test_guest_leaves(void)
{
	int fds[PSDIRECT_ROWS + 2];
	unsigned int i, ended = 0;

	for (i = 0; i < PSDIRECT_ROWS; i++)
		fds[i] = psdirect_dial_to("alice", WORD, i);
	fds[i++] = e2e_socket_connect(HVIC_PSDIRECT_SERVER_GUID_TEXT);
	fds[i] = psdirect_open("alice", WORD, "raw");
	e2e_ok(psdirect_echoes(fds[i], "there\n"), "psdirect: hosts at each step, and a session");
	e2e_guest("systemctl restart " UNIT ".service");
	e2e_is_int(e2e_guest_status(), 0, "psdirect: when the daemon is restarted");
	for (i = 0; i < NR(fds); i++) {
		ended += !strcmp(e2e_socket_hear(fds[i]), "EOF");
		close(fds[i]);
	}
	e2e_is_int(ended, NR(fds), "psdirect: all of them are told that it is over");
	e2e_ok(daemon_is_alone(), "psdirect: no process of the one before is left");
	fds[0] = psdirect_open("alice", WORD, "raw");
	e2e_ok(psdirect_echoes(fds[0], "again\n"), "psdirect: the next daemon serves");
	e2e_guest("kill -9 $(systemctl show -p MainPID --value " UNIT ".service)");
	e2e_is_str(e2e_socket_hear(fds[0]), "EOF", "psdirect: one that is killed ends its session");
	close(fds[0]);
	e2e_guest("systemctl reset-failed " UNIT ".service " UNIT ".socket; "
		  "systemctl start " UNIT ".socket");
	fds[0] = psdirect_open("alice", WORD, "raw");
	e2e_ok(psdirect_echoes(fds[0], "again\n"), "psdirect: and the next serves");
	close(fds[0]);
}

/* A program that neither its input's end nor SIGTERM ends; its daemon has left its session. */
static void test_group(void)
{
	int fd = psdirect_open("alice", WORD, "daemon"), pid = 0, other = 0;
	const char *heard;

	/* nothing is said before the host has spoken */
	heard = fd >= 0 && write(fd, "\n", 1) == 1 ? e2e_socket_hear(fd) : "";
	e2e_ok(sscanf(heard, "process %d %d", &pid, &other) == 2 && pid > 0 && other > 0,
	       "psdirect: a program that does not end: %s", heard);
	e2e_guest("kill -0 %d && kill -0 %d", pid, other);
	e2e_is_int(e2e_guest_status(), 0, "psdirect: it runs, and so does what it has left");
	close(fd);
	e2e_ok(guest_waits_for("! pgrep psdirect_echo"),
	       "psdirect: when the host leaves, both are ended");
	e2e_ok(daemon_is_alone(), "psdirect: and nothing is left of the login");
}

static void test_module_gone(void)
{
	int fd = psdirect_open("alice", WORD, "raw");

	e2e_ok(psdirect_echoes(fd, "there\n"), "psdirect: a session");
	/* Debian's, which have its devices open */
	e2e_guest("systemctl stop hv-kvp-daemon hv-vss-daemon hv-fcopy-daemon; "
		  "for i in $(seq 50); do rmmod hv_utils && exit 0; sleep 0.1; done; exit 1");
	e2e_is_int(e2e_guest_status(), 0, "psdirect: when the module is removed in the middle");
	e2e_ok(psdirect_echoes(fd, "still\n"), "psdirect: it goes on");
	e2e_is_str(psdirect_token("alice", WORD, NULL), "", "psdirect: nobody can log in");
	e2e_guest("modprobe hv_utils; udevadm settle");
	e2e_ok(psdirect_echoes(fd, "yet\n"), "psdirect: it goes on when the module is back");
	close(fd);
	fd = psdirect_open("alice", WORD, "raw");
	e2e_ok(psdirect_echoes(fd, "new\n"), "psdirect: and others log in");
	close(fd);
}

/* ---- other settings ---- */

static void test_allowed(void)
{
	static const struct {
		const char *user, *password, *options, *what;
	} cases[] = {
		{ "root", ROOT_WORD, "", "root" },
		{ "empty", "", "", "an empty password" },
		{ "alice", WORD, "--domain CORP", "a user of a domain" },
		{ "alice", WORD, "", "V2 beside V1" },
		{ "alice", WORD, "--legacy", "V1" },
	};
	char options[80];
	unsigned int i;

	settings_take("root = yes\nempty_passwords = yes\nlegacy = yes\ndomains = CORP\n"
		      "domain_user = %u\n" COMMANDS);
	for (i = 0; i < NR(cases); i++) {
		snprintf(options, sizeof(options), "%s --configuration raw", cases[i].options);
		/* alone: its input is held open for a time that must suffice */
		if (strstr(options, "--legacy"))
			psdirect_ps_end(i - 1);
		psdirect_ps_begin(i, cases[i].user, cases[i].password, options, "in\\n");
	}
	for (i = 0; i < NR(cases); i++) {
		e2e_is_int(psdirect_ps_end(i), 0, "psdirect: where it is allowed, %s: %s",
			   cases[i].what, psdirect_ps_said(i, "err"));
		e2e_is_str(psdirect_ps_said(i, "out"), "in", "psdirect: and a session");
	}
	log_text = "";
	e2e_ok(log_has("nothing ties their login to their session"),
	       "psdirect: the log warns of V1");
}

static void test_faillock(void)
{
	int i;

	e2e_guest("cat >/etc/pam.d/psd-lock <<-'END'\n"
		  "auth required pam_faillock.so preauth deny=2\n"
		  "auth [success=1 default=ignore] pam_unix.so nodelay\n"
		  "auth [default=die] pam_faillock.so authfail deny=2\n"
		  "auth required pam_permit.so\n"
		  "account required pam_faillock.so\naccount required pam_unix.so\n"
		  "session required pam_unix.so\nEND\n");
	settings_take("pam_service = psd-lock\nfail_seconds = 0\ntoken_seconds = 3\n"
		      "step_seconds = 4\n" COMMANDS);
	for (i = 0; i < 2; i++)
		e2e_is_str(psdirect_token("alice", "wr0ng-Wort", "raw"), "",
			   "psdirect: a wrong password");
	e2e_is_str(psdirect_token("alice", WORD, "raw"), "",
		   "psdirect: after two of them pam_faillock refuses the right one");
	e2e_guest("faillock --user alice --reset");
	e2e_is_int((long long)strlen(psdirect_token("alice", WORD, "raw")), 44,
		   "psdirect: until the administrator lets it go");
}

/* With the settings of the one before. */
static void test_times(void)
{
	char token[128];
	int fd = psdirect_dial_to("alice", WORD, 2);

	snprintf(token, sizeof(token), "%s", psdirect_token("alice", WORD, "raw"));
	e2e_is_int((long long)strlen(token), 44, "psdirect: a token, and a host that is silent");
	e2e_is_str(e2e_socket_hear(fd), "EOF", "psdirect: which is not waited for");
	close(fd);
	e2e_sleep_ms(e2e_patient_ms(2000));
	e2e_is_int(psdirect_session(token), -1, "psdirect: a late token is refused");
	log_text = "";
	e2e_ok(log_has("(broker): the host said nothing for 4 s: domain"),
	       "psdirect: the log has the step");
	e2e_ok(log_has("the second connection did not come in time"), "psdirect: and the token");
}

static void finish(void)
{
	static const char *const secrets[] = { WORD, WIDE, ROOT_WORD, "wr0ng-Wort", "TOKEN " };
	unsigned int i;

	log_read();
	e2e_ok(strstr(log_text, "alice is logged in"), "psdirect: the log has the logins");
	for (i = 0; i < NR(secrets); i++)
		e2e_ok(!strstr(log_text, secrets[i]), "psdirect: and no secret: %.2s...",
		       secrets[i]);
	e2e_ok(!strstr(log_text, "ended by signal") || strstr(log_text, "KILL"),
	       "psdirect: nothing has crashed");
	e2e_ok(daemon_is_alone(), "psdirect: no process is left");
	e2e_guest("systemctl stop " UNIT ".socket " UNIT ".service; "
		  "! ls -l /proc/[0-9]*/exe 2>/dev/null | grep -q psdirect");
	e2e_is_int(e2e_guest_status(), 0, "psdirect: none at all when the units are stopped");
	e2e_ok(devices_gone(), "psdirect: no channel is left");
	e2e_ok(e2e_wait_state("heartbeat", "ready", 10000) && e2e_alive("heartbeat"),
	       "psdirect: the services go on");
	e2e_is_str(e2e_complaints(), "", "psdirect: the kernel has no complaint");
	e2e_is_str(e2e_anomaly(), "", "psdirect: nor the host");
}

/* How long each part takes, for those who would make it shorter. */
static void part(void (*run)(void), const char *name)
{
	long long start = e2e_now_ns();

	run();
	e2e_note("psdirect: %s: %lld s", name, (e2e_now_ns() - start) / 1000000000);
}

static void run(void)
{
	e2e_quiet();
	devices_before = devices();
	accounts_add();
	test_installed();
	settings_take("fail_seconds = 1\n" COMMANDS);
	part(test_login, "logins");
	part(test_refused, "refusals");
	part(test_texts, "texts");
	part(test_domains, "domains");
	part(test_token, "tokens");
	part(test_sixteen, "sixteen");
	test_bulk(40);
	part(test_host_leaves, "the host leaves");
	part(test_guest_leaves, "the guest leaves");
	part(test_group, "what does not end");
	part(test_module_gone, "the module");
	part(test_allowed, "what can be allowed");
	part(test_faillock, "faillock");
	part(test_times, "times");
	part(finish, "the end");
}

const struct e2e_group e2e_psdirect = { "psdirect", run };
