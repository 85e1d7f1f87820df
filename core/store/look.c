/* Looking asks SQLite's authorizer through the guard: conn->writes is set only while the statement is being
 * prepared. */
#include "store/look.h"
#include "store/driver.h"

int fc_store_look(fc_store *s, const char *sql, size_t n, fc_look_writes writes, void *ctx, size_t *at,
                  fc_err *err)
{
    sqlite3_stmt *stmt = NULL;
    fc_conn *c = s->depth ? s->write : s->read;
    if (n > INT32_MAX) return fc_fail(err, FC_ELIMIT, "SQL 过长", "the SQL is too long");
    c->writes = writes;
    c->writes_ctx = ctx;
    int rc = sqlite3_prepare_v2(c->db, sql, (int)n, &stmt, NULL);
    c->writes = NULL;
    int offset = rc == SQLITE_OK ? -1 : sqlite3_error_offset(c->db);
    if (at) *at = offset > 0 && (size_t)offset <= n ? (size_t)offset : 0;
    int code = rc == SQLITE_OK ? FC_OK : fc_store_fail(c, rc, sql, n, err);
    sqlite3_finalize(stmt);
    return code;
}

int fc_store_nullable(fc_store *s, const char *table, const char *column)
{
    const char *type, *order;
    int not_null = 0, key = 0, counts = 0;
    int rc = sqlite3_table_column_metadata(s->read->db, NULL, table, column, &type, &order, &not_null, &key,
                                           &counts);
    return rc == SQLITE_OK ? !not_null && !key : -1;
}
