/* A declaration is read where it is used: there are a dozen a plugin, and no second form of them that could
 * differ. */
#include "plugin/setting_declared.h"
#include "base/buf.h"
#include "plugin/problem.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const json_t *fc_setting_default(const json_t *declaration)
{
    return json_is_object(declaration) ? json_object_get(declaration, "default") : declaration;
}

/* An empty table of Lua is both. */
static bool all_texts(const json_t *list)
{
    size_t i;
    json_t *v;
    json_array_foreach(list, i, v) if (!json_is_string(v)) return false;
    return json_is_array(list) || (json_is_object(list) && json_object_size(list) == 0);
}

static bool maps_texts(const json_t *map)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)map, key, v) if (!json_is_string(v)) return false;
    return json_is_object(map) || (json_is_array(map) && json_array_size(map) == 0);
}

const char *fc_setting_kind(const json_t *declaration)
{
    const char *kind = json_string_value(json_object_get(declaration, "kind"));
    const json_t *value = fc_setting_default(declaration);
    if (kind) return kind;
    if (json_object_get(declaration, "choices")) return "choice";
    if (json_is_boolean(value)) return "boolean";
    if (json_is_integer(value)) return "integer";
    if (json_is_real(value)) return "number";
    if (json_is_array(value) || json_is_object(value)) return all_texts(value) ? "list" : "data";
    return "text";
}

static bool is(const char *kind, const char *name)
{
    return strcmp(kind, name) == 0;
}

/* ---- values */

static int wrong(fc_err *err, const char *zh, const char *en)
{
    return fc_fail(err, FC_EINVAL, "%s%.0s", "%.0s%s", zh, en);
}

static int within(const json_t *declaration, double n, fc_err *err)
{
    const json_t *min = json_object_get(declaration, "min"), *max = json_object_get(declaration, "max");
    if (min && n < json_number_value(min))
        return fc_fail(err, FC_EINVAL, "最小为 %g", "is at least %g", json_number_value(min));
    if (max && n > json_number_value(max))
        return fc_fail(err, FC_EINVAL, "最大为 %g", "is at most %g", json_number_value(max));
    return FC_OK;
}

static bool is_time(const char *s)
{
    return s && strlen(s) == 5 && s[2] == ':' && strspn(s, "0123456789:") == 5 &&
           strchr(s + 3, ':') == NULL && strchr(s, ':') == s + 2 && atoi(s) < 24 && atoi(s + 3) < 60;
}

static int one_of(const json_t *declaration, const json_t *value, fc_err *err)
{
    fc_buf all = {0};
    size_t i;
    json_t *choice;
    json_array_foreach(json_object_get(declaration, "choices"), i, choice)
    {
        json_t *id = json_object_get(choice, "id");
        if (json_equal(id, value)) {
            fc_buf_free(&all);
            return FC_OK;
        }
        fc_buf_addf(&all, "%s%s", all.len ? ", " : "", json_string_value(id) ? json_string_value(id) : "?");
    }
    fc_fail(err, FC_EINVAL, "应为其中之一：%s", "is one of: %s", fc_buf_str(&all));
    fc_buf_free(&all);
    return FC_EINVAL;
}

int fc_setting_check(const json_t *declaration, const json_t *value, fc_err *err)
{
    const char *kind = fc_setting_kind(declaration);
    if (is(kind, "boolean"))
        return json_is_boolean(value) ? FC_OK : wrong(err, "应为 true 或 false", "is true or false");
    if (is(kind, "integer"))
        return json_is_integer(value) ? within(declaration, (double)json_integer_value(value), err)
                                      : wrong(err, "应为整数", "is a whole number");
    if (is(kind, "number"))
        return json_is_number(value) ? within(declaration, json_number_value(value), err)
                                     : wrong(err, "应为数字", "is a number");
    if (is(kind, "time"))
        return is_time(json_string_value(value))
                   ? FC_OK
                   : wrong(err, "应为时刻，如 17:00", "is a time of day like 17:00");
    if (is(kind, "choice")) return one_of(declaration, value, err);
    if (is(kind, "data"))
        return json_is_object(value) || json_is_array(value) ? FC_OK : wrong(err, "应为表", "is a table");
    if (is(kind, "map"))
        return maps_texts(value) ? FC_OK : wrong(err, "应为 { 名称 = 文字 }", "is { name = text }");
    if (is(kind, "list"))
        return all_texts(value) ? FC_OK : wrong(err, "应为文字的列表", "is a list of texts");
    return json_is_string(value) ? FC_OK : wrong(err, "应为文字", "is text");
}

static json_t *lines_of(const char *text)
{
    json_t *list = json_array();
    while (*text) {
        size_t n = strcspn(text, "\r\n"), from = strspn(text, " \t");
        size_t to = n;
        while (to > from && strchr(" \t", text[to - 1]))
            to--;
        if (to > from) json_array_append_new(list, json_stringn(text + from, to - from));
        text += n + strspn(text + n, "\r\n");
    }
    return list;
}

/* "name = text" a line; NULL where one is not. */
static json_t *pairs_of(const char *text)
{
    json_t *lines = lines_of(text), *map = json_object(), *line;
    size_t i;
    json_array_foreach(lines, i, line)
    {
        const char *l = json_string_value(line), *equal = strchr(l, '=');
        size_t n = equal ? (size_t)(equal - l) : 0;
        while (n && l[n - 1] == ' ')
            n--;
        if (map && n) json_object_setn_new(map, l, n, json_string(equal + 1 + strspn(equal + 1, " ")));
        if (n) continue;
        json_decref(map);
        map = NULL;
    }
    json_decref(lines);
    return map;
}

static json_t *number_of(const char *text, bool whole)
{
    char *end;
    text += strspn(text, " ");
    errno = 0;
    json_t *v = whole ? json_integer(strtoll(text, &end, 10)) : json_real(strtod(text, &end));
    if (end != text && !end[strspn(end, " ")] && !errno) return v;
    json_decref(v);
    return NULL;
}

static json_t *as_value(const char *kind, const char *text)
{
    if (is(kind, "boolean")) return is(text, "true") ? json_true() : is(text, "false") ? json_false() : NULL;
    if (is(kind, "integer")) return number_of(text, true);
    if (is(kind, "number")) return number_of(text, false);
    if (is(kind, "list")) return lines_of(text);
    if (is(kind, "map")) return pairs_of(text);
    if (is(kind, "data")) return NULL;
    return json_string(text);
}

json_t *fc_setting_read(const json_t *declaration, const char *text, fc_err *err)
{
    if (is(fc_setting_kind(declaration), "data")) {
        fc_fail(err, FC_EINVAL, "只能在 site.lua 里设置", "is set in site.lua only");
        return NULL;
    }
    json_t *value = as_value(fc_setting_kind(declaration), text);
    if (fc_setting_check(declaration, value, err) == FC_OK) return value;
    json_decref(value);
    return NULL;
}

/* ---- declarations */

typedef struct checking {
    const char *label, *key;
    json_t *problems;
    int bad;
} checking;

static void refuse(checking *c, const char *zh, const char *en)
{
    char at[512], said_zh[600], said_en[600];
    snprintf(at, sizeof at, "%s/plugin.lua", c->label);
    snprintf(said_zh, sizeof said_zh, "settings.%.60s：%s", c->key, zh);
    snprintf(said_en, sizeof said_en, "settings.%.60s: %s", c->key, en);
    fc_problem(c->problems, c->label, at, said_zh, said_en);
    c->bad++;
}

static bool known_kind(const char *kind)
{
    static const char *const kinds[] = {"boolean", "integer", "number", "text", "time",
                                        "choice",  "list",    "map",    "data", NULL};
    for (const char *const *k = kinds; *k; k++)
        if (is(kind, *k)) return true;
    return false;
}

static void check_keys(checking *c, const json_t *declaration)
{
    static const char *const known[] = {"default", "title",   "hint",  "kind", "min",
                                        "max",     "choices", "order", NULL};
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)declaration, key, v)
    {
        bool ok = false;
        char zh[200], en[200];
        for (const char *const *k = known; *k; k++)
            ok |= is(key, *k);
        snprintf(zh, sizeof zh, "不认识的键 '%.60s'（可用 default, title, hint, kind, min, max, choices）",
                 key);
        snprintf(en, sizeof en,
                 "unknown key '%.60s' (there are default, title, hint, kind, min, max, choices)", key);
        if (!ok) refuse(c, zh, en);
    }
}

static void check_declaration(checking *c, const json_t *declaration)
{
    char zh[FC_ERR_TEXT], en[FC_ERR_TEXT];
    fc_err err;
    if (json_is_object(declaration)) check_keys(c, declaration);
    if (!fc_setting_default(declaration)) {
        refuse(c, "缺少 default（默认值）", "has no default");
    } else if (!known_kind(fc_setting_kind(declaration))) {
        refuse(c, "kind 应为 boolean、integer、number、text、time、choice、list、map 或 data",
               "kind is one of boolean, integer, number, text, time, choice, list, map and data");
    } else if (fc_setting_check(declaration, fc_setting_default(declaration), &err)) {
        snprintf(zh, sizeof zh, "默认值%.500s", err.text[FC_ZH]);
        snprintf(en, sizeof en, "the default %.500s", err.text[FC_EN]);
        refuse(c, zh, en);
    }
}

int fc_settings_manifest(const json_t *manifest, const char *label, json_t *problems)
{
    checking c = {.label = label, .problems = problems};
    json_t *declaration;
    json_object_foreach(json_object_get(manifest, "settings"), c.key, declaration)
        check_declaration(&c, declaration);
    return c.bad;
}
