#include "pack/fetch.h"
#include "base/curl.h"

#include <string.h>
#include <strings.h>

#define CONNECT_SECONDS 15L
#define WHOLE_SECONDS 600L
#define SLOW_BYTES 100L /* a second, for a minute: the server hangs */

int fc_fetch_is_url(const char *place)
{
    return strncasecmp(place, "http://", 7) == 0 || strncasecmp(place, "https://", 8) == 0;
}

void fc_fetch_join(const char *place, const char *name, fc_buf *out)
{
    size_t n = strlen(place);
    while (n > 1 && place[n - 1] == '/')
        n--;
    fc_buf_addf(out, "%.*s/%s", (int)n, place, name);
}

struct receiving {
    fc_buf *out;
    size_t max;
    int full;
};

static size_t on_bytes(char *bytes, size_t size, size_t count, void *ctx)
{
    struct receiving *r = ctx;
    size_t n = size * count;
    r->full |= n > r->max - r->out->len;
    if (r->full) return 0;
    fc_buf_add(r->out, bytes, n);
    return n;
}

static void prepare(const fc_curl *lib, CURL *curl, const char *url, struct receiving *r)
{
    lib->set(curl, CURLOPT_URL, url);
    lib->set(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    lib->set(curl, CURLOPT_REDIR_PROTOCOLS_STR, strncasecmp(url, "https:", 6) == 0 ? "https" : "http,https");
    lib->set(curl, CURLOPT_FOLLOWLOCATION, 1L);
    lib->set(curl, CURLOPT_MAXREDIRS, 5L);
    lib->set(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    lib->set(curl, CURLOPT_TIMEOUT, WHOLE_SECONDS);
    lib->set(curl, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
    lib->set(curl, CURLOPT_LOW_SPEED_TIME, 60L);
    lib->set(curl, CURLOPT_NOSIGNAL, 1L);
    lib->set(curl, CURLOPT_USERAGENT, "forecourt/" FORECOURT_VERSION);
    lib->set(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    lib->set(curl, CURLOPT_WRITEDATA, r);
}

static int judge(const fc_curl *lib, CURL *curl, CURLcode done, const char *url, const struct receiving *r,
                 fc_err *err)
{
    long status = 0;
    lib->info(curl, CURLINFO_RESPONSE_CODE, &status);
    if (r->full)
        return fc_fail(err, FC_ELIMIT, "%s: 超过 %zu 字节的上限", "%s: larger than the limit of %zu bytes",
                       url, r->max);
    if (done != CURLE_OK)
        return fc_fail(err, FC_EIO, "%s: 无法取得（%s）：请检查地址和网络",
                       "%s: cannot be fetched (%s): look at the address and the network", url,
                       lib->error(done));
    if (status == 200) return FC_OK;
    return fc_fail(err, status == 404 ? FC_ENOTFOUND : FC_EIO, "%s: 服务器回答 %ld：请检查地址",
                   "%s: the server answers %ld: look at the address", url, status);
}

static int fetch_url(const char *url, size_t max, fc_buf *out, fc_err *err)
{
    struct receiving r = {out, max, 0};
    const fc_curl *lib = fc_curl_open(err);
    if (!lib) return fc_wrap(err, url);
    CURL *curl = lib->init();
    if (!curl) return fc_fail(err, FC_ENOMEM, "内存不足", "not enough memory");
    prepare(lib, curl, url, &r);
    int rc = judge(lib, curl, lib->perform(curl), url, &r, err);
    lib->cleanup(curl);
    return rc;
}

int fc_fetch(const char *place, size_t max, fc_buf *out, fc_err *err)
{
    return fc_fetch_is_url(place) ? fetch_url(place, max, out, err) : fc_read_file(place, max, out, err);
}
