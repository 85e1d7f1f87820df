/* A server with a handler that writes down what it sees, and a client that is a thread with a real socket: it
 * sends bytes as they stand and keeps what it reads. What is asserted is asserted after the client has ended.
 */
#ifndef NET_CLIENT_H
#define NET_CLIENT_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/log.h"
#include "net/http.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static fc_loop *l;
static fc_http *h;
static char dir[64];
static fc_buf heard; /* what the handler saw, as text */
static int handled;

/* ---- the handler: writes down what it sees, answers as the path says */

static void hear_field(void *ctx, const fc_field *f)
{
    (void)ctx;
    fc_buf_addf(&heard, "%s%s=%.*s", f->from_query ? "?" : "", f->name, (int)f->value_len, f->value);
    if (f->path) {
        fc_buf bytes = {0};
        assert_int_equal(fc_read_file(f->path, 100 << 20, &bytes, NULL), 0);
        fc_buf_addf(&heard, "[%s %s %zu", f->filename, f->type ? f->type : "-", bytes.len);
        if (bytes.len < 50) fc_buf_addf(&heard, " %s", fc_buf_str(&bytes));
        fc_buf_adds(&heard, "]");
        fc_buf_free(&bytes);
    }
    fc_buf_adds(&heard, ";");
}

static fc_req *waiting;
static fc_timer *timer;
static int gone, answer_when_gone;

static void answer_late(void *ctx)
{
    (void)ctx;
    fc_req_answer(waiting, 200, "text/plain", "late", 4);
    waiting = NULL;
}

static void on_gone(void *ctx)
{
    (void)ctx;
    gone++;
    if (answer_when_gone)
        fc_timer_set(timer, 1, 0);
    else
        fc_loop_stop(l);
}

static void keep_one(void *ctx, const fc_field *f)
{
    if (f->path) assert_int_equal(rename(f->path, ctx), 0);
}

static void answer_file(fc_req *r, const char *path)
{
    fc_err err;
    int code = fc_req_answer_file(r, path, "text/plain; charset=utf-8", &err);
    if (code) fc_req_answer(r, code == FC_ENOTFOUND ? 404 : 500, "text/plain", "no", 2);
}

static void handler(void *ctx, fc_req *r)
{
    assert_ptr_equal(ctx, &handled);
    handled++;
    const char *path = fc_req_path(r);
    size_t n;
    const char *body = fc_req_body(r, &n);
    fc_buf_addf(&heard, "%s %s ", fc_req_method(r), path);
    fc_req_fields(r, hear_field, NULL);
    if (n && n < 100) fc_buf_addf(&heard, "(%s)", body);
    if (fc_req_cookie(r, "sid")) fc_buf_addf(&heard, "{%s}", fc_req_cookie(r, "sid"));
    if (fc_req_header(r, "x-one")) fc_buf_addf(&heard, "<%s>", fc_req_header(r, "X-One"));
    if (strcmp(path, "/late") == 0 || strcmp(path, "/never") == 0) {
        waiting = r;
        fc_req_on_gone(r, on_gone, NULL);
        if (strcmp(path, "/late") == 0) fc_timer_set(timer, 20, 0);
        return;
    }
    if (strcmp(path, "/headers") == 0) {
        fc_req_add_header(r, "Location", "/a\r\nSet-Cookie: evil=1");
        fc_req_add_header(r, "X-Bad\r\nY", "1");
        fc_req_add_header(r, "X-Good", "中文 1");
        fc_req_add_header(r, "Cache-Control", "max-age=60");
    }
    if (strcmp(path, "/cached") == 0) {
        fc_req_add_header(r, "Cache-Control", "max-age=60");
        path = "/file";
    }
    if (strcmp(path, "/keep") == 0) {
        char kept[80];
        snprintf(kept, sizeof kept, "%s/kept", dir);
        fc_req_fields(r, keep_one, kept);
    }
    if (strcmp(path, "/file") == 0)
        answer_file(r, SOURCE_DIR "/.clang-format");
    else if (strcmp(path, "/nofile") == 0)
        answer_file(r, "/no/such/file");
    else if (strcmp(path, "/folder") == 0)
        answer_file(r, "/tmp");
    else if (strcmp(path, "/remote") == 0)
        fc_req_answer(r, 200, "text/plain", fc_req_remote(r), strlen(fc_req_remote(r)));
    else
        fc_req_answer(r, 200, "text/plain", "hello", 5);
    if (strcmp(path, "/twice") == 0) fc_req_answer(r, 200, "text/plain", "again", 5);
}

/* ---- the client */

struct client {
    const char *const *pieces; /* sent one by one, 5 ms apart; NULL ends */
    const char *bytes;         /* or one block */
    size_t n;
    int leave; /* close after sending, without reading */
    fc_buf answer;
};

static int dial(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)fc_http_port(h))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct timeval patience = {.tv_sec = 5};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) abort();
    return fd;
}

static void say(int fd, const char *bytes, size_t n)
{
    while (n) {
        ssize_t k = send(fd, bytes, n, MSG_NOSIGNAL);
        if (k <= 0) return;
        bytes += k;
        n -= (size_t)k;
    }
}

static void *client(void *ctx)
{
    struct client *c = ctx;
    int fd = dial();
    if (c->bytes) say(fd, c->bytes, c->n);
    for (int i = 0; c->pieces && c->pieces[i]; i++) {
        if (i) usleep(5000);
        say(fd, c->pieces[i], strlen(c->pieces[i]));
    }
    if (c->leave) usleep(30000);
    char bytes[65536];
    ssize_t k;
    while (!c->leave && (k = recv(fd, bytes, sizeof bytes, 0)) > 0)
        fc_buf_add(&c->answer, bytes, (size_t)k);
    close(fd);
    if (!c->leave) fc_loop_stop(l);
    return NULL;
}

static struct client last;

static const char *run_client(struct client c)
{
    pthread_t thread;
    fc_buf_free(&last.answer);
    fc_buf_clear(&heard);
    handled = 0;
    last = c;
    assert_int_equal(pthread_create(&thread, NULL, client, &last), 0);
    fc_loop_run(l, 0);
    pthread_join(thread, NULL);
    return fc_buf_str(&last.answer);
}

static inline const char *ask(const char *bytes)
{
    return run_client((struct client){.bytes = bytes, .n = strlen(bytes)});
}

/* GET with a connection that closes: the answer is all that is read. */
static inline const char *get(const char *target)
{
    char text[4096];
    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", target);
    return ask(text);
}

static inline const char *post(const char *type, const char *body, size_t n)
{
    fc_buf b = {0};
    fc_buf_addf(
        &b,
        "POST /p HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
        type, n);
    fc_buf_add(&b, body, n);
    const char *answer = run_client((struct client){.bytes = b.data, .n = b.len});
    fc_buf_free(&b);
    return answer;
}

static int status(const char *answer)
{
    return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}

static inline int files_left(void)
{
    int count = 0;
    DIR *list = opendir(dir);
    for (struct dirent *e; (e = readdir(list));)
        count += e->d_name[0] != '.';
    closedir(list);
    return count;
}

static int setup(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/fc-http-XXXXXX");
    assert_non_null(mkdtemp(dir));
    gone = answer_when_gone = 0;
    waiting = NULL;
    assert_int_equal(fc_loop_new(&l, NULL), 0);
    timer = fc_timer_new(l, answer_late, NULL);
    fc_http_opts o = {.address = "127.0.0.1", .upload_dir = dir};
    return fc_http_listen(l, &o, handler, &handled, &h, NULL);
}

static int teardown(void **state)
{
    (void)state;
    fc_http_close(h);
    fc_timer_free(timer);
    fc_loop_free(l);
    fc_buf_free(&heard);
    fc_buf_free(&last.answer);
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

#define heard_is(text) assert_string_equal(fc_buf_str(&heard), text)
#define has(text, part) assert_non_null(strstr(text, part))
#define has_not(text, part) assert_null(strstr(text, part))
#endif
