# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: awk -f tools/testing/check/reports.awk console.log
#
# Finds what a kernel complains of in its log: prints each report's first line,
# without the time, and fails if there was one.

BEGIN {
	report = "BUG: |KASAN: |KCSAN: |UBSAN: |ODEBUG: |WARNING: |Oops|Kernel panic" \
		"|general protection fault|INFO: (trying|task|rcu)|rcu: .*(stall|starved)" \
		"|turning off the locking correctness validator|list_(add|del) corruption" \
		"|refcount_t: |usercopy: |detected buffer overflow|page allocation failure" \
		"|kmemleak: .*(leaks|disabled|Cannot)|unreferenced object"
}

$0 ~ report {
	sub(/^\[ *[0-9.]+\] (\[[^]]*\] )?/, "")
	sub(/\r$/, "")
	print
	found++
}

# what none of these names does at least show where it happened
/Call Trace:/ { traces++ }

END {
	if (traces && !found) {
		print traces " stack traces below no report that is known here"
		found = traces
	}
	exit found > 0
}
