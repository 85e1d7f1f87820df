/* A table of any bytes: sentences or rows. Rows are UTF-8, lines go up, the hash is the file's, and text that
 * is plainly UTF-8 splits as a splitter says that sees all of it at once. Built with tiny chunks. */
#include "text/table_reader.h"
#include "base/buf.h"
#include "base/hash.h"
#include "text/encoding.h"
#include "fuzz.h"
#include <sys/mman.h>
#include <unistd.h>

static int memory_file(const uint8_t *data, size_t n, char path[40])
{
    int fd = memfd_create("fuzz", 0);
    PROMISE(fd >= 0 && write(fd, data, n) == (ssize_t)n);
    snprintf(path, 40, "/proc/self/fd/%d", fd);
    return fd;
}

/* One record of the plain splitter at *p; fields ended by NUL into out. Returns their number, -1 for an open
 * quote. */
static int plain_record(const char **p, const char *end, char delimiter, fc_buf *out)
{
    int fields = 1;
    fc_buf_clear(out);
    const char *s = *p, *field = s;
    while (s < end && *s != '\n' && *s != '\r') {
        if (s == field && *s == '"') {
            for (s++; s < end && (*s != '"' || (s + 1 < end && s[1] == '"')); s++) {
                s += *s == '"';
                fc_buf_addc(out, *s);
            }
            if (s == end) return -1;
            s++;
        } else if (*s == delimiter) {
            fc_buf_addc(out, 0);
            fields++;
            field = ++s;
        } else {
            fc_buf_addc(out, *s++);
        }
        if (s != field && s[-1] != delimiter) field = NULL;
    }
    fc_buf_addc(out, 0);
    if (s < end) s += *s == '\r' && s + 1 < end && s[1] == '\n' ? 2 : 1;
    *p = s;
    return fields;
}

/* The physical line at which `p` stands. */
static int64_t plain_line(const char *from, const char *p)
{
    int64_t line = 1;
    for (const char *s = from; s < p; s++)
        line += *s == '\r' || (*s == '\n' && (s == from || s[-1] != '\r'));
    return line;
}

static void check_row(const char *const *fields, int count, const fc_buf *want)
{
    const char *p = want->data;
    for (int i = 0; i < count; i++) {
        PROMISE(strcmp(fields[i], p) == 0);
        p += strlen(p) + 1;
    }
    PROMISE(p == want->data + want->len);
}

static void read_all(fc_table *t, const uint8_t *data, size_t n)
{
    int64_t line, last = 0;
    const char *const *fields;
    int count, rc;
    fc_err err;
    fc_buf want = {0};
    const char *p = (const char *)data, *end = p + n;
    int compare = strcmp(fc_table_encoding(t), "UTF-8") == 0 && !(n > 4 && strncasecmp(p, "sep=", 4) == 0);
    while ((rc = fc_table_next(t, &line, &fields, &count, &err)) == FC_OK && count) {
        PROMISE(line > last);
        last = line;
        for (int i = 0; i < count; i++)
            PROMISE(fc_utf8_check(fields[i], strlen(fields[i])) == strlen(fields[i]));
        if (!compare) continue;
        PROMISE(line == plain_line((const char *)data, p));
        PROMISE(plain_record(&p, end, fc_table_delimiter(t), &want) == count);
        check_row(fields, count, &want);
    }
    if (rc != FC_OK) check_sentence(&err);
    if (rc == FC_OK) {
        char hash[FC_HASH_HEX];
        fc_hash(data, n, hash);
        PROMISE(fc_table_hash(t) && strcmp(hash, fc_table_hash(t)) == 0);
        PROMISE(!compare || p == end);
        PROMISE(fc_table_position(t) == (int64_t)n);
    }
    fc_buf_free(&want);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char path[40];
    fc_table *t;
    fc_err err;
    int fd = memory_file(data, n, path);
    if (fc_table_open(path, &t, &err) != FC_OK) {
        PROMISE(t == NULL);
        check_sentence(&err);
    } else {
        read_all(t, data, n);
        fc_table_close(t);
    }
    close(fd);
    return 0;
}
