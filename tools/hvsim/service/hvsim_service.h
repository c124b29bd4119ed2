/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all services of the emulated host have in common: a channel, version
 * negotiation, a state.  A service adds a struct hvsim_service_kind, and a
 * line in hvsim_host.c.
 */
#ifndef HVSIM_SERVICE_H
#define HVSIM_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "hvsim_arguments.h"
#include "hvsim_channel.h"
#include "hvsim_control.h"
#include "hvsim_journal.h"
#include "hvsim_profile.h"
#include "hvsim_root.h"
#include "hvsim_setting.h"

/* Time for a guest to answer a request: emulation in emulation is slow. */
#define HVSIM_ANSWER_MS		30000
/* Likewise a version offer; Windows is said to wait about as long. */
#define HVSIM_NEGOTIATE_MS	60000
/* Longest that a command may be told to wait: an hour. */
#define HVSIM_TIMEOUT_MAX_MS	3600000

struct hvsim_service;

/**
 * enum hvsim_service_state - how far a service is with its guest
 * @HVSIM_CLOSED: the guest has not opened the channel
 * @HVSIM_NEGOTIATING: no versions are agreed on yet
 * @HVSIM_READY: requests can be sent
 * @HVSIM_FAILED: negotiation failed; until the guest opens the channel again
 */
enum hvsim_service_state {
	HVSIM_CLOSED,
	HVSIM_NEGOTIATING,
	HVSIM_READY,
	HVSIM_FAILED,
};

/**
 * struct hvsim_command - a command that a service adds
 * @name: for clients
 * @handler: gets the service as userdata
 */
struct hvsim_command {
	const char *name;
	hvsim_control_handler handler;
};

/**
 * struct hvsim_service_kind - what makes a service this service
 * @id: which it is
 * @name: for clients, and of its socket
 * @title: for people
 * @size: bytes of its own state, see @hvsim_service.own
 * @start: set up @own; the rest of the service is there
 * @stop: undo that; no exchange is under way
 * @ready: versions are agreed on, also when that is not the first time
 * @unready: they are no longer
 * @paused: the machine was paused or saved, or goes on, as service->paused says;
 *	after a restore versions are agreed on anew, and @ready follows
 * @report: add to the service's status
 * @burst: write a harmless request, or return a negative errno; NULL for a
 *	service that has none
 * @served: whether somebody in the guest carries out requests now, which takes more
 *	than its driver; NULL where a driver does
 * @commands: what clients can have it do; ends with a name of NULL
 *
 * Any of the functions may be NULL.
 */
struct hvsim_service_kind {
	enum hvsim_service_id id;
	const char *name;
	const char *title;
	size_t size;
	int (*start)(struct hvsim_service *service);
	void (*stop)(struct hvsim_service *service);
	void (*ready)(struct hvsim_service *service);
	void (*unready)(struct hvsim_service *service);
	void (*paused)(struct hvsim_service *service);
	void (*report)(struct hvsim_service *service, struct json_object *status);
	int (*burst)(struct hvsim_service *service, uint8_t transaction, uint8_t *bytes,
		     size_t size);
	bool (*served)(struct hvsim_service *service);
	const struct hvsim_command *commands;
};

/**
 * struct hvsim_service_watch - what waits for a change of a service
 * @link: in the service's list
 * @changed: the service's state or channel changed; may end this watch, no other
 * @gone: the service goes away; must end this watch
 *
 * A watch ends with LIST_REMOVE().
 */
struct hvsim_service_watch {
	LIST_ENTRY(hvsim_service_watch) link;
	void (*changed)(struct hvsim_service_watch *watch);
	void (*gone)(struct hvsim_service_watch *watch);
};

LIST_HEAD(hvsim_service_watches, hvsim_service_watch);

/**
 * struct hvsim_service - a service of a host
 * @kind: which
 * @setting: what it lives in
 * @channel: to the guest
 * @state: how far it is
 * @versions: agreed on; valid when ready
 * @degraded: the guest chose less than the best that was offered
 * @contacted: the guest has answered at least once
 * @enabled: the host offers it, or would if it could take it back, too
 * @paused: the machine is paused or saved: nothing can be asked of the guest
 * @watches: what waits for a change
 * @anomalies: how many there were
 * @failure: why negotiation failed, in words; valid when failed
 * @own: state of the kind
 */
struct hvsim_service {
	const struct hvsim_service_kind *kind;
	const struct hvsim_setting *setting;
	struct hvsim_channel *channel;
	enum hvsim_service_state state;
	struct hvsim_versions versions;
	bool degraded;
	bool contacted;
	bool enabled;
	bool paused;
	struct hvsim_service_watches watches;
	uint64_t anomalies;
	const char *failure;
	void *own;
};

extern const struct hvsim_service_kind hvsim_heartbeat_kind;
extern const struct hvsim_service_kind hvsim_shutdown_kind;
extern const struct hvsim_service_kind hvsim_timesync_kind;
extern const struct hvsim_service_kind hvsim_kvp_kind;
extern const struct hvsim_service_kind hvsim_vss_kind;
extern const struct hvsim_service_kind hvsim_fcopy_kind;

int hvsim_service_new(struct hvsim_service **ret, const struct hvsim_service_kind *kind,
		      const struct hvsim_setting *setting);
void hvsim_service_free(struct hvsim_service *service);
int hvsim_service_negotiate(struct hvsim_service *service, const struct hvsim_offer *offer,
			    bool abrupt, uint64_t timeout_us, struct hvsim_request *request);
void hvsim_service_adopt(struct hvsim_service *service, const struct hvsim_offer *offer,
			 const struct hvsim_answer *answer);
const struct hvsim_offer *hvsim_service_offer(const struct hvsim_service *service);
void hvsim_service_changed(struct hvsim_service *service);
void hvsim_service_pause(struct hvsim_service *service);
void hvsim_service_resume(struct hvsim_service *service);
void hvsim_service_restore(struct hvsim_service *service, bool reoffer);
int hvsim_service_require_ready(struct hvsim_service *service, struct hvsim_request *request);
void hvsim_service_fail(struct hvsim_service *service, struct hvsim_request *request, int result,
			const struct hvsim_answer *answer);
void hvsim_service_note(struct hvsim_service *service, uint32_t faults,
			const struct hvsim_answer *answer);
void hvsim_service_emit(struct hvsim_service *service, const char *event,
			struct json_object *data);
struct json_object *hvsim_service_status(struct hvsim_service *service);

void hvsim_status_add(struct json_object *object, const struct hvsim_answer *answer);

#endif
