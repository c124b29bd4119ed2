#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: [POWERSHELL=all] [KERNEL=6.12] [TESTS="NAME..."] scripts/check-powershell.sh
#
# Has a real PowerShell log in to hv_psdirect_daemon on this machine, on UNIX sockets, or in
# a guest; prints TAP. PowerShell comes from NuGet, as the machine's own configuration of NuGet has
# it, once. Tests, of which the first two, the second one short, are all without
# POWERSHELL=all:
#
#	handshake	Microsoft's handshakes: its client and the daemon, its server and hvsim ps
#	transport	sessions of its client, over a transport of ours
#	ssh		the same over hvsim ps --stdio, in the place of ssh
#	terminal	Enter-PSSession at a terminal, both ways
#	guest		a few of ssh's in a guest on hvsim's bus, with the module; only when it is
#			named, because it takes 5 to 10 minutes
#
# Without dotnet or the package the part is skipped; with CI=true and dotnet it fails then.

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tools/testing/check/tap.sh
. "$TOP/tools/testing/check/tap.sh"

VERSION=7.6.9
SDK=10
KERNEL=${KERNEL:-6.12}
HERE=$TOP/tools/testing/powershell
OUT=$BUILD/check/powershell
TOOL=$CACHE/powershell-$VERSION
case ${POWERSHELL:-short} in
short)
	length=short
	TESTS=${TESTS:-handshake transport}
	;;
all)
	length=
	TESTS=${TESTS:-handshake transport ssh terminal}
	;;
*) die "POWERSHELL is '$POWERSHELL': say all, or leave it out" ;;
esac
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1
export POWERSHELL_UPDATECHECK=Off DAEMON="$BUILD/hv/hv_psdirect_daemon" HVSIM="$BUILD/hvsim/hvsim"

# skip REASON - the part cannot run here. Where CI has dotnet, it must.
skip()
{
	if [ "${CI:-}" = true ] && command -v dotnet >/dev/null; then
		tap_result 1 "a real PowerShell logs in to the daemon"
		echo "# it cannot: $1"
	else
		tap_result 0 "a real PowerShell logs in to the daemon # SKIP $1"
	fi
	tap_end
	exit
}

# Into place only when it is whole: a folder that is there is a PowerShell that works.
pwsh_install()
{
	rm -rf "$TOOL" "$TOOL.part"
	note "installing PowerShell $VERSION from NuGet"
	dotnet tool install --tool-path "$TOOL.part" PowerShell --version "$VERSION" \
		>"$BUILD/powershell.log" 2>&1 </dev/null && mv "$TOOL.part" "$TOOL"
}

# Prints the folder of pwsh.dll.
pwsh_find()
{
	find "$TOOL/.store" -path '*/unix/pwsh.dll' -printf '%h\n' | head -n 1
}

# run NAME COMMAND... - a test, on a machine of its own.
run()
{
	name=$1
	shift
	mkdir -p "$OUT/$name"
	tap_include "$name" "$OUT/$name.tap" timeout -k 10 600 \
		unshare -m -n -p -f --mount-proc --kill-child "$HERE/machine.sh" "$OUT/$name" "$@"
}

pwsh()
{
	name=$1
	script=$2
	shift 2
	run "$name" "$DOTNET/dotnet" /mnt/pwsh/pwsh.dll -NoLogo -NoProfile -File "$HERE/$script" "$@"
}

terminal_run()
{
	need expect
	for way in transport ssh; do
		run "terminal-$way" "$HERE/terminal.exp" "$way" "$DOTNET/dotnet" /mnt/pwsh/pwsh.dll
	done
}

# Names the guest's pwsh: another recipe is another one.
guest_pwsh()
{
	echo "powershell-guest-$VERSION-$(cat "$HERE/pwsh/pwsh.csproj" "$HERE/pwsh/pwsh.cs" | sha256sum | cut -c1-12)"
}

# guest_pwsh_build DIR - a pwsh that needs no .NET in the guest.
guest_pwsh_build()
{
	rm -rf "$1" "$1.part" "$1.obj"
	note "building PowerShell $VERSION for a guest, out of packages from NuGet"
	dotnet publish "$HERE/pwsh/pwsh.csproj" -c Release -o "$1.part" --artifacts-path "$1.obj" \
		--disable-build-servers \
		-p:PowerShellVersion="$VERSION" >"$BUILD/powershell.log" 2>&1 </dev/null || return 1
	# where PowerShell looks for its own modules, which the package has elsewhere
	cp -r "$1.part/runtimes/unix/lib/net$SDK.0/Modules" "$1.part" && rm -rf "$1.obj" && mv "$1.part" "$1"
}

guest_run()
{
	need e2fsprogs
	name=$(guest_pwsh)
	once "$name" guest_pwsh_build "$CACHE/$name" ||
		skip "NuGet does not give PowerShell $VERSION for a guest: $(tail -n 1 "$BUILD/powershell.log" | tr '#' ' ')"
	mke2fs -q -F -t ext4 -m 0 -L powershell -d "$CACHE/$name" "$OUT/guest.disk" 400M >&2 ||
		die "cannot make a disk of $CACHE/$name"
	image=$("$TOP/scripts/guest-image.sh" "$KERNEL") || die "there is no system for a guest of $KERNEL"
	"$TOP/scripts/build-module.sh" "$KERNEL" >/dev/null
	make -s -C "$TOP/tools/hvic" >&2
	make -s -C "$TOP/tools/testing/psdirect" >&2
	# shellcheck disable=SC2046 # several words
	tap_include guest "$OUT/guest.tap" "$HVSIM" run --kernel "$KERNEL" --root "$image" \
		--memory 1536 --guest-modules hv_sock --disk "$OUT/guest.disk" $("$TOP/scripts/guest-daemons.sh" psdirect) \
		--append systemd.condition_needs_update=no --no-kvp --no-wait --timeout 2400 \
		--output "$OUT/guest" -- "$HERE/guest.sh" \
		"$CACHE/$name/pwsh" -NoLogo -NoProfile -File "$HERE/session.ps1" ssh guest
}

tap_begin
command -v dotnet >/dev/null || skip 'there is no dotnet (.NET SDK 10)'
dotnet --list-sdks | grep -q "^$SDK\\." || skip "dotnet has no SDK $SDK"
[ "$(id -u)" = 0 ] || skip 'a user to log in as needs root, in namespaces'
once "powershell-$VERSION" pwsh_install ||
	skip "NuGet does not give PowerShell $VERSION: $(tail -n 1 "$BUILD/powershell.log" | tr '#' ' ')"
DOTNET=$(dirname "$(readlink -f "$(command -v dotnet)")")
PWSH=$(pwsh_find)
[ -n "$PWSH" ] || die "there is no pwsh.dll in $TOOL: remove $TOOL and $CACHE/done/powershell-$VERSION, and begin again"
export DOTNET PWSH
make -s -C "$TOP/tools/hvsim" >&2
make -s -C "$TOP/tools/hv" >&2
need perl util-linux
rm -rf "$OUT"
mkdir -p "$OUT"
for test in $TESTS; do
	case $test in
	handshake) pwsh handshake handshake.ps1 ;;
	transport | ssh) pwsh "$test" session.ps1 "$test" $length ;;
	terminal) terminal_run ;;
	guest) guest_run ;;
	*) die "there is no test '$test': $0 has handshake, transport, ssh, terminal and guest" ;;
	esac
done
tap_end
