// SPDX-License-Identifier: GPL-2.0-or-later
/* A domain and a user: no name comes out for a domain that is not accepted. */
#include <strings.h>

#include "fuzz.h"
#include "psdirect/account.h"

static char *string_take(struct fuzz_input *input)
{
	size_t len, want = (size_t)fuzz_number(input, 1);
	u8 *bytes = fuzz_take(input, want, &len);
	char *text = malloc(len + 1);

	CHECK(text);
	if (len)
		memcpy(text, bytes, len);
	text[len] = '\0';
	free(bytes);
	return text;
}

/**
 * LLVMFuzzerTestOneInput() - Find an account's name.
 * @data: host, domain, user, domains and a list
 * @len: bytes of them
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input input = { data, len };
	char *host = string_take(&input), *domain = string_take(&input);
	char *user = string_take(&input), *domains = string_take(&input);
	char *list = string_take(&input), name[PSDIRECT_ACCOUNT_ROOM];
	const char *const member_of[] = { user, NULL };
	const char *meant = psdirect_account_domain(domain, user);
	int err = psdirect_account_name(name, sizeof(name), domain, user, host, domains, "%d\\%u");

	CHECK(!err == !!name[0]);
	if (!err)
		CHECK(!strpbrk(user, ":/\\") && user[0] != '-');
	if (!err && !psdirect_domain_is_local(meant, host))
		CHECK(psdirect_words_match(domains, meant, true) && !strpbrk(meant, ":/\\@"));
	if (!err && psdirect_domain_is_local(meant, host))
		CHECK(!strncmp(name, user, strlen(name)) && !strpbrk(name, "\\@"));
	psdirect_user_is_allowed(list, domains, user, member_of);
	psdirect_domain_user_is_valid(list);
	free(host);
	free(domain);
	free(user);
	free(domains);
	free(list);
	return 0;
}
