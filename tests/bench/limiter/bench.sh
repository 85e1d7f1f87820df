# shellcheck shell=bash disable=SC2034,SC2154
# What watching costs: a chunk that computes, as a request that is preempted every 4 ms, against the same in lua5.4 that nobody watches.
what="a chunk of calls, loops, tables and closures; CPU"
needs='lua5.4=lua5.4'
. "$here/lib.sh"

prepare() {
    build=$(dirname "$(dirname "$binary")")
    ninja -C "$build" bench_limiter >/dev/null
}

measure() {
    local ms sum turns want
    for _ in $(seq $((rounds * 3))); do
        read -r ms want <<<"$(CHUNK="$here/limiter/chunk.lua" $on_server lua5.4 -e 'local f = assert(loadfile(os.getenv "CHUNK")) collectgarbage "generational" local c = os.clock() local s = f() print((os.clock() - c) * 1000, s)')"
        sample peer "$ms"
        read -r ms sum turns <<<"$($on_server "$build/bench_limiter" "$work/limiter.db" "$here/limiter/chunk.lua")"
        [ "$sum" = "$want" ] || die "the chunk gave $sum instead of $want"
        [ "$turns" -gt 5 ] || die "it was not preempted"
        sample ours "$ms"
    done
    echo "limiter: $what"
    echo "  machine  $(machine)"
    echo "  rounds   $((rounds * 3)), ours in $turns turns of the loop"
    # shellcheck disable=SC2046
    {
        report "lua5.4, ms" $(column peer | spread)
        report "watched, ms" $(column ours | spread)
        report "watched to unwatched (goal 1.05, then 1.02)" $(ratio ours peer)
    }
}
