/* The plain text at the beginning of a backup's file: what anybody may know of it. */
#include "store/backup_file.h"
#include "store/backup_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int text_damaged(const char *path, fc_err *err)
{
    return fc_fail(
        err, FC_EINVAL, "%s: 文件开头的说明（第 0 字节起）已损坏，或这不是备份文件；请使用另一份备份",
        "%s: the text at its beginning (byte 0) is damaged, or this is no backup; use another one", path);
}

static int take(const char **at, const char *name, char *out, size_t cap)
{
    size_t n = strlen(name);
    const char *end = strchr(*at, '\n');
    if (!end || strncmp(*at, name, n) != 0 || strncmp(*at + n, ": ", 2) != 0) return 0;
    const char *value = *at + n + 2;
    snprintf(out, cap, "%.*s", (int)(end - value), value);
    *at = end + 1;
    return 1;
}

static int fields(const char *text, fc_fcb_head *h)
{
    const char *at = strchr(text, '\n');
    if (!at) return 0;
    at++;
    return take(&at, "kind", h->kind, sizeof h->kind) && take(&at, "site", h->site, sizeof h->site) &&
           take(&at, "made", h->made, sizeof h->made) &&
           take(&at, "program", h->program, sizeof h->program) && take(&at, "key", h->key, sizeof h->key);
}

static int too_new(const char *path, const char *text, fc_err *err)
{
    return fc_fail(err, FC_EVERSION,
                   "%s: 备份的格式是第 %ld 版，本程序只认识第 %d 版；请安装更新的 forecourt",
                   "%s: the backup has format %ld, this program knows format %d; install a newer forecourt",
                   path, strtol(text + strlen(FCB_MAGIC), NULL, 10), FCB_FORMAT);
}

/* Checked by its own line before anything in it is believed, so that a flipped digit is damage and not
 * another version. Every later format keeps the first and the last line. */
int fc_fcb_parse_text(const char *path, char *text, size_t n, size_t *len, fc_fcb_head *head, fc_err *err)
{
    char check[17];
    text[n] = 0;
    const char *last = strstr(text, "\ncheck: "), *end = strstr(text, "\n\n");
    if (strncmp(text, FCB_MAGIC, strlen(FCB_MAGIC)) != 0 || !last || end != last + 8 + 16)
        return text_damaged(path, err);
    fc_fcb_check(text, (size_t)(last + 1 - text), check);
    if (memcmp(check, last + 8, 16) != 0) return text_damaged(path, err);
    if (strtol(text + strlen(FCB_MAGIC), NULL, 10) != FCB_FORMAT) return too_new(path, text, err);
    *len = (size_t)(end + 2 - text);
    memset(head, 0, sizeof *head);
    return fields(text, head) ? FC_OK : text_damaged(path, err);
}
