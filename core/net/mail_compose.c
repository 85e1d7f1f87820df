/* One message as text: headers in ASCII with RFC 2047 words, the body in base64, so that no server on the way
 * has a line to fold or a byte to change. Never fails: whatever a header must not hold is encoded or left
 * out, so a text from outside cannot add a header; fc_mail_send refuses such a mail before it gets here. */
#include "net/mail_internal.h"

#include "base/clock.h"

#include <sodium.h>
#include <string.h>

#define WORD 39 /* bytes in an encoded word: 52 characters, so that a line with its header stays below 76 */
#define LINE 57 /* bytes in a line of the body: 76 characters */

static void add_base64(fc_buf *out, const char *bytes, size_t n)
{
    char text[128];
    sodium_bin2base64(text, sizeof text, (const unsigned char *)bytes, n, sodium_base64_VARIANT_ORIGINAL);
    fc_buf_adds(out, text);
}

static int plain(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] < 0x20 || text[i] > 0x7E) return 0;
    return n <= 60 && !memmem(text, n, "=?", 2);
}

/* Words are cut between characters, each must be valid by itself. */
static void add_encoded(fc_buf *out, const char *text, size_t n)
{
    for (size_t at = 0; at < n;) {
        size_t k = n - at < WORD ? n - at : WORD;
        while (at + k < n && k > 1 && ((unsigned char)text[at + k] & 0xC0) == 0x80)
            k--;
        if (at) fc_buf_adds(out, "\r\n ");
        fc_buf_adds(out, "=?UTF-8?B?");
        add_base64(out, text + at, k);
        fc_buf_adds(out, "?=");
        at += k;
    }
}

static void add_words(fc_buf *out, const char *text)
{
    if (plain(text, strlen(text)))
        fc_buf_adds(out, text);
    else
        add_encoded(out, text, strlen(text));
}

void mail_address(const char *text, size_t n, struct mail_address *out)
{
    while (n && strchr(" \t", text[0]))
        text++, n--;
    while (n && strchr(" \t", text[n - 1]))
        n--;
    const char *open = memrchr(text, '<', n);
    *out = (struct mail_address){NULL, 0, text, n};
    if (!open || text[n - 1] != '>') return;
    out->address = open + 1;
    out->address_len = (size_t)(text + n - 1 - out->address);
    out->name = text;
    out->name_len = (size_t)(open - text);
    while (out->name_len && out->name[out->name_len - 1] == ' ')
        out->name_len--;
    if (out->name_len >= 2 && out->name[0] == '"' && out->name[out->name_len - 1] == '"') {
        out->name++;
        out->name_len -= 2;
    }
}

static int is_phrase(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_", text[i])) return 0;
    return n <= 60;
}

static void add_address(fc_buf *out, const char *text, size_t n)
{
    struct mail_address a;
    mail_address(text, n, &a);
    if (a.name_len && is_phrase(a.name, a.name_len)) {
        fc_buf_add(out, a.name, a.name_len);
        fc_buf_addc(out, ' ');
    } else if (a.name_len) {
        add_encoded(out, a.name, a.name_len);
        fc_buf_addc(out, ' ');
    }
    fc_buf_addc(out, '<');
    for (size_t i = 0; i < a.address_len; i++)
        if (a.address[i] > 0x20 && a.address[i] < 0x7F && !strchr("<>,", a.address[i]))
            fc_buf_addc(out, a.address[i]);
    fc_buf_addc(out, '>');
}

static void add_addresses(fc_buf *out, const char *list)
{
    for (const char *at = list; at; at = strchr(at, ',')) {
        if (at != list) {
            at++;
            fc_buf_adds(out, ",\r\n ");
        }
        add_address(out, at, strcspn(at, ","));
    }
}

static void add_date(fc_buf *out, int64_t at)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    fc_civil c;
    fc_civil_of(at, &c);
    int weekday = fc_weekday(fc_days_from_civil(c.year, c.month, c.day));
    fc_buf_addf(out, "Date: %s, %d %s %04d %02d:%02d:%02d %+03d%02d\r\n", days[weekday - 1], c.day,
                months[c.month - 1], c.year, c.hour, c.minute, c.second, (int)(FC_ZONE_MS / 3600000),
                (int)(FC_ZONE_MS / 60000 % 60));
}

static int id_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

static void add_id(fc_buf *out, const char *id, const char *from)
{
    struct mail_address a;
    mail_address(from, strlen(from), &a);
    const char *at = memchr(a.address, '@', a.address_len);
    fc_buf_adds(out, "Message-ID: <");
    for (; *id; id++)
        fc_buf_addc(out, id_char(*id) ? *id : '-');
    fc_buf_addc(out, '@');
    if (at && at[1] && plain(at + 1, a.address_len - (size_t)(at + 1 - a.address)))
        fc_buf_add(out, at + 1, a.address_len - (size_t)(at + 1 - a.address));
    else
        fc_buf_adds(out, "forecourt.invalid");
    fc_buf_adds(out, ">\r\n");
}

/* Line ends become CRLF before the encoding: that is the form in which text travels. */
static void add_body(fc_buf *out, const char *body)
{
    fc_buf canonical = {0};
    for (; *body; body++) {
        if (*body == '\r' && body[1] == '\n') continue;
        if (*body == '\n') fc_buf_addc(&canonical, '\r');
        fc_buf_addc(&canonical, *body);
    }
    for (size_t at = 0; at < canonical.len; at += LINE) {
        add_base64(out, canonical.data + at, canonical.len - at < LINE ? canonical.len - at : LINE);
        fc_buf_adds(out, "\r\n");
    }
    fc_buf_free(&canonical);
}

void fc_mail_compose(const fc_mail_server *s, const fc_mail *m, fc_buf *out)
{
    fc_buf_adds(out, "From: ");
    add_address(out, s->from, strlen(s->from));
    fc_buf_adds(out, "\r\nTo: ");
    add_addresses(out, m->to);
    fc_buf_adds(out, "\r\nSubject: ");
    add_words(out, m->subject);
    fc_buf_adds(out, "\r\n");
    add_date(out, m->at);
    add_id(out, m->id, s->from);
    fc_buf_adds(out, "MIME-Version: 1.0\r\n"
                     "Content-Type: text/plain; charset=UTF-8\r\n"
                     "Content-Transfer-Encoding: base64\r\n"
                     "Auto-Submitted: auto-generated\r\n"
                     "\r\n");
    add_body(out, m->body);
}
