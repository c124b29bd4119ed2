// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The small client of PowerShell remoting, with whatever a guest may say in a session: as
 * lines, as fragments in a line of data, or as an object in a message that is well formed.
 */
#include "fuzz.h"
#include "hvsim_base64.h"
#include "hvsim_psrp.h"

#define POOL	"00000000-0000-0000-0000-000000000000"
#define PIPE	"04030201-0605-0807-090a-0b0c0d0e0f10"

static const uint8_t guid[HVSIM_GUID_LEN] = {
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
};

static size_t said;

static void on_said(enum hvsim_psrp_kind kind, const char *text, void *userdata)
{
	(void)userdata;
	CHECK(kind <= HVSIM_PSRP_ERROR);
	said += strlen(text);
}

static const struct hvsim_psrp_owner owner = { .said = on_said };

/* Whatever comes of a line, what is sent are whole lines, and a failure has a reason. */
static int line_give(struct hvsim_psrp *psrp, const char *line)
{
	int ret = hvsim_psrp_line(psrp, line);
	size_t len;
	char *lines = hvsim_psrp_take(psrp, &len);

	CHECK(lines && (!len || lines[len - 1] == '\n'));
	free(lines);
	CHECK(ret == 0 || ret == 1 || ret == -EPROTO);
	CHECK(ret != -EPROTO || (hvsim_psrp_error(psrp) && hvsim_psrp_failed(psrp)));
	return ret;
}

static void lines_give(struct hvsim_psrp *psrp, struct fuzz_input *input)
{
	char *text = malloc(input->len + 1), *line, *rest = text;

	CHECK(text);
	memcpy(text, input->at, input->len);
	text[input->len] = '\0';
	while ((line = strsep(&rest, "\n")))
		if (line_give(psrp, line))
			break;
	free(text);
}

static int data_give(struct hvsim_psrp *psrp, const char *name, const void *bytes, size_t len)
{
	char *text = hvsim_base64_encode(bytes, len), *line = NULL;
	int ret;

	CHECK(text);
	CHECK(asprintf(&line, "<Data Stream='Default' PSGuid='%s'>%s</Data>", name, text) > 0);
	ret = line_give(psrp, line);
	free(line);
	free(text);
	return ret;
}

/* One message after the other, each begun by its type and its length. */
static void messages_give(struct hvsim_psrp *psrp, struct fuzz_input *input)
{
	static const uint32_t types[] = {
		0x00021005, 0x00041004, 0x00041005, 0x00041006, 0x00041009, 0x00041011
	};
	uint8_t head[61] = { [16] = 3 }, *xml;
	size_t len;
	u32 number;

	while (input->len) {
		number = types[fuzz_number(input, 1) % 6];
		memcpy(head + 21 + 4, &number, 4);
		xml = fuzz_take(input, (size_t)fuzz_number(input, 1) * 4, &len);
		number = __cpu_to_be32((u32)(40 + len));
		memcpy(head + 17, &number, 4);
		xml = realloc(xml, len + sizeof(head));
		CHECK(xml);
		memmove(xml + sizeof(head), xml, len);
		memcpy(xml, head, sizeof(head));
		number = (u32)data_give(psrp, PIPE, xml, len + sizeof(head));
		free(xml);
		if (number)
			break;
	}
}

/**
 * LLVMFuzzerTestOneInput() - Give a session what a guest may say.
 * @data: how, in its first byte, and what
 * @len: bytes at @data
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input input = { .at = data, .len = len };
	unsigned int how = (unsigned int)fuzz_number(&input, 1) % 4;
	struct hvsim_psrp *psrp;

	CHECK(!hvsim_psrp_new(&psrp, guid, guid, "ls", &owner, NULL));
	if (how == 0)
		lines_give(psrp, &input);
	else if (how == 1)
		messages_give(psrp, &input);
	else
		data_give(psrp, how == 2 ? POOL : PIPE, input.at, input.len);
	hvsim_psrp_stop(psrp);
	hvsim_psrp_free(psrp);
	return 0;
}
