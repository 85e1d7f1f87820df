/* Reading: file -> frames -> zstd -> members. Each member's size and hash are checked at its end, the content
 * table at the end of all against what was seen.
 *
 *     between --begin--> inside --end of member--> between --table--> ended */
#include "store/backup_read.h"
#include "store/backup_zstd.h"

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_MAX (256u << 20)

enum state { BETWEEN, INSIDE, ENDED };

struct fc_fcb_reader {
    char *path;
    fc_frames f;
    fc_fcb_head head;
    const fc_zstd *z;
    ZSTD_DCtx *zip;
    ZSTD_inBuffer in;
    int zip_ended, full; /* full: the last call filled its buffer, more may be waiting */
    enum state state;
    fc_fcb_entry entry;
    int64_t size; /* of the member so far */
    size_t block; /* left in the block */
    crypto_generichash_state hash;
    fc_buf seen; /* the table as it must be */
    uint32_t members;
};

static void place_of(const fc_fcb_reader *r, char text[2][FC_FCB_NAME + 80], const char *place[2])
{
    if (r->state == INSIDE) {
        snprintf(text[FC_ZH], FC_FCB_NAME + 80, "%s（从其第 %lld 字节起）", r->entry.name,
                 (long long)r->size);
        snprintf(text[FC_EN], FC_FCB_NAME + 80, "%s (from its byte %lld on)", r->entry.name,
                 (long long)r->size);
    } else if (r->members) {
        snprintf(text[FC_ZH], FC_FCB_NAME + 80, "%s 之后的部分", r->entry.name);
        snprintf(text[FC_EN], FC_FCB_NAME + 80, "what stands after %s", r->entry.name);
    } else {
        snprintf(text[FC_ZH], FC_FCB_NAME + 80, "第一个文件");
        snprintf(text[FC_EN], FC_FCB_NAME + 80, "the first member");
    }
    place[FC_ZH] = text[FC_ZH];
    place[FC_EN] = text[FC_EN];
}

static int next_frame(fc_fcb_reader *r, fc_err *err)
{
    char text[2][FC_FCB_NAME + 80];
    const char *place[2];
    place_of(r, text, place);
    int rc = fc_frames_next(&r->f, place, err);
    r->in = (ZSTD_inBuffer){r->f.plain, rc ? 0 : r->f.n, 0};
    return rc;
}

/* What the seal let through and still makes no sense: a writer's fault, or memory's. */
static int wrong(const fc_fcb_reader *r, const char *zh, const char *en, fc_err *err)
{
    return fc_fail(err, FC_EINVAL, "%s: %s：%s%.0s；请使用另一份备份", "%s: %s: %.0s%s; use another backup",
                   r->path, r->entry.name[0] ? r->entry.name : "-", zh, en);
}

/* Some bytes, 1 to cap. */
static int pull(fc_fcb_reader *r, void *to, size_t cap, size_t *n, fc_err *err)
{
    ZSTD_outBuffer out = {to, cap, 0};
    while (out.pos == 0) {
        if (r->zip_ended) return wrong(r, "内容提前结束", "the content ends too early", err);
        if (r->in.pos == r->in.size && !r->full) {
            int rc = next_frame(r, err);
            if (rc) return rc;
        }
        size_t left = r->z->read(r->zip, &out, &r->in);
        if (r->z->is_error(left)) return wrong(r, "无法解压", "cannot be decompressed", err);
        r->zip_ended = left == 0;
        r->full = out.pos == cap;
    }
    *n = out.pos;
    return FC_OK;
}

static int need(fc_fcb_reader *r, void *to, size_t n, fc_err *err)
{
    char *at = to;
    while (n) {
        size_t part;
        int rc = pull(r, at, n, &part, err);
        if (rc) return rc;
        at += part;
        n -= part;
    }
    return FC_OK;
}

static uint64_t number(const unsigned char *from, int bytes)
{
    uint64_t v = 0;
    for (int i = 0; i < bytes; i++)
        v |= (uint64_t)from[i] << (8 * i);
    return v;
}

int fc_fcb_peek(const char *path, fc_fcb_head *head, fc_err *err)
{
    fc_frames *f = fc_fcb_alloc(sizeof *f);
    int rc = fc_frames_open(f, path, head, err);
    fc_frames_close(f);
    free(f);
    return rc;
}

int fc_fcb_open(const char *path, const unsigned char master[FC_KEY_BYTES], fc_fcb_reader **out, fc_err *err)
{
    *out = NULL;
    const fc_zstd *z = fc_zstd_library(err);
    if (!z) return err->code;
    fc_fcb_reader *r = fc_fcb_alloc(sizeof *r);
    r->path = fc_strdup(path);
    r->z = z;
    int rc = fc_frames_open(&r->f, r->path, &r->head, err);
    if (!rc) rc = fc_frames_key(&r->f, &r->head, master, err);
    if (!rc && !(r->zip = z->new_reader()))
        rc = fc_fail(err, FC_ENOMEM, "%s: 内存不足", "%s: not enough memory", path);
    if (rc) {
        fc_fcb_close_reader(r);
        return rc;
    }
    *out = r;
    return FC_OK;
}

const fc_fcb_head *fc_fcb_head_of(const fc_fcb_reader *r)
{
    return &r->head;
}

static int begin_member(fc_fcb_reader *r, fc_err *err)
{
    unsigned char head[2], mode[4];
    char name[FC_FCB_NAME];
    int rc = need(r, head, sizeof head, err);
    if (rc) return rc;
    size_t n = (size_t)number(head, 2);
    if (n >= sizeof name) return wrong(r, "文件名过长", "a name is too long", err);
    rc = need(r, name, n, err);
    if (!rc) rc = need(r, mode, sizeof mode, err);
    if (rc) return rc;
    if (!fc_fcb_name_is_safe(name, n) || memchr(name, 0, n))
        return wrong(r, "下一个文件的名称指向站点之外，或含有不允许的字符",
                     "the name of the next member leads outside of the site, or has characters it must not",
                     err);
    memcpy(r->entry.name, name, n);
    r->entry.name[n] = 0;
    r->entry.mode = (unsigned)number(mode, 4) & 0777;
    r->size = 0;
    r->block = 0;
    r->state = INSIDE;
    crypto_generichash_init(&r->hash, NULL, 0, 32);
    return FC_OK;
}

static int check_table(fc_fcb_reader *r, fc_err *err)
{
    unsigned char head[8];
    int rc = need(r, head, sizeof head, err);
    if (rc) return rc;
    size_t n = (size_t)number(head + 4, 4);
    if (number(head, 4) != r->members || n != r->seen.len || n > TABLE_MAX)
        return wrong(r, "内容目录与文件不符", "the content table and the members differ", err);
    char *table = fc_alloc(n + 1);
    rc = need(r, table, n, err);
    if (!rc && n && memcmp(table, r->seen.data, n) != 0)
        rc = wrong(r, "内容目录与文件不符", "the content table and the members differ", err);
    free(table);
    return rc;
}

static int finish(fc_fcb_reader *r, fc_err *err)
{
    char mark, more;
    int rc = check_table(r, err);
    if (!rc) rc = need(r, &mark, 1, err);
    if (rc) return rc;
    if (mark != 'E') return wrong(r, "结尾标记不对", "the end mark is wrong", err);
    while (!rc && !r->zip_ended) { /* its own end may stand in a further frame */
        if (r->in.pos == r->in.size && (rc = next_frame(r, err))) break;
        ZSTD_outBuffer out = {&more, 1, 0};
        size_t left = r->z->read(r->zip, &out, &r->in);
        if (r->z->is_error(left) || out.pos)
            return wrong(r, "结尾之后还有内容", "there is more after the end", err);
        r->zip_ended = left == 0;
    }
    if (!rc && !r->f.last) rc = next_frame(r, err);
    if (rc) return rc;
    if (r->in.pos != r->in.size) return wrong(r, "结尾之后还有内容", "there is more after the end", err);
    rc = fc_frames_end(&r->f, err);
    if (!rc) r->state = ENDED;
    return rc;
}

int fc_fcb_next(fc_fcb_reader *r, fc_fcb_entry *entry, int *more, fc_err *err)
{
    char mark;
    *more = 0;
    if (r->state == ENDED) return FC_OK;
    int rc = need(r, &mark, 1, err);
    if (rc) return rc;
    if (mark == 'T') return finish(r, err);
    if (mark != 'M') return wrong(r, "之后的标记不认识", "an unknown mark follows it", err);
    rc = begin_member(r, err);
    if (rc) return rc;
    *entry = r->entry;
    *more = 1;
    return FC_OK;
}

static int end_member(fc_fcb_reader *r, fc_err *err)
{
    unsigned char tail[8 + 32], hash[32], length[2];
    size_t n = strlen(r->entry.name);
    int rc = need(r, tail, sizeof tail, err);
    if (rc) return rc;
    crypto_generichash_final(&r->hash, hash, sizeof hash);
    if ((int64_t)number(tail, 8) != r->size || memcmp(tail + 8, hash, sizeof hash) != 0)
        return wrong(r, "内容与记录的大小或哈希不符", "its content differs from its recorded size or hash",
                     err);
    length[0] = (unsigned char)n;
    length[1] = (unsigned char)(n >> 8);
    fc_buf_add(&r->seen, length, sizeof length);
    fc_buf_add(&r->seen, r->entry.name, n);
    fc_buf_add(&r->seen, tail, sizeof tail);
    r->members++;
    r->state = BETWEEN;
    return FC_OK;
}

int fc_fcb_read(fc_fcb_reader *r, void *to, size_t cap, size_t *n, fc_err *err)
{
    unsigned char head[4];
    *n = 0;
    if (r->state != INSIDE) return FC_OK;
    if (!r->block) {
        int rc = need(r, head, sizeof head, err);
        if (rc) return rc;
        r->block = (size_t)number(head, 4);
        if (!r->block) return end_member(r, err);
        if (r->block > FCB_BLOCK) return wrong(r, "块过大", "a block is too large", err);
    }
    int rc = pull(r, to, cap < r->block ? cap : r->block, n, err);
    if (rc) return rc;
    crypto_generichash_update(&r->hash, to, *n);
    r->block -= *n;
    r->size += (int64_t)*n;
    return FC_OK;
}

void fc_fcb_position(const fc_fcb_reader *r, int64_t *done, int64_t *total)
{
    *done = r->f.at;
    *total = r->f.end;
}

void fc_fcb_close_reader(fc_fcb_reader *r)
{
    if (!r) return;
    fc_frames_close(&r->f);
    if (r->zip) r->z->free_reader(r->zip);
    fc_buf_free(&r->seen);
    free(r->path);
    free(r);
}
