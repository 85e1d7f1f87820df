# shellcheck shell=bash disable=SC2154
# For a bench whose unit is one long run and whose measure is the time on the wall: bench.sh defines `once WHO`, `between` and `goal`.
# Sourced by run. The two take turns; the ratio is ours to the peer's speed, so more is better.
declare -A spent cpu
# CPU of all children so far, in ms: on a machine with other work it says more than the wall.
children() { awk 'NR == 2 { gsub(/[ms]/, " "); print int(($1 * 60 + $2 + $3 * 60 + $4) * 1000) }'; }
clock() { # WHO
    local began from
    between
    times >"$work/times"
    from=$(children <"$work/times")
    began=$(date +%s%N)
    once "$1"
    spent[$1]=$(($(date +%s%N) - began))
    times >"$work/times"
    cpu[$1]=$(($(children <"$work/times") - from))
}
say "who, milliseconds:"
for turn in $(seq "$rounds"); do
    # Whoever is first has the colder disk: each is first in every other round.
    if [ $((turn % 2)) = 1 ]; then clock peer; clock ours; else clock ours; clock peer; fi
    echo "${spent[peer]} ${spent[ours]} ${cpu[peer]} ${cpu[ours]}" >>"$work/samples"
    say "peer $((spent[peer] / 1000000)) (CPU ${cpu[peer]})  ours $((spent[ours] / 1000000)) (CPU ${cpu[ours]})"
done
between
awk -v name="$name" -v what="$what" -v goal="$goal" -v rounds="$rounds" \
    -v machine="$(awk -F': *' '/^model name/ { m = $2 } END { print m }' /proc/cpuinfo), $(nproc) cores, $(uname -sr)" '
function sort(a, n,    i, j, v) { for (i = 2; i <= n; i++) { v = a[i]; for (j = i - 1; j > 0 && a[j] > v; j--) a[j + 1] = a[j]; a[j + 1] = v } }
function median(a, n) { return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2 }
{ p[NR] = $1; o[NR] = $2; r[NR] = $1 / $2; pc[NR] = $3; oc[NR] = $4 }
END {
    sort(p, NR); sort(o, NR); sort(r, NR); sort(pc, NR); sort(oc, NR)
    printf "%s: %s\n  machine  %s\n  rounds   %d\n", name, what, machine, rounds
    printf "  peer     %7.2f s (%.2f .. %.2f), CPU %.2f s\n", median(p, NR) / 1e9, p[1] / 1e9, p[NR] / 1e9, median(pc, NR) / 1000
    printf "  ours     %7.2f s (%.2f .. %.2f), CPU %.2f s\n", median(o, NR) / 1e9, o[1] / 1e9, o[NR] / 1e9, median(oc, NR) / 1000
    printf "  ratio    %7.3f of the speed of the peer, median of the rounds (%.3f .. %.3f); goal %s\n", median(r, NR), r[1], r[NR], goal
}' "$work/samples"
