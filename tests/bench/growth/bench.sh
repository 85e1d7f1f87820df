# shellcheck shell=bash disable=SC2034,SC2154
# Point reads and durable writes with 10,000,000 customers (FORECOURT_MANY) against the same with 10,000.
what="a customer read by blind index, a customer changed durably; peer: the same with 10,000"
needs=''
many=${FORECOURT_MANY:-10000000}
. "$here/lib.sh"

prepare() {
    build=$(dirname "$(dirname "$binary")")
    ninja -C "$build" bench_growth >/dev/null
    "$build/bench_growth" "$work/few.db" fill 10000
    "$build/bench_growth" "$work/many.db" fill "$many"
}

measure() {
    for _ in $(seq "$rounds"); do
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
            report "$name: a read, us of CPU" $(column $name.read | spread)
            report "$name: writes a second" $(column $name.write | spread)
        done
        report "a read with many to one with few (goal 2)" $(ratio many.read few.read)
        report "a write with many to one with few (goal 2)" $(ratio few.write many.write)
    }
}
