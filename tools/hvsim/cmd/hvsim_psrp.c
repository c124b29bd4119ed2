// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A small client of PowerShell remoting ([MS-PSRP]) over the out-of-process framing:
 * each line an XML element, one fragment in a Data element, and a DataAck for it.
 *
 * Messages, fragments and their order are of [MS-PSRP] 2.2 and 3.1; the lines are those
 * that PowerShell's own client and `pwsh -sshs` exchange.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_base64.h"
#include "hvsim_clixml.h"
#include "hvsim_psdirect.h"
#include "hvsim_psrp.h"

#define FRAGMENT_HEAD_LEN	21
/* Of a fragment with its head, as PowerShell has it. */
#define FRAGMENT_MAX		32768
#define FRAGMENT_START		1
#define FRAGMENT_END		2
#define MESSAGE_HEAD_LEN	40
/* Longest message that is taken in; the guest is not trusted with the host's memory. */
#define MESSAGE_MAX		(64u << 20)
#define DESTINATION_SERVER	2

enum message_type {
	SESSION_CAPABILITY	= 0x00010002,
	INIT_RUNSPACEPOOL	= 0x00010004,
	RUNSPACEPOOL_STATE	= 0x00021005,
	CREATE_PIPELINE		= 0x00021006,
	PIPELINE_OUTPUT		= 0x00041004,
	ERROR_RECORD		= 0x00041005,
	PIPELINE_STATE		= 0x00041006,
	DEBUG_RECORD		= 0x00041007,
	VERBOSE_RECORD		= 0x00041008,
	WARNING_RECORD		= 0x00041009,
	INFORMATION_RECORD	= 0x00041011,
};

/* Of a runspace pool. */
#define POOL_OPENED		2
#define POOL_CLOSED		3
#define POOL_BROKEN		5
/* Of a pipeline. */
#define PIPELINE_STOPPED	3
#define PIPELINE_COMPLETED	4
#define PIPELINE_FAILED		5

static const char capability[] =
	"<Obj RefId=\"0\"><MS><Version N=\"protocolversion\">2.3</Version>"
	"<Version N=\"PSVersion\">2.0</Version>"
	"<Version N=\"SerializationVersion\">1.1.0.1</Version></MS></Obj>";

/* A client that has no terminal to ask at. */
#define HOST_INFO(id) \
	"<Obj N=\"HostInfo\" RefId=\"" id "\"><MS><B N=\"_isHostNull\">true</B>" \
	"<B N=\"_isHostUINull\">true</B><B N=\"_isHostRawUINull\">true</B>" \
	"<B N=\"_useRunspaceHost\">true</B></MS></Obj>"
#define ENUMERATION(name, id, type, value) \
	"<Obj N=\"" name "\" RefId=\"" id "\"><TN RefId=\"" id "\"><T>" type "</T>" \
	"<T>System.Enum</T><T>System.ValueType</T><T>System.Object</T></TN>" \
	"<ToString>" value "</ToString><I32>" value "</I32></Obj>"

static const char init_pool[] =
	"<Obj RefId=\"0\"><MS><I32 N=\"MinRunspaces\">1</I32><I32 N=\"MaxRunspaces\">1</I32>"
	ENUMERATION("PSThreadOptions", "1",
		    "System.Management.Automation.Runspaces.PSThreadOptions", "0")
	ENUMERATION("ApartmentState", "2", "System.Threading.ApartmentState", "2")
	HOST_INFO("3") "<Nil N=\"ApplicationArguments\" /></MS></Obj>";

/* Before and after the script's text. Nothing is merged, and nothing is input. */
static const char pipeline_begin[] =
	"<Obj RefId=\"0\"><MS><B N=\"NoInput\">true</B>"
	ENUMERATION("ApartmentState", "1", "System.Threading.ApartmentState", "2")
	ENUMERATION("RemoteStreamOptions", "2",
		    "System.Management.Automation.RemoteStreamOptions", "0")
	"<B N=\"AddToHistory\">false</B>" HOST_INFO("3")
	"<Obj N=\"PowerShell\" RefId=\"4\"><MS><B N=\"IsNested\">false</B><Nil N=\"ExtraCmds\" />"
	"<Obj N=\"Cmds\" RefId=\"5\"><TN RefId=\"5\"><T>System.Collections.Generic.List`1"
	"[[System.Management.Automation.PSObject]]</T><T>System.Object</T></TN><LST>"
	"<Obj RefId=\"6\"><MS><S N=\"Cmd\">";
#define MERGE(name, id) ENUMERATION(name, id, \
	"System.Management.Automation.Runspaces.PipelineResultTypes", "0")
static const char pipeline_end[] =
	"</S><B N=\"IsScript\">true</B><Nil N=\"UseLocalScope\" />"
	MERGE("MergeMyResult", "7") MERGE("MergeToResult", "8") MERGE("MergePreviousResults", "9")
	MERGE("MergeError", "10") MERGE("MergeWarning", "11") MERGE("MergeVerbose", "12")
	MERGE("MergeDebug", "13") MERGE("MergeInformation", "14")
	"<Obj N=\"Args\" RefId=\"15\"><TNRef RefId=\"5\" /><LST /></Obj></MS></Obj></LST></Obj>"
	"<Nil N=\"History\" /><B N=\"RedirectShellErrorOutputPipe\">true</B></MS></Obj>"
	"<B N=\"IsNested\">false</B></MS></Obj>";

/**
 * struct inbox - messages of one stream as they come together
 * @bytes: those of the message so far
 * @len: how many
 * @object: its number
 * @open: one has begun
 */
struct inbox {
	uint8_t *bytes;
	size_t len;
	uint64_t object;
	bool open;
};

/**
 * struct outbox - messages on their way out, a fragment at a time
 * @bytes: fragment after fragment
 * @len: bytes at @bytes
 * @done: bytes of them that are sent
 * @waits: the last fragment has not been acknowledged
 */
struct outbox {
	uint8_t *bytes;
	size_t len;
	size_t done;
	bool waits;
};

struct hvsim_psrp {
	const struct hvsim_psrp_owner *owner;
	void *userdata;
	uint8_t pool_guid[HVSIM_GUID_LEN];
	uint8_t pipeline_guid[HVSIM_GUID_LEN];
	char pipeline_name[HVSIM_GUID_TEXT_LEN];
	char *script;
	struct inbox pool_in;
	struct inbox pipeline_in;
	struct outbox out;
	uint64_t objects;	/* messages that were sent */
	char *lines;		/* to be sent by the caller */
	size_t lines_len;
	FILE *to;		/* writes @lines */
	bool began;		/* the pipeline has been asked for */
	bool over;		/* the pipeline has ended, or never began */
	bool failed;
	char *error;		/* why the session is of no use; NULL while it is */
};

static const char nobody[] = "00000000-0000-0000-0000-000000000000";

/* Why the session ends, for hvsim_psrp_error(); the first reason stays. */
static int session_fail(struct hvsim_psrp *psrp, const char *why)
{
	psrp->failed = true;
	if (!psrp->error)
		psrp->error = strdup(why);
	return -EPROTO;
}

/* ---- out ---- */

static void message_fill(uint8_t *to, const struct hvsim_psrp *psrp, uint32_t type,
			 const uint8_t *pipeline, const char *xml)
{
	uint32_t number = htole32(DESTINATION_SERVER);

	memcpy(to, &number, 4);
	number = htole32(type);
	memcpy(to + 4, &number, 4);
	memcpy(to + 8, psrp->pool_guid, HVSIM_GUID_LEN);
	if (pipeline)
		memcpy(to + 24, pipeline, HVSIM_GUID_LEN);
	else
		memset(to + 24, 0, HVSIM_GUID_LEN);
	memcpy(to + MESSAGE_HEAD_LEN, xml, strlen(xml));
}

/* Cuts a message into fragments at the end of what there is to send. */
static int message_queue(struct hvsim_psrp *psrp, uint32_t type, const uint8_t *pipeline,
			 const char *xml)
{
	size_t room = FRAGMENT_MAX - FRAGMENT_HEAD_LEN, len = MESSAGE_HEAD_LEN + strlen(xml);
	size_t count = (len + room - 1) / room, at, part;
	uint8_t *message = malloc(len), *to;
	uint64_t object, number = 0;
	uint32_t size;

	to = realloc(psrp->out.bytes, psrp->out.len + len + count * FRAGMENT_HEAD_LEN);
	if (to)
		psrp->out.bytes = to;
	if (!message || !to) {
		free(message);
		return -ENOMEM;
	}
	message_fill(message, psrp, type, pipeline, xml);
	object = htobe64(++psrp->objects);
	to += psrp->out.len;
	for (at = 0; at < len; at += part, to += FRAGMENT_HEAD_LEN + part) {
		part = len - at < room ? len - at : room;
		memcpy(to, &object, 8);
		number = htobe64(at / room);
		memcpy(to + 8, &number, 8);
		to[16] = (at ? 0 : FRAGMENT_START) | (at + part == len ? FRAGMENT_END : 0);
		size = htobe32((uint32_t)part);
		memcpy(to + 17, &size, 4);
		memcpy(to + FRAGMENT_HEAD_LEN, message + at, part);
	}
	psrp->out.len += len + count * FRAGMENT_HEAD_LEN;
	free(message);
	return 0;
}

/* As many whole fragments of what is left as a Data element may hold. */
static size_t fragments_fit(const struct outbox *out)
{
	size_t at = out->done, next;
	uint32_t size;

	for (; at < out->len; at = next) {
		memcpy(&size, out->bytes + at + 17, 4);
		next = at + FRAGMENT_HEAD_LEN + be32toh(size);
		if (next - out->done > FRAGMENT_MAX)
			break;
	}
	return at - out->done;
}

/* Sends the next fragments, if the last were acknowledged. */
static int data_send(struct hvsim_psrp *psrp)
{
	struct outbox *out = &psrp->out;
	size_t len = fragments_fit(out);
	char *text;

	if (out->waits || !len)
		return 0;
	text = hvsim_base64_encode(out->bytes + out->done, len);
	if (!text)
		return -ENOMEM;
	fprintf(psrp->to, "<Data Stream='Default' PSGuid='%s'>%s</Data>\n",
		psrp->began ? psrp->pipeline_name : nobody, text);
	free(text);
	out->done += len;
	out->waits = true;
	return 0;
}

static int pipeline_create(struct hvsim_psrp *psrp)
{
	char *xml = NULL;
	size_t len;
	FILE *to = open_memstream(&xml, &len);
	int err;

	if (!to)
		return -ENOMEM;
	fputs(pipeline_begin, to);
	hvsim_clixml_escape(to, psrp->script);
	fputs(pipeline_end, to);
	if (fclose(to))
		return -ENOMEM;
	err = message_queue(psrp, CREATE_PIPELINE, psrp->pipeline_guid, xml);
	free(xml);
	return err < 0 ? err : data_send(psrp);
}

static void element_send(struct hvsim_psrp *psrp, const char *element, const char *guid)
{
	fprintf(psrp->to, "<%s PSGuid='%s' />\n", element, guid);
}

/* ---- in ---- */

static void text_say(struct hvsim_psrp *psrp, enum hvsim_psrp_kind kind,
		     const struct hvsim_clixml *object)
{
	char *text = hvsim_clixml_show(object);

	if (text)
		psrp->owner->said(kind, text, psrp->userdata);
	free(text);
}

static int number_get(const struct hvsim_clixml *object, const char *name)
{
	const struct hvsim_clixml *number = hvsim_clixml_property(object, name);

	return number ? atoi(number->text) : -1;
}

static void pipeline_end_see(struct hvsim_psrp *psrp, const struct hvsim_clixml *object)
{
	const struct hvsim_clixml *error = hvsim_clixml_property(object, "ExceptionAsErrorRecord");
	int state = number_get(object, "PipelineState");

	if (state != PIPELINE_STOPPED && state != PIPELINE_COMPLETED && state != PIPELINE_FAILED)
		return;
	if (state != PIPELINE_COMPLETED)
		psrp->failed = true;
	if (error && state == PIPELINE_FAILED)
		text_say(psrp, HVSIM_PSRP_ERROR, error);
	if (!psrp->over)
		element_send(psrp, "Close", psrp->pipeline_name);
	psrp->over = true;
}

static int pool_state_see(struct hvsim_psrp *psrp, const struct hvsim_clixml *object)
{
	int state = number_get(object, "RunspaceState");
	char *text;

	if (state == POOL_OPENED && !psrp->began) {
		psrp->began = true;
		element_send(psrp, "Command", psrp->pipeline_name);
	}
	if (state != POOL_BROKEN && !(state == POOL_CLOSED && !psrp->over))
		return 0;
	text = hvsim_clixml_show(hvsim_clixml_property(object, "ExceptionAsErrorRecord"));
	session_fail(psrp, text && *text ? text : "the guest has closed the runspace");
	free(text);
	return -EPROTO;
}

static int object_see(struct hvsim_psrp *psrp, uint32_t type, const struct hvsim_clixml *object)
{
	switch (type) {
	case RUNSPACEPOOL_STATE:
		return pool_state_see(psrp, object);
	case PIPELINE_STATE:
		pipeline_end_see(psrp, object);
		break;
	case PIPELINE_OUTPUT:
		text_say(psrp, HVSIM_PSRP_OUTPUT, object);
		break;
	case ERROR_RECORD:
		psrp->failed = true;
		text_say(psrp, HVSIM_PSRP_ERROR, object);
		break;
	case INFORMATION_RECORD:
		text_say(psrp, HVSIM_PSRP_INFORMATION,
			 hvsim_clixml_property(object, "MessageData") ?: object);
		break;
	default:
		text_say(psrp, HVSIM_PSRP_NOTE, object);
	}
	return 0;
}

static bool is_of_interest(uint32_t type)
{
	return type == RUNSPACEPOOL_STATE || type == INFORMATION_RECORD ||
	       (type >= PIPELINE_OUTPUT && type <= WARNING_RECORD);
}

static int message_see(struct hvsim_psrp *psrp, const uint8_t *bytes, size_t len)
{
	struct hvsim_clixml *object;
	uint32_t type;
	int err;

	if (len < MESSAGE_HEAD_LEN)
		return session_fail(psrp, "the guest sent a message shorter than its head");
	memcpy(&type, bytes + 4, 4);
	type = le32toh(type);
	if (!is_of_interest(type))
		return 0;
	err = hvsim_clixml_parse(&object, (const char *)bytes + MESSAGE_HEAD_LEN,
				 len - MESSAGE_HEAD_LEN);
	if (err < 0)
		return err == -ENOMEM ? err :
		       session_fail(psrp, "the guest sent an object that is no CLIXML");
	err = object_see(psrp, type, object);
	hvsim_clixml_free(object);
	return err;
}

static int inbox_add(struct inbox *inbox, const uint8_t *bytes, size_t len)
{
	uint8_t *longer;

	if (len > MESSAGE_MAX - inbox->len)
		return -EMSGSIZE;
	longer = realloc(inbox->bytes, inbox->len + len + 1);
	if (!longer)
		return -ENOMEM;
	memcpy(longer + inbox->len, bytes, len);
	inbox->bytes = longer;
	inbox->len += len;
	return 0;
}

/* The fragment at @bytes, of which @len are left; returns how long it is. */
static ptrdiff_t fragment_see(struct hvsim_psrp *psrp, struct inbox *inbox, const uint8_t *bytes,
			      size_t len)
{
	uint64_t object;
	uint32_t size;
	int err;

	if (len < FRAGMENT_HEAD_LEN)
		return session_fail(psrp, "the guest sent part of a fragment's head");
	memcpy(&object, bytes, 8);
	memcpy(&size, bytes + 17, 4);
	size = be32toh(size);
	if (size > len - FRAGMENT_HEAD_LEN)
		return session_fail(psrp, "the guest sent a fragment longer than its line");
	if (bytes[16] & FRAGMENT_START) {
		inbox->len = 0;
		inbox->object = object;
		inbox->open = true;
	}
	if (!inbox->open || inbox->object != object)
		return session_fail(psrp, "the guest sent a fragment of no message that has begun");
	err = inbox_add(inbox, bytes + FRAGMENT_HEAD_LEN, size);
	if (err == -EMSGSIZE)
		return session_fail(psrp, "the guest sent a message of more than 64 MiB");
	if (!err && bytes[16] & FRAGMENT_END) {
		inbox->open = false;
		err = message_see(psrp, inbox->bytes, inbox->len);
	}
	return err < 0 ? err : (ptrdiff_t)(FRAGMENT_HEAD_LEN + size);
}

static int data_see(struct hvsim_psrp *psrp, bool pool, const char *text)
{
	uint8_t *bytes;
	size_t len, at;
	ptrdiff_t done = 0;
	int err;

	err = hvsim_base64_decode(text, &bytes, &len);
	if (err < 0)
		return err == -ENOMEM ? err :
		       session_fail(psrp, "the guest sent data that is no base64");
	for (at = 0; at < len && done >= 0; at += (size_t)done) {
		done = fragment_see(psrp, pool ? &psrp->pool_in : &psrp->pipeline_in, bytes + at,
				    len - at);
		if (done < 0)
			break;
	}
	free(bytes);
	return done < 0 ? (int)done : 0;
}

/* The acknowledgment of a Command, of Data or of a Close. Returns 1 after the last. */
static int ack_see(struct hvsim_psrp *psrp, const char *element, bool pool)
{
	if (!strcmp(element, "DataAck")) {
		psrp->out.waits = false;
		return data_send(psrp);
	}
	if (!strcmp(element, "CommandAck"))
		return pipeline_create(psrp);
	if (!strcmp(element, "SignalAck"))
		return 0;
	if (pool)
		return 1;
	psrp->over = true;
	element_send(psrp, "Close", nobody);
	return 0;
}

/* Splits a line into its element, GUID and data. Returns whether it has that form. */
static bool line_split(char *line, char **element, char **guid, char **data)
{
	static const char stream[] = " Stream='Default'", id[] = " PSGuid='";
	char *at;

	*element = line + 1;
	at = line + strcspn(line, " ");
	if (*line != '<' || !*at)
		return false;
	if (!strncmp(at, stream, sizeof(stream) - 1)) {
		*at = '\0';
		at += sizeof(stream) - 1;
	}
	if (strncmp(at, id, sizeof(id) - 1))
		return false;
	*at = '\0';
	*guid = at + sizeof(id) - 1;
	at = *guid + strcspn(*guid, "'");
	*data = strchr(at, '>');
	if (!*at || !*data)
		return false;
	*at = '\0';
	*(*data)++ = '\0';
	(*data)[strcspn(*data, "<")] = '\0';
	return true;
}

/**
 * hvsim_psrp_new() - Begin a session.
 * @ret: it; written only on success
 * @pool: a fresh GUID of the runspace pool
 * @pipeline: one of the pipeline
 * @script: what to run, UTF-8
 * @owner: who hears what the script says; not copied
 * @userdata: for it
 *
 * Return: 0; -ENOMEM.
 */
int hvsim_psrp_new(struct hvsim_psrp **ret, const uint8_t pool[HVSIM_GUID_LEN],
		   const uint8_t pipeline[HVSIM_GUID_LEN], const char *script,
		   const struct hvsim_psrp_owner *owner, void *userdata)
{
	struct hvsim_psrp *psrp = calloc(1, sizeof(*psrp));

	if (!psrp)
		return -ENOMEM;
	psrp->owner = owner;
	psrp->userdata = userdata;
	memcpy(psrp->pool_guid, pool, HVSIM_GUID_LEN);
	memcpy(psrp->pipeline_guid, pipeline, HVSIM_GUID_LEN);
	hvsim_guid_format(psrp->pipeline_name, pipeline);
	psrp->script = strdup(script);
	psrp->to = open_memstream(&psrp->lines, &psrp->lines_len);
	if (!psrp->script || !psrp->to ||
	    message_queue(psrp, SESSION_CAPABILITY, NULL, capability) < 0 ||
	    message_queue(psrp, INIT_RUNSPACEPOOL, NULL, init_pool) < 0 || data_send(psrp) < 0) {
		hvsim_psrp_free(psrp);
		return -ENOMEM;
	}
	*ret = psrp;
	return 0;
}

/**
 * hvsim_psrp_free() - Forget a session.
 * @psrp: may be NULL
 */
void hvsim_psrp_free(struct hvsim_psrp *psrp)
{
	if (!psrp)
		return;
	if (psrp->to)
		fclose(psrp->to);
	free(psrp->lines);
	free(psrp->script);
	free(psrp->pool_in.bytes);
	free(psrp->pipeline_in.bytes);
	free(psrp->out.bytes);
	free(psrp->error);
	free(psrp);
}

/**
 * hvsim_psrp_line() - Take a line from the guest.
 * @psrp: the session
 * @line: without its line end
 *
 * Return: 0 when the session goes on, 1 when it is over; -EPROTO when it is of no use any
 * more, see hvsim_psrp_error(); -ENOMEM.
 */
int hvsim_psrp_line(struct hvsim_psrp *psrp, const char *line)
{
	size_t prefix = strlen(HVSIM_PSDIRECT_PREFIX);
	char *copy, *element, *guid, *data;
	bool pool;
	int ret;

	if (!strncasecmp(line, HVSIM_PSDIRECT_PREFIX, prefix))
		return session_fail(psrp, line + prefix);
	copy = strdup(line);
	if (!copy)
		return -ENOMEM;
	if (!line_split(copy, &element, &guid, &data)) {
		ret = session_fail(psrp, "the guest sent a line that is no part of a session");
	} else {
		pool = !strcmp(guid, nobody);
		ret = strcmp(element, "Data") ? ack_see(psrp, element, pool) :
		      data_see(psrp, pool, data);
	}
	free(copy);
	return ret;
}

/**
 * hvsim_psrp_stop() - Have the guest stop the script.
 * @psrp: the session
 *
 * Return: 0; -EALREADY when it has ended, -EAGAIN when it has not begun.
 */
int hvsim_psrp_stop(struct hvsim_psrp *psrp)
{
	if (psrp->over)
		return -EALREADY;
	if (!psrp->began)
		return -EAGAIN;
	element_send(psrp, "Signal", psrp->pipeline_name);
	return 0;
}

/**
 * hvsim_psrp_take() - Get what is to be sent to the guest, once.
 * @psrp: the session
 * @len: bytes of it
 *
 * Return: whole lines, to be freed; NULL without memory.
 */
char *hvsim_psrp_take(struct hvsim_psrp *psrp, size_t *len)
{
	char *lines;

	if (fclose(psrp->to)) {
		psrp->to = NULL;
		return NULL;
	}
	lines = psrp->lines;
	*len = psrp->lines_len;
	psrp->lines = NULL;
	psrp->to = open_memstream(&psrp->lines, &psrp->lines_len);
	if (psrp->to)
		return lines;
	free(lines);
	return NULL;
}

/**
 * hvsim_psrp_failed() - Whether the script has failed, was stopped, or wrote an error.
 * @psrp: the session
 *
 * Return: that.
 */
bool hvsim_psrp_failed(const struct hvsim_psrp *psrp)
{
	return psrp->failed;
}

/**
 * hvsim_psrp_error() - Why a session is of no use any more.
 * @psrp: the session
 *
 * Return: a sentence, which may be the guest's; NULL while there is no reason.
 */
const char *hvsim_psrp_error(const struct hvsim_psrp *psrp)
{
	return psrp->error;
}
