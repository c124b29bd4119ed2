#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: scripts/check-unit.sh
#
# Runs the unit tests under AddressSanitizer and UndefinedBehaviorSanitizer, then
# once more to see how much of the core and of hvsim's bus they cover; prints TAP.

set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/tools/testing/check/tap.sh"

# the Makefile knows which libraries it needs
need gcc make libc6-dev linux-libc-dev e2fsprogs xfsprogs btrfs-progs
UNIT=$TOP/tools/testing/unit

unit_make()
{
	make -s -C "$UNIT" CC=gcc "$@"
}

unit_run()
{
	for program in $(unit_make "OUT=$BUILD/unit" list); do
		tap_include "$(basename "$program")" "$program.tap" timeout -k 5 300 "$program"
	done
}

# A source that no list names is built nowhere, and would not be missed.
lists_check()
{
	grep -ohE 'hvic_[a-z0-9_]+\.o' "$TOP/drivers/hv/ic/core.mk" "$TOP/drivers/hv/ic/tests/tests.mk" |
		sort >"$BUILD/unit.listed"
	find "$TOP/drivers/hv/ic" -name 'hvic_*.c' -printf '%f\n' | sed 's/c$/o/' | sort |
		diff "$BUILD/unit.listed" -
}

# The plugin is apart: scripts/qemu.sh takes all of its folder.
tools_lists_check()
{
	(cd "$TOP/tools/hv" && make -s list-sources) | sort >"$BUILD/unit.listed"
	(cd "$TOP" && find tools/lib tools/hv tools/hvic tools/hvsim -name '*.c' ! -path '*/plugin/*') | sort |
		diff "$BUILD/unit.listed" - || return 1
	{ unit_make list && make -s -C "$TOP/tools/testing/fuzz" list; } | tr ' ' '\n' | grep -v '_kunit$' |
		sed 's#.*/##' | sort >"$BUILD/unit.listed"
	find "$UNIT" "$TOP/tools/testing/fuzz" -name '*.c' ! -name 'guest_*' ! -name 'sim_host.c' \
		! -name 'psdirect_machine.c' -printf '%f\n' |
		sed 's/\.c$//' | sort | diff "$BUILD/unit.listed" -
}

coverage_make()
{
	unit_make "OUT=$BUILD/unit-coverage" COVERAGE=y "$@"
}

coverage_run()
{
	find "$BUILD/unit-coverage" -name '*.gcda' -delete
	for program in "$BUILD"/unit-coverage/*_kunit $(coverage_make list-vmbus); do
		"$program" >/dev/null || return 1
	done
}

# coverage_check NAME MINIMUM DIRECTORY SOURCES
coverage_check()
{
	status=0
	"$TOP/tools/testing/check/coverage.sh" "$1 line coverage" "$2" "$BUILD/unit-coverage/$3" "$4" || status=$?
	tap_result "$status" "$1 line coverage is at least $2 %"
}

tap_begin
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1
tap_check 'every source of the core and of its tests is listed' lists_check
tap_check 'every source of the tools and of their tests is listed' tools_lists_check
tap_check 'the unit tests build without a warning' unit_make "OUT=$BUILD/unit" all
unit_run
tap_check "the core and hvsim's bus build with coverage" coverage_make suites vmbus
tap_check 'their tests pass with coverage' coverage_run
coverage_check core 95 core drivers/hv/ic/hvic_
coverage_check "hvsim's bus" 99 obj/hvsim/vmbus tools/hvsim/vmbus/hvsim_
tap_end
