/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM hv_ic

#if !defined(_HV_ICS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _HV_ICS_TRACE_H

#include <linux/tracepoint.h>

#include <hv/hvic_user.h>

#include "ic/hvic_msg.h"
#include "ic/hvic_psdirect.h"

#define show_hv_ic_service(type)			\
	__print_symbolic(type,				\
			 { HVIC_TYPE_HEARTBEAT, "heartbeat" },	\
			 { HVIC_TYPE_SHUTDOWN, "shutdown" },	\
			 { HVIC_TYPE_TIMESYNC, "timesync" },	\
			 { HVIC_TYPE_KVP, "kvp" },		\
			 { HVIC_TYPE_VSS, "vss" },		\
			 { HVIC_TYPE_FCOPY, "fcopy" })

#define show_hv_ic_vss_end(end)				\
	__print_symbolic(end,				\
			 { HVIC_USER_VSS_HELD, "held" },	\
			 { HVIC_USER_VSS_THAWED, "thawed" },	\
			 { HVIC_USER_VSS_DEADLINE, "deadline" }, \
			 { HVIC_USER_VSS_GONE, "gone" },	\
			 { HVIC_USER_VSS_OTHERS, "others" })

#define show_hv_ic_psdirect(verdict)				\
	__print_symbolic(verdict,				\
			 { HVIC_PSDIRECT_CONTAINER, "container" }, \
			 { HVIC_PSDIRECT_BROKER, "broker" },	\
			 { HVIC_PSDIRECT_SERVER, "server" })

/* A version offer, and what was chosen: 0.0 when nothing was. */
TRACE_EVENT(hv_ic_negotiate,
	TP_PROTO(u16 service, u32 framework, u32 message, int err),
	TP_ARGS(service, framework, message, err),
	TP_STRUCT__entry(
		__field(u16, service)
		__field(u32, framework)
		__field(u32, message)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->service = service;
		__entry->framework = framework;
		__entry->message = message;
		__entry->err = err;
	),
	TP_printk("service=%s framework=%u.%u message=%u.%u err=%d",
		  show_hv_ic_service(__entry->service),
		  HVIC_VERSION_MAJOR(__entry->framework), HVIC_VERSION_MINOR(__entry->framework),
		  HVIC_VERSION_MAJOR(__entry->message), HVIC_VERSION_MINOR(__entry->message),
		  __entry->err)
);

/* A request that the service is about to serve. */
TRACE_EVENT(hv_ic_request,
	TP_PROTO(u16 service, u8 transaction, u32 len),
	TP_ARGS(service, transaction, len),
	TP_STRUCT__entry(
		__field(u16, service)
		__field(u8, transaction)
		__field(u32, len)
	),
	TP_fast_assign(
		__entry->service = service;
		__entry->transaction = transaction;
		__entry->len = len;
	),
	TP_printk("service=%s transaction=%u len=%u",
		  show_hv_ic_service(__entry->service), __entry->transaction, __entry->len)
);

/* A request that a daemon can read now, and how many there are with it. */
TRACE_EVENT(hv_ic_forward,
	TP_PROTO(u16 service, u8 transaction, unsigned int waiting),
	TP_ARGS(service, transaction, waiting),
	TP_STRUCT__entry(
		__field(u16, service)
		__field(u8, transaction)
		__field(unsigned int, waiting)
	),
	TP_fast_assign(
		__entry->service = service;
		__entry->transaction = transaction;
		__entry->waiting = waiting;
	),
	TP_printk("service=%s transaction=%u waiting=%u",
		  show_hv_ic_service(__entry->service), __entry->transaction, __entry->waiting)
);

/* A request whose time is up, and how the daemon is that it was for. */
TRACE_EVENT(hv_ic_timeout,
	TP_PROTO(u16 service, u8 transaction, const char *daemon),
	TP_ARGS(service, transaction, daemon),
	TP_STRUCT__entry(
		__field(u16, service)
		__field(u8, transaction)
		__array(char, daemon, 16)
	),
	TP_fast_assign(
		__entry->service = service;
		__entry->transaction = transaction;
		strscpy(__entry->daemon, daemon, sizeof(__entry->daemon));
	),
	TP_printk("service=%s transaction=%u daemon=%s",
		  show_hv_ic_service(__entry->service), __entry->transaction, __entry->daemon)
);

/* An answer, and whether it could be sent. */
TRACE_EVENT(hv_ic_reply,
	TP_PROTO(u16 service, u8 transaction, u32 status, int err),
	TP_ARGS(service, transaction, status, err),
	TP_STRUCT__entry(
		__field(u16, service)
		__field(u8, transaction)
		__field(u32, status)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->service = service;
		__entry->transaction = transaction;
		__entry->status = status;
		__entry->err = err;
	),
	TP_printk("service=%s transaction=%u status=0x%08x err=%d",
		  show_hv_ic_service(__entry->service), __entry->transaction,
		  __entry->status, __entry->err)
);

/* A file system that the module was to freeze, and how long that took. */
TRACE_EVENT(hv_ic_freeze,
	TP_PROTO(const char *id, int err, u32 took_us),
	TP_ARGS(id, err, took_us),
	TP_STRUCT__entry(
		__array(char, id, 32)
		__field(int, err)
		__field(u32, took_us)
	),
	TP_fast_assign(
		strscpy(__entry->id, id, sizeof(__entry->id));
		__entry->err = err;
		__entry->took_us = took_us;
	),
	TP_printk("fs=%s err=%d took_us=%u", __entry->id, __entry->err, __entry->took_us)
);

/* A file system that is thawed again, and why; -EINVAL: somebody else had done it. */
TRACE_EVENT(hv_ic_thaw,
	TP_PROTO(const char *id, int err, u32 end),
	TP_ARGS(id, err, end),
	TP_STRUCT__entry(
		__array(char, id, 32)
		__field(int, err)
		__field(u32, end)
	),
	TP_fast_assign(
		strscpy(__entry->id, id, sizeof(__entry->id));
		__entry->err = err;
		__entry->end = end;
	),
	TP_printk("fs=%s err=%d end=%s", __entry->id, __entry->err,
		  show_hv_ic_vss_end(__entry->end))
);

/* A piece of a file that the module was to write. */
TRACE_EVENT(hv_ic_write,
	TP_PROTO(u8 transaction, u32 len, int err),
	TP_ARGS(transaction, len, err),
	TP_STRUCT__entry(
		__field(u8, transaction)
		__field(u32, len)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->transaction = transaction;
		__entry->len = len;
		__entry->err = err;
	),
	TP_printk("service=fcopy transaction=%u len=%u err=%d",
		  __entry->transaction, __entry->len, __entry->err)
);

/*
 * A connection of PowerShell Direct, the port of AF_VSOCK that it was given to (0: it was
 * left alone), and whether it was there before it could be.
 */
TRACE_EVENT(hv_ic_psdirect,
	TP_PROTO(u32 verdict, u32 port, u32 relid, bool pending),
	TP_ARGS(verdict, port, relid, pending),
	TP_STRUCT__entry(
		__field(u32, verdict)
		__field(u32, port)
		__field(u32, relid)
		__field(bool, pending)
	),
	TP_fast_assign(
		__entry->verdict = verdict;
		__entry->port = port;
		__entry->relid = relid;
		__entry->pending = pending;
	),
	TP_printk("service=%s port=%u channel=%u pending=%d",
		  show_hv_ic_psdirect(__entry->verdict), __entry->port, __entry->relid,
		  __entry->pending)
);

/* A packet that gets no answer. */
TRACE_EVENT(hv_ic_drop,
	TP_PROTO(u16 service, u32 len, int err),
	TP_ARGS(service, len, err),
	TP_STRUCT__entry(
		__field(u16, service)
		__field(u32, len)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->service = service;
		__entry->len = len;
		__entry->err = err;
	),
	TP_printk("service=%s len=%u err=%d",
		  show_hv_ic_service(__entry->service), __entry->len, __entry->err)
);

#endif

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH .
#define TRACE_INCLUDE_FILE hv_ics_trace
#include <trace/define_trace.h>
