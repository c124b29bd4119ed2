// SPDX-License-Identifier: GPL-2.0-or-later
/* Settings: the input is a file of them, or what stands after "command =" and the like. */
#include <pwd.h>

#include "fuzz.h"
#include "hvd_log.h"
#include "psdirect/account.h"
#include "psdirect/setting.h"

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

/* Which users there are, is the machine's; asking for it is slow. */
struct passwd *getpwnam(const char *name)
{
	static struct passwd user;

	user.pw_uid = strlen(name) % 3;
	user.pw_gid = strlen(name) % 3;
	return strlen(name) % 2 ? &user : NULL;
}

static void setting_check(const struct psdirect_setting *setting)
{
	char *argv[PSDIRECT_ARGUMENTS_MAX + 1], command[PSDIRECT_COMMAND_ROOM];
	unsigned int i;

	CHECK((unsigned int)setting->legacy < PSDIRECT_LEGACIES);
	CHECK(memchr(setting->allow_users, '\0', sizeof(setting->allow_users)));
	CHECK(memchr(setting->allow_groups, '\0', sizeof(setting->allow_groups)));
	CHECK(memchr(setting->domains, '\0', sizeof(setting->domains)));
	CHECK(psdirect_domain_user_is_valid(setting->domain_user));
	CHECK(!setting->command[0] || setting->command[0] == '/');
	CHECK(setting->pam_service[0] && !strchr(setting->pam_service, '/'));
	CHECK(setting->step_seconds && setting->login_seconds && setting->token_seconds);
	CHECK(setting->max_logins && setting->max_sessions);
	CHECK(setting->configuration_count <= PSDIRECT_CONFIGURATIONS_MAX);
	for (i = 0; i < setting->configuration_count; i++) {
		if (!setting->configurations[i].command[0])
			continue;
		strcpy(command, setting->configurations[i].command);
		CHECK(command[0] == '/' && psdirect_command_split(command, argv) >= 1);
	}
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
		"", "[psdirect]\ncommand =", "[psdirect]\nallow_users =",
		"[psdirect]\ndomain_user =",
		"[psdirect]\npam_service =", "[psdirect]\nlogin_seconds =", "[psdirect ",
		"[psdirect a]\ncommand =", "[psdirect]\nuser =",
	};
	struct fuzz_input input = { data, len };
	const char *key = keys[fuzz_number(&input, 1) % (sizeof(keys) / sizeof(keys[0]))];
	struct psdirect_setting setting;
	char *text = malloc(strlen(key) + input.len + 1);

	CHECK(text);
	memcpy(text, key, strlen(key));
	if (input.len)
		memcpy(text + strlen(key), input.at, input.len);
	text[strlen(key) + input.len] = '\0';
	psdirect_setting_start(&setting);
	psdirect_setting_parse(&setting, "fuzz", text);
	setting_check(&setting);
	psdirect_setting_end(&setting);
	free(text);
	return 0;
}
