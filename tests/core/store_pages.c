/* Checked pages: whatever happens to the bytes of a file or its WAL between writing and reading, a wrong
 * value is never returned. Damage is done with a file descriptor of its own process, so that no lock of
 * SQLite's is dropped. */
#include "store_help.h"
#include "store/driver.h"

#include <fcntl.h>
#include <xxhash.h>
#include "store/pages_file.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>

#define ROWS 400
#define LINE 600

static void line_of(int64_t id, int64_t version, char out[LINE + 1])
{
    uint64_t x = (uint64_t)id * 2654435761u + (uint64_t)version * 40503u + 1;
    for (int i = 0; i < LINE; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        out[i] = (char)('a' + (x >> 59) % 26);
    }
    out[LINE] = 0;
}

static void write_row(fc_store *s, int64_t id, int64_t version)
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

static void write_rows(fc_store *s, int64_t from, int64_t to, int64_t version)
{
    ok(fc_tx_begin(s, err));
    for (int64_t id = from; id < to; id++)
        write_row(s, id, version);
    ok(fc_tx_commit(s, err));
}

static fc_store *open_store(const char *path)
{
    fc_store *s;
    ok(fc_store_open(path, &s, err));
    return s;
}

static fc_store *make(const char *path)
{
    fc_store *s = open_store(path);
    run(s, "CREATE TABLE t (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, line TEXT NOT NULL,"
           " n INTEGER NOT NULL DEFAULT 0) STRICT");
    run(s, "CREATE INDEX t_line ON t (line)");
    write_rows(s, 0, ROWS, 1);
    return s;
}

static void own_sql(fc_store *s, const char *sql)
{
    ok(fc_conn_writer(s, err));
    ok(fc_conn_exec(s->write, sql, err));
    if (s->read != s->write) ok(fc_conn_exec(s->read, sql, err));
}

static void checkpoint(fc_store *s)
{
    own_sql(s, "PRAGMA wal_checkpoint(TRUNCATE)");
}

/* Wrong values; -1: an error was reported instead. */
static int wrong_rows(fc_store *s, int64_t version, int64_t from_new, fc_err *err)
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

static void all_right(fc_store *s)
{
    fc_err err = {0};
    if (wrong_rows(s, 1, ROWS, &err) != 0) fail_msg("%s", err.text[FC_EN]);
}

static int64_t size_of(const char *path)
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

static int patching(void *arg)
{
    patch *p = arg;
    int fd = open(p->path, O_RDWR);
    return fd < 0 || pwrite(fd, p->bytes, p->n, p->at) != (ssize_t)p->n;
}

static void damage(const char *path, int64_t at, const void *bytes, size_t n)
{
    patch p = {path, at, bytes, n};
    assert_int_equal(exit_of(in_child(patching, &p)), 0);
}

static void peek(const char *path, int64_t at, void *out, size_t n)
{
    int fd = open(path, O_RDONLY);
    assert_int_equal(pread(fd, out, n, at), n);
    close(fd);
}

static void flip(const char *path, int64_t bit)
{
    unsigned char byte;
    int fd = open(path, O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, bit / 8), 1);
    byte ^= (unsigned char)(1 << bit % 8);
    assert_int_equal(pwrite(fd, &byte, 1, bit / 8), 1);
    close(fd);
}

/* With the time of the last change, as `cp -p`: by it a program's write is told from bit rot. */
static void copy(const char *from, const char *to)
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
static void copy_store(void **state, const char *from, const char *to)
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

/* A file goes from a machine with AVX2 to one without. */
static void sums_are_the_same_on_every_machine(void **state)
{
    char line[LINE + 1];
    (void)state;
    for (uint32_t page = 1; page < 100; page++) {
        line_of(page, 1, line);
        assert_true(fc_page_sum(page, line, page * 6) == fc_page_sum_plain(page, line, page * 6));
    }
}

static void sound_files_stay_sound(void **state)
{
    fc_store *s = make(in(state, "a.db"));
    all_right(s);
    checkpoint(s);
    all_right(s);
    fc_store_close(s);
    s = open_store(in(state, "a.db"));
    all_right(s);
    fc_store_close(s);
    fc_verified v;
    ok(fc_store_verify(in(state, "a.db"), NULL, NULL, &v, err));
    assert_int_equal(v.pages, size_of(in(state, "a.db")) / 4096);
    assert_int_equal(v.damaged, 0);
    assert_int_equal(v.adopted_at, 0);
}

static void a_flipped_bit_of_the_file_is_named(void **state)
{
    fc_store_close(make(in(state, "a.db")));
    flip(in(state, "a.db"), (7 * 4096 + 2000) * 8 + 3);
    refused(in(state, "a.db"), "page 8 ", "第 8 页");
    fc_verified v;
    fails(FC_EIO, "page 8;", "第 8 页；", fc_store_verify(in(state, "a.db"), NULL, NULL, &v, err));
    assert_int_equal(v.damaged, 1);
}

static void the_first_page_is_no_exception(void **state)
{
    fc_store_close(make(in(state, "a.db")));
    copy_store(state, "a.db", "b.db");
    for (int64_t at = 0; at < 100; at++) {
        fc_store *s = NULL;
        fc_err err = {0};
        flip(in(state, "b.db"), at * 8 + at % 8);
        if (!fc_store_open(in(state, "b.db"), &s, &err)) assert_int_equal(wrong_rows(s, 1, ROWS, &err), -1);
        fc_store_close(s);
        copy_store(state, "a.db", "b.db");
    }
}

static void zeroed_swapped_and_old_pages_are_found(void **state)
{
    char old[4096], one[4096], two[4096], zero[4096] = {0};
    fc_store *s = make(in(state, "a.db"));
    checkpoint(s);
    peek(in(state, "a.db"), 9 * 4096, old, sizeof old);
    write_rows(s, 0, ROWS, 2);
    write_rows(s, 0, ROWS, 1);
    run(s, "UPDATE t SET version = 2");
    checkpoint(s);
    run(s, "UPDATE t SET version = 1");
    fc_store_close(s);
    copy_store(state, "a.db", "good.db");
    peek(in(state, "a.db"), 9 * 4096, one, sizeof one);
    peek(in(state, "a.db"), 12 * 4096, two, sizeof two);

    damage(in(state, "a.db"), 9 * 4096, zero, sizeof zero);
    refused(in(state, "a.db"), "page 10 ", "第 10 页");
    copy_store(state, "good.db", "a.db");
    damage(in(state, "a.db"), 9 * 4096, two, sizeof two);
    damage(in(state, "a.db"), 12 * 4096, one, sizeof one);
    refused(in(state, "a.db"), "does not fit its sum", "与其校验和不符");
    copy_store(state, "good.db", "a.db");
    assert_true(memcmp(old, one, sizeof old) != 0);
    damage(in(state, "a.db"), 9 * 4096, old, sizeof old);
    refused(in(state, "a.db"), "page 10 ", "第 10 页");
}

static void a_cut_file_is_found(void **state)
{
    fc_store_close(make(in(state, "a.db")));
    copy_store(state, "a.db", "b.db");
    assert_int_equal(truncate(in(state, "b.db"), size_of(in(state, "b.db")) - 4096), 0);
    fc_verified v;
    fails(FC_EIO, "damaged", "损坏", fc_store_verify(in(state, "b.db"), NULL, NULL, &v, err));
    refused(in(state, "b.db"), "damaged", "损坏");
    assert_int_equal(truncate(in(state, "b.db"), 0), 0);
    refused(in(state, "b.db"), "page 1 is missing", "缺少第 1 页");
}

/* --- the WAL --- */

/* A store whose last rows stand in the WAL only, as a killed process leaves it. */
static void leave_wal(void **state, const char *name)
{
    fc_store *s = make(in(state, "live.db"));
    checkpoint(s);
    write_rows(s, 0, 50, 1);
    write_rows(s, 50, 120, 1);
    write_rows(s, 350, ROWS, 2);
    copy_store(state, "live.db", name);
    fc_store_close(s);
}

static void a_wal_is_recovered(void **state)
{
    fc_err err = {0};
    leave_wal(state, "a.db");
    fc_store *s = open_store(in(state, "a.db"));
    assert_int_equal(ask(s, "SELECT count(*) FROM t WHERE version = 2"), 50);
    write_rows(s, 350, ROWS, 1);
    all_right(s);
    checkpoint(s);
    all_right(s);
    fc_store_close(s);
    s = open_store(in(state, "a.db"));
    assert_int_equal(wrong_rows(s, 1, ROWS, &err), 0);
    fc_store_close(s);
}

/* Where the last frame ends; behind it are zeros. */
static int64_t frames_end(const char *path)
{
    char head[24], zero[24] = {0};
    int64_t at = 32;
    for (; at + 4120 <= size_of(path); at += 4120) {
        peek(path, at, head, sizeof head);
        if (memcmp(head, zero, sizeof head) == 0) break;
    }
    return at;
}

static void damage_of_a_wal_is_refused(void **state)
{
    leave_wal(state, "good.db");
    int64_t size = frames_end(in(state, "good.db-wal"));
    assert_true(size > 20 * 4120);
    copy_store(state, "good.db", "a.db");
    flip(in(state, "a.db-wal"), (32 + 3 * 4120 + 1000) * 8);
    refused(in(state, "a.db"), "frame 4 ", "第 4 帧");
    copy_store(state, "good.db", "a.db");
    flip(in(state, "a.db-wal"), 17 * 8);
    refused(in(state, "a.db"), "head of its write-ahead log", "文件头已损坏");
    copy_store(state, "good.db", "a.db");
    assert_int_equal(truncate(in(state, "a.db-wal"), size - 4120), 0);
    refused(in(state, "a.db"), "missing or was cut", "缺失或被截短");
    copy_store(state, "good.db", "a.db");
    unlink(in(state, "a.db-wal"));
    refused(in(state, "a.db"), "missing or was cut", "缺失或被截短");
    copy_store(state, "good.db", "a.db");
}

static void a_flip_in_the_wal_of_a_live_store_is_never_served(void **state)
{
    fc_store *s = make(in(state, "a.db"));
    checkpoint(s);
    write_rows(s, 0, ROWS, 1);
    fc_store *other = open_store(in(state, "a.db"));
    fc_err err = {0};
    all_right(other);
    flip(in(state, "a.db-wal"), (32 + 5 * 4120 + 24 + 700) * 8 + 1);
    own_sql(other, "PRAGMA shrink_memory");
    assert_int_equal(wrong_rows(other, 1, ROWS, &err), -1);
    assert_non_null(strstr(err.text[FC_EN], "frame 6 "));
    /* the checkpoint does not seal it either */
    sqlite3_wal_checkpoint_v2(s->write->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    own_sql(s, "PRAGMA shrink_memory");
    assert_int_equal(wrong_rows(s, 1, ROWS, &err), -1);
    flip(in(state, "a.db-wal"), (32 + 5 * 4120 + 24 + 700) * 8 + 1);
    all_right(other);
    checkpoint(s);
    all_right(s);
    fc_store_close(other);
    fc_store_close(s);
}

static void a_wal_of_another_time_is_refused(void **state)
{
    fc_store *s = make(in(state, "a.db"));
    checkpoint(s);
    run(s, "UPDATE t SET version = 7");
    copy(in(state, "a.db-wal"), in(state, "yesterday-wal"));
    run(s, "UPDATE t SET version = 1");
    checkpoint(s);
    run(s, "UPDATE t SET n = n + 1");
    copy_store(state, "a.db", "crashed.db");
    fc_store_close(s);
    copy(in(state, "yesterday-wal"), in(state, "a.db-wal"));
    refused(in(state, "a.db"), "write-ahead log", "预写日志");
    copy(in(state, "yesterday-wal"), in(state, "crashed.db-wal"));
    refused(in(state, "crashed.db"), "does not belong to it", "不属于它");
}

/* --- spill --- */

static void a_transaction_larger_than_the_cache(void **state)
{
    fc_err e = {0};
    fc_store *s = make(in(state, "a.db"));
    own_sql(s, "PRAGMA cache_size = 5; PRAGMA cache_spill = 1");
    for (int round = 0; round < 3; round++) {
        ok(fc_tx_begin(s, err));
        for (int version = 2; version < 6; version++) {
            for (int64_t id = 0; id < ROWS; id++)
                write_row(s, id, version);
            ok(fc_tx_begin(s, err));
            run(s, "DELETE FROM t WHERE id % 3 = 0");
            fc_tx_rollback(s);
            if (wrong_rows(s, version, 0, &e) != 0) fail_msg("%s", e.text[FC_EN]);
        }
        if (round == 1)
            fc_tx_rollback(s);
        else
            ok(fc_tx_commit(s, err));
        if (wrong_rows(s, 5, 0, &e) != 0) fail_msg("%s", e.text[FC_EN]);
        run(s, "UPDATE t SET version = 5 WHERE id < 20");
    }
    copy_store(state, "a.db", "b.db");
    fc_store *b = open_store(in(state, "b.db"));
    assert_int_equal(wrong_rows(b, 5, 0, &e), 0);
    fc_store_close(b);
    checkpoint(s);
    assert_int_equal(wrong_rows(s, 5, 0, &e), 0);
    fc_store_close(s);
}

static void a_flip_in_a_spilled_frame_is_not_sealed_by_the_commit(void **state)
{
    fc_err e = {0};
    fc_store *s = make(in(state, "a.db"));
    checkpoint(s);
    own_sql(s, "PRAGMA cache_size = 5; PRAGMA cache_spill = 1");
    ok(fc_tx_begin(s, err));
    for (int version = 2; version < 4; version++)
        for (int64_t id = 0; id < ROWS; id++)
            write_row(s, id, version);
    flip(in(state, "a.db-wal"), (32 + 30 * 4120 + 24 + 700) * 8 + 1);
    int failed = fc_tx_commit(s, &e);
    if (!failed) assert_int_equal(wrong_rows(s, 3, 0, &e), -1);
    fc_store_close(s);
}

/* --- other programs --- */

static int foreign_write(void *path)
{
    sqlite3 *db;
    sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, fc_pages_vfs(":memory:"));
    sqlite3_busy_timeout(db, 2000);
    int rc = sqlite3_exec(db, "UPDATE t SET version = 9 WHERE id % 40 = 0", NULL, NULL, NULL);
    sqlite3_close(db);
    return rc;
}

static void what_another_program_wrote_is_named(void **state)
{
    fc_store *s = make(in(state, "a.db"));
    fc_store_close(s);
    usleep(20000); /* the clock of the file system ticks in steps */
    assert_int_equal(exit_of(in_child(foreign_write, (void *)in(state, "a.db"))), 0);
    refused(in(state, "a.db"), "another program", "其他程序");
    unlink(in(state, "a.db-sums"));
    s = open_store(in(state, "a.db"));
    assert_int_equal(ask(s, "SELECT count(*) FROM t WHERE version = 9"), ROWS / 40);
    fc_store_close(s);
    fc_verified v;
    ok(fc_store_verify(in(state, "a.db"), NULL, NULL, &v, err));
    assert_true(v.adopted_at > 0);
    assert_true(v.lost_sums);
}

static void what_another_program_wrote_beside_us_is_named(void **state)
{
    fc_err err = {0};
    fc_store *s = make(in(state, "a.db"));
    assert_int_equal(exit_of(in_child(foreign_write, (void *)in(state, "a.db"))), 0);
    assert_int_equal(wrong_rows(s, 1, ROWS, &err), -1);
    assert_non_null(strstr(err.text[FC_EN], "another program"));
    int rc = fc_run(s, "UPDATE t SET version = 3 WHERE id = 1", NULL, 0, NULL, &err);
    assert_int_equal(rc, FC_EIO);
    fc_store_close(s);
}

static void a_file_of_an_older_build_is_adopted(void **state)
{
    sqlite3 *db;
    sqlite3_open(in(state, "a.db"), &db);
    assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode=WAL; CREATE TABLE t (id INTEGER PRIMARY KEY)",
                                  NULL, NULL, NULL),
                     0);
    sqlite3_exec(db, "INSERT INTO t VALUES (1), (2)", NULL, NULL, NULL);
    copy(in(state, "a.db"), in(state, "b.db"));
    copy(in(state, "a.db-wal"), in(state, "b.db-wal"));
    sqlite3_close(db);
    fc_store *s = open_store(in(state, "b.db"));
    assert_int_equal(ask(s, "SELECT count(*) FROM t"), 2);
    run(s, "INSERT INTO t VALUES (3)");
    fc_store_close(s);
    fc_verified v;
    ok(fc_store_verify(in(state, "b.db"), NULL, NULL, &v, err));
    assert_true(v.adopted_at > 0);
    assert_false(v.lost_sums);
}

/* --- several processes --- */

static int busy_child(void *path)
{
    fc_store *s;
    fc_err err = {0};
    if (fc_store_open(path, &s, &err)) {
        fprintf(stderr, "%s\n", err.text[FC_EN]);
        return 1;
    }
    int rc = 0;
    for (int i = 0; i < 150 && !rc; i++) {
        fc_value arg = fc_int((getpid() * 31 + i * 7) % ROWS);
        rc = fc_run(s, "UPDATE t SET n = n + 1 WHERE id = ?", &arg, 1, NULL, &err);
        if (!rc && i % 10 == 3 && wrong_rows(s, 1, ROWS, &err) != 0) rc = 2;
        if (i % 25 == 7)
            sqlite3_wal_checkpoint_v2(s->write->db, "main",
                                      i % 2 ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, NULL,
                                      NULL);
        if (!rc && i % 40 == 9) own_sql(s, "PRAGMA shrink_memory");
    }
    if (rc) fprintf(stderr, "%d %s\n", rc, err.text[FC_EN]);
    fc_store_close(s);
    return rc;
}

static void several_processes_with_checkpoints(void **state)
{
    fc_store_close(make(in(state, "a.db")));
    pid_t children[4];
    const char *path = in(state, "a.db");
    for (int i = 0; i < 4; i++)
        children[i] = in_child(busy_child, (void *)path);
    fc_verified v;
    ok(fc_store_verify(path, NULL, NULL, &v, err));
    for (int i = 0; i < 4; i++)
        assert_int_equal(exit_of(children[i]), 0);
    ok(fc_store_verify(path, NULL, NULL, &v, err));
    fc_store *s = open_store(path);
    all_right(s);
    fc_store_close(s);
}

static int killed_child(void *path)
{
    fc_store *s;
    fc_err err = {0};
    if (fc_store_open(path, &s, &err)) return 1;
    own_sql(s, "PRAGMA wal_autocheckpoint = 20; PRAGMA cache_size = 20");
    for (int64_t i = 0;; i++) {
        fc_value arg = fc_int(i * 37 % ROWS);
        if (fc_run(s, "UPDATE t SET n = n + 1 WHERE id >= ?", &arg, 1, NULL, &err)) {
            fprintf(stderr, "%s\n", err.text[FC_EN]);
            return 2;
        }
    }
}

static void a_killed_process_leaves_nothing_that_is_refused(void **state)
{
    const char *path = in(state, "a.db");
    fc_store_close(make(path));
    for (int i = 0; i < 60; i++) {
        pid_t pid = in_child(killed_child, (void *)path),
              second = i % 3 ? 0 : in_child(killed_child, (void *)path);
        usleep(2000 + (useconds_t)(i * 7919 % 40000));
        kill(pid, SIGKILL);
        assert_int_equal(exit_of(pid), 1000 + SIGKILL);
        if (second) {
            usleep(20000);
            kill(second, SIGKILL);
            assert_int_equal(exit_of(second), 1000 + SIGKILL);
        }
        fc_store *s = open_store(path);
        all_right(s);
        fc_store_close(s);
    }
}

/* --- power and syncs --- */

/* Ours stands before the C library's, also for SQLite. */
static struct {
    int fail; /* the how-manieth sync from now fails; 0 none */
    void (*before_sync)(void);
} disk;

int fdatasync(int fd)
{
    if (disk.before_sync) disk.before_sync();
    if (disk.fail && --disk.fail == 0) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

typedef struct failing {
    const char *path;
    int sync; /* which one fails */
    bool checkpoint;
} failing;

static int write_and_fail(void *arg)
{
    failing *f = arg;
    fc_store *s;
    fc_err err = {0};
    if (fc_store_open(f->path, &s, &err) || fc_run(s, "UPDATE t SET n = n + 1", NULL, 0, NULL, &err))
        return 90;
    disk.fail = f->sync;
    int rc = f->checkpoint
                 ? sqlite3_wal_checkpoint_v2(s->write->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL)
                 : fc_run(s, "UPDATE t SET n = n + 1", NULL, 0, NULL, &err);
    return rc ? 91 : 92;
}

/* A commit syncs the WAL; a checkpoint the WAL, the sums, the file, and the sums before the WAL is emptied.
 */
static void a_failed_sync_ends_the_process(void **state)
{
    char *path = strdup(in(state, "a.db")), *mark = strdup(in(state, "a.db-unsynced"));
    fc_store_close(make(path));
    for (int sync = 0; sync <= 4; sync++) {
        failing f = {path, sync ? sync : 1, sync > 0};
        assert_int_equal(exit_of(in_child(write_and_fail, &f)), 3);
        assert_int_equal(access(mark, F_OK), 0);
        fc_store *s = open_store(path);
        assert_int_equal(access(mark, F_OK), -1);
        assert_true(size_of(in(state, "a.db-wal")) <= 0);
        all_right(s);
        fc_store_close(s);
    }
    free(path);
    free(mark);
}

/* Another process writes only after it has written everything again; if it cannot, it reads on. */
static void others_see_the_mark(void **state)
{
    fc_store *s = make(in(state, "a.db")), *reader = open_store(in(state, "a.db"));
    put(in(state, "a.db-unsynced"), "");
    fails(FC_EIO, "sync", "同步", fc_run(s, "UPDATE t SET n = n + 1", NULL, 0, NULL, err));
    all_right(s);
    ok(fc_tx_begin(reader, err));
    assert_int_equal(access(in(state, "a.db-unsynced"), F_OK), -1);
    run(reader, "UPDATE t SET n = n + 1");
    ok(fc_tx_commit(reader, err));
    run(s, "UPDATE t SET n = n + 1");

    put(in(state, "a.db-unsynced"), "");
    fc_store_share(reader, 1);
    all_right(reader);
    fc_conn_patience(s->write, 50);
    fails(FC_EIO, "nothing is written", "不再写入", fc_tx_begin(s, err));
    all_right(s);
    assert_int_equal(access(in(state, "a.db-unsynced"), F_OK), 0);
    fc_store_close(reader);
    ok(fc_tx_begin(s, err));
    ok(fc_tx_commit(s, err));
    fc_store_close(s);
}

/* Before each sync the files are taken as they lie: sums old and pages new, pages old and sums new, and all
 * the ways of a power cut that loses one file's last writes and keeps another's. */
static struct {
    void **state;
    int taken;
} cuts;

static void take_cut(void)
{
    char name[32];
    snprintf(name, sizeof name, "cut%d.db", cuts.taken);
    copy_store(cuts.state, "a.db", name);
    cuts.taken++;
}

/* What stands in `newer` of this one file may have reached the disk already. */
static void mix(void **state, int cut, int newer, const char *end)
{
    char a[40], b[40];
    snprintf(a, sizeof a, "cut%d.db", cut);
    copy_store(state, a, "mix.db");
    snprintf(a, sizeof a, "cut%d.db%s", newer, end);
    snprintf(b, sizeof b, "mix.db%s", end);
    if (size_of(in(state, a)) >= 0) copy(in(state, a), in(state, b));
    fc_err e = {0};
    fc_store *s;
    if (fc_store_open(in(state, "mix.db"), &s, &e))
        fail_msg("cut %d, %s of %d: %s", cut, b, newer, e.text[FC_EN]);
    all_right(s);
    run(s, "UPDATE t SET n = n + 1");
    checkpoint(s);
    all_right(s);
    fc_store_close(s);
}

static void power_may_fail_at_any_moment(void **state)
{
    fc_store *s = make(in(state, "a.db"));
    cuts.state = state;
    cuts.taken = 0;
    disk.before_sync = take_cut;
    for (int i = 0; i < 3; i++) {
        run(s, "UPDATE t SET n = n + 1 WHERE id < 100");
        own_sql(s, i % 2 ? "PRAGMA wal_checkpoint(TRUNCATE)" : "PRAGMA wal_checkpoint(RESTART)");
        run(s, "UPDATE t SET n = n + 1 WHERE id > 300");
    }
    disk.before_sync = NULL;
    take_cut();
    fc_store_close(s);
    assert_true(cuts.taken > 12);
    fc_log_level(FC_SILENT);
    for (int cut = 0; cut + 1 < cuts.taken; cut++) {
        mix(state, cut, cut, "");
        mix(state, cut, cut + 1, "");
        mix(state, cut, cut + 1, "-sums");
        mix(state, cut, cut + 1, "-wal");
    }
    fc_log_level(FC_INFO);
}

/* --- random flips --- */

static int64_t next_random(void)
{
    static uint64_t x = 88172645463325252u;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (int64_t)(x >> 1);
}

/* Thousands of openings: in memory, where a sync costs nothing. */
static int make_memory_folder(void **state)
{
    if (access("/dev/shm", W_OK) != 0) return make_folder(state);
    *state = mkdtemp(strdup("/dev/shm/fc-store-XXXXXX"));
    return *state ? 0 : -1;
}

static void no_flipped_bit_changes_a_value(void **state)
{
    int rounds = getenv("FORECOURT_LONG") && *getenv("FORECOURT_LONG") ? 10000 : 2000, wrong = 0,
        reported = 0;
    leave_wal(state, "good.db");
    copy_store(state, "good.db", "a.db");
    char *file = strdup(in(state, "a.db")), *wal = strdup(in(state, "a.db-wal"));
    fc_log_level(FC_SILENT);
    int64_t bits = size_of(file) * 8, wal_bits = size_of(wal) * 8;
    for (int i = 0; i < rounds; i++) {
        fc_store *s = NULL;
        fc_err err = {0};
        int64_t at = next_random() % (bits + wal_bits);
        if (i % 4 == 0) at = bits + next_random() % wal_bits;
        flip(at < bits ? file : wal, at < bits ? at : at - bits);
        int result = fc_store_open(file, &s, &err) ? -1 : 0;
        if (!result) result = wrong_rows(s, 2, 350, &err);
        wrong += result > 0;
        reported += result < 0;
        fc_store_close(s);
        copy_store(state, "good.db", "a.db");
    }
    fc_log_level(FC_INFO);
    print_message("%d flips: %d wrong, %d reported, %d met nothing that is read\n", rounds, wrong, reported,
                  rounds - wrong - reported);
    assert_int_equal(wrong, 0);
    assert_true(reported > rounds / 4);
    free(file);
    free(wal);
}

/* A checkpoint that cannot come to the end of the WAL tells readers how far it came without syncing anything,
 * and from then on they read its pages from the file: their sums must be there. */
static void a_sum_is_there_when_its_page_is(void **state)
{
    sqlite3_file *file = NULL;
    unsigned char page[4096];
    uint64_t sum = 0;
    fc_store *s = make(in(state, "a.db"));
    checkpoint(s);
    sqlite3_file_control(s->write->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    assert_int_equal(file->pMethods->xRead(file, page, sizeof page, 4096), SQLITE_OK);
    page[4000] ^= 1;
    assert_int_equal(file->pMethods->xWrite(file, page, sizeof page, 4096), SQLITE_OK);
    int fd = open(in(state, "a.db-sums"), O_RDONLY);
    assert_int_equal(pread(fd, &sum, 8, 4096 + 8), 8);
    close(fd);
    assert_true(sum == XXH3_64bits_withSeed(page, sizeof page, 2));
    fc_store_close(s);
}

/* One test by its name, or all. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_the_same_on_every_machine),
        each_in_folder(sound_files_stay_sound),
        each_in_folder(a_flipped_bit_of_the_file_is_named),
        each_in_folder(the_first_page_is_no_exception),
        each_in_folder(zeroed_swapped_and_old_pages_are_found),
        each_in_folder(a_cut_file_is_found),
        each_in_folder(a_wal_is_recovered),
        each_in_folder(damage_of_a_wal_is_refused),
        each_in_folder(a_flip_in_the_wal_of_a_live_store_is_never_served),
        each_in_folder(a_wal_of_another_time_is_refused),
        each_in_folder(a_transaction_larger_than_the_cache),
        each_in_folder(a_flip_in_a_spilled_frame_is_not_sealed_by_the_commit),
        each_in_folder(what_another_program_wrote_is_named),
        each_in_folder(what_another_program_wrote_beside_us_is_named),
        each_in_folder(a_file_of_an_older_build_is_adopted),
        each_in_folder(several_processes_with_checkpoints),
        each_in_folder(a_sum_is_there_when_its_page_is),
        each_in_folder(a_killed_process_leaves_nothing_that_is_refused),
        each_in_folder(a_failed_sync_ends_the_process),
        each_in_folder(others_see_the_mark),
        each_in_folder(power_may_fail_at_any_moment),
        cmocka_unit_test_setup_teardown(no_flipped_bit_changes_a_value, make_memory_folder, drop_folder),
    };
    if (argc > 1) cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
