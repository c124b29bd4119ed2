#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: tools/testing/check/check-names.sh [TREE]
#
# Compares the names that TREE (default: this one) keeps by hand, because they stand in
# rules, units or documents, with include/hv/hvic_service.h. hvsim is compared too: it
# has a table of its own on purpose, as it knows nothing of the module's code.

set -eu
. "$(dirname "$0")/../../../scripts/lib.sh"

tree=${1:-$TOP}
cd "$tree" || die "there is no tree in $tree"
failed=0
guid='[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'

# complain FILE WORD WHAT
complain()
{
	echo "$1: $2 $3: compare it with include/hv" >&2
	failed=1
}

# words_check WORDS WHAT PATTERN FILE... - whether each word in the files that PATTERN
# finds is one of WORDS; a file without any is not the one that was meant.
words_check()
{
	words=$1 what=$2 pattern=$3
	shift 3
	for file; do
		found=$(grep -oE "$pattern" "$file" | sort -u) || complain "$file" "$pattern" 'is not found'
		for word in $found; do
			echo "$words" | grep -qxF "${word##*devices/}" || complain "$file" "$word" "is not $what"
		done
	done
}

# files_named PATTERN SEARCH - files of tools that have a name and a word.
files_named()
{
	files=$(find tools -name "$1" -exec grep -lE "$2" {} +)
	[ -n "$files" ] || die "no $1 in $tree/tools has $2"
	echo "$files"
}

classes=$(ic_guids CLASS "$tree")
instances=$(ic_guids INSTANCE "$tree")
devices=$(sed -n 's/^#define HVIC_DEVICE_[A-Z]*[[:space:]]*"\(.*\)"$/\1/p' include/hv/hvic_service.h)
if [ -z "$classes" ] || [ -z "$instances" ] || [ -z "$devices" ]; then
	die "include/hv/hvic_service.h in $tree has no names that can be read"
fi

only_guids=$(echo "$instances" | cut -d' ' -f2)
rules=$(files_named '*.rules' "$guid")
# shellcheck disable=SC2086 # our file names have no blanks
words_check "$only_guids" 'the instance of a service' "$guid" $rules
documents=$(grep -lE "devices/$guid" Documentation/*.rst)
# shellcheck disable=SC2086
words_check "$only_guids" 'the instance of a service' "devices/$guid" $documents

named=$(files_named '*.rules' vmbus/hv_ && files_named '*.service' vmbus/hv_)
# shellcheck disable=SC2086
words_check "$devices" 'the device of a service' 'vmbus/hv_(kvp|vss|fcopy|[a-z]*psdirect)[a-z_]*' $named

# each service has both in hvsim's table and in the one of protocol.rst
hvsim=$(files_named hvsim_ic.h "$guid")
tr -d '\n' <"$hvsim" | grep -oE "\"[a-z]+\",[[:space:]]*\"$guid\", \"$guid\"" |
	sed 's/[",[:space:]]\{1,\}/ /g; s/^ //; s/ $//' | sort >"$BUILD/names.hvsim"
echo "$classes" | while read -r service class; do
	echo "$service $class $(echo "$instances" | sed -n "s/^$service //p")"
done | sort >"$BUILD/names.header"
diff "$BUILD/names.header" "$BUILD/names.hvsim" >&2 || complain "$hvsim" 'its table' 'differs'
while read -r service class instance; do
	grep -qE "$class +$instance" Documentation/protocol.rst ||
		complain Documentation/protocol.rst "$service" 'has another GUID, or none'
done <"$BUILD/names.header"
# the ports of PowerShell Direct, in the unit that listens to them
units=$(files_named '*psdirect*.socket' ListenStream=)
ports=$(sed -n 's/^#define HVIC_PSDIRECT_[A-Z]*_PORT[[:space:]]*\([0-9]*\).*/\1/p' include/hv/hvic_psdirect.h)
# shellcheck disable=SC2086
listened=$(sed -n 's/^ListenStream=vsock::\([0-9]*\)$/\1/p' $units)
[ "$ports" = "$listened" ] ||
	complain "$units" "$(echo "$listened" | xargs)" 'are not the ports of hvic_psdirect.h'
exit $failed
