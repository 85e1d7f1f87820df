/* Bodies: forms, multiparts, uploads, files sent, and the limits of all. */
#include "net_client.h"

static void a_form(void **state)
{
    (void)state;
    const char *form = "a=1&b=x%20y+z&a=2&=3&&c";
    assert_int_equal(status(post("application/x-www-form-urlencoded; charset=UTF-8", form, strlen(form))),
                     200);
    heard_is("POST /p a=1;b=x y z;a=2;=3;c=;(a=1&b=x%20y+z&a=2&=3&&c)");
}

static void any_other_body(void **state)
{
    (void)state;
    assert_int_equal(status(post("application/json", "{\"a\":1}", 7)), 200);
    heard_is("POST /p ({\"a\":1})");
    assert_int_equal(
        status(ask("POST /p HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")),
        200);
    heard_is("POST /p (abcde)");
}

/* ---- limits */

static void a_body_too_large(void **state)
{
    (void)state;
    size_t n = 3 << 20;
    char *body = fc_alloc(n + 1);
    memset(body, 'a', n);
    const char *answer = post("text/plain", body, n);
    assert_int_equal(status(answer), 413);
    has(answer, "64 MiB");
    assert_int_equal(handled, 0);
    assert_int_equal(status(post("application/x-www-form-urlencoded", body, n)), 413);
    assert_int_equal(status(post("text/plain", body, 1 << 20)), 200);
    assert_int_equal(status(post("text/plain", body, (1 << 20) + 1)), 413);
    free(body);
}

static void a_chunked_body_too_large(void **state)
{
    (void)state;
    fc_buf b = {0};
    fc_buf_adds(&b, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
    char block[4096];
    memset(block, 'a', sizeof block);
    for (int i = 0; i < 300; i++) {
        fc_buf_adds(&b, "1000\r\n");
        fc_buf_add(&b, block, sizeof block);
        fc_buf_adds(&b, "\r\n");
    }
    fc_buf_adds(&b, "0\r\n\r\n");
    assert_int_equal(status(run_client((struct client){.bytes = b.data, .n = b.len})), 413);
    assert_int_equal(handled, 0);
    fc_buf_free(&b);
}

static void a_body_beyond_all_patience(void **state)
{
    (void)state;
    assert_int_equal(status(ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")), 413);
    assert_int_equal(handled, 0);
    int code = status(ask("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: -1\r\n\r\n"));
    assert_true(code == 400 || code == 413 || code == 0);
    assert_int_equal(handled, 0);
}

static void too_many_fields(void **state)
{
    (void)state;
    fc_buf b = {0};
    for (int i = 0; i < 10000; i++)
        fc_buf_adds(&b, "a=1&");
    assert_int_equal(status(post("application/x-www-form-urlencoded", b.data, b.len)), 200);
    fc_buf_adds(&b, "a=1");
    assert_int_equal(status(post("application/x-www-form-urlencoded", b.data, b.len)), 413);
    assert_int_equal(handled, 0);
    fc_buf_free(&b);
}

static void large_headers(void **state)
{
    (void)state;
    char *text = fc_alloc(70000), *value = fc_alloc(70000);
    memset(value, 'v', 15000);
    snprintf(text, 70000, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Large: %s\r\n\r\n", value);
    assert_int_equal(status(ask(text)), 200);
    int at = snprintf(text, 70000, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
    for (int i = 0; i < 100; i++)
        at += snprintf(text + at, 70000 - (size_t)at, "X-%03d: %.155s\r\n", i, value);
    assert_true(at > 16 * 1024);
    strcpy(text + at, "\r\n");
    assert_int_equal(status(ask(text)), 200);
    handled = 0;
    memset(value, 'v', 60000);
    snprintf(text, 70000, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Large: %s\r\n\r\n", value);
    assert_int_equal(status(ask(text)), 431);
    snprintf(text, 70000, "GET /%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", value);
    assert_int_equal(status(ask(text)), 414);
    assert_int_equal(handled, 0);
    free(text);
    free(value);
}

/* ---- files */

static void files_are_sent(void **state)
{
    (void)state;
    const char *answer = get("/file");
    assert_int_equal(status(answer), 200);
    has(answer, "\r\n\r\nBasedOnStyle: LLVM\n");
    has_not(answer, "ETag"); /* nobody may keep it */
    answer = get("/cached");
    char tag[100], text[300];
    assert_int_equal(sscanf(strstr(answer, "ETag: "), "ETag: %99s", tag), 1);
    has(answer, "BasedOnStyle");
    snprintf(text, sizeof text,
             "GET /cached HTTP/1.1\r\nHost: x\r\nConnection: close\r\nIf-None-Match: \"x\", %s\r\n\r\n", tag);
    answer = ask(text);
    assert_int_equal(status(answer), 304);
    has_not(answer, "BasedOnStyle");
    has(answer, "max-age");
    tag[1] ^= 1;
    snprintf(text, sizeof text,
             "GET /cached HTTP/1.1\r\nHost: x\r\nConnection: close\r\nIf-None-Match: %s\r\n\r\n", tag);
    assert_int_equal(status(ask(text)), 200);
    assert_int_equal(status(get("/nofile")), 404);
    assert_int_equal(status(get("/folder")), 404);
}

#define B "--XX\r\n"
#define MULTIPART "multipart/form-data; boundary=XX"

static void a_multipart(void **state)
{
    (void)state;
    const char *body =
        "preamble"
        "\r\n" B "Content-Disposition: form-data; name=\"a\"\r\n\r\n\r\n" B
        "Content-Disposition: form-data; name=\"a\"\r\n\r\n\r\n" B
        "content-disposition: form-data; name=\"中\"\r\n\r\nline 1\r\nline 2\r\n--X\r\n" B
        "Content-Disposition: form-data; name=\"f\"; filename=\"C:\\dir\\a %22q%22.csv\"\r\nContent-Type: "
        "text/csv\r\n\r\n"
        "\r\nx,y\r\n\r\n" B "Content-Disposition: form-data; name=\"g\"; filename=\"\"\r\nContent-Type: "
        "application/octet-stream\r\n\r\n\r\n" B
        "Content-Disposition: form-data; name=e; filename=\"empty.txt\"\r\n\r\n\r\n--XX--\r\nepilogue";
    assert_int_equal(status(post(MULTIPART, body, strlen(body))), 200);
    heard_is("POST /p a=;a=;中=line 1\r\nline 2\r\n--X;f=[a \"q\".csv text/csv 7 "
             "\r\nx,y\r\n];g=;e=[empty.txt - 0 ];");
    assert_int_equal(files_left(), 0);
}

static void a_multipart_in_all_ways_of_splitting(void **state)
{
    (void)state;
    const char *head = "POST /p HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: " MULTIPART
                       "\r\nContent-Length: %zu\r\n\r\n";
    const char *body =
        B "Content-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n-\r\n--\r\n--X\r\n" B
          "Content-Disposition: form-data; name=\"f\"; filename=\"n\"\r\n\r\nxyz\r\n--XX--\r\n";
    char first[512];
    int n = snprintf(first, sizeof first, head, strlen(body));
    for (size_t cut = 1; cut < strlen(body); cut++) {
        snprintf(first + n, sizeof first - (size_t)n, "%.*s", (int)cut, body);
        const char *const pieces[] = {first, body + cut, NULL};
        assert_int_equal(status(run_client((struct client){.pieces = pieces})), 200);
        heard_is("POST /p a=1\r\n-\r\n--\r\n--X;f=[n - 3 xyz];");
    }
}

static void broken_multiparts(void **state)
{
    (void)state;
    const char *part = "Content-Disposition: form-data; name=\"f\"; filename=\"n\"\r\n\r\nxyz";
    char body[512];
    const char *forms[] = {"%s",
                           "--XX\r\n%s",
                           "--XX\r\n%s\r\n--XX",
                           "--XX\r\n%s\r\n--XXjunk",
                           "--YY\r\n%s\r\n--YY--",
                           "--XX\r\nContent-Type: text/plain\r\n\r\n%s\r\n--XX--"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        snprintf(body, sizeof body, forms[i], part);
        assert_int_equal(status(post(MULTIPART, body, strlen(body))), 400);
        assert_int_equal(handled, 0);
        assert_int_equal(files_left(), 0);
    }
    assert_int_equal(status(post("multipart/form-data", "x", 1)), 400);
    assert_int_equal(status(post("multipart/form-data; boundary=", "x", 1)), 400);
    const char *latin = B "Content-Disposition: form-data; name=\"a\"\r\n\r\n\xff\r\n--XX--";
    assert_int_equal(status(post(MULTIPART, latin, strlen(latin))), 400);
}

static const char *upload(const char *path, size_t n)
{
    fc_buf b = {0}, body = {0};
    fc_buf_adds(&body, B "Content-Disposition: form-data; name=\"f\"; filename=\"big\"\r\n\r\n");
    char *bytes = fc_alloc(n);
    memset(bytes, '\r', n);
    fc_buf_add(&body, bytes, n);
    free(bytes);
    fc_buf_adds(&body, "\r\n--XX--\r\n");
    fc_buf_addf(&b,
                "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: " MULTIPART
                "\r\nContent-Length: %zu\r\n\r\n",
                path, body.len);
    fc_buf_add(&b, body.data, body.len);
    const char *answer = run_client((struct client){.bytes = b.data, .n = b.len});
    fc_buf_free(&b);
    fc_buf_free(&body);
    return answer;
}

static void large_files(void **state)
{
    (void)state;
    assert_int_equal(status(upload("/p", 64 << 20)), 200);
    heard_is("POST /p f=[big - 67108864];");
    assert_int_equal(status(upload("/p", (64 << 20) + 1)), 413);
    assert_int_equal(handled, 0);
    assert_int_equal(files_left(), 0);
}

static void a_file_taken_over_stays(void **state)
{
    (void)state;
    assert_int_equal(status(upload("/keep", 1000)), 200);
    assert_int_equal(files_left(), 1);
    struct stat st;
    char kept[80];
    snprintf(kept, sizeof kept, "%s/kept", dir);
    assert_int_equal(stat(kept, &st), 0);
    assert_int_equal(st.st_size, 1000);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void no_folder_for_uploads(void **state)
{
    (void)state;
    assert_int_equal(rmdir(dir), 0);
    const char *answer = upload("/p", 1000);
    assert_int_equal(status(answer), 500);
    has_not(answer, dir);
    assert_int_equal(handled, 0);
}

static void a_client_that_leaves_in_an_upload(void **state)
{
    (void)state;
    const char *text =
        "POST /p HTTP/1.1\r\nHost: x\r\nContent-Type: " MULTIPART "\r\nContent-Length: 5000\r\n\r\n" B
        "Content-Disposition: form-data; name=\"f\"; filename=\"n\"\r\n\r\nxyzxyzxyzxyzxyzxyz";
    fc_timer *end = fc_timer_new(l, (void (*)(void *))fc_loop_stop, l);
    fc_timer_set(end, 80, 0);
    run_client((struct client){.bytes = text, .n = strlen(text), .leave = 1});
    fc_timer_free(end);
    assert_int_equal(handled, 0);
    assert_int_equal(files_left(), 0);
}

int main(void)
{
    fc_log_level(FC_ERROR + 1); /* some of the requests are meant to be logged */
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_form),
        T(any_other_body),
        T(a_body_too_large),
        T(a_chunked_body_too_large),
        T(a_body_beyond_all_patience),
        T(too_many_fields),
        T(large_headers),
        T(files_are_sent),
        T(a_multipart),
        T(a_multipart_in_all_ways_of_splitting),
        T(broken_multiparts),
        T(large_files),
        T(a_file_taken_over_stays),
        T(no_folder_for_uploads),
        T(a_client_that_leaves_in_an_upload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
