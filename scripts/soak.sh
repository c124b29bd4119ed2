#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Lets the module live with a host that means ill for as long as one likes: hostile
# packets to all services and messages of the bus, behaviours by name, good traffic,
# services disabled and enabled, daemons killed and the module reloaded amid all that. Ends
# with what was sent, answered and refused, and with what the kernel has to say.
#
#	MINUTES=10		how long (default: 10)
#	KERNEL=kasan		the guest's kernel (default: 6.12); kasan finds most
#	MODULE=in-tree		the module (default: ours)
#	SEED=1			of the first round; each has its own

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/guest.sh
. "$(dirname "$0")/guest.sh"

MINUTES=${MINUTES:-10}
KERNEL=${KERNEL:-6.12}
MODULE=${MODULE:-ours}
SEED=${SEED:-1}
OUT=$BUILD/check/soak
# Seconds that the guest may say nothing. To reload the module amid a flood takes a kernel
# that watches each access two minutes and more where the host is emulated as well.
PATIENCE=120
[ "$KERNEL" != kasan ] || PATIENCE=480
# The in-tree module agrees on no versions for a service whose daemon is away.
SERVICES='heartbeat shutdown timesync'
[ "$MODULE" != ours ] || SERVICES="$SERVICES kvp vss fcopy"
# Packets for each service in each part of a round.
PACKETS=5000
# What leaves the rings as they are and loses no answer, so that all can be counted.
TAME=good,type,pipe,header,sizes,versions,body,cut,long,noise,reply,twice,reordered,descriptor

# ---- beside the machine ----

# step COMMAND... - run it, keep what it says; the soak ends where one fails.
step()
{
	echo "+ $*" >>"$log"
	"$@" >>"$log" 2>&1 || fail "$*"
}

# fail WHAT - end the soak, but not without its summary.
fail()
{
	echo "FAILED in round $round: $1" | tee -a "$log" >&2
	failed=$1
	finish
}

# Driver and services are there, and have agreed on versions.
ready()
{
	for service in $SERVICES; do
		step hvsim service enable "$service"
	done
}

# Whatever they are doing. What hostile packets have set is not to fill the guest.
daemons_kill()
{
	# shellcheck disable=SC2016 # the guest's shell expands it
	step hvsim guest 'for daemon in $(pidof hv_kvp_daemon); do kill -9 $daemon; done
		while pidof hv_kvp_daemon >/dev/null; do sleep 0.1; done; rm -f /var/lib/hyperv/.kvp_pool_*'
	kills=$((kills + 1))
}

daemons_start()
{
	step hvsim guest 'mkdir -p /var/lib && hv_kvp_daemon'
}

# A daemon that has its device open is a user of the module.
reload()
{
	daemons_kill
	step hvsim guest 'rmmod hv_utils && modprobe hv_utils'
	daemons_start
	reloads=$((reloads + 1))
}

# Prints how many packets of a service have been sent.
sent()
{
	hvsim --json status | awk -F '[ ,:]+' '/"sent"/ { sum += $3 } END { print sum + 0 }'
}

# The module is not to be away before the packets have begun to come.
fuzz_await()
{
	before=$(sent)
	until [ "$(($(sent) - before))" -gt 300 ]; do
		kill -0 $fuzz 2>/dev/null || break
	done
}

# Packets that break rings, and messages of the bus, while the module comes and goes.
chaos()
{
	hvsim fuzz --count $PACKETS --seed "$1" --first $PACKETS --bus-messages 100 --timeout $PATIENCE \
		>"$HVSIM_OUTPUT/chaos" 2>&1 &
	fuzz=$!
	fuzz_await
	reload
	hvsim guest 'sleep 3'
	reload
	status=0
	wait $fuzz || status=$?
	cat "$HVSIM_OUTPUT/chaos" >>"$log"
	[ "$status" = 0 ] || fail "hvsim fuzz --count $PACKETS --seed $1 --first $PACKETS during reloads"
	ready
}

# Some behaviours each round, each time towards another service.
behave()
{
	hvsim misbehave list | awk -v turn="$round" '
		NR > 1 && ($2 == "any" || $2 == "hvsim") && NR % 6 == turn % 6 { print $1 }' |
	while read -r behaviour; do
		service=$(echo "$SERVICES" | cut -d ' ' -f $((round % $(echo "$SERVICES" | wc -w) + 1)))
		[ "$behaviour" != time-jumps ] || service=timesync
		echo "+ hvsim misbehave $behaviour --service $service --seed $1" >>"$log"
		hvsim misbehave "$behaviour" --service "$service" --seed "$1" --timeout $PATIENCE >>"$log" 2>&1 ||
			echo "$behaviour towards $service" >>"$HVSIM_OUTPUT/unstood"
	done
	[ ! -e "$HVSIM_OUTPUT/unstood" ] || fail "hvsim misbehave $(head -n 1 "$HVSIM_OUTPUT/unstood") --seed $1"
}

good()
{
	step hvsim burst heartbeat --count 2000
	step hvsim burst timesync --count 500
	step hvsim burst shutdown --count 500 --kind negotiate
	[ "$MODULE" != ours ] || step hvsim burst kvp --count 500 --window 4
	[ "$MODULE" != ours ] || step hvsim burst vss --count 500
	[ "$MODULE" != ours ] || step hvsim burst fcopy --count 500 --window 4
	for service in $SERVICES; do
		step hvsim service disable "$service"
		step hvsim service enable "$service"
	done
}

complaints()
{
	guest_complaints >"$HVSIM_OUTPUT/complaints" || {
		cp "$HVSIM_OUTPUT/dmesg" "$HVSIM_OUTPUT/dmesg.bad"
		fail "the kernel complains: $(head -n 1 "$HVSIM_OUTPUT/complaints")"
	}
}

# Sums up the tables of hvsim fuzz, and counts what else there was.
summary()
{
	awk -v rounds="$round" -v reloads="$reloads" -v kills="$kills" -v services="$SERVICES" -v seconds="$(($(date +%s) - began))" '
		index(" " services " ", " " $1 " ") && NF == 8 {
			for (i = 2; i <= 8; i++) {
				sum[$1, i] += $i
				all[i] += $i
			}
		}
		/^Messages of VMBus:/ { messages += $4 }
		/: the guest stands it$/ { behaviours++ }
		/^Requests:.* sent, / { good += $4 }
		END {
			printf "\n%d rounds in %d s: %d hostile packets, %d answered; %d messages of the bus, " \
				"%d behaviours, %d good requests answered, %d reloads, daemons killed %d times\n\n",
				rounds, seconds, all[2], all[3], messages, behaviours, good, reloads, kills
			printf "%-10s %9s %9s %9s %9s %9s %9s %9s\n", "SERVICE", "SENT", "ANSWERED",
				"REFUSED*", "DROPPED*", "PROOFS", "NEW RINGS", "CLOSED"
			for (n = split(services, names, " "); n; n--) {
				printf "%-10s", names[n]
				for (i = 2; i <= 8; i++)
					printf " %9d", sum[names[n], i]
				print ""
			}
			print "\n* as the guest counts them, where it was not reloaded meanwhile"
		}' "$log"
}

finish()
{
	summary
	anomalies=$(hvsim --json anomalies | sed -n 's/^ *"count": *\([0-9]*\).*/\1/p')
	echo "Anomalies noted by the host: ${anomalies:-unknown}"
	lost=$(guest_leaks) || failed=${failed:-memory is lost}
	echo "Memory that is lost: $lost"
	if [ -n "$failed" ]; then
		echo "FAILED: $failed; see $OUT"
		exit 1
	fi
	echo "The guest stands it."
	exit 0
}

soak()
{
	PATH=$BUILD/hvsim:$PATH
	log=$HVSIM_OUTPUT/soak.log
	began=$(date +%s)
	round=0 reloads=0 kills=0 failed=
	: >"$log"
	daemons_start
	while [ $(($(date +%s) - began)) -lt $((MINUTES * 60)) ]; do
		seed=$((SEED + round))
		round=$((round + 1))
		step hvsim fuzz --count $PACKETS --seed $seed --kinds $TAME --timeout $PATIENCE
		chaos $seed
		behave $seed
		good
		daemons_kill
		daemons_start
		complaints
		note "round $round, $(($(date +%s) - began)) s of $((MINUTES * 60))"
	done
	finish
}

# ---- outside ----

main()
{
	make -s -C "$TOP/tools/hvsim" >&2
	make -s -C "$TOP/tools/hv" >&2
	[ "$MODULE" != ours ] || "$TOP/scripts/build-module.sh" "$KERNEL" >/dev/null
	rm -rf "$OUT"
	mkdir -p "$OUT"
	more=
	case $KERNEL in
	kasan | kcsan) more=$("$TOP/scripts/debug-kernel.sh" machine "$KERNEL") ;;
	esac
	export MINUTES SEED MODULE
	# a round that has begun is brought to its end
	# shellcheck disable=SC2046,SC2086 # several words
	"$BUILD/hvsim/hvsim" run $more $("$TOP/scripts/guest-programs.sh" "$BUILD/hv/hv_kvp_daemon:/usr/sbin/hv_kvp_daemon") \
		--bus hvsim --kernel "$KERNEL" --module "$MODULE" \
		--timeout $((MINUTES * 60 + 1800)) --output "$OUT" -- "$0" --soak || {
		status=$?
		[ $status = 1 ] || echo "FAILED: the machine ended with status $status; see $OUT"
		exit 1
	}
}

case ${1:-} in
--soak) soak ;;
'') main ;;
*) die "usage: [MINUTES=...] [KERNEL=...] [MODULE=...] [SEED=...] scripts/soak.sh" ;;
esac
