#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Shows a person what there is: boots a guest on the emulated host and has each
# service do its work. KERNEL=6.1|6.12|7.2 chooses the guest's kernel.

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

KERNEL=${KERNEL:-6.12}

note "building the emulated host (hvsim), the daemon, and the module for kernel $KERNEL"
need e2fsprogs
for part in hvsim hv hvic; do
	make -s -C "$TOP/tools/$part" >&2
done
"$TOP/scripts/build-module.sh" "$KERNEL" >/dev/null
release=$("$TOP/scripts/kernel.sh" release "$KERNEL")
note "booting Debian's $release on it"
colour=no
[ ! -t 1 ] || colour=yes
programs=$("$TOP/scripts/guest-programs.sh" "$BUILD/hv/hv_kvp_daemon:/usr/sbin/hv_kvp_daemon" \
	"$BUILD/hv/hv_vss_daemon:/usr/sbin/hv_vss_daemon" \
	"$BUILD/hv/hv_fcopy_daemon:/usr/sbin/hv_fcopy_daemon" \
	"$BUILD/hv/hv_psdirect_daemon:/usr/sbin/hv_psdirect_daemon" \
	"$BUILD/hvic/hvic:/usr/bin/hvic" pam:pam_unix)
# a disk for the host to back up
disk=$BUILD/demo.disk
rm -f "$disk" && truncate -s 64M "$disk" && mke2fs -q -F -t ext4 "$disk"

# dummy is a link for the host to ask about: a machine of hvsim's has no network
show()
{
	# shellcheck disable=SC2086 # several words
	"$BUILD/hvsim/hvsim" run $programs --kernel "$KERNEL" --module ours \
		--guest-modules dummy,ext4,hv_sock --disk "$disk" --timeout 300 --output "$BUILD/demo" -- \
		env DEMO_COLOUR="$colour" "$TOP/scripts/demo-host.sh" "$release"
}

show && exit
status=$?
emulation_failed "$BUILD/demo/console.log" || exit $status
note "the guest was ended by a fault of the emulation that it runs in; once more"
show
