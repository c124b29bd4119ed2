#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sends a million hostile packets to each service of a kernel that looks for faults,
# with our daemons behind it, and good ones after each 10,000; then looks for memory
# that was lost, and whether every file system takes a write. Takes half an hour a
# service. Prints TAP.
#
#	SERVICES="kvp vss"	which services (default: all)
#	COUNT=100000		packets to each (default: 1000000)
#	FIRST=500000		number of the first packet (default: 0)
#	SEED=7			which packets (default: 1)
#	KERNEL=6.12		which kernel (default: kasan)
#	JOBS=1			machines that run at the same time (default: one a processor)

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tools/testing/check/tap.sh
. "$TOP/tools/testing/check/tap.sh"
# shellcheck source=scripts/guest.sh
. "$(dirname "$0")/guest.sh"

SERVICES=${SERVICES:-heartbeat shutdown timesync kvp vss fcopy}
COUNT=${COUNT:-1000000}
FIRST=${FIRST:-0}
SEED=${SEED:-1}
KERNEL=${KERNEL:-kasan}
JOBS=${JOBS:-$(machines_default)}
OUT=$BUILD/check/packets
# After so many, it is seen how the guest is, and another machine can go on.
PART=100000
# Machines that may be lost to their emulation, for each service.
MACHINES=10

# ---- beside the machine: each line that begins with a word in capitals is read outside ----

# daemon_start SERVICE - ours, where the service has one.
daemon_start()
{
	hvsim guest 'mkdir -p /var/lib/hyperv /run /etc /mnt /home && mount /dev/vda /mnt &&
		mount -t tmpfs -o size=32m tmp /tmp && mount -t tmpfs -o size=16m home /home'
	case $1 in
	kvp | vss | fcopy) hvsim guest "hv_$1_daemon && sleep 1 && pidof hv_$1_daemon" >/dev/null ;;
	esac
}

# packets_send SERVICE FROM TO - in parts; how far it came is said after each.
packets_send()
{
	part_first=$2
	while [ "$part_first" -lt "$3" ]; do
		part_count=$(($3 - part_first))
		[ "$part_count" -le $PART ] || part_count=$PART
		hvsim fuzz "$1" --count "$part_count" --first "$part_first" --seed "$SEED" --timeout 120 || {
			echo "FAILED hvsim fuzz $1 --count $part_count --first $part_first --seed $SEED"
			return 1
		}
		part_first=$((part_first + part_count))
		guest_complaints | sed 's/^/REPORT /'
		echo "SENT $part_first"
	done
}

# Nothing is left frozen, and nothing is lost, when all is done.
aftermath()
{
	hvsim guest 'echo x >/mnt/written && sync && echo WRITTEN'
	echo "LEAKS $(guest_leaks)"
	sed 's/^/#   /' "$HVSIM_OUTPUT/leaks" 2>/dev/null | head -n 40
}

machine_attend()
{
	PATH=$BUILD/hvsim:$PATH
	daemon_start "$1"
	packets_send "$@"
	aftermath
}

# ---- outside ----

# machine_run SERVICE FROM - one machine, for as long as it lasts
machine_run()
{
	rm -f "$OUT/$1.disk"
	truncate -s 32M "$OUT/$1.disk" && mkfs.ext4 -q "$OUT/$1.disk"
	machine=
	modules='--guest-modules ext4'
	case $KERNEL in
	kasan | kcsan) machine=$("$TOP/scripts/debug-kernel.sh" machine "$KERNEL") modules= ;;
	esac
	daemon=
	case $1 in
	kvp | vss | fcopy) daemon="$BUILD/hv/hv_$1_daemon:/usr/sbin/hv_$1_daemon" ;;
	esac
	# shellcheck disable=SC2046,SC2086 # several words
	"$BUILD/hvsim/hvsim" run $machine $modules --kernel "$KERNEL" --module ours --timeout 14400 \
		--output "$OUT/$1" --disk "$OUT/$1.disk" \
		${daemon:+$("$TOP/scripts/guest-programs.sh" $daemon)} -- "$0" --attend "$1" "$2" $((FIRST + COUNT))
}

# said WORD SERVICE - what was said behind a word
said()
{
	sed -n "s/^$1 *//p" "$OUT/$2.log"
}

# service_run SERVICE - as many machines as it takes; what they said is in $OUT/SERVICE.log
service_run()
{
	: >"$OUT/$1.log"
	machines=0
	while [ $machines -lt $MACHINES ]; do
		machines=$((machines + 1))
		from=$(said SENT "$1" | tail -n 1)
		status=0
		machine_run "$1" "${from:-$FIRST}" >>"$OUT/$1.log" 2>&1 </dev/null || status=$?
		[ $status != 0 ] || break
		emulation_failed "$OUT/$1/console.log" || break
		echo "LOST machine $machines, to its emulation" >>"$OUT/$1.log"
	done
	echo "ENDED $status" >>"$OUT/$1.log"
}

all_stood()
{
	said FAILED "$1"
	[ "$(said SENT "$1" | tail -n 1)" = $((FIRST + COUNT)) ] && [ "$(said ENDED "$1")" = 0 ] && return 0
	tail -n 20 "$OUT/$1.log"
	return 1
}

# What was reported is shown as the kernel did: the console has it all.
none_reported()
{
	{ said REPORT "$1" && awk -f "$TOP/tools/testing/check/reports.awk" "$OUT/$1/console.log"; } >"$OUT/$1.reports" &&
		[ ! -s "$OUT/$1.reports" ] && return 0
	cat "$OUT/$1.reports"
	grep -m 1 -A 60 -F -e "$(head -n 1 "$OUT/$1.reports")" "$OUT/$1/console.log" || tail -n 60 "$OUT/$1/console.log"
	return 1
}

# The kernel of a release does not look for it, and then nobody may say that there is none.
none_lost()
{
	sed -n '/^LEAKS/,$p' "$OUT/$1.log"
	[ "$(said LEAKS "$1")" = none ]
}

written()
{
	grep -x WRITTEN "$OUT/$1.log"
}

service_check()
{
	tap_check "$1: $COUNT hostile packets from $FIRST of seed $SEED are stood, and good ones answered" all_stood "$1"
	tap_check "$1: the kernel reports nothing" none_reported "$1"
	case $KERNEL in
	kasan) tap_check "$1: no memory is lost" none_lost "$1" ;;
	esac
	tap_check "$1: the file system takes a write" written "$1"
	awk -v service="$1" '$1 == service && NF == 8 { for (i = 2; i <= 8; i++) sum[i] += $i }
		/^LOST/ { print "#   " $0 }
		END {
			printf "#   %d sent, %d answered, %d refused, %d dropped, %d proofs, " \
				"%d new rings, closed %d times\n", sum[2], sum[3], sum[4], sum[5], sum[6], sum[7], sum[8]
		}' "$OUT/$1.log"
}

main()
{
	need e2fsprogs
	make -s -C "$TOP/tools/hvsim" >&2
	make -s -C "$TOP/tools/hv" >&2
	"$TOP/scripts/build-module.sh" "$KERNEL" >/dev/null
	mkdir -p "$OUT"
	# what was found in others before is kept
	for service in $SERVICES; do
		rm -rf "${OUT:?}/$service" "${OUT:?}/$service".*
	done
	tap_begin
	export COUNT FIRST SEED KERNEL
	# shellcheck disable=SC2086 # one word a service
	printf '%s\n' $SERVICES | xargs -P "$JOBS" -L 1 "$0" --service
	for service in $SERVICES; do
		service_check "$service"
	done
	tap_end
}

case ${1:-} in
--attend)
	shift
	machine_attend "$@"
	;;
--service) service_run "$2" ;;
'') main ;;
*) die "usage: [SERVICES=...] [COUNT=...] [FIRST=...] [SEED=...] [KERNEL=...] scripts/check-packets.sh" ;;
esac
