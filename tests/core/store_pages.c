/* Checked pages: whatever happens to the bytes of a file or its WAL between writing and reading, a wrong
 * value is never returned. */
#include "pages_help.h"
#include "base/log.h"
#include "store/pages_file.h"

#include <xxhash.h>

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
        cmocka_unit_test_setup_teardown(no_flipped_bit_changes_a_value, make_memory_folder, drop_folder),
    };
    if (argc > 1) cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
