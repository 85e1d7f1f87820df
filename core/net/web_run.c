/* Doing it: one transfer after the other as long as the server leads on to itself.
 *
 * The multi interface carries a single transfer here: unlike curl_easy_perform it can be woken, so that a
 * request whose client has left ends at once and not with its next byte. */
#include "net/web_internal.h"
#include "net/address.h"
#include "base/clock.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_REDIRECTS 3
#define MOST_HEADERS_BACK (64u << 10)
#define LOOK_MS 1000 /* how long it waits without looking up */

typedef struct hop {
    fc_web *w;
    const fc_curl *lib;
    CURL *curl;
    struct curl_slist *lines, *connect;
    const char *method;
    bool body;
} hop;

/* ---- what comes back */

static void keep_header(fc_web *w, const char *line, size_t n)
{
    char name[128];
    const char *colon = memchr(line, ':', n);
    size_t len = colon ? (size_t)(colon - line) : 0;
    if (!len || len >= sizeof name) return;
    for (size_t i = 0; i <= len; i++)
        name[i] = i < len ? (char)tolower((unsigned char)line[i]) : 0;
    const char *value = colon + 1, *end = line + n;
    while (value < end && strchr(" \t", *value))
        value++;
    while (end > value && strchr(" \t\r\n", end[-1]))
        end--;
    const char *before = json_string_value(json_object_get(w->headers, name));
    fc_buf all = {0};
    if (before) fc_buf_addf(&all, "%s, ", before);
    fc_buf_add(&all, value, (size_t)(end - value));
    json_t *text = json_stringn(fc_buf_str(&all), all.len);
    if (text) json_object_set_new(w->headers, name, text); /* what is no UTF-8 is left away */
    fc_buf_free(&all);
}

static size_t on_header(char *bytes, size_t size, size_t count, void *ctx)
{
    fc_web *w = ctx;
    size_t n = size * count;
    if (n > 5 && memcmp(bytes, "HTTP/", 5) == 0) json_object_clear(w->headers); /* after 100 Continue */
    w->header_bytes += n;
    if (w->header_bytes > MOST_HEADERS_BACK) return 0;
    keep_header(w, bytes, n);
    return n;
}

static size_t on_bytes(char *bytes, size_t size, size_t count, void *ctx)
{
    fc_web *w = ctx;
    size_t n = size * count;
    w->full |= n > FC_WEB_BODY - w->answer.len;
    if (w->full) return 0;
    fc_buf_add(&w->answer, bytes, n);
    return n;
}

/* The address is judged as it is connected to. */
static curl_socket_t on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
    fc_web *w = ctx;
    (void)purpose;
    if (!w->internal && !fc_address_public(&a->addr)) {
        w->inside = true;
        return CURL_SOCKET_BAD;
    }
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* ---- what goes out */

static void add_line(hop *h, const char *line)
{
    struct curl_slist *longer = h->lib->append(h->lines, line);
    if (longer) h->lines = longer;
}

static void set_lines(hop *h)
{
    const fc_web *w = h->w;
    for (size_t i = 0; i < w->nlines; i++)
        add_line(h, w->lines[i]);
    if (!w->has_type) add_line(h, "Content-Type:"); /* none, not libcurl's own guess */
    add_line(h, "Expect:");
    h->lib->set(h->curl, CURLOPT_HTTPHEADER, h->lines);
}

static void set_method(hop *h)
{
    const fc_web *w = h->w;
    if (h->body || strcmp(h->method, "POST") == 0) {
        h->lib->set(h->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(h->body ? w->body.len : 0));
        h->lib->set(h->curl, CURLOPT_POSTFIELDS, h->body && w->body.data ? w->body.data : "");
    }
    if (strcmp(h->method, "HEAD") == 0)
        h->lib->set(h->curl, CURLOPT_NOBODY, 1L);
    else
        h->lib->set(h->curl, CURLOPT_CUSTOMREQUEST, h->method);
}

static void set_place(hop *h, const char *url)
{
    fc_web *w = h->w;
    h->lib->set(h->curl, CURLOPT_URL, url);
    if (!w->address) return;
    fc_buf to = {0};
    fc_buf_addf(&to, strchr(w->address, ':') ? "%s:%d:[%s]:%d" : "%s:%d:%s:%d", w->host, w->port, w->address,
                w->port);
    h->connect = h->lib->append(NULL, fc_buf_str(&to));
    h->lib->set(h->curl, CURLOPT_CONNECT_TO, h->connect);
    fc_buf_free(&to);
}

static void prepare(hop *h, const char *url, long ms)
{
    const fc_curl *lib = h->lib;
    set_place(h, url);
    set_method(h);
    set_lines(h);
    lib->set(h->curl, CURLOPT_PROTOCOLS_STR, h->w->internal ? "http,https" : "https");
    lib->set(h->curl, CURLOPT_PROXY, ""); /* one would resolve names in our place */
    lib->set(h->curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    lib->set(h->curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    lib->set(h->curl, CURLOPT_OPENSOCKETDATA, h->w);
    lib->set(h->curl, CURLOPT_HEADERFUNCTION, on_header);
    lib->set(h->curl, CURLOPT_HEADERDATA, h->w);
    lib->set(h->curl, CURLOPT_WRITEFUNCTION, on_bytes);
    lib->set(h->curl, CURLOPT_WRITEDATA, h->w);
    if (strcmp(h->method, "HEAD") != 0) lib->set(h->curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)FC_WEB_BODY);
    lib->set(h->curl, CURLOPT_TIMEOUT_MS, ms);
    lib->set(h->curl, CURLOPT_NOSIGNAL, 1L);
    lib->set(h->curl, CURLOPT_QUICK_EXIT, 1L); /* does not wait for a name server that says nothing */
    lib->set(h->curl, CURLOPT_USERAGENT, "forecourt/" FORECOURT_VERSION);
}

/* ---- one transfer */

static CURLcode until_done(hop *h, CURLM *multi)
{
    CURLMsg *m;
    int running = 1, left;
    while (!fc_web_aborted(h->w)) {
        if (h->lib->multi_perform(multi, &running)) return CURLE_OUT_OF_MEMORY;
        while ((m = h->lib->multi_info(multi, &left)))
            if (m->msg == CURLMSG_DONE) return m->data.result;
        if (!running) return CURLE_OUT_OF_MEMORY;
        if (h->lib->multi_poll(multi, NULL, 0, LOOK_MS, NULL)) return CURLE_OUT_OF_MEMORY;
    }
    return CURLE_ABORTED_BY_CALLBACK;
}

static void show_multi(fc_web *w, CURLM *multi)
{
    pthread_mutex_lock(&w->lock);
    w->multi = multi;
    pthread_mutex_unlock(&w->lock);
}

static CURLcode transfer(hop *h)
{
    CURLM *multi = h->lib->multi();
    if (!multi) return CURLE_OUT_OF_MEMORY;
    show_multi(h->w, multi);
    CURLcode code = CURLE_OUT_OF_MEMORY;
    if (!h->lib->multi_add(multi, h->curl)) {
        code = until_done(h, multi);
        h->lib->multi_remove(multi, h->curl);
    }
    show_multi(h->w, NULL);
    h->lib->multi_free(multi);
    return code;
}

static enum fc_web_code too_slow(fc_web *w)
{
    return fc_web_fail(w, FC_WEB_TIMEOUT, "%s:%d 在 %g 秒内没有答复：请稍后再试",
                       "%s:%d did not answer within %g s: try again later", w->host, w->port, w->ms / 1e3);
}

static enum fc_web_code judge(hop *h, CURLcode done)
{
    fc_web *w = h->w;
    if (done == CURLE_OK) return FC_WEB_OK;
    if (w->header_bytes > MOST_HEADERS_BACK)
        return fc_web_fail(w, FC_WEB_LIMIT, "%s:%d 的答复头超过 %u KiB",
                           "the headers of the answer of %s:%d are larger than %u KiB", w->host, w->port,
                           MOST_HEADERS_BACK >> 10);
    if (w->full || done == CURLE_FILESIZE_EXCEEDED)
        return fc_web_fail(w, FC_WEB_LIMIT, "%s:%d 的答复超过 %u MiB",
                           "the answer of %s:%d is larger than %u MiB", w->host, w->port, FC_WEB_BODY >> 20);
    if (w->inside)
        return fc_web_fail(
            w, FC_WEB_DENIED,
            "%s:%d 的地址在店内或本机，不能访问：确实需要时请把它写进 site.lua 的 internal_hosts",
            "%s:%d has an address of the house or of this machine and may not be reached: if it "
            "has to be, name it in internal_hosts in site.lua",
            w->host, w->port);
    switch (done) {
    case CURLE_OPERATION_TIMEDOUT:
        return too_slow(w);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return fc_web_fail(
            w, FC_WEB_TLS, "无法与 %s:%d 建立可信的加密连接（%s）：请检查它的证书和本机时间",
            "no trusted encrypted connection to %s:%d (%s): look at its certificate and at this "
            "machine's clock",
            w->host, w->port, h->lib->error(done));
    default:
        return fc_web_fail(w, FC_WEB_UNREACHABLE, "无法连接 %s:%d（%s）：请检查网络，稍后再试",
                           "%s:%d cannot be reached (%s): look at the network and try again later", w->host,
                           w->port, h->lib->error(done));
    }
}

/* ---- on and on */

static void forget_answer(fc_web *w)
{
    json_object_clear(w->headers);
    fc_buf_clear(&w->answer);
    w->header_bytes = 0;
}

/* Where the answer leads: a new text, NULL nowhere. */
static char *leads_to(const hop *h)
{
    char *to = NULL;
    const int s = h->w->status;
    if (s != 301 && s != 302 && s != 303 && s != 307 && s != 308) return NULL;
    return h->lib->info(h->curl, CURLINFO_REDIRECT_URL, &to) || !to ? NULL : fc_strdup(to);
}

/* The same server is the same name and port, and no less encrypted. */
static enum fc_web_code judge_redirect(hop *h, const char *from, const char *to)
{
    fc_web *w = h->w;
    char host[sizeof w->host];
    int port = w->port;
    memcpy(host, w->host, sizeof host);
    enum fc_web_code code = fc_web_judge_url(w, h->lib, to);
    bool same = !code && port == w->port && strcmp(host, w->host) == 0 &&
                strncasecmp(from, to, strcspn(from, "/")) == 0;
    if (same) return FC_WEB_OK;
    return fc_web_fail(w, FC_WEB_DENIED, "%s:%d 转到了别的服务器，没有跟去：请直接写最终的地址",
                       "%s:%d leads to another server, which was not followed: write the final address", host,
                       port);
}

static void next_method(hop *h)
{
    const int s = h->w->status;
    bool post = strcmp(h->method, "POST") == 0;
    if (s == 307 || s == 308 || strcmp(h->method, "HEAD") == 0 || (s != 303 && !post)) return;
    h->method = "GET";
    h->body = false;
}

static enum fc_web_code one(hop *h, const char *url, char **next)
{
    fc_web *w = h->w;
    int64_t ms = (w->until - fc_monotonic()) / 1000000;
    long status = 0;
    if (ms <= 0) return too_slow(w);
    h->curl = h->lib->init();
    forget_answer(w);
    if (!h->curl) return fc_web_fail(w, FC_WEB_UNREACHABLE, "内存不足", "not enough memory");
    prepare(h, url, (long)ms);
    enum fc_web_code code = judge(h, transfer(h));
    h->lib->info(h->curl, CURLINFO_RESPONSE_CODE, &status);
    w->status = (int)status;
    if (!code) *next = leads_to(h);
    h->lib->cleanup(h->curl);
    h->lib->free_list(h->lines);
    h->lib->free_list(h->connect);
    h->lines = h->connect = NULL;
    return code;
}

static enum fc_web_code follow(hop *h)
{
    char *url = fc_strdup(h->w->url), *next = NULL;
    enum fc_web_code code = FC_WEB_OK;
    for (int n = 0; !code; n++) {
        code = one(h, url, &next);
        if (code || !next) break;
        code = n < MOST_REDIRECTS
                   ? judge_redirect(h, url, next)
                   : fc_web_fail(h->w, FC_WEB_LIMIT, "%s:%d 转来转去，没有答复",
                                 "%s:%d leads in circles and does not answer", h->w->host, h->w->port);
        free(url);
        url = next;
        next = NULL;
        next_method(h);
    }
    free(url);
    return code;
}

void fc_web_run(fc_web *w)
{
    const fc_curl *lib = fc_curl_open(&w->err);
    hop h = {.w = w, .lib = lib, .method = w->method, .body = w->has_body};
    if (fc_web_aborted(w) || fc_web_judge(w)) return;
    w->headers = json_object();
    w->code = follow(&h);
}
