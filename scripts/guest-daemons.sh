#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Prints the options with which `hvsim run --root` has our daemons in the place of those
# of a guest's Debian, with all that goes with them. They must have been built.

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

for service in $(daemons); do
	printf -- '--initramfs-add %s ' "$BUILD/hv/hv_${service}_daemon:/usr/sbin/hv_${service}_daemon" \
		"$TOP/tools/hv/dist/hv-$service-daemon.service:/etc/systemd/system/hv-$service-daemon.service"
done
for add in "$BUILD/hvic/hvic:/usr/bin/hvic" \
	"$TOP/tools/hv/dist/70-hyperv-ics.rules:/usr/lib/udev/rules.d/70-hyperv-ics.rules" \
	"$TOP/tools/hv/dist/hyperv-ics.conf:/etc/hyperv-ics.conf"; do
	printf -- '--initramfs-add %s ' "$add"
done
echo
