#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: [TESTS=PATTERN] scripts/check-mutation.sh
#
# Breaks the core on purpose, in one way at a time, and sees whether a unit test
# notices; prints TAP. What no test notices may break in earnest. PATTERN narrows
# the ways, by their names or files.

set -eu
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tap.sh"

need gcc make libc6-dev linux-libc-dev
work=$BUILD/mutation
core=$work/drivers/hv/ic
export ASAN_OPTIONS=detect_leaks=0

suites_build()
{
	make -s -C "$work/tools/testing/unit" CC=gcc "BUILD=$work" suites >"$work/build.log" 2>&1
}

# Prints the first test that fails, or the suite that does not come to its end.
suites_fail()
{
	for suite in "$work"/unit/*_kunit; do
		timeout -k 1 60 "$suite" >"$work/suite.tap" 2>"$work/suite.log" && continue
		sed -n 's/^not ok [0-9]* - //p' "$work/suite.tap" | grep -m1 . ||
			echo "$(basename "$suite"): $(grep -m1 -oE 'ERROR: .*|runtime error: .*' "$work/suite.log" | cut -c1-80)"
		return
	done
	return 1
}

# mutate FILE EXPRESSION NAME - one way to break the core, by sed.
mutate()
{
	cp "$core/$1" "$work/whole"
	sed -i "$2" "$core/$1"
	if cmp -s "$core/$1" "$work/whole"; then
		tap_result 1 "$1: $3"
		echo "# the expression changes nothing any more: $2"
	elif ! suites_build; then
		tap_result 1 "$1: $3"
		echo '# it does not build, which proves nothing:'
		tail -n 3 "$work/build.log" | tap_diag
	elif noticed=$(suites_fail); then
		tap_result 0 "$1: $3"
		echo "# noticed by $noticed"
	else
		tap_result 1 "$1: $3"
		echo '# no test notices'
	fi
	cp "$work/whole" "$core/$1"
}

rm -rf "$work"
mkdir -p "$work"
(cd "$TOP" && tar -cf - drivers/hv/ic include/hv tools/include tools/testing) | tar -xf - -C "$work"
# what a mutation leaves unused is not what is looked for
sed -i 's/-Werror/-w/' "$work/tools/testing/unit/Makefile"

tap_begin
tap_check 'the whole core builds' suites_build
noticed=$(suites_fail) && whole=1 || whole=0
tap_result "$whole" 'the whole core passes'
[ "$whole" = 0 ] || echo "# $noticed"

while IFS='	' read -r file expression name; do
	case "$file $name" in
	*"${TESTS:-}"*) mutate "$file" "$expression" "$name" ;;
	esac
done <<'END'
hvic_msg.h	s/body_len < size/body_len + 1 < size/	a body may be borrowed one byte too long
hvic_msg.c	s/len < HVIC_HDR_LEN/len < 4/	a packet may be shorter than its headers
hvic_msg.c	s/!= HVIC_PIPE_DATA/== 0xffff/	the pipe header's type is not looked at
hvic_msg.c	s/sent < sizeof(\*hdr) || //	the pipe header's size may be too small for a message
hvic_msg.c	s/ || sent > len - sizeof(\*pipe)//	the pipe header's size may be more than arrived
hvic_msg.c	s/> len - sizeof(\*pipe)/> len/	the pipe header's size may be more by that header
hvic_msg.c	s/body > sent - sizeof(\*hdr)/body > 0xffff/	the body's size is not checked
hvic_msg.c	s/body > sent - sizeof(\*hdr)/body > sent + 1 - sizeof(*hdr)/	the body may be one byte too long
hvic_msg.c	s/body > sent - sizeof(\*hdr)/body > len - HVIC_HDR_LEN/	the body may reach into the padding
hvic_msg.c	s/le16_to_cpu(hdr->size)/__builtin_bswap16(hdr->size)/	the body's size is read in the other byte order
hvic_msg.c	s/(HVIC_FLAG_REQUEST | HVIC_FLAG_RESPONSE)) !=/HVIC_FLAG_REQUEST) !=/	answers are taken for requests
hvic_msg.c	s/msg->hdr->flags = /msg->hdr->flags |= /	an answer keeps the flags of the request
hvic_msg.c	s/HVIC_FLAG_TRANSACTION | HVIC_FLAG_RESPONSE;/HVIC_FLAG_RESPONSE;/	an answer is outside of its transaction
hvic_msg.c	s/cpu_to_le32(status)/__builtin_bswap32(status)/	the status is written in the other byte order
hvic_msg.c	s/msg->hdr->status = .*/&\n\tmsg->hdr->transaction = 0;/	the transaction id is lost
hvic_msg.c	/case -ERANGE:/d	an errno has another status
hvic_negotiate.c	s/if (frameworks + messages > .*/if (0) {/	the counts of an offer are not checked
hvic_negotiate.c	s/if (frameworks + messages >/if ((u16)(frameworks + messages) >/	the sum of the counts wraps
hvic_negotiate.c	s/if (frameworks + messages >/if (frameworks + messages > 1 +/	the lists may be one entry too long
hvic_negotiate.c	s/choose(offer->version + frameworks, messages/choose(offer->version, messages/	message versions are looked for among the frameworks
hvic_negotiate.c	s/choose(offer->version + frameworks, messages/choose(offer->version, frameworks + messages/	frameworks are taken for message versions
hvic_negotiate.c	s/{ HVIC_VERSION(3, 0), HVIC_VERSION(1, 0), 0 }/{ HVIC_VERSION(1, 0), HVIC_VERSION(3, 0), 0 }/	the worst version is chosen
hvic_negotiate.c	s/for (; \*ours; ours++)/for (; *ours; )/;s/if (offers(list, n, \*ours))/return *ours;\n\t\tif (0)/	our best is chosen though it is not offered
hvic_negotiate.c	s/\.major = cpu_to_le16(HVIC_VERSION_MAJOR/.major = cpu_to_le16(HVIC_VERSION_MINOR/	major is answered as minor
hvic_negotiate.c	s/\.minor = cpu_to_le16(HVIC_VERSION_MINOR(version))/.minor = 0/	the minor version is lost
hvic_negotiate.c	s/if (!fw || !mv)/if (!fw \&\& !mv)/	one choice of two will do
hvic_negotiate.c	/offer->framework_count = 0;/d	a refusal keeps the count of frameworks
hvic_negotiate.c	/offer->message_count = 0;/d	a refusal keeps the count of message versions
hvic_negotiate.c	/hdr->size = cpu_to_le16(sizeof(\*offer));/d	a refusal is as long as the offer
hvic_negotiate.c	s/offer->message_count = cpu_to_le16(1);/;/	an answer keeps the host's count
hvic_negotiate.c	s/sizeof(\*offer) + 2 \*/sizeof(*offer) + 1 */	an answer is a version short
hvic_negotiate.c	s/fw = choose(/*framework = fw = choose(/	a choice is handed out though there is no match
hvic_link.c	/enter(link, HVIC_LINK_FAILED);/d	what was agreed stays when the host offers again
hvic_link.c	/link->message = 0;/d	the message version stays when a channel closes
hvic_link.c	/link->framework = 0;/d	the framework version stays when a channel closes
hvic_link.c	s/link->state != HVIC_LINK_READY/link->state == HVIC_LINK_CLOSED/	requests are served before there are versions
hvic_link.c	s/link->state != HVIC_LINK_READY/0/	requests are served at any time
hvic_link.c	s/if (asked != type)/if (0)/	the type of a request is not looked at
hvic_link.c	s/\*err == -EMSGSIZE ? /*err ? /	no match is answered with a failure
hvic_link.c	s/\*err == -EMSGSIZE ? HVIC_STATUS_FAIL : //	an offer cut short is answered with success
hvic_link.c	s/return \*err ? HVIC_REFUSED : HVIC_NEGOTIATED/return HVIC_NEGOTIATED/	an offer without a match passes for agreed
hvic_link.c	s/link->message = message;/link->message = framework;/	the framework is taken for the message version
hvic_link.c	s/return HVIC_DROP;/return HVIC_REFUSED;/	what is no request is answered
hvic_utf.c	s/!IS_HIGH(first) || end - \*at < 2/!IS_HIGH(first)/	half a pair at the end is read past it
hvic_utf.c	s/if (end - \*at < 2)/if (end - *at < 1)/	half a unit is read past the end
hvic_utf.c	s/if (!IS_LOW(second))/if (0)/	the second half of a pair may be anything
hvic_utf.c	s/(\*at)\[0\] | (u32)(\*at)\[1\] << 8/(*at)[1] | (u32)(*at)[0] << 8/	UTF-16 is read in the other byte order
hvic_utf.c	s/return 0x10000 + /return /	a pair is read 65536 too low
hvic_utf.c	s/character < smallest\[more\] || //	overlong UTF-8 passes
hvic_utf.c	s/ || character > MAX_CHARACTER//	numbers past the last character pass
hvic_utf.c	s/ || IS_SURROGATE(character))/)/	surrogates pass in UTF-8
hvic_utf.c	s/if ((size_t)(end - \*at) < more)/if (0)/	cut UTF-8 is read past its end
hvic_utf.c	s/if (((\*at)\[i\] & 0xc0) != 0x80)/if (0)/	any byte continues a character
hvic_utf.c	s/character < 0x800 ? 2/character < 0x7ff ? 2/	U+07FF is written in three bytes
hvic_utf.c	s/if (len > room)/if (len > room + 1)/	a character is written one byte past the end
hvic_utf.c	s/if (len > room_bytes)/if (0)/	a pair is written past the end
hvic_utf.c	s/cap_bytes - 1 - len/cap_bytes - len/	there is no room for the NUL of a string
hvic_utf.c	s/2 \* (cap_units - 1)/2 * cap_units/	there is no room for the NUL of a wide text
hvic_utf.c	s/dst\[len\] = '.0';/;/	a string has no NUL
hvic_utf.c	s/out\[len + 1\] = 0;/;/	a wide text has half a NUL
hvic_utf.c	s/dst\[0\] = '.0';/;/	half a string stays when it is refused
hvic_utf.c	s/return len \/ 2;/return len;/	units are counted as bytes
hvic_heartbeat.c	s/sequence) + 1;/sequence);/	the sequence does not count up
hvic_heartbeat.c	s/cpu_to_le64(\*sequence)/__builtin_bswap64(*sequence)/	the sequence is written in the other byte order
hvic_heartbeat.c	s/offsetof(struct hvic_heartbeat, reserved)/sizeof(beat->sequence)/	the state is written past the body
hvic_heartbeat.c	s/offsetof(struct hvic_heartbeat, reserved)/sizeof(*beat)/	the state is kept from a body of 12 bytes
hvic_heartbeat.c	s/hvic_msg_body(msg, sizeof(beat->sequence))/msg->body/	the sequence is read from no body
hvic_heartbeat.c	s/cpu_to_le32(state)/cpu_to_le32(HVIC_APPLICATION_HEALTHY)/	the state is always healthy
hvic_shutdown.c	s/version < HVIC_VERSION(3, 1)/version < HVIC_VERSION(3, 0)/	3.0 has restart
hvic_shutdown.c	s/version < HVIC_VERSION(3, 2) || !can/version < HVIC_VERSION(3, 1) || !can/	3.1 has hibernation
hvic_shutdown.c	s/ || !can_hibernate//	hibernation is tried where it cannot work
hvic_shutdown.c	s/switch (flags & ~HVIC_SHUTDOWN_FORCE)/switch (flags \& 6)/	unknown flags are ignored
hvic_shutdown.c	s/force = flags & HVIC_SHUTDOWN_FORCE/force = !(flags \& HVIC_SHUTDOWN_FORCE)/	force is the other way round
hvic_shutdown.c	s/le32_to_cpu(body->timeout)/le32_to_cpu(body->reason)/	the delay is the reason
hvic_shutdown.c	s/hvic_msg_body(msg, offsetof(struct hvic_shutdown, text))/hvic_msg_body(msg, 8)/	the flags are read from no body
hvic_shutdown.c	s/hvic_msg_body(msg, offsetof(struct hvic_shutdown, text))/hvic_msg_body(msg, sizeof(*body))/	a request without its text is refused
hvic_shutdown.c	s/if (text_len > sizeof(body->text))/if (0)/	the text goes on past its field
hvic_shutdown.c	s/if (character < 0x20 || /if (/	control characters reach a terminal
hvic_shutdown.c	s/character < 0xa0/character < 0x80/	the upper control characters reach a terminal
hvic_shutdown.c	s/is_utf16(src, end) || //	UTF-16 of Latin letters is taken for UTF-8
hvic_shutdown.c	s/is_utf16(src, end) || !is_utf8(src, end)/is_utf16(src, end)/	what is no UTF-8 is taken for it
hvic_shutdown.c	s/return is_cut(at - 1, end);/return false;/	UTF-8 that fills its field is taken for UTF-16
hvic_shutdown.c	s/ && (\*at & 0xc0) == 0x80//	whatever follows, UTF-8 is cut by its field
hvic_shutdown.c	s/\*at < 0xc2 || //	a stray byte at the end is cut UTF-8
hvic_shutdown.c	s/ || end - at > 3//	a text may begin with cut UTF-8
hvic_shutdown.c	s/if (!at\[0\] || /if (/	UTF-16 with a NUL below is taken for UTF-8
hvic_shutdown.c	s/cap - 1 - used/cap - used/	there is no room for the NUL of a text
hvic_time.c	s/age < -HVIC_TIME_AHEAD_TICKS || //	a sample may be of any future
hvic_time.c	s/age > HVIC_TIME_STALE_TICKS/age >= HVIC_TIME_STALE_TICKS/	a sample is stale a tick early
hvic_time.c	s/ || age > HVIC_TIME_STALE_TICKS//	a sample never goes stale
hvic_time.c	s/s64 age = (s64)/u64 age = /;s/age < -HVIC_TIME_AHEAD_TICKS || //	a sample a tick ahead is stale
hvic_time.c	s/parent < TICKS_TO_1970 ||/(s64)(parent - TICKS_TO_1970) >= 0 \&\&/	the time may be before 1970
hvic_time.c	s/ >= TICKS_TO_END/ > TICKS_TO_END/	the time may be one that no clock can be set to
hvic_time.c	s/ || parent - TICKS_TO_1970 >= TICKS_TO_END//	the time may be beyond the end
hvic_time.c	s/HVIC_TIME_V3_LEN)/24)/	the flags of 3.0 are read past the body
hvic_time.c	s/HVIC_TIME_V3_LEN)/sizeof(*body))/	3.0 without its padding is refused
hvic_time.c	s/hvic_msg_body(msg, offsetof(struct hvic_time_v4, leap))/hvic_msg_body(msg, sizeof(*body))/	4.0 without its padding is refused
hvic_time.c	s/if (hvic_msg_body(msg, HVIC_TIME_V4_LEN))/if (1)/	leap and stratum are read past the body
hvic_time.c	s/version < HVIC_VERSION(4, 0) ?/version <= HVIC_VERSION(4, 0) ?/	4.0 is read as 3.0
hvic_time.c	s/reference = now;/reference = 0;/	a time of 3.0 is of the boot
hvic_time.c	s/sample->leap = body->leap/sample->leap = body->stratum/	leap is stratum
hvic_time.c	s/\*parent = le64_to_cpu(body->parent)/*parent = __builtin_bswap64(body->parent)/	the time is read in the other byte order
hvic_time.c	s/if (!sample->valid)/if (0)/	a time is told without a sample
hvic_time.c	s/ + (s64)(reference - sample->reference) \* HVIC_TICK_NS//	the time stands still between samples
hvic_time.c	s/if (held || /if (/	a held clock is set
hvic_time.c	s/if (held || behind_ns < HVIC_TIME_BEHIND_NS)/if (behind_ns < HVIC_TIME_BEHIND_NS)/;s/return true;/return !held;/	a held clock keeps the count
hvic_time.c	s/behind_ns < HVIC_TIME_BEHIND_NS/behind_ns <= HVIC_TIME_BEHIND_NS/	five seconds are not far behind
hvic_time.c	s/behind_ns < HVIC_TIME_BEHIND_NS/behind_ns < HVIC_TIME_BEHIND_NS \&\& behind_ns > -HVIC_TIME_BEHIND_NS/	a clock that is ahead is set back
hvic_time.c	s/++watch->behind < HVIC_TIME_BEHIND_SAMPLES/++watch->behind <= HVIC_TIME_BEHIND_SAMPLES/	a fourth sample is waited for
hvic_time.c	/if (++watch->behind/,/return true;/s/watch->behind = 0;/;/	every sample after the third sets the clock
hvic_time.c	s/raw_ns < 1000000000LL/raw_ns < 0/	a rate is told from no time
hvic_time.c	s/difference = -difference;/difference = 0;/	a clock that is slowed down is not steered
hvic_time.c	s/return difference > raw_ns/return difference >= raw_ns/	0.1 ppm is steered
hvic_time.c	s/snapshot <= after->reference/snapshot < after->reference/	the last reading is not of the reference counter
hvic_time.c	s/snapshot >= before->reference \&\& //	anything small is the reference counter
hvic_time.c	s/snapshot < before->cycles || //	anything small is of the processor
hvic_time.c	s/snapshot > after->cycles/snapshot >= after->cycles/	the last reading is not of the processor
hvic_time.c	s/if (window > PLACE_WINDOW)/if (0)/	readings may be any time apart
hvic_time.c	s/if (after->cycles > before->cycles)/if (1)/	a processor that stood still divides by zero
hvic_time.c	s/(snapshot - before->cycles) \* window/(after->cycles - snapshot) * window/	the proportion is the other way round
END
tap_end
