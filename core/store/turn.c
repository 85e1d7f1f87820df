/* The write turn among all processes that have a file open. SQLite's own busy handler sleeps and tries again,
 * so that under load somebody can lose for seconds; here the kernel keeps the queue.
 *
 * Two locks on a file beside the database: who wants to write takes "next", then "turn", then lets "next" go.
 * Whoever just wrote and wants to write again finds "next" held by the one who waits, and so cannot push in
 * before him. The locks belong to the open file, not to the process, and die with it. */
#include "store/driver.h"

#include "base/buf.h"
#include "base/owner.h"
#include "base/clock.h"
#include "loop/heart.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { NEXT, TURN };

int fc_turn_open(fc_store *s, fc_err *err)
{
    fc_buf path = {0};
    fc_buf_addf(&path, "%s-turn", s->path);
    s->lock_fd = open(fc_buf_str(&path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock_fd >= 0) fc_same_owner(s->lock_fd, s->path);
    int rc = s->lock_fd >= 0 ? FC_OK
                             : fc_fail(err, FC_EIO, "%s：无法打开写入锁文件：%s；请检查文件夹的权限",
                                       "%s: the file of the write turn cannot be opened: %s; check the "
                                       "permissions of the folder",
                                       fc_buf_str(&path), strerror(errno));
    fc_buf_free(&path);
    return rc;
}

static int lock(const fc_store *s, int which, int type, int wait)
{
    struct flock l = {.l_type = (short)type, .l_whence = SEEK_SET, .l_start = which, .l_len = 1};
    int rc;
    do
        rc = fcntl(s->lock_fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &l);
    while (rc != 0 && errno == EINTR);
    return rc == 0 ? 0 : errno;
}

static int refused(const fc_store *s, int error, fc_err *err)
{
    if (error == EAGAIN || error == EACCES)
        return fc_fail(err, FC_EBUSY, "%s: 数据库被其他进程占用，等待超时；请稍后重试",
                       "%s: the database is locked by another process and the wait ran out; try again later",
                       s->path);
    return fc_fail(err, FC_EIO, "%s: 无法取得写入锁：%s；请把数据放在本机磁盘上",
                   "%s: the write turn cannot be taken: %s; keep the data on a local disk", s->path,
                   strerror(error));
}

int fc_turn_wait(fc_store *s, fc_err *err)
{
    int error = lock(s, NEXT, F_WRLCK, 1);
    if (error) return refused(s, error, err);
    error = lock(s, TURN, F_WRLCK, 1);
    lock(s, NEXT, F_UNLCK, 0);
    if (error) return refused(s, error, err);
    s->turn = true;
    return FC_OK;
}

/* The kernel knows no wait with an end. Holding "next" while asking for "turn" keeps the place in the queue.
 */
static int ask(const fc_store *s, int which, int64_t end)
{
    int error;
    while ((error = lock(s, which, F_WRLCK, 0)) == EAGAIN && fc_monotonic() < end) {
        fc_heart_beat(); /* this wait has an end of its own */
        nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
    }
    return error;
}

int fc_turn_try(fc_store *s, int ms, fc_err *err)
{
    int64_t end = fc_monotonic() + ms * 1000000LL;
    int error = ask(s, NEXT, end);
    if (error) return refused(s, error, err);
    error = ask(s, TURN, end);
    lock(s, NEXT, F_UNLCK, 0);
    if (error) return refused(s, error, err);
    s->turn = true;
    return FC_OK;
}

bool fc_turn_wanted(const fc_store *s)
{
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = NEXT, .l_len = 1};
    return fcntl(s->lock_fd, F_OFD_GETLK, &l) != 0 || l.l_type != F_UNLCK;
}

void fc_turn_leave(fc_store *s)
{
    s->turn = false;
    lock(s, TURN, F_UNLCK, 0);
}

FC_SELDOM int fc_turn_enter(fc_store *s, bool *taken, fc_err *err)
{
    *taken = false;
    if (s->lock_fd < 0) return FC_OK; /* in memory */
    if (s->committer) fc_thread_idle(s->committer);
    if (s->turn) return FC_OK;
    int rc = fc_turn_try(s, s->patience_ms, err);
    *taken = rc == FC_OK;
    return rc;
}
