#!/bin/sh
# make.sh SITE PLUGINS RULES: as many plugins of a site, each with its share of the rules in one exclusion set.
set -eu
site=$1 plugins=$2 each=$(($3 / $2))
for i in $(seq "$plugins"); do
    dir=$site/plugins/many-$i
    mkdir -p "$dir/exclusions" "$dir/pages"
    echo "return { id = \"many-$i\", version = \"1.0.0\", needs = { callback = \">=1.0\" } }" >"$dir/plugin.lua"
    {
        echo 'local x = require "callback.define"'
        echo 'local v = x.facts "visit"'
        echo "return x.exclusions \"many-$i\" { version = \"1.0.0\", title = { zh = \"规则\", en = \"Rules\" },"
        for r in $(seq "$each"); do
            echo "  x.rule \"r$r\" { when = v.days_since_task:gt($((i * 1000 + r))) & v.kind:matches \"内部$i-$r\", kind = \"no_call\", because = { zh = \"规则 $r\", en = \"Rule $r\" } },"
        done
        echo '  x.otherwise { because = { zh = "回访", en = "Called" } },'
        echo '  x.example { { kind = "保养" }, rule = "otherwise" } }'
    } >"$dir/exclusions/rules.lua"
    echo "local page = require \"host.page\" return page \"GET !/many/$i\" { who = \"anyone\", function() return { v = $i } end }" >"$dir/pages/p.lua"
done
