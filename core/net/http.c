/* The HTTP server: libmicrohttpd in epoll mode, without a thread of its own. Its epoll descriptor is one
 * descriptor of our loop; when that is readable, MHD_run does what is to be done and calls us back
 * (request.c).
 *
 * Closing: suspended connections are woken without an answer (MHD refuses to stop otherwise) and die;
 * requests whose handlers have not answered yet keep the fc_http alive until the last of them has. */
#include "net/internal.h"

#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* One pool a connection: 16 KiB of headers, what MHD notes of each, and the answer's headers. Not larger than
 * that: MHD clears all of it for every request (8 KiB more are 1 % of a small request). */
#define CONNECTION_MEMORY (24 * 1024)
#define CONNECTIONS 4096
#define OTHER_FILES 128 /* descriptors left for the store, uploads, mail */
#define IDLE_SECONDS 60

static void *on_uri(void *ctx, const char *uri, struct MHD_Connection *con)
{
    return req_begin(ctx, con, uri);
}

static enum MHD_Result on_access(void *ctx, struct MHD_Connection *con, const char *url, const char *method,
                                 const char *version, const char *data, size_t *size, void **req)
{
    (void)ctx, (void)con, (void)url, (void)version;
    return *req ? req_step(*req, method, data, size) : MHD_NO;
}

static void on_completed(void *ctx, struct MHD_Connection *con, void **req,
                         enum MHD_RequestTerminationCode why)
{
    (void)ctx, (void)con, (void)why;
    if (*req) req_completed(*req);
    *req = NULL;
}

/* We decode targets ourselves (uri.c); MHD's own decoding would cut at %00 and has forgotten what was
 * escaped. */
static size_t keep_escapes(void *ctx, struct MHD_Connection *con, char *text)
{
    (void)ctx, (void)con;
    return strlen(text);
}

static void on_mhd_log(void *ctx, const char *format, va_list args)
{
    (void)ctx;
    char line[512];
    vsnprintf(line, sizeof line, format, args);
    line[strcspn(line, "\n")] = 0;
    fc_log(FC_DEBUG, "http", "%s", line);
}

static void on_timer(void *ctx)
{
    fc_http *h = ctx;
    h->timer_at = 0;
    http_run(h);
}

static void on_sweep(void *ctx)
{
    fc_http *h = ctx;
    h->sweep_set = 0;
    req_watch_clients(h);
}

static void on_readable(void *ctx, int events)
{
    (void)events;
    http_run(ctx);
}

static int fail_bind(const fc_http_opts *o, int error, fc_err *err)
{
    switch (error) {
    case EADDRINUSE:
        return fc_fail(
            err, FC_ECONFLICT,
            "%s 的端口 %d 已被占用：请停止占用它的程序（ss -ltnp 可查看），或用 --listen 换一个端口",
            "%s: port %d is in use; stop the program that has it (ss -ltnp shows which) or choose another "
            "port with --listen",
            o->address, o->port);
    case EACCES:
        return fc_fail(err, FC_EDENIED, "%s 的端口 %d 不允许普通用户使用：请用 --listen 选择 1024 以上的端口",
                       "%s: port %d is reserved for the system; choose one above 1023 with --listen",
                       o->address, o->port);
    case EADDRNOTAVAIL:
        return fc_fail(err, FC_EINVAL,
                       "本机没有地址 %s（端口 %d）：请用 --listen 指定本机的地址，例如 127.0.0.1:%d",
                       "this machine has no address %s (port %d); name one of its own with --listen, such as "
                       "127.0.0.1:%d",
                       o->address, o->port, o->port);
    default:
        return fc_fail(err, FC_EIO, "无法在 %s 的端口 %d 上监听：%s", "cannot listen on %s, port %d: %s",
                       o->address, o->port, strerror(error));
    }
}

static int parse_address(const fc_http_opts *o, struct sockaddr_storage *out, socklen_t *n)
{
    struct sockaddr_in *v4 = (void *)out;
    struct sockaddr_in6 *v6 = (void *)out;
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, o->address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)o->port);
        *n = sizeof *v4;
        return 0;
    }
    if (inet_pton(AF_INET6, o->address, &v6->sin6_addr) != 1) return -1;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((uint16_t)o->port);
    *n = sizeof *v6;
    return 0;
}

/* Our own socket and not MHD's: MHD does not say why it could not listen. */
static int open_socket(const fc_http_opts *o, int *out, int *port, fc_err *err)
{
    struct sockaddr_storage address;
    socklen_t n;
    if (o->port < 0 || o->port > 65535 || parse_address(o, &address, &n) != 0)
        return fc_fail(
            err, FC_EINVAL, "“%s”（端口 %d）不是可以监听的地址：请写成 127.0.0.1:8080 或 [::1]:8080 的形式",
            "\"%s\" (port %d) is no address to listen on; write it like 127.0.0.1:8080 or [::1]:8080",
            o->address, o->port);
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return fail_bind(o, errno, err);
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
               sizeof on); /* a restart need not wait for old connections */
    if (bind(fd, (struct sockaddr *)&address, n) != 0 || listen(fd, SOMAXCONN) != 0) {
        int error = errno;
        close(fd);
        return fail_bind(o, error, err);
    }
    getsockname(fd, (struct sockaddr *)&address, &n);
    *port = ntohs(address.ss_family == AF_INET ? ((struct sockaddr_in *)&address)->sin_port
                                               : ((struct sockaddr_in6 *)&address)->sin6_port);
    *out = fd;
    return 0;
}

static unsigned connections(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= CONNECTIONS + OTHER_FILES)
        return CONNECTIONS;
    return files.rlim_cur > 2 * OTHER_FILES ? (unsigned)files.rlim_cur - OTHER_FILES : OTHER_FILES;
}

static struct MHD_Daemon *start(fc_http *h, int fd)
{
    unsigned flags =
        MHD_USE_EPOLL | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
        MHD_USE_SUPPRESS_DATE_NO_CLOCK; /* http_date is reckoned once a second, MHD's for each answer */
    return MHD_start_daemon(flags, 0, NULL, NULL, on_access, h,                            //
                            MHD_OPTION_EXTERNAL_LOGGER, on_mhd_log, NULL,                  //
                            MHD_OPTION_LISTEN_SOCKET, fd,                                  //
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, //
                            MHD_OPTION_CONNECTION_LIMIT, connections(),                    //
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,         //
                            MHD_OPTION_URI_LOG_CALLBACK, on_uri, h,                        //
                            MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,              //
                            MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,                  //
                            MHD_OPTION_STRICT_FOR_CLIENT, 1,                               //
                            MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,                          //
                            MHD_OPTION_END);
}

int fc_http_socket(const fc_http_opts *opts, int *fd, int *port, fc_err *err)
{
    return open_socket(opts, fd, port, err);
}

int fc_http_listen(fc_loop *l, const fc_http_opts *opts, fc_http_fn fn, void *ctx, fc_http **out, fc_err *err)
{
    int fd = -1, port = 0;
    int code = opts->socket ? FC_OK : open_socket(opts, &fd, &port, err);
    if (code) return code;
    if (opts->socket) {
        fd = opts->socket;
        port = opts->port;
    }
    fc_http *h = fc_alloc(sizeof *h);
    h->loop = l;
    h->fn = fn;
    h->ctx = ctx;
    h->port = port;
    h->upload_dir = fc_strdup(opts->upload_dir ? opts->upload_dir : "/tmp");
    h->daemon = start(h, fd);
    if (!h->daemon) {
        code = fc_fail(err, FC_EIO, "HTTP 服务无法启动：%s", "the HTTP server cannot start: %s",
                       strerror(errno));
        close(fd);
        free(h->upload_dir);
        free(h);
        return code;
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    h->timer = fc_timer_new(l, on_timer, h);
    h->sweep = fc_timer_new(l, on_sweep, h);
    h->poll = fc_poll_new(l, info->epoll_fd, 1, on_readable, h);
    http_run(h); /* puts the listening socket into the epoll set */
    *out = h;
    return 0;
}

int fc_http_port(const fc_http *h)
{
    return h->port;
}

void fc_http_quiet(fc_http *h)
{
    MHD_socket fd = MHD_quiesce_daemon(h->daemon);
    if (fd >= 0) close(fd);
    h->quiet = 1;
}

int fc_http_busy(const fc_http *h)
{
    return h->open != NULL;
}

void fc_http_close(fc_http *h)
{
    if (!h) return;
    fc_poll_free(h->poll);
    fc_timer_free(h->timer);
    fc_timer_free(h->sweep);
    for (fc_req *r = h->open; r; r = r->next)
        if (r->stage == REQ_WAITING && r->con) MHD_resume_connection(r->con);
    MHD_stop_daemon(h->daemon);
    h->closed = 1;
    http_released(h);
}
