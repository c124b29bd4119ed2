// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A handshake: messages of the host, and answers of the main process, in any order.  Nobody
 * gets a session whose credentials and token were not accepted.
 */
#include "fuzz.h"
#include "psdirect/handshake.h"

#define TOKEN	"0123456789abcdef0123456789abcdef0123456789A="
#define SHOWN	"TOKEN 0123456789abcdef0123456789abcdef0123456789A="

struct play {
	struct psdirect_handshake hs;
	bool verdict;		/* the last was good */
	bool checked;
	bool over;
};

static void out_check(const struct psdirect_handshake *hs)
{
	size_t i;

	CHECK(hs->out_len <= sizeof(hs->out));
	for (i = 0; i < hs->out_len; i++)
		CHECK(hs->out[i] >= ' ' && hs->out[i] < 0x7f);
	CHECK(memchr(hs->user, '\0', sizeof(hs->user)));
	CHECK(memchr(hs->domain, '\0', sizeof(hs->domain)));
	CHECK(memchr(hs->password, '\0', sizeof(hs->password)));
	CHECK(memchr(hs->configuration, '\0', sizeof(hs->configuration)));
	CHECK(memchr(hs->token, '\0', sizeof(hs->token)));
}

static bool out_is(const struct psdirect_handshake *hs, const char *word)
{
	return hs->out_len >= strlen(word) && !memcmp(hs->out, word, strlen(word));
}

static void done_check(struct play *play, enum psdirect_do what)
{
	const struct psdirect_handshake *hs = &play->hs;

	out_check(hs);
	CHECK((unsigned int)what < PSDIRECT_DOS && (unsigned int)hs->step < PSDIRECT_STEPS);
	if (play->over)
		CHECK(what == PSDIRECT_DO_CLOSE && !hs->out_len);
	if (what == PSDIRECT_DO_CLOSE)
		play->over = true;
	if (out_is(hs, "TOKEN "))
		CHECK(play->verdict && !hs->fault && !hs->is_v1 && hs->kind == PSDIRECT_BROKER);
	if (out_is(hs, "CONF"))
		CHECK(play->verdict && !hs->fault);
	if (what == PSDIRECT_DO_STREAM)
		CHECK(play->checked && hs->kind == PSDIRECT_SERVER);
	CHECK(psdirect_step_name(hs->step)[0]);
}

/* A message of some of the host's words, or any. */
static enum psdirect_do message_give(struct play *play, struct fuzz_input *input, unsigned int how)
{
	static const char *const words[] = {
		"VERSION", "VERSION_2", "EMPTYPW", "NONEMPTYPW", "EMPTYCF", "NONEMPTYCF", "PASS",
		"FAIL", SHOWN,
	};
	enum psdirect_do what;
	size_t len;
	u8 *bytes;

	if (how < sizeof(words) / sizeof(words[0]))
		return psdirect_handshake_message(&play->hs, words[how], strlen(words[how]));
	bytes = fuzz_take(input, 1 + (size_t)fuzz_number(input, 2) % 1200, &len);
	if (len) {
		what = psdirect_handshake_message(&play->hs, bytes, len);
		free(bytes);
		return what;
	}
	free(bytes);
	return psdirect_handshake_message(&play->hs, "x\0", 2);
}

static enum psdirect_do turn(struct play *play, struct fuzz_input *input)
{
	unsigned int how = (unsigned int)fuzz_number(input, 1) % 20;

	switch (how) {
	case 16:
		play->verdict = fuzz_number(input, 1) % 4;
		return psdirect_handshake_verdict(&play->hs, play->verdict);
	case 17:
		return psdirect_handshake_token(&play->hs, TOKEN);
	case 18:
		return psdirect_handshake_text(&play->hs, "a sentence \xc3\xbc\n");
	case 19:
		play->checked = fuzz_number(input, 1) % 4;
		return psdirect_handshake_checked(&play->hs, play->checked);
	default:
		return message_give(play, input, how);
	}
}

/**
 * LLVMFuzzerTestOneInput() - Play a handshake.
 * @data: of which service, for whom, and what is said
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input input = { data, len };
	struct play *play = calloc(1, sizeof(*play));

	CHECK(play);
	psdirect_handshake_start(&play->hs, fuzz_number(&input, 1) % PSDIRECT_KINDS,
				 fuzz_number(&input, 1) % PSDIRECT_LEGACIES);
	while (input.len)
		done_check(play, turn(play, &input));
	free(play);
	return 0;
}
