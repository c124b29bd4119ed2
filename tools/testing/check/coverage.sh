#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: tools/testing/check/coverage.sh NAME MINIMUM DIRECTORY SOURCES
#
# How much of SOURCES, the start of paths in the tree, the tests ran through, by
# the gcov files in DIRECTORY: prints a diagnostic for TAP, "# NAME: NN.N %", and
# fails, naming the lines that were missed, if that is less than MINIMUM %.

set -eu
. "$(dirname "$0")/../../../scripts/lib.sh"

[ $# = 4 ] || die 'usage: tools/testing/check/coverage.sh NAME MINIMUM DIRECTORY SOURCES'
work=$(mktemp -d "$BUILD/coverage.XXXXXX")
trap 'rm -rf "$work"' EXIT
ls "$3"/*.gcda >/dev/null 2>&1 || die "no coverage was written to $3"
# new kernels name sources from the top of the tree
ln -s "$TOP/drivers" "$work/drivers"
(cd "$work" && gcov --branch-probabilities --branch-counts --preserve-paths "$3"/*.gcda >gcov.log 2>&1) ||
	die "gcov failed: $(tail -n 1 "$work/gcov.log"); is it of the compiler's version?"

# of those sources only; a branch that the compiler left out has no count
cat "$work"/*"$(echo "$4" | tr / '#')"*.gcov | awk -v name="$1" -v minimum="$2" '
	{ split($0, column, ":"); count = column[1]; line = column[2] + 0 }
	column[3] == "Source" { file = column[4]; sub(/.*\//, "", file) }
	/^branch / { branches++; if (!/never executed|taken 0/) taken++; next }
	/^(call|function|unconditional) / || line == 0 || count ~ /-/ { next }
	count ~ /#####|=====/ { lines++; missed = missed "\n# not run: " file ":" line; next }
	{ lines++; run++ }
	END {
		if (!lines) {
			print "# no such source was found to count lines of"
			exit 1
		}
		percent = 100 * run / lines
		printf "# %s: %.1f %% (%d of %d lines; %.1f %% of %d branches)%s\n",
			name, percent, run, lines, branches ? 100 * taken / branches : 0, branches,
			percent < minimum ? missed : ""
		exit percent < minimum
	}'
