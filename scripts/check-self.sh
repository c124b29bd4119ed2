#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: scripts/check-self.sh
#
# Tests the test runner, check.sh: a fake part for each way in which a part can
# go wrong, and for each in which it can go right; prints TAP.

set -eu
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tap.sh"

work=$BUILD/check-self
rm -rf "$work"
mkdir -p "$work/parts" "$work/out"

# part_make NAME - make a fake part of the script on standard input.
part_make()
{
	{ echo '#!/bin/sh' && cat; } >"$work/parts/check-$1.sh"
	chmod +x "$work/parts/check-$1.sh"
}

check_parts()
{
	status=0
	CHECK_PARTS=$work/parts CHECK_OUT=$work/out "$TOP/scripts/check.sh" "$@" >"$work/log" 2>&1 ||
		status=$?
}

# part_expect NAME WHAT STATUS COUNTS - the fake part whose script is on standard input
# makes check.sh end with STATUS and COUNTS.
part_expect()
{
	part_make "$1"
	check_parts "$1"
	last=$(tail -n 1 "$work/log")
	[ "$status" = "$3" ] && [ "$last" = "$4" ] && result=0 || result=1
	tap_result "$result" "$2"
	[ "$result" = 0 ] || { echo "exit code $status, want $3; want last line '$4'" && cat "$work/log"; } | tap_diag
}

tap_begin
part_expect good 'tests that pass' 0 '2 passed, 0 failed' <<'END'
echo TAP version 13; echo 'ok 1 - a'; echo '# of no matter'; echo 'ok 2 - b'; echo 1..2
END
part_expect early 'the plan may come first' 0 '1 passed, 0 failed' <<'END'
echo 1..1; echo ok
END
part_expect skip 'a skipped test is counted as that' 0 '1 passed, 0 failed, 1 skipped' <<'END'
echo 'ok 1 - a'; echo 'ok 2 - b # SKIP no such machine'; echo 1..2
END
part_expect todo 'a known difference is counted as passed' 0 '2 passed, 0 failed' <<'END'
echo 'ok 1 - a'; echo 'not ok 2 - b # TODO in-tree module does it so'; echo 1..2; exit 1
END
grep -q '^  todo: b # TODO in-tree module does it so$' "$work/log" && listed=0 || listed=1
tap_result "$listed" 'and is listed with its reason'
part_expect fail 'a test that fails' 1 '1 passed, 1 failed' <<'END'
echo 'ok 1 - a'; echo 'not ok 2 - b'; echo 1..2; exit 1
END
grep -q '^  fail: b$' "$work/log" && listed=0 || listed=1
tap_result "$listed" 'and is listed by name'
part_expect quiet 'a test that fails while the part says it is well' 1 '1 passed, 1 failed' <<'END'
echo 'ok 1 - a'; echo 'not ok 2 - b'; echo 1..2
END
part_expect undone 'a known difference that is none any more' 1 '1 passed, 1 failed' <<'END'
echo 'ok 1 - a'; echo 'ok 2 - b # TODO in-tree module does it so'; echo 1..2
END
part_expect status 'a part that fails though no test did' 1 '2 passed, 1 failed' <<'END'
echo 'ok 1 - a'; echo 'ok 2 - b'; echo 1..2; exit 3
END
part_expect planless 'a part without a plan' 1 '2 passed, 1 failed' <<'END'
echo 'ok 1 - a'; echo 'ok 2 - b'
END
part_expect short 'a part that stops before its plan is reached' 1 '1 passed, 1 failed' <<'END'
echo 1..2; echo 'ok 1 - a'
END
part_expect long 'a part that runs more than it planned' 1 '2 passed, 1 failed' <<'END'
echo 1..1; echo 'ok 1 - a'; echo 'ok 2 - b'
END
part_expect twice 'a part that plans twice' 1 '2 passed, 1 failed' <<'END'
echo 1..2; echo 'ok 1 - a'; echo 'ok 2 - b'; echo 1..2
END
part_expect bail 'a part that bails out' 1 '2 passed, 1 failed' <<'END'
echo 1..2; echo 'ok 1 - a'; echo 'ok 2 - b'; echo 'Bail out! the machine is on fire'
END
part_expect silent 'a part that says nothing' 1 '0 passed, 1 failed' <<'END'
:
END
part_expect nothing 'a part that plans nothing' 1 '0 passed, 1 failed' <<'END'
echo 1..0
END
part_expect nothing-skipped 'a part that is skipped as a whole passes nothing' 1 '0 passed, 0 failed, 1 skipped' <<'END'
echo '1..0 # SKIP no such machine'
END
part_expect killed 'a part that is killed' 1 '1 passed, 1 failed' <<'END'
echo 'ok 1 - a'; kill -9 $$
END
part_expect subtests 'tests of tests, indented as in KTAP, are not counted' 0 '1 passed, 0 failed' <<'END'
echo KTAP version 1; echo 1..1; echo '    1..2'; echo '    ok 1 x'; echo '    not ok 2 y'; echo 'ok 1 a'
END

check_parts good fail skip
last=$(tail -n 1 "$work/log")
[ "$status $last" = '1 4 passed, 1 failed, 1 skipped' ] && result=0 || result=1
tap_result "$result" 'parts add up, and one that failed does not keep the next from running'

part_make deep <<'END'
printf 'all:\n\t@echo "ok 1 - a"\n' | make -s -f -; echo 1..1
END
(
	export MAKEFLAGS=w MAKELEVEL=1
	check_parts deep
	! grep -q Entering "$work/log"
) && result=0 || result=1
tap_result "$result" 'what "make -C" tells the makes below does not reach a part'

check_parts good missing
[ "$status" = 1 ] && grep -q "there is no part 'missing'" "$work/log" && result=0 || result=1
tap_result "$result" 'a part that does not exist'
tap_end
