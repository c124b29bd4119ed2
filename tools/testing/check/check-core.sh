#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: tools/testing/check/check-core.sh [TREE]
#
# The core knows no bus, no lock and no allocator. What keeps it so is what it
# may include: a short list, all of it to be had in userspace too.

set -eu
. "$(dirname "$0")/../../../scripts/lib.sh"

tree=${1:-$TOP}
ls "$tree"/drivers/hv/ic/*.[ch] >/dev/null 2>&1 || die "no core in $tree/drivers/hv/ic"
allowed='linux/(types|errno|string|kernel|limits)|asm/byteorder|(hv/)?hvic_[a-z0-9_]+'
if cd "$tree" && grep -nE '^[[:space:]]*#[[:space:]]*include' drivers/hv/ic/*.[ch] |
	grep -vE "[<\"]($allowed)\.h[>\"]" >&2; then
	die 'the core (drivers/hv/ic) must not include these: move what needs them to drivers/hv'
fi
