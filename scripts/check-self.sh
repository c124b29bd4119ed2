#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: scripts/check-self.sh
#
# Tests the test runner, check.sh: a fake part for each way in which a part can
# go wrong, and for each in which it can go right; and what check-kunit.sh makes of
# a kernel that does not come to its tests, with fake kernels. Prints TAP.

set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/tools/testing/check/tap.sh"

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

# what the C programs say by tap.h
need gcc libc6-dev
cat >"$work/skip.c" <<'END'
#include "tap.h"

int main(void)
{
	tap_ok(true, "a # SKIP is no part of a name");
	tap_skip("b", "no %s", "such machine");
	return tap_done();
}
END
gcc -I"$TOP/tools/testing" -o "$work/skip" "$work/skip.c"
part_expect skip-c 'a test that a C program skips is counted as that' 0 '1 passed, 0 failed, 1 skipped' <<END
"$work/skip"
END
part_make surroundings <<END
. "$TOP/scripts/lib.sh"
[ "\$LC_ALL \$(umask)" = 'C.UTF-8 0022' ] && echo 'ok 1 - a' || echo "not ok 1 - \$LC_ALL \$(umask)"; echo 1..1
END
(
	umask 077
	LC_ALL=tr_TR.UTF-8 LANGUAGE=de check_parts surroundings
	[ "$status" = 0 ]
) && result=0 || result=1
tap_result "$result" "a part has the same language and umask, whatever the caller's are"

for place in HYPERV_ICS_CACHE BUILD; do
	env "$place=$work/a b" "$TOP/scripts/need.sh" make >"$work/log" 2>&1 && status=0 || status=$?
	[ "$status" = 1 ] && grep -q "has a blank or a colon in it.*($work/a b)" "$work/log" &&
		[ "$(wc -l <"$work/log")" = 1 ] && result=0 || result=1
	tap_result "$result" "a blank in $place is refused in one line, with the mend"
done

# fake_kernel - make what KUNIT_BUILD names: "make modules" there makes a module, and the
# program "linux" is the script on standard input.
fake_kernel()
{
	rm -rf "$work/kernel"
	mkdir -p "$work/kernel"
	# shellcheck disable=SC2016 # $(M) is make's
	printf 'modules:\n\t@touch $(M)/drivers/hv/hvic_kunit.ko\n' >"$work/kernel/Makefile"
	{ echo '#!/bin/sh' && cat; } >"$work/kernel/linux"
	chmod +x "$work/kernel/linux"
}

# kunit_expect WHAT SERIES FAILED LINE - check-kunit.sh on the fake kernel fails FAILED tests,
# the last of which says LINE (a regular expression).
kunit_expect()
{
	status=0
	BUILD=$work/kunit KUNIT_ARCH=um KUNIT_KERNEL=$2 KUNIT_BUILD=$work/kernel \
		"$TOP/scripts/check-kunit.sh" >"$work/log" 2>&1 || status=$?
	[ "$status" != 0 ] && [ "$(grep -c '^not ok' "$work/log")" = "$3" ] &&
		grep '^not ok' "$work/log" | tail -n 1 | grep -qE -- "$4" && result=0 || result=1
	tap_result "$result" "$1"
	[ "$result" = 0 ] || { echo "exit code $status" && cat "$work/log"; } | tap_diag
}

fake_kernel <<'END'
echo 'Core dump limits :'
echo '        soft - 0'
echo 'ptrace set fp regs failed, errno = 14'
echo 'Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000009'
exit 134
END
newest=$("$TOP/scripts/kernel.sh" series | awk '{ print $NF }')
kunit_expect 'a user-mode Linux that dies before its first test is one failure, with the mend' 6.12 1 \
	"dies before its first test: ptrace set fp regs failed, errno = 14; use the default kernel \($newest"
kunit_expect 'and where it is the default kernel, the mend is QEMU' "$newest" 1 \
	'errno = 14; KUNIT_ARCH=x86_64 runs the tests under QEMU instead; see '
fake_kernel <<'END'
exit 1
END
kunit_expect 'one that dies without a word is one failure, too' 6.12 1 'its first test: it printed nothing; '
fake_kernel <<'END'
echo '    # Subtest: hvic_link'
echo 'Kernel panic - not syncing'
exit 134
END
kunit_expect 'one that dies among its tests has all that are missing failed' 6.12 \
	$(($(grep -o "_kunit\.o" "$TOP/drivers/hv/ic/tests/tests.mk" | wc -l) + 3)) 'core line coverage under KUnit'

check_parts good missing
[ "$status" = 1 ] && grep -q "there is no part 'missing'" "$work/log" && result=0 || result=1
tap_result "$result" 'a part that does not exist'
tap_end
