// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Programs of the administrator's that are run before a freeze and after it.
 *
 * They run as root, so that nobody else may have a say in what is run: the file and all
 * directories that it is in are root's, and nobody else can write to them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hvd_log.h"
#include "vss/hook.h"

#define HOOKS_MAX	256
#define LINES_LOGGED	100	/* of one run */
#define LOOK_MS		100
#define END_MS		2000	/* between being asked to end and being killed */

/* ---- which ---- */

/**
 * vss_hook_name_is_good() - See whether a file's name is one of a hook.
 * @name: the name, without its directory
 *
 * Return: whether it is not that of a hidden file, an example, a text, or what editors and
 * package managers leave behind.
 */
bool vss_hook_name_is_good(const char *name)
{
	static const char *const others[] = {
		".*", "*~", "#*", "*.bak", "*.orig", "*.rej", "*.swp", "*.example", "*.sample",
		"*.disabled", "*.dpkg-*", "*.rpm*", "*.ucf-*", "*.md", "*.txt", "README*",
	};
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!fnmatch(others[i], name, 0))
			return false;
	return *name;
}

/* @last: of the file itself; one farther up may be everybody's where nobody can rename. */
static bool directory_is_roots(const char *path, bool last, char *why, size_t room)
{
	struct stat status;

	if (lstat(path, &status) < 0)
		snprintf(why, room, "%s: %s", path, strerror(errno));
	else if (status.st_uid)
		snprintf(why, room, "%s does not belong to root: chown root %s", path, path);
	else if ((status.st_mode & 022) && (last || !(status.st_mode & S_ISVTX)))
		snprintf(why, room, "others than root can write to %s: chmod go-w %s", path, path);
	else
		return true;
	return false;
}

static bool directories_are_roots(const char *real, char *why, size_t room)
{
	char path[PATH_MAX], *slash;
	bool last = true;

	snprintf(path, sizeof(path), "%s", real);
	for (slash = strrchr(path, '/'); slash; slash = strrchr(path, '/'), last = false) {
		*slash = '\0';
		if (!directory_is_roots(*path ? path : "/", last, why, room))
			return false;
	}
	return true;
}

/**
 * vss_hook_trust() - See whether a file may be run as root.
 * @path: the file; may be a symbolic link
 * @real: the same without symbolic links, to be freed; untouched unless this returns 0
 * @why: when it may not: one line on what is wrong, and how to mend it
 * @room: bytes at @why
 *
 * Return: 0; -EPERM; -ENOEXEC when it is no file that can be run; a negative errno of
 * looking at it.
 */
int vss_hook_trust(const char *path, char **real, char *why, size_t room)
{
	char *found = realpath(path, NULL);
	struct stat status;
	int err = -EPERM;

	if (!found || lstat(found, &status) < 0) {
		err = -errno;
		snprintf(why, room, "%s: %s", path, strerror(errno));
	} else if (!S_ISREG(status.st_mode) || !(status.st_mode & 0100)) {
		err = -ENOEXEC;
		snprintf(why, room, "%s is no program", found);
	} else if (directory_is_roots(found, true, why, room) &&
		   directories_are_roots(found, why, room)) {
		*real = found;
		return 0;
	}
	free(found);
	return err;
}

static int hook_add(struct vss_hooks *hooks, const char *path, bool is_qemu, char *why,
		    size_t room)
{
	struct vss_hook *more;
	char *real;
	int err = vss_hook_trust(path, &real, why, room);

	if (err == -ENOEXEC)
		hvd_debug("%s: it is not run", why);
	if (err)
		return err == -ENOEXEC || (is_qemu && err == -ENOENT) ? 0 : err;
	more = hooks->count < HOOKS_MAX ?
	       reallocarray(hooks->hooks, hooks->count + 1, sizeof(*more)) : NULL;
	if (!more) {
		free(real);
		snprintf(why, room, "more than %d hooks", HOOKS_MAX);
		return -E2BIG;
	}
	hooks->hooks = more;
	hooks->hooks[hooks->count++] = (struct vss_hook){ .path = real, .is_qemu = is_qemu };
	return 0;
}

static int is_hook(const struct dirent *entry)
{
	return vss_hook_name_is_good(entry->d_name);
}

/* The same on every system: by bytes, and not by what a language sorts like. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int directory_find(struct vss_hooks *hooks, const char *directory, char *why, size_t room)
{
	struct dirent **entries;
	char path[PATH_MAX];
	int found, i, err = 0;

	found = scandir(directory, &entries, is_hook, by_bytes);
	if (found < 0 && errno == ENOENT)
		return 0;
	if (found < 0) {
		snprintf(why, room, "%s: %s", directory, strerror(errno));
		return -errno;
	}
	if (found && !directory_is_roots(directory, true, why, room))
		err = -EPERM;
	for (i = 0; i < found; i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, entries[i]->d_name);
		err = err ? err : hook_add(hooks, path, false, why, room);
		free(entries[i]);
	}
	free(entries);
	return err;
}

/**
 * vss_hooks_find() - Find out what there is to run.
 * @hooks: found ones are added; to be freed also on failure
 * @directories: where, with blanks between; in each they run by their names
 * @qemu: a hook as qemu-ga has it, which comes first; none where it is empty or no file
 * @why: on failure, one line without a newline: which file is not to be trusted
 * @room: bytes at @why
 *
 * What is no program is passed over, and so is what vss_hook_name_is_good() does not like.
 *
 * Return: 0; -EPERM when somebody else than root could have had a hand in one; -E2BIG for
 * more than 256; a negative errno of looking.
 */
int vss_hooks_find(struct vss_hooks *hooks, const char *directories, const char *qemu, char *why,
		   size_t room)
{
	char *words = strdup(directories), *rest = words, *word;
	int err = words ? 0 : -ENOMEM;

	if (!err && *qemu)
		err = hook_add(hooks, qemu, true, why, room);
	while (!err && (word = strsep(&rest, " \t")))
		if (*word)
			err = directory_find(hooks, word, why, room);
	free(words);
	return err;
}

/* ---- what they say ---- */

static void line_end(struct vss_hook_output *output)
{
	output->line[output->len] = '\0';
	if (output->len)
		memcpy(output->last, output->line, output->len + 1);
	output->lines += output->len > 0;
	output->len = 0;
}

/**
 * vss_hook_output_add() - Take bytes that a hook has written, up to the end of a line.
 * @output: what it said; @last is that line, when this returns true
 * @bytes: what it has written; moved behind what was taken
 * @len: bytes there
 *
 * What is no character of ASCII or UTF-8's is a question mark, and what is too long for a
 * line is left out.
 *
 * Return: whether there is a line, with something in it; to be called until it is false.
 */
bool vss_hook_output_add(struct vss_hook_output *output, const char **bytes, size_t *len)
{
	unsigned int lines = output->lines;
	char c;

	while (*len && output->lines == lines) {
		c = *(*bytes)++;
		(*len)--;
		if (c == '\n')
			line_end(output);
		else if (output->len < sizeof(output->line) - 1 && c != '\r')
			output->line[output->len++] = (unsigned char)c < ' ' || c == 0x7f ? '?' : c;
	}
	return output->lines != lines;
}

static void output_take(struct vss_hook_output *output, const char *name, const char *bytes,
			size_t len)
{
	while (vss_hook_output_add(output, &bytes, &len)) {
		if (output->lines <= LINES_LOGGED)
			hvd_info("%s: %s", name, output->last);
		else if (output->lines == LINES_LOGGED + 1)
			hvd_info("%s says more, which is not logged", name);
	}
}

/* False when there is nothing more, now or ever. */
static bool output_read(struct vss_hook_output *output, const char *name, int fd)
{
	char bytes[512];
	ssize_t len = read(fd, bytes, sizeof(bytes));

	if (len > 0)
		output_take(output, name, bytes, (size_t)len);
	return len > 0;
}

/* ---- running one ---- */

struct run {
	const char *name;
	pid_t pid;
	int pidfd;
	int from;
	struct vss_hook_output output;
};

/* Nothing of ours but the environment and the pipe: it may not even be a friend's script. */
__attribute__((noreturn)) static void run_exec(const struct vss_hooks *hooks,
					       const struct vss_hook *hook, const char *word,
					       int to)
{
	char *const argv[] = { hook->path, (char *)word, NULL };
	int null = open("/dev/null", O_RDONLY), number;
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigemptyset(&none);
	for (number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(to, STDOUT_FILENO) >= 0 &&
	    dup2(to, STDERR_FILENO) >= 0 && !chdir("/")) {
		close_range(3, ~0u, 0);
		umask(022);
		execve(hook->path, argv, hooks->environment);
	}
	dprintf(STDERR_FILENO, "cannot be run: %s\n", strerror(errno));
	_exit(127);
}

static int run_start(struct run *run, const struct vss_hooks *hooks, const struct vss_hook *hook,
		     const char *word)
{
	int pipe_fds[2], err;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return -errno;
	run->pid = fork();
	if (!run->pid)
		run_exec(hooks, hook, word, pipe_fds[1]);
	err = run->pid < 0 ? -errno : 0;
	close(pipe_fds[1]);
	run->from = pipe_fds[0];
	if (!err) {
		/* also here: whoever is first */
		setpgid(run->pid, run->pid);
		fcntl(run->from, F_SETFL, O_NONBLOCK);
		run->pidfd = pidfd_open(run->pid, 0);
		err = run->pidfd < 0 ? -errno : 0;
	}
	if (err)
		close(run->from);
	return err;
}

/* 0 when it has ended; -ETIMEDOUT; -ECANCELED. */
static int run_wait(struct run *run, uint64_t until, const struct vss_cancel *cancel)
{
	struct pollfd fds[] = {
		{ .fd = run->pidfd, .events = POLLIN },
		{ .fd = run->from, .events = POLLIN },
	};

	for (;;) {
		if (cancel && vss_wait_cancelled(cancel))
			return -ECANCELED;
		if (vss_wait_now() >= until)
			return -ETIMEDOUT;
		if (poll(fds, 2, LOOK_MS) <= 0)
			continue;
		/* what it leaves running may go on writing: its own end is what counts */
		if (fds[1].revents && !output_read(&run->output, run->name, run->from))
			fds[1].fd = -1;
		if (!fds[0].revents)
			continue;
		while (output_read(&run->output, run->name, run->from))
			;
		output_take(&run->output, run->name, "\n", 1);
		return 0;
	}
}

/* All that it has started, too, unless that has gone its own way. */
static void run_kill(struct run *run)
{
	kill(-run->pid, SIGTERM);
	if (run_wait(run, vss_wait_now() + END_MS, NULL))
		kill(-run->pid, SIGKILL);
	run_wait(run, vss_wait_now() + END_MS, NULL);
}

/* How it ended, in @why when not well. */
static int run_end(struct run *run, const char *word, char *why, size_t room)
{
	const char *last = run->output.last;
	int status = 0;

	if (waitpid(run->pid, &status, WNOHANG) == run->pid && WIFEXITED(status) &&
	    !WEXITSTATUS(status))
		return 0;
	if (WIFSIGNALED(status))
		snprintf(why, room, "%s %s was killed by signal %d%s%s", run->name, word,
			 WTERMSIG(status), *last ? ": " : "", last);
	else
		snprintf(why, room, "%s %s failed with status %d%s%s", run->name, word,
			 WEXITSTATUS(status), *last ? ": " : "", last);
	return -ECHILD;
}

static int hook_run(const struct vss_hooks *hooks, const struct vss_hook *hook, const char *word,
		    const struct vss_cancel *cancel, char *why, size_t room)
{
	const char *slash = strrchr(hook->path, '/');
	struct run run = { .name = slash ? slash + 1 : hook->path };
	uint64_t from = vss_wait_now();
	char ignored[VSS_HOOK_LINE_LEN];
	int err = run_start(&run, hooks, hook, word);

	if (err) {
		snprintf(why, room, "%s cannot be run: %s", hook->path, strerror(-err));
		return err;
	}
	err = run_wait(&run, from + hooks->seconds * 1000, cancel);
	if (err) {
		run_kill(&run);
		run_end(&run, word, ignored, sizeof(ignored));
		if (err == -ETIMEDOUT)
			snprintf(why, room, "%s %s took longer than %u s (hook_seconds)", run.name,
				 word, hooks->seconds);
		else
			snprintf(why, room, "%s %s was stopped: the host or the system does not "
				 "wait for it any more",
				 run.name, word);
	} else {
		err = run_end(&run, word, why, room);
	}
	close(run.pidfd);
	close(run.from);
	hvd_debug("%s %s took %llu ms", run.name, word,
		  (unsigned long long)(vss_wait_now() - from));
	return err;
}

/* ---- all of them ---- */

/**
 * vss_hooks_freeze() - Have each make ready for a freeze, in order.
 * @hooks: the hooks
 * @cancel: what ends it before its time
 * @why: on failure, one line on which failed and what it said last
 * @room: bytes at @why
 *
 * Ends at the first that fails; then vss_hooks_thaw() is due for those that ran, and for
 * that one, which may have done half of it.
 *
 * Return: 0; -ECHILD when one failed; -ETIMEDOUT; -ECANCELED; a negative errno of running it.
 */
int vss_hooks_freeze(struct vss_hooks *hooks, const struct vss_cancel *cancel, char *why,
		     size_t room)
{
	size_t i;
	int err = 0;

	for (i = 0; i < hooks->count && !err; i++) {
		hooks->hooks[i].ran = true;
		err = hook_run(hooks, &hooks->hooks[i], "freeze", cancel, why, room);
	}
	return err;
}

/**
 * vss_hooks_thaw() - Have each that was told to freeze go on, in reverse order.
 * @hooks: the hooks
 * @froze: whether there was a freeze; else it is "freezefail" that they are told
 * @why: on failure, one line on the first that failed
 * @room: bytes at @why
 *
 * All of them are run, whether or not one fails.
 *
 * Return: 0; see vss_hooks_freeze().
 */
int vss_hooks_thaw(struct vss_hooks *hooks, bool froze, char *why, size_t room)
{
	char other[VSS_HOOK_LINE_LEN * 2];
	int err = 0, one;
	size_t i;

	for (i = hooks->count; i--;) {
		struct vss_hook *hook = &hooks->hooks[i];
		const char *word = froze || hook->is_qemu ? "thaw" : "freezefail";

		if (!hook->ran)
			continue;
		hook->ran = false;
		one = hook_run(hooks, hook, word, NULL, err ? other : why,
			       err ? sizeof(other) : room);
		if (one)
			hvd_error("%s", err ? other : why);
		err = err ? err : one;
	}
	return err;
}

/**
 * vss_hooks_free() - Free what was found.
 * @hooks: the hooks
 */
void vss_hooks_free(struct vss_hooks *hooks)
{
	while (hooks->count)
		free(hooks->hooks[--hooks->count].path);
	free(hooks->hooks);
	hooks->hooks = NULL;
}
