#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Prints the options with which `hvsim run --root` has our daemons in the place of those
# of a guest's Debian, with all that goes with them. They must have been built.

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

for add in "$BUILD/hv/hv_kvp_daemon:/usr/sbin/hv_kvp_daemon" \
	"$TOP/tools/hv/dist/hv-kvp-daemon.service:/etc/systemd/system/hv-kvp-daemon.service" \
	"$BUILD/hv/hv_vss_daemon:/usr/sbin/hv_vss_daemon" \
	"$BUILD/hvic/hvic:/usr/bin/hvic" \
	"$TOP/tools/hv/dist/hv-vss-daemon.service:/etc/systemd/system/hv-vss-daemon.service" \
	"$BUILD/hv/hv_fcopy_daemon:/usr/sbin/hv_fcopy_daemon" \
	"$TOP/tools/hv/dist/hv-fcopy-daemon.service:/etc/systemd/system/hv-fcopy-daemon.service" \
	"$TOP/tools/hv/dist/70-hyperv-ics.rules:/usr/lib/udev/rules.d/70-hyperv-ics.rules" \
	"$TOP/tools/hv/dist/hyperv-ics.conf:/etc/hyperv-ics.conf"; do
	printf -- '--initramfs-add %s ' "$add"
done
echo
