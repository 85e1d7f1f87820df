# shellcheck shell=bash disable=SC2034,SC2154
# SQLite with checked pages against SQLite alone: the same program, the same operations, one file each. Sourced by ../run.
# An operation here is what ../run calls a request; what counts is its CPU, the kernel's share included.
what="95 % point reads over 50 MiB with a cache of 16 MiB, 5 % transactions of two rows, checkpoints; peer: the system's VFS"
needs='cc=gcc pkg-config=pkg-config libsqlite3-dev libxxhash-dev taskset=util-linux'

prepare() {
    local build
    build=$(cd "$(dirname "$binary")/.." && pwd)
    # shellcheck disable=SC2046
    cc -O2 -g -D_GNU_SOURCE -I"$root/core" -o "$work/mixed" "$here/pages/mixed.c" "$build/libfc_store.a" "$build/libfc_loop.a" \
        "$build/libfc_base.a" $(pkg-config --cflags --libs sqlite3 libxxhash libuv libsodium jansson) -lpthread -lm ||
        die "mixed.c does not build"
    for who in peer ours; do mkfifo "$work/$who.in" "$work/$who.out"; done
}

start() { # WHO KIND: leaves its pid in $pid, its pipes open at the two numbers that follow
    $on_server "$work/mixed" "$2" "$work/$1.db" 7 <"$work/$1.in" >"$work/$1.out" 2>"$work/$1.log" &
    pid=$!
}

start_peer() {
    start peer plain
    peer_pid=$pid
    exec 5>"$work/peer.in" 6<"$work/peer.out"
    read -r _ <&6 || die "the peer does not start: $(cat "$work/peer.log")"
}

start_ours() {
    start ours checked
    ours_pid=$pid
    exec 7>"$work/ours.in" 8<"$work/ours.out"
    read -r _ <&8 || die "ours does not start: $(cat "$work/ours.log")"
}

ask() { # WHO WORD
    local line
    if [ "$1" = peer ]; then echo "$2" >&5; read -r line <&6; else echo "$2" >&7; read -r line <&8; fi
    echo "$line"
}

# The same random numbers: after the same operations both files hold the same.
same_work() {
    ask peer 2000 >/dev/null
    ask ours 2000 >/dev/null
    [ "$(ask peer sum)" = "$(ask ours sum)" ]
}

load() { ask "$1" "$2"; }
