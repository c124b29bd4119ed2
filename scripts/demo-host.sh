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
heartbeat=$(ic_attributes heartbeat)
shutdown=$(ic_attributes shutdown)
timesync=$(ic_attributes timesync)
vss=$(ic_attributes vss)
kvp=$(ic_attributes kvp)
fcopy=$(ic_attributes fcopy)

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

# item KEY - what the guest says of itself, of the list that is on stdin
item()
{
	awk -v key="$1" '$2 == key { print $3 }'
}

demo_kvp()
{
	mac=00:15:5d:0a:0b:0c
	guest "hostname demo.example.org; ip link add eth0 type dummy; ip link set eth0 address $mac up
		ip addr add 192.0.2.7/24 dev eth0; mkdir -p /var/lib; hv_kvp_daemon"

	hvsim kvp set Role database >/dev/null
	role=$(guest 'hvic kvp get Role')
	show KVP 'know that your role is "database"' "\"hvic kvp get Role\" prints \"$role\"" is "$role" database

	items=$(hvsim kvp intrinsic)
	name=$(echo "$items" | item FullyQualifiedDomainName)
	show KVP 'who are you, and what do you run?' "$name, $(echo "$items" | item OSPlatformId) $(echo "$items" |
		item OSVersion), $(echo "$items" | item ProcessorArchitecture)" is "$name" demo.example.org

	address=$(hvsim kvp get-ip $mac | awk '/^Address/ { print $2; exit }')
	show KVP "which addresses has $mac?" "$address" is "$address" 192.0.2.7/24
}

# shellcheck disable=SC2317 # show runs it
clean()
{
	e2fsck -fn "$1" >/dev/null 2>&1
}

# The copy of the disk is looked at here, as a host's backup would be when it is restored.
demo_vss()
{
	copy=$BUILD/demo.copy
	rm -f "$copy"
	guest 'mkdir -p /mnt /run && mount -t ext4 /dev/vda /mnt && hv_vss_daemon &&
		(while :; do echo line; done >>/mnt/log 2>/dev/null &) && sleep 1' >/dev/null
	hvsim backup --keep "$copy" >/dev/null
	status=$(guest 'hvic --json vss status')
	show VSS 'freeze, I copy your disk while you write to it' \
		"frozen for $(echo "$status" | json frozen_ms) ms, and thawed" is "$(echo "$status" | json result)" ok
	show VSS '(looks at the copy)' 'e2fsck finds nothing to mend' clean "$copy"
	[ "$failed" = 1 ] || rm -f "$copy"
	hvsim backup step freeze >/dev/null
	guest "kill -9 \$(pidof hv_vss_daemon); sleep 0.2" >/dev/null
	frozen=$(guest "cat $vss/frozen")
	show VSS 'freeze (and somebody kills the daemon)' "file systems frozen 0.2 s later: $frozen" \
		is "$frozen" 0
}

demo_fcopy()
{
	guest "mkdir -p /tmp /run /var/lib; hv_fcopy_daemon; until grep -q ready $fcopy/daemon; do sleep 0.1; done"
	file=$BUILD/demo-Grüße.bin
	head -c 2000000 /dev/urandom >"$file"
	sum=$(sha256sum <"$file")
	hvsim copy "$file" /tmp/new/ --create-path >/dev/null
	got=$(guest "sha256sum </tmp/new/demo-Grüße.bin")
	rate=$(guest 'hvic --json copy status' | json rate)
	same='other than what was sent'
	[ "$got" != "$sum" ] || same="whole, at $((${rate:-0} / 1000)) kB/s"
	show 'file copy' 'put 2 MB into /tmp/new/, and make that' "$same" is "$got" "$sum"
	rm -f "$file"

	why=$(hvsim copy "$TOP/README" /etc/ 2>&1)
	answer='wrote it'
	case $why in
	*0x80070005*) answer='"access denied": /etc is not allowed' ;;
	esac
	show 'file copy' 'put README into /etc/' "$answer" is "$answer" '"access denied": /etc is not allowed'
}

# An account with a password, PAM for it, and a shell in the place of PowerShell, which
# there is none of in this guest.
psdirect_setup()
{
	guest "mkdir -p /etc/pam.d /home/demo /run
		printf '%s\n' 'demo:x:1000:1000::/home/demo:/bin/sh' 'nobody:x:65534:65534::/:/bin/false' >>/etc/passwd
		printf '%s\n' 'demo:x:1000:' 'nogroup:x:65534:' >>/etc/group
		echo \"demo:\$(mkpasswd -m sha512 '$1' demodemo):19000:0:99999:7:::\" >>/etc/shadow
		chown 1000:1000 /home/demo
		for part in auth account session; do echo \"\$part required pam_unix.so nodelay\"; done >/etc/pam.d/hv-psdirect
		printf '[psdirect]\nfail_seconds = 0\n[psdirect sh]\ncommand = /bin/sh\n' >>/etc/hyperv-ics.conf
		hv_psdirect_daemon"
}

demo_psdirect()
{
	psdirect_setup 'a secret of the demo'
	# shellcheck disable=SC2016 # for the shell in the guest
	said=$(echo 'echo "$USER@$(uname -r)"' |
		HVSIM_PS_PASSWORD='a secret of the demo' hvsim ps --user demo --configuration sh --stdio)
	show PowerShell 'log in as "demo", and tell your user and kernel' "a session without network: $said" \
		is "$said" "demo@$(guest 'uname -r')"
	why=$(HVSIM_PS_PASSWORD='a guess' hvsim ps --user demo --configuration sh --stdio 2>&1 </dev/null)
	answer="let it in: $why"
	case $why in
	*'The credential is invalid'*) answer='"the credential is invalid"' ;;
	esac
	show PowerShell 'log in as "demo", with a guess for the password' "$answer" is "$answer" \
		'"the credential is invalid"'
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
for service in "$heartbeat" "$shutdown" "$timesync" "$kvp" "$vss" "$fcopy"; do
	guest "until grep -q ready $service/state; do sleep 0.1; done" >/dev/null
done
demo_heartbeat
demo_time
demo_kvp
demo_vss
demo_fcopy
demo_psdirect
demo_shutdown

printf '\nA machine to play with:  .build/hvsim/hvsim run --kernel 6.12\n'
printf '(in it: "hvsim status", "hvsim console" for a shell in the guest, "hvsim --help")\n\n'
exit "$failed"
