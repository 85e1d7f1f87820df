/* Changing a dealership's own pair: safe at every commit, everything opens and is found all along, and what
 * the earlier keys open alone afterwards is nothing. */
#include "store_help.h"
#include "keys_help.h"
#include "store/change_pair.h"

#include <signal.h>
#include <sys/file.h>
#include <fcntl.h>

#define PERSONS 300
#define NOBODYS 300

typedef struct site {
    char secrets[300];
    fc_vault *vault;
    fc_store *data;
    int stop_at, steps;
} site;

static void open_site(void **state, site *s)
{
    fc_master *m;
    snprintf(s->secrets, sizeof s->secrets, "%s/secrets", (char *)*state);
    ok(fc_master_read(s->secrets, 1, &m, err));
    s->vault = file_vault(state, "nanjing", m);
    fc_keys_master_in(fc_vault_keys(s->vault), s->secrets);
    fc_master_free(m);
    ok(fc_store_open(in(state, "nanjing.db"), &s->data, err));
}

static void close_site(site *s)
{
    fc_vault_close(s->vault);
    fc_store_close(s->data);
}

static void number_of(int i, char out[16])
{
    snprintf(out, 16, "138%08d", i);
}

/* person 0: nobody in particular; its label is no column, as a plugin may choose */
static void add_row(site *s, int id, int64_t person)
{
    char number[16], index[FC_INDEX_CAP];
    fc_buf sealed = {0};
    number_of(id, number);
    ok(fc_vault_seal(s->vault, "t", "label", id, person, number, 11, &sealed, err));
    ok(fc_vault_index(s->vault, "phone", number, 11, index, err));
    fc_value v[] = {fc_int(id), fc_bytes(sealed.data, sealed.len), fc_text(index), fc_text(index)};
    ok(fc_run(s->data, "INSERT INTO t (id, number_sealed, number_index, row_hash) VALUES (?, ?, ?, ?)", v, 4,
              NULL, err));
    fc_buf_free(&sealed);
}

static const char tables[] =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, number_sealed BLOB NOT NULL, number_index TEXT UNIQUE, row_hash "
    "TEXT, file_hash TEXT) STRICT";
static const char audits[] = "CREATE TABLE host_audit (id INTEGER PRIMARY KEY, at INTEGER, actor TEXT, what "
                             "TEXT, subject TEXT, detail TEXT) STRICT";
#define SHA "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void fill(site *s)
{
    ok(fc_run(s->data, tables, NULL, 0, NULL, err));
    ok(fc_run(s->data, audits, NULL, 0, NULL, err));
    ok(fc_tx_begin(s->data, err));
    for (int i = 1; i <= PERSONS + NOBODYS; i++)
        add_row(s, i, i <= PERSONS ? i : 0);
    ok(fc_run(s->data, "UPDATE t SET file_hash = '" SHA "'", NULL, 0, NULL, err));
    ok(fc_tx_commit(s->data, err));
}

static int64_t found_by_index(site *s, int id)
{
    char number[16], now[FC_INDEX_CAP], before[FC_INDEX_CAP];
    int64_t row = 0;
    int found;
    number_of(id, number);
    ok(fc_vault_indexes(s->vault, "phone", number, 11, now, before, err));
    fc_value v[] = {fc_text(now), fc_text(before)};
    ok(fc_ask_int(s->data, "SELECT id FROM t WHERE number_index IN (?, ?)", v, 2, &row, &found, err));
    return row;
}

static void opens(site *s, int id)
{
    char number[16];
    fc_cursor *c;
    fc_value v = fc_int(id), sealed;
    fc_buf out = {0};
    int row;
    static const char sql[] = "SELECT number_sealed FROM t WHERE id = ?";
    number_of(id, number);
    ok(fc_query(s->data, sql, sizeof sql - 1, &v, 1, &c, err));
    ok(fc_cursor_next(c, &row, err));
    fc_cursor_value(c, 0, &sealed);
    ok(fc_vault_unseal(s->vault, "t", "label", id, sealed.s, sealed.n, &out, err));
    assert_string_equal(out.data, number);
    fc_buf_clear(&out);
    fails(FC_EDENIED, "does not open", "无法打开",
          fc_vault_unseal(s->vault, "t", "label", id + 1, sealed.s, sealed.n, &out, err));
    fc_cursor_close(c);
    fc_buf_free(&out);
}

static void all_is_there(site *s)
{
    for (int i = 1; i <= PERSONS + NOBODYS; i += 7) {
        opens(s, i);
        assert_int_equal(found_by_index(s, i), i);
    }
}

static void stop(void *ctx, enum fc_pair_stage stage, int64_t done, int64_t total)
{
    site *s = ctx;
    assert_true(done <= total);
    (void)stage;
    if (++s->steps == s->stop_at) kill(getpid(), SIGKILL);
}

static int change(site *s, enum fc_rotated *result, fc_err *err)
{
    char before[FC_PRINT_CAP], after[FC_PRINT_CAP];
    const fc_pair_change c = {s->secrets, "it", s->vault, s->data, 0, stop, s};
    int rc = fc_change_pair(&c, result, before, after, err);
    if (!rc) assert_string_not_equal(before, after);
    return rc;
}

typedef struct child {
    void **state;
    int stop_at;
    int go[2]; /* a pipe: SQLite's files may not be open across a fork, so the child is made first and waits
                */
} child;

static int change_in_child(void *arg)
{
    enum fc_rotated result;
    char byte;
    child *c = arg;
    site s = {.stop_at = c->stop_at};
    if (read(c->go[0], &byte, 1) != 1) return 1;
    open_site(c->state, &s);
    int rc = change(&s, &result, NULL);
    close_site(&s);
    return rc;
}

static int64_t behind(site *s)
{
    int64_t n = -1;
    ok(fc_pair_behind(s->vault, s->data, &n, err));
    return n;
}

static void nothing_is_behind(site *s)
{
    assert_int_equal(behind(s), 0);
    assert_int_equal(ask(s->data, "SELECT count(*) FROM t WHERE length(number_index) = 32"), 0);
    assert_int_equal(ask(s->data, "SELECT count(*) FROM t WHERE number_index <> row_hash"), 0);
    assert_int_equal(ask(s->data, "SELECT count(*) FROM t WHERE file_hash <> '" SHA "'"), 0);
    assert_int_equal(ask(fc_keys_store(fc_vault_keys(s->vault)), "SELECT count(*) FROM pair_change"), 0);
}

/* A process killed after each commit; another one, that had been open all the time, opens and finds. */
static void it_is_safe_at_every_step(void **state)
{
    int at = 1;
    for (;; at++) {
        child c = {state, at, {0}};
        assert_int_equal(pipe(c.go), 0);
        pid_t changer = in_child(change_in_child, &c);
        site open = {0};
        enum fc_rotated result;
        open_site(state, &open);
        fill(&open);
        all_is_there(&open);
        assert_int_equal(write(c.go[1], "g", 1), 1);
        int code = exit_of(changer);
        close(c.go[0]);
        close(c.go[1]);
        all_is_there(&open);
        if (code != 0) {
            site again = {0};
            assert_int_equal(code, 1000 + SIGKILL);
            open_site(state, &again);
            all_is_there(&again);
            ok(change(&again, &result, err));
            assert_int_equal(result, FC_ROTATED_RESUME);
            nothing_is_behind(&again);
            close_site(&again);
        }
        all_is_there(&open);
        nothing_is_behind(&open);
        assert_true(ask(open.data, "SELECT count(*) FROM host_audit WHERE what = 'key.rotate'") >= 1);
        close_site(&open);
        char command[400];
        snprintf(command, sizeof command, "rm -rf '%s'/*", (char *)*state);
        assert_int_equal(system(command), 0);
        if (code == 0) break;
    }
    /* the step, 2 of persons, 2 of what is sealed for nobody, 3 for each of two columns of indexes, the audit
     * row */
    assert_int_equal(at - 1, 12);
}

static void several_in_a_row(void **state)
{
    site s = {0};
    enum fc_rotated result;
    open_site(state, &s);
    fill(&s);
    for (int i = 0; i < 3; i++) {
        ok(change(&s, &result, err));
        assert_int_equal(result, FC_ROTATED);
        add_row(&s, 1000 + i, i % 2); /* under each pair something new */
        nothing_is_behind(&s);
        all_is_there(&s);
    }
    close_site(&s);
    memset(&s, 0, sizeof s);
    open_site(state, &s);
    all_is_there(&s);
    for (int i = 1000; i < 1003; i++) {
        opens(&s, i);
        assert_int_equal(found_by_index(&s, i), i);
    }
    close_site(&s);
}

/* What somebody with the earlier pair alone can do with what stands in the files afterwards. */
static void the_earlier_keys_are_worth_nothing(void **state)
{
    site s = {0};
    enum fc_rotated result;
    open_site(state, &s);
    fill(&s);
    fc_pair stolen = *fc_keys_pair(fc_vault_keys(s.vault));
    char index[FC_INDEX_CAP];
    ok(fc_vault_index(s.vault, "phone", "13800000001", 11, index, err));
    ok(change(&s, &result, err));
    fc_keys *thief = file_keys(state, "nanjing");
    fails(FC_EDENIED, "not those of this file", "不是这个文件的", fc_keys_given(thief, &stolen, err));
    fc_keys_close(thief);
    close_site(&s);
    const char *names[] = {"nanjing.db", "nanjing.db-wal", "nanjing.keys.db", "nanjing.keys.db-wal"};
    for (int i = 0; i < 4; i++) {
        fc_buf bytes = {0};
        if (access(in(state, names[i]), F_OK) != 0) continue;
        ok(fc_read_file(in(state, names[i]), 1 << 26, &bytes, err));
        if (bytes.len) assert_null(memmem(bytes.data, bytes.len, index, 32));
        fc_buf_free(&bytes);
    }
}

static void an_open_process_follows(void **state)
{
    site one = {0}, two = {0};
    enum fc_rotated result;
    fc_master *m;
    fc_keys *blind;
    int64_t person;
    unsigned char key[FC_KEY_BYTES];
    enum fc_person how;
    open_site(state, &one);
    fill(&one);
    open_site(state, &two);
    blind = file_keys(state, "nanjing");
    ok(fc_master_read(two.secrets, 0, &m, err));
    ok(fc_keys_unlock(blind, m, err));
    fc_master_free(m);
    ok(change(&two, &result, err));
    add_row(&one, 2000, 0);
    add_row(&one, 2001, 2001);
    ok(fc_keys_new_person(fc_vault_keys(one.vault), &person, err));
    nothing_is_behind(&two);
    opens(&two, 2000);
    opens(&two, 2001);
    assert_int_equal(found_by_index(&two, 2001), 2001);
    fails(FC_EDENIED, "has just been changed", "刚刚更换了", fc_keys_person(blind, 5, 0, key, &how, err));
    fc_keys_close(blind);
    close_site(&one);
    close_site(&two);
}

/* A row that another process wrote with what it knew before the step: found, told, and remade by the next. */
static void what_comes_late_is_found(void **state)
{
    site s = {0};
    enum fc_rotated result;
    char late[FC_INDEX_CAP];
    open_site(state, &s);
    fill(&s);
    ok(fc_vault_index(s.vault, "phone", "13800003000", 11, late, err));
    ok(change(&s, &result, err));
    fc_value v = fc_text(late);
    ok(fc_run(s.data, "INSERT INTO t (id, number_sealed, number_index) VALUES (3000, x'00', ?)", &v, 1, NULL,
              err));
    assert_int_equal(found_by_index(&s, 3000), 3000);
    assert_int_equal(behind(&s), 1);
    ok(change(&s, &result, err));
    assert_int_equal(behind(&s), 0);
    assert_int_equal(found_by_index(&s, 3000), 3000);
    close_site(&s);
}

/* More rows than one statement looks at, and what is to be remade far apart. */
static void few_among_many_rows(void **state)
{
    site s = {0};
    enum fc_rotated result;
    open_site(state, &s);
    fill(&s);
    ok(fc_run(
        s.data,
        "WITH RECURSIVE n (i) AS (SELECT 10000 UNION ALL SELECT i + 1 FROM n WHERE i < 55000) INSERT INTO t "
        "(id, number_sealed) SELECT i, x'00' FROM n",
        NULL, 0, NULL, err));
    add_row(&s, 70000, 0);
    ok(change(&s, &result, err));
    nothing_is_behind(&s);
    opens(&s, 70000);
    assert_int_equal(found_by_index(&s, 70000), 70000);
    close_site(&s);
}

static void one_change_of_keys_at_a_time(void **state)
{
    site s = {0};
    enum fc_rotated result;
    open_site(state, &s);
    fill(&s);
    int folder = open(s.secrets, O_RDONLY | O_DIRECTORY);
    assert_int_equal(flock(folder, LOCK_EX), 0);
    fails(FC_ECONFLICT, "another forecourt key rotate", "另一个 forecourt key rotate",
          change(&s, &result, err));
    close(folder);
    fc_master *next = fc_master_random();
    ok(fc_keys_wrap(fc_vault_keys(s.vault), next, err));
    fc_master_free(next);
    fails(FC_ECONFLICT, "change is not finished", "更换还没有完成", change(&s, &result, err));
    all_is_there(&s);
    close_site(&s);
}

static void the_erased_stay_erased(void **state)
{
    site s = {0};
    enum fc_rotated result;
    enum fc_person was;
    open_site(state, &s);
    fill(&s);
    ok(fc_keys_forget(fc_vault_keys(s.vault), 7, &was, err));
    ok(change(&s, &result, err));
    ok(fc_keys_state(fc_vault_keys(s.vault), 7, &was, err));
    assert_int_equal(was, FC_PERSON_ERASED);
    nothing_is_behind(&s);
    close_site(&s);
}

#define alone(fn) cmocka_unit_test_setup_teardown(fn, make_folder, drop_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        alone(it_is_safe_at_every_step),           alone(several_in_a_row),
        alone(the_earlier_keys_are_worth_nothing), alone(an_open_process_follows),
        alone(what_comes_late_is_found),           alone(few_among_many_rows),
        alone(one_change_of_keys_at_a_time),       alone(the_erased_stay_erased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
