/* Happy path: fc_zip_find reads the directory from its beginning (libarchive has no way back), stops at the
 * entry; fc_zip_read unpacks. Failures: the library is not there, the archive is damaged, the entry is locked
 * or too large. fc_zip_close closes the archive; the descriptor stays the caller's. */
#include "text/zip_entry.h"
#include "base/buf.h"

#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define LIBRARY "libarchive.so.13"
#define MAX_UNPACKED (64 * 1024 * 1024)
#define MAX_ENTRIES 20000
#define BLOCK 65536

struct fc_zip {
    int fd;
    char *path, *name;
    struct archive *archive;
    int64_t unpacked, size; /* of the entry; size -1 where the archive does not say */
};

static struct {
    void *library;
    struct archive *(*new_reader)(void);
    int (*support_zip)(struct archive *);
    int (*open_fd)(struct archive *, int, size_t);
    int (*next)(struct archive *, struct archive_entry **);
    la_ssize_t (*data)(struct archive *, void *, size_t);
    int (*free_reader)(struct archive *);
    const char *(*entry_name)(struct archive_entry *);
    la_int64_t (*entry_size)(struct archive_entry *);
    int (*size_is_set)(struct archive_entry *);
    int (*is_encrypted)(struct archive_entry *);
} lib;
static pthread_once_t lib_once = PTHREAD_ONCE_INIT;

static void open_library(void)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    *(void **)&lib.new_reader = dlsym(library, "archive_read_new");
    *(void **)&lib.support_zip = dlsym(library, "archive_read_support_format_zip_seekable");
    *(void **)&lib.open_fd = dlsym(library, "archive_read_open_fd");
    *(void **)&lib.next = dlsym(library, "archive_read_next_header");
    *(void **)&lib.data = dlsym(library, "archive_read_data");
    *(void **)&lib.free_reader = dlsym(library, "archive_read_free");
    *(void **)&lib.entry_name = dlsym(library, "archive_entry_pathname");
    *(void **)&lib.entry_size = dlsym(library, "archive_entry_size");
    *(void **)&lib.size_is_set = dlsym(library, "archive_entry_size_is_set");
    *(void **)&lib.is_encrypted = dlsym(library, "archive_entry_is_encrypted");
    int whole = lib.new_reader && lib.support_zip && lib.open_fd && lib.next && lib.data && lib.free_reader &&
                lib.entry_name && lib.entry_size && lib.size_is_set && lib.is_encrypted;
    if (whole) lib.library = library;
}

static int fail_damaged(fc_zip *z, fc_err *err)
{
    return fc_fail(
        err, FC_EINVAL, "%s: 文件不完整或已损坏（%s）；请在 Excel 中打开，重新保存为 .xlsx 或 CSV",
        "%s: the file is incomplete or damaged (%s); open it in Excel and save it again as .xlsx or CSV",
        z->path, z->name ? z->name : "zip");
}

int fc_zip_open(int fd, const char *path, fc_zip **out, fc_err *err)
{
    *out = NULL;
    pthread_once(&lib_once, open_library);
    if (!lib.library)
        return fc_fail(err, FC_EINTERNAL, "%s: 读取 .xlsx 需要 %s；请安装软件包 libarchive13，或另存为 CSV",
                       "%s: reading .xlsx needs %s; install the package libarchive13, or save as CSV", path,
                       LIBRARY);
    fc_zip *z = fc_alloc(sizeof *z);
    z->fd = fd;
    z->path = fc_strdup(path);
    *out = z;
    return FC_OK;
}

static void close_archive(fc_zip *z)
{
    if (z->archive) lib.free_reader(z->archive);
    z->archive = NULL;
}

void fc_zip_close(fc_zip *z)
{
    if (!z) return;
    close_archive(z);
    free(z->path);
    free(z->name);
    free(z);
}

static int rewind_archive(fc_zip *z, fc_err *err)
{
    close_archive(z);
    z->archive = lib.new_reader();
    if (!z->archive) return fc_fail(err, FC_ENOMEM, "%s: 内存不足", "%s: not enough memory", z->path);
    int ok = lseek(z->fd, 0, SEEK_SET) == 0 && lib.support_zip(z->archive) == ARCHIVE_OK &&
             lib.open_fd(z->archive, z->fd, BLOCK) == ARCHIVE_OK;
    return ok ? FC_OK : fail_damaged(z, err);
}

/* Some exporters write Windows paths or capitals. */
static int same_name(const char *a, const char *b)
{
    if (!a) return 0;
    for (; *a && *b; a++, b++)
        if (strncasecmp(*a == '\\' ? "/" : a, b, 1) != 0) return 0;
    return !*a && !*b;
}

static int begin_entry(fc_zip *z, struct archive_entry *entry, fc_err *err)
{
    z->unpacked = 0;
    z->size = lib.size_is_set(entry) ? lib.entry_size(entry) : -1;
    if (!lib.is_encrypted(entry)) return FC_OK;
    return fc_fail(err, FC_EINVAL, "%s: 文件加了密码；请去掉密码后再导入",
                   "%s: the file has a password; take it off and import it then", z->path);
}

static int fail_missing(fc_zip *z, fc_err *err)
{
    return fc_fail(err, FC_ENOTFOUND, "%s: 文件不完整，缺少 %s；请在 Excel 中打开并重新保存",
                   "%s: the file is incomplete, %s is missing; open it in Excel and save it again", z->path,
                   z->name);
}

int fc_zip_find(fc_zip *z, const char *name, fc_err *err)
{
    struct archive_entry *entry;
    free(z->name);
    z->name = fc_strdup(name);
    int rc = rewind_archive(z, err), got = ARCHIVE_OK;
    for (int i = 0; rc == FC_OK && i < MAX_ENTRIES; i++) {
        got = lib.next(z->archive, &entry);
        if (got == ARCHIVE_EOF) return fail_missing(z, err);
        if (got != ARCHIVE_OK && got != ARCHIVE_WARN) return fail_damaged(z, err);
        if (same_name(lib.entry_name(entry), name)) return begin_entry(z, entry, err);
    }
    return rc == FC_OK ? fail_damaged(z, err) : rc;
}

int fc_zip_read(fc_zip *z, void *to, size_t cap, size_t *n, fc_err *err)
{
    la_ssize_t got = lib.data(z->archive, to, cap);
    *n = 0;
    if (got < 0) return fail_damaged(z, err);
    z->unpacked += got;
    if (z->unpacked > MAX_UNPACKED)
        return fc_fail(err, FC_ELIMIT, "%s: %s 解压后超过 64 MiB；请分成几个文件，或另存为 CSV",
                       "%s: %s is larger than 64 MiB unpacked; split it, or save it as CSV", z->path,
                       z->name);
    *n = (size_t)got;
    return FC_OK;
}

double fc_zip_progress(const fc_zip *z)
{
    return z->size > 0 && z->unpacked < z->size ? (double)z->unpacked / (double)z->size : 1;
}
