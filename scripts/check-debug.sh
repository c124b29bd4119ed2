#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs the end-to-end tests in kernels that look for faults, and fails on whatever
# those report, memory that is lost included. First, each kernel is shown faults
# of each kind: one that does not see them would not see the module's. Prints TAP.
#
#	KERNELS="kasan"		which kernels (default: kasan kcsan)
#	TESTS="time hostile"	which groups of tests, as for check-e2e.sh
#	JOBS=1			machines that run at the same time (default: one a
#				processor, since here they work more than they wait)

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tools/testing/check/tap.sh
. "$TOP/tools/testing/check/tap.sh"

KERNELS=${KERNELS:-kasan kcsan}
JOBS=${JOBS:-$(machines_default)}
FAULTS=$TOP/tools/testing/debug
OUT=$BUILD/check/debug

# faults_list KERNEL - the faults that a kernel must see, and how it calls them.
# Lock order is first: after any other report, locks are no longer watched.
faults_list()
{
	case $1 in
	kasan)
		cat <<-END
			lock-order		possible circular locking dependency
			sleep-in-atomic		sleeping function called from invalid context
			array-index		UBSAN: array-index-out-of-bounds
			shift			UBSAN: shift-out-of-bounds
			list-corruption		list_del corruption
			active-timer-freed	ODEBUG: free active
			slab-use-after-free	KASAN: slab-use-after-free in slab_use
			slab-out-of-bounds	KASAN: slab-out-of-bounds in slab_out
			vmalloc-out-of-bounds	KASAN: vmalloc-out-of-bounds in vmalloc_out
			stack-out-of-bounds	KASAN: stack-out-of-bounds in stack_out
		END
		;;
	kcsan)
		cat <<-END
			data-race		KCSAN: data-race in .*unlocked_count
		END
		;;
	*) die "no debug kernel '$1': known are kasan and kcsan" ;;
	esac
}

# faults_commit KERNEL - all of them, in the guest; run beside the machine. What is
# lost, the suite's own search must find.
faults_commit()
{
	faults_list "$1" | while read -r fault expected; do
		hvsim guest "insmod /faults.ko fault=$fault && rmmod faults" ||
			die "the fault that is to be reported as '$expected' was not committed"
	done
	[ "$1" = kasan ] || return 0
	hvsim guest 'insmod /faults.ko fault=leak && rmmod faults'
	"$BUILD/e2e/e2e" ours "$1" debug || :
}

faults_build()
{
	"$TOP/scripts/build-module.sh" "$1" >/dev/null
	cp "$FAULTS/Kbuild" "$FAULTS/faults.c" "$dir/"
	"$TOP/scripts/kernel.sh" run "$1" make -s -C "$("$TOP/scripts/kernel.sh" headers "$1")" "M=$dir" W=1 modules
}

# shellcheck disable=SC2046 # several words
faults_run()
{
	"$BUILD/hvsim/hvsim" run $("$TOP/scripts/debug-kernel.sh" machine "$1") --kernel "$1" --module ours \
		--initramfs-add "$dir/faults.ko:/faults.ko" --output "$dir" --timeout 900 -- \
		"$0" --commit "$1" >"$dir/commit.log"
}

# faults_check KERNEL - whether it sees what it is there for.
faults_check()
{
	dir=$OUT/faults-$1
	rm -rf "$dir"
	mkdir -p "$dir"
	tap_check "$1: the faults can be built" faults_build "$1"
	tap_check "$1: a machine runs them" faults_run "$1"
	# none at all is seen below
	awk -f "$TOP/tools/testing/check/reports.awk" "$dir/console.log" >"$dir/reports" || :
	faults_list "$1" >"$dir/expected"
	while read -r fault expected; do
		tap_check "$1: it reports the fault $fault" grep "$expected" "$dir/reports"
	done <"$dir/expected"
	[ "$1" = kasan ] || return 0
	tap_check "$1: it finds memory that was lost" grep '^not ok .* no memory is lost when' "$dir/commit.log"
	tap_check "$1: it tells when locks are no longer watched" grep '^not ok .* locks are still' "$dir/commit.log"
}

# A machine whose console shows no warnings could have no reports either: loading
# a module that is not the kernel's own is always worth one.
log_check()
{
	grep -q 'loading out-of-tree module taints kernel' "$1" || {
		echo "$1 does not show what the kernel warns of"
		return 1
	}
	awk -f "$TOP/tools/testing/check/reports.awk" "$1"
}

e2e_check()
{
	tap_include 'the end-to-end tests' "$OUT/e2e.tap" \
		env KERNELS="$KERNELS" MODULES=ours JOBS="$JOBS" E2E_OUT="$OUT/e2e" "$TOP/scripts/check-e2e.sh"
	n=0
	while read -r kernel module groups; do
		n=$((n + 1))
		tap_check "$kernel: nothing is reported by the kernel of $module: $groups" \
			log_check "$OUT/e2e/$n/console.log"
	done <"$OUT/e2e/jobs"
}

main()
{
	mkdir -p "$OUT"
	make -s -C "$TOP/tools/hvsim" >&2
	make -s -C "$TOP/tools/testing/e2e" >&2
	tap_begin
	for kernel in $KERNELS; do
		faults_check "$kernel"
	done
	e2e_check
	tap_end
}

case ${1:-} in
--commit) faults_commit "$2" ;;
'') main ;;
*) die "usage: [KERNELS=...] [TESTS=...] scripts/check-debug.sh" ;;
esac
