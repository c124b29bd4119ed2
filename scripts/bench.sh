#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Measures what a host's requests cost the guest: with our module and our daemon, and
# with the in-tree module and Debian's daemon, on the same emulated host and in the same
# Debian, one after the other. Prints a table; tables, figures and plots are in
# .build/bench. Documentation/bench.rst says what is measured, and how.
#
#	KERNELS="6.1 7.2"	in which kernels (default: 6.12)
#	TESTS="items idle"	what of heartbeat, addresses, items, copy, memory, idle, vss and
#				psdirect (default: all), and large, which takes half an hour

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

KERNELS=${KERNELS:-6.12}
TESTS=${TESTS:-heartbeat addresses items copy memory idle vss psdirect}
BENCH=$TOP/tools/testing/bench
OUT=$BUILD/bench
# A machine's time limit in seconds, several times what it takes.
LIMIT=1200
LIMIT_LARGE=7200

# for what comes and goes through it
PATH=$BUILD/hvsim:$PATH

# Disks that are frozen; in-tree leaves loop devices out.
disks_make()
{
	need e2fsprogs
	for i in 0 1 2 3 4 5 6 7; do
		truncate -s 160M "$1.$i" && mke2fs -q -F -t ext4 -L "b$i" "$1.$i"
	done
}

# machine_run KERNEL MODULE - its figures are added to $OUT/figures.tsv
machine_run()
{
	kernel=$1 module=$2
	log=$OUT/$kernel-$module
	modules=dummy
	# what Debian's daemon of file copy needs there, and must not be there with ours
	[ "$module" != in-tree ] || modules=dummy,uio_hv_generic
	image=$("$TOP/scripts/guest-image.sh" "$kernel") || exit 1
	case " $TESTS " in
	*' vss '*) modules=$modules,loop ;;
	esac
	case " $TESTS " in
	*' psdirect '*) modules=$modules,hv_sock ;;
	esac
	set -- --kernel "$kernel" --module "$module" --root "$image" --memory 1024 --guest-modules "$modules" \
		--no-heartbeat --no-time --no-kvp --append systemd.condition_needs_update=no \
		--timeout $LIMIT --output "$log"
	# shellcheck disable=SC2046 # several words
	[ "$module" = in-tree ] || set -- "$@" $("$TOP/scripts/guest-daemons.sh")
	case " $TESTS " in
	*' vss '*)
		disks_make "$log.disk"
		set -- "$@" --initramfs-add "$OUT/bench_writer:/usr/bin/bench_writer"
		for i in 0 1 2 3 4 5 6 7; do set -- "$@" --disk "$log.disk.$i"; done
		set -- "$@" --memory 1536
		;;
	esac
	case "$module: $TESTS " in
	'ours:'*' psdirect '*)
		# shellcheck disable=SC2046 # several words
		set -- "$@" $("$TOP/scripts/guest-daemons.sh" psdirect) \
			--initramfs-add "$BUILD/hvsim/guest/hvsim_vsock:/usr/bin/hvsim_vsock"
		;;
	esac
	case " $TESTS " in
	*' large '*)
		need e2fsprogs
		truncate -s 3G "$log.disk.large" && mke2fs -q -F -t ext4 -L large "$log.disk.large"
		set -- "$@" --disk "$log.disk.large" --timeout $LIMIT_LARGE
		;;
	esac
	note "measuring the $module module in $kernel"
	# shellcheck disable=SC2086 # one word a group
	"$BUILD/hvsim/hvsim" run "$@" -- "$OUT/bench" "$module" "$kernel" $TESTS \
		>"$log.tsv" 2>"$log.log" </dev/null ||
		die "$(tail -n 1 "$log.log"); see $log.log and $log/console.log"
	rm -f "$log".disk.*
	cat "$log.tsv" >>"$OUT/figures.tsv"
}

# login_run - logins and an idle daemon on this machine, which is no nested guest
login_run()
{
	note "measuring logins by PowerShell Direct on this machine"
	"$OUT/bench_login" >>"$OUT/figures.tsv" || exit 1
}

for part in hvsim hv hvic testing/psdirect testing/bench; do
	make -s -C "$TOP/tools/$part" >&2
done
rm -rf "$OUT"/*.tsv "$OUT"/*.svg "$OUT/table.txt"
: >"$OUT/figures.tsv"
for kernel in $KERNELS; do
	"$TOP/scripts/build-module.sh" "$kernel" >/dev/null
	# nothing to compare a large file with
	case $TESTS in
	large | psdirect) ;;
	*) machine_run "$kernel" in-tree ;;
	esac
	machine_run "$kernel" ours
done
case " $TESTS " in
*' psdirect '*) login_run ;;
esac
awk -f "$BENCH/table.awk" "$OUT/figures.tsv" >"$OUT/table.txt"
cat "$OUT/table.txt"
case " $TESTS " in
*' items '*)
	for kernel in $KERNELS; do
		awk -v "kernel=$kernel" -f "$BENCH/plot.awk" "$OUT/figures.tsv" >"$OUT/items-$kernel.svg"
		echo "Plot: $OUT/items-$kernel.svg"
	done
	;;
esac
