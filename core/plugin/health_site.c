/* The program, the key, the disk, plugins, mail. */
#include "lua/vm.h"
#include "pack/stranger.h"
#include "plugin/health.h"
#include "plugin/hosts.h"
#include "plugin/live.h"

#include <sodium.h>
#include <sys/statvfs.h>

void fc_health_program(fc_findings *f)
{
    fc_find(f, FC_GOOD, "program", "", "forecourt %s, %s, SQLite %s", "forecourt %s, %s, SQLite %s",
            FORECOURT_VERSION, fc_lua_version(), fc_store_version());
    if (!fc_lua_fit(fc_lua_version()))
        fc_find(
            f, FC_WARNING, "lua", "",
            "%s（Debian 12 自带）有脚本可触及的内存缺陷：只运行可信的插件，自己写的不受影响",
            "%s (the one of Debian 12) has memory faults that a script can reach: fine for plugins of your "
            "own, run no others",
            fc_lua_version());
}

void fc_health_space(const fc_site *s, fc_findings *f)
{
    struct statvfs fs;
    if (statvfs(s->dir, &fs) != 0) return;
    unsigned long long mib = (unsigned long long)fs.f_bavail * fs.f_frsize >> 20;
    if (mib < 512)
        fc_find(f, FC_WARNING, "space", "", "磁盘只剩 %llu MiB：请清理",
                "only %llu MiB of disk left: make room", mib);
    else
        fc_find(f, FC_GOOD, "space", "", "磁盘剩余 %llu MiB", "%llu MiB of disk left", mib);
}

/* A plugin meets one that is not set at its first request, perhaps at night. */
static void secrets_of(const fc_dealership *d, const fc_source *s, fc_findings *f)
{
    const char *name;
    json_t *host;
    json_object_foreach(json_object_get(s->manifest, "secrets"), name, host)
    {
        fc_buf value = {0};
        fc_err err;
        if (fc_secret_read(d->site->dir, s->id, name, &value, &err))
            fc_find(f, FC_WARNING, "secrets", d->id, "%s%.0s", "%.0s%s", err.text[FC_ZH], err.text[FC_EN]);
        if (value.data) sodium_memzero(value.data, value.cap);
        fc_buf_free(&value);
    }
}

void fc_health_plugins(const fc_dealership *d, fc_findings *f)
{
    size_t i;
    json_t *p;
    fc_find(f, FC_GOOD, "plugins", d->id, "%zu 个插件在用", "%zu plugins in force", d->live->n);
    json_array_foreach(d->problems, i, p)
        fc_find(f, FC_BAD, "plugins", json_string_value(json_object_get(p, "at")), "%s%.0s", "%.0s%s",
                json_string_value(json_object_get(p, "zh")), json_string_value(json_object_get(p, "en")));
    for (i = 0; i < d->live->n; i++)
        secrets_of(d, d->live->gens[i]->source, f);
}

void fc_health_mail(const fc_dealership *d, fc_findings *f)
{
    int64_t n = 0;
    int found;
    fc_err err;
    if (fc_ask_int(d->store, "SELECT count(*) FROM host_mail WHERE sent_at IS NULL AND tries > 0", NULL, 0,
                   &n, &found, &err))
        return;
    if (n)
        fc_find(f, FC_WARNING, "mail", d->id, "%lld 封邮件还没有发出", "%lld mails could not be sent yet",
                (long long)n);
}
