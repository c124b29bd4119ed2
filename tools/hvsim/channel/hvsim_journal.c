// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What was seen on the channels.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hvsim_channel_message.h"
#include "hvsim_journal.h"
#include "hvsim_json.h"
#include "hvsim_message.h"

/* Bytes of a packet that are kept with an anomaly: the headers and then some. */
#define ANOMALY_BYTES	128

struct hvsim_journal {
	FILE *trace;			/* NULL when none is wanted */
	struct json_object *anomalies;
	uint64_t anomaly_count;
};

/**
 * hvsim_journal_new() - Begin a journal.
 * @ret: the journal
 * @trace: file for all packets, emptied first; NULL for none
 *
 * Return: 0; -ENOMEM; the errno of opening @trace.
 */
int hvsim_journal_new(struct hvsim_journal **ret, const char *trace)
{
	struct hvsim_journal *journal = calloc(1, sizeof(*journal));
	int err = -ENOMEM;

	if (!journal)
		return -ENOMEM;
	journal->anomalies = json_object_new_array();
	if (!journal->anomalies)
		goto fail;
	if (trace) {
		journal->trace = fopen(trace, "we");
		if (!journal->trace) {
			err = -errno;
			goto fail;
		}
		/* a trace is read while the machine runs, and after it crashed */
		setvbuf(journal->trace, NULL, _IOLBF, 0);
	}
	*ret = journal;
	return 0;

fail:
	hvsim_journal_free(journal);
	return err;
}

/**
 * hvsim_journal_free() - End a journal.
 * @journal: may be NULL
 */
void hvsim_journal_free(struct hvsim_journal *journal)
{
	if (!journal)
		return;
	if (journal->trace)
		fclose(journal->trace);
	json_object_put(journal->anomalies);
	free(journal);
}

/* One line: offset, 16 bytes in hexadecimal, the same as characters. */
static void trace_line(FILE *trace, const uint8_t *bytes, size_t offset, size_t len)
{
	char hex[16 * 3 + 1] = "", text[16 + 1] = "";
	size_t i;

	for (i = 0; i < 16 && offset + i < len; i++) {
		uint8_t byte = bytes[offset + i];

		snprintf(hex + 3 * i, 4, " %02x", byte);
		text[i] = isprint(byte) ? (char)byte : '.';
	}
	fprintf(trace, "  %04zx %-48s  %s\n", offset, hex, text);
}

/* What crossed, in words on a line, and in bytes below it. */
static void trace_write(FILE *trace, const char *where, bool to_guest, const char *text,
			const uint8_t *bytes, size_t len)
{
	struct timespec now;
	size_t offset, end;

	clock_gettime(CLOCK_REALTIME, &now);
	fprintf(trace, "%lld.%06ld %s %s guest, %zu bytes: %s\n", (long long)now.tv_sec,
		now.tv_nsec / 1000, where, to_guest ? "to" : "from", len, text);
	/* the tail of many messages is empty, and long */
	for (end = len; end && !bytes[end - 1]; end--)
		;
	for (offset = 0; offset < end; offset += 16)
		trace_line(trace, bytes, offset, len);
	if (end + 15 < len)
		fprintf(trace, "  and zeros\n");
}

/**
 * hvsim_journal_packet() - Trace a packet.
 * @journal: where
 * @service: on whose channel
 * @to_guest: which way it went
 * @bytes: its payload
 * @len: bytes at @bytes
 */
void hvsim_journal_packet(struct hvsim_journal *journal, const char *service, bool to_guest,
			  const void *bytes, size_t len)
{
	char text[256];

	if (!journal->trace)
		return;
	hvsim_message_describe(text, sizeof(text), bytes, len);
	trace_write(journal->trace, service, to_guest, text, bytes, len);
}

/**
 * hvsim_journal_channel_message() - Trace a message of VMBus itself.
 * @journal: where
 * @to_guest: which way it went
 * @bytes: the message
 * @len: bytes at @bytes
 */
void hvsim_journal_channel_message(struct hvsim_journal *journal, bool to_guest,
				   const void *bytes, size_t len)
{
	char text[256];

	if (!journal->trace)
		return;
	hvsim_channel_message_describe(text, sizeof(text), bytes, len);
	trace_write(journal->trace, "vmbus", to_guest, text, bytes, len);
}

/**
 * hvsim_journal_anomaly() - Note that somebody did what should not be done.
 * @journal: where
 * @service: on whose channel
 * @kind: what it is in a word
 * @text: what it is in words
 * @bytes: the packet, if one is to blame; may be NULL
 * @len: bytes at @bytes
 *
 * Return: the same as an object, the caller's.
 */
struct json_object *hvsim_journal_anomaly(struct hvsim_journal *journal, const char *service,
					  const char *kind, const char *text,
					  const void *bytes, size_t len)
{
	struct json_object *anomaly = json_object_new_object();

	hvsim_json_add_string(anomaly, "service", service);
	hvsim_json_add_string(anomaly, "kind", kind);
	hvsim_json_add_string(anomaly, "text", text);
	if (bytes) {
		hvsim_json_add_uint(anomaly, "length", len);
		hvsim_json_add_hex(anomaly, "hex", bytes,
				   len < ANOMALY_BYTES ? len : ANOMALY_BYTES);
	}
	if (journal->trace)
		fprintf(journal->trace, "anomaly on %s: %s: %s\n", service, kind, text);
	journal->anomaly_count++;
	if (json_object_array_length(journal->anomalies) < HVSIM_ANOMALIES_KEPT)
		json_object_array_add(journal->anomalies, json_object_get(anomaly));
	return anomaly;
}

/**
 * hvsim_journal_anomalies() - Tell all anomalies.
 * @journal: of what
 * @clear: whether to forget them then
 *
 * Return: {"count":N,"anomalies":[...]}, the caller's; the list has the first
 * HVSIM_ANOMALIES_KEPT of them.
 */
struct json_object *hvsim_journal_anomalies(struct hvsim_journal *journal, bool clear)
{
	struct json_object *result = json_object_new_object();

	hvsim_json_add_uint(result, "count", journal->anomaly_count);
	hvsim_json_add(result, "anomalies", json_object_get(journal->anomalies));
	if (clear) {
		json_object_put(journal->anomalies);
		journal->anomalies = json_object_new_array();
		journal->anomaly_count = 0;
	}
	return result;
}
