/* The guard is SQLite's authorizer. It is asked while a statement is prepared, never while it runs, so it
 * costs a query of a known text nothing.
 *
 * It refuses what would break a promise of the store: transaction words (the store counts the levels), other
 * files (one dealership never sees another's rows), settings, writing the table of migrations, and, while a
 * plugin's migration runs, what is not that plugin's. A refusal leaves its reason in conn->denied, from
 * which error.c makes the sentence. */
#include "store/driver.h"

#include <stdio.h>
#include <string.h>

static const char *const reading_pragmas[] = {
    "table_info", "table_list",     "table_xinfo",     "index_list",        "index_info",  "foreign_key_list",
    "page_count", "freelist_count", "integrity_check", "foreign_key_check", "quick_check", "page_size"};

static int deny(fc_conn *c, const char *zh, const char *en)
{
    c->denied[FC_ZH] = zh;
    c->denied[FC_EN] = en;
    return SQLITE_DENY;
}

static bool reads_only(const char *pragma)
{
    for (size_t i = 0; i < sizeof reading_pragmas / sizeof *reading_pragmas; i++)
        if (pragma && strcmp(pragma, reading_pragmas[i]) == 0) return true;
    return false;
}

static bool begins_so(const char *name, const char *const *prefixes)
{
    for (; *prefixes; prefixes++)
        if (strncmp(name, *prefixes, strlen(*prefixes)) == 0) return true;
    return false;
}

/* What SQLite itself writes while it changes a schema is not the plugin's doing. */
static int foreign(fc_conn *c, const char *name)
{
    static _Thread_local char said[2][300];
    if (!name || strncmp(name, "sqlite_", 7) == 0 || begins_so(name, c->own)) return SQLITE_OK;
    const char *own = *c->own ? *c->own : "";
    snprintf(said[FC_ZH], sizeof said[0], "插件的迁移只能动以 %.40s 开头的表和索引，不能动 %.80s", own, name);
    snprintf(said[FC_EN], sizeof said[0],
             "a plugin's migration touches only tables and indexes that begin with %.40s, not %.80s", own,
             name);
    return deny(c, said[FC_ZH], said[FC_EN]);
}

static int writing(fc_conn *c, const char *table)
{
    if (table && strcmp(table, "fc_migration") == 0)
        return deny(c, "fc_migration 记录数据结构的版本，只能由迁移程序写入",
                    "fc_migration records the version of the schema; only the migration writes it");
    if (c->writes && table) c->writes(c->writes_ctx, table);
    return c->own ? foreign(c, table) : SQLITE_OK;
}

/* Only asked while a plugin's migration runs. */
static int making(fc_conn *c, int action, const char *a, const char *b)
{
    switch (action) {
    case SQLITE_CREATE_TABLE:
        return foreign(c, a);
    case SQLITE_CREATE_INDEX:
    case SQLITE_DROP_INDEX:
        return foreign(c, a) == SQLITE_OK ? foreign(c, b) : SQLITE_DENY;
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
    case SQLITE_REINDEX: /* a new index is filled so */
        return SQLITE_OK;
    default:
        return deny(
            c, "插件的迁移只能建、改、删表和索引，以及写自己的行",
            "a plugin's migration makes, changes and drops tables and indexes, and writes its own rows");
    }
}

static int authorize(void *ctx, int action, const char *a, const char *b, const char *schema,
                     const char *trigger)
{
    fc_conn *c = ctx;
    (void)b;
    (void)schema;
    (void)trigger;
    if (c->trusted) return SQLITE_OK;
    switch (action) {
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
        return deny(c, "SQL 中不能写 BEGIN、COMMIT、ROLLBACK、SAVEPOINT；请使用 db.tx",
                    "BEGIN, COMMIT, ROLLBACK and SAVEPOINT cannot be written as SQL; use db.tx");
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
        return deny(c, "不能打开其他数据库文件；每个门店只看得到自己的数据",
                    "no other database file can be opened; a dealership sees its own rows only");
    case SQLITE_PRAGMA:
        if (reads_only(a)) return SQLITE_OK;
        return deny(c, "不能用 PRAGMA 更改数据库设置",
                    "settings of the database cannot be changed with PRAGMA");
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
    case SQLITE_DROP_TABLE:
    case SQLITE_CREATE_TRIGGER:
        return writing(c, action == SQLITE_CREATE_TRIGGER ? b : a);
    case SQLITE_ALTER_TABLE:
        return writing(c, b);
    default:
        return c->own ? making(c, action, a, b) : SQLITE_OK;
    }
}

void fc_guard_install(fc_conn *c)
{
    sqlite3_set_authorizer(c->db, authorize, c);
}
