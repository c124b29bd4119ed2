// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel says of a link: its addresses and default routes, by netlink.
 *
 * Only what concerns the link is asked for, and nothing is kept: a router's table may
 * have a million routes.
 */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "kvp/net/link.h"

#ifndef NETLINK_GET_STRICT_CHK
#define NETLINK_GET_STRICT_CHK	12
#endif

/* How often a list is asked for again that changed while it was told. */
#define DUMP_TRIES	5

struct query {
	struct kvp_link *link;
	struct kvp_addresses local;	/* link-local, to stand behind the others */
	uint32_t metrics[KVP_ADDRESSES_MAX];	/* of link->gateways */
	int index;
};

static int errno_of(int err)
{
	switch (err < 0 ? -err : err) {
	case NLE_NODEV:
	case NLE_OBJ_NOTFOUND:
		return -ENODEV;
	case NLE_NOMEM:
		return -ENOMEM;
	default:
		return -EIO;
	}
}

static bool address_take(struct kvp_address *address, int family, struct nlattr *attr)
{
	int size = family == AF_INET ? 4 : 16;

	if (!attr || nla_len(attr) < size || (family != AF_INET && family != AF_INET6))
		return false;
	*address = (struct kvp_address){ .family = (uint8_t)family, .prefix = (uint8_t)(8 * size) };
	memcpy(&address->v4, nla_data(attr), (size_t)size);
	return true;
}

static int query_on_address(struct nl_msg *msg, void *arg)
{
	struct nlattr *attrs[IFA_MAX + 1];
	struct ifaddrmsg *head = nlmsg_data(nlmsg_hdr(msg));
	struct kvp_address address;
	struct query *query = arg;
	uint32_t flags;

	if (nlmsg_hdr(msg)->nlmsg_type != RTM_NEWADDR ||
	    nlmsg_parse(nlmsg_hdr(msg), sizeof(*head), attrs, IFA_MAX, NULL) < 0 ||
	    head->ifa_index != (unsigned int)query->index)
		return NL_OK;
	/* of a point-to-point link IFA_ADDRESS is the other end */
	if (!address_take(&address, head->ifa_family, attrs[IFA_LOCAL] ?: attrs[IFA_ADDRESS]))
		return NL_OK;
	address.prefix = head->ifa_prefixlen;
	flags = attrs[IFA_FLAGS] ? nla_get_u32(attrs[IFA_FLAGS]) : head->ifa_flags;
	if (flags & IFA_F_DADFAILED)
		kvp_addresses_add(&query->link->refused, &address);
	else if (!(flags & IFA_F_TENTATIVE) && !kvp_address_is_loopback(&address))
		kvp_addresses_add(kvp_address_is_link_local(&address) ? &query->local :
				  &query->link->addresses, &address);
	if (!(flags & IFA_F_PERMANENT))
		kvp_addresses_add(&query->link->leased, &address);
	return NL_OK;
}

/* Behind those that are as good. */
static void gateway_add(struct query *query, const struct kvp_address *gateway, uint32_t metric)
{
	struct kvp_addresses *list = &query->link->gateways;
	size_t at = list->count;

	if (at == KVP_ADDRESSES_MAX || kvp_addresses_have(list, gateway))
		return;
	for (; at && query->metrics[at - 1] > metric; at--) {
		list->at[at] = list->at[at - 1];
		query->metrics[at] = query->metrics[at - 1];
	}
	list->at[at] = *gateway;
	query->metrics[at] = metric;
	list->count++;
}

/* The gateways of one route over several links, of which some may be ours. */
static void hops_add(struct query *query, int family, struct nlattr *attr, uint32_t metric)
{
	struct rtnexthop *hop = nla_data(attr);
	int left = nla_len(attr);
	struct kvp_address gateway;
	struct nlattr *via;

	/* RTNH_OK() alone looks at a hop before it knows that there is one */
	for (; left >= (int)sizeof(*hop) && RTNH_OK(hop, left); hop = RTNH_NEXT(hop)) {
		left -= (int)RTNH_ALIGN(hop->rtnh_len);
		via = nla_find((struct nlattr *)RTNH_DATA(hop),
			       hop->rtnh_len - (int)sizeof(*hop), RTA_GATEWAY);
		if (hop->rtnh_ifindex == query->index && address_take(&gateway, family, via))
			gateway_add(query, &gateway, metric);
	}
}

static int query_on_route(struct nl_msg *msg, void *arg)
{
	struct nlattr *attrs[RTA_MAX + 1];
	struct rtmsg *head = nlmsg_data(nlmsg_hdr(msg));
	struct kvp_address gateway;
	struct query *query = arg;
	uint32_t metric;

	if (nlmsg_hdr(msg)->nlmsg_type != RTM_NEWROUTE ||
	    nlmsg_parse(nlmsg_hdr(msg), sizeof(*head), attrs, RTA_MAX, NULL) < 0)
		return NL_OK;
	if (head->rtm_dst_len || head->rtm_table != RT_TABLE_MAIN || head->rtm_type != RTN_UNICAST)
		return NL_OK;
	metric = attrs[RTA_PRIORITY] ? nla_get_u32(attrs[RTA_PRIORITY]) : 0;
	if (attrs[RTA_MULTIPATH])
		hops_add(query, head->rtm_family, attrs[RTA_MULTIPATH], metric);
	else if (attrs[RTA_OIF] && nla_get_u32(attrs[RTA_OIF]) == (uint32_t)query->index &&
		 address_take(&gateway, head->rtm_family, attrs[RTA_GATEWAY]))
		gateway_add(query, &gateway, metric);
	return NL_OK;
}

static int query_on_link(struct nl_msg *msg, void *arg)
{
	struct ifinfomsg *head = nlmsg_data(nlmsg_hdr(msg));
	struct query *query = arg;

	if (nlmsg_hdr(msg)->nlmsg_type == RTM_NEWLINK && head->ifi_index == query->index)
		query->link->carrier = head->ifi_flags & IFF_RUNNING;
	return NL_OK;
}

/* Sends what is in @msg, which it frees, and has each answer told to @on_answer. */
static int query_send(struct nl_sock *sock, struct nl_msg *msg, nl_recvmsg_msg_cb_t on_answer,
		      struct query *query)
{
	int err;

	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_answer, query);
	err = nl_send_auto(sock, msg);
	nlmsg_free(msg);
	if (err < 0)
		return err;
	err = nl_recvmsgs_default(sock);
	/* a table that nothing was put into yet is none */
	return err == -NLE_OBJ_NOTFOUND ? 0 : err;
}

static int link_ask(struct nl_sock *sock, struct query *query)
{
	struct ifinfomsg head = { .ifi_index = query->index };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, 0);

	if (!msg || nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO) < 0) {
		nlmsg_free(msg);
		return -NLE_NOMEM;
	}
	return query_send(sock, msg, query_on_link, query);
}

static int addresses_ask(struct nl_sock *sock, struct query *query)
{
	struct ifaddrmsg head = { .ifa_index = (unsigned int)query->index };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETADDR, NLM_F_DUMP);

	if (!msg || nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO) < 0) {
		nlmsg_free(msg);
		return -NLE_NOMEM;
	}
	return query_send(sock, msg, query_on_address, query);
}

/* Not by RTA_OIF: the kernel then leaves out routes over several links. */
static int routes_ask(struct nl_sock *sock, struct query *query, uint8_t family)
{
	struct rtmsg head = { .rtm_family = family };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_DUMP);

	if (!msg || nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO) < 0 ||
	    nla_put_u32(msg, RTA_TABLE, RT_TABLE_MAIN) < 0) {
		nlmsg_free(msg);
		return -NLE_NOMEM;
	}
	return query_send(sock, msg, query_on_route, query);
}

static int query_run(struct nl_sock *sock, struct query *query)
{
	const struct kvp_address *address;
	int err;

	*query->link = (struct kvp_link){ 0 };
	query->local.count = 0;
	err = link_ask(sock, query) ?: addresses_ask(sock, query) ?:
	      routes_ask(sock, query, AF_INET) ?: routes_ask(sock, query, AF_INET6);
	kvp_addresses_each(&query->local, AF_UNSPEC, address)
		kvp_addresses_add(&query->link->addresses, address);
	return err;
}

static struct nl_sock *sock_open(void)
{
	struct nl_sock *sock = nl_socket_alloc();
	int yes = 1;

	if (sock && nl_connect(sock, NETLINK_ROUTE) < 0) {
		nl_socket_free(sock);
		return NULL;
	}
	if (!sock)
		return NULL;
	nl_socket_disable_auto_ack(sock);
	/* the kernel filters; one that is too old for that tells all, and we do */
	setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &yes, sizeof(yes));
	return sock;
}

/**
 * kvp_link_read() - Ask what a link has.
 * @link: the answer; undefined on failure
 * @index: number of the link
 *
 * Return: 0; -ENODEV when there is no such link; -ENOMEM; -EIO when netlink fails.
 */
int kvp_link_read(struct kvp_link *link, int index)
{
	struct query *query = calloc(1, sizeof(*query));
	struct nl_sock *sock = sock_open();
	int err = -NLE_NOMEM, tries;

	if (query && sock) {
		query->link = link;
		query->index = index;
		for (tries = 0; tries < DUMP_TRIES; tries++) {
			err = query_run(sock, query);
			if (err != -NLE_DUMP_INTR)
				break;
		}
	}
	nl_socket_free(sock);
	free(query);
	return err ? errno_of(err) : 0;
}

static int not_yet(char *why, size_t room, const struct kvp_address *address, const char *what)
{
	char text[KVP_ADDRESS_LEN];

	snprintf(why, room, "%s %s", kvp_address_text(address, text), what);
	return -EAGAIN;
}

static const struct kvp_address *address_find(const struct kvp_addresses *list,
					      const struct kvp_address *wanted)
{
	const struct kvp_address *address;

	kvp_addresses_each(list, wanted->family, address)
		if (kvp_address_same(address, wanted) && address->prefix == wanted->prefix)
			return address;
	return NULL;
}

static int wanted_verify(const struct kvp_link *link, const struct kvp_setting *setting,
			 char *why, size_t room)
{
	const struct kvp_address *address;

	kvp_addresses_each(&setting->addresses, AF_UNSPEC, address) {
		if (kvp_addresses_have(&link->refused, address)) {
			not_yet(why, room, address, "is the address of another machine, too");
			return -EADDRINUSE;
		}
		if (!address_find(&link->addresses, address))
			return not_yet(why, room, address, "is not there");
		if (kvp_addresses_have(&link->leased, address))
			return not_yet(why, room, address, "is there as a leased address");
	}
	return 0;
}

/* What the link has beyond that: only what it may have found by itself. */
static int unwanted_verify(const struct kvp_link *link, const struct kvp_setting *setting,
			   char *why, size_t room)
{
	const struct kvp_address *address;
	bool leased, may;

	kvp_addresses_each(&link->addresses, AF_UNSPEC, address) {
		if (kvp_address_is_link_local(address) ||
		    kvp_addresses_have(&setting->addresses, address))
			continue;
		leased = kvp_addresses_have(&link->leased, address);
		may = address->family == AF_INET ? setting->v4 == KVP_METHOD_DHCP :
		      leased && !kvp_setting_v6_is_static(setting);
		if (!may)
			return not_yet(why, room, address, "is still there");
	}
	return 0;
}

/* The one that is preferred; managers differ in what they do with others. */
static int gateways_verify(const struct kvp_link *link, const struct kvp_setting *setting,
			   char *why, size_t room)
{
	static const int families[] = { AF_INET, AF_INET6 };
	const struct kvp_address *want, *has;
	size_t i;

	for (i = 0; i < 2; i++) {
		want = kvp_addresses_next(&setting->gateways, families[i], NULL);
		has = kvp_addresses_next(&link->gateways, families[i], NULL);
		if (want && (!has || !kvp_address_same(want, has)))
			return not_yet(why, room, want, "is not where the default route leads");
		if (!want && has && families[i] == AF_INET && setting->v4 != KVP_METHOD_DHCP)
			return not_yet(why, room, has, "is still where a default route leads");
	}
	return 0;
}

/**
 * kvp_link_verify() - Whether a link is what it was to be set to.
 * @link: the link
 * @setting: the setting
 * @leased: whether a DHCP client says that it has a lease; an address that has an end says
 *	so, too
 * @why: on failure, one line without a newline on what is missing
 * @room: bytes at @why
 *
 * Return: 0; -EAGAIN when it is not, or not yet; -EADDRINUSE when it cannot be.
 */
int kvp_link_verify(const struct kvp_link *link, const struct kvp_setting *setting, bool leased,
		    char *why, size_t room)
{
	int err;

	err = wanted_verify(link, setting, why, room) ?:
	      unwanted_verify(link, setting, why, room) ?:
	      gateways_verify(link, setting, why, room);
	if (err || setting->v4 != KVP_METHOD_DHCP)
		return err;
	if (kvp_addresses_count(&link->leased, AF_INET) ||
	    (leased && kvp_addresses_count(&link->addresses, AF_INET)))
		return 0;
	snprintf(why, room, "no DHCP server has given an address");
	return -EAGAIN;
}

struct kvp_link_watch {
	sd_event_source *source;
	struct nl_sock *sock;
	void (*changed)(void *userdata);
	void *userdata;
};

static int watch_on_message(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

/* What changed is not of interest, nor is what was lost: all is asked for again. */
static int watch_on_input(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct kvp_link_watch *watch = userdata;

	(void)source;
	(void)fd;
	(void)revents;
	nl_recvmsgs_default(watch->sock);
	watch->changed(watch->userdata);
	return 0;
}

static int watch_start(struct kvp_link_watch *watch, sd_event *event)
{
	watch->sock = nl_socket_alloc();
	if (!watch->sock)
		return -ENOMEM;
	nl_socket_disable_seq_check(watch->sock);
	nl_socket_modify_cb(watch->sock, NL_CB_VALID, NL_CB_CUSTOM, watch_on_message, NULL);
	if (nl_connect(watch->sock, NETLINK_ROUTE) < 0 ||
	    nl_socket_add_memberships(watch->sock, RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
				      RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
				      RTNLGRP_IPV6_ROUTE, 0) < 0 ||
	    nl_socket_set_nonblocking(watch->sock) < 0)
		return -EIO;
	return sd_event_add_io(event, &watch->source, nl_socket_get_fd(watch->sock), EPOLLIN,
			       watch_on_input, watch);
}

/**
 * kvp_link_watch_new() - Be told when any link changes.
 * @ret: the watch
 * @event: the loop that it lives in
 * @changed: called when a link, an address or a route came, changed or went; it may free
 *	the watch
 * @userdata: for @changed
 *
 * Return: 0; -ENOMEM; -EIO when netlink fails.
 */
int kvp_link_watch_new(struct kvp_link_watch **ret, sd_event *event,
		       void (*changed)(void *userdata), void *userdata)
{
	struct kvp_link_watch *watch = calloc(1, sizeof(*watch));
	int err;

	if (!watch)
		return -ENOMEM;
	watch->changed = changed;
	watch->userdata = userdata;
	err = watch_start(watch, event);
	if (err < 0) {
		kvp_link_watch_free(watch);
		return err;
	}
	*ret = watch;
	return 0;
}

/**
 * kvp_link_watch_free() - Be told no more.
 * @watch: may be NULL
 */
void kvp_link_watch_free(struct kvp_link_watch *watch)
{
	if (!watch)
		return;
	sd_event_source_disable_unref(watch->source);
	nl_socket_free(watch->sock);
	free(watch);
}
