// SPDX-License-Identifier: GPL-2.0-or-later
/* What an administrator sets about copies, by a table: what is taken, and what is said. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"
#include "fcopy/setting.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

static char said[4096];		/* on stderr */

static int parse(struct fcopy_setting *setting, const char *line)
{
	FILE *capture = tmpfile();
	int saved = dup(2), err;
	char text[512];
	size_t len;

	snprintf(text, sizeof(text), "[fcopy]\n%s\n", line);
	fflush(stderr);
	dup2(fileno(capture), 2);
	err = fcopy_setting_parse(setting, "test", text);
	fflush(stderr);
	dup2(saved, 2);
	close(saved);
	rewind(capture);
	len = fread(said, 1, sizeof(said) - 1, capture);
	said[len] = '\0';
	fclose(capture);
	return err;
}

/* The setting as one line, to be compared. */
static const char *shown(const struct fcopy_setting *setting)
{
	static char line[2048];
	unsigned int i;
	int len;

	len = snprintf(line, sizeof(line), "%u:%u %o %o %u %llu %llu %s", setting->owner,
		       setting->group, setting->mode, setting->directory_mode, setting->silence,
		       (unsigned long long)setting->max_size,
		       (unsigned long long)setting->keep_free,
		       setting->missing_is_directory ? "directory" : "file");
	for (i = 0; i < setting->trees.count; i++)
		len += snprintf(line + len, sizeof(line) - (size_t)len, " '%s'",
				setting->trees.at[i]);
	return line;
}

#define TREES	" '/home' '/media' '/mnt' '/opt' '/root' '/srv' '/tmp' '/var/tmp'"

static const struct {
	const char *line;
	const char *shown;	/* or what is said */
	bool is_bad;
} settings[] = {
	{ "", "0:0 644 755 60 0 0 file" TREES },
	{ "allow = /data", "0:0 644 755 60 0 0 file '/data'" },
	{ "allow = /data/ //x//y", "0:0 644 755 60 0 0 file '/data' '/x/y'" },
	{ "allow = /", "0:0 644 755 60 0 0 file ''" },
	{ "allow =", "0:0 644 755 60 0 0 file" },
	{ "allow = data", "test:2: allow is 'data', but must be absolute paths", true },
	{ "allow = /data ..", "test:2: allow is", true },
	{ "allow = /data/../etc", "test:2: allow is", true },
	{ "allow = \\data", "test:2: allow is", true },
	{ "allow = C:/data", "test:2: allow is", true },
	{ "owner = nobody", "65534:0 644 755 60 0 0 file" TREES },
	{ "owner = 1000", "1000:0 644 755 60 0 0 file" TREES },
	{ "owner = nobody-at-all", "test:2: owner is 'nobody-at-all', but must be a user", true },
	{ "owner = 4294967295", "test:2: owner is", true },
	{ "owner = -1", "test:2: owner is", true },
	{ "owner =", "test:2: owner is", true },
	{ "group = root", "0:0 644 755 60 0 0 file" TREES },
	{ "group = 7", "0:7 644 755 60 0 0 file" TREES },
	{ "group = no-such-group", "test:2: group is", true },
	{ "mode = 0600", "0:0 600 755 60 0 0 file" TREES },
	{ "mode = 755", "0:0 755 755 60 0 0 file" TREES },
	{ "mode = 4755", "test:2: mode is '4755', but must be an octal number up to 0777", true },
	{ "mode = 888", "test:2: mode is", true },
	{ "mode = rw", "test:2: mode is", true },
	{ "mode = -1", "test:2: mode is", true },
	{ "directory_mode = 0700", "0:0 644 700 60 0 0 file" TREES },
	{ "directory_mode = 01777", "test:2: directory_mode is", true },
	{ "silence_seconds = 5", "0:0 644 755 5 0 0 file" TREES },
	{ "silence_seconds = 4", "test:2: silence_seconds is", true },
	{ "silence_seconds = 86401", "test:2: silence_seconds is", true },
	{ "silence_seconds = 5s", "test:2: silence_seconds is", true },
	{ "max_size = 10", "0:0 644 755 60 10 0 file" TREES },
	{ "max_size = 10k", "0:0 644 755 60 10240 0 file" TREES },
	{ "max_size = 4G", "0:0 644 755 60 4294967296 0 file" TREES },
	{ "max_size = 8388607T", "0:0 644 755 60 9223370937343148032 0 file" TREES },
	{ "max_size = 8388608T", "test:2: max_size is", true },
	{ "max_size = 99999999999999999999", "test:2: max_size is", true },
	{ "max_size = 1KB", "test:2: max_size is", true },
	{ "max_size = -1", "test:2: max_size is", true },
	{ "keep_free = 1M", "0:0 644 755 60 0 1048576 file" TREES },
	{ "missing = directory", "0:0 644 755 60 0 0 directory" TREES },
	{ "missing = file", "0:0 644 755 60 0 0 file" TREES },
	{ "missing = folder", "test:2: missing is 'folder', but must be file or directory", true },
	{ "device = hv_fcopy", "test:2: device is 'hv_fcopy', but must be an absolute path", true },
	{ "status = x", "test:2: status is", true },
	{ "state = x", "test:2: state is", true },
};

static void test_table(void)
{
	struct fcopy_setting setting;
	size_t i;

	for (i = 0; i < NR(settings); i++) {
		tap_is_int(fcopy_setting_start(&setting), 0, "'%s'", settings[i].line);
		tap_is_int(parse(&setting, settings[i].line), settings[i].is_bad ? -EINVAL : 0,
			   "whether it is taken");
		if (settings[i].is_bad) {
			tap_ok(strstr(said, settings[i].shown), "what is said: %s", said);
			tap_is_str(shown(&setting), settings[0].shown, "nothing is changed");
		} else {
			tap_is_str(shown(&setting), settings[i].shown, "what it is then");
			tap_is_str(said, "", "nothing is said");
		}
		fcopy_setting_end(&setting);
	}
}

static void test_many(void)
{
	struct fcopy_setting setting;
	char line[256] = "allow =";
	int i;

	fcopy_setting_start(&setting);
	for (i = 0; i < FCOPY_TREES_MAX; i++)
		strcat(line, " /a");
	tap_is_int(parse(&setting, line), 0, "32 directories");
	tap_is_int(setting.trees.count, 32, "are 32");
	strcat(line, " /a");
	tap_is_int(parse(&setting, line), -EINVAL, "33 are too many");
	tap_is_int(setting.trees.count, 32, "and change nothing");
	fcopy_setting_end(&setting);
}

int main(void)
{
	test_table();
	test_many();
	return tap_done();
}
