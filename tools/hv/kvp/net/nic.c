// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The machine's network adapters, and which of them a host means.
 *
 * A host asks by MAC address and sets by the GUID of the VMBus device.  A virtual function
 * that stands behind a synthetic adapter has the same MAC address, as have bridges, bonds,
 * VLANs and the like on top; the synthetic one is the one that is meant.  Where it has been
 * put into a bridge or a bond, that one has its addresses.
 */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <hv/hvic_wire.h>

#include "hvd_file.h"
#include "hvd_text.h"
#include "kvp/net/bus.h"
#include "kvp/net/lease.h"
#include "kvp/net/link.h"
#include "kvp/net/net.h"
#include "kvp/net/networkmanager.h"
#include "kvp/net/resolver.h"

#define LINKS_MAX	256

/* How likely it is that a host means a link, from what it is. */
enum rank {
	RANK_VIRTUAL,
	RANK_HARDWARE,
	RANK_SYNTHETIC,
};

struct found {
	char name[IF_NAMESIZE];
	int index;
	enum rank rank;
};

/* A file of a link's in sysfs, without the newline; the empty text where there is none. */
static void sysfs_read(const struct kvp_net *net, const char *name, const char *file, char *text,
		       size_t room)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/class/net/%s/%s", net->sysfs, name, file);
	if (hvd_file_read(path, text, room) < 0)
		text[0] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

static bool sysfs_has(const struct kvp_net *net, const char *name, const char *file)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/class/net/%s/%s", net->sysfs, name, file);
	return !access(path, F_OK);
}

/* Whether a list of words, with blanks between, has one that @fits. */
static bool list_find(const char *list, bool (*fits)(const char *word, void *data), void *data)
{
	char word[256];
	size_t len;

	for (; *list; list += len) {
		list += strspn(list, " \t");
		len = strcspn(list, " \t");
		if (!len || len >= sizeof(word))
			continue;
		memcpy(word, list, len);
		word[len] = '\0';
		if (fits(word, data))
			return true;
	}
	return false;
}

static bool pattern_fits(const char *pattern, void *name)
{
	return !fnmatch(pattern, name, 0);
}

static bool link_is_excluded(const struct kvp_net *net, const char *name)
{
	return list_find(net->exclude, pattern_fits, (void *)name);
}

struct mapped {
	const char *name;	/* of whom the GUID is sought, or NULL */
	const char *guid;	/* of whom the name is sought, or NULL */
	char found[IF_NAMESIZE];
};

static bool map_fits(const char *word, void *data)
{
	const char *equals = strchr(word, '=');
	struct mapped *mapped = data;

	if (!equals || strlen(equals + 1) >= sizeof(mapped->found))
		return false;
	if (mapped->name && strcmp(mapped->name, equals + 1))
		return false;
	if (mapped->guid && (strlen(mapped->guid) != (size_t)(equals - word) ||
			     strncasecmp(mapped->guid, word, strlen(mapped->guid))))
		return false;
	strcpy(mapped->found, equals + 1);
	return true;
}

static enum rank link_rank(const struct kvp_net *net, const char *name)
{
	struct mapped mapped = { .name = name };

	if (sysfs_has(net, name, "device/device_id") || list_find(net->nic_map, map_fits, &mapped))
		return RANK_SYNTHETIC;
	return sysfs_has(net, name, "device") ? RANK_HARDWARE : RANK_VIRTUAL;
}

/* The likeliest first, else the oldest first. */
static int found_compare(const void *a, const void *b)
{
	const struct found *first = a, *second = b;

	return (int)second->rank - (int)first->rank ?: first->index - second->index;
}

/* All links, as they are to be reported. */
static size_t links_list(const struct kvp_net *net, struct found *links)
{
	struct dirent *entry;
	size_t count = 0;
	char path[PATH_MAX];
	DIR *dir;

	snprintf(path, sizeof(path), "%s/class/net", net->sysfs);
	dir = opendir(path);
	while (dir && count < LINKS_MAX && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= IF_NAMESIZE)
			continue;
		strcpy(links[count].name, entry->d_name);
		links[count].index = (int)if_nametoindex(entry->d_name);
		links[count].rank = link_rank(net, entry->d_name);
		count += links[count].index != 0;
	}
	if (dir)
		closedir(dir);
	qsort(links, count, sizeof(*links), found_compare);
	return count;
}

/* A link-local address stays with a link that becomes part of another. */
static bool link_has_addresses(const struct kvp_link *link)
{
	const struct kvp_address *address;

	kvp_addresses_each(&link->addresses, AF_UNSPEC, address)
		if (!kvp_address_is_link_local(address))
			return true;
	return false;
}

/* Of what a link is part of, if that has taken its addresses. */
static void nic_rise(const struct kvp_net *net, struct kvp_nic *nic)
{
	struct kvp_link *link = malloc(sizeof(*link));
	char path[PATH_MAX], upper[PATH_MAX];
	const char *name;
	ssize_t len;
	int index;

	snprintf(path, sizeof(path), "%s/class/net/%s/master", net->sysfs, nic->name);
	len = readlink(path, upper, sizeof(upper) - 1);
	if (link && len > 0 && !kvp_link_read(link, nic->index) && !link_has_addresses(link)) {
		upper[len] = '\0';
		name = strrchr(upper, '/') ? strrchr(upper, '/') + 1 : upper;
		index = (int)if_nametoindex(name);
		if (index && strlen(name) < sizeof(nic->name)) {
			strcpy(nic->name, name);
			nic->index = index;
		}
	}
	free(link);
}

static int nic_open(const struct kvp_net *net, struct kvp_nic *nic, const char *name)
{
	snprintf(nic->name, sizeof(nic->name), "%s", name);
	nic->index = (int)if_nametoindex(name);
	sysfs_read(net, name, "address", nic->mac, sizeof(nic->mac));
	if (!nic->index)
		return -ENODEV;
	nic_rise(net, nic);
	return 0;
}

/**
 * kvp_nic_find_mac() - Find the adapter that a host asks for.
 * @net: the network
 * @nic: the adapter
 * @mac: its address, with colons
 *
 * Return: 0; -ENODEV when there is none.
 */
int kvp_nic_find_mac(struct kvp_net *net, struct kvp_nic *nic, const char *mac)
{
	struct found links[LINKS_MAX];
	size_t count = links_list(net, links), i;
	char address[KVP_NIC_MAC_LEN];

	for (i = 0; i < count; i++) {
		sysfs_read(net, links[i].name, "address", address, sizeof(address));
		if (!strcasecmp(address, mac) && !link_is_excluded(net, links[i].name))
			return nic_open(net, nic, links[i].name);
	}
	return -ENODEV;
}

/**
 * kvp_nic_find_guid() - Find the adapter that a host sets.
 * @net: the network
 * @nic: the adapter
 * @guid: of its VMBus device, in braces
 *
 * Return: 0; -ENODEV when there is none.
 */
int kvp_nic_find_guid(struct kvp_net *net, struct kvp_nic *nic, const char *guid)
{
	struct mapped mapped = { .guid = guid };
	struct found links[LINKS_MAX];
	size_t count, i;
	char id[64];

	if (!*guid)
		return -ENODEV;
	if (list_find(net->nic_map, map_fits, &mapped))
		return nic_open(net, nic, mapped.found);
	count = links_list(net, links);
	for (i = 0; i < count && links[i].rank == RANK_SYNTHETIC; i++) {
		sysfs_read(net, links[i].name, "device/device_id", id, sizeof(id));
		if (!strcasecmp(id, guid))
			return nic_open(net, nic, links[i].name);
	}
	return -ENODEV;
}

/* What there is beside the kernel's knowledge; without it, it is missing, no more. */
static void nic_servers(struct kvp_net *net, const struct kvp_nic *nic,
			struct kvp_addresses *servers)
{
	if (kvp_net_has(net, "/run/systemd/resolve/stub-resolv.conf"))
		kvp_bus_resolved_servers(net, nic->index, servers);
	if (!servers->count && kvp_net_has(net, "/run/NetworkManager"))
		kvp_networkmanager_servers(net, nic->name, servers);
	if (!servers->count)
		kvp_resolver_read(servers, net->root);
}

static bool nic_has_dhcp(struct kvp_net *net, const struct kvp_nic *nic,
			 const struct kvp_link *link)
{
	if (kvp_addresses_count(&link->leased, AF_INET) ||
	    kvp_lease_exists(net->root, nic->name, nic->index, &link->addresses))
		return true;
	return kvp_net_has(net, "/run/NetworkManager") &&
	       kvp_networkmanager_has_dhcp(net, nic->name);
}

static bool text_add_item(struct hvd_text *text, const char *item)
{
	char piece[KVP_ADDRESS_LEN + 1];

	snprintf(piece, sizeof(piece), "%s%s", text->len ? ";" : "", item);
	hvd_text_add(text, piece);
	return !text->overflow;
}

/* Of what does not fit, nothing, so that both lists go together. */
static void addresses_write(struct hvic_user_kvp_ip *ip, const struct kvp_addresses *list)
{
	const struct kvp_address *address;
	struct hvd_text addresses, subnets;
	char text[KVP_ADDRESS_LEN];
	static const int families[] = { AF_INET, AF_INET6 };
	size_t i;

	hvd_text_start(&addresses, (char *)ip->addresses, sizeof(ip->addresses));
	hvd_text_start(&subnets, (char *)ip->subnets, sizeof(ip->subnets));
	for (i = 0; i < 2; i++)
		kvp_addresses_each(list, families[i], address)
			if (!text_add_item(&addresses, kvp_address_text(address, text)) ||
			    !text_add_item(&subnets, kvp_address_mask(address, text)))
				return;
}

static void servers_write(void *field, size_t room, const struct kvp_addresses *list)
{
	const struct kvp_address *address;
	char text[KVP_ADDRESS_LEN];
	struct hvd_text out;

	hvd_text_start(&out, field, room);
	kvp_addresses_each(list, AF_UNSPEC, address)
		if (!text_add_item(&out, kvp_address_text(address, text)))
			return;
}

static void ip_write(struct hvic_user_kvp_ip *ip, const struct kvp_link *link,
		     const struct kvp_addresses *servers, bool dhcp)
{
	bool v4 = kvp_addresses_count(&link->addresses, AF_INET);
	bool v6 = kvp_addresses_count(&link->addresses, AF_INET6);

	ip->family = (v4 ? HVIC_KVP_FAMILY_IPV4 : 0) | (v6 ? HVIC_KVP_FAMILY_IPV6 : 0);
	ip->dhcp = dhcp;
	addresses_write(ip, &link->addresses);
	servers_write(ip->gateways, sizeof(ip->gateways), &link->gateways);
	servers_write(ip->dns, sizeof(ip->dns), servers);
}

/**
 * kvp_nic_get() - Tell a host what an adapter has.
 * @net: the network
 * @ip: has the MAC address as the adapter; all else is filled in
 *
 * Nothing is run, and nothing is asked that could wait.
 *
 * Return: 0; -EINVAL when the adapter's name has no end; -ENODEV when there is no such
 * adapter; -ENOMEM; -EIO when netlink fails.
 */
int kvp_nic_get(struct kvp_net *net, struct hvic_user_kvp_ip *ip)
{
	struct kvp_addresses servers = { .count = 0 };
	struct kvp_link link;
	struct kvp_nic nic;
	int err;

	if (hvd_text_len(ip->adapter, sizeof(ip->adapter)) < 0)
		return -EINVAL;
	err = kvp_nic_find_mac(net, &nic, (const char *)ip->adapter) ?:
	      kvp_link_read(&link, nic.index);
	if (err)
		return err;
	nic_servers(net, &nic, &servers);
	ip_write(ip, &link, &servers, nic_has_dhcp(net, &nic, &link));
	return 0;
}

/**
 * kvp_nic_addresses() - All addresses of the machine, for people who look for it.
 * @net: the network
 * @family: AF_INET or AF_INET6
 * @out: the addresses, with semicolons between, those of synthetic adapters first; without
 *	those of loopback and of links that are excluded
 * @room: bytes at @out; an address that does not fit is left out, and all behind it
 *
 * Return: 0; -ENOMEM; -EIO when netlink fails, with what was found until then.
 */
int kvp_nic_addresses(struct kvp_net *net, int family, char *out, size_t room)
{
	struct found links[LINKS_MAX];
	size_t count = links_list(net, links), i;
	const struct kvp_address *address;
	struct kvp_link *link = malloc(sizeof(*link));
	char text[KVP_ADDRESS_LEN];
	struct hvd_text list;
	int err = link ? 0 : -ENOMEM;

	hvd_text_start(&list, out, room);
	for (i = 0; !err && i < count; i++) {
		if (link_is_excluded(net, links[i].name))
			continue;
		err = kvp_link_read(link, links[i].index);
		if (err == -ENODEV) {	/* it has gone meanwhile */
			err = 0;
			continue;
		}
		if (!err)
			kvp_addresses_each(&link->addresses, family, address)
				text_add_item(&list, kvp_address_text(address, text));
	}
	free(link);
	return err;
}
