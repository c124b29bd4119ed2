#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds hv_utils.ko for one of the kernels of scripts/kernel.sh.

set -eu
. "$(dirname "$0")/lib.sh"

usage()
{
	cat <<END
usage: scripts/build-module.sh SERIES [OPTION]... [MAKE-ARGUMENT]...

Builds hv_utils.ko with W=1 against a kernel series (scripts/kernel.sh series)
and prints the path of the module. Only what changed is built anew.

  --arch arm64   build for arm64 (default: amd64)
  --sparse       have sparse check each source file, endianness included
  --strict       build from scratch, and take any warning as an error
  --tree DIR     build the sources of DIR, which must be below $BUILD,
                 instead of this tree's

It is built in, and logged beside, the directory $BUILD/module/RELEASE, or
DIR.RELEASE.
END
}

# kbuild writes next to the sources, and several kernels are built from one tree:
# each is given a directory of links.
farm_make()
{
	mkdir -p "$farm"
	find "$farm" -type l -delete
	(cd "$tree" && find Kbuild drivers include -type d) | (cd "$farm" && xargs mkdir -p)
	(cd "$tree" && find Kbuild drivers include -type f \
		\( -name '*.[ch]' -o -name '*.mk' -o -name Kbuild -o -name Makefile \) ! -name '*.mod.c') |
	while read -r file; do
		ln -s "$tree/$file" "$farm/$file"
	done
}

# Whatever kbuild says beside its progress is a diagnostic, also what does not
# call itself a warning. Paths are given from the top of the tree.
diagnostics()
{
	sed -E "/^(make(\[[0-9]+\])?: (Entering|Leaving) |  [A-Z]+ |\$)/d; s#$farm/##g" "$log"
}

series=
arch=amd64
tree=$TOP
strict=
sparse=
while [ $# -gt 0 ]; do
	case $1 in
	-h | --help) usage && exit ;;
	--arch) arch=${2:?--arch wants amd64 or arm64} && shift ;;
	--tree) tree=${2:?--tree wants a directory} && shift ;;
	--sparse) sparse='C=2 CF=-D__CHECK_ENDIAN__' ;;
	--strict) strict=yes ;;
	-*) die "scripts/build-module.sh has no option '$1' (--help explains)" ;;
	*)
		[ -n "$series" ] && break
		series=$1
		;;
	esac
	shift
done
[ -n "$series" ] || die 'usage: scripts/build-module.sh SERIES [OPTION]... (--help explains)'

headers=$("$TOP/scripts/kernel.sh" headers "$series" "$arch")
root=$("$TOP/scripts/kernel.sh" root "$series")
release=${headers##*/}
release=${release#linux-headers-}
if [ "$tree" = "$TOP" ]; then
	farm=$BUILD/module/$release
else
	farm=$tree.$release
fi
log=$farm.log
mkdir -p "$BUILD/module"
exec 9>"$farm.lock"
flock 9
[ -z "$strict" ] || rm -rf "$farm"
farm_make

set -- W=1 "$@"
[ "$arch" = amd64 ] || set -- "ARCH=$arch" CROSS_COMPILE=aarch64-linux-gnu- "$@"
# type information is made from vmlinux, which not all headers come with
[ -e "$root$headers/vmlinux" ] || set -- CONFIG_DEBUG_INFO_BTF_MODULES= "$@"
# shellcheck disable=SC2086 # several words
"$TOP/scripts/kernel.sh" run "$series" make -C "$headers" "M=$farm" -j"$(nproc)" \
	$sparse "$@" modules >"$log" 2>&1 9>&- </dev/null || {
	diagnostics >&2
	die "hv_utils.ko does not build against $release; see $log"
}
warnings=$(diagnostics)
if [ -n "$warnings" ]; then
	echo "$warnings" >&2
	[ -z "$strict" ] || die "hv_utils.ko does not build silently against $release; see $log"
fi
module=$farm/drivers/hv/hv_utils.ko
[ -e "$module" ] || die "the build made no $module; see $log"
echo "$module"
