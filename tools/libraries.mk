# SPDX-License-Identifier: GPL-2.0-or-later
#
# The libraries of which programs, unit tests and fuzz targets are made, listed
# once. tools/build.mk has their rules. A library's folder has a sources.mk with
#
#	NAME-folder	where its sources are, below tools/
#	NAME-include	flags with which its headers are found
#	NAME-uses	the libraries that it calls, in the order of linking
#	NAME-packages	what it needs of others, by pkg-config's names ...
#	NAME-debs	... and by Debian's
#	NAME-ldlibs	more to link with
#	NAME-main	the source of the program's main(), not in the library
#	NAME-sources	the library's sources
#
# To add a daemon: its name in this list, and a folder tools/hv/NAME. The scripts
# that install daemons read the list from here.

daemons := kvp vss fcopy

# One that no device starts, but an administrator only: those scripts leave it alone.
optional-daemons := psdirect

all-daemons := $(daemons) $(optional-daemons)
libraries := hvd $(all-daemons) hvic hvsim

include $(TOP)/tools/lib/sources.mk
include $(all-daemons:%=$(TOP)/tools/hv/%/sources.mk)
include $(TOP)/tools/hvic/sources.mk
include $(TOP)/tools/hvsim/sources.mk
