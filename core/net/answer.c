/* Answers. The bytes are copied once, into the response; the headers that protect the browser are on every
 * answer made here, also on our own refusals. (What MHD refuses itself, a request it cannot even read, has no
 * content and no headers of ours.) A header with a line break is dropped and said in the log: it would be a
 * second answer. */
#include "net/internal.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct extra protection[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
     "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
};

static int breaks_line(const char *text)
{
    for (const unsigned char *s = (const unsigned char *)text; *s; s++)
        if (*s < 0x20 || *s == 0x7F) return 1;
    return 0;
}

void fc_req_add_header(fc_req *r, const char *name, const char *value)
{
    if (!*name || breaks_line(name) || strpbrk(name, " :") || breaks_line(value)) {
        fc_log(FC_ERROR, "http",
               fc_say("没有发送标头 %s：名称或值含控制字符",
                      "the header %s was left away: its name or value has a control character"),
               name);
        return;
    }
    if (r->extra_count == r->extra_cap) {
        r->extra_cap = r->extra_cap ? r->extra_cap * 2 : 8;
        r->extra = fc_realloc(r->extra, (size_t)r->extra_cap * sizeof *r->extra);
    }
    if (strcasecmp(name, "cache-control") == 0) r->has_cache_control = 1;
    r->extra[r->extra_count++] =
        (struct extra){req_copy(r, name, strlen(name)), req_copy(r, value, strlen(value))};
}

static void add_headers(fc_req *r, const char *type)
{
    struct MHD_Response *response = r->response;
    MHD_add_response_header(response, "Date", http_date(r->http));
    if (type) MHD_add_response_header(response, "Content-Type", type);
    if (!r->has_cache_control) MHD_add_response_header(response, "Cache-Control", "no-store");
    for (size_t i = 0; i < sizeof protection / sizeof *protection; i++)
        MHD_add_response_header(response, protection[i].name, protection[i].value);
    for (int i = 0; i < r->extra_count; i++)
        MHD_add_response_header(response, r->extra[i].name, r->extra[i].value);
    if (r->http->quiet) MHD_add_response_header(response, "Connection", "close");
}

/* The response exists. Inside the handler the caller of the handler sends it; later the connection is woken
 * for it. */
static void ready(fc_req *r, int status)
{
    int late = r->stage == REQ_WAITING;
    r->status = status;
    r->stage = REQ_ANSWERED;
    r->gone = NULL;
    if (!late) return;
    fc_poll_free(r->gone_poll);
    r->gone_poll = NULL;
    if (r->con) {
        MHD_resume_connection(r->con);
        http_wake(r->http);
    } else {
        req_free(r);
    }
}

static int answered_before(const fc_req *r)
{
    if (r->stage != REQ_ANSWERED && r->stage != REQ_SENDING) return 0;
    fc_log(FC_ERROR, "http",
           fc_say("%s %s 回答了两次，第二次不发送", "%s %s was answered twice; the second answer is dropped"),
           r->method, r->path);
    return 1;
}

void fc_req_answer(fc_req *r, int status, const char *type, const void *bytes, size_t n)
{
    if (answered_before(r)) return;
    if (r->con) {
        r->response = MHD_create_response_from_buffer(n, (void *)(uintptr_t)bytes, MHD_RESPMEM_MUST_COPY);
        add_headers(r, type);
    }
    ready(r, status);
}

static int fail_file(const char *path, int error, fc_err *err)
{
    if (error == ENOENT || error == ENOTDIR || error == EISDIR)
        return fc_fail(err, FC_ENOTFOUND, "没有文件 %s", "there is no file %s", path);
    return fc_fail(err, error == EACCES ? FC_EDENIED : FC_EIO, "无法读取文件 %s：%s",
                   "the file %s cannot be read: %s", path, strerror(error));
}

/* Where the handler allows the browser to keep a file, a tag tells the versions apart, and who has this one
 * gets 304. */
static int has_it_already(fc_req *r, const struct stat *st)
{
    char tag[64];
    snprintf(tag, sizeof tag, "\"%llx-%llx\"", (unsigned long long)st->st_size,
             (unsigned long long)st->st_mtim.tv_sec * 1000000000ULL +
                 (unsigned long long)st->st_mtim.tv_nsec);
    fc_req_add_header(r, "ETag", tag);
    const char *known = fc_req_header(r, "If-None-Match");
    return known && strstr(known, tag) != NULL;
}

/* Not sendfile: a signal (the watchdog's ticks every 2 ms) cuts it short while the socket could take more,
 * the library then waits for an edge that never comes, and the browser waits with it until the connection
 * times out. */
static ssize_t read_file(void *ctx, uint64_t at, char *out, size_t n)
{
    ssize_t got = pread((int)(intptr_t)ctx, out, n, (off_t)at);
    return got > 0 ? got : got == 0 ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void close_file(void *ctx)
{
    close((int)(intptr_t)ctx);
}

static struct MHD_Response *from_file(int fd, uint64_t size)
{
    return MHD_create_response_from_callback(size, 64 * 1024, read_file, (void *)(intptr_t)fd, close_file);
}

int fc_req_answer_file(fc_req *r, const char *path, const char *type, fc_err *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe of that name must not hold the loop */
    if (fd < 0) return fail_file(path, errno, err);
    int error = fstat(fd, &st) != 0 ? errno : S_ISREG(st.st_mode) ? 0 : EISDIR;
    if (error || answered_before(r) || !r->con) {
        close(fd);
        if (error) return fail_file(path, error, err);
        if (!r->con) ready(r, MHD_HTTP_OK);
        return 0;
    }
    if (r->has_cache_control && has_it_already(r, &st)) {
        close(fd);
        fc_req_answer(r, MHD_HTTP_NOT_MODIFIED, NULL, "", 0);
        return 0;
    }
    r->response = from_file(fd, (uint64_t)st.st_size);
    add_headers(r, type);
    ready(r, MHD_HTTP_OK);
    return 0;
}

static const char *refusal(int status)
{
    switch (status) {
    case MHD_HTTP_CONTENT_TOO_LARGE:
        return "提交的内容过大：表单最多 1 MiB、10000 项，单个文件最多 64 MiB。请拆分后再提交。\n"
               "This is too large: a form may have 1 MiB and 10,000 fields, a file 64 MiB. Split it and send "
               "it again.\n";
    case MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE:
        return "请求头过大。\nThe headers are too large.\n";
    case MHD_HTTP_MISDIRECTED_REQUEST:
        return "请求的地址属于另一台主机。\nThe address asked for is another host's.\n";
    case MHD_HTTP_NOT_IMPLEMENTED:
        return "不支持这种请求方法。\nThis request method is not known here.\n";
    case MHD_HTTP_INTERNAL_SERVER_ERROR:
        return "文件没有保存成功，请联系管理员查看日志。\nThe file could not be kept; ask the administrator "
               "to look into the log.\n";
    default:
        return "请求的格式不正确：地址、请求头和表单必须是 UTF-8 文本，且不含 “..”。\n"
               "This request is not well formed: address, headers and form must be UTF-8 text without "
               "\"..\".\n";
    }
}

void answer_refusal(fc_req *r)
{
    const char *text = refusal(r->refused);
    fc_req_answer(r, r->refused, "text/plain; charset=utf-8", text, strlen(text));
}
