// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Turnaround by what the guest's hv_vmbus does, which is the same whichever module
 * serves the channel: the tracepoint vmbus_chan_sched is the host's interrupt for it, and
 * vmbus_setevent the interrupt that tells the host of the answer.  uio_hv_generic goes
 * round the second, but not the function vmbus_set_event() that both end in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define REQUEST		"hyperv/vmbus_chan_sched"
#define ANSWER		"hyperv/vmbus_setevent"
#define FORK		"sched/sched_process_fork"
#define FUNCTION	"vmbus_set_event"

/* Has the kernel write down the answer; and not, when what it wrote has been read. */
static const struct answer {
	const char *begin;
	const char *end;
} event = {
	"echo 1 >events/" ANSWER "/enable",
	"echo 0 >events/" ANSWER "/enable",
}, function = {
	/* by ftrace: a kprobe would add as much again to what is measured in a nested guest */
	"echo " FUNCTION " >set_ftrace_filter && echo function >current_tracer",
	"echo nop >current_tracer && echo >set_ftrace_filter",
}, *answer;

/* The number by which the guest knows a service's channel. */
static unsigned int relid_find(const char *service)
{
	struct json_object *ret = bench_call("service-list", "{}"), *list, *item, *relid;
	unsigned int found = 0;
	size_t i;

	list = json_object_object_get(ret, "services");
	for (i = 0; i < json_object_array_length(list); i++) {
		item = json_object_array_get_idx(list, i);
		relid = json_object_object_get(json_object_object_get(item, "channel"), "relid");
		if (!strcmp(json_object_get_string(json_object_object_get(item, "name")), service))
			found = (unsigned int)json_object_get_int(relid);
	}
	json_object_put(ret);
	if (!found)
		bench_die("%s has no channel: is the guest on --bus hvsim?", service);
	return found;
}

/**
 * bench_trace_begin() - Have the guest's kernel write down what it sees of a service.
 * @service: as the host calls it
 * @any_driver: whether another than hv_utils may serve it; then answers on all channels
 *	count, and the others must be silent
 */
void bench_trace_begin(const char *service, bool any_driver)
{
	unsigned int relid = relid_find(service);

	answer = any_driver ? &function : &event;
	free(bench_guest("cd /sys/kernel/tracing && echo 0 >tracing_on && : >trace && "
			 "echo relid==%u >events/" REQUEST "/filter && "
			 "echo relid==%u >events/" ANSWER "/filter && "
			 "echo 1 >events/" REQUEST "/enable && echo 1 >events/" FORK "/enable && "
			 "%s && echo 1 >tracing_on", relid, relid, answer->begin));
}

/* An answer is that to the last request before it: there is never more than one. */
static void line_read(struct bench_trace *trace, const char *line, double *began,
		      unsigned int *forks)
{
	char event[32];
	double at;

	if (sscanf(line, "%lf %31s", &at, event) != 2)
		bench_die("the guest's trace has a line that is none: %.60s", line);
	if (!strcmp(event, "vmbus_chan_sched")) {
		*began = at;
		*forks = 0;
	} else if (!strcmp(event, "sched_process_fork")) {
		++*forks;
	} else if (*began > 0 && trace->count < BENCH_SAMPLES_MAX) {
		trace->us[trace->count++] = (at - *began) * 1e6;
		trace->forks += *forks;
		*began = 0;
	}
}

/**
 * bench_trace_end() - See what the guest's kernel has written down.
 * @trace: what it was, since bench_trace_begin()
 */
void bench_trace_end(struct bench_trace *trace)
{
	char *text, *line, *rest;
	unsigned int forks = 0;
	double began = 0;

	memset(trace, 0, sizeof(*trace));
	text = bench_guest("cd /sys/kernel/tracing && echo 0 >tracing_on && "
			   "echo 0 >events/" REQUEST "/enable; echo 0 >events/" FORK "/enable; "
			   "sed -n 's/^[^#].* \\([0-9.]*\\): \\([a-z_]*\\)[: ].*/\\1 \\2/p' trace; "
			   "%s", answer->end);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		line_read(trace, line, &began, &forks);
	free(text);
}
