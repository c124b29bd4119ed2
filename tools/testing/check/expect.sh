# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What the commands of a test are expected to say, beside tap.sh. Each of these
# explains itself when the expectation is not met.

# expect_silence - $said, what a command said, is nothing.
expect_silence()
{
	[ -z "$said" ] || { echo "$said" && return 1; }
}

# expect_words WORDS - $said has WORDS.
expect_words()
{
	echo "$said" | grep -qF "$1" || { echo "not found: '$1', but: $said" && return 1; }
}

# expect_failure WORDS COMMAND... - COMMAND fails, and says WORDS of it.
expect_failure()
{
	words=$1
	shift
	if said=$("$@" 2>&1); then
		echo "this did not fail: $*"
		return 1
	fi
	expect_words "$words"
}
