/* How a rule of the subset refuses: both sentences, the place, and the word as it stands in the text. */
#include "store/subset_rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SHOWN 48

static size_t whole_characters(const char *s, size_t n)
{
    while (n && ((unsigned char)s[n - 1] & 0xC0) == 0x80)
        n--;
    return n && (unsigned char)s[n - 1] >= 0xC0 ? n - 1 : n;
}

const char *fc_shown_word(const fc_look *l, int i)
{
    static _Thread_local char rooms[4][SHOWN + 1];
    static _Thread_local int next;
    char *room = rooms[next++ % 4];
    const fc_word *w = &l->w->list[i < l->w->count ? i : l->w->count];
    size_t n = w->n > SHOWN ? whole_characters(w->s, SHOWN) : w->n;
    memcpy(room, w->s, n);
    room[n] = 0;
    return room;
}

int fc_refuse(const fc_look *l, int i, const char *zh, const char *en, ...)
{
    const char *formats[2] = {[FC_ZH] = zh, [FC_EN] = en};
    l->out->at = (size_t)(l->w->list[i < l->w->count ? i : l->w->count].s - l->w->sql);
    for (int lang = 0; lang < 2; lang++) {
        va_list args;
        va_start(args, en);
        vsnprintf(l->out->text[lang], FC_ERR_TEXT, formats[lang], args);
        va_end(args);
    }
    return 1;
}
