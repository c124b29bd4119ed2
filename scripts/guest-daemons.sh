#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: scripts/guest-daemons.sh [SERVICE...]
#
# Prints the options with which `hvsim run --root` has our daemons in the place of those
# of a guest's Debian, with all that goes with them. They must have been built. Without
# names, all but psdirect's, which is off by default.

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2046 # one word a service
[ $# -gt 0 ] || set -- $(daemons)
for service; do
	printf -- '--initramfs-add %s ' "$BUILD/hv/hv_${service}_daemon:/usr/sbin/hv_${service}_daemon" \
		"$TOP/tools/hv/dist/hv-$service-daemon.service:/etc/systemd/system/hv-$service-daemon.service"
	[ "$service" = psdirect ] || continue
	printf -- '--initramfs-add %s ' \
		"$TOP/tools/hv/dist/hv-psdirect-daemon.socket:/etc/systemd/system/hv-psdirect-daemon.socket" \
		"$TOP/tools/hv/dist/pam/hv-psdirect.debian:/etc/pam.d/hv-psdirect" \
		"$BUILD/psdirect/psdirect_echo:/usr/bin/psdirect_echo"
done
for add in "$BUILD/hvic/hvic:/usr/bin/hvic" \
	"$TOP/tools/hv/dist/70-hyperv-ics.rules:/usr/lib/udev/rules.d/70-hyperv-ics.rules" \
	"$TOP/tools/hv/dist/hyperv-ics.conf:/etc/hyperv-ics.conf"; do
	printf -- '--initramfs-add %s ' "$add"
done
echo
