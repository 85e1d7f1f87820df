#!/bin/sh
# The floors of core/: a file includes what stands below it, never above, never sideways (sched and net may use store and text, which
# stand below them); lua.h is known in core/lua only; no word of the trade stands in core/; no sentence is raised in Lua in one language.
# One line a finding; ends with "N passed, N failed" (files). With --self-test it proves on made-up files that each of the four bites.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)

rank() {
    case $1 in
    base) echo 0 ;; loop) echo 1 ;; store | text) echo 2 ;; rules | sched | net | pack) echo 3 ;; lua) echo 4 ;; plugin) echo 5 ;; verbs) echo 6 ;;
    *) echo 9 ;;
    esac
}

# check_file FILE ROOM: prints what is wrong
check_file() {
    own=$(rank "$2")
    sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([a-z]*\)\/.*/\1/p' "$1" | sort -u | while read -r room; do
        [ "$room" = "$2" ] && continue
        if [ "$(rank "$room")" -ge "$own" ]; then echo "$1: core/$2 includes $room/, which does not stand below it"; fi
    done
    if [ "$2" != lua ] && grep -nE '#[[:space:]]*include[[:space:]]*[<"](lua|lauxlib|lualib|luaconf)\.h' "$1"; then
        echo "$1: lua.h is known in core/lua only"
    fi
    # A format without words ("%s: %s") passes on what has both languages already.
    if [ "$2" = lua ] && [ "${1##*/}" != misuse.c ]; then
        grep -nE 'luaL_(argerror|argcheck) *\(|luaL_error *\(' "$1" | grep -vE 'luaL_error *\([^"]*"([^"%a-zA-Z]|%[a-zA-Z])*"' |
            sed "s|^|$1:|; s|\$|   <- in both languages: fc_misuse|" || true
    fi
    # What a person may read in the log has both languages; a format without words passes on what has them, in the process's own.
    LC_ALL=C awk -v file="$1" '
        /fc_log\(/ && !/enum fc_level/ { at = FNR; call = "" }
        at { call = call $0 }
        at && /\);/ {
            words = call
            sub(/, *"[a-z._]+",/, ",", words) # the area
            if (call !~ /fc_say|FC_DEBUG/ && words ~ /"[^"]*[\200-\377]|"([^"]*[ (])?[a-z][a-z][a-z]+([ ,;:.?!)][^"]*)?"|\[FC_(EN|ZH)\]/)
                print file ":" at ": " call "   <- in both languages: fc_say"
            at = 0
        }' "$1"
    grep -niE 'customer|vehicle|questionnaire|advisor|complaint|客户|车辆|问卷|投诉|服务顾问' "$1" | sed "s|^|$1:|; s|\$|   <- a word of the trade|" || true
}

walk() {
    passed=0 failed=0
    for file in $(find "$1" -name '*.[ch]' -o -name '*.lua' -path '*/lua/*' | sort); do
        room=${file#"$1"/}
        case $room in */*) room=${room%%/*} ;; *) room=main ;; esac
        found=$(check_file "$file" "$room")
        if [ -z "$found" ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "$found"; fi
    done
    echo "$passed passed, $failed failed"
}

if [ "${1:-}" = --self-test ]; then
    made=$(mktemp -d)
    trap 'rm -rf "$made"' EXIT
    mkdir -p "$made/store" "$made/text" "$made/sched" "$made/lua"
    echo '#include "rules/rules.h"' >"$made/store/upward.c"
    echo '#include "text/json.h"' >"$made/store/sideways.c"
    echo '#include <lua.h>' >"$made/text/lua.c"
    echo '/* a customer */' >"$made/text/trade.c"
    echo '#include "store/store.h"' >"$made/sched/fine.c"
    echo 'return luaL_error(L, "%s is wrong", name);' >"$made/lua/plain.c"
    echo 'luaL_argcheck(L, n > 0, 1, "too small");' >"$made/lua/checked.c"
    echo 'return luaL_error(L, "%s: %s", place, text);' >"$made/lua/passes.c"
    printf 'fc_log(FC_WARN, "x",\n       "%%s: one language only", name);\n' >"$made/text/log.c"
    printf 'fc_log(FC_WARN, "x",\n       fc_say("%%s：两种", "%%s: two of them"), name);\n' >"$made/text/logs.c"
    printf 'fc_log(FC_WARN, "x", "failed; %%s", name);\n' >"$made/text/first_word.c"
    printf 'fc_log(FC_WARN, plugin,\n       "不行：%%s", name);\n' >"$made/text/only_zh.c"
    printf 'fc_log(FC_WARN, "x", "%%s", err.text[FC_EN]);\n' >"$made/text/only_en.c"
    printf 'fc_log(FC_DEBUG, "x", "%%s: by hand", name);\nfc_log(FC_INFO, "x", "%%s: %%s/%%s", a, b, c);\n' >"$made/text/debug.c"
    [ "$(walk "$made" | tail -n 1)" = "4 passed, 10 failed" ] || { walk "$made"; echo "the floors do not bite"; exit 1; }
fi
out=$(walk "$root/core")
printf '%s\n' "$out"
case $out in *' 0 failed') exit 0 ;; *) exit 1 ;; esac
