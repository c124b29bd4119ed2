# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: awk -v name=WHAT -v status=EXIT-CODE [-v first=NUMBER] [-v counts=FILE] -f tap.awk OUTPUT
#
# Takes what a test program printed and prints it as part of a larger report:
# tests numbered on from NUMBER, all else as diagnostics, no plan. A program
# that does not keep to the protocol gets a failed test for that. FILE is written
# with the numbers passed, failed, skipped and known to fail, then, a line each,
# the names of those that are known to.
#
# "not ok # TODO" is known to fail, and counts as passed; "ok # TODO" is known
# to fail and does not, and counts as failed.

function result(line)
{
	print line
	fflush()
}

function broken(why)
{
	failed++
	result("not ok " first + ++run " - " name ": " why)
}

BEGIN { plan = -1 }

/^(not )?ok( |$)/ {
	tests++
	text = $0
	sub(/^(not )?ok *[0-9]* *-? */, "", text)
	pass = /^ok/
	todo = text ~ /# *[Tt][Oo][Dd][Oo]/
	not_ok += !pass
	if (pass && text ~ /# *[Ss][Kk][Ii][Pp]/)
		skipped++
	else if (!pass && todo)
		known[++nr_known] = text
	else if (pass && !todo)
		passed++
	else
		failed++
	result((pass ? "ok " : "not ok ") first + ++run (text == "" ? "" : " - " text))
	if (pass && todo)
		result("# this was known to fail and does not: the TODO can go")
	next
}

/^1\.\.[0-9]+/ {
	plans++
	plan = substr($1, 4) + 0
	if (plan == 0 && /# *[Ss][Kk][Ii][Pp]/) {
		why = $0
		sub(/^[^#]*/, "", why)
		skipped++
		result("ok " first + ++run " - " name " " why)
	}
	next
}

/^Bail out!/ {
	bailed = 1
	result("# " $0)
	next
}

/^TAP version/ || /^$/ { next }

{ result(/^#/ ? $0 : "# " $0) }

END {
	if (bailed)
		broken("bailed out")
	else if (!plans)
		broken("prints no plan, so it may not have come to its end (exit code " status ")")
	else if (plans > 1)
		broken("prints " plans " plans")
	else if (plan != tests)
		broken("planned " plan " tests and ran " tests)
	else if (status != 0 && !not_ok)
		broken("exits with " status " though no test failed")
	else if (!tests && !skipped)
		broken("has no tests")
	if (counts) {
		print passed + nr_known, failed + 0, skipped + 0, nr_known + 0 >counts
		for (i = 1; i <= nr_known; i++)
			print known[i] >counts
	}
}
