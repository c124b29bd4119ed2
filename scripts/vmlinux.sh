#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: scripts/vmlinux.sh BZIMAGE - print the path of that kernel, unpacked.
#
# QEMU starts an unpacked kernel directly. On an emulated processor the kernel's
# own decompressor takes a second or two, each time. Where there is nothing to be
# unpacked, or nothing to do it with, the path is that of the image as it is.

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

[ $# -eq 1 ] || die 'usage: scripts/vmlinux.sh BZIMAGE'
image=$1
[ -r "$image" ] || die "cannot read the kernel image $image"

# number OFFSET BYTES - of the image, little endian as this machine is.
number()
{
	od -An -v -j "$1" -N "$2" -t "u$2" "$image" | tr -d ' '
}

# unpack MAGIC - what begins with these bytes, given in hexadecimal.
unpack()
{
	case $1 in
	fd377a585a*) xz -dc ;;
	28b52ffd*) zstd -dqc ;;
	1f8b*) gzip -dc ;;
	02214c18*) lz4 -dqc ;;
	*) return 1 ;;
	esac
}

# The boot protocol's header says where in the image the packed kernel is; four
# bytes at its end are its size and belong to no packer.
image_unpack()
{
	start=$((($(number 0x1f1 1) + 1) * 512 + $(number 0x248 4)))
	length=$(($(number 0x24c 4) - 4))
	magic=$(od -An -v -j "$start" -N 6 -t x1 "$image" | tr -d ' ')
	tail -c "+$((start + 1))" "$image" | head -c "$length" | unpack "$magic" >"$1" 2>/dev/null
	# the note by which QEMU, as Xen, finds where to start it (PVH)
	LC_ALL=C grep -qaP '\x04\x00\x00\x00[\x04\x08]\x00\x00\x00\x12\x00\x00\x00Xen\x00' "$1"
}

# "HdrS", the mark of a bzImage
if [ "$(od -An -v -j 0x202 -N 4 -t x1 "$image" | tr -d ' ')" != 48647253 ]; then
	echo "$image"
	exit
fi
out=$CACHE/vmlinux/$(stat -c '%Y-%s' "$image")-$(echo "$image" | sha256sum | cut -c 1-16)
mkdir -p "$CACHE/vmlinux"
if [ -e "$out" ]; then
	touch "$out"
else
	find "$CACHE/vmlinux" -type f -mtime +30 -delete
	# worth an installation, but no reason to fail
	[ "$(id -u)" != 0 ] || need xz-utils zstd
	if ! image_unpack "$out.$$"; then
		rm -f "$out.$$"
		echo "$image"
		exit
	fi
	mv "$out.$$" "$out"
fi
echo "$out"
