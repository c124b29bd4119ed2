#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: scripts/guest-programs.sh PROGRAM:DEST... [pam:MODULE...]
#
# Prints the options with which `hvsim run` puts programs of this machine, and the
# libraries that they are linked with, into a guest that is all busybox; and modules of
# PAM, to where the first program's libpam looks for them.

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

[ $# -gt 0 ] || die 'usage: scripts/guest-programs.sh PROGRAM:DEST... [pam:MODULE...]'
programs=
for program; do
	case $program in
	pam:*)
		# shellcheck disable=SC2086 # several words
		libpam=$(# a module need not be executable, of which ldd warns
ldd $programs 2>/dev/null | awk '$1 ~ /^libpam[.]so/ { print $3; exit }')
		module=${libpam%/*}/security/${program#pam:}.so
		[ -f "$module" ] || die "there is no module of PAM $module: install libpam-modules"
		program=$module:$module
		;;
	esac
	[ -e "${program%:*}" ] || die "there is no program ${program%:*}: make tools"
	programs="$programs ${program%:*}"
	printf -- '--initramfs-add %s ' "$program"
done
# shellcheck disable=SC2086 # several words
# a module need not be executable, of which ldd warns
ldd $programs 2>/dev/null | awk '$2 == "=>" && $3 ~ "^/" { print $3 } $1 ~ "^/" && $2 ~ "^[(]" { print $1 }' | sort -u |
while read -r library; do
	printf -- '--initramfs-add %s:%s ' "$library" "$library"
done
echo
