/* Mail: what a message looks like, what is refused, files, and a server that speaks SMTP as far as is needed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "net/mail.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define has(text, part) assert_non_null(strstr(text, part))
#define has_not(text, part) assert_null(strstr(text, part))

static fc_mail_server server = {.url = "dir:/nowhere", .from = "Forecourt <crm@dealer.example>"};
static fc_mail mail = {
    .to = "director@dealer.example", .subject = "Tracking form", .body = "Line 1\nLine 2\n", .id = "form-7"};

static char *composed(const fc_mail_server *s, const fc_mail *m)
{
    static fc_buf text;
    fc_buf_clear(&text);
    fc_mail_compose(s, m, &text);
    return text.data;
}

static void a_plain_message(void **state)
{
    (void)state;
    fc_mail m = mail;
    fc_civil c = {2026, 11, 21, 9, 5, 7};
    m.at = fc_ms_of(&c);
    assert_string_equal(composed(&server, &m), "From: Forecourt <crm@dealer.example>\r\n"
                                               "To: <director@dealer.example>\r\n"
                                               "Subject: Tracking form\r\n"
                                               "Date: Sat, 21 Nov 2026 09:05:07 +0800\r\n"
                                               "Message-ID: <form-7@dealer.example>\r\n"
                                               "MIME-Version: 1.0\r\n"
                                               "Content-Type: text/plain; charset=UTF-8\r\n"
                                               "Content-Transfer-Encoding: base64\r\n"
                                               "Auto-Submitted: auto-generated\r\n"
                                               "\r\n"
                                               "TGluZSAxDQpMaW5lIDINCg==\r\n");
}

/* Puts RFC 2047 words together again. */
static void decode_words(const char *at, char *out)
{
    const char *stop = at;
    while (strncmp(stop, "\r\n", 2) != 0 || stop[2] == ' ')
        stop++;
    size_t n = 0;
    while ((at = strstr(at, "=?UTF-8?B?")) && at < stop) {
        at += 10;
        const char *end = strstr(at, "?=");
        assert_true(end - at + 12 <= 75);
        size_t k;
        assert_int_equal(sodium_base642bin((unsigned char *)out + n, 1000 - n, at, (size_t)(end - at), NULL,
                                           &k, NULL, sodium_base64_VARIANT_ORIGINAL),
                         0);
        assert_int_not_equal((unsigned char)out[n] & 0xC0,
                             0x80); /* each word begins with a whole character */
        n += k;
        at = end;
    }
    out[n] = 0;
}

static void chinese_headers(void **state)
{
    (void)state;
    fc_mail_server s = server;
    fc_mail m = mail;
    char word[1000];
    s.from = "\"南京店 客服, A\" <crm@dealer.example>";
    m.to = "王经理 <a@b.example>, c@d.example";
    m.subject =
        "回访跟踪表 03-20261121-007：请于今天 17:00 前处理，一个工作日内答复客户，处理结果请填写在系统中";
    char *text = composed(&s, &m);
    decode_words(strstr(text, "Subject: "), word);
    assert_string_equal(word, m.subject);
    decode_words(text, word);
    assert_string_equal(word, "南京店 客服, A");
    decode_words(strstr(text, "To: "), word);
    assert_string_equal(word, "王经理");
    has(text, "?= <a@b.example>,\r\n <c@d.example>\r\n");
    for (char *line = text; *line; line = strstr(line, "\r\n") + 2)
        assert_true(strcspn(line, "\r\n") <= 76);
    for (char *c = text; *c; c++)
        assert_true((unsigned char)*c < 0x80);
}

static void a_name_of_any_length(void **state)
{
    (void)state;
    char name[400] = "", from[500], word[1000];
    for (int i = 0; i < 60; i++) {
        strcat(name, i % 7 ? "店" : "x");
        snprintf(from, sizeof from, "%s <crm@dealer.example>", name);
        fc_mail_server s = server;
        s.from = from;
        char *text = composed(&s, &mail);
        if (i == 0) continue;
        decode_words(text, word);
        assert_string_equal(word, name);
    }
}

static void nothing_is_injected(void **state)
{
    (void)state;
    fc_mail m = mail;
    fc_err err;
    m.subject = "a\r\nBcc: evil@x.example";
    has_not(composed(&server, &m), "\r\nBcc");
    assert_int_equal(fc_mail_send(&server, &m, &err), FC_EINVAL);
    m = mail;
    m.to = "a@b.example\r\nBcc: evil@x.example";
    has_not(composed(&server, &m), "\r\nBcc");
    assert_int_equal(fc_mail_send(&server, &m, &err), FC_EINVAL);
    m = mail;
    m.id = "x>\r\nBcc: evil@x.example";
    has_not(composed(&server, &m), "\r\nBcc");
    assert_int_equal(fc_mail_send(&server, &m, &err), FC_EINVAL);
}

static void what_is_refused(void **state)
{
    (void)state;
    fc_err err;
    const char *bad[] = {"",
                         "nobody",
                         "@x",
                         "x@",
                         "a@b@c",
                         "a b@c.example",
                         "a@b.example,",
                         ",a@b.example",
                         "a@中.example",
                         "a@b.example;c@d.example",
                         "<a@b.example> x",
                         "a@b>c.example"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fc_mail m = mail;
        m.to = bad[i];
        assert_int_equal(fc_mail_send(&server, &m, &err), FC_EINVAL);
    }
    const char *ids[] = {"", ".", "..", "a/b", "../x", "中"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        fc_mail m = mail;
        m.id = ids[i];
        assert_int_equal(fc_mail_send(&server, &m, &err), FC_EINVAL);
    }
    const char *urls[] = {"http://x", "file:///etc", "smtp://user:secret@host", "x"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        fc_mail_server s = server;
        s.url = urls[i];
        assert_int_equal(fc_mail_send(&s, &mail, &err), FC_EINVAL);
        has_not(err.text[FC_EN], "secret");
    }
}

static void into_a_folder(void **state)
{
    (void)state;
    char dir[] = "/tmp/fc-mail-XXXXXX", url[64], path[64], command[64];
    assert_non_null(mkdtemp(dir));
    snprintf(url, sizeof url, "dir:%s/out@box", dir);
    snprintf(path, sizeof path, "%s/out@box/form-7.eml", dir);
    fc_mail_server s = server;
    s.url = url;
    fc_err err;
    assert_int_equal(fc_mail_send(&s, &mail, &err), 0);
    assert_int_equal(fc_mail_send(&s, &mail, &err), 0); /* the same id: the same file */
    fc_buf text = {0};
    assert_int_equal(fc_read_file(path, 10000, &text, &err), 0);
    assert_string_equal(text.data, composed(&s, &mail));
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    fc_buf_free(&text);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    assert_int_equal(system(command), 0);
    s.url = "dir:/proc/nowhere";
    assert_int_not_equal(fc_mail_send(&s, &mail, &err), 0);
}

/* ---- a server for one mail */

struct smtp {
    int listening, port;
    const char *rcpt; /* the answer to RCPT */
    pthread_t thread;
    fc_buf heard;
};

static int read_line(int fd, char *line, size_t cap)
{
    size_t n = 0;
    while (n + 1 < cap && recv(fd, line + n, 1, 0) == 1)
        if (line[n++] == '\n') break;
    line[n] = 0;
    return n > 0;
}

static void reply(int fd, const char *text)
{
    send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static void *serve(void *ctx)
{
    struct smtp *s = ctx;
    int fd = accept(s->listening, NULL, NULL), in_data = 0;
    char line[2000];
    reply(fd, "220 test ESMTP\r\n");
    while (read_line(fd, line, sizeof line)) {
        fc_buf_adds(&s->heard, line);
        if (in_data && strcmp(line, ".\r\n") != 0) continue;
        if (in_data)
            in_data = 0, reply(fd, "250 taken\r\n");
        else if (strncmp(line, "EHLO", 4) == 0)
            reply(fd, "250-test\r\n250 8BITMIME\r\n");
        else if (strncmp(line, "RCPT", 4) == 0)
            reply(fd, s->rcpt);
        else if (strncmp(line, "DATA", 4) == 0)
            in_data = 1, reply(fd, "354 go on\r\n");
        else if (strncmp(line, "QUIT", 4) == 0)
            reply(fd, "221 bye\r\n");
        else
            reply(fd, "250 ok\r\n");
    }
    close(fd);
    return NULL;
}

static void open_smtp(struct smtp *s, char *url)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    s->listening = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(s->listening, (struct sockaddr *)&a, n), 0);
    assert_int_equal(listen(s->listening, 1), 0);
    getsockname(s->listening, (struct sockaddr *)&a, &n);
    sprintf(url, "smtp://127.0.0.1:%d", ntohs(a.sin_port));
    pthread_create(&s->thread, NULL, serve, s);
}

static int through_server(const char *rcpt, const fc_mail *m, fc_buf *heard, fc_err *err)
{
    char url[64];
    struct smtp smtp = {.rcpt = rcpt};
    open_smtp(&smtp, url);
    fc_mail_server s = server;
    s.url = url;
    int code = fc_mail_send(&s, m, err);
    pthread_join(smtp.thread, NULL);
    close(smtp.listening);
    if (heard)
        *heard = smtp.heard;
    else
        fc_buf_free(&smtp.heard);
    return code;
}

static void through_a_server(void **state)
{
    (void)state;
    fc_buf heard = {0};
    fc_err err;
    fc_mail m = mail;
    m.to = "A <a@b.example>, c@d.example";
    assert_int_equal(through_server("250 ok\r\n", &m, &heard, &err), 0);
    has(heard.data, "MAIL FROM:<crm@dealer.example>");
    has(heard.data, "RCPT TO:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n");
    has(heard.data, composed(&server, &m));
    fc_buf_free(&heard);
}

static void a_server_that_refuses(void **state)
{
    (void)state;
    fc_err err;
    assert_int_equal(through_server("550 no such user\r\n", &mail, NULL, &err), FC_EINVAL);
    has(err.text[FC_EN], "refuses this mail");
    has_not(err.text[FC_EN], "director@");
    assert_int_equal(through_server("451 try later\r\n", &mail, NULL, &err), FC_EIO);
    has(err.text[FC_EN], "try again later");
}

static void no_server_at_all(void **state)
{
    (void)state;
    fc_mail_server s = server;
    fc_err err;
    s.url = "smtp://127.0.0.1:1";
    s.user = "u";
    s.password = "pass-word";
    assert_int_equal(fc_mail_send(&s, &mail, &err), FC_EIO);
    has(err.text[FC_EN], "smtp://127.0.0.1:1");
    has(err.text[FC_ZH], "smtp://127.0.0.1:1");
    has_not(err.text[FC_EN], "pass-word");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_message),      cmocka_unit_test(chinese_headers),
        cmocka_unit_test(a_name_of_any_length), cmocka_unit_test(nothing_is_injected),
        cmocka_unit_test(what_is_refused),      cmocka_unit_test(into_a_folder),
        cmocka_unit_test(through_a_server),     cmocka_unit_test(a_server_that_refuses),
        cmocka_unit_test(no_server_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
