/* Reading: a header is made from what is expected next and compared. Only where it differs is the foreign one
 * looked at, to say in words what is wrong (archive_refuse.c). */
#include "pack/archive_internal.h"

#include <stdlib.h>
#include <string.h>

void fc_archive_free(fc_archive *a)
{
    if (!a) return;
    fc_pack_index_free(a->index);
    free(a->bodies);
    fc_buf_free(&a->data);
    free(a);
}

static int is_zero(const char *p, int64_t n)
{
    for (; n > 0; n--)
        if (*p++) return 0;
    return 1;
}

/* The body of the next file, which must be `path` with `size` bytes. */
static int take(struct reading *r, const char *path, int64_t size, const char **body, fc_err *err)
{
    unsigned char expected[FC_TAR_BLOCK];
    int64_t left = (int64_t)r->a->data.len - r->at, padding = fc_tar_padding(size);
    const char *here = r->a->data.data + r->at;
    if (left < FC_TAR_BLOCK) return fc_archive_cut(path, err);
    fc_tar_header(path, size, expected);
    if (memcmp(here, expected, FC_TAR_BLOCK) != 0) return fc_archive_refuse(r, here, path, size, err);
    if (left - FC_TAR_BLOCK < size + padding) return fc_archive_cut(path, err);
    *body = here + FC_TAR_BLOCK;
    if (!is_zero(*body + size, padding))
        return fc_fail(err, FC_EINVAL, "%s 之后的填充字节被改过", "the padding behind %s was changed", path);
    r->at += FC_TAR_BLOCK + size + padding;
    return FC_OK;
}

/* INDEX and its signature say their own size; the header that follows from that must be the one that is
 * there. */
static int take_own(struct reading *r, const char *path, int64_t most, const char **body, size_t *n,
                    fc_err *err)
{
    fc_tar_entry e;
    if ((int64_t)r->a->data.len - r->at < FC_TAR_BLOCK) return fc_archive_cut(path, err);
    fc_tar_look((const unsigned char *)r->a->data.data + r->at, &e);
    if (e.intact && strcmp(e.path, path) == 0 && e.size > most)
        return fc_fail(err, FC_ELIMIT, "%s 太大（%lld 字节）", "%s is too large (%lld bytes)", path,
                       (long long)e.size);
    *n = e.size < 0 ? 0 : (size_t)e.size;
    return take(r, path, (int64_t)*n, body, err);
}

static int take_signature(struct reading *r, fc_err *err)
{
    fc_tar_entry e;
    if ((int64_t)r->a->data.len - r->at < FC_TAR_BLOCK) return FC_OK;
    fc_tar_look((const unsigned char *)r->a->data.data + r->at, &e);
    if (strcmp(e.path, SIGNATURE_NAME) != 0) return FC_OK;
    return take_own(r, SIGNATURE_NAME, 4096, &r->a->signature, &r->a->signature_len, err);
}

static int take_files(struct reading *r, fc_err *err)
{
    const fc_pack_index *x = r->a->index;
    r->a->bodies = fc_alloc((x->n + 1) * sizeof *r->a->bodies);
    for (size_t i = 0; i < x->n; i++) {
        char hash[FC_HASH_HEX];
        r->next = i;
        int rc = take(r, x->files[i].path, x->files[i].size, &r->a->bodies[i], err);
        if (rc) return rc;
        fc_hash(r->a->bodies[i], (size_t)x->files[i].size, hash);
        if (strcmp(hash, x->files[i].hash) != 0)
            return fc_fail(err, FC_EDENIED, "%s 的内容与 INDEX 不符：被改过，请重新取得这个包",
                           "the content of %s is not what INDEX says: it was changed, fetch the pack again",
                           x->files[i].path);
    }
    r->next = x->n;
    return FC_OK;
}

static int take_end(struct reading *r, fc_err *err)
{
    int64_t left = (int64_t)r->a->data.len - r->at;
    const char *here = r->a->data.data + r->at;
    if (left == 2 * FC_TAR_BLOCK && is_zero(here, left)) return FC_OK;
    if (left < 2 * FC_TAR_BLOCK)
        return fc_fail(err, FC_EINVAL, "文件不完整，结尾缺失：请重新取得",
                       "the file is incomplete, its end is missing: fetch it again");
    if (!is_zero(here, FC_TAR_BLOCK)) return fc_archive_refuse(r, here, NULL, 0, err);
    return fc_fail(err, FC_EINVAL, "结尾之后还有别的字节", "there are more bytes behind the end");
}

static int read_all(struct reading *r, fc_err *err)
{
    fc_archive *a = r->a;
    int rc = fc_archive_kind(a->data.data, a->data.len, err);
    if (!rc) rc = take_own(r, "INDEX", FC_PACK_INDEX_BYTES, &a->index_text, &a->index_len, err);
    if (!rc) rc = fc_pack_index_parse(a->index_text, a->index_len, &a->index, err);
    if (!rc) rc = take_signature(r, err);
    if (!rc) rc = take_files(r, err);
    if (!rc) rc = take_end(r, err);
    if (!rc) fc_hash(a->index_text, a->index_len, a->hash);
    return rc;
}

int fc_archive_open(fc_buf *data, const char *name, fc_archive **out, fc_err *err)
{
    fc_archive *a = fc_alloc(sizeof *a);
    a->data = *data;
    *data = (fc_buf){0};
    struct reading r = {.a = a};
    int rc = read_all(&r, err);
    if (rc) {
        fc_wrap(err, name);
        fc_archive_free(a);
    }
    *out = rc ? NULL : a;
    return rc;
}

int fc_archive_read(const char *path, fc_archive **out, fc_err *err)
{
    fc_buf data = {0};
    *out = NULL;
    int rc = fc_read_file(path, FC_PACK_ARCHIVE_BYTES, &data, err);
    if (!rc) return fc_archive_open(&data, path, out, err);
    fc_buf_free(&data);
    return rc;
}

void fc_archive_write(const fc_pack_index *x, const char *const *bodies, const char *signature, fc_buf *out)
{
    fc_buf text = {0};
    fc_pack_index_write(x, &text);
    fc_tar_file("INDEX", text.data, text.len, out);
    fc_buf_free(&text);
    if (signature) fc_tar_file(SIGNATURE_NAME, signature, strlen(signature), out);
    for (size_t i = 0; i < x->n; i++)
        fc_tar_file(x->files[i].path, bodies[i], (size_t)x->files[i].size, out);
    fc_tar_end(out);
}
