/* Files of a multipart form: written to the upload folder as they come, so that 64 MiB never lie in memory,
 * under a name of our own (the client's is only told). Removed with the request unless the handler renamed
 * them away. A full disk or a missing folder refuses the request (500) and is said in the log, never in the
 * answer. */
#include "net/internal.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fail(fc_req *r, const char *what)
{
    fc_log(FC_ERROR, "http",
           fc_say("上传的文件无法保存：%s，在 %s：%s", "an upload could not be kept: %s in %s: %s"), what,
           r->http->upload_dir, strerror(errno));
    req_refuse(r, MHD_HTTP_INTERNAL_SERVER_ERROR);
}

int upload_begin(fc_req *r, const char **path)
{
    if (++r->files > MAX_FILES) {
        req_refuse(r, MHD_HTTP_CONTENT_TOO_LARGE);
        return -1;
    }
    size_t n = strlen(r->http->upload_dir) + sizeof "/upload-XXXXXX";
    char *name = req_room(r, n);
    snprintf(name, n, "%s/upload-XXXXXX", r->http->upload_dir);
    r->file = mkostemp(name, O_CLOEXEC);
    r->file_size = 0;
    if (r->file < 0) {
        fail(r, "creating a file");
        return -1;
    }
    *path = name;
    return 0;
}

void upload_write(fc_req *r, const char *bytes, size_t n)
{
    if (r->file < 0) return;
    r->file_size += (long long)n;
    r->upload_size += (long long)n;
    if (r->file_size > MAX_FILE || r->upload_size > MAX_UPLOAD) {
        req_refuse(r, MHD_HTTP_CONTENT_TOO_LARGE);
        return;
    }
    while (n) {
        ssize_t k = write(r->file, bytes, n);
        if (k < 0 && errno == EINTR) continue;
        if (k < 0) {
            fail(r, "writing");
            return;
        }
        bytes += k;
        n -= (size_t)k;
    }
}

void upload_end(fc_req *r)
{
    if (r->file >= 0) close(r->file);
    r->file = -1;
}

void upload_remove_all(fc_req *r)
{
    upload_end(r);
    for (int i = 0; r->files && i < r->field_count; i++)
        if (r->fields[i].f.path) unlink(r->fields[i].f.path);
}
