# SPDX-License-Identifier: GPL-2.0-or-later
#
# libkvp.a: all of the daemon of data exchange but its main().

kvp-folder := hv/kvp
kvp-include := -I$(TOP)/tools/hv
kvp-uses := hvd
kvp-packages := libsystemd libnl-3.0 libnl-route-3.0
kvp-debs := libsystemd-dev libnl-3-dev libnl-route-3-dev

kvp-main := main.c
kvp-sources := identity.c item.c message.c osrelease.c net/address.c net/backend.c
kvp-sources += net/bus.c net/command.c net/format.c net/job.c net/lease.c net/link.c
kvp-sources += net/net.c net/networkmanager.c net/nic.c net/resolver.c net/setting.c
kvp-sources += net/undo.c net/backends/ifcfg.c net/backends/ifupdown.c
kvp-sources += net/backends/netplan.c net/backends/networkd.c
kvp-sources += net/backends/networkmanager.c net/backends/script.c net/formats/ifcfg.c
kvp-sources += net/formats/ifupdown.c net/formats/netplan.c net/formats/networkd.c
kvp-sources += net/formats/script.c
