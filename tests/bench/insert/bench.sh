# shellcheck shell=bash disable=SC2034,SC2154
# A durable insert per HTTP request, 64 keep-alive connections, against nginx with its Lua module and SQLite (WAL, synchronous=FULL) by
# LuaJIT's FFI. Requests a second and latency, not CPU: the peer waits for the disk in its only thread.
what="request -> Lua -> one durable INSERT -> JSON; 64 connections; peer: nginx + LuaJIT, SQLite by FFI, synchronous=FULL"
needs='nginx-light libnginx-mod-http-lua wrk=wrk sqlite3=sqlite3 taskset=util-linux'
seconds=${FORECOURT_SECONDS:-4}
. "$here/lib.sh"

prepare() {
    peer_port=$(free_port) ours_port=$(free_port)
    for who in ours peer; do
        printf 'bench-password-1' | "$binary" init "$work/$who" --name Bench --id main --login bench --password-file - >/dev/null 2>"$work/init.log" ||
            die "init: $(cat "$work/init.log")"
        cp -r "$here/insert/plugin" "$work/$who/plugins/bench"
        sqlite3 "$work/$who/data/main.db" "CREATE TABLE bench_note (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, what TEXT NOT NULL) STRICT"
        rm -f "$work/$who/data/main.db-sums" # a program that keeps no sums has written
    done
    sed -e "s,@WORK@,$work,g; s,@HERE@,$here/insert,g; s,@PORT@,$peer_port,g" "$here/insert/nginx.conf" >"$work/nginx.conf"
    [ "$(id -u)" != 0 ] || sed -i '1i user root;' "$work/nginx.conf"
    $on_server /usr/sbin/nginx -p "$work" -c "$work/nginx.conf" 2>"$work/peer.log" &
    peer_pid=$!
    wait_for "http://127.0.0.1:$peer_port/main/bench/1" "$peer_pid" || die "the peer does not answer: $(cat "$work"/peer.log "$work"/nginx.log)"
    $on_server "$binary" serve $(alone "$binary") --site "$work/ours" --listen "127.0.0.1:$ours_port" >"$work/ours.log" 2>&1 &
    ours_pid=$!
    wait_for "http://127.0.0.1:$ours_port/main/bench/1" "$ours_pid" || die "forecourt does not answer: $(tail -n 5 "$work/ours.log")"
}

rows() { sqlite3 "$work/$1/data/main.db" "SELECT count(*) FROM bench_note"; }

# Every answer is a row: what wrk counted stands in the table (the few under way at its end may, too).
slice_of() { # WHO PORT
    local before rate p50 p99 wrong n now
    before=$(rows "$1")
    read -r rate p50 p99 wrong n <<<"$($on_client wrk -t1 -c64 -d"$seconds"s --latency -s "$here/insert/wrk.lua" "http://127.0.0.1:$2" | sed -n 's/^FIGURES //p')"
    [ "$wrong" = 0 ] || die "$1: $wrong answers failed"
    sleep 0.2
    now=$(rows "$1")
    [ $((now - before)) -ge "$n" ] || die "$1 answered $n requests and wrote $((now - before)) rows"
    sample "$1" "$rate"
    sample "$1.p50" "$p50"
    sample "$1.p99" "$p99"
}

measure() {
    for _ in $(seq "$rounds"); do
        slice_of peer "$peer_port"
        slice_of ours "$ours_port"
    done
    echo "insert: $what"
    echo "  machine  $(machine)"
    echo "  rounds   $rounds of $seconds s each"
    # shellcheck disable=SC2046
    {
        for name in peer ours; do
            report "$name, requests a second" $(column $name | spread)
            report "$name, 99th percentile, ms" $(column $name.p99 | spread)
        done
        report "ours to peer, requests (goal 4, then 8)" $(ratio ours peer)
        report "ours to peer, 99th percentile (goal 0.5, then 0.25)" $(ratio ours.p99 peer.p99)
    }
}
