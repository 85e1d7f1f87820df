#include "verbs/new_manifest.h"
#include "lua/vm.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *word(const json_t *lack, const char *key)
{
    return json_string_value(json_object_get(lack, key));
}

static int in_list(const json_t *list, const json_t *text)
{
    size_t i;
    json_t *v;
    json_array_foreach((json_t *)list, i, v) if (json_equal(v, text)) return 1;
    return 0;
}

json_t *fc_manifest_lacks(const json_t *manifest, const json_t *pattern, const char *id)
{
    json_t *out = json_array(), *v;
    const char *name;
    size_t i;
    json_object_foreach(json_object_get(pattern, "needs"), name, v)
    {
        if (strcmp(name, id) != 0 && !json_object_get(json_object_get(manifest, "needs"), name))
            json_array_append_new(out,
                                  json_pack("{s:s, s:s, s:O}", "key", "needs", "name", name, "value", v));
    }
    json_array_foreach(json_object_get(pattern, "uses"), i, v)
    {
        if (!in_list(json_object_get(manifest, "uses"), v))
            json_array_append_new(out, json_pack("{s:s, s:O}", "key", "uses", "name", v));
    }
    return out;
}

/* `survey = ">=1.0"`, `["a-b"] = ">=1.0"`, `"host.db"` */
static void add_entry(const json_t *lack, fc_buf *out)
{
    const char *name = word(lack, "name"), *value = word(lack, "value");
    if (!value)
        fc_buf_addf(out, "\"%s\"", name);
    else
        fc_buf_addf(out, strchr(name, '-') ? "[\"%s\"] = \"%s\"" : "%s = \"%s\"", name, value);
}

void fc_manifest_line(const json_t *lack, fc_buf *out)
{
    fc_buf_addf(out, "%s = { ", word(lack, "key"));
    add_entry(lack, out);
    fc_buf_adds(out, " },");
}

static json_t *wanted(const json_t *manifest, const json_t *lack)
{
    json_t *out = json_deep_copy(manifest), *value = json_object_get(lack, "value");
    const char *key = word(lack, "key");
    json_t *list = json_object_get(out, key);
    if (value) {
        if (!list) json_object_set_new(out, key, list = json_object());
        json_object_set(list, word(lack, "name"), value);
    } else {
        if (!json_is_array(list)) json_object_set_new(out, key, list = json_array());
        json_array_insert(list, 0, json_object_get(lack, "name"));
    }
    return out;
}

/* Puts `piece` at `at`; keeps it if the text then says what is wanted. */
static int try_at(fc_buf *text, size_t at, const char *piece, const json_t *want)
{
    fc_buf tried = {0};
    fc_fault fault;
    json_t *got = NULL;
    fc_buf_add(&tried, text->data, at);
    fc_buf_adds(&tried, piece);
    fc_buf_add(&tried, text->data + at, text->len - at);
    int good = fc_lua_data(fc_buf_str(&tried), tried.len, "plugin.lua", &got, &fault) == FC_OK &&
               json_equal(got, want);
    json_decref(got);
    if (good) {
        fc_buf_free(text);
        *text = tried;
    } else {
        fc_buf_free(&tried);
    }
    return good;
}

/* Behind `key = {`, wherever that stands: what is a comment or deeper inside does not give what is wanted. */
static int into_list(fc_buf *text, const char *key, const char *entry, const json_t *want)
{
    char piece[300];
    snprintf(piece, sizeof piece, " %s,", entry);
    const char *all = fc_buf_str(text);
    for (const char *p = all; (p = strstr(p, key)); p++) {
        const char *q = p + strlen(key);
        q += strspn(q, " \t\r\n");
        if (*q++ != '=') continue;
        q += strspn(q, " \t\r\n");
        if (*q == '{' && try_at(text, (size_t)(q + 1 - all), piece, want)) return 1;
    }
    return 0;
}

/* A line of its own at the end, where the one before ends with a comma; else the first thing in the table. */
static int as_line(fc_buf *text, const char *line, const json_t *want)
{
    char piece[400];
    const char *all = fc_buf_str(text), *last = strrchr(all, '}'), *open = strstr(all, "return");
    const char *before = last, *line_end = strstr(all, "\r\n") ? "\r\n" : "\n";
    while (before && before > all && isspace((unsigned char)before[-1]))
        before--;
    snprintf(piece, sizeof piece, "%s  %s", line_end, line);
    if (before && before > all && before[-1] == ',' && try_at(text, (size_t)(before - all), piece, want))
        return 1;
    open = open ? strchr(open, '{') : NULL;
    if (!open) return 0;
    if (open[1] != '\n' && open[1] != '\r') snprintf(piece, sizeof piece, " %s", line);
    return try_at(text, (size_t)(open + 1 - all), piece, want);
}

int fc_manifest_add(fc_buf *text, json_t **manifest, const json_t *lack)
{
    fc_buf entry = {0}, line = {0};
    json_t *want = wanted(*manifest, lack);
    const char *key = word(lack, "key");
    add_entry(lack, &entry);
    fc_manifest_line(lack, &line);
    int done = json_object_get(*manifest, key) ? into_list(text, key, fc_buf_str(&entry), want)
                                               : as_line(text, fc_buf_str(&line), want);
    fc_buf_free(&entry);
    fc_buf_free(&line);
    if (!done) {
        json_decref(want);
        return 0;
    }
    json_decref(*manifest);
    *manifest = want;
    return 1;
}
