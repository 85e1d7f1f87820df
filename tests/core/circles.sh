#!/bin/sh
# No circles among the files of core/: what a file calls stands below it, also inside its room. Asked of the compiled objects, so
# neither a header nor a comment can hide a call. One line a call that is part of a circle; ends with "N passed, N failed" (files).
#   circles.sh FOLDER (of the objects) [--self-test]
set -eu

# Lines "FILE KIND NAME" as nm prints them, with its kinds. A call is part of a circle where a way leads back from the called file.
circles() {
    awk '
        function reaches(from, to,   i, n, next_) {
            if (from == to) return 1
            if (from in been) return 0
            been[from] = 1
            n = split(calls[from], next_, " ")
            for (i = 1; i <= n; i++) if (reaches(next_[i], to)) return 1
            return 0
        }
        { files[$1] = 1 }
        $2 == "U" { by[++n] = $1; name[n] = $3 }
        $2 ~ /[A-TV-Z]/ { home[$3] = $1 }
        END {
            for (i = 1; i <= n; i++) {
                to = home[name[i]]
                if (to != "" && to != by[i] && !((by[i], to) in known)) { known[by[i], to] = 1; calls[by[i]] = calls[by[i]] " " to }
            }
            for (i = 1; i <= n; i++) {
                to = home[name[i]]
                split("", been)
                if (to != "" && to != by[i] && reaches(to, by[i])) { print by[i] " calls " name[i] " of " to; bad[by[i]] = 1 }
            }
            for (f in bad) failed++
            for (f in files) all++
            print all - failed " passed, " failed + 0 " failed"
        }'
}

if [ "${2:-}" = --self-test ]; then
    made='a.c T one
a.c U two
b.c T two
b.c U three
c.c T three
c.c U one
d.c T four
d.c U one
d.c U four
e.c U four'
    [ "$(echo "$made" | circles | tail -n 1)" = "2 passed, 3 failed" ] || { echo "$made" | circles; echo "the circles do not bite"; exit 1; }
    if "$0" /dev/null >/dev/null; then echo "nothing compiled passes"; exit 1; fi
    [ "$(echo "$made" | grep -v 'c.c U' | circles | tail -n 1)" = "5 passed, 0 failed" ] || { echo "the circles bite what is straight"; exit 1; }
fi
# What a build left of a file that is gone does not count; a file without an object could hide a circle.
root=$(cd "$(dirname "$0")/../.." && pwd)
objects=$(find "$1" -path '*/core/*.c.o' ! -path '*/tests/*' | while read -r object; do
    file=core/${object##*/core/}
    if [ -e "$root/${file%.o}" ]; then echo "$object"; fi
done)
all=$(find "$root/core" -name '*.c' | wc -l)
found=$(printf '%s' "$objects" | grep -c . || true)
if [ "$found" != "$all" ]; then echo "$found of $all files are compiled in $1"; echo "0 passed, 1 failed"; exit 1; fi
# shellcheck disable=SC2086
out=$(nm -A $objects | sed -E 's|^.*/(core/[^:]*)\.o:[0-9a-f ]*([A-Za-z]) |\1 \2 |' | LC_ALL=C sort | circles)
printf '%s\n' "$out"
case $out in *' 0 failed') exit 0 ;; *) exit 1 ;; esac
