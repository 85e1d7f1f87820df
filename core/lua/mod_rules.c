/* host.rules: evaluates rule sets and predicates (core/rules), records decisions. */
#include "base/clock.h"
#include "lua/internal.h"
#include "text/json.h"

static json_t *facts_at(lua_State *L, int at)
{
    json_t *facts = NULL;
    fc_err err;
    luaL_checktype(L, at, LUA_TTABLE);
    if (fc_to_json(L, at, FC_EMPTY_ARRAY, &facts, &err)) fc_raise(L, &err);
    if (json_is_array(facts) && json_array_size(facts) == 0) {
        json_decref(facts);
        facts = json_object();
    }
    return facts;
}

/* New object or NULL with err. facts is borrowed. */
static json_t *evaluate(fc_call *c, const char *point, const char *id, const json_t *facts, fc_err *err)
{
    const char *hash = "";
    const fc_rule_set *set = c->world->rule_set(c, point, id, &hash, err);
    json_t *out = NULL;
    if (!set || fc_rule_set_eval(set, facts, &out, err)) return NULL;
    json_object_set_new(out, "hash", json_string(hash));
    return out;
}

static int rules_evaluate(lua_State *L)
{
    fc_err err;
    const char *point = luaL_checkstring(L, 1), *id = luaL_checkstring(L, 2);
    fc_call *c = fc_call_need(L);
    json_t *facts = facts_at(L, 3);
    json_t *out = evaluate(c, point, id, facts, &err);
    json_decref(facts);
    if (!out) return fc_raise(L, &err);
    fc_push_json(L, out);
    json_decref(out);
    return 1;
}

struct decision {
    int64_t id;
    const char *point, *set, *kind;
    int64_t subject, person;
    json_t *facts, *out;
};

static int seal_json(fc_call *c, const char *column, const struct decision *d, const json_t *v,
                     fc_buf *sealed, fc_err *err)
{
    fc_buf text = {0};
    fc_json_canonical(v, &text);
    int rc = fc_vault_seal(c->vault, "host_decision", column, d->id, d->person, fc_buf_str(&text), text.len,
                           sealed, err);
    fc_buf_free(&text);
    return rc;
}

static int record(fc_call *c, const struct decision *d, fc_err *err)
{
    fc_buf facts = {0}, result = {0};
    const char *rule = json_string_value(json_object_get(d->out, "rule"));
    const char *place = json_string_value(json_object_get(d->out, "at"));
    int rc = seal_json(c, "facts", d, d->facts, &facts, err);
    if (!rc) rc = seal_json(c, "result", d, d->out, &result, err);
    fc_value v[] = {fc_int(d->id),
                    fc_int(fc_now()),
                    fc_text(d->point),
                    fc_text(d->set),
                    fc_text(json_string_value(json_object_get(d->out, "hash"))),
                    fc_text(d->kind),
                    fc_int(d->subject),
                    fc_text(rule),
                    fc_text(place),
                    fc_bytes(facts.data, facts.len),
                    fc_bytes(result.data, result.len),
                    fc_text(c->login)};
    if (!rule) v[7].type = FC_NULL;
    if (!place) v[8].type = FC_NULL;
    if (!rc)
        rc = fc_run(c->store,
                    "INSERT INTO host_decision (id, at, point, set_id, set_hash, subject_kind, subject_id, "
                    "rule, place, facts_sealed, "
                    "result_sealed, actor) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    v, 12, NULL, err);
    fc_buf_free(&facts);
    fc_buf_free(&result);
    return rc;
}

static int rules_decide(lua_State *L)
{
    fc_err err;
    fc_only_running(L, "host.rules.decide");
    fc_call *c = fc_call_need(L);
    struct decision d = {.id = fc_id(), .point = luaL_checkstring(L, 1), .set = luaL_checkstring(L, 2)};
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_settop(L, 5); /* without a person, too, its place is the fifth */
    lua_rawgeti(L, 3, 1);
    d.kind = luaL_checkstring(L, -1);
    lua_rawgeti(L, 3, 2);
    d.subject = luaL_checkinteger(L, -1);
    d.person = luaL_optinteger(L, 5, 0);
    d.facts = facts_at(L, 4);
    d.out = evaluate(c, d.point, d.set, d.facts, &err);
    int rc = d.out ? record(c, &d, &err) : FC_EINVAL;
    json_decref(d.facts);
    if (rc) {
        json_decref(d.out);
        return fc_raise(L, &err);
    }
    json_object_set_new(d.out, "decision", json_integer(d.id));
    c->decision = d.id;
    snprintf(c->decided, sizeof c->decided, "%s/%s", d.point, d.set);
    fc_push_json(L, d.out);
    json_decref(d.out);
    return 1;
}

static int rules_test(lua_State *L)
{
    fc_err err;
    json_t *tree = NULL;
    fc_predicate *p = NULL;
    enum fc_truth truth = FC_UNKNOWN;
    luaL_checktype(L, 1, LUA_TTABLE);
    json_t *facts = facts_at(L, 2);
    int rc = fc_to_json(L, 1, FC_EMPTY_ARRAY, &tree, &err);
    if (!rc) rc = fc_predicate_compile(tree, NULL, &p, &err);
    if (!rc) rc = fc_predicate_eval(p, facts, NULL, &truth, &err);
    if (p) fc_predicate_free(p);
    json_decref(tree);
    json_decref(facts);
    if (rc) return fc_raise(L, &err);
    if (truth == FC_UNKNOWN)
        lua_pushnil(L);
    else
        lua_pushboolean(L, truth == FC_TRUE);
    return 1;
}

/* Of a person who was erased: an empty object, and the row says so; rule and place stand plainly. */
static json_t *unseal_json(fc_call *c, const char *column, int64_t id, const fc_value *v, json_t *row,
                           fc_err *err)
{
    fc_buf plain = {0};
    json_t *out = NULL;
    int rc = fc_vault_unseal(c->vault, "host_decision", column, id, v->s, v->n, &plain, err);
    if (!rc) fc_json_parse(fc_buf_str(&plain), plain.len, 1 << 24, &out, err);
    fc_buf_free(&plain);
    if (rc != FC_ENOTFOUND) return out;
    json_object_set_new(row, "erased",
                        json_pack("{s:s, s:s}", "zh", err->text[FC_ZH], "en", err->text[FC_EN]));
    return json_object();
}

static json_t *decision_row(fc_call *c, int64_t id, fc_err *err)
{
    fc_cursor *cur;
    fc_value arg = fc_int(id), v;
    int row = 0;
    static const char sql[] = "SELECT at, point, set_id, set_hash, rule, place, actor, facts_sealed, "
                              "result_sealed FROM host_decision WHERE id = ?";
    if (fc_query(c->store, sql, sizeof sql - 1, &arg, 1, &cur, err)) return NULL;
    json_t *out = NULL;
    if (!fc_cursor_next(cur, &row, err) && row) {
        out = json_object();
        fc_cursor_value(cur, 0, &v);
        json_object_set_new(out, "at", json_integer(v.i));
        for (int i = 1; i < 7; i++) {
            fc_cursor_value(cur, i, &v);
            if (v.type == FC_TEXT) json_object_set_new(out, fc_cursor_name(cur, i), json_stringn(v.s, v.n));
        }
        fc_cursor_value(cur, 7, &v);
        json_object_set_new(out, "facts", unseal_json(c, "facts", id, &v, out, err));
        fc_cursor_value(cur, 8, &v);
        json_object_set_new(out, "result", unseal_json(c, "result", id, &v, out, err));
    } else if (!row) {
        fc_fail(err, FC_ENOTFOUND, "没有这条判定记录", "there is no such decision");
    }
    fc_cursor_close(cur);
    return out;
}

static int rules_explain(lua_State *L)
{
    fc_err err;
    fc_only_running(L, "host.rules.explain");
    json_t *out = decision_row(fc_call_need(L), luaL_checkinteger(L, 1), &err);
    if (!out && err.code != FC_ENOTFOUND) return fc_raise(L, &err);
    fc_push_json(L, out);
    json_decref(out);
    return 1;
}

static const luaL_Reg functions[] = {{"evaluate", rules_evaluate},
                                     {"decide", rules_decide},
                                     {"test", rules_test},
                                     {"explain", rules_explain},
                                     {NULL, NULL}};

int fc_mod_rules(lua_State *L)
{
    luaL_newlib(L, functions);
    return 1;
}
