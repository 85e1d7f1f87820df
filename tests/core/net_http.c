/* Requests, late answers, clients that leave, listening. */
#include "net_client.h"

/* ---- requests */

static void a_get(void **state)
{
    (void)state;
    const char *answer = get("/nanjing/calls?day=2026-11-21&q=%E5%AE%81+A&empty=&flag");
    assert_int_equal(status(answer), 200);
    has(answer, "\r\n\r\nhello");
    has(answer, "\r\nContent-Type: text/plain\r\n");
    has(answer, "\r\nDate: ");
    heard_is("GET /nanjing/calls ?day=2026-11-21;?q=宁 A;?empty=;?flag=;");
}

static void headers_and_cookies(void **state)
{
    (void)state;
    ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-One: 中\r\nCookie: a=1; xsid=no; sid=\"q=1\" ; "
        "b=2\r\n\r\n");
    heard_is("GET / {q=1}<中>");
    ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: sid=\r\n\r\n");
    heard_is("GET / {}");
    has(get("/remote"), "\r\n\r\n127.0.0.1");
}

static void security_headers_on_every_answer(void **state)
{
    (void)state;
    const char *targets[] = {"/", "/file", "/%ff", "/nofile"};
    for (int i = 0; i < 4; i++) {
        const char *answer = get(targets[i]);
        has(answer, "\r\nContent-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; ");
        has(answer, "frame-ancestors 'none'; base-uri 'none'\r\n");
        has(answer, "\r\nX-Content-Type-Options: nosniff\r\n");
        has(answer, "\r\nReferrer-Policy: no-referrer\r\n");
        has(answer, "\r\nCross-Origin-Opener-Policy: same-origin\r\n");
        has(answer, "\r\nCross-Origin-Resource-Policy: same-origin\r\n");
        has(answer, "\r\nPermissions-Policy: ");
        has(answer, "\r\nCache-Control: no-store\r\n");
    }
}

static void header_injection_is_refused(void **state)
{
    (void)state;
    const char *answer = get("/headers");
    assert_int_equal(status(answer), 200);
    has_not(answer, "evil");
    has_not(answer, "Location");
    has_not(answer, "X-Bad");
    has(answer, "\r\nX-Good: 中文 1\r\n");
    has(answer, "\r\nCache-Control: max-age=60\r\n");
    has_not(answer, "no-store");
}

static void head_is_get_without_body(void **state)
{
    (void)state;
    const char *answer = ask("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_int_equal(status(answer), 200);
    has(answer, "\r\nContent-Length: 5\r\n");
    has_not(answer, "hello");
    heard_is("GET / ");
}

static void methods(void **state)
{
    (void)state;
    assert_int_equal(status(ask("DELETE /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")), 200);
    heard_is("DELETE /a ");
    assert_int_equal(status(ask("BREW /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")), 501);
    assert_int_equal(handled, 0);
    assert_int_equal(status(ask("TRACE /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")), 501);
    assert_int_equal(status(ask("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")), 400);
}

static void bad_paths(void **state)
{
    (void)state;
    const char *bad[] = {"/..%2fetc", "/a/../b",    "/a/..",  "/%2e%2e/", "/.",    "/a/./b",   "//a",
                         "/a//b",     "/a%00b",     "/%ff",   "/%c0%af",  "/%zz",  "/a%",      "/a%2",
                         "a",         "/%0d%0aX:1", "/%2f/a", "/%e4%bd",  "/a%7f", "http://x", "?x=1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int code = status(get(bad[i]));
        if (strcmp(bad[i], "http://x") == 0)
            assert_int_equal(code, 200);
        else
            assert_int_equal(code, 400);
        assert_int_equal(handled, code == 200);
    }
    const char *good[][2] = {{"/a/..b/...", "/a/..b/..."}, {"/%E5%AE%81", "/宁"},  {"/a%2fb", "/a/b"},
                             {"/%252e", "/%2e"},           {"http://x/a?b", "/a"}, {"/a+b", "/a+b"}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(status(get(good[i][0])), 200);
        has(fc_buf_str(&heard), good[i][1]);
    }
}

static void bad_utf8_everywhere(void **state)
{
    (void)state;
    assert_int_equal(status(get("/?a=%ff")), 400);
    assert_int_equal(status(get("/?%ed%a0%80=1")), 400); /* a surrogate */
    assert_int_equal(status(get("/?a=%e0%80%af")), 400); /* a slash, longer than need be */
    assert_int_equal(status(get("/?a=%f0%80%80%af")), 400);
    assert_int_equal(status(get("/?a=%f4%90%80%80")), 400);
    assert_int_equal(status(get("/?a=%00")), 400);
    assert_int_equal(status(get("/?a=%f5%80%80%80")), 400);
    assert_int_equal(status(post("application/x-www-form-urlencoded", "a=%E4%BD", 8)), 400);
    assert_int_equal(status(post("application/x-www-form-urlencoded", "a=\xE4\xBD", 4)), 400);
    assert_int_equal(status(ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-One: \xff\r\n\r\n")),
                     400);
    assert_int_equal(handled, 0);
    assert_int_equal(status(get("/?a=%F0%9F%98%80&b=100%")), 200);
    heard_is("GET / ?a=😀;?b=100%;");
}

static void bytes_one_by_one(void **state)
{
    (void)state;
    const char *text = "POST /p?q=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-One: v\r\n"
                       "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\na=b&c=d";
    char single[256][2];
    const char *pieces[257] = {NULL};
    for (size_t i = 0; text[i]; i++) {
        single[i][0] = text[i];
        single[i][1] = 0;
        pieces[i] = single[i];
    }
    assert_int_equal(status(run_client((struct client){.pieces = pieces})), 200);
    heard_is("POST /p ?q=1;a=b;c=d;(a=b&c=d)<v>");
}

static void kept_alive_and_pipelined(void **state)
{
    (void)state;
    const char *answer =
        ask("GET /1?a=1 HTTP/1.1\r\nHost: x\r\nCookie: sid=1\r\n\r\n"
            "POST /2 HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc"
            "GET /late HTTP/1.1\r\nHost: x\r\n\r\n"
            "GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_int_equal(handled, 4);
    heard_is("GET /1 ?a=1;{1}POST /2 (abc)GET /late GET /3 ");
    int count = 0;
    for (const char *at = answer; (at = strstr(at, "HTTP/1.1 200")); at++)
        count++;
    assert_int_equal(count, 4);
    has(answer, "\r\n\r\nlateHTTP/1.1");
}

/* Two hosts, or a target of another host, mean two readers who do not agree on whose request it is. */
static void hosts(void **state)
{
    (void)state;
    assert_int_equal(status(ask("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\nConnection: close\r\n\r\n")), 400);
    assert_int_equal(status(ask("GET / HTTP/1.1\r\nHost: x\r\nhost: evil\r\nConnection: close\r\n\r\n")),
                     400);
    assert_int_equal(status(ask("GET http://evil/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")), 421);
    assert_int_equal(status(ask("GET http://x:81/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")), 421);
    assert_int_equal(status(ask("GET http://x@evil/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")), 421);
    assert_int_equal(status(ask("GET http://evil?a=/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")),
                     421);
    assert_int_equal(status(ask("GET HTTP://X:80/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")), 200);
    assert_int_equal(status(ask("GET http://x:8080/a HTTP/1.1\r\nHost: x:8080\r\nConnection: close\r\n\r\n")),
                     200);
}

static void smuggling(void **state)
{
    (void)state;
    assert_int_not_equal(status(ask("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n"
                                    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")),
                         200);
    assert_int_equal(handled, 0);
    assert_int_not_equal(status(ask("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n"
                                    "Content-Length: 4\r\n\r\nabcd")),
                         200);
    assert_int_equal(handled, 0);
    assert_int_not_equal(status(ask("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")), 200); /* no Host */
    assert_int_equal(handled, 0);
}

/* ---- late answers and clients that leave */

static void a_late_answer(void **state)
{
    (void)state;
    has(get("/late"), "\r\n\r\nlate");
    assert_int_equal(gone, 0);
    for (int i = 0; i < 20; i++)
        has(get("/late"), "\r\n\r\nlate");
}

static void the_second_answer_is_dropped(void **state)
{
    (void)state;
    const char *answer = get("/twice");
    has(answer, "\r\n\r\nhello");
    has_not(answer, "again");
}

static void the_client_leaves(void **state)
{
    (void)state;
    const char *text = "GET /never HTTP/1.1\r\nHost: x\r\n\r\n";
    run_client((struct client){.bytes = text, .n = strlen(text), .leave = 1});
    assert_int_equal(gone, 1);
    assert_non_null(waiting);
    fc_req_answer(waiting, 200, "text/plain", "nobody", 6);
    assert_int_equal(status(get("/")), 200);
    assert_int_equal(gone, 1);
}

static void closing_over_an_unanswered_request(void **state)
{
    (void)state;
    answer_when_gone = 0;
    const char *text = "GET /never HTTP/1.1\r\nHost: x\r\n\r\n";
    pthread_t thread;
    last = (struct client){.bytes = text, .n = strlen(text)};
    fc_timer *end = fc_timer_new(l, (void (*)(void *))fc_loop_stop, l);
    fc_timer_set(end, 50, 0);
    pthread_create(&thread, NULL, client, &last);
    fc_loop_run(l, 0);
    assert_non_null(waiting);
    fc_http_close(h);
    assert_int_equal(gone, 1);
    assert_string_equal(fc_req_path(waiting), "/never"); /* still its handler's */
    fc_req_answer(waiting, 200, "text/plain", "nobody", 6);
    pthread_join(thread, NULL);
    assert_int_equal(last.answer.len, 0);
    fc_timer_free(end);
    fc_http_opts o = {.address = "127.0.0.1", .upload_dir = dir};
    assert_int_equal(fc_http_listen(l, &o, handler, &handled, &h, NULL), 0);
}

/* ---- listening */

static void a_used_port(void **state)
{
    (void)state;
    fc_http *other;
    fc_err err;
    fc_http_opts o = {.address = "127.0.0.1", .port = fc_http_port(h), .upload_dir = dir};
    assert_int_equal(fc_http_listen(l, &o, handler, NULL, &other, &err), FC_ECONFLICT);
    char port[16];
    snprintf(port, sizeof port, "%d", o.port);
    has(err.text[FC_ZH], port);
    has(err.text[FC_EN], port);
    has(err.text[FC_ZH], "--listen");
    has(err.text[FC_EN], "--listen");
}

static void bad_addresses(void **state)
{
    (void)state;
    fc_http *other;
    fc_err err;
    fc_http_opts o = {.address = "nowhere", .port = 8080, .upload_dir = dir};
    assert_int_equal(fc_http_listen(l, &o, handler, NULL, &other, &err), FC_EINVAL);
    has(err.text[FC_EN], "nowhere");
    o = (fc_http_opts){.address = "127.0.0.1", .port = 70000, .upload_dir = dir};
    assert_int_equal(fc_http_listen(l, &o, handler, NULL, &other, &err), FC_EINVAL);
    o = (fc_http_opts){.address = "203.0.113.7", .port = 0, .upload_dir = dir};
    assert_int_equal(fc_http_listen(l, &o, handler, NULL, &other, &err), FC_EINVAL);
    has(err.text[FC_EN], "203.0.113.7");
}

int main(void)
{
    fc_log_level(FC_ERROR + 1); /* some of the requests are meant to be logged */
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_get),
        T(headers_and_cookies),
        T(security_headers_on_every_answer),
        T(header_injection_is_refused),
        T(head_is_get_without_body),
        T(methods),
        T(bad_paths),
        T(bad_utf8_everywhere),
        T(bytes_one_by_one),
        T(kept_alive_and_pipelined),
        T(smuggling),
        T(hosts),
        T(a_late_answer),
        T(the_second_answer_is_dropped),
        T(the_client_leaves),
        T(closing_over_an_unanswered_request),
        T(a_used_port),
        T(bad_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
