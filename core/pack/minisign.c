/* Signatures and public keys; the secret key's file is minisign_secret.c. */
#include "pack/minisign_internal.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

void fc_sign_id(const unsigned char id[8], char hex[FC_SIGN_ID_HEX])
{
    for (int i = 0; i < 8; i++)
        snprintf(hex + 2 * i, 3, "%02X", id[7 - i]);
}

int fc_minisign_decode(const char *line, size_t n, void *out, size_t want)
{
    size_t got = 0;
    return sodium_base642bin(out, want, line, n, NULL, &got, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
           got == want;
}

void fc_minisign_encode(const void *bytes, size_t n, fc_buf *out)
{
    char text[512];
    sodium_bin2base64(text, sizeof text, bytes, n, sodium_base64_VARIANT_ORIGINAL);
    fc_buf_adds(out, text);
    sodium_memzero(text, sizeof text);
}

/* The next line from *p, without its end; *n its length. NULL at the end. */
const char *fc_minisign_line(const char **p, const char *end, size_t *n)
{
    const char *line = *p;
    if (line >= end) return NULL;
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    *n = (size_t)((stop ? stop : end) - line);
    *p = stop ? stop + 1 : end;
    if (*n && line[*n - 1] == '\r') --*n;
    return line;
}

int fc_sign_public_parse(const char *text, fc_sign_public *out, fc_err *err)
{
    unsigned char raw[42];
    const char *p = text, *end = text + strlen(text), *line, *last = NULL;
    size_t n, len = 0;
    while ((line = fc_minisign_line(&p, end, &n)))
        if (n && strncmp(line, "untrusted comment:", 18) != 0) last = line, len = n;
    while (len && last[len - 1] == ' ')
        len--;
    if (!last || !fc_minisign_decode(last, len, raw, sizeof raw) || memcmp(raw, "Ed", 2) != 0)
        return fc_fail(
            err, FC_EINVAL, "这不是 minisign 公钥：应是以 RW 开头的一行，或 .pub 文件",
            "this is no public key of minisign: give the line that begins with RW, or the .pub file");
    memcpy(out->id, raw + 2, 8);
    memcpy(out->key, raw + 10, 32);
    return FC_OK;
}

void fc_sign_public_line(const fc_sign_public *p, fc_buf *out)
{
    unsigned char raw[42] = "Ed";
    memcpy(raw + 2, p->id, 8);
    memcpy(raw + 10, p->key, 32);
    fc_minisign_encode(raw, sizeof raw, out);
}

static void whole_of(const unsigned char sig[64], const char *comment, fc_buf *out)
{
    fc_buf_add(out, sig, 64);
    fc_buf_adds(out, comment);
}

void fc_signature_write(const fc_signature *s, fc_buf *out)
{
    unsigned char raw[74] = "ED";
    char id[FC_SIGN_ID_HEX];
    memcpy(raw + 2, s->id, 8);
    memcpy(raw + 10, s->sig, 64);
    fc_sign_id(s->id, id);
    fc_buf_addf(out, "untrusted comment: forecourt signature by %s\n", id);
    fc_minisign_encode(raw, sizeof raw, out);
    fc_buf_addf(out, "\ntrusted comment: %s\n", s->comment);
    fc_minisign_encode(s->whole, sizeof s->whole, out);
    fc_buf_addc(out, '\n');
}

int fc_sign(const fc_sign_secret *s, const void *bytes, size_t n, const char *comment, fc_buf *out,
            fc_err *err)
{
    unsigned char digest[64];
    fc_signature made;
    fc_buf whole = {0};
    if (strlen(comment) >= FC_SIGN_COMMENT || strpbrk(comment, "\r\n"))
        return fc_fail(err, FC_EINVAL, "签名的说明太长或有换行",
                       "the comment of the signature is too long or has a new line");
    crypto_generichash(digest, sizeof digest, bytes, n, NULL, 0);
    memcpy(made.id, s->id, 8);
    crypto_sign_detached(made.sig, NULL, digest, sizeof digest, s->key);
    snprintf(made.comment, sizeof made.comment, "%s", comment);
    whole_of(made.sig, comment, &whole);
    crypto_sign_detached(made.whole, NULL, (const unsigned char *)whole.data, whole.len, s->key);
    fc_buf_free(&whole);
    fc_signature_write(&made, out);
    return FC_OK;
}

static int read_signature(const char *text, size_t n, fc_signature *out)
{
    unsigned char raw[74];
    const char *p = text, *end = text + n, *line[4];
    size_t len[4], skip = strlen("trusted comment: ");
    for (int i = 0; i < 4; i++)
        if (!(line[i] = fc_minisign_line(&p, end, &len[i]))) return 0;
    if (p != end || memchr(text, 0, n) || len[0] < 18 || memcmp(line[0], "untrusted comment:", 18) != 0)
        return 0;
    if (!fc_minisign_decode(line[1], len[1], raw, sizeof raw) || memcmp(raw, "ED", 2) != 0) return 0;
    if (len[2] < skip || memcmp(line[2], "trusted comment: ", skip) != 0 || len[2] - skip >= FC_SIGN_COMMENT)
        return 0;
    if (!fc_minisign_decode(line[3], len[3], out->whole, 64)) return 0;
    memcpy(out->id, raw + 2, 8);
    memcpy(out->sig, raw + 10, 64);
    memcpy(out->comment, line[2] + skip, len[2] - skip);
    out->comment[len[2] - skip] = 0;
    return 1;
}

int fc_signature_parse(const char *text, size_t n, fc_signature *out, fc_err *err)
{
    if (read_signature(text, n, out)) return FC_OK;
    return fc_fail(err, FC_EINVAL, "签名不完整或写法不对：应是 minisign 的四行（预先散列的形式）",
                   "the signature is incomplete or wrongly written: it should be minisign's four lines "
                   "(prehashed form)");
}

int fc_sign_verify(const fc_signature *s, const fc_sign_public *key, const void *bytes, size_t n, fc_err *err)
{
    unsigned char digest[64];
    char id[FC_SIGN_ID_HEX];
    fc_buf whole = {0};
    crypto_generichash(digest, sizeof digest, bytes, n, NULL, 0);
    whole_of(s->sig, s->comment, &whole);
    int good = memcmp(s->id, key->id, 8) == 0 &&
               crypto_sign_verify_detached(s->sig, digest, sizeof digest, key->key) == 0,
        comment = crypto_sign_verify_detached(s->whole, (const unsigned char *)whole.data, whole.len,
                                              key->key) == 0;
    fc_buf_free(&whole);
    if (good && comment) return FC_OK;
    fc_sign_id(key->id, id);
    if (good)
        return fc_fail(err, FC_EDENIED, "签名的可信说明被改过（密钥 %s）：请重新取得这个文件",
                       "the trusted comment of the signature was changed (key %s): fetch the file again", id);
    return fc_fail(
        err, FC_EDENIED, "签名与密钥 %s 不符：内容被改过，或由别的密钥签名；请重新取得这个文件",
        "the signature does not fit the key %s: the content was changed, or another key signed it; fetch the "
        "file again",
        id);
}
