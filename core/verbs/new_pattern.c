/* A pattern, what becomes of it, and what is said of that. */
#include "verbs/new_pattern.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void fc_new_path(char out[PATH_MAX], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(out, PATH_MAX, format, args);
    va_end(args);
}

void fc_new_fill(const char *text, size_t n, const char *name, fc_buf *out)
{
    for (const char *p = text, *end = text + n; p < end;) {
        const char *mark = memmem(p, (size_t)(end - p), "@NAME", 5);
        const char *tail = mark ? mark + 5 : NULL;
        int plain = tail && tail < end && *tail == '@',
            under = tail && tail + 1 < end && tail[0] == '_' && tail[1] == '@';
        if (!mark) tail = end;
        fc_buf_add(out, p, (size_t)((mark ? (plain || under ? mark : tail) : end) - p));
        for (const char *c = name; (plain || under) && *c; c++)
            fc_buf_addc(out, under && *c == '-' ? '_' : *c);
        p = tail + plain + 2 * under;
    }
}

static void add_files(json_t *out, const char *pattern, const char *below)
{
    char path[PATH_MAX], relative[PATH_MAX];
    struct dirent **list;
    fc_new_path(path, "%s/%s", pattern, below);
    int n = scandir(path, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        struct stat st;
        const char *name = list[i]->d_name;
        fc_new_path(relative, "%s%s%s", below, *below ? "/" : "", name);
        fc_new_path(path, "%s/%s", pattern, relative);
        if (name[0] != '.' && (*below || strcmp(name, "new.lua") != 0) && lstat(path, &st) == 0) {
            if (S_ISDIR(st.st_mode)) add_files(out, pattern, relative);
            if (S_ISREG(st.st_mode)) json_array_append_new(out, json_string(relative));
        }
        free(list[i]);
    }
    if (n >= 0) free(list);
}

json_t *fc_new_files(const char *pattern)
{
    json_t *out = json_array();
    add_files(out, pattern, "");
    return out;
}

int fc_new_exists(const char *target, fc_err *err)
{
    return fc_fail(err, FC_ECONFLICT, "%s: 已经存在，不会覆盖：请换一个名称，或先移走它",
                   "%s: is there already and is not written over: take another name, or move it away",
                   target);
}

void fc_new_say_next(const char *site, const char *target)
{
    const char *words[] = {"check", "test"};
    fputs(fc_say("接下来：\n", "next:\n"), stdout);
    for (int k = 0; k < 2; k++)
        printf(site ? "  forecourt %s --site %s %s\n" : "  forecourt %s%.0s %s\n", words[k], site ? site : "",
               target);
}
