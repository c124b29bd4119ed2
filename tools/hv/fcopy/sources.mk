# SPDX-License-Identifier: GPL-2.0-or-later
#
# libfcopy.a: all of the daemon of file copy but its main().

fcopy-folder := hv/fcopy
fcopy-include := -I$(TOP)/tools/hv
fcopy-uses := hvd
fcopy-packages := libsystemd
fcopy-debs := libsystemd-dev
fcopy-ldlibs := -pthread

fcopy-main := main.c
fcopy-sources := absence.c job.c message.c partial.c path.c service.c setting.c
fcopy-sources += status.c target.c tree.c worker.c
