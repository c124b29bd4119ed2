#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Has the network managers of a kernel's Debian set a real link as the daemon has them do
# it, in a container for each, without a kernel or a host of its own: what takes minutes in
# a nested guest takes seconds here. Prints TAP. As root.
#
#	KERNELS="6.1 6.12"		whose Debians (default: 6.12)
#	TESTS="networkd netplan"	which managers (default: all four)

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tools/testing/check/tap.sh
. "$TOP/tools/testing/check/tap.sh"

KERNELS=${KERNELS:-6.12}
TESTS=${TESTS:-networkd networkmanager netplan ifupdown}
NET=$TOP/tools/testing/e2e/net
OUT=$BUILD/check/net

# manager_run KERNEL MANAGER - its TAP in $OUT/KERNEL-MANAGER.tap, logs beside it.
manager_run()
{
	mkdir -p "$OUT/$1"
	LOGS=$OUT/$1 timeout -k 30 600 "$NET/container.sh" "$OUT/root-$1" \
		"$BUILD/e2e/net/kvp_probe" "$2" >"$OUT/$1-$2.tap" 2>&1 </dev/null
	echo $? >"$OUT/$1-$2.status"
}

# kernel_run KERNEL - two at a time: they wait for the link more than they work.
kernel_run()
{
	image=$("$TOP/scripts/guest-image.sh" "$1") || die "there is no Debian of $1 to test in"
	mkdir -p "$OUT/root-$1"
	mount -o loop,ro,norecovery "$image" "$OUT/root-$1" || die "cannot mount $image"
	for manager in $TESTS; do
		echo "$1 $manager"
	done | xargs -P 2 -L 1 "$0" --manager || :
	umount "$OUT/root-$1"
	for manager in $TESTS; do
		sed "s/^\\(not ok\\|ok\\) \\([0-9]*\\) - /&$1: /" "$OUT/$1-$manager.tap" >"$OUT/$1-$manager.named"
		tap_take "$1: $manager" "$(cat "$OUT/$1-$manager.status")" "$OUT/$1-$manager.named"
	done
}

main()
{
	if [ "$(id -u)" != 0 ]; then
		tap_begin
		echo 'ok 1 - network managers in containers # SKIP containers need root'
		echo 1..1
		return
	fi
	need systemd-container dnsmasq-base iproute2
	make -s -C "$NET" >&2
	for left in "$OUT"/root-*; do
		! mountpoint -q "$left" || umount "$left"
	done
	rm -rf "$OUT"
	mkdir -p "$OUT"
	tap_begin
	for kernel in $KERNELS; do
		kernel_run "$kernel"
	done
	tap_end
}

case ${1:-} in
--manager)
	shift
	manager_run "$@"
	;;
'') main ;;
*) die 'usage: [KERNELS=...] [TESTS=...] scripts/check-net.sh' ;;
esac
