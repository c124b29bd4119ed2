# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Debian's suites, as this machine's own apt gets at an archive: package lists of
# any of them, single packages, and what mmdebstrap has to be told. To be read
# after lib.sh. Functions whose bodies are in parentheses run in a subshell.

# machine_entries [OPTION]... - a line "URI RELEASE" for each Debian entry of this
# machine's own apt that has the main component; the archive itself comes first.
machine_entries()
{
	# shellcheck disable=SC2016 # $(…) is for apt
	apt-get "$@" indextargets --format '$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(CREATED_BY)' |
	awk -F'|' '
		$1 != "Debian" || $4 != "main" || $5 != "Packages" { next }
		seen[$2 $3]++ { next }
		$3 ~ /-/ { rest = rest $2 " " $3 "\n"; next }
		{ print $2 " " $3 }
		END { printf "%s", rest }'
}

# apt tells of what it has lists of: a machine on which apt-get update has never
# run is asked with lists of our own.
machine_archive()
{
	command -v apt-get >/dev/null || die 'kernels come from a Debian archive, and there is no apt-get here'
	entries=$(machine_entries)
	if [ -z "$entries" ]; then
		lists=$CACHE/apt/machine
		mkdir -p "$lists/partial" || exit 1
		set -- -o Dir::State::lists="$lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
			-o APT::Sandbox::User="$(id -un)"
		apt-get "$@" update >"$lists.log" 2>&1 </dev/null ||
			die "cannot read the package lists of this machine's apt (is there a network?); see $lists.log"
		entries=$(machine_entries "$@")
	fi
	[ -n "$entries" ] || die 'apt knows of no Debian archive to take kernels from: there is no network, or its sources name none'
	echo "$entries"
}

# Prints apt's source lines for a suite: from the machine's own mirror, with the
# updates and security entries if the suite is the machine's own.
suite_sources()
(
	entries=$(machine_archive) || exit 1
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -e "$keyring" ] || need debian-archive-keyring
	echo "$entries" | awk -v suite="$1" -v option="[signed-by=$keyring]" '
		NR == 1 { mirror = $1 }
		$2 == suite || index($2, suite "-") == 1 { own = own "deb " option " " $0 " main\n" }
		END { printf "%s", own ? own : "deb " option " " mirror " " suite " main\n" }'
)

# suite_apt SUITE ARCH COMMAND... - apt-get or apt-cache, with lists of its own,
# so that the machine's sources are not touched and no root is needed.
suite_apt()
(
	config=$CACHE/apt/$1-$2/apt.conf
	shift 2
	APT_CONFIG=$config "$@"
)

# An expired Release file is accepted: archive snapshots, and clocks of test
# machines, are often weeks off; the signature is checked all the same.
suite_update()
(
	dir=$CACHE/apt/$1-$2
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" || exit 1
	suite_sources "$1" >"$dir/sources.list" || exit 1
	: >"$dir/status"
	cat >"$dir/apt.conf" <<END || exit 1
APT::Architecture "$2";
APT::Architectures { "$2"; };
APT::Sandbox::User "$(id -un)";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::GzipIndexes "true";
Dir::State::lists "$dir/lists";
Dir::State::status "$dir/status";
Dir::Cache "$dir/cache";
Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist "$dir/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
END
	note "reading the package lists of Debian $1 ($2)"
	suite_apt "$1" "$2" apt-get update --error-on=any >"$dir/log" 2>&1 </dev/null ||
		die "cannot read the package lists of Debian $1 (is there a network?); see $dir/log"
)

# suite_fetch SUITE ARCH DIRECTORY PACKAGE... - download and unpack packages.
suite_fetch()
(
	suite=$1 arch=$2 into=$3
	shift 3
	debs=$(mktemp -d "$CACHE/apt/debs.XXXXXX") || exit 1
	trap 'rm -rf "$debs"' EXIT
	(cd "$debs" && suite_apt "$suite" "$arch" apt-get download "$@") >"$debs.log" 2>&1 </dev/null ||
		die "cannot download $* (no network, or the mirror has moved on: scripts/kernel.sh refresh); see $debs.log"
	mkdir -p "$into" || exit 1
	for deb in "$debs"/*.deb; do
		# not dpkg -x, which would put a directory where /lib is a link
		dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$into" ||
			die "cannot unpack $(basename "$deb") into $into (is the disk full?)"
	done
	rm "$debs.log"
)

# suite_have SUITE ARCH PACKAGE - whether the suite has that package; apt-cache has no error
# for one that others only speak of.
suite_have()
{
	suite_apt "$1" "$2" apt-cache show --no-all-versions "$3" 2>/dev/null | grep -q '^Package:'
}

# mmdebstrap does not read the machine's apt settings, of which a proxy matters.
suite_options()
{
	echo 'Acquire::Check-Valid-Until "false";'
	apt-config dump | grep -i '^Acquire::.*proxy' || :
}
