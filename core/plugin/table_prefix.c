#include "plugin/table_prefix.h"
#include "plugin/problem.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *const hosts[] = {"host_", "site_", "fc_", "sqlite_", "pg_", NULL};

int fc_table_is_hosts(const char *text)
{
    for (const char *const *h = hosts; *h; h++)
        if (strncmp(text, *h, strlen(*h)) == 0) return 1;
    return 0;
}

int fc_prefix_ok(const char *prefix)
{
    size_t n = strlen(prefix);
    return n > 1 && n <= 40 && islower((unsigned char)*prefix) && prefix[n - 1] == '_' &&
           strspn(prefix, "abcdefghijklmnopqrstuvwxyz0123456789_") == n && !fc_table_is_hosts(prefix);
}

int fc_tables_manifest(const json_t *manifest, const char *label, json_t *problems)
{
    size_t i;
    json_t *v;
    int bad = 0;
    char at[512], zh[300], en[300];
    snprintf(at, sizeof at, "%s/plugin.lua", label);
    json_array_foreach(json_object_get(manifest, "tables"), i, v)
    {
        const char *prefix = json_is_string(v) ? json_string_value(v) : "?";
        if (fc_prefix_ok(prefix)) continue;
        snprintf(zh, sizeof zh,
                 "tables 里的 '%.60s' 不能作前缀：应是小写字母开头、以 _ 结尾，不能是宿主的 host_ site_ fc_",
                 prefix);
        snprintf(en, sizeof en,
                 "'%.60s' in tables is no prefix: lower-case letters, ending with _, and none of the host's "
                 "own (host_ site_ fc_)",
                 prefix);
        fc_problem(problems, label, at, zh, en);
        bad++;
    }
    return bad;
}
