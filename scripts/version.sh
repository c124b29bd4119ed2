#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: scripts/version.sh
#
# Prints the version of this tree: what git describes it as, where a release is
# tagged (v0.1.0), and else what include/hv/hvic_release.h says.

set -eu
. "$(dirname "$0")/lib.sh"

# sudo make install runs as another user than the one who owns the clone
describe()
{
	[ -e "$TOP/.git" ] || return 1
	git -C "$TOP" -c safe.directory="$TOP" describe --tags --match 'v[0-9]*' 2>/dev/null | sed 's/^v//'
}

version=$(describe) || :
[ -n "$version" ] || version=$(sed -n 's/^#define HVIC_RELEASE[[:space:]]*"\(.*\)"$/\1/p' "$TOP/include/hv/hvic_release.h")
[ -n "$version" ] || die 'include/hv/hvic_release.h defines no HVIC_RELEASE'
echo "$version"
