/* Happy path: lines are read into the struct, the struct is checked, and written again: the bytes must be the
 * same. That last step is what makes the form one. */
#include "pack/index.h"
#include "text/semver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEAD "forecourt-pack 1\n"

static int by_path(const void *a, const void *b)
{
    return strcmp(((const fc_pack_file *)a)->path, ((const fc_pack_file *)b)->path);
}

static int by_folded(const void *a, const void *b)
{
    return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

void fc_pack_index_free(fc_pack_index *x)
{
    if (!x) return;
    free(x->files);
    free(x);
}

const fc_pack_file *fc_pack_index_file(const fc_pack_index *x, const char *path)
{
    for (size_t low = 0, high = x->n; low < high;) {
        size_t mid = (low + high) / 2;
        int c = strcmp(x->files[mid].path, path);
        if (c == 0) return &x->files[mid];
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

int fc_pack_seq_of(const char *version, int64_t *seq, fc_err *err)
{
    fc_semver v;
    int rc = fc_semver_parse(version, &v, err);
    if (rc) return rc;
    if (*v.pre || v.minor > 9999 || v.patch > 9999 || (!v.major && !v.minor && !v.patch))
        return fc_fail(
            err, FC_EINVAL, "从版本 %s 得不出序号：请用 --seq N 给出一个比以前都大的序号",
            "no sequence follows from the version %s: give one with --seq N, larger than all before",
            version);
    *seq = v.major * 100000000 + v.minor * 10000 + v.patch;
    return FC_OK;
}

/* ---- checks */

static int check_head(const fc_pack_index *x, fc_err *err)
{
    fc_semver v;
    if (!fc_pack_id_ok(x->id))
        return fc_fail(err, FC_EINVAL, "id 应由小写字母、数字和 - 组成",
                       "the id should be lower-case letters, digits and -");
    int rc = fc_semver_parse(x->version, &v, err);
    if (!rc && x->seq < 1)
        rc = fc_fail(err, FC_EINVAL, "序号 seq 应是正整数", "seq should be a positive integer");
    return rc;
}

static int check_size(const fc_pack_file *f, int64_t *total, fc_err *err)
{
    *total += f->size;
    if (f->size <= FC_PACK_FILE_BYTES && *total <= FC_PACK_BYTES) return FC_OK;
    return fc_fail(err, FC_ELIMIT, "%s 太大：一个文件最多 16 MiB，整个包最多 64 MiB",
                   "%s is too large: one file may have 16 MiB, a whole pack 64 MiB", f->path);
}

static int is_reserved(const char *path)
{
    return strcasecmp(path, "INDEX") == 0 || strcasecmp(path, "INDEX.minisig") == 0;
}

static int check_files(const fc_pack_index *x, fc_err *err)
{
    int64_t total = 0;
    int rc = FC_OK;
    if (x->n > FC_PACK_FILES)
        return fc_fail(err, FC_ELIMIT, "文件太多：一个包最多 %d 个", "too many files: a pack may have %d",
                       FC_PACK_FILES);
    for (size_t i = 0; i < x->n && !rc; i++) {
        const fc_pack_file *f = &x->files[i];
        rc = fc_pack_path_check(f->path, strlen(f->path), err);
        if (!rc && is_reserved(f->path))
            rc = fc_fail(err, FC_EINVAL, "%s 是包自己的文件名，不能是内容",
                         "%s is the pack's own name and no content", f->path);
        if (!rc && i && by_path(&x->files[i - 1], f) == 0)
            rc = fc_fail(err, FC_EINVAL, "%s 出现了两次", "%s is there twice", f->path);
        if (!rc && i && by_path(&x->files[i - 1], f) > 0)
            rc = fc_fail(err, FC_EINVAL, "%s 的次序不对", "%s is out of order", f->path);
        if (!rc) rc = check_size(f, &total, err);
    }
    return rc;
}

static int is_folder_of(const char *const *names, size_t n, const char *path)
{
    char part[FC_PACK_PATH + 1];
    const char *key = part;
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
        if (bsearch(&key, names, n, sizeof *names, by_folded)) return 1;
    }
    return 0;
}

/* What would be one name on a file system that does not tell capitals, or a file and a folder at once. */
static int check_meetings(const fc_pack_index *x, fc_err *err)
{
    int rc = FC_OK;
    const char **names = fc_alloc((x->n + 1) * sizeof *names);
    for (size_t i = 0; i < x->n; i++)
        names[i] = x->files[i].path;
    qsort(names, x->n, sizeof *names, by_folded);
    for (size_t i = 0; i < x->n && !rc; i++) {
        if (i && strcasecmp(names[i - 1], names[i]) == 0)
            rc = fc_fail(err, FC_EINVAL, "%s 和 %s 只有大小写不同", "%s and %s differ in capitals only",
                         names[i - 1], names[i]);
        else if (is_folder_of(names, x->n, names[i]))
            rc = fc_fail(err, FC_EINVAL, "%s 所在的文件夹又是一个文件", "the folder of %s is a file, too",
                         names[i]);
    }
    free(names);
    return rc;
}

static int check(const fc_pack_index *x, fc_err *err)
{
    int rc = check_head(x, err);
    if (!rc) rc = check_files(x, err);
    if (!rc) rc = check_meetings(x, err);
    if (!rc && !fc_pack_index_file(x, "plugin.lua"))
        rc = fc_fail(err, FC_EINVAL, "没有 plugin.lua：包里是一个插件文件夹的内容",
                     "there is no plugin.lua: a pack holds what a plugin's folder holds");
    return rc;
}

int fc_pack_index_settle(fc_pack_index *x, fc_err *err)
{
    if (x->n) qsort(x->files, x->n, sizeof *x->files, by_path);
    return check(x, err);
}

/* ---- text */

void fc_pack_index_write(const fc_pack_index *x, fc_buf *out)
{
    fc_buf_addf(out, HEAD "id %s\nversion %s\nseq %lld\n", x->id, x->version, (long long)x->seq);
    for (size_t i = 0; i < x->n; i++)
        fc_buf_addf(out, "file %lld %s %s\n", (long long)x->files[i].size, x->files[i].hash,
                    x->files[i].path);
}

typedef struct reader {
    const char *p, *end;
    int line;
} reader;

/* The rest of the line after `word` and a blank; NULL if the line is another one. */
static const char *field(reader *r, const char *word, size_t *n)
{
    size_t len = strlen(word), left = (size_t)(r->end - r->p);
    const char *end = memchr(r->p, '\n', left);
    if (!end || (size_t)(end - r->p) <= len || memcmp(r->p, word, len) != 0 || r->p[len] != ' ') return NULL;
    const char *value = r->p + len + 1;
    *n = (size_t)(end - value);
    r->p = end + 1;
    r->line++;
    return value;
}

static int text_field(reader *r, const char *word, char *out, size_t cap)
{
    size_t n;
    const char *v = field(r, word, &n);
    if (!v || n >= cap || memchr(v, 0, n)) return 0;
    memcpy(out, v, n);
    out[n] = 0;
    return 1;
}

static const char *digits(const char *p, const char *end, int64_t *out)
{
    const char *begin = p;
    for (*out = 0; p < end && *p >= '0' && *p <= '9' && p - begin < 18; p++)
        *out = *out * 10 + (*p - '0');
    return p == begin ? NULL : p;
}

static int int_field(reader *r, const char *word, int64_t *out)
{
    size_t n;
    const char *v = field(r, word, &n);
    return v && digits(v, v + n, out) == v + n;
}

static int bad_line(const reader *r, fc_err *err)
{
    return fc_fail(err, FC_EINVAL, "INDEX 第 %d 行不对：它不是 forecourt pack build 写出的样子",
                   "line %d of INDEX is wrong: it is not as forecourt pack build writes it", r->line + 1);
}

static int read_file_line(reader *r, fc_pack_file *f, fc_err *err)
{
    size_t n;
    const reader before = *r;
    const char *v = field(r, "file", &n), *end = v ? v + n : NULL;
    const char *p = v ? digits(v, end, &f->size) : NULL;
    if (!p || end - p < FC_HASH_HEX + 1 || *p != ' ' || p[FC_HASH_HEX] != ' ') return bad_line(&before, err);
    memcpy(f->hash, p + 1, FC_HASH_HEX - 1);
    f->hash[FC_HASH_HEX - 1] = 0;
    if (strspn(f->hash, "0123456789abcdef") != FC_HASH_HEX - 1) return bad_line(&before, err);
    p += FC_HASH_HEX + 1;
    int rc = fc_pack_path_check(p, (size_t)(end - p), err);
    if (rc) return rc;
    snprintf(f->path, sizeof f->path, "%.*s", (int)(end - p), p);
    return FC_OK;
}

static int read_files(reader *r, fc_pack_index *x, fc_err *err)
{
    size_t cap = 0;
    int rc = FC_OK;
    while (r->p < r->end && !rc) {
        if (x->n > FC_PACK_FILES) return check_files(x, err);
        if (x->n == cap) x->files = fc_realloc(x->files, (cap = cap ? cap * 2 : 32) * sizeof *x->files);
        rc = read_file_line(r, &x->files[x->n], err);
        if (!rc) x->n++;
    }
    return rc;
}

static int read_all(reader *r, fc_pack_index *x, fc_err *err)
{
    size_t head = strlen(HEAD);
    if ((size_t)(r->end - r->p) < head || memcmp(r->p, HEAD, head) != 0)
        return fc_fail(
            err, FC_EVERSION, "INDEX 不是以 forecourt-pack 1 开头：这不是插件包，或由更新的版本制作",
            "INDEX does not begin with forecourt-pack 1: this is no pack, or a newer version made it");
    r->p += head;
    r->line = 1;
    if (!text_field(r, "id", x->id, sizeof x->id) ||
        !text_field(r, "version", x->version, sizeof x->version) || !int_field(r, "seq", &x->seq))
        return bad_line(r, err);
    int rc = read_files(r, x, err);
    return rc ? rc : check(x, err);
}

int fc_pack_index_parse(const char *text, size_t n, fc_pack_index **out, fc_err *err)
{
    reader r = {text, text + n, 0};
    fc_pack_index *x = fc_alloc(sizeof *x);
    fc_buf again = {0};
    int rc = n > FC_PACK_INDEX_BYTES
                 ? fc_fail(err, FC_ELIMIT, "INDEX 超过 1 MiB", "INDEX is larger than 1 MiB")
                 : read_all(&r, x, err);
    if (!rc) fc_pack_index_write(x, &again);
    if (!rc && (again.len != n || memcmp(again.data, text, n) != 0))
        rc = fc_fail(err, FC_EINVAL, "INDEX 的写法与 forecourt pack build 的不同",
                     "INDEX is not written as forecourt pack build writes it");
    fc_buf_free(&again);
    if (rc) fc_pack_index_free(x);
    *out = rc ? NULL : x;
    return rc;
}
