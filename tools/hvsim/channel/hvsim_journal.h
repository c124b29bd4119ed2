/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was seen on the channels: every packet, and on hvsim's bus every message of
 * VMBus itself, in a trace file if one is wanted, and every anomaly, kept until
 * asked for.
 */
#ifndef HVSIM_JOURNAL_H
#define HVSIM_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>

/* Anomalies that are kept in full; the rest are only counted. */
#define HVSIM_ANOMALIES_KEPT	1000

struct hvsim_journal;

int hvsim_journal_new(struct hvsim_journal **ret, const char *trace);
void hvsim_journal_free(struct hvsim_journal *journal);
void hvsim_journal_packet(struct hvsim_journal *journal, const char *service, bool to_guest,
			  const void *bytes, size_t len);
void hvsim_journal_channel_message(struct hvsim_journal *journal, bool to_guest,
				   const void *bytes, size_t len);
struct json_object *hvsim_journal_anomaly(struct hvsim_journal *journal, const char *service,
					  const char *kind, const char *text,
					  const void *bytes, size_t len);
struct json_object *hvsim_journal_anomalies(struct hvsim_journal *journal, bool clear);

#endif
