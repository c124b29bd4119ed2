#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: hvsim run OPTION... -- guest.sh COMMAND...
#
# Switches PowerShell Direct on in the guest, as Documentation/psdirect.rst has it, and runs
# COMMAND, a PowerShell, on the host's side. The guest has a system with systemd, our daemon
# and units, and a disk with the label "powershell" that has pwsh. In the environment: HVSIM,
# the program.

set -eu
user=tester
password='Gehëim € 1'
pwsh=/opt/microsoft/powershell/7

# What takes a second elsewhere takes a minute in an emulated machine. The first command also
# waits until the guest is up.
in_guest()
{
	"$HVSIM" guest --timeout 300 "$1"
}

# What an administrator does, with a disk in the place of a package; and time limits for two
# PowerShells that share an emulated processor. The daemon is started before they keep it busy.
guest_prepare()
{
	in_guest "set -e
		mkdir -p $pwsh
		mount -o ro -L powershell $pwsh
		useradd -m -s /bin/sh $user
		echo '$user:$password' | chpasswd
		echo POWERSHELL_TELEMETRY_OPTOUT=1 >>/etc/environment
		sed -i 's/^#\(step\|login\|token\)_seconds = .*/\1_seconds = 300/' /etc/hyperv-ics.conf
		systemctl enable --now hv-psdirect-daemon.socket
		systemctl start hv-psdirect-daemon.service
		systemctl is-active hv-psdirect-daemon.socket hv-psdirect-daemon.service"
}

# What the guest says of it all, as diagnostics, and more in the output directory.
guest_show()
{
	in_guest 'journalctl -b --no-pager -o short-monotonic' >"$HVSIM_OUTPUT/journal" 2>&1 || :
	sed -n 's/.*\(hv_psdirect_daemon\[.*\)/# \1/p' "$HVSIM_OUTPUT/journal"
	in_guest 'cd /sys/bus/vmbus/drivers/hv_utils/psdirect && grep . *' | sed 's/^/# psdirect: /'
}

work=$(mktemp -d)
mkdir "$work/home" "$work/files" "$work/bin"
if ! guest_prepare >"$HVSIM_OUTPUT/prepare" 2>&1; then
	echo 'not ok 1 - PowerShell Direct is switched on in the guest'
	sed 's/^/# /' "$HVSIM_OUTPUT/prepare"
	echo 1..1
	exit 1
fi

# what hvsim ps is told of the host's ssh: the rest of its words are for a network
cat >"$work/bin/ssh" <<-END
	#!/bin/sh
	exec "$HVSIM" ps --user "\$POWERSHELL_USER" --stdio
END
chmod +x "$work/bin/ssh"

POWERSHELL_GUEST="Linux guest $(in_guest 'uname -r') "
POWERSHELL_SOCKETS=$(dirname "$HVSIM_CONTROL")
export POWERSHELL_GUEST POWERSHELL_SOCKETS
export POWERSHELL_USER="$user" POWERSHELL_PASSWORD="$password" POWERSHELL_HOME="/home/$user"
export POWERSHELL_WORK="$work/files" HVSIM_PS_PASSWORD="$password"
export HOME="$work/home" TMPDIR="$work/files" LANG=C.UTF-8 TERM=dumb NO_COLOR=1
status=0
PATH="$work/bin:$PATH" "$@" || status=$?
guest_show
exit $status
