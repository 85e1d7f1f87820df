/* The trusted comment: "id:X<tab>version:Y<tab>seq:N<tab>expires:YYYY-MM-DD". It is what stops that an old
 * pack is shown under a new name or number: INDEX says the same, and both are signed. */
#include "pack/archive_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fc_claims_write(const fc_claims *c, fc_buf *out)
{
    fc_buf_addf(out, "id:%s\tversion:%s\tseq:%lld", c->id, c->version, (long long)c->seq);
    if (*c->expires) fc_buf_addf(out, "\texpires:%s", c->expires);
}

static void value(const char *comment, const char *key, char *out, size_t cap)
{
    size_t k = strlen(key);
    *out = 0;
    for (const char *p = comment; p; p = strchr(p, '\t') ? strchr(p, '\t') + 1 : NULL) {
        if (strncmp(p, key, k) != 0 || p[k] != ':') continue;
        size_t n = strcspn(p + k + 1, "\t");
        if (n < cap) snprintf(out, cap, "%.*s", (int)n, p + k + 1);
        return;
    }
}

static void read_claims(const char *comment, fc_claims *c)
{
    char seq[24], *end;
    value(comment, "id", c->id, sizeof c->id);
    value(comment, "version", c->version, sizeof c->version);
    value(comment, "expires", c->expires, sizeof c->expires);
    value(comment, "seq", seq, sizeof seq);
    c->seq = strspn(seq, "0123456789") == strlen(seq) && strlen(seq) < 19 ? strtoll(seq, &end, 10) : 0;
}

int fc_archive_signer(const fc_archive *a, fc_signature *out, fc_err *err)
{
    if (a->signature) return fc_signature_parse(a->signature, a->signature_len, out, err);
    return fc_fail(err, FC_ENOTFOUND, "没有签名", "there is no signature");
}

/* The untrusted comment is covered by no signature: in an archive it has one form, so that no byte is
 * anybody's. */
static int in_our_form(const fc_archive *a, const fc_signature *s)
{
    fc_buf text = {0};
    fc_signature_write(s, &text);
    int same = text.len == a->signature_len && memcmp(text.data, a->signature, text.len) == 0;
    fc_buf_free(&text);
    return same;
}

int fc_archive_verify(const fc_archive *a, const fc_sign_public *key, fc_claims *claims, fc_err *err)
{
    fc_signature s;
    fc_claims c;
    int rc = fc_archive_signer(a, &s, err);
    if (!rc) rc = fc_sign_verify(&s, key, a->index_text, a->index_len, err);
    if (!rc && !in_our_form(a, &s))
        rc = fc_fail(err, FC_EINVAL, "签名的写法与 forecourt pack sign 的不同",
                     "the signature is not written as forecourt pack sign writes it");
    if (rc) return rc;
    read_claims(s.comment, &c);
    if (strcmp(c.id, a->index->id) != 0 || strcmp(c.version, a->index->version) != 0 ||
        c.seq != a->index->seq)
        return fc_fail(err, FC_EDENIED, "签名是为别的包或别的版本做的（%s %s，序号 %lld）",
                       "the signature was made for another pack or version (%s %s, seq %lld)", c.id,
                       c.version, (long long)c.seq);
    if (claims) *claims = c;
    return FC_OK;
}
