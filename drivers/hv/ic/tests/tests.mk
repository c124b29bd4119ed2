# SPDX-License-Identifier: GPL-2.0-only
# The core's tests, listed once: the KUnit module and the unit tests are both
# built from this list.
hvic-tests := hvic_layout_kunit.o hvic_msg_kunit.o hvic_negotiate_kunit.o
hvic-tests += hvic_link_kunit.o hvic_utf_kunit.o hvic_heartbeat_kunit.o
hvic-tests += hvic_shutdown_kunit.o hvic_timesync_kunit.o
hvic-tests += hvic_session_kunit.o hvic_address_kunit.o hvic_kvp_kunit.o hvic_kvp_ip_kunit.o
hvic-tests += hvic_vss_kunit.o
hvic-tests += hvic_fcopy_kunit.o
hvic-tests += hvic_psdirect_kunit.o
