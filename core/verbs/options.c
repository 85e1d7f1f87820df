#include "verbs/options.h"
#include "base/buf.h"
#include "text/utf8.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fc_help(const fc_usage *u)
{
    printf("forecourt %s%s%s%s%s\n%s\n", u->verb, *u->arguments ? " " : "", u->arguments,
           u->options && u->options->name ? " " : "",
           u->options && u->options->name ? fc_say("[选项]", "[OPTIONS]") : "", fc_say(u->zh, u->en));
    for (const fc_option *o = u->options; o && o->name; o++) {
        if (!o->zh) continue;
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
        printf("  %-28s %s\n", left, fc_say(o->zh, o->en));
    }
}

int fc_wrong_use(const fc_usage *u, const char *zh, const char *en, ...)
{
    va_list args;
    va_start(args, en);
    fprintf(stderr, "forecourt %s: ", u->verb);
    vfprintf(stderr, fc_say(zh, en), args);
    va_end(args);
    fprintf(stderr, fc_say("。用法：forecourt %s --help\n", ". Usage: forecourt %s --help\n"), u->verb);
    return 2;
}

static const fc_option *find(const fc_usage *u, const char *name, size_t n)
{
    for (const fc_option *o = u->options; o && o->name; o++)
        if (strlen(o->name) == n && strncmp(o->name, name, n) == 0) return o;
    return NULL;
}

/* One argument; returns how many were used, 0 if it is no option of ours, -1 after wrong use. */
static int take(const fc_usage *u, int left, char **argv)
{
    const char *name = argv[0] + 2, *equals = strchr(name, '=');
    const fc_option *o = find(u, name, equals ? (size_t)(equals - name) : strlen(name));
    if (!o && u->open) return 0;
    if (!o) return fc_wrong_use(u, "不认识选项 %s", "unknown option %s", argv[0]), -1;
    if (!o->value) {
        *o->text = "1";
        return 1;
    }
    if (equals) {
        *o->text = equals + 1;
        return 1;
    }
    if (left < 2)
        return fc_wrong_use(u, "选项 --%s 后面要有 %s", "option --%s needs a %s", o->name, o->value), -1;
    *o->text = argv[1];
    return 2;
}

int fc_options(const fc_usage *u, int *argc, char **argv)
{
    int kept = 1;
    for (int i = 1; i < *argc;) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fc_help(u);
            return 0;
        }
        int used = strncmp(argv[i], "--", 2) == 0 && argv[i][2] ? take(u, *argc - i, argv + i) : 0;
        if (used < 0) return 2;
        if (used == 0) {
            argv[kept++] = argv[i++];
            continue;
        }
        i += used;
    }
    *argc = kept;
    return -1;
}

/* A sentence may quote what strangers wrote: line by line, and nothing in it reaches the terminal as an
 * order. */
int fc_failed(const fc_err *err)
{
    fc_buf out = {0};
    char *lines = fc_strdup(fc_err_text(err, fc_process_lang())), *rest = lines, *line;
    while ((line = strsep(&rest, "\n"))) {
        fc_utf8_tame(line, SIZE_MAX, &out);
        fc_buf_addc(&out, '\n');
    }
    fprintf(stderr, "forecourt: %s", fc_buf_str(&out));
    fc_buf_free(&out);
    free(lines);
    return 1;
}

int fc_failed_fault(const fc_fault *f)
{
    fc_err err;
    fc_fault_to_err(f, &err);
    fc_failed(&err);
    if (f->code == FC_EINTERNAL && f->trace[0]) fprintf(stderr, "%s\n", f->trace);
    return 1;
}
