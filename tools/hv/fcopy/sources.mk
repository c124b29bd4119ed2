# SPDX-License-Identifier: GPL-2.0-or-later
#
# libfcopy.a: all of the daemon of file copy but its main().

fcopy-folder := hv
fcopy-include := -I$(TOP)/tools/hv
fcopy-uses := hvd
fcopy-packages := libsystemd
fcopy-debs := libsystemd-dev
fcopy-ldlibs := -pthread

fcopy-main := hv_fcopy_daemon.c
fcopy-sources := fcopy_absence.c fcopy_job.c fcopy_message.c fcopy_partial.c
fcopy-sources += fcopy_path.c fcopy_service.c fcopy_setting.c fcopy_status.c
fcopy-sources += fcopy_target.c fcopy_tree.c fcopy_worker.c
