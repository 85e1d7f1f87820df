/* Folders of plugins that a test writes, and live sets built from them. */
#ifndef FC_TESTS_PLUGIN_HELP_H
#define FC_TESTS_PLUGIN_HELP_H
#include "plugin/live_build.h"
#include "base/buf.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char top[64];
static json_t *problems;

static inline int open_top(void **state)
{
    (void)state;
    strcpy(top, "/tmp/fc-plugin-XXXXXX");
    assert_non_null(mkdtemp(top));
    problems = json_array();
    return 0;
}

static inline int close_top(void **state)
{
    (void)state;
    char command[128];
    json_decref(problems);
    snprintf(command, sizeof command, "rm -rf '%s'", top);
    return system(command);
}

static inline void put_bytes(const char *path, const void *bytes, size_t n)
{
    char full[512], dir[512];
    snprintf(full, sizeof full, "%s/%s", top, path);
    snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(full, '/') - full), full);
    assert_int_equal(fc_make_dirs(dir, 0755, NULL), 0);
    assert_int_equal(fc_write_file(full, bytes, n, 0644, NULL), 0);
}

static inline void put(const char *path, const char *text)
{
    put_bytes(path, text, strlen(text));
}

/* plugins/ID with this manifest's further keys. */
static inline void manifest(const char *id, const char *more)
{
    char path[200], text[600];
    snprintf(path, sizeof path, "plugins/%s/plugin.lua", id);
    snprintf(text, sizeof text, "return { id = \"%s\", version = \"1.0.0\"%s }", id, more);
    put(path, text);
}

static inline fc_live *build(fc_live *old)
{
    json_array_clear(problems);
    fc_source **list = fc_sources_scan(top, NULL, NULL, problems);
    fc_live *l = fc_live_build(list, old, problems);
    fc_sources_free(list);
    assert_non_null(l);
    return l;
}

/* One of the problems has this place (its beginning) and this word in English. */
static inline void told(const char *at, const char *word)
{
    size_t i;
    json_t *p;
    json_array_foreach(problems, i, p)
    {
        if (strncmp(json_string_value(json_object_get(p, "at")), at, strlen(at)) == 0 &&
            strstr(json_string_value(json_object_get(p, "en")), word)) {
            assert_true(*json_string_value(json_object_get(p, "zh")) != 0);
            return;
        }
    }
    char *all = json_dumps(problems, JSON_INDENT(1));
    fail_msg("no problem at %s with '%s' in %s", at, word, all);
}

static inline void no_problems(void)
{
    if (json_array_size(problems)) fail_msg("%s", json_dumps(problems, JSON_INDENT(1)));
}
#endif
