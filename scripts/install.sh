#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Installs the kernel module: what make install runs.

set -eu
. "$(dirname "$0")/lib.sh"

usage()
{
	cat <<END
usage: make install [VARIABLE=VALUE]...

Installs hv_utils.ko where it is preferred to the one that came with the kernel.
Where there is DKMS, or apt can install it, DKMS does it, and does it again for
each kernel installed later. With it come hv_kvp_daemon, hv_vss_daemon, hv_fcopy_daemon
and hvic; a daemon that a package has already is left to that, and works with the module,
too. hv_psdirect_daemon comes as well, and is off until somebody enables it.

  KERNELRELEASE=RELEASE  for that kernel (default: the running one, $(uname -r))
  KDIR=DIRECTORY         with these headers (default: those of KERNELRELEASE)
  DKMS=no                for this kernel only, without DKMS
  DESTDIR=DIRECTORY      below DIRECTORY, for packaging: implies DKMS=no
  PAM=FLAVOUR            how PowerShell Direct logs users in: debian, fedora, suse, alpine or
                         none (default: by what /etc/pam.d has; none with DESTDIR)

make uninstall undoes it.
END
}

case ${1:-} in
'') ;;
-h | --help) usage && exit ;;
*) die "scripts/install.sh takes variables, no arguments (--help explains)" ;;
esac

release=${KERNELRELEASE:-$(uname -r)}
kdir=${KDIR:-/lib/modules/$release/build}
root=${DESTDIR:-}
case ${PAM:-none} in
debian | fedora | suse | alpine | none) ;;
*) die "PAM is '$PAM': it can be debian, fedora, suse, alpine or none" ;;
esac
version=$("$TOP/scripts/version.sh")

# Headers can be had from apt only if they are of a kernel that came from there.
headers_need()
{
	[ -z "${KDIR:-}" ] || return 0
	[ -e "$kdir/Makefile" ] && return
	apt-cache show "linux-headers-$release" >/dev/null 2>&1 || return 0
	need "linux-headers-$release"
}

dkms_wanted()
{
	[ -z "$root" ] && [ "${DKMS:-yes}" != no ] || return 1
	command -v dkms >/dev/null && return
	command -v apt-get >/dev/null || return 1
	(need dkms)	# where that fails, it goes without
}

# The sources as they are in the tree, without what a build left among them.
sources_copy()
{
	mkdir -p "$1"
	(cd "$TOP" && find Kbuild COPYING drivers include -type f ! -name '*.mod.c' \
		\( -name '*.[ch]' -o -name '*.mk' -o -name Kbuild -o -name Kconfig -o -name Makefile -o -name COPYING \) \
		-exec cp --parents -t "$1" {} +)
	sed "s/@VERSION@/$version/g" "$TOP/scripts/dkms.conf.in" >"$1/dkms.conf"
}

dkms_install()
{
	sources=/usr/src/hyperv-ics-$version
	"$TOP/scripts/uninstall.sh" --quiet
	sources_copy "$sources"
	for step in "add hyperv-ics/$version" \
		"build hyperv-ics/$version -k $release --kernelsourcedir $kdir" \
		"install hyperv-ics/$version -k $release --kernelsourcedir $kdir"; do
		# shellcheck disable=SC2086 # several words
		dkms $step >"$BUILD/dkms.log" 2>&1 </dev/null && continue
		make_log=/var/lib/dkms/hyperv-ics/$version/build/make.log
		[ ! -e "$make_log" ] || cat "$make_log" >>"$BUILD/dkms.log"
		grep 'error:' "$BUILD/dkms.log" >&2 || :
		die "dkms ${step%% *} failed; see $BUILD/dkms.log"
	done
	how="by DKMS from $sources, and again for each kernel installed later"
}

# A kernel's own build directory has the key to sign with; packaged headers have
# not, and kbuild would fail for it.
plain_install()
{
	set -- -C "$kdir" M="$TOP"
	[ -e "$kdir/certs/signing_key.pem" ] || set -- "$@" CONFIG_MODULE_SIG_ALL=
	log=$BUILD/install.log
	make "$@" modules >"$log" 2>&1 </dev/null || {
		grep 'error:' "$log" >&2 || :
		die "hv_utils.ko does not build against $kdir; see $log"
	}
	make "$@" INSTALL_MOD_PATH="$root" INSTALL_MOD_DIR=updates modules_install >"$log" 2>&1 </dev/null ||
		die "cannot install below $root/lib/modules/$release; see $log"
	[ -n "$root" ] || depmod -a "$release"
	how="for this kernel only, without DKMS"
}

# Those that have a daemon.
SERVICES=$(daemons)

# What user space needs beside the module; uninstall.sh has the same list.
files_install()
{
	install -D -m 644 "$TOP/tools/hv/dist/70-hyperv-ics.rules" "$root/usr/lib/udev/rules.d/70-hyperv-ics.rules"
	install -D -m 644 "$TOP/tools/hv/dist/69-hyperv-ics-fcopy.rules" "$root/usr/lib/udev/rules.d/69-hyperv-ics-fcopy.rules"
	install -D -m 644 "$TOP/tools/hv/dist/hyperv-ics-modprobe.conf" "$root/usr/lib/modprobe.d/hyperv-ics.conf"
	install -D -m 755 "$TOP/tools/hv/dist/hv_power_event" "$root/usr/libexec/hyperv-ics/hv_power_event"
	install -D -m 644 "$TOP/tools/hv/man/hv_utils.4" "$root/usr/share/man/man4/hv_utils.4"
	install -D -m 755 "$BUILD/hvic/hvic" "$root/usr/bin/hvic"
	install -D -m 644 "$TOP/tools/hvic/hvic.1" "$root/usr/share/man/man1/hvic.1"
	install -D -m 644 "$TOP/tools/hvic/hvic.bash" "$root/usr/share/bash-completion/completions/hvic"
	install -D -m 644 "$TOP/tools/hv/man/hyperv-ics.conf.5" "$root/usr/share/man/man5/hyperv-ics.conf.5"
	# what somebody has set stays
	[ -e "$root/etc/hyperv-ics.conf" ] ||
		install -D -m 644 "$TOP/tools/hv/dist/hyperv-ics.conf" "$root/etc/hyperv-ics.conf"
	for service in $SERVICES; do
		[ -n "$(other_package "$service")" ] || daemon_install "$service"
	done
	psdirect_install
	[ -z "$root" ] || return 0
	# where they do not run, they read it all when they start
	udevadm control --reload 2>/dev/null || :
	systemctl daemon-reload 2>/dev/null || :
	# a device that is there already, and a daemon that runs already
	for service in $SERVICES; do
		udevadm trigger --action=add --subsystem-match=misc --sysname-match="vmbus!hv_$service" \
			2>/dev/null || :
		[ -n "$(other_package "$service")" ] ||
			systemctl try-restart "hv-$service-daemon.service" 2>/dev/null || :
	done
}

# daemon_install SERVICE - by all names that distributions have for it: people and their
# tools ask for these.
daemon_install()
{
	units=$root/usr/lib/systemd/system
	install -D -m 755 "$BUILD/hv/hv_$1_daemon" "$root/usr/sbin/hv_$1_daemon"
	ln -sf "hv_$1_daemon" "$root/usr/sbin/hyperv$1d"
	install -D -m 644 "$TOP/tools/hv/dist/hv-$1-daemon.service" "$units/hv-$1-daemon.service"
	ln -sf "hv-$1-daemon.service" "$units/hv_$1_daemon.service"
	ln -sf "hv-$1-daemon.service" "$units/hyperv$1d.service"
	install -D -m 644 "$TOP/tools/hv/man/hv_$1_daemon.8" "$root/usr/share/man/man8/hv_$1_daemon.8"
	[ "$1" != vss ] || hooks_install
}

# PowerShell Direct and ssh for the host: nothing of it runs before an administrator
# enables it, and a daemon that runs is left alone, for this may be a session of it.
psdirect_install()
{
	units=$root/usr/lib/systemd/system
	install -D -m 755 "$BUILD/hv/hv_psdirect_daemon" "$root/usr/sbin/hv_psdirect_daemon"
	for unit in hv-psdirect-daemon.socket hv-psdirect-daemon.service sshd-hyperv.socket \
		sshd-hyperv@.service; do
		install -D -m 644 "$TOP/tools/hv/dist/$unit" "$units/$unit"
	done
	install -D -m 644 "$TOP/tools/hv/man/hv_psdirect_daemon.8" \
		"$root/usr/share/man/man8/hv_psdirect_daemon.8"
	# what somebody has set stays
	[ ! -e "$root/etc/pam.d/hv-psdirect" ] || return 0
	flavour=$(pam_flavour)
	case $flavour in
	none) ;;
	*) install -D -m 644 "$TOP/tools/hv/dist/pam/hv-psdirect.$flavour" "$root/etc/pam.d/hv-psdirect" ;;
	esac
}

# pam_flavour - whose layout /etc/pam.d has; PAM= says it, too, which a DESTDIR needs.
pam_flavour()
{
	if [ -n "${PAM:-}" ]; then
		echo "$PAM"
	elif [ -n "$root" ]; then
		echo none
	elif [ -e /etc/pam.d/base-auth ]; then
		echo alpine
	elif [ -e /etc/pam.d/password-auth ]; then
		echo fedora
	elif [ -e /etc/debian_version ] && [ -e /etc/pam.d/common-auth ]; then
		echo debian
	elif [ -e /etc/pam.d/common-auth ] || [ -e /usr/lib/pam.d/common-auth ]; then
		echo suse
	else
		echo none
	fi
}

# They are for the administrator to choose.
hooks_install()
{
	install -d -m 755 "$root/etc/hyperv-ics/freeze.d"
	for hook in "$TOP"/tools/hv/dist/freeze.d/*; do
		install -D -m 755 "$hook" "$root/usr/share/doc/hyperv-ics/freeze.d/${hook##*/}"
	done
}

# other_package SERVICE - the package that has a daemon already, if one does: by the
# names of Debian and of Fedora.
other_package()
{
	[ -z "$root" ] || return 0
	dpkg-query -S "/usr/sbin/hv_$1_daemon" 2>/dev/null | cut -d: -f1 | grep . && return
	rpm -qf --qf '%{NAME}\n' "/usr/sbin/hyperv$1d" 2>/dev/null || :
}

tools_build()
{
	for part in hv hvic; do
		make -C "$TOP/tools/$part" >"$BUILD/install.log" 2>&1 </dev/null && continue
		grep -E 'hyperv-ics:|error:' "$BUILD/install.log" >&2 || :
		die "tools/$part does not build; see $BUILD/install.log"
	done
}

# What depmod prefers is what counts: a driver disk or another package may have
# put an hv_utils.ko into a better place.
module_path()
{
	if [ -z "$root" ]; then
		modinfo -k "$release" -F filename hv_utils 2>/dev/null || :
	else
		find "$root/lib/modules/$release/updates" -name 'hv_utils.ko*'
	fi
}

# The last byte of the variable; the key is enrolled once for all of DKMS.
secure_boot_note()
{
	for variable in /sys/firmware/efi/efivars/SecureBoot-*; do
		[ -e "$variable" ] || return 0
		[ "$(tail -c 1 "$variable" | od -An -tu1 | tr -d ' ')" = 1 ] || return 0
		echo "Secure Boot is on: have its firmware accept the module, once: mokutil --import /var/lib/dkms/mok.pub, and reboot"
	done
}

[ -n "$root" ] || [ "$(id -u)" = 0 ] || die 'installing needs root: sudo make install (or give a DESTDIR)'
headers_need
"$TOP/scripts/check-kdir.sh" "$kdir"
command -v depmod >/dev/null || need kmod
command -v make >/dev/null || need make
tools_build
if dkms_wanted; then
	dkms_install
else
	plain_install
fi
files_install
path=$(module_path)
case $path in
*/updates/* | */extra/*) ;;
*) die "installed, but modprobe prefers ${path:-nothing} for hv_utils: remove that one, then run depmod -a $release" ;;
esac

echo "hyperv-ics $version is installed for $release, $how:"
echo "  $path"
for service in $SERVICES; do
	other=$(other_package "$service")
	[ -z "$other" ] ||
		echo "hv_${service}_daemon stays that of the package $other; for ours, remove that and run make install again"
done
[ -e "$root/etc/pam.d/hv-psdirect" ] ||
	echo "PowerShell Direct has no /etc/pam.d/hv-psdirect yet: give PAM=debian, fedora, suse or alpine, or write one"
if [ -n "$root" ]; then
	echo "Where it is unpacked, run: depmod -a $release"
else
	secure_boot_note
	echo "To load it now, in a guest on Hyper-V: modprobe -r hv_utils && modprobe hv_utils (or reboot)"
	echo "To go back to the kernel's own:        make uninstall"
fi
