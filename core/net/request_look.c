/* What a handler asks of a request. */
#include "net/internal.h"

#include <arpa/inet.h>
#include <string.h>

const char *fc_req_method(const fc_req *r)
{
    return r->method;
}

const char *fc_req_path(const fc_req *r)
{
    return r->path;
}

const char *fc_req_header(const fc_req *r, const char *name)
{
    return r->con ? MHD_lookup_connection_value(r->con, MHD_HEADER_KIND, name) : NULL;
}

const char *fc_req_cookie(const fc_req *r, const char *name)
{
    size_t k = strlen(name);
    for (const char *at = r->con ? r->cookie : NULL; at; at = strchr(at, ';')) {
        at += strspn(at, "; \t");
        if (strncmp(at, name, k) != 0 || at[k] != '=') continue;
        const char *value = at + k + 1;
        size_t n = strcspn(value, ";");
        while (n && (value[n - 1] == ' ' || value[n - 1] == '\t'))
            n--;
        if (n >= 2 && value[0] == '"' && value[n - 1] == '"') value++, n -= 2;
        return req_copy((fc_req *)(uintptr_t)r, value, n);
    }
    return NULL;
}

/* inet_ntop goes through sprintf, and every handler is told the address. */
static void write_v4(const struct in_addr *address, char *out)
{
    const unsigned char *byte = (const void *)address;
    for (int i = 0; i < 4; i++) {
        if (byte[i] >= 100) *out++ = (char)('0' + byte[i] / 100);
        if (byte[i] >= 10) *out++ = (char)('0' + byte[i] / 10 % 10);
        *out++ = (char)('0' + byte[i] % 10);
        *out++ = i < 3 ? '.' : 0;
    }
}

const char *fc_req_remote(const fc_req *r)
{
    if (r->remote || !r->con) return r->remote ? r->remote : "";
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->con, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;
    fc_req *own = (fc_req *)(uintptr_t)r; /* filled at the first question, therefore const for the caller */
    own->remote = req_room(own, INET6_ADDRSTRLEN);
    own->remote[0] = 0;
    if (address && address->sa_family == AF_INET)
        write_v4(&((const struct sockaddr_in *)(const void *)address)->sin_addr, own->remote);
    else if (address && address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, own->remote,
                  INET6_ADDRSTRLEN);
    return own->remote;
}

const char *fc_req_body(const fc_req *r, size_t *n)
{
    *n = r->body.len;
    return r->body.data ? r->body.data : "";
}
