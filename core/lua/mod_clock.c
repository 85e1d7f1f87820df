/* host.clock and host.calendar: instants are milliseconds UTC, days are text. */
#include "base/clock.h"
#include "lua/internal.h"

#include <string.h>

static int64_t check_day(lua_State *L, int at)
{
    int64_t day = 0;
    const char *text = luaL_checkstring(L, at);
    if (fc_day_parse(text, &day))
        fc_raise_text(L, "'%s' 不是日期（应为 YYYY-MM-DD）", "'%s' is no day (YYYY-MM-DD is expected)", text);
    return day;
}

static int push_day(lua_State *L, int64_t day)
{
    char text[11];
    fc_day_format(day, text);
    lua_pushstring(L, text);
    return 1;
}

static int check_minutes(lua_State *L, const char *text)
{
    int h = 0, m = 0;
    char end;
    if (strlen(text) > 5 || sscanf(text, "%d:%d%c", &h, &m, &end) != 2 || h < 0 || h > 24 || m < 0 || m > 59)
        fc_raise_text(L, "'%s' 不是时间（应为 HH:MM）", "'%s' is no time of day (HH:MM is expected)", text);
    return h * 60 + m;
}

static int clock_now(lua_State *L)
{
    lua_pushinteger(L, fc_now());
    return 1;
}

static int clock_today(lua_State *L)
{
    fc_civil c;
    fc_civil_of(fc_now(), &c);
    return push_day(L, fc_days_from_civil(c.year, c.month, c.day));
}

static int clock_split(lua_State *L)
{
    fc_civil c;
    char time[16];
    fc_civil_of(luaL_checkinteger(L, 1), &c);
    push_day(L, fc_days_from_civil(c.year, c.month, c.day));
    snprintf(time, sizeof time, "%02d:%02d", c.hour % 24, c.minute % 60);
    lua_pushstring(L, time);
    return 2;
}

static int clock_at(lua_State *L)
{
    int64_t day = check_day(L, 1);
    lua_pushinteger(L,
                    day * 86400000 + check_minutes(L, luaL_optstring(L, 2, "00:00")) * 60000LL - FC_ZONE_MS);
    return 1;
}

static int clock_add_days(lua_State *L)
{
    return push_day(L, check_day(L, 1) + luaL_checkinteger(L, 2));
}

static int clock_days_between(lua_State *L)
{
    lua_pushinteger(L, check_day(L, 2) - check_day(L, 1));
    return 1;
}

static int clock_weekday(lua_State *L)
{
    lua_pushinteger(L, fc_weekday(check_day(L, 1)));
    return 1;
}

static int clock_is_day(lua_State *L)
{
    int64_t day;
    lua_pushboolean(L, lua_type(L, 1) == LUA_TSTRING && fc_day_parse(lua_tostring(L, 1), &day) == 0);
    return 1;
}

static const luaL_Reg clock_functions[] = {
    {"now", clock_now},         {"today", clock_today},       {"split", clock_split},
    {"at", clock_at},           {"add_days", clock_add_days}, {"days_between", clock_days_between},
    {"weekday", clock_weekday}, {"is_day", clock_is_day},     {NULL, NULL}};

int fc_mod_clock(lua_State *L)
{
    luaL_newlib(L, clock_functions);
    return 1;
}

static const fc_calendar *calendar_of(lua_State *L)
{
    fc_only_running(L, "host.calendar");
    fc_call *c = fc_call_need(L);
    return c->world->calendar(c);
}

static int calendar_is_workday(lua_State *L)
{
    fc_err err;
    int is;
    if (fc_calendar_is_workday(calendar_of(L), check_day(L, 1), &is, &err)) return fc_raise(L, &err);
    lua_pushboolean(L, is);
    return 1;
}

static int calendar_add_workdays(lua_State *L)
{
    fc_err err;
    int64_t out;
    if (fc_calendar_add_workdays(calendar_of(L), check_day(L, 1), (int)luaL_checkinteger(L, 2), &out, &err))
        return fc_raise(L, &err);
    return push_day(L, out);
}

static const char *option(lua_State *L, const char *name, const char *otherwise)
{
    lua_getfield(L, 1, name);
    const char *text = luaL_optstring(L, -1, otherwise);
    return text; /* stays on the stack */
}

static int calendar_due(lua_State *L)
{
    fc_err err;
    fc_due due;
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "from");
    int64_t from = luaL_checkinteger(L, -1);
    lua_getfield(L, 1, "workdays");
    int n = (int)luaL_optinteger(L, -1, 1);
    int cutoff = check_minutes(L, option(L, "cutoff", "17:00"));
    int close = check_minutes(L, option(L, "close", "17:30"));
    json_t *steps = json_array();
    int rc = fc_calendar_due(calendar_of(L), from, n, cutoff, close, &due, steps, &err);
    if (rc) {
        json_decref(steps);
        return fc_raise(L, &err);
    }
    json_t *out = json_pack("{s:I, s:o}", "at", (json_int_t)due.at, "steps", steps);
    char day[11];
    fc_day_format(due.day, day);
    json_object_set_new(out, "day", json_string(day));
    fc_push_json(L, out);
    json_decref(out);
    return 1;
}

static const luaL_Reg calendar_functions[] = {{"is_workday", calendar_is_workday},
                                              {"add_workdays", calendar_add_workdays},
                                              {"due", calendar_due},
                                              {NULL, NULL}};

int fc_mod_calendar(lua_State *L)
{
    luaL_newlib(L, calendar_functions);
    return 1;
}
