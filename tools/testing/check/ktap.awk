# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: awk -v suites="NAME..." -f ktap.awk CONSOLE-LOG
#
# Makes flat TAP of the KTAP in a kernel's log: a line a case, or a line a
# parameter where a case has them, "suite: case: parameter". Adds tests that the
# suites named have all run, and that no result was lost on the way, by the
# totals that the kernel itself counted (kunit.stats_enabled=2).

function result(pass, name)
{
	failed[depth] += !pass
	leaves++
	print (pass ? "ok " : "not ok ") ++run " - " name
}

function check(pass, name)
{
	print (pass ? "ok " : "not ok ") ++run " - " name
}

{
	sub(/\r$/, "")
	match($0, /^ */)
	depth = int(RLENGTH / 4)
	text = substr($0, RLENGTH + 1)
}

text ~ /^# Subtest: / {
	began = 1
	name[depth] = substr(text, 12)
	results[depth] = failed[depth] = 0
	next
}

!began { next }

text ~ /^(not )?ok [0-9]+/ {
	pass = text ~ /^ok/
	sub(/^(not )?ok [0-9]+ *-? */, "", text)
	if (depth == 0)
		ended[text] = 1
	if (results[depth + 1] > 0) {
		# the sum of the lines before it; it may have failed all by itself
		if (!pass && !failed[depth + 1])
			result(0, text ": beside its cases")
		failed[depth] += !pass
	} else {
		path = ""
		for (i = 1; i <= depth; i++)
			path = path name[i] ": "
		result(pass, path text)
	}
	results[depth]++
	results[depth + 1] = failed[depth + 1] = 0
	next
}

text ~ /^# Totals: / {
	sub(/.*total:/, "", text)
	totals += text
	next
}

text ~ /^(KTAP version|[0-9]+\.\.[0-9]+|# module: )/ || text ~ /^# .*: pass:[0-9]+ fail:/ { next }

text != "" { print (text ~ /^#/ ? "" : "# ") text }

END {
	n = split(suites, suite, " ")
	for (i = 1; i <= n; i++)
		check(suite[i] in ended, "suite " suite[i] " runs to its end")
	check(leaves > 0 && leaves == totals, "all results are here: the kernel counted " totals + 0 \
	      ", the log has " leaves + 0)
	print "1.." run
}
