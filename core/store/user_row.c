/* A user as a row of site_user, for whoever reads one: users, sessions, the sign-in, roles. */
#include "store/site.h"

#include <string.h>

void fc_column_text(const fc_cursor *c, int i, char *out, size_t size)
{
    fc_value v;
    fc_cursor_value(c, i, &v);
    size_t n = v.type == FC_TEXT ? v.n : 0;
    if (n >= size) {
        n = size - 1;
        while (n && ((unsigned char)v.s[n] & 0xC0) == 0x80)
            n--;
    }
    if (n) memcpy(out, v.s, n);
    out[n] = 0;
}

void fc_user_row(const fc_cursor *c, int first, fc_user *out)
{
    fc_value v;
    fc_cursor_value(c, first, &v);
    out->id = v.i;
    fc_column_text(c, first + 1, out->login, sizeof out->login);
    fc_column_text(c, first + 2, out->name, sizeof out->name);
    fc_column_text(c, first + 3, out->mail, sizeof out->mail);
    fc_column_text(c, first + 4, out->lang, sizeof out->lang);
    fc_cursor_value(c, first + 5, &v);
    out->active = v.i != 0;
}

bool fc_lang_known(const char *lang)
{
    return lang && (strcmp(lang, "zh") == 0 || strcmp(lang, "en") == 0);
}
