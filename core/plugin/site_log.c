#include "plugin/site_log.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGEST (8 << 20)

static int fd = -1;
static char path[PATH_MAX];

static void open_file(void)
{
    fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* Who sees first that it is full renames it; the others see that their file has another name and open the new
 * one. */
static void begin_anew(void)
{
    char old[PATH_MAX + 4];
    struct stat mine, named;
    if (fstat(fd, &mine) != 0 || mine.st_size < LARGEST) return;
    snprintf(old, sizeof old, "%s.1", path);
    if (stat(path, &named) == 0 && named.st_ino == mine.st_ino && named.st_dev == mine.st_dev)
        rename(path, old);
    close(fd);
    open_file();
}

static void on_line(void *ctx, enum fc_level level, const char *area, const char *text)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    fc_buf line = {0};
    fc_civil c;
    (void)ctx;
    if (fd < 0) return;
    fc_civil_of(fc_now(), &c);
    fc_buf_addf(&line, "%04d-%02d-%02dT%02d:%02d:%02d+08:00 %s %s: %s\n", c.year, c.month, c.day, c.hour,
                c.minute, c.second, names[level], area, text);
    ssize_t n = write(fd, line.data, line.len); /* one write: lines of several processes do not mix */
    (void)n;
    fc_buf_free(&line);
    begin_anew();
}

void fc_site_log_open(const char *dir)
{
    fc_site_log_close();
    if (snprintf(path, sizeof path, "%s/%s", dir, FC_SITE_LOG) >= (int)sizeof path) return;
    open_file();
    if (fd >= 0) fc_log_listen(on_line, NULL);
}

void fc_site_log_close(void)
{
    if (fd < 0) return;
    fc_log_listen(NULL, NULL);
    close(fd);
    fd = -1;
}
