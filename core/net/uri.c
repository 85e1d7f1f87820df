/* Request targets: "/nanjing/calls?day=2026-11-21" into a decoded path and a raw query.
 *
 * A path is decoded once and then judged, never the other way round: "..%2f" is "../" by then. Refused with
 * 400: what is not UTF-8, a control character, "//", a segment "." or "..", a broken escape, a target that
 * does not begin with '/'. */
#include "net/internal.h"

#include <string.h>
#include <strings.h>

static size_t utf8_char(const unsigned char *s, size_t n)
{
    if (s[0] >= 0xC2 && s[0] <= 0xDF) return n >= 2 && (s[1] & 0xC0) == 0x80 ? 2 : 0;
    if ((s[0] & 0xF0) == 0xE0) {
        if (n < 3 || (s[1] & 0xC0) != 0x80 || (s[2] & 0xC0) != 0x80) return 0;
        if (s[0] == 0xE0 && s[1] < 0xA0) return 0;  /* longer than need be */
        return s[0] == 0xED && s[1] > 0x9F ? 0 : 3; /* a surrogate */
    }
    if (s[0] < 0xF0 || s[0] > 0xF4 || n < 4) return 0;
    if ((s[1] & 0xC0) != 0x80 || (s[2] & 0xC0) != 0x80 || (s[3] & 0xC0) != 0x80) return 0;
    if (s[0] == 0xF0 && s[1] < 0x90) return 0;
    return s[0] == 0xF4 && s[1] > 0x8F ? 0 : 4;
}

/* Nearly all that comes is ASCII, so eight bytes at a time. NUL is no text. */
int utf8_ok(const char *bytes, size_t n)
{
    const unsigned char *s = (const unsigned char *)bytes;
    if (n && memchr(bytes, 0, n)) return 0;
    size_t i = 0;
    while (i < n) {
        uint64_t eight;
        while (i + 8 <= n && (memcpy(&eight, s + i, 8), !(eight & 0x8080808080808080ULL)))
            i += 8;
        while (i < n && s[i] < 0x80)
            i++;
        if (i >= n) break;
        size_t k = utf8_char(s + i, n - i);
        if (!k) return 0;
        i += k;
    }
    return 1;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int decode_percent(char *text, size_t *n, int plus, int strict)
{
    char *out = text;
    for (size_t i = 0; i < *n; i++) {
        char c = text[i];
        if (c == '+' && plus) {
            c = ' ';
        } else if (c == '%') {
            int high = i + 2 < *n ? hex(text[i + 1]) : -1;
            int low = high >= 0 ? hex(text[i + 2]) : -1;
            if (low >= 0) {
                c = (char)(high << 4 | low);
                i += 2;
            } else if (strict) {
                return -1;
            }
        }
        *out++ = c;
    }
    *n = (size_t)(out - text);
    return utf8_ok(text, *n) ? 0 : -1;
}

static int bad_path(const char *path, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)path[i];
        if (c < 0x20 || c == 0x7F) return 1;
        if (c != '/') continue;
        const char *s = path + i + 1;
        if (*s == '/') return 1;
        if (s[0] == '.' && (s[1] == '/' || s[1] == 0)) return 1;
        if (s[0] == '.' && s[1] == '.' && (s[2] == '/' || s[2] == 0)) return 1;
    }
    return path[0] != '/';
}

/* Length without the port that http means anyway. */
static size_t host_length(const char *host)
{
    size_t n = strlen(host);
    return n > 3 && strcmp(host + n - 3, ":80") == 0 ? n - 3 : n;
}

int uri_same_host(const char *a, const char *b)
{
    size_t n = host_length(a);
    return n == host_length(b) && strncasecmp(a, b, n) == 0;
}

/* The absolute form, which every server must accept: its host is kept, what is behind it returned. */
static const char *skip_authority(fc_req *r, const char *uri)
{
    if (strncasecmp(uri, "http://", 7) != 0) return uri;
    size_t n = strcspn(uri + 7, "/?");
    r->authority = req_copy(r, uri + 7, n);
    return uri + 7 + n;
}

int uri_split(fc_req *r, const char *uri)
{
    r->path = "/";
    uri = skip_authority(r, uri);
    if (r->authority && *uri != '/') return 0; /* "http://host": its first page, without a query */
    const char *question = strchr(uri, '?');
    size_t n = question ? (size_t)(question - uri) : strlen(uri);
    char *path = req_copy(r, uri, n);
    if (decode_percent(path, &n, 0, 1) != 0) return MHD_HTTP_BAD_REQUEST;
    path[n] = 0;
    if (bad_path(path, n)) return MHD_HTTP_BAD_REQUEST;
    r->path = path;
    if (question && question[1]) r->query = req_copy(r, question + 1, strlen(question + 1));
    return 0;
}
