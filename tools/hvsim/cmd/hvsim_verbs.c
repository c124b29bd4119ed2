// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of subcommands that are a request to a running machine.
 */
#include "hvsim_cmd.h"

#define END	{ .name = NULL }

static const struct hvsim_word service_operand[] = {
	{ "SERVICE", HVSIM_WORD_STRING, "service" },
	END
};

static const struct hvsim_word on_off_operand[] = {
	{ "on|off", HVSIM_WORD_ON_OFF, "enabled" },
	END
};

static const struct hvsim_word raw_operands[] = {
	{ "SERVICE", HVSIM_WORD_STRING, "service" },
	{ "HEX", HVSIM_WORD_STRING, "hex" },
	END
};

static const struct hvsim_word event_operand[] = {
	{ "EVENT", HVSIM_WORD_STRING, "event" },
	END
};

static const struct hvsim_word command_operand[] = {
	{ "COMMAND", HVSIM_WORD_REST, "command" },
	END
};

static const struct hvsim_word beat_options[] = {
	{ "count", HVSIM_WORD_INTEGER, "count" },
	{ "body-size", HVSIM_WORD_INTEGER, "body-size" },
	{ "timeout", HVSIM_WORD_SECONDS, "timeout-ms" },
	END
};

static const struct hvsim_word interval_option[] = {
	{ "interval", HVSIM_WORD_SECONDS, "interval-ms" },
	END
};

static const struct hvsim_word time_options[] = {
	{ "offset", HVSIM_WORD_SECONDS, "offset-ms" },
	{ "leap", HVSIM_WORD_INTEGER, "leap" },
	{ "stratum", HVSIM_WORD_INTEGER, "stratum" },
	{ "reference-error", HVSIM_WORD_INTEGER, "reference-error" },
	{ "flags", HVSIM_WORD_INTEGER, "flags" },
	{ "body-size", HVSIM_WORD_INTEGER, "body-size" },
	{ "timeout", HVSIM_WORD_SECONDS, "timeout-ms" },
	END
};

static const struct hvsim_word time_set_options[] = {
	{ "offset", HVSIM_WORD_SECONDS, "offset-ms" },
	{ "leap", HVSIM_WORD_INTEGER, "leap" },
	{ "stratum", HVSIM_WORD_INTEGER, "stratum" },
	END
};

static const struct hvsim_word power_options[] = {
	{ "force", HVSIM_WORD_SWITCH, "force" },
	{ "delay", HVSIM_WORD_INTEGER, "delay" },
	{ "reason", HVSIM_WORD_INTEGER, "reason" },
	{ "message", HVSIM_WORD_STRING, "message" },
	{ "encoding", HVSIM_WORD_STRING, "encoding" },
	{ "flags", HVSIM_WORD_INTEGER, "flags" },
	{ "timeout", HVSIM_WORD_SECONDS, "timeout-ms" },
	END
};

static const struct hvsim_word key_operand[] = {
	{ "KEY", HVSIM_WORD_STRING, "key" },
	END
};

static const struct hvsim_word item_operands[] = {
	{ "KEY", HVSIM_WORD_STRING, "key" },
	{ "VALUE", HVSIM_WORD_STRING, "value" },
	END
};

static const struct hvsim_word pool_operand[] = {
	{ "POOL", HVSIM_WORD_STRING, "pool", .optional = true },
	END
};

static const struct hvsim_word mac_operand[] = {
	{ "MAC", HVSIM_WORD_STRING, "mac" },
	END
};

static const struct hvsim_word adapter_operand[] = {
	{ "NIC", HVSIM_WORD_STRING, "adapter" },
	END
};

static const struct hvsim_word kvp_set_options[] = {
	{ "pool", HVSIM_WORD_STRING, "pool" },
	{ "type", HVSIM_WORD_STRING, "type" },
	{ "timeout", HVSIM_WORD_SECONDS, "timeout-ms" },
	END
};

static const struct hvsim_word kvp_key_options[] = {
	{ "pool", HVSIM_WORD_STRING, "pool" },
	{ "timeout", HVSIM_WORD_SECONDS, "timeout-ms" },
	END
};

static const struct hvsim_word kvp_auto_options[] = {
	{ "retry", HVSIM_WORD_SECONDS, "retry-ms" },
	END
};

static const struct hvsim_word copy_operands[] = {
	{ "FILE", HVSIM_WORD_STRING, "file" },
	{ "DEST", HVSIM_WORD_STRING, "path" },
	END
};

static const struct hvsim_word copy_options[] = {
	{ "force", HVSIM_WORD_SWITCH, "force" },
	{ "create-path", HVSIM_WORD_SWITCH, "create-path" },
	{ "cancel-at", HVSIM_WORD_INTEGER, "cancel-at" },
	{ "as", HVSIM_WORD_STRING, "name" },
	{ "size", HVSIM_WORD_INTEGER, "size" },
	{ "piece", HVSIM_WORD_INTEGER, "piece" },
	{ "flags", HVSIM_WORD_INTEGER, "flags" },
	{ "stop-at", HVSIM_WORD_INTEGER, "stop-at" },
	{ "timeout", HVSIM_WORD_SECONDS, "timeout-ms" },
	END
};

static const struct hvsim_word kvp_set_ip_options[] = {
	{ "address", HVSIM_WORD_LIST, "addresses" },
	{ "gateway", HVSIM_WORD_LIST, "gateways" },
	{ "dns", HVSIM_WORD_LIST, "dns" },
	{ "dhcp", HVSIM_WORD_SWITCH, "dhcp" },
	{ "family", HVSIM_WORD_STRING, "family" },
	{ "addresses-text", HVSIM_WORD_STRING, "addresses-text" },
	{ "subnets-text", HVSIM_WORD_STRING, "subnets-text" },
	{ "gateways-text", HVSIM_WORD_STRING, "gateways-text" },
	{ "dns-text", HVSIM_WORD_STRING, "dns-text" },
	{ "timeout", HVSIM_WORD_SECONDS, "timeout-ms" },
	END
};

static const struct hvsim_word backup_options[] = {
	{ "keep", HVSIM_WORD_STRING, "keep" },
	{ "hold", HVSIM_WORD_SECONDS, "hold-ms" },
	{ "timeout", HVSIM_WORD_SECONDS, "timeout-ms" },
	END
};

static const struct hvsim_word operation_operand[] = {
	{ "OPERATION", HVSIM_WORD_STRING, "operation" },
	END
};

static const struct hvsim_word step_options[] = {
	{ "backup", HVSIM_WORD_INTEGER, "backup" },
	{ "flags", HVSIM_WORD_INTEGER, "flags" },
	{ "disks", HVSIM_WORD_INTEGER, "disks" },
	{ "timeout", HVSIM_WORD_SECONDS, "timeout-ms" },
	END
};

static const struct hvsim_word negotiate_options[] = {
	{ "profile", HVSIM_WORD_STRING, "profile" },
	{ "framework", HVSIM_WORD_LIST, "framework" },
	{ "message", HVSIM_WORD_LIST, "message" },
	{ "abrupt", HVSIM_WORD_SWITCH, "abrupt" },
	{ "timeout", HVSIM_WORD_SECONDS, "timeout-ms" },
	END
};

static const struct hvsim_word raw_options[] = {
	{ "timeout", HVSIM_WORD_SECONDS, "timeout-ms" },
	{ "vmbus-type", HVSIM_WORD_INTEGER, "vmbus-type" },
	END
};

static const struct hvsim_word burst_options[] = {
	{ "count", HVSIM_WORD_INTEGER, "count" },
	{ "window", HVSIM_WORD_INTEGER, "window" },
	{ "kind", HVSIM_WORD_STRING, "kind" },
	{ "timeout", HVSIM_WORD_SECONDS, "timeout-ms" },
	END
};

static const struct hvsim_word behaviour_operand[] = {
	{ "NAME", HVSIM_WORD_STRING, "name" },
	END
};

static const struct hvsim_word misbehave_options[] = {
	{ "service", HVSIM_WORD_STRING, "service" },
	{ "count", HVSIM_WORD_INTEGER, "count" },
	{ "seed", HVSIM_WORD_INTEGER, "seed" },
	{ "timeout", HVSIM_WORD_SECONDS, "timeout-ms" },
	END
};

static const struct hvsim_word gap_option[] = {
	{ "gap", HVSIM_WORD_SECONDS, "gap-ms" },
	END
};

static const struct hvsim_word restore_options[] = {
	{ "gap", HVSIM_WORD_SECONDS, "gap-ms" },
	{ "reoffer", HVSIM_WORD_SWITCH, "reoffer" },
	END
};

static const struct hvsim_word timeout_option[] = {
	{ "timeout", HVSIM_WORD_SECONDS, "timeout-ms" },
	END
};

static const struct hvsim_word events_options[] = {
	{ "event", HVSIM_WORD_STRING, "event" },
	{ "after", HVSIM_WORD_INTEGER, "after" },
	END
};

static const struct hvsim_word wait_options[] = {
	{ "after", HVSIM_WORD_INTEGER, "after" },
	{ "timeout", HVSIM_WORD_SECONDS, "timeout-ms" },
	END
};

static const struct hvsim_word clear_option[] = {
	{ "clear", HVSIM_WORD_SWITCH, "clear" },
	END
};

static const struct hvsim_word lines_option[] = {
	{ "lines", HVSIM_WORD_INTEGER, "lines" },
	END
};

/* A request that the guest refuses is a failure, even if well answered. */
static int outcome_status(struct json_object *result)
{
	return json_object_get_uint64(json_object_object_get(result, "status")) ?
	       HVSIM_EXIT_REFUSED : HVSIM_EXIT_OK;
}

static int outcome_raw(struct json_object *result)
{
	return json_object_object_get(result, "answer") ? HVSIM_EXIT_OK : HVSIM_EXIT_REFUSED;
}

static int outcome_burst(struct json_object *result)
{
	return json_object_get_int(json_object_object_get(result, "lost")) ? HVSIM_EXIT_REFUSED :
	       HVSIM_EXIT_OK;
}

static int outcome_guest(struct json_object *result)
{
	return json_object_get_int(json_object_object_get(result, "status"));
}

static int outcome_misbehave(struct json_object *result)
{
	return json_object_object_get(result, "failure") ? HVSIM_EXIT_REFUSED : HVSIM_EXIT_OK;
}

#define POWER_HELP \
	"\n" \
	"  --force         also when somebody in the guest is at work\n" \
	"  --delay N       seconds until then\n" \
	"  --reason N      Windows' SHTDN_REASON_*; default 0x80000000, planned\n" \
	"  --message TEXT  for who is logged in\n" \
	"  --encoding E    of the message: utf-8 (default) or utf-16le\n" \
	"  --flags N       send these flags, whatever else is said\n" \
	"  --timeout N     seconds to wait for the answer; default 30\n" \
	"\n"

#define TIME_HELP \
	"\n" \
	"  --offset N           have the host's clock wrong by N seconds, this once\n" \
	"  --leap N             NTP leap indicator, this once\n" \
	"  --stratum N          NTP stratum, this once\n" \
	"  --reference-error N  tell a reference counter wrong by N times 100 ns\n" \
	"  --flags N            send these flags instead\n" \
	"  --body-size N        bytes of body; default as a real host's\n" \
	"  --timeout N          seconds to wait for the answer; default 30\n" \
	"\n"

#define KVP_SET_HELP \
	"\n" \
	"  --pool POOL  external (default), auto-external, or another\n" \
	"  --type TYPE  of the value: string (default), expand, dword or qword\n" \
	"  --timeout N  seconds to wait for the answer; default 60\n" \
	"\n" \
	"A guest that is away is told when it is there.\n" \
	"\n"

#define KVP_LIST_HELP \
	"\n" \
	"  --timeout N  seconds to wait for each answer; default 60\n" \
	"\n"

const struct hvsim_verb hvsim_verbs[] = {
	{
		.name = "status", .execute = "status", .print = hvsim_print_status,
		.summary = "Show all services, as Get-VMIntegrationService does",
		.help = "\nExample: hvsim status\n",
	}, {
		.name = "service", .execute = "service-list", .print = hvsim_print_services,
		.summary = "Show the services and their channels",
		.help = "\nExample: hvsim service\n",
	}, {
		.name = "service list", .execute = "service-list", .print = hvsim_print_services,
		.summary = "The same",
		.help = "\nExample: hvsim service list\n",
	}, {
		.name = "service enable", .execute = "service-enable",
		.operands = service_operand, .options = timeout_option,
		.print = hvsim_print_service,
		.summary = "Offer a service, and wait until the guest has taken it",
		.help = "\n"
			"  --timeout N  seconds to wait; default 60\n"
			"\n"
			"Example: hvsim service enable heartbeat\n",
	}, {
		.name = "service disable", .execute = "service-disable",
		.operands = service_operand, .options = timeout_option,
		.print = hvsim_print_service,
		.summary = "Take a service back, and wait until the guest has let go of it",
		.help = "\n"
			"  --timeout N  seconds to wait; default 30\n"
			"\n"
			"Example: hvsim service disable heartbeat\n",
	}, {
		.name = "heartbeat", .execute = "status", .print = hvsim_print_heartbeat,
		.summary = "Show how the guest's heart beats",
		.help = "\nExample: hvsim heartbeat\n",
	}, {
		.name = "heartbeat beat", .execute = "heartbeat-beat", .options = beat_options,
		.print = hvsim_print_beat, .outcome = outcome_status,
		.summary = "Have the guest answer a heartbeat, now",
		.help = "\n"
			"  --count N      that many, one after the other; default 1\n"
			"  --body-size N  bytes of body, 8 to 64; default 16\n"
			"  --timeout N    seconds to wait for each answer; default 30\n"
			"\n"
			"Example: hvsim heartbeat beat --count 100\n",
	}, {
		.name = "heartbeat auto", .execute = "heartbeat-auto", .operands = on_off_operand,
		.options = interval_option,
		.summary = "Have the host beat by itself, or not",
		.help = "\n"
			"  --interval N  seconds between beats; default 2\n"
			"\n"
			"Example: hvsim heartbeat auto off\n",
	}, {
		.name = "time", .execute = "status", .print = hvsim_print_time,
		.summary = "Show how the guest is told the time",
		.help = "\nExample: hvsim time\n",
	}, {
		.name = "time show", .execute = "status", .print = hvsim_print_time,
		.summary = "The same",
		.help = "\nExample: hvsim time show\n",
	}, {
		.name = "time sync", .execute = "time-sync", .options = time_options,
		.print = hvsim_print_told, .outcome = outcome_status,
		.summary = "Have the guest set its clock",
		.help = TIME_HELP "Example: hvsim time sync --offset -3600\n",
	}, {
		.name = "time sample", .execute = "time-sample", .options = time_options,
		.print = hvsim_print_told, .outcome = outcome_status,
		.summary = "Tell the guest the time, as a hint",
		.help = TIME_HELP "Example: hvsim time sample --leap 1\n",
	}, {
		.name = "time auto", .execute = "time-auto", .operands = on_off_operand,
		.options = interval_option,
		.summary = "Have the host tell the time by itself, or not",
		.help = "\n"
			"  --interval N  seconds between samples; default 5\n"
			"\n"
			"Example: hvsim time auto on --interval 0.5\n",
	}, {
		.name = "time set", .execute = "time-set", .options = time_set_options,
		.summary = "Set the host's clock wrong, from now on",
		.help = "\n"
			"  --offset N   by N seconds\n"
			"  --leap N     NTP leap indicator\n"
			"  --stratum N  NTP stratum\n"
			"\n"
			"Example: hvsim time set --offset 86400\n",
	}, {
		.name = "kvp", .execute = "kvp-items", .print = hvsim_print_kvp,
		.summary = "Show what the host wants the guest to know",
		.help = "\nExample: hvsim kvp\n",
	}, {
		.name = "kvp list", .execute = "kvp-list", .operands = pool_operand,
		.options = timeout_option, .print = hvsim_print_kvp_list,
		.outcome = outcome_status,
		.summary = "Ask the guest for all items of a pool, or of all pools",
		.help = "POOL is external, guest, auto, auto-external, or a number.\n"
			KVP_LIST_HELP "Example: hvsim kvp list guest\n",
	}, {
		.name = "kvp intrinsic", .execute = "kvp-list", .fixed = "{\"pool\":\"auto\"}",
		.options = timeout_option, .print = hvsim_print_kvp_list,
		.outcome = outcome_status,
		.summary = "Ask the guest what it is",
		.help = KVP_LIST_HELP "Example: hvsim kvp intrinsic\n",
	}, {
		.name = "kvp get", .execute = "kvp-get", .operands = key_operand,
		.options = kvp_key_options, .print = hvsim_print_kvp_get,
		.outcome = outcome_status,
		.summary = "Ask the guest for an item",
		.help = "\n"
			"  --pool POOL  guest (default), or another\n"
			"  --timeout N  seconds to wait for the answer; default 60\n"
			"\n"
			"Example: hvsim kvp get Status\n",
	}, {
		.name = "kvp set", .execute = "kvp-set", .operands = item_operands,
		.options = kvp_set_options, .print = hvsim_print_kvp_change,
		.outcome = outcome_status,
		.summary = "Set an item in the guest",
		.help = KVP_SET_HELP "Example: hvsim kvp set Role database\n",
	}, {
		.name = "kvp add", .execute = "kvp-set", .fixed = "{\"how\":\"add\"}",
		.operands = item_operands, .options = kvp_set_options,
		.print = hvsim_print_kvp_change, .outcome = outcome_status,
		.summary = "The same, of an item that the host has not set yet",
		.help = KVP_SET_HELP "Example: hvsim kvp add Role database\n",
	}, {
		.name = "kvp modify", .execute = "kvp-set", .fixed = "{\"how\":\"modify\"}",
		.operands = item_operands, .options = kvp_set_options,
		.print = hvsim_print_kvp_change, .outcome = outcome_status,
		.summary = "The same, of an item that the host has set",
		.help = KVP_SET_HELP "Example: hvsim kvp modify Role web\n",
	}, {
		.name = "kvp delete", .execute = "kvp-delete", .operands = key_operand,
		.options = kvp_key_options, .print = hvsim_print_kvp_change,
		.outcome = outcome_status,
		.summary = "Delete an item in the guest",
		.help = "\n"
			"  --pool POOL  external (default), auto-external, or another\n"
			"  --timeout N  seconds to wait for the answer; default 60\n"
			"\n"
			"Example: hvsim kvp delete Role\n",
	}, {
		.name = "kvp get-ip", .execute = "kvp-get-ip", .operands = mac_operand,
		.options = timeout_option, .print = hvsim_print_kvp_adapter,
		.outcome = outcome_status,
		.summary = "Ask the guest for the addresses of a network adapter",
		.help = "\n"
			"  --timeout N  seconds to wait for the answer; default 60\n"
			"\n"
			"Example: hvsim kvp get-ip 00:15:5d:01:02:03\n",
	}, {
		.name = "kvp set-ip", .execute = "kvp-set-ip", .operands = adapter_operand,
		.options = kvp_set_ip_options, .print = hvsim_print_kvp_adapter,
		.outcome = outcome_status,
		.summary = "Set the addresses of a network adapter of the guest",
		.help = "NIC is the GUID of the adapter's device.\n"
			"\n"
			"  --address LIST   addresses with their prefixes\n"
			"  --gateway LIST   gateways\n"
			"  --dns LIST       name servers\n"
			"  --dhcp           IPv4 addresses come by DHCP\n"
			"  --family FAMILY  none, ipv4, ipv6 or both; default as the addresses\n"
			"  --addresses-text TEXT, --subnets-text, --gateways-text, --dns-text\n"
			"                   send that list as it is; up to version 4.0\n"
			"  --timeout N      seconds to wait for the answer; default 60\n"
			"\n"
			"Example: hvsim kvp set-ip $NIC --address 10.0.0.5/24,fd00::5/64 "
			"--gateway 10.0.0.1\n",
	}, {
		.name = "kvp auto", .execute = "kvp-auto", .operands = on_off_operand,
		.options = kvp_auto_options,
		.summary = "Have the host tell the guest by itself what it is to know, or not",
		.help = "\n"
			"  --retry N  seconds until what the guest could not take is tried again;\n"
			"             default 30\n"
			"\n"
			"Example: hvsim kvp auto off\n",
	}, {
		.name = "backup", .execute = "vss-backup", .options = backup_options,
		.print = hvsim_print_backup, .outcome = outcome_status,
		.summary = "Have the guest frozen, as for a backup, and thawed",
		.help = "\n"
			"  --keep FILE  keep a snapshot of the machine's disk there, taken while the\n"
			"               guest is frozen; of several disks FILE.0, FILE.1, ...\n"
			"  --hold N     have it frozen for N seconds more\n"
			"  --timeout N  seconds to wait for it to be frozen; default 900\n"
			"\n"
			"Example: hvsim backup --keep $HVSIM_OUTPUT/snapshot --hold 5\n",
	}, {
		.name = "backup step", .execute = "vss-step", .operands = operation_operand,
		.options = step_options, .print = hvsim_print_vss, .outcome = outcome_status,
		.summary = "Ask the guest one thing of a backup, and no more",
		.help = "OPERATION is check, dm-info, freeze, thaw, complete, create, delete,\n"
			"recover, cluster, or a number.\n"
			"\n"
			"  --backup N   type of the backup; default 5, a copy\n"
			"  --flags N    of a freeze: 1 auto recovery, 2 shared disks; default 0\n"
			"  --disks N    name so many disks; default 0\n"
			"  --timeout N  seconds to wait for the answer; default 60, of a freeze 900\n"
			"\n"
			"A guest that is frozen is not thawed by anything but \"step thaw\".\n"
			"\n"
			"Example: hvsim backup step freeze --timeout 30\n",
	}, {
		.name = "copy", .execute = "copy", .operands = copy_operands,
		.options = copy_options, .call = hvsim_copy_call, .print = hvsim_print_copy,
		.outcome = outcome_status,
		.summary = "Copy a file into the guest",
		.help = "DEST is a directory of the guest, or the name that the file gets there.\n"
			"\n"
			"  --force        write over a file that is there\n"
			"  --create-path  make the directories that are missing\n"
			"  --cancel-at N  cancel when N bytes are sent\n"
			"  --timeout N    seconds to wait for each answer; default 180\n"
			"\n"
			"To be a host that others are not:\n"
			"\n"
			"  --as NAME      call the file that; default the last part of FILE\n"
			"  --size N       announce another size than the file has\n"
			"  --piece N      send N bytes at a time; default 6144, which is the most\n"
			"  --flags N      send these flags\n"
			"  --stop-at N    say nothing more when N bytes are sent\n"
			"\n"
			"Example: hvsim copy notes.txt /tmp/ --force\n",
	}, {
		.name = "copies", .execute = "copy-list", .print = hvsim_print_copies,
		.summary = "Show the copies that are under way, and the last that are over",
		.help = "\nExample: hvsim copies\n",
	}, {
		.name = "shutdown", .execute = "shutdown", .options = power_options,
		.print = hvsim_print_power, .outcome = outcome_status,
		.summary = "Have the guest power off",
		.help = POWER_HELP "Example: hvsim shutdown --delay 60 --message 'Back at noon'\n",
	}, {
		.name = "restart", .execute = "shutdown", .fixed = "{\"action\":\"restart\"}",
		.options = power_options, .print = hvsim_print_power, .outcome = outcome_status,
		.summary = "Have the guest restart",
		.help = POWER_HELP "Example: hvsim restart --force\n",
	}, {
		.name = "hibernate", .execute = "shutdown", .fixed = "{\"action\":\"hibernate\"}",
		.options = power_options, .print = hvsim_print_power, .outcome = outcome_status,
		.summary = "Have the guest hibernate",
		.help = POWER_HELP "Example: hvsim hibernate\n",
	}, {
		.name = "negotiate", .execute = "negotiate", .operands = service_operand,
		.options = negotiate_options, .print = hvsim_print_versions,
		.summary = "Offer versions to a service of the guest",
		.help = "\n"
			"  --profile NAME    offer what that host does; hvsim profiles lists them\n"
			"  --framework LIST  offer these framework versions\n"
			"  --message LIST    offer these message versions\n"
			"  --abrupt          drop what is under way, as after a restored snapshot\n"
			"  --timeout N       seconds to wait for the answer; default 60\n"
			"\n"
			"Example: hvsim negotiate shutdown --framework 1.0,3.0 --message 3.0,3.2\n",
	}, {
		.name = "raw", .execute = "raw", .operands = raw_operands, .options = raw_options,
		.print = hvsim_print_raw, .outcome = outcome_raw,
		.summary = "Send bytes to a service of the guest as they are",
		.help = "HEX is the payload of a VMBus packet, from the pipe header on.\n"
			"\n"
			"  --timeout N     seconds to wait for an answer; default 30\n"
			"  --vmbus-type N  type of the VMBus packet; default 6, in-band\n"
			"\n"
			"Example: hvsim raw heartbeat '01000000 00000000' --timeout 1\n",
	}, {
		.name = "expect-none", .execute = "expect-none", .operands = service_operand,
		.options = timeout_option,
		.summary = "Send nothing to a service, and see that nothing comes",
		.help = "\n"
			"  --timeout N  for how many seconds; must be given\n"
			"\n"
			"Example: hvsim expect-none shutdown --timeout 2\n",
	}, {
		.name = "burst", .execute = "burst", .operands = service_operand,
		.options = burst_options, .print = hvsim_print_burst, .outcome = outcome_burst,
		.summary = "Send many requests to a service, several at a time",
		.help = "\n"
			"  --count N    how many; must be given\n"
			"  --window N   how many at a time, 1 to 128; default 16\n"
			"  --kind KIND  request (default) or negotiate\n"
			"  --timeout N  seconds to wait for each answer; default 30\n"
			"\n"
			"Example: hvsim burst heartbeat --count 10000\n",
	}, {
		.name = "misbehave", .execute = "misbehave", .operands = behaviour_operand,
		.options = misbehave_options, .print = hvsim_print_misbehaved,
		.outcome = outcome_misbehave,
		.summary = "Do what no host should, and see whether the guest stands it",
		.help = "\n"
			"  --service S  to which service; default the first that is ready\n"
			"  --count N    so many times, or so many packets\n"
			"  --seed N     of what is random in it; default 1\n"
			"  --timeout N  seconds for the guest, whenever it has to do something;\n"
			"               default 30\n"
			"\n"
			"Example: hvsim misbehave rescind-after-open --service timesync\n",
	}, {
		.name = "misbehave list", .execute = "misbehave-list",
		.print = hvsim_print_behaviours,
		.summary = "Show what can be done",
		.help = "\nExample: hvsim misbehave list\n",
	}, {
		.name = "anomalies", .execute = "anomalies", .options = clear_option,
		.print = hvsim_print_anomalies,
		.summary = "Show what the guest should not have done",
		.help = "\n"
			"  --clear  and forget it\n"
			"\n"
			"Example: hvsim anomalies --clear\n",
	}, {
		.name = "events", .execute = "events", .options = events_options,
		.print = hvsim_print_events,
		.summary = "Show what happened",
		.help = "\n"
			"  --event NAME  only that\n"
			"  --after N     only behind that number\n"
			"\n"
			"Example: hvsim events --event negotiated\n",
	}, {
		.name = "wait", .execute = "wait", .operands = event_operand,
		.options = wait_options, .print = hvsim_print_event,
		.summary = "Wait until something happens, or has happened",
		.help = "\n"
			"  --after N    only behind that number\n"
			"  --timeout N  seconds to wait; default 60\n"
			"\n"
			"Example: hvsim wait guest-poweroff --timeout 30\n",
	}, {
		.name = "profiles", .execute = "profiles", .print = hvsim_print_profiles,
		.summary = "Show which hosts can be played, and what each offers",
		.help = "\nExample: hvsim profiles\n",
	}, {
		.name = "guest", .execute = "guest-exec", .operands = command_operand,
		.options = timeout_option, .print = hvsim_print_guest, .outcome = outcome_guest,
		.summary = "Run a shell command in the guest",
		.help = "The exit status is that of the command.\n"
			"\n"
			"  --timeout N  seconds until it is killed; default 60\n"
			"\n"
			"Example: hvsim guest 'dmesg | tail'\n",
	}, {
		.name = "log", .execute = "console-log", .options = lines_option,
		.print = hvsim_print_text,
		.summary = "Show what the guest's kernel wrote to the serial console",
		.help = "\n"
			"  --lines N  the last N lines; default 100\n"
			"\n"
			"Example: hvsim log\n",
	}, {
		.name = "machine", .execute = "machine-status", .print = hvsim_print_json,
		.summary = "Show the machine that the guest runs on",
		.help = "\nExample: hvsim machine\n",
	}, {
		.name = "pause", .execute = "pause",
		.summary = "Have the machine stand still",
		.help = "\nExample: hvsim pause\n",
	}, {
		.name = "resume", .execute = "resume", .options = gap_option,
		.summary = "Have a machine that was paused go on",
		.help = "\n"
			"  --gap N  have the host's clock gone on by N seconds more than it has\n"
			"\n"
			"Example: hvsim resume --gap 3600\n",
	}, {
		.name = "save", .execute = "save",
		.summary = "Have the machine stand still, and the host forget it",
		.help = "\nExample: hvsim save\n",
	}, {
		.name = "restore", .execute = "restore", .options = restore_options,
		.summary = "Have a machine that was saved go on; versions are negotiated anew",
		.help = "\n"
			"  --gap N    have the host's clock gone on by N seconds more than it has\n"
			"  --reoffer  take each channel back, and offer it again\n"
			"\n"
			"Example: hvsim restore --gap 86400\n",
	}, {
		.name = "reset", .execute = "machine-reset",
		.summary = "Press the machine's reset button, or switch it on again",
		.help = "\nExample: hvsim reset && hvsim wait guest-ready\n",
	}, {
		.name = "quit", .execute = "machine-quit",
		.summary = "Switch the machine off",
		.help = "\nExample: hvsim quit\n",
	},
	{ .name = NULL },
};
