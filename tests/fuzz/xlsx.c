/* The XML inside a workbook: the input is sheet, shared strings and workbook, parted by NUL, packed here into
 * a sound archive (a fuzzer that has to get checksums right never comes to the XML). */
#include "base/buf.h"
#include "text/table_reader.h"
#include "fuzz.h"
#include <archive.h>
#include <archive_entry.h>
#include <sys/mman.h>
#include <unistd.h>

#define REL "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define RELATION(id, type, target)                                                                           \
    "<Relationship Id=\"" id "\" Type=\"" REL "/" type "\" Target=\"" target "\"/>"

static const char relations[] = "<Relationships>" RELATION("r1", "worksheet", "worksheets/sheet1.xml")
    RELATION("r2", "sharedStrings", "sharedStrings.xml") "</Relationships>";
static const char workbook[] = "<workbook><sheets><sheet name=\"a\" id=\"r1\"/></sheets></workbook>";

static void add_part(struct archive *zip, const char *name, const void *bytes, size_t n)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_size(entry, (la_int64_t)n);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_write_header(zip, entry);
    archive_write_data(zip, bytes, n);
    archive_entry_free(entry);
}

static const uint8_t *next_part(const uint8_t **p, const uint8_t *end, size_t *n)
{
    const uint8_t *from = *p, *nul = memchr(from, 0, (size_t)(end - from));
    *n = (size_t)((nul ? nul : end) - from);
    *p = nul ? nul + 1 : end;
    return from;
}

static int pack(const uint8_t *data, size_t n, char path[40])
{
    int fd = memfd_create("fuzz", 0);
    const uint8_t *p = data, *end = data + n;
    struct archive *zip = archive_write_new();
    archive_write_set_format_zip(zip);
    archive_write_set_options(zip, "zip:compression=store");
    PROMISE(archive_write_open_fd(zip, fd) == ARCHIVE_OK);
    size_t sheet_n, strings_n, book_n;
    const uint8_t *sheet = next_part(&p, end, &sheet_n), *strings = next_part(&p, end, &strings_n);
    const uint8_t *book = next_part(&p, end, &book_n);
    add_part(zip, "xl/_rels/workbook.xml.rels", relations, sizeof relations - 1);
    add_part(zip, "xl/workbook.xml", book_n ? (const void *)book : workbook,
             book_n ? book_n : sizeof workbook - 1);
    add_part(zip, "xl/worksheets/sheet1.xml", sheet, sheet_n);
    if (strings_n) add_part(zip, "xl/sharedStrings.xml", strings, strings_n);
    archive_write_free(zip);
    snprintf(path, 40, "/proc/self/fd/%d", fd);
    return fd;
}

static void read_all(fc_table *t)
{
    int64_t line, last = 0;
    const char *const *fields;
    int count, rc;
    fc_err err;
    while ((rc = fc_table_next(t, &line, &fields, &count, &err)) == FC_OK && count) {
        PROMISE(line > last && line <= 1048576 && count <= 16384);
        PROMISE(fields[count - 1][0]);
        last = line;
        for (int i = 0; i < count; i++)
            PROMISE(fc_utf8_check(fields[i], strlen(fields[i])) == strlen(fields[i]));
    }
    if (rc != FC_OK)
        check_sentence(&err);
    else
        PROMISE(fc_table_hash(t) && last > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char path[40];
    fc_table *t;
    fc_err err;
    int fd = pack(data, n, path);
    if (fc_table_open(path, &t, &err) != FC_OK) {
        check_sentence(&err);
    } else {
        read_all(t);
        fc_table_close(t);
    }
    close(fd);
    return 0;
}
