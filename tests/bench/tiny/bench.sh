# shellcheck shell=bash disable=SC2034,SC2154
# A tiny indexed SELECT from Lua, against the same in C through store.h (and straight on SQLite, to see what that costs), and against Debian's
# binding for Lua.
what="SELECT three columns of one row by an index on text, inside one snapshot; CPU a statement"
needs='lua5.4=lua5.4 lua-sql-sqlite3 sqlite3=sqlite3'
. "$here/lib.sh"

prepare() {
    build=$(dirname "$(dirname "$binary")")
    ninja -C "$build" bench_tiny >/dev/null
    sqlite3 "$work/tiny.db" "PRAGMA journal_mode=WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, plate TEXT NOT NULL UNIQUE, model TEXT NOT NULL, km INTEGER NOT NULL) STRICT;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO t SELECT i, printf('A%05d', i), 'CS55 PLUS', i * 731 % 200000 FROM n" >/dev/null
}

one() { # NAME COMMAND...
    local name=$1 figure sum
    shift
    read -r figure sum <<<"$($on_server "$@")"
    [ "${first_sum:=$sum}" = "$sum" ] || die "$name read other values: $sum instead of $first_sum"
    sample "$name" "$figure"
}

measure() {
    for _ in $(seq "$rounds"); do
        one sqlite "$build/bench_tiny" "$work/tiny.db" sqlite 1000000
        one c "$build/bench_tiny" "$work/tiny.db" c 1000000
        one lua "$build/bench_tiny" "$work/tiny.db" lua 1000000
        one luasql lua5.4 "$here/tiny/luasql.lua" "$work/tiny.db" 1000000
    done
    echo "tiny: $what"
    echo "  machine  $(machine)"
    echo "  rounds   $rounds of 1,000,000 each"
    # shellcheck disable=SC2046
    {
        for name in sqlite c lua luasql; do report "$name, ns" $(column $name | spread); done
        report "host.db.one to C (goal 1.35)" $(ratio lua c)
        report "host.db.one to lua-sql-sqlite3 (goal 0.15)" $(ratio lua luasql)
    }
}
