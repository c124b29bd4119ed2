/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages as they cross the character devices in /dev/vmbus.
 *
 * Byte for byte what the in-tree module and its daemons speak, so that either can
 * be exchanged: Documentation/protocol.rst, "Character devices".  Numbers are in
 * the byte order of the machine.
 */
#ifndef _HV_HVIC_USER_H
#define _HV_HVIC_USER_H

#include <linux/types.h>

/* First messages of a daemon, in the place of an operation. */
#define HVIC_USER_KVP_REGISTER		4	/* that of old daemons */
#define HVIC_USER_KVP_REGISTER1		100

/**
 * struct hvic_user_kvp_value - a key and its value
 * @type: an enum hvic_kvp_type
 * @key_size: bytes of @key, its NUL included
 * @value_size: bytes of @value, its NUL included
 * @key: UTF-8, with NUL
 * @value: UTF-8, with NUL
 */
struct hvic_user_kvp_value {
	__u32 type;
	__u32 key_size;
	__u32 value_size;
	__u8 key[512];
	__u8 value[2048];
};

/**
 * struct hvic_user_kvp_ip - addresses of an adapter
 * @adapter: UTF-8, as all here; see struct hvic_kvp_ip_text for what stands where
 * @family: an enum hvic_kvp_family
 * @dhcp: whether IPv4 addresses come by DHCP
 * @addresses: semicolons between
 * @subnets: the same
 * @gateways: the same
 * @dns: the same
 */
struct hvic_user_kvp_ip {
	__u8 adapter[256];
	__u8 family;
	__u8 dhcp;
	__u8 addresses[2048];
	__u8 subnets[2048];
	__u8 gateways[1024];
	__u8 dns[2048];
};

/**
 * struct hvic_user_kvp - a message of data exchange, either way
 * @operation: an enum hvic_kvp_operation, or HVIC_USER_KVP_REGISTER*
 * @pool: an enum hvic_kvp_pool
 * @pad: 0
 * @error: of the daemon's reply, an HVIC_STATUS_*; lies over the three above
 * @exchange: of a get and a set
 * @delete: of a delete: bytes of the key with its NUL, and the key
 * @enumerate: of an enumerate
 * @ip: of the addresses
 * @version: of a registration; in the answer the module's version, for the host
 * @room: the longest that there is
 */
struct hvic_user_kvp {
	union {
		struct {
			__u8 operation;
			__u8 pool;
			__u16 pad;
		};
		__s32 error;
	};
	union {
		struct hvic_user_kvp_value exchange;
		struct {
			__u32 key_size;
			__u8 key[512];
		} delete;
		struct {
			__u32 index;
			struct hvic_user_kvp_value item;
		} enumerate;
		struct hvic_user_kvp_ip ip;
		__u8 version[512];
		__u8 room[7428];
	};
};

_Static_assert(sizeof(struct hvic_user_kvp) == 7432, "a message is 7432 bytes");

#endif
