# SPDX-License-Identifier: GPL-2.0-or-later
#
# libpsdirect.a: all of the daemon of PowerShell Direct but its main(). It alone has
# libpam and libseccomp.

psdirect-folder := hv/psdirect
psdirect-include := -I$(TOP)/tools/hv
psdirect-uses := hvd
psdirect-packages := libsystemd libseccomp
psdirect-debs := libsystemd-dev libseccomp-dev libpam0g-dev
psdirect-ldlibs := -lpam

psdirect-main := main.c
psdirect-sources := account.c connection.c handshake.c listen.c login.c message.c pam.c
psdirect-sources += peer.c relay.c rewrite.c role.c sandbox.c service.c session.c
psdirect-sources += setting.c text.c token.c
