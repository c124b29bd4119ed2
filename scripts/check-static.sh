#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: scripts/check-static.sh
#
# What can be said of the code without running it, as TAP: builds for every
# kernel, sparse, checkpatch, kernel-doc, shellcheck and the tree's own rules.
# Whatever checks is itself checked with a planted fault: a tool that finds
# nothing is not proof of anything.

set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/tools/testing/check/tap.sh"
. "$TOP/tools/testing/check/expect.sh"

cd "$TOP"
unset MAKEFLAGS MAKELEVEL MFLAGS
need shellcheck perl make
source=$("$TOP/scripts/kernel.sh" source 6.12)
work=$BUILD/check-static
rm -rf "$work"
mkdir -p "$work"

# Kernel C and userspace C; files that kbuild leaves in the tree are not ours.
kernel_files()
{
	find drivers include -name '*.[ch]' ! -name '*.mod.c'
}

tools_files()
{
	find tools -name '*.[ch]'
}

shell_files()
{
	find scripts tools .ci -type f | while read -r file; do
		case $file in
		*.sh) echo "$file" ;;
		*) head -n 1 "$file" | grep -aqE '^#! ?/bin/(sh|bash)' && echo "$file" ;;
		esac
	done
}

# A copy of the sources with one fault, for one check to find:
# planted FILE TEXT - prints the copy's path, TEXT being added to its FILE.
planted()
{
	rm -rf "$work/planted"
	mkdir -p "$work/planted"
	cp -r Kbuild drivers include "$work/planted"
	printf '%b' "$2" >>"$work/planted/$1"
	echo "$work/planted"
}

builds()
{
	"$TOP/scripts/build-module.sh" "$1" --arch "$2" --strict >/dev/null
}

# Every C file must have been looked at: where sparse cannot be used, kbuild goes
# on without it and says little.
sparse_checks()
{
	"$TOP/scripts/build-module.sh" "$1" --sparse --strict >/dev/null || return 1
	all=$(find drivers/hv -name '*.c' ! -name '*.mod.c' ! -path '*/tests/*' | wc -l)
	seen=$(grep -c '^  CHECK ' "$BUILD/module/$("$TOP/scripts/kernel.sh" release "$1").log")
	[ "$seen" = "$all" ] || { echo "sparse saw $seen files of $all" && return 1; }
}

sparse_finds()
{
	tree=$(planted drivers/hv/ic/hvic_msg.c \
		'\n__le32 hvic_planted(u32 host);\n__le32 hvic_planted(u32 host)\n{\n\treturn host;\n}\n')
	expect_failure 'incorrect type in return expression (different base types)' \
		"$TOP/scripts/build-module.sh" "$1" --sparse --strict --tree "$tree"
}

# checkpatch CONF FILE... - with the .checkpatch.conf of a directory. It is run
# elsewhere, for it leaves a cache behind where it runs.
checkpatch()
{
	cp "$1/.checkpatch.conf" "$work"
	shift
	cd "$work"
	perl "$source/scripts/checkpatch.pl" --root="$source" --quiet --terse --show-types --no-summary \
		--file "$@" | sed "s#^$TOP/##"
}

# The layout of tracepoints is not one that checkpatch knows.
style_kernel()
{
	# shellcheck disable=SC2046 # our file names have no blanks
	said=$(checkpatch . $(kernel_files | grep -v '_trace\.h$' | sed "s#^#$TOP/#") 2>&1)
	expect_silence
}

style_tools()
{
	# shellcheck disable=SC2046
	said=$(checkpatch tools $(tools_files | sed "s#^#$TOP/#") 2>&1)
	expect_silence
}

style_finds()
{
	printf '// SPDX-License-Identifier: GPL-2.0-only\n\nint hvic_planted( void );\n' >"$work/planted.c"
	said=$(checkpatch "$1" "$work/planted.c" 2>&1)
	expect_words 'ERROR:SPACING'
}

kernel_doc()
{
	perl "$source/scripts/kernel-doc" -none -Wall "$@"
}

docs_check()
{
	# shellcheck disable=SC2046
	said=$(kernel_doc $(kernel_files) $(tools_files) 2>&1)
	expect_silence
}

docs_find()
{
	printf '/**\n * hvic_planted() - Planted.\n * @a: a\n */\nint hvic_planted(int a, int b)\n{\n}\n' >"$work/planted.c"
	said=$(kernel_doc "$work/planted.c" 2>&1)
	expect_words "parameter or struct member 'b' not described"
}

core_finds()
{
	expect_failure 'linux/slab.h' tools/testing/check/check-core.sh "$(planted drivers/hv/ic/hvic_msg.c '#include <linux/slab.h>\n')"
}

# hvsim_fault FILE TEXT WORDS - whether WORDS are said of a copy of hvsim with TEXT in its FILE.
hvsim_fault()
{
	rm -rf "$work/planted"
	mkdir -p "$work/planted/tools"
	cp -r tools/hvsim "$work/planted/tools"
	printf '%b' "$2" >>"$work/planted/tools/hvsim/$1"
	expect_failure "$3" tools/testing/check/check-hvsim.sh "$work/planted"
}

hvsim_finds()
{
	hvsim_fault base/hvsim_hex.c '#include "hvsim_link.h"\n' 'base comes before channel' &&
		hvsim_fault service/hvsim_kvp.h '#include "hvsim_host.h"\n' 'service comes before host'
}

hvsim_impurity_found()
{
	hvsim_fault message/hvsim_message.c '#include <sys/socket.h>\n' 'must not include sys/socket.h' &&
		hvsim_fault vmbus/hvsim_ring.h '#include <systemd/sd-event.h>\n' 'must not include systemd/sd-event.h' &&
		hvsim_fault base/hvsim_guid.c '#include <unistd.h>\n' 'must not include unistd.h' &&
		hvsim_fault vmbus/hvsim_ring.c 'void planted(FILE *to)\n{\n\tfprintf(to, "x");\n}\n' 'must not do input or output'
}

# names_find FILE FROM TO - whether a name that is changed in a copy of FILE is found.
names_find()
{
	rm -rf "$work/planted"
	mkdir -p "$work/planted"
	cp -r include tools Documentation "$work/planted"
	file=$(cd "$work/planted" && find include tools Documentation -name "$1")
	sed -i "s/$2/$3/" "$work/planted/$file"
	expect_failure "$file" tools/testing/check/check-names.sh "$work/planted"
}

# Shims are for include/compat, and ask for names: stable kernels take changes back.
versions_check()
{
	! grep -rnE 'LINUX_VERSION_CODE|KERNEL_VERSION\(|linux/version\.h' drivers --include='*.[ch]' --include=Makefile
}

# license_check LICENSE PATH... - whether all sources below say so in the first
# line, or in the second of what begins with #!.
license_check()
{
	license=$1
	shift
	find "$@" -type f \( -name '*.[chS]' -o -name '*.sh' -o -name '*.py' -o -name '*.mk' -o -name '*.rst' \
		-o -name '*.in' -o -name '*.rules' -o -name '*.cocci' -o -name Makefile -o -name Kbuild -o -name Kconfig \) \
		! -name '*.mod.c' |
	while read -r file; do
		head -n 2 "$file" | grep -qE "SPDX-License-Identifier: $license( \*/)?$" || echo "$file: no SPDX line with $license"
	done >"$work/unlicensed"
	cat "$work/unlicensed"
	[ ! -s "$work/unlicensed" ]
}

shell_check()
{
	# shellcheck disable=SC2046
	shellcheck -x $(shell_files)
}

shell_finds()
{
	# shellcheck disable=SC2016 # the fault is that it is not quoted
	printf '#!/bin/sh\nrm $1\n' >"$work/planted.sh"
	expect_failure SC2086 shellcheck "$work/planted.sh"
}

# kdir_check KDIR WORDS - whether make refuses KDIR with one line that has WORDS.
kdir_check()
{
	expect_failure "$2" make --no-print-directory KDIR="$1" || return 1
	[ "$(echo "$said" | grep -vc '^make')" = 1 ] || { echo "not one line: $said" && return 1; }
}

# build_check NAME COMMAND... - a test that builds, which is done in a chroot.
build_check()
{
	if [ "$(id -u)" = 0 ]; then
		tap_check "$@"
	else
		tap_result 0 "$1 # SKIP a chroot needs root"
	fi
}

tap_begin
for series in $("$TOP/scripts/kernel.sh" series); do
	build_check "$series: builds for x86_64 without a warning" builds "$series" amd64
	build_check "$series: builds for arm64 without a warning" builds "$series" arm64
	build_check "$series: sparse looks at each file and finds nothing" sparse_checks "$series"
	build_check "$series: sparse finds a planted byte order fault" sparse_finds "$series"
done
tap_check 'checkpatch finds nothing in drivers and include' style_kernel
tap_check 'checkpatch finds nothing in tools' style_tools
tap_check 'checkpatch finds a planted fault in drivers and include' style_finds .
tap_check 'checkpatch finds a planted fault in tools' style_finds tools
tap_check 'kernel-doc finds nothing' docs_check
tap_check 'kernel-doc finds a planted fault' docs_find
tap_check 'the core includes only what it may' tools/testing/check/check-core.sh
tap_check 'a planted include in the core is found' core_finds
tap_check "no file of hvsim's includes a folder above its own" tools/testing/check/check-hvsim.sh
tap_check "a planted include of a folder above in hvsim is found" hvsim_finds
tap_check "planted input and output in hvsim's pure folders are found" hvsim_impurity_found
tap_check 'names that are kept by hand are those of hvic_service.h' tools/testing/check/check-names.sh
tap_check 'a planted instance in a rule is found' names_find 69-hyperv-ics-fcopy.rules eb765408 eb765409
tap_check 'a planted device in a rule is found' names_find 70-hyperv-ics.rules hv_vss hv_vsss
tap_check 'a planted device in a unit is found' names_find hv-kvp-daemon.service hv_kvp$ hv_kvpd
tap_check 'a planted port in a unit is found' names_find hv-psdirect-daemon.socket 997 996
tap_check 'a planted class in hvsim is found' names_find hvsim_ic.h 35fa2e29 35fa2e28
tap_check 'a planted class in a document is found' names_find protocol.rst 34d14be3 34d14be4
tap_check 'a planted instance in a document is found' names_find heartbeat.rst fd149e91 fd149e90
tap_check 'no kernel version is asked for in drivers' versions_check
tap_check 'kernel parts are GPL-2.0-only' license_check GPL-2.0-only Kbuild drivers include/compat
tap_check 'the rest is GPL-2.0-or-later' license_check GPL-2.0-or-later Makefile include/hv scripts tools Documentation
tap_check 'shellcheck finds nothing' shell_check
tap_check 'shellcheck finds a planted fault' shell_finds
mkdir -p "$work/empty"
tap_check 'make refuses a KDIR that is not there' kdir_check /nonexistent 'KDIR=/nonexistent: no such directory'
tap_check 'make refuses a KDIR without headers' kdir_check "$work/empty" 'holds no kernel headers'
tap_end
