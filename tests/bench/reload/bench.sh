# shellcheck shell=bash disable=SC2034,SC2154
# A rule is saved at noon: how long until it is in force, how long the swap itself takes, what 1,000 changes under 500 requests a second cost
# (FORECOURT_CHANGES: another number), and how long a site with 100 plugins and 500 rules takes to start. No peer: these are promises.
what="save to effect (95th percentile), the swap, changes under load, the start of 100 plugins"
needs='sqlite3=sqlite3 taskset=util-linux node=nodejs'
changes=${FORECOURT_CHANGES:-1000}
. "$here/lib.sh"

make_site() { # NAME
    printf 'bench-password-1' | "$binary" init "$work/$1" --name Bench --id main --login bench --password-file - >/dev/null 2>"$work/init.log" ||
        die "init: $(cat "$work/init.log")"
}

prepare() {
    make_site one
    mkdir -p "$work/one/plugins/bench/pages"
    echo 'return { id = "bench", version = "1.0.0" }' >"$work/one/plugins/bench/plugin.lua"
    echo 'local page = require "host.page" return page "GET !/bench/v" { who = "anyone", function() return { v = 0, n = 0 } end }' >"$work/one/plugins/bench/pages/p.lua"
    make_site many
    "$here/reload/make.sh" "$work/many" 100 500
    "$binary" eval --site "$work/many" 'return #require("host.point")("exclusions")' >"$work/sets" || die "the rules do not load"
    [ "$(cat "$work/sets")" -ge 100 ] || die "only $(cat "$work/sets") rule sets are in force"
}

serve() { # SITE
    port=$(free_port)
    FORECOURT_LANG=en $on_server "$binary" serve --site "$work/$1" --listen "127.0.0.1:$port" >"$work/$1.log" 2>&1 &
    ours_pid=$!
}
end() {
    kill "$ours_pid"
    wait "$ours_pid" 2>/dev/null || true
}

# From the start of the process to its sentence that it listens, and the CPU until then.
start_many() {
    rm -f "$work/many.log"
    local began ended
    began=$(date +%s%N)
    serve many
    until grep -qs http "$work/many.log"; do sleep 0.002; done
    ended=$(date +%s%N)
    sample start "$(((ended - began) / 1000000))"
    sample start_cpu "$(($(cpu_of "$ours_pid") / 1000000))"
    end
}

percentile() { sort -g | awk -v p="$1" '{ v[NR] = $1 } END { i = int(NR * p + 0.999); print v[i < 1 ? 1 : i] }'; }

measure() {
    local asked failed mixed before after rate
    for _ in $(seq "$rounds"); do
        start_many
        serve one
        wait_for "http://127.0.0.1:$port/bench/v" "$ours_pid" || die "forecourt does not answer: $(tail -n 5 "$work/one.log")"
        $on_client node "$here/reload/drive.mjs" "$port" "$ours_pid" "$work/one" save 100 >"$work/saves"
        sample save "$(percentile 0.95 <"$work/saves")"
        sample save_median "$(percentile 0.5 <"$work/saves")"
        sample swap "$(sed -n 's/.*swapped \([0-9.]*\)).*/\1/p' "$work/one.log" | percentile 0.95)"
        end
    done
    serve one
    wait_for "http://127.0.0.1:$port/bench/v" "$ours_pid" || die "forecourt does not answer"
    read -r asked failed mixed before after rate <<<"$($on_client node "$here/reload/drive.mjs" "$port" "$ours_pid" "$work/one" load "$changes" | sed -n 's/^FIGURES //p')"
    end
    echo "reload: $what"
    echo "  machine  $(machine)"
    echo "  rounds   $rounds"
    # shellcheck disable=SC2046
    {
        report "save to effect, 95th percentile, ms (goal 100)" $(column save | spread)
        report "... median" $(column save_median | spread)
        report "the swap, 95th percentile, ms (goal 1)" $(column swap | spread)
        report "100 plugins, 500 rules: start, ms (goal 300, 150)" $(column start | spread)
        report "... CPU, ms" $(column start_cpu | spread)
    }
    echo "  $changes changes under load: $asked asked ($rate a second), $failed failed, $mixed mixed (goal 0, 0); memory $before -> $after KiB ($(awk -v a="$before" -v b="$after" 'BEGIN { printf "%+.2f %%", (b / a - 1) * 100 }'), goal 1)"
    [ "$failed" = 0 ] && [ "$mixed" = 0 ] || die "calls failed or were mixed"
}
