# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Test Anything Protocol for shell scripts, behind lib.sh:
#
#	tap_begin
#	tap_check 'the module loads' insmod hv_utils.ko
#	tap_include unit ./a_test
#	tap_end

tap_run=0
tap_failed=0

tap_begin()
{
	echo 'TAP version 13'
}

# tap_result STATUS NAME - report a test that has run; 0 is a pass.
tap_result()
{
	tap_run=$((tap_run + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tap_run - $2"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_run - $2"
	fi
}

# tap_diag - print standard input as diagnostics.
tap_diag()
{
	sed 's/^/# /'
}

# tap_check NAME COMMAND... - a test that passes if COMMAND does; what it says is
# shown if it does not.
tap_check()
{
	tap_name=$1
	shift
	tap_status=0
	tap_output=$("$@" 2>&1) || tap_status=$?
	tap_result "$tap_status" "$tap_name"
	[ "$tap_status" = 0 ] || echo "$tap_output" | tap_diag
}

# tap_take NAME STATUS FILE - make the tests in FILE, which a program that ended with
# STATUS printed, tests of this script.
tap_take()
{
	awk -v name="$1" -v status="$2" -v first="$tap_run" -v counts="$3.counts" \
		-f "$TOP/tools/testing/check/tap.awk" "$3"
	# shellcheck disable=SC2034 # what was known to fail is only listed
	{ read -r tap_passed tap_bad tap_skipped tap_known; } <"$3.counts"
	tap_run=$((tap_run + tap_passed + tap_bad + tap_skipped))
	tap_failed=$((tap_failed + tap_bad))
}

# tap_include NAME FILE COMMAND... - run a program that prints TAP, by way of FILE,
# and make its tests tests of this script.
tap_include()
{
	tap_name=$1
	tap_file=$2
	shift 2
	tap_status=0
	"$@" >"$tap_file" 2>&1 </dev/null || tap_status=$?
	tap_take "$tap_name" "$tap_status" "$tap_file"
}

# tap_end - print the plan; fails if a test did, or if there was none.
tap_end()
{
	echo "1..$tap_run"
	[ "$tap_run" -gt 0 ] && [ "$tap_failed" = 0 ]
}
