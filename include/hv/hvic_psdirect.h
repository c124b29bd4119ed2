/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PowerShell Direct: the two services that a host dials in its guest, and the ports
 * of AF_VSOCK at which a program in the guest finds them.
 *
 * The module, the units and the daemon take the ports from here, so that they agree.
 * Sources: Documentation/protocol.rst, "Offers of Hyper-V sockets".
 */
#ifndef _HV_HVIC_PSDIRECT_H
#define _HV_HVIC_PSDIRECT_H

/*
 * Ports below 1024, which only a program with CAP_NET_BIND_SERVICE in the initial user
 * namespace can bind, so that no user of the guest can take their place.
 */
#define HVIC_PSDIRECT_BROKER_PORT	997	/* checks the login, and gives a token */
#define HVIC_PSDIRECT_SERVER_PORT	998	/* takes the token, and is the session */

/* The services' GUIDs as text, as the host registers them. */
#define HVIC_PSDIRECT_BROKER_GUID_TEXT	"999e53d4-3d5c-4c3e-8779-bed06ec056e1"
#define HVIC_PSDIRECT_SERVER_GUID_TEXT	"a5201c21-2770-4c11-a68e-f182edb29220"

/* And as the 16 bytes of a message: the first three numbers of the text little endian. */
#define HVIC_PSDIRECT_BROKER_GUID	{				\
	0xd4, 0x53, 0x9e, 0x99, 0x5c, 0x3d, 0x3e, 0x4c,			\
	0x87, 0x79, 0xbe, 0xd0, 0x6e, 0xc0, 0x56, 0xe1 }
#define HVIC_PSDIRECT_SERVER_GUID	{				\
	0x21, 0x1c, 0x20, 0xa5, 0x70, 0x27, 0x11, 0x4c,			\
	0xa6, 0x8e, 0xf1, 0x82, 0xed, 0xb2, 0x92, 0x20 }

#endif
