# SPDX-License-Identifier: GPL-2.0-or-later
#
# The sources of hvsim, listed once, a list a folder: hvsim, the unit tests, the
# fuzz targets, the end-to-end tests and the benchmark are built from these lists.

# The folders that make libhvsim.a, whose headers its users may include.
hvsim-folders := base vmbus message control channel service hostile host cmd run

# The order of all that have C in them: a file includes headers of its own folder and
# of earlier ones. tools/testing/check/check-hvsim.sh checks that.
hvsim-order := $(hvsim-folders) plugin guest

hvsim-base := hvsim_base64 hvsim_guid hvsim_hex hvsim_latency hvsim_stream hvsim_utf16

hvsim-vmbus := hvsim_bus hvsim_bus_channel hvsim_bus_command hvsim_bus_message
hvsim-vmbus += hvsim_bus_traffic hvsim_bus_trick hvsim_gpadl hvsim_ring

hvsim-message := hvsim_channel_message hvsim_fcopy_message hvsim_kvp_address
hvsim-message += hvsim_kvp_item hvsim_message hvsim_profile hvsim_psdirect
hvsim-message += hvsim_vss_message

hvsim-control := hvsim_arguments hvsim_client hvsim_control hvsim_events hvsim_line
hvsim-control += hvsim_request

hvsim-channel := hvsim_channel hvsim_journal hvsim_link hvsim_root hvsim_socket
hvsim-channel += hvsim_transport_port hvsim_transport_socket

hvsim-service := hvsim_copy hvsim_kvp_change hvsim_kvp_network hvsim_kvp_store
hvsim-service += hvsim_kvp_tell hvsim_kvp_walk hvsim_service hvsim_service_fcopy
hvsim-service += hvsim_service_heartbeat hvsim_service_kvp hvsim_service_shutdown
hvsim-service += hvsim_service_timesync hvsim_service_vss hvsim_vss_ask hvsim_vss_backup

hvsim-hostile := hvsim_barrage hvsim_behaviour hvsim_fuzz hvsim_fuzz_socket
hvsim-hostile += hvsim_hostile hvsim_hostile_bus hvsim_hostile_socket hvsim_misbehave

hvsim-host := hvsim_burst hvsim_host hvsim_raw hvsim_switch

hvsim-cmd := hvsim_bridge hvsim_clixml hvsim_console hvsim_copy hvsim_fuzz hvsim_list
hvsim-cmd += hvsim_print hvsim_print_kvp hvsim_print_misbehaved hvsim_print_vss hvsim_ps
hvsim-cmd += hvsim_ps_command hvsim_ps_login hvsim_ps_password hvsim_psrp hvsim_verb
hvsim-cmd += hvsim_verbs

hvsim-run := hvsim_argv hvsim_child hvsim_direct hvsim_directory hvsim_disk
hvsim-run += hvsim_guest hvsim_images hvsim_kvm hvsim_log hvsim_machine
hvsim-run += hvsim_machine_control hvsim_nest hvsim_nest_command hvsim_options hvsim_qmp
hvsim-run += hvsim_relay hvsim_run

# The programs that run in a guest. Each is one file, linked statically, with headers of base.
hvsim-guest := hvsim_agent hvsim_fcopy hvsim_kexec hvsim_ptp hvsim_vsock

hvsim-folder := hvsim
hvsim-include := $(addprefix -I$(TOP)/tools/hvsim/,$(hvsim-folders)) -DHVSIM_TOP='"$(TOP)"'
hvsim-packages := libsystemd json-c expat
hvsim-debs := libsystemd-dev libjson-c-dev libexpat1-dev

hvsim-main := hvsim.c
hvsim-sources := $(foreach folder,$(hvsim-folders),$(hvsim-$(folder):%=$(folder)/%.c))
