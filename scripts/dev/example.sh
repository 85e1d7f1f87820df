# The example site: its users, its orders, and a few weeks of calls so that there is something to look at. Sourced after common.sh.

# login|name|role|what to look at
example_users='zhou|周婷|specialist|今天的回访 · today'"'"'s calls
lin|林晓|specialist|另一位专员 · a second specialist
sun|孙静|supervisor|导入、名单、签字 · imports, lists, signing
he|何伟|director|答复跟踪单 · answers tracking forms
li|李工|advisor|核实联系方式 · mends contact data
gao|高翔|general-manager|月报 · the month
it|陈工|it|插件 · plugins'
example_password=nanjing-demo

add_users() {
    printf '%s\n' "$example_users" | while IFS='|' read -r login name role about; do
        printf '%s' "$example_password" | "$binary" user add --site "$1" --login "$login" --name "$name" --role "$role" --mail "$login@nanjing.example" --password-file - >/dev/null
    done
}

# The store's yesterday, wherever this machine stands.
yesterday() { TZ=CST-8 date -d yesterday +%F 2>/dev/null || TZ=CST-8 date +%F; }

# make_example SITE [UNTIL]: made aside, in memory where there is such a place (thousands of small commits), and moved into the site when it is whole.
make_example() {
    local until work place folder
    until=${2:-$(yesterday)}
    say "making the example site in ${1#"$root"/}: users, 400 work orders until $until, some weeks of calls"
    place=${TMPDIR:-/tmp}
    if [ -d /dev/shm ] && [ -w /dev/shm ]; then place=/dev/shm; fi
    work=$(mktemp -d "$place/forecourt-example.XXXXXX")
    (cd "$1" && tar -cf - --exclude=./data --exclude=./secrets --exclude=./import .) | tar -xf - -C "$work"
    mkdir -p "$work/import" "$work/data"
    if ! fill_example "$work" "$until" >"$work/import/log.txt" 2>&1; then
        tail -n 15 "$work/import/log.txt" >&2
        rm -rf "$work"
        die "the example could not be made; the lines above say why"
    fi
    tail -n 1 "$work/import/log.txt" >&2
    date +%s >"$work/data/.example"
    for folder in secrets import data; do
        rm -rf "${1:?}/$folder"
        if [ -d "$work/$folder" ]; then mv "$work/$folder" "$1/$folder"; fi
    done
    rm -rf "$work"
}

# The past in one process whose clock goes from step to step: exports of the dealer system each evening, the day's list, the calls of each person.
fill_example() {
    local make host start
    make=$root/examples/nanjing
    host=$(cd "$(dirname "$binary")" && pwd)/forecourt
    lua5.4 "$make/make-orders.lua" "$1/import/orders.csv" --until "$2" --facts "$1/import/facts.json" || return 1
    lua5.4 "$make/make-orders.lua" "$1/import/utf8.csv" --encoding utf-8 --until "$2" --corrections "$1/import/today.csv" || return 1
    lua5.4 "$make/make-days.lua" "$1/import/utf8.csv" "$1/import/facts.json" "$1/import" --until "$2" || return 1
    rm "$1/import/utf8.csv" "$1/import/facts.json"
    start=$(sed -n '1s/^@\([0-9-]*\)T.*/\1T08:00:00/p' "$1/import/steps.txt")
    (export FORECOURT_NOW="$start" && add_users "$1") || return 1
    (cd "$1" && FORECOURT_NOW=$start "$host" run --steps import/steps.txt >/dev/null) || return 1
    echo "played until $2; import/today.csv is this morning's export"
}

show_users() {
    printf '\n  %s\n\n' "$1"
    printf '  %-16s %-8s %-10s %s\n' role login name ''
    printf '%s\n' "$example_users" | while IFS='|' read -r login name role about; do
        printf '  %-16s %-8s %s\t%s\n' "$role" "$login" "$name" "$about"
    done
    printf '\n  password of all: %s · 所有用户的密码\n\n' "$example_password"
}
