#include "plugin/serve.h"
#include "verbs/options.h"
#include "verbs/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void ready(const char *address, int port)
{
    int v6 = strchr(address, ':') != NULL;
    printf(fc_say("控制台：http://%s%s%s:%d/\n", "console: http://%s%s%s:%d/\n"), v6 ? "[" : "", address,
           v6 ? "]" : "", port);
    fflush(stdout);
}

/* "127.0.0.1:8080", "[::1]:8080", ":8080", "8080" */
static int parse_listen(const char *text, char *host, size_t cap, int *port)
{
    const char *colon = strrchr(text, ':');
    const char *digits = colon ? colon + 1 : text;
    char *end;
    long value = strtol(digits, &end, 10);
    if (!*digits || *end || value < 0 || value > 65535) return 0;
    *port = (int)value;
    size_t n = colon ? (size_t)(colon - text) : 0;
    if (n && text[0] == '[' && text[n - 1] == ']') {
        text++;
        n -= 2;
    }
    if (n)
        snprintf(host, cap, "%.*s", (int)n, text);
    else
        snprintf(host, cap, "127.0.0.1");
    return 1;
}

int fc_verb_serve(int argc, char **argv)
{
    const char *dir = ".", *listen = "127.0.0.1:8080", *no_watch = NULL, *safe = NULL;
    const fc_option options[] = {
        {"site", "DIR", "站点文件夹（默认当前文件夹）", "site folder (default: this one)", &dir},
        {"listen", "HOST:PORT", "地址和端口（默认 127.0.0.1:8080；端口 0 = 任意）",
         "address and port (default 127.0.0.1:8080; port 0 = any)", &listen},
        {"no-watch", NULL, "不监视插件文件夹", "do not watch the plugin folders", &no_watch},
        {"safe", NULL, "只运行随带的控制台，其他插件都不启用：用来修复",
         "nothing but the shipped console: for repairs", &safe},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage usage = {"serve",
                            "",
                            "运行站点的控制台，直到 SIGTERM 或 Ctrl-C。",
                            "Runs the site's console until SIGTERM or Ctrl-C.",
                            options,
                            0};
    int code = fc_options(&usage, &argc, argv);
    if (code >= 0) return code;
    char host[256];
    fc_serve_opts o = {.address = host, .watch = !no_watch, .ready = ready};
    if (argc > 1) return fc_wrong_use(&usage, "多余的参数 %s", "unexpected argument %s", argv[1]);
    if (!parse_listen(listen, host, sizeof host, &o.port))
        return fc_wrong_use(&usage, "'%s' 不是 HOST:PORT", "'%s' is no HOST:PORT", listen);
    fc_err err;
    fc_site *site = NULL;
    int rc = fc_site_open(dir, FC_SITE_OPEN, &site, &err);
    if (!rc) {
        site->safe = safe != NULL;
        site->keep_lease = 1;
        rc = fc_site_load(site, NULL, &err);
    }
    if (!rc) rc = fc_serve(site, &o, &err);
    fc_site_close(site);
    return rc ? fc_failed(&err) : 0;
}
