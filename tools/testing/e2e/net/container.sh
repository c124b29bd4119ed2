#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: container.sh ROOT PROBE MANAGER...
#
# Boots Debian ROOT in a container for each MANAGER, with a link whose other end has a
# DHCP server, and runs net.sh in it; prints its TAP.  ROOT is not changed; it is made by
#
#	mmdebstrap --include="$(container.sh packages)" bookworm ROOT
#
# Needs root, systemd-nspawn and dnsmasq; logs go to $LOGS, or to where this was called.

set -eu

packages=systemd,systemd-sysv,systemd-resolved,dbus,polkitd,udev,iproute2,procps
packages=$packages,network-manager,netplan.io,ifupdown,isc-dhcp-client
packages=$packages,libnl-3-200,libinih1,libsystemd0
if [ "$1" = packages ]; then
	echo $packages
	exit
fi

root=$1
probe=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
logs=${LOGS:-$PWD}
work=$(mktemp -d)
net=hvnet$$
link=hv$$
machine=
server=
status=0

finish()
{
	for process in $machine $server; do
		kill "$process" 2>/dev/null || :
		wait "$process" 2>/dev/null || :
	done
	machine=
	server=
	! mountpoint -q "$work/root" || umount "$work/root"
	ip netns del $net 2>/dev/null || :
}
trap 'finish; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# What runs in the container, and what does not.
root_start()
{
	mkdir -p "$work/root" "$work/upper/upper" "$work/upper/work"
	mount -t tmpfs tmpfs "$work/upper"
	mkdir "$work/upper/upper" "$work/upper/work"
	mount -t overlay overlay -o "lowerdir=$root,upperdir=$work/upper/upper,workdir=$work/upper/work" \
		"$work/root"
	umount -l "$work/upper"
	cp "$probe" "$work/root/usr/local/bin/kvp_probe"
	cp "$here/net.sh" "$here/managers.sh" "$work/root/usr/local/bin/"
	case $1 in
	networkd | netplan) want="systemd-networkd systemd-resolved" ;;
	networkmanager) want=NetworkManager ;;
	ifupdown) want=networking ;;
	esac
	for unit in systemd-networkd systemd-resolved NetworkManager networking; do
		# guest-image.sh's has all of them masked
		rm -f "$work/root/etc/systemd/system/$unit.service"
		case " $want " in
		*" $unit "*) chroot "$work/root" systemctl enable $unit ;;
		*) chroot "$work/root" systemctl mask $unit ;;
		esac
	done >/dev/null 2>&1
	chroot "$work/root" systemctl mask systemd-networkd-wait-online >/dev/null 2>&1
	# NetworkManager's package leaves all that others could have alone
	rm -f "$work/root/usr/lib/NetworkManager/conf.d/10-globally-managed-devices.conf"
	rm -f "$work/root/etc/resolv.conf"
	case $1 in
	networkd | netplan) ln -s ../run/systemd/resolve/stub-resolv.conf "$work/root/etc/resolv.conf" ;;
	*) echo 'search a.example' >"$work/root/etc/resolv.conf" ;;
	esac
}

machine_start()
{
	SYSTEMD_NSPAWN_API_VFS_WRITABLE=yes nsenter "--net=/run/netns/$net" systemd-nspawn -q -D "$work/root" \
		--private-network --network-veth-extra=far:$link --resolv-conf=off --register=no --keep-unit -b -M "$net" \
		</dev/null >"$logs/$1.console.log" 2>&1 &
	machine=$!
}

# The other end of the link, which is there once the machine is.
net_start()
{
	until ip -n $net link show far >/dev/null 2>&1; do
		kill -0 "$machine" || { echo "the container did not start: $logs/$1.console.log" >&2 && exit 1; }
		sleep 0.1
	done
	ip -n $net link set lo up
	ip -n $net addr add 203.0.113.1/24 dev far
	ip -n $net addr add 203.0.113.2/24 dev far
	ip -n $net addr add 2001:db8:1::1/64 dev far nodad
	ip -n $net link set far up
	ip netns exec $net dnsmasq --no-daemon --conf-file=/dev/null --port=0 --interface=far \
		--bind-interfaces --dhcp-authoritative --dhcp-range=203.0.113.100,203.0.113.150,10m \
		--dhcp-option=3,203.0.113.1 --dhcp-option=6,203.0.113.53 \
		--dhcp-leasefile="$work/leases" --log-dhcp >"$logs/$1.dhcp.log" 2>&1 &
	server=$!
}

machine_run()
{
	init=$(pgrep -P "$machine" | head -n 1)
	nsenter -t "$init" -m -u -i -n -p -C -- "$@"
}

machine_is_up()
{
	case $(machine_run systemctl is-system-running 2>/dev/null) in
	running | degraded) return 0 ;;
	esac
	return 1
}

for manager; do
	ip netns add $net
	root_start "$manager"
	machine_start "$manager"
	net_start "$manager"
	until=$(($(date +%s) + 60))
	until machine_is_up || [ "$(date +%s)" -ge $until ]; do
		kill -0 "$machine" 2>/dev/null || {
			echo "the container has ended: $(tail -n 1 "$logs/$manager.console.log")" >&2
			exit 1
		}
		sleep 0.5
	done
	machine_run env "PROBE_OPTIONS=${PROBE_OPTIONS:-}" /usr/local/bin/net.sh "$manager" $link ||
		status=1
	finish
done
exit $status
