/* Checked pages beside others: programs that keep no sums, several processes, a sync that fails, power that
 * goes. What is not damage is not refused, and what nobody vouches for is. */
#include "pages_help.h"
#include "base/log.h"
#include "store/pages_file.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <xxhash.h>

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
        each_in_folder(what_another_program_wrote_is_named),
        each_in_folder(what_another_program_wrote_beside_us_is_named),
        each_in_folder(a_file_of_an_older_build_is_adopted),
        each_in_folder(several_processes_with_checkpoints),
        each_in_folder(a_sum_is_there_when_its_page_is),
        each_in_folder(a_killed_process_leaves_nothing_that_is_refused),
        each_in_folder(a_failed_sync_ends_the_process),
        each_in_folder(others_see_the_mark),
        each_in_folder(power_may_fail_at_any_moment),
    };
    if (argc > 1) cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
