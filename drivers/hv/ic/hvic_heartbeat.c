// SPDX-License-Identifier: GPL-2.0-only
/* Heartbeat: the host counts, the guest counts one further and says how it is. */

#include <asm/byteorder.h>
#include <linux/errno.h>
#include <linux/string.h>

#include "hvic_heartbeat.h"

/* 3.1 exists, but what its body holds is not known: it is not taken. */
static const u32 messages[] = { HVIC_VERSION(3, 0), HVIC_VERSION(1, 0), 0 };
const struct hvic_versions hvic_heartbeat_versions = { hvic_frameworks, messages };

static const char *const state_names[HVIC_NR_APPLICATION_STATES] = {
	[HVIC_APPLICATION_UNKNOWN]	= "unknown",
	[HVIC_APPLICATION_HEALTHY]	= "healthy",
	[HVIC_APPLICATION_CRITICAL]	= "critical",
	[HVIC_APPLICATION_STOPPED]	= "stopped",
};

/**
 * hvic_heartbeat() - Answer a heartbeat in place.
 * @msg: the heartbeat
 * @state: what to say of the applications in this guest
 * @sequence: the number that goes back to the host; untouched on failure
 *
 * A host that has no room for the application state does not get one.
 *
 * Return: 0, or -EMSGSIZE when the host sent no sequence number.
 */
int hvic_heartbeat(struct hvic_msg *msg, enum hvic_application_state state, u64 *sequence)
{
	struct hvic_heartbeat *beat = hvic_msg_body(msg, sizeof(beat->sequence));

	if (!beat)
		return -EMSGSIZE;

	*sequence = le64_to_cpu(beat->sequence) + 1;
	beat->sequence = cpu_to_le64(*sequence);

	if (hvic_msg_body(msg, offsetof(struct hvic_heartbeat, reserved)))
		beat->application_state = cpu_to_le32(state);
	return 0;
}

/**
 * hvic_application_state_name() - Name an application state.
 * @state: the state
 *
 * Return: one word, which hvic_application_state_parse() takes back.
 */
const char *hvic_application_state_name(enum hvic_application_state state)
{
	return (unsigned int)state < HVIC_NR_APPLICATION_STATES ? state_names[state] : "invalid";
}

/**
 * hvic_application_state_parse() - Find an application state by its name.
 * @name: one word
 *
 * Return: an enum hvic_application_state, or -EINVAL for any other word.
 */
int hvic_application_state_parse(const char *name)
{
	unsigned int i;

	for (i = 0; i < HVIC_NR_APPLICATION_STATES; i++)
		if (!strcmp(name, state_names[i]))
			return i;
	return -EINVAL;
}
