# shellcheck shell=bash
# For measurements that print figures of their own. Sourced by bench.sh files.

machine() {
    echo "$(awk -F': *' '/^model name/ { m = $2 } END { print m }' /proc/cpuinfo), $(nproc) cores, $(uname -sr), $(. /etc/os-release && echo "$PRETTY_NAME")"
}

# median < NUMBERS, least and greatest beside it: "median least greatest"
spread() {
    sort -g | awk '{ v[NR] = $1 } END { m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2; print m, v[1], v[NR] }'
}

# sample NAME VALUE: one round's figure; column NAME: all of them.
sample() { echo "$1 $2" | tee -a "$work/samples" >&2; }
column() { awk -v name="$1" '$1 == name { print $2 }' "$work/samples"; }

# ratio OURS PEER: round by round, then its spread
ratio() { paste <(column "$1") <(column "$2") | awk '$2 > 0 { print $1 / $2 }' | spread; }
report() { # TEXT MEDIAN LEAST GREATEST
    printf '  %-52s %10.3f  (%.3f .. %.3f)\n' "$@"
}

# alone BINARY: what makes its server one process, whose CPU can be counted; nothing where it knows no other.
alone() { if "$1" serve --help 2>&1 | grep -q -e --workers; then echo "--workers 0"; fi; }
