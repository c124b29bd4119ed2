#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: tools/testing/check/check-hvsim.sh [TREE]
#
# hvsim's folders have an order, which tools/hvsim/sources.mk lists: a file includes
# headers of its own folder and of earlier ones. The folders "vmbus" and "message"
# know only bytes and values: what they include, and what that includes, opens no
# file, has no socket and waits for nothing.

set -eu
. "$(dirname "$0")/../../../scripts/lib.sh"

tree=${1:-$TOP}
pure='vmbus message'
# arpa/inet.h: for inet_pton() and inet_ntop(), which only convert
headers='(ctype|endian|errno|inttypes|limits|std(arg|bool|def|int|io|lib)|string|sys/queue|arpa/inet|hv/[a-z_]+)[.]h'
calls='(^|[^a-z_])(f?open|freopen|popen|v?f?printf|f?puts|f?putc|putchar|f?scanf|fread|fwrite|perror)[(][^)]'
most=40

cd "$tree" || exit 1
[ -f tools/hvsim/sources.mk ] || die "no tools/hvsim/sources.mk in $tree"
# shellcheck disable=SC2016 # $(…) is for make
order=$(make -s -f tools/hvsim/sources.mk --eval 'order: ; @echo $(hvsim-order)' order)

# A line for each fault, and nothing else.
faults()
{
	find tools/hvsim -mindepth 2 -type f | awk -F/ -v most="$most" '
		NF == 4 { count[$3]++ }
		NF > 4 { print $0 ": a folder in a folder has no place in the order" }
		END {
			for (folder in count)
				if (count[folder] > most)
					print "tools/hvsim/" folder ": " count[folder] " files, more than " most
		}'
	# shellcheck disable=SC2016 # $0 is for awk
	find tools/hvsim -mindepth 2 -name '*.[ch]' | LC_ALL=C sort | xargs awk -v order="$order" -v pure="$pure" \
		-v headers="^$headers$" -v calls="$calls" '
		BEGIN {
			for (i = split(order, name, " "); i > 0; i--)
				place[name[i]] = i
		}
		FNR == 1 {
			split(FILENAME, part, "/")
			folder = part[3]
			in_folder[FILENAME] = folder
			if (seen[part[4]] && part[4] ~ /h$/)
				print FILENAME ": there is " seen[part[4]] " as well"
			seen[part[4]] = FILENAME
			if (!place[folder])
				print FILENAME ": " folder " has no place in the order of sources.mk"
		}
		/^[ \t]*#[ \t]*include[ \t]*[<"]/ {
			text = $0
			gsub(/^[^<"]*[<"]|[>"].*$/, "", text)
			from[++edges] = FILENAME
			line[edges] = FNR
			to[edges] = text
		}
		$0 ~ calls && !called[FILENAME] { called[FILENAME] = FNR }
		# what the pure folders need must be pure, too: a header, and the source of its name
		function taint(file,	source)
		{
			if (must[file])
				return
			must[file] = fresh = 1
			source = file
			sub(/h$/, "c", source)
			if (source in in_folder)
				taint(source)
		}
		END {
			for (i = 1; i <= edges; i++) {
				base = to[i]
				sub(/.*\//, "", base)
				target[i] = seen[base]
				if (target[i] == "")
					continue
				a = in_folder[from[i]]
				b = in_folder[target[i]]
				if (place[b] > place[a])
					print from[i] ":" line[i] ": " a " comes before " b ", and must not include " to[i]
			}
			for (file in in_folder)
				if ((" " pure " ") ~ (" " in_folder[file] " "))
					taint(file)
			while (fresh) {
				fresh = 0
				for (i = 1; i <= edges; i++)
					if (must[from[i]] && target[i] != "")
						taint(target[i])
			}
			for (i = 1; i <= edges; i++)
				if (must[from[i]] && target[i] == "" && to[i] !~ headers)
					print from[i] ":" line[i] ": the pure folders (" pure ") need this file, so it must not include " to[i]
			for (file in must)
				if (must[file] && called[file])
					print file ":" called[file] ": the pure folders (" pure ") need this file, so it must not do input or output"
		}'
}

found=$(faults)
[ -z "$found" ] && exit
echo "$found" | LC_ALL=C sort >&2
die 'tools/hvsim: see above; move the declaration, or call back what comes later'
