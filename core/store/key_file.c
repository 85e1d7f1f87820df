/* Made beside its place and linked into it: a key file is never half, and never replaced. */
#include "store/key_file.h"
#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEX_CHARS ((size_t)FC_KEY_BYTES * 2)
#define FILE_MAX 256 /* a key and a little white space */

static int place(const char *path, const char *hex, size_t n)
{
    char tmp[PATH_MAX + 32], copy[PATH_MAX];
    /* Nobody else's name: two containers have the same process numbers. */
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
    if (why) return why;
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    return 0;
}

int fc_key_write(const char *path, const unsigned char key[FC_KEY_BYTES], fc_err *err)
{
    char hex[HEX_CHARS + 2];
    sodium_bin2hex(hex, HEX_CHARS + 1, key, FC_KEY_BYTES);
    hex[HEX_CHARS] = '\n';
    int why = place(path, hex, HEX_CHARS + 1);
    sodium_memzero(hex, sizeof hex);
    if (!why) return FC_OK;
    return fc_fail(err, why == EEXIST ? FC_ECONFLICT : FC_EIO, "%s: 无法创建密钥文件：%s",
                   "%s: the key file cannot be made: %s", path, strerror(why));
}

static int make(const char *path, int *made, fc_err *err)
{
    unsigned char key[FC_KEY_BYTES];
    randombytes_buf(key, sizeof key);
    int rc = fc_key_write(path, key, err);
    sodium_memzero(key, sizeof key);
    if (!rc && made) *made = 1;
    return rc == FC_ECONFLICT ? FC_OK : rc;
}

static int parse(const char *path, const char *hex, size_t n, unsigned char *key, fc_err *err)
{
    size_t len = 0;
    const char *end = NULL;
    int bad = sodium_hex2bin(key, FC_KEY_BYTES, hex, n, NULL, &len, &end) != 0 || len != FC_KEY_BYTES;
    for (; !bad && end < hex + n; end++)
        bad = !*end || !strchr(" \t\r\n", *end);
    if (!bad) return FC_OK;
    return fc_fail(err, FC_EINVAL, "%s: 密钥文件应只含 64 位十六进制数字",
                   "%s: the key file must hold 64 hexadecimal digits and nothing else", path);
}

static int read_open(const char *path, int fd, unsigned char *key, fc_err *err)
{
    struct stat st;
    char hex[FILE_MAX];
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return fc_fail(err, FC_EINVAL, "%s: 密钥文件不是普通文件", "%s: the key file is not a regular file",
                       path);
    unsigned mode = st.st_mode & 07777;
    if (mode != 0600 && mode != 0400)
        return fc_fail(err, FC_EDENIED, "%s: 密钥文件的权限是 %04o，其他人可能读到它；请运行 chmod 600 %s",
                       "%s: the key file has mode %04o, others may read it; run: chmod 600 %s", path, mode,
                       path);
    ssize_t n = read(fd, hex, sizeof hex);
    if (n < 0)
        return fc_fail(err, FC_EIO, "%s: 读取失败：%s", "%s: cannot be read: %s", path, strerror(errno));
    int rc = parse(path, hex, (size_t)n, key, err);
    sodium_memzero(hex, sizeof hex);
    return rc;
}

int fc_key_read(const char *path, int create, unsigned char key[FC_KEY_BYTES], int *made, fc_err *err)
{
    const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
    if (made) *made = 0;
    int fd = open(path, flags);
    if (fd < 0 && errno == ENOENT && create) {
        int rc = make(path, made, err);
        if (rc) return rc;
        fd = open(path, flags);
    }
    if (fd < 0)
        return fc_fail(err,
                       errno == ENOENT   ? FC_ENOTFOUND
                       : errno == EACCES ? FC_EDENIED
                                         : FC_EIO,
                       "%s: 密钥文件无法打开：%s", "%s: the key file cannot be opened: %s", path,
                       strerror(errno));
    int rc = read_open(path, fd, key, err);
    close(fd);
    return rc;
}
