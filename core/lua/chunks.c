/* Texts that every state loads anew: the host's Lua half and the engines' define files, a hundred times each
 * when a hundred plugins start. To parse one takes ten times as long as to load what the parser made of it,
 * so that is kept for the process, by name and content. No other binary chunk is ever loaded: these were made
 * here, of the very text. On the thread that runs Lua only. */
#include "lua/internal.h"

#include <sodium.h>
#include <string.h>

#define KEPT 64

typedef struct chunk {
    char name[256];
    unsigned char hash[16]; /* of the text */
    fc_buf made;            /* what the parser made of it */
} chunk;

static chunk kept[KEPT];
static unsigned next;

static chunk *find(const char *name)
{
    for (chunk *c = kept; c < kept + KEPT; c++)
        if (strcmp(c->name, name) == 0) return c;
    return NULL;
}

static int append(lua_State *L, const void *bytes, size_t n, void *out)
{
    (void)L;
    fc_buf_add(out, bytes, n);
    return 0;
}

static void keep(lua_State *L, const char *name, const unsigned char *hash)
{
    if (strlen(name) >= sizeof kept->name) return;
    chunk *c = find(name);
    if (!c) c = &kept[next++ % KEPT];
    fc_buf_clear(&c->made);
    if (lua_dump(L, append, &c->made, 0)) return;
    memcpy(c->name, name, strlen(name) + 1);
    memcpy(c->hash, hash, sizeof c->hash);
}

int fc_load_shared(lua_State *L, const char *text, size_t n, const char *name)
{
    unsigned char hash[sizeof kept->hash];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)text, n, NULL, 0);
    const chunk *c = find(name);
    if (c && memcmp(c->hash, hash, sizeof hash) == 0)
        return luaL_loadbufferx(L, c->made.data, c->made.len, name, "b");
    int status = luaL_loadbufferx(L, text, n, name, "t");
    if (status == LUA_OK) keep(L, name, hash);
    return status;
}
