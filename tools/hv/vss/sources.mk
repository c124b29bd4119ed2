# SPDX-License-Identifier: GPL-2.0-or-later
#
# libvss.a: all of the daemon of backup but its main().

vss-folder := hv
vss-include := -I$(TOP)/tools/hv
vss-uses := hvd
vss-packages := libsystemd json-c
vss-debs := libsystemd-dev libjson-c-dev

vss-main := hv_vss_daemon.c
vss-sources := vss_backup.c vss_block.c vss_fanotify.c vss_flush.c vss_freezer.c
vss-sources += vss_freezer_local.c vss_freezer_module.c vss_hook.c vss_message.c
vss-sources += vss_mount.c vss_plan.c vss_process.c vss_rcu.c vss_record.c
vss-sources += vss_settings.c vss_status.c vss_sysfs.c vss_wait.c
