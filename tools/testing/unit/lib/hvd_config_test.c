// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Settings, and texts in bounded buffers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"
#include "hvd_config.h"
#include "hvd_file.h"
#include "hvd_text.h"

static char said[4096];		/* on stderr */
static int saved;
static FILE *capture;

static void capture_begin(void)
{
	fflush(stderr);
	saved = dup(2);
	capture = tmpfile();
	dup2(fileno(capture), 2);
}

static void capture_end(void)
{
	size_t len;

	fflush(stderr);
	dup2(saved, 2);
	close(saved);
	rewind(capture);
	len = fread(said, 1, sizeof(said) - 1, capture);
	said[len] = '\0';
	fclose(capture);
}

struct values {
	bool flag;
	char *path;
	char *text;
};

static const struct {
	const char *name, *text;
	int err;
	bool flag;
	const char *path, *said;
} configs[] = {
	{ "nothing", "", 0 },
	{ "a setting", "[kvp]\nflag = yes\n", 0, true },
	{ "without a newline", "[kvp]\nflag=on", 0, true },
	{ "indented", "[kvp]\n  flag = true\n\tpath = /a b\n", 0, true, "/a b" },
	{ "comments", "# one\n[kvp]\n; two\nflag = 1 ; three\n", 0, true },
	{ "twice", "[kvp]\nflag = yes\nflag = no\n", 0, false },
	{ "a bad value", "[kvp]\n\nflag = maybe\n", -EINVAL, false, NULL,
	  "test:3: flag is 'maybe', but must be yes or no" },
	{ "a relative path", "[kvp]\npath = a\n", -EINVAL, false, NULL, "test:2: path is 'a'" },
	{ "behind a bad value", "[kvp]\nflag = x\npath = /p\n", -EINVAL, false, "/p" },
	{ "no setting", "[kvp]\nflag\n", -EINVAL, false, NULL, "test:2: neither" },
	{ "an unknown key", "[kvp]\nflog = yes\n", 0, false, NULL,
	  "test:2: there is no setting 'flog'" },
	{ "an unknown section", "[kpv]\nflag = yes\n", 0, false, NULL,
	  "test:2: there is no section [kpv]" },
	{ "another's section", "[vss]\nany = thing\n", 0, false, NULL, "" },
	{ "one of several of another's", "[psdirect x]\nany = thing\n", 0, false, NULL, "" },
	{ "a section that begins like another's", "[vssx]\nany = thing\n", 0, false, NULL,
	  "test:2: there is no section [vssx]" },
};

static void test_parse(void)
{
	size_t i;

	for (i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		struct values values = { 0 };
		const struct hvd_setting settings[] = {
			{ "kvp", "flag", hvd_config_take_bool, &values.flag, "yes or no" },
			{ "kvp", "path", hvd_config_take_path, &values.path, "an absolute path" },
			{ 0 }
		};

		capture_begin();
		tap_is_int(hvd_config_parse("test", configs[i].text, settings), configs[i].err,
			   "%s", configs[i].name);
		capture_end();
		tap_is_int(values.flag, configs[i].flag, "its flag");
		tap_is_str(values.path, configs[i].path, "its path");
		if (configs[i].said)
			tap_ok(configs[i].said[0] ? !!strstr(said, configs[i].said) : !said[0],
			       "what is said of it: %s", said);
		free(values.path);
	}
}

static void test_long_line(void)
{
	struct values values = { 0 };
	const struct hvd_setting settings[] = {
		{ "kvp", "flag", hvd_config_take_bool, &values.flag, "yes or no" },
		{ 0 }
	};
	char text[2000] = "[kvp]\n";

	memset(text + 6, 'x', sizeof(text) - 7);
	text[sizeof(text) - 1] = '\0';
	memcpy(text + sizeof(text) - 12, "\nflag = on\n", 12);
	capture_begin();
	tap_is_int(hvd_config_parse("test", text, settings), -EINVAL, "a line that is too long");
	capture_end();
	tap_ok(strstr(said, "test:2: the line is too long"), "is told of: %s", said);
	tap_ok(values.flag, "and what is behind it is read");
}

static void file_put(const char *directory, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	tap_is_int(hvd_file_replace(path, text, strlen(text), 0644), 0, "%s is written", name);
}

static void test_files(void)
{
	char directory[] = "/tmp/hvd_config_test.XXXXXX", path[256], below[280], command[128];
	struct values values = { 0 };
	const struct hvd_setting settings[] = {
		{ "kvp", "path", hvd_config_take_path, &values.path, "an absolute path" },
		{ "kvp", "text", hvd_config_take_text, &values.text, "text" },
		{ 0 }
	};

	if (!mkdtemp(directory))
		abort();
	snprintf(path, sizeof(path), "%s/c.conf", directory);
	snprintf(below, sizeof(below), "%s.d", path);
	tap_is_int(hvd_config_read(path, false, settings), 0, "no file need be there");
	capture_begin();
	tap_is_int(hvd_config_read(path, true, settings), -ENOENT, "unless it is said to");
	capture_end();
	tap_ok(strstr(said, "c.conf: No such file"), "which is told: %s", said);
	file_put(directory, "c.conf", "[kvp]\npath = /main\ntext = main\n");
	mkdir(below, 0755);
	file_put(below, "20.conf", "[kvp]\npath = /twenty\n");
	file_put(below, "10.conf", "[kvp]\npath = /ten\n");
	file_put(below, "30.conf.old", "[kvp]\npath = /old\n");
	tap_is_int(hvd_config_read(path, true, settings), 0, "files of the directory are read");
	tap_is_str(values.path, "/twenty", "after the file, by their names");
	tap_is_str(values.text, "main", "and change what they name");
	free(values.path);
	free(values.text);
	snprintf(command, sizeof(command), "rm -r %s", directory);
	if (system(command))
		abort();
}

static void test_file(void)
{
	char directory[] = "/tmp/hvd_file_test.XXXXXX", path[256], text[16], command[128];
	struct stat status;

	if (!mkdtemp(directory))
		abort();
	snprintf(path, sizeof(path), "%s/f", directory);
	tap_is_int(hvd_file_replace(path, "one", 3, 0640), 0, "a file that was not there");
	tap_is_int(stat(path, &status) ? 0 : status.st_mode & 07777, 0640, "has its mode");
	chmod(path, 0604);
	tap_is_int(hvd_file_replace(path, "two!", 4, 0640), 0, "and is replaced");
	tap_is_int(stat(path, &status) ? 0 : status.st_mode & 07777, 0604, "with the mode it had");
	tap_is_int(hvd_file_read(path, text, sizeof(text)), 4, "it can be read");
	tap_is_str(text, "two!", "with a NUL behind");
	tap_is_int(hvd_file_read(path, text, 5), 4, "also into room for no more");
	tap_is_int(hvd_file_read(path, text, 4), -EFBIG, "but not into less");
	unlink(path);
	tap_is_int(symlink("/etc/hostname", path), 0, "a link in its place");
	tap_is_int(hvd_file_replace(path, "x", 1, 0600), -EEXIST, "is not followed");
	tap_is_int(hvd_file_replace("/nonexistent/f", "x", 1, 0600), -ENOENT, "no directory");
	snprintf(command, sizeof(command), "rm -r %s", directory);
	if (system(command))
		abort();
}

static void test_text(void)
{
	struct hvd_text text;
	char room[8];

	hvd_text_start(&text, room, sizeof(room));
	hvd_text_add(&text, "abc");
	hvd_text_addf(&text, "%d", 1234);
	tap_is_str(room, "abc1234", "a text that fits to the last byte");
	tap_ok(!text.overflow, "is whole");
	hvd_text_add(&text, "x");
	tap_ok(text.overflow, "one more is too many");
	hvd_text_start(&text, room, sizeof(room));
	hvd_text_addf(&text, "%s", "12345678");
	hvd_text_add(&text, "x");
	tap_is_str(room, "", "what does not fit is missing, and all behind it");
	tap_ok(text.overflow, "which is remembered");
	tap_is_int(hvd_text_copy(room, sizeof(room), "12345678"), -ENOSPC, "nor is it copied");
	tap_is_int(hvd_text_copy(room, sizeof(room), "1234567"), 7, "what fits is");
	tap_is_int(hvd_text_len(room, 7), -EINVAL, "a field without NUL");
	tap_is_int(hvd_text_len(room, 8), 7, "and with");
	tap_is_int(hvd_text_units("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), 5, "units of UTF-16");
}

int main(void)
{
	test_parse();
	test_long_line();
	test_files();
	test_file();
	test_text();
	return tap_done();
}
