// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hooks: which are run, which are refused, in what order, and what becomes of one that
 * fails, hangs, or leaves something running.
 */
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "hvd_file.h"
#include "hvd_log.h"
#include "vss/hook.h"

static char top[64], directory[96], log_path[96];
static char *environment[] = { "PATH=/usr/bin:/bin", "HV_BACKUP_TYPE=test", NULL, NULL };
static const struct vss_cancel never = { .device = -1 };

static const struct { const char *name; bool good; } names[] = {
	{ "50-postgresql", true }, { "mysql.sh", true }, { "a.b", true }, { "x-bak", true },
	{ "", false }, { ".hidden", false }, { "x~", false }, { "#x#", false }, { "x.bak", false },
	{ "x.dpkg-old", false }, { "x.rpmsave", false }, { "x.example", false }, { "README",
	  false },
	{ "notes.txt", false }, { "x.disabled", false },
};

static void test_names(void)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		tap_ok(vss_hook_name_is_good(names[i].name) == names[i].good, "'%s' is %s hook",
		       names[i].name, names[i].good ? "a" : "no");
}

/* ---- what they say ---- */

static void output_feed(struct vss_hook_output *output, const char *bytes)
{
	size_t len = strlen(bytes);

	while (vss_hook_output_add(output, &bytes, &len))
		;
}

static void test_output(void)
{
	struct vss_hook_output output = { 0 };
	const char *bytes = "one\ntwo\n";
	size_t len = 8;
	char longer[600];

	tap_ok(vss_hook_output_add(&output, &bytes, &len), "a line");
	tap_is_str(output.last, "one", "is told");
	tap_is_int((long long)len, 4, "and what is behind it is left");
	output_feed(&output, bytes);
	tap_is_str(output.last, "two", "then the next");
	output_feed(&output, "th");
	tap_is_str(output.last, "two", "half a line is none");
	output_feed(&output, "ree\r\n\n\r\n");
	tap_is_str(output.last, "three", "its other half makes it one; an empty one is none");
	output_feed(&output, "a\tb\033[31mc\x7f\n");
	tap_is_str(output.last, "a?b?[31mc?", "control characters are not told");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 2] = '\n';
	longer[sizeof(longer) - 1] = '\0';
	output_feed(&output, longer);
	tap_is_int((long long)strlen(output.last), VSS_HOOK_LINE_LEN - 1, "a long line is cut");
	tap_is_int(output.lines, 5, "lines are counted");
}

/* ---- which are run ---- */

static void file_write(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "we");

	if (!file) {
		tap_diag("cannot write %s: %s", path, strerror(errno));
		return;
	}
	fputs(text, file);
	fclose(file);
	chmod(path, mode);
}

/* A script that notes its name and its word; @more is what it does besides. */
static void hook_write(const char *name, const char *more)
{
	char path[200], text[600];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	snprintf(text, sizeof(text), "#!/bin/sh\necho \"%s $1\" >>%s\n%s\n", name, log_path, more);
	file_write(path, text, 0755);
}

static void hook_remove(const char *name)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	unlink(path);
}

static const char *log_take(void)
{
	static char text[1000];
	char *at;

	if (hvd_file_read(log_path, text, sizeof(text)) < 0)
		text[0] = '\0';
	unlink(log_path);
	for (at = text; (at = strchr(at, '\n')); at++)
		*at = at[1] ? ',' : '\0';
	return text;
}

static int find(struct vss_hooks *hooks, const char *qemu, char *why)
{
	*hooks = (struct vss_hooks){ .seconds = 5, .environment = environment };
	why[0] = '\0';
	return vss_hooks_find(hooks, directory, qemu, why, 256);
}

static void test_trust(void)
{
	char path[200], why[256];
	struct vss_hooks hooks;

	hook_write("50-a", "");
	snprintf(path, sizeof(path), "%s/50-a", directory);
	tap_is_int(find(&hooks, "", why), 0, "root's own hook is taken");
	tap_is_int((long long)hooks.count, 1, "one");
	vss_hooks_free(&hooks);

	chmod(path, 0775);
	tap_is_int(find(&hooks, "", why), -EPERM, "not one that the group can write to");
	tap_ok(strstr(why, "chmod go-w") && strstr(why, path), "and it is said how to mend it: "
	       "%s", why);
	vss_hooks_free(&hooks);
	chmod(path, 0757);
	tap_is_int(find(&hooks, "", why), -EPERM, "nor everybody");
	vss_hooks_free(&hooks);
	chmod(path, 0755);
	if (chown(path, 1, 0))
		tap_diag("cannot chown");
	tap_is_int(find(&hooks, "", why), -EPERM, "nor one that is another's");
	tap_ok(strstr(why, "chown root"), "which is said, too");
	vss_hooks_free(&hooks);
	if (chown(path, 0, 0))
		tap_diag("cannot chown");

	chmod(directory, 0775);
	tap_is_int(find(&hooks, "", why), -EPERM, "nor in a directory that others write to");
	vss_hooks_free(&hooks);
	chmod(directory, 0755);
	chmod(top, 0777);
	tap_is_int(find(&hooks, "", why), -EPERM, "nor below one");
	vss_hooks_free(&hooks);
	chmod(top, 01777);
	tap_is_int(find(&hooks, "", why), 0, "unless nobody else can rename there");
	vss_hooks_free(&hooks);
	chmod(top, 0755);
	hook_remove("50-a");
}

static void test_trust_links(void)
{
	char path[200], why[256], other[200];
	struct vss_hooks hooks;

	hook_write("50-a", "");
	snprintf(other, sizeof(other), "%s/evil", top);
	file_write(other, "#!/bin/sh\n", 0777);
	snprintf(path, sizeof(path), "%s/60-link", directory);
	if (symlink(other, path))
		tap_diag("cannot link");
	tap_is_int(find(&hooks, "", why), -EPERM, "a link is as good as what it leads to");
	vss_hooks_free(&hooks);
	chmod(other, 0755);
	tap_is_int(find(&hooks, "", why), 0, "that is, good when that is");
	tap_is_int((long long)hooks.count, 2, "two");
	tap_is_str(hooks.hooks[1].path, other, "and is followed before it is run");
	vss_hooks_free(&hooks);
	hook_remove("50-a");
	chmod(directory, 0777);
	tap_is_int(find(&hooks, "", why), -EPERM, "but not where anybody could have made it");
	vss_hooks_free(&hooks);
	chmod(directory, 0755);
	hook_write("50-a", "");
	chmod(other, 0644);
	tap_is_int(find(&hooks, "", why), 0, "what is no program is passed over");
	tap_is_int((long long)hooks.count, 1, "one");
	vss_hooks_free(&hooks);
	unlink(path);
	if (symlink("/nonexistent", path))
		tap_diag("cannot link");
	tap_is_int(find(&hooks, "", why), -ENOENT, "a link that leads nowhere is a mistake");
	vss_hooks_free(&hooks);
	unlink(path);
	hook_remove("50-a");
}

static void test_none(void)
{
	struct vss_hooks hooks = { 0 };
	char why[256];

	tap_is_int(vss_hooks_find(&hooks, "/nonexistent/a  /nonexistent/b", "/nonexistent/c", why,
				  sizeof(why)), 0, "no directory and no file are no hooks");
	tap_is_int((long long)hooks.count, 0, "none");
	tap_is_int(vss_hooks_freeze(&hooks, &never, why, sizeof(why)), 0, "all of none succeed");
	tap_is_int(vss_hooks_thaw(&hooks, true, why, sizeof(why)), 0, "also after it");
	vss_hooks_free(&hooks);
}

/* ---- how they run ---- */

static void test_order(void)
{
	struct vss_hooks hooks;
	char qemu[200], why[256], text[300];

	hook_write("9-b", "");
	hook_write("10-a", "");
	hook_write("Z", "");
	snprintf(qemu, sizeof(qemu), "%s/fsfreeze-hook", top);
	snprintf(text, sizeof(text), "#!/bin/sh\necho \"qemu $1\" >>%s\n", log_path);
	file_write(qemu, text, 0755);
	find(&hooks, qemu, why);
	tap_is_int(vss_hooks_freeze(&hooks, &never, why, sizeof(why)), 0, "all run");
	tap_is_str(log_take(), "qemu freeze,10-a freeze,9-b freeze,Z freeze", "qemu-ga's first, "
		   "then by name");
	tap_is_int(vss_hooks_thaw(&hooks, true, why, sizeof(why)), 0, "and again");
	tap_is_str(log_take(), "Z thaw,9-b thaw,10-a thaw,qemu thaw", "in reverse");
	vss_hooks_thaw(&hooks, true, why, sizeof(why));
	tap_is_str(log_take(), "", "once");
	vss_hooks_freeze(&hooks, &never, why, sizeof(why));
	log_take();
	vss_hooks_thaw(&hooks, false, why, sizeof(why));
	tap_is_str(log_take(), "Z freezefail,9-b freezefail,10-a freezefail,qemu thaw",
		   "a freeze that failed is told so, but not qemu-ga's");
	vss_hooks_free(&hooks);

	hook_write("9-b", "echo first; echo 'no room' >&2; exit 3");
	find(&hooks, qemu, why);
	tap_is_int(vss_hooks_freeze(&hooks, &never, why, sizeof(why)), -ECHILD, "one that fails");
	tap_is_str(why, "9-b freeze failed with status 3: no room", "is named, with what it said "
		   "last");
	tap_is_str(log_take(), "qemu freeze,10-a freeze,9-b freeze", "and ends it");
	vss_hooks_thaw(&hooks, false, why, sizeof(why));
	tap_is_str(log_take(), "9-b freezefail,10-a freezefail,qemu thaw",
		   "those that ran are told, and that one, too");
	vss_hooks_free(&hooks);
	hook_remove("9-b");
	hook_remove("10-a");
	hook_remove("Z");
}

static void test_environment(void)
{
	struct vss_hooks hooks;
	char why[256], path[200], text[400];

	setenv("SECRET", "x", 1);
	dup2(STDOUT_FILENO, 50);
	snprintf(path, sizeof(path), "%s/50-env", directory);
	snprintf(text, sizeof(text), "#!/bin/sh\n{ env | grep -v -e ^_= -e ^SHLVL= -e ^PWD= -e "
		 "^OLDPWD= | sort\n"
		 "pwd; [ ! -e /proc/$$/fd/50 ] || echo leaked; } >>%s\ncat\nexit 0\n",
		 log_path);
	file_write(path, text, 0755);
	find(&hooks, "", why);
	tap_is_int(vss_hooks_freeze(&hooks, &never, why, sizeof(why)), 0,
		   "one that reads from its standard input does not hang");
	tap_is_str(log_take(), "HV_BACKUP_TYPE=test,PATH=/usr/bin:/bin,/",
		   "it has what it is to have, and nothing of ours");
	vss_hooks_free(&hooks);
	hook_remove("50-env");
}

static void test_time(void)
{
	struct vss_hooks hooks;
	char why[256];
	uint64_t from;

	hook_write("50-slow", "sleep 100");
	find(&hooks, "", why);
	hooks.seconds = 1;
	from = vss_wait_now();
	tap_is_int(vss_hooks_freeze(&hooks, &never, why, sizeof(why)), -ETIMEDOUT,
		   "one that takes too long is stopped");
	tap_ok(vss_wait_now() - from < 3000, "in time");
	tap_is_str(why, "50-slow freeze took longer than 1 s (hook_seconds)", "and named");
	vss_hooks_free(&hooks);

	hook_write("50-slow", "trap '' TERM; while :; do sleep 1; done");
	find(&hooks, "", why);
	hooks.seconds = 1;
	from = vss_wait_now();
	tap_is_int(vss_hooks_freeze(&hooks, &never, why, sizeof(why)), -ETIMEDOUT,
		   "also one that does not want to");
	tap_ok(vss_wait_now() - from < 6000, "in time");
	tap_ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "and does not go on");
	vss_hooks_free(&hooks);

	hook_write("50-slow", "sleep 100 & exit 0");
	find(&hooks, "", why);
	from = vss_wait_now();
	tap_is_int(vss_hooks_freeze(&hooks, &never, why, sizeof(why)), 0,
		   "one that leaves something running is done when it is done");
	tap_ok(vss_wait_now() - from < 2000, "in time");
	vss_hooks_free(&hooks);

	hook_write("50-slow", "kill -9 $$");
	find(&hooks, "", why);
	tap_is_int(vss_hooks_freeze(&hooks, &never, why, sizeof(why)), -ECHILD, "one that is "
		   "killed");
	tap_is_str(why, "50-slow freeze was killed by signal 9", "is named");
	vss_hooks_free(&hooks);

	hook_write("50-slow", "i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i + 1)); done; "
		   "exit 1");
	find(&hooks, "", why);
	tap_is_int(vss_hooks_freeze(&hooks, &never, why, sizeof(why)), -ECHILD, "one that says "
		   "much");
	tap_is_str(why, "50-slow freeze failed with status 1: line 299", "is heard to its end");
	vss_hooks_free(&hooks);
	hook_remove("50-slow");
}

static void test_cancel(void)
{
	struct vss_cancel cancel = { .signals = true };
	struct vss_hooks hooks;
	int device[2];
	char why[256];
	sigset_t set;

	hook_write("50-slow", "sleep 100");
	find(&hooks, "", why);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, device))
		tap_diag("no socketpair");
	cancel.device = device[0];
	close(device[1]);
	tap_is_int(vss_hooks_freeze(&hooks, &cancel, why, sizeof(why)), -ECANCELED,
		   "a device that goes ends it");
	close(device[0]);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGTERM);
	cancel.device = -1;
	tap_is_int(vss_hooks_freeze(&hooks, &cancel, why, sizeof(why)), -ECANCELED,
		   "and so does a signal that waits");
	signal(SIGTERM, SIG_IGN);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	signal(SIGTERM, SIG_DFL);
	vss_hooks_free(&hooks);
	hook_remove("50-slow");
}

static void test_no_program(void)
{
	struct vss_hooks hooks;
	char why[256], path[200];

	snprintf(path, sizeof(path), "%s/50-odd", directory);
	file_write(path, "#!/nonexistent/interpreter\n", 0755);
	find(&hooks, "", why);
	tap_is_int(vss_hooks_freeze(&hooks, &never, why, sizeof(why)), -ECHILD,
		   "one whose interpreter there is not");
	tap_is_str(why, "50-odd freeze failed with status 127: cannot be run: No such file or "
		   "directory",
		   "says so");
	vss_hooks_free(&hooks);
	unlink(path);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	return remove(path);
}

int main(void)
{
	test_names();
	test_output();
	test_none();
	if (geteuid()) {
		tap_skip("hooks are run", "needs root");
		return tap_done();
	}
	umask(022);
	hvd_log_open("vss_hook_test", true, false);
	if (!freopen("/dev/null", "w", stderr))
		return 1;
	strcpy(top, "/run/vss_hook_test.XXXXXX");
	if (!mkdtemp(top))
		return 1;
	chmod(top, 0755);
	snprintf(directory, sizeof(directory), "%s/freeze.d", top);
	mkdir(directory, 0755);
	snprintf(log_path, sizeof(log_path), "%s/log", top);
	test_trust();
	test_trust_links();
	test_order();
	test_environment();
	test_time();
	test_cancel();
	test_no_program();
	nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return tap_done();
}
