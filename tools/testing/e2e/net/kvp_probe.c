// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What hv_kvp_daemon does with a request for addresses, without a host that makes it:
 *
 *	kvp_probe [-b BACKEND] [-m GUID=INTERFACE] [-t SECONDS] [-d] get MAC
 *	kvp_probe ... set GUID ADDRESSES SUBNETS GATEWAYS DNS DHCP
 *	kvp_probe ... list 4|6
 *
 * ADDRESSES and so on are lists with semicolons, as a host sends them; DHCP is 0 or 1.
 * Prints what the host would be answered, a line KEY=VALUE each.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hvd_log.h"
#include "hvd_text.h"
#include "kvp/net/address.h"
#include "kvp/net/nic.h"

static int result;

static void on_done(int err, void *event)
{
	result = err;
	sd_event_exit(event, 0);
}

static int field_fill(void *field, size_t room, const char *text)
{
	return hvd_text_copy(field, room, text) < 0 ? -EINVAL : 0;
}

static int probe_get(struct kvp_net *net, char **args)
{
	struct hvic_user_kvp_ip ip = { .dhcp = 0 };
	int err;

	err = field_fill(ip.adapter, sizeof(ip.adapter), args[0]) ?: kvp_nic_get(net, &ip);
	if (!err)
		printf("family=%u\ndhcp=%u\naddresses=%s\nsubnets=%s\ngateways=%s\ndns=%s\n",
		       ip.family, ip.dhcp, ip.addresses, ip.subnets, ip.gateways, ip.dns);
	return err;
}

static int probe_set(struct kvp_net *net, sd_event *event, char **args)
{
	struct hvic_user_kvp_ip ip = { .dhcp = (uint8_t)atoi(args[5]) };
	int err;

	err = field_fill(ip.adapter, sizeof(ip.adapter), args[0]) ?:
	      field_fill(ip.addresses, sizeof(ip.addresses), args[1]) ?:
	      field_fill(ip.subnets, sizeof(ip.subnets), args[2]) ?:
	      field_fill(ip.gateways, sizeof(ip.gateways), args[3]) ?:
	      field_fill(ip.dns, sizeof(ip.dns), args[4]) ?:
	      kvp_nic_set(net, &ip, on_done, event);
	if (err)
		return err;
	sd_event_loop(event);
	return result;
}

static int probe_list(struct kvp_net *net, char **args)
{
	char text[2048];
	int err;

	err = kvp_nic_addresses(net, *args[0] == '4' ? AF_INET : AF_INET6, text, sizeof(text));
	printf("addresses=%s\n", text);
	return err;
}

int main(int argc, char **argv)
{
	struct kvp_net_settings settings = { .verify_seconds = 0 };
	sd_event *event = NULL;
	struct kvp_net *net;
	bool debug = false;
	int option, err = -EINVAL;

	while ((option = getopt(argc, argv, "b:m:t:d")) != -1) {
		if (option == 'b')
			settings.backend = optarg;
		else if (option == 'm')
			settings.nic_map = optarg;
		else if (option == 't')
			settings.verify_seconds = (unsigned int)atoi(optarg);
		else if (option == 'd')
			debug = true;
	}
	hvd_log_open("kvp_probe", true, debug);
	argv += optind;
	argc -= optind;
	if (sd_event_default(&event) < 0)
		return 1;
	net = kvp_net_new(event, &settings);
	if (!net)
		return 1;
	if (argc == 2 && !strcmp(argv[0], "get"))
		err = probe_get(net, argv + 1);
	else if (argc == 7 && !strcmp(argv[0], "set"))
		err = probe_set(net, event, argv + 1);
	else if (argc == 2 && !strcmp(argv[0], "list"))
		err = probe_list(net, argv + 1);
	printf("error=%s\n", err ? strerrorname_np(-err) ?: "?" : "0");
	kvp_net_free(net);
	sd_event_unref(event);
	return err ? 1 : 0;
}
