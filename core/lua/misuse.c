/* Misuse that the host finds. It is a program error: raised as text, like Lua's own, so that pcall gives what
 * an author expects, and it counts as a failure of the plugin. A text has one language; the sentences, which
 * are literals, are remembered here, and whoever reads the error finds the other language by the text. What
 * is made of parts at run time (a failure of the store) is remembered as a whole, the last few of them. */
#include "lua/internal.h"

#include <stdarg.h>
#include <string.h>

#define MOST_SENTENCES 160 /* there are as many as calls of fc_misuse */
#define LAST 8

static struct {
    const char *zh, *en;
} sentences[MOST_SENTENCES];
static size_t n_sentences;

static struct {
    char text[2][FC_ERR_TEXT];
} pairs[LAST];
static size_t n_pairs;

static void remember(const char *zh, const char *en)
{
    for (size_t i = 0; i < n_sentences; i++)
        if (sentences[i].en == en && sentences[i].zh == zh) return;
    if (n_sentences == MOST_SENTENCES) return;
    sentences[n_sentences].zh = zh;
    sentences[n_sentences++].en = en;
}

static int in_hook(lua_State *L)
{
    lua_Debug ar;
    return lua_getstack(L, 0, &ar) && lua_getinfo(L, "S", &ar) && *ar.what != 'C';
}

int fc_misuse(lua_State *L, const char *zh, const char *en, ...)
{
    va_list args;
    remember(zh, en);
    if (in_hook(L))
        fc_push_caller(L);
    else
        luaL_where(L, 1);
    va_start(args, en);
    lua_pushvfstring(L, en, args);
    va_end(args);
    lua_concat(L, 2);
    return lua_error(L);
}

int fc_misuse_arg(lua_State *L, int arg, const char *zh, const char *en)
{
    remember(zh, en);
    return luaL_argerror(L, arg, en);
}

void fc_misuse_note(const char *zh, const char *en)
{
    size_t i = n_pairs++ % LAST;
    snprintf(pairs[i].text[FC_ZH], FC_ERR_TEXT, "%s", zh);
    snprintf(pairs[i].text[FC_EN], FC_ERR_TEXT, "%s", en);
}

int fc_misuse_err(lua_State *L, const fc_err *err, enum fc_lang lang)
{
    fc_misuse_note(err->text[FC_ZH], err->text[FC_EN]);
    return luaL_error(L, "%s", err->text[lang]);
}

int fc_misuse_told(lua_State *L)
{
    const char *zh = luaL_checkstring(L, 1), *en = luaL_checkstring(L, 2);
    fc_misuse_note(zh, en);
    fc_push_caller(L);
    lua_pushvalue(L, 2);
    lua_concat(L, 2);
    return lua_error(L);
}

int fc_misuse_raised(size_t i, const char **zh, const char **en)
{
    if (i >= n_sentences) return 0;
    *zh = sentences[i].zh;
    *en = sentences[i].en;
    return 1;
}

int fc_misuse_noted(const char *text, const char **zh, const char **en)
{
    for (size_t i = 0; i < LAST; i++)
        for (int k = 0; k < 2; k++) {
            if (!*pairs[i].text[k] || strcmp(pairs[i].text[k], text) != 0) continue;
            *zh = pairs[i].text[FC_ZH];
            *en = pairs[i].text[FC_EN];
            return 1;
        }
    return 0;
}
