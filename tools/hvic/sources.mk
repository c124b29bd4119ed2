# SPDX-License-Identifier: GPL-2.0-or-later
#
# libhvic.a: all of hvic but its main().

hvic-folder := hvic
hvic-include := -I$(TOP)/tools/hvic
hvic-uses := vss fcopy hvd
hvic-packages := libsystemd json-c
hvic-debs := libsystemd-dev libjson-c-dev

hvic-main := hvic.c
hvic-sources := copy.c kvp.c kvp_watch.c part.c vss.c
