#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: [KUNIT_ARCH=um|x86_64] [KUNIT_KERNEL=SERIES] [KUNIT_BUILD=DIRECTORY]
#	scripts/check-kunit.sh
#
# Runs the core's tests inside of a kernel, as KUnit suites of a module: of
# user-mode Linux, which is a program here, or of a machine that QEMU emulates.
# The kernel is slim and made for the purpose; it is built once and cached. With
# KUNIT_BUILD, it is the one built in that directory, of series KUNIT_KERNEL.
# Prints TAP, and how much of the core was covered.

set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/tools/testing/check/tap.sh"

arch=${KUNIT_ARCH:-um}
newest=$("$TOP/scripts/kernel.sh" series | awk '{ print $NF }')
CONFIGS=$TOP/tools/testing/kunit
# User-mode Linux before 6.13 dies on a processor whose registers take more room
# than it knows of, as those with AMX have them; a machine of QEMU's does not.
case $arch in
um)
	need busybox-static
	series=${KUNIT_KERNEL:-$newest}
	;;
x86_64)
	need busybox-static qemu-system-x86 cpio
	series=${KUNIT_KERNEL:-6.12}
	;;
*) die "KUNIT_ARCH is '$arch': it can be um or x86_64" ;;
esac
kernel=${KUNIT_BUILD:-}
[ -n "$kernel" ] ||
	kernel=$("$TOP/scripts/kernel-build.sh" "$arch" "$series" "$CONFIGS/kernel.config" "$CONFIGS/$arch.config")
work=$BUILD/kunit/$arch-$series
log=$work/console.log

# kbuild writes next to the sources: they are links here, and nothing else is, for
# what was built for another kernel must not be taken for ours.
module_build()
{
	mkdir -p "$work/tree"
	find "$work/tree" -type l -delete
	(cd "$TOP" && find Kbuild drivers include -type f \( -name '*.[ch]' -o -name '*.mk' \
		-o -name Kbuild -o -name Makefile \) ! -name '*.mod.c') |
	while read -r file; do
		mkdir -p "$work/tree/$(dirname "$file")"
		ln -s "$TOP/$file" "$work/tree/$file"
	done
	make -s -C "$kernel" "ARCH=$arch" CC=gcc "M=$work/tree" CONFIG_HV_ICS= CONFIG_HV_ICS_KUNIT_TEST=m GCOV_PROFILE=y W=1 modules
}

root_make()
{
	rm -rf "$work/root"
	mkdir -p "$work/root/bin" "$work/root/proc" "$work/root/sys" "$work/root/dev"
	cp "$(command -v busybox)" "$work/root/bin/busybox"
	cp "$CONFIGS/init" "$work/tree/drivers/hv/hvic_kunit.ko" "$work/root/"
}

# What both kernels are told; the stats make lost lines show.
PARAMETERS='kunit.enable=1 kunit.autorun=1 kunit.stats_enabled=2 panic=-1'

# User-mode Linux keeps its memory in a file that must be executable, which
# /dev/shm is not everywhere, and its state below $HOME.
run_um()
{
	# shellcheck disable=SC2086 # several words
	HOME=$work TMPDIR=$work timeout -k 5 120 "$kernel/linux" mem=128M $PARAMETERS \
		root=/dev/root rootfstype=hostfs "rootflags=$work/root" rw init=/init \
		coverage=/coverage.tar finish=poweroff </dev/null >"$log" 2>&1 || return 1
	mv "$work/root/coverage.tar" "$work/coverage.tar"
}

# Not the machine's poweroff, which wants ACPI: a reset ends it.
run_x86_64()
{
	(cd "$work/root" && find . | cpio -o -H newc --quiet | gzip) >"$work/initramfs.gz"
	timeout -k 5 300 qemu-system-x86_64 -accel tcg -m 256 -nodefaults -display none -no-reboot \
		-serial "file:$log" -serial "file:$work/coverage.tar" \
		-kernel "$kernel/arch/x86/boot/bzImage" -initrd "$work/initramfs.gz" \
		-append "$PARAMETERS console=ttyS0 rdinit=/init coverage=/dev/ttyS1 finish=reboot"
}

# What a run without an end has covered is not known.
coverage_check()
{
	rm -f "$work"/tree/drivers/hv/ic/*.gcda
	tar -xf "$work/coverage.tar" -C "$work/tree/drivers/hv/ic" --exclude='*_kunit.gcda' || return 1
	"$TOP/tools/testing/check/coverage.sh" 'core line coverage under KUnit' 95 "$work/tree/drivers/hv/ic" \
		drivers/hv/ic/hvic_
}

# The suites are named as their files are.
suites_list()
{
	sed -n 's/^hvic-tests [:+]=//p' "$TOP/drivers/hv/ic/tests/tests.mk" | sed 's/_kunit\.o//g'
}

module_check()
{
	module_build >"$work/build.log" 2>&1 && [ ! -s "$work/build.log" ] && return
	cat "$work/build.log"
	return 1
}

# Whether the kernel came as far as the first test.
tests_began()
{
	grep -q '# Subtest: ' "$log"
}

# death_line - in one line, what the log of a kernel without a test says of its end,
# and what to do.
death_line()
{
	why=$(grep -a -m 1 -e 'set fp regs failed' -e 'Kernel panic' "$log" ||
		grep -a . "$log" | tail -n 1)
	why=$(printf '%s' "${why:-it printed nothing}" | tr -d '#\134' | tr -s '[:cntrl:]' ' ')
	case $arch-$series in
	um-"$newest") mend="KUNIT_ARCH=x86_64 runs the tests under QEMU instead" ;;
	*) mend="use the default kernel ($newest in user-mode Linux), or KUNIT_ARCH=x86_64" ;;
	esac
	echo "$why; $mend; see $log"
}

mkdir -p "$work"
rm -f "$log" "$work/coverage.tar" "$work/tree/drivers/hv/hvic_kunit.ko"

tap_begin
tap_check "the KUnit module builds for Linux $series ($arch) without a warning" module_check
root_make
status=0
"run_$arch" || status=$?
if [ "$status" != 0 ] && ! tests_began; then
	tap_result 1 "the kernel dies before its first test: $(death_line)"
	tap_end
	exit
fi
tap_result "$status" "the kernel runs the module and comes to its end"
[ "$status" = 0 ] || tail -n 20 "$log" | tap_diag
awk -v suites="$(suites_list)" -f "$TOP/tools/testing/check/ktap.awk" "$log" >"$work/flat.tap"
tap_take KUnit 0 "$work/flat.tap"
status=0
coverage_check || status=$?
tap_result "$status" 'core line coverage under KUnit is at least 95 %'
tap_end
