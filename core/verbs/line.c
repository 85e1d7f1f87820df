#include "verbs/line.h"

#include <dlfcn.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Opened at first use: no other verb needs it, and without it lines are read plainly. */
#define LIBRARY "libedit.so.2"

static struct {
    char *(*readline)(const char *);
    int (*add_history)(const char *);
    void (*using_history)(void);
    int (*read_history)(const char *);
    int (*write_history)(const char *);
    void (*stifle_history)(int);
} lib;
static int is_edited;
static char history[PATH_MAX];

static int open_library(void)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library) return 0;
    *(void **)&lib.readline = dlsym(library, "readline");
    *(void **)&lib.add_history = dlsym(library, "add_history");
    *(void **)&lib.using_history = dlsym(library, "using_history");
    *(void **)&lib.read_history = dlsym(library, "read_history");
    *(void **)&lib.write_history = dlsym(library, "write_history");
    *(void **)&lib.stifle_history = dlsym(library, "stifle_history");
    return lib.readline && lib.add_history && lib.using_history && lib.read_history && lib.write_history &&
           lib.stifle_history;
}

void fc_line_open(int edited)
{
    const char *home = getenv("HOME");
    is_edited = edited && open_library();
    if (!is_edited) return;
    setlocale(LC_CTYPE, "");
    lib.using_history();
    lib.stifle_history(1000);
    if (home && *home) snprintf(history, sizeof history, "%s/.forecourt_history", home);
    if (history[0]) lib.read_history(history);
}

static char *read_plain(const char *prompt)
{
    char *line = NULL;
    size_t cap = 0;
    if (isatty(STDIN_FILENO)) {
        printf("%s", prompt);
        fflush(stdout);
    }
    ssize_t n = getline(&line, &cap, stdin);
    if (n < 0) {
        free(line);
        return NULL;
    }
    if (n && line[n - 1] == '\n') line[n - 1] = 0;
    return line;
}

char *fc_line_read(const char *prompt)
{
    return is_edited ? lib.readline(prompt) : read_plain(prompt);
}

/* What was typed may hold what is private: for nobody else's eyes. */
void fc_line_keep(const char *line)
{
    if (!is_edited || !*line) return;
    lib.add_history(line);
    if (!history[0]) return;
    mode_t before = umask(077);
    lib.write_history(history);
    umask(before);
}
