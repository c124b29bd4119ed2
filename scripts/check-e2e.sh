#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Boots Debian's kernels on the emulated host and tests the module in them: ours
# and, with the same tests, the in-tree one. Prints TAP.
#
#	KERNELS="6.1 7.2"	which kernels (default: all that kernel.sh knows); also
#				kasan and kcsan, for which see check-debug.sh
#	MODULES="ours"		which modules (default: ours in-tree)
#	TESTS="time hostile"	which groups of tests (default: all)
#	JOBS=1			machines that run at the same time (default: two a
#				processor, since they wait more than they work)

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

KERNELS=${KERNELS:-$("$TOP/scripts/kernel.sh" series)}
MODULES=${MODULES:-ours in-tree}
TESTS=${TESTS:-}
JOBS=${JOBS:-$((2 * $(nproc)))}
OUT=${E2E_OUT:-$BUILD/check/e2e}
# A run's time limit in seconds, several times what it takes.
LIMIT=600
LIMIT_DEBUG=3600

# groups MODULE - what may run side by side, a line each: the first takes one boot,
# the second many.
groups()
{
	if [ -n "$TESTS" ]; then
		echo "$TESTS"
	else
		echo "boot versions heartbeat time hostile lifecycle"
		echo "shutdown"
		# a host that offers a service twice breaks the in-tree module
		[ "$1" != ours ] || echo "offers"
	fi
}

jobs_list()
{
	for kernel in $KERNELS; do
		case $kernel in
		kasan) more=' concurrency debug' ;;
		kcsan) more=' concurrency' ;;
		*) more= ;;
		esac
		for module in $MODULES; do
			groups "$module" | while read -r group; do
				echo "$kernel $module $group$more"
			done
		done
	done
}

# job_run NAME KERNEL MODULE GROUP... - one machine; its TAP in $OUT/NAME.tap
job_run()
{
	name=$1 kernel=$2 module=$3
	shift 3
	limit=$LIMIT
	more=
	case " $* " in
	*" offers "*)
		more='--bus qemu --qemu-arg -chardev --qemu-arg null,id=again --qemu-arg -device --qemu-arg hv-ic-heartbeat-again,chardev=again'
		;;
	esac
	case $kernel in
	kasan | kcsan)
		limit=$LIMIT_DEBUG
		export E2E_PATIENCE=3
		more="$more $("$TOP/scripts/debug-kernel.sh" machine "$kernel")"
		;;
	esac
	start=$(date +%s)
	status=0
	# shellcheck disable=SC2086 # several words
	"$BUILD/hvsim/hvsim" run $more --kernel "$kernel" --module "$module" --guest-modules brd \
		--initramfs-add "$TOP/tools/hv/hv_power_event:/usr/libexec/hyperv-ics/hv_power_event" \
		--timeout "$limit" --output "$OUT/$name" -- \
		"$BUILD/e2e/e2e" "$module" "$kernel" "$@" \
		>"$OUT/$name.tap" 2>"$OUT/$name.log" </dev/null || status=$?
	echo "# status $status, $(($(date +%s) - start)) s" >>"$OUT/$name.tap"
}

# Puts the TAP of all jobs into one, each test under the name of its machine.
# What stopped without a plan is a failure of its own.
tap_merge()
{
	n=0
	while read -r kernel module group; do
		n=$((n + 1))
		awk -v machine="$kernel $module" -v group="$group" -v logfile="$OUT/$n.log" '
		/^(not )?ok [0-9]+/ {
			result = /^not/ ? "not ok" : "ok"
			sub(/^(not )?ok [0-9]+ (- )?/, "")
			print result "\t" machine ": " $0
			next
		}
		/^1\.\.[0-9]+$/ { plan = substr($0, 4); next }
		/^TAP version/ { next }
		/^# status / { print; next }
		/^Bail out!/ { bail = $0 }
		{ print (/^#/ ? $0 : "# " $0) }
		END {
			if (plan == "") {
				why = bail == "" ? "it stopped in the middle" : bail
				print "not ok\t" machine ": " group ": " why "; see " logfile
			}
		}' "$OUT/$n.tap"
	done <"$OUT/jobs" | awk -F '\t' '
	/^(not )?ok\t/ { print $1 " " ++n " - " $2; next }
	{ print }
	END { print "1.." n + 0 }'
}

main()
{
	make -s -C "$TOP/tools/hvsim" >&2
	make -s -C "$TOP/tools/testing/e2e" >&2
	rm -rf "$OUT"
	mkdir -p "$OUT"
	for kernel in $KERNELS; do
		case " $MODULES " in
		*" ours "*) "$TOP/scripts/build-module.sh" "$kernel" >/dev/null ;;
		esac
	done

	jobs_list >"$OUT/jobs"
	n=0
	while read -r kernel module group; do
		n=$((n + 1))
		echo "$n $kernel $module $group"
	done <"$OUT/jobs" | xargs -P "$JOBS" -L 1 "$0" --job

	echo "TAP version 13"
	tap_merge | tee "$OUT/all.tap"
	# no test at all is no success
	grep -q '^ok' "$OUT/all.tap" &&
		! grep '^not ok' "$OUT/all.tap" | grep -qv '# TODO' &&
		! grep -q '^ok .*# TODO' "$OUT/all.tap"
}

case ${1:-} in
--job)
	shift
	job_run "$@"
	;;
'') main ;;
*) die "usage: [KERNELS=...] [MODULES=...] [TESTS=...] scripts/check-e2e.sh" ;;
esac
