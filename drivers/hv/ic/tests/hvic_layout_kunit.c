// SPDX-License-Identifier: GPL-2.0-only
/* What crosses VMBus and the devices: where each field lies, and what each number is. */

#include <kunit/test.h>
#include <linux/string.h>
#include <hv/hvic_user.h>
#include <hv/hvic_wire.h>

/**
 * struct number - a number that hosts or daemons know
 * @name: what it is
 * @is: what it is here
 * @should_be: what it is there; see protocol.rst
 */
struct number {
	const char *name;
	u64 is;
	u64 should_be;
};

#define SIZE(type, bytes)		{ "sizeof " #type, sizeof(struct type), bytes }
#define FIELD(type, member, bytes)	{ #type "." #member, offsetof(struct type, member), bytes }
#define VALUE(name, value)		{ #name, name, value }

static const struct number numbers[] = {
	SIZE(hvic_pipe_hdr, 8),
	FIELD(hvic_pipe_hdr, type, 0),
	FIELD(hvic_pipe_hdr, size, 4),

	SIZE(hvic_version, 4),
	FIELD(hvic_version, major, 0),
	FIELD(hvic_version, minor, 2),

	SIZE(hvic_hdr, 20),
	FIELD(hvic_hdr, framework, 0),
	FIELD(hvic_hdr, framework.minor, 2),
	FIELD(hvic_hdr, type, 4),
	FIELD(hvic_hdr, message, 6),
	FIELD(hvic_hdr, message.minor, 8),
	FIELD(hvic_hdr, size, 10),
	FIELD(hvic_hdr, status, 12),
	FIELD(hvic_hdr, transaction, 16),
	FIELD(hvic_hdr, flags, 17),
	FIELD(hvic_hdr, reserved, 18),

	SIZE(hvic_negotiate, 8),
	FIELD(hvic_negotiate, framework_count, 0),
	FIELD(hvic_negotiate, message_count, 2),
	FIELD(hvic_negotiate, reserved, 4),
	FIELD(hvic_negotiate, version, 8),
	FIELD(hvic_negotiate, version[1], 12),

	SIZE(hvic_heartbeat, 16),
	FIELD(hvic_heartbeat, sequence, 0),
	FIELD(hvic_heartbeat, application_state, 8),
	FIELD(hvic_heartbeat, reserved, 12),

	SIZE(hvic_shutdown, 2060),
	FIELD(hvic_shutdown, reason, 0),
	FIELD(hvic_shutdown, timeout, 4),
	FIELD(hvic_shutdown, flags, 8),
	FIELD(hvic_shutdown, text, 12),

	SIZE(hvic_timesync_v3, 28),
	FIELD(hvic_timesync_v3, parent, 0),
	FIELD(hvic_timesync_v3, child, 8),
	FIELD(hvic_timesync_v3, round_trip, 16),
	FIELD(hvic_timesync_v3, flags, 24),
	FIELD(hvic_timesync_v3, pad, 25),

	SIZE(hvic_timesync_v4, 24),
	FIELD(hvic_timesync_v4, parent, 0),
	FIELD(hvic_timesync_v4, reference, 8),
	FIELD(hvic_timesync_v4, flags, 16),
	FIELD(hvic_timesync_v4, leap, 17),
	FIELD(hvic_timesync_v4, stratum, 18),
	FIELD(hvic_timesync_v4, reserved, 19),

	SIZE(hvic_kvp_hdr, 2),
	FIELD(hvic_kvp_hdr, operation, 0),
	FIELD(hvic_kvp_hdr, pool, 1),

	SIZE(hvic_kvp_exchange, 2576),
	FIELD(hvic_kvp_exchange, hdr, 0),
	FIELD(hvic_kvp_exchange, pad, 2),
	FIELD(hvic_kvp_exchange, item.type, 4),
	FIELD(hvic_kvp_exchange, item.key_size, 8),
	FIELD(hvic_kvp_exchange, item.value_size, 12),
	FIELD(hvic_kvp_exchange, item.key, 16),
	FIELD(hvic_kvp_exchange, item.value, 528),

	SIZE(hvic_kvp_delete, 520),
	FIELD(hvic_kvp_delete, hdr, 0),
	FIELD(hvic_kvp_delete, pad, 2),
	FIELD(hvic_kvp_delete, key_size, 4),
	FIELD(hvic_kvp_delete, key, 8),

	SIZE(hvic_kvp_enumerate, 2580),
	FIELD(hvic_kvp_enumerate, hdr, 0),
	FIELD(hvic_kvp_enumerate, pad, 2),
	FIELD(hvic_kvp_enumerate, index, 4),
	FIELD(hvic_kvp_enumerate, item.type, 8),
	FIELD(hvic_kvp_enumerate, item.key_size, 12),
	FIELD(hvic_kvp_enumerate, item.value_size, 16),
	FIELD(hvic_kvp_enumerate, item.key, 20),
	FIELD(hvic_kvp_enumerate, item.value, 532),

	SIZE(hvic_kvp_ip_text, 7428),
	FIELD(hvic_kvp_ip_text, hdr, 0),
	FIELD(hvic_kvp_ip_text, adapter, 2),
	FIELD(hvic_kvp_ip_text, family, 258),
	FIELD(hvic_kvp_ip_text, dhcp, 259),
	FIELD(hvic_kvp_ip_text, addresses, 260),
	FIELD(hvic_kvp_ip_text, subnets, 2308),
	FIELD(hvic_kvp_ip_text, gateways, 4356),
	FIELD(hvic_kvp_ip_text, dns, 5380),

	SIZE(hvic_kvp_ip_binary, 3716),
	FIELD(hvic_kvp_ip_binary, hdr, 0),
	FIELD(hvic_kvp_ip_binary, pad, 2),
	FIELD(hvic_kvp_ip_binary, v4_count, 4),
	FIELD(hvic_kvp_ip_binary, v6_count, 8),
	FIELD(hvic_kvp_ip_binary, v4_gateway_count, 12),
	FIELD(hvic_kvp_ip_binary, v6_gateway_count, 16),
	FIELD(hvic_kvp_ip_binary, v4_dns_count, 20),
	FIELD(hvic_kvp_ip_binary, v6_dns_count, 24),
	FIELD(hvic_kvp_ip_binary, adapter, 28),
	FIELD(hvic_kvp_ip_binary, family, 284),
	FIELD(hvic_kvp_ip_binary, dhcp, 285),
	FIELD(hvic_kvp_ip_binary, pad2, 286),
	FIELD(hvic_kvp_ip_binary, v4, 288),
	FIELD(hvic_kvp_ip_binary, v6, 544),
	FIELD(hvic_kvp_ip_binary, v4_masks, 1568),
	FIELD(hvic_kvp_ip_binary, v6_prefixes, 1824),
	FIELD(hvic_kvp_ip_binary, v4_gateways, 2080),
	FIELD(hvic_kvp_ip_binary, v6_gateways, 2100),
	FIELD(hvic_kvp_ip_binary, v4_dns, 2180),
	FIELD(hvic_kvp_ip_binary, v6_dns, 2436),
	FIELD(hvic_kvp_ip_binary, origins, 3460),

	SIZE(hvic_fcopy_hdr, 36),
	FIELD(hvic_fcopy_hdr, operation, 0),
	FIELD(hvic_fcopy_hdr, service, 4),
	FIELD(hvic_fcopy_hdr, session, 20),

	SIZE(hvic_fcopy_start, 1088),
	FIELD(hvic_fcopy_start, hdr, 0),
	FIELD(hvic_fcopy_start, name, 36),
	FIELD(hvic_fcopy_start, path, 556),
	FIELD(hvic_fcopy_start, flags, 1076),
	FIELD(hvic_fcopy_start, size, 1080),

	SIZE(hvic_fcopy_write, 6196),
	FIELD(hvic_fcopy_write, hdr, 0),
	FIELD(hvic_fcopy_write, pad, 36),
	FIELD(hvic_fcopy_write, offset, 40),
	FIELD(hvic_fcopy_write, size, 48),
	FIELD(hvic_fcopy_write, data, 52),

	/* what a daemon of the in-tree module reads and writes */
	SIZE(hvic_user_kvp, 7432),
	FIELD(hvic_user_kvp, operation, 0),
	FIELD(hvic_user_kvp, pool, 1),
	FIELD(hvic_user_kvp, pad, 2),
	FIELD(hvic_user_kvp, error, 0),
	FIELD(hvic_user_kvp, exchange.type, 4),
	FIELD(hvic_user_kvp, exchange.key_size, 8),
	FIELD(hvic_user_kvp, exchange.value_size, 12),
	FIELD(hvic_user_kvp, exchange.key, 16),
	FIELD(hvic_user_kvp, exchange.value, 528),
	FIELD(hvic_user_kvp, delete.key_size, 4),
	FIELD(hvic_user_kvp, delete.key, 8),
	FIELD(hvic_user_kvp, enumerate.index, 4),
	FIELD(hvic_user_kvp, enumerate.item.type, 8),
	FIELD(hvic_user_kvp, enumerate.item.key_size, 12),
	FIELD(hvic_user_kvp, enumerate.item.value_size, 16),
	FIELD(hvic_user_kvp, enumerate.item.key, 20),
	FIELD(hvic_user_kvp, enumerate.item.value, 532),
	FIELD(hvic_user_kvp, ip.adapter, 4),
	FIELD(hvic_user_kvp, ip.family, 260),
	FIELD(hvic_user_kvp, ip.dhcp, 261),
	FIELD(hvic_user_kvp, ip.addresses, 262),
	FIELD(hvic_user_kvp, ip.subnets, 2310),
	FIELD(hvic_user_kvp, ip.gateways, 4358),
	FIELD(hvic_user_kvp, ip.dns, 5382),
	FIELD(hvic_user_kvp, version, 4),
	VALUE(HVIC_USER_KVP_REGISTER, 4),
	VALUE(HVIC_USER_KVP_REGISTER1, 100),

	SIZE(hvic_vss_hdr, 8),
	FIELD(hvic_vss_hdr, operation, 0),
	FIELD(hvic_vss_hdr, reserved, 1),

	SIZE(hvic_vss_flags, 12),
	FIELD(hvic_vss_flags, hdr, 0),
	FIELD(hvic_vss_flags, flags, 8),

	SIZE(hvic_vss_set, 28),
	FIELD(hvic_vss_set, set, 8),
	FIELD(hvic_vss_set, backup, 24),

	SIZE(hvic_vss_lun, 24),
	FIELD(hvic_vss_lun, bus, 0),
	FIELD(hvic_vss_lun, reserved, 1),
	FIELD(hvic_vss_lun, controller, 4),
	FIELD(hvic_vss_lun, port, 20),
	FIELD(hvic_vss_lun, target, 21),
	FIELD(hvic_vss_lun, lun, 22),
	FIELD(hvic_vss_lun, pad, 23),

	SIZE(hvic_vss_freeze, 6260),
	FIELD(hvic_vss_freeze, backup, 8),
	FIELD(hvic_vss_freeze, flags, 12),
	FIELD(hvic_vss_freeze, lun_count, 16),
	FIELD(hvic_vss_freeze, luns, 20),

	SIZE(hvic_vss_recover, 12500),
	FIELD(hvic_vss_recover, freeze.luns, 20),
	FIELD(hvic_vss_recover, shadows, 6260),

	SIZE(hvic_vss_cluster, 7320),
	FIELD(hvic_vss_cluster, cluster, 8),
	FIELD(hvic_vss_cluster, size, 24),
	FIELD(hvic_vss_cluster, lun_count, 28),
	FIELD(hvic_vss_cluster, luns, 32),
	FIELD(hvic_vss_cluster, statuses, 6272),
	FIELD(hvic_vss_cluster, moved, 7312),

	SIZE(hvic_user_vss, 12),
	FIELD(hvic_user_vss, operation, 0),
	FIELD(hvic_user_vss, reserved, 1),
	FIELD(hvic_user_vss, error, 0),
	FIELD(hvic_user_vss, flags, 8),
	VALUE(HVIC_USER_VSS_REGISTER, 128),
	VALUE(HVIC_USER_VSS_REGISTER1, 129),

	/* what only our daemon and our module know */
	SIZE(hvic_user_vss_freeze, 32),
	FIELD(hvic_user_vss_freeze, mounts, 0),
	FIELD(hvic_user_vss_freeze, count, 8),
	FIELD(hvic_user_vss_freeze, timeout_ms, 12),
	FIELD(hvic_user_vss_freeze, flags, 16),
	FIELD(hvic_user_vss_freeze, frozen, 20),
	FIELD(hvic_user_vss_freeze, failed, 24),
	FIELD(hvic_user_vss_freeze, reserved, 28),
	SIZE(hvic_user_vss_mount, 16),
	FIELD(hvic_user_vss_mount, fd, 0),
	FIELD(hvic_user_vss_mount, level, 4),
	FIELD(hvic_user_vss_mount, error, 8),
	FIELD(hvic_user_vss_mount, took_us, 12),
	SIZE(hvic_user_vss_thaw, 16),
	FIELD(hvic_user_vss_thaw, thawed, 0),
	FIELD(hvic_user_vss_thaw, lost, 4),
	FIELD(hvic_user_vss_thaw, end, 8),
	FIELD(hvic_user_vss_thaw, frozen_ms, 12),
	VALUE(HVIC_USER_VSS_FREEZE_MAX, 1024),
	VALUE(HVIC_USER_VSS_TIMEOUT_MAX, 3600000),
	VALUE(HVIC_USER_VSS_HELD, 0),
	VALUE(HVIC_USER_VSS_THAWED, 1),
	VALUE(HVIC_USER_VSS_DEADLINE, 2),
	VALUE(HVIC_USER_VSS_GONE, 3),
	VALUE(HVIC_USER_VSS_OTHERS, 4),
	VALUE(HVIC_USER_VSS_FREEZE, 0xc02056e0),
	VALUE(HVIC_USER_VSS_THAW, 0x801056e1),
	SIZE(hvic_user_fcopy_hdr, 36),
	FIELD(hvic_user_fcopy_hdr, operation, 0),
	FIELD(hvic_user_fcopy_hdr, service, 4),
	FIELD(hvic_user_fcopy_hdr, session, 20),
	SIZE(hvic_user_fcopy_start, 1088),
	FIELD(hvic_user_fcopy_start, name, 36),
	FIELD(hvic_user_fcopy_start, path, 556),
	FIELD(hvic_user_fcopy_start, flags, 1076),
	FIELD(hvic_user_fcopy_start, size, 1080),
	SIZE(hvic_user_fcopy_write, 6196),
	FIELD(hvic_user_fcopy_write, pad, 36),
	FIELD(hvic_user_fcopy_write, offset, 40),
	FIELD(hvic_user_fcopy_write, size, 48),
	FIELD(hvic_user_fcopy_write, data, 52),
	VALUE(HVIC_USER_FCOPY_REGISTER, 0),
	VALUE(HVIC_USER_FCOPY_REGISTER1, 1),

	/* what only our daemon knows of */
	SIZE(hvic_user_fcopy_take, 16),
	FIELD(hvic_user_fcopy_take, size, 0),
	FIELD(hvic_user_fcopy_take, fd, 8),
	FIELD(hvic_user_fcopy_take, flags, 12),
	SIZE(hvic_user_fcopy_state, 32),
	FIELD(hvic_user_fcopy_state, written, 0),
	FIELD(hvic_user_fcopy_state, chunks, 8),
	FIELD(hvic_user_fcopy_state, error, 16),
	FIELD(hvic_user_fcopy_state, idle_ms, 20),
	FIELD(hvic_user_fcopy_state, flags, 24),
	FIELD(hvic_user_fcopy_state, reserved, 28),
	VALUE(HVIC_USER_FCOPY_HOLDS, 1),
	VALUE(HVIC_USER_FCOPY_TAKE, 0x401056f0),
	VALUE(HVIC_USER_FCOPY_STATE, 0x802056f1),

	VALUE(HVIC_HDR_LEN, 28),
	VALUE(HVIC_PIPE_MAX, 16384),
	VALUE(HVIC_MESSAGE_MAX, 13312),
	VALUE(HVIC_SHUTDOWN_TEXT_LEN, 2048),
	VALUE(HVIC_TIMESYNC_V3_LEN, 25),
	VALUE(HVIC_TIMESYNC_V4_LEN, 19),
	VALUE(HVIC_PIPE_DATA, 1),

	VALUE(HVIC_TYPE_NEGOTIATE, 0),
	VALUE(HVIC_TYPE_HEARTBEAT, 1),
	VALUE(HVIC_TYPE_KVP, 2),
	VALUE(HVIC_TYPE_SHUTDOWN, 3),
	VALUE(HVIC_TYPE_TIMESYNC, 4),
	VALUE(HVIC_TYPE_VSS, 5),
	VALUE(HVIC_TYPE_RDV, 6),
	VALUE(HVIC_TYPE_FCOPY, 7),
	VALUE(HVIC_TYPE_VMSESSION, 8),

	VALUE(HVIC_FLAG_TRANSACTION, 1),
	VALUE(HVIC_FLAG_REQUEST, 2),
	VALUE(HVIC_FLAG_RESPONSE, 4),

	VALUE(HVIC_STATUS_OK, 0),
	VALUE(HVIC_STATUS_FAIL, 0x80004005),
	VALUE(HVIC_STATUS_NOT_SUPPORTED, 0x80070032),
	VALUE(HVIC_STATUS_INVALID_ARG, 0x80070057),
	VALUE(HVIC_STATUS_NOT_FOUND, 0x80041002),
	VALUE(HVIC_STATUS_NOT_CONNECTED, 0x8007048f),
	VALUE(HVIC_STATUS_NO_MORE, 0x80070103),
	VALUE(HVIC_STATUS_IN_PROGRESS, 0x8007045b),
	VALUE(HVIC_STATUS_NO_PATH, 0x80070003),
	VALUE(HVIC_STATUS_ACCESS_DENIED, 0x80070005),
	VALUE(HVIC_STATUS_EXISTS, 0x80070050),
	VALUE(HVIC_STATUS_DISK_FULL, 0x80070070),

	VALUE(HVIC_APPLICATION_UNKNOWN, 0),
	VALUE(HVIC_APPLICATION_HEALTHY, 1),
	VALUE(HVIC_APPLICATION_CRITICAL, 2),
	VALUE(HVIC_APPLICATION_STOPPED, 3),

	VALUE(HVIC_SHUTDOWN_FORCE, 1),
	VALUE(HVIC_SHUTDOWN_RESTART, 2),
	VALUE(HVIC_SHUTDOWN_HIBERNATE, 4),

	VALUE(HVIC_TIMESYNC_SYNC, 1),
	VALUE(HVIC_TIMESYNC_SAMPLE, 2),

	VALUE(HVIC_KVP_GET, 0),
	VALUE(HVIC_KVP_SET, 1),
	VALUE(HVIC_KVP_DELETE, 2),
	VALUE(HVIC_KVP_ENUMERATE, 3),
	VALUE(HVIC_KVP_GET_IP, 4),
	VALUE(HVIC_KVP_SET_IP, 5),
	VALUE(HVIC_KVP_EXTERNAL, 0),
	VALUE(HVIC_KVP_GUEST, 1),
	VALUE(HVIC_KVP_AUTO, 2),
	VALUE(HVIC_KVP_AUTO_EXTERNAL, 3),
	VALUE(HVIC_KVP_SZ, 1),
	VALUE(HVIC_KVP_EXPAND_SZ, 2),
	VALUE(HVIC_KVP_DWORD, 4),
	VALUE(HVIC_KVP_QWORD, 11),
	VALUE(HVIC_KVP_FAMILY_NONE, 0),
	VALUE(HVIC_KVP_FAMILY_IPV4, 1),
	VALUE(HVIC_KVP_FAMILY_IPV6, 2),
	VALUE(HVIC_KVP_FAMILY_BOTH, 3),
	VALUE(HVIC_KVP_ORIGIN_UNKNOWN, 0),
	VALUE(HVIC_KVP_ORIGIN_OTHER, 1),
	VALUE(HVIC_KVP_ORIGIN_STATIC, 2),
	VALUE(HVIC_KVP_IP_ADDRESSES, 64),
	VALUE(HVIC_KVP_IP_GATEWAYS, 5),
	VALUE(HVIC_KVP_EXCHANGE_LEN, 2580),
	VALUE(HVIC_KVP_IP_LEN, 7428),

	VALUE(HVIC_VSS_CREATE, 0),
	VALUE(HVIC_VSS_DELETE, 1),
	VALUE(HVIC_VSS_CHECK_HOT_BACKUP, 2),
	VALUE(HVIC_VSS_GET_DM_INFO, 3),
	VALUE(HVIC_VSS_BACKUP_COMPLETE, 4),
	VALUE(HVIC_VSS_FREEZE, 5),
	VALUE(HVIC_VSS_THAW, 6),
	VALUE(HVIC_VSS_AUTO_RECOVER, 7),
	VALUE(HVIC_VSS_QUERY_CLUSTER, 8),
	VALUE(HVIC_VSS_HBU_NO_AUTO_RECOVERY, 5),
	VALUE(HVIC_VSS_AUTO_RECOVERY, 1),
	VALUE(HVIC_VSS_SHARED_LUNS, 2),
	VALUE(HVIC_VSS_GUID_LEN, 16),
	VALUE(HVIC_VSS_LUNS, 260),
	VALUE(HVIC_VSS_BUS_INVALID, 0),
	VALUE(HVIC_VSS_BUS_SCSI, 1),
	VALUE(HVIC_VSS_BUS_IDE, 2),
	VALUE(HVIC_VSS_SHORT_LEN, 32),
	VALUE(HVIC_VSS_MIN_LEN, 12),
	VALUE(HVIC_FCOPY_START, 0),
	VALUE(HVIC_FCOPY_WRITE, 1),
	VALUE(HVIC_FCOPY_COMPLETE, 2),
	VALUE(HVIC_FCOPY_CANCEL, 3),
	VALUE(HVIC_FCOPY_OVER_WRITE, 1),
	VALUE(HVIC_FCOPY_CREATE_PATH, 2),
	VALUE(HVIC_FCOPY_NAME_LEN, 520),
	VALUE(HVIC_FCOPY_DATA_LEN, 6144),

	VALUE(HVIC_VERSION(3, 2), 0x00030002),
	VALUE(HVIC_VERSION(0xffff, 0xfffe), 0xfffffffe),
	VALUE(HVIC_VERSION_MAJOR(0xfffefffdu), 0xfffe),
	VALUE(HVIC_VERSION_MINOR(0xfffefffdu), 0xfffd),
};

static void number_desc(const struct number *number, char *desc)
{
	strscpy(desc, number->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(number, numbers, number_desc);

static void layout_number(struct kunit *test)
{
	const struct number *number = test->param_value;

	KUNIT_EXPECT_EQ(test, number->is, number->should_be);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(layout_number, number_gen_params),
	{}
};

static struct kunit_suite suite = { .name = "hvic_layout", .test_cases = cases };

kunit_test_suite(suite);

MODULE_DESCRIPTION("KUnit tests of the Hyper-V integration components' core");
MODULE_LICENSE("GPL");
