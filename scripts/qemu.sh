#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# QEMU for the emulated host: Debian's own binary, and the plugin that gives it
# the integration components and a VMBus of our own. The plugin must be compiled
# with the headers of exactly that QEMU, which no package has: they come from its
# source.

set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

usage()
{
	cat <<END
usage: scripts/qemu.sh COMMAND

each of these makes ready what is missing, and prints one line:

  path       the QEMU binary
  headers    directory with QEMU's headers, of the version installed
  plugin     the compiled plugin, to be loaded into QEMU with LD_PRELOAD
END
}

qemu_path()
{
	need qemu-system-x86
	command -v qemu-system-x86_64 || die 'qemu-system-x86 is installed, but there is no qemu-system-x86_64'
}

# The version of QEMU's source; that of a rebuilt package differs from its own.
qemu_version()
{
	# shellcheck disable=SC2016 # ${…} is for dpkg-query
	dpkg-query -W -f '${source:Version}' qemu-system-x86
}

# Prints lines for a sources.list: the source of each Debian archive that apt
# has the packages of. What the machine is set to is left as it is.
source_entries()
{
	# shellcheck disable=SC2016 # $(…) is for apt
	apt-get indextargets --format '$(CREATED_BY)|$(ORIGIN)|$(COMPONENT)|$(REPO_URI)|$(RELEASE)|$(SIGNED_BY)' |
	awk -F'|' '
		$1 != "Packages" || $2 !~ /^(Debian|)$/ || $3 != "main" || seen[$4 $5]++ { next }
		{ print "deb-src", $6 ~ /^(|\$.*)$/ ? "" : "[signed-by=" $6 "]", $4, $5, $3 }'
}

# source_download DIRECTORY VERSION - unpack QEMU's source into DIRECTORY/qemu.
source_download()
{
	mkdir -p "$1/lists/partial" "$1/cache/archives/partial" || exit 1
	source_entries >"$1/sources.list"
	[ -s "$1/sources.list" ] || die "apt is not set to a Debian archive, where QEMU's source would come from"
	cat >"$1/apt.conf" <<-END
		APT::Sandbox::User "$(id -un)";
		Acquire::Check-Valid-Until "false";
		Acquire::Languages "none";
		Dir::State::lists "$1/lists";
		Dir::Cache "$1/cache";
		Dir::Etc::sourcelist "$1/sources.list";
		Dir::Etc::sourceparts "/dev/null";
	END
	note "downloading the source of QEMU $2 for its headers (some 25 MB, once)"
	if ! APT_CONFIG=$1/apt.conf apt-get update >"$1/log" 2>&1 </dev/null ||
		! (cd "$1" && APT_CONFIG=$1/apt.conf apt-get source --download-only "qemu=$2") >>"$1/log" 2>&1; then
		die "cannot download the source of QEMU $2 (is there a network?); see $1/log"
	fi
	dpkg-source --no-check -x "$1"/qemu_*.dsc "$1/qemu" >>"$1/log" 2>&1 ||
		die "cannot unpack the source of QEMU (is the disk full?); see $1/log"
}

# headers_generate SOURCE LOG - what QEMU's build makes of its descriptions.
# --without-default-features keeps the list of libraries to have short.
headers_generate()
{
	mkdir "$1/build" || exit 1
	cd "$1/build" || exit 1
	# QEMU up to 8.0 has to be told that meson is installed; newer ones look
	meson=
	! grep -q -e --meson= ../configure || meson=--meson=$(command -v meson)
	# shellcheck disable=SC2086 # one word or none
	../configure --target-list=x86_64-softmmu --without-default-features --enable-kvm \
		--disable-tcg --disable-docs --disable-install-blobs --enable-modules $meson >>"$2" 2>&1 ||
		die "QEMU's configure failed; see $2"
	# shellcheck disable=SC2046 # one word a target
	ninja $(ninja -t targets all | sed -n 's/^\([^:]*\.h\): .*/\1/p') >>"$2" 2>&1 ||
		die "QEMU's generated headers could not be made; see $2"
}

headers_make()
{
	need dpkg-dev meson ninja-build python3-venv gcc libglib2.0-dev libpixman-1-dev libfdt-dev
	work=$(mktemp -d "$CACHE/qemu.XXXXXX") || exit 1
	source_download "$work" "$1"
	(headers_generate "$work/qemu" "$work/log") || exit 1
	# of 600 MB, 20 are headers
	rm -rf "$2"
	mkdir -p "$2" || exit 1
	(cd "$work/qemu" && find include linux-headers build \( -name '*.h' -o -name '*.h.inc' \) -print0 | tar -c --null -T -) |
		tar -x -C "$2" || die "cannot write to $2 (is the disk full?)"
	rm -rf "$work"
}

qemu_headers()
{
	need qemu-system-x86
	version=$(qemu_version)
	headers=$CACHE/qemu/${version#*:}
	once "qemu-headers-$version" headers_make "$version" "$headers" || exit 1
	echo "$headers"
}

qemu_plugin()
{
	need qemu-system-x86 gcc pkg-config libglib2.0-dev libpixman-1-dev
	headers=$(qemu_headers)
	out=$BUILD/hvsim
	mkdir -p "$out"
	# a plugin of another QEMU version must not be taken for this one's
	stamp=$out/plugin.$(basename "$headers")
	(
		flock 9
		if [ ! -e "$stamp" ] || [ ! -e "$out/plugin.so" ] ||
			[ -n "$(plugin_sources -newer "$out/plugin.so")" ]; then
			plugin_compile || exit 1
		fi
	) 9>"$out/plugin.lock" || exit 1
	echo "$out/plugin.so"
}

# plugin_sources [TEST...] - prints all that the plugin is made of, or that of it
# for which find's TEST is true; a directory changes when a file in it goes.
plugin_sources()
{
	find "$TOP/tools/hvsim/plugin" "$TOP/tools/hvsim/vmbus" "$TOP/tools/hvsim/base/hvsim_frame.h" \
		"$TOP/tools/hvsim/base/hvsim_ic.h" "$@"
}

# The bus knows nothing of QEMU, but is of no use to it apart from the plugin.
plugin_compile()
{
	rm -f "$out"/plugin.[0-9]*
	# shellcheck disable=SC2046 # one word a flag
	"${CC:-gcc}" -O2 -g -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers \
		-fPIC -shared -fno-strict-aliasing -D_GNU_SOURCE \
		-I"$headers/build" -I"$headers/build/qapi" -isystem "$headers/include" -isystem "$headers/linux-headers" \
		$(pkg-config --cflags glib-2.0 pixman-1) \
		-I"$TOP/tools/hvsim/base" -I"$TOP/tools/hvsim/vmbus" -I"$TOP/tools/hvsim/plugin" \
		-o "$out/plugin.so.new" "$TOP"/tools/hvsim/plugin/*.c "$TOP"/tools/hvsim/vmbus/*.c >&2 ||
		die "the plugin does not compile with the headers of QEMU $(basename "$headers"); see above"
	mv "$out/plugin.so.new" "$out/plugin.so" && touch "$stamp"
}

case ${1:-} in
path) qemu_path ;;
headers) qemu_headers ;;
plugin) qemu_plugin ;;
-h | --help | help) usage ;;
*) die 'usage: scripts/qemu.sh path|headers|plugin (--help explains)' ;;
esac
