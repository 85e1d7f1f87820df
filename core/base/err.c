#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* vsnprintf cuts between bytes; a half character at the end would make the whole sentence invalid UTF-8. */
static void trim_to_character(char *text)
{
    size_t n = strlen(text);
    size_t i = n;
    while (i > 0 && ((unsigned char)text[i - 1] & 0xC0) == 0x80)
        i--;
    if (i == 0) return;
    unsigned char lead = (unsigned char)text[i - 1];
    size_t want = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (n - (i - 1) < want) text[i - 1] = 0;
}

/* What strerror says is English and stands in sentences of both languages: here, at one place, it is put into
 * the reader's. */
static const struct {
    int error;
    const char *text[2];
} system_words[] = {{ENOSPC, {"磁盘空间不足", "no space left on the disk"}},
                    {EDQUOT, {"磁盘配额已用完", "the disk quota is used up"}},
                    {EACCES, {"没有权限", "permission denied"}},
                    {EPERM, {"不允许", "not permitted"}},
                    {EROFS, {"磁盘是只读的", "the disk is read-only"}},
                    {ENOENT, {"不存在", "it does not exist"}},
                    {EEXIST, {"已存在", "it exists already"}},
                    {EIO, {"磁盘读写出错", "the disk cannot be read or written"}},
                    {EMFILE, {"打开的文件过多", "too many open files"}},
                    {ENFILE, {"系统打开的文件过多", "too many open files in the system"}},
                    {ENOTDIR, {"不是文件夹", "not a folder"}},
                    {EISDIR, {"是文件夹", "it is a folder"}},
                    {ENOMEM, {"内存不足", "out of memory"}},
                    {EADDRINUSE, {"地址已被占用", "the address is in use"}}};

static void put_system_words(char *text, enum fc_lang lang)
{
    for (size_t i = 0; i < sizeof system_words / sizeof *system_words; i++) {
        const char *said = strerror(system_words[i].error), *word = system_words[i].text[lang];
        char *at = strstr(text, said), rest[FC_ERR_TEXT];
        if (!at) continue;
        snprintf(rest, sizeof rest, "%s", at + strlen(said));
        snprintf(at, FC_ERR_TEXT - (size_t)(at - text), "%s%s", word, rest);
        return;
    }
}

int fc_fail(fc_err *err, int code, const char *zh, const char *en, ...)
{
    if (!err) return code;
    const char *formats[2] = {zh, en};
    err->code = code;
    for (int lang = 0; lang < 2; lang++) {
        va_list args;
        va_start(args, en);
        vsnprintf(err->text[lang], FC_ERR_TEXT, formats[lang], args);
        va_end(args);
        put_system_words(err->text[lang], (enum fc_lang)lang);
        trim_to_character(err->text[lang]);
    }
    return code;
}

int fc_fail_text(fc_err *err, int code, const char *text)
{
    return fc_fail(err, code, "%s", "%s", text);
}

int fc_wrap(fc_err *err, const char *place)
{
    if (!err) return FC_EINTERNAL;
    for (int lang = 0; lang < 2; lang++) {
        char old[FC_ERR_TEXT];
        memcpy(old, err->text[lang], sizeof old);
        int n = snprintf(err->text[lang], FC_ERR_TEXT, "%s: %s", place, old);
        if (n >= FC_ERR_TEXT) trim_to_character(err->text[lang]);
    }
    return err->code;
}

const char *fc_err_text(const fc_err *err, enum fc_lang lang)
{
    return err->text[lang];
}

enum fc_lang fc_process_lang(void)
{
    static int known = -1;
    if (known >= 0) return (enum fc_lang)known;
    const char *names[] = {"FORECOURT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"};
    known = FC_ZH;
    for (int i = 0; i < 4; i++) {
        const char *value = getenv(names[i]);
        if (!value || !*value) continue;
        known = strncmp(value, "en", 2) == 0 ? FC_EN : FC_ZH;
        break;
    }
    return (enum fc_lang)known;
}

const char *fc_say(const char *zh, const char *en)
{
    return fc_process_lang() == FC_EN ? en : zh;
}
