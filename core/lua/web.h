/* Shared by the files of core/lua that know host.http: the module (mod_http.c), secrets (secret.c), who waits
 * for an answer (web_line.c) and what tests put in an answer's place (web_double.c). */
#ifndef FC_LUA_WEB_H
#define FC_LUA_WEB_H
#include "lua/internal.h"
#include "net/web.h"

/* A request and its place in the line. It lies in a userdata of the coroutine that waits for it. */
typedef struct fc_web_place {
    fc_web *web;
    fc_call *call;
    void (*go_on)(void *call);
    bool running; /* a thread has it */
    struct fc_web_place *next;
} fc_web_place;

/* The call has yielded: go_on(c) when its request has ended. */
void fc_web_line_enter(fc_web_place *p, fc_call *c, void (*go_on)(void *call));
/* Now and then, and when somebody has left: looks whose turn it is, or whose time is up. */
void fc_web_line_look(void);
/* The worker stops: who waits in line is ended, who is under way is broken off. */
void fc_web_line_end(void);

/* secret.c. host.http.secret(name) */
int fc_secret_of(lua_State *L);
/* Adds a header whose value is the secret at `at`, with what was joined to it. 1 when done, 0 if there is no
 * secret at `at`, -1 if the site has not set it: err says so. Raises where the value is no header's. */
int fc_secret_header(lua_State *L, int at, fc_web *w, const char *name, fc_err *err);
/* Pushes how a test sees it: "Bearer <secret sms_token>". 0: no secret. */
int fc_secret_shown(lua_State *L, int at);

/* web_double.c: pushes nil, sentence, CODE */
int fc_web_failed(lua_State *L, enum fc_web_code code, const fc_err *err);
/* The answer that a test gave for this request, on the stack as fetch returns it. */
int fc_web_double(lua_State *L, fc_call *c, fc_web *w, int headers, int body);
int fc_web_give(lua_State *L);  /* test.http */
int fc_web_asked(lua_State *L); /* test.requests */
#endif
