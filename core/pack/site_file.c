#include "pack/site_file.h"
#include "base/owner.h"
#include "text/json.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGEST (8u << 20)

int fc_site_file_read(const char *site, const char *name, json_t **out, fc_err *err)
{
    char path[PATH_MAX];
    fc_buf text = {0};
    *out = NULL;
    snprintf(path, sizeof path, "%s/%s", site, name);
    int rc = fc_read_file(path, LARGEST, &text, err);
    if (rc == FC_ENOTFOUND) {
        *out = json_object();
        return FC_OK;
    }
    if (!rc) {
        rc = fc_json_parse(fc_buf_str(&text), text.len, LARGEST, out, err);
        if (!rc && !json_is_object(*out))
            rc = fc_fail(err, FC_EINVAL, "应是 JSON 对象", "should be an object of JSON");
        if (rc) fc_wrap(err, path);
    }
    if (rc) json_decref(*out), *out = NULL;
    fc_buf_free(&text);
    return rc;
}

int fc_sync_names(const char *path, fc_err *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int bad = fd < 0 || (fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP);
    int why = errno;
    if (fd >= 0) close(fd);
    if (!bad) return FC_OK;
    return fc_fail(err, FC_EIO, "%s: 无法写入：%s", "%s: cannot be written: %s", path, strerror(why));
}

static int owner_of(const char *site, const char *name, uid_t *owner)
{
    char path[PATH_MAX];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", site, name);
    if (lstat(path, &st) != 0) return 0;
    *owner = st.st_uid;
    return 1;
}

/* Left by a root who did not act so. */
static void give_back(const char *site, uid_t owner, gid_t group)
{
    static const char *const files[] = {"packs.lock", "packs.seen", "packs.trust", "packs/.lock", NULL};
    for (const char *const *name = files; *name; name++) {
        char path[PATH_MAX];
        uid_t now;
        snprintf(path, sizeof path, "%s/%s", site, *name);
        if (owner_of(site, *name, &now) && now == 0 && lchown(path, owner, group) != 0) return;
    }
}

void fc_packs_owner(const char *site)
{
    struct stat st;
    uid_t packs;
    if (geteuid() != 0 || stat(site, &st) != 0 || st.st_uid == 0) return;
    if (owner_of(site, "packs", &packs) && packs != st.st_uid) return;
    give_back(site, st.st_uid, st.st_gid);
    fc_owner_begin(site);
}

int fc_site_file_write(const char *site, const char *name, const json_t *value, fc_err *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", site, name);
    char *text = json_dumps(value, JSON_INDENT(1) | JSON_SORT_KEYS);
    fc_buf b = {0};
    fc_buf_addf(&b, "%s\n", text);
    free(text);
    fc_packs_owner(site);
    int rc = b.len > LARGEST ? fc_fail(err, FC_ELIMIT, "%s: 超过 %u 字节，不写入",
                                       "%s: would have more than %u bytes and is not written", path, LARGEST)
                             : fc_write_file(path, b.data, b.len, 0644, err);
    fc_buf_free(&b);
    if (!rc) rc = fc_sync_names(site, err);
    fc_owner_end();
    return rc;
}
