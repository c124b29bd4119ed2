// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files that copies make, in a directory of the test's own: where they go, that nothing
 * leads out of what is allowed, and that nothing is left of those that come to nothing.
 * With root, also on file systems of the test's own that are small, read-only or bound.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tap.h"
#include "fcopy_calls.h"
#include "fcopy/target.h"
#include "fcopy/tree.h"
#include "hvd_file.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))
#define OVER		HVIC_FCOPY_OVER_WRITE
#define CREATE		HVIC_FCOPY_CREATE_PATH

static char top[64];
static struct fcopy_setting setting;

/* ---- a kernel without openat2(), and file systems without renameat2() or fallocate() ---- */

static bool no_openat2, no_renameat2, no_fallocate, late_file;

long __wrap_syscall(long number, int tree, const char *below, void *how, size_t size)
{
	if (number == SYS_openat2 && no_openat2) {
		errno = ENOSYS;
		return -1;
	}
	return __real_syscall(number, tree, below, how, size);
}

int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned int how)
{
	if (no_renameat2) {
		errno = EINVAL;
		return -1;
	}
	/* when all has been looked at, somebody else has the name */
	if (late_file)
		close(openat(to_dir, to, O_CREAT | O_WRONLY, 0644));
	return __real_renameat2(from_dir, from, to_dir, to, how);
}

int __wrap_fallocate(int fd, int mode, off_t offset, off_t len)
{
	if (no_fallocate) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return __real_fallocate(fd, mode, offset, len);
}

/* ---- what tests are made of ---- */

/* A path below the test's directory. */
static const char *below(const char *path)
{
	static char whole[4][1024];
	static unsigned int which;
	char *to = whole[which++ % 4];

	snprintf(to, sizeof(whole[0]), "%s%s", top, path);
	return to;
}

static void file_put(const char *path, const char *text)
{
	int err = hvd_file_replace(below(path), text, strlen(text), 0644);

	if (err)
		tap_diag("cannot write %s: %s", path, strerror(-err));
}

static const char *file_text(const char *path)
{
	static char text[256];

	return hvd_file_read(below(path), text, sizeof(text)) < 0 ? NULL : text;
}

static void link_put(const char *to, const char *path)
{
	unlink(below(path));
	if (symlink(to, below(path)) < 0)
		tap_diag("cannot link %s", path);
}

static bool exists(const char *path)
{
	struct stat file;

	return !lstat(below(path), &file);
}

/* How many there are whose names begin so, in a directory. */
static int count(const char *path, const char *prefix)
{
	char command[1200], text[32];
	int found = -1;
	FILE *pipe;

	snprintf(command, sizeof(command), "find %s -name '%s*' | wc -l", below(path), prefix);
	pipe = popen(command, "r");
	if (pipe && fgets(text, sizeof(text), pipe))
		found = atoi(text);
	if (pipe)
		pclose(pipe);
	return found;
}

static int run(const char *command)
{
	return system(command);
}

static void allow(const char *tree)
{
	snprintf(setting.trees.at[0], sizeof(setting.trees.at[0]), "%s", below(tree));
	setting.trees.count = 1;
}

static struct fcopy_target target;

static int target_open(const char *path, const char *name, uint32_t flags, uint64_t size)
{
	struct fcopy_message start = { .flags = flags, .size = size };

	snprintf(start.path, sizeof(start.path), "%s", path[0] == '@' ? below(path + 1) : path);
	snprintf(start.name, sizeof(start.name), "%s", name);
	fcopy_target_start(&target, &setting, 1);
	return fcopy_target_open(&target, &start);
}

/* A whole copy; what goes wrong removes it, as a job would. */
static int copy(const char *path, const char *name, uint32_t flags, const char *text)
{
	int err = target_open(path, name, flags, strlen(text));

	if (err)
		return err;
	err = fcopy_target_write(&target, text, strlen(text), 0);
	if (!err)
		err = fcopy_target_finish(&target, 10000);
	if (err)
		fcopy_target_remove(&target);
	else
		fcopy_target_settle(&target);
	return err;
}

/* ---- where it goes ---- */

static const struct {
	const char *name;
	const char *path;	/* @ is the test's directory */
	uint32_t flags;
	int err;
	const char *file;	/* where it is then */
} places[] = {
	{ "into a directory", "@/in/dir", 0, 0, "/in/dir/name" },
	{ "into one with a slash", "@/in/dir/", 0, 0, "/in/dir/name" },
	{ "into one with slashes of Windows", "@\\in\\dir\\", 0, 0, "/in/dir/name" },
	{ "into the allowed one itself", "@/in", 0, 0, "/in/name" },
	{ "under a name of its own", "@/in/dir/other", 0, 0, "/in/dir/other" },
	{ "under one in the allowed directory", "@/in/other", 0, 0, "/in/other" },
	{ "into a directory that there is not", "@/in/no/", 0, -ENOENT, NULL },
	{ "under a name in one that there is not", "@/in/no/x", 0, -ENOENT, NULL },
	{ "into one that is made", "@/in/new/", CREATE, 0, "/in/new/name" },
	{ "into several that are made", "@/in/a/b/c/", CREATE, 0, "/in/a/b/c/name" },
	{ "under a name in one that is made", "@/in/new/x", CREATE, 0, "/in/new/x" },
	{ "into one that is there and need not be made", "@/in/dir/", CREATE, 0, "/in/dir/name" },
	{ "below a file", "@/in/file/x", CREATE, -ENOTDIR, NULL },
	{ "into a file", "@/in/file/", CREATE, -ENOTDIR, NULL },
	{ "in the place of a file", "@/in/file", 0, -EEXIST, NULL },
	{ "in the place of a file, forced", "@/in/file", OVER, 0, "/in/file" },
	{ "where a directory has its name", "@/in/full", OVER, -EISDIR, NULL },
	{ "outside of what is allowed", "@/out/x", CREATE, -EACCES, NULL },
	{ "above it", "@", 0, -EACCES, NULL },
	{ "beside it, with the same beginning", "@/inn/x", CREATE, -EACCES, NULL },
	{ "to the root", "/", 0, -EACCES, NULL },
	{ "with ..", "@/in/dir/../x", 0, -EINVAL, NULL },
	{ "with .. out of it", "@/in/../out/x", 0, -EINVAL, NULL },
	{ "to a drive", "C:\\Temp\\x", CREATE, -EINVAL, NULL },
	{ "through a link", "@/in/link/x", 0, -ELOOP, NULL },
	{ "through a link, making what is missing", "@/in/link/a/b/", CREATE, -ELOOP, NULL },
	{ "through a link within", "@/in/near/x", 0, -ELOOP, NULL },
	{ "through a link further down", "@/in/dir/link/x", CREATE, -ELOOP, NULL },
	{ "through a link that leads nowhere", "@/in/broken/x", CREATE, -ELOOP, NULL },
	{ "into a link", "@/in/link", 0, -ELOOP, NULL },
	{ "into a link with a slash", "@/in/link/", 0, -ELOOP, NULL },
	{ "in the place of a link", "@/in/linked", 0, -ELOOP, NULL },
	{ "in the place of a link, forced", "@/in/linked", OVER, -ELOOP, NULL },
	{ "in the place of a pipe, forced", "@/in/pipe", OVER, -EACCES, NULL },
	{ "in the place of a pipe", "@/in/pipe", 0, -EEXIST, NULL },
};

static void places_make(void)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -rf %s/in %s/out", top, top);
	run(command);
	mkdir(below("/in"), 0755);
	mkdir(below("/in/dir"), 0755);
	mkdir(below("/in/full"), 0755);
	mkdir(below("/in/full/name"), 0755);
	mkdir(below("/out"), 0755);
	file_put("/out/file", "outside");
	file_put("/in/file", "before");
	link_put(below("/out"), "/in/link");
	link_put("dir", "/in/near");
	link_put("../../out", "/in/dir/link");
	link_put("nowhere", "/in/broken");
	link_put("../out/file", "/in/linked");
	mkfifo(below("/in/pipe"), 0600);
}

static void test_places(const char *how)
{
	size_t i;

	for (i = 0; i < NR(places); i++) {
		places_make();
		tap_is_int(copy(places[i].path, "name", places[i].flags, "contents"), places[i].err,
			   "%s%s", places[i].name, how);
		if (!places[i].err)
			tap_is_str(file_text(places[i].file), "contents", "it is there: %s",
				   target.path);
		tap_is_int(count("/", FCOPY_PARTIAL_PREFIX), 0, "nothing unfinished is left");
		tap_is_int(count("/out", ""), 2, "nothing is outside");
		tap_is_str(file_text("/out/file"), "outside", "and that is as it was");
	}
}

static void test_link_by_name(void)
{
	places_make();
	tap_is_int(copy("@/in", "linked", OVER, "x"), -ELOOP, "a link by the name of the file");
	tap_is_int(copy("@/in", "linked", 0, "x"), -EEXIST, "is something that is there");
	tap_is_str(file_text("/out/file"), "outside", "and what it leads to is as it was");
	if (link(below("/out/file"), below("/in/hard")) < 0)
		tap_diag("no hard link");
	tap_is_int(copy("@/in", "hard", OVER, "new"), 0, "a hard link to a file outside, forced");
	tap_is_str(file_text("/in/hard"), "new", "is replaced");
	tap_is_str(file_text("/out/file"), "outside", "and not written through");
}

static void test_missing(void)
{
	places_make();
	setting.missing_is_directory = true;
	tap_is_int(copy("@/in/new", "name", CREATE, "x"), 0, "missing = directory");
	tap_is_str(file_text("/in/new/name"), "x", "makes one");
	tap_is_int(copy("@/in/file", "name", OVER, "x"), 0, "but what is a file");
	tap_is_str(file_text("/in/file"), "x", "is a file");
	tap_is_int(copy("@/in/other", "name", 0, "x"), -ENOENT, "and without leave to make it");
	setting.missing_is_directory = false;
}

static void test_names(void)
{
	char name[260];

	places_make();
	memset(name, 'n', sizeof(name));
	name[255] = '\0';
	tap_is_int(copy("@/in/", name, 0, "x"), 0, "a name of 255 bytes");
	tap_is_int(count("/in", name), 1, "is there");
	name[255] = 'n';
	name[256] = '\0';
	tap_is_int(copy("@/in/", name, 0, "x"), -ENAMETOOLONG, "one of 256");
	tap_is_int(copy("@/in/", "\xe6\x96\x87\xf0\x9f\x98\x80", 0, "x"), 0, "one not of ASCII");
	tap_is_str(file_text("/in/\xe6\x96\x87\xf0\x9f\x98\x80"), "x", "is there");
	tap_is_int(copy("@/in/", "a\nb", 0, "x"), -EINVAL, "one of two lines");
	tap_is_int(copy("@/in/", "../x", 0, "x"), -EINVAL, "one that leads up");
	tap_is_int(copy("@/in/", "/etc/x", 0, "x"), -EINVAL, "one that is a path");
	tap_ok(strstr(target.why, "not the name of a file"), "says why: %s", target.why);
}

/* ---- what it is ---- */

static mode_t mode_of(const char *path, uid_t *user)
{
	struct stat file = { 0 };

	lstat(below(path), &file);
	*user = file.st_uid;
	return file.st_mode & 07777;
}

static void test_modes(void)
{
	uid_t user;

	places_make();
	umask(0);
	copy("@/in/made/deep/", "f", CREATE, "x");
	tap_is_int(mode_of("/in/made/deep/f", &user), 0644, "a file's mode");
	tap_is_int(mode_of("/in/made", &user), 0755, "a directory's");
	umask(077);
	setting.mode = 0640;
	setting.directory_mode = 0750;
	copy("@/in/other/", "f", CREATE, "x");
	tap_is_int(mode_of("/in/other/f", &user), 0640, "as set, whatever the umask");
	tap_is_int(mode_of("/in/other", &user), 0750, "and a directory's");
	chmod(below("/in/file"), 04751);
	copy("@/in/file", "f", OVER, "x");
	tap_is_int(mode_of("/in/file", &user), 0751, "a file that is replaced keeps its mode");
	umask(022);
	if (geteuid())
		return;
	setting.owner = 1234;
	copy("@/in/third/", "f", CREATE, "x");
	mode_of("/in/third/f", &user);
	tap_is_int(user, 1234, "an owner that is set has the file");
	mode_of("/in/third", &user);
	tap_is_int(user, 1234, "and the directory that is made");
	setting.owner = 0;
	copy("@/in/third/f", "f", OVER, "y");
	mode_of("/in/third/f", &user);
	tap_is_int(user, 1234, "a file that is replaced keeps its owner");
	chmod(below("/in/third"), 01777);
	copy("@/in/third/f", "f", OVER, "z");
	tap_is_int(mode_of("/in/third/f", &user), 0640, "where all may write, it gets the mode");
	tap_is_int(user, 0, "and the owner that are set");
	setting.mode = 0644;
	setting.directory_mode = 0755;
}

/* ---- how it comes ---- */

static void test_pieces(void)
{
	static char big[100000];
	uint64_t at;
	int err = 0;

	places_make();
	memset(big, 'b', sizeof(big));
	tap_is_int(target_open("@/in/", "f", 0, sizeof(big)), 0, "a file of 100000 bytes");
	tap_ok(!exists("/in/f"), "is not there");
	tap_is_int(count("/in", FCOPY_PARTIAL_PREFIX), 1, "but under another name");
	tap_is_int(count("/state", FCOPY_PARTIAL_PREFIX), 1, "which is remembered");
	tap_is_int(fcopy_target_write(&target, big, 10, 5), -EINVAL,
		   "its middle before its beginning");
	for (at = 0; at < sizeof(big) && !err; at += 10000)
		err = fcopy_target_write(&target, big + at, 10000, at);
	tap_is_int(err, 0, "in pieces");
	tap_is_int(fcopy_target_write(&target, big, 10000, 0), -EINVAL, "a piece once more");
	tap_is_int(fcopy_target_write(&target, big, 1, sizeof(big)), -EINVAL,
		   "and more than announced");
	fcopy_target_flush(&target, 0, sizeof(big));
	tap_is_int(fcopy_target_finish(&target, 10000), 0, "it is finished");
	tap_ok(target.is_synced, "and on the disk");
	fcopy_target_settle(&target);
	tap_ok(exists("/in/f"), "then it is there");
	tap_is_int(count("/", FCOPY_PARTIAL_PREFIX), 0, "and under no other name");
}

static void test_unfinished(void)
{
	places_make();
	target_open("@/in/", "f", 0, 100);
	fcopy_target_write(&target, "half", 4, 0);
	tap_is_int(fcopy_target_finish(&target, 10000), -EPROTO, "a file that has not all come");
	tap_is_str(target.why, "4 bytes of 100 have come", "says so");
	fcopy_target_remove(&target);
	tap_ok(!exists("/in/f"), "is not there");
	tap_is_int(count("/", FCOPY_PARTIAL_PREFIX), 0, "and removed");
	tap_is_int(copy("@/in/", "empty", 0, ""), 0, "an empty file");
	tap_is_str(file_text("/in/empty"), "", "is there");
	target_open("@/in/", "f", 0, 4);
	fcopy_target_write(&target, "slow", 4, 0);
	tap_is_int(fcopy_target_finish(&target, 0), 0, "a disk that has no time");
	tap_ok(!target.is_synced, "has it later");
	fcopy_target_settle(&target);
	tap_is_str(file_text("/in/f"), "slow", "but it is there");
}

static void test_given_up(void)
{
	places_make();
	target_open("@/in/", "f", 0, 4);
	fcopy_target_write(&target, "late", 4, 0);
	target.is_given_up = true;
	tap_is_int(fcopy_target_finish(&target, 10000), -ECANCELED, "a copy that is given up");
	fcopy_target_remove(&target);
	target_open("@/in/file", "f", OVER, 0);
	target.is_given_up = true;
	tap_is_int(fcopy_target_finish(&target, 10000), -ECANCELED, "an empty one, too");
	fcopy_target_remove(&target);
	tap_is_str(file_text("/in/file"), "before", "which takes no other's place");
	tap_ok(!exists("/in/f") && !count("/", FCOPY_PARTIAL_PREFIX),
	       "is not there, nor a part of it");
}

static void test_between(void)
{
	places_make();
	target_open("@/in/", "f", 0, 1);
	fcopy_target_write(&target, "x", 1, 0);
	file_put("/in/f", "other");
	tap_is_int(fcopy_target_finish(&target, 10000), -EEXIST, "a file that came meanwhile");
	fcopy_target_remove(&target);
	tap_is_str(file_text("/in/f"), "other", "stays");
	late_file = true;
	tap_is_int(copy("@/in/", "late", 0, "x"), -EEXIST, "one that came at the last moment");
	late_file = false;
	tap_is_str(file_text("/in/late"), "", "stays as well");
	target_open("@/in/", "f", OVER, 1);
	fcopy_target_write(&target, "x", 1, 0);
	unlink(below("/in/f"));
	link_put("../out/file", "/in/f");
	tap_is_int(fcopy_target_finish(&target, 10000), -ELOOP, "a link that came meanwhile");
	fcopy_target_remove(&target);
	tap_is_str(file_text("/out/file"), "outside", "is not followed");
	unlink(below("/in/f"));
	target_open("@/in/", "f", OVER, 1);
	fcopy_target_write(&target, "x", 1, 0);
	unlinkat(target.dir, target.partial, 0);
	link_put("../out/file", "/in/x");
	renameat(target.dir, "x", target.dir, target.partial);
	tap_is_int(fcopy_target_finish(&target, 10000), -ESTALE,
		   "an unfinished file that was replaced");
	fcopy_target_remove(&target);
	tap_is_int(count("/in", FCOPY_PARTIAL_PREFIX), 1, "is not ours to remove");
	tap_ok(!exists("/in/f"), "nor to name");
	tap_is_str(file_text("/out/file"), "outside", "and not followed");
}

/* A directory that is moved away while the file is coming takes it along, and no further. */
static void test_moved(void)
{
	places_make();
	target_open("@/in/dir", "f", 0, 1);
	fcopy_target_write(&target, "x", 1, 0);
	rename(below("/in/dir"), below("/in/moved"));
	link_put(below("/out"), "/in/dir");
	tap_is_int(fcopy_target_finish(&target, 10000), 0,
		   "a directory that is replaced by a link");
	fcopy_target_settle(&target);
	tap_is_str(file_text("/in/moved/f"), "x", "has the file all the same");
	tap_is_int(count("/out", ""), 2, "and not what the link leads to");
}

/* ---- a race ---- */

static bool stop;

static void *swapper(void *argument)
{
	int in = open(below("/in"), O_PATH | O_DIRECTORY);

	(void)argument;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
		syscall(SYS_renameat2, in, "dir", in, "link", RENAME_EXCHANGE);
	close(in);
	return NULL;
}

static void test_race(const char *how)
{
	int i, done = 0, refused = 0, other = 0, err;
	pthread_t thread;

	places_make();
	unlink(below("/in/dir/link"));
	stop = false;
	if (pthread_create(&thread, NULL, swapper, NULL))
		abort();
	for (i = 0; i < 400; i++) {
		err = copy(i % 2 ? "@/in/dir" : "@/in/dir/sub/", "f", OVER | CREATE, "x");
		done += !err;
		refused += err == -ELOOP;
		other += err && err != -ELOOP && err != -ENOENT && err != -ENOTDIR &&
			 err != -EISDIR;
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	tap_diag("%d copied, %d refused", done, refused);
	tap_ok(!other && done && refused, "a directory and a link change places%s", how);
	tap_is_int(count("/out", ""), 2, "nothing comes outside");
	tap_is_int(count("/", FCOPY_PARTIAL_PREFIX), 0, "nothing is left");
}

/* ---- allowed directories that are not what they seem ---- */

static void test_tree(void)
{
	places_make();
	link_put(below("/in"), "/in2");
	allow("/in2");
	tap_is_int(copy("@/in2/", "f", 0, "x"), 0, "an allowed directory that is root's link");
	tap_is_str(file_text("/in/f"), "x", "is where that leads");
	if (!geteuid() && !lchown(below("/in2"), 1234, 1234)) {
		tap_is_int(copy("@/in2/", "g", 0, "x"), -ELOOP,
			   "but not when it is somebody else's");
		tap_ok(strstr(target.why, "cannot be opened"), "which is said: %s", target.why);
	}
	link_put("in2", "/in2");
	tap_is_int(copy("@/in2/", "g", 0, "x"), -ELOOP, "a link to itself");
	unlink(below("/in2"));
	tap_is_int(copy("@/in2/", "g", CREATE, "x"), -ENOENT, "one that there is not is not made");
	file_put("/in2", "x");
	tap_is_int(copy("@/in2/", "g", CREATE, "x"), -ENOTDIR, "one that is a file");
	unlink(below("/in2"));
	setting.trees.count = 0;
	tap_is_int(copy("@/in/", "g", 0, "x"), -EACCES, "with none allowed, none is");
	allow("/in");
}

/* ---- limits ---- */

static void test_limits(void)
{
	places_make();
	setting.max_size = 3;
	tap_is_int(copy("@/in/", "f", 0, "four"), -EFBIG, "more than max_size");
	tap_is_int(copy("@/in/", "f", 0, "low"), 0, "as much as that");
	setting.max_size = 0;
	tap_is_int(target_open("@/in/", "g", 0, UINT64_MAX), -EFBIG,
		   "a size that no file can have");
	tap_is_int(target_open("@/in/", "g", 0, 1ULL << 60), -ENOSPC, "a size that no disk has");
	tap_ok(strstr(target.why, "room for"), "is told: %s", target.why);
	setting.keep_free = 1ULL << 60;
	tap_is_int(target_open("@/in/", "g", 0, 1), -ENOSPC, "keep_free");
	setting.keep_free = 0;
	tap_is_int(count("/", FCOPY_PARTIAL_PREFIX), 0, "nothing is left of these");
}

/* File systems of the test's own; what it cannot mount it cannot test. */
static void test_mounts(void)
{
	static char mib[1 << 20];
	uint64_t at;
	int err;

	if (geteuid() || unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		tap_skip("file systems of the test's own", "needs root");
		return;
	}
	places_make();
	mkdir(below("/in/small"), 0755);
	tap_is_int(mount("small", below("/in/small"), "tmpfs", 0, "size=1m"), 0, "a small disk");
	tap_is_int(target_open("@/in/small/", "f", 0, 2 << 20), -ENOSPC, "has no room for 2 MB");
	tap_is_int(target_open("@/in/small/", "f", 0, 512 << 10), 0, "but for half a MB");
	for (at = 0, err = 0; at < 512 << 10 && !err; at += 65536)
		err = fcopy_target_write(&target, mib, 65536, at);
	tap_is_int(err, 0, "for all of it");
	/* somebody else fills the rest */
	hvd_file_replace(below("/in/small/other"), mib, 400 << 10, 0600);
	tap_is_int(fcopy_target_finish(&target, 10000), 0, "which stays reserved");
	fcopy_target_settle(&target);
	tap_is_int(target_open("@/in/small/", "f", OVER, 600 << 10), -ENOSPC, "a full disk");
	tap_is_int(count("/in/small", FCOPY_PARTIAL_PREFIX), 0, "with nothing left on it");
	no_fallocate = true;
	unlink(below("/in/small/f"));
	tap_is_int(target_open("@/in/small/", "f", 0, 512 << 10), 0,
		   "a disk that reserves nothing");
	hvd_file_replace(below("/in/small/more"), mib, 400 << 10, 0600);
	for (at = 0, err = 0; at < 512 << 10 && !err; at += 65536)
		err = fcopy_target_write(&target, mib, 65536, at);
	tap_is_int(err, -ENOSPC, "and is full in the middle");
	fcopy_target_remove(&target);
	tap_is_int(count("/in/small", FCOPY_PARTIAL_PREFIX), 0, "has nothing left on it either");
	no_fallocate = false;
	tap_is_int(mount(NULL, below("/in/small"), NULL, MS_REMOUNT | MS_RDONLY, NULL), 0,
		   "read-only");
	tap_is_int(copy("@/in/small/", "g", 0, "x"), -EROFS, "is no place for a file");
	tap_is_int(copy("@/in/small/new/", "g", CREATE, "x"), -EROFS, "nor for a directory");
	umount(below("/in/small"));
	tap_is_int(mount(below("/in/dir"), below("/in/small"), NULL, MS_BIND, NULL), 0,
		   "a bind mount");
	tap_is_int(copy("@/in/small/", "g", 0, "x"), 0, "is what an administrator has made");
	tap_is_str(file_text("/in/dir/g"), "x", "and is written to");
	umount(below("/in/small"));
	tap_is_int(mount("proc", below("/in/small"), "proc", 0, NULL), 0, "a proc");
	tap_is_int(copy("@/in/small/self/root/tmp/", "g", 0, "x"), -ELOOP,
		   "whose links are none to follow");
	tap_is_int(copy("@/in/small/", "g", 0, "x"), -ENOENT, "and where no file can be made");
	umount(below("/in/small"));
}

static void test_immutable(void)
{
	int dir, flags = FS_IMMUTABLE_FL, none = 0;

	places_make();
	dir = open(below("/in/dir"), O_RDONLY | O_DIRECTORY);
	if (geteuid() || ioctl(dir, FS_IOC_SETFLAGS, &flags) < 0) {
		tap_skip("an immutable directory", "not on this file system");
	} else {
		tap_is_int(copy("@/in/dir/", "f", 0, "x"), -EPERM, "an immutable directory");
		ioctl(dir, FS_IOC_SETFLAGS, &none);
	}
	close(dir);
}

/* ---- what is left by one that died ---- */

static void test_sweep(void)
{
	char partial[FCOPY_PARTIAL_LEN], other[FCOPY_PARTIAL_LEN];
	int lock = -1, second = -1;

	places_make();
	target_open("@/in/dir/", "f", 0, 1);
	strcpy(partial, target.partial);
	tap_is_int(fcopy_partial_sweep(setting.state, 1, &lock), 0,
		   "a daemon leaves its own alone");
	tap_is_int(fcopy_partial_sweep(setting.state, 2, &second), -EWOULDBLOCK, "as does another");
	close(lock);
	target_open("@/in/dir/", "g", 0, 1);
	strcpy(other, target.partial);
	/* a link of that name is somebody else's, as is a directory */
	unlink(below("/in/dir/g"));
	unlinkat(target.dir, other, 0);
	symlinkat(below("/out/file"), target.dir, other);
	tap_is_int(fcopy_partial_sweep(setting.state, 2, &lock), 1,
		   "the next one removes what is left");
	tap_is_int(count("/in", partial), 0, "the file");
	tap_is_int(count("/in", other), 1, "but no link of that name");
	tap_is_str(file_text("/out/file"), "outside", "nor what it leads to");
	tap_is_int(count("/state", FCOPY_PARTIAL_PREFIX), 0, "and forgets all of them");
	close(lock);
	fcopy_partial_record(setting.state, "other", below("/in"));
	file_put("/in/other", "x");
	tap_is_int(fcopy_partial_sweep(setting.state, 2, &lock), 0,
		   "a record of another name is none");
	tap_ok(exists("/in/other"), "and nothing is removed for it");
	close(lock);
	tap_is_int(fcopy_partial_record(setting.state, "a/b", "/"), -ENOENT, "a name that is none");
}

static void test_no_state(void)
{
	char *state = setting.state;

	places_make();
	setting.state = (char *)below("/in/file");
	tap_is_int(copy("@/in/", "f", 0, "x"), 0, "where nothing can be remembered it goes on");
	setting.state = state;
}

int main(void)
{
	char command[96];

	strcpy(top, "/tmp/fcopy_target_test.XXXXXX");
	if (!mkdtemp(top))
		return 1;
	chmod(top, 0755);
	fcopy_setting_start(&setting);
	free(setting.state);
	setting.state = strdup(below("/lib/state"));
	mkdir(below("/state"), 0755);
	free(setting.state);
	setting.state = strdup(below("/state"));
	allow("/in");
	test_places("");
	no_openat2 = true;
	test_places(", without openat2()");
	test_race(", without openat2()");
	no_openat2 = false;
	test_race("");
	no_renameat2 = true;
	places_make();
	tap_is_int(copy("@/in/", "f", 0, "x"), 0, "a file system without renameat2()");
	tap_is_int(copy("@/in/", "f", 0, "y"), -EEXIST, "does not replace either");
	tap_is_str(file_text("/in/f"), "x", "a file that is there");
	tap_is_int(count("/", FCOPY_PARTIAL_PREFIX), 0, "and nothing is left");
	no_renameat2 = false;
	test_link_by_name();
	test_missing();
	test_names();
	test_modes();
	test_pieces();
	test_unfinished();
	test_given_up();
	test_between();
	test_moved();
	test_tree();
	test_limits();
	test_immutable();
	test_sweep();
	test_no_state();
	test_mounts();
	fcopy_setting_end(&setting);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return run(command) ? 1 : tap_done();
}
