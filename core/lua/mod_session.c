/* host.session and host.progress. Checking a password costs a tenth of a second on purpose, so it runs in the
 * pool, few at once (door.c), and the call waits. */
#include "base/clock.h"
#include "base/log.h"
#include "lua/door.h"
#include "lua/internal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

typedef struct attempt {
    fc_call *call;
    fc_login login;
    char password[260];
    char fresh[260]; /* the new password, when changing it */
    int right, change;
    fc_check check;
} attempt;

static void attempt_work(void *ctx)
{
    attempt *a = ctx;
    a->right = fc_login_verify(&a->login, a->password) == 1;
}

static void attempt_drop(void *ctx)
{
    sodium_memzero(ctx, sizeof(attempt));
    free(ctx);
}

/* Whoever stands before the door learns why he is not let in, but nothing of the house: what fails inside
 * names files and SQL and goes to the log. */
static int denied(lua_State *L, const fc_err *err)
{
    int inside = err->code != FC_EDENIED && err->code != FC_EINVAL;
    if (inside) fc_log(FC_ERROR, "session", "%s", err->text[fc_process_lang()]);
    lua_pushnil(L);
    lua_createtable(L, 0, 2);
    lua_pushstring(L, inside ? "现在无法保存，所以不能登录或改密码；原因已记入日志，请告诉信息员"
                             : err->text[FC_ZH]);
    lua_setfield(L, -2, "zh");
    lua_pushstring(
        L, inside ? "nothing can be saved now, so nobody can sign in or change a password; the reason is "
                    "in the log, please tell IT"
                  : err->text[FC_EN]);
    lua_setfield(L, -2, "en");
    lua_pushliteral(L, "DENIED");
    return 3;
}

/* Sign-ins stand in the audit log; a failed one only for a login that exists: people type passwords into that
 * field. */
static void audit(const attempt *a, const char *what)
{
    fc_value v[] = {fc_int(fc_id()), fc_int(fc_now()), fc_text(a->login.user.login), fc_text(what)};
    fc_err err;
    if (a->login.known && a->call->store &&
        fc_run(a->call->store, "INSERT INTO host_audit (id, at, actor, what) VALUES (?, ?, ?, ?)", v, 4, NULL,
               &err))
        fc_log(FC_ERROR, "session", "%s", err.text[fc_process_lang()]);
}

/* 0 when the password was right and the session stands. */
static int end_sign_in(attempt *a, fc_session *session, fc_err *err)
{
    int rc = fc_login_end(a->call->site, &a->login, a->right, a->call->token, err);
    if (!rc) fc_door_right(a->call->remote);
    audit(a, rc ? "sign_in.denied" : "sign_in");
    return rc ? rc : fc_session_find(a->call->site, a->call->token, session, err);
}

static int sign_in_finish(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    attempt *a = (attempt *)ctx;
    fc_err err;
    fc_session session;
    int rc = end_sign_in(a, &session, &err);
    attempt_drop(a);
    if (rc) return denied(L, &err);
    lua_pushboolean(L, 1);
    lua_pushstring(L, session.csrf);
    return 2;
}

static int end_change(attempt *a, fc_err *err)
{
    if (!a->right) {
        char unused[65];
        fc_login_end(a->call->site, &a->login, 0, unused, err); /* counts towards the lock */
        return fc_fail(err, FC_EDENIED, "原密码不对", "the old password is not right");
    }
    int rc = fc_user_password(a->call->site, a->login.user.login, a->fresh, err);
    if (rc) return rc;
    strcpy(a->call->token, "-");
    audit(a, "password.change");
    return FC_OK;
}

static int change_finish(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    attempt *a = (attempt *)ctx;
    fc_err err;
    int rc = end_change(a, &err);
    attempt_drop(a);
    if (rc) return denied(L, &err);
    lua_pushboolean(L, 1);
    return 1;
}

static fc_call *waiting_call(lua_State *L, const char *what)
{
    fc_only_running(L, what);
    fc_call *c = fc_call_need(L);
    if (!c->site)
        fc_misuse(L, "这次调用没有站点的数据库：请在页面里使用 host.session",
                  "this call has no site store: use host.session in a page");
    if (!fc_may_yield(L))
        fc_misuse(L, "%s 需要等待，不能在元方法或 db.tx 里调用：请移到外面",
                  "%s waits and may not be called inside a metamethod or db.tx: call it outside of them",
                  what);
    return c;
}

static void attempt_done(void *ctx)
{
    fc_call_go_on(((attempt *)ctx)->call);
}

static int wait_for(lua_State *L, attempt *a, lua_KFunction finish)
{
    if (fc_may_wait(L)) {
        a->check = (fc_check){.work = attempt_work,
                              .done = attempt_done,
                              .ctx = a,
                              .pool = a->call->world->pool,
                              .address = a->call->remote};
        fc_check_queue(&a->check);
        return fc_wait_for(L, (fc_wait){0}, finish, (lua_KContext)a);
    }
    return fc_wait_for(L, (fc_wait){.work = attempt_work, .ctx = a}, finish, (lua_KContext)a);
}

/* nil, Text, "LIMIT" */
static int not_now(lua_State *L, int seconds)
{
    char zh[200], en[200];
    if (seconds) {
        snprintf(zh, sizeof zh, "这个地址错误的登录太多，请在 %d 秒后重试", seconds);
        snprintf(en, sizeof en, "too many wrong sign-ins from this address; try again in %d seconds",
                 seconds);
    } else {
        snprintf(zh, sizeof zh, "现在登录的人太多，请过几秒再试");
        snprintf(en, sizeof en, "too many people are signing in now; try again in a few seconds");
    }
    lua_pushnil(L);
    lua_createtable(L, 0, 2);
    lua_pushstring(L, zh);
    lua_setfield(L, -2, "zh");
    lua_pushstring(L, en);
    lua_setfield(L, -2, "en");
    lua_pushliteral(L, "LIMIT");
    return 3;
}

static int sign_in(lua_State *L)
{
    fc_err err;
    int wait = 0;
    size_t n;
    fc_call *c = waiting_call(L, "host.session.sign_in");
    const char *login = luaL_checkstring(L, 1), *password = luaL_checklstring(L, 2, &n);
    if (fc_check_full()) return not_now(L, 0);
    int seconds = fc_door_enter(c->remote);
    if (seconds) return not_now(L, seconds);
    attempt *a = fc_alloc(sizeof *a);
    a->call = c;
    if (n >= sizeof a->password) n = sizeof a->password - 1;
    memcpy(a->password, password, n);
    if (fc_login_begin(c->site, login, &a->login, &wait, &err)) {
        attempt_drop(a);
        return denied(L, &err);
    }
    return wait_for(L, a, sign_in_finish);
}

static int change_password(lua_State *L)
{
    fc_err err;
    int wait = 0;
    fc_call *c = waiting_call(L, "host.session.change_password");
    const char *old = luaL_checkstring(L, 1), *fresh = luaL_checkstring(L, 2);
    if (!c->session)
        fc_misuse(L, "没有人登录：请让页面要求登录（who = \"user\"）",
                  "nobody is signed in: let the page need it (who = \"user\")");
    attempt *a = fc_alloc(sizeof *a);
    a->call = c;
    snprintf(a->password, sizeof a->password, "%s", old);
    snprintf(a->fresh, sizeof a->fresh, "%s", fresh);
    if (fc_login_begin(c->site, c->login, &a->login, &wait, &err)) {
        attempt_drop(a);
        return denied(L, &err);
    }
    return wait_for(L, a, change_finish);
}

/* The cookie goes, and the session with it: a copy of the cookie must open nothing. */
static int sign_out(lua_State *L)
{
    fc_err err;
    fc_only_running(L, "host.session.sign_out");
    fc_call *c = fc_call_need(L);
    strcpy(c->token, "-");
    if (c->session && fc_session_close(c->site, c->session->id, &err)) return fc_raise(L, &err);
    return 0;
}

static int set_lang(lua_State *L)
{
    static const char *const langs[] = {"zh", "en", NULL};
    fc_err err;
    fc_only_running(L, "host.session.set_lang");
    fc_call *c = fc_call_need(L);
    const char *lang = langs[luaL_checkoption(L, 1, NULL, langs)];
    if (!c->session)
        return fc_misuse(L, "没有人登录：请让页面要求登录（who = \"user\"）",
                         "nobody is signed in: let the page need it (who = \"user\")");
    if (fc_session_lang(c->site, c->session->id, lang, &err)) return fc_raise(L, &err);
    return 0;
}

int fc_mod_session(lua_State *L)
{
    static const luaL_Reg functions[] = {{"sign_in", sign_in},
                                         {"sign_out", sign_out},
                                         {"set_lang", set_lang},
                                         {"change_password", change_password},
                                         {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}

static int progress(lua_State *L)
{
    fc_only_running(L, "host.progress");
    fc_call *c = fc_call_need(L);
    json_t *what = NULL;
    fc_err err;
    int64_t done = luaL_checkinteger(L, 1), total = luaL_checkinteger(L, 2);
    if (!lua_isnoneornil(L, 3) && fc_to_json(L, 3, FC_EMPTY_OBJECT, &what, &err)) return fc_raise(L, &err);
    int cancelled = c->world->progress ? c->world->progress(c, done, total, what) : 0;
    json_decref(what);
    if (cancelled) return fc_raise_text(L, "已被取消", "was cancelled");
    c->state->spent = 0;
    fc_turn_renew(c->budget_ns);
    return 0;
}

int fc_mod_progress(lua_State *L)
{
    lua_pushcfunction(L, progress);
    return 1;
}
