#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: unshare -m -n -p -f --mount-proc --kill-child machine.sh WORK COMMAND...
#
# Runs COMMAND beside three hv_psdirect_daemon on UNIX sockets, on a machine that has a user
# to log in as: accounts, PAM and /home are replaced in this mount namespace alone, and all
# processes end with COMMAND. In the environment: DOTNET, the folder of dotnet; PWSH, that of
# pwsh.dll; DAEMON, the program. WORK is an empty folder, where logs stay.

set -eu
work=$1
shift

# A name, a password and a home that are not ASCII; a uid that no account has.
user=prüfer
password='Gehëim \ €𝄞 "1"'
uid=54321

account_add()
{
	hash=$(perl -CA -e 'use Encode; print crypt(encode("UTF-8", $ARGV[0]), q($6$hypervics$))' "$password")
	for file in passwd group shadow; do
		cp -p "/etc/$file" "$work/$file"
	done
	echo "$user:x:$uid:$uid::/home/$user:/bin/sh" >>"$work/passwd"
	echo "$user:x:$uid:" >>"$work/group"
	echo "$user:$hash:20000:0:99999:7:::" >>"$work/shadow"
	for file in passwd group shadow; do
		mount --bind "$work/$file" "/etc/$file"
	done
	mount -t tmpfs -o mode=755 none /home
	install -d -m 700 -o "$uid" -g "$uid" "/home/$user"
}

# What a user may read, wherever the packages are.
programs_show()
{
	mount -t tmpfs -o mode=755 none /mnt
	mkdir /mnt/dotnet /mnt/pwsh
	mount --bind "$DOTNET" /mnt/dotnet
	mount --bind "$PWSH" /mnt/pwsh
}

# The environment of a session is the administrator's to say, and this is how.
pam_write()
{
	mount -t tmpfs -o mode=755 none /etc/pam.d
	cat >/etc/pam.d/hv-psdirect <<-END
		auth required pam_unix.so
		account required pam_unix.so
		session required pam_env.so readenv=1 envfile=/etc/pam.d/environment
		session required pam_unix.so
	END
	cat >/etc/pam.d/environment <<-END
		POWERSHELL_TELEMETRY_OPTOUT=1
		POWERSHELL_UPDATECHECK=Off
		DOTNET_EnableDiagnostics=0
	END
}

# daemon_start NAME LEGACY - its sockets in $work/NAME.
daemon_start()
{
	mkdir "$work/$1"
	cat >"$work/$1.conf" <<-END
		[psdirect]
		legacy = $2
		fail_seconds = 0
		command = /mnt/dotnet/dotnet /mnt/pwsh/pwsh.dll -NoLogo -NoProfile -sshs
	END
	"$DAEMON" --no-daemon --config "$work/$1.conf" --test-sockets "$work/$1" >"$work/$1.log" 2>&1 &
	for _ in $(seq 100); do
		[ ! -S "$work/$1/server.sock" ] || return 0
		sleep 0.1
	done
	echo "# the daemon does not start; $work/$1.log:"
	sed 's/^/# /' "$work/$1.log"
	exit 1
}

mount --make-rprivate /
account_add
programs_show
pam_write
daemon_start new no
daemon_start old yes
daemon_start oldest only
mkdir "$work/home" "$work/files" "$work/bin"

# what hvsim ps is told of the host's ssh: the rest of its words are for a network
cat >"$work/bin/ssh" <<-END
	#!/bin/sh
	exec "$HVSIM" ps --sockets "$work/new" --user "\$POWERSHELL_USER" --stdio
END
chmod +x "$work/bin/ssh"

export POWERSHELL_USER="$user" POWERSHELL_PASSWORD="$password" POWERSHELL_HOME="/home/$user"
export POWERSHELL_SOCKETS="$work/new" POWERSHELL_LEGACY_SOCKETS="$work/old"
export POWERSHELL_OLDEST_SOCKETS="$work/oldest" POWERSHELL_WORK="$work/files"
export HVSIM_PS_PASSWORD="$password" HOME="$work/home" LANG=C.UTF-8 TERM=dumb NO_COLOR=1
export POWERSHELL_TELEMETRY_OPTOUT=1 POWERSHELL_UPDATECHECK=Off DOTNET_CLI_TELEMETRY_OPTOUT=1
PATH="$work/bin:$PATH" "$@"
