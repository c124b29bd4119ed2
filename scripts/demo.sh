#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Shows a person what there is: boots a guest on the emulated host and has each
# service do its work. KERNEL=6.1|6.12|7.2 chooses the guest's kernel.

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

KERNEL=${KERNEL:-6.12}

note "building the emulated host (hvsim), and the module for kernel $KERNEL"
make -s -C "$TOP/tools/hvsim" >&2
"$TOP/scripts/build-module.sh" "$KERNEL" >/dev/null
release=$("$TOP/scripts/kernel.sh" release "$KERNEL")
note "booting Debian's $release on it"
colour=no
[ ! -t 1 ] || colour=yes
exec "$BUILD/hvsim/hvsim" run --kernel "$KERNEL" --module ours --timeout 300 -- \
	env DEMO_COLOUR="$colour" "$TOP/scripts/demo-host.sh" "$release"
