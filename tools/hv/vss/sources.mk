# SPDX-License-Identifier: GPL-2.0-or-later
#
# libvss.a: all of the daemon of backup but its main().

vss-folder := hv/vss
vss-include := -I$(TOP)/tools/hv
vss-uses := hvd
vss-packages := libsystemd json-c
vss-debs := libsystemd-dev libjson-c-dev

vss-main := main.c
vss-sources := backup.c block.c fanotify.c flush.c freezer.c freezer_local.c
vss-sources += freezer_module.c hook.c message.c mount.c plan.c process.c rcu.c
vss-sources += record.c settings.c status.c sysfs.c wait.c
