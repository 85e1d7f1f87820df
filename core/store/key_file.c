/* Made beside its place and linked into it, so that a key file is never half and never replaced, and of two
 * processes that both make it one wins. One that others could read is refused with the chmod that mends it.
 */
#include "store/key_file.h"
#include "base/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX 256 /* a key and a little white space */

/* ---- making */

static void sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    (void)fsync(fd);
    close(fd);
}

/* 0 or errno; EEXIST: there is one. The name beside it is nobody else's: in containers all processes have one
 * number, and one that was killed left its file. */
static int place(const char *path, const char *hex, size_t n)
{
    char tmp[PATH_MAX + 32], copy[PATH_MAX];
    snprintf(tmp, sizeof tmp, "%s.%08x.tmp", path, (unsigned)randombytes_random());
    int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return errno;
    snprintf(copy, sizeof copy, "%s", path);
    const char *folder = dirname(copy);
    fc_same_owner(fd, folder);
    int why = write(fd, hex, n) == (ssize_t)n && fsync(fd) == 0 ? 0 : errno ? errno : EIO;
    close(fd);
    if (!why && link(tmp, path) != 0) why = errno;
    unlink(tmp);
    if (!why) sync_folder(folder);
    return why;
}

int fc_key_write(const char *path, const unsigned char key[FC_KEY_BYTES], fc_err *err)
{
    char *hex = fc_locked(FC_KEY_HEX + 1);
    sodium_bin2hex(hex, FC_KEY_HEX + 1, key, FC_KEY_BYTES);
    hex[FC_KEY_HEX] = '\n';
    int why = place(path, hex, FC_KEY_HEX + 1);
    fc_locked_free(hex);
    if (!why) return FC_OK;
    return fc_fail(err, why == EEXIST ? FC_ECONFLICT : FC_EIO, "%s: 无法创建密钥文件：%s",
                   "%s: the key file cannot be made: %s", path, strerror(why));
}

int fc_key_make(const char *path, int *made, fc_err *err)
{
    unsigned char *key = fc_locked(FC_KEY_BYTES);
    randombytes_buf(key, FC_KEY_BYTES);
    int rc = fc_key_write(path, key, err);
    fc_locked_free(key);
    if (made) *made = !rc;
    return rc == FC_ECONFLICT ? FC_OK : rc;
}

/* ---- reading */

int fc_key_parse(const char *place, const char *hex, size_t n, unsigned char *key, fc_err *err)
{
    size_t len = 0;
    const char *end = NULL;
    int bad = sodium_hex2bin(key, FC_KEY_BYTES, hex, n, NULL, &len, &end) != 0 || len != FC_KEY_BYTES;
    for (; !bad && end < hex + n; end++)
        bad = !*end || !strchr(" \t\r\n", *end);
    if (!bad) return FC_OK;
    return fc_fail(err, FC_EINVAL, "%s: 密钥应只含 64 位十六进制数字；请从备份恢复它",
                   "%s: the key must be 64 hexadecimal digits and nothing else; restore it from a backup",
                   place);
}

/* systemd shows the service's own access list to a credential in the group's bits. */
static int is_private(unsigned mode, int given)
{
    return given ? (mode & 0007) == 0 : mode == 0600 || mode == 0400;
}

static int check_mode(const char *path, int fd, int given, fc_err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return fc_fail(err, FC_EINVAL, "%s: 密钥文件不是普通文件", "%s: the key file is not a regular file",
                       path);
    unsigned mode = st.st_mode & 07777;
    if (is_private(mode, given)) return FC_OK;
    return fc_fail(err, FC_EDENIED, "%s: 密钥文件的权限是 %04o，其他人可能读到它；请运行 chmod 600 %s",
                   "%s: the key file has mode %04o, others may read it; run: chmod 600 %s", path, mode, path);
}

static int read_open(const char *path, int fd, int given, unsigned char *key, fc_err *err)
{
    int rc = check_mode(path, fd, given, err);
    if (rc) return rc;
    char *hex = fc_locked(FILE_MAX);
    ssize_t n = read(fd, hex, FILE_MAX);
    if (n < 0)
        rc = fc_fail(err, FC_EIO, "%s: 读取失败：%s", "%s: cannot be read: %s", path, strerror(errno));
    else
        rc = fc_key_parse(path, hex, (size_t)n, key, err);
    fc_locked_free(hex);
    return rc;
}

int fc_key_file_read(const char *path, int given, unsigned char *key, fc_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fc_fail(err,
                       errno == ENOENT   ? FC_ENOTFOUND
                       : errno == EACCES ? FC_EDENIED
                                         : FC_EIO,
                       "%s: 密钥文件无法打开：%s", "%s: the key file cannot be opened: %s", path,
                       strerror(errno));
    int rc = read_open(path, fd, given, key, err);
    close(fd);
    return rc;
}

int fc_key_read(const char *path, int create, unsigned char key[FC_KEY_BYTES], int *made, fc_err *err)
{
    if (made) *made = 0;
    if (create && access(path, F_OK) != 0 && errno == ENOENT) {
        int rc = fc_key_make(path, made, err);
        if (rc) return rc;
    }
    return fc_key_file_read(path, 0, key, err);
}
