# SPDX-License-Identifier: GPL-2.0-or-later
#
# libkvp.a: all of the daemon of data exchange but its main().

kvp-folder := hv
kvp-include := -I$(TOP)/tools/hv
kvp-uses := hvd
kvp-packages := libsystemd libnl-3.0 libnl-route-3.0
kvp-debs := libsystemd-dev libnl-3-dev libnl-route-3-dev

kvp-main := hv_kvp_daemon.c
kvp-sources := kvp_address.c kvp_backend.c kvp_backend_ifcfg.c kvp_backend_ifupdown.c
kvp-sources += kvp_backend_netplan.c kvp_backend_networkd.c
kvp-sources += kvp_backend_networkmanager.c kvp_backend_script.c kvp_bus.c
kvp-sources += kvp_command.c kvp_format.c kvp_format_ifcfg.c kvp_format_ifupdown.c
kvp-sources += kvp_format_netplan.c kvp_format_networkd.c kvp_format_script.c
kvp-sources += kvp_identity.c kvp_item.c kvp_job.c kvp_lease.c kvp_link.c
kvp-sources += kvp_message.c kvp_net.c kvp_networkmanager.c kvp_nic.c kvp_osrelease.c
kvp-sources += kvp_resolver.c kvp_setting.c kvp_undo.c
