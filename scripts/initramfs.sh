#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds an initramfs out of busybox, kernel modules and files, and prints where
# it is. What has been built once is kept by the content of all that went in.
#
# usage: scripts/initramfs.sh MODULES_DIR [OPTION]...
#
#   MODULES_DIR       .../lib/modules/RELEASE of the kernel, with modules.dep
#   --load NAME       have this module, and load it at boot, in order given
#   --have NAME       have this module, for modprobe
#   --update FILE     have this module instead of the kernel's of that name
#   --add FILE:DEST   have this file
#   --init FILE       have this file as /init, instead of busybox's

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# module_unpack FROM TO - a guest's busybox need not know how to decompress.
module_unpack()
{
	case $1 in
	*.xz) xz -dc "$1" >"${2%.xz}" ;;
	*.zst) zstd -dqc "$1" >"${2%.zst}" ;;
	*.gz) gzip -dc "$1" >"${2%.gz}" ;;
	*) cp "$1" "$2" ;;
	esac || die "cannot unpack the module $1"
}

# Prints the files of the named modules and of what they need.
modules_resolve()
{
	[ $# -gt 0 ] || return 0
	modprobe -d "$base" -S "$release" --ignore-install --show-depends -a "$@" >"$work/resolved" 2>"$work/error" ||
		die "$(sed -n '1s/^modprobe: [A-Z]*: //p' "$work/error")"
	sed -n 's/^insmod \([^ ]*\).*/\1/p' "$work/resolved" | sort -u
}

modules_copy()
{
	wanted="$load $have"
	for update in $updates; do
		wanted="$wanted $(modinfo -F depends "$update" | tr , ' ')" || die "$update is no kernel module"
	done
	mkdir -p "$stage/lib/modules/$release/updates"
	sought=
	for name in $wanted; do
		# what is in a given file need not be among the kernel's own
		[ -e "$work/update-$name" ] || sought="$sought $name"
	done
	# shellcheck disable=SC2086 # one word a module
	modules_resolve $sought >"$work/files" || exit 1
	while read -r file; do
		to=$stage/lib/modules/$release/${file#*"/modules/$release/"}
		mkdir -p "${to%/*}"
		module_unpack "$file" "$to"
	done <"$work/files"
	for update in $updates; do
		cp "$update" "$stage/lib/modules/$release/updates/" || exit 1
	done
	for list in modules.order modules.builtin modules.builtin.modinfo; do
		[ -e "$modules/$list" ] && cp "$modules/$list" "$stage/lib/modules/$release/"
	done
	depmod -b "$stage" "$release" || die "depmod failed for the initramfs"
	echo "$load" | tr -s ' ' '\n' | sed '/^$/d' >"$stage/etc/modules"
}

files_copy()
{
	echo "$adds" | while IFS= read -r add; do
		[ -n "$add" ] || continue
		from=${add%:*} to=$stage/${add##*:}
		mkdir -p "${to%/*}"
		cp "$from" "$to" || exit 1
	done || exit 1
}

stage_fill()
{
	mkdir -p "$stage/bin" "$stage/sbin" "$stage/usr/bin" "$stage/usr/sbin" "$stage/etc" "$stage/dev" \
		"$stage/proc" "$stage/sys" "$stage/run" "$stage/tmp" "$stage/root" "$stage/mnt" "$stage/var/log"
	ln -s /run "$stage/var/run"
	echo 'root:x:0:0:root:/root:/bin/sh' >"$stage/etc/passwd"
	echo 'root:x:0:' >"$stage/etc/group"
	cp "$busybox" "$stage/bin/busybox"
	# here rather than at each boot
	"$busybox" --list-full | while read -r applet; do
		[ "$applet" = bin/busybox ] || ln -s /bin/busybox "$stage/$applet"
	done
	if [ -n "$init" ]; then
		cp "$init" "$stage/init" && chmod 755 "$stage/init" || exit 1
	else
		ln -s bin/busybox "$stage/init"
	fi
	modules_copy
	files_copy
}

# Not compressed: unpacking costs a simulated machine more than reading.
stage_pack()
{
	if ! (cd "$stage" && find . -print0 | LC_ALL=C sort -z | cpio -o -0 -H newc --quiet -R 0:0 >"$out.$$") ||
		! mv "$out.$$" "$out"; then
		rm -f "$out.$$"
		die "cannot write $out (is the disk full?)"
	fi
}

[ $# -ge 1 ] || die 'usage: scripts/initramfs.sh MODULES_DIR [OPTION]...'
modules=$1 release=$(basename "$1") base=${1%/lib/modules/*}
shift
[ -e "$modules/modules.dep" ] || die "no modules.dep in $modules: make it with depmod -b $base $release"
need busybox-static cpio kmod xz-utils
busybox=/bin/busybox
key="$modules $(stat -c %Y "$modules/modules.dep") $*"
load='' have='' updates='' adds='' init=''
inputs="$0 $busybox"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
stage=$work/stage

while [ $# -ge 2 ]; do
	case $1 in
	--load) load="$load $2" ;;
	--have) have="$have $2" ;;
	--update)
		[ -f "$2" ] || die "no module $2"
		updates="$updates $2" inputs="$inputs $2"
		touch "$work/update-$(basename "$2" .ko)"
		;;
	--add)
		case $2 in
		*?:/?*) ;;
		*) die "'$2' is not FILE:/PATH/IN/GUEST" ;;
		esac
		[ -f "${2%:*}" ] || die "no file ${2%:*} to add to the guest"
		adds="$adds
$2"
		;;
	--init) init=$2 inputs="$inputs $2" ;;
	*) die "scripts/initramfs.sh: unknown option $1" ;;
	esac
	shift 2
done

# shellcheck disable=SC2086 # one word a file
key=$({
	echo "$key"
	cat $inputs
	echo "$adds" | while IFS= read -r add; do
		[ -z "$add" ] || cat "${add%:*}"
	done
} | sha256sum | cut -c 1-32) || exit 1

out=$CACHE/initramfs/$key.cpio
mkdir -p "$CACHE/initramfs"
if [ -e "$out" ]; then
	touch "$out"
else
	find "$CACHE/initramfs" -name '*.cpio*' -mtime +7 -delete
	stage_fill
	stage_pack
fi
echo "$out"
