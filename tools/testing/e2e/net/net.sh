#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: net.sh MANAGER INTERFACE
#
# Has a real network manager set a real link as a host would, and looks at the link;
# prints TAP.  It is to run as root in a Debian of its own, in a container or in a guest,
# whose network manager has nothing but INTERFACE.
#
# What must be there:
#  - MANAGER (networkd, networkmanager, netplan or ifupdown) running and installed from
#    Debian's packages; it is set up from here
#  - systemd-resolved for networkd and netplan; isc-dhcp-client for ifupdown
#  - at the other end of INTERFACE: 203.0.113.1/24 and 2001:db8:1::1/64, and a DHCP server
#    for 203.0.113.100 to 203.0.113.150, with 203.0.113.1 as the router
#  - kvp_probe in $PROBE, or what takes the same words and asks a host to do it
#  - ip and busctl

set -u
manager=$1
link=$2
PROBE=${PROBE:-kvp_probe}
guid='{f00f0000-0000-4000-8000-000000000001}'
mac=$(tr a-f A-F <"/sys/class/net/$link/address")
# shellcheck source=tools/testing/e2e/net/managers.sh
. "$(dirname "$0")/managers.sh"
work=$(mktemp -d)
run=0
failed=0

# result STATUS NAME
result()
{
	run=$((run + 1))
	if [ "$1" = 0 ]; then
		echo "ok $run - $manager: $2"
	else
		failed=$((failed + 1))
		echo "not ok $run - $manager: $2"
		cat "$work/log" "$work/has" 2>/dev/null | sed 's/^/#   /'
		ip addr show "$link" | sed 's/^/#   /'
		ip route show dev "$link" | sed 's/^/#   /'
	fi
}

# wait_for SECONDS COMMAND... - until it is true
wait_for()
{
	until=$(($(date +%s) + $1))
	shift
	while ! "$@" >>"$work/log" 2>&1; do
		[ "$(date +%s)" -lt "$until" ] || return 1
		sleep 0.1
	done
}

# set ADDRESSES SUBNETS GATEWAYS DNS DHCP
nic_set()
{
	# shellcheck disable=SC2086 # options are words
	$PROBE ${PROBE_OPTIONS:-} -m "$guid=$link" set "$guid" "$@" >"$work/log" 2>&1
}

nic_get()
{
	# shellcheck disable=SC2086
	$PROBE ${PROBE_OPTIONS:-} -m "$guid=$link" get "$mac"
}

# has KEY VALUE - what the host would be answered
has()
{
	nic_get >"$work/get" 2>&1
	grep -qxF "$1=$2" "$work/get" && return
	cat "$work/get" >>"$work/log"
	return 1
}

# Static addresses, without the link's own.
addresses()
{
	nic_get | sed -n 's/^addresses=//p' | tr ';' '\n' | grep -v '^fe80' | sort | paste -sd' '
}

# are ADDRESS... - whether these are all
are()
{
	[ "$(addresses)" = "$(printf '%s\n' "$@" | sort | paste -sd' ')" ] && return
	echo "has $(addresses)" >"$work/has"
	return 1
}

leased()
{
	has dhcp 1 && addresses | grep -qE '(^| )203\.0\.113\.1[0-9][0-9]( |$)'
}

mtu_stays()
{
	[ "$(cat "/sys/class/net/$link/mtu")" = 1400 ] && return
	echo "the MTU is $(cat "/sys/class/net/$link/mtu")" >>"$work/log"
	return 1
}

route_stays()
{
	ip route show 198.51.100.0/24 dev "$link" | grep -q 'via 203.0.113.2'
}

#
# The tests, each of which goes on where the one before left the link
#

# expect_set NAME ADDRESSES SUBNETS GATEWAYS DNS DHCP
expect_set()
{
	name=$1
	shift
	nic_set "$@"
	result $? "$name: set"
}

expect()
{
	name=$1
	shift
	"$@"
	result $? "$name"
}

# fails NAME ERROR ADDRESSES... - refused with an error, and all is as it was
fails()
{
	name=$1
	error=$2
	shift 2
	before=$(addresses)
	state >"$work/before"
	status=0
	nic_set "$@" && status=1
	grep -qE "^error=($error)$" "$work/log" || status=1
	result $status "$name: an error"
	state >"$work/after"
	diff "$work/before" "$work/after" >>"$work/log"
	result $? "$name: files are as they were"
	# shellcheck disable=SC2086
	wait_for 15 are $before
	result $? "$name: the link has what it had"
}

: >"$work/log"
"${manager}_begin" >"$work/log" 2>&1
wait_for 30 leased
result $? 'DHCP, to begin with'
expect 'the lease has a default route' has gateways 203.0.113.1

expect_set static '203.0.113.20' 255.255.255.0 203.0.113.1 '203.0.113.53;203.0.113.54' 0
expect 'static: the address' are 203.0.113.20
expect 'static: the gateway' has gateways 203.0.113.1
expect 'static: no DHCP' has dhcp 0
expect 'static: the servers' has dns '203.0.113.53;203.0.113.54'
expect 'static: the MTU stays' mtu_stays
expect 'static: the other route stays' wait_for 5 route_stays

expect_set several '203.0.113.21;203.0.113.22;203.0.113.23' '255.255.255.0;24;/24' 203.0.113.1 '' 0
expect 'several: the addresses' are 203.0.113.21 203.0.113.22 203.0.113.23

expect_set both '203.0.113.24;2001:db8:1::24;2001:db8:1::25' '255.255.255.0;/64;64' \
	'203.0.113.1;2001:db8:1::1' '203.0.113.53;2001:db8:1::53' 0
expect 'both families: the addresses' are 203.0.113.24 2001:db8:1::24 2001:db8:1::25
expect 'both families: the gateways' has gateways '203.0.113.1;2001:db8:1::1'
expect 'both families: the servers' has dns '203.0.113.53;2001:db8:1::53'
expect 'both families: the host is told both' has family 3

fails 'no address' EINVAL '203.0.113.300' 255.255.255.0 '' '' 0
fails 'no mask' EINVAL '203.0.113.30' 255.0.255.0 '' '' 0
fails 'more than an address' EINVAL '203.0.113.30"; reboot; "' 24 '' '' 0
fails 'no server' EINVAL '203.0.113.30' 24 203.0.113.1 'dns.example' 0
fails "another machine's address" 'EADDRINUSE|ETIMEDOUT|ECHILD' '203.0.113.31;2001:db8:1::1' '24;64' '' '' 0

expect_set 'IPv6 alone' 2001:db8:1::26 64 2001:db8:1::1 2001:db8:1::53 1
expect 'IPv6 alone: IPv4 by DHCP' leased
expect 'IPv6 alone: the gateways' has gateways '203.0.113.1;2001:db8:1::1'

expect_set 'back to DHCP' '' '' '' '' 1
expect 'back to DHCP: a lease' leased
expect 'back to DHCP: no static address' wait_for 10 test "$(addresses | wc -w)" = 1
expect 'back to DHCP: the MTU stays' mtu_stays

"${manager}_refuse" >>"$work/log" 2>&1
fails 'a manager that refuses' '[A-Z]+' '203.0.113.40' 255.255.255.0 203.0.113.1 '' 0
"${manager}_allow" >>"$work/log" 2>&1
expect_set 'a manager that does again' '203.0.113.41' 255.255.255.0 203.0.113.1 '' 0
expect 'a manager that does again: the address' are 203.0.113.41

"${manager}_forget" >"$work/log" 2>&1
wait_for 10 are ''
result $? 'a link that nobody has set up'
expect_set 'a link that nobody has set up' '203.0.113.50' 255.255.255.0 203.0.113.1 203.0.113.53 0
expect 'a link that nobody has set up: the address' are 203.0.113.50
expect 'a link that nobody has set up: the gateway' has gateways 203.0.113.1
fails 'once more, wrongly' 'EADDRINUSE|ETIMEDOUT|ECHILD' '203.0.113.51;2001:db8:1::1' '24;64' '' '' 0

echo "1..$run"
rm -rf "$work"
[ $failed = 0 ]
