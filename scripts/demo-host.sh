#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The host's side of make demo: asks the guest for what each service does, and
# says in a line what was asked, what the guest did, and whether that is right.
# Run by "hvsim run ... -- scripts/demo-host.sh RELEASE".

set -u
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

PATH=$BUILD/hvsim:$PATH
release=$1
failed=0
vmbus=/sys/bus/vmbus/devices
heartbeat=$vmbus/fd149e91-82e0-4a7d-afa6-2a4166cbd7c0/ic
shutdown=$vmbus/b6650ff7-33bc-4840-8048-e0676786f393/ic
timesync=$vmbus/2dd1ce17-079e-403c-b352-a1921ee207ee/ic

green='' red='' plain=''
if [ "${DEMO_COLOUR:-no}" = yes ]; then
	green=$(printf '\033[32m') red=$(printf '\033[31m') plain=$(printf '\033[0m')
fi

# show SERVICE ASKED DID COMMAND... - one line; green if COMMAND succeeds
show()
{
	service=$1 asked=$2 did=$3
	shift 3
	if "$@"; then
		mark="${green}ok${plain}"
	else
		mark="${red}FAILED${plain}"
		failed=1
	fi
	printf '  %-10s %-47s %-56s %s\n' "$service" "$asked" "$did" "$mark"
}

guest()
{
	hvsim guest "$1" 2>/dev/null
}

# shellcheck disable=SC2317 # show runs it
# between LOW VALUE HIGH - whether a number lies between two
between()
{
	[ -n "$2" ] && [ "$2" -ge "$1" ] && [ "$2" -le "$3" ]
}

# shellcheck disable=SC2317 # show runs it
is()
{
	[ "$1" = "$2" ]
}

demo_heartbeat()
{
	beats=$(guest "cat $heartbeat/requests")
	versions=$(guest "cat $heartbeat/message_version")
	show heartbeat 'beats every two seconds' \
		"answered ${beats:-none}, in version ${versions:-none}" between 1 "$beats" 1000

	guest "echo critical >$heartbeat/application_state"
	hvsim heartbeat beat >/dev/null
	state=$(hvsim --json status | json application-state)
	show heartbeat 'how are the applications?' \
		"told \"critical\"; the host shows \"$state\"" is "$state" critical
	guest "echo auto >$heartbeat/application_state"
}

# json KEY - the first string or number of that name, of what is on stdin
json()
{
	tr ',{}' '\n' | sed -n "s/^ *\"$1\" *: *\"\{0,1\}\([^\"]*\)\"\{0,1\} *$/\1/p" | head -n 1
}

# The guest's clock and the host's, in milliseconds since 1970.
guest_ms()
{
	guest adjtimex | awk '/tv_sec/ { s = $2 } /tv_usec/ { printf "%d%03d\n", s, $2 / 1000 }'
}

host_ms()
{
	date +%s%3N
}

demo_time()
{
	guest "date -s @$(($(date +%s) - 86400))" >/dev/null
	hvsim time sync >/dev/null
	# all that can be told from here: the guest reads its clock between the two
	before=$(host_ms)
	shown=$(guest_ms)
	after=$(host_ms)
	show 'time sync' 'set your clock (which is a day behind)' \
		"set it: right to the $((after - before)) ms that it takes to ask" \
		between "$((before - 1))" "$shown" "$((after + 1))"

	hvsim time sample >/dev/null
	probe=$(guest hvsim_ptp)
	device=$(echo "$probe" | sed -n 's/^precise.device=//p')
	system=$(echo "$probe" | sed -n 's/^precise.realtime=//p')
	us=
	[ -z "$device" ] || us=$(((device - system) / 1000))
	show 'time sync' 'a time sample' \
		"PTP clock $(guest 'cat /sys/class/ptp/ptp0/clock_name'): host is ${us:-?} us ahead" \
		between -100000 "$us" 100000
}

demo_shutdown()
{
	start=$(host_ms)
	hvsim shutdown --delay 3 --message 'the demonstration is over' >/dev/null
	pending=$(guest "cat $shutdown/pending $shutdown/message" | paste -s -d ':' -)
	show shutdown 'power off in 3 s: "the demonstration is over"' "announces: $pending" \
		is "$pending" 'poweroff:the demonstration is over'
	hvsim wait guest-poweroff --timeout 30 >/dev/null
	down=$?
	took=$(($(host_ms) - start))
	show shutdown 'the delay is over' "powered off after $((took / 1000)).$((took % 1000 / 100)) s" \
		is "$down" 0
}

printf '\nhyperv-ics %s in a guest of kernel %s:\n' "$("$TOP/scripts/version.sh")" "$release"
guest 'dmesg | grep -o "Hypervisor detected.*\|Vmbus version.*"' | sed 's/^/  /'
printf '\n  %-10s %-47s %s\n' '' 'the host asks' 'the guest'
for service in "$heartbeat" "$shutdown" "$timesync"; do
	guest "until grep -q ready $service/state; do sleep 0.1; done" >/dev/null
done
demo_heartbeat
demo_time
demo_shutdown

printf '\nA machine to play with:  .build/hvsim/hvsim run --kernel 6.12\n'
printf '(in it: "hvsim status", "hvsim console" for a shell in the guest, "hvsim --help")\n\n'
exit "$failed"
