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
# ours SERVICE - whether its daemon is ours, and not a package's: its unit says so
ours()
{
	grep -qs 'hyperv-ics\.conf' "$root/usr/lib/systemd/system/hv-$1-daemon.service"
}
units=usr/lib/systemd/system
for service in $(daemons); do
	ours "$service" || continue
	[ -n "$root$quiet" ] || systemctl stop "hv-$service-daemon.service" 2>/dev/null || :
	remove "usr/sbin/hv_${service}_daemon" "usr/sbin/hyperv${service}d" \
		"$units/hv-$service-daemon.service" "$units/hv_${service}_daemon.service" \
		"$units/hyperv${service}d.service" "usr/share/man/man8/hv_${service}_daemon.8"
done
[ -n "$root$quiet" ] || systemctl disable --now hv-psdirect-daemon.socket hv-psdirect-daemon.service \
	sshd-hyperv.socket 2>/dev/null || :
remove usr/sbin/hv_psdirect_daemon "$units/hv-psdirect-daemon.socket" \
	"$units/hv-psdirect-daemon.service" "$units/sshd-hyperv.socket" "$units/sshd-hyperv@.service" \
	usr/share/man/man8/hv_psdirect_daemon.8
# one that an administrator has changed stays
for pam in "$TOP"/tools/hv/dist/pam/hv-psdirect.*; do
	! cmp -s "$pam" "$root/etc/pam.d/hv-psdirect" || remove etc/pam.d/hv-psdirect
done
for hook in "$root"/usr/share/doc/hyperv-ics/freeze.d/*; do
	remove "${hook#"$root/"}"
done
# those that are in use stay: they are the administrator's
for directory in usr/share/doc/hyperv-ics/freeze.d usr/share/doc/hyperv-ics etc/hyperv-ics/freeze.d \
	etc/hyperv-ics; do
	[ ! -d "$root/$directory" ] || rmdir --ignore-fail-on-non-empty "$root/$directory"
done
remove usr/share/man/man5/hyperv-ics.conf.5
[ -n "$root$quiet" ] || systemctl daemon-reload 2>/dev/null || :
[ ! -d "$root/usr/libexec/hyperv-ics" ] || rmdir --ignore-fail-on-non-empty "$root/usr/libexec/hyperv-ics"
[ -n "$quiet" ] && exit
[ -n "$found" ] || die "hyperv-ics is not installed${root:+ below $root}: nothing was removed"
echo 'hyperv-ics is removed'
echo "To load the kernel's own module now: modprobe -r hv_utils && modprobe hv_utils (or reboot)"
