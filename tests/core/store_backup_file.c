/* The file of a backup: what was put in comes out; what was damaged, cut, moved or made with another key is
 * refused with a sentence that says what and where. */
#include "store_help.h"
#include "store/backup_file.h"

#include <fcntl.h>
#include <sodium.h>

static const unsigned char master[FC_KEY_BYTES] = {1, 2, 3}, other[FC_KEY_BYTES] = {9};
static const fc_fcb_head head = {
    .kind = "site", .site = "南京\n店", .made = "2026-11-25T17:40:00Z", .program = "0.1.0"};

static unsigned char *noise(size_t n, unsigned seed)
{
    unsigned char *p = malloc(n + 1);
    for (size_t i = 0; i < n; i++)
        p[i] = (unsigned char)(seed = seed * 1103515245u + 12345u, seed >> 16);
    return p;
}

#define BIG 700000
static void add(fc_fcb_writer *w, const char *name, const void *bytes, size_t n)
{
    ok(fc_fcb_begin(w, name, 0640, err));
    ok(fc_fcb_write(w, bytes, n, err));
    ok(fc_fcb_end(w, err));
}

static void make(const char *path, fc_fcb_sum *sum)
{
    fc_fcb_writer *w;
    unsigned char *big = noise(BIG, 7);
    ok(fc_fcb_create(path, &head, master, &w, err));
    add(w, "site.lua", "return {}\n", 10);
    add(w, "data/nanjing.db", big, BIG);
    add(w, "data/files/空.txt", "", 0);
    ok(fc_fcb_finish(w, sum, err));
    fc_fcb_close_writer(w);
    free(big);
}

/* Reads all of it; the code, and how many members came out whole. */
static int walk(const char *path, const unsigned char *key, int *whole, fc_err *err)
{
    fc_fcb_reader *r;
    fc_fcb_entry e;
    char buffer[50000];
    int more = 1, rc = fc_fcb_open(path, key, &r, err);
    *whole = 0;
    if (rc) return rc;
    while (!(rc = fc_fcb_next(r, &e, &more, err)) && more) {
        size_t n = 1;
        while (!rc && n)
            rc = fc_fcb_read(r, buffer, sizeof buffer, &n, err);
        if (rc) break;
        ++*whole;
    }
    fc_fcb_close_reader(r);
    return rc;
}

static void what_went_in_comes_out(void **state)
{
    fc_fcb_sum sum;
    fc_fcb_reader *r;
    fc_fcb_entry e;
    fc_fcb_head h;
    unsigned char *big = noise(BIG, 7), *got = malloc(BIG + 1);
    int more, whole;
    size_t n, total = 0;
    const char *path = in(state, "a.fcb");
    make(path, &sum);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, sum.bytes);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(sum.members, 3);
    assert_int_equal(sum.plain, BIG + 10);
    ok(fc_fcb_peek(path, &h, err));
    assert_string_equal(h.kind, "site");
    assert_string_equal(h.site, "南京 店");
    ok(fc_fcb_open(path, master, &r, err));
    ok(fc_fcb_next(r, &e, &more, err));
    assert_string_equal(e.name, "site.lua");
    assert_int_equal(e.mode, 0640);
    ok(fc_fcb_read(r, got, 100, &n, err));
    assert_int_equal(n, 10);
    ok(fc_fcb_read(r, got, 100, &n, err));
    assert_int_equal(n, 0);
    ok(fc_fcb_next(r, &e, &more, err));
    do {
        ok(fc_fcb_read(r, got + total, BIG + 1 - total, &n, err));
        total += n;
    } while (n);
    assert_int_equal(total, BIG);
    assert_memory_equal(got, big, BIG);
    fc_fcb_close_reader(r);
    ok(walk(path, master, &whole, err));
    assert_int_equal(whole, 3);
    free(big);
    free(got);
}

static void flip(const char *path, off_t at)
{
    unsigned char c;
    int fd = open(path, O_RDWR);
    assert_int_equal(pread(fd, &c, 1, at), 1);
    c ^= 1u << (at % 8);
    assert_int_equal(pwrite(fd, &c, 1, at), 1);
    close(fd);
}

/* Every byte of the text and of the end, and every 197th between. */
static void a_flipped_bit_is_never_believed(void **state)
{
    fc_fcb_sum sum;
    fc_err why;
    int whole;
    const char *path = in(state, "a.fcb");
    make(path, &sum);
    for (off_t at = 0; at < sum.bytes; at += at < 400 || at >= sum.bytes - 200 ? 1 : 197) {
        flip(path, at);
        if (walk(path, master, &whole, &why) == FC_OK) fail_msg("byte %lld", (long long)at);
        if (!strstr(why.text[FC_EN], "damaged") && !strstr(why.text[FC_EN], "wrong key"))
            fail_msg("byte %lld: %s", (long long)at, why.text[FC_EN]);
        if (!strstr(why.text[FC_ZH], "损坏")) fail_msg("byte %lld: %s", (long long)at, why.text[FC_ZH]);
        flip(path, at);
    }
    ok(walk(path, master, &whole, err));
    flip(path, sum.bytes / 2);
    fails(FC_EINVAL, "data/nanjing.db (from its byte ", "data/nanjing.db", walk(path, master, &whole, err));
    fails(FC_EINVAL, "within the 64 KiB from byte 3", "第 3", walk(path, master, &whole, err));
    assert_int_equal(whole, 1);
}

static void a_cut_file_is_called_that(void **state)
{
    fc_fcb_sum sum;
    fc_err why;
    int whole;
    const char *path = in(state, "a.fcb");
    make(path, &sum);
    for (off_t size = sum.bytes - 1; size >= 0; size -= size > sum.bytes - 300 || size < 400 ? 1 : 4999) {
        assert_int_equal(truncate(path, size), 0);
        if (walk(path, master, &whole, &why) == FC_OK) fail_msg("%lld bytes", (long long)size);
        if (size > 300 && size < sum.bytes - 200 && !strstr(why.text[FC_EN], "cut off"))
            fail_msg("%lld bytes: %s", (long long)size, why.text[FC_EN]);
    }
}

static void the_wrong_key_and_a_newer_format(void **state)
{
    fc_fcb_sum sum;
    int whole;
    char text[4096], check[17];
    const char *path = in(state, "a.fcb");
    make(path, &sum);
    fails(FC_EDENIED, "wrong key", "密钥不对", walk(path, other, &whole, err));
    int n = snprintf(text, sizeof text, "forecourt-backup 2\nwhatever: else\n");
    fc_fcb_check(text, (size_t)n, check);
    snprintf(text + n, sizeof text - (size_t)n, "check: %s\n\nrest", check);
    put(in(state, "new.fcb"), text);
    fails(FC_EVERSION, "format 2", "第 2 版", walk(in(state, "new.fcb"), master, &whole, err));
    put(in(state, "no.fcb"), "PK\3\4 something else");
    fails(FC_EINVAL, "no backup", "不是备份", walk(in(state, "no.fcb"), master, &whole, err));
    fails(FC_ENOTFOUND, "cannot be opened", "无法打开", walk(in(state, "none.fcb"), master, &whole, err));
}

/* What a backup says of its key is what `key show` says; files of before, which had another name for it,
 * open. */
static void a_key_has_one_name(void **state)
{
    fc_fcb_sum sum;
    fc_fcb_head found;
    char print[FC_PRINT_CAP];
    fc_err why;
    int whole;
    const char *path = in(state, "a.fcb");
    make(path, &sum);
    ok(fc_fcb_peek(path, &found, err));
    fc_master_print(master, print);
    assert_string_equal(found.key, print);
    ok(walk(SOURCE_DIR "/tests/core/fixtures/store_backup_key_id.fcb", master, &whole, err));
    assert_int_equal(whole, 1);
    assert_int_equal(walk(SOURCE_DIR "/tests/core/fixtures/store_backup_key_id.fcb", other, &whole, &why),
                     FC_EDENIED);
}

/* Frames of one file in another's place, and something after the end. */
static void nothing_can_be_moved_or_added(void **state)
{
    fc_fcb_sum sum;
    fc_err why;
    int whole;
    const char *path = in(state, "a.fcb");
    make(path, &sum);
    char *text = malloc((size_t)sum.bytes + 1);
    int fd = open(path, O_RDWR);
    assert_int_equal(read(fd, text, (size_t)sum.bytes), sum.bytes);
    char *begin = strstr(text, "\n\n") + 2 + 24;
    assert_int_equal(pwrite(fd, begin, FCB_SEALED, begin - text + FCB_SEALED), FCB_SEALED);
    assert_int_equal(walk(path, master, &whole, &why), FC_EINVAL);
    assert_int_equal(pwrite(fd, text, (size_t)sum.bytes, 0), sum.bytes);
    assert_int_equal(walk(path, master, &whole, &why), FC_OK);
    assert_int_equal(pwrite(fd, "more", 4, sum.bytes), 4);
    assert_int_equal(walk(path, master, &whole, &why), FC_EINVAL);
    close(fd);
    free(text);
}

static void names_lead_nowhere_else(void **state)
{
    (void)state;
    static const char *const bad[] = {"",     "/etc/passwd", "..",     "a/../b", "a//b", "a/",
                                      "a\\b", "a\nb",        "./site", "a/.",    "\x7f"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (fc_fcb_name_is_safe(bad[i], strlen(bad[i]))) fail_msg("'%s'", bad[i]);
    assert_true(fc_fcb_name_is_safe("plugins/我的/..a/b.lua", strlen("plugins/我的/..a/b.lua")));
}

static void key_files(void **state)
{
    unsigned char a[FC_KEY_BYTES], b[FC_KEY_BYTES];
    int made;
    const char *path = in(state, "k");
    fails(FC_ENOTFOUND, "cannot be opened", "无法打开", fc_key_read(path, 0, a, NULL, err));
    ok(fc_key_read(path, 1, a, &made, err));
    assert_int_equal(made, 1);
    ok(fc_key_read(path, 1, b, &made, err));
    assert_int_equal(made, 0);
    assert_memory_equal(a, b, sizeof a);
    fails(FC_ECONFLICT, "cannot be made", "无法创建", fc_key_write(path, a, err));
    chmod(path, 0644);
    fails(FC_EDENIED, "chmod 600", "chmod 600", fc_key_read(path, 0, a, NULL, err));
}

int main(void)
{
    assert_true(sodium_init() >= 0);
    const struct CMUnitTest tests[] = {
        each_in_folder(what_went_in_comes_out),
        each_in_folder(a_flipped_bit_is_never_believed),
        each_in_folder(a_cut_file_is_called_that),
        each_in_folder(the_wrong_key_and_a_newer_format),
        each_in_folder(nothing_can_be_moved_or_added),
        each_in_folder(key_files),
        each_in_folder(a_key_has_one_name),
        cmocka_unit_test(names_lead_nowhere_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
