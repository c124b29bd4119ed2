#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: [TESTS=PATTERN] scripts/check-mutation.sh
#
# Breaks the core, or hvsim's bus, on purpose, in one way at a time, and sees
# whether a unit test notices; prints TAP. What no test notices may break in
# earnest. PATTERN narrows the ways, by their names or files.

set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/tools/testing/check/tap.sh"

need gcc make libc6-dev linux-libc-dev
work=$BUILD/mutation

# part_choose FILE - where it is, and which tests it has.
part_choose()
{
	case $1 in
	hvic_*) dir=$work/drivers/hv/ic part=suites ;;
	hvsim_*) dir=$work/tools/hvsim/vmbus part=vmbus ;;
	esac
}

unit_make()
{
	make -s -C "$work/tools/testing/unit" CC=gcc "BUILD=$work" "$@"
}

suites_build()
{
	unit_make "$part" >"$work/build.log" 2>&1
}

# Prints the first test that fails, or the suite that does not come to its end.
suites_fail()
{
	for suite in $(unit_make "list-$part"); do
		timeout -k 1 60 "$suite" >"$work/suite.tap" 2>"$work/suite.log" && continue
		sed -n 's/^not ok [0-9]* - //p' "$work/suite.tap" | grep -m1 . ||
			echo "$(basename "$suite"): $(grep -m1 -oE 'ERROR: .*|runtime error: .*' "$work/suite.log" | cut -c1-80)"
		return
	done
	return 1
}

# mutate FILE EXPRESSION NAME - one way to break it, by sed.
mutate()
{
	part_choose "$1"
	cp "$dir/$1" "$work/whole"
	sed -i "$2" "$dir/$1"
	if cmp -s "$dir/$1" "$work/whole"; then
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
	cp "$work/whole" "$dir/$1"
}

# whole_check FILE NAME - what is not broken must pass.
whole_check()
{
	part_choose "$1"
	tap_check "the whole $2 builds" suites_build
	noticed=$(suites_fail) && status=1 || status=0
	tap_result "$status" "the whole $2 passes"
	[ "$status" = 0 ] || echo "# $noticed"
}

rm -rf "$work"
mkdir -p "$work"
(cd "$TOP" && tar -cf - drivers/hv/ic include/hv scripts tools) |
	tar -xf - -C "$work"
# what a mutation leaves unused is not what is looked for
sed -i 's/-Werror/-w/' "$work/tools/testing/unit/Makefile"

tap_begin
whole_check hvic_ core
whole_check hvsim_ bus

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
hvic_msg.c	/case -EEXIST:/,+1d	a file that exists has another status
hvic_msg.c	/case -EDQUOT:/d	a full quota has another status
hvic_msg.c	/case -EROFS:/d	a read-only file system has another status
hvic_psdirect.c	s/!(offer->flags & FLAG_SOCKET) || //	what is no socket is taken
hvic_psdirect.c	s/ || !offer->user\[USER_FROM_HOST\]//	an answer to the guest is taken
hvic_psdirect.c	s/offer->user\[USER_CONTAINER\] ?/0 ?/	what is for a container is taken
hvic_psdirect.c	s/service, services\[verdict\].service, HVIC_PSDIRECT_GUID_LEN/service, services[verdict].service, 4/	a class is told by its first number
hvic_psdirect.c	s/port >> 8 \* i/port >> 8 * (3 - i)/	a port is written in the other byte order
hvic_psdirect.c	s/(unsigned int)verdict < HVIC_NR_PSDIRECT_VERDICTS ? //;s/services\[verdict\].port : 0/services[1].port/	each verdict has the broker's port
hvic_psdirect.c	s/HVIC_PSDIRECT_SERVER_PORT/HVIC_PSDIRECT_BROKER_PORT/	both services have one port
hvic_fcopy.c	s/operation < HVIC_NR_FCOPY_OPERATIONS/operation <= HVIC_NR_FCOPY_OPERATIONS/	there is one operation more
hvic_fcopy.c	s/(int)operation : -EOPNOTSUPP/(int)operation : -EINVAL/	an unknown operation is a wrong argument
hvic_fcopy.c	s/size > sizeof(body->data)/size > 0xffff/	a piece may be longer than a write has room for
hvic_fcopy.c	s/size > sizeof(body->data)/size > sizeof(body->data) + 1/	a piece may be one byte longer than that
hvic_fcopy.c	s/PIECE_HEAD + size))/PIECE_HEAD))/	a piece may be longer than what came
hvic_fcopy.c	s/PIECE_HEAD + size))/PIECE_HEAD - 1 + size))/	a piece may be one byte longer than what came
hvic_fcopy.c	s/return len > 0 ? 0/return len >= 0 ? 0/	a name may be empty
hvic_fcopy.c	s/, src,$/, src + 2,/	a name loses its first character
hvic_fcopy.c	s/memset(to, 0, sizeof(\*to));/;/	what was in the memory before reaches the daemon
hvic_fcopy.c	s/text_forward(to->path, from->path)/text_forward(to->path, from->name)/	the name is taken for the path
hvic_fcopy.c	s/memcpy(to->data, piece.data, piece.size)/memcpy(to->data, piece.data, 6144)/	what is behind a piece reaches the daemon
hvic_fcopy.c	s/to->offset = piece.offset/to->offset = (u32)piece.offset/	an offset is cut at 4 GiB
hvic_fcopy.c	s/if (size > FILE_MAX)/if (0)/	a file may have a negative size
hvic_fcopy.c	s/if (is_going_on(copy, now_ms))/if (0)/	a second start takes the place of the first
hvic_fcopy.c	s/return copy->writes || now_ms/return now_ms/	a copy whose piece is being written is given up
hvic_fcopy.c	s/< HVIC_COPY_SILENCE_MS/<= HVIC_COPY_SILENCE_MS/	a silent copy is given up later
hvic_fcopy.c	s/return copy->writes;/return false;/	another copy begins while pieces of a failed one are there
hvic_fcopy.c	s/if (copy->state != HVIC_COPY_RUNNING)$/if (0)/	pieces are taken at any time
hvic_fcopy.c	s/piece.offset > copy->size || //	a piece may begin behind the end
hvic_fcopy.c	s/ || piece.size > copy->size - piece.offset//	a piece may end behind the end
hvic_fcopy.c	s/piece.size > copy->size - piece.offset/piece.offset + piece.size > copy->size + 1/	a piece may end one byte behind the end
hvic_fcopy.c	s/^\t\tcopy->state = HVIC_COPY_FAILED;$/\t\t;/	a copy goes on without a piece
hvic_fcopy.c	s/^\t\tcopy->writes++;/\t\t;/	pieces that are taken are not counted
hvic_fcopy.c	s/^\tif (copy->writes)$/\tif (0)/	a copy completes before its pieces are written
hvic_fcopy.c	s/copy->reached == copy->size ?/1 ?/	a copy completes without its end
hvic_fcopy.c	s/copy->state == HVIC_COPY_NONE || copy->state == HVIC_COPY_ENDING/copy->state == HVIC_COPY_NONE/	what completes is cancelled
hvic_fcopy.c	s/copy->state == HVIC_COPY_NONE || copy->state == HVIC_COPY_ENDING/copy->state == HVIC_COPY_ENDING/	what is over is cancelled
hvic_fcopy.c	s/copy->heard = now_ms;/;/	when the host was heard is not noted
hvic_fcopy.c	s/if (serial != copy->serial)/if (0)/	answers to what is over are taken for the copy that is
hvic_fcopy.c	s/if (copy->state != HVIC_COPY_STARTING)/if (0)/	a start that is cancelled begins
hvic_fcopy.c	s/status != HVIC_STATUS_OK || hvic_fcopy_piece/hvic_fcopy_piece/	a copy goes on after an error
hvic_fcopy.c	s/copy->serial++;/;/	copies have no number
hvic_fcopy.c	s/HVIC_VERSION(1, 1), HVIC_VERSION(1, 0), 0/HVIC_VERSION(1, 0), HVIC_VERSION(1, 1), 0/	the worst version of file copy is chosen
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
hvic_timesync.c	s/age < -HVIC_TIMESYNC_AHEAD_TICKS || //	a sample may be of any future
hvic_timesync.c	s/age > HVIC_TIMESYNC_STALE_TICKS/age >= HVIC_TIMESYNC_STALE_TICKS/	a sample is stale a tick early
hvic_timesync.c	s/ || age > HVIC_TIMESYNC_STALE_TICKS//	a sample never goes stale
hvic_timesync.c	s/s64 age = (s64)/u64 age = /;s/age < -HVIC_TIMESYNC_AHEAD_TICKS || //	a sample a tick ahead is stale
hvic_timesync.c	s/parent < TICKS_TO_1970 ||/(s64)(parent - TICKS_TO_1970) >= 0 \&\&/	the time may be before 1970
hvic_timesync.c	s/ >= TICKS_TO_END/ > TICKS_TO_END/	the time may be one that no clock can be set to
hvic_timesync.c	s/ || parent - TICKS_TO_1970 >= TICKS_TO_END//	the time may be beyond the end
hvic_timesync.c	s/HVIC_TIMESYNC_V3_LEN)/24)/	the flags of 3.0 are read past the body
hvic_timesync.c	s/HVIC_TIMESYNC_V3_LEN)/sizeof(*body))/	3.0 without its padding is refused
hvic_timesync.c	s/hvic_msg_body(msg, offsetof(struct hvic_timesync_v4, leap))/hvic_msg_body(msg, sizeof(*body))/	4.0 without its padding is refused
hvic_timesync.c	s/if (hvic_msg_body(msg, HVIC_TIMESYNC_V4_LEN))/if (1)/	leap and stratum are read past the body
hvic_timesync.c	s/version < HVIC_VERSION(4, 0) ?/version <= HVIC_VERSION(4, 0) ?/	4.0 is read as 3.0
hvic_timesync.c	s/reference = now;/reference = 0;/	a time of 3.0 is of the boot
hvic_timesync.c	s/sample->leap = body->leap/sample->leap = body->stratum/	leap is stratum
hvic_timesync.c	s/\*parent = le64_to_cpu(body->parent)/*parent = __builtin_bswap64(body->parent)/	the time is read in the other byte order
hvic_timesync.c	s/if (!sample->valid)/if (0)/	a time is told without a sample
hvic_timesync.c	s/ + (s64)(reference - sample->reference) \* HVIC_TICK_NS//	the time stands still between samples
hvic_timesync.c	s/if (held || /if (/	a held clock is set
hvic_timesync.c	s/if (held || behind_ns < HVIC_TIMESYNC_BEHIND_NS)/if (behind_ns < HVIC_TIMESYNC_BEHIND_NS)/;s/return true;/return !held;/	a held clock keeps the count
hvic_timesync.c	s/behind_ns < HVIC_TIMESYNC_BEHIND_NS/behind_ns <= HVIC_TIMESYNC_BEHIND_NS/	five seconds are not far behind
hvic_timesync.c	s/behind_ns < HVIC_TIMESYNC_BEHIND_NS/behind_ns < HVIC_TIMESYNC_BEHIND_NS \&\& behind_ns > -HVIC_TIMESYNC_BEHIND_NS/	a clock that is ahead is set back
hvic_timesync.c	s/++watch->behind < HVIC_TIMESYNC_BEHIND_SAMPLES/++watch->behind <= HVIC_TIMESYNC_BEHIND_SAMPLES/	a fourth sample is waited for
hvic_timesync.c	/if (++watch->behind/,/return true;/s/watch->behind = 0;/;/	every sample after the third sets the clock
hvic_timesync.c	s/raw_ns < 1000000000LL/raw_ns < 0/	a rate is told from no time
hvic_timesync.c	s/difference = -difference;/difference = 0;/	a clock that is slowed down is not steered
hvic_timesync.c	s/return difference > raw_ns/return difference >= raw_ns/	0.1 ppm is steered
hvic_timesync.c	s/snapshot <= after->reference/snapshot < after->reference/	the last reading is not of the reference counter
hvic_timesync.c	s/snapshot >= before->reference \&\& //	anything small is the reference counter
hvic_timesync.c	s/snapshot < before->cycles || //	anything small is of the processor
hvic_timesync.c	s/snapshot > after->cycles/snapshot >= after->cycles/	the last reading is not of the processor
hvic_timesync.c	s/if (window > PLACE_WINDOW)/if (0)/	readings may be any time apart
hvic_timesync.c	s/if (after->cycles > before->cycles)/if (1)/	a processor that stood still divides by zero
hvic_timesync.c	s/(snapshot - before->cycles) \* window/(after->cycles - snapshot) * window/	the proportion is the other way round
hvic_utf.c	s/character = HVIC_REPLACEMENT;/break;/	a lossy text ends at what is none
hvic_utf.c	/character = HVIC_REPLACEMENT/,/^}/s/room - len, character/room + 2 - len, character/	a lossy text leaves no room for its NUL
hvic_session.c	s/return event == HVIC_ON_OPEN ? -EBUSY : -EINVAL;/return -EINVAL;/	a second daemon is not told that there is one
hvic_session.c	s/if (!step->fits)/if (0)/	anything goes at any time
hvic_session.c	s/\(ON_REPLY.*\)END(READY)/\1GO(READY)/	a reply answers nothing
hvic_session.c	s/\(ON_CLOSE.*\)END(AWAY)/\1GO(AWAY)/	what a dead daemon had read is done again
hvic_session.c	/HVIC_SESSION_OFFERED\] = {/,/},/s/= GO(AWAY)/= END(AWAY)/	what no daemon has read is lost with it
hvic_session.c	/HVIC_SESSION_OFFERED\] = {/,/},/s/= END(READY)/= END(OFFERED)/	what has ended can still be read
hvic_session.c	/HVIC_SESSION_BUSY\] = {/,/},/s/\(ON_END.*\)END(READY)/\1END(BUSY)/	a late reply answers the next request
hvic_session.c	/HVIC_SESSION_GREETED\] = {/,/},/s/GO(READY)/GO(BUSY)/	a daemon owes a reply to the greeting
hvic_session.c	/HVIC_SESSION_OPEN\] = {/,/},/s/GO(GREETED)/GO(READY)/	a daemon is ready before it has read the greeting
hvic_session.c	/HVIC_SESSION_READY\] = {/,/},/{/ON_REGISTER/d}	a daemon that has nothing to do cannot register again
hvic_session.c	/HVIC_SESSION_BUSY\] = {/,/},/s/^\(.*ON_REPLY.*\)$/\1\n[HVIC_ON_REGISTER] = GO(GREETED),/	a daemon registers instead of replying
hvic_session.c	s/if (!session->first \&\& (step->ends/if (0 \&\& (step->ends/	the end of no request is one
hvic_session.c	s/ || event == HVIC_ON_OFFER))/))/	what is not there is offered
hvic_session.c	s/session->first = (\*ended)->next;/;/	what has ended stays
hvic_session.c	s/^\twhile (\*at)$/\twhile (0)/	the last request is served first
hvic_session.c	s/(\*at)->expires > now/(*at)->expires >= now + 1000/	no time is ever up
hvic_session.c	s/(\*at)->expires > now/(*at)->expires >= now/	a request is given longer than its time
hvic_session.c	s/if (!found || at == &session->first)/if (!found)/	what expires is not taken from the daemon
hvic_session.c	s/^\t\*at = found->next;/\tsession->first = found->next;/	what came before an expired request is lost
hvic_session.c	s/request->expires < due->expires/request->expires > due->expires/	the last to expire is waited for
hvic_session.c	s/session->state == HVIC_SESSION_GREETED || //	the greeting is withdrawn
hvic_address.c	s/if (digit > max || value > (max - digit) \/ 10)/if (0)/	a number may be too large
hvic_address.c	s/digit > max || //	a digit may be more than the largest number
hvic_address.c	s/^\treturn len;$/\treturn true;/	no digits are a number, or a text is a byte short
hvic_address.c	s/if (n > 1 \&\& src\[at\] == '0')/if (0)/	010 is read as 10
hvic_address.c	s/src + at, n, 255, /src + at, n, 256, /	256 is part of an address
hvic_address.c	s/^\tif (at != len)$/\tif (0)/	what is behind an address is not looked at
hvic_address.c	s/if (i < HVIC_IPV4_LEN - 1 \&\& at++ == len)/if (at++ == len)/	an IPv4 address has a point at its end
hvic_address.c	s/^\t\*run = 2;/\t*run = 0;/	a single zero becomes ::
hvic_address.c	s/if (n > \*run) {/if (n >= *run \&\& n) {/	the last run of zeros becomes ::
hvic_address.c	s/if (len || group >> shift || !shift)/if (1)/	groups keep their zeros
hvic_address.c	s/if (i + run == HVIC_IPV6_LEN)/if (0)/	:: at the end is half
hvic_address.c	s/c >= 'A' \&\& c <= 'F'/0/	upper case is no number
hvic_address.c	s/n < 4 \&\& at + n < end/at + n < end/	a group may have five digits
hvic_address.c	s/used + HVIC_IPV4_LEN <= HVIC_IPV6_LEN \&\&/used <= HVIC_IPV6_LEN \&\&/	an IPv4 address may reach out of an IPv6 one
hvic_address.c	s/n = used < HVIC_IPV6_LEN ? /n = 1 ? /	there may be nine groups
hvic_address.c	s/ || at == end)$/)/	a colon may be the last
hvic_address.c	s/if (gap != none || used == HVIC_IPV6_LEN)/if (used == HVIC_IPV6_LEN)/	there may be two gaps
hvic_address.c	s/if (gap != none || used == HVIC_IPV6_LEN)/if (gap != none)/	a gap may stand for nothing at the end
hvic_address.c	s/used == HVIC_IPV6_LEN ? gap != none : gap == none/used < HVIC_IPV6_LEN \&\& gap == none/	a gap may stand for nothing
hvic_address.c	s/used == HVIC_IPV6_LEN ? gap != none : gap == none/used == HVIC_IPV6_LEN \&\& gap != none/	groups may be missing
hvic_kvp.c	s/written->operation != HVIC_USER_KVP_REGISTER1/written->operation != HVIC_USER_KVP_REGISTER1 \&\& written->operation != HVIC_USER_KVP_REGISTER/	daemons of netlink are taken
hvic_kvp.c	s/memset(greeting, 0, sizeof(\*greeting));//	a greeting shows what was in the memory
hvic_kvp.c	s/size > room || size % 2/size > room/	a text may have half a unit
hvic_kvp.c	s/if (size > room || /if (/	a text may be longer than its field
hvic_kvp.c	s/cap, src, size \/ 2);/cap, src, size);/	bytes are taken for units
hvic_kvp.c	s/return len < 0 ? len : len + 1;/return len;/	the NUL is not counted
hvic_kvp.c	s/if (len == 1)/if (0)/	a key may be empty
hvic_kvp.c	s/if (size != 4)/if (0)/	a DWORD may have any size
hvic_kvp.c	s/if (size != 8)/if (0)/	a QWORD may have any size
hvic_kvp.c	s/^\tcase HVIC_KVP_QWORD:$//	a QWORD is refused
hvic_kvp.c	s/case KVP_QWORD_MISNAMED://	Linux' own QWORD is refused
hvic_kvp.c	s/little_endian(from->value, 8)) + 1/little_endian(from->value, 4)) + 1/	half of a QWORD is lost
hvic_kvp.c	/little_endian(from->value, 4)/s/) + 1;/);/	a number's NUL is not counted
hvic_kvp.c	/^\tdefault:$/{n;s/return -EINVAL;/len = 0; break;/}	a value of unknown type is stored as empty
hvic_kvp.c	s/to->exchange.value_size = sizeof(to->exchange.value);//	a daemon copies nothing for a get
hvic_kvp.c	s/> KVP_INDEX_MAX ?/> 0xffffffffu ?/	an index may be negative
hvic_kvp.c	s/memset(request, 0, sizeof(\*request));//	a request shows what was in the memory
hvic_kvp.c	s/if (hdr->pool >= HVIC_NR_KVP_POOLS)/if (hdr->pool > HVIC_NR_KVP_POOLS)/	there is a fifth pool
hvic_kvp.c	s/if (hdr->operation < HVIC_KVP_GET_IP)/if (0)/	items may be in any pool
hvic_kvp.c	s/request->pool = 0;//	any pool is handed on with addresses
hvic_kvp.c	s/memset(dst + 2 \* (len + 1), 0, room - 2 \* (len + 1));//	what was behind a text goes to the host
hvic_kvp.c	/^static u32 text_answer/,/^}/s/return 2 \* (len + 1);/return 2 * len;/	the host is not told of the NUL
hvic_kvp.c	s/if (from->type != HVIC_KVP_DWORD \&\& from->type != HVIC_KVP_QWORD)/if (1)/	every number becomes a text
hvic_kvp.c	s/~0ull >> (64 - 8 \* size)/~0ull/	a DWORD is cut
hvic_kvp.c	s/number >> 8 \* i \& 0xff/number >> 8 * (size - 1 - i) \& 0xff/	a number is in the other byte order
hvic_kvp.c	s/memset(to->value, 0, sizeof(to->value));//	what was behind a number goes to the host
hvic_kvp.c	s/from->type == HVIC_KVP_EXPAND_SZ ? HVIC_KVP_EXPAND_SZ : HVIC_KVP_SZ/from->type/	any type goes to the host
hvic_kvp.c	s/value_answer(&to->item, &reply->exchange);/value_answer(\&to->item, \&reply->enumerate.item);/	a get is answered from an enumerate's place
hvic_kvp.c	s/^\tif (reply->error)$/\tif (0)/	the daemon's error is lost
hvic_kvp.c	s/hdr = hvic_msg_body(msg, sizeof(\*hdr));/hdr = msg->body;/	the operation is read from no body
hvic_kvp_ip.c	s/len + 1 >= list->room - list->len/len >= list->room - list->len/	a list leaves no room for its NUL
hvic_kvp_ip.c	s/len + 1 >= list->room - list->len/len + 2 >= list->room - list->len/	a list cannot use its last byte
hvic_kvp_ip.c	s/^\tif (n > max)$/\tif (0)/	there may be any number of addresses
hvic_kvp_ip.c	s/^\tif (n > max)$/\tif (n >= max)/	the last address cannot be used
hvic_kvp_ip.c	s/return list->overflow ? -ENAMETOOLONG : 0;/return 0;/	addresses that do not fit are lost
hvic_kvp_ip.c	s/if (le32_to_cpu(prefixes\[i\]) > 128)/if (0)/	a prefix may be any number
hvic_kvp_ip.c	s/family > HVIC_KVP_FAMILY_BOTH || //	there may be other families
hvic_kvp_ip.c	s/ || !to->adapter\[0\]//	there may be no adapter
hvic_kvp_ip.c	s/if (version < HVIC_VERSION(4, 0))/if (0)/	old hosts have addresses
hvic_kvp_ip.c	s/numbers ? !binary : !text/!binary/	a text may be as short as the numbers
hvic_kvp_ip.c	s/if (err || hdr->operation == HVIC_KVP_GET_IP)/if (err)/	a get tells what the host left behind
hvic_kvp_ip.c	s/!!binary->dhcp : !!text->dhcp/binary->dhcp : text->dhcp/	DHCP is any number
hvic_kvp_ip.c	s/bool numbers = version >= HVIC_VERSION(5, 0);/bool numbers = version >= HVIC_VERSION(4, 0);/	4.0 has numbers
hvic_kvp_ip.c	s/while (n < max \&\& item_next/while (item_next/	there is no end of a host's room
hvic_kvp_ip.c	s/memset(to, 0xff, HVIC_IPV4_LEN);/return;/	an address without a mask has what was there
hvic_kvp_ip.c	s/if (at < prefix->end \&\& \*at == '\/')/if (0)/	the stock daemon's prefixes are none
hvic_kvp_ip.c	s/if (!item_next(&subnets, &subnet))/if (0)/	subnets that are missing are those of another
hvic_kvp_ip.c	s/if (v4_count < HVIC_KVP_IP_ADDRESSES \&\&/if (1 \&\&/	there may be 65 IPv4 addresses
hvic_kvp_ip.c	s/else if (v6_count < HVIC_KVP_IP_ADDRESSES \&\&/else if (1 \&\&/	there may be 65 IPv6 addresses
hvic_kvp_ip.c	s/from->dhcp ? HVIC_KVP_ORIGIN_OTHER/!from->dhcp ? HVIC_KVP_ORIGIN_OTHER/	what comes by DHCP is static
hvic_kvp_ip.c	s/memset(to, 0, sizeof(\*to));//	what was in the numbers goes to the host
hvic_kvp_ip.c	s/to->hdr = hdr;//	an answer has lost its operation
hvic_kvp_ip.c	s/memcpy(to->adapter, adapter, sizeof(adapter));//	an answer has lost its adapter
hvic_kvp_ip.c	s/to->family = from->family \& HVIC_KVP_FAMILY_BOTH;/to->family = from->family;/	any family goes to the host
hvic_kvp_ip.c	s/memset(dst, 0, room);//	what was behind a text goes to the host, of addresses
hvic_vss.c	s/, HVIC_VERSION(4, 0), 0 };/, 0 };/	old hosts find no version
hvic_vss.c	s/messages\[\] = { HVIC_VERSION(5, 0)/messages[] = { HVIC_VERSION(6, 0), HVIC_VERSION(5, 0)/	questions about a cluster are promised an answer
hvic_vss.c	s/written->error == HVIC_USER_VSS_REGISTER ||/0 ||/	an old registration is a reply
hvic_vss.c	s/written->error == HVIC_USER_VSS_REGISTER1;/written->operation == HVIC_USER_VSS_REGISTER1;/	a reply is a registration
hvic_vss.c	s/if (written->operation != HVIC_USER_VSS_REGISTER1)/if (!hvic_vss_is_registration(written))/	daemons of netlink are taken, of backup
hvic_vss.c	s/\*greeting = HVIC_USER_VSS_REGISTER1;/*greeting = 0;/	a daemon of backup is not greeted
hvic_vss.c	s/operation == HVIC_VSS_BACKUP_COMPLETE ? 0 : -EOPNOTSUPP/-EOPNOTSUPP/	a host before freezes cannot end its backup
hvic_vss.c	s/if (version < HVIC_VERSION(5, 0))/if (version < HVIC_VERSION(4, 0))/	a host without freezes believes in a snapshot
hvic_vss.c	/^\tcase HVIC_VSS_FREEZE:$/d	a freeze needs no daemon, and no limit
hvic_vss.c	s/body->flags = 0;.*$//	the host's flags say which disks are the guest's own
hvic_vss.c	/^\tcase HVIC_VSS_AUTO_RECOVER:$/d	auto recovery is refused
hvic_vss.c	/^\tdefault:$/{n;s/return -EOPNOTSUPP;/return 0;/}	what is unknown is done
hvic_vss.c	s/memset(request, 0, sizeof(\*request));//	a request of backup shows what was in the memory
hvic_vss.c	s/request->operation = body->hdr.operation;//	a daemon does not learn what to do
hvic_vss.c	s/return hdr ? hdr->operation : HVIC_NR_VSS_OPERATIONS;/return ((u8 *)msg->body)[0];/	the operation of backup is read from no body
hvic_vss.c	s/? VSS_FREEZE_TIMEOUT : VSS_TIMEOUT/? VSS_TIMEOUT : VSS_TIMEOUT/	a freeze has no more time than the rest
hvic_vss.c	s/#define VSS_TIMEOUT\t\t30/#define VSS_TIMEOUT\t\t31/	a check has longer than the host
hvic_vss.c	s/^\tif (reply->error)$/\tif (0)/	the daemon's error is lost, of backup
hvic_vss.c	s/reply->flags ?: HVIC_VSS_HBU_NO_AUTO_RECOVERY/HVIC_VSS_HBU_NO_AUTO_RECOVERY/	a daemon's flags are lost
hvic_vss.c	s/reply->flags ?: HVIC_VSS_HBU_NO_AUTO_RECOVERY/reply->flags/	the host is not told that there is no auto recovery
hvic_vss.c	s/return awake ? HVIC_STATUS_FAIL : HVIC_STATUS_OK;/return HVIC_STATUS_OK;/	a snapshot of a guest that was awake is good
hvic_vss.c	s/^\tif (!body)$/\tif (0)/	a body of backup that is too short is read
hvsim_ring.c	s/ || length + HVSIM_PACKET_TRAILER > there//	a packet may be longer than was written
hvsim_ring.c	s/length + HVSIM_PACKET_TRAILER > there/length > there/	a packet may go on to where its trailer should be
hvsim_ring.c	s/offset < sizeof(\*packet) || //	a packet's head may be of no bytes
hvsim_ring.c	s/length < offset || //	a packet may be shorter than its head
hvsim_ring.c	s/if (!index_is_sound(ring, write_index))/if (0)/	the guest's write index is not looked at
hvsim_ring.c	s/if (length - offset > size)/if (0)/	a payload may be larger than its buffer
hvsim_ring.c	s/index < ring->size \&\& //	an index may be outside of the ring
hvsim_ring.c	s/index < ring->size \&\&/index <= ring->size \&\&/	an index may be at the end of the ring
hvsim_ring.c	s/ \&\& index % 8 == 0//	an index may be in the middle of a unit
hvsim_ring.c	s/at = (uint32_t)((at + part) % ring->size);/at = (uint32_t)(at + part);/	a copy goes on behind the ring's end
hvsim_ring.c	s/if (part > len)/if (0)/	a copy goes on to the end of its page
hvsim_ring.c	s/(to + ring->size - from) % ring->size/to - from/	the indexes may not have gone round
hvsim_ring.c	s/(ring->index + offset) % ring->size, payload/ring->index + offset, payload/	a payload is read behind the ring's end
hvsim_ring.c	s/old, write_index) <= pending/old, write_index) < pending/	a guest that waits for what is free already is not woken
hvsim_ring.c	s/next, write_index) > pending/next, write_index) >= pending/	a guest is woken a byte too early
hvsim_ring.c	s/^\t       ring->size - ring_distance(ring, old, write_index) <= pending \&\&$//	a guest that waits is woken by every packet
hvsim_ring.c	s/ring_free(struct hvsim_ring \*ring, uint32_t next)/ring_free(struct hvsim_ring *ring, uint32_t next, uint32_t there)/;s/write_index = shared_read(&head->write_index);/write_index = there;/;s/HVSIM_PACKET_TRAILER) % ring->size);/HVSIM_PACKET_TRAILER) % ring->size, write_index);/	a guest that fills the ring meanwhile is not woken
hvsim_ring.c	s/\*room >= need/*room > need/	a packet for which there is just room is not put
hvsim_ring.c	s/ring->index) - 1;/ring->index);/	a ring is filled to its last byte
hvsim_ring.c	s/shared_write(&head->pending_send, need);/;/	the guest is not asked for room
hvsim_ring.c	s/shared_write(&head->pending_send, need);/shared_write(\&head->pending_send, need - 8);/	the guest is asked for too little room
hvsim_ring.c	s/tries < 2/tries < 1/	room that came meanwhile is not seen
hvsim_ring.c	s/shared_write(&head->pending_send, 0);/;/	the guest is asked for room when there is
hvsim_ring.c	s/if (!index_is_sound(ring, read_index))/if (0)/	the guest's read index is not looked at
hvsim_ring.c	s/return !shared_read(&head->interrupt_mask) \&\& /return /	a guest that masks its interrupts is woken
hvsim_ring.c	s/ \&\& shared_read(&head->read_index) == old//	a guest that has not read all is woken
hvsim_ring.c	s/shared_read(&head->read_index) == old/shared_read(\&head->read_index) == ring->index/	a guest is woken by what it has read
hvsim_ring.c	s/((uint64_t)old + len) % ring->size/((uint64_t)old + len)/	the write index does not go round
hvsim_ring.c	s/if (len > HVSIM_RING_PACKET_MAX - sizeof(packet))/if (0)/	a packet may be longer than its length can say
hvsim_ring.c	s/if (length + HVSIM_PACKET_TRAILER >= ring->size)/if (length + HVSIM_PACKET_TRAILER > ring->size)/	a packet of the size of the ring waits for ever
hvsim_ring.c	s/padding = (uint32_t)(-len \& 7);/padding = 0;/	a packet is not padded
hvsim_ring.c	s/(uint64_t)ring->index << 32/(uint64_t)ring->index/	a trailer is the other way round
hvsim_ring.c	s/\.offset8 = sizeof(packet) \/ 8/.offset8 = 1/	a packet's head is said to be shorter
hvsim_ring.c	s/if (len >= ring->size)/if (0)/	bytes may be more than the ring
hvsim_ring.c	s/if (offset % 4 || /if (/	a number may be written across two
hvsim_ring.c	s/ || offset > HVSIM_VMBUS_PAGE - 4)/)/	a number may be written outside of the first page
hvsim_ring.c	s/offset > HVSIM_VMBUS_PAGE - 4/offset > HVSIM_VMBUS_PAGE/	a number may be written behind the first page
hvsim_ring.c	s/ || count - 1 > UINT32_MAX \/ 2 \/ HVSIM_VMBUS_PAGE//	a ring may be larger than its numbers
hvsim_ring.c	s/to_guest ? &head->write_index : &head->read_index/to_guest ? \&head->read_index : \&head->write_index/	a ring begins at the other's index
hvsim_ring.c	s/if (!index_is_sound(ring, ring->index))/if (0)/	a ring may begin anywhere
hvsim_ring.c	s/shared_write(&head->features, HVSIM_RING_PENDING_SEND);/;/	the guest is not told that it is asked for room
hvsim_ring.c	/^\tshared_write(&head->read_index, next);$/{N;N;s/\(.*read_index, next);\)\n\(.*\)\n\(.*pending_send);\)/\3\n\1\n\2/}	the guest is not looked at after the room is there
hvsim_ring.c	s/shared_write(&head->write_index, ring->index);/bool wake = !shared_read(\&head->interrupt_mask) \&\& shared_read(\&head->read_index) == old;\n\n\t&/;s/return !shared_read(&head->interrupt_mask).*/return wake;/	the guest is not looked at after the packet is there
hvsim_gpadl.c	s/ || count > gpadl->count - gpadl->told//	more pages may be told of than there are
hvsim_gpadl.c	s/if (len % sizeof(uint64_t) || /if (/	half a page number is left out
hvsim_gpadl.c	s/if (number > UINT64_MAX \/ HVSIM_VMBUS_PAGE)/if (0)/	a page beyond all memory becomes another one
hvsim_gpadl.c	s/header->range_count != 1 || //	the second range is taken for pages
hvsim_gpadl.c	s/header->range_count != 1 || range->byte_offset ||/header->range_count != 1 ||/	a range may begin in the middle of a page
hvsim_gpadl.c	s/range->byte_count % HVSIM_VMBUS_PAGE || //	a range may end in the middle of a page
hvsim_gpadl.c	s/ || pages > HVSIM_GPADL_PAGES_MAX//	a GPADL may be of any size
hvsim_gpadl.c	s/if (header->range_bytes != .*/if (0)/	the length of the ranges is not looked at
hvsim_gpadl.c	s/if (len < sizeof(header))/if (0)/	half a header is read past its end
hvsim_gpadl.c	s/if (len < sizeof(header) + sizeof(range))/if (0)/	half a range is read past its end
hvsim_gpadl.c	s/\tif (!pages)/\tif (0)/	a GPADL may be of no pages
hvsim_gpadl.c	s/while (i--)/while (0)/	pages stay mapped when another cannot be
hvsim_gpadl.c	s/gpadl->pages = NULL;/;/	pages that are given back are used
hvsim_gpadl.c	s/for (i = 0; gpadl->pages \&\& i < gpadl->count; i++)/for (i = 1; gpadl->pages \&\& i < gpadl->count; i++)/	a page stays mapped
hvsim_gpadl.c	s/^\tfree(gpadl->addresses);$//	addresses are lost
hvsim_bus.c	s/if (channel \&\& number == HVSIM_CHANNEL_ANY)/if (0)/	the host is told of channels that it has forgotten
hvsim_bus.c	s/if (bus->posting)/if (0)/	a message that is under way is freed
hvsim_bus.c	s/while (!bus->posting \&\& /while (/	two messages are under way
hvsim_bus.c	s/if (!bus->posting)/if (0)/	a message that is not under way has arrived
hvsim_bus.c	s/^\tposts_clear(bus);$//	a new guest gets the messages of the old one
hvsim_bus.c	s/^\tbus->requested = false;$//	a new guest is offered channels before it asks
hvsim_bus.c	s/^\tbus->version = 0;$//	a guest that took its leave is heard
hvsim_bus.c	s/^\thvsim_bus_channel_flush(bus, channel);$//	what waits for room is not written when there is some
hvsim_bus.c	s/^\thvsim_bus_channel_drain(bus, channel);$//	a signal of the guest is not heard
hvsim_bus.c	s/^\tbus->gpadl_count--;$//	GPADLs that are gone are counted
hvsim_bus.c	s/^\tbus->gpadl_pages -= gpadl->count;$//	pages that are gone are counted
hvsim_bus.c	s/^\tbus->post_count--;$//	messages that have arrived are counted
hvsim_bus.c	s/if (++bus->post_count == HVSIM_BUS_POSTS_MAX)/++bus->post_count;\n\tif (0)/	the host does not learn that the guest takes no messages
hvsim_bus.c	s/^\twhile ((gpadl = TAILQ_FIRST(&bus->gpadls)))$/\twhile ((gpadl = NULL))/	memory stays mapped when a guest is gone
hvsim_bus.c	s/^\tif (was_there)$//	a reset is told when there was no guest
hvsim_bus.c	s/^\thvsim_bus_trick_clear(bus);$//	tricks of a host that is gone are played
hvsim_bus.c	s/^\tbus->trace = false;$//	a trace goes on without a host
hvsim_bus.c	s/channel->number = HVSIM_CHANNEL_ANY;/;/	a new host is told of the channels of the old one
hvsim_bus.c	/^\thvsim_bus_disconnect(bus);$/{N;s/\(.*\)\n\(\thvsim_bus_forget.*\)/\2\n\1/}	a guest is told that its bus is given up
hvsim_bus_channel.c	s/if (relid \&\& channel->relid == relid)/if (channel->relid == relid)/	relid 0 is a channel
hvsim_bus_channel.c	s/number == HVSIM_CHANNEL_ANY || //	a channel may have no number
hvsim_bus_channel.c	s/ || hvsim_bus_channel_by_number(bus, number))/)/	two channels may have one number
hvsim_bus_channel.c	s/if (!hvsim_bus_channel_by_relid(bus, bus->last_relid))/if (1)/	two channels may have one relid
hvsim_bus_channel.c	s/bus->last_relid = bus->last_relid % (HVSIM_VMBUS_RELIDS - 1) + 1;/bus->last_relid = tried;/	relids are used again at once
hvsim_bus_channel.c	s/(HVSIM_VMBUS_RELIDS - 1) + 1/HVSIM_VMBUS_RELIDS + 1/	a relid may be that of no event flag
hvsim_bus_channel.c	s/gpadl->relid == open->relid \&\& //	rings may be in the memory of another channel
hvsim_bus_channel.c	s/ \&\& gpadl->pages)/)/	rings may be in memory that is not all there
hvsim_bus_channel.c	s/if (channel->open || channel->rescinded)/if (channel->rescinded)/	an open channel can be opened
hvsim_bus_channel.c	s/if (channel->open || channel->rescinded)/if (channel->open)/	a channel that is taken back can be opened
hvsim_bus_channel.c	s/if (!gpadl || /if (/	rings may be in no memory
hvsim_bus_channel.c	s/if (!bus->platform->has_vp(bus->userdata, open->vp))/if (0)/	a channel may interrupt a processor that there is not
hvsim_bus_channel.c	/^\t\tif (channel->relid)$/{N;s/.*/\t\tif (0)\n\t\t\tcontinue;/}	a channel that the guest knows is offered once more
hvsim_bus_channel.c	/^\t\thvsim_bus_channel_offer(bus, channel);$/{n;s/return;/;/}	all that wait are offered one relid
hvsim_bus_channel.c	s/channel->relid) < 0)/channel->relid) < -1000)/	a channel that nobody listens to is open
hvsim_bus_channel.c	s/^\tchannel->broken = false;$//	what is opened again stays broken
hvsim_bus_channel.c	s/^\tchannel->transaction = 0;$//	what is opened again goes on counting
hvsim_bus_channel.c	s/^\tchannel->held = false;$//	what is opened again is held
hvsim_bus_channel.c	s/^\tbus->platform->ignore(.*$//	what is closed is listened to
hvsim_bus_channel.c	s/^\thvsim_bus_channel_discard(bus, channel);$//	what waits stays when a channel is closed
hvsim_bus_channel.c	s/^\tif (channel->announced)$//	the host is told of a close without an open
hvsim_bus_channel.c	s/^\tchannel->announced = false;$//	the host is told of a close twice
hvsim_bus_channel.c	/^\tif (channel->rescinded)$/{N;s/.*return;//}	a channel is taken back twice
hvsim_bus_channel.c	s/^\thvsim_bus_channel_close(bus, channel);$//	a channel that is taken back, or forgotten, stays open
hvsim_bus_channel.c	s/if (gpadl->relid == channel->relid)/if (0)/	memory of a channel that is let go stays mapped
hvsim_bus_channel.c	s/if (gpadl->relid == channel->relid)/if (1)/	with a channel goes the memory of all
hvsim_bus_channel.c	s/^\tTAILQ_REMOVE(&bus->channels, channel, link);$//	a channel that is let go is used
hvsim_bus_channel.c	s/^\tchannel->relid = 0;$//	a relid outlives its guest
hvsim_bus_command.c	s/if (limit < HVSIM_VMBUS_OLDEST)/if (0)/	a limit may leave no version
hvsim_bus_command.c	s/ || frame->length - head > HVSIM_VMBUS_MESSAGE_MAX//	a message may be longer than its slot
hvsim_bus_command.c	s/if (bus->post_count >= HVSIM_BUS_POSTS_MAX)/if (0)/	the host's messages wait without end
hvsim_bus_command.c	s/^\t\treturn -ENOBUFS;$/\t\treturn 0;/	the host does not learn that its message is lost
hvsim_bus_command.c	s/channel->held = channel->open \&\& frame->arg;/channel->held = frame->arg;/	what is closed is held
hvsim_bus_command.c	s/^\thvsim_bus_channel_drain(bus, channel);$//	what was held is not taken
hvsim_bus_command.c	s/^\tif (!channel->open)$/\tif (0)/	a number is written to a ring that is not open
hvsim_bus_command.c	s/^\tif (channel->open)$//	a guest is interrupted for what is not open
hvsim_bus_command.c	s/frame->arg ? &channel->from_guest : &channel->to_guest/frame->arg ? \&channel->to_guest : \&channel->from_guest/	a number is written to the other ring
hvsim_bus_command.c	s/if (frame->length < command->least)/if (0)/	a frame may be too short
hvsim_bus_command.c	s/return channel ? command->channel(bus, channel, frame) : 0;/return command->channel(bus, channel, frame);/	a channel that is gone is used
hvsim_bus_message.c	s/ \&\& contact->version <= bus->limit//	a version may be newer than the host says
hvsim_bus_message.c	s/version_is_known(contact->version) \&\& //	any old version will do
hvsim_bus_message.c	s/contact->version >= HVSIM_VMBUS_SINTS \&\& //	an address of an old guest is an interrupt
hvsim_bus_message.c	s/ \&\& contact->sint < HVSIM_VMBUS_SINTS_MAX//	a guest may ask for an interrupt that there is not
hvsim_bus_message.c	s/^\thvsim_bus_disconnect(bus);$//	channels of a guest outlive it
hvsim_bus_message.c	s/if (!channel->relid \&\& !channel->rescinded)/if (1)/	a channel is offered twice
hvsim_bus_message.c	s/ \&\& !gpadl_find(bus, header->gpadl))/)/	two GPADLs may have one id
hvsim_bus_message.c	s/bus->gpadl_count >= HVSIM_BUS_GPADLS_MAX ||/0 ||/	there is no end of GPADLs
hvsim_bus_message.c	s/if (channel_named(bus, header->relid, "memory") \&\& /if (/	memory may be of no channel
hvsim_bus_message.c	s/HVSIM_BUS_GPADL_PAGES_MAX - bus->gpadl_pages)/HVSIM_BUS_GPADL_PAGES_MAX)/	there is no end of pages
hvsim_bus_message.c	s/if (gpadl->count > HVSIM/if (gpadl->count >= HVSIM/	the last page cannot be had
hvsim_bus_message.c	s/^\t\thvsim_gpadl_free(gpadl, bus->platform, bus->userdata);$//	a GPADL that is too large is lost
hvsim_bus_message.c	s/if (!gpadl || hvsim_gpadl_is_complete(gpadl))/if (!gpadl)/	a complete GPADL can go on
hvsim_bus_message.c	s/if (!gpadl || gpadl->relid != teardown->relid)/if (!gpadl)/	memory may be taken back from another channel
hvsim_bus_message.c	s/if (channel \&\& channel->open \&\& channel->gpadl == gpadl->id)/if (0)/	the memory of open rings is given back
hvsim_bus_message.c	s/channel->open \&\& channel->gpadl == gpadl->id/channel->open/	any memory that is taken back closes the channel
hvsim_bus_message.c	s/opened = !answer.status;/opened = true;/	a second open closes the first
hvsim_bus_message.c	s/if (!opened || !channel || !channel->open)/if (!opened)/	an open that is taken back is told of
hvsim_bus_message.c	/not use the rings/{n;s/if (answer.status)/if (0)/}	an open that the guest thinks is none is told of
hvsim_bus_message.c	s/^\thvsim_bus_channel_drain(bus, channel);$//	what was written before the open is not taken
hvsim_bus_message.c	s/if (!channel->rescinded) {/if (0) {/	a channel is let go that was not taken back
hvsim_bus_message.c	s/^\tif (armed)$//	a channel that is let go is taken back again
hvsim_bus_message.c	s/ || bus->version < HVSIM_VMBUS_MOVES)/)/	old guests move channels
hvsim_bus_message.c	s/if (!channel->open || bus->version/if (bus->version/	a channel that is not open moves
hvsim_bus_message.c	s/if (!bus->platform->has_vp(bus->userdata, vp))/if (0)/	a channel moves to a processor that there is not
hvsim_bus_message.c	s/if (!possible || answer.status/if (answer.status/	what cannot be moved is moved when the answer says so
hvsim_bus_message.c	s/if (!possible || answer.status || /if (!possible || /	a move that was refused is done
hvsim_bus_message.c	s/\(!possible || answer.status || !channel\) || !channel->open/\1/	what is taken back is moved
hvsim_bus_message.c	/have seen \*\/$/{n;s/hvsim_bus_channel_interrupt(bus, channel);/;/}	a channel that moves leaves its last interrupt behind
hvsim_bus_message.c	s/bus->version < HVSIM_VMBUS_ANSWERS_MOVES ? NULL : &answer/\&answer/	a move of an old guest is answered
hvsim_bus_message.c	s/else if (len < handler->size)/else if (0)/	a message may be too short
hvsim_bus_message.c	s/else if (!bus->version \&\& !handler->without_contact)/else if (0)/	a guest is heard before any contact
hvsim_bus_message.c	s/type < sizeof(handlers) \/ sizeof(handlers\[0\]) \&\& //	a type may be any number
hvsim_bus_message.c	s/ \&\& handlers\[type\].size)/)/	a type of no handler is handled
hvsim_bus_message.c	s/^\thvsim_bus_channel_offer_next(bus);$//	what waits for a relid waits for ever
hvsim_bus_message.c	/^\tif (armed)$/{:a;N;/offer_next/!ba;s/\(\n\thvsim_bus_channel_offer_next(bus);\)$/;/;s/^/\thvsim_bus_channel_offer_next(bus);\n/}	what is taken back once more is another channel
hvsim_bus_message.c	s/return bus->post_count < HVSIM_BUS_POSTS_MAX || /return 1 || /	there is no end of answers
hvsim_bus_message.c	s/return bus->post_count < HVSIM_BUS_POSTS_MAX/return bus->post_count <= HVSIM_BUS_POSTS_MAX/	one answer more than can waits
hvsim_bus_message.c	s/ || (handler \&\& handler->without_contact);/;/	a guest that died keeps the next one out
hvsim_bus_message.c	s/(handler \&\& handler->without_contact)/handler/	a guest that does not listen is heard
hvsim_bus_message.c	s/ || bus->limit < HVSIM_VMBUS_SINTS))/))/	an old host has the new connection
hvsim_bus_message.c	s/type != HVSIM_VMBUS_MESSAGE || //	a SynIC message of any type is heard
hvsim_bus_message.c	s/len < sizeof(struct hvsim_vmbus_head) ||/0 ||/	half a head is read past its end
hvsim_bus_message.c	/len < sizeof(struct hvsim_vmbus_head) ||/{N;s/len > HVSIM_VMBUS_MESSAGE_MAX/0/}	a message may be longer than its slot
hvsim_bus_traffic.c	s/while (channel->open \&\& !channel->held/while (!channel->held/	what is not open is read
hvsim_bus_traffic.c	s/ \&\& !channel->broken \&\&/ \&\&/	a ring that makes no sense is read on
hvsim_bus_traffic.c	s/       !bus->platform->full(bus->userdata)) {/       1) {/	a host that is full is told of packets
hvsim_bus_traffic.c	s/!channel->held \&\& //	what is held is read
hvsim_bus_traffic.c	s/^\t\tif (wake)$/\t\tif (0)/	nobody is woken
hvsim_bus_traffic.c	s/^\t\tif (wake)$//	everybody is woken
hvsim_bus_traffic.c	s/^\tchannel->waiting -= .*$//	what has been written still counts
hvsim_bus_traffic.c	s/sizeof(\*write) + //	what has no bytes waits without end
hvsim_bus_traffic.c	s/^\tif (write->tell)$/\tif (0)/	the host is not told
hvsim_bus_traffic.c	s/^\tif (write->tell)$//	the host is told always
hvsim_bus_traffic.c	s/\t\telse if (!write->raw)/\t\telse/	bytes count as packets
hvsim_bus_traffic.c	s/^\t\t\thvsim_bus_channel_discard(bus, channel);$//	what cannot be written waits
hvsim_bus_traffic.c	s/bool tell = !raw \&\& /bool tell = /	bytes are told of
hvsim_bus_traffic.c	s/(uint16_t)(type \& ~HVSIM_PACKET_TELL)/type/	the guest sees that the host is told
hvsim_bus_traffic.c	s/^\t\tif (tell)$/\t\tif (0)/	of what cannot wait the host is not told
hvsim_bus_traffic.c	s/^\tif (channel->open)$/\tif (1)/	what is for a closed channel waits for it
hvsim_bus_trick.c	s/(!channel || channel->number != armed->channel)/0/	a trick is played on any channel
hvsim_bus_trick.c	s/if (armed->step != step)/if (0)/	a trick is played at any step
hvsim_bus_trick.c	s/^\t\tSTAILQ_REMOVE(&bus->armed, armed, hvsim_bus_armed, link);$//	a trick is played again
hvsim_bus_trick.c	s/reply->message \&\& offset \&\& /reply->message \&\& /	a status is written where there is none
hvsim_bus_trick.c	s/if (reply->message \&\& /if (/	no message is written to
hvsim_bus_trick.c	s/^\tfree(armed);$//	a trick is lost
hvsim_bus_trick.c	s/^\tif (reply->channel)$//	no channel is taken back
END
tap_end
