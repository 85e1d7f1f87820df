/* Bytes as an archive, as its INDEX, as a signature, as keys, as a range of versions. What is taken is taken
 * in one form only: written again it is the same bytes. */
#include "pack/archive.h"
#include "pack/tar.h"
#include "text/semver.h"
#include "fuzz.h"

static void check_index(const fc_pack_index *x, const char *text, size_t n)
{
    fc_buf again = {0};
    fc_pack_index_write(x, &again);
    PROMISE(again.len == n && memcmp(again.data, text, n) == 0);
    PROMISE(fc_pack_index_file(x, "plugin.lua"));
    for (size_t i = 0; i < x->n; i++) {
        const char *path = x->files[i].path;
        PROMISE(*path && *path != '/' && !strstr(path, "..") && !strchr(path, '\\') && !strstr(path, "//"));
        PROMISE(x->files[i].size >= 0 && x->files[i].size <= FC_PACK_FILE_BYTES);
        PROMISE(i == 0 || strcmp(x->files[i - 1].path, path) < 0);
    }
    fc_buf_free(&again);
}

static void as_index(const char *text, size_t n)
{
    fc_pack_index *x;
    fc_err err;
    if (fc_pack_index_parse(text, n, &x, &err)) {
        PROMISE(!x);
        check_sentence(&err);
        return;
    }
    check_index(x, text, n);
    fc_pack_index_free(x);
}

static void as_archive(const char *bytes, size_t n)
{
    fc_buf data = {0}, again = {0};
    fc_archive *a;
    fc_err err;
    fc_buf_add(&data, bytes, n);
    if (fc_archive_open(&data, "x.pack", &a, &err)) {
        PROMISE(!a);
        check_sentence(&err);
        return;
    }
    check_index(a->index, a->index_text, a->index_len);
    char *signature = a->signature ? fc_strndup(a->signature, a->signature_len) : NULL;
    if (!signature || strlen(signature) == a->signature_len) {
        fc_archive_write(a->index, a->bodies, signature, &again);
        PROMISE(again.len == n && memcmp(again.data, bytes, n) == 0);
    }
    free(signature);
    fc_buf_free(&again);
    fc_archive_free(a);
}

/* A fuzzer that has to get hashes right never comes behind INDEX: the archive is made whole, and then the
 * input says which bytes change. */
static void nearly_whole(const uint8_t *data, size_t n)
{
    static const char *const paths[] = {"a/b.lua", "plugin.lua"}, *const bodies[] = {"return 1", "return {}"};
    fc_pack_index x = {.id = "acme", .version = "1.0.0", .seq = 1, .n = 2};
    fc_buf b = {0};
    fc_err err;
    x.files = fc_alloc(2 * sizeof *x.files);
    for (int i = 0; i < 2; i++) {
        strcpy(x.files[i].path, paths[i]);
        x.files[i].size = (int64_t)strlen(bodies[i]);
        fc_hash(bodies[i], strlen(bodies[i]), x.files[i].hash);
    }
    PROMISE(fc_pack_index_settle(&x, &err) == FC_OK);
    fc_archive_write(&x, bodies, NULL, &b);
    int changed = 0;
    for (size_t i = 0; i + 2 < n; i += 3) {
        size_t at = (size_t)(data[i] << 8 | data[i + 1]) % b.len;
        changed |= b.data[at] != (char)data[i + 2];
        b.data[at] = (char)data[i + 2];
    }
    fc_buf copy = {0};
    fc_archive *a;
    fc_buf_add(&copy, b.data, b.len);
    int rc = fc_archive_open(&copy, "x.pack", &a, &err);
    if (rc) check_sentence(&err);
    PROMISE(!(rc && !changed));
    if (!rc) {
        check_index(a->index, a->index_text, a->index_len);
        fc_archive_free(a);
    }
    fc_buf_free(&b);
    free(x.files);
}

static void as_keys(const char *text, size_t n)
{
    char *s = fc_strndup(text, n);
    fc_sign_public p;
    fc_sign_secret *secret;
    fc_signature sig;
    fc_semver v;
    fc_err err;
    if (fc_sign_public_parse(s, &p, &err)) check_sentence(&err);
    if (!fc_sign_secret_locked(s)) { /* else its file says how much work it is */
        if (fc_sign_secret_parse(s, NULL, &secret, &err)) check_sentence(&err);
        fc_sign_free(secret);
    }
    if (fc_signature_parse(text, n, &sig, &err))
        check_sentence(&err);
    else
        PROMISE(!strpbrk(sig.comment, "\n"));
    if (fc_semver_range(s, &err)) check_sentence(&err);
    if (!fc_semver_parse(s, &v, &err)) PROMISE(fc_semver_compare(&v, &v) == 0);
    free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0) return 0;
    const char *text = (const char *)data + 1;
    switch (data[0] % 4) {
    case 0:
        as_index(text, n - 1);
        break;
    case 1:
        as_archive(text, n - 1);
        break;
    case 2:
        nearly_whole(data + 1, n - 1);
        break;
    default:
        as_keys(text, n - 1);
    }
    return 0;
}
