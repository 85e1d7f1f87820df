/* Opening a store: what is made, who may read it, and what is said when it cannot be opened. */
#include "store_help.h"
#include "base/log.h"
#include "store/backup.h"
#include "store/driver.h"
#include "store/master.h"

static void makes_a_private_file(void **state)
{
    fc_store *s;
    struct stat st;
    mode_t before = umask(0);
    ok(fc_store_open(in(state, "a.db"), &s, err));
    run(s, "CREATE TABLE t (x INTEGER) STRICT");
    const char *names[] = {"a.db", "a.db-wal", "a.db-shm"};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(stat(in(state, names[i]), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
    }
    umask(before);
    assert_string_equal(fc_store_path(s), in(state, "a.db"));
    fc_store_close(s);
    assert_int_equal(access(in(state, "a.db-wal"), F_OK), -1);
}

/* Somebody runs a verb as root once; the service, which is not root, goes on afterwards. */
static void what_root_makes_belongs_to_the_databases_owner(void **state)
{
    fc_store *s;
    struct stat st;
    int lock;
    if (geteuid() != 0) skip();
    ok(fc_make_dirs(in(state, "data"), 0700, err));
    put(in(state, "data/a.db"), "");
    assert_int_equal(chown(in(state, "data"), 1, 1) | chown(in(state, "data/a.db"), 1, 1), 0);
    ok(fc_store_open(in(state, "data/a.db"), &s, err));
    run(s, "CREATE TABLE t (x INTEGER) STRICT");
    fc_store_close(s);
    ok(fc_backup_lock(*state, &lock, err));
    close(lock);
    ok(fc_key_write(in(state, "data/b.key"), (const unsigned char[FC_KEY_BYTES]){1}, err));
    ok(fc_master_make(in(state, "data/c.key"), err));
    const char *names[] = {"a.db", "a.db-sums", "a.db-turn", ".backup.lock", "b.key", "c.key"};
    for (int i = 0; i < 6; i++) {
        char path[64];
        snprintf(path, sizeof path, "data/%s", names[i]);
        assert_int_equal(stat(in(state, path), &st), 0);
        if (st.st_uid != 1 || st.st_gid != 1) fail_msg("%s belongs to %d", names[i], (int)st.st_uid);
    }
}

static int64_t pragma(fc_store *s, const char *sql)
{
    sqlite3_stmt *stmt;
    s->read->trusted = true;
    assert_int_equal(sqlite3_prepare_v2(s->read->db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    s->read->trusted = false;
    int64_t value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return value;
}

static void settings_are_the_promised_ones(void **state)
{
    fc_store *s;
    ok(fc_store_open(in(state, "a.db"), &s, err));
    assert_int_equal(pragma(s, "PRAGMA synchronous"), 2);
    assert_int_equal(pragma(s, "PRAGMA foreign_keys"), 1);
    assert_int_equal(pragma(s, "PRAGMA trusted_schema"), 0);
    assert_int_equal(pragma(s, "SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
    fc_store_close(s);
}

static void keeps_what_was_written(void **state)
{
    fc_store *s;
    ok(fc_store_open(in(state, "a.db"), &s, err));
    run(s, "CREATE TABLE t (x INTEGER) STRICT");
    run(s, "INSERT INTO t VALUES (7)");
    fc_store_close(s);
    ok(fc_store_open(in(state, "a.db"), &s, err));
    assert_int_equal(ask(s, "SELECT x FROM t"), 7);
    fc_store_close(s);
}

static void names_a_missing_folder(void **state)
{
    fc_store *s;
    fails(FC_ENOTFOUND, "nowhere does not exist", "不存在",
          fc_store_open(in(state, "nowhere/a.db"), &s, err));
    assert_null(s);
}

static void refuses_what_is_no_database(void **state)
{
    fc_store *s;
    char big[8192];
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = 0;
    put(in(state, "big.db"), big);
    put(in(state, "small.db"), "hello");
    fails(FC_EIO, "big.db: this file is not a database", "不是数据库文件",
          fc_store_open(in(state, "big.db"), &s, err));
    fails(FC_EIO, "small.db: this file is not a database", "不是数据库文件",
          fc_store_open(in(state, "small.db"), &s, err));
    fails(FC_EINVAL, "this is a folder", "文件夹", fc_store_open(*state, &s, err));
    mkfifo(in(state, "pipe.db"), 0600);
    fails(FC_EINVAL, "not a regular file", "不是普通文件", fc_store_open(in(state, "pipe.db"), &s, err));

    fc_buf text = {0};
    ok(fc_read_file(in(state, "small.db"), 100, &text, err));
    assert_string_equal(fc_buf_str(&text), "hello");
    fc_buf_free(&text);
}

/* The superuser may write anywhere, so the child becomes nobody. */
static int open_read_only_folder(void *path)
{
    fc_store *s;
    fc_err err = {0};
    if (geteuid() == 0 && (setgid(65534) || setuid(65534))) return 90;
    int rc = fc_store_open(path, &s, &err);
    bool good = rc == FC_EIO && strstr(err.text[FC_EN], "permissions") && strstr(err.text[FC_ZH], "权限") &&
                strstr(err.text[FC_EN], path);
    if (!good) fprintf(stderr, "%d %s\n", rc, err.text[FC_EN]);
    return good ? 0 : 91;
}

static void read_only_folder_gets_a_sentence(void **state)
{
    fc_store *s;
    chmod(*state, 0755);
    ok(fc_store_open(in(state, "old.db"), &s, err));
    run(s, "CREATE TABLE t (x INTEGER) STRICT");
    fc_store_close(s);
    chmod(in(state, "old.db"), 0666);
    chmod(*state, 0555);
    assert_int_equal(exit_of(in_child(open_read_only_folder, (void *)in(state, "new.db"))), 0);
    assert_int_equal(exit_of(in_child(open_read_only_folder, (void *)in(state, "old.db"))), 0);
    chmod(in(state, "old.db"), 0444);
    chmod(*state, 0755);
    assert_int_equal(exit_of(in_child(open_read_only_folder, (void *)in(state, "old.db"))), 0);
}

static int open_and_count(void *path)
{
    fc_store *s;
    fc_err err = {0};
    int rc = fc_store_open(path, &s, &err);
    if (!rc) rc = fc_run(s, "CREATE TABLE IF NOT EXISTS t (x INTEGER) STRICT", NULL, 0, NULL, &err);
    for (int i = 0; !rc && i < 20; i++)
        rc = fc_run(s, "INSERT INTO t VALUES (1)", NULL, 0, NULL, &err);
    if (rc)
        fprintf(stderr, "%d %s\n", rc, err.text[FC_EN]);
    else
        fc_store_close(s);
    return rc;
}

static void many_processes_open_one_new_file(void **state)
{
    for (int round = 0; round < 10; round++) {
        char name[32];
        pid_t children[6];
        snprintf(name, sizeof name, "race%d.db", round);
        const char *path = in(state, name);
        for (int i = 0; i < 6; i++)
            children[i] = in_child(open_and_count, (void *)path);
        for (int i = 0; i < 6; i++)
            assert_int_equal(exit_of(children[i]), 0);
        fc_store *s;
        ok(fc_store_open(path, &s, err));
        assert_int_equal(ask(s, "SELECT count(*) FROM t"), 120);
        fc_store_close(s);
    }
}

static void a_held_lock_is_waited_for_then_named(void **state)
{
    fc_store *a, *b;
    ok(fc_store_open(in(state, "a.db"), &a, err));
    ok(fc_store_open(in(state, "a.db"), &b, err));
    run(a, "CREATE TABLE t (x INTEGER) STRICT");
    ok(fc_tx_begin(a, err));
    run(a, "INSERT INTO t VALUES (1)");
    assert_int_equal(ask(b, "SELECT count(*) FROM t"), 0);
    fc_store_patience(b, 50);
    fails(FC_EBUSY, "locked", "占用", fc_run(b, "INSERT INTO t VALUES (2)", NULL, 0, NULL, err));
    fails(FC_EBUSY, "locked", "占用", fc_tx_begin(b, err));
    assert_int_equal(fc_tx_depth(b), 0);
    ok(fc_tx_commit(a, err));
    run(b, "INSERT INTO t VALUES (2)");
    assert_int_equal(ask(a, "SELECT count(*) FROM t"), 2);
    fc_store_close(b);
    fc_store_close(a);
}

/* POSIX drops a process's locks on a file when it closes any descriptor of it: who opens a store again must
 * not, or the next program to leave takes itself for the last one and removes the WAL under us. */
static void a_second_handle_keeps_the_locks_of_the_first(void **state)
{
    char command[4200];
    fc_store *a, *b;
    ok(fc_store_open(in(state, "a.db"), &a, err));
    run(a, "CREATE TABLE t (x INTEGER) STRICT");
    ok(fc_store_open(in(state, "a.db"), &b, err));
    snprintf(command, sizeof command, "sqlite3 '%s' 'SELECT count(*) FROM t' >/dev/null", in(state, "a.db"));
    assert_int_equal(system(command), 0);
    assert_int_equal(access(in(state, "a.db-wal"), F_OK), 0);
    fc_store_close(b);
    fc_store_close(a);
}

static void a_damaged_file_is_named(void **state)
{
    fc_store *s;
    ok(fc_store_open(in(state, "a.db"), &s, err));
    run(s, "CREATE TABLE t (x TEXT) STRICT");
    ok(fc_tx_begin(s, err));
    for (int i = 0; i < 500; i++)
        run(s, "INSERT INTO t VALUES ('a long enough line to fill a few pages of the file with it, again and "
               "again')");
    ok(fc_tx_commit(s, err));
    fc_store_close(s);
    FILE *f = fopen(in(state, "a.db"), "r+");
    char junk[4096];
    memset(junk, 0xA5, sizeof junk);
    for (int page = 1; page < 10; page++) {
        fseek(f, page * 4096, SEEK_SET);
        fwrite(junk, sizeof junk, 1, f);
    }
    fclose(f);
    ok(fc_store_open(in(state, "a.db"), &s, err));
    int64_t n;
    int found;
    fails(FC_EIO, "a.db: the database file is damaged", "已损坏",
          fc_ask_int(s, "SELECT count(x) FROM t", NULL, 0, &n, &found, err));
    fc_store_close(s);
}

static int lines_of_store;

static void count_line(void *ctx, enum fc_level level, const char *area, const char *text)
{
    (void)ctx;
    lines_of_store += level == FC_ERROR && strcmp(area, "store") == 0 && strstr(text, "SQLite") != NULL;
}

static void one_trouble_does_not_fill_the_log(void **state)
{
    (void)state;
    fc_log_listen(count_line, NULL);
    for (int i = 0; i < 100; i++)
        sqlite3_log(SQLITE_IOERR_VNODE, "again and again");
    assert_int_equal(lines_of_store, 1);
    sqlite3_log(SQLITE_IOERR_SEEK, "another");
    assert_int_equal(lines_of_store, 2);
    fc_log_listen(NULL, NULL);
}

static void closing_rolls_back(void **state)
{
    fc_store *s;
    ok(fc_store_open(in(state, "a.db"), &s, err));
    run(s, "CREATE TABLE t (x INTEGER) STRICT");
    ok(fc_tx_begin(s, err));
    ok(fc_tx_begin(s, err));
    run(s, "INSERT INTO t VALUES (1)");
    fc_store_close(s);
    fc_store_close(NULL);
    ok(fc_store_open(in(state, "a.db"), &s, err));
    assert_int_equal(ask(s, "SELECT count(*) FROM t"), 0);
    fc_store_close(s);
}

static void memory_stores_are_apart(void **state)
{
    (void)state;
    fc_store *a = memory_store(), *b = memory_store();
    run(a, "CREATE TABLE t (x INTEGER) STRICT");
    run(b, "CREATE TABLE t (x INTEGER) STRICT");
    run(a, "INSERT INTO t VALUES (1)");
    assert_int_equal(ask(b, "SELECT count(*) FROM t"), 0);
    fc_store_close(a);
    fc_store_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        each_in_folder(makes_a_private_file),
        each_in_folder(what_root_makes_belongs_to_the_databases_owner),
        each_in_folder(settings_are_the_promised_ones),
        each_in_folder(keeps_what_was_written),
        each_in_folder(names_a_missing_folder),
        each_in_folder(refuses_what_is_no_database),
        each_in_folder(read_only_folder_gets_a_sentence),
        each_in_folder(many_processes_open_one_new_file),
        each_in_folder(a_held_lock_is_waited_for_then_named),
        each_in_folder(a_second_handle_keeps_the_locks_of_the_first),
        each_in_folder(a_damaged_file_is_named),
        each_in_folder(closing_rolls_back),
        cmocka_unit_test(memory_stores_are_apart),
        cmocka_unit_test(one_trouble_does_not_fill_the_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
