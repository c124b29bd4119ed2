#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: scripts/kernel-build.sh ARCH SERIES CONFIG...
#
# Builds a kernel for tests out of Debian's source of that series, and prints its
# build directory (make's O=). The configuration is nothing at all but what the
# files CONFIG ask for, and what that needs. It is built once and kept in
# $CACHE/builds, by the source's release, the compiler and what the files say.

set -eu
. "$(dirname "$0")/lib.sh"

[ $# -ge 3 ] || die 'usage: scripts/kernel-build.sh ARCH SERIES CONFIG...'
arch=$1 series=$2
shift 2
for config; do
	[ -r "$config" ] || die "cannot read $config"
done

kernel_make()
{
	make -s -C "$source" "ARCH=$arch" "O=$kernel" CC=gcc "$@"
}

kernel_build()
{
	note "building a kernel for tests ($name of Linux $series): some minutes, once"
	rm -rf "$kernel"
	mkdir -p "$kernel"
	cat "$@" >"$kernel/wanted.config"
	KCONFIG_ALLCONFIG=$kernel/wanted.config kernel_make allnoconfig >"$kernel/build.log" 2>&1 ||
		die "the kernel cannot be configured; see $kernel/build.log"
	gone=$(grep '^CONFIG_' "$kernel/wanted.config" | grep -vxFf "$kernel/.config" | xargs)
	[ -z "$gone" ] || die "Linux $series has no $gone for $arch any more: mend $*"
	kernel_make -j"$(nproc)" >>"$kernel/build.log" 2>&1 ||
		die "the kernel does not build (is the disk full?); see $kernel/build.log"
}

need gcc make flex bison bc libelf-dev kmod
source=$("$TOP/scripts/kernel.sh" source "$series")
# named as its last file, which is what tells it from its sisters
name=$(basename "$config" .config)
id=$name-$("$TOP/scripts/kernel.sh" release "$series")-$({ echo "$arch" && cat "$@" && gcc -dumpfullversion; } | sha256sum | cut -c1-12)
kernel=$CACHE/builds/$id
mkdir -p "$CACHE/builds"
once "build-$id" kernel_build "$@" || exit 1
echo "$kernel"
