#include "plugin/hosts.h"
#include "plugin/problem.h"
#include "net/web_host.h"

#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_SECRET 4096

typedef struct checking {
    const json_t *manifest, *files;
    const char *label;
    json_t *problems;
    int bad;
} checking;

/* At the first line where the word stands. */
static void refuse(checking *c, const char *word, const char *zh, const char *en, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));
static void refuse(checking *c, const char *word, const char *zh, const char *en, ...)
{
    char at[600], text[2][FC_ERR_TEXT];
    va_list args;
    va_start(args, en);
    vsnprintf(text[0], FC_ERR_TEXT, zh, args);
    va_end(args);
    va_start(args, en);
    vsnprintf(text[1], FC_ERR_TEXT, en, args);
    va_end(args);
    fc_manifest_place(c->files, c->label, word, at, sizeof at);
    fc_problem(c->problems, c->label, at, text[0], text[1]);
    c->bad++;
}

static bool is_empty(const json_t *v)
{
    return !v || ((json_is_array(v) || json_is_object(v)) && json_array_size(v) + json_object_size(v) == 0);
}

static void check_hosts(checking *c, const json_t *hosts)
{
    size_t i;
    json_t *v;
    fc_err err;
    if (!is_empty(hosts) && !json_is_array(hosts))
        refuse(c, "hosts", "hosts 应是列表，例如 { \"sms.example.cn\" }",
               "hosts should be a list, like { \"sms.example.cn\" }");
    json_array_foreach((json_t *)hosts, i, v)
    {
        const char *text = json_is_string(v) ? json_string_value(v) : "?";
        if (fc_web_host_check(text, &err))
            refuse(c, text, "hosts 里的 '%.80s'：%s%.0s", "'%.80s' in hosts: %.0s%s", text, err.text[FC_ZH],
                   err.text[FC_EN]);
    }
}

/* What is asked for without its use, or used without being asked for, is a slip either way: the person who
 * agrees to a pack should read what it really does. */
static void check_use(checking *c, const json_t *hosts)
{
    size_t i;
    json_t *v;
    bool uses = false;
    json_array_foreach(json_object_get(c->manifest, "uses"), i, v) uses |=
        json_is_string(v) && strcmp(json_string_value(v), "host.http") == 0;
    if (uses && is_empty(hosts))
        refuse(c, "host.http", "使用 host.http 要写明服务器：hosts = { \"sms.example.cn\" }",
               "host.http needs the servers it may talk to: hosts = { \"sms.example.cn\" }");
    if (!uses && !is_empty(hosts))
        refuse(c, "hosts", "有 hosts 而没有用 host.http：请在 uses 中加上 \"host.http\"，或去掉 hosts",
               "there are hosts, but host.http is not used: add \"host.http\" to uses, or take hosts away");
}

static bool is_secret(const char *name)
{
    size_t n = strlen(name);
    return n > 0 && n <= 40 && *name >= 'a' && *name <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

static bool listed(const json_t *hosts, const char *host)
{
    size_t i;
    json_t *v;
    json_array_foreach((json_t *)hosts, i, v)
    {
        if (json_is_string(v) && strcmp(json_string_value(v), host) == 0) return true;
    }
    return false;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void check_secret(checking *c, const json_t *hosts, const char *name, const char *host)
{
    if (!is_secret(name))
        refuse(c, name, "secrets 里的名称 '%.60s' 应以小写字母开头，只含小写字母、数字和 _",
               "the name '%.60s' in secrets begins with a lower-case letter and has only those, digits and _",
               name);
    else if (!host || strchr(host, '*') || !listed(hosts, host))
        refuse(c, name, "secrets.%.60s 应是 hosts 中的一个服务器（不含 *）：密钥只发给它",
               "secrets.%.60s is one of the servers in hosts (without *): the secret goes to that one only",
               name);
}

/* By name, so that what is wrong is told in the same order each time. */
static void check_secrets(checking *c, const json_t *hosts, const json_t *secrets)
{
    const char *name, **names = fc_alloc((json_object_size(secrets) + 1) * sizeof *names);
    json_t *v;
    size_t n = 0;
    if (!is_empty(secrets) && !json_is_object(secrets))
        refuse(c, "secrets", "secrets 应写成 { 名称 = \"服务器\" }，例如 { sms_token = \"sms.example.cn\" }",
               "secrets should be written { name = \"server\" }, like { sms_token = \"sms.example.cn\" }");
    json_object_foreach((json_t *)secrets, name, v) names[n++] = name;
    qsort(names, n, sizeof *names, by_name);
    for (size_t i = 0; i < n; i++)
        check_secret(c, hosts, names[i], json_string_value(json_object_get(secrets, names[i])));
    free(names);
}

int fc_hosts_manifest(const json_t *manifest, const json_t *files, const char *label, json_t *problems)
{
    checking c = {.manifest = manifest, .files = files, .label = label, .problems = problems};
    const json_t *hosts = json_object_get(manifest, "hosts");
    check_hosts(&c, hosts);
    check_use(&c, hosts);
    check_secrets(&c, hosts, json_object_get(manifest, "secrets"));
    return c.bad;
}

/* ---- the values */

/* Of the first line; more than one is a slip (a whole key file, another's configuration). */
static int take_line(const char *path, const char *text, size_t n, fc_buf *out, fc_err *err)
{
    while (n > 0 && strchr(" \t\r\n", text[n - 1]))
        n--;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F) n = 0;
    if (n == 0 || n > MOST_SECRET)
        return fc_fail(err, FC_EDENIED, "%s: 应只有一行文字，即密钥本身",
                       "%s: holds one line, the secret itself", path);
    fc_buf_add(out, text, n);
    return FC_OK;
}

static int read_open(const char *path, int fd, fc_buf *out, fc_err *err)
{
    struct stat st;
    char text[MOST_SECRET + 8];
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return fc_fail(err, FC_EDENIED, "%s: 密钥文件不是普通文件",
                       "%s: the secret's file is not a regular file", path);
    unsigned mode = st.st_mode & 07777;
    if (mode != 0600 && mode != 0400)
        return fc_fail(err, FC_EDENIED, "%s: 密钥文件的权限是 %04o，其他人可能读到它；请运行 chmod 600 %s",
                       "%s: the secret's file has mode %04o, others may read it; run: chmod 600 %s", path,
                       mode, path);
    ssize_t n = read(fd, text, sizeof text);
    int rc = take_line(path, text, n < 0 ? 0 : (size_t)n, out, err);
    sodium_memzero(text, sizeof text);
    return rc;
}

int fc_secret_read(const char *site, const char *plugin, const char *name, fc_buf *out, fc_err *err)
{
    char path[PATH_MAX], shown[200];
    snprintf(shown, sizeof shown, "secrets/%s.%s", plugin, name);
    snprintf(path, sizeof path, "%s/%s", site ? site : "", shown);
    int fd = site ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    if (fd < 0)
        return fc_fail(err, FC_EDENIED, "%s: 没有设置密钥 %s：请把它写进这个文件（权限 0600），由 IT 保管",
                       "%s: the secret %s is not set: write it into this file, mode 0600", shown, name);
    int rc = read_open(shown, fd, out, err);
    close(fd);
    return rc;
}
