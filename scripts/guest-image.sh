#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes a disk image with a Debian that has systemd, every network manager that the
# tests know, and Debian's own Hyper-V daemons, and prints where it is. No manager is
# started at boot: tests start what they are about. `hvsim run --root IMAGE` boots it
# with a kernel and modules from outside, and writes nothing to it.
#
# usage: scripts/guest-image.sh SERIES [storage]
#
# The suite is that of the kernel series. With "storage", another image, which has what
# backups meet below and beside file systems, too: LVM, md, dm-crypt, NFS, nbd, iSCSI; and sshd.

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/suite.sh
. "$(dirname "$0")/suite.sh"

PACKAGES='systemd-sysv udev dbus kmod procps iproute2 iputils-ping network-manager netplan.io
	ifupdown dnsmasq-base hyperv-daemons libnl-route-3-200 libinih1 libjson-c5
	e2fsprogs xfsprogs btrfs-progs dosfstools dmsetup'
STORAGE='lvm2 mdadm cryptsetup-bin nfs-kernel-server nbd-server nbd-client tgt open-iscsi fuse2fs
	squashfs-tools openssh-server'
# The first of each that the suite has: systemd's parts are packages of their own in some,
# and ifupdown's DHCP client is another one from forky on.
MORE='systemd-resolved isc-dhcp-client|dhcpcd-base'
# What is not to happen by itself.
MASKED='NetworkManager NetworkManager-dispatcher NetworkManager-wait-online networking
	systemd-networkd systemd-networkd-wait-online systemd-resolved apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer
	e2scrub_reap fstrim.timer dpkg-db-backup.timer systemd-timesyncd serial-getty@ttyS0
	console-getty getty@tty1 serial-getty@hvc0 netplan-configure systemd-pcrphase systemd-binfmt ifupdown-pre
	rpcbind rpc-statd-notify nfs-server nfs-blkmap nfs-mountd nfs-idmapd nfsdcld nbd-server tgt open-iscsi
	iscsid lvm2-monitor blk-availability mdmonitor mdcheck_start.timer mdcheck_continue.timer
	mdmonitor-oneshot.timer ssh ssh.socket'

# names [LIST] - with commas between.
names()
{
	# shellcheck disable=SC2086 # one word a package
	echo $1 | tr ' ' ,
}

# Whatever the image is made of; another recipe is another image.
key()
{
	{ cat "$0" && cat "$CACHE/kernels/$1.release"; } | sha256sum | cut -c1-12
}

extras()
{
	for choice in $MORE; do
		for package in $(echo "$choice" | tr '|' ' '); do
			suite_have "$debian" amd64 "$package" || continue
			printf ',%s' "$package"
			break
		done
	done
}

# Debian's own daemons stay as they are, and are started by udev.
root_trim()
{
	for unit in $MASKED; do
		case $unit in
		*.timer | *.socket) ;;
		*) unit=$unit.service ;;
		esac
		ln -sf /dev/null "$1/etc/systemd/system/$unit"
	done
	rm -rf "${1:?}"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/usr/share/doc/* "$1"/usr/share/locale/* \
		"${1:?}"/boot/*
	echo guest >"$1/etc/hostname"
	printf '127.0.0.1\tlocalhost\n127.0.1.1\tguest.example.org guest\n' >"$1/etc/hosts"
	# the same at each boot: nothing is to be set up for a first one
	echo 8d3ff1e2b1c5426ab3c1a2b5e1f0a9d7 >"$1/etc/machine-id"
	: >"$1/etc/fstab"
	sed -i 's/^root:[^:]*:/root::/' "$1/etc/shadow"
}

image_make()
(
	[ "$(id -u)" = 0 ] || die 'a guest with a system of its own is made in a chroot: run this as root'
	need mmdebstrap e2fsprogs
	once "lists-$debian-amd64" suite_update "$debian" amd64
	work=$image.work
	# what was killed may have left a /proc mounted in there
	rm -rf --one-file-system "$work" && mkdir -p "$work" || exit 1
	trap 'rm -rf --one-file-system "$work"' EXIT
	note "making a guest with Debian $debian (some 400 MB)"
	suite_options >"$work/apt.conf"
	mmdebstrap --variant=minbase --aptopt="$work/apt.conf" \
		--dpkgopt='path-exclude=/usr/share/man/*' --include="$(names "$PACKAGES")$(extras)" \
		"$debian" "$work/root" "$CACHE/apt/$debian-amd64/sources.list" >"$image.log" 2>&1 </dev/null ||
		die "cannot make the guest (no network, or the mirror has moved on: scripts/kernel.sh refresh $series); see $image.log"
	root_trim "$work/root"
	mke2fs -q -t ext4 -m 0 -O ^has_journal -d "$work/root" "$image.new" 1500M >>"$image.log" 2>&1 ||
		die "cannot make the disk image; see $image.log"
	mv "$image.new" "$image"
)

case $#${2:-} in
1 | 2storage) ;;
*) die 'usage: scripts/guest-image.sh SERIES [storage]' ;;
esac
series=$1
[ $# = 1 ] || PACKAGES="$PACKAGES $STORAGE"
debian=$("$TOP/scripts/kernel.sh" suite "$series")
"$TOP/scripts/kernel.sh" release "$series" >/dev/null
mkdir -p "$CACHE/images"
name=$debian${2:+-$2}-$(key "$series")
image=$CACHE/images/$name.img
once "guest-$name" image_make
echo "$image"
