# shellcheck shell=bash disable=SC2034,SC2154
# A call into a plugin and back against a bare lua_resume; an export with a table of ten fields against the same as JSON text; a plugin at rest.
what="CPU of a call into a plugin, of an export between two, memory of one that does nothing"
needs=''
. "$here/lib.sh"

prepare() {
    build=$(dirname "$(dirname "$binary")")
    ninja -C "$build" bench_call >/dev/null
}

measure() {
    for _ in $(seq "$rounds"); do
        for name in resume call; do sample $name "$($on_server "$build/bench_call" "$work/call.db" $name 5000000)"; done # the first call loads the plugin
        for name in export json; do sample $name "$($on_server "$build/bench_call" "$work/call.db" $name 100000)"; done
        sample rest "$($on_server "$build/bench_call" "$work/call.db" rest 1)"
    done
    echo "call: $what"
    echo "  machine  $(machine)"
    echo "  rounds   $rounds"
    # shellcheck disable=SC2046
    {
        for name in resume call export json; do report "$name, ns" $(column $name | spread); done
        report "call to bare lua_resume (goal 3)" $(ratio call resume)
        report "export to JSON text (goal 0.3)" $(ratio export json)
        report "a plugin at rest, KiB (goal 100)" $(column rest | spread)
    }
}
