// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Logins by real PAM on a machine of the test's own: who gets in, who does not and what the
 * log says, who is told why, and accounts that are locked by too many tries.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "psdirect_machine.h"
#include "tap.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))
#define COMMON		"fail_seconds = 0\npam_service = psd-plain\ncommand = " PSDIRECT_ECHO "\n"

/* A service whose module makes all users one. */
static void service_maps(const char *user)
{
	char text[512];

	snprintf(text, sizeof(text), "auth required pam_unix.so nodelay\n"
		 "auth optional %s user=%s\naccount required pam_unix.so\n"
		 "session required pam_permit.so\n", PSDIRECT_MODULE, user);
	machine_write("/etc/pam.d/psd-maps", text);
}

struct attempt {
	const char *name, *domain, *user, *password, *answer, *log;
};

static void attempts_make(const struct attempt *attempts, size_t count)
{
	size_t i;
	int fd;

	for (i = 0; i < count; i++) {
		fd = client_dial(BROKER);
		tap_is_str(client_login(fd, attempts[i].domain, attempts[i].user,
					attempts[i].password), attempts[i].answer, "%s",
			   attempts[i].name);
		if (!strcmp(attempts[i].answer, "FAIL")) {
			client_text(fd, "FAIL");
			tap_is_str(client_hear(fd), "(end)", "%s: then it is over",
				   attempts[i].name);
		}
		if (attempts[i].log)
			tap_ok(machine_log_has(attempts[i].log), "%s: the log says '%s'",
			       attempts[i].name, attempts[i].log);
		close(fd);
	}
}

static const struct attempt plain[] = {
	{ "the right password", "localhost", "psd-alice", "secret", "CONF",
	  "psd-alice is logged in" },
	{ "no domain at all", ".", "psd-alice", "secret", "CONF" },
	{ "names that are not ASCII", "localhost", "psd-j\xc3\xbcrgen",
	  "p\xc3\xa4sswort\xe2\x82\xac\xf0\x9f\x98\x80", "CONF",
	  "psd-j\xc3\xbcrgen is logged in" },
	{ "a wrong password", "localhost", "psd-alice", "Secret", "FAIL",
	  "refused for 'psd-alice', domain 'localhost': Authentication failure" },
	{ "a password with more behind it", "localhost", "psd-alice", "secret ", "FAIL" },
	{ "an unknown user", "localhost", "psd-nobody", "secret", "FAIL", "there is no such user" },
	{ "a name that none can have", "localhost", "-x", "secret", "FAIL" },
	{ "root", "localhost", "root", "secret", "FAIL", "root may not log in" },
	{ "an empty password that is right", "localhost", "psd-empty", NULL, "FAIL",
	  "empty passwords are not accepted" },
	{ "any password where there is none", "localhost", "psd-empty", "x", "FAIL" },
	{ "an empty password that is wrong", "localhost", "psd-alice", NULL, "FAIL" },
	{ "a locked account", "localhost", "psd-locked", "!", "FAIL" },
	{ "a domain that is not accepted", "CORP", "psd-alice", "secret", "FAIL",
	  "the domain is not accepted" },
	{ "an account that has expired is no news for others", "localhost", "psd-ended",
	  "wrong", "FAIL" },
	{ "the account of the failed login's junk", "localhost", "psd-alice",
	  "\xe2\x80\xa0", "FAIL" },
};

static const struct attempt open_all[] = {
	{ "an empty password, allowed", "localhost", "psd-empty", NULL, "CONF" },
	{ "a domain, accepted", "corp", "alice", "secret", "CONF", "psd-alice is logged in" },
	{ "root, allowed: by its password only", "localhost", "root", "no", "FAIL",
	  "domain 'localhost': Authentication failure" },
};

static const struct attempt lists[] = {
	{ "in both lists", "localhost", "psd-alice", "secret", "CONF" },
	{ "not in the list of groups", "localhost", "psd-j\xc3\xbcrgen",
	  "p\xc3\xa4sswort\xe2\x82\xac\xf0\x9f\x98\x80", "FAIL", "not in 'allow_users'" },
	{ "not in the list of users", "localhost", "psd-fails", "secret", "FAIL" },
};

static const struct attempt locking[] = {
	{ "the first failure", "localhost", "psd-fails", "a", "FAIL" },
	{ "the second", "localhost", "psd-fails", "b", "FAIL" },
	{ "the third", "localhost", "psd-fails", "c", "FAIL" },
	{ "then the right one fails", "localhost", "psd-fails", "secret", "FAIL" },
	{ "another account is not locked", "localhost", "psd-alice", "secret", "CONF" },
};

/* A module of PAM makes another user of psd-alice, whose password is right. */
static const struct attempt mapped_to_root[] = {
	{ "a user that PAM makes root", "localhost", "psd-alice", "secret", "FAIL",
	  "root may not log in" },
};

static const struct attempt mapped_to_other[] = {
	{ "a user that PAM makes one who is not in the list", "localhost", "psd-alice", "secret",
	  "FAIL", "not in 'allow_users'" },
};

static const struct attempt mapped_to_none[] = {
	{ "a user that PAM makes one that there is not", "localhost", "psd-alice", "secret",
	  "FAIL", "there is no such user" },
};

/* Names that are refused, and names that PAM is asked for. */
static const struct attempt told[] = {
	{ "a name with a path", "localhost", "../psd-alice", "secret", "FAIL",
	  "refused for '../psd-alice', domain 'localhost': no account can be called that" },
	{ "a user of another domain", "localhost", "psd-alice@other", "secret", "FAIL",
	  "the domain is not accepted" },
	{ "the same, told apart", "OTHER", "psd-alice", "secret", "FAIL",
	  "the domain is not accepted" },
	{ "a user of the guest, with its name", "localhost", "psd-fails@localhost", "secret",
	  "CONF", "psd-fails is logged in" },
	{ "an unknown user", "localhost", "psd-nobody", "secret", "FAIL" },
};

/* The password is right, so the person may know what is wrong. */
static const struct {
	const char *name, *user, *configuration, *words;
} texts[] = {
	{ "an account that has expired", "psd-ended", NULL, "the account psd-ended has expired" },
	{ "a password that has expired", "psd-old", NULL,
	  "the password of psd-old has expired: change" },
	{ "an unknown configuration", "psd-alice", "other",
	  "no configuration 'other' in this guest" },
	{ "a configuration's name that is not ASCII", "psd-alice", "\xc3\xbc",
	  "configuration '?'" },
	{ "a program that is not there", "psd-alice", "gone", "/nonexistent cannot be started" },
};

static void test_texts(void)
{
	const char *heard;
	size_t i;
	int fd;

	for (i = 0; i < NR(texts); i++) {
		fd = client_dial(BROKER);
		tap_is_str(client_login(fd, "localhost", texts[i].user, "secret"), "CONF",
			   "%s: the password is right", texts[i].name);
		heard = client_configure(fd, texts[i].configuration);
		tap_ok(strstr(heard, texts[i].words) && strncmp(heard, "TOKEN ", 6),
		       "%s is told: %s", texts[i].name, heard);
		tap_is_str(client_hear(fd), "(end)", "%s: then it is over", texts[i].name);
		close(fd);
	}
}

/* pam_nologin has something to say, and it is given on. */
static void test_nologin(void)
{
	const char *heard;
	int fd = client_dial(BROKER);

	machine_write("/etc/psd-nologin", "It is going down for a backup.\n");
	client_login(fd, "localhost", "psd-alice", "secret");
	heard = client_configure(fd, NULL);
	tap_ok(strstr(heard, "going down for a backup"), "what a module says is told: %s", heard);
	unlink("/etc/psd-nologin");
	close(fd);
}

static long failure_ms(const char *user, const char *password)
{
	int fd = client_dial(BROKER);
	long begun = machine_now_ms();
	bool failed = !strcmp(client_login(fd, "localhost", user, password), "FAIL");

	close(fd);
	return failed ? machine_now_ms() - begun : -1;
}

/* The least that each may take; that it is no more depends on the machine's load. */
static void test_delay(void)
{
	long wrong = failure_ms("psd-alice", "wrong"), unknown = failure_ms("psd-nobody", "wrong");
	long root = failure_ms("root", "wrong");

	tap_ok(wrong >= 2000, "a wrong password takes 2 s: %ld ms", wrong);
	tap_ok(unknown >= 2000, "so does an unknown user: %ld ms", unknown);
	tap_ok(root >= 2000, "and root: %ld ms", root);
}

static void test_session_refused(void)
{
	int fd = client_open("psd-alice", "secret", NULL);
	const char *heard;

	client_text(fd, "\n");
	heard = client_hear(fd);
	tap_ok(strstr(heard, "__HyperVSocketError__:the guest cannot begin a session of psd-") ==
	       heard, "a session that PAM refuses is told: %s", heard);
	tap_is_str(client_hear(fd), "(end)", "then it is over");
	close(fd);
}

static void test_mapped(void)
{
	int fd = client_open("psd-fails", "secret", "environment");
	char all[8192] = "";
	const char *heard = "";

	client_text(fd, "\n");
	while (!strstr(all, "end\n") && strcmp(heard, "(end)") && strcmp(heard, "(nothing)")) {
		heard = client_hear(fd);
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s", heard);
	}
	tap_ok(strstr(all, "uid=61001/61001") && strstr(all, "env USER=psd-alice\n"),
	       "a user that PAM makes another: the session is the other's");
	close(fd);
}

static void test_told(void)
{
	char path[96], text[1024] = "";
	FILE *file;

	snprintf(path, sizeof(path), "%s/told", machine_directory);
	file = fopen(path, "re");
	if (file) {
		text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
		fclose(file);
	}
	tap_is_str(text, "invalid user\ninvalid user\ninvalid user\npsd-fails\npsd-nobody\n",
		   "PAM is not asked for names that are none, or are of another domain");
}

static void with_daemon(const char *settings, const char *name, void (*test)(void),
			const struct attempt *attempts, size_t count)
{
	pid_t daemon = machine_daemon(settings);

	if (!tap_ok(daemon > 0, "%s: the daemon listens", name))
		return;
	attempts_make(attempts, count);
	if (test)
		test();
	tap_ok(!machine_log_shows("secret") && !machine_log_shows("wort\xe2"),
	       "%s: no password is in the log", name);
	tap_is_int(machine_daemon_end(daemon, SIGTERM), 0, "%s: the daemon ends", name);
}

static void test_plain(void)
{
	test_texts();
	test_nologin();
}

static void test_modules(void)
{
	static const char config[] = "fail_seconds = 0\npam_service = psd-maps\n"
				     "command = " PSDIRECT_ECHO "\n";
	static const char allowed[] = "fail_seconds = 0\npam_service = psd-maps\n"
				      "allow_users = psd-alice\n"
				      "command = " PSDIRECT_ECHO "\n";
	char text[512];

	service_maps("root");
	with_daemon(config, "mapped to root", NULL, mapped_to_root, NR(mapped_to_root));
	service_maps("psd-fails");
	with_daemon(allowed, "mapped out of the list", NULL, mapped_to_other,
		    NR(mapped_to_other));
	service_maps("psd-none");
	with_daemon(config, "mapped to nobody", NULL, mapped_to_none, NR(mapped_to_none));
	service_maps("psd-alice");
	with_daemon("fail_seconds = 0\npam_service = psd-maps\n[psdirect environment]\ncommand = "
		    PSDIRECT_ECHO " environment\n", "mapped to another", test_mapped, NULL, 0);
	snprintf(text, sizeof(text), "auth required %s tell=%s/told\n"
		 "auth required pam_unix.so nodelay\naccount required pam_unix.so\n",
		 PSDIRECT_MODULE, machine_directory);
	machine_write("/etc/pam.d/psd-maps", text);
	with_daemon(config, "what PAM is told", NULL, told, NR(told));
	test_told();
}

int main(void)
{
	const char *why = machine_begin();

	if (why) {
		tap_skip("logins by PAM", "%s", why);
		return tap_done();
	}
	with_daemon(COMMON "[psdirect gone]\ncommand = /nonexistent\n", "as it is", test_plain,
		    plain, NR(plain));
	with_daemon(COMMON "root = yes\nempty_passwords = yes\ndomains = CORP\n"
		    "domain_user = psd-%u\n", "all allowed", NULL, open_all, NR(open_all));
	with_daemon(COMMON "allow_users = psd-alice psd-j*\nallow_groups = psd-extra\n", "lists",
		    NULL, lists, NR(lists));
	with_daemon("fail_seconds = 0\npam_service = psd-lock\n", "faillock", NULL, locking,
		    NR(locking));
	with_daemon("fail_seconds = 2\npam_service = psd-plain\n", "delay", test_delay, NULL, 0);
	with_daemon("pam_service = psd-noentry\ncommand = " PSDIRECT_ECHO "\n", "no session",
		    test_session_refused, NULL, 0);
	test_modules();
	tap_is_int(machine_daemon("pam_service = psd-none\n"), -1, "no PAM service: no daemon");
	tap_ok(machine_log_has("there is no PAM service 'psd-none'"), "and it says why");
	return tap_done();
}
