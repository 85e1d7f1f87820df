# shellcheck shell=bash disable=SC2034,SC2154
# Small reads, 500 a second, beside a report of 10 seconds, against the same reads alone.
what="500 small reads a second beside a 10-second report in the pool; peer: the same reads alone"
needs=''
seconds=${FORECOURT_SECONDS:-10}
. "$here/lib.sh"

prepare() {
    build=$(dirname "$(dirname "$binary")")
    ninja -C "$build" bench_beside >/dev/null
    "$build/bench_beside" "$work/beside.db" fill 0
}

slice_of() {
    read -r median late reports <<<"$("$build/bench_beside" "$work/beside.db" "$1" "$seconds")"
    [ "$1" = alone ] || [ "$reports" -gt 0 ] || die "no report ended"
    sample "$1" "$median"
    sample "$1.p99" "$late"
}

measure() {
    for _ in $(seq "$rounds"); do
        slice_of alone
        slice_of report
    done
    echo "beside: $what"
    echo "  machine  $(machine)"
    echo "  rounds   $rounds of $seconds s each"
    # shellcheck disable=SC2046
    {
        for name in alone report; do
            report "$name: median, us" $(column $name | spread)
            report "$name: 99th percentile, us" $(column $name.p99 | spread)
        done
        report "99th percentile beside to alone (goal 1.5)" $(ratio report.p99 alone.p99)
    }
}
