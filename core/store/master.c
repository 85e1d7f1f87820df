/* Where a master key may come from, and that only one of the places says something.
 *
 * What fails: a file or credential that others can read, text that is no key, two places that differ. The
 * value of the variable is overwritten where the system put it before the variable is removed: removing alone
 * would leave it readable in /proc. */
#include "store/master.h"
#include "base/buf.h"
#include "store/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HANDED_MAX 256 /* a key and a little white space */

static const char variable[] = "FORECOURT_MASTER_KEY";
static char *taken; /* what the variable held; locked memory */

static void take(char *value, size_t n)
{
    fc_locked_free(taken);
    taken = fc_locked(n + 1);
    memcpy(taken, value, n);
    sodium_memzero(value, n);
}

void fc_master_take_env(void)
{
    char *value = getenv(variable);
    if (!value) return;
    take(value, strlen(value));
    unsetenv(variable);
}

int fc_master_hand(int *fd, fc_err *err)
{
    int ends[2];
    *fd = -1;
    if (!taken) return FC_OK;
    size_t n = strlen(taken);
    int rc = pipe2(ends, O_CLOEXEC) != 0 ? -1 : 0;
    if (!rc && n <= HANDED_MAX && write(ends[1], taken, n) == (ssize_t)n) *fd = ends[0];
    int why = errno;
    if (!rc) close(ends[1]);
    if (!rc && *fd < 0) close(ends[0]);
    if (*fd >= 0) return FC_OK;
    return fc_fail(err, FC_EIO, "无法把主密钥交给子进程：%s",
                   "the master key cannot be handed to a child: %s", strerror(why));
}

/* All of it was written before this process began. */
void fc_master_take_fd(int fd)
{
    char value[HANDED_MAX];
    ssize_t n = read(fd, value, sizeof value);
    close(fd);
    if (n > 0) take(value, (size_t)n);
}

void fc_master_relock_env(void)
{
    if (taken) sodium_mlock(taken, strlen(taken) + 1); /* a lock is not inherited */
}

void fc_master_print(const unsigned char key[FC_KEY_BYTES], char print[FC_PRINT_CAP])
{
    unsigned char raw[(FC_PRINT_CAP - 1) / 2];
    static const char use[] = "forecourt master key: fingerprint";
    crypto_generichash(raw, sizeof raw, (const unsigned char *)use, sizeof use, key, FC_KEY_BYTES);
    sodium_bin2hex(print, FC_PRINT_CAP, raw, sizeof raw);
}

static void name_it(fc_master *m, enum fc_master_source source, const char *place)
{
    m->source = source;
    snprintf(m->place, sizeof m->place, "%s", place);
    fc_master_print(m->key, m->print);
}

static int from_file(const char *path, enum fc_master_source source, fc_master **out, fc_err *err)
{
    fc_master *m = fc_locked(sizeof *m);
    int rc = fc_key_file_read(path, source == FC_MASTER_CREDENTIAL, m->key, err);
    if (rc) {
        fc_locked_free(m);
        return rc;
    }
    name_it(m, source, path);
    *out = m;
    return FC_OK;
}

static int from_variable(fc_master **out, fc_err *err)
{
    fc_master *m = fc_locked(sizeof *m);
    int rc = fc_key_parse(variable, taken, strlen(taken), m->key, err);
    if (rc) {
        fc_locked_free(m);
        return rc;
    }
    name_it(m, FC_MASTER_ENV, variable);
    *out = m;
    return FC_OK;
}

/* The first place that has a key gives it; a later one may only repeat it. */
static int merge(fc_master **kept, fc_master *next, fc_err *err)
{
    if (!*kept) {
        *kept = next;
        return FC_OK;
    }
    int same = sodium_memcmp((*kept)->key, next->key, FC_KEY_BYTES) == 0;
    int rc = same ? FC_OK
                  : fc_fail(err, FC_ECONFLICT,
                            "主密钥有两个不同的来源：%s（指纹 %s）和 %s（指纹 %s）；请只保留正确的那一个",
                            "the master key comes from two places that differ: %s (fingerprint %s) and %s "
                            "(fingerprint %s); keep only the right one",
                            (*kept)->place, (*kept)->print, next->place, next->print);
    fc_locked_free(next);
    return rc;
}

static int add_file(const char *path, enum fc_master_source source, fc_master **kept, fc_err *err)
{
    fc_master *m = NULL;
    if (access(path, F_OK) != 0 && errno == ENOENT) return FC_OK;
    int rc = from_file(path, source, &m, err);
    return rc ? rc : merge(kept, m, err);
}

static int all_places(const char *file, fc_master **kept, fc_err *err)
{
    char credential[4096];
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    fc_master *m = NULL;
    int rc = add_file(file, FC_MASTER_FILE, kept, err);
    if (!rc && folder && *folder) {
        snprintf(credential, sizeof credential, "%s/forecourt.master-key", folder);
        rc = add_file(credential, FC_MASTER_CREDENTIAL, kept, err);
    }
    if (!rc && taken && !(rc = from_variable(&m, err))) rc = merge(kept, m, err);
    return rc;
}

int fc_master_make(const char *path, fc_err *err)
{
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", path);
    int rc = fc_make_dirs(dirname(folder), 0700, err);
    return rc ? rc : fc_key_make(path, NULL, err);
}

int fc_master_read(const char *secrets, int create, fc_master **out, fc_err *err)
{
    char file[4096];
    fc_master *m = NULL;
    *out = NULL;
    fc_master_take_env();
    snprintf(file, sizeof file, "%s/master.key", secrets);
    int rc = all_places(file, &m, err);
    if (!rc && !m && create && !(rc = fc_master_make(file, err)))
        rc = from_file(file, FC_MASTER_FILE, &m, err);
    if (!rc && !m)
        rc =
            fc_fail(err, FC_ENOTFOUND,
                    "%s: 主密钥不存在；没有它，加密的数据无法读取。请从备份恢复这个文件，或用 systemd 凭据 "
                    "forecourt.master-key 或变量 FORECOURT_MASTER_KEY 提供",
                    "%s: the master key is missing; sealed data cannot be read without it. Restore this file "
                    "from a backup, or give the key as the systemd credential forecourt.master-key or in "
                    "FORECOURT_MASTER_KEY",
                    file);
    if (rc)
        fc_locked_free(m);
    else
        *out = m;
    return rc;
}

int fc_master_read_file(const char *path, fc_master **out, fc_err *err)
{
    *out = NULL;
    return from_file(path, FC_MASTER_FILE, out, err);
}

fc_master *fc_master_random(void)
{
    fc_master *m = fc_locked(sizeof *m);
    randombytes_buf(m->key, FC_KEY_BYTES);
    name_it(m, FC_MASTER_FILE, "");
    return m;
}

void fc_master_free(fc_master *m)
{
    fc_locked_free(m);
}
