#include "net/web_host.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HTTPS 443

/* Length of the name in front of ":port"; *port is 443 where there is none, 0 where it is no port. */
static size_t split(const char *text, int *port)
{
    const char *colon = strchr(text, ':');
    *port = HTTPS;
    if (!colon) return strlen(text);
    const char *digits = colon + 1;
    size_t n = strspn(digits, "0123456789");
    *port = n > 0 && n <= 5 && !digits[n] && *digits != '0' ? atoi(digits) : 0;
    if (*port > 65535) *port = 0;
    return (size_t)(colon - text);
}

static bool is_label(const char *s, size_t n)
{
    return n > 0 && n <= 63 && s[0] != '-' && s[n - 1] != '-' &&
           strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") >= n;
}

/* Number of labels, 0: no name. *last: where the last one begins. */
static int labels(const char *name, size_t n, const char **last)
{
    int count = 0;
    const char *s = name, *end = name + n;
    if (n == 0 || n > 253) return 0;
    for (;; s++) {
        const char *dot = memchr(s, '.', (size_t)(end - s)), *stop = dot ? dot : end;
        if (!is_label(s, (size_t)(stop - s))) return 0;
        *last = s;
        count++;
        if (!dot) return count;
        s = dot;
    }
}

int fc_web_host_check(const char *text, fc_err *err)
{
    int port;
    const char *last = "";
    size_t n = split(text, &port);
    bool star = strncmp(text, "*.", 2) == 0;
    int count = labels(text + 2 * star, n < 2 * star ? 0 : n - 2 * star, &last);
    bool number = count && strspn(last, "0123456789") == (size_t)(text + n - last);
    if (number || strchr(text, '['))
        return fc_fail(
            err, FC_EINVAL, "应写名称，不能写地址：在 site.lua 的 internal_hosts 里可以给名称指定地址",
            "write a name, not an address: internal_hosts in site.lua can give a name its address");
    if (port == 0 && !strchr(text, '/'))
        return fc_fail(err, FC_EINVAL, "端口应在 1 到 65535 之间，如 api.example.com:8443",
                       "a port is 1 to 65535, like api.example.com:8443");
    if (port == 0 || count < (star ? 2 : 1))
        return fc_fail(err, FC_EINVAL,
                       "应写小写的服务器名称，如 sms.example.cn、api.example.com:8443 或 *.example.com",
                       "write a server's name in lower case, like sms.example.cn, api.example.com:8443 or "
                       "*.example.com");
    return FC_OK;
}

static bool is_address(const char *text)
{
    unsigned char bytes[16];
    return text && (inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1);
}

static int internal_entry(const char *name, fc_err *err)
{
    if (strchr(name, '*'))
        return fc_fail(err, FC_EINVAL, "internal_hosts：'%.80s' 应逐个写明，不能用 *",
                       "internal_hosts: '%.80s' names each server, without *", name);
    char place[120];
    int rc = fc_web_host_check(name, err);
    snprintf(place, sizeof place, "internal_hosts: '%.80s'", name);
    return rc ? fc_wrap(err, place) : FC_OK;
}

int fc_web_internal_check(const json_t *internal, fc_err *err)
{
    size_t i;
    json_t *v;
    const char *key;
    int rc = FC_OK;
    if (internal && !json_is_array(internal) && !json_is_object(internal))
        return fc_fail(err, FC_EINVAL, "internal_hosts 应是列表，如 { \"dms.local:8080\" }",
                       "internal_hosts is a list, like { \"dms.local:8080\" }");
    json_array_foreach((json_t *)internal, i, v) if (!rc) rc =
        internal_entry(json_is_string(v) ? json_string_value(v) : "?", err);
    json_object_foreach((json_t *)internal, key, v)
    {
        if (!rc) rc = internal_entry(key, err);
        if (!rc && !json_is_true(v) && !is_address(json_string_value(v)))
            rc = fc_fail(err, FC_EINVAL, "internal_hosts：'%.80s' 的值应是地址，如 \"192.168.1.20\"，或 true",
                         "internal_hosts: '%.80s' stands for an address, like \"192.168.1.20\", or is true",
                         key);
    }
    return rc;
}

bool fc_web_host_fits(const char *entry, const char *host, int port)
{
    int own;
    size_t n = split(entry, &own);
    if (own != port) return false;
    if (strncmp(entry, "*.", 2) == 0) {
        const char *dot = strchr(host, '.');
        if (!dot || dot == host) return false;
        host = dot;
        entry++;
        n--;
    }
    return strlen(host) == n && memcmp(entry, host, n) == 0;
}

bool fc_web_host_listed(const json_t *hosts, const char *host, int port)
{
    size_t i;
    json_t *v;
    json_array_foreach((json_t *)hosts, i, v)
    {
        if (json_is_string(v) && fc_web_host_fits(json_string_value(v), host, port)) return true;
    }
    return false;
}

bool fc_web_host_internal(const json_t *internal, const char *host, int port, const char **address)
{
    const char *key;
    json_t *v;
    *address = NULL;
    json_object_foreach((json_t *)internal, key, v)
    {
        if (!fc_web_host_fits(key, host, port)) continue;
        *address = json_string_value(v);
        return true;
    }
    return fc_web_host_listed(internal, host, port);
}
