/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Integration component messages from the host's point of view: requests are
 * built, answers are taken apart and judged.  Nothing here does input, output
 * or allocation.
 */
#ifndef HVSIM_MESSAGE_H
#define HVSIM_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hv/hvic_wire.h"

/**
 * struct hvsim_message - a message in the byte order of the machine
 * @pipe_type: of the pipe header
 * @pipe_size: of the pipe header: bytes behind it, as claimed
 * @has_header: whether there was room for the message header; if not, all
 *	below is 0
 * @framework: framework version, an HVIC_VERSION()
 * @version: message version, an HVIC_VERSION()
 * @type: an enum hvic_type
 * @body_size: bytes of body, as claimed
 * @status: an HVIC_STATUS_* or another HRESULT
 * @transaction: id of the transaction
 * @flags: HVIC_FLAG_*
 * @reserved: as found
 * @body: borrowed
 * @body_len: bytes at @body: what is claimed, as far as it is there
 */
struct hvsim_message {
	uint32_t pipe_type;
	uint32_t pipe_size;
	bool has_header;
	uint32_t framework;
	uint32_t version;
	uint16_t type;
	uint16_t body_size;
	uint32_t status;
	uint8_t transaction;
	uint8_t flags;
	uint16_t reserved;
	const uint8_t *body;
	size_t body_len;
};

/**
 * struct hvsim_versions - what two sides agreed on
 * @framework: framework version, an HVIC_VERSION(); 0.0 while negotiating
 * @message: message version, likewise
 */
struct hvsim_versions {
	uint32_t framework;
	uint32_t message;
};

/**
 * struct hvsim_offer - versions that a host offers
 * @framework: framework versions, each an HVIC_VERSION(), in the order offered
 * @framework_count: their number
 * @message: message versions
 * @message_count: their number
 */
struct hvsim_offer {
	const uint32_t *framework;
	size_t framework_count;
	const uint32_t *message;
	size_t message_count;
};

/*
 * What can be wrong with an answer.  Each has a name and a sentence, which say
 * what it means: see the table in hvsim_message.c.
 */
enum hvsim_fault {
	HVSIM_FAULT_VMBUS_TYPE,
	HVSIM_FAULT_TOO_LONG,
	HVSIM_FAULT_PIPE_HEADER,
	HVSIM_FAULT_PIPE_TYPE,
	HVSIM_FAULT_PIPE_SIZE,
	HVSIM_FAULT_HEADER,
	HVSIM_FAULT_BODY_SIZE,
	HVSIM_FAULT_TRANSACTION_FLAG,
	HVSIM_FAULT_RESPONSE_FLAG,
	HVSIM_FAULT_OTHER_FLAGS,
	HVSIM_FAULT_TRANSACTION_ID,
	HVSIM_FAULT_MESSAGE_TYPE,
	HVSIM_FAULT_VERSION,
	HVSIM_FAULT_BODY_SHORT,
	HVSIM_FAULT_NO_CHOICE,
	HVSIM_FAULT_COUNTS,
	HVSIM_FAULT_FRAMEWORK_NOT_OFFERED,
	HVSIM_FAULT_MESSAGE_NOT_OFFERED,
	HVSIM_FAULT_SEQUENCE,
	HVSIM_FAULT_APPLICATION_STATE,
	HVSIM_FAULT_TEXT_SIZE,
	HVSIM_FAULT_TEXT_END,
	HVSIM_FAULT_TEXT_BEHIND,
	HVSIM_FAULT_TEXT_UTF16,
	HVSIM_FAULT_KVP_OPERATION,
	HVSIM_FAULT_KVP_TYPE,
	HVSIM_FAULT_KVP_COUNTS,
	HVSIM_FAULT_KVP_ADDRESS,
	HVSIM_FAULT_VSS_OPERATION,
	HVSIM_NR_FAULTS,
};

/* A set of faults is the sum of these. */
#define HVSIM_FAULT(name)	(1u << HVSIM_FAULT_##name)

/*
 * Faults for which a real host throws the answer away, or the channel with it
 * (ic-protocol 2.3, 3.3, 4.4.2); with the others it takes the answer.
 */
#define HVSIM_FAULTS_FATAL \
	(HVSIM_FAULT(VMBUS_TYPE) | HVSIM_FAULT(TOO_LONG) | HVSIM_FAULT(PIPE_HEADER) | \
	 HVSIM_FAULT(PIPE_TYPE) | HVSIM_FAULT(PIPE_SIZE) | HVSIM_FAULT(HEADER) | \
	 HVSIM_FAULT(BODY_SIZE) | HVSIM_FAULT(TRANSACTION_FLAG) | HVSIM_FAULT(RESPONSE_FLAG) | \
	 HVSIM_FAULT(TRANSACTION_ID) | HVSIM_FAULT(MESSAGE_TYPE) | HVSIM_FAULT(BODY_SHORT) | \
	 HVSIM_FAULT(NO_CHOICE) | HVSIM_FAULT(COUNTS) | HVSIM_FAULT(FRAMEWORK_NOT_OFFERED) | \
	 HVSIM_FAULT(MESSAGE_NOT_OFFERED) | HVSIM_FAULT(TEXT_SIZE) | HVSIM_FAULT(TEXT_END) | \
	 HVSIM_FAULT(TEXT_UTF16) | HVSIM_FAULT(KVP_TYPE) | HVSIM_FAULT(KVP_COUNTS))

/* Body sizes a real host sends, padding included. */
#define HVSIM_HEARTBEAT_LEN	16
#define HVSIM_TIME_V3_LEN	28
#define HVSIM_TIME_V4_LEN	24
/* The largest body that the builders of heartbeat and time can be asked for. */
#define HVSIM_BODY_LEN_MAX	64

/* 1601-01-01 to 1970-01-01, in 100 ns. */
#define HVSIM_EPOCH_1601	116444736000000000ull

/**
 * struct hvsim_time - what a time message says
 * @parent: the host's time in 100 ns since 1601-01-01 00:00 UTC
 * @reference: partition reference counter at that moment, in 100 ns; from 4.0
 * @flags: HVIC_TIMESYNC_*
 * @leap: NTP leap indicator; from 4.0
 * @stratum: NTP stratum; from 4.0
 */
struct hvsim_time {
	uint64_t parent;
	uint64_t reference;
	uint8_t flags;
	uint8_t leap;
	uint8_t stratum;
};

/**
 * struct hvsim_power - what a shutdown message says
 * @reason: Windows' SHTDN_REASON_*
 * @timeout: seconds
 * @flags: HVIC_SHUTDOWN_*
 * @text: bytes for the message's text field, in whatever encoding; may be NULL
 * @text_len: bytes at @text, at most HVIC_SHUTDOWN_TEXT_LEN
 */
struct hvsim_power {
	uint32_t reason;
	uint32_t timeout;
	uint32_t flags;
	const void *text;
	size_t text_len;
};

int hvsim_message_build(void *buf, size_t size, const struct hvsim_message *message);
int hvsim_message_build_request(void *buf, size_t size, uint8_t transaction, uint16_t type,
				const struct hvsim_versions *versions, const void *body,
				size_t body_len);
int hvsim_message_build_offer(void *buf, size_t size, uint8_t transaction,
			      const struct hvsim_offer *offer);
int hvsim_message_build_heartbeat(void *buf, size_t size, uint8_t transaction,
				  const struct hvsim_versions *versions, uint64_t sequence,
				  size_t body_len);
int hvsim_message_build_shutdown(void *buf, size_t size, uint8_t transaction,
				 const struct hvsim_versions *versions,
				 const struct hvsim_power *power);
int hvsim_message_build_time(void *buf, size_t size, uint8_t transaction,
			     const struct hvsim_versions *versions,
			     const struct hvsim_time *time, size_t body_len);

uint32_t hvsim_message_open(struct hvsim_message *message, const void *bytes, size_t len);
uint32_t hvsim_message_answers(const struct hvsim_message *answer,
			       const struct hvsim_message *request);
uint32_t hvsim_message_read_offer(const struct hvsim_message *message, uint32_t *versions,
				  size_t size, struct hvsim_offer *offer);
uint32_t hvsim_message_read_choice(const struct hvsim_message *answer,
				   const struct hvsim_offer *offer,
				   struct hvsim_versions *choice);
uint32_t hvsim_message_read_heartbeat(const struct hvsim_message *answer, uint64_t sent,
				      uint64_t *sequence, uint32_t *state);

const char *hvsim_fault_name(enum hvsim_fault fault);
const char *hvsim_fault_text(enum hvsim_fault fault);
const char *hvsim_status_name(uint32_t status);
const char *hvsim_status_text(uint32_t status);
const char *hvsim_type_name(uint16_t type);
size_t hvsim_message_describe(char *text, size_t size, const void *bytes, size_t len);

#endif
