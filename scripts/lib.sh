# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What every script here starts with:
#
#	. "$(dirname "$0")/lib.sh"
#
# Sets $TOP (the tree), $BUILD (what is built, inside the tree, ignored by git)
# and $CACHE (downloads and built kernels, outside the tree and shared by all
# clones), and gives the functions below.

TOP=$(cd "$(dirname "$0")" && until [ -e scripts/lib.sh ] || [ "$PWD" = / ]; do cd ..; done && pwd)
BUILD=${BUILD:-$TOP/.build}
CACHE=${HYPERV_ICS_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/hyperv-ics}
# daemons and debootstrapped tools live in sbin, which a plain user's PATH lacks
PATH=$PATH:/usr/sbin:/sbin

# What programs say is read here, in English; and what is made here is for others, too:
# guests and build roots have users of their own.
export LC_ALL=C.UTF-8
unset LANGUAGE
umask 022

# A make that is run from here is its own: what the one above was told (-w, by
# "make -C") would stand among what its output is read for.
unset MAKEFLAGS MFLAGS MAKELEVEL

# die MESSAGE - say in one line what is wrong and how to mend it, and stop.
die()
{
	echo "hyperv-ics: $*" >&2
	exit 1
}

# make and kbuild take a blank or a colon in a path for the end of it.
path_check()
{
	case $2 in
	*[[:space:]:]*) die "$1 has a blank or a colon in it, with which kernel modules cannot be built: $3 ($2)" ;;
	esac
}
path_check 'the path of this tree' "$TOP" 'clone it to another place'
path_check 'the build directory' "$BUILD" 'set BUILD to another one'
path_check 'the cache' "$CACHE" 'set HYPERV_ICS_CACHE to another directory'
export TOP BUILD CACHE
mkdir -p "$BUILD" "$CACHE" || exit 1

# machines_default - how many nested machines can run at the same time: as many as there are
# processors, and as memory has room for; each takes up to 2.5 GiB.
machines_default()
{
	memory=$(awk '/^MemTotal:/ { print int($2 / 2621440) }' /proc/meminfo)
	count=$(nproc)
	[ "$memory" -ge "$count" ] || count=$memory
	[ "$count" -gt 0 ] || count=1
	echo "$count"
}

# note MESSAGE - say what takes a while; never on stdout, which is for results.
note()
{
	echo "hyperv-ics: $*" >&2
}

# daemons - prints the services that have a daemon, as tools/libraries.mk lists them.
daemons()
{
	sed -n 's/^daemons := //p' "$TOP/tools/libraries.mk"
}

# emulation_failed CONSOLE - whether a nested guest ended as QEMU's emulation of SVM can
# end one: in a double fault on the few bytes of stack on which an interrupt begins that
# a process in user space gets, or in faults that fill that stack. No module runs there.
emulation_failed()
{
	grep -q -e 'double fault' -e 'ENTRY_TRAMPOLINE stack guard page was hit' "$1" 2>/dev/null &&
		grep -q '</ENTRY_TRAMPOLINE>' "$1"
}

# ic_guids KIND [TREE] - SERVICE GUID lines of a TREE's hvic_service.h; KIND is CLASS or
# INSTANCE.
ic_guids()
{
	sed -n "s/^#define HVIC_$1_\([A-Z]*\)(form)[[:space:]]*form(\(.*\))$/\1 \2/p" \
		"${2:-$TOP}/include/hv/hvic_service.h" | sed 's/, /-/g' | tr '[:upper:]' '[:lower:]'
}

# ic_attributes SERVICE - where a guest's sysfs has what our module says of it.
ic_attributes()
{
	instance=$(ic_guids INSTANCE | sed -n "s/^$1 //p")
	[ -n "$instance" ] || die "include/hv/hvic_service.h has no HVIC_INSTANCE of '$1'"
	echo "/sys/bus/vmbus/devices/$instance/ic"
}

# have PACKAGE - whether a Debian package is installed.
have()
{
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# need PACKAGE... - install what is missing; who is not root is told the command.
need()
{
	missing=
	for package; do
		have "$package" || missing="$missing $package"
	done
	[ -z "$missing" ] && return 0
	command -v apt-get >/dev/null ||
		die "this needs the Debian packages$missing, and there is no apt-get: install their like by hand"
	[ "$(id -u)" = 0 ] || die "missing packages; run as root: apt-get install -y$missing"
	note "installing$missing"
	# shellcheck disable=SC2086 # one word a package
	apt_install $missing && return 0
	# a machine with nothing installed has old package lists, or none
	apt-get update >"$BUILD/apt.log" 2>&1 ||
		die "apt-get update failed (is there a network?); see $BUILD/apt.log"
	# shellcheck disable=SC2086
	apt_install $missing || die "could not install$missing; see $BUILD/apt.log"
}

apt_install()
{
	DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
		-o DPkg::Lock::Timeout=300 "$@" >"$BUILD/apt.log" 2>&1 </dev/null
}

# once NAME COMMAND... - run COMMAND unless it has succeeded under NAME before;
# of two that run at once, the second waits for the first.
once()
{
	mkdir -p "$CACHE/done"
	stamp=$CACHE/done/$1
	shift
	[ -e "$stamp" ] && return 0
	(
		flock 9 || exit 1
		[ -e "$stamp" ] && exit 0
		# in a shell of its own: COMMAND may use once, too, and sets $stamp
		("$@") && touch "$stamp"
	) 9>"$stamp.lock"
}
