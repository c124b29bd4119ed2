// SPDX-License-Identifier: GPL-2.0-or-later
/* Settings: the input is a file of them, or what stands behind "allow =" and the like. */
#include <grp.h>
#include <pwd.h>

#include "fcopy/setting.h"
#include "fuzz.h"
#include "hvd_log.h"

bool hvd_log_wanted(int level)
{
	(void)level;
	return false;
}

void hvd_log(int level, const char *format, ...)
{
	(void)level;
	(void)format;
}

/* Who there is, is the machine's; asking for it is slow. */
struct passwd *getpwnam(const char *name)
{
	static struct passwd user = { .pw_uid = 7 };

	return strlen(name) % 2 ? &user : NULL;
}

struct group *getgrnam(const char *name)
{
	static struct group group = { .gr_gid = 8 };

	return strlen(name) % 2 ? &group : NULL;
}

static void setting_check(const struct fcopy_setting *setting)
{
	unsigned int i;

	CHECK(setting->trees.count <= FCOPY_TREES_MAX);
	for (i = 0; i < setting->trees.count; i++) {
		const char *tree = setting->trees.at[i];

		CHECK(!tree[0] || tree[0] == '/');
		CHECK(!strstr(tree, "/../") && !strstr(tree, "//"));
		CHECK(!tree[0] || tree[strlen(tree) - 1] != '/');
	}
	CHECK(setting->mode <= 0777 && setting->directory_mode <= 0777);
	CHECK(setting->silence >= 5 && setting->silence <= 86400);
	CHECK(setting->max_size <= INT64_MAX && setting->keep_free <= INT64_MAX);
	CHECK(setting->device[0] == '/' && setting->state[0] == '/' && setting->status[0] == '/');
}

/**
 * LLVMFuzzerTestOneInput() - Take settings.
 * @data: them
 * @len: bytes of them
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const keys[] = {
		"", "[fcopy]\nallow =", "[fcopy]\nmax_size =", "[fcopy]\nmode =",
		"[fcopy]\nowner =", "[fcopy]\ngroup =", "[fcopy]\nsilence_seconds =",
		"[fcopy]\nmissing =",
	};
	struct fuzz_input input = { data, len };
	const char *key = keys[fuzz_number(&input, 1) % (sizeof(keys) / sizeof(keys[0]))];
	struct fcopy_setting setting;
	char *text = malloc(strlen(key) + input.len + 1);

	CHECK(text);
	memcpy(text, key, strlen(key));
	if (input.len)
		memcpy(text + strlen(key), input.at, input.len);
	text[strlen(key) + input.len] = '\0';
	CHECK(!fcopy_setting_start(&setting));
	fcopy_setting_parse(&setting, "fuzz", text);
	setting_check(&setting);
	fcopy_setting_end(&setting);
	free(text);
	return 0;
}
