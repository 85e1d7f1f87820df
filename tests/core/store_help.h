/* For the tests of the store: a folder of its own for each test, and checks that show the sentence when they
 * fail. */
#ifndef STORE_HELP_H
#define STORE_HELP_H
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/store.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ok(call)                                                                                             \
    do {                                                                                                     \
        fc_err ok_err = {0};                                                                                 \
        fc_err *err = &ok_err;                                                                               \
        int ok_rc = (call);                                                                                  \
        if (ok_rc) fail_msg("%s: %d %s", #call, ok_rc, ok_err.text[FC_EN]);                                  \
    } while (0)

/* The call must fail with the code, and both sentences must hold the words. */
#define fails(wanted, en_word, zh_word, call)                                                                \
    do {                                                                                                     \
        fc_err f_err = {0};                                                                                  \
        fc_err *err = &f_err;                                                                                \
        int f_rc = (call);                                                                                   \
        if (f_rc != (wanted))                                                                                \
            fail_msg("%s: %d instead of %d: %s", #call, f_rc, (wanted), f_err.text[FC_EN]);                  \
        assert_int_equal(f_err.code, wanted);                                                                \
        if (!strstr(f_err.text[FC_EN], en_word)) fail_msg("no \"%s\" in: %s", en_word, f_err.text[FC_EN]);   \
        if (!strstr(f_err.text[FC_ZH], zh_word)) fail_msg("no \"%s\" in: %s", zh_word, f_err.text[FC_ZH]);   \
    } while (0)

static inline int make_folder(void **state)
{
    char *path = strdup("/tmp/fc-store-XXXXXX");
    *state = mkdtemp(path);
    return *state ? 0 : -1;
}

static inline int drop_folder(void **state)
{
    char command[256];
    snprintf(command, sizeof command, "chmod -R u+rwx '%s' && rm -rf '%s'", (char *)*state, (char *)*state);
    int rc = system(command);
    free(*state);
    return rc;
}

static inline const char *in(void **state, const char *name)
{
    static char paths[4][4096];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", (char *)*state, name);
    return path;
}

static inline void put(const char *path, const char *text)
{
    ok(fc_write_file(path, text, strlen(text), 0600, err));
}

static inline void run(fc_store *s, const char *sql)
{
    ok(fc_run(s, sql, NULL, 0, NULL, err));
}

static inline int64_t ask(fc_store *s, const char *sql)
{
    int64_t value = 0;
    int found;
    ok(fc_ask_int(s, sql, NULL, 0, &value, &found, err));
    return value;
}

static inline fc_store *memory_store(void)
{
    fc_store *s = NULL;
    ok(fc_store_open(":memory:", &s, err));
    return s;
}

/* Runs fn in a child; its return value is the exit code. */
static inline pid_t in_child(int (*fn)(void *), void *arg)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        int code = fn(arg);
        fflush(NULL);
        _exit(code);
    }
    return pid;
}

static inline int exit_of(pid_t pid)
{
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

#define each_in_folder(fn) cmocka_unit_test_setup_teardown(fn, make_folder, drop_folder)
#endif
