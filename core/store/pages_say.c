/* The sentences of the checked pages: which file, which page, what it means, what to do. SQLite passes a
 * number upwards, so the sentence waits here, one a thread, until error.c asks for it.
 *
 * Bit rot leaves the time of a file's last change alone, a program does not: when that time is not the one of
 * our own last sync, the sentence says so. */
#include "store/pages_file.h"

#include "base/log.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static _Thread_local struct {
    bool waits;
    char path[4096];
    fc_err err;
} last;

#define RESTORE_ZH "请停止服务，保留这些文件，并恢复最近的备份"
#define RESTORE_EN "stop the service, keep the files, and restore the last backup"
#define MEANT_ZH                                                                                             \
    "若确实有意为之，停止服务并删除 %s-sums：下次启动会检查整个数据库并照现状接受；否则" RESTORE_ZH
#define MEANT_EN                                                                                             \
    "if that was meant, stop the service and remove %s-sums: the next start checks the whole database and "  \
    "takes it as it is; else " RESTORE_EN

static const struct {
    const char *zh, *en; /* path, number, path */
} sentences[] = {
    [FC_PAGE_DIFFERS] =
        {"%s: 数据库文件已损坏：第 %u 页与其校验和不符，未提供其内容；" RESTORE_ZH "%.0s",
         "%s: the database file is damaged: page %u does not fit its sum and was not served; " RESTORE_EN
         "%.0s"},
    [FC_PAGE_CUT] = {"%s: 数据库文件已损坏：文件被截短，缺少第 %u 页；" RESTORE_ZH "%.0s",
                     "%s: the database file is damaged: it was cut, page %u is missing; " RESTORE_EN "%.0s"},
    [FC_PAGE_FOREIGN] =
        {"%s: 数据库文件已损坏或被其他程序（例如 sqlite3）改写：第 %u "
         "页与其校验和不符，未提供其内容。" MEANT_ZH,
         "%s: the database file is damaged or was written by another program (such as sqlite3): "
         "page %u does not fit its sum and was not served. " MEANT_EN},
    [FC_FRAME_DIFFERS] =
        {"%s: 预写日志（-wal）已损坏：第 %u 帧与其校验和不符，未提供其内容；" RESTORE_ZH "%.0s",
         "%s: its write-ahead log (-wal) is damaged: frame %u does not fit its checksum and was "
         "not served; " RESTORE_EN "%.0s"},
    [FC_FRAME_FOREIGN] =
        {"%s: 预写日志（-wal）第 %u 帧由其他程序（例如 sqlite3）写入，未提供其内容。" MEANT_ZH,
         "%s: frame %u of its write-ahead log (-wal) was written by another program (such as "
         "sqlite3) and was not served. " MEANT_EN},
    [FC_WAL_FOREIGN] =
        {"%s: 旁边的预写日志（-wal）不属于它：来自另一时间或另一程序（%u 帧），未被采用。" MEANT_ZH,
         "%s: the write-ahead log (-wal) beside it does not belong to it: it is of another time or "
         "another program (%u frames) and was not used. " MEANT_EN},
    [FC_WAL_DAMAGED] =
        {"%s: 预写日志（-wal）的文件头已损坏；其中 %u 帧是已确认的数据，数据库未打开；" RESTORE_ZH "%.0s",
         "%s: the head of its write-ahead log (-wal) is damaged; %u frames in it are acknowledged "
         "data, so the database was not opened; " RESTORE_EN "%.0s"},
    [FC_WAL_MISSING] =
        {"%s: 预写日志（-wal）缺失或被截短；其中 %u 帧是已确认的数据，数据库未打开。请把它放回原处，"
         "否则恢复最近的备份%.0s",
         "%s: its write-ahead log (-wal) is missing or was cut; %u frames in it were acknowledged "
         "data, so the database was not opened. Put it back, else restore the last backup%.0s"},
    [FC_SUMS_DAMAGED] =
        {"%s: 校验和文件（-sums）无法读取，或不属于这个数据库（%u 页）；未提供任何内容。" MEANT_ZH,
         "%s: its file of sums (-sums) cannot be read or does not belong to this database (%u "
         "pages); nothing was served. " MEANT_EN},
    [FC_FILE_UNSYNCED] =
        {"%s: 先前有一次磁盘同步失败，内容尚未能全部重新写入（%u），因此不再写入；读取仍可进行。"
         "请检查磁盘后重新启动%.0s",
         "%s: a sync of the disk failed earlier and not everything could be written again yet "
         "(%u), so nothing is written; reading goes on. Check the disk, then start again%.0s"},
};

int fc_pages_sentence(const char *path, enum fc_damage what, uint32_t number, fc_err *err)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    return fc_fail(err, FC_EIO, sentences[what].zh, sentences[what].en, path, number, path);
#pragma GCC diagnostic pop
}

static bool touched(const fc_main *m)
{
    fc_sums_file head;
    struct stat st;
    if (fc_sums_head_file(&m->sums, &head) != SQLITE_OK || stat(m->path, &st) != 0) return false;
    return head.changed && head.changed != st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec;
}

/* A damaged page that is asked for a thousand times is one line of the log. */
static void log_once(const fc_err *err)
{
    static _Thread_local char before[FC_ERR_TEXT];
    const char *text = err->text[fc_process_lang()];
    if (strcmp(before, text) == 0) return;
    snprintf(before, sizeof before, "%s", text);
    fc_log(FC_ERROR, "store", "%s", text);
}

int fc_pages_say(const fc_main *m, enum fc_damage what, uint32_t number)
{
    if (what == FC_PAGE_DIFFERS && touched(m)) what = FC_PAGE_FOREIGN;
    snprintf(last.path, sizeof last.path, "%s", m->path);
    fc_pages_sentence(m->path, what, number, &last.err);
    last.waits = true;
    log_once(&last.err);
    return SQLITE_IOERR_DATA;
}

/* SQLite knows the file by its full path, the caller by the one he gave. */
static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    if (strcmp(a, b) == 0) return true;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool fc_pages_refused(const char *path, fc_err *err)
{
    if (!last.waits || !same_file(last.path, path)) return false;
    last.waits = false;
    if (err) *err = last.err;
    return true;
}
