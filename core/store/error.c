/* One sentence for each class of SQLite's errors: what it means and what to do, then SQLite's own reason,
 * then the SQL's beginning. Values never appear: SQL carries only `?`, and SQLite names columns, not
 * contents.
 *
 * The code for the caller: ECONFLICT is only a row that exists already, so that "insert, else update" can
 * rely on it; a lock that others held too long is EBUSY. */
#include "store/driver.h"
#include "store/pages.h"

#include <stdio.h>
#include <string.h>

#define SQL_SHOWN 200                  /* characters */
#define SQL_BYTES (SQL_SHOWN * 3 + 16) /* Chinese text has three bytes a character */

typedef struct fc_meaning {
    int rc; /* extended code, or primary code for all of its kind */
    int code;
    bool names_file; /* the place is the file, not the statement */
    const char *zh, *en;
} fc_meaning;

static const fc_meaning meanings[] = {
    {SQLITE_CONSTRAINT_UNIQUE, FC_ECONFLICT, false, "已有相同的记录",
     "a row with these values exists already"},
    {SQLITE_CONSTRAINT_PRIMARYKEY, FC_ECONFLICT, false, "已有相同主键的记录",
     "a row with this primary key exists already"},
    {SQLITE_CONSTRAINT_ROWID, FC_ECONFLICT, false, "已有相同主键的记录",
     "a row with this primary key exists already"},
    {SQLITE_CONSTRAINT_FOREIGNKEY, FC_EINVAL, false, "引用的记录不存在，或该记录仍被其他记录引用",
     "the row it refers to does not exist, or other rows still refer to this one"},
    {SQLITE_CONSTRAINT_NOTNULL, FC_EINVAL, false, "必填的列没有值",
     "a column that must have a value has none"},
    {SQLITE_CONSTRAINT_CHECK, FC_EINVAL, false, "值不符合表的检查条件",
     "a value is not what the table allows"},
    {SQLITE_CONSTRAINT_DATATYPE, FC_EINVAL, false, "值的类型与列不符",
     "a value has not the type of its column"},
    {SQLITE_CONSTRAINT, FC_EINVAL, false, "不符合表的约束", "a rule of the table is broken"},
    {SQLITE_READONLY, FC_EIO, true, "数据库只能读，不能写；请检查文件和所在文件夹的权限及磁盘是否只读",
     "the database can be read but not written; check the permissions of the file and its folder, and "
     "whether the "
     "disk is read-only"},
    {SQLITE_FULL, FC_EIO, true, "磁盘已满，未写入任何内容；请腾出空间后重试",
     "the disk is full and nothing was written; free some space, then try again"},
    {SQLITE_BUSY_SNAPSHOT, FC_EBUSY, true, "数据在读取之后已被他人更改；请重新开始该事务",
     "the data was changed by somebody else after it was read; begin the transaction again"},
    {SQLITE_BUSY, FC_EBUSY, true, "数据库被其他程序占用，等待超时；请稍后重试",
     "the database is locked by another program and the wait ran out; try again later"},
    {SQLITE_LOCKED, FC_ELIMIT, false, "表正被本程序的另一条语句使用；请先读完或关闭它",
     "the table is in use by another statement of this program; read it to the end or close it first"},
    {SQLITE_CORRUPT, FC_EIO, true, "数据库文件已损坏；请停止服务，保留该文件，并恢复最近的备份",
     "the database file is damaged; stop the service, keep the file, and restore the last backup"},
    {SQLITE_NOTADB, FC_EIO, true, "这不是数据库文件；请检查路径，或恢复备份",
     "this file is not a database; check the path, or restore a backup"},
    {SQLITE_CANTOPEN, FC_EIO, true, "数据库文件无法打开；请检查文件夹是否存在、是否可写",
     "the database file cannot be opened; check that the folder exists and can be written"},
    {SQLITE_IOERR, FC_EIO, true, "读写磁盘失败；请检查磁盘",
     "the disk cannot be read or written; check the disk"},
    {SQLITE_PROTOCOL, FC_EIO, true, "数据库的锁无法工作（网络盘？）；请把数据放在本机磁盘上",
     "the locks of the database do not work (a network drive?); keep the data on a local disk"},
    {SQLITE_NOMEM, FC_ENOMEM, true, "内存不足", "out of memory"},
    {SQLITE_INTERRUPT, FC_ELIMIT, false, "语句运行过久，已被中断",
     "the statement ran too long and was interrupted"},
    {SQLITE_TOOBIG, FC_ELIMIT, false, "文本或数据过大", "a text or a value is too large"},
    {SQLITE_MISMATCH, FC_EINVAL, false, "值的类型不符", "a value has the wrong type"},
    {SQLITE_ABORT, FC_EIO, false, "语句因事务回滚而中止",
     "the statement ended because its transaction was rolled back"},
    {SQLITE_ERROR, FC_EINVAL, false, "SQL 语句有误", "the SQL is wrong"},
    {0, FC_EINTERNAL, true, "数据库内部错误", "an internal error of the database"},
};

static const fc_meaning *meaning_of(int rc)
{
    const fc_meaning *m = meanings;
    while (m->rc && m->rc != rc && m->rc != (rc & 0xff))
        m++;
    return m;
}

/* The beginning of the SQL on one line: runs of blanks become one, the cut is on a character border. */
static void shorten(const char *sql, size_t n, char out[SQL_BYTES])
{
    size_t len = 0, chars = 0, i = 0;
    for (; i < n && len < SQL_BYTES - 4; i++) {
        unsigned char c = (unsigned char)sql[i];
        bool blank = c <= ' ' || c == 0x7f;
        if (blank && (len == 0 || out[len - 1] == ' ')) continue;
        if ((c & 0xC0) != 0x80 && chars++ == SQL_SHOWN) break;
        out[len++] = blank ? ' ' : (char)c;
    }
    while (len && out[len - 1] == ' ')
        len--;
    memcpy(out + len, i < n ? "..." : "", i < n ? 4 : 1);
}

static int compose(const fc_meaning *m, const char *path, const char *reason, const char *sql, fc_err *err)
{
    char place[300] = "";
    if (m->names_file) snprintf(place, sizeof place, "%.290s: ", path);
    if (!*sql) return fc_fail(err, m->code, "%s%s%.0s（%s）", "%s%.0s%s (%s)", place, m->zh, m->en, reason);
    return fc_fail(err, m->code, "%s%s%.0s（%s）；SQL：%s", "%s%.0s%s (%s); SQL: %s", place, m->zh, m->en,
                   reason, sql);
}

static int refused(fc_conn *c, const char *sql, fc_err *err)
{
    const char *zh = c->denied[FC_ZH], *en = c->denied[FC_EN];
    c->denied[FC_ZH] = c->denied[FC_EN] = NULL;
    return fc_fail(err, FC_EDENIED, "%s%.0s；SQL：%s", "%.0s%s; SQL: %s", zh ? zh : "不允许",
                   en ? en : "not allowed", sql);
}

/* What the checked pages refused they can say better. Before the extended codes are on, any I/O error may be
 * theirs. */
static bool pages_say(const char *path, int rc, fc_err *err)
{
    return (rc == SQLITE_IOERR_DATA || rc == SQLITE_IOERR) && fc_pages_refused(path, err);
}

FC_SELDOM int fc_store_fail(fc_conn *c, int rc, const char *sql, size_t n, fc_err *err)
{
    char shown[SQL_BYTES] = "";
    if (sql) shorten(sql, n, shown);
    if ((rc & 0xff) == SQLITE_AUTH) return refused(c, shown, err);
    if (pages_say(c->store->path, rc, err)) return FC_EIO;
    const char *reason = sqlite3_errcode(c->db) == SQLITE_OK ? sqlite3_errstr(rc) : sqlite3_errmsg(c->db);
    return compose(meaning_of(rc), c->store->path, reason, shown, err);
}

int fc_store_fail_open(const char *path, int rc, const char *reason, fc_err *err)
{
    if (pages_say(path, rc, err)) return FC_EIO;
    return compose(meaning_of(rc), path, reason, "", err);
}
