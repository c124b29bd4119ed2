// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A module of PAM for tests:
 *
 *	user=NAME	makes the user of a login another one, as modules for mapping do
 *	tell=FILE	adds the user that the login is for to a file, a line each
 */
#include <stdio.h>
#include <string.h>

#include <security/pam_modules.h>

static void user_tell(const char *path, const char *user)
{
	FILE *file = fopen(path, "ae");

	if (!file)
		return;
	fprintf(file, "%s\n", user);
	fclose(file);
}

/**
 * pam_sm_authenticate() - See pam_sm_authenticate(3).
 * @pamh: the login
 * @flags: unused
 * @argc: how many arguments there are
 * @argv: see above
 *
 * Return: %PAM_IGNORE, or the error of PAM.
 */
int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const char *user = NULL;
	int i, status = pam_get_user(pamh, &user, NULL);

	(void)flags;
	for (i = 0; i < argc && status == PAM_SUCCESS; i++)
		if (!strncmp(argv[i], "user=", 5))
			status = pam_set_item(pamh, PAM_USER, argv[i] + 5);
		else if (!strncmp(argv[i], "tell=", 5))
			user_tell(argv[i] + 5, user);
	return status == PAM_SUCCESS ? PAM_IGNORE : status;
}

/**
 * pam_sm_setcred() - See pam_sm_setcred(3).
 * @pamh: unused
 * @flags: unused
 * @argc: unused
 * @argv: unused
 *
 * Return: %PAM_IGNORE.
 */
int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_IGNORE;
}
