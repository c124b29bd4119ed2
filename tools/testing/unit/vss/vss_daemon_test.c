// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The daemon as a process: what is here plays the module, by a Unix socket that keeps
 * messages apart, which knows no ioctl, as the kernel's own module does not.
 *
 * It freezes nothing (exclude = *), unless there is a loop device for it.
 */
#define main hv_vss_daemon_main
#include "vss/main.c"
#undef main

#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <hv/hvic_wire.h>

#include "tap.h"
#include "hvd_file.h"

static char top[64], config[96];
static int listener = -1, module = -1;
static pid_t child;
static bool real;	/* there is a file system to freeze */

static const char *path_of(const char *file)
{
	static char path[2][160];
	static unsigned int next;
	char *to = path[next++ % 2];

	snprintf(to, sizeof(path[0]), "%s/%s", top, file);
	return to;
}

static void listener_make(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path_of("device"));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(listener, 4))
		tap_diag("cannot listen: %s", strerror(errno));
}

static void daemon_begin(void)
{
	char name[] = "hv_vss_daemon", stay[] = "-nd", from[] = "-c";
	char *argv[5] = { name, stay, from, config };
	int null;

	child = fork();
	if (child)
		return;
	close(listener);
	null = open("/dev/null", O_RDWR);
	dup2(null, STDOUT_FILENO);
	dup2(open(path_of("said"), O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
	exit(hv_vss_daemon_main(4, argv));
}

static bool readable(int fd, int ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, ms) > 0;
}

static bool module_accept(void)
{
	struct hvic_user_vss message = { 0 };
	__u32 greeting = HVIC_USER_VSS_REGISTER1;

	if (module >= 0)
		close(module);
	module = readable(listener, 20000) ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : -1;
	return module >= 0 && readable(module, 20000) &&
	       recv(module, &message, sizeof(message), 0) == sizeof(message) &&
	       message.operation == HVIC_USER_VSS_REGISTER1 &&
	       send(module, &greeting, sizeof(greeting), MSG_NOSIGNAL) == sizeof(greeting);
}

/* The status; 1 for no answer in time, 2 for one that is no message. */
static __u32 ask(unsigned int operation)
{
	struct hvic_user_vss message = { .operation = (__u8)operation };

	if (send(module, &message, sizeof(message), MSG_NOSIGNAL) < 0 || !readable(module, 30000))
		return 1;
	return recv(module, &message, sizeof(message), 0) == sizeof(message) ?
	       (__u32)message.error : 2;
}

static bool write_works(int ms)
{
	pid_t writer = fork();
	int status, fd;

	if (!writer) {
		fd = open(path_of("m/written"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
		_exit(fd < 0 || write(fd, "x", 1) != 1 || fsync(fd));
	}
	for (; ms > 0; ms -= 10, usleep(10000))
		if (waitpid(writer, &status, WNOHANG) == writer)
			return !status;
	return false;
}

/* Whether a file has a text, soon: the daemon goes on after its answer. */
static bool file_has(const char *file, const char *text)
{
	char bytes[32768];
	int i;

	for (i = 0; i < 300; i++, usleep(10000))
		if (hvd_file_read(path_of(file), bytes, sizeof(bytes)) > 0 && strstr(bytes, text))
			return true;
	return false;
}

static int child_end(int with)
{
	int status = -1;

	kill(child, with);
	waitpid(child, &status, 0);
	return status;
}

static void test_backup(void)
{
	tap_ok(module_accept(), "the daemon registers");
	tap_is_int(ask(HVIC_VSS_CHECK_HOT_BACKUP), 0, "a backup can be made");
	tap_is_int(ask(HVIC_VSS_THAW), 0, "a thaw of nothing does no harm");
	tap_is_int(ask(HVIC_VSS_FREEZE), 0, "it freezes");
	tap_ok(!real || !write_works(300), "it is frozen");
	tap_is_int(ask(HVIC_VSS_FREEZE), HVIC_STATUS_FAIL, "not twice");
	tap_is_int(ask(HVIC_VSS_CHECK_HOT_BACKUP), 0, "it can be asked meanwhile");
	tap_is_int(ask(HVIC_VSS_THAW), 0, "it thaws");
	tap_ok(!real || write_works(10000), "it is thawed");
	tap_ok(file_has("pools/vss-status.json", "\"result\": \"ok\""), "which is kept");
	tap_is_int(ask(99), HVIC_STATUS_NOT_SUPPORTED, "what it does not know it says so of");
	tap_is_int(ask(HVIC_VSS_FREEZE), 0, "it freezes again");
	tap_is_int(ask(HVIC_VSS_THAW), 0, "and thaws");
}

static void test_gone(void)
{
	tap_is_int(ask(HVIC_VSS_FREEZE), 0, "it freezes");
	close(module);
	module = -1;
	tap_ok(!real || write_works(10000), "a device that goes thaws it");
	tap_ok(file_has("pools/vss-status.json", "before the host was done"), "which is kept");
	tap_ok(module_accept(), "the daemon registers anew");
	tap_is_int(ask(HVIC_VSS_THAW), 0, "a host that comes back begins anew");
}

static void test_deadline(void)
{
	tap_is_int(ask(HVIC_VSS_FREEZE), 0, "it freezes");
	usleep(3500000);
	tap_ok(!real || write_works(10000), "the deadline thaws it");
	tap_is_int(ask(HVIC_VSS_THAW), real ? HVIC_STATUS_FAIL : 0, "a thaw that is late fails");
	tap_is_int(ask(HVIC_VSS_THAW), 0, "once");
}

/* Whether the kernel expedites RCU, which it does while something is frozen. */
static char hurry(void)
{
	char value[16] = "";

	hvd_file_read("/sys/kernel/rcu_expedited", value, sizeof(value));
	return value[0];
}

static void test_end(void)
{
	char before = hurry();

	tap_is_int(ask(HVIC_VSS_FREEZE), 0, "it freezes");
	tap_is_int(child_end(SIGTERM), 0, "SIGTERM ends it well");
	tap_ok(!real || write_works(10000), "and thaws");
	daemon_begin();
	tap_ok(module_accept(), "the next one registers");
	tap_is_int(ask(HVIC_VSS_FREEZE), 0, "it freezes");
	tap_ok(!real || before != '0' || hurry() == '1', "the kernel hurries");
	child_end(SIGKILL);
	tap_ok(!real || write_works(10000), "one that is killed leaves nothing frozen");
	daemon_begin();
	tap_ok(module_accept(), "the next one registers");
	tap_is_int(ask(HVIC_VSS_THAW), real ? HVIC_STATUS_FAIL : 0,
		   "and tells a host that thaws that it is too late");
	tap_ok(!real || file_has("pools/vss-status.json", "was killed while"), "which is kept");
	tap_is_int(hurry(), before, "and the kernel does not hurry any more");
	tap_is_int(ask(HVIC_VSS_FREEZE), 0, "it freezes");
	tap_is_int(ask(HVIC_VSS_THAW), 0, "and thaws");
}

static void test_bad(void)
{
	tap_is_int((long long)send(module, "abcd", 4, MSG_NOSIGNAL), 4, "a message that is none");
	tap_is_int(WEXITSTATUS(child_end(0)), 1, "ends it");
	tap_ok(file_has("said", "is this the module's device?"), "with a word");
	tap_ok(!file_has("said", "may be frozen still"), "nothing was left frozen in all that");
}

static bool run(const char *const argv[])
{
	pid_t program = fork();
	int status = -1;

	if (!program) {
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	return program > 0 && waitpid(program, &status, 0) == program && !status;
}

static bool mount_make(void)
{
	char image[160], point[160];

	/* path_of() has room for two at a time */
	strcpy(image, path_of("i"));
	strcpy(point, path_of("m"));
	mkdir(point, 0755);
	mkdir(path_of("run"), 0755);
	/* the record is kept there, and not on a disk */
	return !geteuid() && !unshare(CLONE_NEWNS) &&
	       !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount("tmpfs", path_of("run"), "tmpfs", 0, NULL) &&
	       run((const char *const[]){ "truncate", "-s", "32M", image, NULL }) &&
	       run((const char *const[]){ "mkfs.ext4", "-q", image, NULL }) &&
	       run((const char *const[]){ "mount", "-o", "loop", image, point, NULL });
}

int main(void)
{
	char text[600];

	strcpy(top, "/run/vss_daemon.XXXXXX");
	if (!mkdtemp(top)) {
		strcpy(top, "/tmp/vss_daemon.XXXXXX");
		if (!mkdtemp(top))
			return 1;
	}
	real = mount_make();
	if (real)
		tap_ok(true, "there is something to freeze");
	else
		tap_skip("there is something to freeze", "needs root and a loop device");
	snprintf(config, sizeof(config), "%s/conf", top);
	snprintf(text, sizeof(text), "[vss]\n%s = %s\nhooks =\nfsfreeze_hook =\nrun_directory = "
		 "%s/run\n"
		 "device = %s/device\ndeadline = 2\n[kvp]\ndirectory = %s/pools\n",
		 real ? "include" : "exclude",
		 real ? path_of("m") : "*", top, top, top);
	hvd_file_replace(config, text, strlen(text), 0644);
	mkdir(path_of("pools"), 0755);
	signal(SIGPIPE, SIG_IGN);
	listener_make();
	daemon_begin();
	test_backup();
	test_gone();
	test_deadline();
	test_end();
	test_bad();
	umount2(path_of("m"), 0);
	umount2(path_of("run"), 0);
	run((const char *const[]){ "rm", "-rf", top, NULL });
	return tap_done();
}
