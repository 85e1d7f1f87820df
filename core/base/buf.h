/* A growable byte buffer. Always followed by a NUL that is not counted, so data can be used as a C string.
 * Running out of memory ends the process (fc_oom): a host that cannot get a few hundred bytes cannot answer
 * either. */
#ifndef FC_BASE_BUF_H
#define FC_BASE_BUF_H
#include <stddef.h>

typedef struct fc_buf {
    char *data; /* owned; NULL while empty: use fc_buf_str */
    size_t len, cap;
} fc_buf;

void fc_buf_add(fc_buf *b, const void *bytes, size_t n);
void fc_buf_adds(fc_buf *b, const char *s);
void fc_buf_addc(fc_buf *b, char c);
void fc_buf_addf(fc_buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *fc_buf_str(fc_buf *b); /* never NULL */
void fc_buf_clear(fc_buf *b);      /* keeps the memory */
void fc_buf_free(fc_buf *b);

void *fc_alloc(size_t n); /* zeroed; never NULL */
void *fc_realloc(void *p, size_t n);
char *fc_strdup(const char *s);
char *fc_strndup(const char *s, size_t n);
/* Whole file into b (appended). `max` bytes at most, else FC_ELIMIT. */
struct fc_err;
int fc_read_file(const char *path, size_t max, fc_buf *b, struct fc_err *err);
/* Writes to PATH.tmp, syncs, renames: old or new, never half. */
int fc_write_file(const char *path, const void *bytes, size_t n, int mode, struct fc_err *err);
int fc_make_dirs(const char *path, int mode, struct fc_err *err);
/* Follows no link, leaves no file system. `last` (or NULL) is a file in it that goes after all others: the
 * mark by which a half removed one is known. */
void fc_remove_tree(const char *path, const char *last);
#endif
