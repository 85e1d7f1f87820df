/* Order of the checks, each with its own answer: dealership and route (404, 405), session (303 to the sign-in
 * page, or 401), role (403), origin and CSRF token (403), parameters (400), then the handler. A denied
 * request has run no plugin code and written nothing. */
#include "plugin/pages.h"
#include "base/buf.h"
#include "base/log.h"
#include "plugin/params.h"
#include "plugin/render.h"
#include "plugin/trial.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *mime(const char *path)
{
    static const char *const types[][2] = {{".js", "text/javascript; charset=utf-8"},
                                           {".css", "text/css; charset=utf-8"},
                                           {".svg", "image/svg+xml"},
                                           {".png", "image/png"},
                                           {".woff2", "font/woff2"},
                                           {".woff", "font/woff"},
                                           {".ttf", "font/ttf"},
                                           {".ico", "image/x-icon"},
                                           {".html", "text/html; charset=utf-8"}};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (strcmp(dot, types[i][0]) == 0) return types[i][1];
    return "application/octet-stream";
}

/* /assets/PLUGIN/FILE: the plugin's own folder, then what the build put beside the binary. */
static void answer_asset(fc_site *s, fc_req *r)
{
    char plugin[64], path[8192];
    const char *rest = fc_req_path(r) + strlen("/assets/");
    size_t n = strcspn(rest, "/");
    snprintf(plugin, sizeof plugin, "%.*s", (int)n, rest);
    fc_gen *g = s->ndealerships ? fc_live_gen(s->dealerships[0].live, plugin) : NULL;
    fc_req_add_header(r, "Cache-Control", "private, max-age=600");
    if (g && rest[n] == '/') {
        snprintf(path, sizeof path, "%s/assets/%s", g->source->dir, rest + n + 1);
        if (!strstr(rest, "node_modules") && fc_req_answer_file(r, path, mime(path), NULL) == FC_OK) return;
        snprintf(path, sizeof path, "%s/assets/%s/%s", s->share, plugin, rest + n + 1);
        if (fc_req_answer_file(r, path, mime(path), NULL) == FC_OK) return;
    }
    fc_req_answer(r, 404, "text/plain; charset=utf-8", "not found\n", 10);
}

static fc_dealership *named(fc_site *s, const char *path, const char **rest)
{
    size_t n = strcspn(path + 1, "/");
    for (size_t i = 0; i < s->ndealerships; i++) {
        if (strlen(s->dealerships[i].id) != n || strncmp(s->dealerships[i].id, path + 1, n) != 0) continue;
        *rest = path[1 + n] ? path + 1 + n : "/";
        return &s->dealerships[i];
    }
    return NULL;
}

static enum fc_lang reader_lang(fc_req *r, const fc_session *session)
{
    const char *accept = fc_req_header(r, "Accept-Language"), *cookie = fc_req_cookie(r, "forecourt_lang");
    if (session)
        return strcmp(session->lang[0] ? session->lang : session->user.lang, "en") == 0 ? FC_EN : FC_ZH;
    if (cookie) return strcmp(cookie, "en") == 0 ? FC_EN : FC_ZH;
    return accept && strncmp(accept, "en", 2) == 0 ? FC_EN : FC_ZH;
}

/* Whose wrong passwords are counted together. Behind a proxy on this machine it is the address that the proxy
 * put at the end of X-Forwarded-For; one that says nothing is nobody's, or it would lock everybody out. Of an
 * IPv6 address the network, which one person has whole. */
static void who_asks(fc_req *r, char *out, size_t cap)
{
    const char *remote = fc_req_remote(r), *passed = fc_req_header(r, "X-Forwarded-For");
    struct in6_addr six;
    out[0] = 0;
    if (strncmp(remote, "127.", 4) == 0 || strcmp(remote, "::1") == 0) {
        const char *comma = passed ? strrchr(passed, ',') : NULL;
        remote = comma ? comma + 1 : passed ? passed : "";
        remote += strspn(remote, " ");
    }
    if (strncasecmp(remote, "::ffff:", 7) == 0 && strchr(remote, '.')) remote += 7; /* IPv4 in IPv6 */
    if (inet_pton(AF_INET6, remote, &six) == 1) {
        memset(six.s6_addr + 8, 0, 8);
        inet_ntop(AF_INET6, &six, out, (socklen_t)cap);
    } else if (strlen(remote) < cap) {
        memcpy(out, remote, strlen(remote) + 1);
    }
}

static void open_session(fc_site *s, fc_dealership *d, fc_visit *v)
{
    const char *token = fc_req_cookie(v->req, "forecourt_session");
    fc_session *session = NULL;
    if (token && *token) {
        session = fc_alloc(sizeof *session);
        if (fc_session_find(s->store, token, session, NULL) != FC_OK || !session->user.active) {
            free(session);
            session = NULL;
        }
    }
    json_t *roles = session ? fc_user_roles(s->store, session->user.id, d->id) : json_array();
    enum fc_lang lang = reader_lang(v->req, session);
    v->call = fc_world_call(d, FC_BY_USER, session ? session->user.login : "anyone",
                            session ? session->user.name : "", roles, lang, FC_REQUEST_NS);
    v->call->session = session;
    who_asks(v->req, v->call->remote, sizeof v->call->remote);
}

static int may_call(const fc_visit *v)
{
    json_t *who = json_object_get(json_object_get(v->route->env, "data"), "who"), *role;
    size_t i;
    if (json_is_string(who) && strcmp(json_string_value(who), "anyone") == 0) return 1;
    /* "user" is anybody who works here: below a dealership that is who holds a role in it. */
    if (json_is_string(who))
        return v->call->session && (v->route->root || json_array_size(v->call->roles) > 0);
    json_array_foreach(who, i, role)
    {
        size_t k;
        json_t *held;
        json_array_foreach(v->call->roles, k, held) if (json_equal(role, held)) return 1;
    }
    return 0;
}

/* Under Referrer-Policy: no-referrer a form's Origin is "null", so the browser's own word on the relation
 * comes first. */
static int same_origin(fc_req *r)
{
    const char *origin = fc_req_header(r, "Origin"), *host = fc_req_header(r, "Host"),
               *site = fc_req_header(r, "Sec-Fetch-Site");
    if (site) return strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0;
    if (!origin) return 1;
    const char *p = strstr(origin, "://");
    return p && host && strcmp(p + 3, host) == 0;
}

static void find_csrf(void *ctx, const fc_field *f)
{
    const char **found = ctx;
    if (!f->from_query && strcmp(f->name, "_csrf") == 0) *found = f->value;
}

static int csrf_right(fc_visit *v)
{
    const char *given = fc_req_header(v->req, "X-CSRF-Token");
    if (!strcmp(fc_req_method(v->req), "GET") || !v->call->session) return 1;
    if (!given) fc_req_fields(v->req, find_csrf, &given);
    size_t n = strlen(v->call->session->csrf);
    return given && strlen(given) == n && sodium_memcmp(given, v->call->session->csrf, n) == 0;
}

/* Only links of this site come back after the sign-in. */
static void to_sign_in(fc_visit *v)
{
    fc_buf to = {0};
    if (v->htmx || v->json || strcmp(fc_req_method(v->req), "GET") != 0) {
        fc_req_add_header(v->req, "X-Sign-In", "1");
        fc_render_error(v, 401, "登录已过期，请重新登录。", "Your session has ended. Please sign in again.");
        return;
    }
    fc_buf_adds(&to, "/sign-in?next=");
    for (const unsigned char *p = (const unsigned char *)fc_req_path(v->req); *p; p++) {
        if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
            strchr("/-._", *p))
            fc_buf_addc(&to, (char)*p);
        else
            fc_buf_addf(&to, "%%%02X", *p);
    }
    fc_req_add_header(v->req, "Location", fc_buf_str(&to));
    fc_req_answer(v->req, 303, "text/plain", "", 0);
    v->req = NULL;
    fc_buf_free(&to);
}

/* Whatever ran for this visit may have been spoiled: the page's plugin, one that only exported (and whose
 * error the page swallowed), the frame's. */
static void leave(fc_visit *v)
{
    fc_dealership *d = v->call->owner;
    fc_visit_free(v);
    fc_dealership_heal(d);
}

static void log_fault(const fc_visit *v, int level, const fc_fault *fault)
{
    char what[600];
    snprintf(what, sizeof what, "%s %s", v->route->method, v->route->path);
    fc_world_log_fault(v->call, level, v->route->gen->source->id, what, fault);
}

static void answer_fault(fc_visit *v, const fc_fault *fault)
{
    char zh[300], en[300];
    long long id = v->call->id;
    int reading = strcmp(fc_req_method(v->req), "GET") == 0;
    log_fault(v, FC_ERROR, fault);
    if (fault->code == FC_EIO) {
        snprintf(zh, sizeof zh, "%s：磁盘已满，或数据无法读写。请马上告诉 IT（编号 %lld）。",
                 reading ? "打不开这个页面" : "没有保存", id);
        snprintf(en, sizeof en,
                 "%s: the disk is full, or the data cannot be read or written. Please tell IT at once "
                 "(number %lld).",
                 reading ? "This page cannot be shown" : "Not saved", id);
        fc_render_error(v, 507, zh, en);
    } else if (fault->code == FC_EBUSY) {
        fc_render_error(v, 503,
                        reading ? "打不开这个页面：数据正被别的程序占用。请过一会儿再试。"
                                : "没有保存：数据正被别的程序占用。请过一会儿再试。",
                        reading ? "This page cannot be shown: another program holds the data. Please try "
                                  "again in a moment."
                                : "Not saved: another program holds the data. Please try again in a moment.");
    } else {
        snprintf(zh, sizeof zh, "这个页面出错了，已记录。请把编号 %lld 告诉 IT。", id);
        snprintf(en, sizeof en, "This page failed; it is in the log. Please give IT the number %lld.", id);
        fc_render_error(v, 500, zh, en);
    }
}

static void page_done(fc_call *c, json_t *result, const fc_fault *fault)
{
    fc_visit *v = c->data;
    fc_trial_note(c->live, fc_call_dealership(c)->trials, v->route->gen, fault);
    if (!fault) {
        fc_render_result(v, result);
    } else if (fault->code == FC_EINVAL) {
        /* a sentence that a plugin raised for its reader has no place; one with a place is the host's, about
         * a mistake */
        if (fault->place[0]) log_fault(v, FC_WARN, fault);
        fc_render_error(v, 422, fault->zh, fault->en);
    } else if (fault->code == FC_ECANCEL) {
        fc_render_error(v, 503, fault->zh, fault->en); /* whoever asked has left, or the worker stops */
    } else {
        answer_fault(v, fault);
    }
    leave(v);
}

/* Whoever asked has left: what he waits for need not be computed or read to the end. What was sent is done
 * all the same: who pressed a button and left wants it done. */
static void gone(void *ctx)
{
    fc_call_cancel(((fc_visit *)ctx)->call);
}

static void run_page(fc_visit *v, json_t *path_params)
{
    fc_err err;
    fc_member request[FC_VISIT_MEMBERS];
    const json_t *declared = json_object_get(json_object_get(v->route->env, "data"), "params");
    if (fc_params_read(v->req, declared, path_params, v->call->files, &v->params, &v->files, &err)) {
        fc_render_error(v, 400, err.text[FC_ZH], err.text[FC_EN]);
        leave(v);
        return;
    }
    if (v->json || !v->route->template) v->call->text = &v->text;
    fc_visit_members(v, request);
    if (strcmp(fc_req_method(v->req), "GET") == 0) fc_req_on_gone(v->req, gone, v);
    fc_call_with(v->call, v->route->gen->vm, v->route->ref, request, page_done);
}

static int checked(fc_visit *v)
{
    if (!may_call(v)) {
        if (!v->call->session)
            to_sign_in(v);
        else
            fc_render_error(v, 403, "您没有这个页面的权限。需要时请找主管或 IT。",
                            "You have no right to this page. Ask your supervisor or IT if you need it.");
        return 0;
    }
    if (strcmp(fc_req_method(v->req), "GET") != 0 && (!same_origin(v->req) || !csrf_right(v))) {
        fc_render_error(v, 403, "请求的来源不对，没有执行。请刷新页面再试。",
                        "The request does not come from this console and was not carried out. Reload the "
                        "page and try again.");
        return 0;
    }
    return 1;
}

static void handle(fc_site *s, fc_dealership *d, fc_req *r, const char *path, int root)
{
    int other;
    json_t *path_params = json_object();
    fc_visit *v = fc_alloc(sizeof *v);
    const char *accept = fc_req_header(r, "Accept");
    v->req = r;
    v->htmx = fc_req_header(r, "HX-Request") != NULL;
    v->json = accept && strncmp(accept, "application/json", 16) == 0;
    open_session(s, d, v);
    v->call->data = v;
    v->route = fc_route_find(v->call->live, fc_req_method(r), path, root, path_params, &other);
    if (!v->route) {
        if (other)
            fc_render_error(v, 405, "这个地址不接受这种操作。", "This address does not take that method.");
        else if (!v->call->session)
            to_sign_in(v);
        else
            fc_render_error(v, 404, "没有这个页面。", "There is no such page.");
        leave(v);
    } else if (!checked(v)) {
        leave(v);
    } else {
        run_page(v, path_params);
    }
    json_decref(path_params);
}

void fc_pages_handle(fc_site *s, fc_req *r)
{
    const char *path = fc_req_path(r), *rest;
    if (*path != '/') { /* "OPTIONS *", or the address of another host */
        fc_req_answer(r, 400, "text/plain; charset=utf-8", "bad request\n", 12);
        return;
    }
    if (strcmp(path, "/healthz") == 0) {
        fc_req_answer(r, 200, "text/plain", "ok\n", 3);
        return;
    }
    if (strncmp(path, "/assets/", 8) == 0) {
        answer_asset(s, r);
        return;
    }
    fc_dealership *d = named(s, path, &rest);
    if (d)
        handle(s, d, r, rest, 0);
    else
        handle(s, &s->dealerships[0], r, path, 1);
}
