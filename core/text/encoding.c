/* Order: a byte order mark; NULs in the head that form UTF-16; strict UTF-8; GB18030. Then the whole file is
 * read once (some 1 GB/s) to see that it holds.
 *
 * GB18030 accepts nearly any pair of high bytes, so UTF-8 with one damaged character (a field cut by bytes)
 * would pass as GB18030 and import as nonsense. Therefore text in which well-formed UTF-8 characters
 * outnumber the damaged bytes eight to one is called UTF-8 and refused at the damaged byte. */
#include "text/encoding.h"
#include "text/utf8.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define HEAD 65536
#define CARRY 8

const char *fc_encoding_name(enum fc_encoding e)
{
    static const char *const names[] = {"UTF-8", "UTF-8-BOM", "UTF-16LE", "UTF-16BE", "GB18030"};
    return names[e];
}

/* ---- well-formedness ---- */

static size_t check_utf8(const unsigned char *s, size_t n, int *bad)
{
    size_t good = fc_utf8_check((const char *)s, n);
    *bad = good < n && fc_utf8_char(s + good, n - good) == 0;
    return good;
}

/* The four-byte area is a number in base 126 x 10; only the basic plane and the planes 1-16 are assigned. */
static int four_byte_is_assigned(const unsigned char *s)
{
    long v = ((s[0] - 0x81) * 10L + (s[1] - 0x30)) * 1260 + (s[2] - 0x81) * 10L + (s[3] - 0x30);
    return v <= 39419 || (v >= 189000 && v <= 189000 + 1048575);
}

static int in(unsigned char c, unsigned char low, unsigned char high)
{
    return c >= low && c <= high;
}

/* Length of the character, 0 if malformed, -1 if cut off. */
static int gb18030_char(const unsigned char *s, size_t n)
{
    if (s[0] < 0x80) return 1;
    if (!in(s[0], 0x81, 0xFE)) return 0;
    if (n < 2) return -1;
    if (in(s[1], 0x40, 0x7E) || in(s[1], 0x80, 0xFE)) return 2;
    if (!in(s[1], 0x30, 0x39)) return 0;
    if (n < 4) return n == 3 && !in(s[2], 0x81, 0xFE) ? 0 : -1;
    if (!in(s[2], 0x81, 0xFE) || !in(s[3], 0x30, 0x39)) return 0;
    return four_byte_is_assigned(s) ? 4 : 0;
}

static size_t check_gb18030(const unsigned char *s, size_t n, int *bad)
{
    size_t i = 0;
    *bad = 0;
    while (i < n) {
        int length = gb18030_char(s + i, n - i);
        if (length <= 0) {
            *bad = length == 0;
            break;
        }
        i += (size_t)length;
    }
    return i;
}

static unsigned unit(const unsigned char *s, int big)
{
    return big ? (unsigned)s[0] << 8 | s[1] : (unsigned)s[1] << 8 | s[0];
}

/* U+0000 counts as malformed: no text holds it. */
static size_t check_utf16(const unsigned char *s, size_t n, int big, int *bad)
{
    size_t i = 0;
    *bad = 0;
    while (i + 2 <= n) {
        unsigned u = unit(s + i, big);
        int high = u >= 0xD800 && u <= 0xDBFF;
        *bad = u == 0 || (u >= 0xDC00 && u <= 0xDFFF);
        if (high && i + 4 > n) break;
        if (high) *bad = (unit(s + i + 2, big) & 0xFC00) != 0xDC00;
        if (*bad) break;
        i += high ? 4 : 2;
    }
    return i;
}

size_t fc_encoding_check(enum fc_encoding e, const unsigned char *s, size_t n, int *bad)
{
    if (e == FC_GB18030) return check_gb18030(s, n, bad);
    if (e == FC_UTF16LE || e == FC_UTF16BE) return check_utf16(s, n, e == FC_UTF16BE, bad);
    return check_utf8(s, n, bad);
}

/* ---- the whole file ---- */

static ssize_t read_some(int fd, void *to, size_t n)
{
    ssize_t got;
    do
        got = read(fd, to, n);
    while (got < 0 && errno == EINTR);
    return got;
}

typedef struct scan {
    int64_t first_bad; /* -1: the file is well formed */
    int64_t last_bad;
    int64_t good, bad; /* UTF-8 only: characters beyond ASCII, runs of damaged bytes */
    int nul;
} scan;

static void note_bad(scan *found, int64_t at, int nul)
{
    if (found->first_bad < 0 || at < found->first_bad) {
        found->first_bad = at;
        found->nul = nul;
    }
    found->bad += at != found->last_bad + 1;
    found->last_bad = at;
}

/* Characters beyond ASCII in well-formed UTF-8: bytes of the form 11xxxxxx. */
static int64_t count_leads(const unsigned char *s, size_t n)
{
    int64_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += s[i] >= 0xC0;
    return count;
}

/* One buffer. Returns how much of it is settled; the rest is the beginning of a character that goes on. */
static size_t scan_buffer(enum fc_encoding e, const unsigned char *s, size_t n, int64_t offset, scan *found)
{
    size_t i = 0;
    int bad = 0, wide = e == FC_UTF16LE || e == FC_UTF16BE;
    const unsigned char *nul = wide ? NULL : memchr(s, 0, n);
    if (nul) note_bad(found, offset + (nul - s), 1);
    while (i < n) {
        size_t good = fc_encoding_check(e, s + i, n - i, &bad);
        if (e <= FC_UTF8_BOM) found->good += count_leads(s + i, good);
        i += good;
        if (!bad) break;
        note_bad(found, offset + (int64_t)i, wide && i + 2 <= n && !s[i] && !s[i + 1]);
        i += wide ? 2 : 1;
    }
    return i;
}

static int scan_file(int fd, enum fc_encoding e, scan *found)
{
    unsigned char buffer[FC_SOURCE_CHUNK + CARRY];
    size_t held = 0;
    int64_t offset = 0;
    ssize_t n;
    *found = (scan){.first_bad = -1, .last_bad = -2};
    if (lseek(fd, 0, SEEK_SET) < 0) return -1;
    while ((n = read_some(fd, buffer + held, FC_SOURCE_CHUNK)) > 0) {
        size_t have = held + (size_t)n;
        size_t settled = scan_buffer(e, buffer, have, offset, found);
        if (settled > have) settled = have;
        held = have - settled;
        memmove(buffer, buffer + settled, held);
        offset += (int64_t)settled;
        if (found->nul || (found->bad && e > FC_UTF8_BOM)) break;
    }
    if (n == 0 && held) note_bad(found, offset, 0); /* the file ends inside a character */
    return n < 0 ? -1 : 0;
}

/* The physical line in which a byte stands, from 1. */
static int64_t line_at(int fd, int64_t offset, enum fc_encoding e)
{
    unsigned char buffer[FC_SOURCE_CHUNK];
    int wide = e == FC_UTF16LE || e == FC_UTF16BE;
    int64_t line = 1, at = 0;
    unsigned before = 0;
    ssize_t n;
    lseek(fd, 0, SEEK_SET);
    while (at < offset && (n = read_some(fd, buffer, sizeof buffer)) > 0) {
        for (ssize_t i = 0; i < n && at < offset; i += 1 + wide, at += 1 + wide) {
            unsigned c = wide && i + 1 < n ? unit(buffer + i, e == FC_UTF16BE) : buffer[i];
            line += c == '\r' || (c == '\n' && before != '\r');
            before = c;
        }
    }
    return line;
}

/* ---- deciding ---- */

static int fail_text(int fd, const char *path, const scan *found, enum fc_encoding e, fc_err *err)
{
    long long line = line_at(fd, found->first_bad, e), byte = found->first_bad + 1;
    if (found->nul)
        return fc_fail(
            err, FC_EINVAL,
            "%s:%lld: 文件第 %lld 字节是 NUL，这不是文本文件；请从原系统重新导出为 CSV 或 .xlsx",
            "%s:%lld: byte %lld of the file is NUL, so this is no text file; export it again as CSV or .xlsx",
            path, line, byte);
    if (e == FC_GB18030)
        return fc_fail(err, FC_EINVAL,
                       "%s:%lld: 文件第 %lld 字节在 UTF-8、UTF-16 和 GB18030 里都无效；请用 Excel "
                       "打开后另存为“CSV UTF-8”或 "
                       ".xlsx",
                       "%s:%lld: byte %lld of the file is invalid in UTF-8, UTF-16 and GB18030; open it in "
                       "Excel and save "
                       "it as \"CSV UTF-8\" or .xlsx",
                       path, line, byte);
    return fc_fail(
        err, FC_EINVAL,
        "%s:%lld: 文件是 %s 编码，但第 %lld 字节处的字符已损坏或被截断；请重新导出，或改正这一行后再导入",
        "%s:%lld: the file is %s, but the character at byte %lld is damaged or cut off; export it again, or "
        "mend that line",
        path, line, fc_encoding_name(e), byte);
}

static int has_separator(const unsigned char *s, size_t n, int big)
{
    for (size_t i = 0; i + 2 <= n; i += 2) {
        unsigned u = unit(s + i, big);
        if (u == '\n' || u == '\r' || u == '\t' || u == ',' || u == ';') return 1;
    }
    return 0;
}

/* UTF-16 without mark: the NULs of its ASCII characters all stand on the same side, are not rare, and some of
 * them belong to separators. */
static int looks_utf16(const unsigned char *s, size_t n, enum fc_encoding *e)
{
    size_t nuls[2] = {0, 0};
    for (size_t i = 0; i < n; i++)
        nuls[i & 1] += s[i] == 0;
    if (!nuls[0] == !nuls[1] || (nuls[0] + nuls[1]) * 40 < n) return 0;
    int bad, big = nuls[0] > 0;
    *e = big ? FC_UTF16BE : FC_UTF16LE;
    return has_separator(s, n, big) && check_utf16(s, n, big, &bad) + 4 > n && !bad;
}

static int by_head(const unsigned char *s, size_t n, enum fc_encoding *e, int *bom)
{
    static const struct {
        const char *mark;
        int n;
        enum fc_encoding e;
    } marks[] = {{"\xEF\xBB\xBF", 3, FC_UTF8_BOM},
                 {"\xFF\xFE", 2, FC_UTF16LE},
                 {"\xFE\xFF", 2, FC_UTF16BE},
                 {"\x84\x31\x95\x33", 4, FC_GB18030}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (n < (size_t)marks[i].n || memcmp(s, marks[i].mark, (size_t)marks[i].n) != 0) continue;
        *e = marks[i].e;
        *bom = marks[i].n;
        return 1;
    }
    *bom = 0;
    return looks_utf16(s, n, e);
}

static int settle(int fd, const char *path, int known, enum fc_encoding *e, fc_err *err)
{
    scan found;
    if (!known) *e = FC_UTF8;
    int rc = scan_file(fd, *e, &found);
    if (rc == 0 && found.first_bad >= 0 && !known && !found.nul && found.good < 8 * found.bad) {
        *e = FC_GB18030;
        rc = scan_file(fd, *e, &found);
    }
    if (rc < 0)
        return fc_fail(err, FC_EIO, "%s: 读取失败：%s", "%s: cannot be read: %s", path, strerror(errno));
    return found.first_bad < 0 ? FC_OK : fail_text(fd, path, &found, *e, err);
}

int fc_encoding_detect(int fd, const char *path, enum fc_encoding *out, int *bom, fc_err *err)
{
    unsigned char head[HEAD];
    ssize_t n = pread(fd, head, sizeof head, 0);
    if (n < 0)
        return fc_fail(err, FC_EIO, "%s: 读取失败：%s", "%s: cannot be read: %s", path, strerror(errno));
    int known = by_head(head, (size_t)n, out, bom);
    int rc = settle(fd, path, known, out, err);
    lseek(fd, 0, SEEK_SET);
    return rc;
}
