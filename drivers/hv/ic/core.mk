# SPDX-License-Identifier: GPL-2.0-only
# The functional core, listed once: the module, the KUnit module, the unit
# tests and the fuzzers are all built from this list.
hvic-core := hvic_msg.o hvic_negotiate.o hvic_link.o hvic_utf.o
hvic-core += hvic_heartbeat.o hvic_shutdown.o hvic_timesync.o
hvic-core += hvic_session.o hvic_address.o hvic_kvp.o hvic_kvp_ip.o
hvic-core += hvic_vss.o
hvic-core += hvic_fcopy.o
hvic-core += hvic_psdirect.o
