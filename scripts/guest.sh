# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What a long run asks of its guest, behind lib.sh, in a program that `hvsim run` runs
# beside the machine; hvsim is in PATH.

# guest_complaints - what the kernel's log complains of since it was asked last, since
# that log is a ring, too; fails if there is anything. The log itself stays in
# $HVSIM_OUTPUT/dmesg.
guest_complaints()
{
	hvsim guest 'dmesg -c' >"$HVSIM_OUTPUT/dmesg" || { echo 'the guest does not show its log' && return 1; }
	awk -f "$TOP/tools/testing/check/reports.awk" "$HVSIM_OUTPUT/dmesg"
}

# guest_leaks - how much memory is lost: what is not found twice, if this kernel looks
# for it at all. Fails if any is, or if the search does; more is in $HVSIM_OUTPUT/leaks.
guest_leaks()
{
	hvsim guest 'mount -t debugfs none /sys/kernel/debug 2>/dev/null; [ -e /sys/kernel/debug/kmemleak ]' ||
		{ echo 'not looked for by this kernel' && return 0; }
	hvsim guest --timeout 600 'sleep 5; cd /sys/kernel/debug && echo scan >kmemleak && echo scan >kmemleak && cat kmemleak' \
		>"$HVSIM_OUTPUT/leaks" || { echo 'unknown: it could not be searched' && return 1; }
	[ -s "$HVSIM_OUTPUT/leaks" ] || { echo none && return 0; }
	grep -c 'unreferenced object' "$HVSIM_OUTPUT/leaks"
	return 1
}
