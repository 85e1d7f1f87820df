/* Happy path: open, look at the first bytes (a workbook, an old .xls, a PDF?), detect the encoding over the
 * whole file, rewind; then each call reads 64 KiB, hashes them and decodes them: UTF-8 is passed on where it
 * lies, everything else goes through iconv. A character cut by the chunk's border is carried over.
 *
 * Failures: the file cannot be opened or read, is no text (encoding.c), or has changed under us so that it is
 * no longer the text that was checked. Memory is this struct, whatever the file. */
#include "text/table_source.h"
#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NO_DECODER ((iconv_t)-1)

static int fail_errno(fc_err *err, const char *path)
{
    if (errno == ENOENT)
        return fc_fail(err, FC_ENOTFOUND, "%s: 没有这个文件；请检查路径", "%s: no such file; check the path",
                       path);
    return fc_fail(err, FC_EIO, "%s: 无法读取：%s", "%s: cannot be read: %s", path, strerror(errno));
}

/* ---- what it is ---- */

static int starts(const unsigned char *s, size_t n, const char *magic, size_t m)
{
    return n >= m && memcmp(s, magic, m) == 0;
}

static int is_old_xls(const unsigned char *s, size_t n)
{
    return starts(s, n, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) || starts(s, n, "\x09\x08\x10\x00", 4) ||
           starts(s, n, "\x09\x08\x08\x00", 4) || starts(s, n, "\x09\x04\x06\x00", 4) ||
           starts(s, n, "\x09\x02\x06\x00", 4);
}

static int recognise(fc_source *s, fc_err *err)
{
    unsigned char head[8192];
    ssize_t n = pread(s->fd, head, sizeof head, 0);
    if (n < 0) return fail_errno(err, s->path);
    size_t have = (size_t)n;
    static const char locked[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";
    if (is_old_xls(head, have) && memmem(head, have, locked, sizeof locked - 1))
        return fc_fail(
            err, FC_EINVAL,
            "%s: 这是加了密码的 Excel 文件；请在 Excel 中去掉密码，另存为 .xlsx 或 CSV 后再导入",
            "%s: this is an Excel file with a password; take the password off in Excel, save as .xlsx or CSV "
            "and import that",
            s->path);
    if (is_old_xls(head, have))
        return fc_fail(
            err, FC_EINVAL,
            "%s: 这是旧式二进制 .xls 文件，无法读取；请在 Excel 中另存为 .xlsx 或 CSV 后再导入",
            "%s: this is an old binary .xls file, which cannot be read; in Excel, save as .xlsx or CSV and "
            "import that",
            s->path);
    if (starts(head, have, "%PDF-", 5))
        return fc_fail(err, FC_EINVAL, "%s: 这是 PDF 文件；请从原系统导出为 .xlsx 或 CSV",
                       "%s: this is a PDF; export it from its system as .xlsx or CSV", s->path);
    s->kind = starts(head, have, "PK\x03\x04", 4) ? FC_FILE_ZIP : FC_FILE_TEXT;
    return FC_OK;
}

/* ---- opening ---- */

static int open_file(fc_source *s, fc_err *err)
{
    struct stat st;
    s->fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not hold us */
    if (s->fd < 0 || fstat(s->fd, &st) != 0) return fail_errno(err, s->path);
    if (!S_ISREG(st.st_mode))
        return fc_fail(err, FC_EINVAL, "%s: 这不是普通文件；请给出一个 CSV 或 .xlsx 文件",
                       "%s: this is not a regular file; give a CSV or .xlsx file", s->path);
    s->size = st.st_size;
    if (s->size == 0)
        return fc_fail(err, FC_EINVAL, "%s: 文件是空的；请重新导出", "%s: the file is empty; export it again",
                       s->path);
    return FC_OK;
}

static int open_decoder(fc_source *s, fc_err *err)
{
    int bom = 0;
    int rc = fc_encoding_detect(s->fd, s->path, &s->encoding, &bom, err);
    if (rc != FC_OK) return rc;
    s->decoded_to = 0;
    if (s->encoding > FC_UTF8_BOM) {
        s->decoder = iconv_open("UTF-8", fc_encoding_name(s->encoding));
        if (s->decoder == NO_DECODER)
            return fc_fail(err, FC_EINTERNAL, "%s: 系统的 iconv 不认识 %s；请安装完整的 libc",
                           "%s: this system's iconv does not know %s; install the complete C library",
                           s->path, fc_encoding_name(s->encoding));
    }
    char mark[4];
    if (bom && read(s->fd, mark, (size_t)bom) != bom) return fail_errno(err, s->path);
    crypto_generichash_update(&s->hashing, (unsigned char *)mark, (unsigned long long)bom);
    s->position = s->decoded_to = bom;
    return FC_OK;
}

int fc_source_open(const char *path, fc_source **out, fc_err *err)
{
    fc_source *s = fc_alloc(sizeof *s);
    *out = NULL;
    s->path = fc_strdup(path);
    s->fd = -1;
    s->decoder = NO_DECODER;
    crypto_generichash_init(&s->hashing, NULL, 0, 32);
    int rc = open_file(s, err);
    if (rc == FC_OK) rc = recognise(s, err);
    if (rc == FC_OK && s->kind == FC_FILE_TEXT) rc = open_decoder(s, err);
    if (rc == FC_OK)
        *out = s;
    else
        fc_source_close(s);
    return rc;
}

void fc_source_close(fc_source *s)
{
    if (!s) return;
    if (s->decoder != NO_DECODER) iconv_close(s->decoder);
    if (s->fd >= 0) close(s->fd);
    free(s->path);
    free(s);
}

/* ---- reading ---- */

static void finish_hash(fc_source *s)
{
    unsigned char raw[32];
    crypto_generichash_final(&s->hashing, raw, sizeof raw);
    sodium_bin2hex(s->hash, sizeof s->hash, raw, sizeof raw);
    s->at_end = 1;
}

static int fill(fc_source *s, fc_err *err)
{
    ssize_t n;
    do
        n = read(s->fd, s->raw + s->raw_len, FC_SOURCE_CHUNK);
    while (n < 0 && errno == EINTR);
    if (n < 0) return fail_errno(err, s->path);
    crypto_generichash_update(&s->hashing, (unsigned char *)s->raw + s->raw_len, (unsigned long long)n);
    s->raw_len += (size_t)n;
    s->position += n;
    if (n == 0) finish_hash(s);
    return FC_OK;
}

int fc_source_hash_file(fc_source *s, fc_err *err)
{
    int rc = s->at_end || lseek(s->fd, 0, SEEK_SET) == 0 ? FC_OK : fail_errno(err, s->path);
    while (rc == FC_OK && !s->at_end) {
        s->raw_len = 0;
        rc = fill(s, err);
    }
    return rc;
}

static int fail_text(fc_source *s, int64_t line, fc_err *err)
{
    return fc_fail(
        err, FC_EINVAL, "%s:%lld: 文件第 %lld 字节起不是有效的 %s 文字；请用 Excel 打开后另存为 .xlsx 再导入",
        "%s:%lld: from byte %lld of the file on this is not valid %s; open it in Excel, save it as .xlsx and "
        "import that",
        s->path, (long long)line, (long long)s->decoded_to + 1, fc_encoding_name(s->encoding));
}

/* Takes the chunk that was given out away from raw, so that what was carried over stands first. */
static void take(fc_source *s, size_t used)
{
    s->raw_len -= used;
    memmove(s->raw, s->raw + used, s->raw_len);
    s->decoded_to += (int64_t)used;
}

static int pass_utf8(fc_source *s, int64_t line, fc_err *err)
{
    int bad;
    size_t good = fc_encoding_check(FC_UTF8, (unsigned char *)s->raw, s->raw_len, &bad);
    if (!good && s->raw_len && (bad || s->at_end)) return fail_text(s, line, err);
    /* decoded only as a copy: raw is about to be moved */
    memcpy(s->decoded, s->raw, good);
    s->text_len = good;
    take(s, good);
    return FC_OK;
}

static int decode(fc_source *s, int64_t line, fc_err *err)
{
    char *in = s->raw, *out = s->decoded;
    size_t in_left = s->raw_len, out_left = sizeof s->decoded;
    size_t rc = iconv(s->decoder, &in, &in_left, &out, &out_left);
    int why = rc == (size_t)-1 ? errno : 0;
    s->text_len = sizeof s->decoded - out_left;
    take(s, s->raw_len - in_left);
    if (s->text_len) return FC_OK; /* a bad byte is met again, first of the next chunk */
    if (why == EILSEQ || (s->at_end && s->raw_len)) return fail_text(s, line, err);
    return FC_OK;
}

int fc_source_more(fc_source *s, int64_t line, fc_err *err)
{
    s->text = s->decoded;
    s->text_len = 0;
    for (;;) {
        int rc = FC_OK;
        if (s->raw_len < 8 && !s->at_end) rc = fill(s, err);
        if (rc == FC_OK && s->raw_len)
            rc = s->decoder == NO_DECODER ? pass_utf8(s, line, err) : decode(s, line, err);
        if (rc != FC_OK || s->text_len || (s->at_end && !s->raw_len)) return rc;
    }
}
