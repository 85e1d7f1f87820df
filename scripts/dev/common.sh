# Shared by the scripts of this folder; sourced, never run. Everything they make goes to build/.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FORECOURT_BUILD:-$root/build}
binary=$build/bin/forecourt
jobs=$(nproc 2>/dev/null || echo 2)

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# What a group of work needs, as PROBE=PACKAGE of Debian 12. A probe is a command, pc:MODULE (pkg-config), so:LIBRARY or a path.
needs_build='cmake=cmake ninja=ninja-build cc=gcc pkg-config=pkg-config /usr/include/stdio.h=libc6-dev
 pc:lua5.4=liblua5.4-dev pc:sqlite3=libsqlite3-dev pc:libuv=libuv1-dev pc:libpcre2-8=libpcre2-dev pc:libmicrohttpd=libmicrohttpd-dev
 pc:libcurl=libcurl4-gnutls-dev pc:libsodium=libsodium-dev pc:jansson=libjansson-dev pc:libarchive=libarchive-dev pc:expat=libexpat1-dev
 pc:libxxhash=libxxhash-dev pc:libzstd=libzstd-dev
 node=nodejs npm=npm /etc/ssl/certs/ca-certificates.crt=ca-certificates'
needs_run="$needs_build lua5.4=lua5.4 /usr/lib/x86_64-linux-gnu/libedit.so.2=libedit2"
needs_test="$needs_run pc:cmocka=libcmocka-dev luacheck=lua-check clang=clang clang-format=clang-format
 /usr/lib/llvm-14/lib/clang/14.0.6/lib/linux/libclang_rt.fuzzer-x86_64.a=libclang-rt-14-dev sqlite3=sqlite3 chromium=chromium
 /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc=fonts-noto-cjk curl=curl git=git minisign=minisign script=bsdutils"

present() {
    case $1 in
    pc:*) command -v pkg-config >/dev/null && pkg-config --exists "${1#pc:}" ;;
    /*) [ -e "$1" ] ;;
    *) command -v "$1" >/dev/null ;;
    esac
}

missing() {
    for need in $1; do
        present "${need%%=*}" || printf '%s ' "${need#*=}"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else die "Debian packages are missing and neither root nor sudo is at hand. Run as root: apt-get install -y $packages"
    fi
}

# Installs what is missing of a group. The stamp saves the probing when nothing changed.
require_packages() {
    local stamp wanted packages
    stamp=$build/.stamps/packages-$1
    wanted=$(eval "printf '%s' \"\$needs_$1\"" | tr -s ' \n' ' ')
    [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return 0
    packages=$(missing "$wanted")
    if [ -n "$packages" ]; then
        command -v apt-get >/dev/null || die "This is no Debian: install the equivalents of these packages by hand: $packages"
        say "installing: $packages"
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update >&2
        # shellcheck disable=SC2086
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $packages >&2
        packages=$(missing "$wanted")
        [ -z "$packages" ] || die "still missing after the installation: $packages"
    fi
    mkdir -p "$build/.stamps"
    printf '%s' "$wanted" >"$stamp"
}

# A folder of npm packages by its lockfile, installed below build/ so that the source stays clean.
npm_folder() {
    local from=$1 to=$2 sum
    sum=$(cat "$from/package.json" "$from/package-lock.json" | sha256sum | cut -d' ' -f1)
    [ -e "$to/.stamp" ] && [ "$(cat "$to/.stamp")" = "$sum" ] && return 0
    rm -rf "$to"
    mkdir -p "$to"
    cp "$from/package.json" "$from/package-lock.json" "$to/"
    say "npm ci: ${from#"$root"/}"
    (cd "$to" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
    printf '%s' "$sum" >"$to/.stamp"
}

# The few files of the browser's libraries that the console loads.
build_assets() {
    local list to sum file from name
    list='@tabler/core/dist/css/tabler.min.css @tabler/core/dist/js/tabler.min.js @tabler/icons-webfont/dist/tabler-icons.min.css
     @tabler/icons-webfont/dist/fonts/tabler-icons.woff2:fonts/tabler-icons.woff2 htmx.org/dist/htmx.min.js echarts/dist/echarts.min.js'
    to=$build/share/forecourt/assets/console
    npm_folder "$root/plugins/console/assets" "$build/npm/console"
    sum=$(cat "$build/npm/console/.stamp" "$root/scripts/dev/common.sh" | sha256sum | cut -d' ' -f1)
    [ -e "$to/.stamp" ] && [ "$(cat "$to/.stamp")" = "$sum" ] && return 0
    rm -rf "$to"
    mkdir -p "$to/fonts"
    for file in $list; do
        from=${file%%:*}
        name=${file##*:}
        [ "$name" != "$from" ] || name=$(basename "$from")
        cp "$build/npm/console/node_modules/$from" "$to/$name"
        # The maps are not shipped: a reference to them would be a dead address.
        sed -i 's/[#@] sourceMappingURL=[^ *]*//' "$to/$name" 2>/dev/null || true
    done
    printf '%s' "$sum" >"$to/.stamp"
}

# Configures once and lets ninja find what changed; quiet when nothing did.
build_binary() {
    local launcher= tests out
    if command -v ccache >/dev/null; then launcher=-DCMAKE_C_COMPILER_LAUNCHER=ccache; fi
    tests=${1:-OFF}
    if [ ! -e "$build/build.ninja" ] || { [ "$tests" = ON ] && ! grep -q '^FORECOURT_TESTS:BOOL=ON' "$build/CMakeCache.txt"; }; then
        cmake -S "$root" -B "$build" -G Ninja -DFORECOURT_TESTS="$tests" $launcher >&2
    fi
    out=$(ninja -C "$build" 2>&1) || { printf '%s\n' "$out" >&2; exit 1; }
    case $out in *'no work to do'*) ;; *) printf '%s\n' "$out" | tail -n 1 >&2 ;; esac
}
