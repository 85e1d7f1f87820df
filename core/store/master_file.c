/* A key file is made beside its place and linked into it, so that of two processes that both make it one wins
 * and both use the same key. One that others could read is refused with the chmod that mends it. */
#include "store/master_file.h"
#include "base/buf.h"
#include "store/master.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX 256 /* a key and a little white space */

static int write_all(int fd, const char *bytes, size_t n)
{
    ssize_t done = write(fd, bytes, n);
    return done == (ssize_t)n && fsync(fd) == 0 ? 0 : -1;
}

static void sync_folder(const char *path)
{
    char copy[4096];
    snprintf(copy, sizeof copy, "%s", path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    (void)fsync(fd);
    close(fd);
}

/* 0 also when somebody else made the file meanwhile. The name beside it is nobody else's: in containers all
 * processes have one number, and one that was killed left its file. */
static int place_key(const char *path, const char *hex)
{
    char tmp[4160], folder[4096];
    snprintf(tmp, sizeof tmp, "%s.%08x.tmp", path, (unsigned)randombytes_random());
    int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return errno;
    snprintf(folder, sizeof folder, "%s", path);
    fc_same_owner(fd, dirname(folder));
    int why = write_all(fd, hex, FC_KEY_HEX + 1) == 0 ? 0 : errno ? errno : EIO;
    close(fd);
    if (!why && link(tmp, path) != 0 && errno != EEXIST) why = errno;
    unlink(tmp);
    if (!why) sync_folder(path);
    return why;
}

int fc_master_make(const char *path, fc_err *err)
{
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", path);
    int rc = fc_make_dirs(dirname(folder), 0700, err);
    if (rc) return rc;
    unsigned char *master = fc_locked(FC_KEY_BYTES);
    char *hex = fc_locked(FC_KEY_HEX + 1);
    randombytes_buf(master, FC_KEY_BYTES);
    sodium_bin2hex(hex, FC_KEY_HEX + 1, master, FC_KEY_BYTES);
    hex[FC_KEY_HEX] = '\n';
    int why = place_key(path, hex);
    fc_locked_free(hex);
    fc_locked_free(master);
    if (!why) return FC_OK;
    return fc_fail(err, FC_EIO, "%s: 无法创建密钥文件：%s", "%s: the key file cannot be made: %s", path,
                   strerror(why));
}

/* systemd shows the service's own access list to a credential in the group's bits. */
static int is_private(int mode, int given)
{
    return given ? (mode & 0007) == 0 : mode == 0600 || mode == 0400;
}

static int check_mode(const char *path, int fd, int given, fc_err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return fc_fail(err, FC_EINVAL, "%s: 密钥文件不是普通文件", "%s: the key file is not a regular file",
                       path);
    int mode = st.st_mode & 07777;
    if (is_private(mode, given)) return FC_OK;
    return fc_fail(err, FC_EDENIED, "%s: 密钥文件的权限是 %04o，其他人可能读到它；请运行 chmod 600 %s",
                   "%s: the key file has mode %04o, others may read it; run: chmod 600 %s", path,
                   (unsigned)mode, path);
}

int fc_key_parse(const char *place, const char *hex, size_t n, unsigned char *key, fc_err *err)
{
    size_t len = 0;
    const char *end = NULL;
    int bad = sodium_hex2bin(key, FC_KEY_BYTES, hex, n, NULL, &len, &end) != 0 || len != FC_KEY_BYTES;
    for (; !bad && end < hex + n; end++)
        bad = !strchr(" \t\r\n", *end) || !*end;
    if (!bad) return FC_OK;
    return fc_fail(
        err, FC_EINVAL, "%s: 主密钥应只含 64 位十六进制数字；请从备份恢复它",
        "%s: the master key must be 64 hexadecimal digits and nothing else; restore it from a backup", place);
}

static int read_open_key(const char *path, int fd, int given, unsigned char *key, fc_err *err)
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
                       errno == EACCES   ? FC_EDENIED
                       : errno == ENOENT ? FC_ENOTFOUND
                                         : FC_EIO,
                       "%s: 密钥文件无法打开：%s", "%s: the key file cannot be opened: %s", path,
                       strerror(errno));
    int rc = read_open_key(path, fd, given, key, err);
    close(fd);
    return rc;
}
