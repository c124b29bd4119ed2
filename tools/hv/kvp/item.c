// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Intrinsic items.
 *
 * The first ten are those of the in-tree daemon, in its order.  What cannot be
 * told is empty: an error is never told for a name.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "hvd_file.h"
#include "hvd_text.h"
#include "kvp/item.h"
#include "kvp/net/nic.h"
#include "kvp/osrelease.h"

#define HOSTS_MAX_LEN	65536
#define NAME_MAX_LEN	256

/* Whether the line names @host; its first name with a point in it is the full one. */
static bool hosts_line_has(char *line, const char *host, const char **full)
{
	char *rest = line, *word = strtok_r(line, " \t\r", &rest);
	bool has = false;

	*full = NULL;
	if (!word)
		return false;
	while ((word = strtok_r(NULL, " \t\r", &rest))) {
		has |= !strcasecmp(word, host);
		if (!*full && strchr(word, '.'))
			*full = word;
	}
	return has && *full;
}

/**
 * kvp_item_fqdn() - Complete a host name, without asking a name server, which may take
 *	longer than the host waits.
 * @fqdn: the full name, or @host where none is known
 * @room: bytes at @fqdn
 * @host: the host name
 * @hosts: what hosts(5) has
 *
 * Return: 0; -ENOSPC, in which case @fqdn is untouched.
 */
int kvp_item_fqdn(char *fqdn, size_t room, const char *host, const char *hosts)
{
	char line[NAME_MAX_LEN * 4];
	const char *full;
	size_t len;

	for (; !strchr(host, '.') && *hosts; hosts += len + !!hosts[len]) {
		len = strcspn(hosts, "\n");
		if (len >= sizeof(line))
			continue;
		memcpy(line, hosts, len);
		line[len] = '\0';
		line[strcspn(line, "#")] = '\0';
		if (hosts_line_has(line, host, &full))
			return hvd_text_copy(fqdn, room, full) < 0 ? -ENOSPC : 0;
	}
	return hvd_text_copy(fqdn, room, host) < 0 ? -ENOSPC : 0;
}

static void fqdn_read(char *value, size_t room)
{
	static char hosts[HOSTS_MAX_LEN];
	char host[NAME_MAX_LEN];

	if (gethostname(host, sizeof(host)) < 0)
		return;
	host[sizeof(host) - 1] = '\0';
	if (hvd_file_read("/etc/hosts", hosts, sizeof(hosts)) < 0)
		hosts[0] = '\0';
	kvp_item_fqdn(value, room, host, hosts);
}

static void addresses_read(const struct kvp_item_source *source, int family, char *value,
			   size_t room)
{
	if (!source->net || kvp_nic_addresses(source->net, family, value, room) < 0)
		value[0] = '\0';
}

enum item {
	ITEM_FQDN,
	ITEM_SERVICES_VERSION,
	ITEM_IPV4,
	ITEM_IPV6,
	ITEM_BUILD,
	ITEM_NAME,
	ITEM_MAJOR,
	ITEM_MINOR,
	ITEM_VERSION,
	ITEM_ARCHITECTURE,
	/* behind those of in-tree */
	ITEM_DISTRIBUTION_NAME,
	ITEM_DISTRIBUTION_DATA,
	ITEM_PLATFORM,
	ITEM_KERNEL,
	NR_ITEMS
};

static const char *const keys[NR_ITEMS] = {
	[ITEM_FQDN]		 = "FullyQualifiedDomainName",
	[ITEM_SERVICES_VERSION]	 = "IntegrationServicesVersion",
	[ITEM_IPV4]		 = "NetworkAddressIPv4",
	[ITEM_IPV6]		 = "NetworkAddressIPv6",
	[ITEM_BUILD]		 = "OSBuildNumber",
	[ITEM_NAME]		 = "OSName",
	[ITEM_MAJOR]		 = "OSMajorVersion",
	[ITEM_MINOR]		 = "OSMinorVersion",
	[ITEM_VERSION]		 = "OSVersion",
	[ITEM_ARCHITECTURE]	 = "ProcessorArchitecture",
	[ITEM_DISTRIBUTION_NAME] = "OSDistributionName",
	[ITEM_DISTRIBUTION_DATA] = "OSDistributionData",
	[ITEM_PLATFORM]		 = "OSPlatformId",
	[ITEM_KERNEL]		 = "OSKernelVersion",
};

/* What uname() tells; the host wants a version to be numbers and points. */
static void system_read(enum item item, char *value, size_t room)
{
	struct utsname name;

	if (uname(&name) < 0)
		return;
	if (item == ITEM_VERSION)
		name.release[strspn(name.release, "0123456789.")] = '\0';
	hvd_text_copy(value, room, item == ITEM_ARCHITECTURE ? name.machine :
		      item == ITEM_PLATFORM ? name.sysname : name.release);
}

static void release_read(enum item item, char *value, size_t room)
{
	struct kvp_osrelease os;

	kvp_osrelease_read(&os);
	if (!os.name[0])
		system_read(ITEM_PLATFORM, os.name, sizeof(os.name));
	hvd_text_copy(value, room, item == ITEM_MAJOR ? os.version_id :
		      item == ITEM_DISTRIBUTION_DATA ? os.pretty_name : os.name);
}

/**
 * kvp_item_value() - Tell an intrinsic item.
 * @source: see there
 * @index: from 0
 * @key: its name
 * @value: what it is; empty where that cannot be told
 * @room: bytes at @value
 *
 * Return: 0; -ENODATA when there are not so many.
 */
int kvp_item_value(const struct kvp_item_source *source, uint32_t index, const char **key,
		   char *value, size_t room)
{
	if (index >= NR_ITEMS)
		return -ENODATA;
	*key = keys[index];
	value[0] = '\0';
	switch ((enum item)index) {
	case ITEM_FQDN:
		fqdn_read(value, room);
		break;
	case ITEM_SERVICES_VERSION:
		hvd_text_copy(value, room, source->module_version);
		break;
	case ITEM_IPV4:
	case ITEM_IPV6:
		addresses_read(source, index == ITEM_IPV4 ? AF_INET : AF_INET6, value, room);
		break;
	case ITEM_NAME:
	case ITEM_MAJOR:
	case ITEM_DISTRIBUTION_NAME:
	case ITEM_DISTRIBUTION_DATA:
		release_read((enum item)index, value, room);
		break;
	case ITEM_MINOR:	/* VERSION_ID has it behind a point, as in-tree */
		break;
	default:
		system_read((enum item)index, value, room);
	}
	if (hvd_text_units(value) < 0)
		value[0] = '\0';
	return 0;
}

/**
 * kvp_item_find() - Find an intrinsic item.
 * @key: its name
 * @index: which it is
 *
 * Return: 0; -ENODATA when there is none.
 */
int kvp_item_find(const char *key, uint32_t *index)
{
	uint32_t i;

	for (i = 0; i < NR_ITEMS; i++)
		if (!strcmp(keys[i], key)) {
			*index = i;
			return 0;
		}
	return -ENODATA;
}
