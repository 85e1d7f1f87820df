/* A restored database is opened before it gets its place: sound, and of a schema this program knows. It is
 * not migrated here: who goes back to an older program after a restore finds what that one wrote. */
#include "store/backup_internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int newest_file(const char *dir)
{
    int newest = 0;
    struct dirent *e;
    DIR *d = opendir(dir);
    while (d && (e = readdir(d))) {
        int number = atoi(e->d_name);
        if (number > newest && strstr(e->d_name, ".sql")) newest = number;
    }
    if (d) closedir(d);
    return newest;
}

/* The first column of the first row, as text. */
static int first_text(sqlite3 *db, const char *sql, char *out, size_t cap)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    out[0] = 0;
    if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);
        snprintf(out, cap, "%s", text ? text : "");
    }
    sqlite3_finalize(stmt);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int check(sqlite3 *db, const char *path, const char *schema_dir, fc_err *err)
{
    char text[300];
    int rc = first_text(db, "PRAGMA integrity_check(1)", text, sizeof text);
    if (rc || strcmp(text, "ok") != 0)
        return fc_fail(err, FC_EINVAL, "%s: 备份中的数据库已损坏（%s）；请使用另一份备份",
                       "%s: the database in the backup is damaged (%s); use another backup", path,
                       rc ? sqlite3_errmsg(db) : text);
    if (!schema_dir) return FC_OK;
    if (first_text(db, "SELECT max(number) FROM fc_migration", text, sizeof text))
        return fc_fail(err, FC_EINVAL, "%s: 不是 forecourt 的数据库（没有 fc_migration）",
                       "%s: is no database of forecourt (it has no fc_migration)", path);
    int known = newest_file(schema_dir), version = atoi(text);
    if (version <= known) return FC_OK;
    return fc_fail(err, FC_EVERSION,
                   "%s: 数据库的版本是 %d，本程序只认识到 %d：备份来自更新的程序，请安装更新的 forecourt",
                   "%s: the database has version %d, this program knows up to %d: the backup is of a newer "
                   "program, install that",
                   path, version, known);
}

int fc_restore_check(const char *path, const char *schema_dir, fc_err *err)
{
    sqlite3 *db = NULL;
    char extra[PATH_MAX + 8];
    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc)
        rc = fc_fail(err, FC_EIO, "%s: 无法打开：%s", "%s: cannot be opened: %s", path, sqlite3_errstr(rc));
    else
        rc = check(db, path, schema_dir, err);
    sqlite3_close(db);
    for (int i = 0; i < 2; i++) { /* nobody has written it: they are empty */
        snprintf(extra, sizeof extra, "%s%s", path, i ? "-shm" : "-wal");
        remove(extra);
    }
    return rc;
}
