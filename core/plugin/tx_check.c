/* For `check` only: the runtime refuses the same with a sentence, so a generation need not wait for it. */
#include "plugin/tx_check.h"
#include "plugin/live.h"
#include "plugin/lua_tx.h"
#include "plugin/problem.h"

#include <stdio.h>
#include <string.h>

typedef struct check {
    const fc_source *source;
    const char *file;
    json_t *problems;
} check;

static void found(void *ctx, int line, const char *what)
{
    const check *c = ctx;
    char place[1200], zh[200], en[200];
    snprintf(place, sizeof place, "%s/%s:%d", c->source->label, c->file, line);
    snprintf(zh, sizeof zh, "db.tx 里只能使用数据库，它可能再执行一次：请把 %s 放到事务之后", what);
    snprintf(en, sizeof en,
             "inside db.tx only the database may be used, for it may run again: call %s after it", what);
    fc_problem(c->problems, c->source->id, place, zh, en);
}

static void check_source(const fc_source *s, json_t *problems)
{
    const char *path;
    json_t *text;
    json_object_foreach(s->files, path, text)
    {
        size_t len = strlen(path), n = json_string_length(text);
        check c = {s, path, problems};
        if (len < 5 || strcmp(path + len - 4, ".lua") != 0 || !memmem(json_string_value(text), n, "tx", 2))
            continue;
        fc_lua_tx(json_string_value(text), n, found, &c);
    }
}

void fc_tx_check_live(fc_dealership *d, json_t *problems)
{
    for (size_t i = 0; i < d->live->n; i++)
        check_source(d->live->gens[i]->source, problems);
}
