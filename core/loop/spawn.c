/* Child processes. The child's exit is reported once; a child whose program does not exist is an error of
 * fc_spawn and never reported. Nobody kills it but the caller, by its pid. */
#include "loop/internal.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

struct child {
    uv_process_t uv;
    void (*done)(void *ctx, int code);
    void *ctx;
};

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_exit_child(uv_process_t *process, int64_t status, int signal_number)
{
    struct child *child = process->data;
    int code = signal_number ? 128 + signal_number : (int)status;
    if (child->done) child->done(child->ctx, code);
    uv_close((uv_handle_t *)process, on_closed);
}

/* A program that was replaced while it runs (its path ends so) goes on with itself, not with its successor.
 */
static const char *file_of(const char *path)
{
    static const char gone[] = " (deleted)";
    size_t n = strlen(path), k = sizeof gone - 1;
    return n > k && strcmp(path + n - k, gone) == 0 ? "/proc/self/exe" : path;
}

int fc_spawn(fc_loop *l, const char *const argv[], const int extra[2], void (*done)(void *ctx, int code),
             void *ctx, int64_t *pid, fc_err *err)
{
    struct child *child = fc_alloc(sizeof *child);
    child->uv.data = child;
    child->done = done;
    child->ctx = ctx;
    uv_stdio_container_t stdio[5] = {
        {.flags = UV_IGNORE},
        {.flags = UV_INHERIT_FD, .data.fd = 1},
        {.flags = UV_INHERIT_FD, .data.fd = 2},
    };
    int given = 3;
    for (int i = 0; extra && i < 2; i++) {
        stdio[3 + i] = (uv_stdio_container_t){.flags = UV_IGNORE};
        if (extra[i] < 0) continue;
        stdio[3 + i] = (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = extra[i]};
        given = 4 + i;
    }
    uv_process_options_t options = {
        .exit_cb = on_exit_child,
        .file = file_of(argv[0]),
        .args = (char **)(uintptr_t)argv, /* libuv takes char **, and does not write */
        .stdio = stdio,
        .stdio_count = given,
    };
    int status = uv_spawn(&l->uv, &child->uv, &options);
    if (status) {
        uv_close((uv_handle_t *)&child->uv, on_closed);
        int code = status == UV_ENOENT ? FC_ENOTFOUND : status == UV_EACCES ? FC_EDENIED : FC_EIO;
        return fc_fail(err, code, "无法启动程序 %s：%s。请检查它是否已安装、是否可执行",
                       "%s cannot be started: %s; check that it is installed and executable", argv[0],
                       uv_strerror(status));
    }
    if (pid) *pid = child->uv.pid;
    return 0;
}
