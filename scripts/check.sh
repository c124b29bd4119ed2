#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: scripts/check.sh PART...
#
# Runs the parts of the check, scripts/check-PART.sh each, one after the other;
# shows what they report, keeps it in $BUILD/check/PART.tap, and sums it up. The
# last line is "N passed, N failed", and ", N skipped" if any was. What a part
# may do wrong, and that it is seen, is check-self.sh's subject.

set -eu
. "$(dirname "$0")/lib.sh"

[ $# -gt 0 ] || die 'usage: scripts/check.sh PART... (parts: see Documentation/testing.rst)'
PARTS=${CHECK_PARTS:-$TOP/scripts}
OUT=${CHECK_OUT:-$BUILD/check}
mkdir -p "$OUT"
for part; do
	[ -x "$PARTS/check-$part.sh" ] || die "there is no part '$part': $PARTS/check-$part.sh is missing"
done

# Runs a part; what it says is shown at once and kept. Standard error is for
# progress and goes to the terminal alone.
part_run()
{
	began=$(date +%s)
	{ "$PARTS/check-$1.sh" </dev/null && echo 0 >"$OUT/$1.status" || echo $? >"$OUT/$1.status"; } |
		tee "$OUT/$1.tap"
	status=$(cat "$OUT/$1.status")
	seconds=$(($(date +%s) - began))
	awk -v name='the part' -v status="$status" -v counts="$OUT/$1.counts" \
		-f "$TOP/tools/testing/check/tap.awk" "$OUT/$1.tap" >"$OUT/$1.report"
	echo "# $1 took $seconds s, exit code $status" >>"$OUT/$1.tap"
	echo "$seconds" >"$OUT/$1.seconds"
}

# What is wrong with all parts together: failed tests and broken reports.
failures_list()
{
	for part; do
		awk -v part="$part" '
			/^not ok/ && !/# *TODO/ || /^ok.*# *TODO/ {
				sub(/^(not )?ok *[0-9]* *-? */, "")
				print "  " part ": " $0
			}' "$OUT/$part.report"
	done
}

known_list()
{
	for part; do
		sed -n "2,\$s/^/  $part: /p" "$OUT/$part.counts"
	done
}

summary_print()
{
	known=$(known_list "$@")
	[ -z "$known" ] || printf '\nKnown differences, counted as passed:\n%s\n' "$known"
	failures=$(failures_list "$@")
	[ -z "$failures" ] || printf '\nFailed:\n%s\n' "$failures"
	printf '\n%-10s %7s %7s %8s %8s\n' part passed failed skipped seconds
	for part; do
		{ read -r passed failed skipped known; } <"$OUT/$part.counts"
		read -r seconds <"$OUT/$part.seconds"
		printf '%-10s %7d %7d %8d %8d\n' "$part" "$passed" "$failed" "$skipped" "$seconds"
		all_passed=$((all_passed + passed))
		all_failed=$((all_failed + failed))
		all_skipped=$((all_skipped + skipped))
	done
}

all_passed=0
all_failed=0
all_skipped=0
for part; do
	echo "# $part"
	part_run "$part"
done
summary_print "$@"
if [ "$all_skipped" = 0 ]; then
	printf '\n%d passed, %d failed\n' "$all_passed" "$all_failed"
else
	printf '\n%d passed, %d failed, %d skipped\n' "$all_passed" "$all_failed" "$all_skipped"
fi
[ "$all_failed" = 0 ] && [ "$all_passed" -gt 0 ]
