/* Lua source cut into words, for what looks at a plugin's text without running it. Not a parser: whether the
 * text is Lua at all, Lua says. */
#ifndef FC_TEXT_LUA_WORDS_H
#define FC_TEXT_LUA_WORDS_H
#include "base/buf.h"
#include <stdbool.h>

enum fc_lua_kind { FC_LUA_END, FC_LUA_NAME, FC_LUA_STRING, FC_LUA_LONG, FC_LUA_NUMBER, FC_LUA_SIGN };

typedef struct fc_lua_word {
    enum fc_lua_kind kind; /* NAME: keywords, too; LONG: [[...]] */
    const char *s;
    size_t n;
    int line;
} fc_lua_word;

/* New list that ends with an END; *count counts without it. A string that is not closed ends the list. */
fc_lua_word *fc_lua_words(const char *text, size_t n, int *count);
/* Appends what the string is; *line is the line of its first character. */
void fc_lua_value(const fc_lua_word *w, fc_buf *out, int *line);
bool fc_lua_is(const fc_lua_word *w, const char *word); /* a name or sign that reads so */
#endif
