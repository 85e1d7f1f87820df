/* A whole site through backup and restore without a host; what a hostile file may not do. */
#include "store_help.h"
#include "base/log.h"
#include "store/backup.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>

static unsigned char master[FC_KEY_BYTES];

static void site(void **state)
{
    fc_store *s;
    static const char *const folders[] = {"s/data/files", "s/secrets", "s/plugins/p", "new"};
    for (size_t i = 0; i < 4; i++)
        ok(fc_make_dirs(in(state, folders[i]), 0700, err));
    rmdir(in(state, "new"));
    ok(fc_key_read(in(state, "s/secrets/master.key"), 1, master, NULL, err));
    put(in(state, "s/site.lua"), "return {}\n");
    put(in(state, "s/plugins/p/plugin.lua"), "return {}\n");
    put(in(state, "s/data/files/a.csv"), "a,b\n");
    put(in(state, "s/data/note.txt"), "not ours");
    assert_int_equal(symlink("/etc/passwd", in(state, "s/plugins/p/link")), 0);
    static const char *const names[] = {"site", "n", "n.keys"};
    for (int i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof path, "s/data/%s.db", names[i]);
        ok(fc_store_open(in(state, path), &s, err));
        ok(fc_store_migrate(s, i ? SOURCE_DIR "/schema/dealership" : SOURCE_DIR "/schema/site", err));
        fc_store_close(s);
    }
}

static void back_up(void **state, fc_backup_result *r)
{
    int lock;
    char dir[4096], to[4096], keys[4096];
    snprintf(dir, sizeof dir, "%s/s", (char *)*state);
    snprintf(to, sizeof to, "%s/b", (char *)*state);
    snprintf(keys, sizeof keys, "%s/k", (char *)*state);
    fc_backup_order o = {.dir = dir, .folder = "s", .site = "S", .to = to, .keys_to = keys};
    ok(fc_backup_lock(dir, &lock, err));
    fails(FC_ECONFLICT, "another process", "另一个进程", fc_backup_lock(dir, &(int){0}, err));
    ok(fc_backup(&o, r, err));
    close(lock);
}

static fc_restore_order order(void **state, const char *file, const char *keys)
{
    static char to[4096]; /* in() forgets after four */
    snprintf(to, sizeof to, "%s/new", (char *)*state);
    return (fc_restore_order){
        .file = file, .to = to, .keys_file = keys, .master = master, .schema = SOURCE_DIR "/schema"};
}

static int there(void **state, const char *name)
{
    return access(in(state, name), F_OK) == 0;
}

static void there_and_back(void **state)
{
    fc_backup_result b;
    fc_restore_result r;
    site(state);
    back_up(state, &b);
    assert_int_equal(b.sum.members, 5);
    assert_int_equal(b.keys_sum.members, 1);
    assert_int_equal(b.skipped, 1);
    assert_string_equal(b.first_skipped, "plugins/p/link");
    fc_restore_order o = order(state, b.file, b.keys_file);
    ok(fc_restore(&o, &r, err));
    assert_int_equal(r.members, 6);
    assert_int_equal(r.databases, 3);
    assert_true(there(state, "new/data/n.keys.db") && there(state, "new/data/site.db"));
    assert_true(there(state, "new/data/files/a.csv") && there(state, "new/secrets/master.key"));
    assert_false(there(state, "new/data/note.txt") || there(state, "new/plugins/p/link"));
    assert_false(there(state, "new/.forecourt-restore") || there(state, "new.part"));
    fails(FC_ECONFLICT, "no empty folder", "不是空文件夹", fc_restore(&o, &r, err));
}

/* Two kinds of file do not stand in for each other. */
static void the_wrong_kind(void **state)
{
    fc_backup_result b;
    fc_restore_result r;
    site(state);
    back_up(state, &b);
    fc_restore_order o = order(state, b.keys_file, NULL);
    fails(FC_EINVAL, "backup of keys", "密钥备份", fc_restore(&o, &r, err));
    o = order(state, b.file, b.file);
    fails(FC_EINVAL, "no backup of keys", "不是密钥备份", fc_restore(&o, &r, err));
    assert_false(there(state, "new") || there(state, "new.part"));
}

static void hostile(void **state, const char *name)
{
    fc_fcb_writer *w;
    fc_fcb_sum sum;
    fc_restore_result r;
    fc_fcb_head head = {.kind = "site", .site = "S"};
    const char *path = in(state, "bad.fcb");
    unlink(path);
    ok(fc_fcb_create(path, &head, master, &w, err));
    ok(fc_fcb_begin(w, name, 0777, err));
    ok(fc_fcb_write(w, "x", 1, err));
    ok(fc_fcb_end(w, err));
    ok(fc_fcb_finish(w, &sum, err));
    fc_fcb_close_writer(w);
    fc_restore_order o = order(state, path, NULL);
    fails(FC_EDENIED, "has no place", "不属于站点", fc_restore(&o, &r, err));
    o.to = NULL;
    fails(FC_EDENIED, "has no place", "不属于站点", fc_restore(&o, &r, err));
    assert_false(there(state, "new") || there(state, "new.part"));
}

static void places_that_are_not_a_sites(void **state)
{
    static const char *const names[] = {
        "secrets/master.key", "etc/passwd", "data/n.keys.db", "data/.backup/x.db", ".forecourt-restore",
        "data/sub/n.db",      "plugins",    "data/n.txt",     "data/.forecourt.db"};
    site(state);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        hostile(state, names[i]);
}

static void a_database_that_is_none_or_newer(void **state)
{
    fc_backup_result b;
    fc_restore_result r;
    fc_store *s;
    site(state);
    ok(fc_store_open(in(state, "s/data/n.db"), &s, err));
    back_up(state, &b);
    run(s, "CREATE TABLE later (x INTEGER) STRICT");
    fc_store_close(s);
    char command[4300];
    snprintf(command, sizeof command,
             "sqlite3 '%s' \"INSERT INTO fc_migration VALUES (999, '0999_x.sql', 'x', 1)\" && rm '%s'",
             in(state, "s/data/n.db"), in(state, "s/data/n.db-sums"));
    assert_int_equal(system(command), 0);
    back_up(state, &b);
    fc_restore_order o = order(state, b.file, NULL);
    fails(FC_EVERSION, "version 999", "999", fc_restore(&o, &r, err));
    assert_false(there(state, "new") || there(state, "new.part"));
}

static int stop_at(void *ctx, int64_t done, int64_t total, const char *what)
{
    (void)done;
    (void)total;
    (void)what;
    return --*(int *)ctx < 0;
}

/* Interrupted at each step: nothing half done is left. */
static void interrupted_anywhere(void **state)
{
    fc_backup_result b;
    fc_restore_result r;
    char dir[4096], to[4096], command[4200];
    int done = 0;
    site(state);
    snprintf(dir, sizeof dir, "%s/s", (char *)*state);
    snprintf(to, sizeof to, "%s/b", (char *)*state);
    snprintf(command, sizeof command, "test -z \"$(ls -A '%s')\"", to);
    for (int at = 0; !done; at++) {
        int left = at;
        fc_err why;
        fc_backup_order o = {dir, "s", "S", to, to, {stop_at, &left}};
        done = fc_backup(&o, &b, &why) == FC_OK;
        if (!done && system(command) != 0) fail_msg("step %d left something", at);
        if (!done) assert_non_null(strstr(why.text[FC_EN], "interrupted"));
    }
    done = 0;
    for (int at = 0; !done; at++) {
        int left = at;
        fc_err why;
        fc_restore_order o = order(state, b.file, NULL);
        o.watch = (fc_backup_watch){stop_at, &left};
        done = fc_restore(&o, &r, &why) == FC_OK;
        if (!done && (there(state, "new") || there(state, "new.part")))
            fail_msg("step %d left something", at);
    }
}

/* Each backup would hold all before it, and that of the site those of the keys. */
static void not_into_what_is_backed_up(void **state)
{
    static const char *const places[] = {"s/data/files/b", "s/packs", "s/packs/x/y", "link/b"};
    fc_backup_result r;
    char dir[4096], away[4096];
    site(state);
    snprintf(dir, sizeof dir, "%s/s", (char *)*state);
    snprintf(away, sizeof away, "%s/away", (char *)*state);
    assert_int_equal(symlink(in(state, "s/scripts"), in(state, "link")), 0);
    mkdir(in(state, "s/scripts"), 0700);
    mkdir(in(state, "s/packs"), 0700);
    for (int i = 0; i < 8; i++) {
        const char *to = in(state, places[i / 2]);
        fc_backup_order o = {dir, "s", "S", i % 2 ? to : away, i % 2 ? away : to, {NULL, NULL}};
        fails(FC_EINVAL, "is backed up itself", "本身要备份", fc_backup(&o, &r, err));
        assert_false(there(state, "s/data/files/b"));
    }
    assert_true(there(state, "s/packs"));
    fc_backup_order own = {dir, "s", "S", in(state, "s/backups"), in(state, "s/packs-keys"), {NULL, NULL}};
    ok(fc_backup(&own, &r, err));
}

/* ---- another site of the same name keeps its backups in the same folder */

typedef struct neighbour {
    const fc_backup_result *r;
    int steps;
} neighbour;

static int finish_first(void *ctx, int64_t done, int64_t total, const char *what)
{
    neighbour *n = ctx;
    (void)done;
    (void)total;
    (void)what;
    if (n->steps++ == 0) put(n->r->file, "the neighbour's");
    return 0;
}

static void what_a_neighbour_makes_stays(void **state)
{
    fc_backup_result r;
    char dir[4096], to[4096], part[4200];
    site(state);
    snprintf(dir, sizeof dir, "%s/s", (char *)*state);
    snprintf(to, sizeof to, "%s/b", (char *)*state);
    snprintf(part, sizeof part, "%s/.forecourt-s-20261121T090000Z.fcb.part", to);
    mkdir(to, 0700);
    put(part, "under way");
    int fd = open(part, O_RDONLY);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    neighbour n = {.r = &r};
    fc_backup_order o = {dir, "s", "S", to, to, {finish_first, &n}};
    fails(FC_EIO, "cannot be given its name", "无法改名", fc_backup(&o, &r, err));
    assert_int_equal(access(part, F_OK), 0);
    assert_int_equal(access(r.file, F_OK), 0);
    assert_int_not_equal(access(r.keys_file, F_OK), 0);
    close(fd);
    o.watch.step = NULL;
    ok(fc_backup(&o, &r, err)); /* nobody holds it any more: a leftover */
    assert_int_not_equal(access(part, F_OK), 0);
}

int main(void)
{
    assert_true(sodium_init() >= 0);
    fc_log_level(FC_SILENT);
    const struct CMUnitTest tests[] = {
        each_in_folder(there_and_back),
        each_in_folder(the_wrong_kind),
        each_in_folder(places_that_are_not_a_sites),
        each_in_folder(a_database_that_is_none_or_newer),
        each_in_folder(interrupted_anywhere),
        each_in_folder(what_a_neighbour_makes_stays),
        each_in_folder(not_into_what_is_backed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
