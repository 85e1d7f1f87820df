/* Passwords: argon2id with 64 MiB and 3 passes, in libsodium's text form, which carries its parameters.
 * What fails: a password too short or too long, and 64 MiB that cannot be had. */
#include "store/site.h"

#include "base/log.h"

#include <sodium.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define PASSWORD_MIN 10
#define PASSWORD_MAX 256
#define MEMORY_BYTES (64u << 20)
#define PASSES 3
#define PROBE_BYTES (MEMORY_BYTES + (1u << 20))

/* Same parameters as a real one, so that a login nobody has takes as long as one that somebody has. */
const char fc_password_nobody[] = "$argon2id$v=19$m=65536,t=3,p=1$bm9ib2R5IGhhcyB0aGlzIQ$"
                                  "bm90aGluZyBtYXRjaGVzIHRoaXMgaGFzaCwgZXZlciE";

int fc_password_check(const char *password, const char *login, fc_err *err)
{
    size_t n = password ? strlen(password) : 0;
    if (n < PASSWORD_MIN || n > PASSWORD_MAX)
        return fc_fail(err, FC_EINVAL, "密码应为 %d 到 %d 个字节，给了 %zu 个",
                       "the password must have %d to %d bytes, not %zu", PASSWORD_MIN, PASSWORD_MAX, n);
    if (strcmp(password, login) == 0)
        return fc_fail(err, FC_EINVAL, "密码不能与登录名相同", "the password must not be the login");
    return FC_OK;
}

int fc_password_hash(const char *password, char out[256], fc_err *err)
{
    _Static_assert(crypto_pwhash_STRBYTES <= 256, "the column of the hash");
    memset(out, 0, 256);
    if (crypto_pwhash_str_alg(out, password, strlen(password), PASSES, MEMORY_BYTES,
                              crypto_pwhash_ALG_ARGON2ID13) == 0)
        return FC_OK;
    return fc_fail(err, FC_ENOMEM, "内存不足，无法计算密码的散列（需要 64 MiB）",
                   "not enough memory to hash the password (64 MiB are needed)");
}

/* libsodium says "wrong" when it could not get its memory, so the same amount is asked for first; it is never
 * touched and costs nothing. Other sign-ins give theirs back within a second, which is waited for. */
static bool memory_can_be_had(void)
{
    for (int tries = 0; tries < 20; tries++) {
        void *probe = mmap(NULL, PROBE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (probe != MAP_FAILED) return munmap(probe, PROBE_BYTES) == 0;
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    return false;
}

/* A password that is too long is checked as an empty one: the same time, never right. There is no third
 * answer beside right and wrong: a caller that took "could not be checked" for true would let everybody in.
 */
int fc_login_verify(const fc_login *l, const char *password)
{
    size_t n = strlen(password);
    bool usable = n <= PASSWORD_MAX;
    if (!memory_can_be_had()) {
        fc_log(FC_ERROR, "login", "%s",
               fc_say("内存不足，无法检查密码（需要 64 MiB），登录被拒绝",
                      "a sign-in was refused: not enough memory to check the password (64 MiB are needed)"));
        return 0;
    }
    int rc = crypto_pwhash_str_verify(l->hash, password, usable ? n : 0);
    return rc == 0 && usable && l->known;
}
