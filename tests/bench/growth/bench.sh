# shellcheck shell=bash disable=SC2034,SC2154
# Point reads and durable writes with 10,000,000 customers (FORECOURT_MANY) against the same with 10,000. A read is a request to a served
# site, 16 keep-alive connections; what it costs inside the process stands beside it.
what="a customer read by blind index, a customer changed durably; peer: the same with 10,000"
needs='wrk=wrk sqlite3=sqlite3 taskset=util-linux'
seconds=${FORECOURT_SECONDS:-4}
many=${FORECOURT_MANY:-10000000}
. "$here/lib.sh"

make_site() { # NAME
    printf 'bench-password-1' | "$binary" init "$work/$1.site" --name Bench --id main --login bench --password-file - >/dev/null 2>"$work/init.log" ||
        die "init: $(cat "$work/init.log")"
    cp -r "$here/growth/plugin" "$work/$1.site/plugins/bench"
    sqlite3 "$work/$1.site/data/main.db" "ATTACH '$work/$1.db' AS c; CREATE TABLE bench_customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, plate TEXT NOT NULL,
        phone_index TEXT NOT NULL, since TEXT NOT NULL) STRICT; INSERT INTO bench_customer SELECT id, name, plate, phone_index, since FROM c.customer;
        CREATE INDEX bench_customer_phone ON bench_customer (phone_index)"
    rm -f "$work/$1.site/data/main.db-sums" # a program that keeps no sums has written
}

prepare() {
    build=$(dirname "$(dirname "$binary")")
    ninja -C "$build" bench_growth >/dev/null
    "$build/bench_growth" "$work/few.db" fill 10000
    "$build/bench_growth" "$work/many.db" fill "$many"
    for name in few many; do
        "$build/bench_growth" "$work/$name.db" read 10000 >/dev/null # its end leaves nothing in the log, which sqlite3 would move
        make_site $name
    done
}

# One server at a time: both would share what the kernel keeps of the files.
ask() { # NAME CUSTOMERS
    local port rate wrong
    port=$(free_port)
    $on_server "$binary" serve $(alone "$binary") --site "$work/$1.site" --listen "127.0.0.1:$port" >"$work/$1.log" 2>&1 &
    ours_pid=$!
    wait_for "http://127.0.0.1:$port/main/bench/1" "$ours_pid" 2000 || # the first start looks through a file that came without sums
        die "forecourt does not answer: $(tail -n 5 "$work/$1.log")"
    read -r rate wrong <<<"$($on_client wrk -t1 -c16 -d"$seconds"s -s "$here/growth/wrk.lua" "http://127.0.0.1:$port" -- "$2" | sed -n 's/^FIGURES //p')"
    [ "$wrong" = 0 ] || die "$1: $wrong answers failed"
    sample "$1.ask" "$rate"
    kill "$ours_pid"
    wait "$ours_pid" 2>/dev/null || true
}

measure() {
    for _ in $(seq "$rounds"); do
        ask few 10000
        ask many "$many"
        for kind in read write; do
            sample "few.$kind" "$("$build/bench_growth" "$work/few.db" $kind 10000)"
            sample "many.$kind" "$("$build/bench_growth" "$work/many.db" $kind "$many")"
        done
    done
    echo "growth: $what"
    echo "  machine  $(machine)"
    echo "  rounds   $rounds; $many customers, $(($(stat -c %s "$work/many.db") >> 20)) MiB"
    # shellcheck disable=SC2046
    {
        for name in few many; do
            report "$name: requests a second, each a read" $(column $name.ask | spread)
            report "$name: a read inside the process, us of CPU" $(column $name.read | spread)
            report "$name: writes a second" $(column $name.write | spread)
        done
        report "a read with many to one with few (goal 2)" $(ratio few.ask many.ask)
        report "... inside the process" $(ratio many.read few.read)
        report "a write with many to one with few (goal 2)" $(ratio few.write many.write)
    }
}
