/* For the tests of checked pages: a store whose rows are known, and damage to its files. It is done in a
 * process of its own, so that no lock of SQLite's is dropped. */
#ifndef PAGES_HELP_H
#define PAGES_HELP_H
#include "store_help.h"
#include "store/driver.h"

#include <fcntl.h>
#include <sys/sendfile.h>

#define ROWS 400
#define LINE 600

static inline void line_of(int64_t id, int64_t version, char out[LINE + 1])
{
    uint64_t x = (uint64_t)id * 2654435761u + (uint64_t)version * 40503u + 1;
    for (int i = 0; i < LINE; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        out[i] = (char)('a' + (x >> 59) % 26);
    }
    out[LINE] = 0;
}

static inline void write_row(fc_store *s, int64_t id, int64_t version)
{
    char line[LINE + 1];
    line_of(id, version, line);
    fc_value args[] = {fc_int(id), fc_int(version), fc_text(line)};
    ok(fc_run(s,
              "INSERT INTO t (id, version, line) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET version = "
              "excluded.version,"
              " line = excluded.line, n = t.n + 1",
              args, 3, NULL, err));
}

static inline void write_rows(fc_store *s, int64_t from, int64_t to, int64_t version)
{
    ok(fc_tx_begin(s, err));
    for (int64_t id = from; id < to; id++)
        write_row(s, id, version);
    ok(fc_tx_commit(s, err));
}

static inline fc_store *open_store(const char *path)
{
    fc_store *s;
    ok(fc_store_open(path, &s, err));
    return s;
}

static inline fc_store *make(const char *path)
{
    fc_store *s = open_store(path);
    run(s, "CREATE TABLE t (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, line TEXT NOT NULL,"
           " n INTEGER NOT NULL DEFAULT 0) STRICT");
    run(s, "CREATE INDEX t_line ON t (line)");
    write_rows(s, 0, ROWS, 1);
    return s;
}

static inline void own_sql(fc_store *s, const char *sql)
{
    ok(fc_conn_writer(s, err));
    ok(fc_conn_exec(s->write, sql, err));
    if (s->read != s->write) ok(fc_conn_exec(s->read, sql, err));
}

static inline void checkpoint(fc_store *s)
{
    own_sql(s, "PRAGMA wal_checkpoint(TRUNCATE)");
}

/* Wrong values; -1: an error was reported instead. */
static inline int wrong_rows(fc_store *s, int64_t version, int64_t from_new, fc_err *err)
{
    static const char sql[] = "SELECT id, version, line FROM t ORDER BY id";
    char line[LINE + 1];
    fc_cursor *c;
    fc_value v[3];
    int row = 0, wrong = 0, rc = fc_query(s, sql, sizeof sql - 1, NULL, 0, &c, err);
    if (rc) return -1;
    int64_t id = 0;
    while (!(rc = fc_cursor_next(c, &row, err)) && row) {
        for (int i = 0; i < 3; i++)
            fc_cursor_value(c, i, &v[i]);
        int64_t wanted = id >= from_new ? version : 1;
        line_of(id, wanted, line);
        wrong += v[0].i != id || v[1].i != wanted || v[2].n != LINE || memcmp(v[2].s, line, LINE) != 0;
        id++;
    }
    fc_cursor_close(c);
    if (rc) return -1;
    return wrong + (id != ROWS);
}

static inline void all_right(fc_store *s)
{
    fc_err err = {0};
    if (wrong_rows(s, 1, ROWS, &err) != 0) fail_msg("%s", err.text[FC_EN]);
}

static inline int64_t size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? st.st_size : -1;
}

/* --- damage --- */

typedef struct patch {
    const char *path;
    int64_t at;
    const void *bytes;
    size_t n;
} patch;

static inline int patching(void *arg)
{
    patch *p = arg;
    int fd = open(p->path, O_RDWR);
    return fd < 0 || pwrite(fd, p->bytes, p->n, p->at) != (ssize_t)p->n;
}

static inline void damage(const char *path, int64_t at, const void *bytes, size_t n)
{
    patch p = {path, at, bytes, n};
    assert_int_equal(exit_of(in_child(patching, &p)), 0);
}

static inline void peek(const char *path, int64_t at, void *out, size_t n)
{
    int fd = open(path, O_RDONLY);
    assert_int_equal(pread(fd, out, n, at), n);
    close(fd);
}

static inline void flip(const char *path, int64_t bit)
{
    unsigned char byte;
    int fd = open(path, O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, bit / 8), 1);
    byte ^= (unsigned char)(1 << bit % 8);
    assert_int_equal(pwrite(fd, &byte, 1, bit / 8), 1);
    close(fd);
}

/* With the time of the last change, as `cp -p`: by it a program's write is told from bit rot. */
static inline void copy(const char *from, const char *to)
{
    struct stat st;
    int in_fd = open(from, O_RDONLY), out_fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(fstat(in_fd, &st), 0);
    assert_int_equal(sendfile(out_fd, in_fd, NULL, (size_t)st.st_size), st.st_size);
    assert_int_equal(futimens(out_fd, (struct timespec[]){st.st_atim, st.st_mtim}), 0);
    close(in_fd);
    close(out_fd);
}

/* The files of a store as a power cut would leave them, brought to another name. */
static inline void copy_store(void **state, const char *from, const char *to)
{
    static const char *const ends[] = {"", "-wal", "-sums"};
    for (int i = 0; i < 3; i++) {
        char a[64], b[64];
        snprintf(a, sizeof a, "%s%s", from, ends[i]);
        snprintf(b, sizeof b, "%s%s", to, ends[i]);
        unlink(in(state, b));
        if (size_of(in(state, a)) >= 0) copy(in(state, a), in(state, b));
    }
    char shm[64];
    snprintf(shm, sizeof shm, "%s-shm", to);
    unlink(in(state, shm));
}

/* Opening, reading or both must fail with the words. */
#define refused(path, en_word, zh_word)                                                                      \
    do {                                                                                                     \
        fc_store *r_store = NULL;                                                                            \
        fc_err r_err = {0};                                                                                  \
        int r_rc = fc_store_open(path, &r_store, &r_err);                                                    \
        int r_wrong = r_rc ? -1 : wrong_rows(r_store, 1, ROWS, &r_err);                                      \
        if (r_wrong >= 0) fail_msg("not refused, %d wrong values", r_wrong);                                 \
        if (!strstr(r_err.text[FC_EN], en_word)) fail_msg("no \"%s\" in: %s", en_word, r_err.text[FC_EN]);   \
        if (!strstr(r_err.text[FC_ZH], zh_word)) fail_msg("no \"%s\" in: %s", zh_word, r_err.text[FC_ZH]);   \
        fc_store_close(r_store);                                                                             \
    } while (0)
#endif
