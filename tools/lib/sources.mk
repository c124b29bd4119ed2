# SPDX-License-Identifier: GPL-2.0-or-later
#
# libhvd.a: what the daemons and hvic share.

hvd-folder := lib
hvd-include := -I$(TOP)/tools/lib
hvd-packages := libsystemd inih
hvd-debs := libsystemd-dev libinih-dev

hvd-sources := hvd_config.c hvd_dev.c hvd_file.c hvd_log.c hvd_memory.c hvd_pool.c
hvd-sources += hvd_program.c hvd_text.c hvd_time.c
