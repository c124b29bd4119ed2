#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Debian's kernels: images, modules, headers and sources of the series that the
# module is built for and tested on. Nothing here is pinned: the newest package
# of a series is looked up in the suite that carries it, once, and kept in $CACHE.

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/suite.sh
. "$(dirname "$0")/suite.sh"

SERIES='6.1 6.12 7.2'

usage()
{
	cat <<END
usage: scripts/kernel.sh COMMAND [SERIES]

  series                 the kernel series known here: $SERIES
  fetch SERIES [WHAT]... make ready: image, headers, source, arm64 (headers of
                         arm64 and a cross compiler); default image and headers
  refresh SERIES         forget which kernel was the newest of the series

each of these prints one line, and fetches first what is missing:

  suite SERIES           the Debian suite that carries it
  release SERIES         the kernel's release, such as 6.1.0-56-amd64
  image SERIES           path of the bzImage
  modules SERIES         path of its lib/modules/RELEASE, modules.dep made
  source SERIES          path of the unpacked kernel source
  headers SERIES [ARCH]  path of the headers inside of the build root
  root SERIES            path of the build root: a small Debian of the suite that
                         the kernel comes from, with the compiler that built it

  run SERIES COMMAND...  run COMMAND in the build root; this tree and its build
                         directory are visible there at their usual paths
  try SERIES COMMAND...  the same in a copy that has the kernel installed too, and
                         of which nothing is kept: to try an installation

Headers need root (they are used inside of a chroot); the rest does not.
Everything is kept in $CACHE.

The debug kernels, kasan and kcsan, can be named where a series can: they are
not Debian's, but built here; see scripts/debug-kernel.sh --help.
END
}

# Functions whose bodies are in parentheses run in a subshell: their variables are
# their own, and once() can be used from within once().

# The suite that carries a series. Add a series here and in SERIES.
series_suite()
{
	case $1 in
	6.1) echo bookworm ;;
	6.12) echo trixie ;;
	7.2) echo sid ;;
	*) die "no kernel series '$1': known are $SERIES" ;;
	esac
}

# Prints the newest release that has both image and headers, among all packages
# whose names begin with linux-image-PREFIX. Flavours (cloud, rt) are left out.
release_newest()
{
	suite_apt "$1" amd64 apt-cache pkgnames "linux-image-$2" |
	sed -n 's/^linux-image-\([0-9][^-]*\(-[0-9]*\)\{0,1\}-amd64\)$/\1/p' | sort -rV |
	while read -r release; do
		suite_have "$1" amd64 "linux-image-$release" || continue
		suite_have "$1" amd64 "linux-headers-$release" || continue
		echo "$release"
		break
	done
}

release_resolve()
(
	suite=$(series_suite "$1")
	once "lists-$suite-amd64" suite_update "$suite" amd64 || exit 1
	release=$(release_newest "$suite" "$1.")
	if [ -z "$release" ]; then
		release=$(release_newest "$suite" '')
		[ -n "$release" ] || die "Debian $suite has no kernel package (see $CACHE/apt/$suite-amd64/log)"
		note "Debian $suite has no $1 kernel any more: taking its newest, $release"
	fi
	mkdir -p "$CACHE/kernels" || exit 1
	echo "$release" >"$CACHE/kernels/$1.release"
)

series_release()
(
	once "release-$1" release_resolve "$1" || exit 1
	cat "$CACHE/kernels/$1.release"
)

# Debian 13 and newer split an image into several packages; take those that are.
image_unpack()
(
	suite=$(series_suite "$1")
	release=$(series_release "$1") || exit 1
	dir=$CACHE/kernels/$release
	parts=
	for part in image binary modules base; do
		suite_have "$suite" amd64 "linux-$part-$release" && parts="$parts linux-$part-$release"
	done
	need kmod
	note "downloading the kernel $release"
	# shellcheck disable=SC2086 # one word a package
	suite_fetch "$suite" amd64 "$dir" $parts || exit 1
	[ -d "$dir/lib/modules" ] || ln -sfn usr/lib "$dir/lib" || exit 1
	[ -d "$dir/lib/modules/$release" ] || die "$parts hold no modules of $release: Debian has split the image anew?"
	depmod -b "$dir" "$release" || die "depmod failed on $dir"
)

series_image()
(
	release=$(series_release "$1") || exit 1
	once "image-$release" image_unpack "$1" || exit 1
	for image in "$CACHE/kernels/$release/boot/vmlinuz-$release" "$CACHE/kernels/$release/lib/modules/$release/vmlinuz"; do
		[ -e "$image" ] || continue
		echo "$image"
		exit
	done
	die "no vmlinuz in $CACHE/kernels/$release; mend with: scripts/kernel.sh refresh $1"
)

series_modules()
(
	release=$(series_release "$1") || exit 1
	series_image "$1" >/dev/null || exit 1
	echo "$CACHE/kernels/$release/lib/modules/$release"
)

source_unpack()
(
	suite=$(series_suite "$1")
	once "lists-$suite-amd64" suite_update "$suite" amd64 || exit 1
	release=$(series_release "$1") || exit 1
	version=$(echo "$release" | cut -d. -f1,2)
	dir=$CACHE/source
	need xz-utils
	note "downloading the source of Linux $version (some 150 MB, 2 GB unpacked)"
	suite_fetch "$suite" amd64 "$dir/$1.deb" "linux-source-$version" || exit 1
	rm -rf "${dir:?}/$1" "$dir/$1.new"
	mkdir -p "$dir/$1.new" || exit 1
	tar -xf "$dir/$1.deb/usr/src/linux-source-$version.tar.xz" -C "$dir/$1.new" --strip-components=1 ||
		die "cannot unpack the kernel source into $dir (is the disk full?)"
	mv "$dir/$1.new" "$dir/$1" && rm -r "$dir/$1.deb"
)

series_source()
(
	once "source-$1" source_unpack "$1" || exit 1
	echo "$CACHE/source/$1"
)

# Prints the packages that the headers of a release want beside themselves. Not
# the image, which a build has no use for.
headers_wants()
{
	suite_apt "$1" amd64 apt-cache show --no-all-versions "linux-headers-$2" |
	sed -n 's/^Depends: //p' | tr ',' '\n' | sed 's/[|(].*//; s/ //g; /^linux-image-/d' | paste -sd,
}

root_allowed()
{
	[ "$(id -u)" = 0 ] || die 'building for, and installing on, another kernel is done in a chroot: run this as root'
	unshare -m true 2>/dev/null ||
		die 'no mounts can be made here (is this a chroot, or a container without the right to?): run this on the machine itself'
}

root_make()
(
	suite=$(series_suite "$1")
	release=$(series_release "$1") || exit 1
	root=$CACHE/roots/$release
	root_allowed
	need mmdebstrap
	note "making the build root of $release (Debian $suite, some 600 MB)"
	rm -rf --one-file-system "$root"
	mkdir -p "$root" || exit 1
	suite_options >"$root.conf"
	mmdebstrap --quiet --variant=apt --aptopt="$root.conf" \
		--include="make,perl,kmod,dwarves,sparse,$(headers_wants "$suite" "$release")" \
		"$suite" "$root" "$CACHE/apt/$suite-amd64/sources.list" >"$root.log" 2>&1 </dev/null ||
		die "cannot make the build root (no network, or the mirror has moved on: scripts/kernel.sh refresh $1); see $root.log"
	suite_fetch "$suite" amd64 "$root" "linux-headers-$release" || exit 1
	headers=$root/usr/src/linux-headers-$release
	[ -e "$headers/Makefile" ] || die "linux-headers-$release is not laid out as expected: no $headers/Makefile"
	# 7.2's kbuild asks this script whether sparse will do, and without it does no
	# check at all; Debian leaves it out. scripts/check-static.sh sees to the rest.
	[ -e "$headers/scripts/checker-valid.sh" ] && exit
	# shellcheck disable=SC2016 # expanded by the script's own shell
	printf '#!/bin/sh\ncommand -v "$1" >/dev/null && echo 1\n' >"$headers/scripts/checker-valid.sh"
	chmod +x "$headers/scripts/checker-valid.sh"
)

series_root()
(
	release=$(series_release "$1") || exit 1
	once "root-$release" root_make "$1" || exit 1
	echo "$CACHE/roots/$release"
)

# Runs with mounts of its own, so that none is left behind however it ends.
# objtool of 7.2 wants /proc.
# shellcheck disable=SC2016 # expanded by the shell that runs it
ENTER='
	set -e
	root=$1 top=$2 build=$3
	shift 3
	mount -t proc proc "$root/proc"
	mkdir -p "$root$top" "$root$build"
	mount --rbind "$top" "$root$top"
	mount --rbind "$build" "$root$build"
	exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"
'

# Lays memory over the build root and over the modules of the kernel.
# shellcheck disable=SC2016
LAYER='
	layer()
	{
		mkdir "$scratch/$3" "$scratch/$3.work"
		mount -t overlay -o "lowerdir=$1,upperdir=$scratch/$3,workdir=$scratch/$3.work" overlay "$2"
	}
	set -e
	root=$1 modules=$2 scratch=$3
	shift 3
	place=usr/lib/modules/${modules##*/}
	mount -t tmpfs -o size=2g tmpfs "$scratch"
	mkdir "$scratch/root"
	layer "$root" "$scratch/root" upper
	layer "$modules:$root/$place" "$scratch/root/$place" modules
	exec sh -c "$ENTER" sh "$scratch/root" "$@"
'

root_run()
(
	root_allowed
	root=$(series_root "$1") || exit 1
	shift
	unshare -m sh -c "$ENTER" sh "$root" "$TOP" "$BUILD" "$@"
)

root_try()
(
	root_allowed
	root=$(series_root "$1") || exit 1
	modules=$(series_modules "$1") || exit 1
	shift
	scratch=$(mktemp -d "$CACHE/try.XXXXXX") || exit 1
	status=0
	ENTER=$ENTER unshare -m sh -c "$LAYER" sh "$root" "$modules" "$scratch" "$TOP" "$BUILD" "$@" || status=$?
	rmdir "$scratch"
	exit "$status"
)

# The compiler that the headers ask for, such as gcc-14, by its .kernelvariables.
root_compiler()
{
	sed -n 's/.*\(gcc-[0-9][0-9]*\).*/\1/p' "$1/usr/src/linux-headers-$2/.kernelvariables" | head -n 1
}

arm64_make()
(
	suite=$(series_suite "$1")
	root=$(series_root "$1") || exit 1
	arm64=${root##*/}
	arm64=${arm64%-amd64}-arm64
	once "lists-$suite-arm64" suite_update "$suite" arm64 || exit 1
	note "adding arm64 headers and cross compiler to the build root of $1"
	suite_fetch "$suite" arm64 "$root" "linux-headers-$arm64" || exit 1
	cross=$(root_compiler "$root" "$arm64")-aarch64-linux-gnu
	{
		root_run "$1" apt-get update &&
		root_run "$1" apt-get install -y --no-install-recommends "$cross"
	} >"$root.log" 2>&1 </dev/null || die "cannot install $cross into the build root; see $root.log"
)

series_headers()
(
	root=$(series_root "$1") || exit 1
	release=${root##*/}
	case ${2:-amd64} in
	amd64) ;;
	arm64)
		release=${release%-amd64}-arm64
		once "root-$release" arm64_make "$1" || exit 1
		;;
	*) die "no headers for '$2': known are amd64 and arm64" ;;
	esac
	echo "/usr/src/linux-headers-$release"
)

series_fetch()
(
	series=$1
	shift
	[ $# -gt 0 ] || set -- image headers
	for what; do
		case $what in
		image) series_image "$series" >/dev/null ;;
		headers) series_headers "$series" >/dev/null ;;
		arm64) series_headers "$series" arm64 >/dev/null ;;
		source) series_source "$series" >/dev/null ;;
		*) die "cannot fetch '$what': known are image, headers, source and arm64" ;;
		esac
	done
)

series_refresh()
(
	suite=$(series_suite "$1")
	(cd "$CACHE/done" && rm -f "release-$1" "source-$1" "lists-$suite-amd64" "lists-$suite-arm64")
)

case ${1:-} in
-h | --help | help)
	usage
	exit
	;;
series)
	echo "$SERIES"
	exit
	;;
esac
[ $# -ge 2 ] || die 'usage: scripts/kernel.sh COMMAND SERIES (--help explains)'
command=$1 series=$2
shift 2
case $series in
kasan | kcsan) exec "$TOP/scripts/debug-kernel.sh" "$command" "$series" "$@" ;;
esac
series_suite "$series" >/dev/null
case $command in
fetch) series_fetch "$series" "$@" ;;
refresh) series_refresh "$series" ;;
suite) series_suite "$series" ;;
release) series_release "$series" ;;
image) series_image "$series" ;;
modules) series_modules "$series" ;;
source) series_source "$series" ;;
headers) series_headers "$series" "$@" ;;
root) series_root "$series" ;;
run) root_run "$series" "$@" ;;
try) root_try "$series" "$@" ;;
*) die "scripts/kernel.sh has no command '$command' (--help explains)" ;;
esac
