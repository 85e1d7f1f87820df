/* What a generation shows: its texts in both languages, its templates. */
#include "plugin/generation_internal.h"
#include "base/buf.h"

#include <stdio.h>
#include <string.h>

static void load_locale(fc_building *b, const char *lang)
{
    char file[32], chunk[512];
    size_t n;
    fc_fault fault;
    json_t *table = NULL;
    snprintf(file, sizeof file, "locale/%s.lua", lang);
    snprintf(chunk, sizeof chunk, "%s/%s", b->g->source->label, file);
    const char *text = fc_source_file(b->g->source, file, &n);
    if (text && fc_lua_data(text, n, chunk, &table, &fault)) fc_building_fault(b, file, &fault);
    json_object_set_new(b->g->locale, lang, table ? table : text ? json_null() : json_object());
}

static void compare_locales(fc_building *b, const char *has, const char *lacks)
{
    const char *key;
    json_t *text;
    if (json_is_null(json_object_get(b->g->locale, lacks))) return; /* not readable, and told so */
    json_object_foreach(json_object_get(b->g->locale, has), key, text)
    {
        if (json_object_get(json_object_get(b->g->locale, lacks), key)) continue;
        char at[512], zh[256], en[256];
        snprintf(at, sizeof at, "%s/locale/%s.lua", b->g->source->label, lacks);
        snprintf(zh, sizeof zh, "缺少文字 '%s'（locale/%s.lua 里有）", key, has);
        snprintf(en, sizeof en, "the text '%s' is missing (it is in locale/%s.lua)", key, has);
        fc_building_bad(b, at, zh, en);
    }
}

struct key_check {
    fc_building *b;
    const char *name;
};

static void check_key(void *ctx, const char *key, int line)
{
    struct key_check *k = ctx;
    char at[1024], zh[256], en[256];
    if (json_is_null(json_object_get(k->b->g->locale, "zh"))) return;
    if (json_object_get(json_object_get(k->b->g->locale, "zh"), key)) return;
    snprintf(at, sizeof at, "%s/%s:%d", k->b->g->source->label, k->name, line);
    snprintf(zh, sizeof zh, "locale/zh.lua 里没有文字 '%s'", key);
    snprintf(en, sizeof en, "locale/zh.lua has no text '%s'", key);
    fc_building_bad(k->b, at, zh, en);
}

/* The sentence begins with its place, "plugins/x/pages/y.html:3: ". */
static void bad_template(fc_building *b, const char *name, const fc_err *err)
{
    char at[1100];
    size_t n = strlen(name), digits = strspn(err->text[FC_ZH] + n + 1, "0123456789"),
           skip = n + 1 + digits + 2;
    int placed = strncmp(err->text[FC_ZH], name, n) == 0 && err->text[FC_ZH][n] == ':' && digits &&
                 strncmp(err->text[FC_ZH], err->text[FC_EN], skip) == 0;
    snprintf(at, sizeof at, "%.*s", (int)(placed ? n + 1 + digits : 0), err->text[FC_ZH]);
    fc_building_bad(b, at, err->text[FC_ZH] + (placed ? skip : 0), err->text[FC_EN] + (placed ? skip : 0));
}

static void compile_templates(fc_building *b)
{
    const char *path;
    json_t *text;
    json_object_foreach(b->g->source->files, path, text)
    {
        size_t len = strlen(path);
        fc_template *t = NULL;
        fc_err err;
        char name[1024];
        if (len < 6 || strcmp(path + len - 5, ".html") != 0) continue;
        snprintf(name, sizeof name, "%s/%s", b->g->source->label, path);
        if (fc_template_compile(name, json_string_value(text), json_string_length(text), &t, &err)) {
            bad_template(b, name, &err);
            continue;
        }
        b->g->compiled = fc_realloc(b->g->compiled, (b->g->ncompiled + 1) * sizeof *b->g->compiled);
        json_object_set_new(b->g->templates, path, json_integer((json_int_t)b->g->ncompiled));
        b->g->compiled[b->g->ncompiled++] = t;
        struct key_check k = {b, path};
        fc_template_keys(t, check_key, &k);
    }
}

static void check_page_templates(fc_building *b)
{
    size_t i;
    json_t *env;
    json_array_foreach(b->g->definitions, i, env)
    {
        const char *point = json_string_value(json_object_get(env, "point"));
        const char *name = json_string_value(json_object_get(json_object_get(env, "data"), "template"));
        char path[512], zh[600], en[600];
        if (!name || (strcmp(point, "pages") != 0 && strcmp(point, "frames") != 0)) continue;
        snprintf(path, sizeof path, "%s/%s", point, name);
        if (json_object_get(b->g->templates, path)) continue;
        snprintf(zh, sizeof zh, "没有模板 %s", path);
        snprintf(en, sizeof en, "there is no template %s", path);
        fc_building_bad(b, json_string_value(json_object_get(env, "at")), zh, en);
    }
}

void fc_building_texts(fc_building *b)
{
    load_locale(b, "zh");
    load_locale(b, "en");
    compare_locales(b, "zh", "en");
    compare_locales(b, "en", "zh");
    compile_templates(b);
    check_page_templates(b);
}

const fc_template *fc_gen_template(const fc_gen *g, const char *name)
{
    json_t *i = json_object_get(g->templates, name);
    return i ? g->compiled[json_integer_value(i)] : NULL;
}

const char *fc_gen_text(const fc_gen *g, const char *key, enum fc_lang lang)
{
    return json_string_value(json_object_get(json_object_get(g->locale, lang == FC_EN ? "en" : "zh"), key));
}
