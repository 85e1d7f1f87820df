/* A sealed value tells its person, so no word of the trade is needed here: every column whose name ends in
 * _sealed is read for its first nine bytes, and the persons found are held against the keys, both in order.
 */
#include "store/sealed_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct places {
    struct place {
        char table[64], column[64];
    } * list;
    size_t n;
} places;

typedef struct persons {
    struct seen {
        int64_t person;
        size_t place;
    } * list;
    size_t n, cap;
} persons;

static void add_place(places *p, const fc_value *table, const fc_value *column)
{
    p->list = fc_realloc(p->list, (p->n + 1) * sizeof *p->list);
    snprintf(p->list[p->n].table, sizeof p->list->table, "%.*s", (int)table->n, table->s);
    snprintf(p->list[p->n].column, sizeof p->list->column, "%.*s", (int)column->n, column->s);
    p->n++;
}

static void add_person(persons *p, int64_t person, size_t place)
{
    if (p->n == p->cap) p->list = fc_realloc(p->list, (p->cap = p->cap ? p->cap * 2 : 256) * sizeof *p->list);
    p->list[p->n++] = (struct seen){person, place};
}

static int find_places(fc_store *s, places *p, fc_err *err)
{
    static const char sql[] = "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c "
                              "WHERE m.type = 'table' AND "
                              "c.name LIKE '%\\_sealed' ESCAPE '\\' ORDER BY 1, 2";
    fc_cursor *c;
    fc_value table, column;
    int row = 0, rc = fc_query(s, sql, sizeof sql - 1, NULL, 0, &c, err);
    if (rc) return rc;
    while (!(rc = fc_cursor_next(c, &row, err)) && row) {
        fc_cursor_value(c, 0, &table);
        fc_cursor_value(c, 1, &column);
        add_place(p, &table, &column);
    }
    fc_cursor_close(c);
    return rc;
}

static void note(fc_sealed_report *out, const struct place *p)
{
    if (!out->where[0]) snprintf(out->where, sizeof out->where, "%s.%s", p->table, p->column);
}

static int read_place(fc_store *s, const places *all, size_t i, persons *found, fc_sealed_report *out,
                      fc_err *err)
{
    char sql[512];
    fc_cursor *c;
    fc_value v;
    const struct place *p = &all->list[i];
    snprintf(sql, sizeof sql, "SELECT DISTINCT substr(\"%s\", 1, 9) FROM \"%s\" WHERE \"%s\" IS NOT NULL",
             p->column, p->table, p->column);
    int row = 0, rc = fc_query(s, sql, strlen(sql), NULL, 0, &c, err);
    if (rc) return rc;
    while (!(rc = fc_cursor_next(c, &row, err)) && row) {
        fc_cursor_value(c, 0, &v);
        int64_t person = v.type == FC_BLOB ? fc_vault_person_of(v.s, v.n) : -1;
        if (person > 0) add_person(found, person, i);
        if (person >= 0) continue;
        out->foreign++;
        note(out, p);
    }
    fc_cursor_close(c);
    return rc;
}

static int by_person(const void *a, const void *b)
{
    int64_t x = ((const struct seen *)a)->person, y = ((const struct seen *)b)->person;
    return (x > y) - (x < y);
}

static void make_unique(persons *p)
{
    size_t kept = 0;
    if (p->n) qsort(p->list, p->n, sizeof *p->list, by_person);
    for (size_t i = 0; i < p->n; i++)
        if (!kept || p->list[kept - 1].person != p->list[i].person) p->list[kept++] = p->list[i];
    p->n = kept;
}

static void orphan(fc_sealed_report *out, const places *all, const struct seen *s)
{
    out->orphans++;
    note(out, &all->list[s->place]);
}

/* Both lists in order, side by side. */
static int compare(fc_store *keys, const places *all, const persons *p, fc_sealed_report *out, fc_err *err)
{
    static const char sql[] = "SELECT person, erased_at FROM person_key ORDER BY person";
    fc_cursor *c;
    fc_value person, erased;
    size_t i = 0;
    int row = 0, rc = fc_query(keys, sql, sizeof sql - 1, NULL, 0, &c, err);
    if (rc) return rc;
    while (!(rc = fc_cursor_next(c, &row, err)) && row) {
        fc_cursor_value(c, 0, &person);
        fc_cursor_value(c, 1, &erased);
        while (i < p->n && p->list[i].person < person.i)
            orphan(out, all, &p->list[i++]);
        int used = i < p->n && p->list[i].person == person.i;
        i += (size_t)used;
        out->erased += used && erased.type != FC_NULL;
        out->idle += !used && erased.type == FC_NULL;
    }
    fc_cursor_close(c);
    while (!rc && i < p->n)
        orphan(out, all, &p->list[i++]);
    return rc;
}

int fc_sealed_check(fc_vault *v, fc_store *data, fc_sealed_report *out, fc_err *err)
{
    places all = {0};
    persons found = {0};
    memset(out, 0, sizeof *out);
    int rc = find_places(data, &all, err);
    for (size_t i = 0; i < all.n && !rc; i++)
        rc = read_place(data, &all, i, &found, out, err);
    make_unique(&found);
    out->persons = (int64_t)found.n;
    if (!rc) rc = compare(fc_keys_store(fc_vault_keys(v)), &all, &found, out, err);
    free(all.list);
    free(found.list);
    return rc;
}
