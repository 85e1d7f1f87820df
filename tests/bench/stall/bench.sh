# shellcheck shell=bash disable=SC2034,SC2154
# Plugins that loop in every way known: how long the loop stands still because of them, and how late their end comes. CPU of the loop's thread.
what="longest stall of the loop and lateness of a kill beside plugins that never end; CPU of the loop's thread"
needs=''
. "$here/lib.sh"

prepare() {
    build=$(dirname "$(dirname "$binary")")
    ninja -C "$build" bench_stall >/dev/null
}

# The median of the rounds for each piece: one round may have met a collector's full step.
measure() {
    for _ in $(seq "$rounds"); do $on_server "$build/bench_stall" "$work/stall.db" | tee -a "$work/pieces" >&2; done
    echo "stall: $what"
    echo "  machine  $(machine)"
    echo "  rounds   $rounds"
    cut -c1-14 "$work/pieces" | sort -u | while IFS= read -r name; do
        name=$(echo "$name" | sed 's/ *$//')
        report "$name: stall, ms" $(grep -F "$(printf '%-14s' "$name")" "$work/pieces" | cut -c15- | awk '{ print $1 }' | spread)
    done
    # shellcheck disable=SC2046
    {
        report "all pieces: stall, ms (goal 10, then 5)" $(cut -c15- "$work/pieces" | awk '{ print $1 }' | spread)
        report "all pieces: kill beyond the deadline, ms (goal 20)" $(cut -c15- "$work/pieces" | awk '$2 != "-" { print $2 }' | spread)
    }
}
