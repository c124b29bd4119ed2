#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: scripts/guest-programs.sh PROGRAM:DEST...
#
# Prints the options with which `hvsim run` puts programs of this machine, and the
# libraries that they are linked with, into a guest that is all busybox.

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

[ $# -gt 0 ] || die 'usage: scripts/guest-programs.sh PROGRAM:DEST...'
programs=
for program; do
	[ -x "${program%:*}" ] || die "there is no program ${program%:*}: make tools"
	programs="$programs ${program%:*}"
	printf -- '--initramfs-add %s ' "$program"
done
# shellcheck disable=SC2086 # several words
ldd $programs | awk '$2 == "=>" && $3 ~ "^/" { print $3 } $1 ~ "^/" && $2 ~ "^[(]" { print $1 }' | sort -u |
while read -r library; do
	printf -- '--initramfs-add %s:%s ' "$library" "$library"
done
echo
