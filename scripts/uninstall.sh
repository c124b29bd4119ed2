#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: make uninstall [DESTDIR=DIRECTORY]
#
# Removes what make install has put in place, for all kernels and all versions.
# With --quiet nothing is said: make install replaces an older version so.

set -eu
. "$(dirname "$0")/lib.sh"

root=${DESTDIR:-}
quiet=
found=
case ${1:-} in
'') ;;
--quiet) quiet=yes ;;
-h | --help) sed -n 's/^# \{0,1\}//; 4,7p' "$0" && exit ;;
*) die "scripts/uninstall.sh has no option '$1' (--help explains)" ;;
esac
[ -n "$root" ] || [ "$(id -u)" = 0 ] || die 'uninstalling needs root: sudo make uninstall'

if [ -z "$root" ] && command -v dkms >/dev/null; then
	for sources in /usr/src/hyperv-ics-*/; do
		version=${sources#/usr/src/hyperv-ics-}
		version=${version%/}
		[ -d "/var/lib/dkms/hyperv-ics/$version" ] || continue
		found=yes
		dkms remove "hyperv-ics/$version" --all >"$BUILD/dkms.log" 2>&1 </dev/null ||
			die "dkms remove failed; see $BUILD/dkms.log"
	done
fi
rm -rf "$root"/usr/src/hyperv-ics-*
for module in "$root"/lib/modules/*/updates/drivers/hv/hv_utils.ko*; do
	[ -e "$module" ] || continue
	found=yes
	release=${module#"$root/lib/modules/"}
	release=${release%%/*}
	rm "$module"
	rmdir -p --ignore-fail-on-non-empty "${module%/*}"
	[ -n "$root" ] || depmod -a "$release"
done
# settings and pools stay: they are the administrator's, and the host's
remove()
{
	for file; do
		[ -e "$root/$file" ] || [ -L "$root/$file" ] || continue
		found=yes
		rm "$root/$file"
	done
}
remove usr/lib/udev/rules.d/70-hyperv-ics.rules usr/lib/udev/rules.d/69-hyperv-ics-fcopy.rules \
	usr/lib/modprobe.d/hyperv-ics.conf \
	usr/libexec/hyperv-ics/hv_power_event \
	usr/share/man/man4/hv_utils.4 usr/bin/hvic usr/share/man/man1/hvic.1 \
	usr/share/bash-completion/completions/hvic
# ours DAEMON - whether a daemon is ours, and not a package's: its unit says so
ours()
{
	grep -qs 'hyperv-ics\.conf' "$root/usr/lib/systemd/system/$1.service"
}
if ours hv-vss-daemon; then
	[ -n "$root$quiet" ] || systemctl stop hv-vss-daemon.service 2>/dev/null || :
	units=usr/lib/systemd/system
	remove usr/sbin/hv_vss_daemon usr/sbin/hypervvssd "$units/hv-vss-daemon.service" \
		"$units/hv_vss_daemon.service" "$units/hypervvssd.service" \
		usr/share/man/man8/hv_vss_daemon.8
	for hook in "$root"/usr/share/doc/hyperv-ics/freeze.d/*; do
		remove "${hook#"$root/"}"
	done
	# hooks stay: they are the administrator's
	for directory in usr/share/doc/hyperv-ics/freeze.d usr/share/doc/hyperv-ics etc/hyperv-ics/freeze.d \
		etc/hyperv-ics; do
		[ ! -d "$root/$directory" ] || rmdir --ignore-fail-on-non-empty "$root/$directory"
	done
fi
if ours hv-fcopy-daemon; then
	[ -n "$root$quiet" ] || systemctl stop hv-fcopy-daemon.service 2>/dev/null || :
	units=usr/lib/systemd/system
	remove usr/sbin/hv_fcopy_daemon usr/sbin/hypervfcopyd "$units/hv-fcopy-daemon.service" \
		"$units/hv_fcopy_daemon.service" "$units/hypervfcopyd.service" \
		usr/share/man/man8/hv_fcopy_daemon.8
fi
if ours hv-kvp-daemon; then
	[ -n "$root$quiet" ] || systemctl stop hv-kvp-daemon.service 2>/dev/null || :
	units=usr/lib/systemd/system
	remove usr/sbin/hv_kvp_daemon usr/sbin/hypervkvpd "$units/hv-kvp-daemon.service" \
		"$units/hv_kvp_daemon.service" "$units/hypervkvpd.service" \
		usr/share/man/man8/hv_kvp_daemon.8
fi
remove usr/share/man/man5/hyperv-ics.conf.5
[ -n "$root$quiet" ] || systemctl daemon-reload 2>/dev/null || :
[ ! -d "$root/usr/libexec/hyperv-ics" ] || rmdir --ignore-fail-on-non-empty "$root/usr/libexec/hyperv-ics"
[ -n "$quiet" ] && exit
[ -n "$found" ] || die "hyperv-ics is not installed${root:+ below $root}: nothing was removed"
echo 'hyperv-ics is removed'
echo "To load the kernel's own module now: modprobe -r hv_utils && modprobe hv_utils (or reboot)"
