#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: [FUZZ_SECONDS=6] [TESTS="NAME..."] scripts/check-fuzz.sh
#
# Has libFuzzer look for an input that breaks a target of tools/testing/fuzz, for
# some seconds each, two at a time; prints TAP. An input that does is kept. What a
# run finds out of the way is kept too, and the next run starts from there.

set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/tools/testing/check/tap.sh"

FUZZ=$TOP/tools/testing/fuzz
OUT=$BUILD/fuzz
seconds=${FUZZ_SECONDS:-6}
case $seconds in
'' | *[!0-9]* | 0*) die "FUZZ_SECONDS is '$seconds': give a number of seconds, 1 or more" ;;
esac

# NAME.seeds, in the folder of the target, has an input a line, in hexadecimal.
seeds_write()
{
	mkdir -p "$OUT/$1.corpus"
	seeds=$(find "$FUZZ" -name "$1.seeds")
	[ -n "$seeds" ] || return 0
	# shellcheck disable=SC2016 # for perl
	perl -e '
		while (<STDIN>) {
			next if /^#|^\s*$/;
			s/\s//g;
			die "line $. is not hexadecimal\n" if /[^0-9a-f]/ || length($_) % 2;
			open(my $file, ">:raw", "$ARGV[0]/seed-$.") or die "$ARGV[0]: $!\n";
			print $file pack("H*", $_);
		}' "$OUT/$1.corpus" <"$seeds" || die "$seeds cannot be read"
}

# Runs a target and leaves its exit code in a file, as several run at a time.
target_run()
{
	rm -f "$OUT/$1".crash-* "$OUT/$1".timeout-* "$OUT/$1".oom-* "$OUT/$1".leak-*
	status=0
	"$OUT/$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=4096 \
		-print_final_stats=1 -artifact_prefix="$OUT/$1." "$OUT/$1.corpus" \
		>"$OUT/$1.log" 2>&1 </dev/null || status=$?
	echo $status >"$OUT/$1.status"
}

target_report()
{
	status=$(cat "$OUT/$1.status")
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$OUT/$1.log")
	tap_result "$status" "$1: no input breaks it"
	if [ "$status" = 0 ]; then
		echo "# $1: ${runs:-0} runs, $((${runs:-0} / seconds)) a second"
		return
	fi
	grep -E 'ERROR|runtime error|does not hold|SUMMARY' "$OUT/$1.log" | tap_diag
	for input in "$OUT/$1".crash-* "$OUT/$1".timeout-* "$OUT/$1".oom-* "$OUT/$1".leak-*; do
		[ ! -e "$input" ] || echo "# again with: $OUT/$1 $input"
	done
	echo "# all of it: $OUT/$1.log"
}

fuzz_build()
{
	make -s -C "$FUZZ" "OUT=$OUT" all
}

# the Makefile knows which libraries it needs
need clang make perl libc6-dev linux-libc-dev
need "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
tap_begin
tap_check 'the fuzz targets build without a warning' fuzz_build
targets=${TESTS:-$(make -s -C "$FUZZ" "OUT=$OUT" list | xargs -n1 basename)}

for target in $targets; do
	[ -x "$OUT/$target" ] || die "there is no fuzz target '$target' in $FUZZ"
	seeds_write "$target"
done

# two at a time: the one that is slower is waited for
running=
for target in $targets; do
	target_run "$target" &
	[ -z "$running" ] || wait "$running"
	running=$!
done
wait
for target in $targets; do
	target_report "$target"
done
tap_end
