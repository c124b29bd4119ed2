# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What backups meet below and beside file systems, made in a guest with a Debian: each is
# mounted at /mnt/NAME.  /dev/vda is a disk of the host; images lie in /run/img.
#
# usage: sh stacks.sh NAME	ends with the line "made"

set -e
exec 2>&1

image=/run/img/$1
point=/mnt/$1

# image_make MIB
image_make()
{
	truncate -s "$1M" "$image"
}

ext4_mount()
{
	mkfs.ext4 -q "$1"
	mount "$1" "$point"
}

# listens PORT - waits until somebody does
listens()
{
	for _ in $(seq 100); do
		! ss -ltn | grep -q ":$1 " || return 0
		sleep 0.2
	done
	echo "nobody listens on port $1"
	return 1
}

mkdir -p "$point" /run/img
mountpoint -q /run/img || mount -t tmpfs img /run/img
case $1 in
lvm)
	pvcreate -q -y -ff /dev/vda
	vgcreate -q vg /dev/vda
	lvcreate -q -y -n lvm -L 96M vg
	ext4_mount /dev/vg/lvm
	;;
crypt)
	lvcreate -q -y -n secret -L 32M vg
	echo a-key-that-nobody-needs-to-guess | cryptsetup open --type plain --cipher aes-xts-plain64 \
		--key-size 256 --hash sha256 /dev/vg/secret crypt
	ext4_mount /dev/mapper/crypt
	;;
md)
	# one half in what can be frozen: md goes first
	truncate -s 24M /mnt/lvm/half
	image_make 24
	mdadm --create /dev/md7 --run --level=1 --metadata=1.2 --raid-devices=2 \
		"$(losetup -f --show /mnt/lvm/half)" "$(losetup -f --show "$image")"
	ext4_mount /dev/md7
	;;
multi)
	truncate -s 128M "$image.0" "$image.1"
	first=$(losetup -f --show "$image.0") second=$(losetup -f --show "$image.1")
	mkfs.btrfs -q -f -d raid1 -m raid1 "$first" "$second"
	btrfs device scan "$first" "$second" >/dev/null
	mount "$first" "$point"
	;;
bind)
	mount --bind /mnt/lvm "$point"
	;;
overlay)
	mkdir -p /mnt/lvm/upper /mnt/lvm/work
	mount -t overlay -o lowerdir=/etc,upperdir=/mnt/lvm/upper,workdir=/mnt/lvm/work overlay "$point"
	;;
squashfs)
	mksquashfs /etc/default "$image" -quiet -no-progress >/dev/null
	mount -o loop "$image" "$point"
	;;
readonly)
	image_make 16
	mkfs.ext4 -q "$image"
	mount -o loop,ro "$image" "$point"
	;;
fuse)
	image_make 16
	mkfs.ext4 -q "$image"
	fuse2fs -o fakeroot "$image" "$point"
	;;
nfs)
	ip link set lo up
	echo '/mnt/lvm 127.0.0.1(rw,no_root_squash,no_subtree_check,fsid=0)' >/etc/exports
	mount -t nfsd nfsd /proc/fs/nfsd 2>/dev/null || :
	exportfs -a
	rpc.mountd -N 3
	# or the first write waits 90 s for those who had files open before
	rpc.nfsd -N 3 --grace-time 10 --lease-time 10 1
	mount -t nfs4 -o soft,timeo=600 127.0.0.1:/ "$point"
	;;
nbd)
	ip link set lo up
	image_make 24
	printf '[generic]\n[disk]\nexportname = %s\nport = 10809\n' "$image" >/run/nbd.conf
	nbd-server -C /run/nbd.conf
	listens 10809
	nbd-client -N disk 127.0.0.1 /dev/nbd0
	ext4_mount /dev/nbd0
	;;
iscsi)
	ip link set lo up
	image_make 24
	tgtd
	listens 3260
	tgtadm --lld iscsi --mode target --op new --tid 1 --targetname iqn.2026-01.org.example:disk
	tgtadm --lld iscsi --mode logicalunit --op new --tid 1 --lun 1 --backing-store "$image"
	tgtadm --lld iscsi --mode target --op bind --tid 1 --initiator-address ALL
	mkdir -p /run/lock/iscsi
	echo InitiatorName=iqn.2026-01.org.example:guest >/etc/iscsi/initiatorname.iscsi
	iscsid
	iscsiadm -m discovery -t sendtargets -p 127.0.0.1
	iscsiadm -m node -l
	for _ in $(seq 50); do
		[ ! -b /dev/sda ] || break
		sleep 0.2
	done
	ext4_mount /dev/sda
	;;
*)
	echo "there is no stack '$1'"
	exit 1
	;;
esac
echo made
