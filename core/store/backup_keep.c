/* Which backups stay and when the next one is due: only names and times, so that it can be tested without a
 * site. The time of a backup is the one in its name; that of the file says when it was copied around. */
#include "store/backup_internal.h"

#include "base/buf.h"
#include "base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY_MS 86400000LL
#define NEWEST_KEPT 3 /* a clock that was wrong once must not empty the shelf */
#define RETRY_MS 3600000LL

static bool digits(const char *s, int n, int *out)
{
    *out = 0;
    for (int i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9') return false;
        *out = *out * 10 + (s[i] - '0');
    }
    return true;
}

/* 20261125T174000Z */
static bool instant(const char *s, int64_t *at)
{
    int y, mo, d, h, mi, sec;
    if (strlen(s) < 16 || s[8] != 'T' || s[15] != 'Z') return false;
    if (!digits(s, 4, &y) || !digits(s + 4, 2, &mo) || !digits(s + 6, 2, &d) || !digits(s + 9, 2, &h) ||
        !digits(s + 11, 2, &mi) || !digits(s + 13, 2, &sec))
        return false;
    if (mo < 1 || mo > 12 || d < 1 || d > 31) return false;
    *at = fc_days_from_civil(y, mo, d) * DAY_MS + ((h * 60LL + mi) * 60 + sec) * 1000;
    return true;
}

bool fc_backup_name(const char *name, const char *folder, bool *keys, int64_t *at)
{
    size_t n = strlen(folder);
    if (strncmp(name, "forecourt-", 10) != 0 || strncmp(name + 10, folder, n) != 0 || name[10 + n] != '-')
        return false;
    const char *when = name + 11 + n;
    if (!instant(when, at)) return false;
    *keys = strcmp(when + 16, "-keys.fcb") == 0;
    return *keys || strcmp(when + 16, ".fcb") == 0;
}

typedef struct kept {
    char name[256];
    int64_t at;
} kept;

static int newest_first(const void *a, const void *b)
{
    const kept *x = a, *y = b;
    return x->at != y->at ? (x->at < y->at ? 1 : -1) : strcmp(y->name, x->name);
}

static int list(const char *to, const char *folder, bool keys, kept **out, size_t *n, fc_err *err)
{
    struct dirent *e;
    DIR *d = opendir(to);
    *out = NULL;
    *n = 0;
    if (!d) return fc_fail(err, FC_EIO, "%s: 无法读取文件夹：%m", "%s: the folder cannot be read: %m", to);
    while ((e = readdir(d))) {
        kept k;
        bool is_keys;
        if (!fc_backup_name(e->d_name, folder, &is_keys, &k.at) || is_keys != keys) continue;
        snprintf(k.name, sizeof k.name, "%s", e->d_name);
        *out = fc_realloc(*out, (*n + 1) * sizeof **out);
        (*out)[(*n)++] = k;
    }
    closedir(d);
    if (*n) qsort(*out, *n, sizeof **out, newest_first);
    return FC_OK;
}

/* Weeks begin on Monday in the site's zone. */
static int64_t week_of(int64_t at)
{
    int64_t days = (at + FC_ZONE_MS) / DAY_MS;
    return (days + 3) / 7;
}

/* all is sorted; i is the last of its week if none before it is of the same week. */
static bool stays(const kept *all, size_t i, bool keys, const fc_backup_keep *keep, int64_t now)
{
    int64_t age = now - all[i].at;
    if (age <= keep->days * DAY_MS) return true;
    if (keys) return false;
    if (i < NEWEST_KEPT) return true;
    if (age > keep->weeks * 7 * DAY_MS) return false;
    return week_of(all[i].at) != week_of(all[i - 1].at);
}

int fc_backup_prune(const char *to, const char *folder, int keys, const fc_backup_keep *keep,
                    const char *last_good, int64_t now, int *removed, fc_err *err)
{
    kept *all;
    size_t n;
    char path[PATH_MAX];
    const char *good = strrchr(last_good, '/') ? strrchr(last_good, '/') + 1 : last_good;
    *removed = 0;
    int rc = list(to, folder, keys != 0, &all, &n, err);
    bool there = false;
    for (size_t i = 0; i < n && !rc; i++)
        there |= strcmp(all[i].name, good) == 0;
    for (size_t i = 0; i < n && !rc && there; i++) {
        if (strcmp(all[i].name, good) == 0 || stays(all, i, keys != 0, keep, now)) continue;
        snprintf(path, sizeof path, "%s/%s", to, all[i].name);
        if (unlink(path) == 0)
            ++*removed;
        else if (errno != ENOENT)
            rc = fc_fail(err, FC_EIO, "%s: 无法删除过期的备份：%s", "%s: an old backup cannot be deleted: %s",
                         path, strerror(errno));
    }
    free(all);
    return rc;
}

/* The last moment, now or before, at which the clock of the site showed at_minute. */
static int64_t slot_before(int at_minute, int64_t now)
{
    int64_t midnight = (now + FC_ZONE_MS) / DAY_MS * DAY_MS - FC_ZONE_MS;
    int64_t slot = midnight + at_minute * 60000LL;
    return slot <= now ? slot : slot - DAY_MS;
}

/* What lies ahead of the clock by more than a day was recorded by a clock that was wrong and does not count.
 * What lies ahead by less was made before the clock was turned back: it counts, so that the same moment of
 * the day, passed twice, makes one backup. */
static int64_t believed(int64_t at, int64_t now)
{
    return at > now + DAY_MS ? 0 : at;
}

int fc_backup_due(int at_minute, const fc_backup_times *t, int64_t now, int starting)
{
    int64_t good = believed(t->last_good, now), tried = believed(t->last_tried, now);
    int64_t slot = slot_before(at_minute, now);
    if (tried > good && tried + RETRY_MS > now) return 0;
    if (good == 0 && (starting || tried)) return 1;
    if (starting && now - good > DAY_MS) return 1;
    return good < slot && good != 0;
}
