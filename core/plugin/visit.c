#include "plugin/visit.h"
#include "base/buf.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *lang_of(const fc_visit *v)
{
    return v->call->lang == FC_EN ? "en" : "zh";
}

static const char *csrf_of(const fc_visit *v)
{
    return v->call->session ? v->call->session->csrf : "";
}

static const json_t *or_empty(const json_t *object)
{
    static json_t *empty; /* never freed */
    if (!object && !empty) empty = json_object();
    return object ? object : empty;
}

void fc_visit_members(const fc_visit *v, fc_member out[FC_VISIT_MEMBERS])
{
    const fc_member all[FC_VISIT_MEMBERS] = {
        {.key = "params", .json = or_empty(v->params)},
        {.key = "files", .json = or_empty(v->files)},
        {.key = "method", .text = fc_req_method(v->req)},
        {.key = "path", .text = fc_req_path(v->req)},
        {.key = "lang", .text = lang_of(v)},
        {.key = "csrf", .text = csrf_of(v)},
        {.key = "remote", .text = fc_req_remote(v->req)},
        {.key = "htmx", .flag = v->htmx},
        {.key = "json", .flag = v->json},
        {.key = NULL},
    };
    memcpy(out, all, sizeof all);
}

static json_t *member_json(const fc_member *m)
{
    if (m->text) return json_string(m->text);
    return m->json ? json_incref((json_t *)m->json) : json_boolean(m->flag);
}

const json_t *fc_visit_request(fc_visit *v)
{
    if (v->request) return v->request;
    fc_member all[FC_VISIT_MEMBERS];
    fc_visit_members(v, all);
    v->request = json_object();
    for (const fc_member *m = all; m->key; m++)
        json_object_set_new(v->request, m->key, member_json(m));
    return v->request;
}

static int loopback(const char *address)
{
    return !strncmp(address, "127.", 4) || !strcmp(address, "::1") || !strncmp(address, "::ffff:127.", 11);
}

json_t *fc_visit_globals(fc_visit *v)
{
    if (v->globals) return v->globals;
    const fc_call *c = v->call;
    fc_civil now;
    char base[128], today[11], hm[8];
    fc_civil_of(fc_now(), &now);
    fc_day_format(fc_days_from_civil(now.year, now.month, now.day), today);
    snprintf(hm, sizeof hm, "%02u:%02u", (unsigned)now.hour % 24, (unsigned)now.minute % 60);
    snprintf(base, sizeof base, "/%s", c->dealership);
    json_t *g = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "base", base, "lang", lang_of(v), "csrf",
                          csrf_of(v), "path", fc_req_path(v->req), "today", today, "now_hm", hm, "insecure",
                          !loopback(fc_req_remote(v->req)));
    json_object_set_new(g, "safe", json_boolean(fc_call_dealership(c)->site->safe));
    json_object_set_new(g, "signed_in", json_boolean(c->session != NULL));
    json_object_set_new(g, "actor",
                        json_pack("{s:s, s:s, s:O}", "login", c->login, "name", c->name, "roles", c->roles));
    json_object_set_new(g, "dealership",
                        json_pack("{s:s, s:O}", "id", c->dealership, "name", c->dealership_name));
    return v->globals = g;
}

void fc_visit_free(fc_visit *v)
{
    json_decref(v->params);
    json_decref(v->files);
    json_decref(v->request);
    json_decref(v->globals);
    fc_buf_free(&v->text);
    fc_world_call_free(v->call);
    free(v);
}
