/* The frame is rendered around the page's own HTML, which the renderer has already escaped: the one place
 * where rendered HTML is inserted. */
#include "plugin/render.h"
#include "plugin/trial.h"
#include "base/log.h"
#include "text/json.h"

#include <stdio.h>
#include <string.h>

typedef struct scope {
    fc_visit *v;
    const fc_gen *gen, *frame;
} scope;

static const fc_gen *frame_gen(fc_visit *v, json_t **env)
{
    json_t *list = v->call ? fc_live_point(v->call->live, "frames") : NULL;
    *env = json_array_get(list, 0);
    return *env ? fc_live_gen(v->call->live, json_string_value(json_object_get(*env, "plugin"))) : NULL;
}

static const char *text_of(void *ctx, const char *key, enum fc_lang lang)
{
    scope *s = ctx;
    const char *text = fc_gen_text(s->gen, key, lang);
    return text || !s->frame ? text : fc_gen_text(s->frame, key, lang);
}

static const fc_template *part_of(void *ctx, const char *name)
{
    scope *s = ctx;
    char path[512];
    snprintf(path, sizeof path, "parts/%s%s", name, strstr(name, ".html") ? "" : ".html");
    const fc_template *t = fc_gen_template(s->gen, path);
    return t || !s->frame ? t : fc_gen_template(s->frame, path);
}

static int render(fc_visit *v, const fc_gen *gen, const fc_template *t, json_t *data, const char *body,
                  fc_buf *out, fc_err *err)
{
    json_t *env, *empty = json_object();
    scope s = {v, gen, frame_gen(v, &env)};
    fc_render r = {.data = json_is_object(data) ? data : empty,
                   .globals = fc_visit_globals(v),
                   .lang = v->call->lang,
                   .body = body,
                   .text = text_of,
                   .part = part_of,
                   .ctx = &s};
    int rc = fc_template_render(t, &r, out, err);
    json_decref(empty);
    return rc;
}

static void set_cookie(fc_visit *v)
{
    char cookie[256];
    const char *token = v->call ? v->call->token : "";
    if (!*token) return;
    if (strcmp(token, "-") == 0)
        snprintf(cookie, sizeof cookie, "forecourt_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    else
        snprintf(cookie, sizeof cookie, "forecourt_session=%s; Path=/; HttpOnly; SameSite=Lax", token);
    fc_req_add_header(v->req, "Set-Cookie", cookie);
}

static void answer(fc_visit *v, int status, const char *type, const char *bytes, size_t n)
{
    set_cookie(v);
    fc_req_answer(v->req, status, type, bytes, n);
    v->req = NULL;
}

static void answer_text(fc_visit *v, int status)
{
    answer(v, status, "application/json; charset=utf-8", fc_buf_str(&v->text), v->text.len);
}

static void answer_json(fc_visit *v, int status, const json_t *data)
{
    fc_buf_clear(&v->text);
    fc_json_for_browser(data, &v->text);
    answer_text(v, status);
}

static json_t *frame_data(fc_visit *v, const fc_gen *g, const json_t *env, const json_t *page)
{
    char ref[256];
    fc_fault fault;
    snprintf(ref, sizeof ref, "frames/%s#run", json_string_value(json_object_get(env, "id")));
    json_t *args = json_pack("[O, O]", fc_visit_request(v), page);
    json_t *result = fc_call_now(v->call, g->vm, ref, args, &fault);
    json_decref(args);
    fc_trial_note(v->call->live, fc_call_dealership(v->call)->trials, g, result ? NULL : &fault);
    if (!result) {
        fc_world_log_fault(v->call, FC_ERROR, g->source->id, "frame", &fault);
        return json_object();
    }
    json_t *data = json_incref(json_array_get(result, 0));
    json_decref(result);
    return data ? data : json_object();
}

/* Wraps body by the frame into out; without a frame the body itself. */
static int framed(fc_visit *v, const char *body, size_t n, json_t *page, fc_buf *out, fc_err *err)
{
    json_t *env;
    const fc_gen *g = frame_gen(v, &env);
    const char *name =
        env ? json_string_value(json_object_get(json_object_get(env, "data"), "template")) : NULL;
    char path[512];
    snprintf(path, sizeof path, "frames/%s", name ? name : "");
    const fc_template *t = g && name ? fc_gen_template(g, path) : NULL;
    if (!t) {
        fc_buf_add(out, body, n);
        return FC_OK;
    }
    json_t *data = frame_data(v, g, env, page);
    int rc = render(v, g, t, data, body, out, err);
    json_decref(data);
    return rc;
}

static json_t *page_of(fc_visit *v, const json_t *data)
{
    json_t *page = json_object(), *d = v->route ? json_object_get(v->route->env, "data") : NULL;
    json_t *title =
        json_object_get(data, "title") ? json_object_get(data, "title") : json_object_get(d, "title");
    if (!title) title = json_object_get(d, "menu");
    json_object_set(page, "title", title ? title : json_null());
    json_object_set_new(page, "path", json_string(v->route ? v->route->path : ""));
    json_object_set(page, "menu", json_object_get(d, "menu") ? json_object_get(d, "menu") : json_null());
    json_object_set_new(page, "plugin", json_string(v->route ? v->route->gen->source->id : ""));
    return page;
}

static void server_error(fc_visit *v, const char *why) /* in the language of the log */
{
    char zh[200], en[200];
    fc_log(FC_ERROR, "page", fc_say("调用 %lld %s：%s", "call %lld %s: %s"), (long long)v->call->id,
           fc_req_path(v->req), why);
    snprintf(zh, sizeof zh, "这个页面出错了，已记录。请把编号 %lld 告诉 IT。", (long long)v->call->id);
    snprintf(en, sizeof en, "This page failed; it is in the log. Please give IT the number %lld.",
             (long long)v->call->id);
    fc_render_error(v, 500, zh, en);
}

static void answer_html(fc_visit *v, int status, const json_t *data)
{
    fc_buf body = {0}, out = {0};
    fc_err err;
    int bare = v->htmx || json_is_false(json_object_get(json_object_get(v->route->env, "data"), "frame"));
    int rc = render(v, v->route->gen, v->route->template, (json_t *)data, NULL, &body, &err);
    if (!rc && !bare) {
        json_t *page = page_of(v, data);
        rc = framed(v, fc_buf_str(&body), body.len, page, &out, &err);
        json_decref(page);
    }
    fc_buf *use = bare ? &body : &out;
    if (rc)
        server_error(v, err.text[fc_process_lang()]);
    else
        answer(v, status, "text/html; charset=utf-8", fc_buf_str(use), use->len);
    fc_buf_free(&body);
    fc_buf_free(&out);
}

static void answer_data(fc_visit *v, int status, const json_t *data)
{
    if (v->json || !v->route->template)
        answer_json(v, status, data);
    else
        answer_html(v, status, data);
}

static void answer_redirect(fc_visit *v, const json_t *r)
{
    char path[2048];
    const char *to = json_string_value(json_object_get(r, "path"));
    if (!to || (to[0] != '/' && to[0] != '!')) {
        server_error(v, fc_say("转到的不是本站的路径", "redirect to something that is no path"));
        return;
    }
    if (to[0] == '!')
        snprintf(path, sizeof path, "%s", to + 1);
    else
        snprintf(path, sizeof path, "/%s%s", v->call->dealership, to);
    if (v->htmx) {
        fc_req_add_header(v->req, "HX-Redirect", path);
        answer(v, 200, "text/plain; charset=utf-8", "", 0);
        return;
    }
    fc_req_add_header(v->req, "Location", path);
    answer(v, 303, "text/plain; charset=utf-8", "", 0);
}

/* RFC 6266: an ASCII fallback and the real name in UTF-8. */
static void disposition(fc_visit *v, const char *name, int inline_)
{
    fc_buf b = {0};
    fc_buf_addf(&b, "%s; filename=\"download\"; filename*=UTF-8''", inline_ ? "inline" : "attachment");
    for (const unsigned char *p = (const unsigned char *)name; *p; p++) {
        if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
            strchr("-._", *p))
            fc_buf_addc(&b, (char)*p);
        else
            fc_buf_addf(&b, "%%%02X", *p);
    }
    fc_req_add_header(v->req, "Content-Disposition", fc_buf_str(&b));
    fc_buf_free(&b);
}

static void answer_file(fc_visit *v, const json_t *r)
{
    const char *type = json_string_value(json_object_get(r, "type")),
               *name = json_string_value(json_object_get(r, "name"));
    const json_t *bytes = json_object_get(r, "bytes");
    const char *file = json_string_value(json_object_get(r, "path"));
    fc_err err;
    if (name) disposition(v, name, json_is_true(json_object_get(r, "inline")));
    if (json_is_string(bytes)) {
        answer(v, 200, type, json_string_value(bytes), json_string_length(bytes));
        return;
    }
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", v->call->files, file ? file : "");
    set_cookie(v);
    if (!file || strchr(file, '/') || file[0] == '.' || fc_req_answer_file(v->req, path, type, &err)) {
        fc_render_error(v, 404, "文件已不在", "The file is gone.");
        return;
    }
    v->req = NULL;
}

static void answer_trigger(fc_visit *v, const json_t *r)
{
    fc_buf b = {0};
    json_t *event = json_object();
    json_object_set(event, json_string_value(json_object_get(r, "event")), json_object_get(r, "detail"));
    char *ascii = json_dumps(event, JSON_ENSURE_ASCII | JSON_COMPACT);
    fc_req_add_header(v->req, "HX-Trigger", ascii);
    free(ascii);
    json_decref(event);
    fc_buf_free(&b);
    answer_data(v, 200, json_object_get(r, "data"));
}

void fc_render_result(fc_visit *v, json_t *result)
{
    if (!result) {
        answer_text(v, 200);
        return;
    }
    json_t *r = json_array_get(result, 0);
    const char *kind = json_is_object(r) ? json_string_value(json_object_get(r, "fc_answer")) : NULL;
    if (!r || json_is_null(r)) {
        fc_render_error(v, 404, "没有找到。可能已被删除，或地址不对。",
                        "Not found: it may have been removed, or the address is wrong.");
    } else if (!kind) {
        answer_data(v, 200, r);
    } else if (!strcmp(kind, "redirect")) {
        answer_redirect(v, r);
    } else if (!strcmp(kind, "file")) {
        answer_file(v, r);
    } else if (!strcmp(kind, "trigger")) {
        answer_trigger(v, r);
    } else {
        json_int_t code = json_integer_value(json_object_get(r, "code"));
        answer_data(v, code >= 200 && code < 600 ? (int)code : 500, json_object_get(r, "data"));
    }
}

static void error_page(fc_visit *v, int status, const char *zh, const char *en)
{
    json_t *env;
    const fc_gen *g = frame_gen(v, &env);
    const fc_template *t = g ? fc_gen_template(g, "parts/error.html") : NULL;
    fc_buf body = {0}, out = {0};
    fc_err err;
    char id[32];
    snprintf(id, sizeof id, "%lld", (long long)v->call->id);
    json_t *data =
        json_pack("{s:i, s:{s:s, s:s}, s:s}", "status", status, "sentence", "zh", zh, "en", en, "call", id);
    json_t *page = page_of(v, data);
    if (t && !render(v, g, t, data, NULL, &body, &err) &&
        !framed(v, fc_buf_str(&body), body.len, page, &out, &err))
        answer(v, status, "text/html; charset=utf-8", fc_buf_str(&out), out.len);
    else
        answer(v, status, "text/plain; charset=utf-8", v->call->lang == FC_EN ? en : zh,
               strlen(v->call->lang == FC_EN ? en : zh));
    json_decref(data);
    json_decref(page);
    fc_buf_free(&body);
    fc_buf_free(&out);
}

void fc_render_error(fc_visit *v, int status, const char *zh, const char *en)
{
    const char *text = v->call->lang == FC_EN ? en : zh;
    if (v->json) {
        json_t *data = json_pack("{s:s, s:i}", "error", text, "status", status);
        answer_json(v, status, data);
        json_decref(data);
    } else if (v->htmx) {
        answer(v, status, "text/plain; charset=utf-8", text, strlen(text));
    } else {
        error_page(v, status, zh, en);
    }
}
