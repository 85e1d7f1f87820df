/* Migrations: the files NNNN_name.sql of a folder, each run once, in order, in one transaction with its row
 * in fc_migration. A file that fails leaves nothing of itself and names its line; the files before it stay.
 *
 * Several processes may start at the same time: what is to be done is decided again inside each transaction,
 * which begins with the write lock, so that each file runs in one of them. A store that is up to date is only
 * read.
 *
 * Refused: a store made by a newer program, a file that changed after it ran, a file that appeared below one
 * that already ran (two lines of development; it would silently never run), a file that ran and is gone. */
#include "store/driver.h"
#include "store/look.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE (4u << 20)

typedef struct migration {
    int number;
    char name[256]; /* of the file */
    char hash[FC_HASH_HEX];
    fc_buf text;
} migration;

typedef struct plan {
    const char *dir;
    migration *files; /* sorted by number */
    int count;
} plan;

static int by_number(const void *a, const void *b)
{
    const migration *x = a, *y = b;
    return x->number != y->number ? x->number - y->number : strcmp(x->name, y->name);
}

int fc_migration_named(const char *name)
{
    size_t n = strlen(name);
    if (n < 10) return 0;
    for (int i = 0; i < 4; i++)
        if (!isdigit((unsigned char)name[i])) return 0;
    if (name[4] != '_') return 0;
    return strspn(name + 5, "abcdefghijklmnopqrstuvwxyz0123456789_-") == n - 9;
}

static int add_file(plan *p, const char *name, fc_err *err)
{
    size_t n = strlen(name);
    if (name[0] == '.' || n < 4 || strcmp(name + n - 4, ".sql") != 0) return FC_OK;
    if (!fc_migration_named(name) || n >= sizeof p->files->name)
        return fc_fail(err, FC_EINVAL, "%s/%s: 文件名应为 0001_name.sql 的形式（小写字母、数字、_、-）",
                       "%s/%s: the name must have the form 0001_name.sql (lower case letters, digits, _, -)",
                       p->dir, name);
    p->files = fc_realloc(p->files, sizeof *p->files * (size_t)(p->count + 1));
    migration *m = &p->files[p->count++];
    *m = (migration){.number = atoi(name)};
    memcpy(m->name, name, n + 1);
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", p->dir, name);
    int rc = fc_read_file(path, MAX_FILE, &m->text, err);
    if (rc) return rc;
    if (memchr(fc_buf_str(&m->text), 0, m->text.len))
        return fc_fail(err, FC_EINVAL, "%s: 文件中有 NUL 字节，不是 SQL 文本",
                       "%s: holds a NUL byte and is no SQL text", path);
    fc_hash(fc_buf_str(&m->text), m->text.len, m->hash);
    return FC_OK;
}

static int read_plan(plan *p, fc_err *err)
{
    DIR *dir = opendir(p->dir);
    if (!dir)
        return fc_fail(err, FC_ENOTFOUND, "%s: 数据结构文件夹无法打开：%s",
                       "%s: the schema folder cannot be opened: %s", p->dir, strerror(errno));
    int rc = FC_OK;
    struct dirent *entry;
    while (!rc && (entry = readdir(dir)))
        rc = add_file(p, entry->d_name, err);
    closedir(dir);
    if (rc) return rc;
    if (!p->count)
        return fc_fail(err, FC_ENOTFOUND, "%s: 文件夹中没有迁移文件（0001_name.sql）",
                       "%s: the folder holds no migration (0001_name.sql)", p->dir);
    qsort(p->files, (size_t)p->count, sizeof *p->files, by_number);
    for (int i = 1; i < p->count; i++)
        if (p->files[i].number == p->files[i - 1].number)
            return fc_fail(err, FC_EINVAL, "%s: %s 与 %s 编号相同；请为其中一个换号",
                           "%s: %s and %s have the same number; "
                           "give one of them another",
                           p->dir, p->files[i - 1].name, p->files[i].name);
    return FC_OK;
}

static void free_plan(plan *p)
{
    for (int i = 0; i < p->count; i++)
        fc_buf_free(&p->files[i].text);
    free(p->files);
}

static const migration *file_of(const plan *p, int64_t number)
{
    for (int i = 0; i < p->count; i++)
        if (p->files[i].number == number) return &p->files[i];
    return NULL;
}

static int too_new(const fc_store *s, const plan *p, int64_t version, fc_err *err)
{
    return fc_fail(
        err, FC_EVERSION,
        "%s: 数据库的版本是 %lld，本程序只认识到 %d：它由更新的程序写过。请安装更新的 "
        "forecourt，或恢复升级前的备份",
        "%s: the database has version %lld, this program knows up to %d: a newer program wrote it. Install "
        "the newer forecourt, or restore the backup made before the upgrade",
        s->path, (long long)version, p->files[p->count - 1].number);
}

/* One row of fc_migration against the files. */
static int check_row(const fc_store *s, const plan *p, int64_t number, const char *name, const char *hash,
                     fc_err *err)
{
    const migration *m = file_of(p, number);
    if (!m)
        return fc_fail(err, FC_ECONFLICT, "%s: 迁移 %s 曾在 %s 上执行，但文件已不存在；请恢复该文件",
                       "%s: the migration %s ran on %s, but the file is gone; put it back", p->dir, name,
                       s->path);
    if (strcmp(m->hash, hash) == 0) return FC_OK;
    return fc_fail(
        err, FC_ECONFLICT, "%s/%s: 该文件在 %s 上执行之后被更改；请恢复原文，把更改写进新编号的文件",
        "%s/%s: the file was changed after it ran on %s; put the old text back and write the change as a "
        "file with a new number",
        p->dir, m->name, s->path);
}

/* A newer store is told before its single rows: they may name files that this program cannot know. */
static int check_rows(fc_store *s, const plan *p, int64_t version, fc_err *err)
{
    if (version > p->files[p->count - 1].number) return too_new(s, p, version, err);
    fc_cursor *c;
    const char *sql = "SELECT number, name, hash FROM fc_migration ORDER BY number";
    int row = 0, rc = fc_query(s, sql, strlen(sql), NULL, 0, &c, err);
    if (rc) return rc;
    while (!(rc = fc_cursor_next(c, &row, err)) && row) {
        fc_value v[3];
        for (int i = 0; i < 3; i++)
            fc_cursor_value(c, i, &v[i]);
        rc = check_row(s, p, v[0].i, v[1].s, v[2].s, err);
        if (rc) break;
    }
    fc_cursor_close(c);
    return rc;
}

static int count_done(fc_store *s, int64_t *done, fc_err *err)
{
    int found;
    return fc_ask_int(s, "SELECT count(*) FROM fc_migration", NULL, 0, done, &found, err);
}

static int late_file(fc_store *s, const plan *p, int64_t version, fc_err *err)
{
    for (int i = 0; i < p->count && p->files[i].number <= version; i++) {
        fc_value arg = fc_int(p->files[i].number);
        int64_t one;
        int found;
        int rc = fc_ask_int(s, "SELECT 1 FROM fc_migration WHERE number = ?", &arg, 1, &one, &found, err);
        if (rc) return rc;
        if (!found)
            return fc_fail(
                err, FC_ECONFLICT, "%s/%s: 数据库已是版本 %lld，编号更小的新文件不会被执行；请换用更大的编号",
                "%s/%s: the database is at version %lld already, a new file with a lower number would never "
                "run; give it a higher one",
                p->dir, p->files[i].name, (long long)version);
    }
    return FC_OK;
}

/* *next = the first file that has not run, NULL if there is none. */
static int find_next(fc_store *s, const plan *p, const migration **next, fc_err *err)
{
    int64_t exists, version, done;
    int found;
    *next = &p->files[0];
    int rc = fc_ask_int(s, "SELECT count(*) FROM sqlite_schema WHERE name = 'fc_migration'", NULL, 0, &exists,
                        &found, err);
    if (rc || !exists) return rc;
    rc = fc_ask_int(s, "SELECT max(number) FROM fc_migration", NULL, 0, &version, &found, err);
    if (rc || !found) return rc;
    rc = check_rows(s, p, version, err);
    if (!rc) rc = count_done(s, &done, err);
    if (!rc) rc = late_file(s, p, version, err);
    if (rc) return rc;
    *next = done < p->count ? &p->files[done] : NULL;
    return FC_OK;
}

static int run_text(fc_store *s, const plan *p, const migration *m, fc_err *err)
{
    char place[4400];
    snprintf(place, sizeof place, "%s/%s", p->dir, m->name);
    return fc_store_script(s, place, fc_buf_str((fc_buf *)&m->text), m->text.len, NULL, err);
}

/* Not through the cache: a kept statement that may write fc_migration would be there for anybody with its
 * text. */
static int record(fc_store *s, const migration *m, fc_err *err)
{
    const char *sql = "INSERT INTO fc_migration (number, name, hash, at) VALUES (?, ?, ?, ?)";
    sqlite3_stmt *stmt = NULL;
    s->write->trusted = true;
    int rc = sqlite3_prepare_v2(s->write->db, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_int(stmt, 1, m->number);
        sqlite3_bind_text(stmt, 2, m->name, -1, SQLITE_STATIC);
        sqlite3_bind_text(stmt, 3, m->hash, -1, SQLITE_STATIC);
        sqlite3_bind_int64(stmt, 4, fc_now());
        rc = sqlite3_step(stmt);
    }
    s->write->trusted = false;
    int code = rc == SQLITE_DONE ? FC_OK : fc_store_fail(s->write, rc, sql, strlen(sql), err);
    sqlite3_finalize(stmt);
    return code;
}

static int run_file(fc_store *s, const plan *p, const migration *m, fc_err *err)
{
    int rc = fc_conn_exec(
        s->write,
        "CREATE TABLE IF NOT EXISTS fc_migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
        " hash TEXT NOT NULL, at INTEGER NOT NULL) STRICT",
        err);
    if (!rc) rc = run_text(s, p, m, err);
    if (!rc) rc = record(s, m, err);
    return rc;
}

/* Another process may have run the file while this one waited for the lock: then there is only less to do. */
static int one_file(fc_store *s, const plan *p, const migration **done, fc_err *err)
{
    *done = NULL;
    int rc = fc_tx_begin(s, err);
    if (rc) return rc;
    const migration *m;
    rc = find_next(s, p, &m, err);
    if (!rc && m) rc = run_file(s, p, m, err);
    if (rc) {
        fc_tx_rollback(s);
        return rc;
    }
    rc = fc_tx_commit(s, err);
    if (!rc) *done = m;
    return rc;
}

int fc_store_migrate(fc_store *s, const char *dir, fc_err *err)
{
    plan p = {.dir = dir};
    const migration *next = NULL;
    int rc = read_plan(&p, err);
    if (!rc) rc = find_next(s, &p, &next, err);
    while (!rc && next) {
        rc = one_file(s, &p, &next, err);
        if (!rc && next)
            fc_log(strcmp(s->path, ":memory:") ? FC_INFO : FC_DEBUG, "store", "%s: %s", s->path, next->name);
    }
    free_plan(&p);
    return rc;
}

int fc_store_migrations(fc_store *s, const char *dir, fc_migration_fn fn, void *ctx, fc_err *err)
{
    plan p = {.dir = dir};
    const migration *next = NULL;
    int rc = read_plan(&p, err);
    if (!rc && s) rc = find_next(s, &p, &next, err);
    for (const migration *m = s ? next : p.files; !rc && m && m < p.files + p.count; m++)
        fn(ctx, m->number, m->name);
    free_plan(&p);
    return rc;
}
