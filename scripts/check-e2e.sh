#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Boots Debian's kernels on the emulated host and tests the module in them: ours
# and, with the same tests, the in-tree one. Prints TAP.
#
#	KERNELS="6.1 7.2"	which kernels get all tests (default: 6.12, without what
#				takes longest, and of the others that kernel.sh knows our
#				module's first machine and a smoke test or two); also kasan and kcsan, for which
#				see check-debug.sh
#	MODULES="ours"		which modules (default: ours in-tree)
#	TESTS="time hostile"	which groups of tests (default: all)
#	JOBS=1			machines that run at the same time (default: as many as
#				processors and memory allow; with more, emulation fails more often)

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

SOME=
WIDE=${KERNELS:-}${TESTS:-}
if [ -z "${KERNELS:-}" ]; then
	KERNELS=6.12
	SOME=$("$TOP/scripts/kernel.sh" series | tr ' ' '\n' | grep -vx "$KERNELS")
fi
MODULES=${MODULES:-ours in-tree}
TESTS=${TESTS:-}
JOBS=${JOBS:-$(machines_default)}
OUT=${E2E_OUT:-$BUILD/check/e2e}
# A run's time limit in seconds, several times what it takes.
LIMIT=1200
LIMIT_DEBUG=3600
# Seconds without a test that is done, after which a machine hangs: some take minutes.
SILENCE=${E2E_SILENCE:-600}

# is_some KERNEL - whether of that kernel a part of the tests is to run alone.
is_some()
{
	echo "$SOME" | grep -qx "$1"
}

# machines KERNEL MODULE - the groups of tests that share a machine, a line each.
machines()
{
	case $1 in
	kasan)
		echo "boot versions heartbeat time hostile lifecycle concurrency"
		echo "shutdown"
		[ "$2" != ours ] || printf '%s\n' vss-hold 'psdirect-module psdirect-hostile'
		return
		;;
	kcsan)
		echo "boot versions heartbeat time hostile lifecycle concurrency"
		return
		;;
	esac
	# whose driver's death the in-tree module may be: see testing.rst
	save=save
	[ "$2$WIDE" != in-tree ] || save=
	echo "boot versions heartbeat time hostile lifecycle disable $save"
	# on two processors, kexec can end in a panic of the kernel, whatever the module
	echo "shutdown kexec"
	[ "$2$WIDE" = in-tree ] || echo "cpu hibernate"
	# our daemon on the in-tree module, and Debian's on either
	[ -z "$WIDE" ] || printf '%s\n' kvp stock-kvp vss stock-vss
	# from 6.10 on there is no in-tree module, and Debian's daemon is another
	[ -z "$WIDE" ] || [ "$1" != 6.1 ] || printf '%s\n' stock-fcopy
	[ -z "$WIDE" ] || [ "$1 $2" != "6.1 in-tree" ] || echo fcopy
	[ "$2" = ours ] || return 0
	# a host that misbehaves, or offers a service twice, breaks the in-tree module
	echo "misbehave"
	echo "sockets fuzz"
	is_some "$1" || echo psdirect-module psdirect-hostile
	case "$TESTS" in
	*psdirect-smoke*) echo psdirect-smoke ;;
	*) ! is_some "$1" || echo psdirect-smoke ;;
	esac
	[ -n "$WIDE" ] || printf '%s\n' kvp vss
	is_some "$1" || echo psdirect
	printf '%s\n' fcopy vss-hold
	# what the module does for daemons, one by one, takes longest
	[ -z "$WIDE" ] || printf '%s\n' vss-module vss-stacks fcopy-module sftp
	# the network managers of the guest's Debian, who take a nested guest minutes
	[ -z "$WIDE" ] || printf '%s\n' net-networkd net-networkmanager net-netplan net-ifupdown
	echo "heartbeat offers"
}

# wanted GROUP... - those that TESTS names, or the first words of, in their order here.
wanted()
{
	for group; do
		case " ${TESTS:-$group} " in
		*" $group "* | *" ${group%%-*} "*) printf '%s ' "$group" ;;
		esac
	done
}

# jobs_of KERNEL MODULE - a line for each machine that has something to do.
jobs_of()
{
	machines "$1" "$2" | while read -r groups; do
		# shellcheck disable=SC2086 # one word a group
		groups=$(wanted $groups)
		[ -n "$groups" ] || continue
		# that kernel is asked at the end of each run whether memory was lost
		[ "$1" != kasan ] || groups="$groups debug"
		echo "$1 $2 $groups"
	done
}

jobs_list()
{
	for kernel in $KERNELS; do
		for module in $MODULES; do
			jobs_of "$kernel" "$module"
		done
	done
	for kernel in $SOME; do
		jobs_of "$kernel" ours | sed -n '/ boot /p; / psdirect-smoke /p'
	done
}

# guest_image [storage] - where the disk of a guest with a system of its own is.
guest_image()
{
	"$TOP/scripts/guest-image.sh" "$kernel" "$@" || {
		echo 'Bail out! the guest could not be made' >"$OUT/$name.tap"
		exit 1
	}
}

# What file systems and devices of a guest need that backups are made of.
VSS_MODULES=loop,dm-mod,xfs,btrfs,vfat,nls_ascii,nls_cp437,nls_utf8

# What is below and beside them.
STACK_MODULES=loop,dm-mod,dm-crypt,xts,raid1,btrfs,overlay,squashfs,fuse,nfsd,nfsv4,nbd,iscsi_tcp,sd_mod

# stack_modules - the same, with what is a module in some kernels only.
stack_modules()
{
	tree=$("$TOP/scripts/kernel.sh" modules "$kernel") || exit 1
	list=$STACK_MODULES
	for maybe in ecb crc32c_generic; do
		[ -z "$(find "$tree" -name "$maybe.ko*")" ] || list=$list,$maybe
	done
	echo "$list"
}

# vss_disks_make PREFIX - disks with the file systems of which snapshots are checked.
vss_disks_make()
{
	need e2fsprogs xfsprogs btrfs-progs
	truncate -s 64M "$1.ext4" && truncate -s 320M "$1.xfs" && truncate -s 128M "$1.btrfs"
	mkfs.ext4 -q "$1.ext4" && mkfs.xfs -q "$1.xfs" && mkfs.btrfs -q "$1.btrfs" >/dev/null 2>&1
}

# machine_watch PID TAP SECONDS - waits for a machine, and ends it when it tells of no
# test any more. Returns what it returned, or 3.
machine_watch()
{
	while kill -0 "$1" 2>/dev/null; do
		sleep 4
		[ $(($(date +%s) - $(stat -c %Y "$2"))) -gt "$3" ] || continue
		kill "$1"
		wait "$1" || :
		return 3
	done
	wait "$1"
}

# job_run NAME KERNEL MODULE GROUP... - one machine; its TAP in $OUT/NAME.tap
job_run()
{
	name=$1 kernel=$2 module=$3
	shift 3
	groups=$*
	limit=$LIMIT silence=$SILENCE
	machine=
	case $kernel in
	kasan | kcsan)
		limit=$LIMIT_DEBUG silence=$((SILENCE * 3))
		export E2E_PATIENCE=3
		machine=$("$TOP/scripts/debug-kernel.sh" machine "$kernel")
		;;
	esac
	set -- --kernel "$kernel" --module "$module" --timeout "$limit" --output "$OUT/$name" \
		--initramfs-add "$TOP/tools/hv/dist/hv_power_event:/usr/libexec/hyperv-ics/hv_power_event"
	for group in $groups; do
		case $group in
		cpu) set -- "$@" --smp 2 ;;
		hibernate)
			truncate -s 512M "$OUT/$name.swap"
			# compressing costs a nested guest more than writing
			set -- "$@" --disk "$OUT/$name.swap" \
				--append 'resume=/dev/vda hibernate=nocompress loglevel=5'
			;;
		kexec)
			image=$("$TOP/scripts/kernel.sh" image "$kernel") || exit 1
			set -- "$@" --initramfs-add "$image:/boot/vmlinuz"
			;;
		kvp | stock-kvp)
			image=$(guest_image) || exit 1
			set -- "$@" --root "$image" --memory 1024 --guest-modules dummy,veth
			# shellcheck disable=SC2046 # several words
			[ "$group" = stock-kvp ] || set -- "$@" $("$TOP/scripts/guest-daemons.sh")
			;;
		fcopy | stock-fcopy | fcopy-module)
			image=$(guest_image) || exit 1
			# shellcheck disable=SC2046 # several words
			[ "$group" != fcopy ] || set -- "$@" $("$TOP/scripts/guest-daemons.sh") \
				--guest-modules uio_hv_generic \
				--initramfs-add "$TOP/tools/hv/dist/69-hyperv-ics-fcopy.rules:/usr/lib/udev/rules.d/69-hyperv-ics-fcopy.rules" \
				--initramfs-add "$TOP/tools/hv/dist/hyperv-ics-modprobe.conf:/usr/lib/modprobe.d/hyperv-ics.conf"
			truncate -s 300M "$OUT/$name.disk"
			/sbin/mkfs.ext4 -q "$OUT/$name.disk" || exit 1
			set -- "$@" --root "$image" --memory 1024 --disk "$OUT/$name.disk" \
				--initramfs-add "$BUILD/hvsim/guest/hvsim_fcopy:/usr/bin/hvsim_fcopy"
			;;
		net-*)
			image=$(guest_image) || exit 1
			# shellcheck disable=SC2046 # several words
			set -- "$@" --root "$image" --memory 1024 --guest-modules veth \
				$("$TOP/scripts/guest-daemons.sh") --initramfs-add \
				"$TOP/tools/testing/e2e/net/managers.sh:/usr/libexec/managers.sh"
			;;
		vss-hold)
			for disk in a b; do
				truncate -s 32M "$OUT/$name.$disk" && mkfs.ext4 -q "$OUT/$name.$disk" || exit 1
				set -- "$@" --disk "$OUT/$name.$disk"
			done
			set -- "$@" --initramfs-add "$BUILD/e2e/vss/vss_probe:/usr/bin/vss_probe"
			case $kernel in
			kasan | kcsan) ;;
			*) set -- "$@" --guest-modules ext4 ;;
			esac
			;;
		vss-stacks)
			image=$(guest_image storage) || exit 1
			truncate -s 192M "$OUT/$name.disk"
			# shellcheck disable=SC2046 # several words
			set -- "$@" --root "$image" --memory 1024 --guest-modules "$(stack_modules)" \
				--disk "$OUT/$name.disk" $("$TOP/scripts/guest-daemons.sh") \
				--initramfs-add "$TOP/tools/testing/e2e/vss/stacks.sh:/usr/libexec/stacks.sh"
			;;
		vss-* | vss | stock-vss)
			image=$(guest_image) || exit 1
			vss_disks_make "$OUT/$name"
			set -- "$@" --root "$image" --memory 1024 --guest-modules "$VSS_MODULES" \
				--disk "$OUT/$name.ext4" --disk "$OUT/$name.xfs" --disk "$OUT/$name.btrfs" \
				--initramfs-add "$BUILD/e2e/vss/vss_probe:/usr/bin/vss_probe"
			# shellcheck disable=SC2046 # several words
			[ "$group" != vss ] || set -- "$@" $("$TOP/scripts/guest-daemons.sh")
			;;
		sockets) set -- "$@" --guest-modules hv_sock ;;
		psdirect)
			image=$(guest_image) || exit 1
			# shellcheck disable=SC2046 # several words
			set -- "$@" --root "$image" --memory 1024 --guest-modules hv_sock,vsock_loopback \
				$("$TOP/scripts/guest-daemons.sh" psdirect) \
				--initramfs-add "$BUILD/hvsim/guest/hvsim_vsock:/usr/bin/hvsim_vsock"
			PATH=$BUILD/hvsim:$PATH
			;;
		psdirect-*) set -- "$@" --guest-modules hv_sock,vsock_loopback ;;
		sftp)
			need openssh-client
			image=$(guest_image storage) || exit 1
			set -- "$@" --root "$image" --memory 1024 --guest-modules hv_sock
			for unit in sshd-hyperv.socket sshd-hyperv@.service; do
				set -- "$@" --initramfs-add "$TOP/tools/hv/dist/$unit:/usr/lib/systemd/system/$unit"
			done
			PATH=$BUILD/hvsim:$PATH
			;;
		offers)
			# on QEMU's bus, whose devices QEMU takes as many of as it is told
			set -- "$@" --bus qemu --qemu-arg -chardev --qemu-arg null,id=again \
				--qemu-arg -device --qemu-arg hv-ic-heartbeat-again,chardev=again
			;;
		esac
	done
	start=$(date +%s)
	status=0
	: >"$OUT/$name.tap"
	# shellcheck disable=SC2086 # several words
	"$BUILD/hvsim/hvsim" run $machine "$@" -- "$BUILD/e2e/e2e" "$module" "$kernel" $groups \
		>>"$OUT/$name.tap" 2>"$OUT/$name.log" </dev/null &
	machine_watch $! "$OUT/$name.tap" "$silence" || status=$?
	rm -f "$OUT/$name.swap" "$OUT/$name.ext4" "$OUT/$name.xfs" "$OUT/$name.btrfs" "$OUT/$name.a" \
		"$OUT/$name.b" "$OUT/$name.disk"
	echo "# status $status, $(($(date +%s) - start)) s" >>"$OUT/$name.tap"
}

# job_again NAME ... - once more, where the machine hung or its emulation failed: that
# happens to a nested one, whatever is tested in it. Twice, it is a failure.
job_again()
{
	! grep -q '^1\.\.' "$OUT/$1.tap" || return 0
	grep -q -e '^# status 3,' -e '^Bail out!.* it hangs, ' "$OUT/$1.tap" ||
		emulation_failed "$OUT/$1/console.log" || return 0
	for what in .tap .log ''; do
		mv "$OUT/$1$what" "$OUT/$1.hung$what"
	done
	job_run "$@"
	{
		echo '# the machine hung or failed, and was started anew; the first time:'
		tail -n 5 "$OUT/$1.hung.tap" "$OUT/$1.hung.log" "$OUT/$1.hung"/*.log | sed 's/^/#   /'
	} >>"$OUT/$1.tap"
}

# Puts the TAP of all jobs into one, each test under the name of its machine.
# What stopped without a plan is a failure of its own.
tap_merge()
{
	n=0
	while read -r kernel module groups; do
		n=$((n + 1))
		awk -v machine="$kernel $module" -v group="$groups" -v logfile="$OUT/$n.log" \
			-v said="$(tail -n 1 "$OUT/$n.log" 2>/dev/null | cut -c1-200 | tr -d '\134')" '
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
				why = bail == "" ? "it stopped in the middle: " said : bail
				print "not ok\t" machine ": " group ": " why "; see " logfile
			}
		}' "$OUT/$n.tap"
		# of a machine that somebody else has, this may be all that there is to go by
		grep -q '^1\.\.' "$OUT/$n.tap" || tail -n 20 "$OUT/$n.log" "$OUT/$n"/*.log 2>/dev/null |
			sed 's/^/#   /' || :
	done <"$OUT/jobs" | awk -F '\t' '
	/^(not )?ok\t/ { print $1 " " ++n " - " $2; next }
	{ print }
	END { print "1.." n + 0 }'
}

main()
{
	make -s -C "$TOP/tools/hvsim" >&2
	make -s -C "$TOP/tools/hv" >&2
	make -s -C "$TOP/tools/hvic" >&2
	make -s -C "$TOP/tools/testing/e2e" >&2
	make -s -C "$TOP/tools/testing/e2e/vss" >&2
	make -s -C "$TOP/tools/testing/psdirect" >&2
	rm -rf "$OUT"
	mkdir -p "$OUT"
	for kernel in $KERNELS $SOME; do
		case " $MODULES " in
		*" ours "*) "$TOP/scripts/build-module.sh" "$kernel" >/dev/null ;;
		esac
	done

	jobs_list >"$OUT/jobs"
	[ -s "$OUT/jobs" ] || die "no tests are named '$TESTS', or not for the modules $MODULES"
	n=0
	while read -r kernel module groups; do
		n=$((n + 1))
		echo "$n $kernel $module $groups"
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
	job_again "$@"
	;;
'') main ;;
*) die "usage: [KERNELS=...] [MODULES=...] [TESTS=...] scripts/check-e2e.sh" ;;
esac
