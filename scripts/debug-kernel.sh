#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernels that look for faults while they run, by the commands of kernel.sh,
# which hands over to this script: wherever a series can be named, so can these.

set -eu
. "$(dirname "$0")/lib.sh"

SERIES=6.12
CONFIGS=$TOP/tools/testing/debug

usage()
{
	cat <<END
usage: scripts/debug-kernel.sh COMMAND FLAVOUR

  kasan    bad accesses (KASAN, UBSAN), locks in the wrong order (lockdep), sleeping
           where that is forbidden, freed objects in use, corrupt lists, leaks
  kcsan    data races

of Linux $SERIES, built from Debian's source, once, in $CACHE.

  fetch    build it now
  release, image, modules, headers, root, run
           as of scripts/kernel.sh; built with this machine's own compiler, so that
           its build root is this machine
  machine  the options that "hvsim run" should be given, on one line
END
}

# The ACPI tables of QEMU's usual machine route interrupts by a loop that takes the
# slow interpreter 15 s; q35's have a list.
MACHINE='--qemu-arg -machine --qemu-arg q35,hpet=off'

flavour_machine()
{
	# a race wants two
	[ "$flavour" != kcsan ] || set -- --smp 2
	echo "$MACHINE $*"
}

flavour_install()
{
	make -s -C "$kernel" INSTALL_MOD_PATH="$kernel/installed" modules_install >>"$kernel/build.log" 2>&1 ||
		die "the modules cannot be installed (is the disk full?); see $kernel/build.log"
}

flavour_release()
{
	cat "$kernel/include/config/kernel.release"
}

case ${1:-} in
-h | --help | help)
	usage
	exit
	;;
esac
[ $# -ge 2 ] || die 'usage: scripts/debug-kernel.sh COMMAND FLAVOUR (--help explains)'
command=$1 flavour=$2
shift 2
case $flavour in
kasan | kcsan) ;;
*) die "no debug kernel '$flavour': known are kasan and kcsan" ;;
esac
# read by kbuild: what has no other setting is not instrumented; see kcsan.config
[ "$flavour" != kcsan ] || export KCSAN_SANITIZE=n
kernel=$("$TOP/scripts/kernel-build.sh" x86_64 "$SERIES" "$CONFIGS/kernel.config" "$CONFIGS/$flavour.config")
once "install-${kernel##*/}" flavour_install || exit 1
unset KCSAN_SANITIZE

case $command in
fetch) ;;
release) flavour_release ;;
image) echo "$kernel/arch/x86/boot/bzImage" ;;
modules) echo "$kernel/installed/lib/modules/$(flavour_release)" ;;
headers) echo "$kernel" ;;
root) echo / ;;
run) "$@" ;;
machine) flavour_machine ;;
*) die "scripts/debug-kernel.sh has no command '$command' (--help explains)" ;;
esac
