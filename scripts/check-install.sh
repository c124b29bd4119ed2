#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: scripts/check-install.sh
#
# Installs and removes the module, as TAP, in a copy of each kernel's Debian of
# which nothing is kept. KERNELS narrows it, such as KERNELS="6.1".

set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/tools/testing/check/tap.sh"
. "$TOP/tools/testing/check/expect.sh"

# A channel of the heartbeat, as the bus announces it to modprobe.
ALIAS=vmbus:394f16571591784eab55382f3bd5422d
# One of file copy, which uio_hv_generic may want, too.
FCOPY=vmbus:e34bd134e4dec8419ae76b174977c192

# picks WHERE - whether modprobe would take the module from there.
picks()
{
	said=$(modprobe -S "$release" --show-depends "$ALIAS" 2>&1)
	expect_words "/lib/modules/$release/$1/"
}

# Whether our module comes first of those that want file copy's device; a kernel whose
# uio_hv_generic does not want it has no other.
comes_first()
{
	said=$(modprobe -S "$release" --show-depends "$FCOPY" 2>&1)
	said=$(echo "$said" | grep -E '/(hv_utils|uio_hv_generic)\.ko' | head -n 1)
	expect_words "/lib/modules/$release/updates/dkms/hv_utils.ko"
}

installs()
{
	said=$(make -s install KERNELRELEASE="$release" "$@" 2>&1) || { echo "$said" && return 1; }
}

uninstalls()
{
	said=$(make -s uninstall "$@" 2>&1) || { echo "$said" && return 1; }
}

# files WORD - whether what belongs to the module in user space is there, or gone.
files()
{
	for file in /usr/lib/udev/rules.d/70-hyperv-ics.rules /usr/lib/udev/rules.d/69-hyperv-ics-fcopy.rules \
		/usr/lib/modprobe.d/hyperv-ics.conf /usr/libexec/hyperv-ics/hv_power_event \
		/usr/share/man/man4/hv_utils.4 /usr/bin/hvic /usr/share/man/man1/hvic.1 \
		/usr/share/bash-completion/completions/hvic /usr/sbin/hv_kvp_daemon /usr/sbin/hypervkvpd \
		/usr/lib/systemd/system/hv-kvp-daemon.service /usr/lib/systemd/system/hv_kvp_daemon.service \
		/usr/lib/systemd/system/hypervkvpd.service /usr/share/man/man8/hv_kvp_daemon.8 \
		/usr/sbin/hv_vss_daemon /usr/sbin/hypervvssd /usr/lib/systemd/system/hv-vss-daemon.service \
		/usr/lib/systemd/system/hv_vss_daemon.service /usr/lib/systemd/system/hypervvssd.service \
		/usr/share/man/man8/hv_vss_daemon.8 /usr/share/doc/hyperv-ics/freeze.d/50-postgresql.example \
		/usr/share/doc/hyperv-ics/freeze.d/50-mysql.example /etc/hyperv-ics/freeze.d \
		/usr/sbin/hv_fcopy_daemon /usr/sbin/hypervfcopyd /usr/lib/systemd/system/hv-fcopy-daemon.service \
		/usr/lib/systemd/system/hv_fcopy_daemon.service /usr/lib/systemd/system/hypervfcopyd.service \
		/usr/share/man/man8/hv_fcopy_daemon.8 /usr/share/man/man5/hyperv-ics.conf.5 \
		/usr/sbin/hv_psdirect_daemon /usr/lib/systemd/system/hv-psdirect-daemon.socket \
		/usr/lib/systemd/system/hv-psdirect-daemon.service /etc/pam.d/hv-psdirect \
		/usr/lib/systemd/system/sshd-hyperv.socket /usr/lib/systemd/system/sshd-hyperv@.service \
		/usr/share/man/man8/hv_psdirect_daemon.8; do
		here=gone
		[ ! -e "$file" ] || here=there
		[ "$here" = "$1" ] || { echo "$file is $here" && return 1; }
	done
}

# The fault is in a copy of the tree, and the version that was installed before
# the broken one has gone already: then the kernel's own module must be back.
broken_install()
{
	cp -r "$tree" "$tree.broken" && cd "$tree.broken" || return 1
	echo 'int hvic_planted = ' >>drivers/hv/ic/hvic_msg.c
	expect_failure 'dkms build failed; see' make -s install KERNELRELEASE="$release" || return 1
	expect_words 'error: ' && picks kernel/drivers/hv
}

destination_install()
{
	installs DESTDIR=/tmp/destination || return 1
	find /tmp/destination -name 'hv_utils.ko*' | grep -q "/lib/modules/$release/updates/" || return 1
	picks kernel/drivers/hv || return 1
	uninstalls DESTDIR=/tmp/destination || return 1
	[ ! -e /tmp/destination/lib ]
}

# What is done in the copy; this tree is there too, but not to be written to.
inside()
{
	release=$(cd /lib/modules && echo *-amd64)
	tree=/tmp/tree
	mkdir "$tree"
	(cd "$TOP" && cp -r COPYING Kbuild Makefile drivers include scripts "$tree" &&
		mkdir "$tree/tools" && cp -r tools/*.mk tools/hv tools/hvic tools/hvsim tools/lib "$tree/tools")
	cd "$tree"
	# what is built here is for this Debian, and not for the one around it
	export BUILD="$tree/.build"
	mkdir -p "$BUILD"
	tap_begin
	main_job
	[ -z "$1" ] || corners
	tap_end
}

main_job()
{
	tap_check "$series: the kernel's own module is preferred at first" picks kernel/drivers/hv
	tap_check "$series: make install, with DKMS that it installs itself" installs
	tap_check "$series: our module is preferred" picks updates/dkms
	tap_check "$series: it comes first where others want its device" comes_first
	tap_check "$series: what user space needs is there" files there
	tap_check "$series: make uninstall" uninstalls
	tap_check "$series: what user space needs is gone" files gone
	tap_check "$series: the kernel's own module is preferred again" picks kernel/drivers/hv
}

# A setting that has been made is there after all of it.
settings_stay()
{
	grep -q 'mine = yes' /etc/hyperv-ics.conf
}

pam_stays()
{
	pam=/etc/pam.d/hv-psdirect
	installs DKMS=no && grep -q '^@include common-auth' "$pam" || return 1
	echo '# mine' >>"$pam"
	installs DKMS=no && uninstalls || return 1
	grep -q '^# mine$' "$pam" || { echo 'the change is gone' && return 1; }
	rm "$pam"
	installs PAM=fedora DESTDIR=/tmp/pam && grep -q password-auth /tmp/pam$pam || return 1
	installs DESTDIR=/tmp/pam.none && [ ! -e /tmp/pam.none$pam ]
}

# A package's daemon stays the package's; a file that dpkg knows stands for it.
other_daemon()
{
	echo package >/usr/sbin/hv_kvp_daemon
	echo package >/usr/sbin/hv_vss_daemon
	echo package >/usr/sbin/hv_fcopy_daemon
	printf '%s\n' /usr/sbin/hv_kvp_daemon /usr/sbin/hv_vss_daemon /usr/sbin/hv_fcopy_daemon \
		>/var/lib/dpkg/info/hyperv-daemons.list
	printf 'Package: hyperv-daemons\nStatus: install ok installed\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n\n' \
		>>/var/lib/dpkg/status
	installs || return 1
	uninstalls || return 1
	for daemon in hv_kvp_daemon hv_vss_daemon hv_fcopy_daemon; do
		[ "$(cat /usr/sbin/$daemon)" = package ] || { echo "$daemon is not the package's" && return 1; }
	done
}

corners()
{
	echo '; mine = yes' >>/etc/hyperv-ics.conf
	tap_check "$series: make install once more" installs
	tap_check "$series: make install over itself" installs
	tap_check "$series: sources that do not compile are not installed" broken_install
	tap_check "$series: make install after that" installs
	tap_check "$series: make uninstall after that" uninstalls
	tap_check "$series: make uninstall of nothing says so" expect_failure 'is not installed' make -s uninstall
	tap_check "$series: make install DKMS=no" installs DKMS=no
	tap_check "$series: our module is preferred without DKMS" picks updates/drivers/hv
	tap_check "$series: make uninstall without DKMS" uninstalls
	tap_check "$series: make install DESTDIR= stays below it" destination_install
	tap_check "$series: settings stay" settings_stay
	tap_check "$series: how users log in is chosen, and stays as it was changed" pam_stays
	tap_check "$series: an unknown PAM= is refused" expect_failure "PAM is 'windows'" \
		make -s install KERNELRELEASE="$release" PAM=windows
	tap_check "$series: a daemon that a package has is left to it" other_daemon
	tap_check "$series: an unknown kernel is refused" expect_failure '/lib/modules/9.9/build: no such directory' \
		make -s install KERNELRELEASE=9.9
}

if [ "${1:-}" = inside ]; then
	series=$2
	inside "${3:-}"
	exit
fi
[ "$(id -u)" = 0 ] || { echo '1..0 # SKIP a chroot needs root' && exit; }
unset MAKEFLAGS MAKELEVEL MFLAGS
tap_begin
# corners are the same for all: the first kernel has them tried
corners=corners
for series in ${KERNELS:-$("$TOP/scripts/kernel.sh" series)}; do
	# shellcheck disable=SC2086 # none is no argument
	tap_include "install on $series" "$BUILD/check-install.tap" \
		"$TOP/scripts/kernel.sh" try "$series" sh "$TOP/scripts/check-install.sh" inside "$series" $corners
	corners=
done
tap_end
