#include "base/err.h"

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
