#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: scripts/check-kdir.sh KDIR
#
# Says in one line why a module cannot be built against KDIR, before kbuild says
# it in ten.

set -eu
. "$(dirname "$0")/lib.sh"

kdir=${1:?usage: scripts/check-kdir.sh KDIR}

# Where the headers are to be had. The directory is a package's only where it is
# the one that belongs to an installed kernel.
remedy()
{
	release=$(echo "$kdir" | sed -n 's#^/lib/modules/\([^/]*\)/build/*$#\1#p')
	if [ -z "$release" ]; then
		echo "set KDIR to a kernel's headers or build directory, such as /lib/modules/$(uname -r)/build"
	elif apt-cache show "linux-headers-$release" >/dev/null 2>&1; then
		echo "install them with: apt-get install linux-headers-$release"
	else
		echo "install the headers of $release (Debian: linux-headers-$release, Fedora: kernel-devel), or set KDIR, or build for a test kernel with: scripts/build-module.sh 6.12"
	fi
}

[ -d "$kdir" ] || die "KDIR=$kdir: no such directory; $(remedy)"
[ -e "$kdir/Makefile" ] || die "KDIR=$kdir holds no kernel headers (no Makefile); $(remedy)"
[ -e "$kdir/include/config/auto.conf" ] ||
	die "KDIR=$kdir is not configured (no include/config/auto.conf); for a source tree run there: make modules_prepare; else $(remedy)"
grep -q '^CONFIG_HYPERV=[ym]' "$kdir/include/config/auto.conf" ||
	die "KDIR=$kdir is of a kernel without CONFIG_HYPERV, which has no VMBus to talk to; choose another kernel"
