#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: scripts/check-hooks.sh
#
# The ready-made hooks with the real servers of Debian's packages, as TAP: each has its data
# on a loop device of its own, is frozen by "hvic vss test" while a client writes, the device
# is copied meanwhile, and a second server starts from the copy. Not a part of make check, as
# it installs two database servers; it needs root and loop devices.

set -eu
. "$(dirname "$0")/lib.sh"
. "$TOP/tools/testing/check/tap.sh"

HVIC=$BUILD/hvic/hvic
WORK=${WORK:-}

disk_make()
{
	truncate -s "$2" "$WORK/$1.img"
	mkfs.ext4 -q "$WORK/$1.img"
	mkdir -p "$WORK/$1"
	mount -o loop "$WORK/$1.img" "$WORK/$1"
	mkdir "$WORK/$1/data" "$WORK/hooks.$1"
	cp "$TOP/tools/hv/dist/freeze.d/50-$1.example" "$WORK/hooks.$1/50-$1"
	cat >"$WORK/$1.conf" <<END
[vss]
include = $WORK/$1
hooks = $WORK/hooks.$1
fsfreeze_hook =
run_directory = $WORK/run
[kvp]
directory = $WORK
END
}

# backup_make NAME - freezes for three seconds and copies in the middle of them
backup_make()
{
	"$HVIC" --json --config "$WORK/$1.conf" vss test --hold 3 >"$WORK/$1.json" 2>"$WORK/$1.err" &
	test=$!
	while ! [ -e "$WORK/run/vss-frozen" ] && kill -0 "$test" 2>/dev/null; do sleep 0.1; done
	sleep 1
	cp --sparse=always "$WORK/$1.img" "$WORK/$1.copy.img"
	wait "$test" || { cat "$WORK/$1.json" "$WORK/$1.err" && return 1; }
	grep -q '"result":"ok"' "$WORK/$1.json" || { cat "$WORK/$1.json" && return 1; }
}

copy_mount()
{
	mkdir -p "$WORK/$1.copy"
	mount -o loop "$WORK/$1.copy.img" "$WORK/$1.copy"
}

# ---- PostgreSQL ----

pg_bin()
{
	find /usr/lib/postgresql -name pg_ctl -printf '%h\n' | sort -V | tail -n 1
}

as_postgres()
{
	runuser -u postgres -- "$@"
}

pg_start()
{
	as_postgres "$(pg_bin)/pg_ctl" -s -w -D "$1/data" -o '-c listen_addresses= -c log_checkpoints=on' \
		-l "$1/data/log" start </dev/null >/dev/null
}

pg_stop()
{
	as_postgres "$(pg_bin)/pg_ctl" -s -m "$2" -D "$1/data" stop
}

sql()
{
	as_postgres psql -X -q -A -t -h /run/postgresql -d postgres -c "$1"
}

pg_begin()
{
	disk_make postgresql 400M
	chown -R postgres "$WORK/postgresql"
	mkdir -p /run/postgresql
	mount -t tmpfs tmpfs /run/postgresql
	chown postgres /run/postgresql
	as_postgres "$(pg_bin)/initdb" -D "$WORK/postgresql/data" >"$WORK/initdb.log" 2>&1 &&
		pg_start "$WORK/postgresql" &&
		sql 'CREATE TABLE t (n int)'
}

# Each row is told of when the server says that it is safe.
pg_write()
{
	n=0
	while [ -e "$WORK/write" ]; do
		n=$((n + 1))
		sql "INSERT INTO t VALUES ($n)" 2>/dev/null || break
		echo $n >"$WORK/written"
	done
}

pg_backup()
{
	touch "$WORK/write"
	pg_write &
	writer=$!
	sleep 1
	cp "$WORK/written" "$WORK/before"
	before=$(cat "$WORK/before")
	status=0
	backup_make postgresql || status=1
	rm "$WORK/write"
	wait "$writer"
	echo "# $before rows before, $(cat "$WORK/written") after"
	[ "$(cat "$WORK/written")" -gt "$before" ] && [ "$status" = 0 ]
}

pg_checkpointed()
{
	grep -q 'checkpoint starting: immediate force wait' "$WORK/postgresql/data/log"
}

# All rows that were safe before are there, one after the other.
pg_restore()
{
	pg_stop "$WORK/postgresql" fast
	copy_mount postgresql
	rm -f "$WORK/postgresql.copy/data/postmaster.pid"
	pg_start "$WORK/postgresql.copy" || return 1
	rows=$(sql 'SELECT count(*) FROM t') highest=$(sql 'SELECT max(n) FROM t')
	echo "# $rows rows in the copy"
	pg_stop "$WORK/postgresql.copy" fast
	[ "$rows" = "$highest" ] && [ "$rows" -ge "$(cat "$WORK/before")" ]
}

# ---- MariaDB ----

maria_start()
{
	mariadbd --no-defaults --datadir="$1/data" --user=mysql --socket=/run/mysqld/mysqld.sock \
		--pid-file=/run/mysqld/pid --skip-networking >>"$WORK/mariadbd.log" 2>&1 &
	for _ in $(seq 100); do
		! mariadb-admin ping >/dev/null 2>&1 || return 0
		sleep 0.2
	done
	tail "$WORK/mariadbd.log"
	return 1
}

maria_stop()
{
	mariadb-admin shutdown
	while [ -e /run/mysqld/pid ]; do sleep 0.1; done
}

maria_begin()
{
	disk_make mysql 500M
	chown -R mysql "$WORK/mysql"
	mkdir -p /run/mysqld
	mount -t tmpfs tmpfs /run/mysqld
	chown mysql /run/mysqld
	mariadb-install-db --no-defaults --user=mysql --datadir="$WORK/mysql/data" >"$WORK/mariadb-install.log" 2>&1 &&
		maria_start "$WORK/mysql" &&
		mariadb -e 'CREATE DATABASE d; CREATE TABLE d.t (n int) ENGINE=MyISAM; CREATE TABLE d.i (n int) ENGINE=InnoDB'
}

maria_write()
{
	n=0
	while [ -e "$WORK/write" ]; do
		n=$((n + 1))
		mariadb -e "INSERT INTO d.t VALUES ($n); INSERT INTO d.i VALUES ($n)" 2>/dev/null || break
		echo $n >"$WORK/written"
	done
}

maria_backup()
{
	touch "$WORK/write"
	maria_write &
	writer=$!
	sleep 1
	cp "$WORK/written" "$WORK/before"
	before=$(cat "$WORK/before")
	status=0
	backup_make mysql || status=1
	rm "$WORK/write"
	wait "$writer"
	echo "# $before rows before, $(cat "$WORK/written") after"
	[ "$(cat "$WORK/written")" -gt "$before" ] && [ "$status" = 0 ] && [ ! -e /run/hyperv-ics-mysql ]
}

maria_restore()
{
	maria_stop
	copy_mount mysql
	maria_start "$WORK/mysql.copy" || return 1
	mariadb -e 'CHECK TABLE d.t' | tee "$WORK/checked" | grep -q 'status.*OK' || { cat "$WORK/checked" && return 1; }
	rows=$(mariadb -N -e 'SELECT count(*) FROM d.t') other=$(mariadb -N -e 'SELECT count(*) FROM d.i')
	echo "# $rows rows in the copy's table without a log, $other in that with one"
	maria_stop
	[ "$rows" -ge "$(cat "$WORK/before")" ] && [ $((rows - other)) -le 1 ] && ! grep -q "is marked as crashed" "$WORK/mariadbd.log"
}

# A hook that cannot have its lock fails the backup, and leaves no lock.
maria_refused()
{
	maria_start "$WORK/mysql" || return 1
	mariadb -e 'SELECT 1 FROM d.t LIMIT 1' >/dev/null
	sed -i 's/^WAIT=.*/WAIT=1/' "$WORK/hooks.mysql/50-mysql"
	mariadb -e 'LOCK TABLES d.t WRITE; SELECT SLEEP(6)' >/dev/null &
	blocker=$!
	sleep 1
	status=0
	"$HVIC" --config "$WORK/mysql.conf" vss test >"$WORK/refused" 2>&1 || status=1
	wait "$blocker"
	maria_stop
	[ "$status" = 1 ] && grep -q '50-mysql freeze failed' "$WORK/refused" && [ ! -e /run/hyperv-ics-mysql ]
}

inside()
{
	mount --make-rprivate /
	tap_begin
	tap_check 'PostgreSQL runs on a disk of its own' pg_begin
	tap_check 'PostgreSQL: a backup while a client writes' pg_backup
	tap_check 'PostgreSQL: the hook had a checkpoint written' pg_checkpointed
	tap_check 'PostgreSQL: a server starts from the copy with all that was safe' pg_restore
	tap_check 'MariaDB runs on a disk of its own' maria_begin
	tap_check 'MariaDB: a backup while a client writes' maria_backup
	tap_check 'MariaDB: a server starts from the copy, with no table to repair' maria_restore
	tap_check 'MariaDB: no lock, no backup' maria_refused
	tap_end
}

if [ "${1:-}" = inside ]; then
	inside
	exit
fi
[ "$(id -u)" = 0 ] || { echo '1..0 # SKIP loop devices need root' && exit; }
need postgresql mariadb-server e2fsprogs gcc make
losetup -f >/dev/null 2>&1 || { echo '1..0 # SKIP there are no loop devices' && exit; }
make -s -C "$TOP/tools/hvic" >/dev/null
# where others can reach it: the servers are not root
WORK=$(mktemp -d /var/tmp/check-hooks.XXXXXX)
chmod 755 "$WORK"
trap 'rm -rf "$WORK"' EXIT
export WORK
unshare -m sh "$0" inside
