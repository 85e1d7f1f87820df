/* The memory of the states: counted, so that each ends at its ceiling, and small blocks are kept.
 *
 * A row is a table, its fields and a string or two, made and dropped within microseconds, by the hundred
 * between two collections: more than the C library keeps at hand. A dropped block of up to 256 bytes goes
 * onto the list of its size, which all states share (they live on the loop's thread), up to KEPT bytes each.
 * Under the address sanitizer nothing is kept: it would not see what is used after it was freed. */
#include "lua/internal.h"

#include <stdlib.h>
#include <string.h>

#define STEP 16
#define SIZES 16 /* STEP, 2 * STEP ... */
#define KEPT 65536
#define MOST_TEXT ((size_t)17 << 20) /* whoever goes through a text does so in one step */

#ifdef __SANITIZE_ADDRESS__
#define SMALL 0
#else
#define SMALL ((size_t)STEP * SIZES)
#endif

typedef struct block {
    struct block *next;
} block;

static struct {
    block *first;
    size_t bytes;
} lists[SIZES];

static size_t list_of(size_t n)
{
    return (n - 1) / STEP;
}

static void *take(size_t n)
{
    if (n > SMALL) return malloc(n);
    size_t i = list_of(n);
    block *b = lists[i].first;
    if (!b) return malloc((i + 1) * STEP);
    lists[i].first = b->next;
    lists[i].bytes -= (i + 1) * STEP;
    return b;
}

static void drop(void *ptr, size_t n)
{
    size_t i = n ? list_of(n) : 0;
    if (!n || n > SMALL || lists[i].bytes >= KEPT) {
        free(ptr);
        return;
    }
    block *b = ptr;
    b->next = lists[i].first;
    lists[i].first = b;
    lists[i].bytes += (i + 1) * STEP;
}

static void *resize(void *ptr, size_t old, size_t n)
{
    if (old > SMALL && n > SMALL) return realloc(ptr, n);
    if (old <= SMALL && n <= SMALL && list_of(old) == list_of(n)) return ptr;
    void *p = take(n);
    if (!p) return n < old ? ptr : NULL; /* Lua counts on it that shrinking succeeds */
    memcpy(p, ptr, old < n ? old : n);
    drop(ptr, old);
    return p;
}

void *fc_vm_alloc(void *ud, void *ptr, size_t osize, size_t nsize)
{
    fc_vm *vm = ud;
    size_t old = ptr ? osize : 0; /* else it is the kind of what is made */
    if (nsize == 0) {
        if (ptr) drop(ptr, old);
        vm->used -= old;
        return NULL;
    }
    if (!ptr && osize == LUA_TSTRING && nsize > MOST_TEXT) return NULL;
    if (nsize > old && (vm->used + (nsize - old) > vm->limit || nsize > vm->limit / 2)) return NULL;
    void *p = ptr ? resize(ptr, old, nsize) : take(nsize);
    if (p) vm->used += nsize - old;
    return p;
}

fc_vm *fc_vm_of(lua_State *L)
{
    void *ud;
    lua_getallocf(L, &ud);
    return ud;
}

#define LARGE ((size_t)8 << 20)

/* The generations of a large state are gone through in one step, which others would wait for. */
void fc_vm_tune(fc_vm *vm)
{
    if (vm->incremental < 0) return; /* a test's */
    if (vm->incremental ? vm->used > LARGE / 4 : vm->used < LARGE) return;
    vm->incremental = !vm->incremental;
    if (vm->incremental)
        lua_gc(vm->L, LUA_GCINC, 0, 0, 0);
    else
        lua_gc(vm->L, LUA_GCGEN, 0, 0);
}
