/* Sending one mail: checked, composed, then either written as a file ("dir:") or handed to the server by
 * libcurl.
 *
 * FC_EINVAL: the mail or the settings are wrong, or the server refuses this mail for good; trying again is of
 * no use. FC_EDENIED: the server refuses user or password. FC_EIO: the server cannot be reached or is busy;
 * try again later. A password is sent over TLS only, unless the server is this machine. Neither it nor a
 * recipient is in any sentence. */
#include "net/mail_internal.h"
#include "base/curl.h"

#include <stdio.h>
#include <string.h>

#define CONNECT_SECONDS 15L
#define WHOLE_SECONDS 60L

static int has_control(const char *text)
{
    for (const unsigned char *s = (const unsigned char *)text; *s; s++)
        if (*s < 0x20 || *s == 0x7F) return 1;
    return 0;
}

static int address_ok(const char *text, size_t n)
{
    struct mail_address a;
    mail_address(text, n, &a);
    const char *at = memchr(a.address, '@', a.address_len);
    if (!at || at == a.address || at == a.address + a.address_len - 1) return 0;
    for (size_t i = 0; i < a.address_len; i++)
        if (a.address[i] <= 0x20 || a.address[i] >= 0x7F || strchr("<>,;:\"\\()[]", a.address[i])) return 0;
    return memchr(at + 1, '@', a.address_len - (size_t)(at + 1 - a.address)) == NULL;
}

static int check(const fc_mail_server *s, const fc_mail *m, fc_err *err)
{
    if (!s->from || has_control(s->from) || !address_ok(s->from, strlen(s->from)))
        return fc_fail(err, FC_EINVAL, "发件人不是有效的邮件地址：请写成 “名称 <crm@dealer.example>” 的形式",
                       "the sender is no mail address; write it like \"Name <crm@dealer.example>\"");
    if (has_control(m->to) || has_control(m->subject))
        return fc_fail(err, FC_EINVAL, "邮件的收件人和主题不能含换行或控制字符",
                       "recipients and subject of a mail must "
                       "not hold line breaks or control characters");
    if (!*m->id ||
        strspn(m->id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != strlen(m->id) ||
        m->id[0] == '.' || strlen(m->id) > 100)
        return fc_fail(err, FC_EINVAL,
                       "邮件编号只能含字母、数字、“-”、“_”、“.”，不能以 “.” 开头，最长 100 个字符",
                       "the id of a mail may hold letters, digits, '-', '_' and '.', must not begin with '.' "
                       "and has 100 "
                       "characters at most");
    int number = 0;
    for (const char *at = m->to; at; at = strchr(at, ',')) {
        if (number++) at++;
        if (!address_ok(at, strcspn(at, ",")))
            return fc_fail(err, FC_EINVAL, "第 %d 个收件人不是有效的邮件地址：请检查后重试",
                           "recipient %d is no mail address; correct it and try again", number);
    }
    return 0;
}

static int write_to_folder(const char *folder, const fc_mail *m, const fc_buf *text, fc_err *err)
{
    char path[1024];
    if (snprintf(path, sizeof path, "%s/%s.eml", folder, m->id) >= (int)sizeof path)
        return fc_fail(err, FC_EINVAL, "%s：目录名太长", "%s: the folder's name is too long", folder);
    int code = fc_make_dirs(folder, 0700, err);
    return code ? code : fc_write_file(path, text->data, text->len, 0600, err);
}

struct reading {
    const fc_buf *text;
    size_t at;
};

static size_t on_read(char *to, size_t size, size_t count, void *ctx)
{
    struct reading *r = ctx;
    size_t n = size * count, left = r->text->len - r->at;
    if (n > left) n = left;
    memcpy(to, r->text->data + r->at, n);
    r->at += n;
    return n;
}

static int is_this_machine(const char *url)
{
    const char *host = strstr(url, "://");
    host = host ? host + 3 : url;
    size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
    return (n == 9 && (strncmp(host, "localhost", n) == 0 || strncmp(host, "127.0.0.1", n) == 0)) ||
           (n == 5 && strncmp(host, "[::1]", n) == 0);
}

static int fail_send(const fc_curl *lib, const fc_mail_server *s, CURL *curl, CURLcode code,
                     const char *detail, fc_err *err)
{
    long answer = 0;
    lib->info(curl, CURLINFO_RESPONSE_CODE, &answer);
    if (!*detail) detail = lib->error(code);
    if (code == CURLE_LOGIN_DENIED)
        return fc_fail(err, FC_EDENIED, "邮件服务器 %s 拒绝了用户名或密码：请检查邮件设置（%s）",
                       "the mail server %s refuses user or password; check the mail settings (%s)", s->url,
                       detail);
    if (code == CURLE_USE_SSL_FAILED)
        return fc_fail(
            err, FC_EINVAL, "邮件服务器 %s 不支持加密，密码不会明文发送：请改用 smtps:// 或去掉用户名（%s）",
            "the mail server %s offers no encryption and a password is not sent without; use smtps:// or "
            "leave the user away (%s)",
            s->url, detail);
    if (answer >= 500 && answer < 600)
        return fc_fail(err, FC_EINVAL, "邮件服务器 %s 拒收这封邮件：请检查发件人和收件人（%s）",
                       "the mail server %s refuses this mail; check sender and recipients (%s)", s->url,
                       detail);
    return fc_fail(
        err, FC_EIO, "邮件服务器 %s 暂时无法发送：请检查地址和网络，稍后重试（%s）",
        "the mail server %s cannot send now; check its address and the network and try again later (%s)",
        s->url, detail);
}

static struct curl_slist *envelope(const fc_curl *lib, const char *to)
{
    struct curl_slist *list = NULL;
    int number = 0;
    for (const char *at = to; at; at = strchr(at, ',')) {
        if (number++) at++;
        struct mail_address a;
        char text[320];
        mail_address(at, strcspn(at, ","), &a);
        snprintf(text, sizeof text, "<%.*s>", (int)a.address_len, a.address);
        list = lib->append(list, text);
    }
    return list;
}

static int send_by_server(const fc_mail_server *s, const fc_mail *m, const fc_buf *text, fc_err *err)
{
    const fc_curl *lib = fc_curl_open(err);
    if (!lib) return FC_EINTERNAL;
    CURL *curl = lib->init();
    if (!curl) return fc_fail(err, FC_ENOMEM, "内存不足", "not enough memory");
    char detail[CURL_ERROR_SIZE] = "", from[320];
    struct reading reading = {text, 0};
    struct mail_address a;
    mail_address(s->from, strlen(s->from), &a);
    snprintf(from, sizeof from, "<%.*s>", (int)a.address_len, a.address);
    struct curl_slist *to = envelope(lib, m->to);
    lib->set(curl, CURLOPT_URL, s->url);
    lib->set(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    lib->set(curl, CURLOPT_NOSIGNAL, 1L);
    lib->set(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    lib->set(curl, CURLOPT_TIMEOUT, WHOLE_SECONDS);
    lib->set(curl, CURLOPT_ERRORBUFFER, detail);
    lib->set(curl, CURLOPT_MAIL_FROM, from);
    lib->set(curl, CURLOPT_MAIL_RCPT, to);
    lib->set(curl, CURLOPT_UPLOAD, 1L);
    lib->set(curl, CURLOPT_READFUNCTION, on_read);
    lib->set(curl, CURLOPT_READDATA, &reading);
    int must_hide = s->user && *s->user && !is_this_machine(s->url);
    lib->set(curl, CURLOPT_USE_SSL, (long)(must_hide ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    if (s->user && *s->user) lib->set(curl, CURLOPT_USERNAME, s->user);
    if (s->user && *s->user && s->password) lib->set(curl, CURLOPT_PASSWORD, s->password);
    CURLcode code = lib->perform(curl);
    int result = code == CURLE_OK ? 0 : fail_send(lib, s, curl, code, detail, err);
    lib->cleanup(curl);
    lib->free_list(to);
    return result;
}

int fc_mail_send(const fc_mail_server *s, const fc_mail *m, fc_err *err)
{
    int code = check(s, m, err);
    if (code) return code;
    int folder = strncmp(s->url, "dir:", 4) == 0;
    if (!folder && strncmp(s->url, "smtp://", 7) != 0 && strncmp(s->url, "smtps://", 8) != 0)
        return fc_fail(err, FC_EINVAL, "邮件服务器地址必须以 smtp://、smtps:// 或 dir: 开头",
                       "the address of the mail server must begin with smtp://, smtps:// or dir:");
    if (!folder && strchr(s->url, '@'))
        return fc_fail(
            err, FC_EINVAL, "邮件服务器地址不能含用户名或密码：请写在各自的设置里",
            "the address of the mail server must not hold user or password; give them in their own settings");
    fc_buf text = {0};
    fc_mail_compose(s, m, &text);
    code = folder ? write_to_folder(s->url + 4, m, &text, err) : send_by_server(s, m, &text, err);
    fc_buf_free(&text);
    return code;
}
