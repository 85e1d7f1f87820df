# shellcheck shell=bash disable=SC2034,SC2154
# A live site's database of --size MB (1024), backed up. Sourced by ../run, timed by ../timed.sh. The peer is `cp` followed by `zstd -3` of the
# copy on the same disk: no consistency, no seal, no hash, no sync. FORECOURT_PEER=threads gives zstd two threads, as our library has them.
peer_kind=${FORECOURT_PEER:-plain}
what="backup of a $size MB database; peer: cp, then zstd -3 ($peer_kind)"
needs='sqlite3=sqlite3 zstd=zstd'
goal=0.8
zstd_options=-3
[ "$peer_kind" != threads ] || zstd_options='-3 -T2'

prepare() {
    printf 'bench-password-1' |
        "$binary" init "$work/site" --name Bench --id main --login bench --password-file - >/dev/null 2>"$work/init.log" ||
        die "init: $(cat "$work/init.log")"
    db=$work/site/data/main.db
    # 2,950 rows are a megabyte: order numbers, VINs, what people say, sealed numbers and their indexes.
    sed "s/@ROWS@/$((size * 2950))/" "$here/backup/rows.sql" | sqlite3 "$db" >/dev/null
    rm -f "$db-sums" # a program that keeps no sums has written
    say "the database has $(($(stat -c %s "$db") / 1048576)) MB"
    mkdir -p "$work/peer" "$work/ours"
    cat "$db" >/dev/null
}

once() {
    case $1 in
    peer) cp "$db" "$work/peer/copy.db" && zstd -q -f $zstd_options "$work/peer/copy.db" -o "$work/peer/copy.zst" ;;
    ours) "$binary" backup --site "$work/site" --to "$work/ours" --keys-to "$work/ours" >/dev/null 2>"$work/ours.log" || die "$(cat "$work/ours.log")" ;;
    esac
}

between() { rm -rf "$work/peer/"* "$work/ours/"*; }

backup_file() { find "$work/ours" -name '*.fcb' ! -name '*-keys.fcb'; }

# What comes back is the same database.
same_work() {
    once peer
    once ours
    "$binary" restore "$(backup_file)" --to "$work/back" --key "$work/site/secrets/master.key" >/dev/null 2>&1 || die "the backup does not restore"
    zstd -q -d -f "$work/peer/copy.zst" -o "$work/peer/back.db"
    local sum="SELECT count(*), sum(id % 1000003), sum(at % 1000003), sum(length(said)) FROM bench_visit"
    [ -n "$(sqlite3 "$work/peer/back.db" "$sum")" ] && [ "$(sqlite3 -readonly "$work/back/data/main.db" "$sum")" = "$(sqlite3 "$work/peer/back.db" "$sum")" ]
    say "sizes: peer $(($(stat -c %s "$work/peer/copy.zst") / 1048576)) MB, ours $(($(stat -c %s "$(backup_file)") / 1048576)) MB"
    rm -rf "$work/back"
}
