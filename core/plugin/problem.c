/* A problem is made once and shown in many places: by check, the console, the log. */
#include "plugin/problem.h"
#include "base/buf.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* What is wrong with a file as a whole stands at its first line, so that every place has the shape that
 * editors jump to. */
static void write_place(fc_buf *b, const char *at)
{
    const char *dot = strrchr(at, '.');
    int is_file = dot && (strcmp(dot, ".lua") == 0 || strcmp(dot, ".html") == 0 || strcmp(dot, ".sql") == 0);
    fc_buf_addf(b, "%s%s", at, is_file ? ":1" : "");
}

int fc_problem_known(const json_t *problems, const json_t *problem)
{
    size_t i;
    const json_t *p;
    json_array_foreach((json_t *)problems, i, p) if (json_equal(p, problem)) return 1;
    return 0;
}

/* Once: what three conditions find wrong with one question is one mistake. */
void fc_problem(json_t *problems, const char *plugin, const char *at, const char *zh, const char *en)
{
    fc_buf place = {0};
    write_place(&place, at);
    json_t *p =
        json_pack("{s:s, s:s, s:s, s:s}", "plugin", plugin, "at", fc_buf_str(&place), "zh", zh, "en", en);
    if (!fc_problem_known(problems, p)) json_array_append(problems, p);
    json_decref(p);
    fc_buf_free(&place);
}

void fc_problem_placed(json_t *problems, const char *plugin, const fc_err *err)
{
    const char *zh = err->text[FC_ZH], *en = err->text[FC_EN], *end = strstr(zh, ": ");
    size_t n = end ? (size_t)(end - zh) : 0;
    char at[1200];
    int placed = end && n < sizeof at && strncmp(zh, en, n + 2) == 0;
    snprintf(at, sizeof at, "%.*s", (int)(placed ? n : 0), zh);
    fc_problem(problems, plugin, at, zh + (placed ? n + 2 : 0), en + (placed ? n + 2 : 0));
}

static int is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

void fc_manifest_place(const json_t *files, const char *label, const char *word, char *at, size_t cap)
{
    const char *text = json_string_value(json_object_get(files, "plugin.lua"));
    size_t n = strlen(word);
    int line = 1;
    for (const char *p = text; p && *p && n; p++) {
        line += *p == '\n';
        if (strncmp(p, word, n) != 0 || is_word(p[n]) || (p > text && is_word(p[-1]))) continue;
        snprintf(at, cap, "%s/plugin.lua:%d", label, line);
        return;
    }
    snprintf(at, cap, "%s/plugin.lua", label);
}
