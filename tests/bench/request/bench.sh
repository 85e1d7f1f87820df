# shellcheck shell=bash disable=SC2034,SC2154
# request -> Lua -> one SQLite row -> JSON. Sourced by ../run, which has $here, $work, $binary, install, wait_for and so on.
# The peer is nginx with its Lua module (LuaJIT) over the WAL database of a site made the same way. FORECOURT_PEER=luasql takes the packaged
# binding in place of the FFI, which is the faster one and therefore what we are measured against; FORECOURT_PEER=/path/of/a/binary
# an older forecourt, to see what a change of ours brings.
peer_kind=${FORECOURT_PEER:-ffi}
case $peer_kind in
/*) peer_name=$peer_kind ;;
*) peer_name="nginx + LuaJIT, SQLite by $peer_kind" ;;
esac
what="request -> Lua -> one SQLite row -> JSON; keep-alive, 16 connections; peer: $peer_name"
needs='nginx-light libnginx-mod-http-lua lua-sql-sqlite3 lua-cjson wrk=wrk sqlite3=sqlite3 taskset=util-linux'

make_site() { # FOLDER
    printf 'bench-password-1' |
        "$binary" init "$1" --name Bench --id main --login bench --password-file - >/dev/null 2>"$work/init.log" ||
        die "init: $(cat "$work/init.log")"
    cp -r "$here/request/plugin" "$1/plugins/bench"
    sqlite3 "$1/data/main.db" <"$here/request/rows.sql"
    rm -f "$1/data/main.db-sums" # another program wrote: the start takes the file as it is
}

prepare() {
    peer_port=$(free_port)
    ours_port=$(free_port)
    make_site "$work/ours"
    make_site "$work/peer"
    sed -e "s,@WORK@,$work,g; s,@HERE@,$here/request,g; s,@PORT@,$peer_port,g; s,@KIND@,$peer_kind,g" \
        "$here/request/nginx.conf" >"$work/nginx.conf"
    # As root nginx would give its worker to nobody, who may not open the database.
    [ "$(id -u)" != 0 ] || sed -i '1i user root;' "$work/nginx.conf"
}

serve() { # WHO BINARY PORT; one process, whose CPU can be counted
    alone=$("$2" serve --help 2>&1 | sed -n 's/.*\(--workers\) .*/\1 0/p')
    exec $on_server "$2" serve $alone --site "$work/$1" --listen "127.0.0.1:$3" >"$work/$1.log" 2>&1
}

start_peer() {
    case $peer_kind in
    /*) serve peer "$peer_kind" "$peer_port" & ;;
    *) $on_server /usr/sbin/nginx -p "$work" -c "$work/nginx.conf" 2>"$work/peer.log" & ;;
    esac
    peer_pid=$!
    wait_for "http://127.0.0.1:$peer_port/main/bench/1" "$peer_pid" ||
        die "the peer does not answer: $(tail -n 5 "$work"/peer.log "$work"/nginx.log 2>&1)"
}

start_ours() {
    serve ours "$binary" "$ours_port" &
    ours_pid=$!
    wait_for "http://127.0.0.1:$ours_port/main/bench/1" "$ours_pid" || die "forecourt does not answer: $(tail -n 5 "$work/ours.log")"
}

port_of() { if [ "$1" = peer ]; then echo "$peer_port"; else echo "$ours_port"; fi; }

# Every row is asked of both and compared as a value (the order of keys is a matter of taste), and so is one that is missing.
same_work() { node "$here/request/same.mjs" "http://127.0.0.1:$peer_port/main/bench/" "http://127.0.0.1:$ours_port/main/bench/" >&2; }

load() {
    $on_client wrk -t1 -c16 -d600s --timeout 60s -s "$here/request/wrk.lua" "http://127.0.0.1:$(port_of "$1")" -- "$2" |
        sed -n 's/^SERVED //p'
}
