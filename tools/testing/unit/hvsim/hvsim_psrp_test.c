// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The small client of PowerShell remoting: what it sends, and what it makes of a guest's
 * lines, good and bad. The guest is here; a real PowerShell is in tools/testing/powershell/.
 */
#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "tap.h"
#include "hvsim_base64.h"
#include "hvsim_clixml.h"
#include "hvsim_psrp.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

#define POOL	"00000000-0000-0000-0000-000000000000"
#define PIPE	"04030201-0605-0807-090a-0b0c0d0e0f10"

static const uint8_t pool_guid[HVSIM_GUID_LEN] = { 0xaa, 0xbb };
static const uint8_t pipeline_guid[HVSIM_GUID_LEN] = {
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
};

static struct hvsim_psrp *psrp;
static char heard[1024];

static void on_said(enum hvsim_psrp_kind kind, const char *text, void *userdata)
{
	size_t used = strlen(heard);

	(void)userdata;
	snprintf(heard + used, sizeof(heard) - used, "%c:%s|", "OINE"[kind], text);
}

static const struct hvsim_psrp_owner owner = { .said = on_said };

static void begin(const char *script)
{
	hvsim_psrp_free(psrp);
	psrp = NULL;
	heard[0] = '\0';
	hvsim_psrp_new(&psrp, pool_guid, pipeline_guid, script, &owner, NULL);
}

/* The lines that are to be sent. */
static const char *taken(void)
{
	static char lines[200000];
	size_t len;
	char *text = hvsim_psrp_take(psrp, &len);

	snprintf(lines, sizeof(lines), "%s", text ?: "(null)");
	free(text);
	return lines;
}

/* A fragment as base64, in a line of data. */
static int fragment(const char *guid, uint64_t object, uint64_t number, unsigned int flags,
		    const void *bytes, size_t len)
{
	uint8_t *head = calloc(1, 21 + len);
	char *text, *line = NULL;
	uint32_t size = htobe32((uint32_t)len);
	int ret;

	object = htobe64(object);
	number = htobe64(number);
	memcpy(head, &object, 8);
	memcpy(head + 8, &number, 8);
	head[16] = (uint8_t)flags;
	memcpy(head + 17, &size, 4);
	memcpy(head + 21, bytes, len);
	text = hvsim_base64_encode(head, 21 + len);
	if (asprintf(&line, "<Data Stream='Default' PSGuid='%s'>%s</Data>", guid, text) < 0)
		line = NULL;
	ret = hvsim_psrp_line(psrp, line);
	free(line);
	free(text);
	free(head);
	return ret;
}

static size_t message(uint8_t *to, uint32_t type, const char *xml)
{
	uint32_t number = htole32(type);

	memset(to, 0, 40);
	to[0] = 1;
	memcpy(to + 4, &number, 4);
	memcpy(to + 40, xml, strlen(xml));
	return 40 + strlen(xml);
}

static int say(const char *guid, uint32_t type, const char *xml)
{
	static uint64_t object;
	uint8_t bytes[4096];
	size_t len = message(bytes, type, xml);

	return fragment(guid, ++object, 0, 3, bytes, len);
}

static int open_pool(void)
{
	hvsim_psrp_line(psrp, "<DataAck PSGuid='" POOL "' />");
	say(POOL, 0x00010002, "<Obj RefId=\"0\" />");
	return say(POOL, 0x00021005,
		   "<Obj RefId=\"0\"><MS><I32 N=\"RunspaceState\">2</I32></MS></Obj>");
}

static int open_pipeline(void)
{
	open_pool();
	taken();
	return hvsim_psrp_line(psrp, "<CommandAck PSGuid='" PIPE "' />");
}

static int pipeline_state(const char *state, const char *more)
{
	char xml[1024];

	snprintf(xml, sizeof(xml), "<Obj><MS><I32 N=\"PipelineState\">%s</I32>%s</MS></Obj>", state,
		 more);
	return say(PIPE, 0x00041006, xml);
}

/* What a Data line carries. */
static uint8_t *data_of(const char *line, size_t *len)
{
	char *copy = strdup(strchr(line, '>') + 1);
	uint8_t *bytes = NULL;

	*strchr(copy, '<') = '\0';
	*len = 0;
	hvsim_base64_decode(copy, &bytes, len);
	free(copy);
	return bytes;
}

static void test_opening(void)
{
	const char *lines;
	uint8_t *bytes;
	size_t len;
	uint32_t size;

	begin("ls");
	lines = taken();
	tap_ok(!strncmp(lines, "<Data Stream='Default' PSGuid='" POOL "'>", 69) &&
	       strchr(lines, '\n')[1] == '\0', "it begins with one line of data for the pool");
	bytes = data_of(lines, &len);
	memcpy(&size, bytes + 17, 4);
	size = be32toh(size);
	tap_ok(bytes[7] == 1 && bytes[16] == 3, "whose first fragment is message 1, whole");
	tap_ok(bytes[21] == 2 && bytes[25] == 2 && bytes[27] == 1,
	       "to the server, SESSION_CAPABILITY");
	tap_ok(bytes[29] == 0xaa && bytes[30] == 0xbb, "of the pool");
	tap_ok(len > 21 + size && bytes[21 + size + 7] == 2 && bytes[42 + size + 4] == 4,
	       "and the second INIT_RUNSPACEPOOL");
	free(bytes);
	tap_is_str(taken(), "", "then it waits");
	open_pool();
	tap_is_str(taken(), "<Command PSGuid='" PIPE "' />\n", "an open pool gets a command");
	hvsim_psrp_line(psrp, "<CommandAck PSGuid='" PIPE "' />");
	lines = taken();
	tap_ok(!strncmp(lines, "<Data Stream='Default' PSGuid='" PIPE "'>", 69),
	       "and its acknowledgment the pipeline");
	bytes = data_of(lines, &len);
	tap_ok(memmem(bytes, len, "<S N=\"Cmd\">ls</S>", 17) &&
	       !memcmp(bytes + 45, pipeline_guid, 16),
	       "which has the script, and the pipeline's GUID");
	free(bytes);
}

/* One fragment is on its way at a time, whatever else is acknowledged. */
static void test_hurry(void)
{
	begin("ls");
	say(POOL, 0x00021005, "<Obj><MS><I32 N=\"RunspaceState\">2</I32></MS></Obj>");
	taken();
	hvsim_psrp_line(psrp, "<CommandAck PSGuid='" PIPE "' />");
	tap_is_str(taken(), "", "a pipeline waits for the acknowledgment of the opening");
	hvsim_psrp_line(psrp, "<DataAck PSGuid='" POOL "' />");
	tap_ok(!strncmp(taken(), "<Data ", 6), "and is sent then");
}

static void test_run(void)
{
	begin("ls");
	open_pipeline();
	taken();
	hvsim_psrp_line(psrp, "<DataAck PSGuid='" PIPE "' />");
	say(PIPE, 0x00041004, "<S>one_x000A_two</S>");
	say(PIPE, 0x00041004, "\xef\xbb\xbf<I32>3</I32>");
	say(PIPE, 0x00041011,
	    "<Obj><MS><Obj N=\"MessageData\"><ToString>ho</ToString></Obj></MS></Obj>");
	say(PIPE, 0x00041009, "<Obj><ToString>wa</ToString></Obj>");
	tap_is_str(heard, "O:one\ntwo|O:3|I:ho|N:wa|", "what it says is heard");
	tap_ok(!hvsim_psrp_failed(psrp), "without an error it has not failed");
	tap_is_int(pipeline_state("4", ""), 0, "it completes");
	tap_is_str(taken(), "<Close PSGuid='" PIPE "' />\n", "and is closed");
	hvsim_psrp_line(psrp, "<CloseAck PSGuid='" PIPE "' />");
	tap_is_str(taken(), "<Close PSGuid='" POOL "' />\n", "then the pool is");
	tap_is_int(hvsim_psrp_line(psrp, "<CloseAck PSGuid='" POOL "' />"), 1, "which is the end");
	tap_ok(!hvsim_psrp_failed(psrp) && !hvsim_psrp_error(psrp), "and all was well");
}

static void test_failures(void)
{
	begin("x");
	open_pipeline();
	say(PIPE, 0x00041005, "<Obj><ToString>oops</ToString></Obj>");
	pipeline_state("4", "");
	tap_is_str(heard, "E:oops|", "an error is heard");
	tap_ok(hvsim_psrp_failed(psrp), "and is a failure");

	begin("x");
	open_pipeline();
	pipeline_state("5", "<Obj N=\"ExceptionAsErrorRecord\"><ToString>bad</ToString></Obj>");
	tap_is_str(heard, "E:bad|", "why a pipeline failed is heard");
	tap_ok(hvsim_psrp_failed(psrp), "and is a failure");

	begin("x");
	tap_is_int(hvsim_psrp_stop(psrp), -EAGAIN, "what has not begun cannot be stopped");
	open_pipeline();
	taken();
	tap_is_int(hvsim_psrp_stop(psrp), 0, "what has can");
	tap_is_str(taken(), "<Signal PSGuid='" PIPE "' />\n", "by a signal");
	hvsim_psrp_line(psrp, "<SignalAck PSGuid='" PIPE "' />");
	pipeline_state("3", "");
	tap_ok(hvsim_psrp_failed(psrp), "what was stopped has failed");
	tap_is_int(hvsim_psrp_stop(psrp), -EALREADY, "and cannot be stopped again");

	begin("x");
	tap_is_int(hvsim_psrp_line(psrp, "__HyperVSocketError__:no pwsh"), -EPROTO,
		   "an error of the session ends it");
	tap_is_str(hvsim_psrp_error(psrp), "no pwsh", "with the guest's words");
	begin("x");
	tap_is_int(say(POOL, 0x00021005, "<Obj><MS><I32 N=\"RunspaceState\">5</I32><Obj "
		       "N=\"ExceptionAsErrorRecord\"><ToString>broke</ToString></Obj></MS></Obj>"),
		   -EPROTO, "a broken pool ends it");
	tap_is_str(hvsim_psrp_error(psrp), "broke", "with its reason");
}

static void test_fragments(void)
{
	uint8_t bytes[4096];
	size_t len = message(bytes, 0x00041004, "<S>hello</S>");
	char *script = malloc(100001), *line;
	size_t early = 0;
	int lines = 0;

	begin("x");
	open_pipeline();
	fragment(PIPE, 900, 0, 1, bytes, 10);
	fragment(PIPE, 900, 1, 0, bytes + 10, 32);
	tap_is_str(heard, "", "part of a message is kept");
	tap_is_int(fragment(PIPE, 900, 2, 2, bytes + 42, len - 42), 0, "the last part is taken");
	tap_is_str(heard, "O:hello|", "and the message is whole");
	tap_is_int(fragment(PIPE, 901, 0, 1, bytes, 10), 0, "another one begins");
	tap_is_int(fragment(PIPE, 902, 1, 2, bytes + 10, len - 10), -EPROTO,
		   "and a part of a third one is refused");

	memset(script, 'y', 100000);
	script[100000] = '\0';
	begin(script);
	open_pipeline();
	for (line = strdup(taken()); *line && lines < 10; line = strdup(taken())) {
		lines++;
		tap_ok(strlen(line) < 44000, "a line has a fragment");
		free(line);
		hvsim_psrp_line(psrp, "<Data Stream='Default' PSGuid='" PIPE "'></Data>");
		early += strlen(taken());
		hvsim_psrp_line(psrp, "<DataAck PSGuid='" PIPE "' />");
	}
	free(line);
	free(script);
	tap_is_int((long long)early, 0, "before that it waits");
	tap_is_int(lines, 4, "a long script goes a fragment after each acknowledgment");
}

static const char *const bad_lines[] = {
	"", "x", "<", "<Data", "<Data PSGuid='", "<Data PSGuid=''", "hello world",
	"<Data Stream='Default' PSGuid='" POOL "'>!!!!</Data>",
	"<Data Stream='Default' PSGuid='" POOL "'>AAAA</Data>",
	/* one of a message that has not begun */
	"<Data Stream='Default' PSGuid='" POOL "'>AAAAAAAAAAEAAAAAAAAAAAIAAAAA</Data>",
	/* a message shorter than its head */
	"<Data Stream='Default' PSGuid='" POOL "'>AAAAAAAAAAEAAAAAAAAAAAMAAAAA</Data>",
};

/* The length of a whole fragment is one byte too much. */
static int too_long(void)
{
	uint8_t bytes[21 + 40] = { [7] = 1, [16] = 3, [20] = 41 };
	char *text = hvsim_base64_encode(bytes, sizeof(bytes)), *line = NULL;
	int ret = 0;

	if (asprintf(&line, "<Data Stream='Default' PSGuid='" POOL "'>%s</Data>", text) > 0)
		ret = hvsim_psrp_line(psrp, line);
	free(line);
	free(text);
	return ret;
}

static void test_bad_lines(void)
{
	size_t i;

	for (i = 0; i < NR(bad_lines); i++) {
		begin("x");
		tap_is_int(hvsim_psrp_line(psrp, bad_lines[i]), -EPROTO, "'%s' is refused",
			   bad_lines[i]);
		tap_ok(hvsim_psrp_error(psrp) && hvsim_psrp_failed(psrp), "with a reason");
	}
	begin("x");
	tap_is_int(too_long(), -EPROTO, "a fragment of more bytes than there are is refused");
	tap_is_str(hvsim_psrp_error(psrp), "the guest sent a fragment longer than its line",
		   "for that");
	begin("x");
	open_pipeline();
	tap_is_int(say(PIPE, 0x00041004, "<S>a</B>"), -EPROTO, "so is what is no CLIXML");
	begin("x");
	open_pipeline();
	tap_is_int(say(PIPE, 0x00041004, "<!DOCTYPE S [<!ENTITY a \"b\">]><S>&a;</S>"), -EPROTO,
		   "and what has a document type");
}

static const struct {
	const char *xml;
	const char *text;
} shown[] = {
	{ "<S>a &lt;&amp;&gt; b</S>", "a <&> b" },
	{ "<S>_x0041__x000A_</S>", "A\n" },
	{ "<S>_xD834__xDD1E_</S>", "\xf0\x9d\x84\x9e" },
	{ "<S>_xD834_x_xDD1E_</S>", "\xef\xbf\xbdx\xef\xbf\xbd" },
	{ "<S>_x41_ _x00g0_</S>", "_x41_ _x00g0_" },
	{ "<S>_x005F_x0041_</S>", "_x0041_" },
	{ "<Nil />", "" },
	{ "<I32>5</I32>", "5" },
	{ "<Obj><TN><T>A.B</T></TN><ToString>words</ToString><Props /></Obj>", "words" },
	{ "<Obj><TN RefId=\"0\"><T>A.B</T></TN><I32>7</I32></Obj>", "7" },
	{ "<Obj><TN RefId=\"0\"><T>A.B</T></TN><DCT><En /></DCT></Obj>", "A.B" },
	{ "<Obj RefId=\"0\" />", "" },
};

static void test_clixml(void)
{
	struct hvsim_clixml *object = NULL;
	char deep[4000] = "", *text;
	size_t i, len;
	FILE *to;

	for (i = 0; i < NR(shown); i++) {
		text = NULL;
		if (!hvsim_clixml_parse(&object, shown[i].xml, strlen(shown[i].xml))) {
			text = hvsim_clixml_show(object);
			hvsim_clixml_free(object);
		}
		tap_is_str(text, shown[i].text, "%s is shown", shown[i].xml);
		free(text);
	}
	for (i = 0; i < 201; i++)
		strcat(deep, "<a>");
	for (i = 0; i < 201; i++)
		strcat(deep, "</a>");
	tap_is_int(hvsim_clixml_parse(&object, deep, strlen(deep)), -EPROTO, "201 is too deep");
	tap_is_int(hvsim_clixml_parse(&object, deep + 3, strlen(deep) - 7), 0, "200 is not");
	hvsim_clixml_free(object);
	tap_is_int(hvsim_clixml_parse(&object, "", 0), -EPROTO, "nothing is no object");

	to = open_memstream(&text, &len);
	hvsim_clixml_escape(to, "a<b>&_x0041_ _x\n\x01");
	fclose(to);
	tap_is_str(text, "a&lt;b&gt;&amp;_x005F_x0041_ _x_x000A__x0001_", "text is escaped");
	free(text);
}

int main(void)
{
	test_opening();
	test_hurry();
	test_run();
	test_failures();
	test_fragments();
	test_bad_lines();
	test_clixml();
	hvsim_psrp_free(psrp);
	return tap_done();
}
