# shellcheck shell=bash disable=SC2034,SC2154
# Durable writes: 1, 16 and 64 clients through host.db.tx against PostgreSQL with as many, and against bare fdatasync of 4 KiB, on the
# same disk; small reads beside ours, also on a disk whose sync takes 1 ms and 5 ms longer. FORECOURT_SECONDS is the length of a slice.
what="durable transactions of one insert; peer: PostgreSQL (prepared, socket) with 1, 16, 64 clients"
needs='postgresql cc=gcc python3=python3'
seconds=${FORECOURT_SECONDS:-3}
. "$here/lib.sh"

pg_bin() { ls -d /usr/lib/postgresql/*/bin | tail -n 1; }
as_postgres() { if [ "$(id -u)" = 0 ]; then (cd / && su postgres -s /bin/sh -c "$*"); else sh -c "$*"; fi; }

prepare() {
    bin=$(pg_bin)
    ninja -C "$(dirname "$(dirname "$binary")")" bench_writes >/dev/null
    ours=$(dirname "$(dirname "$binary")")/bench_writes
    cc -shared -fPIC -O2 -o "$work/slow_sync.so" "$here/writes/preload/slow_sync.c"
    mkdir "$work/pg" "$work/ours"
    [ "$(id -u)" != 0 ] || { chown postgres "$work/pg"; chmod 755 "$work"; }
    as_postgres "$bin/initdb -D $work/pg/d -A trust -U bench" >"$work/pg.log" 2>&1
    as_postgres "$bin/pg_ctl -D $work/pg/d -o '-c listen_addresses= -c unix_socket_directories=$work/pg -c wal_level=minimal -c max_wal_senders=0' -l $work/pg/log -w start" >>"$work/pg.log" 2>&1 ||
        die "PostgreSQL does not start: $(tail -n 5 "$work/pg.log")"
    trap 'as_postgres "$bin/pg_ctl -D $work/pg/d -m immediate stop" >/dev/null 2>&1; clean_up' EXIT
    "$bin/psql" -U bench -h "$work/pg" -qc "CREATE TABLE t (id bigserial PRIMARY KEY, what text)" postgres
    echo "INSERT INTO t (what) VALUES ('a short text');" >"$work/insert.sql"
}

peer() { # CLIENTS: transactions a second
    "$bin/pgbench" -U bench -h "$work/pg" -n -f "$work/insert.sql" -M prepared -c "$1" -j 2 -T "$seconds" postgres 2>/dev/null |
        awk '/^tps/ { print $3 }'
}

# Bare syncs of 4 KiB appended, one after the other.
bare() {
    python3 - "$work/bare" "$seconds" <<'PY'
import os, sys, time
fd = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
page, n, end = b"x" * 4096, 0, time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    os.write(fd, page)
    os.fdatasync(fd)
    n += 1
print(n / float(sys.argv[2]))
PY
}

ours_at() { # CLIENTS NAME [SLOW_US]
    read -r rate _ late <<<"$(SLOW_SYNC_US=${3:-0} LD_PRELOAD=${3:+$work/slow_sync.so} "$ours" "$work/ours" "$1" "$seconds")"
    sample "$2" "$rate"
    sample "$2.read99" "$late"
}

# What both have done is counted: nothing but committed rows.
same_work() {
    [ "$("$bin/psql" -U bench -h "$work/pg" -Atc 'SELECT count(*) > 0 FROM t' postgres)" = t ]
}

measure() {
    for _ in $(seq "$rounds"); do
        sample bare "$(bare)"
        for clients in 1 16 64; do
            sample "pg$clients" "$(peer "$clients")"
            ours_at "$clients" "ours$clients"
        done
        ours_at 64 slow1 1000
        ours_at 64 slow5 5000
    done
    same_work || die "the peer wrote nothing"
    paste <(column pg1) <(column pg16) <(column pg64) | awk '{ m = $1; if ($2 > m) m = $2; if ($3 > m) m = $3; print "best", m }' >>"$work/samples"
    echo "writes: $what"
    echo "  machine  $(machine)"
    echo "  rounds   $rounds of $seconds s each"
    # shellcheck disable=SC2046
    for name in bare pg1 pg16 pg64 ours1 ours16 ours64; do report "$name, a second" $(column $name | spread); done
    # shellcheck disable=SC2046
    {
        report "64 clients to PostgreSQL's best (goal 3, then 8)" $(ratio ours64 best)
        report "64 clients to bare fdatasync (goal 4, then 9)" $(ratio ours64 bare)
        report "one client to PostgreSQL's (goal 0.8, then 1.25)" $(ratio ours1 pg1)
        for name in ours64 slow1 slow5; do report "$name: small reads, 99th percentile, us (goal 1000)" $(column $name.read99 | spread); done
    }
}
