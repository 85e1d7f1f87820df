/* What is asked, and whether it may be. */
#include "net/web_internal.h"
#include "net/web_host.h"
#include "base/clock.h"

#include <ctype.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOST_HEADERS 64
#define MOST_HEADER_BYTES (16u << 10)
#define MOST_URL 4096

const char *fc_web_code_name(enum fc_web_code code)
{
    static const char *const names[] = {"OK", "DENIED", "TIMEOUT", "UNREACHABLE", "LIMIT", "TLS"};
    return names[code];
}

fc_web *fc_web_new(const char *method, const char *url, int ms, const json_t *hosts, const json_t *internal)
{
    fc_web *w = fc_alloc(sizeof *w);
    w->method = fc_strdup(method);
    w->url = fc_strdup(url);
    w->hosts = hosts;
    w->internal_hosts = internal;
    w->ms = ms;
    w->until = fc_monotonic() + ms * 1000000LL;
    pthread_mutex_init(&w->lock, NULL);
    return w;
}

void fc_web_free(fc_web *w)
{
    if (!w) return;
    for (size_t i = 0; i < w->nlines; i++) {
        sodium_memzero(w->lines[i], strlen(w->lines[i]));
        free(w->lines[i]);
    }
    free(w->lines);
    free(w->method);
    free(w->url);
    free(w->bound);
    fc_buf_free(&w->body);
    fc_buf_free(&w->answer);
    json_decref(w->headers);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

enum fc_web_code fc_web_fail(fc_web *w, enum fc_web_code code, const char *zh, const char *en, ...)
{
    static const int codes[] = {FC_OK, FC_EDENIED, FC_ELIMIT, FC_EIO, FC_ELIMIT, FC_EIO};
    char text[2][FC_ERR_TEXT];
    va_list args;
    va_start(args, en);
    vsnprintf(text[FC_ZH], FC_ERR_TEXT, zh, args);
    va_end(args);
    va_start(args, en);
    vsnprintf(text[FC_EN], FC_ERR_TEXT, en, args);
    va_end(args);
    fc_fail(&w->err, codes[code], "%s%.0s", "%.0s%s", text[FC_ZH], text[FC_EN]);
    return w->code = code;
}

/* ---- headers */

static bool is_name(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)name[i]) && !strchr("!#$%&'*+-.^_`|~", name[i])) return false;
    return n > 0 && n <= 100;
}

static bool is_value(const char *value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (((unsigned char)value[i] < 0x20 && value[i] != '\t') || value[i] == 0x7F) return false;
    return true;
}

/* They say how long a message is or whom it is for: two opinions of that are how requests are smuggled. */
static bool is_ours(const char *name)
{
    static const char *const ours[] = {
        "Host", "Content-Length", "Transfer-Encoding",   "Connection",       "Expect",     "Upgrade",
        "TE",   "Trailer",        "Proxy-Authorization", "Proxy-Connection", "Keep-Alive", NULL};
    for (const char *const *o = ours; *o; o++)
        if (strcasecmp(*o, name) == 0) return true;
    return false;
}

int fc_web_header(fc_web *w, const char *name, const char *value, size_t n, fc_err *err)
{
    if (!is_name(name))
        return fc_fail(err, FC_EINVAL, "请求头的名称只能含字母、数字和 -",
                       "the name of a header has letters, digits and - only");
    if (is_ours(name))
        return fc_fail(err, FC_EINVAL, "请求头 %s 由宿主自己写", "the host writes the header %s itself",
                       name);
    if (!is_value(value, n))
        return fc_fail(err, FC_EINVAL, "请求头 %s 的值含换行或控制字符",
                       "the value of the header %s holds line breaks or control characters", name);
    if (strspn(value, " \t") >= n) n = 0; /* libcurl would leave it away */
    w->line_bytes += strlen(name) + n;
    if (w->nlines == MOST_HEADERS || w->line_bytes > MOST_HEADER_BYTES)
        return fc_fail(err, FC_EINVAL, "请求头太多：最多 %d 个，共 %u KiB",
                       "too many headers: there are %d at most, of %u KiB together", MOST_HEADERS,
                       MOST_HEADER_BYTES >> 10);
    size_t len = strlen(name) + n + 3;
    char *line = fc_alloc(len);
    /* "Name;" is how libcurl is told to send an empty one */
    snprintf(line, len, n ? "%s: %.*s" : "%s;%.*s", name, (int)n, value);
    w->lines = fc_realloc(w->lines, (w->nlines + 1) * sizeof *w->lines);
    w->lines[w->nlines++] = line;
    w->has_type |= strcasecmp(name, "Content-Type") == 0;
    return FC_OK;
}

void fc_web_bind(fc_web *w, const char *host)
{
    if (w->bound && strcmp(w->bound, host) != 0) host = ""; /* of two servers no request is for both */
    char *bound = fc_strdup(host);
    free(w->bound);
    w->bound = bound;
}

void fc_web_body(fc_web *w, const char *bytes, size_t n)
{
    fc_buf_add(&w->body, bytes, n);
    w->has_body = true;
}

/* ---- where it goes */

static char *part(const fc_curl *lib, CURLU *u, CURLUPart which)
{
    char *text = NULL;
    return lib->url_get(u, which, &text, which == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0) ? NULL : text;
}

/* Parsed by the very code that will connect: two parsers are how an address is smuggled past the first. */
static enum fc_web_code take_apart(fc_web *w, const fc_curl *lib, CURLU *u, bool *plain)
{
    char *scheme = part(lib, u, CURLUPART_SCHEME), *host = part(lib, u, CURLUPART_HOST);
    char *port = part(lib, u, CURLUPART_PORT), *user = part(lib, u, CURLUPART_USER);
    bool fits = host && strlen(host) < sizeof w->host, login = user != NULL;
    *plain = scheme && strcmp(scheme, "http") == 0;
    bool web = *plain || (scheme && strcmp(scheme, "https") == 0);
    snprintf(w->host, sizeof w->host, "%s", fits ? host : "");
    for (char *p = w->host; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    w->port = port ? atoi(port) : 0;
    lib->free(scheme);
    lib->free(host);
    lib->free(port);
    lib->free(user);
    if (!fits || !web)
        return fc_web_fail(w, FC_WEB_DENIED, "地址应以 https:// 开头，后面是服务器名称",
                           "an address begins with https:// and the name of a server");
    if (login)
        return fc_web_fail(w, FC_WEB_DENIED, "地址里不能有用户名和密码：请放在请求头里，密码用 http.secret",
                           "an address holds no user and password: they belong in a header, as http.secret");
    return FC_WEB_OK;
}

static enum fc_web_code judge_place(fc_web *w, bool plain)
{
    if (!fc_web_host_listed(w->hosts, w->host, w->port))
        return fc_web_fail(w, FC_WEB_DENIED, "不能访问 %s:%d：请在 plugin.lua 的 hosts 中写上它",
                           "may not talk to %s:%d: name it in hosts in plugin.lua", w->host, w->port);
    w->internal = fc_web_host_internal(w->internal_hosts, w->host, w->port, &w->address);
    if (plain && !w->internal)
        return fc_web_fail(w, FC_WEB_DENIED,
                           "不能用不加密的 http 访问 %s:%d：请用 https；店内的服务器可写进 site.lua 的 "
                           "internal_hosts",
                           "may not talk to %s:%d by plain http: use https, or name it in internal_hosts in "
                           "site.lua if it stands in the house",
                           w->host, w->port);
    if (w->bound && !fc_web_host_fits(w->bound, w->host, w->port))
        return fc_web_fail(
            w, FC_WEB_DENIED, "密钥只能发给 plugin.lua 的 secrets 中写明的服务器，不能发给 %s:%d",
            "a secret goes to the server that secrets in plugin.lua names, not to %s:%d", w->host, w->port);
    return FC_WEB_OK;
}

enum fc_web_code fc_web_judge_url(fc_web *w, const fc_curl *lib, const char *url)
{
    bool plain;
    CURLU *u = strlen(url) <= MOST_URL ? lib->url() : NULL;
    if (!u || lib->url_set(u, CURLUPART_URL, url, 0)) {
        lib->url_free(u);
        return fc_web_fail(w, FC_WEB_DENIED, "不是地址：应如 https://sms.example.cn/send",
                           "this is no address: one is like https://sms.example.cn/send");
    }
    enum fc_web_code code = take_apart(w, lib, u, &plain);
    lib->url_free(u);
    return code ? code : judge_place(w, plain);
}

enum fc_web_code fc_web_judge(fc_web *w)
{
    const fc_curl *lib = fc_curl_open(&w->err);
    if (!lib) return w->code = FC_WEB_UNREACHABLE;
    return fc_web_judge_url(w, lib, w->url);
}

/* ---- what came of it */

void fc_web_abort(fc_web *w)
{
    pthread_mutex_lock(&w->lock);
    w->aborted = true;
    if (w->multi) fc_curl_open(NULL)->multi_wakeup(w->multi);
    pthread_mutex_unlock(&w->lock);
}

bool fc_web_aborted(fc_web *w)
{
    pthread_mutex_lock(&w->lock);
    bool aborted = w->aborted;
    pthread_mutex_unlock(&w->lock);
    return aborted;
}

bool fc_web_over(fc_web *w)
{
    return fc_web_aborted(w) || fc_monotonic() >= w->until;
}

enum fc_web_code fc_web_result(const fc_web *w, fc_err *err)
{
    *err = w->err;
    return w->code;
}

int fc_web_status(const fc_web *w)
{
    return w->status;
}

const json_t *fc_web_headers(const fc_web *w)
{
    return w->headers;
}

const char *fc_web_bytes(fc_web *w, size_t *n)
{
    *n = w->answer.len;
    return fc_buf_str(&w->answer);
}
